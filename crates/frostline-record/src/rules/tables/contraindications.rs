//! `data/contraindications.toml`: what speaks against a freeze.

use frostline_plan::catalogue::{CatalogueError, Sourced, rows_of};
use serde::Deserialize;

use crate::rules::screening::Guidance;

const FILE: &str = "contraindications.toml";

/// How much a contraindication weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weighs {
    /// A stop.
    Absolute,
    /// A reason must be named.
    Relative,
    /// Must be asked; worth knowing.
    Ask,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weight {
    pub class: Weighs,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contraindication {
    /// Key.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What to ask the patient.
    pub question: String,
    /// Codes of ICD-10-CM to look for in the record; a code that ends in `-` is a family.
    #[serde(default)]
    pub look_up: Vec<String>,
    /// Whether it stops a freeze that MR guides, whatever its class.
    #[serde(default)]
    pub stops_mr: bool,
    pub(crate) weighs: Sourced<Weight>,
}

impl Contraindication {
    /// How much it weighs when this guides the probe.
    pub fn weighs_with(&self, guidance: Guidance) -> Weighs {
        if self.stops_mr && guidance == Guidance::Mr { Weighs::Absolute } else { self.weighs.value.class }
    }
}

/// Reads the file.
pub fn contraindications(text: &str) -> Result<Vec<Contraindication>, CatalogueError> {
    super::some(FILE, "contraindication", rows_of(FILE, text, &["contraindication"])?.list("contraindication")?)
}
