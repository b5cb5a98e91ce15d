//! What the answer of the heat solver means for the nerve and for everything near it.
//!
//! Every extreme is over the whole history, never the last value. A structure that nobody marked stays "not marked".

use frostline_space::PatientVector;
use serde::Serialize;

use crate::accuracy::{Answer, ErrorReport};
use crate::anatomy::{Anatomy, Marked, Side};
use crate::approve::{CaseInputs, Computed, Input, with_image};
use crate::build_scene::BuiltScene;
use crate::catalogue::{CalibrationState, Catalogues, IceBand, Policy, structure_word};
use crate::coldest::{Coldest, ColdestOf, IceEdge};
use crate::finding::{Finding, Level, worst};
use crate::fingerprint::{Fingerprint, FingerprintWriter};
use crate::fluid::displaced;
use crate::nerve_outcome::{NerveOutcome, nerve_outcome};
use crate::plan::Plan;
use crate::rules;
use frostline_freeze::FreezeHistory;

/// The whole verdict on a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    /// Version of this layout.
    pub schema: &'static str,
    /// What happens to the target.
    pub nerve: NerveOutcome,
    /// What happens to everything else.
    pub structures: Vec<StructureOutcome>,
    /// Ice and cold at their greatest.
    pub isotherms: Vec<IsothermOutcome>,
    /// What the probes are known to do, and how far the sizes of their ice may be off.
    pub probes: Vec<ProbeEvidence>,
    /// Every rule that was asked, and its answer.
    pub findings: Vec<Finding>,
    /// How long relief may last; absent where the distance to what the nerve serves is not known, or too little is disabled.
    pub relief: Option<Relief>,
    /// How the ice differs from the ellipse the maker publishes.
    pub vendor: Vec<VendorComparison>,
    /// What the solver did.
    pub solver: SolverReport,
    /// What the verdict was made from.
    pub fingerprints: Fingerprints,
    /// What this program is not.
    pub notice: &'static str,
    /// What an approval needs to know; nobody else makes an assessment.
    #[serde(skip)]
    sealed: Sealed,
}

/// What an assessment was when it was made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sealed {
    /// Good enough to decide on.
    InFull {
        /// Fingerprint of everything it says.
        content: Fingerprint,
        /// Whether the nerve may be a target; `None` when the atlas does not have it.
        policy: Option<Policy>,
        /// What it was made from, piece by piece.
        inputs: Vec<Input>,
    },
    /// On coarse cells, while somebody drags a probe; never to be approved.
    Preview,
}

/// Version of the solver, part of every assessment.
pub(crate) const SOLVER_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Version of the layout of [`Assessment`].
pub const ASSESSMENT_SCHEMA: &str = "frostline-assessment/1";
/// Said on every screen and report.
pub const NOTICE: &str = "frostline is a research and planning aid, not a cleared medical device. A clinician decides.";

impl Assessment {
    /// The most serious level of all findings.
    pub fn verdict(&self) -> Level {
        worst(&self.findings)
    }

    /// The same, of an anatomy that was made from an image with this fingerprint.
    pub fn made_from_image(mut self, image: Fingerprint) -> Self {
        let is_as_made = matches!(&self.sealed, Sealed::InFull { content, .. } if *content == self.content());
        if let Sealed::InFull { inputs, .. } = &mut self.sealed {
            *inputs = with_image(std::mem::take(inputs), &image);
        }
        self.fingerprints.image = Some(image);
        // What was changed by hand before keeps the seal that shows it.
        if is_as_made { self.seal() } else { self }
    }

    /// What it was when it was made.
    pub(crate) fn sealed(&self) -> &Sealed {
        &self.sealed
    }

    /// Fingerprint of everything it says; how long it took on the clock does not count.
    pub(crate) fn content(&self) -> Fingerprint {
        let mut said = Self { sealed: Sealed::Preview, ..self.clone() };
        said.solver.wall_s = None;
        Fingerprint::of_debug(&said)
    }

    fn seal(mut self) -> Self {
        let found = self.content();
        if let Sealed::InFull { content, .. } = &mut self.sealed {
            *content = found;
        }
        self
    }
}

/// How cold a structure got.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StructureOutcome {
    /// What people call it.
    pub name: String,
    /// What kind it is.
    pub kind: &'static str,
    /// Coldest temperature ever, or that nobody marked it.
    #[serde(flatten)]
    pub coldest: Coldest,
    /// Shortest distance to the greatest 0 °C ice; 0 when ice touches it; absent without ice or when not marked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closest_mm: Option<f64>,
    /// Estimated error of the computation of that temperature; absent where there is none. Unit: K.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_k: Option<f64>,
}

