//! Protective fluid: saline that is injected between what is frozen and what must not be, and pushes the latter away.
//!
//! A simple picture, and meant as one: the fluid is half of a flat ellipsoid that opens from the place of injection. What
//! lies nearer to the probe stays where it is; everything beyond, as far as the limb goes, moves away by the thickness of
//! the fluid. It does not know: planes of fascia along which fluid really runs, how soft tissue gives way, fluid that is
//! absorbed, and the temperature it is injected with. It is taken to be as warm as the tissue around when the gas goes on.

use std::borrow::Cow;

use serde::Serialize;

use frostline_space::{Course, CoursePoint, PatientDirection, PatientPoint, Volume};

use crate::anatomy::{Anatomy, Marked, Shape, TissueKind, TissueMap};
use crate::catalogue::Catalogues;

/// Saline injected at a place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ProtectiveFluid {
    /// Where the needle ends. Tissue between here and the probe stays.
    #[serde(rename = "place_mm", serialize_with = "as_numbers")]
    pub place: PatientPoint,
    /// A place on the side that is pushed away: the skin, a motor nerve.
    #[serde(rename = "towards_mm", serialize_with = "as_numbers")]
    pub towards: PatientPoint,
    /// How much. Unit: ml.
    pub millilitres: f64,
}

fn as_numbers<S: serde::Serializer>(place: &PatientPoint, serializer: S) -> Result<S::Ok, S::Error> {
    [place.x, place.y, place.z].serialize(serializer)
}

/// The room that fluid takes, and where it pushes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FluidLens {
    place: PatientPoint,
    along: PatientDirection,
    half_width_mm: f64,
    thickness_mm: f64,
}

const MM3_PER_ML: f64 = 1000.0;

impl FluidLens {
    /// `None` where the fluid pushes nowhere.
    pub fn of(fluid: &ProtectiveFluid, catalogues: &Catalogues) -> Option<Self> {
        let width_over_thickness = catalogues.surroundings.fluid().value.width_over_thickness;
        // Half of an ellipsoid with half axes a, a and h: 2/3 pi a^2 h, with a = h w / 2 for w = 2a / h.
        let h_mm =
            (6.0 * fluid.millilitres * MM3_PER_ML / (std::f64::consts::PI * width_over_thickness.powi(2))).cbrt();
        Some(Self {
            place: fluid.place,
            along: (fluid.towards - fluid.place).direction()?,
            half_width_mm: 0.5 * width_over_thickness * h_mm,
            thickness_mm: h_mm,
        })
    }

    /// Greatest thickness, which is how far the tissue in its middle moves. Unit: mm.
    pub fn thickness_mm(&self) -> f64 {
        self.thickness_mm
    }

    /// How far beyond the face a place lies, and how thick the fluid is there. Unit: mm.
    fn locate(&self, at: PatientPoint) -> (f64, f64) {
        let from = at - self.place;
        let beyond_mm = from.dot(self.along.as_vector());
        let aside_squared = (from.dot(from) - beyond_mm * beyond_mm).max(0.0);
        let share = 1.0 - aside_squared / self.half_width_mm.powi(2);
        (beyond_mm, if share > 0.0 { self.thickness_mm * share.sqrt() } else { 0.0 })
    }

    /// Where what lies at a place lay before; `None` in the fluid.
    fn before(&self, at: PatientPoint) -> Option<PatientPoint> {
        let (beyond_mm, thick_mm) = self.locate(at);
        if beyond_mm < 0.0 || thick_mm == 0.0 {
            Some(at)
        } else if beyond_mm < thick_mm {
            None
        } else {
            Some(at - self.along * thick_mm)
        }
    }

    /// Where what lay at a place has gone.
    fn after(&self, at: PatientPoint) -> PatientPoint {
        let (beyond_mm, thick_mm) = self.locate(at);
        if beyond_mm < 0.0 { at } else { at + self.along * thick_mm }
    }
}

