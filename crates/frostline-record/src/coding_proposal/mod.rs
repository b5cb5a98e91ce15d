//! What might be billed, as a proposal that a coder confirms, changes or throws away.
//!
//! Knows: which number goes with what was frozen, how often and with which modifiers; diagnosis codes that go with the nerve
//! and the side, and which of them exclude each other; what payers say; what the note still lacks.
//! Does not know: prices, and the words of CPT, which belong to the AMA. It never sends anything to anybody.

mod diagnoses;

use std::collections::BTreeSet;

use frostline_plan::anatomy::Side;
use frostline_plan::catalogue::{Known, Status};
use serde::Serialize;

use crate::case::{Case, Judging};
use crate::rules::{Answer, BillingSite, Laterality, RuleBook, Ruling, Units, Verdict};

pub use diagnoses::{CodeWords, CodesBySide, Condition, Diagnoses, Sides};

/// What stands above every proposal.
pub const A_CODER_CONFIRMS: &str =
    "A proposal. A coder confirms every code; payers disagree about this procedure, and cover is disputed.";

/// One nerve that was frozen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TreatedNerve<'a> {
    /// Key of the atlas.
    pub nerve: &'a str,
    /// Which leg.
    pub side: Known<Side>,
    /// Where it belongs.
    pub site: Known<BillingSite>,
}

/// What a proposal is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct ToCode<'a> {
    /// What was frozen.
    pub treated: Vec<TreatedNerve<'a>>,
    /// Diagnosis codes that the record holds already.
    pub recorded: Vec<String>,
    /// Key of the payer's profile; none is chosen by itself.
    pub payer: Option<&'a str>,
    /// Release of the procedure codes on the day of service.
    pub release: Option<&'a str>,
    /// What the note says, by the keys of C-05.
    pub note: Vec<(String, Answer)>,
    /// Whether a coder has confirmed the payer's profile.
    pub confirmed: Answer,
}

/// One line of a claim, as proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposedLine {
    /// The number of the code; nothing when no code fits.
    pub code: Option<String>,
    /// Nerves that it is for.
    pub nerves: Vec<String>,
    /// How often and with which modifiers; nothing when a side is not known.
    pub units: Option<Units>,
}

/// A diagnosis code that might fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The code.
    pub code: String,
    /// As the list says it.
    pub text: String,
    /// What it stands for.
    pub condition: String,
    /// What a coder should know.
    pub note: String,
    /// Whether the record holds it already.
    pub recorded: bool,
    /// Only where nothing better is known.
    pub last_resort: bool,
    /// Other codes, recorded or proposed, that must not stand beside it.
    pub excludes: Vec<String>,
    /// Whether its words were recalled and must be looked up.
    pub check_before_use: bool,
}

/// What one payer says about the proposed codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PayerView {
    /// Key of the profile.
    pub id: String,
    /// Whose document.
    pub name: String,
    /// What it says.
    pub says: String,
    /// When it was seen.
    pub seen: String,
    /// Codes that it says must not be used for this.
    pub forbids: Vec<String>,
    /// Whether somebody chose it.
    pub chosen: bool,
}

/// What might be billed. It is never final: [`A_CODER_CONFIRMS`] stands above it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CodingProposal {
    /// What stands above it.
    pub notice: &'static str,
    /// Lines, one for each code.
    pub lines: Vec<ProposedLine>,
    /// Diagnosis codes that might fit, recorded ones first.
    pub candidates: Vec<Candidate>,
    /// Recorded codes of which this program knows nothing; they may be right all the same.
    pub not_in_list: Vec<String>,
    /// What payers say, the chosen one first.
    pub payers: Vec<PayerView>,
    /// What the note still lacks, in words.
    pub missing: Vec<String>,
    /// What is not billed beside it.
    pub included: Vec<String>,
    /// Releases that somebody looked into, with their codes.
    pub releases: Vec<(String, Vec<String>)>,
    /// C-01 to C-07.
    pub rulings: Vec<Ruling>,
}

