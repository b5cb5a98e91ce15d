//! Every file of the conformance set either reads to the facts that pydicom gives, or is refused with a typed error.

mod dicom_support;

use std::collections::BTreeMap;
use std::fmt::Debug;

use dicom_support::{files_below, folder};
use frostline_formats::dicom::{DicomFile, SeriesChoice, SeriesError, decode_frame, grey_frames, read_series};
use frostline_space::Axis;

/// The name of an error and of the error inside it, e.g. `NoImages/WrongModality`.
fn kind(error: &impl Debug) -> String {
    format!("{error:?}").split(|c: char| !c.is_alphanumeric()).next().unwrap().to_string()
}

fn as_series(file: DicomFile<'_>) -> String {
    match read_series(&[file], &SeriesChoice::Only, &decode_frame) {
        Ok(image) => {
            let size = Axis::ALL.map(|axis| image.volume.grid().size(axis));
            let sum: f64 = image.volume.values().iter().map(|v| f64::from(*v)).sum();
            format!("{}x{}x{} sum {sum:.0}", size[0], size[1], size[2])
        }
        Err(SeriesError::NoImages { skipped, .. }) => format!("NoImages/{}", kind(&skipped[0].why)),
        Err(SeriesError::Stack(why)) => format!("Stack/{}", kind(&why)),
        Err(SeriesError::Pixels { why, .. }) => format!("Pixels/{}", kind(&why)),
        Err(why) => kind(&why),
    }
}

fn as_frames(file: DicomFile<'_>) -> String {
    match grey_frames(file, &decode_frame) {
        Ok(read) => {
            let sum: i64 = read.frames.iter().flatten().sum();
            format!("{}x{}x{} sum {sum}", read.columns, read.rows, read.frames.len())
        }
        Err(why) => kind(&why),
    }
}

/// One line per file: path | what it gives as a series | what its frames give as stored grey values.
fn table() -> BTreeMap<String, [String; 2]> {
    let text = std::fs::read_to_string(folder("tests/data/dicom_conformance_expected.txt")).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    let cells = |line: &str| -> Vec<String> { line.split('|').map(|cell| cell.trim().to_string()).collect() };
    rows.map(|line| {
        let [path, series, frames]: [String; 3] = cells(line).try_into().unwrap();
        (path, [series, frames])
    })
    .collect()
}

#[test]
fn every_file_of_the_conformance_set_reads_to_the_known_facts_or_is_refused_with_a_reason() {
    let expected = table();
    let files = files_below(&folder("tests/data/dicom_conformance"));
    assert!(files.len() >= 106, "{} files", files.len());
    let mut differences = Vec::new();
    for (name, bytes) in &files {
        let file = DicomFile { name, bytes };
        let found = [as_series(file), as_frames(file)];
        if expected.get(name) != Some(&found) {
            differences.push(format!("{name} | {} | {}", found[0], found[1]));
        }
    }
    assert!(differences.is_empty(), "found, but not listed so:\n{}", differences.join("\n"));
}
