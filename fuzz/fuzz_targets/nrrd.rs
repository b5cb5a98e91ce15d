//! NRRD from any bytes; data files beside it hold the same bytes again.
#![no_main]

use frostline_formats::FrameChoice;
use frostline_formats::nrrd::{read_nrrd, read_nrrd_labels};

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let beside = |name: &str| (name.len() < 16).then(|| file.to_vec());
    let _ = read_nrrd(file, FrameChoice::Only, beside);
    let _ = read_nrrd_labels(file, FrameChoice::Frame(1), beside);
});