impl CodingProposal {
    /// Made from what was frozen and what the record says.
    pub fn of(book: &RuleBook, diagnoses: &Diagnoses, to_code: &ToCode) -> Self {
        let (lines, mut rulings) = lines(book, &to_code.treated);
        let payer = to_code.payer.map_or(Known::NotKnown, Known::Known);
        rulings.push(book.payer(payer, to_code.confirmed));
        let recorded: Vec<&str> = to_code.recorded.iter().map(String::as_str).collect();
        rulings.push(book.excludes(&recorded));
        let answers: Vec<(&str, Answer)> = to_code.note.iter().map(|(key, answer)| (key.as_str(), *answer)).collect();
        let note = book.note(&answers);
        rulings.push(note.ruling);
        let release = to_code.release.map_or(Known::NotKnown, Known::Known);
        let codes = lines.iter().map(|line| line.code.as_deref().map_or(Known::NotKnown, Known::Known));
        rulings.extend(codes.map(|code| book.release(code, release)));
        rulings.push(book.code_side(&recorded, one_side(&to_code.treated)));
        Self {
            notice: A_CODER_CONFIRMS,
            candidates: candidates(book, diagnoses, to_code),
            not_in_list: unlisted(diagnoses, &to_code.recorded),
            payers: payers(book, to_code.payer),
            missing: note.result,
            included: book.included_in_code().iter().map(|row| row.words.value.text.clone()).collect(),
            releases: book.code_releases().map(|(id, codes)| (id.to_owned(), codes.to_vec())).collect(),
            lines,
            rulings,
        }
    }

    /// Of a case as it stands, with everything that is treated in its session: units count every nerve and leg, and the note says a
    /// thing only where that of each case does.
    pub fn of_case(case: &Case, judging: &Judging, diagnoses: &Diagnoses, release: Option<&str>) -> Self {
        let sites = case.session_sites(judging);
        let treated = sites.iter().map(|site| TreatedNerve {
            nerve: &site.nerve,
            side: Known::Known(site.side),
            // Every nerve of the atlas is one of the leg; of any other a person must say where it belongs.
            site: match judging.nerves.find(&site.nerve) {
                Some(_) => Known::Known(BillingSite::LowerLimb),
                None => Known::NotKnown,
            },
        });
        let confirmed = case.coding();
        let to_code = ToCode {
            treated: treated.collect(),
            recorded: case.session_codes(judging),
            payer: case.payer(),
            release: confirmed.and_then(|coding| coding.release.as_deref()).or(release),
            note: case.session_note(judging),
            confirmed: if confirmed.is_some() { Answer::Yes } else { Answer::NotAsked },
        };
        Self::of(judging.book, diagnoses, &to_code)
    }

    /// What must be settled before anything is billed: everything that stops.
    pub fn stops(&self) -> impl Iterator<Item = &Ruling> {
        self.rulings.iter().filter(|ruling| ruling.verdict == Verdict::Stop)
    }
}

/// One line for the nerves of each part of the body; nerves of which nobody knows where they belong have one of their own.
fn lines(book: &RuleBook, treated: &[TreatedNerve]) -> (Vec<ProposedLine>, Vec<Ruling>) {
    let sites: BTreeSet<Option<BillingSite>> = treated.iter().map(|nerve| nerve.site.known()).collect();
    let mut rulings = Vec::new();
    if treated.is_empty() {
        rulings.push(book.procedure_code(&[]).ruling);
        rulings.push(book.units(&[]).ruling);
    }
    let mut lines = Vec::new();
    for site in sites {
        let here: Vec<&TreatedNerve> = treated.iter().filter(|nerve| nerve.site.known() == site).collect();
        let sites: Vec<Known<BillingSite>> = here.iter().map(|nerve| nerve.site).collect();
        let code = book.procedure_code(&sites);
        let named: Vec<(&str, Known<Side>)> = here.iter().map(|nerve| (nerve.nerve, nerve.side)).collect();
        let units = book.units(&named);
        rulings.extend([code.ruling, units.ruling]);
        lines.push(ProposedLine {
            code: option(code.result),
            nerves: here.iter().map(|nerve| nerve.nerve.to_owned()).collect(),
            units: option(units.result),
        });
    }
    (lines, rulings)
}

