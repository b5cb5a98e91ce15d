//! Files to series: what lies in a folder, and one series of it as a volume.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use frostline_space::{Volume, VolumeError};

use super::dataset::{DataSetError, Object};
use super::geometry::{SAME_PLACE_MM, StackError, stack};
use super::identity::identifying_in;
use super::pixels::{Frames, PixelError};
use super::plane::{NotASlice, Plane, Splits, planes_of};
use super::request::PixelRequest;
use super::{DicomFile, tags};
use crate::{ImageVolume, MOST_CELLS, Modality};

/// One image that can be chosen: a series, or one echo or time point of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What to choose it by: the series' UID, followed by `#` and a number when the series holds several images.
    pub id: String,
    /// The series' UID.
    pub uid: String,
    /// CT or MR.
    pub modality: Modality,
    /// The description the scanner's operator gave; empty when there is none.
    pub description: String,
    /// What sets this image apart from the others of its series, e.g. `echo time 12.5 ms`; empty when it is the only one.
    pub part: String,
    /// Slices.
    pub slices: usize,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
}

impl std::fmt::Display for Series {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let modality = if self.modality == Modality::Ct { "CT" } else { "MR" };
        write!(f, "{}: {modality}, {} slices of {} x {}", self.id, self.slices, self.columns, self.rows)?;
        for text in [&self.description, &self.part] {
            if !text.is_empty() {
                write!(f, ", {text}")?;
            }
        }
        Ok(())
    }
}

/// A file that is not a slice of a CT or MR image.
#[derive(Clone, Debug, PartialEq)]
pub struct Skipped {
    /// Its name.
    pub file: String,
    /// The series it says it belongs to; empty when it does not say.
    pub series_uid: String,
    /// Why.
    pub why: NotASlice,
}

/// What lies in a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesList {
    /// The images, in the order of their ids.
    pub series: Vec<Series>,
    /// The files that are none.
    pub skipped: Vec<Skipped>,
}

/// Which series to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeriesChoice {
    /// The only one there is.
    Only,
    /// The one with this [`Series::id`].
    Uid(String),
}

/// Why no volume can be had from files.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SeriesError {
    /// No slices at all.
    #[error("none of the {files} file(s) is a slice of a CT or MR image; {}", first_reasons(.skipped))]
    NoImages {
        /// Files given.
        files: usize,
        /// Why each is none.
        skipped: Vec<Skipped>,
    },
    /// Several series, and none was chosen.
    #[error("found {} images, expected one; choose by id: {}", .found.len(), listed(.found))]
    Several {
        /// The images found.
        found: Vec<Series>,
    },
    /// No series has the chosen id.
    #[error("no image has the id {wanted}; found: {}", listed(.found))]
    NoSuchSeries {
        /// What was asked for.
        wanted: String,
        /// The images found.
        found: Vec<Series>,
    },
    /// Files of two patients.
    #[error("{first} and {second} belong to different patients; put one patient's images into a folder")]
    TwoPatients {
        /// One file.
        first: String,
        /// The other.
        second: String,
    },
    /// A damaged file that may belong to the series.
    #[error("{file}: {why}")]
    BadFile {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: NotASlice,
    },
    /// CT values without the rule that makes Hounsfield units of them.
    #[error(
        "{slice}: RescaleSlope and RescaleIntercept are missing, so the values are not Hounsfield units; export the CT again"
    )]
    NoHounsfieldUnits {
        /// The slice.
        slice: String,
    },
    /// More cells than this program takes.
    #[error("the image has {cells} cells, at most {most} are read; crop it around the treated part")]
    TooLarge {
        /// Cells found.
        cells: usize,
        /// Cells allowed.
        most: usize,
    },
    /// The slices do not form a volume.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The pixels of a slice.
    #[error("{slice}: {why}")]
    Pixels {
        /// The slice.
        slice: String,
        /// What is wrong.
        why: PixelError,
    },
    /// The values do not fit the grid.
    #[error(transparent)]
    Volume(#[from] VolumeError),
}

fn listed(series: &[Series]) -> String {
    series.iter().map(Series::to_string).collect::<Vec<_>>().join("; ")
}

fn first_reasons(skipped: &[Skipped]) -> String {
    let reasons: Vec<String> = skipped.iter().take(3).map(|s| format!("{}: {}", s.file, s.why)).collect();
    reasons.join("; ")
}

/// Everything found in the files: slices grouped by the image they belong to.
struct Contents<'a> {
    objects: Vec<Option<Object<'a>>>,
    images: Vec<(Series, Vec<Plane>)>,
    skipped: Vec<Skipped>,
}

