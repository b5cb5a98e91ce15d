//! What an approval stands on, piece by piece, so that a change can be named.

use serde::{Deserialize, Serialize};

use crate::accuracy::Accuracy;
use crate::anatomy::{Anatomy, Marked, Shape, Structure, TissueMap};
use crate::assess::{SOLVER_VERSION, side_word};
use crate::build_scene::Correction;
use crate::catalogue::{Catalogues, structure_word};
use crate::fingerprint::{Fingerprint, FingerprintWriter};
use crate::plan::{Plan, PlannedProtocol};
use frostline_freeze::PhaseKind;

/// One thing that an approval stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What it is, such as `probe 1` or `limits`.
    pub what: String,
    /// What it says, for people.
    pub says: String,
    /// Of all of it.
    pub fingerprint: Fingerprint,
}

impl Input {
    fn of(what: impl Into<String>, says: impl Into<String>, value: &impl std::fmt::Debug) -> Self {
        Self { what: what.into(), says: says.into(), fingerprint: Fingerprint::of_debug(value) }
    }

    fn told_by_its_fingerprint(what: impl Into<String>, fingerprint: Fingerprint) -> Self {
        Self { what: what.into(), says: format!("fingerprint {}", fingerprint.as_str()), fingerprint }
    }
}

/// Something that is no longer as it was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revoked {
    /// What changed.
    pub what: String,
    /// As it was approved.
    pub approved: String,
    /// As it is.
    pub found: String,
}

impl std::fmt::Display for Revoked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: approved as {}; now {}", self.what, self.approved, self.found)
    }
}

/// What many plans of one case have in common. An image has millions of places, so it is looked at once.
#[derive(Clone, Debug)]
pub(crate) struct CaseInputs {
    anatomy: Vec<Input>,
    catalogues: Vec<Input>,
    anatomy_print: Fingerprint,
    catalogues_print: Fingerprint,
}

impl CaseInputs {
    pub(crate) fn of(anatomy: &Anatomy, catalogues: &Catalogues) -> Self {
        let inputs = anatomy_inputs(anatomy);
        let mut writer = FingerprintWriter::default();
        writer.debug(&inputs).debug(&anatomy.origin).debug(&anatomy.remarks);
        let catalogue = catalogue_inputs(catalogues);
        let catalogues_print = Fingerprint::of_debug(&catalogue);
        Self { anatomy: inputs, catalogues: catalogue, anatomy_print: writer.finish(), catalogues_print }
    }

    pub(crate) fn anatomy_print(&self) -> &Fingerprint {
        &self.anatomy_print
    }

    pub(crate) fn catalogues_print(&self) -> &Fingerprint {
        &self.catalogues_print
    }

    /// Everything an assessed plan was made from, in a fixed order.
    pub(crate) fn with(&self, plan: &Plan, image: Option<&Fingerprint>, computed: &Computed) -> Vec<Input> {
        let mut inputs = vec![image_input(image)];
        inputs.extend(self.anatomy.iter().cloned());
        inputs.extend(plan_inputs(plan));
        inputs.extend(self.catalogues.iter().cloned());
        inputs.push(Input::of("solver", format!("version {SOLVER_VERSION}"), &SOLVER_VERSION));
        inputs.extend(computed.inputs());
        inputs
    }
}

/// How an assessment was computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Computed {
    pub correction: Correction,
    pub accuracy: Accuracy,
}

impl Computed {
    fn inputs(&self) -> [Input; 2] {
        let c = self.correction;
        let correction = match c == Correction::none() {
            true => "none".to_owned(),
            false => format!(
                "perfusion {} times, probe {} K warmer, blood {} K warmer",
                c.perfusion_factor, c.probe_offset_k, c.blood_offset_k
            ),
        };
        // What a computation may cost at most changes no answer, only how near it comes to what was asked for, which is said.
        let (words, numbers) = match self.accuracy {
            Accuracy::Fixed(r) => {
                (format!("cells of {} mm fixed by hand", r.fine_mm), vec![r.fine_mm, r.coarsest_mm, r.after_s])
            }
            Accuracy::Within(t) => (format!("surfaces within {} mm", t.surface_mm), vec![t.surface_mm, t.coarsest_mm]),
        };
        [Input::of("correction", correction, &c), Input::of("accuracy", words, &numbers)]
    }
}

fn image_input(image: Option<&Fingerprint>) -> Input {
    match image {
        Some(print) => Input::told_by_its_fingerprint("image", print.clone()),
        None => Input::of("image", "none", &()),
    }
}

/// The same inputs with another image.
pub(crate) fn with_image(inputs: Vec<Input>, image: &Fingerprint) -> Vec<Input> {
    let others = inputs.into_iter().skip(1);
    std::iter::once(image_input(Some(image))).chain(others).collect()
}

