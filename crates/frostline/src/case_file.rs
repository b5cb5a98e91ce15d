//! The case file: what a person writes about one patient's leg, the probe and the protocol.
//!
//! `docs/case.md` describes every key. Paths are relative to the case file. Places are (x, y, z) in LPS millimetres for
//! CT, MR and label maps, and (lateral, depth, along) in millimetres for calipers and ultrasound frames.

use std::path::{Path, PathBuf};

use frostline_formats::ImageVolume;
use frostline_formats::frame_png::UltrasoundFrame;
use frostline_freeze::{Phase, PhaseKind, Schedule, Tolerance};
use frostline_plan::anatomy::{Anatomy, Marked, Shape, Side, Structure, StructureKind, TargetNerve};
use frostline_plan::catalogue::{Catalogues, SiteLimit, TissueModelChoice, UncertaintyChoice, structure_called};
use frostline_plan::layers::CaliperMeasurement;
use frostline_plan::ultrasound::FrameReading;
use frostline_plan::{Goals, Plan, PlanParts, PlannedProtocol, ProbePlacement, ProtectiveFluid};
use frostline_space::{Course, CoursePoint, PatientPoint};
use serde::Deserialize;

mod anatomy;
mod calibration;
mod error;
mod unplanned;

pub use error::CaseError;
pub use unplanned::{Unplanned, read_unplanned, unplanned_of};

/// A case, read and checked.
pub struct Case {
    /// What people call it.
    pub title: String,
    /// What the case says about itself, for the report.
    pub story: Vec<String>,
    /// What lies where.
    pub anatomy: Anatomy,
    /// The CT or MR, where there is one.
    pub image: Option<ImageVolume>,
    /// The ultrasound frame, where there is one.
    pub frame: Option<FramePicture>,
    /// What is planned.
    pub plan: Plan,
    /// The catalogues, with the options for freezing tissue and the calibrations that the case or the command line names.
    pub catalogues: Catalogues,
    /// What is wanted.
    pub goals: Goals,
    /// Solver settings that differ from the default.
    pub solver: SolverRow,
    /// How closely it is computed.
    pub accuracy: AccuracyRow,
}

