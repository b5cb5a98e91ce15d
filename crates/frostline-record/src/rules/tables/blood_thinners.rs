//! `data/blood_thinners.toml`: how long each drug is held, by bleeding class and kidney, and when it starts again.

use frostline_plan::catalogue::{CatalogueError, Known, Sourced, rows_of};
use serde::{Deserialize, Serialize};

use crate::rules::bleeding::BleedingClass;

const FILE: &str = "blood_thinners.toml";

/// How long a drug is held before a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// It goes on.
    NotNeeded,
    /// Nobody wrote a time that fits: several specialists decide.
    PersonDecides,
    /// So many hours since the last dose.
    Hours(f64),
    /// So many doses left out; with the dosing interval of the drug this becomes hours.
    Doses(f64),
}

/// One time, for a band of creatinine clearance.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Unit: mL/min; the band begins here.
    #[serde(default)]
    pub from_ml_per_min: f64,
    pub hold: Hold,
}

/// When a drug starts again after the probe is out.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// It was never stopped, or nothing was said.
    NotSaid,
    /// Several specialists decide.
    PersonDecides,
    /// So many hours later.
    Hours(f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    pub after: Restart,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    pub hours: f64,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrugCodes {
    #[serde(default)]
    pub rxnorm: String,
    #[serde(default)]
    pub atc: String,
}

/// One drug against clotting.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BloodThinner {
    /// Key.
    pub id: String,
    /// What it is called, with the dose where that matters.
    pub name: String,
    /// Whether it is a direct oral anticoagulant, which is never bridged.
    #[serde(default)]
    pub doac: bool,
    pub(crate) codes: Option<Sourced<DrugCodes>>,
    pub(crate) interval: Sourced<Interval>,
    pub(crate) low: Sourced<Band>,
    pub(crate) high: Vec<Sourced<Band>>,
    pub(crate) restart: Sourced<Again>,
}

impl BloodThinner {
    /// The band that holds; not known when the clearance is missing and matters, or lies below every band.
    pub(crate) fn band(&self, class: BleedingClass, clearance: Known<f64>) -> Known<&Sourced<Band>> {
        let bands = match class {
            BleedingClass::Low => std::slice::from_ref(&self.low),
            BleedingClass::High => &self.high,
        };
        if let [only] = bands
            && only.value.from_ml_per_min == 0.0
        {
            return Known::Known(only);
        }
        let Some(clearance) = clearance.known() else { return Known::NotKnown };
        // Bands are listed from healthy kidneys down.
        bands.iter().find(|band| clearance >= band.value.from_ml_per_min).map_or(Known::NotKnown, Known::Known)
    }

    /// Whether the clearance decides about the time.
    pub(crate) fn needs_clearance(&self, class: BleedingClass) -> bool {
        matches!(self.band(class, Known::NotKnown), Known::NotKnown)
    }

    /// A hold in hours; none where it has none.
    pub(crate) fn hours(&self, hold: Hold) -> Option<f64> {
        match hold {
            Hold::NotNeeded | Hold::PersonDecides => None,
            Hold::Hours(hours) => Some(hours),
            Hold::Doses(doses) => Some(doses * self.interval.value.hours),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherTime {
    pub interval: String,
}

/// What other societies say before deep blocks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherInterval {
    pub drug: String,
    pub society: String,
    pub says: Sourced<OtherTime>,
}

/// Both tables.
#[derive(Clone, Debug, PartialEq)]
pub struct BloodThinners {
    pub drugs: Vec<BloodThinner>,
    pub others: Vec<OtherInterval>,
}

impl BloodThinners {
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &["drug", "other_interval"])?;
        let read = Self { drugs: rows.list("drug")?, others: rows.list("other_interval")? };
        read.drugs.iter().try_for_each(check)?;
        for other in &read.others {
            if read.find(&other.drug).is_none() {
                let problem =
                    format!("found the drug \"{}\" under other_interval, expected one of the drugs", other.drug);
                return Err(super::wrong(FILE, &other.drug, problem));
            }
        }
        Ok(read)
    }

    pub fn find(&self, id: &str) -> Option<&BloodThinner> {
        self.drugs.iter().find(|drug| drug.id == id)
    }
}

fn check(drug: &BloodThinner) -> Result<(), CatalogueError> {
    super::between(FILE, &drug.id, drug.interval.value.hours, 0.1..=720.0)?;
    if drug.high.is_empty() {
        return Err(super::wrong(FILE, &drug.id, "found no band under high, expected at least one".to_owned()));
    }
    let mut above = f64::INFINITY;
    for band in &drug.high {
        if band.value.from_ml_per_min >= above {
            let problem = "bands under high must go from healthy kidneys down".to_owned();
            return Err(super::wrong(FILE, &drug.id, problem));
        }
        above = band.value.from_ml_per_min;
    }
    let bands = drug.high.iter().chain([&drug.low]);
    bands
        .filter_map(|band| drug.hours(band.value.hold))
        .try_for_each(|hours| super::between(FILE, &drug.id, hours, 0.5..=720.0))
}
