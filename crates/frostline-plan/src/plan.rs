//! A plan: which probe goes where, what the gas does, and what touches the skin meanwhile.

use frostline_freeze::Schedule;
use frostline_space::{PatientPoint, Segment};

use crate::anatomy::{Anatomy, TissueKind};
use crate::catalogue::Catalogues;
use crate::fluid::ProtectiveFluid;
use crate::path::skin_on_line;

/// One probe, from its entry through the skin to its tip.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbePlacement {
    /// Key of the probe in `data/probes.toml`.
    pub probe: String,
    /// Where it passes the skin.
    pub entry: PatientPoint,
    /// Where its very end lies.
    pub tip: PatientPoint,
}

impl ProbePlacement {
    /// The way from entry to tip.
    pub fn way(&self) -> Segment {
        Segment { start: self.entry, end: self.tip }
    }
}

/// What the gas does, and what that is called.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedProtocol {
    /// What people call it.
    pub name: String,
    /// The phases, the same for every probe of the plan.
    pub schedule: Schedule,
}

/// The parts of a plan, to be checked by [`Plan::new`].
#[derive(Clone, Debug, PartialEq)]
pub struct PlanParts {
    /// Where the probes go.
    pub placements: Vec<ProbePlacement>,
    /// What the gas does.
    pub protocol: PlannedProtocol,
    /// Key of what touches the skin in `data/surroundings.toml`.
    pub skin_contact: String,
    /// Fluid that pushes what must not freeze away.
    pub fluid: Vec<ProtectiveFluid>,
}

/// A plan that fits the anatomy and the catalogues: entries lie on the skin, tips inside, lengths fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    parts: PlanParts,
}

/// Why parts do not make a plan.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// No probe.
    #[error("the plan has no probe; add one [[probe]] with model, entry and tip")]
    NoProbe,
    /// A probe that is not in the catalogue.
    #[error("probe {number} is of model '{found}', which data/probes.toml does not have; it has {known}")]
    UnknownProbe {
        /// Number of the probe, from 1.
        number: usize,
        /// The model given.
        found: String,
        /// The models there are.
        known: String,
    },
    /// A probe whose size nobody published.
    #[error(
        "probe {number} ({probe}) cannot be simulated: its {missing} is not known; choose another model or add the number with its source to data/probes.toml"
    )]
    ProbeNotKnown {
        /// Number of the probe, from 1.
        number: usize,
        /// The model.
        probe: String,
        /// What is not known.
        missing: &'static str,
    },
    /// A coordinate that is not a number, or entry and tip at the same place.
    #[error("probe {number} has its entry at {entry} and its tip at {tip}; give two different, finite places")]
    NoDirection {
        /// Number of the probe, from 1.
        number: usize,
        /// The entry.
        entry: PatientPoint,
        /// The tip.
        tip: PatientPoint,
    },
    /// A tip in the air.
    #[error("the tip of probe {number} at {tip} lies outside the limb; check the coordinates (LPS, mm)")]
    TipOutside {
        /// Number of the probe, from 1.
        number: usize,
        /// The tip.
        tip: PatientPoint,
    },
    /// The line of the probe never meets the skin.
    #[error(
        "the line of probe {number} from entry {entry} to tip {tip} does not meet the skin within 60 mm; move the entry onto the skin"
    )]
    NoSkin {
        /// Number of the probe, from 1.
        number: usize,
        /// The entry.
        entry: PatientPoint,
        /// The tip.
        tip: PatientPoint,
    },
    /// An entry that is not on the skin.
    #[error(
        "the entry of probe {number} at {entry} lies {off_mm:.1} mm from the skin along the probe (at most {most_mm:.1} mm); the probe meets the skin at {skin}, use that as its entry"
    )]
    EntryOffSkin {
        /// Number of the probe, from 1.
        number: usize,
        /// The entry.
        entry: PatientPoint,
        /// Distance to the skin along the probe. Unit: mm.
        off_mm: f64,
        /// What is allowed. Unit: mm.
        most_mm: f64,
        /// Where the probe meets the skin.
        skin: PatientPoint,
    },
    /// A probe that is too short.
    #[error(
        "probe {number} ({probe}) reaches {reach_mm:.0} mm but entry and tip lie {needed_mm:.1} mm apart; choose a longer probe or a nearer entry"
    )]
    TooShort {
        /// Number of the probe, from 1.
        number: usize,
        /// The model.
        probe: String,
        /// From tip to hub. Unit: mm.
        reach_mm: f64,
        /// From entry to tip. Unit: mm.
        needed_mm: f64,
    },
    /// A protocol that never freezes.
    #[error("the protocol '{name}' has no freeze; add a phase with freeze_s above 0")]
    NoFreeze {
        /// What it is called.
        name: String,
    },
    /// A protocol longer than any procedure.
    #[error("the protocol takes {found_s:.0} s; at most {most_s:.0} s are simulated, split it into two plans")]
    TooLong {
        /// What was planned. Unit: s.
        found_s: f64,
        /// What is allowed. Unit: s.
        most_s: f64,
    },
    /// Probes that have nothing to do with each other.
    #[error(
        "the tip of probe {number} lies {found_mm:.0} mm from that of probe 1 (at most {most_mm:.0} mm); plan them as two cases"
    )]
    FarApart {
        /// Number of the probe, from 1.
        number: usize,
        /// Distance of the tips. Unit: mm.
        found_mm: f64,
        /// What is allowed. Unit: mm.
        most_mm: f64,
    },
    /// Fluid that cannot be placed.
    #[error(
        "fluid {number}: {found_ml} ml at {place} towards {towards}; give 0.1 to {most_ml} ml, inside the limb, towards another place"
    )]
    BadFluid {
        /// Number of the fluid, from 1.
        number: usize,
        /// How much. Unit: ml.
        found_ml: f64,
        /// The most there may be. Unit: ml.
        most_ml: f64,
        /// Where it goes in.
        place: PatientPoint,
        /// Where it pushes.
        towards: PatientPoint,
    },
    /// More fluid in all than is ever injected.
    #[error("all fluid together is {found_ml} ml; at most {most_ml} ml are planned, leave some out")]
    TooMuchFluid {
        /// All of it. Unit: ml.
        found_ml: f64,
        /// The most there may be. Unit: ml.
        most_ml: f64,
    },
    /// Something on the skin that is not in the catalogue.
    #[error("'{found}' touches the skin, which data/surroundings.toml does not have; it has {known}")]
    UnknownSkinContact {
        /// The key given.
        found: String,
        /// The keys there are.
        known: String,
    },
}