/// What lies in the files, without touching pixels. Names and instance numbers play no part.
pub fn list_series(files: &[DicomFile<'_>]) -> SeriesList {
    let contents = look_into(files);
    SeriesList { series: contents.images.into_iter().map(|(series, _)| series).collect(), skipped: contents.skipped }
}

/// One series as a volume on its own grid; values are rescaled (Hounsfield units for CT).
///
/// `decode` unpacks compressed frames; it is not called for uncompressed ones. Use [`super::decode_frame`] in a process
/// that may be lost, or a function that asks such a process.
///
/// # Errors
/// [`SeriesError`] when the series is not one even, straight, complete stack of grey slices of one patient.
pub fn read_series(
    files: &[DicomFile<'_>],
    choice: &SeriesChoice,
    decode: &dyn Fn(&PixelRequest) -> Result<Vec<u8>, PixelError>,
) -> Result<ImageVolume, SeriesError> {
    let contents = look_into(files);
    let (series, planes) = contents.choose(choice, files.len())?;
    let mut remarks = contents.remarks(series);
    one_patient(planes)?;
    let mut sorted: Vec<&Plane> = planes.iter().collect();
    let grid = stack(&mut sorted)?;
    if grid.count() > MOST_CELLS {
        return Err(SeriesError::TooLarge { cells: grid.count(), most: MOST_CELLS });
    }
    let mut values = Vec::new();
    let mut frames = BTreeMap::new();
    for plane in &sorted {
        values.extend(intensities(plane, &contents.objects, &mut frames, decode)?);
        for remark in &plane.remarks {
            if !remarks.contains(remark) {
                remarks.push(remark.clone());
            }
        }
    }
    Ok(ImageVolume {
        volume: Volume::new(grid, values)?,
        modality: series.modality,
        window: sorted[sorted.len() / 2].window,
        identifying: contents.identifying(&sorted),
        remarks,
    })
}

/// The values of one slice, rescaled.
fn intensities<'o, 'a>(
    plane: &Plane,
    objects: &'o [Option<Object<'a>>],
    frames: &mut BTreeMap<usize, Frames<'o, 'a>>,
    decode: &dyn Fn(&PixelRequest) -> Result<Vec<u8>, PixelError>,
) -> Result<Vec<f32>, SeriesError> {
    let bad = |why| SeriesError::Pixels { slice: plane.name.clone(), why };
    let of_file = match frames.entry(plane.file) {
        Entry::Occupied(found) => found.into_mut(),
        Entry::Vacant(place) => {
            let object = objects[plane.file].as_ref().ok_or_else(|| bad(PixelError::NoPixelData))?;
            place.insert(Frames::find(object, plane.layout).map_err(bad)?)
        }
    };
    let (slope, intercept) = match (plane.rescale, plane.modality) {
        (Some(rescale), _) => rescale,
        (None, Modality::Ct) => return Err(SeriesError::NoHounsfieldUnits { slice: plane.name.clone() }),
        (None, _) => (1.0, 0.0),
    };
    let stored = of_file.values(plane.frame, decode).map_err(bad)?;
    Ok(stored.into_iter().map(|value| (value as f64 * slope + intercept) as f32).collect())
}

fn one_patient(planes: &[Plane]) -> Result<(), SeriesError> {
    let first = &planes[0];
    match planes.iter().find(|plane| plane.patient != first.patient) {
        Some(other) => Err(SeriesError::TwoPatients { first: first.name.clone(), second: other.name.clone() }),
        None => Ok(()),
    }
}

impl Contents<'_> {
    fn choose(&self, choice: &SeriesChoice, files: usize) -> Result<&(Series, Vec<Plane>), SeriesError> {
        let found = || self.images.iter().map(|(series, _)| series.clone()).collect();
        let damaged = self.skipped.iter().find(|s| may_belong_to_any(&s.why));
        let chosen = match (choice, self.images.as_slice()) {
            (_, []) => Err(SeriesError::NoImages { files, skipped: self.skipped.clone() }),
            (SeriesChoice::Only, [one]) => Ok(one),
            (SeriesChoice::Only, _) => Err(SeriesError::Several { found: found() }),
            (SeriesChoice::Uid(wanted), images) => images
                .iter()
                .find(|(series, _)| series.id == *wanted)
                .ok_or_else(|| SeriesError::NoSuchSeries { wanted: wanted.clone(), found: found() }),
        }?;
        let of_series = |s: &&Skipped| s.series_uid == chosen.0.uid && s.why != NotASlice::Localizer;
        match damaged.or(self.skipped.iter().find(of_series)) {
            Some(bad) => Err(SeriesError::BadFile { file: bad.file.clone(), why: bad.why.clone() }),
            None => Ok(chosen),
        }
    }

    fn identifying(&self, planes: &[&Plane]) -> Vec<String> {
        let objects = planes.iter().filter_map(|plane| self.objects[plane.file].as_ref());
        let names: BTreeSet<String> = objects.flat_map(|object| identifying_in(&object.set())).collect();
        names.into_iter().collect()
    }

    fn remarks(&self, chosen: &Series) -> Vec<String> {
        let mut remarks: Vec<String> =
            self.skipped.iter().map(|s| format!("{} was left out: {}", s.file, s.why)).collect();
        let others = self.images.len() - 1;
        if others > 0 {
            remarks.push(format!("{others} other image(s) of the same files were not read; {} was chosen", chosen.id));
        }
        remarks
    }
}

