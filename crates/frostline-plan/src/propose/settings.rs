//! What may be proposed: stock, protocols, ways in, and how much is looked at.

use std::borrow::Cow;

use frostline_freeze::Tolerance;
use frostline_space::PatientDirection;

use crate::accuracy::Accuracy;
use crate::catalogue::{Catalogues, Clearance, Probe, Protocol, Status, Transducer};
use crate::evaluate::EvaluateSettings;
use crate::plan::Plan;
use crate::robust::RobustSettings;

use super::error::ProposeError;

/// Which skin a hand can reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Access {
    /// How the patient lies was not said.
    AnySkin,
    /// Only ways whose shaft points to this side of the patient, such as to the ceiling.
    From(PatientDirection),
}

/// How the transducer stands to the shaft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The shaft lies in the plane of the image: the entry lies beyond the length of the transducer.
    InPlane,
    /// The shaft crosses the plane of the image: the entry lies beside the width of the transducer.
    OutOfPlane,
    /// Whichever leaves more room.
    Either,
    /// No transducer stands on the skin, as in a CT.
    NoTransducer,
}

/// What tells how sure a plan is to work when it is carried out by a real hand.
#[derive(Clone, Copy)]
pub enum Sureness<'a> {
    /// The chance of success: by estimate, which is no probability, and where [`ProposeSettings::chance`] asks for it in
    /// worlds that are solved.
    Chance,
    /// Any other score; the greatest is the surest. It is asked once per planning run, of some tens of plans.
    By(&'a (dyn Fn(&Plan) -> f64 + Sync)),
}

impl std::fmt::Debug for Sureness<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Sureness::Chance => "Chance",
            Sureness::By(_) => "By(..)",
        })
    }
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Places along the nerve.
    pub spots: usize,
    /// Plans that are simulated on coarse cells.
    pub simulated: usize,
    /// Plans beside the best of those that are simulated next.
    pub refined: usize,
    /// Plans that are shown, where there are so many that differ.
    pub least_shown: usize,
    /// Plans that are shown at most.
    pub shown: usize,
    /// What the evaluation of one of them may take; beyond it no finer cells are tried, and its accuracy says so.
    pub most_cell_updates: u64,
}

impl Effort {
    /// For a first look: a quarter of the work, and one plan.
    pub fn quick() -> Self {
        Self { spots: 1, simulated: 6, refined: 2, least_shown: 1, shown: 1, ..Self::default() }
    }
}

impl Default for Effort {
    /// Chosen so that the demo takes 20 s of two cores.
    fn default() -> Self {
        Self { spots: 5, simulated: 24, refined: 8, least_shown: 3, shown: 4, most_cell_updates: 1_500_000_000 }
    }
}

/// What bounds the search; numbers come from `data/propose.toml`.
#[derive(Clone, Debug)]
pub struct ProposeSettings<'a> {
    /// Models in stock; `None` for every model that can be simulated.
    pub stock: Option<Vec<String>>,
    /// Protocols; `None` for every one that fits the gas and is short enough.
    pub protocols: Option<Vec<String>>,
    /// What may lie on the skin, the simplest first.
    pub contacts: Vec<String>,
    /// Which skin can be reached.
    pub access: Access,
    /// How the transducer stands.
    pub view: View,
    /// Its foot.
    pub transducer: Transducer,
    /// The flattest angle between shaft and skin. Unit: degrees.
    pub least_angle_deg: f64,
    /// What the shaft keeps from what must not be pierced.
    pub clearance: Clearance,
    /// Room behind the entry. Unit: mm.
    pub room_mm: f64,
    /// Places along the nerve in one plan, at most.
    pub most_positions: usize,
    /// More nerve than is wanted is aimed at. Unit: %.
    pub aim_percent: f64,
    /// What tells how sure a plan is.
    pub sureness: Sureness<'a>,
    /// A plan that somebody made: where it keeps from what must not be pierced, the search starts from it too, so that nothing
    /// worse is proposed.
    pub by_hand: Option<Plan>,
    /// How the chance of success is found, of what is shown and of what is surest; without it none is told.
    pub chance: Option<RobustSettings>,
    /// How much is looked at.
    pub effort: Effort,
    /// How the plans that are shown are evaluated; its threads are used for everything.
    pub evaluate: EvaluateSettings,
}