impl Plan {
    /// Checks the parts against the anatomy and the catalogues.
    ///
    /// What a person may decide (a vessel on the way, a nerve that should be avoided) is not an error here but a
    /// finding of the assessment.
    ///
    /// # Errors
    /// [`PlanError`] with the probe, the numbers and what to do.
    pub fn new(parts: PlanParts, anatomy: &Anatomy, catalogues: &Catalogues) -> Result<Self, PlanError> {
        if parts.placements.is_empty() {
            return Err(PlanError::NoProbe);
        }
        if parts.protocol.schedule.duration_s() <= 0.0 || !freezes(&parts.protocol.schedule) {
            return Err(PlanError::NoFreeze { name: parts.protocol.name });
        }
        if catalogues.surroundings.cover(&parts.skin_contact).is_none() {
            let known: Vec<_> = catalogues.surroundings.covers().iter().map(|c| c.id.as_str()).collect();
            return Err(PlanError::UnknownSkinContact { found: parts.skin_contact, known: known.join(", ") });
        }
        let found_s = parts.protocol.schedule.duration_s();
        if found_s > LONGEST_PROTOCOL_S {
            return Err(PlanError::TooLong { found_s, most_s: LONGEST_PROTOCOL_S });
        }
        for (n, placement) in parts.placements.iter().enumerate() {
            let found_mm = placement.tip.distance(parts.placements[0].tip);
            if found_mm > FARTHEST_TIPS_MM {
                return Err(PlanError::FarApart { number: n + 1, found_mm, most_mm: FARTHEST_TIPS_MM });
            }
            check_placement(n + 1, placement, anatomy, catalogues)?;
        }
        check_fluid(&parts.fluid, anatomy, catalogues)?;
        Ok(Self { parts })
    }

