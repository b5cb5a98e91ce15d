// What happens once a step to every cell: the blood before it, the record after it, and sums.

// Sources over this step, from their values now and one step ago (Adams and Bashforth).
@compute @workgroup_size(BLOCK)
fn sources(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let block = group.x + group.y * groups.x;
    if (block >= book[HEAD_BLOCKS]) { return; }
    let here = here_of(block, thread);
    if (plan[here.step + STEP_COUNT] == 0u) { return; }
    let n = here.cell;
    let code = own[n].w;
    let last = record[n];
    var all = 0.0;
    var made = 0.0;
    var act = 0.0;
    var acts_now = 0.0;
    if ((code & CODE_KIND) != CODE_KIND) {
        let kind = kind_at(here.scene, code);
        let a = psi[half_at(here.step, 0u) + n];
        // With stasis no blood flows where it was once frozen.
        let was_frozen = book[here.scene + SCENE_STASIS] != 0u && last.y <= number(kind + KIND_FREEZING_U);
        if (a > number(kind + KIND_STARTS_PSI) && (code & CODE_DRY) == 0u && !was_frozen) {
            made = number(kind + KIND_MADE);
            acts_now = made - number(kind + KIND_SLOPE) * a;
            // Where blood did not flow before there is nothing to look back on.
            let then = select(last.w, acts_now, last.w == 0.0);
            act = acts_now + planned(here.step + STEP_AHEAD) * (acts_now - then);
            all = act;
        }
    }
    record[n].w = acts_now;
    own[n].x = bitcast<u32>(state[n].x);
    own[n].z = bitcast<u32>(act);
    let per_capacity = joint[n].w;
    let capacity = select(0.0, 1.0 / per_capacity, per_capacity > 0.0);
    let sum = total(thread, BLOCK, vec2(all, made) * capacity);
    if (thread == 0u) { partials[block] = vec4(sum, 0.0, 0.0); }
}

// Share of a step spent below a limit when the temperature runs straight from one value to the other.
fn share_below(was: f32, now_u: f32, limit: f32) -> f32 {
    if (was < limit && now_u < limit) { return 1.0; }
    if (now_u < limit) { return (limit - now_u) / (was - now_u); }
    if (was < limit) { return (limit - was) / (now_u - was); }
    return 0.0;
}

fn walls_j(here: Here, code: u32) -> f32 {
    var sum = 0.0;
    let special = code >> CODE_SHIFT;
    if (special == 0u) { return sum; }
    let starts = book[here.scene + SCENE_LISTS_AT] + special - 1u;
    let first = book[here.scene + SCENE_ROWS_FIRST];
    for (var row = first + book[starts]; row < first + book[starts + 1u]; row++) {
        let at = row * ROW_WORDS;
        if ((rows[at] >> TAG_SHIFT) == TAG_WALL) { sum += row_number(at + ROW_NEWEST_J); }
    }
    return sum;
}

// Takes note of the state at the end of a step.
@compute @workgroup_size(BLOCK)
fn note(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let block = group.x + group.y * groups.x;
    if (block >= book[HEAD_BLOCKS]) { return; }
    let here = here_of(block, thread);
    if (plan[here.step + STEP_COUNT] == 0u) { return; }
    let n = here.cell;
    let code = own[n].w;
    let u = state[n].x;
    let last = record[n];
    let is_coldest = u < last.y;
    let at_s = planned(here.step + STEP_THEN_S);
    let kind = code & CODE_KIND;
    if (kind != CODE_KIND) {
        let local = n - book[here.scene + SCENE_FIRST];
        let kinds = book[here.scene + SCENE_KINDS];
        for (var isotherm = 0u; isotherm < book[here.scene + SCENE_LIMITS]; isotherm++) {
            let limit = number(book[here.scene + SCENE_LIMITS_AT] + isotherm * kinds + kind);
            let place = book[here.scene + SCENE_BELOW_FIRST] + isotherm * book[here.scene + SCENE_PLACES] + local;
            let share = share_below(last.x, u, limit);
            if (share > 0.0) { below[place] += planned(here.step + STEP_LENGTH_S) * share; }
        }
    }
    record[n] = vec4(u, select(last.y, u, is_coldest), select(last.z, at_s, is_coldest), last.w);
    let sum = total(thread, BLOCK, vec2(walls_j(here, code), 0.0));
    if (thread == 0u) { partials[block].z = sum.x; }
}

// Adds up the blocks of each scene.
@compute @workgroup_size(BLOCK)
fn sum_up(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let scene = group.x;
    let at = scene_at(scene);
    if (plan[step_at(scene) + STEP_COUNT] == 0u) { return; }
    var sum = vec3(0.0);
    let first = book[at + SCENE_FIRST_BLOCK];
    for (var block = thread; block < book[at + SCENE_BLOCKS]; block += BLOCK) {
        sum += partials[first + block].xyz;
    }
    let sources_w = total(thread, BLOCK, sum.xy);
    let wall_j = total(thread, BLOCK, vec2(sum.z, 0.0));
    if (thread == 0u) {
        let entry = now.slot * (book[HEAD_SCENES] * LEDGER_SCENE_WORDS + book[HEAD_PROBES]) + scene * LEDGER_SCENE_WORDS;
        ledger[entry] = sources_w.x;
        ledger[entry + 1u] = sources_w.y;
        ledger[entry + 2u] = wall_j.x;
    }
}
