//! Files for the DICOM tests.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod slice;

use std::path::{Path, PathBuf};

use frostline_formats::dicom::{DicomFile, PixelError, PixelRequest};

/// A folder of the repository.
pub fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All files below a folder, with their names relative to it, in order of the names.
pub fn files_below(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_string();
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Borrowed as the readers want them.
pub fn borrowed(files: &[(String, Vec<u8>)]) -> Vec<DicomFile<'_>> {
    files.iter().map(|(name, bytes)| DicomFile { name, bytes }).collect()
}

/// A decoder that must not be called.
pub fn no_decoder(_: &PixelRequest) -> Result<Vec<u8>, PixelError> {
    panic!("uncompressed pixels were sent to the decoder")
}
