//! An estimate of what the cold reaches: one freeze per probe and protocol in tissue without borders, read along and across
//! the probe. It knows the probe and the time; it does not know skin, vessels and other tissues. It ranks candidates and is
//! never shown as an answer.

use frostline_freeze::FreezeHistory;
use frostline_space::{Course, CoursePoint, PatientPoint, PatientVector};

use crate::anatomy::{Anatomy, Layer, LayerStack, Marked, Origin, Side, TargetNerve, TissueKind, TissueMap};
use crate::build_scene::BuiltScene;
use crate::catalogue::{Catalogues, Known, PublishedIce};
use crate::plan::{Plan, PlanError, PlanParts, PlannedProtocol, ProbePlacement};

use super::spot::{SECTION_STEP_MM, Spot};
use super::way::Pose;

/// Steps of the table. Unit: mm.
const STEP_MM: f64 = 0.5;
/// Across and beyond both ends: ice of nerve probes ends well before. Unit: mm.
const REACH_MM: f64 = 20.0;
/// Places around the probe that are averaged.
const AROUND: usize = 4;

/// Coldest temperatures around a probe, by distance from its axis and along it from the tip.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    across: usize,
    along: usize,
    celsius: Vec<f32>,
}

/// What is estimated of a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    /// Unit: mm.
    pub disabled_mm: f64,
    /// The thinnest margin to a stop limit. Unit: K.
    pub margin_k: f64,
    /// Coldest skin. Unit: °C.
    pub skin_c: f64,
    /// What the best cross-section wholly reaches. Unit: °C.
    pub section_c: f64,
}

impl Estimate {
    /// Nothing is estimated.
    pub const NOTHING: Self = Self { disabled_mm: 0.0, margin_k: 0.0, skin_c: 0.0, section_c: 0.0 };
}

/// Depth of the tip in the tissue without borders. Unit: mm.
const DEEP_MM: f64 = 80.0;

/// The same probe and protocol in tissue without borders, far from any nerve.
pub(super) fn free_tissue(tissue: TissueKind) -> Option<Anatomy> {
    let layers = vec![Layer { tissue, bottom_mm: 10.0 * DEEP_MM }];
    let end = |z: f64| CoursePoint { centre: PatientPoint::new(5.0 * DEEP_MM, DEEP_MM, z), radius_mm: 1.0 };
    Some(Anatomy {
        side: Side::Left,
        origin: Origin::Calipers,
        tissues: TissueMap::Layers(LayerStack::new(layers).ok()?),
        nerve: TargetNerve {
            id: String::new(),
            course: Course::through(&[end(0.0), end(DEEP_MM)]).ok()?,
            distance_to_target_mm: Marked::NotMarked,
        },
        structures: vec![],
        remarks: vec![],
    })
}

/// One probe, straight down; never shorter than its cold length.
pub(super) fn free_plan(
    free: &Anatomy,
    probe: &str,
    protocol: PlannedProtocol,
    catalogues: &Catalogues,
) -> Result<Plan, PlanError> {
    let reach_mm = catalogues.probes.find(probe).and_then(|p| p.shape().ok()).map_or(DEEP_MM, |s| s.total_length_mm());
    let tip = PatientPoint::new(0.0, reach_mm.min(DEEP_MM), 0.0);
    let entry = PatientPoint::origin();
    let skin_contact = catalogues.surroundings.room_air().id.clone();
    let placements = vec![ProbePlacement { probe: probe.to_owned(), entry, tip }];
    Plan::new(PlanParts { placements, protocol, skin_contact, fluid: Vec::new() }, free, catalogues)
}

impl Reach {
    /// Read from an answer.
    pub fn of(built: &BuiltScene, history: &FreezeHistory, cold_length_mm: f64) -> Self {
        let body_c = built.scene.parts().arterial_c;
        let along = ((cold_length_mm + 2.0 * REACH_MM) / STEP_MM) as usize + 1;
        let across = (REACH_MM / STEP_MM) as usize + 1;
        let mut celsius = vec![f32::NAN; across * along];
        for n in 0..along {
            let z = n as f64 * STEP_MM - REACH_MM;
            // From outside inwards: inside the probe there is no answer, and that beside it holds.
            let mut beside_c = body_c;
            for m in (0..across).rev() {
                beside_c = around_c(history, m as f64 * STEP_MM, z).unwrap_or(beside_c);
                celsius[n * across + m] = beside_c as f32;
            }
        }
        Self { across, along, celsius }
    }

    /// The ellipse that a maker publishes, as if everything inside were cold enough and nothing outside.
    pub fn of_ellipse(published: &PublishedIce, shape: &frostline_freeze::ProbeShape, body_c: f64) -> Option<Self> {
        let Known::Known(length_mm) = published.length_mm else { return None };
        let along = ((shape.active_length_mm + shape.dead_tip_mm + 2.0 * REACH_MM) / STEP_MM) as usize + 1;
        let across = (REACH_MM / STEP_MM) as usize + 1;
        let middle_mm = shape.dead_tip_mm + 0.5 * shape.active_length_mm;
        let inside = |r: f64, z: f64| (2.0 * r / published.width_mm).hypot(2.0 * (z - middle_mm) / length_mm) <= 1.0;
        let place = |n: usize| ((n % across) as f64 * STEP_MM, (n / across) as f64 * STEP_MM - REACH_MM);
        let celsius_at = |n: usize| {
            let (r, z) = place(n);
            if inside(r, z) { -body_c as f32 } else { body_c as f32 }
        };
        Some(Self { across, along, celsius: (0..across * along).map(celsius_at).collect() })
    }