impl ProposeSettings<'_> {
    /// How the plans that are shown are evaluated: as asked for, as long as that is not too costly.
    pub(super) fn confirming(&self) -> EvaluateSettings {
        let accuracy = match self.evaluate.accuracy {
            Accuracy::Within(t) => {
                let most_cell_updates = t.most_cell_updates.min(self.effort.most_cell_updates);
                Accuracy::Within(Tolerance { most_cell_updates, ..t })
            }
            fixed => fixed,
        };
        EvaluateSettings { accuracy, ..self.evaluate }
    }

    /// What `data/propose.toml` says, with everything in stock and every skin within reach.
    pub fn of(catalogues: &Catalogues) -> Self {
        let rows = &catalogues.proposing;
        Self {
            stock: None,
            protocols: None,
            contacts: rows.contact.value.ids.clone(),
            access: Access::AnySkin,
            view: View::Either,
            transducer: rows.transducer.value,
            least_angle_deg: rows.angle.value.least_deg,
            clearance: rows.clearance.value,
            room_mm: rows.room.value.behind_entry_mm,
            most_positions: rows.positions.value.most,
            aim_percent: rows.aim.value.longer_percent,
            sureness: Sureness::Chance,
            by_hand: None,
            chance: None,
            effort: Effort::default(),
            evaluate: EvaluateSettings::default(),
        }
    }
}

/// A probe model that may be proposed, with the protocols it can run.
#[derive(Clone, Debug)]
pub(super) struct Model<'a> {
    pub probe: &'a Probe,
    pub shape: frostline_freeze::ProbeShape,
    /// Those of the catalogue, then those with other times.
    pub protocols: Vec<Cow<'a, Protocol>>,
}

/// The models in stock that can be used, and why others cannot.
pub(super) fn models<'a>(
    catalogues: &'a Catalogues,
    settings: &ProposeSettings,
) -> Result<(Vec<Model<'a>>, Vec<String>), ProposeError> {
    let known = |id: &String| catalogues.probes.find(id).is_some();
    if let Some(found) = settings.stock.iter().flatten().find(|id| !known(id)) {
        let known = catalogues.probes.all().iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join(", ");
        return Err(ProposeError::UnknownProbe { found: found.clone(), known });
    }
    if let Some(found) = settings.protocols.iter().flatten().find(|id| catalogues.protocols.find(id).is_none()) {
        let known = catalogues.protocols.all().iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join(", ");
        return Err(ProposeError::UnknownProtocol { found: found.clone(), known });
    }
    let in_stock = |probe: &&Probe| settings.stock.as_ref().is_none_or(|ids| ids.contains(&probe.id));
    let (mut usable, mut left_out) = (Vec::new(), Vec::new());
    for probe in catalogues.probes.all().iter().filter(in_stock) {
        match model(probe, catalogues, settings) {
            Ok(model) => usable.push(model),
            Err(why) => left_out.push(format!("{}: {why}", probe.id)),
        }
    }
    if usable.is_empty() {
        return Err(ProposeError::NothingInStock { left_out: left_out.join("; ") });
    }
    Ok((usable, left_out))
}

fn model<'a>(probe: &'a Probe, catalogues: &'a Catalogues, settings: &ProposeSettings) -> Result<Model<'a>, String> {
    let shape = probe.shape().map_err(|e| format!("its {} is not known", e.missing))?;
    probe.cooling().map_err(|e| format!("its {} is not known", e.missing))?;
    let widest_mm = catalogues.proposing.probe.value.widest_mm;
    if 2.0 * shape.radius_mm > widest_mm {
        return Err(format!(
            "{:.1} mm wide, at most {widest_mm:.1} mm are put through the skin",
            2.0 * shape.radius_mm
        ));
    }
    // Who has one and names it gets it; nobody else is offered a probe whose size nobody measured.
    if settings.stock.is_none() && probe.dimensions.status == Status::Design {
        return Err("part of its size is an assumption; name it in [stock] to have it looked at".to_owned());
    }
    if let Some(needles) = probe.needles.as_ref().filter(|needles| needles.value.count > 1) {
        return Err(format!("{} needles in one, which are not placed by the search", needles.value.count));
    }
    let longest_s = catalogues.proposing.protocol.value.longest_s;
    let allowed = |protocol: &&Protocol| match &settings.protocols {
        Some(ids) => ids.contains(&protocol.id),
        None => protocol.schedule().duration_s() <= longest_s,
    };
    let fits = |protocol: &&Protocol| protocol.cryogens.contains(&probe.cryogen);
    let protocols: Vec<_> = catalogues.protocols.all().iter().filter(fits).filter(allowed).map(Cow::Borrowed).collect();
    if protocols.is_empty() {
        return Err(format!("no protocol for {} that is allowed", probe.cryogen));
    }
    Ok(Model { probe, shape, protocols })
}
