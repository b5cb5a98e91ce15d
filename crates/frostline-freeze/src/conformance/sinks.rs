//! V2, V3 and the line of V4: bodies immersed in the exact fields around lines and points.

use super::check::Spread;
use super::order::{Levels, levels};
use super::radial::{Exact, Look, away_mm, cube, plane, probe, run, scene, surface};
use super::slabs::{MUSCLE_LIKE, range_medium, range_tissue, two_phase};
use super::{Check, Suite};
use crate::exact::{FreezingRange, LineSink, PointSink, RangeConductivity};
use crate::{SceneDirection, SceneGrid, ScenePoint, SceneVector, Start, Tissue};

/// Exact fields start here, when the front has left the line. Unit: s.
const FIRST_S: f64 = 10.0;
/// They are compared here. Unit: s.
const LAST_S: f64 = 180.0;
/// Radius of the immersed cylinder of V2 and V4 and of the immersed ball of V3. Unit: mm.
const IMMERSED_MM: (f64, f64) = (1.0, 2.0);
/// Fields are compared out to here. Unit: mm.
const COMPARED_MM: f64 = 16.0;
/// The longest step on cells of half a millimetre and more. Unit: s.
const STEP_S: f64 = 4.0;

/// A body immersed in an exact field, from [`FIRST_S`] to [`LAST_S`].
struct Sink<'a> {
    suite: Suite,
    problem: &'static str,
    name: String,
    tissue: Tissue,
    middle: ScenePoint,
    towards: SceneDirection,
    is_ball: bool,
    exact_c: Exact<'a>,
    /// Temperature and exact radius (mm) of the surfaces that are compared at the end.
    surfaces: Vec<(&'static str, f64, f64)>,
    /// Allowed of the field: root of the mean square, and worst. Unit: K.
    allowed_k: (f64, f64),
}

/// Errors of a sink on one grid.
struct SinkErrors {
    cell_mm: f64,
    radii_mm: Vec<Spread>,
    field_k: Spread,
}

impl Sink<'_> {
    fn errors(&self, grid: &SceneGrid, step_s: f64) -> SinkErrors {
        let duration_s = LAST_S - FIRST_S;
        let radius_mm = if self.is_ball { IMMERSED_MM.1 } else { IMMERSED_MM.0 };
        let table = surface(self.exact_c, radius_mm, FIRST_S, duration_s);
        let probe = probe(self.is_ball, radius_mm, self.middle, self.towards, table);
        let mut parts = scene(grid.clone(), self.tissue.clone(), probe, duration_s);
        let axis = (!self.is_ball).then_some(self.towards);
        let start = (0..grid.cell_count()).map(|n| {
            let r = away_mm(grid.centre(grid.cell(n)), self.middle, axis);
            (self.exact_c)(r.max(radius_mm), FIRST_S) as f32
        });
        parts.start = Start::Cells(start.collect());
        let history = run(self.suite, parts, step_s, &[duration_s]);
        let look = Look::new(&history, &history.snapshots[0], self.middle, self.towards);
        SinkErrors {
            cell_mm: grid.finest_mm(),
            radii_mm: self.surfaces.iter().map(|&(_, celsius, mm)| look.radius_errors_mm(celsius, mm)).collect(),
            field_k: look.field_errors_k(radius_mm, COMPARED_MM, |r| (self.exact_c)(r, LAST_S)),
        }
    }

    fn checks(&self, grid: &SceneGrid) -> Vec<Check> {
        let found = self.errors(grid, STEP_S);
        let note = format!("similarity solution; {:.2} mm cells", found.cell_mm);
        let mut checks = Vec::new();
        for (&(what, _, expected_mm), errors) in self.surfaces.iter().zip(&found.radii_mm) {
            checks.push(
                Check::of(self.problem, format!("{}: {what} at 180 s", self.name), "mm")
                    .near(expected_mm, expected_mm + errors.mean, 0.5 * found.cell_mm, note.clone())
                    .with_worst(errors.worst, 0.5 * found.cell_mm),
            );
        }
        let (rms_k, worst_k) = self.allowed_k;
        let field = Check::of(self.problem, format!("{}: rms of T to 16 mm", self.name), "K");
        checks.push(field.error_of(found.field_k, rms_k, worst_k, note));
        checks
    }

    /// The order of the field's root mean square at three cells, on grids made from the cell, with steps in proportion.
    fn order(&self, sizes_mm: [f64; 3], grid: impl Fn(f64) -> SceneGrid, floor: f64, why: &str) -> Check {
        let list = levels(sizes_mm, |mm| self.errors(&grid(mm), STEP_S * mm).field_k.rms);
        let name = format!("{}, rms of T", self.name);
        Levels { problem: self.problem, name: &name, units: ("mm", "K"), list }.check(floor, why)
    }
}

