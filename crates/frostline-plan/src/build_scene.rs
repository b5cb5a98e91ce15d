//! From anatomy and plan to a question the heat solver can answer.
//!
//! The scene has the first probe along its z axis with the tip at the origin, so that ice around it lies square to the
//! cells. Tissue is looked up at every cell centre, and at 27 places in cells beside another tissue, which are filled with a mixture
//! ([`paint`]). Nerves, vessels and tendons that were marked as courses are painted at the resolution of the scene.

mod paint;

use frostline_freeze::{
    Cooling, FreezeScene, GridError, Held, OuterFace, PhaseKind, Reperfusion, Scene, SceneBox, SceneError, SceneGrid,
    SceneParts, ScenePoint, SceneProbe, SceneVector, Sensor, Start, TableError, TimeTable,
};
use frostline_space::{Direction, Patient, PatientPoint, PatientVector, Transform, TransformError};

use crate::anatomy::{Anatomy, TissueKind, TissueMap};
use crate::catalogue::Catalogues;
use crate::fluid::displaced;
use crate::plan::{Plan, ProbePlacement};

use paint::{Painted, Painter};

/// What measurement says about the model: how far it seems off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correction {
    /// Blood flow in tissue, times what the catalogue says.
    pub perfusion_factor: f64,
    /// Warmer (above 0) or colder probe surface than the catalogue says. Unit: K.
    pub probe_offset_k: f64,
    /// Warmer or colder blood than the catalogue says. Unit: K.
    pub blood_offset_k: f64,
}

impl Correction {
    /// Nothing was measured; the catalogue stands.
    pub fn none() -> Self {
        Self { perfusion_factor: 1.0, probe_offset_k: 0.0, blood_offset_k: 0.0 }
    }
}

/// How finely the scene is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resolution {
    /// Cell size around the probes. Unit: mm.
    pub fine_mm: f64,
    /// The coarsest cell far away. Unit: mm.
    pub coarsest_mm: f64,
    /// Time simulated after the last phase, so that what still grows is seen. Unit: s.
    pub after_s: f64,
}

impl Default for Resolution {
    /// Half a millimetre: two cells across the thinnest nerve of the atlas.
    fn default() -> Self {
        Self { fine_mm: 0.5, coarsest_mm: 3.0, after_s: 120.0 }
    }
}

/// What fills the cells of a scene, in the planner's words.
#[derive(Clone, Debug, PartialEq)]
pub enum Filling {
    /// A tissue.
    Tissue(TissueKind),
    /// Two tissues that share a cell.
    Mixed(Mixture),
    /// Blood flowing in the vessel of that name.
    Vessel(String),
    /// What lies on the skin.
    Outside,
}

/// Two tissues in one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mixture {
    /// The one that comes first among tissues.
    pub first: TissueKind,
    /// The other.
    pub second: TissueKind,
    /// Eighths of the volume that the second fills. Range: 1 to 7.
    pub eighths: u8,
}

impl Mixture {
    /// The tissue of which there is more; the first where there is as much of either.
    pub fn mostly(&self) -> TissueKind {
        if self.eighths > 4 { self.second } else { self.first }
    }
}

impl Filling {
    /// The tissue of the cell, or the one of which there is more.
    pub fn tissue(&self) -> Option<TissueKind> {
        match self {
            Filling::Tissue(kind) => Some(*kind),
            Filling::Mixed(mixture) => Some(mixture.mostly()),
            Filling::Vessel(_) | Filling::Outside => None,
        }
    }
}

/// A scene together with its place in the patient.
#[derive(Clone, Debug)]
pub struct BuiltScene {
    /// The question for the solver.
    pub scene: FreezeScene,
    /// From the patient to the scene.
    pub patient_to_scene: Transform<Patient, Scene>,
    /// From the scene to the patient.
    pub scene_to_patient: Transform<Scene, Patient>,
    /// What each of the scene's media is, in their order.
    pub fillings: Vec<Filling>,
    /// Smallest distance from the active lengths to the rim of the scene. Unit: mm.
    pub margin_mm: f64,
    /// What measurement said of the model when it was built.
    pub correction: Correction,
    /// How finely it was cut.
    pub resolution: Resolution,
    /// Its cells serve a preview; what is assessed on them is never approved.
    pub(crate) is_for_preview: bool,
}

