//! Every file of the conformance set is listed here: what it holds, or how it is refused.

mod volumes_support;

use frostline_formats::nifti::{NiftiError, read_nifti};
use frostline_formats::nrrd::{NrrdError, read_nrrd};
use frostline_formats::{AxesError, FrameChoice, ImageVolume};
use volumes_support::{Facts, bytes, path};

/// What a file must give. Facts were found with nibabel 5.4.2 and pynrrd 1.1.3 (frame 0 where there are several).
enum Outcome {
    /// Frames, and the facts of the first.
    Reads(usize, Facts),
    /// A typed error whose message holds these words.
    Refused(&'static str),
    /// Not an image: notices, or data that a header names.
    NotAnImage,
}

fn facts(size: [usize; 3], lps: [[f64; 4]; 3], min: f64, max: f64, sum: f64) -> Facts {
    Facts { size, lps, min, max, sum }
}

fn diagonal(x: [f64; 2], y: [f64; 2], z: [f64; 2]) -> [[f64; 4]; 3] {
    [[x[0], 0.0, 0.0, x[1]], [0.0, y[0], 0.0, y[1]], [0.0, 0.0, z[0], z[1]]]
}

/// The oblique map that both 4-D examples share.
const OBLIQUE: [[f64; 4]; 3] = [
    [2.0, 0.0, 0.0, -117.8551025390625],
    [0.0, -1.9737114906311035, 0.35552823543548584, 35.72294235229492],
    [0.0, 0.3232076168060303, 2.171081781387329, -7.248798370361328],
];

fn outcome(name: &str) -> Option<Outcome> {
    use Outcome::{NotAnImage, Reads, Refused};
    let ball = || facts([30; 3], diagonal([1.0, 0.0], [1.0, 0.0], [1.0, 0.0]), 0.0, 257.0, 3_682_296.0);
    let coarse = || diagonal([4.0, -32.0], [-4.0, 40.0], [8.0, 0.0]);
    Some(match name {
        "nibabel/analyze.hdr" => Refused("Analyze header"),
        "nibabel/nifti1.hdr" | "nibabel/nifti2.hdr" => Refused("separate .img file"),
        "nibabel/anatomical.nii" => {
            let lps = diagonal([2.0, -32.0], [-2.0, 40.0], [2.0, -16.0]);
            Reads(1, facts([33, 41, 25], lps, -610.0, 30393.0, 284_166_082.0))
        }
        "nibabel/example4d.nii.gz" => Reads(2, facts([128, 96, 24], OBLIQUE, 0.0, 1162.0, 50_994_397.0)),
        "nibabel/example_nifti2.nii.gz" => Reads(2, facts([32, 20, 12], OBLIQUE, 49.0, 742.0, 3_461_748.0)),
        "nibabel/functional.nii" => {
            Reads(20, facts([17, 21, 3], coarse(), 762.5424365997314, 5538.065757632256, 3_883_746.552329719))
        }
        "nibabel/reoriented_anat_moved.nii" => {
            let shift = 35.29789733886719;
            let lps = diagonal([-4.0, shift], [-4.0, 47.97758483886719], [4.0, -27.599409103393555]);
            Reads(1, facts([21, 26, 22], lps, 0.0, 21199.935546875, 32_739_769.449157715))
        }
        // 153 of its cells hold NaN; the facts are of the others.
        "nibabel/resampled_anat_moved.nii" => Reads(1, facts([17, 21, 3], coarse(), MOVED.0, MOVED.1, MOVED.2)),
        "nibabel/standard.nii.gz" => {
            Reads(1, facts([4, 5, 7], diagonal([-1.0, 0.0], [-3.0, 0.0], [2.0, 0.0]), 0.0, 255.0, 7650.0))
        }
        "pynrrd/BallBinary30x30x30.nhdr"
        | "pynrrd/BallBinary30x30x30.nrrd"
        | "pynrrd/BallBinary30x30x30_byteskip_minus_one.nhdr"
        | "pynrrd/BallBinary30x30x30_byteskip_minus_one_nifti.nhdr"
        | "pynrrd/BallBinary30x30x30_bz2.nrrd"
        | "pynrrd/BallBinary30x30x30_gz.nrrd"
        | "pynrrd/BallBinary30x30x30_gz_byteskip_minus_one.nrrd"
        | "pynrrd/BallBinary30x30x30_gz_lineskip.nrrd" => Reads(1, ball()),
        "pynrrd/BallBinary30x30x30.nii.gz" => Reads(1, ball()),
        "pynrrd/BallBinary30x30x30_byteskip_minus_five.nhdr" => Refused("byteskip: -5"),
        // The NIfTI header would be read as the first 176 cells; pynrrd refuses this file too.
        "pynrrd/BallBinary30x30x30_nifti.nhdr" => Refused("add \"byte skip: -1\""),
        "pynrrd/test1d_ascii.nrrd" | "pynrrd/test_customFields.nrrd" => Refused("1 axes in space"),
        "pynrrd/test2d_ascii.nrrd" => {
            Reads(1, facts([3, 9, 1], diagonal([1.0458, 0.0], [2.0, 0.0], [1.0, 0.0]), 1.0, 27.0, 378.0))
        }
        "pynrrd/test_simple4d_raw.nrrd" => {
            let value = 0.76903426;
            Reads(1, facts([1; 3], diagonal([-1.5, 0.0], [-1.5, 0.0], [1.0, 0.0]), value, value, value))
        }
        "pynrrd/BallBinary30x30x30.raw" | "pynrrd/LICENSE" | "nibabel/COPYING" | "nibabel/README.rst" => NotAnImage,
        _ => return None,
    })
}

/// nanmin, nanmax and nansum of resampled_anat_moved.nii by numpy.
const MOVED: (f64, f64, f64) = (409.3004455566406, 13360.9619140625, 7_749_957.09866333);

fn read(name: &str, frame: FrameChoice) -> Result<ImageVolume, String> {
    let file = bytes(&format!("nifti_nrrd_conformance/{name}"));
    if name.ends_with(".nrrd") || name.ends_with(".nhdr") {
        let beside = |data: &str| std::fs::read(path(&format!("nifti_nrrd_conformance/pynrrd/{data}"))).ok();
        read_nrrd(&file, frame, beside).map_err(|error: NrrdError| error.to_string())
    } else {
        read_nifti(&file, frame).map_err(|error: NiftiError| error.to_string())
    }
}

fn check(name: &str, expected: &Outcome) {
    match expected {
        Outcome::NotAnImage => {}
        Outcome::Refused(words) => {
            let message = read(name, FrameChoice::Frame(0)).map(|_| "an image").unwrap_err();
            assert!(message.contains(words), "{name}: {message}");
        }
        Outcome::Reads(frames, facts) => {
            let image = read(name, FrameChoice::Frame(0)).unwrap_or_else(|error| panic!("{name}: {error}"));
            // The maps are stored in single precision: 1e-5 of 118 mm.
            Facts::of(&image.volume).assert_close(facts, 1e-5, name);
            assert_eq!(read(name, FrameChoice::Only).is_ok(), *frames == 1, "{name}");
            assert!(read(name, FrameChoice::Frame(frames - 1)).is_ok(), "{name}");
            assert!(read(name, FrameChoice::Frame(*frames)).is_err(), "{name}");
        }
    }
}

#[test]
fn every_file_of_the_conformance_set_reads_to_the_recorded_facts_or_is_refused() {
    let mut seen = 0;
    for folder in ["nibabel", "pynrrd"] {
        for entry in std::fs::read_dir(path(&format!("nifti_nrrd_conformance/{folder}"))).unwrap() {
            let name = format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy());
            let expected = outcome(&name).unwrap_or_else(|| panic!("{name} is not listed in this test"));
            check(&name, &expected);
            seen += 1;
        }
    }
    assert_eq!(seen, 29);
}

#[test]
fn a_cell_without_a_number_stays_without_and_is_remarked_on() {
    let image = read("nibabel/resampled_anat_moved.nii", FrameChoice::Only).unwrap();
    assert!(image.volume.values().iter().any(|value| value.is_nan()));
    assert!(image.remarks.iter().any(|remark| remark.contains("hold no finite number")), "{:?}", image.remarks);
}

#[test]
fn a_line_of_cells_is_not_an_image() {
    let file = bytes("nifti_nrrd_conformance/pynrrd/test1d_ascii.nrrd");
    let refused = read_nrrd(&file, FrameChoice::Only, |_| None).unwrap_err();
    assert_eq!(refused, NrrdError::Axes(AxesError::NotAnImage { found: 1 }));
}
