//! Image files to values: the only place where images are opened.

use std::fs;
use std::path::{Path, PathBuf};

use frostline_formats::dicom::{
    DicomFile, FractionThreshold, SegError, SeriesChoice, SeriesError, SeriesList, identifying_attributes, list_series,
    read_segmentation, read_series, segments_to_labels,
};
use frostline_formats::metaimage::{MetaImageError, read_metaimage, read_metaimage_labels};
use frostline_formats::nifti::{NiftiError, read_nifti, read_nifti_labels};
use frostline_formats::nrrd::{NrrdError, read_nrrd, read_nrrd_labels};
use frostline_formats::{FrameChoice, ImageVolume, LabelVolume};

use crate::decode_worker::decode_in_worker;

/// Why an image cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImageFileError {
    /// The file or folder cannot be opened.
    #[error("{path}: {source}; check the path, it is taken relative to the case file", path = .path.display())]
    Open {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A folder with more bytes than this program reads.
    #[error("{path} holds {found_mb} MB, at most {most_mb} MB are read; point to the folder of one series", path = .path.display())]
    TooLarge {
        /// The folder.
        path: PathBuf,
        /// What it holds. Unit: MB.
        found_mb: u64,
        /// What is allowed. Unit: MB.
        most_mb: u64,
    },
    /// A name that is not one of the known formats.
    #[error("{path} has an ending this program does not know; known are .nii, .nii.gz, .nrrd, .nhdr, .mha, .mhd, and a folder of DICOM files", path = .path.display())]
    UnknownEnding {
        /// The path.
        path: PathBuf,
    },
    /// DICOM.
    #[error("{path}: {source}", path = .path.display())]
    Dicom {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        source: Box<SeriesError>,
    },
    /// A DICOM segmentation.
    #[error("{path}: {source}", path = .path.display())]
    Segmentation {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<SegError>,
    },
    /// NIfTI.
    #[error("{path}: {source}", path = .path.display())]
    Nifti {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<NiftiError>,
    },
    /// NRRD.
    #[error("{path}: {source}", path = .path.display())]
    Nrrd {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<NrrdError>,
    },
    /// MetaImage.
    #[error("{path}: {source}", path = .path.display())]
    MetaImage {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<MetaImageError>,
    },
}

/// A leg's CT is under 1 GB; more in one folder is a whole archive.
const MOST_FOLDER_MB: u64 = 2048;

/// The bytes of a file. Only plain files are read: a device or a pipe may never end.
pub fn read_file(path: &Path) -> Result<Vec<u8>, ImageFileError> {
    let open = |source| ImageFileError::Open { path: path.into(), source };
    let about = fs::metadata(path).map_err(open)?;
    if !about.is_file() {
        return Err(open(std::io::Error::new(std::io::ErrorKind::InvalidInput, "this is not a plain file")));
    }
    let (found_mb, most_mb) = (about.len() >> 20, MOST_FOLDER_MB);
    if found_mb > most_mb {
        return Err(ImageFileError::TooLarge { path: path.into(), found_mb, most_mb });
    }
    fs::read(path).map_err(open)
}

/// All files of a folder, by name.
struct Folder {
    files: Vec<(String, Vec<u8>)>,
}

impl Folder {
    fn read(path: &Path) -> Result<Self, ImageFileError> {
        let open = |source| ImageFileError::Open { path: path.into(), source };
        let mut names = Vec::new();
        let mut total = 0;
        for entry in fs::read_dir(path).map_err(open)? {
            let entry = entry.map_err(open)?;
            let about = entry.metadata().map_err(open)?;
            if about.is_file() {
                total += about.len();
                names.push(entry.path());
            }
        }
        let (found_mb, most_mb) = (total >> 20, MOST_FOLDER_MB);
        if found_mb > most_mb {
            return Err(ImageFileError::TooLarge { path: path.into(), found_mb, most_mb });
        }
        // The order in a folder differs between machines; the answer must not.
        names.sort();
        let read = |p: PathBuf| {
            let name = p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            Ok((name, read_file(&p)?))
        };
        Ok(Self { files: names.into_iter().map(read).collect::<Result<_, _>>()? })
    }