/// The surface of one temperature when it was largest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IsothermOutcome {
    /// The temperature. Unit: °C.
    pub celsius: f64,
    /// When it was largest. Unit: s.
    pub at_s: f64,
    /// Greatest width around the first probe. Unit: mm.
    pub width_mm: f64,
    /// Length along the first probe. Unit: mm.
    pub length_mm: f64,
    /// Volume at or below it. Unit: mm3.
    pub volume_mm3: f64,
    /// Least and greatest width, for what is not known about the first probe and the frozen tissue. Unit: mm.
    pub width_band_mm: (f64, f64),
    /// Least and greatest length: both ends move as far as both sides do. Unit: mm.
    pub length_band_mm: (f64, f64),
}

/// What a probe of the plan is known to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProbeEvidence {
    /// Key in the catalogue.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether its cooling was fitted to a measurement.
    pub calibrated: bool,
    /// To which; or what is missing. A bench run of the user is named with its date and serial number.
    pub against: String,
    /// Serial number of the probe the law was measured on; absent where the law stands for the model.
    pub serial: Option<String>,
    /// Half width of the band of the surface temperature. Unit: K.
    pub surface_k: f64,
    /// Source of that band.
    pub source: String,
    /// How it came into the catalogue.
    pub status: &'static str,
}

/// Predicted duration of relief, a hypothesis from the distance the nerve must grow back. Unit: days.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Relief {
    /// With the fastest published regrowth.
    pub low_days: f64,
    /// With the mean.
    pub mid_days: f64,
    /// With the slowest.
    pub high_days: f64,
    /// From the lesion to what the nerve serves. Unit: mm.
    pub distance_mm: f64,
    /// Source of the speed of regrowth.
    pub source: String,
    /// How that number came into the catalogue.
    pub status: &'static str,
    /// On whom it was measured, and what that leaves open.
    pub evidence: String,
}

/// The ice of this plan beside the ellipse the maker publishes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VendorComparison {
    /// The probe.
    pub probe: String,
    /// The isotherm. Unit: °C.
    pub celsius: f64,
    /// Published width. Unit: mm.
    pub published_width_mm: f64,
    /// Published length, where there is one. Unit: mm.
    pub published_length_mm: Option<f64>,
    /// What it was measured in.
    pub measured_in: String,
    /// Width here. Unit: mm.
    pub width_mm: f64,
    /// Length here. Unit: mm.
    pub length_mm: f64,
    /// Source of the published size.
    pub source: String,
}

/// What the solver did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SolverReport {
    /// Smallest cell. Unit: mm.
    pub grid_mm: f64,
    /// Cells.
    pub cells: u64,
    /// Stages of all time steps.
    pub stages: u64,
    /// Cells times stages, of all runs.
    pub cell_updates: u64,
    /// Wall time, filled in by the program, which has a clock. Unit: s.
    pub wall_s: Option<f64>,
    /// Joules not accounted for, over joules moved.
    pub energy_error: f64,
    /// What is known of the error of the computation.
    pub accuracy: ErrorReport,
    /// Version of the solver.
    pub version: &'static str,
}

/// What the verdict was made from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fingerprints {
    /// The image that the anatomy was made from, where there is one and whoever read it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Fingerprint>,
    /// Anatomy, image included.
    pub anatomy: Fingerprint,
    /// Plan.
    pub plan: Fingerprint,
    /// All files of `data/`.
    pub catalogues: Fingerprint,
    /// Coldest temperatures of every cell: the same inputs give the same bits.
    pub answer: Fingerprint,
}

/// Judges the answer against the limits.
pub fn assess(
    anatomy: &Anatomy,
    plan: &Plan,
    catalogues: &Catalogues,
    built: &BuiltScene,
    answer: &Answer,
) -> Assessment {
    let known = Known { anatomy, catalogues, inputs: &CaseInputs::of(anatomy, catalogues) };
    known.assess(plan, built, answer)
}

/// A case whose inputs were looked at once, for many plans.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) anatomy: &'a Anatomy,
    pub(crate) catalogues: &'a Catalogues,
    pub(crate) inputs: &'a CaseInputs,
}

