//! `frostline approve`: a named clinician approves an assessed plan, or an approval is held against the case as it is now.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use frostline_plan::catalogue::Catalogues;
use frostline_plan::{Approval, Clinician, Fingerprint, Made, Revoked, Signatures, Timestamp};

use super::Outcome;
use super::plan::{evaluated_as, settings_of};
use crate::case_file::{Case, read_case};

/// Which case, who approves, and where the approval is written or read.
#[derive(clap::Args)]
pub struct ApproveArguments {
    /// The case file; docs/case.md describes it
    case: PathBuf,
    /// Name of the clinician who approves
    #[arg(long, required_unless_present = "check", requires = "role")]
    by: Option<String>,
    /// Role of the clinician who approves
    #[arg(long)]
    role: Option<String>,
    /// Name of a second clinician, for nerves that need two
    #[arg(long, requires = "second_role")]
    second: Option<String>,
    /// Role of the second clinician
    #[arg(long)]
    second_role: Option<String>,
    /// Why, in words; needed where something is at level stop, and for nerves that need two signatures
    #[arg(long)]
    reason: Option<String>,
    /// File for the approval
    #[arg(long, default_value = "approval.json")]
    out: PathBuf,
    /// Hold this approval against the case instead of making one
    #[arg(long, value_name = "APPROVAL", conflicts_with_all = ["by", "out"])]
    check: Option<PathBuf>,
    /// A file written by 'frostline calibrate' (once per probe model)
    #[arg(long, value_name = "FILE")]
    calibration: Vec<PathBuf>,
}

/// Exit code when an approval no longer stands.
const REVOKED: u8 = 1;

/// Why an approval cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalFileError {
    /// It cannot be opened or written.
    #[error("{path}: {source}; choose another file", path = .path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is not an approval that holds together.
    #[error("{path}: {source}; expected a file that 'frostline approve' wrote", path = .path.display())]
    Text {
        /// The path.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
}

/// Approves or checks.
pub fn run(arguments: &ApproveArguments) -> Outcome {
    let case = read_case(&arguments.case, &Catalogues::bundled()?, &arguments.calibration)?;
    match &arguments.check {
        Some(path) => check(&case, path),
        None => approve(&case, arguments),
    }
}

fn approve(case: &Case, arguments: &ApproveArguments) -> Outcome {
    // Signatures before the long work, so that a missing name is found at once.
    let signatures = signatures(arguments)?;
    let mut seen = evaluated_as(case, None, None)?.assessment;
    if let Some(image) = image_print(case) {
        seen = seen.made_from_image(image);
    }
    let approved = case.plan.clone().approve(&seen, signatures, now())?;
    let text = serde_json::to_string_pretty(approved.approval())?;
    let path = arguments.out.clone();
    fs::write(&path, text).map_err(|source| ApprovalFileError::File { path, source })?;
    println!("approved  {}", case.title);
    println!("{}", signed(approved.approval()));
    println!("written   {}", arguments.out.display());
    println!("The digest in the file shows edits; it is not a signature.");
    Ok(ExitCode::SUCCESS)
}

fn signatures(arguments: &ApproveArguments) -> Result<Signatures, Box<dyn std::error::Error>> {
    let named = |name: &Option<String>, role: &Option<String>| {
        Clinician::new(name.as_deref().unwrap_or_default(), role.as_deref().unwrap_or_default())
    };
    let mut signatures = Signatures::from(named(&arguments.by, &arguments.role)?);
    if arguments.second.is_some() {
        signatures = signatures.seconded_by(named(&arguments.second, &arguments.second_role)?)?;
    }
    if let Some(reason) = &arguments.reason {
        signatures = signatures.because(reason)?;
    }
    Ok(signatures)
}

fn check(case: &Case, path: &Path) -> Outcome {
    let text = fs::read_to_string(path).map_err(|source| ApprovalFileError::File { path: path.into(), source })?;
    let approval: Approval =
        serde_json::from_str(&text).map_err(|source| ApprovalFileError::Text { path: path.into(), source })?;
    println!("{}", signed(&approval));
    let made = Made { image: image_print(case), settings: settings_of(case, None, None) };
    match approval.still_stands(&case.anatomy, &case.plan, &case.catalogues, &made) {
        Ok(()) => {
            println!("stands    nothing that was approved has changed");
            Ok(ExitCode::SUCCESS)
        }
        Err(revoked) => {
            println!("{}", revoked_words(&revoked));
            Ok(ExitCode::from(REVOKED))
        }
    }
}

fn revoked_words(revoked: &[Revoked]) -> String {
    let lines: Vec<_> = revoked.iter().map(|r| format!("  {r}")).collect();
    format!("REVOKED   this is a new plan, which nobody approved; what changed:\n{}", lines.join("\n"))
}

fn signed(approval: &Approval) -> String {
    let by = approval.by();
    let second = approval.second().map_or(String::new(), |c| format!(" and {} ({})", c.name(), c.role()));
    let reason = approval.reason().map_or(String::new(), |r| format!(", because: {r}"));
    format!("by        {} ({}){second} at {}{reason}", by.name(), by.role(), approval.at())
}

/// Everything in the picture that the anatomy was made from or drawn on.
fn image_print(case: &Case) -> Option<Fingerprint> {
    let values = |values: &[f32]| -> Vec<u8> { values.iter().flat_map(|v| v.to_le_bytes()).collect() };
    if let Some(image) = &case.image {
        let mut writer = frostline_plan::FingerprintWriter::default();
        writer.debug(image.volume.grid()).bytes(&values(image.volume.values()));
        return Some(writer.finish());
    }
    let picture = case.frame.as_ref()?;
    let mut writer = frostline_plan::FingerprintWriter::default();
    let frame = &picture.frame;
    writer.debug(&(frame.width_px, frame.height_px, frame.pixel, picture.skin_row_px)).bytes(&values(&frame.grey));
    Some(writer.finish())
}

fn now() -> Timestamp {
    // A clock before 1970 is a clock that was never set; its time is written as it is.
    let unix_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Timestamp::from_unix_s(i64::try_from(unix_s).unwrap_or(i64::MAX))
}
