// Probes, one work group each: the surface and the heat it gives at a stage, and the cells it covers after a step.

const MOST_SURFACE_STEPS = 60;
// Where the search for the surface of a probe stops; numbers at -200 °C lie 1.5e-5 apart. Unit: K.
const SURFACE_TOLERANCE_K = 5e-5;
const COLDEST_SURFACE_C = -250.0;
const WARMEST_SURFACE_C = 150.0;
// Most tissues that one probe touches.
const MOST_RUNS = 256u;

// What each tissue gives at the temperature that the search starts from. Unit: W.
var<workgroup> given_by_run: array<f32, MOST_RUNS>;
var<workgroup> surface_c: f32;

struct Probe {
    // Places of its words in the book and of what it is doing.
    at: u32,
    doing: u32,
    scene: u32,
    step: u32,
    lists: u32,
    runs: u32,
}

fn probe_of(probe: u32) -> Probe {
    let at = book[HEAD_PROBES_AT] + probe * PROBE_WORDS;
    let scene = scene_at(book[at + PROBE_SCENE]);
    let lists = book[scene + SCENE_LISTS_AT];
    let step = step_at(book[at + PROBE_SCENE]);
    return Probe(at, probe * STATE_WORDS, scene, step, lists, lists + book[at + PROBE_RUNS_AT]);
}

// The temperature that drives the probe at a stage: of its surface or of its gas.
fn drive_c(p: Probe, stage: u32) -> f32 {
    let at = plan[p.step + STEP_STAGES_AT] + stage * plan[p.step + STEP_STAGE_WORDS];
    return planned(at + STAGE_DRIVES + book[p.at + PROBE_NUMBER]);
}

fn run_kind(p: Probe, run: u32) -> u32 {
    return kind_at(p.scene, book[p.runs + run * RUN_WORDS + RUN_KIND]);
}

// Heat that the links of a run give when they pull to a potential, each at least so much. Unit: W.
fn given_by(p: Probe, run: u32, pull_to: f32, least_k: f32, half: u32, thread: u32) -> f32 {
    let at = p.runs + run * RUN_WORDS;
    let pairs = p.lists + book[at + RUN_PAIRS_AT];
    let first = book[p.scene + SCENE_FIRST];
    var sum = 0.0;
    for (var n = thread; n < book[at + RUN_PAIRS]; n += CREW) {
        let away = pull_to - psi[half + first + book[pairs + 2u * n]];
        sum += number(pairs + 2u * n + 1u) * max(away, least_k);
    }
    return total(thread, CREW, vec2(sum, 0.0)).x;
}

// Heat given at a surface temperature, and how it falls with it, from what is given at another one. Unit: W, W/K.
fn gives(p: Probe, at_c: f32, base_c: f32) -> vec2<f32> {
    var given_w = 0.0;
    var falls = 0.0;
    for (var run = 0u; run < book[p.at + PROBE_COLD_RUNS]; run++) {
        let kind = run_kind(p, run);
        let there = psi_and_k(kind, at_c);
        let g = number(p.runs + run * RUN_WORDS + RUN_TOTAL);
        given_w -= given_by_run[run] + g * (there.x - psi_and_k(kind, base_c).x);
        falls += g * there.y;
    }
    return vec2(given_w, falls);
}

// Where the tissue gives as much as the gas takes; the first falls with the temperature, the second grows.
fn between_gas_and_tissue(p: Probe, gas_c: f32, base_c: f32) -> f32 {
    let film = number(p.at + PROBE_FILM);
    let most_w = number(p.at + PROBE_MOST_POWER);
    var low = COLDEST_SURFACE_C;
    var high = WARMEST_SURFACE_C;
    var found_c = base_c;
    for (var n = 0; n < MOST_SURFACE_STEPS; n++) {
        let given = gives(p, found_c, base_c);
        let through_film_w = film * (found_c - gas_c);
        let is_full = through_film_w > most_w;
        let taken_w = select(through_film_w, most_w, is_full);
        if (given.x > taken_w) { low = max(low, found_c); } else { high = min(high, found_c); }
        let newton = found_c + (given.x - taken_w) / max(given.y + select(film, 0.0, is_full), 1e-30);
        let next = select(0.5 * (low + high), newton, newton > low && newton < high);
        let moved = abs(next - found_c);
        found_c = next;
        if (moved < SURFACE_TOLERANCE_K) { break; }
    }
    return found_c;
}

