//! Everything that is drawn, prepared once for all pictures.

use frostline_plan::anatomy::{Marked, Shape, StructureKind, TissueKind, TissueMap};
use frostline_plan::{ColdestOf, IsothermOutcome};
use frostline_space::{PatientPoint, PatientVector, Segment};

use super::Drawn;
use super::background::Indicator;
use super::compose::ReportInputs;
use super::contour::{ContourLine, ScalarRaster, contour};
use super::sheet::Sheet;
use super::tube::Tube;

/// Something that has an outline in a cut and a surface in space.
pub(super) struct Drawable {
    pub drawn: Drawn,
    pub words: String,
    pub form: Form,
}

pub(super) enum Form {
    Tube(Tube),
    Cells(Box<Indicator>),
    /// Flat skin at depth 0.
    FlatSkin,
}

/// One probe as drawn.
pub(super) struct DrawnProbe {
    pub entry: PatientPoint,
    pub tip: PatientPoint,
    pub active: Segment,
    pub active_tube: Tube,
    pub shaft_tube: Tube,
}

/// All of it.
pub(super) struct Scenery<'a> {
    pub inputs: &'a ReportInputs<'a>,
    pub probes: Vec<DrawnProbe>,
    pub nerve: Tube,
    /// Back to front.
    pub surroundings: Vec<Drawable>,
    pub isotherms_c: Vec<f64>,
}

/// Pixels of outlines of voxels, and of isotherms: below half the finest cell nothing new is seen.
const CELLS_MM: f64 = 0.4;
const ISOTHERM_MM: f64 = 0.2;
/// Length of shaft drawn beyond the skin.
const OUTSIDE_SHAFT_MM: f64 = 12.0;

impl<'a> Scenery<'a> {
    pub fn new(inputs: &'a ReportInputs<'a>) -> Self {
        let anatomy = inputs.anatomy;
        let mut surroundings: Vec<Drawable> = vec![skin(&anatomy.tissues)];
        for structure in &anatomy.structures {
            let Marked::Marked(shape) = &structure.shape else { continue };
            let Some(drawn) = drawn_as(structure.kind) else { continue };
            let form = match shape {
                Shape::Course(course) => Form::Tube(Tube::of_course(course)),
                Shape::Cells(cells) => Form::Cells(Box::new(Indicator::of_cells(cells))),
                Shape::Tissues(kinds) => match Indicator::of(&anatomy.tissues, |k| kinds.contains(&k)) {
                    Some(indicator) => Form::Cells(Box::new(indicator)),
                    None => continue,
                },
            };
            surroundings.push(Drawable { drawn, words: structure.name.clone(), form });
        }
        Self {
            inputs,
            probes: probes(inputs),
            nerve: Tube::of_course(&anatomy.nerve.course),
            surroundings,
            isotherms_c: inputs.catalogues.limits.isotherms().value.celsius.clone(),
        }
    }

    pub fn field(&self) -> ColdestOf<'a> {
        ColdestOf::new(&self.inputs.evaluation.built, &self.inputs.evaluation.history)
    }

    /// The middle of the cold part of the first probe; of the nerve, should there be no probe.
    pub fn middle(&self) -> PatientPoint {
        let course = &self.inputs.anatomy.nerve.course;
        let of_nerve = || course.at(0.5 * course.length_mm()).centre;
        self.probes.first().map_or_else(of_nerve, |p| p.active.start.towards(p.active.end, 0.5))
    }

    pub fn isotherm_lines(&self, sheet: &Sheet) -> Vec<(f64, Vec<ContourLine>)> {
        let field = self.field();
        let raster =
            ScalarRaster::sampled(sheet.width_mm, sheet.height_mm, ISOTHERM_MM, |at| field.at(sheet.place(at)));
        self.isotherms_c.iter().map(|celsius| (*celsius, contour(&raster, *celsius))).collect()
    }

    pub fn greatest(&self, celsius: f64) -> Option<&IsothermOutcome> {
        self.inputs.evaluation.assessment.isotherms.iter().find(|i| i.celsius == celsius)
    }
}

impl Form {
    pub fn outline(&self, sheet: &Sheet) -> Vec<ContourLine> {
        let sampled = |field: &dyn Fn(PatientPoint) -> Option<f64>| {
            contour(&ScalarRaster::sampled(sheet.width_mm, sheet.height_mm, CELLS_MM, |at| field(sheet.place(at))), 0.0)
        };
        match self {
            Form::Tube(tube) => tube.outline(sheet),
            Form::Cells(indicator) => sampled(&|place| indicator.at(place).map(|inside| 0.5 - inside)),
            Form::FlatSkin => sampled(&|place| Some(-place.y)),
        }
    }
}

fn skin(tissues: &TissueMap) -> Drawable {
    let form =
        Indicator::of(tissues, |kind| kind != TissueKind::Outside).map_or(Form::FlatSkin, |i| Form::Cells(Box::new(i)));
    Drawable { drawn: Drawn::Skin, words: "skin surface".into(), form }
}

/// How a kind of structure is drawn; the skin is drawn as a surface of its own.
fn drawn_as(kind: StructureKind) -> Option<Drawn> {
    match kind {
        StructureKind::Skin => None,
        StructureKind::Artery => Some(Drawn::Artery),
        StructureKind::Vein => Some(Drawn::Vein),
        StructureKind::MotorNerve | StructureKind::MixedNerve | StructureKind::SensoryNerve => Some(Drawn::OtherNerve),
        StructureKind::Bone => Some(Drawn::Bone),
        StructureKind::Tendon => Some(Drawn::Tendon),
    }
}

fn probes(inputs: &ReportInputs) -> Vec<DrawnProbe> {
    let mut drawn = Vec::new();
    for placement in inputs.plan.placements() {
        let probe = inputs.catalogues.probes.find(&placement.probe);
        let shape = probe.and_then(|p| p.shape().ok());
        // A plan is only made of probes with a shape and a direction.
        let (Some(shape), Some(back)) = (shape, (placement.entry - placement.tip).direction()) else {
            continue;
        };
        let end = |along_mm: f64| placement.tip + back * along_mm;
        let active = Segment { start: end(shape.dead_tip_mm), end: end(shape.dead_tip_mm + shape.active_length_mm) };
        let outside: PatientVector = back * OUTSIDE_SHAFT_MM;
        drawn.push(DrawnProbe {
            entry: placement.entry,
            tip: placement.tip,
            active,
            active_tube: Tube::straight(active.start, active.end, shape.radius_mm),
            shaft_tube: Tube::straight(active.end, placement.entry + outside, shape.radius_mm),
        });
    }
    drawn
}
