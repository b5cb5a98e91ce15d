//! What lies where in this patient: tissues, the nerve, and everything that must not freeze.
//!
//! Frame: patient, LPS mm. When there is no CT or MR (calipers or an ultrasound frame), the frame is that of the
//! transducer instead: x along the transducer, y into the depth with the skin at y = 0, z along the limb.

use serde::{Deserialize, Serialize};

use frostline_space::{Course, PatientPoint, Volume};

use crate::fluid::Displaced;

/// A structure that somebody outlined, or the plain statement that nobody did.
#[derive(Clone, Debug, PartialEq)]
pub enum Marked<T> {
    /// It was outlined.
    Marked(T),
    /// Nobody outlined it, so nothing can be said about it.
    NotMarked,
}

/// Left or right leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The patient's left.
    Left,
    /// The patient's right.
    Right,
}

/// What a piece of the limb is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TissueKind {
    /// Outside the body: room air, table, the other leg.
    Outside,
    /// Epidermis and dermis.
    Skin,
    /// Subcutaneous and intermuscular fat.
    Fat,
    /// Skeletal muscle.
    Muscle,
    /// Fascia and other dense connective tissue.
    Fascia,
    /// Tendon or ligament.
    Tendon,
    /// Nerve.
    Nerve,
    /// Cortical bone.
    CorticalBone,
    /// Cancellous bone.
    CancellousBone,
    /// Yellow marrow.
    Marrow,
    /// Cartilage or meniscus.
    Cartilage,
    /// Flowing blood in a marked vessel.
    Blood,
    /// Fluid injected to push tissue apart.
    InjectedFluid,
}

/// The tissue at every place. There is one per case, so the difference in size of its variants costs nothing.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant)]
pub enum TissueMap {
    /// One tissue per voxel of an image.
    Voxels(Volume<TissueKind>),
    /// Flat layers under a flat skin at y = 0, endless along x and z.
    Layers(LayerStack),
    /// One of these after fluid pushed it apart.
    Displaced(Displaced),
}

/// One flat layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    /// What it is made of.
    pub tissue: TissueKind,
    /// Depth of its lower face under the skin surface. Unit: mm.
    pub bottom_mm: f64,
}

/// Flat layers from the skin down; the last one goes on without end.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerStack {
    layers: Vec<Layer>,
}

/// Why layers do not make a stack.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LayerError {
    /// No layer at all.
    #[error("no layer was given; measure at least the skin and what lies under it")]
    NoLayer,
    /// A layer that ends above the one before it.
    #[error(
        "layer {number} ends at {bottom_mm} mm but begins at {top_mm} mm under the skin; depths are those of the lower faces and must grow"
    )]
    OutOfOrder {
        /// Number of the layer from the skin, from 1.
        number: usize,
        /// Where it begins.
        top_mm: f64,
        /// Where it is said to end.
        bottom_mm: f64,
    },
}

impl LayerStack {
    /// Layers in order from the skin.
    ///
    /// # Errors
    /// [`LayerError`] when there is none, or depths do not grow.
    pub fn new(layers: Vec<Layer>) -> Result<Self, LayerError> {
        if layers.is_empty() {
            return Err(LayerError::NoLayer);
        }
        let mut top_mm = 0.0;
        for (n, layer) in layers.iter().enumerate() {
            if layer.bottom_mm.is_nan() || layer.bottom_mm <= top_mm {
                return Err(LayerError::OutOfOrder { number: n + 1, top_mm, bottom_mm: layer.bottom_mm });
            }
            top_mm = layer.bottom_mm;
        }
        Ok(Self { layers })
    }

    /// The layers from the skin down.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The tissue at a depth under the skin; outside above it. Unit: mm.
    pub fn at_depth_mm(&self, depth_mm: f64) -> TissueKind {
        if depth_mm < 0.0 {
            return TissueKind::Outside;
        }
        let found = self.layers.iter().find(|layer| depth_mm < layer.bottom_mm);
        found.or(self.layers.last()).map_or(TissueKind::Outside, |layer| layer.tissue)
    }
}