/// An ultrasound frame and where the skin lies in it.
pub struct FramePicture {
    /// The picture.
    pub frame: UltrasoundFrame,
    /// Row of the picture on which the skin surface lies, from 0 at the top.
    pub skin_row_px: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseText {
    title: String,
    #[serde(default)]
    story: Vec<String>,
    side: SideRow,
    image: Option<ImageRow>,
    labels: Option<LabelsRow>,
    calipers: Option<CaliperMeasurement>,
    frame: Option<FrameRow>,
    nerve: NerveRow,
    #[serde(default)]
    structure: Vec<StructureRow>,
    #[serde(default)]
    probe: Vec<ProbeRow>,
    protocol: Option<ProtocolRow>,
    goals: Option<unplanned::GoalsRow>,
    stock: Option<unplanned::StockRow>,
    access: Option<unplanned::AccessRow>,
    #[serde(default)]
    limits: Vec<SiteLimit>,
    #[serde(default)]
    fluid: Vec<FluidRow>,
    #[serde(default)]
    skin: SkinRow,
    #[serde(default)]
    tissue_model: TissueModelChoice,
    #[serde(default)]
    uncertainty: UncertaintyChoice,
    #[serde(default)]
    solver: SolverRow,
    #[serde(default)]
    accuracy: AccuracyRow,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SideRow {
    Left,
    Right,
}

impl SideRow {
    fn side(self) -> Side {
        match self {
            SideRow::Left => Side::Left,
            SideRow::Right => Side::Right,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageRow {
    /// Folder of DICOM files, or a NIfTI, NRRD or MetaImage file.
    path: PathBuf,
    /// Which series of the folder.
    series: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelsRow {
    /// The label map.
    path: PathBuf,
    /// The file that says what each label is.
    mapping: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameRow {
    /// The ultrasound picture, PNG.
    picture: PathBuf,
    /// A PNG of the same size with a label per pixel.
    mask: PathBuf,
    /// Width and height of a pixel.
    pixel_mm: [f64; 2],
    /// What the labels and depths are.
    reading: FrameReading,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NerveRow {
    id: String,
    /// Not needed with calipers or a frame, which say where the nerve is.
    points_mm: Option<Vec<[f64; 3]>>,
    radius_mm: Option<f64>,
    radii_mm: Option<Vec<f64>>,
    distance_to_target_mm: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StructureRow {
    name: String,
    kind: String,
    points_mm: Option<Vec<[f64; 3]>>,
    radius_mm: Option<f64>,
    radii_mm: Option<Vec<f64>>,
    contours: Option<ContoursRow>,
    #[serde(default)]
    not_marked: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContoursRow {
    /// An RTSTRUCT file.
    path: PathBuf,
    /// Name of the region in it.
    region: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProbeRow {
    model: String,
    entry_mm: [f64; 3],
    tip_mm: [f64; 3],
    /// A file that `frostline calibrate` wrote for this probe.
    calibration: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtocolRow {
    id: Option<String>,
    phases: Option<Vec<PhaseRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhaseRow {
    freeze_s: Option<f64>,
    thaw_s: Option<f64>,
    active_thaw_s: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SkinRow {
    contact: String,
}

/// Protective fluid.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FluidRow {
    /// Where the needle ends.
    place_mm: [f64; 3],
    /// A place on the side that is pushed away.
    towards_mm: [f64; 3],
    millilitres: f64,
}

impl Default for SkinRow {
    fn default() -> Self {
        Self { contact: "room-air".into() }
    }
}

/// Solver settings a case may ask for.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolverRow {
    /// Cell size around the probes. Unit: mm.
    pub fine_mm: Option<f64>,
    /// Longest time step. Unit: s.
    pub step_s: Option<f64>,
}

/// How closely a case or a scene is computed; without it, to the usual tolerance.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccuracyRow {
    /// Largest error of any radius or half length of a surface. Unit: mm.
    pub surface_mm: Option<f64>,
    /// What all runs together may take.
    pub most_cell_updates: Option<u64>,
}

/// Range of `surface_mm`.
pub const TOLERANCES_MM: std::ops::RangeInclusive<f64> = 0.01..=1.0;

impl AccuracyRow {
    /// A tolerance with the cost it allows.
    pub fn allowing(self, usual: Tolerance) -> Tolerance {
        Tolerance { most_cell_updates: self.most_cell_updates.unwrap_or(usual.most_cell_updates), ..usual }
    }
}

/// Reads a case file and everything it points to. Calibrations of the command line go before the catalogue as those of the
/// case do.
///
/// # Errors
/// [`CaseError`] naming the file, what was found, what was expected and what to do.
pub fn read_case(path: &Path, bundled: &Catalogues, calibrations: &[PathBuf]) -> Result<Case, CaseError> {
    planned(read_unplanned(path, bundled, calibrations)?)
}

/// A case that must have a plan.
///
/// # Errors
/// [`CaseError::Missing`] where it has none.
pub fn planned(read: Unplanned) -> Result<Case, CaseError> {
    let plan = read.plan.ok_or(CaseError::Missing {
        missing: "[[probe]] and [protocol]",
        hint: "give both, or let 'frostline propose' find them",
    })?;
    Ok(Case {
        title: read.title,
        story: read.story,
        anatomy: read.anatomy,
        image: read.image,
        frame: read.frame,
        plan,
        catalogues: read.catalogues,
        goals: read.goals,
        solver: read.solver,
        accuracy: read.accuracy,
    })
}

/// The plan of a case that has one.
fn plan_of(case: &CaseText, anatomy: &Anatomy, catalogues: &Catalogues) -> Result<Option<Plan>, CaseError> {
    let row = match (&case.protocol, case.probe.is_empty()) {
        (None, true) => return Ok(None),
        (Some(row), _) => row,
        (None, false) => {
            return Err(CaseError::Missing { missing: "[protocol]", hint: "give id = \"n2o-3x120\" or phases" });
        }
    };
    let parts = PlanParts {
        placements: case.probe.iter().map(placement).collect(),
        protocol: protocol(row, catalogues)?,
        skin_contact: case.skin.contact.clone(),
        fluid: case.fluid.iter().map(fluid).collect(),
    };
    Ok(Some(Plan::new(parts, anatomy, catalogues)?))
}

fn check_numbers(case: &CaseText) -> Result<(), CaseError> {
    let wrong = |key, found, expected| Err(CaseError::BadNumber { key, found, expected });
    let mut lengths: Vec<(&'static str, f64)> = Vec::new();
    lengths.extend(case.calipers.iter().map(|c| ("calipers.length_mm", c.length_mm)));
    lengths.extend(case.frame.iter().map(|f| ("frame.reading.length_mm", f.reading.length_mm)));
    let layers = case.calipers.iter().flat_map(|c| &c.layers).chain(case.frame.iter().flat_map(|f| &f.reading.layers));
    lengths.extend(layers.map(|l| ("bottom_mm of a layer", l.bottom_mm)));
    for (key, found) in lengths {
        if !(0.01..=LONGEST_LIMB_MM).contains(&found) {
            return wrong(key, found, "0.01 to 2000 mm");
        }
    }
    let drawn = case.nerve.points_mm.iter().chain(case.structure.iter().filter_map(|s| s.points_mm.as_ref())).flatten();
    let probes = case.probe.iter().flat_map(|p| [&p.entry_mm, &p.tip_mm]);
    let fluids = case.fluid.iter().flat_map(|f| [&f.place_mm, &f.towards_mm]);
    for found in drawn.chain(probes).chain(fluids).flatten() {
        if !(-FARTHEST_PLACE_MM..=FARTHEST_PLACE_MM).contains(found) {
            return wrong("a coordinate", *found, "-10000 to 10000 mm");
        }
    }
    match case.solver.fine_mm {
        // Written so that a number that is not one is refused too.
        Some(found) if !(0.1..=2.0).contains(&found) => return wrong("solver.fine_mm", found, "0.1 to 2 mm"),
        _ => {}
    }
    match case.accuracy.surface_mm {
        Some(found) if !TOLERANCES_MM.contains(&found) => {
            return wrong("accuracy.surface_mm", found, "0.01 to 1 mm; without it 0.25 mm");
        }
        Some(_) if case.solver.fine_mm.is_some() => return Err(CaseError::TwoAccuracies),
        _ => {}
    }
    match case.solver.step_s {
        Some(found) if !(0.05..=20.0).contains(&found) => return wrong("solver.step_s", found, "0.05 to 20 s"),
        _ => {}
    }
    match case.nerve.distance_to_target_mm {
        Some(found) if !(1.0..=2000.0).contains(&found) => {
            wrong("nerve.distance_to_target_mm", found, "1 to 2000 mm along the nerve")
        }
        _ => Ok(()),
    }
}

/// No leg is longer.
const LONGEST_LIMB_MM: f64 = 2000.0;
/// Scanner coordinates stay within a few metres of their zero.
pub const FARTHEST_PLACE_MM: f64 = 10_000.0;

fn place(mm: [f64; 3]) -> PatientPoint {
    PatientPoint::new(mm[0], mm[1], mm[2])
}

fn placement(row: &ProbeRow) -> ProbePlacement {
    ProbePlacement { probe: row.model.clone(), entry: place(row.entry_mm), tip: place(row.tip_mm) }
}

fn fluid(row: &FluidRow) -> ProtectiveFluid {
    ProtectiveFluid { place: place(row.place_mm), towards: place(row.towards_mm), millilitres: row.millilitres }
}

fn protocol(row: &ProtocolRow, catalogues: &Catalogues) -> Result<PlannedProtocol, CaseError> {
    if let (Some(id), Some(_)) = (&row.id, &row.phases) {
        return Err(CaseError::TwoProtocols { id: id.clone() });
    }
    if let Some(phases) = &row.phases {
        let phases: Vec<Phase> = phases.iter().enumerate().map(|(n, p)| phase(n + 1, p)).collect::<Result<_, _>>()?;
        return Ok(PlannedProtocol { name: "own phases".into(), schedule: Schedule { phases } });
    }
    let Some(id) = row.id.clone() else {
        return Err(CaseError::Missing {
            missing: "id or phases in [protocol]",
            hint: "give id = \"n2o-3x120\" or another key of data/protocols.toml, or phases = [{ freeze_s = 120 }, { thaw_s = 60 }]",
        });
    };
    let Some(known) = catalogues.protocols.find(&id) else {
        let ids: Vec<_> = catalogues.protocols.all().iter().map(|p| p.id.as_str()).collect();
        return Err(CaseError::UnknownProtocol { found: id, known: ids.join(", ") });
    };
    Ok(PlannedProtocol { name: known.name.clone(), schedule: known.schedule() })
}

/// No console switches faster, and no ice forms in less.
const SHORTEST_PHASE_S: f64 = 1.0;
/// An hour is longer than any freeze that was ever published for a nerve.
const LONGEST_PHASE_S: f64 = 3600.0;

fn phase(number: usize, row: &PhaseRow) -> Result<Phase, CaseError> {
    let given: Vec<(PhaseKind, f64)> = [
        (PhaseKind::Freeze, row.freeze_s),
        (PhaseKind::PassiveThaw, row.thaw_s),
        (PhaseKind::ActiveThaw, row.active_thaw_s),
    ]
    .into_iter()
    .filter_map(|(kind, duration)| duration.map(|d| (kind, d)))
    .collect();
    match given.as_slice() {
        [(kind, duration_s)] if (SHORTEST_PHASE_S..=LONGEST_PHASE_S).contains(duration_s) => {
            Ok(Phase { kind: *kind, duration_s: *duration_s })
        }
        [(_, duration_s)] => Err(CaseError::BadPhase { number, found: format!("{duration_s} s") }),
        several => Err(CaseError::BadPhase { number, found: format!("{} times", several.len()) }),
    }
}

/// A course through points with one radius or one per point.
fn course(name: &str, points: &[[f64; 3]], radius: Option<f64>, radii: Option<&[f64]>) -> Result<Course, CaseError> {
    let radii_given = radii.map_or(points.len(), <[f64]>::len);
    if radii_given != points.len() || (radii.is_some() && radius.is_some()) {
        return Err(CaseError::Radii { name: name.into(), points: points.len(), radii: radii_given });
    }
    let radius_of = |n: usize| radii.and_then(|r| r.get(n)).copied().or(radius);
    let mut marked = Vec::with_capacity(points.len());
    for (n, mm) in points.iter().enumerate() {
        let Some(radius_mm) = radius_of(n) else {
            return Err(CaseError::Missing {
                missing: "radius_mm beside points_mm",
                hint: "give radius_mm for the whole course, or radii_mm with one number per point",
            });
        };
        marked.push(CoursePoint { centre: place(*mm), radius_mm });
    }
    Course::through(&marked).map_err(|source| CaseError::Course { name: name.into(), source })
}

fn target_distance(row: &NerveRow) -> Marked<f64> {
    row.distance_to_target_mm.map_or(Marked::NotMarked, Marked::Marked)
}

/// The nerve drawn by points.
fn drawn_nerve(row: &NerveRow) -> Result<TargetNerve, CaseError> {
    let Some(points) = &row.points_mm else {
        return Err(CaseError::Missing {
            missing: "points_mm in [nerve]",
            hint: "draw the nerve as at least two points [x, y, z] in LPS mm, with radius_mm",
        });
    };
    Ok(TargetNerve {
        id: row.id.clone(),
        course: course("the nerve", points, row.radius_mm, row.radii_mm.as_deref())?,
        distance_to_target_mm: target_distance(row),
    })
}

fn kind_of(row: &StructureRow) -> Result<StructureKind, CaseError> {
    structure_called(&row.kind)
        .ok_or_else(|| CaseError::UnknownKind { name: row.name.clone(), found: row.kind.clone() })
}

/// A structure that was drawn by points or is said not to be marked; contours need the image and are read elsewhere.
fn drawn_structure(row: &StructureRow) -> Result<Structure, CaseError> {
    let kind = kind_of(row)?;
    if row.contours.is_some() {
        let found = "contours, which need a CT or a label map";
        return Err(CaseError::StructurePlace { name: row.name.clone(), found });
    }
    let shape = match (&row.points_mm, row.not_marked) {
        (Some(points), false) => {
            Marked::Marked(Shape::Course(course(&row.name, points, row.radius_mm, row.radii_mm.as_deref())?))
        }
        (None, true) => Marked::NotMarked,
        (Some(_), true) => {
            return Err(CaseError::StructurePlace { name: row.name.clone(), found: "points and not_marked = true" });
        }
        (None, false) => return Err(CaseError::StructurePlace { name: row.name.clone(), found: "no place" }),
    };
    Ok(Structure { name: row.name.clone(), kind, shape })
}
