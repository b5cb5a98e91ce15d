//! What is proposed for a claim, and that it never says more than a proposal.

use frostline_plan::anatomy::Side;
use frostline_plan::catalogue::{Known, Nerves, Sources};
use frostline_record::coding_proposal::{A_CODER_CONFIRMS, CodingProposal, Diagnoses, ToCode, TreatedNerve};
use frostline_record::rules::{Answer, BillingSite, RuleBook, RuleId, SideWord, Verdict};

fn nerve(nerve: &str, side: Side) -> TreatedNerve<'_> {
    TreatedNerve { nerve, side: Known::Known(side), site: Known::Known(BillingSite::LowerLimb) }
}

fn to_code<'a>(treated: &[TreatedNerve<'a>], recorded: &[&str]) -> ToCode<'a> {
    let book = RuleBook::bundled().unwrap();
    ToCode {
        treated: treated.to_vec(),
        recorded: recorded.iter().map(|code| (*code).to_owned()).collect(),
        payer: None,
        release: Some("2026"),
        note: book.note_items().iter().map(|item| (item.id.clone(), Answer::Yes)).collect(),
        confirmed: Answer::NotAsked,
    }
}

fn proposed(to_code: &ToCode) -> CodingProposal {
    CodingProposal::of(&RuleBook::bundled().unwrap(), &Diagnoses::bundled().unwrap(), to_code)
}

fn verdict(proposal: &CodingProposal, rule: RuleId) -> Verdict {
    proposal.rulings.iter().filter(|ruling| ruling.rule == rule).map(|ruling| ruling.verdict).max().unwrap()
}

#[test]
fn one_nerve_of_the_leg_is_0441t_once_with_its_side() {
    let proposal = proposed(&to_code(&[nerve("lfcn", Side::Right)], &["G57.11"]));
    assert_eq!(proposal.lines.len(), 1);
    assert_eq!(proposal.lines[0].code.as_deref(), Some("0441T"));
    let units = proposal.lines[0].units.as_ref().unwrap();
    assert_eq!((units.units, units.modifiers.join(" ")), (1, "RT".to_owned()));
    assert_eq!(proposal.stops().count(), 0);
    assert_eq!(proposal.notice, A_CODER_CONFIRMS);
}

#[test]
fn two_nerves_on_both_sides_are_four_units() {
    let all = [Side::Right, Side::Left].map(|side| [nerve("sural", side), nerve("sfn", side)]).concat();
    let units = proposed(&to_code(&all, &["G57.83"])).lines[0].units.clone().unwrap();
    assert_eq!((units.units, units.modifiers.join(" ")), (4, "50 59".to_owned()));
}

#[test]
fn a_nerve_of_the_arm_and_one_of_a_plexus_have_lines_of_their_own() {
    let elsewhere = |nerve, site| TreatedNerve { nerve, side: Known::Known(Side::Left), site: Known::Known(site) };
    let treated = [
        nerve("sural", Side::Left),
        elsewhere("median", BillingSite::UpperLimb),
        elsewhere("lumbar-plexus", BillingSite::PlexusOrTrunk),
    ];
    let proposal = proposed(&to_code(&treated, &["G57.82"]));
    let codes: Vec<&str> = proposal.lines.iter().filter_map(|line| line.code.as_deref()).collect();
    assert_eq!(codes, ["0441T", "0440T", "0442T"]);
    assert_eq!(verdict(&proposal, RuleId::C01), Verdict::Human);
}

#[test]
fn a_nerve_of_which_nobody_knows_where_it_belongs_has_no_code() {
    let unknown = TreatedNerve { nerve: "x", side: Known::Known(Side::Left), site: Known::NotKnown };
    let proposal = proposed(&to_code(&[unknown], &["G57.82"]));
    assert_eq!(proposal.lines[0].code, None);
    assert_eq!(verdict(&proposal, RuleId::C06), Verdict::Human);
}

#[test]
fn candidates_go_with_the_nerve_and_its_side_and_the_last_resort_comes_last() {
    let proposal = proposed(&to_code(&[nerve("lfcn", Side::Left)], &[]));
    assert_eq!(proposal.candidates[0].code, "G57.12");
    assert!(proposal.candidates[0].text.contains("left"), "{}", proposal.candidates[0].text);
    let codes: Vec<&str> = proposal.candidates.iter().map(|candidate| candidate.code.as_str()).collect();
    assert!(codes.contains(&"M79.652") && !codes.contains(&"G57.11") && !codes.contains(&"G57.62"), "{codes:?}");
    let first_last_resort = proposal.candidates.iter().position(|candidate| candidate.last_resort).unwrap();
    assert!(proposal.candidates[first_last_resort..].iter().all(|candidate| candidate.last_resort));
}

#[test]
fn mortons_neuroma_shows_both_codes_about_which_coders_disagree() {
    let proposal = proposed(&to_code(&[nerve("idn3", Side::Right)], &[]));
    let of = |code: &str| proposal.candidates.iter().find(|candidate| candidate.code == code).unwrap();
    assert!(of("G57.61").note.contains("disagree"), "{}", of("G57.61").note);
    assert!(of("G57.81").note.contains("G57.8"));
}

