//! NIfTI from any bytes, as image and as labels.
#![no_main]

use frostline_formats::FrameChoice;
use frostline_formats::nifti::{read_nifti, read_nifti_labels};

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let _ = read_nifti(file, FrameChoice::Only);
    let _ = read_nifti_labels(file, FrameChoice::Frame(1));
});
