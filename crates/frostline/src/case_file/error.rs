//! Every way in which a case file can be unusable, with what to do about it.

use std::path::PathBuf;

use frostline_plan::PlanError;
use frostline_space::CourseError;

use crate::images::ImageFileError;

/// Why a case cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The file cannot be opened.
    #[error("{path}: {source}; check the path of the case file", path = .path.display())]
    Open {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A calibration cannot be opened.
    #[error("{path}: {source}; check the path of the calibration, 'frostline calibrate' writes one", path = .path.display())]
    OpenCalibration {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A calibration that cannot be used here.
    #[error("{path}: {source}", path = .path.display())]
    Calibration {
        /// The path.
        path: PathBuf,
        /// What is wrong.
        source: Box<frostline_plan::calibrate::CalibrationError>,
    },
    /// A limit or goal of the site that cannot be used.
    #[error(transparent)]
    SiteLimit(#[from] frostline_plan::catalogue::SiteLimitError),
    /// The text is not a case.
    #[error("{path}: {source}see docs/case.md for every key", path = .path.display())]
    Text {
        /// The path.
        path: PathBuf,
        /// What the parser says, with line and column.
        source: Box<toml::de::Error>,
    },
    /// Not exactly one way to the anatomy.
    #[error("{path}: found {found}, expected exactly one of [image], [labels], [calipers] and [frame]", path = .path.display())]
    OneAnatomy {
        /// The path.
        path: PathBuf,
        /// The tables found.
        found: String,
    },
    /// A table that this way to the anatomy needs.
    #[error("the case has no {missing}; {hint}")]
    Missing {
        /// The key.
        missing: &'static str,
        /// What to write.
        hint: &'static str,
    },
    /// A kind of structure that is not known.
    #[error(
        "structure '{name}' has kind '{found}'; known kinds are skin, artery, vein, motor-nerve, mixed-nerve, sensory-nerve, bone and tendon"
    )]
    UnknownKind {
        /// The structure.
        name: String,
        /// The kind given.
        found: String,
    },
    /// A structure with a place and the word that it was not marked, or with neither.
    #[error("structure '{name}' has {found}; give either points_mm with radius_mm, or contours, or not_marked = true")]
    StructurePlace {
        /// The structure.
        name: String,
        /// What was found.
        found: &'static str,
    },
    /// A nerve that the atlas does not have.
    #[error("nerve '{found}' is not in data/nerves.toml; it has {known}")]
    UnknownNerve {
        /// The id given.
        found: String,
        /// The ids there are.
        known: String,
    },
    /// A protocol that does not exist, or none.
    #[error(
        "protocol '{found}' is not in data/protocols.toml; it has {known}; or give phases = [ {{ freeze_s = 120 }}, {{ thaw_s = 60 }} ]"
    )]
    UnknownProtocol {
        /// The id given.
        found: String,
        /// The ids there are.
        known: String,
    },
    /// A phase with a time that is not one.
    #[error(
        "phase {number} of the protocol has {found}; give exactly one of freeze_s, thaw_s and active_thaw_s, 1 to 3600 s"
    )]
    BadPhase {
        /// Number of the phase, from 1.
        number: usize,
        /// What was found.
        found: String,
    },
    /// A number of the case that makes no sense.
    #[error("{key} is {found}; expected {expected}")]
    BadNumber {
        /// The key.
        key: &'static str,
        /// The number found.
        found: f64,
        /// The range.
        expected: &'static str,
    },
    /// Both a tolerance and a grid.
    #[error(
        "the case has surface_mm in [accuracy] and fine_mm in [solver]; remove fine_mm to have the cells chosen and the \
         error estimated, or surface_mm to fix the cells"
    )]
    TwoAccuracies,
    /// Both a known protocol and phases.
    #[error(
        "the protocol has id = \"{id}\" and phases as well; keep one of them, so that the report names what is done"
    )]
    TwoProtocols {
        /// The id given.
        id: String,
    },
    /// Radii that do not belong to the points.
    #[error(
        "{name} has {points} points and {radii} radii; give radii_mm with one number per point, or radius_mm alone"
    )]
    Radii {
        /// The structure.
        name: String,
        /// Its points.
        points: usize,
        /// Its radii.
        radii: usize,
    },
    /// A nerve that is given twice.
    #[error(
        "[nerve] has points_mm, but with calipers or a frame the nerve is where they say; remove points_mm and radii"
    )]
    NerveTwice,
    /// A mask that does not fit its picture.
    #[error("{mask} has {mask_px} pixels, the picture {picture_px}; both must have the same size", mask = .mask.display())]
    MaskSize {
        /// The mask.
        mask: PathBuf,
        /// Its size.
        mask_px: String,
        /// The size of the picture.
        picture_px: String,
    },
    /// Points that are no course.
    #[error("{name}: {source}")]
    Course {
        /// The structure.
        name: String,
        /// What is wrong.
        source: CourseError,
    },
    /// An image file.
    #[error(transparent)]
    Image(#[from] ImageFileError),
    /// An anatomy that cannot be made.
    #[error("{path}: {source}", path = .path.display())]
    Anatomy {
        /// The file it was made from.
        path: PathBuf,
        /// What is wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A region that the contours do not have.
    #[error("{path} has no region '{wanted}'; it has {found}", path = .path.display())]
    NoRegion {
        /// The file.
        path: PathBuf,
        /// The region asked for.
        wanted: String,
        /// The regions there are.
        found: String,
    },
    /// A doubt that cannot be so.
    #[error("[uncertainty]: {0}")]
    Uncertainty(#[from] frostline_plan::catalogue::CatalogueError),
    /// A plan that does not fit.
    #[error(transparent)]
    Plan(#[from] PlanError),
}
