//! C: codes for the procedure and the diagnosis. The program proposes; a coder confirms.

use std::collections::BTreeSet;

use frostline_plan::anatomy::Side;
use frostline_plan::catalogue::{CatalogueError, Known};
use frostline_plan::side_word;
use serde::{Deserialize, Serialize};

use super::RuleBook;
use super::answer::Answer;
use super::row::{NoNumbers, rule_group, texts};
use super::ruling::{Computed, Ruling, Verdict};
use super::tables::{Included, NoteItem, PayerProfile, SideWord};

texts!(CodeTexts { lower, upper, plexus, mixed, missing });
texts!(PayerTexts { profile, unconfirmed, not_chosen, unknown });
texts!(UnitTexts { proposal, missing });
texts!(ExcludesTexts { ok, conflict, missing });
texts!(NoteTexts { ok, lacks, missing });
texts!(ReleaseTexts { ok, not_in, unknown_release, missing });
texts!(SideTexts { ok, mismatch, unspecified, no_side, missing });

rule_group! {
    /// C-01 to C-07.
    CodingRules {
        code: C01, NoNumbers, CodeTexts;
        payer: C02, NoNumbers, PayerTexts;
        units: C03, NoNumbers, UnitTexts;
        excludes: C04, NoNumbers, ExcludesTexts;
        note: C05, NoNumbers, NoteTexts;
        release: C06, NoNumbers, ReleaseTexts;
        side: C07, NoNumbers, SideTexts;
    }
}

/// Where a frozen nerve belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BillingSite {
    /// A nerve of the leg or foot.
    LowerLimb,
    /// A nerve of the arm or hand.
    UpperLimb,
    /// A plexus or a nerve of the trunk.
    PlexusOrTrunk,
}

/// How often a code is billed, and with which modifiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Units {
    /// Named nerves times sides.
    pub units: usize,
    /// Such as RT, LT.
    pub modifiers: Vec<String>,
}

/// The side of the plan, which a code must agree with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Laterality {
    /// Which leg is treated.
    pub side: Side,
}

impl RuleBook {
    /// What payers say, in the order of the file.
    pub fn payer_profiles(&self) -> &[PayerProfile] {
        &self.codes.payers
    }

    /// What belongs to the procedure and is not billed beside it, in the order of the file.
    pub fn included_in_code(&self) -> &[Included] {
        &self.codes.included
    }

    /// Releases of the procedure codes that somebody looked into, each with the codes that it holds.
    pub fn code_releases(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.codes.releases.iter().map(|row| (row.id.as_str(), row.codes.value.holds.as_slice()))
    }

    /// The side that a diagnosis code names by its last character; nothing for a code that names none.
    pub fn side_word_of_code(&self, code: &str) -> Option<SideWord> {
        self.codes.sides.iter().find_map(|row| row.side(code))
    }

    /// What a note must say, in the order of the file.
    pub fn note_items(&self) -> &[NoteItem] {
        &self.codes.note
    }

    /// C-01: the number of the code for what is frozen.
    pub fn procedure_code(&self, sites: &[Known<BillingSite>]) -> Computed<Known<String>> {
        let rule = &self.coding.code;
        let codes = &self.codes.procedures;
        let judge = self.judge(rule);
        let known: BTreeSet<BillingSite> = sites.iter().filter_map(Known::known).collect();
        if sites.is_empty() || sites.iter().any(|site| site.known().is_none()) {
            return Computed { ruling: judge.rules(Verdict::Human, &rule.texts.missing), result: Known::NotKnown };
        }
        if known.len() > 1 {
            return Computed { ruling: judge.rules(Verdict::Human, &rule.texts.mixed), result: Known::NotKnown };
        }
        let (row, verdict, words) = match known.first() {
            Some(BillingSite::UpperLimb) => (&codes.upper_limb, Verdict::Human, &rule.texts.upper),
            Some(BillingSite::PlexusOrTrunk) => (&codes.plexus_or_trunk, Verdict::Human, &rule.texts.plexus),
            _ => (&codes.lower_limb, Verdict::Ok, &rule.texts.lower),
        };
        let judge = judge.fact("code", row.value.code.as_str());
        Computed { ruling: judge.rules_by(verdict, words, row), result: Known::Known(row.value.code.clone()) }
    }