/// A damaged DICOM file may be a slice of any series, so no series is complete beside it.
fn may_belong_to_any(why: &NotASlice) -> bool {
    matches!(why, NotASlice::DataSet(error) if *error != DataSetError::NotDicom)
}

fn look_into<'a>(files: &[DicomFile<'a>]) -> Contents<'a> {
    let mut contents = Contents { objects: Vec::new(), images: Vec::new(), skipped: Vec::new() };
    let mut by_series: BTreeMap<String, Vec<Plane>> = BTreeMap::new();
    for (number, file) in files.iter().enumerate() {
        let opened = Object::open(file.bytes);
        let looked = match &opened {
            Ok(object) => planes_of(number, file.name, object),
            Err(error) => Err(error.clone().into()),
        };
        let object = opened.ok();
        match looked {
            Ok(planes) => {
                for plane in planes {
                    by_series.entry(plane.series_uid.clone()).or_default().push(plane);
                }
            }
            Err(why) => {
                let uid = object.as_ref().and_then(|o| o.set().text(tags::SERIES_INSTANCE_UID));
                contents.skipped.push(Skipped { file: file.name.into(), series_uid: uid.unwrap_or_default(), why });
            }
        }
        contents.objects.push(object);
    }
    for (uid, planes) in by_series {
        contents.images.extend(images_of_series(&uid, planes));
    }
    contents
}

type Split = (&'static str, fn(&Splits) -> &String);

/// What sets images of one series apart, in the order it is tried. Echoes and stacks are never mixed; the others only
/// count where two slices lie at the same place.
const ALWAYS: [Split; 2] = [("echo time (ms)", |s| &s.echo), ("stack", |s| &s.stack)];
const WHERE_SLICES_COINCIDE: [Split; 4] = [
    ("diffusion weighting (s/mm2)", |s| &s.b_value),
    ("image type", |s| &s.kind),
    ("time point", |s| &s.time),
    ("acquisition", |s| &s.acquisition),
];

fn images_of_series(uid: &str, planes: Vec<Plane>) -> Vec<(Series, Vec<Plane>)> {
    let mut groups = vec![(String::new(), planes)];
    for split in ALWAYS {
        groups = groups.into_iter().flat_map(|group| divide(group, split)).collect();
    }
    for split in WHERE_SLICES_COINCIDE {
        let divided = |group: (String, Vec<Plane>)| {
            if slices_coincide(&group.1) { divide(group, split) } else { vec![group] }
        };
        groups = groups.into_iter().flat_map(divided).collect();
    }
    let several = groups.len() > 1;
    let image = |(number, (part, planes)): (usize, (String, Vec<Plane>))| {
        let id = if several { format!("{uid}#{}", number + 1) } else { uid.to_string() };
        let (first, sample) = (&planes[0], planes[0].layout.sample);
        let series = Series {
            id,
            uid: uid.to_string(),
            modality: first.modality,
            description: first.description.clone(),
            part,
            slices: planes.len(),
            rows: usize::from(sample.rows),
            columns: usize::from(sample.columns),
        };
        (series, planes)
    };
    groups.into_iter().enumerate().map(image).collect()
}

fn divide((part, planes): (String, Vec<Plane>), (name, value): Split) -> Vec<(String, Vec<Plane>)> {
    let mut divided: BTreeMap<String, Vec<Plane>> = BTreeMap::new();
    for plane in planes {
        divided.entry(value(&plane.splits).clone()).or_default().push(plane);
    }
    let several = divided.len() > 1;
    let comma = if part.is_empty() { "" } else { ", " };
    let named = |value: String| if several { format!("{part}{comma}{name} {value}") } else { part.clone() };
    divided.into_iter().map(|(value, planes)| (named(value), planes)).collect()
}

/// True when two slices have the same position and orientation, to the rounding of printed numbers.
fn slices_coincide(planes: &[Plane]) -> bool {
    let key = |plane: &Plane| {
        let (p, row, column) = (plane.place.position, plane.place.row, plane.place.column);
        let mm = [p.x, p.y, p.z].map(|v| (v / SAME_PLACE_MM).round() as i64);
        let axes = [row.x, row.y, row.z, column.x, column.y, column.z].map(|v| (v * 100.0).round() as i64);
        (mm, axes)
    };
    let mut seen = BTreeSet::new();
    !planes.iter().all(|plane| seen.insert(key(plane)))
}
