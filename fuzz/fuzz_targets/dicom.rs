//! DICOM series, frames, contours and segmentations from any bytes. The decoders from other hands are left out: the
//! program runs them in a process that may be lost.
#![no_main]

use frostline_formats::dicom::{
    DicomFile, FractionThreshold, PixelError, PixelRequest, SeriesChoice, decode_frame, grey_frames,
    identifying_attributes, list_series, read_contours, read_segmentation, read_series,
};

fn own_decoders(request: &PixelRequest) -> Result<Vec<u8>, PixelError> {
    match request.compression.name() {
        "RLE" | "JPEG-LS" => decode_frame(request),
        _ => Err(PixelError::NoPixelData),
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let file = DicomFile { name: "fuzzed", bytes };
    let _ = list_series(&[file]);
    let _ = read_series(&[file], &SeriesChoice::Only, &own_decoders);
    let _ = grey_frames(file, &own_decoders);
    let _ = read_contours(file);
    let _ = read_segmentation(file, FractionThreshold::half(), &own_decoders);
    let _ = identifying_attributes(file);
});
