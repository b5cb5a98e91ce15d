// What the passes share: the lists, and what they know of a tissue. Places of numbers are named in words.rs.

struct Now { slot: u32, stage: u32, spare_a: u32, spare_b: u32 }

@group(0) @binding(0) var<uniform> now: Now;
@group(0) @binding(1) var<storage, read> book: array<u32>;
@group(0) @binding(2) var<storage, read> plan: array<u32>;
// What each probe is doing; behind all of them the potentials that links pull to.
@group(0) @binding(3) var<storage, read_write> probes: array<f32>;
// Two halves that take turns: stages read the neighbours in one and write the other.
@group(0) @binding(4) var<storage, read_write> psi: array<f32>;
// Conductances to the next cell along x, y, z, and one over the heat capacity.
@group(0) @binding(5) var<storage, read> joint: array<vec4<f32>>;
// The newest state and the one before.
@group(0) @binding(6) var<storage, read_write> state: array<vec2<f32>>;
// The state at the start of the step, the rate of its first stage, what the blood does, and the code.
@group(0) @binding(7) var<storage, read_write> own: array<vec4<u32>>;
@group(0) @binding(8) var<storage, read_write> rows: array<u32>;
@group(0) @binding(9) var<storage, read_write> faces: array<u32>;
// The state after the last step, the coldest and when, and what the blood did in the last step.
@group(0) @binding(10) var<storage, read_write> record: array<vec4<f32>>;
@group(0) @binding(11) var<storage, read_write> below: array<f32>;
@group(0) @binding(12) var<storage, read_write> partials: array<vec4<f32>>;
@group(0) @binding(13) var<storage, read_write> ledger: array<f32>;

// Where a block of cells lies.
struct Here {
    // Places in the book of its scene, and in the plan of what that does now.
    scene: u32,
    step: u32,
    // Of this thread.
    cell: u32,
}

fn number(at: u32) -> f32 { return bitcast<f32>(book[at]); }
fn planned(at: u32) -> f32 { return bitcast<f32>(plan[at]); }
fn row_number(at: u32) -> f32 { return bitcast<f32>(rows[at]); }
fn face_number(at: u32) -> f32 { return bitcast<f32>(faces[at]); }

fn scene_at(scene: u32) -> u32 { return HEAD_WORDS + scene * SCENE_WORDS; }
fn step_at(scene: u32) -> u32 { return (now.slot * book[HEAD_SCENES] + scene) * STEP_WORDS; }

fn here_of(block: u32, thread: u32) -> Here {
    let scene = book[book[HEAD_BLOCKS_AT] + block];
    let at = scene_at(scene);
    let cell = book[at + SCENE_FIRST] + (block - book[at + SCENE_FIRST_BLOCK]) * BLOCK + thread;
    return Here(at, step_at(scene), cell);
}

// Where the half of psi begins that holds what a step has after so many stages.
fn half_at(step: u32, stage: u32) -> u32 {
    return ((plan[step + STEP_HALF] + stage) & 1u) * book[HEAD_PLACES];
}

fn kind_at(scene: u32, code: u32) -> u32 {
    return book[scene + SCENE_KINDS_AT] + (code & CODE_KIND) * KIND_WORDS;
}

fn by_table(kind: u32, table: u32, u: f32) -> f32 {
    let x = (number(kind + KIND_TOP_U) - u) * number(kind + KIND_PER_U);
    let n = min(u32(x), book[kind + KIND_LAST_NODE]);
    let node = table + 2u * n;
    return number(node) + (x - f32(n)) * number(node + 1u);
}

fn psi_of(kind: u32, u: f32) -> f32 {
    if (u >= number(kind + KIND_LINEAR_ABOVE_U)) { return u; }
    return by_table(kind, book[kind + KIND_PSI_AT], u);
}

fn celsius_of(kind: u32, u: f32) -> f32 {
    if (u >= number(kind + KIND_LINEAR_ABOVE_U)) { return u + number(kind + KIND_ORIGIN_C); }
    return by_table(kind, book[kind + KIND_CELSIUS_AT], u);
}

fn stretch_at(kind: u32, celsius: f32) -> u32 {
    let first = book[kind + KIND_STRETCHES_AT];
    if (celsius >= number(first)) { return first; }
    var low = 1u;
    var high = book[kind + KIND_STRETCHES];
    while (low < high) {
        let middle = (low + high) / 2u;
        if (number(first + STRETCH_WORDS * middle) > celsius) { low = middle + 1u; } else { high = middle; }
    }
    return first + STRETCH_WORDS * max(low - 1u, 1u);
}

fn u_at(kind: u32, celsius: f32) -> f32 {
    let s = stretch_at(kind, celsius);
    return number(s + STRETCH_WARM_U) + (celsius - number(s)) * number(s + STRETCH_U_PER_K);
}

// psi at a temperature, and how it grows with it: conductivity over that above freezing.
fn psi_and_k(kind: u32, celsius: f32) -> vec2<f32> {
    let s = stretch_at(kind, celsius);
    let d = celsius - number(s);
    let k = number(s + STRETCH_K);
    let slope = number(s + STRETCH_SLOPE);
    return vec2(number(s + STRETCH_WARM_PSI) + d * (k + 0.5 * slope * d), k + slope * d);
}

// The next value of a sum that runs through the stages of a step; see rkl.rs.
fn next_sum(weights: u32, newest: f32, before: f32, rate: f32, first_rate: f32) -> f32 {
    return planned(weights + STAGE_NEWEST) * newest + planned(weights + STAGE_BEFORE) * before
        + planned(weights + STAGE_RATE_S) * rate + planned(weights + STAGE_FIRST_RATE_S) * first_rate;
}

var<workgroup> sums: array<vec2<f32>, BLOCK>;

// Adds up what the threads of a group hold, in an order that is always the same. Every thread must come by.
fn total(thread: u32, threads: u32, mine: vec2<f32>) -> vec2<f32> {
    workgroupBarrier();
    sums[thread] = mine;
    workgroupBarrier();
    for (var half = threads / 2u; half > 0u; half /= 2u) {
        if (thread < half) { sums[thread] += sums[thread + half]; }
        workgroupBarrier();
    }
    return sums[0];
}