#[test]
fn codes_that_exclude_each_other_stop_and_the_candidates_say_which() {
    let proposal = proposed(&to_code(&[nerve("sural", Side::Right)], &["G57.81", "M79.2"]));
    assert_eq!(verdict(&proposal, RuleId::C04), Verdict::Stop);
    let recorded = &proposal.candidates[0];
    assert!(recorded.recorded);
    let neuralgia = proposal.candidates.iter().find(|candidate| candidate.code == "M79.2").unwrap();
    assert!(neuralgia.excludes.contains(&"G57.81".to_owned()), "{:?}", neuralgia.excludes);
    let causalgia = proposal.candidates.iter().find(|candidate| candidate.code == "G57.71").unwrap();
    assert!(causalgia.excludes.contains(&"G90.521".to_owned()), "{:?}", causalgia.excludes);
}

#[test]
fn a_code_of_the_other_leg_stops() {
    let proposal = proposed(&to_code(&[nerve("lfcn", Side::Right)], &["G57.12"]));
    assert_eq!(verdict(&proposal, RuleId::C07), Verdict::Stop);
    assert_eq!(proposal.stops().count(), 1);
}

#[test]
fn a_note_that_lacks_the_temperatures_says_so() {
    let mut to_code = to_code(&[nerve("lfcn", Side::Right)], &["G57.11"]);
    to_code.note.iter_mut().find(|(key, _)| key == "technique").unwrap().1 = Answer::No;
    let proposal = proposed(&to_code);
    assert_eq!(proposal.missing, ["how the nerve was disabled, with cycles and temperatures"]);
}

#[test]
fn no_payer_is_chosen_by_itself_and_one_that_forbids_64640_says_so() {
    let mut to_code = to_code(&[nerve("lfcn", Side::Right)], &["G57.11"]);
    let proposal = proposed(&to_code);
    assert!(proposal.payers.iter().all(|payer| !payer.chosen));
    assert_eq!(verdict(&proposal, RuleId::C02), Verdict::Human);
    to_code.payer = Some("cgs-medicare");
    to_code.confirmed = Answer::Yes;
    let proposal = proposed(&to_code);
    assert!(proposal.payers[0].chosen && proposal.payers[0].forbids == ["64640"]);
    assert_eq!(verdict(&proposal, RuleId::C02), Verdict::Info);
}

#[test]
fn a_release_that_nobody_looked_into_is_asked_of_a_person() {
    let mut to_code = to_code(&[nerve("lfcn", Side::Right)], &["G57.11"]);
    assert_eq!(verdict(&proposed(&to_code), RuleId::C06), Verdict::Ok);
    to_code.release = Some("2031");
    assert_eq!(verdict(&proposed(&to_code), RuleId::C06), Verdict::Human);
    assert!(proposed(&to_code).releases.iter().any(|(id, codes)| id == "2026" && codes.contains(&"0441T".to_owned())));
}

#[test]
fn a_recorded_code_that_the_list_lacks_is_shown_and_not_lost() {
    let proposal = proposed(&to_code(&[nerve("lfcn", Side::Right)], &["G57.11", "Q99.9"]));
    assert_eq!(proposal.not_in_list, ["Q99.9"]);
}

#[test]
fn nothing_frozen_gives_no_line() {
    let proposal = proposed(&to_code(&[], &[]));
    assert!(proposal.lines.is_empty() && proposal.candidates.is_empty());
    assert_eq!(verdict(&proposal, RuleId::C01), Verdict::Human);
}

#[test]
fn every_nerve_of_the_atlas_has_a_candidate_of_its_own_and_no_condition_names_another() {
    let diagnoses = Diagnoses::bundled().unwrap();
    let sources = Sources::from_toml(include_str!("../../../../data/sources.toml")).unwrap();
    assert!(sources.find("icd-10-cm-2026-04").is_some());
    let nerves = Nerves::from_toml(include_str!("../../../../data/nerves.toml")).unwrap();
    for nerve in nerves.all() {
        let own = diagnoses.of_nerve(&nerve.id);
        assert!(!own[0].nerves.is_empty(), "{} has only conditions of any nerve", nerve.id);
    }
    for condition in diagnoses.conditions() {
        assert!(condition.nerves.iter().all(|id| nerves.find(id).is_some()), "{}", condition.id);
    }
}

/// The last character of a code and the side under which the file lists it are two tables; they must agree.
#[test]
fn the_side_of_every_code_is_the_one_that_c_07_reads_from_it() {
    let book = RuleBook::bundled().unwrap();
    for condition in Diagnoses::bundled().unwrap().conditions() {
        let codes = &condition.codes.value;
        let listed = [
            (&codes.right, SideWord::Right),
            (&codes.left, SideWord::Left),
            (&codes.both, SideWord::Both),
            (&codes.unspecified, SideWord::Unspecified),
        ];
        for (code, side) in listed {
            let Some(code) = code else { continue };
            // M17.0 means both knees by itself and names no side by its last character.
            if code != "M17.0" {
                assert_eq!(book.side_word_of_code(code), Some(side), "{code}");
            }
        }
    }
}