    fn dicom(&self) -> Vec<DicomFile<'_>> {
        self.files.iter().map(|(name, bytes)| DicomFile { name, bytes }).collect()
    }
}

/// The series in a folder, and the names of identifying attributes seen in any of its files.
pub fn series_in(path: &Path) -> Result<(SeriesList, Vec<String>), ImageFileError> {
    let folder = Folder::read(path)?;
    let files = folder.dicom();
    let mut seen: Vec<String> = files.iter().filter_map(|f| identifying_attributes(*f).ok()).flatten().collect();
    seen.sort();
    seen.dedup();
    Ok((list_series(&files), seen))
}

/// An image from a folder of DICOM files or one file of another format.
pub fn read_image(path: &Path, series: Option<&str>) -> Result<ImageVolume, ImageFileError> {
    let at = || path.to_path_buf();
    if path.is_dir() {
        let folder = Folder::read(path)?;
        let choice = series.map_or(SeriesChoice::Only, |uid| SeriesChoice::Uid(uid.into()));
        return read_series(&folder.dicom(), &choice, &decode_in_worker)
            .map_err(|e| ImageFileError::Dicom { path: at(), source: Box::new(e) });
    }
    let bytes = read_file(path)?;
    match Kind::of(path)? {
        Kind::Nifti => {
            read_nifti(&bytes, FrameChoice::Only).map_err(|e| ImageFileError::Nifti { path: at(), source: Box::new(e) })
        }
        Kind::Nrrd => read_nrrd(&bytes, FrameChoice::Only, beside(path))
            .map_err(|e| ImageFileError::Nrrd { path: at(), source: Box::new(e) }),
        Kind::MetaImage => read_metaimage(&bytes, FrameChoice::Only, beside(path))
            .map_err(|e| ImageFileError::MetaImage { path: at(), source: Box::new(e) }),
    }
}

/// A label map from one file; a DICOM segmentation too.
pub fn read_labels(path: &Path) -> Result<LabelVolume, ImageFileError> {
    let at = || path.to_path_buf();
    let bytes = read_file(path)?;
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("dcm")) {
        let name = path.to_string_lossy();
        let file = DicomFile { name: &name, bytes: &bytes };
        return read_segmentation(file, FractionThreshold::half(), &decode_in_worker)
            .and_then(|segments| segments_to_labels(&segments))
            .map_err(|e| ImageFileError::Segmentation { path: at(), source: Box::new(e) });
    }
    match Kind::of(path)? {
        Kind::Nifti => read_nifti_labels(&bytes, FrameChoice::Only)
            .map_err(|e| ImageFileError::Nifti { path: at(), source: Box::new(e) }),
        Kind::Nrrd => read_nrrd_labels(&bytes, FrameChoice::Only, beside(path))
            .map_err(|e| ImageFileError::Nrrd { path: at(), source: Box::new(e) }),
        Kind::MetaImage => read_metaimage_labels(&bytes, FrameChoice::Only, beside(path))
            .map_err(|e| ImageFileError::MetaImage { path: at(), source: Box::new(e) }),
    }
}

enum Kind {
    Nifti,
    Nrrd,
    MetaImage,
}

impl Kind {
    fn of(path: &Path) -> Result<Self, ImageFileError> {
        let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
        let ends = |endings: &[&str]| endings.iter().any(|e| name.ends_with(e));
        if ends(&[".nii", ".nii.gz"]) {
            Ok(Self::Nifti)
        } else if ends(&[".nrrd", ".nhdr"]) {
            Ok(Self::Nrrd)
        } else if ends(&[".mha", ".mhd"]) {
            Ok(Self::MetaImage)
        } else {
            Err(ImageFileError::UnknownEnding { path: path.into() })
        }
    }
}

/// Gives data files that a header names, only from the header's own folder: a name with a path in it is not followed.
fn beside(path: &Path) -> impl FnMut(&str) -> Option<Vec<u8>> {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    move |name| {
        let name = Path::new(name);
        let plain = name.components().count() == 1 && name.file_name().is_some();
        plain.then(|| read_file(&folder.join(name)).ok()).flatten()
    }
}
