//! A place on the nerve at which a freeze may be aimed, and what lies around it.

use frostline_space::{CourseSample, Direction, PatientDirection, PatientPoint, PatientVector};

use crate::anatomy::{Anatomy, Marked, Shape, StructureKind, TissueKind, TissueMap};
use crate::catalogue::{Catalogues, LimitLevel};
use crate::coldest::ring;

/// Directions that are looked into from a place: 256 even ones lie about 13 degrees apart.
const LOOKS: usize = 256;
/// Steps of a look outwards. Unit: mm.
const LOOK_STEP_MM: f64 = 0.5;
/// Skin further away is not looked for: the longest probes of the catalogue reach 100 mm.
pub(super) const FARTHEST_SKIN_MM: f64 = 110.0;
/// The skin is taken as flat over this distance. Unit: mm.
const FLAT_SKIN_MM: f64 = 4.0;
/// What lies further from the nerve than this never matters for an estimate: the ice of a nerve probe ends well before.
const NEAR_MM: f64 = 25.0;
/// Cross-sections for the estimate of the disabled length. Unit: mm.
pub(super) const SECTION_STEP_MM: f64 = 0.5;
/// Places on the rim of a cross-section.
const RIM_PLACES: usize = 8;

/// A cross-section of the nerve: its centre and its rim.
pub(super) type Section = [PatientPoint; RIM_PLACES + 1];

/// Something near whose temperature has a limit at level stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct NearPlace {
    pub place: PatientPoint,
    /// Its surface is this much nearer. Unit: mm.
    pub radius_mm: f64,
    /// Stop below. Unit: °C.
    pub stop_c: f64,
    /// Which structure of the anatomy.
    pub structure: usize,
}

/// A place on the nerve with its surroundings.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub along_mm: f64,
    pub centre: PatientPoint,
    pub tangent: PatientDirection,
    pub radius_mm: f64,
    /// To the nearest skin, square to the nerve.
    pub outward: PatientDirection,
    /// Where that is.
    pub foot: PatientPoint,
    /// Cross-sections of the nerve that count.
    pub sections: Vec<Section>,
    pub near: Vec<NearPlace>,
    /// Inner face of the skin around.
    pub skin: Vec<PatientPoint>,
    /// Stop below, for the skin. Unit: °C.
    pub skin_stop_c: f64,
}

/// Evenly spread directions (a spiral of the golden angle).
pub(super) fn even_directions(count: usize) -> impl Iterator<Item = PatientDirection> {
    let turn = std::f64::consts::PI * (3.0 - 5.0_f64.sqrt());
    (0..count).filter_map(move |n| {
        let z = 1.0 - (2.0 * n as f64 + 1.0) / count as f64;
        let (r, angle) = ((1.0 - z * z).sqrt(), turn * n as f64);
        PatientVector::new(r * angle.cos(), r * angle.sin(), z).direction()
    })
}

/// Where a look from inside the limb first meets the outside; `None` when the image ends before. Unit: mm.
pub(super) fn skin_along(tissues: &TissueMap, from: PatientPoint, along: PatientDirection) -> Option<f64> {
    let count = (FARTHEST_SKIN_MM / LOOK_STEP_MM) as usize;
    let n = (0..=count).find_map(|n| match tissues.at(from + along * (n as f64 * LOOK_STEP_MM)) {
        Some(TissueKind::Outside) => Some(Some(n)),
        Some(_) => None,
        None => Some(None),
    })??;
    let (mut inside, mut outside) = ((n as f64 - 1.0) * LOOK_STEP_MM, n as f64 * LOOK_STEP_MM);
    // Six halvings of half a millimetre leave less than a hundredth.
    for _ in 0..6 {
        let middle = 0.5 * (inside + outside);
        match tissues.at(from + along * middle) {
            Some(TissueKind::Outside) => outside = middle,
            _ => inside = middle,
        }
    }
    Some(0.5 * (inside + outside))
}

/// Square to the skin, outwards; `None` where nothing outside is seen.
pub(super) fn skin_normal(tissues: &TissueMap, on_skin: PatientPoint) -> Option<PatientDirection> {
    let outside = |d: &PatientDirection| tissues.at(on_skin + *d * FLAT_SKIN_MM) == Some(TissueKind::Outside);
    let sum = even_directions(LOOKS).filter(outside).fold(PatientVector::new(0.0, 0.0, 0.0), |s, d| s + d.as_vector());
    sum.direction()
}

