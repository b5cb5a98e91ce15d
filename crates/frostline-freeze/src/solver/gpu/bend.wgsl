// Faces that bend, as tangents for one step; see interface.rs. What the plain way passes already is taken off again.

const MOST_FACE_STEPS = 12;
// Where Newton's steps stop; a hundred times the spacing of numbers at -200 °C would be 1.5e-3. Unit: K.
const FACE_TOLERANCE_K = 5e-5;

struct Tangent { constant: f32, own: f32, other: f32 }

// One side of a face: its tissue, its potential, its half times the conductivity above freezing.
struct Side { kind: u32, psi: f32, half: f32 }

fn side_of(scene: u32, step: u32, cell: u32, half: f32) -> Side {
    let kind = kind_at(scene, own[cell].w);
    return Side(kind, psi[half_at(step, 0u) + cell], half * number(kind + KIND_CONDUCTIVITY));
}

fn between(a: Side, b: Side, at: u32) -> Tangent {
    var face_c = face_number(at + FACE_CELSIUS);
    var at_a = psi_and_k(a.kind, face_c);
    var at_b = psi_and_k(b.kind, face_c);
    for (var n = 0; n < MOST_FACE_STEPS; n++) {
        let gap = a.half * (a.psi - at_a.x) + b.half * (b.psi - at_b.x);
        let move_k = gap / (a.half * at_a.y + b.half * at_b.y);
        face_c += move_k;
        at_a = psi_and_k(a.kind, face_c);
        at_b = psi_and_k(b.kind, face_c);
        if (abs(move_k) < FACE_TOLERANCE_K) { break; }
    }
    faces[at + FACE_CELSIUS] = bitcast<u32>(face_c);
    let both = a.half * b.half / (a.half * at_a.y + b.half * at_b.y);
    let own_w = both * at_b.y;
    let other_w = both * at_a.y;
    let heat = 0.5 * (b.half * (b.psi - at_b.x) - a.half * (a.psi - at_a.x));
    return Tangent(heat + own_w * a.psi - other_w * b.psi, own_w, other_w);
}

fn face(scene: u32, step: u32, row: u32) -> Tangent {
    let at = row * FACE_WORDS;
    let cell = rows[row * ROW_WORDS + ROW_CELL];
    let other = rows[row * ROW_WORDS + ROW_TAG] & TAG_INDEX;
    let mine = side_of(scene, step, cell, face_number(at + FACE_HALF_OWN));
    let theirs = side_of(scene, step, other, face_number(at + FACE_HALF_OTHER));
    let starts = max(number(mine.kind + KIND_STARTS_PSI), number(theirs.kind + KIND_STARTS_PSI));
    if (min(mine.psi, theirs.psi) >= starts) {
        faces[at + FACE_IS_BENT] = 0u;
        return Tangent(0.0, 0.0, 0.0);
    }
    if (faces[at + FACE_IS_BENT] == 0u) {
        let guess_c = 0.5 * (celsius_of(mine.kind, state[cell].x) + celsius_of(theirs.kind, state[other].x));
        faces[at + FACE_CELSIUS] = bitcast<u32>(guess_c);
        faces[at + FACE_IS_BENT] = 1u;
    }
    let g = face_number(at + FACE_PLAIN_G);
    if (faces[at + FACE_IS_SECOND] != 0u) {
        let t = between(theirs, mine, at);
        return Tangent(-t.constant, t.other - g, t.own - g);
    }
    let t = between(mine, theirs, at);
    return Tangent(t.constant, t.own - g, t.other - g);
}

fn wall(scene: u32, step: u32, row: u32) -> Tangent {
    let at = row * FACE_WORDS;
    let mine = side_of(scene, step, rows[row * ROW_WORDS + ROW_CELL], face_number(at + FACE_HALF_OWN));
    // Below zero: no film, the face itself is held.
    let film = face_number(at + FACE_HALF_OTHER);
    let beyond_c = face_number(at + FACE_BEYOND_C);
    if (mine.psi > number(mine.kind + KIND_STARTS_PSI) && beyond_c > number(mine.kind + KIND_STARTS_C)) {
        let own_w = select(mine.half * film / (mine.half + film), mine.half, film < 0.0);
        return Tangent(own_w * (beyond_c - number(mine.kind + KIND_ORIGIN_C)), own_w, 0.0);
    }
    if (film < 0.0) { return Tangent(mine.half * psi_and_k(mine.kind, beyond_c).x, mine.half, 0.0); }
    var face_c = beyond_c;
    var at_face = psi_and_k(mine.kind, face_c);
    for (var n = 0; n < MOST_FACE_STEPS; n++) {
        let gap = mine.half * (mine.psi - at_face.x) + film * (beyond_c - face_c);
        let move_k = gap / (mine.half * at_face.y + film);
        face_c += move_k;
        at_face = psi_and_k(mine.kind, face_c);
        if (abs(move_k) < FACE_TOLERANCE_K) { break; }
    }
    let own_w = film * mine.half / (mine.half * at_face.y + film);
    return Tangent(film * (beyond_c - face_c) + own_w * mine.psi, own_w, 0.0);
}

@compute @workgroup_size(BLOCK)
fn bend(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = (group.x + group.y * groups.x) * BLOCK + thread;
    if (row >= book[HEAD_ROWS]) { return; }
    let at = row * ROW_WORDS;
    let tag = rows[at] >> TAG_SHIFT;
    if (tag != TAG_FACE && tag != TAG_WALL) { return; }
    let number_of_scene = faces[row * FACE_WORDS + FACE_SCENE];
    let scene = scene_at(number_of_scene);
    let step = step_at(number_of_scene);
    if (plan[step + STEP_COUNT] == 0u) { return; }
    var t = Tangent(0.0, 0.0, 0.0);
    if (tag == TAG_FACE) { t = face(scene, step, row); } else { t = wall(scene, step, row); }
    let per_capacity = joint[rows[at + ROW_CELL]].w;
    rows[at + ROW_CONSTANT] = bitcast<u32>(t.constant * per_capacity);
    rows[at + ROW_OWN] = bitcast<u32>(t.own * per_capacity);
    rows[at + ROW_OTHER] = bitcast<u32>(t.other * per_capacity);
}
