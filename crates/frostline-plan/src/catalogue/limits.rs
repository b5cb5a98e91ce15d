//! How cold is too cold, how much nerve is enough, and how long relief may last; from `data/limits.toml`.
//!
//! Knows: one rule per structure, level and temperature, each with its reason and source.
//! Does not know: what temperature anything reached.

use serde::{Deserialize, Serialize};

use super::probes::Temperature;
use super::rows::{CatalogueError, RowCheck, rows_of};
use super::site::SiteChoice;
use super::sources::Sourced;
use super::words::read_structure;
use crate::anatomy::StructureKind;

const FILE: &str = "limits.toml";

/// How serious it is to cross a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitLevel {
    /// A person must see it.
    Warn,
    /// The plan must not be carried out like this.
    Stop,
    /// Nobody knows what happens then.
    Unknown,
}

impl LimitLevel {
    /// The same as a word of the files.
    pub fn word(self) -> &'static str {
        match self {
            LimitLevel::Warn => "warn",
            LimitLevel::Stop => "stop",
            LimitLevel::Unknown => "unknown",
        }
    }

    /// The more serious, the higher; as findings are ordered.
    pub(super) fn severity(self) -> u8 {
        match self {
            LimitLevel::Unknown => 0,
            LimitLevel::Warn => 1,
            LimitLevel::Stop => 2,
        }
    }
}

/// One limit: what is found when a structure becomes colder than a temperature.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Key; also the key of the finding.
    pub id: String,
    /// For which structures.
    #[serde(deserialize_with = "read_structure")]
    pub structure: StructureKind,
    /// What is found when it is crossed.
    pub level: LimitLevel,
    /// The temperature and where it comes from.
    pub below: Sourced<Temperature>,
    /// What may happen to the patient, in the words of the report.
    pub text: String,
}

/// A length.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Length {
    /// Unit: mm.
    pub millimetres: f64,
}

/// Temperatures between which a nerve only stops conducting.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColdBlock {
    /// Conduction stops below.
    pub warmest_c: f64,
    /// Fibres are interrupted below.
    pub coldest_c: f64,
}

/// What a freeze must do to the target nerve.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NerveGoals {
    /// A length of nerve counts as disabled where its whole cross-section was once colder.
    pub disabled_below: Sourced<Temperature>,
    /// A second threshold that is shown beside the first.
    pub also_shown_below: Sourced<Temperature>,
    /// Caution when any part of the nerve was colder.
    pub caution_below: Sourced<Temperature>,
    /// Stop when any part of the nerve was colder.
    pub stop_below: Sourced<Temperature>,
    /// Warn when less nerve is disabled.
    pub shortest_disabled: Sourced<Length>,
    /// What the planner aims at.
    pub wanted_disabled: Sourced<Length>,
    /// Where the nerve is only blocked for as long as it is cold.
    pub cold_block: Sourced<ColdBlock>,
    /// How far a motor or mixed nerve should be from the ice edge.
    pub motor_nerve_margin: Sourced<Length>,
}

/// Isotherms that every report shows.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownIsotherms {
    /// From warm to cold.
    pub celsius: Vec<f64>,
}

/// How fast a nerve grows back to what it serves.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regrowth {
    /// Slowest of the published band; the longest relief.
    pub slow_mm_per_day: f64,
    /// In the middle.
    pub mid_mm_per_day: f64,
    /// Fastest; the shortest relief.
    pub fast_mm_per_day: f64,
}

/// All limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    pub(super) limits: Vec<Limit>,
    pub(super) nerve: NerveGoals,
    isotherms: Sourced<ShownIsotherms>,
    pub(super) of_site: Vec<SiteChoice>,
}