    /// C-02: what the chosen payer says; none is chosen by itself, and a coder confirms.
    pub fn payer(&self, profile: Known<&str>, confirmed_by_coder: Answer) -> Ruling {
        let rule = &self.coding.payer;
        let judge = self.judge(rule);
        let Some(id) = profile.known() else { return judge.rules(Verdict::Human, &rule.texts.not_chosen) };
        let judge = judge.fact("payer", id);
        let Some(found) = self.codes.payers.iter().find(|payer| payer.id == id) else {
            return judge.rules(Verdict::Human, &rule.texts.unknown);
        };
        let position = &found.position;
        let judge = judge.fact("payer", found.name.as_str()).fact("says", position.value.says.as_str());
        let judge = judge.fact("seen", position.value.seen.as_str());
        match confirmed_by_coder {
            Answer::Yes => judge.rules_by(Verdict::Info, &rule.texts.profile, position),
            Answer::No | Answer::NotAsked => judge.rules_by(Verdict::Human, &rule.texts.unconfirmed, position),
        }
    }

    /// C-03: units and modifiers, as a proposal.
    pub fn units(&self, treated: &[(&str, Known<Side>)]) -> Computed<Known<Units>> {
        let rule = &self.coding.units;
        let judge = self.judge(rule);
        if treated.is_empty() || treated.iter().any(|(_, side)| side.known().is_none()) {
            return Computed { ruling: judge.rules(Verdict::Human, &rule.texts.missing), result: Known::NotKnown };
        }
        let named: BTreeSet<(&str, &str)> =
            treated.iter().filter_map(|(nerve, side)| side.known().map(|side| (*nerve, side_word(side)))).collect();
        let nerves: BTreeSet<&str> = named.iter().map(|(nerve, _)| *nerve).collect();
        let on = |side: Side| named.iter().any(|(_, word)| *word == side_word(side));
        let marks = &self.codes.modifiers;
        let (right, left) = (marks.value.right.clone(), marks.value.left.clone());
        let mut modifiers = match (on(Side::Right), on(Side::Left)) {
            (true, true) if named.len() == 2 * nerves.len() => vec![marks.value.both_sides.clone()],
            (true, true) => vec![right, left],
            (true, false) => vec![right],
            (false, _) => vec![left],
        };
        if nerves.len() > 1 {
            modifiers.push(marks.value.further_nerve.clone());
        }
        let judge = judge.fact("units", named.len().to_string()).fact("modifiers", modifiers.join(", "));
        let units = Units { units: named.len(), modifiers };
        Computed { ruling: judge.rules_by(Verdict::Info, &rule.texts.proposal, marks), result: Known::Known(units) }
    }

    /// C-04: diagnosis codes that exclude each other.
    pub fn excludes(&self, codes: &[&str]) -> Ruling {
        let rule = &self.coding.excludes;
        let judge = self.judge(rule).fact("codes", codes.join(", "));
        if codes.is_empty() {
            return judge.fact("codes", "none").rules(Verdict::Human, &rule.texts.missing);
        }
        let within = |family: &[String]| {
            codes.iter().copied().find(|code| family.iter().any(|prefix| code.starts_with(prefix.as_str())))
        };
        for row in &self.codes.excludes {
            if let (Some(one), Some(other)) = (within(&row.pair.value.one), within(&row.pair.value.other)) {
                let judge = judge.fact("pair", format!("{one} and {other}"));
                return judge.rules_by(Verdict::Stop, &rule.texts.conflict, &row.pair);
            }
        }
        judge.fact("pair", "none").rules(Verdict::Ok, &rule.texts.ok)
    }

