//! `data/anaesthetics.toml`: how much of each local anaesthetic, and how that is reduced.

use frostline_plan::catalogue::{CatalogueError, Sourced, rows_of};
use serde::Deserialize;

use crate::rules::quantity::{BodyMass, Percent};

const FILE: &str = "anaesthetics.toml";

/// The most of one drug: the smaller of the two counts.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Most {
    pub mg_per_kg: f64,
    pub mg: f64,
}

/// One local anaesthetic.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anaesthetic {
    /// Key.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// RxNorm ingredient, recalled.
    #[serde(default)]
    pub rxnorm: String,
    pub(crate) plain: Sourced<Most>,
    pub(crate) with_epinephrine: Sourced<Most>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdealWeight {
    pub man_cm_minus: f64,
    pub woman_cm_minus: f64,
}

/// How a dose becomes smaller.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reduction {
    /// For the old, the frail, a sick heart or liver.
    pub by: Sourced<Percent>,
    /// Above this the ideal weight counts.
    pub ideal_weight_above: Sourced<BodyMass>,
    /// Ideal weight from height.
    pub ideal_weight: Sourced<IdealWeight>,
}

/// The table.
#[derive(Clone, Debug, PartialEq)]
pub struct Anaesthetics {
    pub drugs: Vec<Anaesthetic>,
    pub reduction: Reduction,
}

impl Anaesthetics {
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &["drug", "reduction"])?;
        let read = Self { drugs: rows.list("drug")?, reduction: rows.one("reduction")? };
        for drug in &read.drugs {
            for most in [&drug.plain, &drug.with_epinephrine] {
                super::between(FILE, &drug.id, most.value.mg_per_kg, 0.5..=10.0)?;
                super::between(FILE, &drug.id, most.value.mg, 50.0..=1000.0)?;
            }
        }
        Ok(read)
    }

    pub fn find(&self, id: &str) -> Option<&Anaesthetic> {
        self.drugs.iter().find(|drug| drug.id == id)
    }
}
