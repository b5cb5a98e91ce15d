//! Poses and times of a tracked sequence: `Seq_Frame0007_ProbeToTrackerTransform = ...`.

use std::collections::BTreeMap;

use frostline_space::{Point, Transform, Vector};

use super::MetaImageError;
use super::header::{Header, wrong};

/// More tools than any tracker follows at once; keeps the search for a tool's name short.
const MOST_TOOLS: usize = 64;

/// The frame of a tracked tool; which one, the pose's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {}

/// The frame of the tracker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracker {}

/// Where a tool is, seen by the tracker. Unit: mm.
pub type ToolToTracker = Transform<Tool, Tracker>;

/// A recorded sequence: one entry per frame, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct MetaSequence {
    /// Pixels across each picture; 0 in a recording without pictures.
    pub width_px: usize,
    /// Pixels down each picture; 0 in a recording without pictures.
    pub height_px: usize,
    /// Which way the picture's axes point on the probe, in the letters of the file ("MF": marked side, far), if stated.
    pub picture_orientation: Option<String>,
    /// The frames.
    pub frames: Vec<TrackedFrame>,
    /// Doubts about the file that did not stop the reading.
    pub remarks: Vec<String>,
}

/// What was recorded at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrackedFrame {
    /// Time of the frame on the recorder's clock; `None` when the file does not say. Unit: s.
    pub timestamp_s: Option<f64>,
    /// Status of the picture, if stated.
    pub picture: Option<PoseStatus>,
    /// One pose per tool, by name.
    pub poses: Vec<ToolPose>,
}

/// One tool at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolPose {
    /// The file's name of the transform, such as "ProbeToTracker".
    pub name: String,
    /// Whether the tracker saw the tool.
    pub status: PoseStatus,
    /// The matrix in the file. When the tool was not seen it may be the last or an arbitrary one; see
    /// [`ToolPose::tracked`].
    pub stored: Option<ToolToTracker>,
}

/// What the recorder says of a pose or a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoseStatus {
    /// Valid.
    Ok,
    /// Not valid, in the file's word ("INVALID").
    NotOk(String),
    /// The file does not say.
    NotStated,
}

impl ToolPose {
    /// The pose, if the tracker saw the tool; `None` for every status but OK.
    pub fn tracked(&self) -> Option<&ToolToTracker> {
        if self.status == PoseStatus::Ok { self.stored.as_ref() } else { None }
    }
}

impl TrackedFrame {
    /// The pose of a tool by the file's name of its transform.
    pub fn pose(&self, name: &str) -> Option<&ToolPose> {
        self.poses.iter().find(|pose| pose.name == name)
    }
}

impl MetaSequence {
    /// The longest time between frames that follow each other; `None` with fewer than two times. Unit: s.
    pub fn longest_gap_s(&self) -> Option<f64> {
        let times: Vec<f64> = self.frames.iter().filter_map(|frame| frame.timestamp_s).collect();
        times.windows(2).map(|pair| pair[1] - pair[0]).reduce(f64::max)
    }
}

pub(super) fn from_header(header: &Header) -> Result<MetaSequence, MetaImageError> {
    let sizes = header.dim_size()?;
    let frames = frames(header.fields())?;
    let mut remarks = Vec::new();
    let stated = if sizes.len() == 3 { sizes[2] } else { 1 };
    if stated != frames.len() {
        remarks.push(format!("DimSize states {stated} frames, but {} have times or poses", frames.len()));
    }
    let size = |axis: usize| sizes.get(axis).copied().unwrap_or(0);
    let picture_orientation = header.field("UltrasoundImageOrientation").map(str::to_owned);
    Ok(MetaSequence { width_px: size(0), height_px: size(1), picture_orientation, frames, remarks })
}

fn frames<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Vec<TrackedFrame>, MetaImageError> {
    let mut by_number: BTreeMap<usize, TrackedFrame> = BTreeMap::new();
    for (name, value) in fields {
        let Some((number, what)) = name.strip_prefix("Seq_Frame").and_then(|rest| rest.split_once('_')) else {
            continue;
        };
        let number = number.parse().map_err(|_| wrong(name, value, "a whole frame number after Seq_Frame"))?;
        take(by_number.entry(number).or_default(), name, what, value)?;
    }
    if let Some((place, (number, _))) = by_number.iter().enumerate().find(|(place, (number, _))| place != *number) {
        return Err(wrong(&format!("Seq_Frame{number}"), &format!("frame {place} is missing"), "frames without gaps"));
    }
    Ok(by_number.into_values().collect())
}

/// One field of one frame.
fn take(frame: &mut TrackedFrame, field: &str, what: &str, value: &str) -> Result<(), MetaImageError> {
    let status = |value: &str| match value {
        "OK" => PoseStatus::Ok,
        other => PoseStatus::NotOk(other.chars().take(40).collect()),
    };
    if what == "Timestamp" {
        let time = value.parse().ok().filter(|time: &f64| time.is_finite());
        frame.timestamp_s = Some(time.ok_or_else(|| wrong(field, value, "seconds"))?);
    } else if matches!(what, "ImageStatus" | "Status") {
        frame.picture = Some(status(value));
    } else if let Some(name) = what.strip_suffix("TransformStatus") {
        pose_mut(frame, field, name)?.status = status(value);
    } else if let Some(name) = what.strip_suffix("Transform") {
        let matrix = matrix(value).ok_or_else(|| wrong(field, value, "16 numbers, the last four 0 0 0 1"))?;
        pose_mut(frame, field, name)?.stored = Some(matrix);
    }
    Ok(())
}

fn pose_mut<'a>(frame: &'a mut TrackedFrame, field: &str, name: &str) -> Result<&'a mut ToolPose, MetaImageError> {
    let place = frame.poses.iter().position(|pose| pose.name == name).unwrap_or(frame.poses.len());
    if place == MOST_TOOLS {
        return Err(wrong(field, name, "at most 64 tools in one frame"));
    }
    if place == frame.poses.len() {
        frame.poses.push(ToolPose { name: name.into(), status: PoseStatus::NotStated, stored: None });
    }
    Ok(&mut frame.poses[place])
}

/// A 4 x 4 matrix, row by row.
fn matrix(text: &str) -> Option<ToolToTracker> {
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let ([row_x, row_y, row_z, last], []) = numbers.as_chunks::<4>() else { return None };
    if *last != [0.0, 0.0, 0.0, 1.0] || numbers.iter().any(|number| !number.is_finite()) {
        return None;
    }
    let column = |n: usize| Vector::new(row_x[n], row_y[n], row_z[n]);
    Some(ToolToTracker::new(column(0), column(1), column(2), Point::new(row_x[3], row_y[3], row_z[3])))
}
