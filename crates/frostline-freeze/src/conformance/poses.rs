//! V10: the same probe anywhere on the grid and in any direction makes the same ice.

use super::check::Spread;
use super::finite_probes::{Pose, frozen};
use super::{Check, Suite};
use crate::IsothermRecord;
use crate::exact::FINITE_PROBES;

/// Along the axes, the diagonals of faces and of the cube, and no line of the grid at all.
const TILTS: [(f64, f64, f64); 12] = [
    (0.0, 0.0, 1.0),
    (1.0, 0.0, 0.0),
    (0.0, 1.0, 1.0),
    (1.0, -1.0, 0.0),
    (1.0, 1.0, 1.0),
    (-1.0, 1.0, -1.0),
    (0.3, 0.1, 1.0),
    (0.1, 1.0, -0.3),
    (1.0, 0.5, 0.25),
    (-0.7, 0.2, 1.0),
    (0.4, -1.0, 0.6),
    (-1.0, -0.6, -0.9),
];

/// Where the middle of the probe lies, on cells of 0.75 mm: corner, face, edge and middle of a cell, and between. Unit: mm.
const OFFSETS_MM: [(f64, f64, f64); 8] = [
    (0.0, 0.0, 0.0),
    (0.375, 0.0, 0.0),
    (0.375, 0.375, 0.0),
    (0.375, 0.375, 0.375),
    (0.1, 0.2, 0.05),
    (-0.2, 0.15, 0.3),
    (0.29, -0.11, -0.23),
    (-0.05, -0.33, 0.17),
];

const DURATION_S: f64 = 60.0;
/// A gas expansion probe, flat, 0.65 mm at -70 °C.
const PROBE: usize = 1;

/// One size of the ice, by pose.
struct Size {
    name: &'static str,
    unit: &'static str,
    of: fn(&IsothermRecord) -> f64,
    /// Of the mean of all poses, for the one that is farthest from it.
    allowed: fn(f64) -> f64,
    why: &'static str,
}

/// A twentieth of a millimetre all over a ball of this volume: its surface is `(36 pi)^(1/3) V^(2/3)`. Unit: mm3.
pub(super) fn thin_shell_mm3(volume_mm3: f64) -> f64 {
    0.05 * (36.0 * std::f64::consts::PI).cbrt() * volume_mm3.powf(2.0 / 3.0)
}

/// Half of what the physics notes allow of a radius (three tenths of a cell) is 0.11 mm at these cells; 0.15 mm leaves room
/// for the one direction in which a diameter is largest.
const SIZES: [Size; 4] = [
    Size { name: "volume", unit: "mm3", of: |r| r.volume_mm3, allowed: thin_shell_mm3, why: "0.05 mm of surface" },
    Size { name: "width", unit: "mm", of: |r| r.extents[0].width_mm, allowed: |_| 0.3, why: "0.15 mm of radius" },
    Size { name: "length", unit: "mm", of: |r| r.extents[0].length_mm, allowed: |_| 0.3, why: "0.15 mm at each end" },
    Size {
        name: "reach beyond the tip",
        unit: "mm",
        of: |r| r.extents[0].beyond_tip_mm,
        allowed: |_| 0.2,
        why: "a quarter of a 0.75 mm cell",
    },
];

/// Every tilt at every offset; a few of both in brief.
pub(super) fn poses(suite: Suite) -> Vec<Check> {
    let (tilts, offsets) =
        if suite.is_full() { (&TILTS[..], &OFFSETS_MM[..]) } else { (&TILTS[4..7], &OFFSETS_MM[3..5]) };
    let poses = tilts.iter().flat_map(|&towards| offsets.iter().map(move |&offset_mm| Pose { offset_mm, towards }));
    let found: Vec<Vec<IsothermRecord>> =
        poses.map(|pose| frozen(suite, &FINITE_PROBES[PROBE], &pose, DURATION_S).edges).collect();
    let mut checks = Vec::new();
    for celsius in [0.0, -20.0] {
        for size in &SIZES {
            checks.push(spread(size, celsius, &found, (tilts.len(), offsets.len())));
        }
    }
    checks
}

/// The mean of all poses, and how far the farthest of them is from it.
fn spread(size: &Size, celsius: f64, found: &[Vec<IsothermRecord>], (tilts, offsets): (usize, usize)) -> Check {
    let sizes: Vec<f64> = found
        .iter()
        .map(|records| {
            let at_end = records.iter().rfind(|r| r.celsius == celsius);
            at_end.map_or(f64::NAN, size.of)
        })
        .collect();
    let mean = Spread::of(sizes.iter().copied()).mean;
    let errors = Spread::of(sizes.iter().map(|s| s - mean));
    let allowed = (size.allowed)(mean);
    let note =
        format!("{tilts} tilts x {offsets} offsets, root of mean square and farthest from the mean; {}", size.why);
    let name = format!("{} at {celsius} °C: spread about {mean:.3}", size.name);
    Check::of("V10", name, size.unit).error_of(errors, 0.5 * allowed, allowed, note)
}
