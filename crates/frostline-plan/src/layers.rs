//! Anatomy from depths measured with calipers: flat layers, and round structures that run straight along the limb.
//!
//! Frame: x lateral, y depth under a flat skin at 0, z along the limb, mm. Knows what the operator measured; does not know
//! the curve of the limb or of the nerve, and what was not measured.

use frostline_space::{Course, CourseError, CoursePoint, PatientPoint};
use serde::Deserialize;
use serde::de::Error as _;

use crate::anatomy::{
    Anatomy, Layer, LayerError, LayerStack, Marked, Origin, Shape, Side, Structure, StructureKind, TargetNerve,
    TissueKind, TissueMap,
};
use crate::catalogue::{TISSUES, structure_called, structure_word, tissue_called, tissue_word};

/// What an operator measured on the screen of an ultrasound machine.
///
/// ```
/// use frostline_plan::layers::CaliperMeasurement;
/// let measured: CaliperMeasurement = toml::from_str(r#"
///     layers = [{ tissue = "skin", bottom_mm = 1.8 }, { tissue = "fat", bottom_mm = 9.0 }, { tissue = "muscle", bottom_mm = 40.0 }]
///     nerve = { depth_mm = 6.0, width_mm = 3.0, height_mm = 2.0 }
///     beside = [{ name = "small saphenous vein", kind = "vein", lateral_mm = 5.0, depth_mm = 5.0, width_mm = 2.5, height_mm = 2.5 }]
///     length_mm = 60.0
/// "#).unwrap();
/// assert_eq!(measured.beside.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaliperMeasurement {
    /// The layers from the skin down.
    pub layers: Vec<MeasuredLayer>,
    /// The nerve to be disabled.
    pub nerve: MeasuredNerve,
    /// Vessels, other nerves, tendons and bones seen beside it.
    #[serde(default)]
    pub beside: Vec<MeasuredStructure>,
    /// Length of the limb that is modelled. Unit: mm.
    pub length_mm: f64,
}

/// One layer, as measured.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredLayer {
    /// What it is made of.
    #[serde(deserialize_with = "read_tissue")]
    pub tissue: TissueKind,
    /// Depth of its lower face under the skin surface. Unit: mm.
    pub bottom_mm: f64,
}

/// The nerve, as measured.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredNerve {
    /// Depth of its centre under the skin surface. Unit: mm.
    pub depth_mm: f64,
    /// Where its centre lies across the limb. Unit: mm.
    #[serde(default)]
    pub lateral_mm: f64,
    /// Its diameter across. Unit: mm.
    pub width_mm: f64,
    /// Its diameter in depth. Unit: mm.
    pub height_mm: f64,
}

/// Something beside the nerve, as measured.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredStructure {
    /// What people call it.
    pub name: String,
    /// What kind it is.
    #[serde(deserialize_with = "read_structure")]
    pub kind: StructureKind,
    /// Where its centre lies across the limb. Unit: mm.
    pub lateral_mm: f64,
    /// Depth of its centre under the skin surface. Unit: mm.
    pub depth_mm: f64,
    /// Its diameter across. Unit: mm.
    pub width_mm: f64,
    /// Its diameter in depth; the same as across where only one was measured. Unit: mm.
    pub height_mm: Option<f64>,
}

/// Which nerve of which leg is meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Which leg.
    pub side: Side,
    /// Key of the atlas entry in `data/nerves.toml`.
    pub nerve_id: String,
    /// Length along the nerve to the skin or muscle it serves. Unit: mm.
    pub distance_to_target_mm: Marked<f64>,
}