@compute @workgroup_size(CREW)
fn exchange(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let p = probe_of(group.x);
    let drive = book[p.at + PROBE_DRIVE];
    if (now.stage >= plan[p.step + STEP_COUNT] || drive == DRIVE_OFF) { return; }
    let half = half_at(p.step, now.stage);
    let driven_c = drive_c(p, now.stage);
    let known_c = select(driven_c, probes[p.doing + STATE_SURFACE_C], probes[p.doing + STATE_HAS_SURFACE] > 0.0);
    let base_c = select(driven_c, known_c, drive == DRIVE_FILM);
    let cold = book[p.at + PROBE_COLD_RUNS];
    for (var run = 0u; run < cold; run++) {
        let sum = given_by(p, run, psi_and_k(run_kind(p, run), base_c).x, -1e30, half, thread);
        if (thread == 0u) { given_by_run[run] = sum; }
    }
    var warmed_w = 0.0;
    let shaft_c = number(p.at + PROBE_SHAFT_C);
    for (var run = cold; run < cold + book[p.at + PROBE_WARM_RUNS]; run++) {
        warmed_w += given_by(p, run, psi_and_k(run_kind(p, run), shaft_c).x, 0.0, half, thread);
    }
    workgroupBarrier();
    if (thread == 0u) {
        surface_c = base_c;
        if (drive == DRIVE_FILM) { surface_c = between_gas_and_tissue(p, driven_c, base_c); }
        take_note(p, surface_c, warmed_w - gives(p, surface_c, base_c).x);
    }
    workgroupBarrier();
    let kinds = book[p.scene + SCENE_KINDS];
    let targets = book[p.at + PROBE_TARGETS_AT];
    for (var kind = thread; kind < kinds; kind += CREW) {
        probes[targets + kind] = psi_and_k(kind_at(p.scene, kind), surface_c).x;
        probes[targets + kinds + kind] = psi_and_k(kind_at(p.scene, kind), shaft_c).x;
    }
}

fn take_note(p: Probe, found_c: f32, given_w: f32) {
    let is_first = now.stage == 0u;
    let first_w = select(probes[p.doing + STATE_FIRST_W], given_w, is_first);
    let newest_j = select(probes[p.doing + STATE_NEWEST_J], 0.0, is_first);
    let before_j = select(probes[p.doing + STATE_BEFORE_J], 0.0, is_first);
    let weights = plan[p.step + STEP_STAGES_AT] + now.stage * plan[p.step + STEP_STAGE_WORDS];
    probes[p.doing + STATE_SURFACE_C] = found_c;
    probes[p.doing + STATE_HAS_SURFACE] = 1.0;
    probes[p.doing + STATE_GIVEN_W] = given_w;
    probes[p.doing + STATE_FIRST_W] = first_w;
    probes[p.doing + STATE_NEWEST_J] = next_sum(weights, newest_j, before_j, given_w, first_w);
    probes[p.doing + STATE_BEFORE_J] = newest_j;
}

// Puts covered cells at the surface temperature, and takes note of the heat of the step.
@compute @workgroup_size(CREW)
fn settle(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let p = probe_of(group.x);
    let count = plan[p.step + STEP_COUNT];
    let is_switch = plan[p.step + STEP_IS_SWITCH] != 0u;
    let drive = book[p.at + PROBE_DRIVE];
    if (count == 0u && !is_switch) { return; }
    let acts = drive == DRIVE_SURFACE || probes[p.doing + STATE_HAS_SURFACE] > 0.0;
    let settled_c = select(probes[p.doing + STATE_SURFACE_C], drive_c(p, count), drive == DRIVE_SURFACE);
    let covered = p.lists + book[p.at + PROBE_COVERED_AT];
    let cells = select(0u, book[p.at + PROBE_COVERED], acts && drive != DRIVE_OFF);
    let half = half_at(p.step, count);
    var given_j = 0.0;
    for (var n = thread; n < cells; n += CREW) {
        let cell = book[p.scene + SCENE_FIRST] + book[covered + n];
        let kind = kind_at(p.scene, own[cell].w);
        let u = u_at(kind, settled_c);
        let per_capacity = joint[cell].w;
        given_j += select(0.0, (u - state[cell].x) / per_capacity, per_capacity > 0.0);
        state[cell].x = u;
        psi[half + cell] = psi_of(kind, u);
    }
    let sum_j = total(thread, CREW, vec2(given_j, 0.0)).x;
    if (thread == 0u) {
        let per_slot = book[HEAD_SCENES] * LEDGER_SCENE_WORDS + book[HEAD_PROBES];
        let entry = now.slot * per_slot + book[HEAD_SCENES] * LEDGER_SCENE_WORDS + group.x;
        let stages_j = select(0.0, probes[p.doing + STATE_NEWEST_J], drive != DRIVE_OFF && !is_switch);
        ledger[entry] = stages_j + sum_j;
        if (acts && drive != DRIVE_OFF) {
            probes[p.doing + STATE_SURFACE_C] = settled_c;
            let coldest_c = min(probes[p.doing + STATE_COLDEST_C], settled_c);
            probes[p.doing + STATE_COLDEST_C] = select(coldest_c, probes[p.doing + STATE_COLDEST_C], is_switch);
        }
    }
}
