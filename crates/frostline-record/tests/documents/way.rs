//! The made-up patient of `examples/pathway/way.json`, until a moment, and with steps that are changed past the gates.

use frostline_plan::catalogue::Catalogues;
use frostline_record::case::{Case, Judging, Pathway, Second, SignedStep, Signer, Step};
use frostline_record::documents::*;
use frostline_record::rules::{Day, Moment, Role, RuleBook};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Entry {
    at: Second,
    role: Role,
    by: String,
    step: Step,
}

pub struct World {
    pub rules: RuleBook,
    pathway: Pathway,
    catalogues: Catalogues,
}

impl World {
    pub fn new() -> Self {
        Self {
            rules: RuleBook::bundled().unwrap(),
            pathway: Pathway::bundled().unwrap(),
            catalogues: Catalogues::bundled().unwrap(),
        }
    }

    pub fn at(&self, at: Second) -> Judging<'_> {
        let today = Day(at.moment().0.div_euclid(1440));
        let (nerves, limits) = (&self.catalogues.nerves, &self.catalogues.limits);
        let (book, pathway, now) = (&self.rules, &self.pathway, at.moment());
        Judging { book, pathway, nerves, limits, payer: None, now, today, session: &[] }
    }
}

/// The case of all steps before `until`; what is refused on the way is left out.
pub fn played<'a>(world: &'a World, until: &str) -> (Case, Judging<'a>) {
    let text = include_str!("../../../../examples/pathway/way.json");
    let entries: Vec<Entry> = serde_json::from_str(text).unwrap();
    let until: Second = until.parse().unwrap();
    let mut case: Option<Case> = None;
    for entry in entries.into_iter().filter(|entry| entry.at < until) {
        let by = Signer { account: entry.by.clone(), name: entry.by, role: entry.role };
        let judging = world.at(entry.at);
        case = match case {
            None => Some(Case::open(entry.step, by, entry.at, &judging).unwrap()),
            Some(case) => match case.sign(entry.step, by, entry.at, &judging) {
                Ok(signed) => Some(case.with(signed).unwrap()),
                Err(_) => Some(case),
            },
        };
    }
    (case.unwrap(), world.at(until))
}

/// Clocks where this patient is are an hour ahead of universal time.
fn an_hour_east(_: Moment) -> i32 {
    60
}

pub fn around() -> Surroundings<'static> {
    Surroundings {
        practice: Practice::default(),
        minutes_east: &an_hour_east,
        made_on: Date::read("2026-03-20").unwrap(),
        program: String::new(),
    }
}

/// A step that was signed, whatever the gates would have said.
pub fn signed(number: u64, at: &str, by: &str, step: Value) -> SignedStep {
    let at: Second = at.parse().unwrap();
    let step: Step = serde_json::from_value(step).unwrap_or_else(|error| panic!("{error}"));
    let by = Signer { account: by.to_owned(), name: by.to_owned(), role: Role::Nurse };
    SignedStep { number, step, by, at, day: Day(at.moment().0.div_euclid(1440)), seen: Vec::new() }
}

/// The same case with the bodies of every step of a kind changed.
pub fn changed(case: &Case, kind: &str, change: impl Fn(&mut Value)) -> Case {
    let mut steps = serde_json::to_value(case.steps()).unwrap();
    let mut found = 0;
    for signed in steps.as_array_mut().unwrap() {
        if signed["step"]["kind"] == kind {
            change(&mut signed["step"]["body"]);
            found += 1;
        }
    }
    assert!(found > 0, "no step {kind}");
    Case::from_steps(serde_json::from_value(steps).unwrap()).unwrap()
}

/// The same case with one more step.
pub fn and(case: Case, at: &str, step: Value) -> Case {
    let number = case.steps().len() as u64 + 1;
    case.with(signed(number, at, "Nils Holm", step)).unwrap()
}

/// Grades of the two muscles of the way.
pub fn power(peroneus: f64, extensors: f64) -> Value {
    json!([{ "muscle": "peroneus longus", "mrc": peroneus }, { "muscle": "toe extensors", "mrc": extensors }])
}
