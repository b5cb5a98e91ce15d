//! Damaged files never panic, hang or take memory without bound.

mod dicom_support;

use std::time::{Duration, Instant};

use dicom_support::folder;
use frostline_formats::dicom::{
    DicomFile, FractionThreshold, PixelError, PixelRequest, PixelResponse, SeriesChoice, decode_frame, grey_frames,
    identifying_attributes, list_series, read_contours, read_segmentation, read_series,
};
use proptest::prelude::*;

/// One of every kind of file and compression.
const REPRESENTATIVE: [&str; 9] = [
    "pydicom/CT_small.dcm",
    "pydicom/MR_small_RLE.dcm",
    "pydicom/MR_small_jpeg_ls_lossless.dcm",
    "pydicom/MR_small_jp2klossless.dcm",
    "pydicom-data/JPEG-LL.dcm",
    "pydicom-data/emri_small_RLE.dcm",
    "dcmqi/24x38x3/multiframe/mf.dcm",
    "pydicom/rtstruct.dcm",
    "highdicom/seg_image_ct_binary_overlap.dcm",
];

/// Every reading of a file here takes under 0.1 s undamaged; a hundred times that is a hang.
const LONGEST: Duration = Duration::from_secs(10);

fn bytes(path: &str) -> Vec<u8> {
    std::fs::read(folder("tests/data/dicom_conformance").join(path)).unwrap()
}

/// The two decoders from other hands run in a worker of the program; here they are left out, so that what is tested is
/// what runs in the program itself, and the two decoders of this crate.
fn own_decoders(request: &PixelRequest) -> Result<Vec<u8>, PixelError> {
    match request.compression.name() {
        "RLE" | "JPEG-LS" => decode_frame(request),
        _ => Err(PixelError::NoPixelData),
    }
}

/// Reads the bytes in every way there is; any answer is right, but it must come soon.
fn read_in_every_way(bytes: &[u8]) {
    let start = Instant::now();
    let file = DicomFile { name: "damaged", bytes };
    let _ = list_series(&[file]);
    let _ = read_series(&[file], &SeriesChoice::Only, &own_decoders);
    let _ = grey_frames(file, &own_decoders);
    let _ = read_contours(file);
    let _ = read_segmentation(file, FractionThreshold::half(), &own_decoders);
    let _ = identifying_attributes(file);
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
}

#[test]
fn files_cut_at_every_sixty_fourth_are_read_or_refused() {
    for path in REPRESENTATIVE {
        let whole = bytes(path);
        (0..64).for_each(|part| read_in_every_way(&whole[..whole.len() * part / 64]));
    }
}

#[test]
fn a_length_that_reaches_beyond_the_file_is_refused_at_once() {
    let mut file = bytes("pydicom/CT_small.dcm");
    // The last element's four-byte length stands before the pixels.
    let at = file.windows(4).position(|w| w == [0xE0, 0x7F, 0x10, 0x00]).unwrap() + 8;
    file[at..at + 4].copy_from_slice(&0xFFFF_FFF0_u32.to_le_bytes());
    read_in_every_way(&file);
}

#[test]
fn sequences_nested_without_end_are_refused() {
    let mut file = vec![0; 128];
    file.extend(b"DICM");
    file.extend([2, 0, 0x10, 0, b'U', b'I', 20, 0]);
    file.extend(b"1.2.840.10008.1.2.1\0");
    for _ in 0..100_000 {
        file.extend([8, 0, 0x15, 0x11, b'S', b'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        file.extend([0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
    }
    read_in_every_way(&file);
}

#[test]
fn a_codestream_about_another_image_is_refused_before_it_is_decoded() {
    for path in
        ["pydicom/MR_small_jpeg_ls_lossless.dcm", "pydicom/MR_small_jp2klossless.dcm", "pydicom-data/JPEG-LL.dcm"]
    {
        let mut file = bytes(path);
        // Rows of the data set, (0028,0010) US 2: one less.
        let at = file.windows(8).position(|w| w == [0x28, 0, 0x10, 0, b'U', b'S', 2, 0]).unwrap() + 8;
        file[at] = file[at].wrapping_sub(1);
        let not_reached = |_: &PixelRequest| panic!("the decoder was called");
        let error = grey_frames(DicomFile { name: path, bytes: &file }, &not_reached).unwrap_err();
        assert!(matches!(error, PixelError::HeaderDisagrees { .. }), "{path}: {error}");
    }
}

/// The first compressed frame of a file, as it is sent to the decoder.
fn first_request(path: &str) -> PixelRequest {
    let file = bytes(path);
    let sent = std::cell::RefCell::new(None);
    let keep = |request: &PixelRequest| {
        *sent.borrow_mut() = Some(request.clone());
        Err(PixelError::NoPixelData)
    };
    let _ = grey_frames(DicomFile { name: path, bytes: &file }, &keep);
    sent.into_inner().unwrap()
}

#[test]
fn a_codestream_cut_short_gives_no_pixels() {
    let compressed = [
        "pydicom/MR_small_RLE.dcm",
        "pydicom/MR_small_jpeg_ls_lossless.dcm",
        "pydicom/MR_small_jp2klossless.dcm",
        "pydicom-data/JPEG-LL.dcm",
    ];
    for path in compressed {
        let whole = first_request(path);
        assert!(decode_frame(&whole).is_ok(), "{path}");
        for tenths in [5, 9] {
            let data = whole.data[..whole.data.len() * tenths / 10].to_vec();
            let cut = decode_frame(&PixelRequest { data, ..whole.clone() });
            assert!(matches!(cut, Err(PixelError::Undecodable { .. })), "{path} at {tenths} tenths");
        }
    }
}

#[test]
fn a_request_and_an_answer_arrive_as_they_were_sent() {
    let request = first_request("pydicom/MR_small_RLE.dcm");
    assert_eq!(PixelRequest::from_bytes(&request.to_bytes()), Ok(request.clone()));
    let answer = PixelResponse::from_result(decode_frame(&request));
    assert_eq!(PixelResponse::from_bytes(&answer.to_bytes()), Ok(answer.clone()));
    assert_eq!(answer.into_result(&request), decode_frame(&request));
}

proptest! {
    // Sixty-four files of each kind keep a test under 2 s; the fuzz target goes on from there.
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_read_or_refused(mut noise in proptest::collection::vec(any::<u8>(), 0..2000), marked in any::<bool>()) {
        if marked && noise.len() > 140 {
            noise[128..132].copy_from_slice(b"DICM");
        } else if noise.len() > 8 {
            noise[..4].copy_from_slice(&[8, 0, 5, 0]);
        }
        read_in_every_way(&noise);
    }

    #[test]
    fn files_with_changed_bytes_are_read_or_refused(
        which in 0..REPRESENTATIVE.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut file = bytes(REPRESENTATIVE[which]);
        for (place, value) in changes {
            let at = place.index(file.len());
            file[at] = value;
        }
        read_in_every_way(&file);
    }

    #[test]
    fn changes_in_the_header_are_read_or_refused(
        which in 0..REPRESENTATIVE.len(),
        changes in proptest::collection::vec((0..1500_usize, any::<u8>()), 1..8),
    ) {
        let mut file = bytes(REPRESENTATIVE[which]);
        for (at, value) in changes {
            let last = file.len() - 1;
            file[(132 + at).min(last)] = value;
        }
        read_in_every_way(&file);
    }

    #[test]
    fn messages_of_random_bytes_are_refused_or_read(noise in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = PixelResponse::from_bytes(&noise);
        let _ = PixelRequest::from_bytes(&[b"FPX1".as_slice(), &noise].concat());
    }
}
