//! MetaImage from any bytes, as image, labels and sequence.
#![no_main]

use frostline_formats::FrameChoice;
use frostline_formats::metaimage::{read_meta_sequence, read_metaimage, read_metaimage_labels};

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let beside = |name: &str| (name.len() < 16).then(|| file.to_vec());
    let _ = read_metaimage(file, FrameChoice::Only, beside);
    let _ = read_metaimage_labels(file, FrameChoice::Frame(1), beside);
    let _ = read_meta_sequence(file);
});
