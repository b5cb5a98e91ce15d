//! The way of one made-up patient, from the referral to the end, and what happens when its order is broken.

use frostline_plan::catalogue::Catalogues;
use frostline_record::case::{Case, Judging, Pathway, Second, Signer, Stage, Step, StepKind};
use frostline_record::rules::{Role, RuleBook, RuleId, Verdict};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    at: Second,
    role: Role,
    by: String,
    step: Step,
    #[serde(default)]
    refused: Vec<String>,
}

/// Everything that judges, read once.
struct World {
    book: RuleBook,
    pathway: Pathway,
    catalogues: Catalogues,
}

impl World {
    fn new() -> Self {
        Self {
            book: RuleBook::bundled().unwrap(),
            pathway: Pathway::bundled().unwrap(),
            catalogues: Catalogues::bundled().unwrap(),
        }
    }

    fn at(&self, at: Second) -> Judging<'_> {
        let moment = at.moment();
        let today = frostline_record::rules::Day(moment.0.div_euclid(1440));
        let (nerves, limits) = (&self.catalogues.nerves, &self.catalogues.limits);
        Judging {
            book: &self.book,
            pathway: &self.pathway,
            nerves,
            limits,
            payer: None,
            now: moment,
            today,
            session: &[],
        }
    }
}

fn way() -> Vec<Entry> {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/pathway/way.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn signer(entry: &Entry) -> Signer {
    Signer { account: entry.by.to_lowercase().replace(' ', "."), name: entry.by.clone(), role: entry.role }
}

/// The case after every step of the way before the first for which `until` holds.
fn played(world: &World, until: impl Fn(&Entry) -> bool) -> Case {
    let mut case: Option<Case> = None;
    for entry in way() {
        if until(&entry) {
            break;
        }
        let (by, judging) = (signer(&entry), world.at(entry.at));
        case = match case {
            None => Some(Case::open(entry.step, by, entry.at, &judging).unwrap()),
            Some(case) => Some(match case.sign(entry.step.clone(), by, entry.at, &judging) {
                Ok(signed) => {
                    assert!(entry.refused.is_empty(), "{} was not refused", entry.step.kind().word());
                    case.with(signed).unwrap()
                }
                Err(refused) => {
                    let text = refused.to_string();
                    assert!(!entry.refused.is_empty(), "{}: {text}", entry.step.kind().word());
                    for word in &entry.refused {
                        assert!(text.contains(word.as_str()), "{word} is not in: {text}");
                    }
                    case
                }
            }),
        };
    }
    case.unwrap()
}

#[test]
fn a_patient_goes_from_referral_to_the_end_and_five_steps_are_refused_on_the_way() {
    let world = World::new();
    let case = played(&world, |_| false);
    assert_eq!(case.stage(), Stage::Closed);
    assert_eq!(way().iter().filter(|entry| !entry.refused.is_empty()).count(), 5);
    assert_eq!(case.freezes().len(), 2);
    assert_eq!(case.answers().len(), 6);
    let report = case.steps().iter().find(|step| step.step.kind() == StepKind::ReportSigned).unwrap();
    assert!(report.seen.iter().any(|ruling| ruling.rule == RuleId::N01 && ruling.verdict == Verdict::Ok));
}