impl Limits {
    /// The limits in `limits.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row and the value; every kind of structure must have at least one limit.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &["limit", "nerve", "isotherms", "relief"])?;
        let limits: Vec<Limit> = rows.list("limit")?;
        for limit in &limits {
            let check = RowCheck::new(FILE, &limit.id);
            check.words("text", &limit.text)?;
            check.between("below.celsius", limit.below.value.celsius, -200.0, 37.0)?;
        }
        for kind in StructureKind::ALL {
            if !limits.iter().any(|limit| limit.structure == kind) {
                let row = format!("a limit for {}", super::words::structure_word(kind));
                return Err(CatalogueError::MissingRow { file: FILE, row });
            }
        }
        let nerve: NerveGoals = rows.one("nerve")?;
        check_nerve(&nerve)?;
        let isotherms: Sourced<ShownIsotherms> = rows.one("isotherms")?;
        let check = RowCheck::new(FILE, "isotherms");
        if isotherms.value.celsius.is_empty() {
            return check.wrong("celsius", "nothing".to_owned(), "at least one temperature".to_owned());
        }
        isotherms.value.celsius.iter().try_for_each(|celsius| check.between("celsius", *celsius, -200.0, 10.0))?;
        Ok(Self { limits, nerve, isotherms, of_site: Vec::new() })
    }

    /// The limits of one kind of structure, in the order of the file.
    pub fn for_structure(&self, kind: StructureKind) -> impl Iterator<Item = &Limit> {
        self.limits.iter().filter(move |limit| limit.structure == kind)
    }

    /// All limits, in the order of the file.
    pub fn all(&self) -> &[Limit] {
        &self.limits
    }

    /// What a freeze must do to the target.
    pub fn nerve(&self) -> &NerveGoals {
        &self.nerve
    }

    /// What a site chose otherwise than the file, in the order it was given.
    pub fn of_site(&self) -> &[SiteChoice] {
        &self.of_site
    }

    /// Whether the numbers of the nerve still follow each other.
    pub(super) fn check_nerve(&self) -> Result<(), CatalogueError> {
        check_nerve(&self.nerve)
    }

    /// The isotherms that every report shows, from warm to cold.
    pub fn isotherms(&self) -> &Sourced<ShownIsotherms> {
        &self.isotherms
    }
}

/// How long relief may last.
#[derive(Clone, Debug, PartialEq)]
pub struct Relief {
    /// Speed of regrowth.
    pub regrowth: Sourced<Regrowth>,
}

impl Relief {
    /// The section `[relief]` of `limits.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the value.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &["limit", "nerve", "isotherms", "relief"])?;
        let regrowth: Sourced<Regrowth> = rows.one("relief")?;
        let check = RowCheck::new(FILE, "relief");
        let Regrowth { slow_mm_per_day: slow, mid_mm_per_day: mid, fast_mm_per_day: fast } = regrowth.value;
        check.between("slow_mm_per_day", slow, 0.05, 10.0)?;
        check.between("mid_mm_per_day", mid, slow, 10.0)?;
        check.between("fast_mm_per_day", fast, mid, 10.0)?;
        Ok(Self { regrowth })
    }
}

fn check_nerve(nerve: &NerveGoals) -> Result<(), CatalogueError> {
    let check = RowCheck::new(FILE, "nerve");
    let disabled_c = nerve.disabled_below.value.celsius;
    check.between("disabled_below.celsius", disabled_c, -200.0, 0.0)?;
    check.between("also_shown_below.celsius", nerve.also_shown_below.value.celsius, -200.0, 0.0)?;
    let caution_c = nerve.caution_below.value.celsius;
    check.between("caution_below.celsius", caution_c, -200.0, disabled_c)?;
    check.between("stop_below.celsius", nerve.stop_below.value.celsius, -200.0, caution_c)?;
    let shortest_mm = nerve.shortest_disabled.value.millimetres;
    check.between("shortest_disabled.millimetres", shortest_mm, 0.1, 100.0)?;
    check.between("wanted_disabled.millimetres", nerve.wanted_disabled.value.millimetres, shortest_mm, 100.0)?;
    check.between("motor_nerve_margin.millimetres", nerve.motor_nerve_margin.value.millimetres, 0.0, 100.0)?;
    let block = nerve.cold_block.value;
    check.between("cold_block.warmest_c", block.warmest_c, 0.0, 37.0)?;
    check.between("cold_block.coldest_c", block.coldest_c, -200.0, block.warmest_c)
}
