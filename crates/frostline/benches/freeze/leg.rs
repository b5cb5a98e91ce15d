//! L1: a leg. The demo's CT, segmented, with a nerve and a vein; a 1.3 mm nitrous oxide probe through the skin, oblique to
//! the leg; three freezes of 120 s with thaws of 60 s. Judged by its own answer on the finest grid, which is recorded.

use std::path::PathBuf;

use frostline_formats::dicom::{DicomFile, SeriesChoice, decode_frame, read_series};
use frostline_freeze::{FreezeHistory, SceneParts, ScenePoint, SceneProbe, radius_along};
use frostline_plan::anatomy::{Anatomy, Marked, Shape, Side, Structure, StructureKind, TargetNerve};
use frostline_plan::catalogue::Catalogues;
use frostline_plan::segment::{Outlines, SegmentSettings, mark, tissue_from_ct};
use frostline_plan::{
    BuiltScene, Correction, Filling, Plan, PlanParts, PlannedProtocol, ProbePlacement, Resolution, build_scene,
};
use frostline_space::{Course, CoursePoint, PatientPoint};
use serde::{Deserialize, Serialize};

use crate::engine::Run;
use crate::sample::{Errors, Limits, Sample, farther};
use crate::{Fault, root};

/// Where the converged answer is kept.
const ANSWER: &str = "crates/frostline/benches/freeze/leg_answer.json";

/// Times and surfaces that are measured: the end of every freeze, and 20 s into every thaw while there is ice.
const ROWS: [(f64, f64); 12] = [
    (120.0, 0.0),
    (120.0, -20.0),
    (120.0, -40.0),
    (140.0, 0.0),
    (300.0, 0.0),
    (300.0, -20.0),
    (300.0, -40.0),
    (320.0, 0.0),
    (480.0, 0.0),
    (480.0, -20.0),
    (480.0, -40.0),
    (500.0, 0.0),
];
const THAWS_S: [f64; 3] = [140.0, 320.0, 500.0];
const DIRECTIONS: usize = 16;

/// L1 on a grid.
#[derive(Clone, Copy, Debug)]
pub struct LegTask {
    pub fine_mm: f64,
    pub coarsest_mm: f64,
    pub step_s: f64,
}

/// The surface of one temperature at one time. Unit: mm.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Surface {
    at_s: f64,
    celsius: f64,
    /// In 16 directions across the middle of the active length, from the axis; 0 where there is none.
    radii_mm: Vec<f64>,
    /// From the middle of the active length on through the tip.
    ahead_mm: f64,
}

/// The answer on the finest grid, and how far the next coarser one is from it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Answer {
    made_by: String,
    finest_mm: f64,
    step_s: f64,
    cells: u64,
    /// Errors of twice the cells and the same step against this answer.
    twice_as_coarse: Errors,
    surfaces: Vec<Surface>,
}

impl LegTask {
    /// One run.
    pub fn run(&self, threads: usize, limits: &Limits) -> Result<Sample, Fault> {
        let leg = Leg::read()?;
        let (mut sample, surfaces) = self.solve(&leg, threads, limits)?;
        if let (true, Some(surfaces), Some(answer)) = (limits.wants_errors, surfaces, recorded()?) {
            sample.errors = Some(errors(&surfaces, &answer.surfaces));
        }
        Ok(sample)
    }

    fn solve(&self, leg: &Leg, threads: usize, limits: &Limits) -> Result<(Sample, Option<Vec<Surface>>), Fault> {
        let keep_at_s: Vec<f64> = ROWS.iter().map(|row| row.0).filter(|_| limits.wants_errors).collect();
        let variant = "probe along the grid, oblique to the leg";
        let run = Run { variant, step_s: self.step_s, threads, keep_at_s: &keep_at_s, cap_s: limits.engine_s };
        let mut probe = None;
        let (sample, history) = run.time(|| {
            let parts = leg.scene(self.fine_mm, self.coarsest_mm)?;
            probe = parts.probes.first().cloned();
            Ok(parts)
        })?;
        let surfaces = history.zip(probe).map(|(history, probe)| surfaces(&history, &probe));
        Ok((sample, surfaces))
    }
}

