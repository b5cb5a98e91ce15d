//! V9: the order in space and in time on smooth exact fields.
//!
//! The physics notes manufacture a source for an arbitrary field. A scene has no arbitrary sources, so fields are taken
//! that are exact with the ones it has: a product of sines that decays in a perfused box, of one tissue and of two. What
//! those leave out, a conductivity that varies with temperature, V4 holds to its own exact answer.

use super::check::Spread;
use super::order::{Level, Levels, levels};
use super::slabs::{perfused_tissue, row};
use super::{Check, Suite};
use crate::exact::{DecayingProduct, Layer, Perfused};
use crate::solver::step_ends_s;
use crate::{Continue, FreezeHistory, FreezeScene, Medium, OuterFace, SceneGrid, SceneParts, Start, Tissue, simulate};

const SIZE_MM: f64 = 20.0;
/// Where two layers meet; an edge of every grid. Unit: mm.
const SPLIT_MM: f64 = 10.0;
const BLOOD_C: f64 = 37.0;
/// Perfusion over heat capacity. Unit: 1/s.
const PERFUSED_PER_S: f64 = 6.8e-4;
/// In the middle at the start: 53 degrees of frost in a tissue that does not freeze, so that errors of single precision
/// (1e-4 K) are small beside all others. Unit: K.
const DEEP_K: f64 = -90.0;

const MUSCLE: Layer = Layer { w_per_m_k: 0.495, j_per_m3_k: 3.73e6 };
const FAT: Layer = Layer { w_per_m_k: 0.21, j_per_m3_k: 2.14e6 };
/// As far from muscle as ice is from fat, the strongest jump in a leg.
const ICE: Layer = Layer { w_per_m_k: 1.6, j_per_m3_k: 2.18e6 };

/// Second order less a twentieth for the coarsest of the three.
const FLOOR: f64 = 1.9;
const SPACE: &str = "central differences on smoothly graded cells: second order";
const JUMP: &str = "half-cells in series across the interface: second order";
const TIME: &str = "Runge-Kutta-Legendre of second order, against the exact decay of the grid's own sines";

/// V9.
pub(super) fn decays(suite: Suite) -> Vec<Check> {
    let counts = if suite.is_full() { [16.0, 32.0, 64.0] } else { [10.0, 20.0, 40.0] };
    let mut checks = Vec::new();
    for (name, layers, why) in [
        ("product of sines in muscle", [MUSCLE, MUSCLE], SPACE),
        ("product of sines in muscle and fat", [MUSCLE, FAT], JUMP),
        ("product of sines in ice and fat", [ICE, FAT], JUMP),
    ] {
        let spreads = counts.map(|n| in_space(suite, layers, n as usize));
        let sizes = counts.map(|n| SIZE_MM / n);
        for (what, of) in [("rms of T", (|s| s.rms) as fn(&Spread) -> f64), ("worst T", |s| s.worst)] {
            let name = format!("{name}, {what}");
            let error = |size: f64| of(&spreads[sizes.iter().position(|&s| s == size).unwrap_or(0)]);
            let list = levels(sizes, error);
            checks.push(Levels { problem: "V9", name: &name, units: ("mm", "K"), list }.check(FLOOR, why));
        }
    }
    let list = [24.0, 12.0, 6.0].map(|step_s| in_time(suite, step_s));
    let name = "a sine, in time, rms of T";
    checks.push(Levels { problem: "V9", name, units: ("s", "K"), list }.check(FLOOR, TIME));
    checks
}

/// Edges from 0 to the size, crowded around the middle: `x = L (s + 0.08 sin(2 pi s))`, a smooth map, cells from 0.5 to
/// 1.5 of the mean.
fn graded(count: usize) -> Vec<f64> {
    let at = |n: usize| {
        let s = n as f64 / count as f64;
        SIZE_MM * (s + 0.08 * (std::f64::consts::TAU * s).sin())
    };
    (0..=count).map(at).collect()
}

fn tissue(l: Layer) -> Tissue {
    perfused_tissue(&Perfused {
        w_per_m_k: l.w_per_m_k,
        j_per_m3_k: l.j_per_m3_k,
        perfusion_w_per_m3_k: PERFUSED_PER_S * l.j_per_m3_k,
        arterial_c: BLOOD_C,
    })
}

