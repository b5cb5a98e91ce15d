//! What a switch changes for the device: joints, codes, and everything that acts on single cells.

use super::super::mesh::{HELD, Mesh};
use super::super::probes::ProbeSet;
use super::super::probes::device::{Acting, DriveKind, Run};
use super::super::special::Pull;
use super::place::Place;
use super::words as w;
use super::words::bits;

type Row = [u32; w::ROW_WORDS as usize];
type Face = [u32; w::FACE_WORDS as usize];

/// One scene since its last switch, as lists for the device.
pub(super) struct Special {
    /// For every place of the scene: conductances to the next cell, one over capacity.
    pub(super) joint: Vec<[f32; 4]>,
    /// For every place: three numbers that a step finds anew, and the code.
    pub(super) own: Vec<[u32; 4]>,
    pub(super) rows: Vec<Row>,
    pub(super) faces: Vec<Face>,
    /// Where the rows of each special cell begin, then links and covered cells of the probes.
    pub(super) lists: Vec<u32>,
    /// Words of each probe in the book, and what it is doing.
    pub(super) probes: Vec<[u32; w::PROBE_WORDS as usize]>,
    pub(super) doing: Vec<[f32; w::STATE_WORDS as usize]>,
}

/// Warmer than any probe. Unit: °C.
pub(super) const NEVER_COLD_C: f32 = 1e30;

impl Special {
    /// `dry` holds the cells without blood that the state of the device does not tell of.
    pub(super) fn of(mesh: &Mesh, probes: &ProbeSet, dry: &[u32], place: &Place) -> Self {
        let mut acts = acts(mesh, probes, place);
        // Stable, so that what acts on one cell keeps its order.
        acts.sort_by_key(|act| act.cell);
        let mut own = codes(mesh, dry, place);
        let mut lists = Vec::new();
        let mut last = None;
        for (n, act) in acts.iter().enumerate() {
            if last != Some(act.cell) {
                lists.push(n as u32);
                own[act.cell as usize][3] |= (lists.len() as u32) << w::CODE_SHIFT;
                last = Some(act.cell);
            }
        }
        lists.push(acts.len() as u32);
        let acting: Vec<Acting> = probes.acting(mesh).collect();
        let words = acting.iter().enumerate().map(|(n, probe)| probe_words(n, probe, mesh, place, &mut lists));
        Self {
            probes: words.collect(),
            doing: acting.iter().map(doing).collect(),
            joint: joints(mesh, place),
            own,
            rows: acts.iter().map(|act| act.row).collect(),
            faces: acts.iter().map(|act| act.face).collect(),
            lists,
        }
    }
}

/// One row with its cell in the scene.
struct Act {
    cell: u32,
    row: Row,
    face: Face,
}

/// In the order of the CPU: links, warm shafts, faces, walls.
fn acts(mesh: &Mesh, probes: &ProbeSet, place: &Place) -> Vec<Act> {
    let mut acts: Vec<Act> = Vec::new();
    acts.extend(probes.links(mesh).iter().map(|pull| pulled(pull, w::TAG_LINK, place)));
    acts.extend(probes.warmers(mesh).iter().map(|pull| pulled(pull, w::TAG_WARMER, place)));
    for face in mesh.interfaces.iter().filter(|face| face.half_a > 0.0) {
        let g = mesh.g_at(usize::from(face.axis), face.a as usize);
        for (cell, other, half_own, half_other, is_second) in
            [(face.a, face.b, face.half_a, face.half_b, 0), (face.b, face.a, face.half_b, face.half_a, 1)]
        {
            let mut act = Act::new(cell, w::TAG_FACE, place.first + other, place);
            act.face[w::FACE_HALF_OWN as usize] = bits(half_own);
            act.face[w::FACE_HALF_OTHER as usize] = bits(half_other);
            act.face[w::FACE_PLAIN_G as usize] = g.to_bits();
            act.face[w::FACE_IS_SECOND as usize] = is_second;
            acts.push(act);
        }
    }
    for wall in mesh.walls.iter().filter(|wall| wall.half > 0.0) {
        let mut act = Act::new(wall.cell, w::TAG_WALL, 0, place);
        let film = if wall.beyond.film.is_finite() { wall.beyond.film } else { NO_FILM };
        act.face[w::FACE_HALF_OWN as usize] = bits(wall.half);
        act.face[w::FACE_HALF_OTHER as usize] = bits(film);
        act.face[w::FACE_BEYOND_C as usize] = bits(wall.beyond.celsius);
        acts.push(act);
    }
    acts
}

/// Says that a wall has no film and its face is held.
const NO_FILM: f64 = -1.0;

