//! Fat under the skin that is thicker or thinner than in the image.

use frostline_space::{Axis, Direction, Patient, PatientPoint, PatientVector, Volume, VoxelIndex, VoxelPoint};

use crate::anatomy::{Layer, LayerStack, TissueKind, TissueMap};
use crate::plan::ProbePlacement;

/// The first layer of fat under the skin of an entry, by depth along the inward normal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FatLayer {
    skin: PatientPoint,
    inward: Direction<Patient>,
    top_mm: f64,
    bottom_mm: f64,
    is_flat: bool,
}

/// Steps of the search for the fat.
const STEP_MM: f64 = 0.25;
/// Fat deeper than this is far from any nerve that is frozen through it.
const DEEPEST_MM: f64 = 60.0;
/// The fat is never thinner than this share of what the image shows.
const THINNEST_SHARE: f64 = 0.3;
/// Cells of an image further from the entry than this play no part in the freeze.
const REACH_MM: f64 = 50.0;
/// Radius of the ball by which the direction of the skin is found: larger than its voxels, smaller than a limb.
const BALL_MM: f64 = 6.0;
/// Places on that ball.
const BALL_PLACES: usize = 400;

/// Into the body, square to the skin where a probe enters.
pub(crate) fn inward(tissues: &TissueMap, placement: &ProbePlacement) -> Direction<Patient> {
    if let TissueMap::Layers(_) = tissues {
        return PatientVector::new(0.0, 1.0, 0.0).direction().unwrap_or(Direction::along_z());
    }
    let skin = crate::path::skin_on_line(tissues, placement.way()).unwrap_or(placement.entry);
    let mut sum = PatientVector::new(0.0, 0.0, 0.0);
    for n in 0..BALL_PLACES {
        // Places on a spiral cover a ball evenly.
        let up = 1.0 - (2.0 * n as f64 + 1.0) / BALL_PLACES as f64;
        let angle = n as f64 * std::f64::consts::PI * (3.0 - 5f64.sqrt());
        let around = (1.0 - up * up).sqrt();
        let away = PatientVector::new(around * angle.cos(), around * angle.sin(), up);
        if tissues.at(skin + away * BALL_MM).is_some_and(|t| t != TissueKind::Outside) {
            sum = sum + away;
        }
    }
    let deeper = (placement.tip - placement.entry).direction().unwrap_or(Direction::along_z());
    sum.direction().unwrap_or(deeper)
}

impl FatLayer {
    /// The fat that follows the skin of an entry; `None` where there is none.
    pub(crate) fn under(tissues: &TissueMap, skin: PatientPoint, inward: Direction<Patient>) -> Option<Self> {
        let at = |depth_mm: f64| tissues.at(skin + inward * depth_mm);
        let steps = || (0..(DEEPEST_MM / STEP_MM) as usize).map(|n| (n as f64 + 0.5) * STEP_MM);
        let is_fat = |depth_mm: &f64| at(*depth_mm) == Some(TissueKind::Fat);
        let top_mm = steps().find(is_fat)? - 0.5 * STEP_MM;
        let bottom_mm = steps().find(|depth_mm| *depth_mm > top_mm && !is_fat(depth_mm)).unwrap_or(DEEPEST_MM);
        let is_flat = matches!(tissues, TissueMap::Layers(_));
        Some(Self { skin, inward, top_mm, bottom_mm: bottom_mm - 0.5 * STEP_MM, is_flat })
    }

    /// Thickness. Unit: mm.
    fn thickness_mm(&self) -> f64 {
        self.bottom_mm - self.top_mm
    }

    /// What can be added: no layer is thinned away.
    fn bounded(&self, by_mm: f64) -> f64 {
        by_mm.max((THINNEST_SHARE - 1.0) * self.thickness_mm())
    }

    /// How far a place of the image moves. Flat layers keep their skin and move what is deeper; an image keeps what is
    /// deeper and moves its skin, because its other structures are drawn against the bone.
    pub(crate) fn moved(&self, by_mm: f64, place: PatientPoint) -> PatientVector {
        let depth_mm = (place - self.skin).dot(self.inward.as_vector());
        let share = ((depth_mm - self.top_mm) / self.thickness_mm()).clamp(0.0, 1.0);
        self.inward * (self.bounded(by_mm) * if self.is_flat { share } else { share - 1.0 })
    }

    /// The tissues with that fat.
    pub(crate) fn stretched(&self, by_mm: f64, tissues: &TissueMap) -> TissueMap {
        let by_mm = self.bounded(by_mm);
        match tissues {
            TissueMap::Layers(stack) => TissueMap::Layers(thicker(stack, by_mm)),
            TissueMap::Voxels(volume) => TissueMap::Voxels(self.resampled(by_mm, volume)),
            // Fluid pushes tissue apart after its fat was found thicker or thinner, never before.
            TissueMap::Displaced(_) => tissues.clone(),
        }
    }

