//! `data/schedule.toml`: how long things take, who must be there, what stays in reserve, why bookings are cancelled.

use frostline_plan::catalogue::{CatalogueError, Known, Sourced, Sources, every_source_is_listed, rows_of};
use serde::Deserialize;

use crate::rules::{Role, RuleId, SedationLevel, between, some, wrong};

use super::resources::Credential;

const FILE: &str = "schedule.toml";

/// Unit: min.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Minutes {
    /// How long.
    pub minutes: f64,
}

/// Freezes that a cylinder lasts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cycles {
    /// How many.
    pub cycles: u32,
}

/// Pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pieces {
    /// How many.
    pub count: u32,
}

/// Unit: day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WholeDays {
    /// How many.
    pub days: i64,
}

/// The parts of a slot.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotParts {
    /// Room and devices are made ready.
    pub setup: Sourced<Minutes>,
    /// Consent is confirmed; time-out.
    pub consent_and_time_out: Sourced<Minutes>,
    /// The nerve is looked for.
    pub scan: Sourced<Minutes>,
    /// Until it works.
    pub anaesthetic: Sourced<Minutes>,
    /// The probe, for every nerve.
    pub placing: Sourced<Minutes>,
    /// Power and feeling afterwards, for every nerve.
    pub checks: Sourced<Minutes>,
    /// The dressing.
    pub dressing: Sourced<Minutes>,
    /// The room for the next patient.
    pub turnover: Sourced<Minutes>,
    /// Bookings are whole steps of this.
    pub step: Sourced<Minutes>,
}

/// What is usual.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsualLength {
    /// From here.
    pub shortest: Sourced<Minutes>,
    /// To here.
    pub longest: Sourced<Minutes>,
}

/// How long a recovery bay is taken.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RecoveryMinutes {
    local_only: Sourced<Minutes>,
    minimal: Sourced<Minutes>,
    moderate: Sourced<Minutes>,
    deep: Sourced<Minutes>,
}

impl RecoveryMinutes {
    /// By how deep the sedation was.
    pub fn after(&self, level: SedationLevel) -> &Sourced<Minutes> {
        match level {
            SedationLevel::LocalOnly => &self.local_only,
            SedationLevel::Minimal => &self.minimal,
            SedationLevel::Moderate => &self.moderate,
            SedationLevel::Deep => &self.deep,
        }
    }
}

/// How long before the procedure the patient is to be there.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ArrivalMinutes {
    local_only: Sourced<Minutes>,
    minimal: Sourced<Minutes>,
    moderate: Sourced<Minutes>,
    deep: Sourced<Minutes>,
}

impl ArrivalMinutes {
    /// By how deep the sedation will be.
    pub fn before(&self, level: SedationLevel) -> &Sourced<Minutes> {
        match level {
            SedationLevel::LocalOnly => &self.local_only,
            SedationLevel::Minimal => &self.minimal,
            SedationLevel::Moderate => &self.moderate,
            SedationLevel::Deep => &self.deep,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GasReserve {
    pub(super) reserve: Sourced<Cycles>,
}

/// From when on stock is running low.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LowStock {
    /// Probes of one model that nobody reserved.
    pub probes: Sourced<Pieces>,
    /// Freezes of one gas that nobody reserved, beyond the reserve.
    pub gas: Sourced<Cycles>,
    /// Days until something expires.
    pub expiry: Sourced<WholeDays>,
}

/// What a seat needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatNeeds {
    /// The lightest sedation with which somebody must sit here.
    pub from: SedationLevel,
    /// Any of these.
    pub any_of: Vec<Credential>,
}

/// One person who must be in the room.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// Key.
    pub id: String,
    /// Who.
    pub name: String,
    /// Any of these roles.
    pub roles: Vec<Role>,
    /// When, and with which credential.
    pub needs: Sourced<SeatNeeds>,
}

/// Whose decision a cancellation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CancelledBy {
    /// The patient's.
    Patient,
    /// The site's.
    Site,
    /// Either.
    Either,
}

/// The code that says why something was not done.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotDoneCode {
    /// Of ICD-10-CM; not known where nothing is coded.
    pub icd10cm: Known<String>,
}

/// Why a booking may be cancelled.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancellationReason {
    /// Key.
    pub id: String,
    /// In words.
    pub name: String,
    /// Whose decision.
    pub by: CancelledBy,
    /// For the claim.
    pub code: Sourced<NotDoneCode>,
    /// Rules whose stop cancels a booking for this reason.
    #[serde(default)]
    pub stops: Vec<RuleId>,
}