/// Cells of a plane around a line: the rim shrinks with the core, so that all cells halve together.
fn refined_plane(cell_mm: f64) -> SceneGrid {
    plane(cell_mm, 17.0, 50.0)
}

/// A medium that freezes at one temperature (here over 0.1 K) is known only to the cell that is freezing, which holds its
/// neighbours at the freezing temperature as long as it freezes; the error of that is of first order.
const SHARP_FRONT: &str = "a sharp front is known to a cell: first order";
/// A quarter is left to where in its cell the front stands at that moment.
const SHARP_FLOOR: f64 = 0.75;

fn line<'a>(
    suite: Suite,
    problem: &'static str,
    name: String,
    exact_c: Exact<'a>,
    towards: SceneDirection,
) -> Sink<'a> {
    Sink {
        suite,
        problem,
        name,
        tissue: two_phase(&MUSCLE_LIKE),
        middle: ScenePoint::new(0.13, 0.21, 0.0),
        towards,
        is_ball: false,
        exact_c,
        surfaces: Vec::new(),
        allowed_k: (0.5, FIELD_WORST_K),
    }
}

/// While one cell freezes the front runs up to half a cell beside the exact one: 0.25 mm in 14 K/mm, the steepest ice here.
const FIELD_WORST_K: f64 = 3.5;

/// V2 along the grid and along its diagonal.
pub(super) fn line_sinks(suite: Suite) -> Vec<Check> {
    let strengths: &[f64] = if suite.is_full() { &[300.0, 600.0, 1000.0] } else { &[600.0] };
    let diagonal = SceneVector::new(1.0, 1.0, 1.0).direction().expect("not zero");
    let mut checks = Vec::new();
    for &strength in strengths {
        let exact = LineSink::new(MUSCLE_LIKE, strength);
        let exact_c = |r_mm: f64, t: f64| exact.celsius(r_mm * 1e-3, t);
        let surfaces = vec![("radius", MUSCLE_LIKE.freezing_c, exact.front_m(LAST_S) * 1e3)];
        let name = format!("{strength} W/m along z");
        let along_z =
            Sink { surfaces: surfaces.clone(), ..line(suite, "V2", name, &exact_c, SceneDirection::along_z()) };
        checks.extend(along_z.checks(&plane(0.5, 10.0, 50.0)));
        if strength == 600.0 {
            checks.push(along_z.order([1.0, 0.5, 0.25], refined_plane, SHARP_FLOOR, SHARP_FRONT));
        }
        if suite.is_full() {
            let tilted =
                Sink { surfaces, ..line(suite, "V2", format!("{strength} W/m along (1,1,1)"), &exact_c, diagonal) };
            checks.extend(tilted.checks(&SceneGrid::uniform(cube(24.0), 0.65).expect("a grid of the suite")));
        }
    }
    checks
}