fn pulled(pull: &Pull, tag: u32, place: &Place) -> Act {
    let mut act = Act::new(pull.cell, tag, place.targets_first + u32::from(pull.target), place);
    act.row[w::ROW_OWN as usize] = pull.pull.to_bits();
    act
}

impl Act {
    fn new(cell: u32, tag: u32, index: u32, place: &Place) -> Self {
        let (mut row, mut face) = (Row::default(), Face::default());
        row[w::ROW_TAG as usize] = (tag << w::TAG_SHIFT) | index;
        row[w::ROW_CELL as usize] = place.first + cell;
        face[w::FACE_SCENE as usize] = place.number;
        Self { cell, row, face }
    }
}

fn codes(mesh: &Mesh, dry: &[u32], place: &Place) -> Vec<[u32; 4]> {
    let mut codes = vec![[0, 0, 0, u32::from(HELD)]; place.places()];
    for (code, &kind) in codes.iter_mut().zip(&mesh.kind) {
        code[3] = u32::from(kind);
    }
    for &cell in dry {
        codes[cell as usize][3] |= w::CODE_DRY;
    }
    codes
}

fn joints(mesh: &Mesh, place: &Place) -> Vec<[f32; 4]> {
    let [x, y, z] = [0, 1, 2].map(|axis| &mesh.g[axis][mesh.pad..mesh.pad + mesh.stored]);
    let mut joints: Vec<[f32; 4]> = (0..mesh.stored).map(|n| [x[n], y[n], z[n], mesh.per_capacity[n]]).collect();
    joints.resize(place.places(), [0.0; 4]);
    joints
}

fn probe_words(
    n: usize,
    probe: &Acting,
    mesh: &Mesh,
    place: &Place,
    lists: &mut Vec<u32>,
) -> [u32; w::PROBE_WORDS as usize] {
    let runs_at = lists.len();
    let all: Vec<&Run> = probe.cold.iter().chain(&probe.warm).collect();
    lists.resize(runs_at + all.len() * w::RUN_WORDS as usize, 0);
    for (number, run) in all.iter().enumerate() {
        let at = runs_at + number * w::RUN_WORDS as usize;
        lists[at + w::RUN_KIND as usize] = u32::from(run.kind);
        lists[at + w::RUN_PAIRS_AT as usize] = lists.len() as u32;
        lists[at + w::RUN_PAIRS as usize] = run.pairs.len() as u32;
        lists[at + w::RUN_TOTAL as usize] = bits(run.pairs.iter().map(|pair| pair.1).sum());
        lists.extend(run.pairs.iter().flat_map(|&(cell, g)| [cell, bits(g)]));
    }
    let covered_at = lists.len();
    lists.extend(&probe.covered);
    let (drive, film, most_power_w) = match probe.drive {
        DriveKind::Off => (w::DRIVE_OFF, 0.0, 0.0),
        DriveKind::Surface => (w::DRIVE_SURFACE, 0.0, 0.0),
        // A gas without limit: more than any probe takes, and still a number.
        DriveKind::Film { film_w_per_k, most_power_w } => (w::DRIVE_FILM, film_w_per_k, most_power_w.min(1e30)),
    };
    let mut words = [0; w::PROBE_WORDS as usize];
    for (word, value) in [
        (w::PROBE_SCENE, place.number),
        (w::PROBE_NUMBER, n as u32),
        (w::PROBE_DRIVE, drive),
        (w::PROBE_RUNS_AT, runs_at as u32),
        (w::PROBE_COLD_RUNS, probe.cold.len() as u32),
        (w::PROBE_WARM_RUNS, probe.warm.len() as u32),
        (w::PROBE_COVERED_AT, covered_at as u32),
        (w::PROBE_COVERED, probe.covered.len() as u32),
        (w::PROBE_FILM, bits(film)),
        (w::PROBE_MOST_POWER, bits(most_power_w)),
        (w::PROBE_SHAFT_C, bits(probe.shaft_c)),
        (w::PROBE_TARGETS_AT, place.targets_first + (2 * n * mesh.kinds.len()) as u32),
    ] {
        words[word as usize] = value;
    }
    words
}

fn doing(probe: &Acting) -> [f32; w::STATE_WORDS as usize] {
    let mut doing = [0.0; w::STATE_WORDS as usize];
    doing[w::STATE_SURFACE_C as usize] = probe.surface_c.unwrap_or_default() as f32;
    doing[w::STATE_HAS_SURFACE as usize] = if probe.surface_c.is_some() { 1.0 } else { 0.0 };
    doing[w::STATE_COLDEST_C as usize] = NEVER_COLD_C;
    doing
}
