// One stage of every cell: `du/dt = (sum g (psi_b - psi_a)) / capacity + extra`, the stage's combination, psi of the new state.

// What single faces, probes and the blood do in a cell. Unit: K/s.
fn extra_of(here: Here, code: u32, sources: f32, here_psi: f32, half: u32) -> f32 {
    var extra = sources;
    let special = code >> CODE_SHIFT;
    if (special == 0u) { return extra; }
    let starts = book[here.scene + SCENE_LISTS_AT] + special - 1u;
    let first = book[here.scene + SCENE_ROWS_FIRST];
    for (var row = first + book[starts]; row < first + book[starts + 1u]; row++) {
        let at = row * ROW_WORDS;
        let tag = rows[at];
        let index = tag & TAG_INDEX;
        switch (tag >> TAG_SHIFT) {
            case TAG_LINK: { extra += row_number(at + ROW_OWN) * (probes[index] - here_psi); }
            case TAG_WARMER: { extra += row_number(at + ROW_OWN) * max(probes[index] - here_psi, 0.0); }
            case TAG_FACE: {
                extra += row_number(at + ROW_CONSTANT) - row_number(at + ROW_OWN) * here_psi
                    + row_number(at + ROW_OTHER) * psi[half + index];
            }
            default: { extra += through_wall(here, at, here_psi); }
        }
    }
    return extra;
}

// What a wall passes, which is also added up over the step. Unit: K/s.
fn through_wall(here: Here, at: u32, here_psi: f32) -> f32 {
    let rate = row_number(at + ROW_CONSTANT) - row_number(at + ROW_OWN) * here_psi;
    let given_w = rate / joint[here.cell].w;
    let is_first = now.stage == 0u;
    let first_w = select(row_number(at + ROW_FIRST_W), given_w, is_first);
    let newest_j = select(row_number(at + ROW_NEWEST_J), 0.0, is_first);
    let before_j = select(row_number(at + ROW_BEFORE_J), 0.0, is_first);
    let weights = plan[here.step + STEP_STAGES_AT] + now.stage * plan[here.step + STEP_STAGE_WORDS];
    let next_j = next_sum(weights, newest_j, before_j, given_w, first_w);
    rows[at + ROW_FIRST_W] = bitcast<u32>(first_w);
    rows[at + ROW_BEFORE_J] = bitcast<u32>(newest_j);
    rows[at + ROW_NEWEST_J] = bitcast<u32>(next_j);
    return rate;
}

@compute @workgroup_size(BLOCK)
fn stage(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let block = group.x + group.y * groups.x;
    if (block >= book[HEAD_BLOCKS]) { return; }
    let here = here_of(block, thread);
    if (now.stage >= plan[here.step + STEP_COUNT]) { return; }
    let half = half_at(here.step, now.stage);
    let next_half = half_at(here.step, now.stage + 1u);
    let n = here.cell;
    let at = half + n;
    let sy = book[here.scene + SCENE_STRIDE_Y];
    let sz = book[here.scene + SCENE_STRIDE_Z];
    let a = psi[at];
    let g = joint[n];
    var heat = g.x * (psi[at + 1u] - a);
    heat = fma(joint[n - 1u].x, psi[at - 1u] - a, heat);
    heat = fma(g.y, psi[at + sy] - a, heat);
    heat = fma(joint[n - sy].y, psi[at - sy] - a, heat);
    heat = fma(g.z, psi[at + sz] - a, heat);
    heat = fma(joint[n - sz].z, psi[at - sz] - a, heat);
    let mine = own[n];
    let rate = fma(heat, g.w, extra_of(here, mine.w, bitcast<f32>(mine.z), a, half));
    let weights = plan[here.step + STEP_STAGES_AT] + now.stage * plan[here.step + STEP_STAGE_WORDS];
    let turn = state[n];
    var next = 0.0;
    if (now.stage == 0u) {
        own[n].y = bitcast<u32>(rate);
        next = fma(planned(weights + STAGE_RATE_S), rate, turn.x);
    } else {
        // As differences from the start: weights that add up to one only nearly would warm or cool everything.
        let start = bitcast<f32>(mine.x);
        var moved = planned(weights + STAGE_NEWEST) * (turn.x - start);
        moved = fma(planned(weights + STAGE_BEFORE), turn.y - start, moved);
        moved = fma(planned(weights + STAGE_FIRST_RATE_S), bitcast<f32>(mine.y), moved);
        moved = fma(planned(weights + STAGE_RATE_S), rate, moved);
        next = start + moved;
    }
    state[n] = vec2(next, turn.x);
    var next_psi = next;
    if ((mine.w & CODE_KIND) != CODE_KIND) { next_psi = psi_of(kind_at(here.scene, mine.w), next); }
    psi[next_half + n] = next_psi;
}