fn scene(edges: [Vec<f64>; 3], layers: [Layer; 2], field: &DecayingProduct, duration_s: f64) -> SceneParts {
    let [x, y, z] = edges;
    let mut parts = row(vec![0.0, 1.0], tissue(layers[0]), duration_s);
    // Edges increase by construction.
    parts.grid = SceneGrid::from_edges(x, y, z).expect("increasing edges");
    parts.media.push(Medium::Tissue(tissue(layers[1])));
    let grid = &parts.grid;
    let cells = 0..grid.cell_count();
    parts.medium = cells.clone().map(|n| u8::from(grid.centre(grid.cell(n)).x > SPLIT_MM)).collect();
    let start = cells.map(|n| (BLOOD_C + DEEP_K * shape(field, grid, n)) as f32);
    parts.start = Start::Cells(start.collect());
    parts.outer = [OuterFace::Held { celsius: BLOOD_C }; 6];
    parts
}

fn shape(field: &DecayingProduct, grid: &SceneGrid, n: usize) -> f64 {
    let at = grid.centre(grid.cell(n));
    field.shape((at.x * 1e-3, at.y * 1e-3, at.z * 1e-3))
}

/// The answer, and the steps that were taken (s).
fn solved(suite: Suite, parts: SceneParts, step_s: f64) -> (FreezeHistory, Vec<f64>) {
    // One record at the end, so that none cuts a step short.
    let record_every_s = parts.duration_s;
    let settings = suite.settings(step_s, 2, record_every_s);
    let scene = FreezeScene::new(parts).expect("a scene of the suite is valid");
    let ends_s = step_ends_s(&scene, &settings);
    let begins_s = std::iter::once(0.0).chain(ends_s.iter().copied());
    let steps_s = ends_s.iter().zip(begins_s).map(|(end, begin)| end - begin).collect();
    let history = simulate(&scene, &settings, &mut |_| Continue::Yes).expect("a scene of the suite has an answer");
    (history, steps_s)
}

fn errors_k(history: &FreezeHistory, field: &DecayingProduct, left: f64) -> Spread {
    let cells = history.last_c.iter().enumerate();
    Spread::of(cells.map(|(n, &t)| f64::from(t) - BLOOD_C - DEEP_K * left * shape(field, &history.grid, n)))
}

/// On `count` graded cells along each axis, with steps whose error is below that of the finest of them.
fn in_space(suite: Suite, layers: [Layer; 2], count: usize) -> Spread {
    const DURATION_S: f64 = 60.0;
    let field = DecayingProduct::new(SIZE_MM * 1e-3, SPLIT_MM * 1e-3, layers, PERFUSED_PER_S);
    let edges = [0, 1, 2].map(|_| graded(count));
    let (history, _) = solved(suite, scene(edges, layers, &field, DURATION_S), 1.0);
    errors_k(&history, &field, (-field.rate_per_s() * DURATION_S).exp())
}

/// One row of equal cells of muscle, whose own sine decays at exactly `4 k/C sin^2(pi h/(2 L))/h^2 + w/C`: what is off is
/// the steps alone. They are short at first whatever the longest one is, so the size is the root of the mean square of
/// those that were taken.
fn in_time(suite: Suite, step_s: f64) -> Level {
    const DURATION_S: f64 = 240.0;
    const LENGTH_MM: f64 = 10.0;
    // Many cells, so that a step has many stages and one more or less does not change what it errs.
    const COUNT: usize = 200;
    let mut parts = row(super::slabs::edges(0.0, LENGTH_MM, COUNT), tissue(MUSCLE), DURATION_S);
    let half = std::f64::consts::FRAC_PI_2 / COUNT as f64;
    let shape = |n: usize| ((2 * n + 1) as f64 * half).sin();
    parts.start = Start::Cells((0..COUNT).map(|n| (BLOOD_C + DEEP_K * shape(n)) as f32).collect());
    (parts.outer[0], parts.outer[1]) = (OuterFace::Held { celsius: BLOOD_C }, OuterFace::Held { celsius: BLOOD_C });
    let (history, steps_s) = solved(suite, parts, step_s);
    let cell_m = LENGTH_MM * 1e-3 / COUNT as f64;
    let rate = 4.0 * MUSCLE.w_per_m_k / MUSCLE.j_per_m3_k * (half.sin() / cell_m).powi(2) + PERFUSED_PER_S;
    let left = DEEP_K * (-rate * DURATION_S).exp();
    let cells = history.last_c.iter().enumerate();
    let errors = Spread::of(cells.map(|(n, &t)| f64::from(t) - BLOOD_C - left * shape(n)));
    let cubes: f64 = steps_s.iter().map(|s| s.powi(3)).sum();
    Level { size: (cubes / DURATION_S).sqrt(), error: errors.rms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_fields_converge_in_second_order_in_brief() {
        for check in decays(Suite::BRIEF) {
            assert!(check.passes(), "{check:?}");
        }
    }
}
