//! What a payer asks for: what the coder confirmed, else what the rules propose, plainly marked.

use frostline_plan::catalogue::Known;

use super::letter::block;
use super::patient::{done_at, newest};
use super::{Surroundings, leg};
use crate::case::steps::{CodingConfirmed, FailedLine};
use crate::case::{Case, Judging, Phase, Step};
use crate::coding_proposal::{CodingProposal, Diagnoses, ProposedLine};
use crate::documents::calendar::Date;
use crate::documents::claim_inputs::*;
use crate::documents::inputs::Signed;
use crate::rules::{Answer, Site, TreatmentLine as Kind, Verdict};

/// What a payer asks for: what the coder confirmed, else what the rules propose.
pub fn claim_of(case: &Case, judging: &Judging, around: &Surroundings) -> ClaimInputs {
    let failed = case.indication().map(|indication| indication.failed.as_slice()).unwrap_or_default();
    let profile = judging.book.payer_profiles().iter().find(|payer| Some(payer.id.as_str()) == case.payer());
    let choice = case.payer_choice();
    let payer = match (profile, choice) {
        (Some(profile), Some(choice)) => Some(format!("{} ({})", profile.name, choice.words)),
        (Some(profile), None) => Some(profile.name.clone()),
        (None, choice) => choice.map(|choice| choice.words.clone()),
    };
    let position = profile.map(|profile| {
        let said = &profile.position.value;
        format!("{} ({}, seen {})", said.says, profile.name, said.seen)
    });
    let answers = case.session_note(judging);
    let said = |id: &str| answers.iter().any(|(key, answer)| key == id && *answer == Answer::Yes);
    let note = judging.book.note_items().iter();
    let signer = |is: fn(&Step) -> bool| {
        let signed = newest(case, is)?;
        Some(Signed { name: signed.by.name.clone(), at: Some(around.local(signed.at.moment())) })
    };
    ClaimInputs {
        payer,
        authorisation: choice.and_then(|choice| choice.authorisation.clone()),
        position,
        lines: lines(case, judging),
        diagnoses: diagnoses(case, judging),
        treatments: failed.iter().map(treatment).collect(),
        block: block(case),
        note: note
            .map(|item| NoteLine { item: item.name.clone(), found: said(&item.id).then(|| "in the record".to_owned()) })
            .collect(),
        doubts: doubts(case, judging),
        done_at: done_at(case, around),
        place_of_service: case.coding().and_then(|coding| coding.place_of_service.clone()),
        coder: signer(|step| matches!(step, Step::CodesConfirmed(_))),
        signed: signer(|step| matches!(step, Step::ReportSigned(_))),
    }
}

/// What speaks against the codes, or is left to a person: every rule about them that is not content.
fn doubts(case: &Case, judging: &Judging) -> Vec<String> {
    let nobody = case.coding().is_none().then(|| "No coder has confirmed the codes.".to_owned());
    let otherwise = case.coding().and_then(|coding| coding.why_otherwise.as_ref());
    let otherwise = otherwise.map(|why| format!("Units or modifiers are not those that the rules propose: {why}"));
    let rulings = case.rulings(Phase::Coding, judging);
    let said = rulings.iter().map(|ruled| &ruled.ruling).filter(|ruling| ruling.verdict > Verdict::Info);
    let said = said.map(|ruling| format!("{} ({}): {}", ruling.rule, ruling.verdict.word(), ruling.text));
    nobody.into_iter().chain(otherwise).chain(said).collect()
}

/// The codes that the coder confirmed, and no others; without a coder those of the record, which nobody confirmed.
fn diagnoses(case: &Case, judging: &Judging) -> Vec<DiagnosisLine> {
    let standing = if case.coding().is_some() { CodeStanding::Confirmed } else { CodeStanding::Proposed };
    let session = case.with_session(judging);
    let recorded: Vec<_> = session.iter().filter_map(|case| case.indication()).flat_map(|one| &one.diagnoses).collect();
    // Words of the list that is in the public domain; a list that cannot be read leaves the words out, not the code.
    let list = Diagnoses::bundled().ok();
    let words = |code: &str| {
        let of_record = recorded.iter().find(|one| one.code == code).map(|one| one.text.clone());
        let of_list = || match list.as_ref()?.words(code) {
            Known::Known(words) => Some(words.text.to_owned()),
            Known::NotKnown => None,
        };
        of_record.or_else(of_list).unwrap_or_else(|| "not in the list of this program".to_owned())
    };
    let codes = case.session_codes(judging);
    codes.into_iter().map(|code| DiagnosisLine { text: words(&code), code, standing }).collect()
}

fn lines(case: &Case, judging: &Judging) -> Vec<ClaimLine> {
    match case.coding() {
        Some(coding) => confirmed(coding, &case.session_sites(judging)).into_iter().collect(),
        None => proposed(case, judging),
    }
}

fn confirmed(coding: &CodingConfirmed, sites: &[Site]) -> Option<ClaimLine> {
    let (site, others) = sites.split_first()?;
    Some(ClaimLine {
        code: Some(coding.procedure_code.clone()),
        nerve: site.nerve.clone(),
        leg: Some(leg(site.side)),
        others: others.iter().map(place).collect(),
        units: Some(coding.units),
        modifiers: coding.modifiers.clone(),
        standing: CodeStanding::Confirmed,
    })
}

fn place(site: &Site) -> ClaimPlace {
    ClaimPlace { nerve: site.nerve.clone(), leg: Some(leg(site.side)) }
}

/// One line for each code that the rules propose.
fn proposed(case: &Case, judging: &Judging) -> Vec<ClaimLine> {
    let Ok(list) = Diagnoses::bundled() else { return Vec::new() };
    let sites = case.session_sites(judging);
    let line = |line: &ProposedLine| {
        let here: Vec<&Site> = sites.iter().filter(|site| line.nerves.contains(&site.nerve)).collect();
        let (first, others) = here.split_first()?;
        Some(ClaimLine {
            code: line.code.clone(),
            nerve: first.nerve.clone(),
            leg: Some(leg(first.side)),
            others: others.iter().map(|site| place(site)).collect(),
            units: line.units.as_ref().and_then(|units| u32::try_from(units.units).ok()),
            modifiers: line.units.as_ref().map(|units| units.modifiers.clone()).unwrap_or_default(),
            standing: CodeStanding::Proposed,
        })
    };
    CodingProposal::of_case(case, judging, &list, None).lines.iter().filter_map(line).collect()
}

/// What was tried, with everything that the record says of it.
fn treatment(line: &FailedLine) -> TreatmentLine {
    let FailedLine { line: kind, name, dose, started, stopped, weeks, response, why_stopped } = line;
    let kind = match kind {
        Kind::Drugs => "drugs",
        Kind::Physical => "physical",
        Kind::Injection => "injection",
    };
    let dose = dose.as_ref().map_or(String::new(), |dose| format!(", {dose}"));
    let weeks = weeks.map_or(String::new(), |weeks| format!(", {weeks} weeks"));
    let why = why_stopped.as_ref().map(|why| format!("stopped: {why}"));
    let result: Vec<String> = response.iter().cloned().chain(why).collect();
    TreatmentLine {
        what: format!("{name}{dose}{weeks} ({kind})"),
        from: started.map(Date::of),
        to: stopped.map(Date::of),
        result: (!result.is_empty()).then(|| result.join("; ")),
    }
}
