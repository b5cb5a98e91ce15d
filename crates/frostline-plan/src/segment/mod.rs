//! Tissue in a CT from its Hounsfield units.
//!
//! Knows: which cells are limb and which are table, the other leg or air; skin by its distance from the surface; fat and
//! muscle by their Hounsfield units; bone by its Hounsfield units and by what its cortex encloses.
//! Does not know: tendon, nerve, vessel wall, fluid or tumour from muscle; they have the same Hounsfield units, and the
//! remarks say so. Nor where one leg ends and the other begins when they are pressed together over more than twice the
//! neck of the settings: they then come as one limb.

mod bone;
mod cells;
mod limb;
mod mark;
mod settings;
mod soft;
mod surface;

use frostline_formats::{ImageVolume, Modality};
use frostline_space::{Axis, PatientDirection, PatientPoint, Volume, anatomical_letter};

use crate::anatomy::TissueKind;
use cells::{Face, Lattice};

pub(crate) use mark::mark_on;
pub use mark::{MarkError, Outlines, mark};
pub use settings::{HounsfieldBands, MissingBand, SegmentSettings};
pub use surface::{DepthMap, depth_under_skin_mm, skin_above, surface_point};

/// A side of the image through which the limb goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CutBorder {
    /// The axis that side is perpendicular to.
    pub axis: Axis,
    /// Where that side lies, seen from the middle of the image.
    pub toward: PatientDirection,
    /// How many slices the limb touches it on.
    pub slices: usize,
}

/// The tissues of one limb in a CT.
#[derive(Clone, Debug, PartialEq)]
pub struct CtTissue {
    /// The tissue of every cell; everything that is not this limb is outside.
    pub tissues: Volume<TissueKind>,
    /// The cells of the limb.
    pub limb: Volume<bool>,
    /// Sides of the image through which the limb goes on: there it ends at the picture's edge, not at skin.
    pub cut_borders: Vec<CutBorder>,
    /// What was noticed: table and other leg removed, limb cut, what cannot be told apart.
    pub remarks: Vec<String>,
}

/// Why no limb was found in an image.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SegmentError {
    /// Not a CT.
    #[error("the image is {found}, and tissue is found by Hounsfield units; give a CT, or a label map of this image")]
    NotCt {
        /// What it is instead.
        found: &'static str,
    },
    /// Nothing is dense enough for a body.
    #[error(
        "no cell of the image reaches {air_below_hu} HU over a thickness of {thickness_mm} mm (highest value {highest_hu}); \
         check that the image shows a limb and that its values are Hounsfield units"
    )]
    NoLimb {
        /// The limit of air.
        air_below_hu: f64,
        /// The least thickness looked for.
        thickness_mm: f64,
        /// The highest value of the image.
        highest_hu: f64,
    },
    /// No air anywhere, so no skin.
    #[error(
        "no cell of the image is below {air_below_hu} HU (lowest value {lowest_hu}), so there is no air and no skin surface; \
         check that its values are Hounsfield units"
    )]
    NoAir {
        /// The limit of air.
        air_below_hu: f64,
        /// The lowest value of the image.
        lowest_hu: f64,
    },
    /// The place that says which limb is meant lies outside the image.
    #[error("the place {place:?} (LPS mm) that says which limb is meant lies outside the image; check its coordinates")]
    SeedOutsideImage {
        /// The place.
        place: PatientPoint,
    },
    /// The place that says which limb is meant lies in air or on the table.
    #[error(
        "the place {place:?} (LPS mm) that says which limb is meant lies in no limb ({value_hu} HU); \
         check its coordinates"
    )]
    SeedOutsideLimb {
        /// The place.
        place: PatientPoint,
        /// The value found there.
        value_hu: f64,
    },
}

/// The tissues of one limb: air, table and the other leg are outside, the rest is told apart by Hounsfield units and place.
///
/// # Errors
/// [`SegmentError`] when the image is no CT, has no limb or no air, or the seed lies in no limb.
pub fn tissue_from_ct(image: &ImageVolume, settings: &SegmentSettings) -> Result<CtTissue, SegmentError> {
    let mut remarks = Vec::new();
    match image.modality {
        Modality::Ct => {}
        Modality::NotStated => remarks.push(
            "the file does not say what kind of image it is; its values were taken as Hounsfield units".to_owned(),
        ),
        Modality::Mr => return Err(SegmentError::NotCt { found: "an MR" }),
        Modality::Ultrasound => return Err(SegmentError::NotCt { found: "an ultrasound image" }),
    }
    let found = limb::find_limb(&image.volume, settings)?;
    remarks.extend(found.remarks.iter().cloned());
    let inside_bone = bone::find_bone(&image.volume, &found.limb, settings);
    let tissues = soft::tissues(&image.volume, &found, &inside_bone, settings);
    let limb = like(&image.volume, found.limb);
    let cut_borders = cut_borders(&limb);
    remarks.extend(cut_borders.iter().filter(|cut| cut.axis != Axis::Slice).map(cut_remark));
    remarks.extend(metal_remark(&image.volume, limb.values(), settings.bands.metal_above));
    remarks.push(
        "tendon, ligament, cartilage, nerve, vessel, fluid and tumour have the Hounsfield units of muscle and are called \
         muscle where nobody marked them"
            .to_owned(),
    );
    Ok(CtTissue { tissues: like(&image.volume, tissues), limb, cut_borders, remarks })
}

impl CtTissue {
    /// The volume of a tissue in the limb. Unit: cm3.
    pub fn volume_cm3(&self, tissue: TissueKind) -> f64 {
        let cells = self.tissues.values().iter().filter(|&&found| found == tissue).count();
        cells as f64 * self.tissues.grid().cell_volume_mm3() / 1000.0
    }
}

/// Values made cell by cell from an image, on its grid.
fn like<T: Clone>(image: &Volume<f32>, values: Vec<T>) -> Volume<T> {
    // Every caller maps the cells of this very image one to one.
    Volume::new(*image.grid(), values).expect("one value per cell of the image")
}

fn cut_borders(limb: &Volume<bool>) -> Vec<CutBorder> {
    let lattice = Lattice::of(limb.grid());
    let mut cuts = Vec::new();
    for face in Face::ALL {
        let mut slices: Vec<usize> =
            lattice.face(face).into_iter().filter(|&cell| limb.values()[cell]).map(|c| lattice.slice_of(c)).collect();
        slices.dedup();
        if !slices.is_empty() {
            let along = limb.grid().direction(face.axis);
            let toward = if face.last { along } else { -along };
            cuts.push(CutBorder { axis: face.axis, toward, slices: slices.len() });
        }
    }
    cuts
}

fn cut_remark(cut: &CutBorder) -> String {
    let side = match anatomical_letter(cut.toward) {
        'L' => "left",
        'R' => "right",
        'A' => "front",
        'P' => "back",
        'S' => "upper",
        _ => "lower",
    };
    format!(
        "the limb is cut by the {side} border of the image on {} slices; what lies beyond is not known, and there is no \
         skin there",
        cut.slices
    )
}

fn metal_remark(image: &Volume<f32>, limb: &[bool], metal_above: f64) -> Option<String> {
    let cells =
        image.values().iter().zip(limb).filter(|&(&hu, &inside)| inside && f64::from(hu) >= metal_above).count();
    (cells > 0).then(|| {
        format!(
            "{:.1} cm3 of the limb is above {metal_above} HU, which is metal; the tissues near it may be wrong",
            cells as f64 * image.grid().cell_volume_mm3() / 1000.0
        )
    })
}
