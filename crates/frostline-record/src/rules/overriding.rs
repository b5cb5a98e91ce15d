//! Going on in spite of a ruling: who may, who did, and why. An override never replaces a ruling, it stands beside it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id::RuleId;
use super::moment::Moment;
use super::ruling::{Ruling, Verdict};

/// What somebody is in this procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Who freezes: interventional radiologist or pain physician.
    Operator,
    /// Anaesthesiologist.
    Anaesthesia,
    /// Nurse.
    Nurse,
    /// Radiographer or sonographer.
    Technologist,
    /// Who books.
    Coordinator,
    /// Who codes and bills.
    Coder,
    /// Who reviews quality.
    Quality,
    /// Who runs the installation.
    Administrator,
    /// The patient or who cares for them.
    Patient,
}

impl Role {
    /// The word in files and on screens.
    pub fn word(self) -> &'static str {
        match self {
            Role::Operator => "operator",
            Role::Anaesthesia => "anaesthesia",
            Role::Nurse => "nurse",
            Role::Technologist => "technologist",
            Role::Coordinator => "coordinator",
            Role::Coder => "coder",
            Role::Quality => "quality",
            Role::Administrator => "administrator",
            Role::Patient => "patient",
        }
    }
}

/// Who may go on in spite of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overriding {
    /// Any of these; a second signature may come from the same role, never from the same person.
    pub roles: Vec<Role>,
    /// How many people must sign.
    #[serde(default = "one")]
    pub signatures: usize,
    /// What a stop of this rule allows.
    #[serde(default)]
    pub stops: Stops,
}

fn one() -> usize {
    1
}

/// Whether a stop may be overridden.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stops {
    /// By the roles of the rule.
    #[default]
    MayBeOverridden,
    /// By nobody, and why.
    Never(String),
}

/// One person who signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// In which role.
    pub role: Role,
    /// Who.
    pub by: String,
}

/// A decision of named people to go on in spite of a ruling. Made by [`Override::of`], which checks it, or read back from the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    rule: RuleId,
    signatures: Vec<Signature>,
    reason: String,
    at: Moment,
}

/// Why a ruling cannot be overridden so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverrideRefused {
    /// There is nothing to override.
    #[error("{rule} says '{verdict}': there is nothing to override; go on without")]
    NothingToOverride {
        /// Which rule.
        rule: RuleId,
        /// What it said.
        verdict: &'static str,
    },
    /// Nobody may.
    #[error("{rule} may not be overridden by anyone: {why}; change what the rule found instead")]
    Never {
        /// Which rule.
        rule: RuleId,
        /// Why.
        why: String,
    },
    /// The wrong person.
    #[error("{rule}: found the role '{found}', expected {expected}; ask one of them to sign")]
    WrongRole {
        /// Which rule.
        rule: RuleId,
        /// The role that tried.
        found: &'static str,
        /// The roles that may.
        expected: String,
    },
    /// Too few people.
    #[error(
        "{rule}: found {found} signature(s) of different people, expected {expected}; let another person sign, with a name that tells the two apart"
    )]
    TooFewSignatures {
        /// Which rule.
        rule: RuleId,
        /// How many.
        found: usize,
        /// How many are needed.
        expected: usize,
    },
    /// No reason, or no name.
    #[error("{rule}: found no {what}, expected words; write the {what}")]
    NoWords {
        /// Which rule.
        rule: RuleId,
        /// What is empty: reason or name.
        what: &'static str,
    },
}