impl Spot {
    /// At a length along the nerve; `None` where it lies outside the image or the limb, or no skin is seen from it.
    pub fn at(anatomy: &Anatomy, catalogues: &Catalogues, along_mm: f64, counts: (f64, f64)) -> Option<Self> {
        let sample = anatomy.nerve.course.at(along_mm);
        let (centre, tangent) = (sample.centre, sample.tangent);
        anatomy.tissues.at(centre).filter(|t| *t != TissueKind::Outside)?;
        let looks = even_directions(LOOKS).filter_map(|d| Some((skin_along(&anatomy.tissues, centre, d)?, d)));
        let (far_mm, look) = looks.min_by(|a, b| a.0.total_cmp(&b.0))?;
        let normal = skin_normal(&anatomy.tissues, centre + look * far_mm).unwrap_or(look);
        let square = normal.as_vector() - tangent * normal.dot(tangent);
        let outward = square.direction().unwrap_or(tangent.perpendiculars().0);
        let foot = centre + outward * skin_along(&anatomy.tissues, centre, outward).unwrap_or(far_mm);
        let spot = Self {
            along_mm,
            centre,
            tangent,
            radius_mm: sample.radius_mm,
            outward,
            foot,
            sections: sections(anatomy, counts),
            near: near(anatomy, catalogues, centre),
            skin: skin_around(&anatomy.tissues, centre, outward),
            skin_stop_c: stop_below_c(catalogues, StructureKind::Skin).unwrap_or(f64::NEG_INFINITY),
        };
        Some(spot)
    }

    /// Across the nerve, along the skin.
    pub fn sideways(&self) -> PatientVector {
        self.outward.as_vector().cross(self.tangent.as_vector())
    }

    /// Along the nerve and across it, for a flat map with the first spot at zero.
    pub fn flat_mm(&self, place: PatientPoint) -> [f64; 2] {
        let from = place - self.centre;
        [self.along_mm + from.dot(self.tangent.as_vector()), from.dot(self.sideways())]
    }
}

/// Cross-sections between two lengths along the nerve.
fn sections(anatomy: &Anatomy, (from_mm, to_mm): (f64, f64)) -> Vec<Section> {
    let course = &anatomy.nerve.course;
    let (from_mm, to_mm) = (from_mm.max(0.0), to_mm.min(course.length_mm()));
    let count = ((to_mm - from_mm) / SECTION_STEP_MM).floor().max(0.0) as usize;
    let section = |n: usize| {
        let s = course.at(from_mm + n as f64 * SECTION_STEP_MM);
        let mut places = [s.centre; RIM_PLACES + 1];
        for (place, rim) in places.iter_mut().skip(1).zip(ring(s.centre, s.tangent, s.radius_mm, RIM_PLACES)) {
            *place = rim;
        }
        places
    };
    (0..=count).map(section).collect()
}

/// The warmest temperature at which a structure stops a plan; `None` where no limit does. Unit: °C.
pub(super) fn stop_below_c(catalogues: &Catalogues, kind: StructureKind) -> Option<f64> {
    let stops = catalogues.limits.for_structure(kind).filter(|limit| limit.level == LimitLevel::Stop);
    stops.map(|limit| limit.below.value.celsius).reduce(f64::max)
}

/// Places of structures with a stop near the nerve. Tissues (bone, tendon) have none and are left to the simulation.
fn near(anatomy: &Anatomy, catalogues: &Catalogues, centre: PatientPoint) -> Vec<NearPlace> {
    let mut found = Vec::new();
    for (n, structure) in anatomy.structures.iter().enumerate() {
        let Some(stop_c) = stop_below_c(catalogues, structure.kind) else { continue };
        match &structure.shape {
            Marked::Marked(Shape::Course(course)) => {
                let close = course.samples(1.0).into_iter().filter(|s| s.centre.distance(centre) < NEAR_MM);
                let place =
                    |s: CourseSample| NearPlace { place: s.centre, radius_mm: s.radius_mm, stop_c, structure: n };
                found.extend(close.map(place));
            }
            Marked::Marked(Shape::Cells(cells)) => {
                let grid = cells.grid();
                let marked = grid.cells().zip(cells.values()).filter(|(_, marked)| **marked);
                let places = marked.map(|(cell, _)| grid.centre(cell)).filter(|p| p.distance(centre) < NEAR_MM);
                found.extend(places.map(|place| NearPlace { place, radius_mm: 0.0, stop_c, structure: n }));
            }
            _ => {}
        }
    }
    found
}

/// Inner face of the skin, as seen from the nerve.
fn skin_around(tissues: &TissueMap, centre: PatientPoint, outward: PatientDirection) -> Vec<PatientPoint> {
    let seen = even_directions(LOOKS).filter(|d| d.dot(outward) > 0.0).filter_map(|d| {
        let far_mm = skin_along(tissues, centre, d).filter(|far_mm| *far_mm < NEAR_MM)?;
        // Inwards from the surface while it is still skin.
        let steps = (far_mm / LOOK_STEP_MM) as usize;
        let is_skin = |n: usize| tissues.at(centre + d * (far_mm - n as f64 * LOOK_STEP_MM)) == Some(TissueKind::Skin);
        let inner = (1..=steps).take_while(|&n| is_skin(n)).last().unwrap_or(0);
        Some(centre + d * (far_mm - inner as f64 * LOOK_STEP_MM))
    });
    seen.collect()
}

/// Any direction square to both; `None` when they are the same.
pub(super) fn square_to(a: PatientDirection, b: PatientDirection) -> Option<Direction<frostline_space::Patient>> {
    let cross = a.as_vector().cross(b.as_vector());
    (cross.length() > LEAST_SINE).then(|| cross.direction()).flatten()
}

/// Below this sine two directions are the same for a hand (0.06 degrees).
const LEAST_SINE: f64 = 1e-3;