impl Known<'_> {
    /// As [`assess`].
    pub(crate) fn assess(&self, plan: &Plan, built: &BuiltScene, answer: &Answer) -> Assessment {
        if built.is_for_preview {
            return self.assess_preview(plan, built, answer);
        }
        let policy = self.catalogues.nerves.find(&self.anatomy.nerve.id).map(|n| n.role.value.policy);
        let computed = Computed { correction: built.correction, accuracy: answer.asked_for(built) };
        let inputs = self.inputs.with(plan, None, &computed);
        let content = Fingerprint::of_bytes(&[]);
        judged(self, plan, built, answer, Sealed::InFull { content, policy, inputs }).seal()
    }

    /// As [`assess`], of an answer that is too coarse to decide on.
    pub(crate) fn assess_preview(&self, plan: &Plan, built: &BuiltScene, answer: &Answer) -> Assessment {
        judged(self, plan, built, answer, Sealed::Preview)
    }
}

fn judged(known: &Known, plan: &Plan, built: &BuiltScene, answer: &Answer, sealed: Sealed) -> Assessment {
    let catalogues = known.catalogues;
    let anatomy = &*displaced(known.anatomy, plan.fluid(), catalogues);
    let history = answer.history();
    let field = ColdestOf::new(built, history);
    let nerve = nerve_outcome(anatomy, plan, catalogues, &field);
    let structures = structure_outcomes(anatomy, &field, &[], |coldest| error_k(answer, built, coldest));
    let coarser_mm = match answer {
        Answer::Fixed(_) => None,
        Answer::Estimated(found) => {
            let field = ColdestOf::new(built, &found.coarser);
            Some(nerve_outcome(anatomy, plan, catalogues, &field).disabled_length_mm)
        }
    };
    let accuracy = ErrorReport::of(answer, coarser_mm.map(|coarser_mm| (nerve.disabled_length_mm, coarser_mm)));
    let relief = relief(anatomy, catalogues, &nerve);
    let vendor = vendor_comparisons(plan, catalogues, history);
    let findings = rules::findings(&rules::Evidence {
        anatomy,
        plan,
        catalogues,
        built,
        history,
        nerve: &nerve,
        structures: &structures,
        accuracy: &accuracy,
    });
    Assessment {
        schema: ASSESSMENT_SCHEMA,
        nerve,
        structures,
        isotherms: isotherms(plan, catalogues, history),
        probes: probes(plan, catalogues),
        findings,
        relief,
        vendor,
        solver: solver_report(answer, accuracy),
        fingerprints: fingerprints(known.inputs, plan, history),
        notice: NOTICE,
        sealed,
    }
}

/// What happens to every structure, each as far off as is said of it, with what is known of the error at its coldest place (K).
pub(crate) fn structure_outcomes(
    anatomy: &Anatomy,
    field: &ColdestOf,
    off: &[PatientVector],
    error_k: impl Fn(&Coldest) -> Option<f64>,
) -> Vec<StructureOutcome> {
    let edge = IceEdge::of(field);
    let of = anatomy.structures.iter().enumerate().map(|(n, structure)| {
        let off = off.get(n).copied().unwrap_or(PatientVector::new(0.0, 0.0, 0.0));
        let (coldest, closest_mm) = field.structure_off(anatomy, structure, &edge, off);
        let (name, kind, error_k) = (structure.name.clone(), structure_word(structure.kind), error_k(&coldest));
        StructureOutcome { name, kind, coldest, closest_mm, error_k }
    });
    of.collect()
}

/// How far apart both answers are where a structure is coldest, as the error of the finer one. Unit: K.
fn error_k(answer: &Answer, built: &BuiltScene, coldest: &Coldest) -> Option<f64> {
    let (Answer::Estimated(found), Coldest::Reached { celsius, place, .. }) = (answer, coldest) else { return None };
    let coarser_c = found.coarser.coldest_at(built.patient_to_scene.apply(*place))?;
    Some(found.share() * (coarser_c - celsius).abs())
}

/// The record of each isotherm when its volume was largest.
pub(crate) fn isotherms(plan: &Plan, catalogues: &Catalogues, history: &FreezeHistory) -> Vec<IsothermOutcome> {
    let first = catalogues.probes.find(&plan.placements()[0].probe);
    let mut found: Vec<IsothermOutcome> = Vec::new();
    for record in &history.edges {
        // `Plan::new` found every probe, so there is always a band.
        let percent = first.map_or(100.0, |probe| catalogues.probes.band(probe, record.celsius).percent);
        let width_band_mm = IceBand { percent }.around_mm(record.width_mm);
        let wider_mm = width_band_mm.1 - record.width_mm;
        let outcome = IsothermOutcome {
            width_band_mm,
            length_band_mm: ((record.length_mm - wider_mm).max(0.0), record.length_mm + wider_mm),
            celsius: record.celsius,
            at_s: record.at_s,
            width_mm: record.width_mm,
            length_mm: record.length_mm,
            volume_mm3: record.volume_mm3,
        };
        match found.iter_mut().find(|f| f.celsius == record.celsius) {
            Some(known) if known.volume_mm3 < record.volume_mm3 => *known = outcome,
            Some(_) => {}
            None => found.push(outcome),
        }
    }
    found.sort_by(|a, b| b.celsius.total_cmp(&a.celsius));
    found
}

