//! From a bench file to a bench: the scene is built as every other scene is.

use frostline_plan::Resolution;
use frostline_plan::calibrate::{Accuracy, Bench, Conditions, LawForm, Measured, UsedDimensions};
use frostline_plan::catalogue::{Catalogues, Probe, SearchRanges, TipForm};

use super::bench_file::{BenchFile, BenchFileError, Header, LawWord, WallsWord};
use crate::commands::simulate::build::Experiment;
use crate::commands::simulate::scene_file::{
    Faces, Fill, MediumRow, PhaseWord, ProbeRow, SceneFile, Space, StartRow, Temperatures, Time, TipWord,
};

/// The shaft ends this far under the surface of the bath when the file does not say. Unit: mm.
const UNDER_THE_SURFACE_MM: f64 = 5.0;
/// The second grid, on which the law is judged once, has cells this much as wide.
const FINER: f64 = 0.7;
/// Widest cells at the walls. Unit: mm.
const COARSEST_MM: f64 = 3.0;

/// The bench, checked, and the same bench on finer cells.
///
/// # Errors
/// [`BenchFileError`] when the scene cannot be built or what was measured does not fit it.
pub fn benches(file: &BenchFile, probe: &Probe, catalogues: &Catalogues) -> Result<[Bench; 2], BenchFileError> {
    let ranges = catalogues.probes.search().value;
    let accuracy = Accuracy {
        couple_k: file.header.accuracy.couple_k.unwrap_or(ranges.couple_k),
        place_mm: file.header.accuracy.place_mm.unwrap_or(ranges.place_mm),
    };
    let usual_mm = file.header.solver.fine_mm.unwrap_or(Resolution::default().fine_mm);
    let on = |fine_mm: f64| {
        let scene = scene_file(&file.header, probe, fine_mm, &ranges);
        let parts = Experiment::build(&scene, None, catalogues)?.scene.parts().clone();
        Ok::<_, BenchFileError>(Bench::new(parts, file.measured.clone(), accuracy)?)
    };
    Ok([on(usual_mm)?, on(FINER * usual_mm)?])
}

/// Which law the file asks for.
pub fn form(word: LawWord) -> LawForm {
    match word {
        LawWord::Surface => LawForm::Surface,
        LawWord::Film => LawForm::Film,
    }
}

/// Dimensions of the one probe of the bench.
pub fn used_dimensions(bench: &Bench) -> UsedDimensions {
    let shape = bench.parts().probes[0].shape;
    UsedDimensions {
        diameter_mm: 2.0 * shape.radius_mm,
        active_length_mm: shape.active_length_mm,
        dead_tip_mm: shape.dead_tip_mm,
    }
}

/// How the run was done, for the record.
pub fn conditions(header: &Header, measured: &Measured) -> Conditions {
    let phases = header.phases.iter().map(|phase| {
        let word = match phase.kind {
            PhaseWord::Freeze => "freeze",
            PhaseWord::PassiveThaw => "thaw",
            PhaseWord::ActiveThaw => "active thaw",
        };
        format!("{word} {} s", phase.seconds)
    });
    let what = match measured {
        Measured::Couples(couples) => format!("{} thermocouple(s)", couples.len()),
        Measured::Sizes(sizes) => format!("{} size(s) of ice", sizes.len()),
    };
    let medium = match (&header.medium_name, &header.medium) {
        (Some(name), _) => name.clone(),
        (None, MediumRow::Catalogue(from)) => from.tissue.clone(),
        (None, _) => "medium with properties of its own".to_owned(),
    };
    Conditions {
        gas_pressure_bar: header.gas_pressure_bar,
        medium,
        bath_c: header.bath_c,
        protocol: format!("{}; {what}", phases.collect::<Vec<_>>().join(", ")),
        note: header.note.clone(),
    }
}

fn scene_file(header: &Header, probe: &Probe, fine_mm: f64, ranges: &SearchRanges) -> SceneFile {
    let bath = &header.bath;
    let half_mm = 0.5 * bath.across_mm;
    SceneFile {
        accuracy: Default::default(),
        name: format!("bench run of {}", header.probe),
        source: String::new(),
        note: String::new(),
        isotherms_c: vec![0.0],
        space: Space {
            least_mm: Some([-half_mm, -half_mm, -bath.below_tip_mm]),
            most_mm: Some([half_mm, half_mm, bath.above_tip_mm]),
            fine_mm: Some(fine_mm),
            fine_margin_mm: header.solver.fine_margin_mm,
            coarsest_mm: COARSEST_MM,
        },
        time: Time { step_s: Some(header.solver.step_s), ..Time::default() },
        temperatures: Temperatures {
            start_c: StartRow::Celsius(header.bath_c),
            arterial_c: header.bath_c,
            blood_returns_on_thaw: false,
        },
        faces: Faces { all_c: (bath.walls == WallsWord::Held).then_some(header.bath_c), ..Faces::default() },
        media: [("medium".to_owned(), header.medium.clone())].into(),
        fill: Fill { uniform: Some("medium".to_owned()), layers: None, labels: None },
        probes: vec![probe_row(header, probe, ranges)],
        sensors: Vec::new(),
        rays: Vec::new(),
    }
}

/// Along z with the tip at zero. Its cooling is only a place holder that every probe may have; the fit sets its own.
fn probe_row(header: &Header, probe: &Probe, ranges: &SearchRanges) -> ProbeRow {
    let given = &header.dimensions;
    let known = probe.dimensions.value;
    let cold_mm = given.dead_tip_mm.unwrap_or(known.dead_tip_mm)
        + given.active_length_mm.or(known.active_length_mm.known()).unwrap_or(0.0);
    let room_mm = (header.bath.above_tip_mm - UNDER_THE_SURFACE_MM - cold_mm).max(0.0);
    let shaft_mm = known.shaft_length_mm.known().map_or(room_mm, |mm| mm.min(room_mm));
    ProbeRow {
        name: None,
        catalogue: Some(header.probe.clone()),
        tip_mm: [0.0, 0.0, 0.0],
        towards_hub: [0.0, 0.0, 1.0],
        diameter_mm: given.diameter_mm,
        active_length_mm: given.active_length_mm,
        dead_tip_mm: given.dead_tip_mm,
        shaft_length_mm: Some(given.shaft_length_mm.unwrap_or(shaft_mm)),
        // Said here because the catalogue only gives a whole shape, and the file may add what it does not know.
        tip: Some(match known.tip {
            TipForm::Flat => TipWord::Flat,
            TipForm::Round => TipWord::Round,
            TipForm::Cone => TipWord::Cone,
        }),
        shaft_held_at_least_c: known.shaft_held_at_least_c,
        surface_s_c: Some(vec![(0.0, ranges.warmest_surface_c)]),
        film: None,
        warming_s_c: None,
        protocol: None,
        phases: Some(header.phases.clone()),
    }
}