/// Why measurements do not make an anatomy.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MeasureError {
    /// Layers that do not follow each other.
    #[error(transparent)]
    Layers(#[from] LayerError),
    /// The first layer is not skin.
    #[error("the first layer is {}; the first layer must be the skin, with the depth of its lower face", tissue_word(*.found))]
    SkinNotFirst {
        /// What it is.
        found: TissueKind,
    },
    /// A place that is not a number, or a size that is not above 0.
    #[error("{name}: {what} is {found_mm} mm; expected {expected}")]
    BadNumber {
        /// The structure.
        name: String,
        /// What was measured.
        what: &'static str,
        /// The value.
        found_mm: f64,
        /// What makes sense.
        expected: &'static str,
    },
    /// Something that reaches above the skin.
    #[error(
        "{name} lies {depth_mm} mm deep with a radius of {radius_mm:.2} mm, so it reaches above the skin; \
         give the depth of its centre under the skin surface"
    )]
    AboveSkin {
        /// The structure.
        name: String,
        /// Depth of its centre.
        depth_mm: f64,
        /// Its radius.
        radius_mm: f64,
    },
    /// The nerve lies below everything that was measured.
    #[error(
        "the nerve lies {depth_mm} mm deep, but the layers end at {bottom_mm} mm; add the layer that holds the nerve, or correct its depth"
    )]
    DeeperThanLayers {
        /// Depth of its centre.
        depth_mm: f64,
        /// Where the last layer ends.
        bottom_mm: f64,
    },
    /// The nerve lies in a bone.
    #[error(
        "the nerve lies {depth_mm} mm deep, which is in the {} layer that ends at {bottom_mm} mm; correct the depths",
        tissue_word(*.tissue)
    )]
    NerveInBone {
        /// Depth of its centre.
        depth_mm: f64,
        /// The tissue of the layer.
        tissue: TissueKind,
        /// Where that layer ends.
        bottom_mm: f64,
    },
    /// Another structure takes the nerve's place.
    #[error(
        "the centres of the nerve and of {name} are {distance_mm:.2} mm apart, less than the larger of their radii \
         ({nerve_radius_mm:.2} and {radius_mm:.2} mm); one of the two was measured wrongly"
    )]
    SamePlace {
        /// The structure.
        name: String,
        /// Distance of the centres.
        distance_mm: f64,
        /// Radius of the nerve.
        nerve_radius_mm: f64,
        /// Radius of the structure.
        radius_mm: f64,
    },
    /// A course that cannot be made.
    #[error(transparent)]
    Course(#[from] CourseError),
}

/// The anatomy of flat layers with a straight nerve.
///
/// # Errors
/// [`MeasureError`] for measurements that cannot be true, with the numbers.
pub fn anatomy_from_calipers(measured: &CaliperMeasurement, target: &Target) -> Result<Anatomy, MeasureError> {
    let nerve = measured.nerve;
    let nerve =
        Section::of_diameters("the nerve", [nerve.lateral_mm, nerve.depth_mm], [nerve.width_mm, nerve.height_mm])?;
    let mut beside = Vec::new();
    for seen in &measured.beside {
        let diameters = [seen.width_mm, seen.height_mm.unwrap_or(seen.width_mm)];
        let section = Section::of_diameters(&seen.name, [seen.lateral_mm, seen.depth_mm], diameters)?;
        beside.push((section, seen.kind));
    }
    let drawn = DrawnSections { layers: &measured.layers, nerve, beside, length_mm: measured.length_mm };
    drawn.anatomy(target, Origin::Calipers)
}

/// Something round in a cross-section of the limb.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Section {
    pub name: String,
    pub lateral_mm: f64,
    pub depth_mm: f64,
    /// Of the circle of equal area.
    pub radius_mm: f64,
}

/// The cross-section of a limb, drawn.
pub(crate) struct DrawnSections<'a> {
    pub layers: &'a [MeasuredLayer],
    pub nerve: Section,
    pub beside: Vec<(Section, StructureKind)>,
    pub length_mm: f64,
}

impl Section {
    fn of_diameters(name: &str, place_mm: [f64; 2], diameters_mm: [f64; 2]) -> Result<Self, MeasureError> {
        let [lateral_mm, depth_mm] = place_mm;
        let [width_mm, height_mm] = diameters_mm;
        check_size(name, "width_mm", width_mm)?;
        check_size(name, "height_mm", height_mm)?;
        // The circle with the area of the ellipse of these diameters.
        let radius_mm = 0.5 * (width_mm * height_mm).sqrt();
        Self { name: name.to_owned(), lateral_mm, depth_mm, radius_mm }.checked()
    }

    pub(crate) fn checked(self) -> Result<Self, MeasureError> {
        check_place(&self.name, "lateral_mm", self.lateral_mm)?;
        check_place(&self.name, "depth_mm", self.depth_mm)?;
        if self.depth_mm < self.radius_mm {
            let (depth_mm, radius_mm) = (self.depth_mm, self.radius_mm);
            return Err(MeasureError::AboveSkin { name: self.name, depth_mm, radius_mm });
        }
        Ok(self)
    }

    fn distance_mm(&self, other: &Self) -> f64 {
        (self.lateral_mm - other.lateral_mm).hypot(self.depth_mm - other.depth_mm)
    }

    fn course(&self, length_mm: f64) -> Result<Course, CourseError> {
        let end = |along_mm: f64| CoursePoint {
            centre: PatientPoint::new(self.lateral_mm, self.depth_mm, along_mm),
            radius_mm: self.radius_mm,
        };
        Course::through(&[end(-0.5 * length_mm), end(0.5 * length_mm)])
    }
}