    /// C-05: what the note lacks; answers by the keys of the items.
    pub fn note(&self, answers: &[(&str, Answer)]) -> Computed<Vec<String>> {
        let rule = &self.coding.note;
        let judge = self.judge(rule);
        let answer = |item: &NoteItem| {
            answers.iter().find(|(key, _)| *key == item.id).map_or(Answer::NotAsked, |(_, answer)| *answer)
        };
        let named = |wanted: Answer| {
            let items = self.codes.note.iter().filter(|item| answer(item) == wanted);
            items.map(|item| item.name.clone()).collect::<Vec<_>>()
        };
        let (mut lacks, open) = (named(Answer::No), named(Answer::NotAsked));
        let ruling = if !lacks.is_empty() {
            lacks.extend(open);
            judge.fact("items", lacks.join("; ")).rules(Verdict::Warn, &rule.texts.lacks)
        } else if !open.is_empty() {
            lacks = open;
            judge.fact("items", lacks.join("; ")).rules(Verdict::Human, &rule.texts.missing)
        } else {
            judge.fact("items", "none").rules(Verdict::Ok, &rule.texts.ok)
        };
        Computed { ruling, result: lacks }
    }

    /// C-06: whether the code is in the release of the day of service.
    pub fn release(&self, code: Known<&str>, release: Known<&str>) -> Ruling {
        let rule = &self.coding.release;
        let judge = self.judge(rule);
        let (Some(code), Some(release)) = (code.known(), release.known()) else {
            return judge.rules(Verdict::Human, &rule.texts.missing);
        };
        let judge = judge.fact("code", code).fact("release", release);
        let Some(row) = self.codes.releases.iter().find(|row| row.id == release) else {
            return judge.rules(Verdict::Human, &rule.texts.unknown_release);
        };
        if row.codes.value.holds.iter().any(|held| held == code) {
            return judge.rules_by(Verdict::Ok, &rule.texts.ok, &row.codes);
        }
        judge.rules_by(Verdict::Stop, &rule.texts.not_in, &row.codes)
    }

    /// The leg that a diagnosis code names; nothing when it names none, or both.
    pub fn side_of_code(&self, code: &str) -> Option<Side> {
        match self.codes.sides.iter().find_map(|row| row.side(code))? {
            SideWord::Right => Some(Side::Right),
            SideWord::Left => Some(Side::Left),
            _ => None,
        }
    }

    /// Whether a diagnosis code stands for one nerve or limb, and not for pain of any origin.
    pub fn is_focal(&self, code: &str) -> bool {
        self.codes.families.focal.value.has(code)
    }

    /// The nerves of the atlas that a diagnosis code may mean; nothing when it may mean any.
    pub fn nerves_of_code(&self, code: &str) -> Option<&[String]> {
        let is_of = |families: &[String]| families.iter().any(|family| code.starts_with(family.as_str()));
        let row = self.codes.nerves.iter().find(|row| is_of(&row.meant.value.families))?;
        Some(row.meant.value.nerves.as_slice())
    }

    /// C-07: whether the sides that diagnosis codes name are that of the plan.
    pub fn code_side(&self, codes: &[&str], plan: Known<Laterality>) -> Ruling {
        let rule = &self.coding.side;
        let judge = self.judge(rule).fact("codes", codes.join(", "));
        let Some(Laterality { side }) = plan.known().filter(|_| !codes.is_empty()) else {
            return judge.rules(Verdict::Human, &rule.texts.missing);
        };
        let judge = judge.fact("side", side_word(side));
        let named: Vec<(&str, SideWord)> = codes
            .iter()
            .filter_map(|code| self.codes.sides.iter().find_map(|row| row.side(code)).map(|side| (*code, side)))
            .collect();
        let codes_with = |wanted: SideWord| {
            named.iter().filter(|(_, side)| *side == wanted).map(|(code, _)| *code).collect::<Vec<_>>().join(", ")
        };
        let wrong = match side {
            Side::Right => codes_with(SideWord::Left),
            Side::Left => codes_with(SideWord::Right),
        };
        let unspecified = codes_with(SideWord::Unspecified);
        match () {
            () if !wrong.is_empty() => judge.fact("codes", wrong).rules(Verdict::Stop, &rule.texts.mismatch),
            () if !unspecified.is_empty() => {
                judge.fact("codes", unspecified).rules(Verdict::Warn, &rule.texts.unspecified)
            }
            () if named.is_empty() => judge.rules(Verdict::Human, &rule.texts.no_side),
            () => judge.rules(Verdict::Ok, &rule.texts.ok),
        }
    }
}