impl Override {
    /// A decision to go on in spite of `ruling`.
    ///
    /// # Errors
    /// [`OverrideRefused`] when there is nothing to override, nobody may, the role is not one of the rule's, too few
    /// people signed, or reason or name are empty.
    pub fn of(ruling: &Ruling, signatures: &[Signature], reason: &str, at: Moment) -> Result<Self, OverrideRefused> {
        let rule = ruling.rule;
        if matches!(ruling.verdict, Verdict::Ok | Verdict::Info) {
            return Err(OverrideRefused::NothingToOverride { rule, verdict: ruling.verdict.word() });
        }
        if let (Verdict::Stop, Stops::Never(why)) = (ruling.verdict, &ruling.overriding.stops) {
            return Err(OverrideRefused::Never { rule, why: why.clone() });
        }
        if reason.trim().is_empty() {
            return Err(OverrideRefused::NoWords { rule, what: "reason" });
        }
        check_signatures(rule, &ruling.overriding, signatures)?;
        Ok(Self { rule, signatures: signatures.to_vec(), reason: reason.trim().to_owned(), at })
    }

    /// Which rule.
    pub fn rule(&self) -> RuleId {
        self.rule
    }

    /// Who signed.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// When.
    pub fn at(&self) -> Moment {
        self.at
    }
}

fn check_signatures(rule: RuleId, may: &Overriding, signatures: &[Signature]) -> Result<(), OverrideRefused> {
    if let Some(wrong) = signatures.iter().find(|signature| !may.roles.contains(&signature.role)) {
        let expected = may.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(" or ");
        return Err(OverrideRefused::WrongRole { rule, found: wrong.role.word(), expected });
    }
    if signatures.iter().any(|signature| signature.by.trim().is_empty()) {
        return Err(OverrideRefused::NoWords { rule, what: "name" });
    }
    let mut people: Vec<&str> = Vec::new();
    for signature in signatures {
        if !people.iter().any(|one| may_be_one_person(one, &signature.by)) {
            people.push(&signature.by);
        }
    }
    if people.len() < may.signatures {
        return Err(OverrideRefused::TooFewSignatures { rule, found: people.len(), expected: may.signatures });
    }
    Ok(())
}

/// Whether two names may be those of one person: every word of one stands in the other, an initial for a whole word, whatever
/// the case, titles and signs. Two people who are called alike need names that tell them apart.
pub(crate) fn may_be_one_person(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let (few, many) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    few.iter().all(|word| many.iter().any(|other| alike(word, other)))
}

/// What stands before or behind names and tells nobody apart.
const TITLES: [&str; 12] = ["dr", "dra", "prof", "mr", "mrs", "ms", "md", "phd", "rn", "med", "sr", "sra"];

fn words(name: &str) -> Vec<String> {
    let parts = name.split(|letter: char| !letter.is_alphanumeric() && !is_unseen(letter));
    let seen = |part: &str| part.chars().filter(|letter| !is_unseen(*letter)).flat_map(char::to_lowercase).collect();
    parts.map(seen).filter(|word: &String| !word.is_empty() && !TITLES.contains(&word.as_str())).collect()
}

/// Characters that nobody sees: they part no word and make no name another. Soft hyphen, joiners, directions, byte order mark.
pub fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn alike(one: &str, other: &str) -> bool {
    let is_initial = |word: &str| word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    one == other || is_initial(one) && other.starts_with(one) || is_initial(other) && one.starts_with(other)
}

/// A ruling and what was decided in spite of it; the ruling stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruled {
    /// What the rule said.
    pub ruling: Ruling,
    /// Every decision to go on, in order; empty when there was none.
    pub overrides: Vec<Override>,
}

impl Ruled {
    /// A ruling nobody overrode.
    pub fn new(ruling: Ruling) -> Self {
        Self { ruling, overrides: Vec::new() }
    }

    /// The same ruling with one more decision beside it.
    ///
    /// # Errors
    /// The override again, when it is about another rule.
    pub fn with(mut self, decision: Override) -> Result<Self, Override> {
        if decision.rule != self.ruling.rule {
            return Err(decision);
        }
        self.overrides.push(decision);
        Ok(self)
    }

    /// Whether the case may go on: nothing stands against it, or somebody who may has decided so.
    pub fn may_go_on(&self) -> bool {
        matches!(self.ruling.verdict, Verdict::Ok | Verdict::Info) || !self.overrides.is_empty()
    }
}
