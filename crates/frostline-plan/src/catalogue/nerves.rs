//! The atlas of leg nerves, from `data/nerves.toml`.
//!
//! Knows: what each nerve does, how large and deep it usually is, what lies beside it, and whether it may be a target.
//! Does not know: where the nerve of a patient runs. Measured values always replace these.

use serde::{Deserialize, Serialize};

use super::rows::{CatalogueError, RowCheck, rows_of};
use super::sources::{Known, Sourced};
use super::words::read_structures;
use crate::anatomy::StructureKind;

const FILE: &str = "nerves.toml";

/// What kind of fibres a nerve carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fibre {
    /// Sensory only.
    Sensory,
    /// Motor only.
    Motor,
    /// Both.
    Mixed,
}

/// The worst that freezing a nerve does to strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MotorRisk {
    /// Nothing.
    None,
    /// Weakness that does not change walking much.
    Minor,
    /// Weakness that makes people fall.
    Major,
}

/// Whether a nerve may be a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// A usual target.
    Target,
    /// Only with a written reason and a second signature.
    Specialist,
    /// Never; drawn as an organ at risk.
    Avoid,
}

/// What a nerve does and whether it may be frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its fibres.
    pub fibre: Fibre,
    /// What freezing it does to strength.
    pub motor_risk: MotorRisk,
    /// Whether it may be a target.
    pub policy: Policy,
}

/// What a limb is that a nerve belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limb {
    /// Whole, and it feels.
    Whole,
    /// What an amputation left.
    AmputationStump,
    /// Whole, and without feeling.
    InsensateLimb,
}

impl Limb {
    /// The word on paper.
    pub const fn word(self) -> &'static str {
        match self {
            Limb::Whole => "a whole limb that feels",
            Limb::AmputationStump => "an amputation stump",
            Limb::InsensateLimb => "an insensate limb",
        }
    }
}

/// Where alone a nerve may be a target.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restriction {
    /// In these limbs, and in no others.
    pub only_in: Vec<Limb>,
}

impl Restriction {
    /// The limbs, as a sentence says them.
    pub fn words(&self) -> String {
        self.only_in.iter().map(|limb| limb.word()).collect::<Vec<_>>().join(" or ")
    }
}

/// A range of lengths.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Unit: mm.
    pub low_mm: f64,
    /// Unit: mm.
    pub high_mm: f64,
}

/// How to find a nerve, and what lies beside it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surroundings {
    /// Where it runs.
    pub landmarks: String,
    /// How it is usually reached.
    pub approach: String,
    /// What lies beside it.
    pub neighbours: String,
    /// Kinds of structures that should be marked before a plan is trusted; skin is always found.
    #[serde(deserialize_with = "read_structures")]
    pub watch: Vec<StructureKind>,
}

/// One nerve.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nerve {
    /// Key.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub role: Sourced<Role>,
    /// Where alone it may be a target; absent when anywhere.
    #[serde(default)]
    pub restriction: Option<Sourced<Restriction>>,
    /// Diameter of a circle of its cross-section.
    pub diameter: Known<Sourced<Range>>,
    /// From the skin to the nerve in adults of average build.
    pub depth: Known<Sourced<Range>>,
    /// How to find it.
    pub anatomy: Sourced<Surroundings>,
}

/// All nerves.
#[derive(Clone, Debug, PartialEq)]
pub struct Nerves {
    nerves: Vec<Nerve>,
}

impl Nerves {
    /// Reads `nerves.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row and the value.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let nerves: Vec<Nerve> = rows_of(FILE, text, &["nerve"])?.list("nerve")?;
        nerves.iter().try_for_each(check)?;
        Ok(Self { nerves })
    }

    /// The nerve with this key.
    pub fn find(&self, id: &str) -> Option<&Nerve> {
        self.nerves.iter().find(|nerve| nerve.id == id)
    }

    /// All nerves, in the order of the file.
    pub fn all(&self) -> &[Nerve] {
        &self.nerves
    }
}

fn check(nerve: &Nerve) -> Result<(), CatalogueError> {
    let check = RowCheck::new(FILE, &nerve.id);
    check.words("name", &nerve.name)?;
    let role = nerve.role.value;
    if role.fibre == Fibre::Sensory && role.motor_risk != MotorRisk::None {
        return check.wrong("role.motor_risk", "a motor risk in a sensory nerve".to_owned(), "\"none\"".to_owned());
    }
    if let Some(only) = &nerve.restriction {
        if only.value.only_in.is_empty() {
            let expected = "one or more; \"avoid\" is a policy".to_owned();
            return check.wrong("restriction.only_in", "no limb".to_owned(), expected);
        }
        if role.policy != Policy::Specialist {
            let expected = "\"specialist\", where the nerve is restricted to some limbs".to_owned();
            return check.wrong("role.policy", "another policy".to_owned(), expected);
        }
    }
    for (field, range) in [("diameter", &nerve.diameter), ("depth", &nerve.depth)] {
        if let Known::Known(range) = range {
            check.between(&format!("{field}.low_mm"), range.value.low_mm, 0.1, 120.0)?;
            check.between(&format!("{field}.high_mm"), range.value.high_mm, range.value.low_mm, 120.0)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE_TEXT: &str = include_str!("../../../../data/nerves.toml");

    #[test]
    fn the_sciatic_nerve_of_the_thigh_alone_is_restricted_to_some_limbs() {
        let nerves = Nerves::from_toml(FILE_TEXT).unwrap();
        let restricted: Vec<_> = nerves.all().iter().filter(|nerve| nerve.restriction.is_some()).collect();
        assert_eq!((restricted.len(), restricted[0].id.as_str()), (1, "sci_thigh"));
        let words = restricted[0].restriction.as_ref().unwrap().value.words();
        assert_eq!(words, "an amputation stump or an insensate limb");
    }

    #[test]
    fn a_restriction_to_no_limb_and_one_of_a_nerve_that_is_no_specialist_are_refused() {
        let limbs = r#"only_in = ["amputation-stump", "insensate-limb"]"#;
        let none = Nerves::from_toml(&FILE_TEXT.replace(limbs, "only_in = []")).unwrap_err().to_string();
        assert!(none.contains("sci_thigh") && none.contains("one or more"), "{none}");
        let at = FILE_TEXT.find("id = \"sci_thigh\"").unwrap();
        let usual = FILE_TEXT[at..].replacen("\"specialist\"", "\"target\"", 1);
        let usual = Nerves::from_toml(&format!("{}{usual}", &FILE_TEXT[..at])).unwrap_err().to_string();
        assert!(usual.contains("sci_thigh") && usual.contains("role.policy"), "{usual}");
    }
}