/// Solves L1 on cells of `finest_mm` and on twice that, and records the answer.
pub fn record_answer(finest_mm: f64) -> Result<(), Fault> {
    let leg = Leg::read()?;
    let on = |fine_mm: f64| {
        let task = LegTask { fine_mm, coarsest_mm: COARSEST_OF_ANSWER_MM, step_s: STEP_OF_ANSWER_S };
        eprintln!("solving on {fine_mm} mm cells ...");
        let (sample, surfaces) = task.solve(&leg, 2, &Limits::unlimited())?;
        eprintln!("{} cells, {:.1} s", sample.work.cells, sample.wall_s);
        surfaces.map(|s| (sample, s)).ok_or_else(|| Fault::from("the run did not end"))
    };
    let (_, coarse) = on(2.0 * finest_mm)?;
    let (sample, surfaces) = on(finest_mm)?;
    let answer = Answer {
        made_by: format!("cargo bench -p frostline --bench freeze -- --converge --converge-mm {finest_mm}"),
        finest_mm,
        step_s: STEP_OF_ANSWER_S,
        cells: sample.work.cells,
        twice_as_coarse: errors(&coarse, &surfaces),
        surfaces,
    };
    let path = root().join(ANSWER);
    std::fs::write(&path, serde_json::to_string_pretty(&answer)? + "\n")?;
    println!("twice as coarse: {:?}\nwritten: {}", answer.twice_as_coarse, path.display());
    Ok(())
}

/// Cells far away for the answer. Unit: mm.
const COARSEST_OF_ANSWER_MM: f64 = 2.0;
/// Half of what runs usually take; the time error of a second-order step is then a quarter. Unit: s.
const STEP_OF_ANSWER_S: f64 = 1.0;

fn recorded() -> Result<Option<Answer>, Fault> {
    let path: PathBuf = root().join(ANSWER);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(serde_json::from_str(&text)?)),
        Err(_) => {
            eprintln!("{} is not there: no errors of L1; make it with --converge", path.display());
            Ok(None)
        }
    }
}

fn surfaces(history: &FreezeHistory, probe: &SceneProbe) -> Vec<Surface> {
    ROWS.iter().map(|&(at_s, celsius)| surface(history, probe, at_s, celsius)).collect()
}

fn surface(history: &FreezeHistory, probe: &SceneProbe, at_s: f64, celsius: f64) -> Surface {
    let snapshot = history.snapshots.iter().find(|s| (s.at_s - at_s).abs() < 1e-6);
    let field = |place: ScenePoint| history.snapshot_at(snapshot?, place);
    let axis = probe.towards_hub;
    let middle = probe.tip + axis * (probe.shape.dead_tip_mm + 0.5 * probe.shape.active_length_mm);
    let (first, second) = axis.perpendiculars();
    let radius = |towards| radius_along(&field, middle, towards, celsius).unwrap_or(0.0);
    let radii_mm = (0..DIRECTIONS)
        .filter_map(|n| {
            let angle = std::f64::consts::TAU * n as f64 / DIRECTIONS as f64;
            (first * angle.cos() + second * angle.sin()).direction().map(radius)
        })
        .collect();
    Surface { at_s, celsius, radii_mm, ahead_mm: radius(-axis) }
}

fn errors(found: &[Surface], answer: &[Surface]) -> Errors {
    let mut errors = Errors::default();
    for (found, answer) in found.iter().zip(answer) {
        let is_thaw = THAWS_S.contains(&answer.at_s);
        let mean = |s: &Surface| s.radii_mm.iter().sum::<f64>() / s.radii_mm.len() as f64;
        let kind = if is_thaw { &mut errors.thaw_mm } else { &mut errors.mean_mm };
        *kind = farther(*kind, Some(mean(found) - mean(answer)));
        for (found, answer) in found.radii_mm.iter().zip(&answer.radii_mm) {
            errors.direction_mm = farther(errors.direction_mm, Some(found - answer));
        }
        errors.axial_mm = farther(errors.axial_mm, Some(found.ahead_mm - answer.ahead_mm));
    }
    errors
}

/// The anatomy of the demo with the plan of L1.
pub struct Leg {
    catalogues: Catalogues,
    anatomy: Anatomy,
    plan: Plan,
}