    fn resampled(&self, by_mm: f64, volume: &Volume<TissueKind>) -> Volume<TissueKind> {
        let grid = volume.grid();
        let mut moved = volume.clone();
        let corner = |n: usize| {
            let end = |axis: usize| if n >> axis & 1 == 0 { -REACH_MM } else { REACH_MM };
            grid.voxel_point(self.skin + PatientVector::new(end(0), end(1), end(2)))
        };
        let corners: Vec<VoxelPoint> = (0..8).map(corner).collect();
        let range = |pick: fn(&VoxelPoint) -> f64, size: usize| {
            let ends = corners.iter().map(pick).fold((f64::INFINITY, 0.0_f64), |(a, b), x| (a.min(x), b.max(x)));
            (ends.0.max(0.0) as usize).min(size)..(ends.1.ceil() as usize + 1).min(size)
        };
        for k in range(|p| p.z, grid.size(Axis::Slice)) {
            for j in range(|p| p.y, grid.size(Axis::Row)) {
                for i in range(|p| p.x, grid.size(Axis::Column)) {
                    let cell = VoxelIndex::new(i, j, k);
                    let from = self.source(by_mm, grid.centre(cell));
                    // Beyond the image nothing is known, so the cell keeps what it has.
                    if let Some(tissue) = volume.nearest(from) {
                        moved.values_mut()[grid.offset(cell)] = *tissue;
                    }
                }
            }
        }
        moved
    }

    /// The place of the image whose tissue comes to lie at `place`.
    fn source(&self, by_mm: f64, place: PatientPoint) -> PatientPoint {
        // At depth s' of the image: s = s' - by (1 - share(s')), which is linear within the fat.
        let depth_mm = (place - self.skin).dot(self.inward.as_vector());
        let from_mm = if depth_mm >= self.bottom_mm {
            depth_mm
        } else if depth_mm <= self.top_mm - by_mm {
            depth_mm + by_mm
        } else {
            let left_mm = (self.bottom_mm - depth_mm) * self.thickness_mm() / (self.thickness_mm() + by_mm);
            self.bottom_mm - left_mm
        };
        place + self.inward * (from_mm - depth_mm)
    }
}

/// Layers with the first one of fat thicker.
fn thicker(stack: &LayerStack, by_mm: f64) -> LayerStack {
    let first = stack.layers().iter().position(|layer| layer.tissue == TissueKind::Fat);
    let moved = |(n, layer): (usize, &Layer)| Layer {
        bottom_mm: layer.bottom_mm + if first.is_some_and(|first| n >= first) { by_mm } else { 0.0 },
        ..*layer
    };
    // Depths that grew go on growing, because no layer is thinned away.
    LayerStack::new(stack.layers().iter().enumerate().map(moved).collect()).unwrap_or_else(|_| stack.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use frostline_space::{Grid, VoxelToPatient};

    /// Voxels of half a millimetre: air, 1.5 mm of skin, fat to 10 mm, muscle; the skin at y = 0.
    fn voxels() -> TissueMap {
        let step = |x, y, z| PatientVector::new(x, y, z);
        let map = VoxelToPatient::new(
            step(0.5, 0.0, 0.0),
            step(0.0, 0.5, 0.0),
            step(0.0, 0.0, 0.5),
            PatientPoint::new(-5.0, -9.75, -5.0),
        );
        let grid = Grid::new(VoxelIndex::new(21, 60, 21), map).unwrap();
        let tissue = |place: PatientPoint| match place.y {
            y if y < 0.0 => TissueKind::Outside,
            y if y < 1.5 => TissueKind::Skin,
            y if y < 10.0 => TissueKind::Fat,
            _ => TissueKind::Muscle,
        };
        let values = grid.cells().map(|cell| tissue(grid.centre(cell))).collect();
        TissueMap::Voxels(Volume::new(grid, values).unwrap())
    }

    fn straight_down() -> ProbePlacement {
        let (entry, tip) = (PatientPoint::new(0.0, 0.0, 0.0), PatientPoint::new(0.0, 8.0, 0.0));
        ProbePlacement { probe: "n2o-2.0".into(), entry, tip }
    }

    fn fat() -> FatLayer {
        FatLayer::under(&voxels(), PatientPoint::origin(), inward(&voxels(), &straight_down())).unwrap()
    }

    #[test]
    fn the_skin_of_an_image_is_square_to_what_is_inside() {
        let found = inward(&voxels(), &straight_down()).as_vector();
        // Half a voxel on a ball of 6 mm.
        assert!(found.y > 0.99, "{found}");
    }

    #[test]
    fn the_fat_of_an_image_is_found_between_skin_and_muscle() {
        let fat = fat();
        assert!((fat.top_mm - 1.5).abs() < 0.3 && (fat.bottom_mm - 10.0).abs() < 0.3, "{fat:?}");
    }

    #[test]
    fn an_image_with_more_fat_has_its_skin_further_out_and_its_muscle_where_it_was() {
        let thicker = fat().stretched(2.0, &voxels());
        let at = |y| thicker.at(PatientPoint::new(0.0, y, 0.0)).unwrap();
        assert_eq!([at(-2.75), at(-1.25), at(0.25), at(9.25), at(10.75)], {
            use TissueKind::{Fat, Muscle, Outside, Skin};
            [Outside, Skin, Fat, Fat, Muscle]
        });
        let thinner = fat().stretched(-2.0, &voxels());
        let at = |y| thinner.at(PatientPoint::new(0.0, y, 0.0)).unwrap();
        assert_eq!([at(0.75), at(2.75), at(4.25)], [TissueKind::Outside, TissueKind::Skin, TissueKind::Fat]);
    }

    #[test]
    fn what_is_drawn_moves_with_the_tissue_around_it() {
        let (fat, by_mm) = (fat(), 2.0);
        for depth_mm in [0.5, 3.0, 6.0, 12.0] {
            let place = PatientPoint::new(0.0, depth_mm, 0.0);
            let back = fat.source(by_mm, place + fat.moved(by_mm, place));
            assert!(back.distance(place) < 1e-9, "{depth_mm}: {back}");
        }
    }
}