impl TissueMap {
    /// The tissue at a place; `None` outside the field of view, where nothing is known.
    pub fn at(&self, place: PatientPoint) -> Option<TissueKind> {
        match self {
            TissueMap::Voxels(volume) => volume.nearest(place).copied(),
            TissueMap::Layers(stack) => Some(stack.at_depth_mm(place.y)),
            TissueMap::Displaced(pushed) => pushed.at(place),
        }
    }
}

/// What kind of structure something is, for its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StructureKind {
    /// The skin above the target.
    Skin,
    /// An artery.
    Artery,
    /// A vein.
    Vein,
    /// A motor nerve.
    MotorNerve,
    /// A nerve with motor and sensory fibres.
    MixedNerve,
    /// A sensory nerve that is not the target.
    SensoryNerve,
    /// Bone.
    Bone,
    /// Tendon or ligament.
    Tendon,
}

impl StructureKind {
    /// Every kind, in the order reports list them.
    pub const ALL: [StructureKind; 8] = [
        StructureKind::Skin,
        StructureKind::Artery,
        StructureKind::Vein,
        StructureKind::MotorNerve,
        StructureKind::MixedNerve,
        StructureKind::SensoryNerve,
        StructureKind::Bone,
        StructureKind::Tendon,
    ];
}

/// The place a structure takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A tube along a course.
    Course(Course),
    /// The marked cells of an image.
    Cells(Volume<bool>),
    /// Every cell of these tissues in the tissue map.
    Tissues(Vec<TissueKind>),
}

/// Something near the target that has limits of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Structure {
    /// What people call it.
    pub name: String,
    /// What kind it is.
    pub kind: StructureKind,
    /// Where it is.
    pub shape: Marked<Shape>,
}

/// The nerve to be disabled.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetNerve {
    /// Key of the atlas entry in `data/nerves.toml`.
    pub id: String,
    /// How it runs, with its radius.
    pub course: Course,
    /// Length along the nerve to the skin or muscle it serves, measured from the middle of the course. Unit: mm.
    pub distance_to_target_mm: Marked<f64>,
}

/// How the anatomy was obtained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Tissue found in a CT by its Hounsfield units.
    Ct,
    /// A label map drawn by somebody.
    LabelMap,
    /// Depths measured with calipers.
    Calipers,
    /// An ultrasound frame with masks.
    UltrasoundFrame,
}

/// Everything known of the limb before any plan; it has no goals.
#[derive(Clone, Debug, PartialEq)]
pub struct Anatomy {
    /// Which leg.
    pub side: Side,
    /// Where it came from.
    pub origin: Origin,
    /// The tissue at every place.
    pub tissues: TissueMap,
    /// The target.
    pub nerve: TargetNerve,
    /// Everything else that was marked, or named as not marked.
    pub structures: Vec<Structure>,
    /// What was noticed while it was made: cut by the image border, table removed, other leg excluded.
    pub remarks: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_depth_between_two_faces_is_the_lower_layer() {
        let stack = LayerStack::new(vec![
            Layer { tissue: TissueKind::Skin, bottom_mm: 1.5 },
            Layer { tissue: TissueKind::Fat, bottom_mm: 8.0 },
        ])
        .unwrap();
        assert_eq!(stack.at_depth_mm(-0.1), TissueKind::Outside);
        assert_eq!(stack.at_depth_mm(1.4), TissueKind::Skin);
        assert_eq!(stack.at_depth_mm(1.5), TissueKind::Fat);
        assert_eq!(stack.at_depth_mm(80.0), TissueKind::Fat);
    }

    #[test]
    fn a_layer_that_ends_above_its_top_is_refused_with_its_number() {
        let layers =
            vec![Layer { tissue: TissueKind::Skin, bottom_mm: 1.5 }, Layer { tissue: TissueKind::Fat, bottom_mm: 1.0 }];
        assert!(matches!(LayerStack::new(layers), Err(LayerError::OutOfOrder { number: 2, .. })));
    }
}
