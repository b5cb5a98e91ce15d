//! PNG ultrasound frames and masks: recorded facts, made pictures, and damage.

mod volumes_support;

use frostline_formats::frame_png::{FramePngError, PixelSize, read_mask_png, read_ultrasound_png};
use proptest::prelude::*;
use serde_json::Value;
use volumes_support::{bytes, json, path};

/// A user's entry; the frames themselves do not say.
fn tenth() -> PixelSize {
    PixelSize::new(0.1, 0.1).unwrap()
}

fn check_mask(name: &str, facts: &Value) {
    let mask = read_mask_png(&bytes(&format!("usgra/masks/{name}"))).unwrap_or_else(|error| panic!("{name}: {error}"));
    let number = |value: &Value| value.as_f64().unwrap();
    assert_eq!([mask.width_px() as f64, mask.height_px() as f64], [0, 1].map(|n| number(&facts["size"][n])), "{name}");
    let nerve = mask.whole(1, tenth()).unwrap();
    assert_eq!(nerve.pixels as f64, number(&facts["nerve_px"]), "{name}");
    let vessel_px = mask.whole(2, tenth()).map_or(0, |vessel| vessel.pixels);
    assert_eq!(vessel_px as f64, number(&facts["vessel_px"]), "{name}");
    for (found, wanted) in [nerve.centre_x_px, nerve.centre_y_px].iter().zip([0, 1]) {
        // Recorded to one decimal; a half may have gone either way.
        assert!((found - number(&facts["nerve_centroid_xy"][wanted])).abs() <= 0.05 + 1e-9, "{name}: {found}");
    }
    let parts: usize = mask.patches(1, tenth()).iter().map(|patch| patch.pixels).sum();
    assert_eq!(parts, nerve.pixels, "{name}");
    assert!(mask.present().iter().all(|label| *label <= 2), "{name}");
}

#[test]
fn all_fifty_masks_have_the_sizes_counts_and_centres_that_are_on_record() {
    let expected = json("usgra/expected.json");
    let expected = expected.as_object().unwrap();
    assert_eq!(expected.len(), 50);
    for (name, facts) in expected {
        check_mask(name, facts);
    }
}

#[test]
fn grey_and_colour_frames_read_to_their_recorded_size() {
    let expected = json("usgra/expected.json");
    let mut seen = 0;
    for entry in std::fs::read_dir(path("usgra/images")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let frame = read_ultrasound_png(&bytes(&format!("usgra/images/{name}")), tenth()).unwrap();
        assert_eq!(frame.width_px as u64, expected[&name]["size"][0].as_u64().unwrap(), "{name}");
        assert_eq!(frame.height_px as u64, expected[&name]["size"][1].as_u64().unwrap(), "{name}");
        assert_eq!(frame.grey.len(), frame.width_px * frame.height_px);
        assert!(frame.grey.iter().all(|grey| (0.0..=255.0).contains(grey)), "{name}");
        assert!(frame.grey.iter().any(|grey| *grey > 100.0), "{name} is not empty");
        seen += 1;
    }
    assert_eq!(seen, 7);
}

fn png(width: u32, colour: png::ColorType, depth: png::BitDepth, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let rows = data.len() as u32 / (width * colour.samples() as u32 * depth as u32).div_ceil(8);
    let mut encoder = png::Encoder::new(&mut file, width, rows);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == png::ColorType::Indexed {
        encoder.set_palette(vec![0, 0, 0, 255, 0, 0, 0, 255, 0, 9, 9, 9]);
    }
    encoder.add_text_chunk("Patient Name".into(), "nobody".into()).unwrap();
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    file
}

#[test]
fn every_kind_of_pixel_becomes_the_grey_worked_out_by_hand() {
    use png::{BitDepth::*, ColorType::*};
    for (file, expected) in [
        (png(2, Grayscale, Eight, &[7, 255]), [7.0, 255.0]),
        (png(2, Grayscale, Sixteen, &[0, 0, 255, 255]), [0.0, 255.0]),
        (png(2, Grayscale, One, &[0b0100_0000]), [0.0, 255.0]),
        // Rec. 601: pure green weighs 0.587, 149.685.
        (png(2, Rgb, Eight, &[8, 8, 8, 0, 255, 0]), [8.0, 149.685]),
        (png(2, GrayscaleAlpha, Eight, &[80, 255, 80, 0]), [80.0, 0.0]),
        // Palette entries 0 (black) and 3 (9, 9, 9).
        (png(2, Indexed, Eight, &[0, 3]), [0.0, 9.0]),
    ] {
        let frame = read_ultrasound_png(&file, tenth()).unwrap();
        let near = frame.grey.iter().zip(expected).all(|(found, wanted)| (found - wanted).abs() < 1e-4);
        assert!(near, "{:?} is not {expected:?}", frame.grey);
    }
}