/// One row per model, in the order of the plan.
fn probes(plan: &Plan, catalogues: &Catalogues) -> Vec<ProbeEvidence> {
    let mut found: Vec<ProbeEvidence> = Vec::new();
    for placement in plan.placements() {
        let Some(probe) = catalogues.probes.find(&placement.probe) else { continue };
        if found.iter().any(|known| known.id == probe.id) {
            continue;
        }
        found.push(ProbeEvidence {
            id: probe.id.clone(),
            name: probe.name.clone(),
            calibrated: probe.calibration.state == CalibrationState::Calibrated,
            against: probe.calibration.against.clone(),
            serial: probe.calibration.serial.clone(),
            surface_k: probe.uncertainty.value.surface_k,
            source: probe.uncertainty.source.clone(),
            status: probe.uncertainty.status.word(),
        });
    }
    found
}

/// `None` also where too little nerve is disabled for any relief.
pub(crate) fn relief(anatomy: &Anatomy, catalogues: &Catalogues, nerve: &NerveOutcome) -> Option<Relief> {
    if nerve.disabled_length_mm < catalogues.limits.nerve().shortest_disabled.value.millimetres {
        return None;
    }
    let Marked::Marked(distance_mm) = anatomy.nerve.distance_to_target_mm else { return None };
    let regrowth = &catalogues.relief.regrowth;
    Some(Relief {
        low_days: distance_mm / regrowth.value.fast_mm_per_day,
        mid_days: distance_mm / regrowth.value.mid_mm_per_day,
        high_days: distance_mm / regrowth.value.slow_mm_per_day,
        distance_mm,
        source: regrowth.source.clone(),
        status: regrowth.status.word(),
        evidence: regrowth.note.clone(),
    })
}

fn vendor_comparisons(plan: &Plan, catalogues: &Catalogues, history: &FreezeHistory) -> Vec<VendorComparison> {
    let mut comparisons = Vec::new();
    for (n, placement) in plan.placements().iter().enumerate() {
        let Some(probe) = catalogues.probes.find(&placement.probe) else { continue };
        for published in &probe.published_ice {
            let ice = published.value.clone();
            let extents = history.edges.iter().filter(|e| e.celsius == ice.celsius).filter_map(|e| e.extents.get(n));
            let (width_mm, length_mm) =
                extents.fold((0.0_f64, 0.0_f64), |(w, l), e| (w.max(e.width_mm), l.max(e.length_mm)));
            comparisons.push(VendorComparison {
                probe: probe.name.clone(),
                celsius: ice.celsius,
                published_width_mm: ice.width_mm,
                published_length_mm: ice.length_mm.known(),
                measured_in: format!("{} at {} °C, {}", ice.medium, ice.medium_c, ice.protocol),
                width_mm,
                length_mm,
                source: published.source.clone(),
            });
        }
    }
    comparisons
}

fn solver_report(answer: &Answer, accuracy: ErrorReport) -> SolverReport {
    let history = answer.history();
    let cell_updates = match answer {
        Answer::Fixed(history) => history.counters.cell_updates,
        Answer::Estimated(found) => found.cell_updates,
    };
    SolverReport {
        accuracy,
        grid_mm: history.counters.grid_mm,
        cells: history.counters.cells,
        stages: history.counters.stages,
        cell_updates,
        wall_s: None,
        energy_error: history.energy.error(),
        version: SOLVER_VERSION,
    }
}

fn fingerprints(case: &CaseInputs, plan: &Plan, history: &FreezeHistory) -> Fingerprints {
    let bits: Vec<u8> = history.coldest_c.iter().flat_map(|c| c.to_le_bytes()).collect();
    let mut answer_writer = FingerprintWriter::default();
    answer_writer.bytes(&bits);
    Fingerprints {
        image: None,
        anatomy: case.anatomy_print().clone(),
        plan: Fingerprint::of_debug(plan),
        catalogues: case.catalogues_print().clone(),
        answer: answer_writer.finish(),
    }
}

/// Left or right, as words.
pub fn side_word(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
    }
}
