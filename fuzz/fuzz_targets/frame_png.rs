//! PNG frames and masks from any bytes.
#![no_main]

use frostline_formats::frame_png::{PixelSize, read_mask_png, read_ultrasound_png};

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let pixel = PixelSize::new(0.1, 0.1).expect("0.1 mm is a size");
    let _ = read_ultrasound_png(file, pixel);
    if let Ok(mask) = read_mask_png(file) {
        for label in mask.present().into_iter().take(3) {
            let _ = mask.patches(label, pixel);
        }
    }
});