/// V3.
pub(super) fn point_sinks(suite: Suite) -> Vec<Check> {
    let (strengths, fine_mm): (&[f64], f64) = if suite.is_full() { (&[0.2, 0.5], 0.5) } else { (&[0.5], 0.8) };
    let grid = |cell_mm: f64| SceneGrid::graded(cube(8.0), cell_mm, 1.2, 6.0 * cell_mm, cube(36.0)).expect("a grid");
    let mut checks = Vec::new();
    for &strength in strengths {
        let exact = PointSink::new(MUSCLE_LIKE, strength);
        let exact_c = |r_mm: f64, t: f64| exact.celsius(r_mm * 1e-3, t);
        let sink = Sink {
            middle: ScenePoint::new(0.13, 0.21, 0.07),
            is_ball: true,
            surfaces: vec![("radius", MUSCLE_LIKE.freezing_c, exact.front_m(LAST_S) * 1e3)],
            ..line(suite, "V3", format!("{strength} W/s^.5"), &exact_c, SceneDirection::along_z())
        };
        checks.extend(sink.checks(&grid(fine_mm)));
        if strength == 0.5 {
            let sizes = if suite.is_full() { [1.0, 0.7, 0.5] } else { [1.6, 1.13, 0.8] };
            checks.push(sink.order(sizes, grid, SHARP_FLOOR, SHARP_FRONT));
        }
    }
    checks
}

/// V4 around a line: freezing from -1 to -8 °C with the conductivity linear in between, as tissue has it, and with equal
/// conductivities, where the textbook's constant one is the same.
pub(super) fn range_lines(suite: Suite) -> Vec<Check> {
    let strengths: &[f64] = if suite.is_full() { &[300.0, 1000.0] } else { &[300.0] };
    let mut checks = Vec::new();
    for &strength in strengths {
        for conductivity in [RangeConductivity::Linear, RangeConductivity::Mean] {
            let medium = range_medium(-8.0, conductivity);
            let exact = FreezingRange::line(medium, strength);
            let exact_c = |r_mm: f64, t: f64| exact.celsius(r_mm * 1e-3, t);
            let law = if conductivity == RangeConductivity::Linear { "linear k" } else { "equal k" };
            let sink = Sink {
                tissue: range_tissue(&medium),
                surfaces: vec![
                    ("frozen", -8.0, exact.ended_m(LAST_S) * 1e3),
                    ("freezing", -1.0, exact.started_m(LAST_S) * 1e3),
                ],
                allowed_k: (RANGE_RMS_K, RANGE_WORST_K),
                ..line(suite, "V4", format!("line {strength} W/m, {law}"), &exact_c, SceneDirection::along_z())
            };
            checks.extend(sink.checks(&plane(0.5, 10.0, 50.0)));
            if conductivity == RangeConductivity::Linear {
                checks.push(sink.order([1.0, 0.5, 0.25], refined_plane, RANGE_FLOOR, RANGE_FRONT));
            }
        }
    }
    checks
}

/// A range of 7 K is spread over cells, so only the kinks of H(T) at its ends cost order: there the error is of first order
/// in a share of the places that is itself of first order, in a root of mean squares order 1.5. A quarter is left to where
/// in their cells the kinks stand at that moment.
pub(super) const RANGE_FRONT: &str = "the range spans cells; its two kinks are errors of order 1.5, the rest of 2";
pub(super) const RANGE_FLOOR: f64 = 1.25;
/// Physics notes, V4: 0.5 K around a line; the worst place lies at the kink where freezing ends.
const RANGE_RMS_K: f64 = 0.5;
const RANGE_WORST_K: f64 = 1.5;

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(checks: &[Check]) {
        for check in checks {
            assert!(check.passes(), "{check:?}");
        }
    }

    #[test]
    fn a_line_sink_holds_in_brief() {
        hold(&line_sinks(Suite::BRIEF));
    }

    #[test]
    fn a_point_sink_holds_in_brief() {
        hold(&point_sinks(Suite::BRIEF));
    }

    #[test]
    fn a_line_that_freezes_over_a_range_holds_in_brief() {
        hold(&range_lines(Suite::BRIEF));
    }
}