/// Tissue that fluid pushed apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Displaced {
    before: Box<TissueMap>,
    lenses: Vec<FluidLens>,
}

impl Displaced {
    /// The tissue before any fluid.
    pub fn before(&self) -> &TissueMap {
        &self.before
    }

    /// Where what lies at a place lay before; `None` in the fluid.
    fn origin_of(&self, at: PatientPoint) -> Option<PatientPoint> {
        // The last one that was injected moved everything, the fluid of the others too.
        self.lenses.iter().rev().try_fold(at, |at, lens| lens.before(at))
    }

    pub(crate) fn at(&self, place: PatientPoint) -> Option<TissueKind> {
        self.read(place, |before| self.before.at(before))
    }

    pub(crate) fn at_or_nearest(&self, place: PatientPoint) -> TissueKind {
        self.read(place, |before| self.before.at_or_nearest(before))
    }

    fn read<T: From<TissueKind>>(&self, place: PatientPoint, of: impl Fn(PatientPoint) -> T) -> T {
        self.origin_of(place).map_or(TissueKind::InjectedFluid.into(), of)
    }
}

/// The anatomy with the fluid in it; the same where there is none.
pub fn displaced<'a>(anatomy: &'a Anatomy, fluid: &[ProtectiveFluid], catalogues: &Catalogues) -> Cow<'a, Anatomy> {
    let lenses: Vec<_> = fluid.iter().filter_map(|fluid| FluidLens::of(fluid, catalogues)).collect();
    if lenses.is_empty() {
        return Cow::Borrowed(anatomy);
    }
    let mut moved = anatomy.clone();
    moved.nerve.course = moved_course(&anatomy.nerve.course, &lenses);
    for structure in &mut moved.structures {
        match &mut structure.shape {
            Marked::Marked(Shape::Course(course)) => *course = moved_course(course, &lenses),
            Marked::Marked(Shape::Cells(cells)) => *cells = moved_cells(cells, &lenses),
            Marked::Marked(Shape::Tissues(_)) | Marked::NotMarked => {}
        }
    }
    moved.tissues = TissueMap::Displaced(Displaced { before: Box::new(moved.tissues), lenses });
    Cow::Owned(moved)
}

/// Points of a moved course lie this far apart; fluid bends a course over centimetres.
const COURSE_STEP_MM: f64 = 3.0;
/// A course that moves by less is left as it was drawn.
const MOVED_MM: f64 = 0.01;

fn moved_course(course: &Course, lenses: &[FluidLens]) -> Course {
    let after = |at: PatientPoint| lenses.iter().fold(at, |at, lens| lens.after(at));
    let samples = course.samples(COURSE_STEP_MM);
    if samples.iter().all(|s| after(s.centre).distance(s.centre) < MOVED_MM) {
        return course.clone();
    }
    let points: Vec<_> =
        samples.iter().map(|s| CoursePoint { centre: after(s.centre), radius_mm: s.radius_mm }).collect();
    // Neighbours move apart, never together, so the points make a course where the old ones did.
    Course::through(&points).unwrap_or_else(|_| course.clone())
}