/// Everything in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleSettings {
    /// The parts of a slot.
    pub minutes: SlotParts,
    /// What is usual.
    pub usual: UsualLength,
    /// How long before the procedure the patient is to be there.
    pub arrival: ArrivalMinutes,
    /// How long a recovery bay is taken.
    pub recovery: RecoveryMinutes,
    /// What stays in a cylinder.
    pub gas_reserve: Sourced<Cycles>,
    /// From when on stock is running low.
    pub low: LowStock,
    seats: Vec<Seat>,
    cancellations: Vec<CancellationReason>,
}

impl ScheduleSettings {
    /// Reads `schedule.toml`; every source must be listed.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row, what was found and what was expected.
    pub fn from_toml(text: &str, sources: &Sources) -> Result<Self, CatalogueError> {
        every_source_is_listed(&[(FILE, text)], sources)?;
        let rows =
            rows_of(FILE, text, &["minutes", "usual", "arrival", "recovery", "gas", "low", "seat", "cancellation"])?;
        let gas: GasReserve = rows.one("gas")?;
        let read = Self {
            minutes: rows.one("minutes")?,
            usual: rows.one("usual")?,
            arrival: rows.one("arrival")?,
            recovery: rows.one("recovery")?,
            gas_reserve: gas.reserve,
            low: rows.one("low")?,
            seats: some(FILE, "seat", rows.list("seat")?)?,
            cancellations: some(FILE, "cancellation", rows.list("cancellation")?)?,
        };
        read.check()?;
        Ok(read)
    }

    /// The file as it was when the program was built.
    ///
    /// # Errors
    /// [`CatalogueError`] when it was wrong then, which a test refuses.
    pub fn bundled() -> Result<Self, CatalogueError> {
        let sources = Sources::from_toml(include_str!("../../../../data/sources.toml"))?;
        Self::from_toml(include_str!("../../../../data/schedule.toml"), &sources)
    }

    /// Who must be in the room with sedation of this depth.
    pub fn seats(&self, level: SedationLevel) -> impl Iterator<Item = &Seat> {
        self.seats.iter().filter(move |seat| level >= seat.needs.value.from)
    }

    /// The seat with this key.
    pub fn seat(&self, id: &str) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.id == id)
    }

    /// Why a booking may be cancelled, in the order of the file.
    pub fn cancellation_reasons(&self) -> &[CancellationReason] {
        &self.cancellations
    }

    /// The reason with this key.
    pub fn cancellation(&self, id: &str) -> Option<&CancellationReason> {
        self.cancellations.iter().find(|reason| reason.id == id)
    }

    fn check(&self) -> Result<(), CatalogueError> {
        let parts = &self.minutes;
        let named = [
            ("setup", &parts.setup),
            ("consent_and_time_out", &parts.consent_and_time_out),
            ("scan", &parts.scan),
            ("anaesthetic", &parts.anaesthetic),
            ("placing", &parts.placing),
            ("checks", &parts.checks),
            ("dressing", &parts.dressing),
            ("turnover", &parts.turnover),
            ("arrival local-only", &self.arrival.local_only),
            ("arrival minimal", &self.arrival.minimal),
            ("arrival moderate", &self.arrival.moderate),
            ("arrival deep", &self.arrival.deep),
            ("local-only", &self.recovery.local_only),
            ("minimal", &self.recovery.minimal),
            ("moderate", &self.recovery.moderate),
            ("deep", &self.recovery.deep),
        ];
        named.iter().try_for_each(|(name, part)| between(FILE, name, part.value.minutes, 0.0..=1440.0))?;
        between(FILE, "step", parts.step.value.minutes, 1.0..=120.0)?;
        let (shortest, longest) = (self.usual.shortest.value.minutes, self.usual.longest.value.minutes);
        if shortest.is_nan() || longest.is_nan() || shortest > longest {
            let problem = format!("found shortest {shortest} and longest {longest}, expected shortest up to longest");
            return Err(wrong(FILE, "usual", problem));
        }
        match self.seats.iter().find(|seat| seat.roles.is_empty() || seat.needs.value.any_of.is_empty()) {
            Some(seat) => {
                Err(wrong(FILE, &seat.id, "expected a role and a credential, so that it can be filled".into()))
            }
            None => Ok(()),
        }
    }
}