#[test]
fn a_palette_mask_gives_positions_and_a_coloured_mask_is_refused() {
    use png::{BitDepth::*, ColorType::*};
    assert_eq!(read_mask_png(&png(3, Indexed, Eight, &[0, 1, 2])).unwrap().labels(), [0, 1, 2]);
    assert_eq!(read_mask_png(&png(3, Indexed, Two, &[0b0001_1000])).unwrap().labels(), [0, 1, 2]);
    assert_eq!(read_mask_png(&png(2, Grayscale, Sixteen, &[1, 0, 0, 2])).unwrap().labels(), [256, 2]);
    assert_eq!(read_mask_png(&png(2, Rgb, Eight, &[1, 1, 1, 2, 2, 2])).unwrap().labels(), [1, 2]);
    let refused = read_mask_png(&png(2, Rgb, Eight, &[1, 1, 1, 255, 0, 0])).unwrap_err();
    assert_eq!(refused, FramePngError::ColouredMask { x: 1, y: 0 });
}

#[test]
fn text_in_a_frame_is_named_but_not_kept() {
    let file = png(1, png::ColorType::Grayscale, png::BitDepth::Eight, &[0]);
    assert_eq!(read_ultrasound_png(&file, tenth()).unwrap().identifying, ["Patient Name"]);
}

#[test]
fn a_picture_is_as_wide_as_its_pixels_say() {
    let file = png(4, png::ColorType::Grayscale, png::BitDepth::Eight, &[0; 8]);
    let frame = read_ultrasound_png(&file, PixelSize::new(0.5, 0.25).unwrap()).unwrap();
    assert_eq!((frame.width_mm(), frame.height_mm()), (2.0, 0.5));
    assert_eq!((frame.at(3, 1), frame.at(4, 0), frame.at(0, 2)), (Some(0.0), None, None));
}

#[test]
fn a_pixel_without_size_is_refused() {
    for (across_mm, down_mm) in [(0.0, 0.1), (0.1, -0.1), (f64::NAN, 0.1), (0.1, f64::INFINITY)] {
        assert!(PixelSize::new(across_mm, down_mm).is_err());
    }
}

#[test]
fn a_header_that_claims_a_huge_picture_is_refused() {
    let mut file = png(1, png::ColorType::Grayscale, png::BitDepth::Eight, &[0]);
    // Width and height of the header chunk, and its check sum, which the decoder looks at first.
    file[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let crc = flate2::Crc::new();
    let crc = {
        let mut crc = crc;
        crc.update(&file[12..29]);
        crc.sum()
    };
    file[29..33].copy_from_slice(&crc.to_be_bytes());
    let refused = read_ultrasound_png(&file, tenth()).unwrap_err();
    assert_eq!(refused, FramePngError::TooLarge { width_px: 65536, height_px: 65536 });
}

fn any_reader(file: &[u8]) {
    let _ = read_ultrasound_png(file, tenth());
    let _ = read_mask_png(file);
}

proptest! {
    // No regression files: a found case becomes a named test.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(tail in proptest::collection::vec(any::<u8>(), 0..300)) {
        any_reader(&tail);
        any_reader(&[b"\x89PNG\r\n\x1a\n", &tail[..]].concat());
    }

    #[test]
    fn a_frame_cut_before_its_end_is_an_error(cut in 0_usize..1600) {
        // The file has 1661 bytes, of which the last 12 mark the end.
        prop_assert!(read_mask_png(&bytes("usgra/masks/0003.png")[..cut]).is_err());
    }

    #[test]
    fn changed_bytes_never_panic(changes in proptest::collection::vec((0_usize..1600, any::<u8>()), 1..6)) {
        let mut file = bytes("usgra/masks/0003.png");
        for (place, value) in changes {
            file[place] = value;
        }
        any_reader(&file);
    }
}