    /// What it is made of, to make another plan from.
    pub fn parts(&self) -> &PlanParts {
        &self.parts
    }

    /// Fluid that pushes what must not freeze away.
    pub fn fluid(&self) -> &[ProtectiveFluid] {
        &self.parts.fluid
    }

    /// Where the probes go.
    pub fn placements(&self) -> &[ProbePlacement] {
        &self.parts.placements
    }

    /// What the gas does.
    pub fn protocol(&self) -> &PlannedProtocol {
        &self.parts.protocol
    }

    /// Key of what touches the skin.
    pub fn skin_contact(&self) -> &str {
        &self.parts.skin_contact
    }
}

/// The skin found in a CT is uncertain by up to one slice, and 3 mm slices are common; more is a wrong coordinate.
const MOST_ENTRY_OFF_SKIN_MM: f64 = 3.0;

/// Two hours: twice the longest slot for this procedure.
const LONGEST_PROTOCOL_S: f64 = 7200.0;
/// Ice of probes further apart never meets, and one fine grid around both would only cost time.
const FARTHEST_TIPS_MM: f64 = 100.0;

fn freezes(schedule: &Schedule) -> bool {
    schedule.phases.iter().any(|p| p.kind == frostline_freeze::PhaseKind::Freeze && p.duration_s > 0.0)
}

/// Less leaves no trace on any image.
const LEAST_FLUID_ML: f64 = 0.1;

fn check_fluid(fluids: &[ProtectiveFluid], anatomy: &Anatomy, catalogues: &Catalogues) -> Result<(), PlanError> {
    let most_ml = catalogues.surroundings.fluid().value.most_millilitres;
    for (n, fluid) in fluids.iter().enumerate() {
        let ProtectiveFluid { place, towards, millilitres } = *fluid;
        let inside = anatomy.tissues.at(place).is_some_and(|t| t != TissueKind::Outside);
        let pushes = (towards - place).direction().is_some();
        if !inside || !pushes || !(LEAST_FLUID_ML..=most_ml).contains(&millilitres) {
            return Err(PlanError::BadFluid { number: n + 1, found_ml: millilitres, most_ml, place, towards });
        }
    }
    let found_ml: f64 = fluids.iter().map(|fluid| fluid.millilitres).sum();
    if found_ml > most_ml { Err(PlanError::TooMuchFluid { found_ml, most_ml }) } else { Ok(()) }
}

fn check_placement(
    number: usize,
    placement: &ProbePlacement,
    anatomy: &Anatomy,
    catalogues: &Catalogues,
) -> Result<(), PlanError> {
    let (entry, tip) = (placement.entry, placement.tip);
    let Some(probe) = catalogues.probes.find(&placement.probe) else {
        let known: Vec<_> = catalogues.probes.all().iter().map(|p| p.id.as_str()).collect();
        return Err(PlanError::UnknownProbe { number, found: placement.probe.clone(), known: known.join(", ") });
    };
    let shape = probe.shape().map_err(|e| PlanError::ProbeNotKnown { number, probe: e.probe, missing: e.missing })?;
    if !entry.is_finite() || !tip.is_finite() || placement.way().direction().is_none() {
        return Err(PlanError::NoDirection { number, entry, tip });
    }
    // Before anything is walked along it, so that an absurd length costs nothing.
    let (reach_mm, needed_mm) = (shape.total_length_mm(), entry.distance(tip));
    if needed_mm > reach_mm {
        return Err(PlanError::TooShort { number, probe: probe.name.clone(), reach_mm, needed_mm });
    }
    if anatomy.tissues.at(tip).is_none_or(|t| t == TissueKind::Outside) {
        return Err(PlanError::TipOutside { number, tip });
    }
    let Some(skin) = skin_on_line(&anatomy.tissues, placement.way()) else {
        return Err(PlanError::NoSkin { number, entry, tip });
    };
    let (off_mm, most_mm) = (skin.distance(entry), MOST_ENTRY_OFF_SKIN_MM);
    if off_mm > most_mm {
        return Err(PlanError::EntryOffSkin { number, entry, off_mm, most_mm, skin });
    }
    Ok(())
}