/// `leg.toml`, which says more about it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LegText {
    image: PathBuf,
    probe: String,
    protocol: String,
    skin_contact: String,
    entry_mm: [f64; 3],
    tip_mm: [f64; 3],
    nerve: TubeText,
    /// A vein.
    vessel: TubeText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TubeText {
    id: String,
    points_mm: Vec<[f64; 3]>,
    radius_mm: f64,
}

impl Leg {
    /// Reads the CT and what is drawn on it.
    pub fn read() -> Result<Self, Fault> {
        let catalogues = Catalogues::bundled()?;
        let text: LegText = toml::from_str(include_str!("leg.toml"))?;
        let anatomy = anatomy_of(&text, &catalogues)?;
        let protocol = catalogues.protocols.find(&text.protocol).ok_or("the catalogue lacks the protocol of L1")?;
        let placement = ProbePlacement { probe: text.probe, entry: place(text.entry_mm), tip: place(text.tip_mm) };
        let parts = PlanParts {
            placements: vec![placement],
            protocol: PlannedProtocol { name: protocol.name.clone(), schedule: protocol.schedule() },
            skin_contact: text.skin_contact,
        };
        let plan = Plan::new(parts, &anatomy, &catalogues)?;
        Ok(Self { catalogues, anatomy, plan })
    }

    /// The question on a grid.
    pub fn scene(&self, fine_mm: f64, coarsest_mm: f64) -> Result<SceneParts, Fault> {
        let resolution = Resolution { fine_mm, coarsest_mm, after_s: 0.0 };
        let built = build_scene(&self.anatomy, &self.plan, &self.catalogues, &Correction::none(), &resolution)?;
        holds_every_kind(&built)?;
        Ok(built.scene.parts().clone())
    }
}

/// L1 says that it has skin, fat, muscle, nerve, vessel and bone.
fn holds_every_kind(built: &BuiltScene) -> Result<(), Fault> {
    let name = |filling: &Filling| match filling {
        Filling::Tissue(kind) => format!("{kind:?}"),
        Filling::Vessel(_) => "Vessel".into(),
        Filling::Outside => "Outside".into(),
    };
    let names: Vec<String> = built.fillings.iter().map(name).collect();
    for kind in ["Outside", "Skin", "Fat", "Muscle", "Nerve", "Vessel", "CorticalBone"] {
        if !names.iter().any(|name| name == kind) {
            return Err(
                format!("the scene of L1 has no {kind}, only {}; has the case changed?", names.join(", ")).into()
            );
        }
    }
    Ok(())
}

fn anatomy_of(text: &LegText, catalogues: &Catalogues) -> Result<Anatomy, Fault> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root().join(&text.image))? {
        let path = entry?.path();
        files.push((path.to_string_lossy().into_owned(), std::fs::read(&path)?));
    }
    files.sort();
    let files: Vec<DicomFile> = files.iter().map(|(name, bytes)| DicomFile { name, bytes }).collect();
    let image = read_series(&files, &SeriesChoice::Only, &decode_frame)?;
    let nerve = TargetNerve {
        id: text.nerve.id.clone(),
        course: course(&text.nerve.points_mm, text.nerve.radius_mm)?,
        distance_to_target_mm: Marked::NotMarked,
    };
    let seed = nerve.course.at(nerve.course.length_mm() / 2.0).centre;
    let settings = SegmentSettings::from_catalogue(&catalogues.segmentation, Some(seed))?;
    let tissue = tissue_from_ct(&image, &settings)?;
    let shape = Marked::Marked(Shape::Course(course(&text.vessel.points_mm, text.vessel.radius_mm)?));
    let structures = vec![Structure { name: text.vessel.id.clone(), kind: StructureKind::Vein, shape }];
    Ok(mark(tissue, Outlines { side: Side::Left, nerve, structures })?)
}

fn course(points_mm: &[[f64; 3]], radius_mm: f64) -> Result<Course, Fault> {
    let points: Vec<_> = points_mm.iter().map(|&mm| CoursePoint { centre: place(mm), radius_mm }).collect();
    Ok(Course::through(&points)?)
}

fn place(mm: [f64; 3]) -> PatientPoint {
    PatientPoint::new(mm[0], mm[1], mm[2])
}