/// Why a scene cannot be built.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BuildError {
    /// A tissue without thermal numbers.
    #[error("data/tissues.toml has no row for {tissue:?}, which this anatomy contains; add one with its source")]
    NoTissueRow {
        /// The tissue.
        tissue: TissueKind,
    },
    /// More different fillings than a scene can number.
    #[error("the anatomy has {found} different tissues and vessels near the probe; at most 255 are possible")]
    TooManyFillings {
        /// How many there are.
        found: usize,
    },
    /// Axes that do not span space.
    #[error(transparent)]
    Axes(#[from] TransformError),
    /// A grid that cannot be made.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// A probe table that cannot be shifted.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A scene the solver refuses.
    #[error(transparent)]
    Scene(#[from] SceneError),
}

/// The question that asks what this plan does in this anatomy.
///
/// # Errors
/// [`BuildError`] when a tissue has no numbers or the scene is refused.
pub fn build_scene(
    anatomy: &Anatomy,
    plan: &Plan,
    catalogues: &Catalogues,
    correction: &Correction,
    resolution: &Resolution,
) -> Result<BuiltScene, BuildError> {
    let anatomy = &*displaced(anatomy, plan.fluid(), catalogues);
    let patient_to_scene = frame_of(&plan.placements()[0]);
    let scene_to_patient = patient_to_scene.inverse()?;
    let probes = scene_probes(plan, catalogues, correction, &patient_to_scene)?;
    let reach = Reach::of(&probes, resolution.fine_mm);
    let grid = SceneGrid::graded(reach.focus, resolution.fine_mm, GROWTH, resolution.coarsest_mm, reach.outer)?;
    let painter = Painter::new(anatomy, plan, catalogues, correction);
    let painted = painter.fill(&grid, &scene_to_patient)?;
    let sensors = sensors(anatomy, &probes[0], &grid, &painted, &patient_to_scene);
    let Painted { medium, fillings, media } = painted;
    let scene = FreezeScene::new(SceneParts {
        grid,
        medium,
        media,
        arterial_c: catalogues.surroundings.arterial().value.celsius + correction.blood_offset_k,
        start: Start::Steady,
        outer: [OuterFace::Insulated; 6],
        reperfusion: Reperfusion::Never,
        duration_s: plan.protocol().schedule.duration_s() + resolution.after_s,
        probes,
        sensors,
        isotherms_c: catalogues.limits.isotherms().value.celsius.clone(),
    })?;
    Ok(BuiltScene {
        scene,
        patient_to_scene,
        scene_to_patient,
        fillings,
        margin_mm: reach.margin_mm,
        correction: *correction,
        resolution: *resolution,
        is_for_preview: false,
    })
}

/// Each cell outside the focus is at most this much wider than its inner neighbour. With 1.2 and finest cells up to 6 mm
/// a leg on 0.5 mm cells has 1.6 times as many cells and radii that differ by less than 0.01 mm (docs/speed.md, L1).
const GROWTH: f64 = 1.25;

/// The frame with the first probe along z and its tip at zero.
fn frame_of(first: &ProbePlacement) -> Transform<Patient, Scene> {
    // A plan has entries apart from tips, so the fallback is never taken.
    let up = (first.entry - first.tip).direction().unwrap_or(Direction::along_z());
    let (x, y) = up.perpendiculars();
    let rows = [x.as_vector(), y.as_vector(), up.as_vector()];
    let step = |pick: fn(&PatientVector) -> f64| SceneVector::new(pick(&rows[0]), pick(&rows[1]), pick(&rows[2]));
    let turn: Transform<Patient, Scene> =
        Transform::new(step(|r| r.x), step(|r| r.y), step(|r| r.z), ScenePoint::origin());
    let tip = turn.apply(first.tip);
    let [a, b, c] = turn.steps();
    Transform::new(a, b, c, ScenePoint::new(-tip.x, -tip.y, -tip.z))
}

fn scene_probes(
    plan: &Plan,
    catalogues: &Catalogues,
    correction: &Correction,
    patient_to_scene: &Transform<Patient, Scene>,
) -> Result<Vec<SceneProbe>, BuildError> {
    let mut probes = Vec::new();
    for (n, placement) in plan.placements().iter().enumerate() {
        // `Plan::new` found every probe with its shape and cooling, so nothing is skipped here.
        let Some(probe) = catalogues.probes.find(&placement.probe) else { continue };
        let (Ok(mut shape), Ok(cooling)) = (probe.shape(), probe.cooling()) else { continue };
        let tip = patient_to_scene.apply(placement.tip);
        let Some(towards_hub) = (patient_to_scene.apply(placement.entry) - tip).direction() else { continue };
        // Beyond the skin the shaft lies in air and changes nothing.
        let inside_mm = placement.way().length_mm();
        shape.shaft_length_mm = (inside_mm - shape.active_length_mm - shape.dead_tip_mm).max(0.0);
        probes.push(SceneProbe {
            name: format!("{} {}", n + 1, probe.name),
            tip,
            towards_hub,
            shape,
            cooling: shifted(cooling, correction.probe_offset_k)?,
            warming: probe.warming(),
            schedule: plan.protocol().schedule.clone(),
        });
    }
    Ok(probes)
}

fn shifted(cooling: Cooling, by_k: f64) -> Result<Cooling, TableError> {
    let shift = |table: &TimeTable| {
        let rows: Vec<_> = table.pairs().iter().map(|&(at_s, celsius)| (at_s, celsius + by_k)).collect();
        TimeTable::from_pairs(&rows)
    };
    Ok(match cooling {
        Cooling::Surface(table) => Cooling::Surface(shift(&table)?),
        Cooling::Film { gas_c, film_w_per_m2_k, most_power_w } => {
            Cooling::Film { gas_c: shift(&gas_c)?, film_w_per_m2_k, most_power_w }
        }
    })
}

/// How far the cold may reach, which sets the size of the scene.
struct Reach {
    focus: SceneBox,
    outer: SceneBox,
    margin_mm: f64,
}

/// Upper bound on the ice radius around a long probe at -70 °C in muscle, per square root of freezing seconds: the exact
/// infinite cylinder of 0.65 mm radius has 5.0 mm after 120 s and 8.9 mm after 600 s.
const ICE_MM_PER_SQRT_S: f64 = 0.46;
/// The scene ends this many ice radii away, where the field is that of the undisturbed limb.
const RIM_ICE_RADII: f64 = 4.0;
/// Beyond that the rim is never nearer than this.
const LEAST_RIM_MM: f64 = 20.0;
/// The finest cells reach so many of themselves from the active length, and at least and at most so far; the ice edge beyond it is
/// smooth. Cells of 1.14 mm that ended at 4 mm found no nerve disabled where ending at 6 mm finds more than 1 mm (a test of `rescue`).
const FOCUS_CELLS: f64 = 6.0;
/// Unit: mm.
const FOCUS_MM: (f64, f64) = (4.0, 6.0);

impl Reach {
    fn of(probes: &[SceneProbe], fine_mm: f64) -> Self {
        let ice_mm = probes.iter().map(ice_radius_mm).fold(0.0, f64::max);
        let margin_mm = (RIM_ICE_RADII * ice_mm).max(LEAST_RIM_MM);
        let ends: Vec<ScenePoint> = probes.iter().flat_map(active_ends).collect();
        // A plan has at least one probe, so there are ends.
        let around = |by_mm| {
            SceneBox::around(&ends, by_mm)
                .unwrap_or(SceneBox { least: ScenePoint::origin(), most: ScenePoint::origin() })
        };
        Self {
            focus: around(ice_mm.min((FOCUS_CELLS * fine_mm).clamp(FOCUS_MM.0, FOCUS_MM.1))),
            outer: around(margin_mm),
            margin_mm,
        }
    }
}

fn active_ends(probe: &SceneProbe) -> [ScenePoint; 2] {
    let end = |along_mm| probe.tip + probe.towards_hub * along_mm;
    [end(probe.shape.dead_tip_mm), end(probe.shape.dead_tip_mm + probe.shape.active_length_mm)]
}

fn ice_radius_mm(probe: &SceneProbe) -> f64 {
    let frozen_s: f64 =
        probe.schedule.phases.iter().filter(|p| p.kind == PhaseKind::Freeze).map(|p| p.duration_s).sum();
    let table = match &probe.cooling {
        Cooling::Surface(table) => table,
        Cooling::Film { gas_c, .. } => gas_c,
    };
    let coldest_c = table.pairs().iter().map(|p| p.1).fold(0.0, f64::min);
    probe.shape.radius_mm + ICE_MM_PER_SQRT_S * frozen_s.sqrt() * (-coldest_c / 70.0).sqrt()
}

/// What lies on the skin. Evaporation takes the same heat at any skin temperature, as an equally colder room would.
fn on_the_skin(plan: &Plan, catalogues: &Catalogues) -> Held {
    let surroundings = &catalogues.surroundings;
    // A plan names a cover that exists; room air stands in where that was circumvented.
    let cover = surroundings.cover(plan.skin_contact()).unwrap_or(surroundings.room_air());
    let film = cover.film.value;
    let colder_by_k = if film.film_w_per_m2_k > 0.0 { film.evaporation_w_per_m2 / film.film_w_per_m2_k } else { 0.0 };
    Held { name: cover.name.clone(), celsius: film.celsius - colder_by_k, film_w_per_m2_k: film.film_w_per_m2_k }
}

impl TissueMap {
    /// The tissue at a place; beyond the field of view that of the nearest place inside it.
    pub fn at_or_nearest(&self, place: PatientPoint) -> TissueKind {
        match self {
            TissueMap::Layers(stack) => stack.at_depth_mm(place.y),
            TissueMap::Displaced(pushed) => pushed.at_or_nearest(place),
            TissueMap::Voxels(volume) => *volume.at(volume.grid().nearest_cell(place)),
        }
    }
}

/// Places whose temperature is followed: the nerve and the skin nearest to the middle of the active length.
fn sensors(
    anatomy: &Anatomy,
    probe: &SceneProbe,
    grid: &SceneGrid,
    painted: &Painted,
    patient_to_scene: &Transform<Patient, Scene>,
) -> Vec<Sensor> {
    let [tip, back] = active_ends(probe);
    let middle = tip.towards(back, 0.5);
    let on_nerve = anatomy
        .nerve
        .course
        .samples(0.25)
        .into_iter()
        .map(|s| patient_to_scene.apply(s.centre))
        .min_by(|a, b| a.distance(middle).total_cmp(&b.distance(middle)));
    let on_skin = (0..grid.cell_count())
        .filter(|&n| painted.fillings[usize::from(painted.medium[n])].tissue() == Some(TissueKind::Skin))
        .map(|n| grid.centre(grid.cell(n)))
        .filter(|p| !beside_shaft(probe, *p))
        .min_by(|a, b| a.distance(middle).total_cmp(&b.distance(middle)));
    let named = |name: &str, place: Option<ScenePoint>| {
        place.filter(|p| grid.cell_at(*p).is_some()).map(|place| Sensor { name: name.into(), place })
    };
    [named("nerve", on_nerve), named("skin", on_skin)].into_iter().flatten().collect()
}

/// True within two radii of the axis, where the metal of the shaft is what one would measure.
fn beside_shaft(probe: &SceneProbe, place: ScenePoint) -> bool {
    let from_tip = place - probe.tip;
    let along = from_tip.dot(probe.towards_hub.as_vector());
    let off = from_tip - probe.towards_hub * along;
    off.length() < 2.0 * probe.shape.radius_mm
}