fn option<T>(known: Known<T>) -> Option<T> {
    match known {
        Known::Known(value) => Some(value),
        Known::NotKnown => None,
    }
}

/// The side of everything, when it is one: C-07 holds codes against it.
fn one_side(treated: &[TreatedNerve]) -> Known<Laterality> {
    match sides(treated) {
        Sides::One(side) => Known::Known(Laterality { side }),
        Sides::Both | Sides::NotKnown => Known::NotKnown,
    }
}

fn sides(treated: &[TreatedNerve]) -> Sides {
    let on = |wanted: Side| treated.iter().any(|nerve| nerve.side.known() == Some(wanted));
    if treated.iter().any(|nerve| nerve.side.known().is_none()) {
        return Sides::NotKnown;
    }
    match (on(Side::Right), on(Side::Left)) {
        (true, true) => Sides::Both,
        (true, false) => Sides::One(Side::Right),
        (false, true) => Sides::One(Side::Left),
        (false, false) => Sides::NotKnown,
    }
}

fn candidates(book: &RuleBook, diagnoses: &Diagnoses, to_code: &ToCode) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let nerves: BTreeSet<&str> = to_code.treated.iter().map(|nerve| nerve.nerve).collect();
    for nerve in nerves {
        let of_it: Vec<TreatedNerve> = to_code.treated.iter().filter(|one| one.nerve == nerve).copied().collect();
        for condition in diagnoses.of_nerve(nerve) {
            for code in condition.codes_for(sides(&of_it)) {
                if found.iter().all(|candidate| candidate.code != code) {
                    found.extend(candidate(diagnoses, condition, code, &to_code.recorded));
                }
            }
        }
    }
    let all: Vec<String> =
        found.iter().map(|candidate| candidate.code.clone()).chain(to_code.recorded.clone()).collect();
    for candidate in &mut found {
        let excluded = |other: &&String| {
            **other != candidate.code
                && book.excludes(&[candidate.code.as_str(), other.as_str()]).verdict == Verdict::Stop
        };
        let excludes: BTreeSet<String> = all.iter().filter(excluded).cloned().collect();
        candidate.excludes = excludes.into_iter().collect();
    }
    found.sort_by_key(|candidate| (!candidate.recorded, candidate.last_resort));
    found
}

fn candidate(diagnoses: &Diagnoses, condition: &Condition, code: &str, recorded: &[String]) -> Option<Candidate> {
    let words = option(diagnoses.words(code))?;
    Some(Candidate {
        code: code.to_owned(),
        text: words.text.to_owned(),
        condition: condition.name.clone(),
        note: condition.codes.note.clone(),
        recorded: recorded.iter().any(|one| one == code),
        last_resort: condition.last_resort,
        excludes: Vec::new(),
        check_before_use: words.status == Status::RecalledUnverified
            || condition.codes.status == Status::RecalledUnverified,
    })
}

fn unlisted(diagnoses: &Diagnoses, recorded: &[String]) -> Vec<String> {
    recorded.iter().filter(|code| matches!(diagnoses.words(code), Known::NotKnown)).cloned().collect()
}

fn payers(book: &RuleBook, chosen: Option<&str>) -> Vec<PayerView> {
    let view = |profile: &crate::rules::PayerProfile| PayerView {
        id: profile.id.clone(),
        name: profile.name.clone(),
        says: profile.position.value.says.clone(),
        seen: profile.position.value.seen.clone(),
        forbids: profile.forbids.clone(),
        chosen: chosen == Some(profile.id.as_str()),
    };
    let mut views: Vec<PayerView> = book.payer_profiles().iter().map(view).collect();
    views.sort_by_key(|view| !view.chosen);
    views
}