fn anatomy_inputs(anatomy: &Anatomy) -> Vec<Input> {
    let nerve = &anatomy.nerve;
    let drawn = format!("{}, {:.1} mm marked", nerve.id, nerve.course.length_mm());
    let mut inputs = vec![
        Input::of("side", side_word(anatomy.side), &anatomy.side),
        Input::of("nerve", drawn, nerve),
        Input::told_by_its_fingerprint("tissues", tissues_print(&anatomy.tissues)),
    ];
    for (n, structure) in anatomy.structures.iter().enumerate() {
        let namesakes = anatomy.structures[..n].iter().filter(|s| s.name == structure.name).count();
        let which = if namesakes == 0 { String::new() } else { format!(" ({})", namesakes + 1) };
        let marked = if structure.shape == Marked::NotMarked { "not marked" } else { "marked" };
        let says = format!("{}, {marked}", structure_word(structure.kind));
        let fingerprint = structure_print(structure);
        inputs.push(Input { what: format!("structure {}{which}", structure.name), says, fingerprint });
    }
    inputs
}

/// A byte per voxel: to print the words of millions of voxels takes longer than to freeze them.
fn tissues_print(tissues: &TissueMap) -> Fingerprint {
    let TissueMap::Voxels(volume) = tissues else { return Fingerprint::of_debug(tissues) };
    let bytes: Vec<u8> = volume.values().iter().map(|kind| *kind as u8).collect();
    let mut writer = FingerprintWriter::default();
    writer.debug(volume.grid()).bytes(&bytes);
    writer.finish()
}

fn structure_print(structure: &Structure) -> Fingerprint {
    let Marked::Marked(Shape::Cells(cells)) = &structure.shape else { return Fingerprint::of_debug(structure) };
    let bytes: Vec<u8> = cells.values().iter().map(|&marked| u8::from(marked)).collect();
    let mut writer = FingerprintWriter::default();
    writer.debug(&(&structure.name, structure.kind)).debug(cells.grid()).bytes(&bytes);
    writer.finish()
}

fn plan_inputs(plan: &Plan) -> Vec<Input> {
    let mut inputs = Vec::new();
    for (n, placement) in plan.placements().iter().enumerate() {
        let says = format!("{} from {:?} to {:?}", placement.probe, placement.entry, placement.tip);
        inputs.push(Input::of(format!("probe {}", n + 1), says, placement));
    }
    inputs.push(Input::of("protocol", protocol_words(plan.protocol()), plan.protocol()));
    inputs.push(Input::of("skin contact", plan.skin_contact(), &plan.skin_contact()));
    for (n, fluid) in plan.fluid().iter().enumerate() {
        let says = format!("{} ml at {:?} towards {:?}", fluid.millilitres, fluid.place, fluid.towards);
        inputs.push(Input::of(format!("fluid {}", n + 1), says, fluid));
    }
    inputs
}

fn protocol_words(protocol: &PlannedProtocol) -> String {
    let phase = |kind| match kind {
        PhaseKind::Freeze => "freeze",
        PhaseKind::PassiveThaw => "thaw",
        PhaseKind::ActiveThaw => "active thaw",
    };
    let phases = protocol.schedule.phases.iter().map(|p| format!("{} {} s", phase(p.kind), p.duration_s));
    format!("{} ({})", protocol.name, phases.collect::<Vec<_>>().join(", "))
}

fn catalogue_inputs(catalogues: &Catalogues) -> Vec<Input> {
    let files = catalogues.texts.files().into_iter();
    let mut inputs: Vec<_> = files
        .map(|(name, text)| {
            let what = name.strip_suffix(".toml").unwrap_or(name);
            Input::told_by_its_fingerprint(format!("catalogue of {what}"), Fingerprint::of_bytes(text.as_bytes()))
        })
        .collect();
    let model = catalogues.tissues.model();
    inputs.push(Input::of("tissue model", format!("{model:?}"), &model));
    for (n, record) in catalogues.calibrations.iter().enumerate() {
        let print = Fingerprint::of_bytes(record.as_bytes());
        inputs.push(Input::told_by_its_fingerprint(format!("calibration {}", n + 1), print));
    }
    for (n, row) in catalogues.site.iter().enumerate() {
        let print = Fingerprint::of_bytes(row.as_bytes());
        inputs.push(Input::told_by_its_fingerprint(format!("choice {} of the site", n + 1), print));
    }
    inputs
}

/// What differs between what was approved and what is there now.
pub(super) fn differences(approved: &[Input], now: &[Input]) -> Vec<Revoked> {
    let mut revoked = Vec::new();
    for before in approved {
        let found = now.iter().find(|input| input.what == before.what);
        if found.is_some_and(|found| found.fingerprint == before.fingerprint && found.says == before.says) {
            continue;
        }
        let found = match found {
            // Where the words are the same, what differs is in the digits behind them.
            Some(found) if found.says == before.says => {
                format!("{}, drawn or set otherwise (fingerprint {})", found.says, found.fingerprint.as_str())
            }
            Some(found) => found.says.clone(),
            None => "gone".into(),
        };
        revoked.push(Revoked { what: before.what.clone(), approved: before.says.clone(), found });
    }
    for input in now.iter().filter(|input| !approved.iter().any(|before| before.what == input.what)) {
        let (what, found) = (input.what.clone(), input.says.clone());
        revoked.push(Revoked { what, approved: "not there".into(), found });
    }
    revoked
}