    /// Linear between the places of the table; what lies beyond it is as warm as its rim. Unit: °C.
    fn at_c(&self, r_mm: f64, z_mm: f64) -> f32 {
        let (r, z) = (r_mm / STEP_MM, (z_mm + REACH_MM) / STEP_MM);
        let r = r.clamp(0.0, (self.across - 1) as f64);
        let z = z.clamp(0.0, (self.along - 1) as f64);
        let (m, n) = ((r as usize).min(self.across - 2), (z as usize).min(self.along - 2));
        let (u, v) = ((r - m as f64) as f32, (z - n as f64) as f32);
        let row = |n: usize| {
            let at = n * self.across + m;
            self.celsius[at] * (1.0 - u) + self.celsius[at + 1] * u
        };
        row(n) * (1.0 - v) + row(n + 1) * v
    }

    /// At a place near probes whose ice is `grown` times as wide: as cold as the coldest of them makes it alone. Unit: °C.
    fn coldest_c(&self, probes: Probes, place: PatientPoint, nearer_mm: f64) -> f32 {
        let near_c = |pose: &Pose| {
            let from = place - pose.tip;
            let z = from.dot(pose.outward.as_vector());
            let r = (from.dot(from) - z * z).max(0.0).sqrt();
            self.at_c((r - nearer_mm).max(0.0) / probes.grown, z)
        };
        probes.poses.iter().map(near_c).fold(f32::INFINITY, f32::min)
    }

    /// What probes disable of a nerve that lies `off` from where it was drawn, and what its best cross-section reaches.
    pub fn disabled(&self, spot: &Spot, probes: Probes, off: PatientVector, goal_c: f64) -> (f64, f64) {
        let warmest = |c: f32, p: &PatientPoint| c.max(self.coldest_c(probes, *p + off, 0.0));
        let sections_c = spot.sections.iter().map(|section| section.iter().fold(f32::NEG_INFINITY, warmest));
        let sections_c: Vec<f32> = sections_c.collect();
        let best_c = sections_c.iter().copied().fold(f32::INFINITY, f32::min);
        (longest_mm(sections_c.into_iter(), goal_c as f32), f64::from(best_c))
    }

    /// The coldest skin around, which lies `off` from where it was seen. Unit: °C.
    pub fn skin_c(&self, spot: &Spot, probes: Probes, off: PatientVector) -> f64 {
        let coldest = |c: f32, p: &PatientPoint| c.min(self.coldest_c(probes, *p + off, 0.0));
        f64::from(spot.skin.iter().fold(f32::INFINITY, coldest))
    }

    /// The thinnest margin to a stop limit of what was drawn and counts, each structure off by its own. Unit: K.
    pub fn near_margin_k(
        &self,
        spot: &Spot,
        probes: Probes,
        (off, counts): (&dyn Fn(usize) -> PatientVector, &dyn Fn(usize) -> bool),
    ) -> f64 {
        let near = |n: &super::spot::NearPlace| {
            f64::from(self.coldest_c(probes, n.place + off(n.structure), n.radius_mm)) - n.stop_c
        };
        spot.near.iter().filter(|n| counts(n.structure)).map(near).fold(f64::INFINITY, f64::min)
    }

    /// Estimates what probes of this kind do together, with everything where it was drawn.
    pub fn estimate(&self, spot: &Spot, poses: &[Pose], goal_c: f64) -> Estimate {
        let (probes, nowhere) = (Probes { poses, grown: 1.0 }, PatientVector::new(0.0, 0.0, 0.0));
        let (disabled_mm, section_c) = self.disabled(spot, probes, nowhere, goal_c);
        let skin_c = self.skin_c(spot, probes, nowhere);
        let margin_k = self.near_margin_k(spot, probes, (&|_| nowhere, &|_| true)).min(skin_c - spot.skin_stop_c);
        Estimate { disabled_mm, margin_k, skin_c, section_c }
    }
}

/// Where probes lie, and how much wider their ice is than that of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probes<'a> {
    pub poses: &'a [Pose],
    pub grown: f64,
}

/// Averaged around the probe; `None` inside it. Unit: °C.
fn around_c(history: &FreezeHistory, r_mm: f64, z_mm: f64) -> Option<f64> {
    let mut sum = (0.0, 0.0);
    for n in 0..AROUND {
        let angle = std::f64::consts::TAU * (n as f64 + 0.5) / AROUND as f64;
        let place = frostline_freeze::ScenePoint::new(r_mm * angle.cos(), r_mm * angle.sin(), z_mm);
        let celsius = history.coldest_at(place)?;
        sum = (sum.0 + celsius, sum.1 + 1.0);
    }
    Some(sum.0 / sum.1)
}

/// Longest run of cross-sections at or below a temperature, its ends linear between sections. Unit: mm.
fn longest_mm(sections_c: impl Iterator<Item = f32>, below_c: f32) -> f64 {
    let (mut longest, mut run, mut before) = (0.0_f64, 0.0_f64, None::<f32>);
    for celsius in sections_c {
        let below = celsius <= below_c;
        let was_below = before.is_some_and(|b| b <= below_c);
        let part = before.map_or(0.0, |b| f64::from(((below_c - b) / (celsius - b)).clamp(0.0, 1.0)));
        run = match (was_below, below) {
            (true, true) => run + SECTION_STEP_MM,
            (false, true) => (1.0 - part) * SECTION_STEP_MM,
            (true, false) => run + part * SECTION_STEP_MM,
            (false, false) => 0.0,
        };
        if before.is_none() {
            run = 0.0;
        }
        longest = longest.max(run);
        if !below {
            run = 0.0;
        }
        before = Some(celsius);
    }
    longest
}
