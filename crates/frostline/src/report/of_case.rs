//! From a case with its evaluation to the report.

use frostline_formats::{ImageVolume, Modality};
use frostline_plan::Evaluation;
use frostline_record::report::{Background, Report, ReportInputs, report};
use frostline_space::{Grid, PatientPoint, PatientVector, Volume, VoxelIndex, VoxelToPatient};

use crate::case_file::{Case, FramePicture};

/// The report of a case.
pub fn of_case(case: &Case, evaluation: &Evaluation) -> Report {
    let frame = case.frame.as_ref().and_then(in_transducer_frame);
    let background = match (&case.image, &frame) {
        (Some(image), _) => Background::Image(image),
        (None, Some(frame)) => Background::Frame(frame),
        (None, None) => Background::Nothing,
    };
    let mut remarks = case.story.clone();
    if let Some(image) = case.image.as_ref().filter(|image| !image.identifying.is_empty()) {
        remarks.push(format!(
            "the image carried {} attributes that may identify a person ({}); none of their values is in this report",
            image.identifying.len(),
            image.identifying.join(", ")
        ));
    }
    report(&ReportInputs {
        case_name: &case.title,
        program: concat!("frostline ", env!("CARGO_PKG_VERSION")),
        anatomy: &case.anatomy,
        plan: &case.plan,
        catalogues: &case.catalogues,
        evaluation,
        background,
        remarks: &remarks,
    })
}

/// The picture as one slice: x from its left rim, y into the depth under the skin row; `None` for a picture without pixels.
fn in_transducer_frame(picture: &FramePicture) -> Option<ImageVolume> {
    let frame = &picture.frame;
    let (across_mm, down_mm) = (frame.pixel.across_mm(), frame.pixel.down_mm());
    let place = VoxelToPatient::new(
        PatientVector::new(across_mm, 0.0, 0.0),
        PatientVector::new(0.0, down_mm, 0.0),
        PatientVector::new(0.0, 0.0, 1.0),
        PatientPoint::new(0.5 * across_mm, (0.5 - picture.skin_row_px) * down_mm, 0.0),
    );
    let grid = Grid::new(VoxelIndex::new(frame.width_px, frame.height_px, 1), place).ok()?;
    let volume = Volume::new(grid, frame.grey.clone()).ok()?;
    let identifying = frame.identifying.clone();
    Some(ImageVolume { volume, modality: Modality::Ultrasound, window: None, identifying, remarks: Vec::new() })
}