fn moved_cells(cells: &Volume<bool>, lenses: &[FluidLens]) -> Volume<bool> {
    let grid = cells.grid();
    let origin = |at: PatientPoint| lenses.iter().rev().try_fold(at, |at, lens| lens.before(at));
    let marked = |cell| origin(grid.centre(cell)).is_some_and(|before| cells.nearest(before).copied().unwrap_or(false));
    let values = grid.cells().map(marked).collect();
    // One value per cell of the same grid.
    Volume::new(*grid, values).unwrap_or_else(|_| cells.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::{Layer, LayerStack, Origin, Side, Structure, StructureKind, TargetNerve};

    fn tube(x: f64, depth_mm: f64) -> Course {
        let end = |z| CoursePoint { centre: PatientPoint::new(x, depth_mm, z), radius_mm: 0.8 };
        Course::through(&[end(-40.0), end(40.0)]).unwrap()
    }

    fn limb() -> Anatomy {
        let layers = vec![
            Layer { tissue: TissueKind::Skin, bottom_mm: 1.5 },
            Layer { tissue: TissueKind::Fat, bottom_mm: 20.0 },
        ];
        let vein = Marked::Marked(Shape::Course(tube(0.0, 2.5)));
        Anatomy {
            side: Side::Left,
            origin: Origin::Calipers,
            tissues: TissueMap::Layers(LayerStack::new(layers).unwrap()),
            nerve: TargetNerve { id: "sural".into(), course: tube(0.0, 6.0), distance_to_target_mm: Marked::NotMarked },
            structures: vec![Structure { name: "vein".into(), kind: StructureKind::Vein, shape: vein }],
            remarks: vec![],
        }
    }

    /// From 4 mm deep towards the skin.
    fn upwards(millilitres: f64) -> ProtectiveFluid {
        ProtectiveFluid {
            place: PatientPoint::new(0.0, 4.0, 0.0),
            towards: PatientPoint::new(0.0, 0.0, 0.0),
            millilitres,
        }
    }

    #[test]
    fn fluid_takes_the_room_of_its_volume() {
        let catalogues = Catalogues::bundled().unwrap();
        let limb = limb();
        let with_fluid = displaced(&limb, &[upwards(5.0)], &catalogues);
        // Counted in cubes of 0.5 mm; the surface of 5 ml is some 700 mm2, of which half a cube may be off at random.
        let step_mm = 0.5;
        let axis = |n: i32| (f64::from(n) + 0.5) * step_mm;
        let mut cubes = 0.0;
        for (i, j, k) in (-60..60).flat_map(|i| (-60..20).flat_map(move |j| (-60..60).map(move |k| (i, j, k)))) {
            let place = PatientPoint::new(axis(i), axis(j), axis(k));
            cubes += f64::from(u8::from(with_fluid.tissues.at(place) == Some(TissueKind::InjectedFluid)));
        }
        let millilitres = cubes * step_mm.powi(3) / 1000.0;
        assert!((millilitres - 5.0).abs() < 0.1, "{millilitres}");
    }

    #[test]
    fn skin_and_vein_beyond_the_fluid_move_by_its_thickness_and_the_nerve_stays() {
        let catalogues = Catalogues::bundled().unwrap();
        let limb = limb();
        let with_fluid = displaced(&limb, &[upwards(5.0)], &catalogues);
        let thick_mm = FluidLens::of(&upwards(5.0), &catalogues).unwrap().thickness_mm();
        assert!(thick_mm > 4.0, "{thick_mm}");
        let at = |depth_mm: f64| with_fluid.tissues.at(PatientPoint::new(0.0, depth_mm, 0.0));
        assert_eq!(at(4.1), Some(TissueKind::Fat));
        assert_eq!(at(3.9), Some(TissueKind::InjectedFluid));
        assert_eq!(at(4.0 - thick_mm - 0.1), Some(TissueKind::Fat));
        assert_eq!(at(1.4 - thick_mm), Some(TissueKind::Skin));
        assert_eq!(at(-thick_mm - 0.1), Some(TissueKind::Outside));
        assert_eq!(with_fluid.nerve, limb.nerve);
        let Marked::Marked(Shape::Course(vein)) = &with_fluid.structures[0].shape else { panic!("the vein is there") };
        let moved = vein.nearest(PatientPoint::new(0.0, 2.5 - thick_mm, 0.0)).centre;
        assert!((moved.y - (2.5 - thick_mm)).abs() < 0.05, "{moved}");
        // Beyond the rim of the fluid nothing moves.
        assert!((vein.at(0.0).centre.y - 2.5).abs() < 1e-9);
    }

    #[test]
    fn without_fluid_the_anatomy_is_not_even_copied() {
        assert!(matches!(displaced(&limb(), &[], &Catalogues::bundled().unwrap()), Cow::Borrowed(_)));
    }
}
