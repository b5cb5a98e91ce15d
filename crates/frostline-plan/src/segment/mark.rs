//! From the tissue of a CT and what a person outlined on it to an anatomy.

use frostline_space::{PatientPoint, Volume};

use super::CtTissue;
use crate::anatomy::{Anatomy, Origin, Side, Structure, TargetNerve, TissueKind, TissueMap};

/// What a person outlined on the images.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlines {
    /// Which leg.
    pub side: Side,
    /// The nerve to be disabled.
    pub nerve: TargetNerve,
    /// Vessels, other nerves, tendons; also those that are known to be near and were not marked.
    pub structures: Vec<Structure>,
}

/// Why outlines do not fit the image.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MarkError {
    /// A point of the nerve is off the image.
    #[error(
        "point {point} of the nerve at {place:?} (LPS mm) lies outside the image; check its coordinates and their frame"
    )]
    OutsideImage {
        /// Number of the point, from 1.
        point: usize,
        /// The place.
        place: PatientPoint,
    },
    /// A point of the nerve is not in the limb.
    #[error(
        "point {point} of the nerve at {place:?} (LPS mm) lies outside the limb (air, table or the other leg), \
         {distance_mm:.1} mm from it; move it into the limb"
    )]
    OutsideLimb {
        /// Number of the point, from 1.
        point: usize,
        /// The place.
        place: PatientPoint,
        /// How far the nearest cell of the limb is.
        distance_mm: f64,
    },
}

/// Step at which the course is looked at between its points; a third of a usual slice distance. Unit: mm.
const COURSE_STEP_MM: f64 = 1.0;

/// The anatomy from the tissue of a CT and what a person outlined; the tissue is left as it is, because a marked nerve
/// or vessel is thinner than a cell.
///
/// # Errors
/// [`MarkError`] when a point of the nerve lies off the image or outside the limb.
pub fn mark(ct: CtTissue, outlines: Outlines) -> Result<Anatomy, MarkError> {
    mark_on(ct.tissues, ct.remarks, outlines, Origin::Ct)
}

pub(crate) fn mark_on(
    tissues: Volume<TissueKind>,
    mut remarks: Vec<String>,
    outlines: Outlines,
    origin: Origin,
) -> Result<Anatomy, MarkError> {
    for (n, point) in outlines.nerve.course.points().iter().enumerate() {
        let place = point.centre;
        match tissues.nearest(place) {
            None => return Err(MarkError::OutsideImage { point: n + 1, place }),
            Some(TissueKind::Outside) => {
                let distance_mm = nearest_limb_mm(&tissues, place);
                return Err(MarkError::OutsideLimb { point: n + 1, place, distance_mm });
            }
            Some(_) => {}
        }
    }
    remarks.extend(course_remarks(&tissues, &outlines.nerve));
    Ok(Anatomy {
        side: outlines.side,
        origin,
        tissues: TissueMap::Voxels(tissues),
        nerve: outlines.nerve,
        structures: outlines.structures,
        remarks,
    })
}

fn nearest_limb_mm(tissues: &Volume<TissueKind>, place: PatientPoint) -> f64 {
    let grid = tissues.grid();
    let cells = grid.cells().zip(tissues.values()).filter(|(_, tissue)| **tissue != TissueKind::Outside);
    cells.map(|(cell, _)| grid.centre(cell).distance(place)).fold(f64::INFINITY, f64::min)
}

/// Doubts about where the nerve was drawn.
fn course_remarks(tissues: &Volume<TissueKind>, nerve: &TargetNerve) -> Vec<String> {
    let samples = nerve.course.samples(COURSE_STEP_MM);
    let share_mm = nerve.course.length_mm() / samples.len() as f64;
    let length_in = |wanted: &dyn Fn(TissueKind) -> bool| {
        let cells = samples.iter().filter(|s| tissues.nearest(s.centre).is_some_and(|&t| wanted(t)));
        cells.count() as f64 * share_mm
    };
    let bone_mm = length_in(&is_bone);
    let skin_mm = length_in(&|t| t == TissueKind::Skin);
    let outside_mm = length_in(&|t| t == TissueKind::Outside);
    [("bone", bone_mm), ("the skin layer", skin_mm), ("the outside", outside_mm)]
        .into_iter()
        .filter(|(_, length_mm)| *length_mm > 0.0)
        .map(|(what, length_mm)| {
            let whole_mm = nerve.course.length_mm();
            format!(
                "the nerve as drawn runs through {what} for {length_mm:.0} of its {whole_mm:.0} mm; check the drawing"
            )
        })
        .collect()
}

fn is_bone(tissue: TissueKind) -> bool {
    matches!(tissue, TissueKind::CorticalBone | TissueKind::CancellousBone | TissueKind::Marrow)
}