impl DrawnSections<'_> {
    pub(crate) fn anatomy(&self, target: &Target, origin: Origin) -> Result<Anatomy, MeasureError> {
        check_size("the limb", "length_mm", self.length_mm)?;
        let layers = self.layers.iter().map(|l| Layer { tissue: l.tissue, bottom_mm: l.bottom_mm }).collect();
        let stack = LayerStack::new(layers)?;
        let mut remarks = self.check_nerve_layer(&stack)?;
        let mut structures = Vec::new();
        for (section, kind) in &self.beside {
            remarks.extend(self.check_overlap(section)?);
            let shape = Marked::Marked(Shape::Course(section.course(self.length_mm)?));
            structures.push(Structure { name: section.name.clone(), kind: *kind, shape });
        }
        remarks.push(format!(
            "the limb is modelled as flat layers over {:.0} mm of its length, with everything in it straight; its curve \
             and that of the nerve are not known",
            self.length_mm
        ));
        Ok(Anatomy {
            side: target.side,
            origin,
            tissues: TissueMap::Layers(stack),
            nerve: TargetNerve {
                id: target.nerve_id.clone(),
                course: self.nerve.course(self.length_mm)?,
                distance_to_target_mm: target.distance_to_target_mm.clone(),
            },
            structures,
            remarks,
        })
    }

    /// The layer the nerve lies in, and remarks on how it lies there.
    fn check_nerve_layer(&self, stack: &LayerStack) -> Result<Vec<String>, MeasureError> {
        let (depth_mm, radius_mm) = (self.nerve.depth_mm, self.nerve.radius_mm);
        // `LayerStack::new` refused an empty one.
        let (first, last) = (stack.layers()[0], stack.layers()[stack.layers().len() - 1]);
        if first.tissue != TissueKind::Skin {
            return Err(MeasureError::SkinNotFirst { found: first.tissue });
        }
        let Some(layer) = stack.layers().iter().find(|layer| depth_mm < layer.bottom_mm) else {
            return Err(MeasureError::DeeperThanLayers { depth_mm, bottom_mm: last.bottom_mm });
        };
        if is_bone(layer.tissue) {
            return Err(MeasureError::NerveInBone { depth_mm, tissue: layer.tissue, bottom_mm: layer.bottom_mm });
        }
        let touched = [stack.at_depth_mm(depth_mm - radius_mm), stack.at_depth_mm(depth_mm + radius_mm)];
        let doubtful = touched.into_iter().filter(|&t| is_bone(t) || t == TissueKind::Skin);
        Ok(doubtful
            .map(|tissue| {
                let word = tissue_word(tissue);
                format!(
                    "the nerve, {depth_mm} mm deep with a radius of {radius_mm:.2} mm, reaches into the {word} layer"
                )
            })
            .collect())
    }

    fn check_overlap(&self, section: &Section) -> Result<Option<String>, MeasureError> {
        let distance_mm = self.nerve.distance_mm(section);
        let (nerve_radius_mm, radius_mm) = (self.nerve.radius_mm, section.radius_mm);
        if distance_mm < nerve_radius_mm.max(radius_mm) {
            let name = section.name.clone();
            return Err(MeasureError::SamePlace { name, distance_mm, nerve_radius_mm, radius_mm });
        }
        let gap_mm = distance_mm - nerve_radius_mm - radius_mm;
        Ok((gap_mm < 0.0).then(|| {
            format!(
                "the nerve and {} overlap by {:.2} mm as measured; they are drawn as measured",
                section.name, -gap_mm
            )
        }))
    }
}

fn is_bone(tissue: TissueKind) -> bool {
    matches!(tissue, TissueKind::CorticalBone | TissueKind::CancellousBone | TissueKind::Marrow)
}

fn check_place(name: &str, what: &'static str, found_mm: f64) -> Result<(), MeasureError> {
    if found_mm.is_finite() {
        return Ok(());
    }
    Err(MeasureError::BadNumber { name: name.to_owned(), what, found_mm, expected: "a finite number" })
}

fn check_size(name: &str, what: &'static str, found_mm: f64) -> Result<(), MeasureError> {
    if found_mm.is_finite() && found_mm > 0.0 {
        return Ok(());
    }
    Err(MeasureError::BadNumber { name: name.to_owned(), what, found_mm, expected: "a finite number above 0" })
}

pub(crate) fn read_tissue<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<TissueKind, D::Error> {
    let word = String::deserialize(deserializer)?;
    tissue_called(&word).ok_or_else(|| {
        let words = TISSUES.map(tissue_word).join(", ");
        D::Error::custom(format!("found tissue \"{word}\", expected one of {words}"))
    })
}

pub(crate) fn read_structure<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<StructureKind, D::Error> {
    let word = String::deserialize(deserializer)?;
    structure_called(&word).ok_or_else(|| {
        let words = StructureKind::ALL.map(structure_word).join(", ");
        D::Error::custom(format!("found structure \"{word}\", expected one of {words}"))
    })
}
