//! The case: what must come before what, what undoes it, and what the rules say. A fixture with verbs plays a made-up
//! patient's way; every test changes one thing of it.

mod bodies;
mod closing;
mod consent;
mod corrections;
mod day;
mod deciding;
mod discharge;
mod drugs;
mod freeze;
mod kept;
mod late;
mod learnt;
mod other_ways;
mod overrides;
mod payer;
mod planning;
mod random;
mod round_trip;
mod rules;
mod session;
mod site;
mod thawing;

use std::sync::OnceLock;

use frostline_plan::catalogue::Catalogues;
use frostline_record::case::{Case, Judging, LinkedCase, Pathway, Second, SignedStep, Signer, Step};
use frostline_record::rules::{Day, PayerNeeds, Role, RuleBook, RuleId, Ruling, Verdict};
use serde_json::{Value, json};

/// Everything that judges, read once.
struct World {
    book: RuleBook,
    pathway: Pathway,
    catalogues: Catalogues,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| World {
        book: RuleBook::bundled().unwrap(),
        pathway: Pathway::bundled().unwrap(),
        catalogues: Catalogues::bundled().unwrap(),
    })
}

/// Everything that judges at a time; the payer asks for two lines of six weeks.
fn judging(at: Second) -> Judging<'static> {
    let world = world();
    let now = at.moment();
    let (nerves, limits) = (&world.catalogues.nerves, &world.catalogues.limits);
    let today = Day(now.0.div_euclid(1440));
    let payer = Some(PayerNeeds { lines: 2, weeks: 6.0 });
    Judging { book: &world.book, pathway: &world.pathway, nerves, limits, payer, now, today, session: &[] }
}

fn step(kind: &str, body: Value) -> Step {
    let text = format!("{kind}: {body}");
    serde_json::from_value(json!({ "kind": kind, "body": body })).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn line(kind: &str, body: Value) -> Step {
    step("logged", json!({ kind: body }))
}

fn signer(role: Role, name: &str) -> Signer {
    Signer { account: name.to_lowercase().replace(' ', "."), name: name.to_owned(), role }
}

/// Who signs when a test does not care.
fn anna() -> Signer {
    signer(Role::Operator, "Anna Berg")
}

/// A case that is being played, and the time.
#[derive(Clone)]
struct Way {
    case: Option<Case>,
    at: Second,
    /// Other cases of the session, as they stand.
    session: Vec<LinkedCase>,
}

fn time(text: &str) -> Second {
    text.parse().unwrap()
}

/// A patient nobody has written about yet.
fn patient() -> Way {
    Way { case: None, at: time("2026-03-02T09:00:00Z"), session: Vec::new() }
}

impl Way {
    fn case(&self) -> &Case {
        self.case.as_ref().unwrap()
    }

    fn at(mut self, at: &str) -> Self {
        self.at = time(at);
        self
    }

    fn try_by(&self, step: Step, by: Signer) -> Result<SignedStep, String> {
        let judging = Judging { session: &self.session, ..judging(self.at) };
        let signed = match &self.case {
            Some(case) => case.sign(step, by, self.at, &judging),
            None => Case::open(step, by, self.at, &judging).map(|case| case.steps()[0].clone()),
        };
        signed.map_err(|refused| refused.to_string())
    }

    /// The step is taken; a minute passes.
    fn by(mut self, step: Step, by: Signer) -> Self {
        let kind = step.kind().word();
        let signed = self.try_by(step, by).unwrap_or_else(|refused| panic!("{kind}: {refused}"));
        self.case = Some(match self.case.take() {
            None => Case::from_steps(vec![signed]).unwrap(),
            Some(case) => case.with(signed).unwrap(),
        });
        self.at = Second(self.at.0 + 60);
        self
    }

    fn takes(self, step: Step) -> Self {
        self.by(step, anna())
    }

    fn logs(self, kind: &str, body: Value) -> Self {
        self.takes(line(kind, body))
    }

    /// Why the step is refused.
    fn refuses(&self, step: Step) -> String {
        let kind = step.kind().word();
        self.try_by(step, anna()).map(|_| ()).expect_err(&format!("{kind} was taken"))
    }

    fn number_of(&self, kind: &str) -> u64 {
        self.case().steps().iter().rev().find(|step| step.step.kind().word() == kind).unwrap().number
    }

    fn correction(&self, kind: &str, instead: Option<Step>) -> Step {
        let instead = instead.map(|step| serde_json::to_value(step).unwrap());
        step("corrected", json!({ "step": self.number_of(kind), "why": "typed wrong", "instead": instead }))
    }

    /// What the newest step was told by the rules.
    fn seen(&self) -> &[Ruling] {
        &self.case().steps().last().unwrap().seen
    }

    fn seen_verdict(&self, rule: RuleId) -> Option<Verdict> {
        self.seen().iter().filter(|ruling| ruling.rule == rule).map(|ruling| ruling.verdict).max()
    }
}

/// The verbs of the way, each with the body of `bodies`.
impl Way {
    fn referred(self) -> Self {
        self.takes(step("referred", bodies::referral()))
    }

    fn with_goal(self) -> Self {
        self.takes(step("goal-said", json!({ "words": "walk to the market" })))
    }

    fn indicated(self) -> Self {
        self.takes(step("indicated", bodies::indication()))
    }

    fn screened(self) -> Self {
        self.takes(step("screened", bodies::screening()))
    }

    /// Asked about drugs against clotting, the patient takes one.
    fn takes_drug(self, listed: Value) -> Self {
        let asked = bodies::but(bodies::screening(), "/takes_blood_thinners", json!("yes"));
        self.takes(step("screened", asked)).takes(step("drug-listed", listed))
    }

    fn blocked(self) -> Self {
        self.takes(step("blocked", bodies::block()))
    }

    fn imaged(self) -> Self {
        self.takes(step("imaged", bodies::imaging()))
    }

    fn examined(self) -> Self {
        self.takes(step("examined", bodies::exam()))
    }

    fn planned(self) -> Self {
        self.takes(step("planned", bodies::plan()))
    }

    fn approved(self) -> Self {
        self.takes(step("plan-approved", json!({ "fingerprint": "plan-1", "reason": "compared with the report" })))
    }

    fn consented(self) -> Self {
        self.takes(step("consented", bodies::consent()))
    }

    fn calmed(self, level: &str) -> Self {
        self.takes(step("sedation-chosen", bodies::sedation(level)))
    }

    fn booked(self) -> Self {
        self.takes(step("booked", bodies::booking()))
    }

    fn cleared(self) -> Self {
        self.takes(step("cleared", json!({})))
    }

    fn arrived(self) -> Self {
        self.takes(step("arrived", bodies::arrival()))
    }

    fn prepared(self) -> Self {
        self.takes(step("prepared", bodies::preparation()))
    }

    fn signed_in(self) -> Self {
        self.takes(step("signed-in", bodies::sign_in()))
    }

    fn timed_out(self) -> Self {
        self.takes(step("timed-out", bodies::time_out()))
    }

    fn frozen(self) -> Self {
        self.logs("freeze-started", json!({}))
            .logs("freeze-stopped", bodies::freeze_stop())
            .logs("thawed", bodies::thaw())
    }

    fn image(self, kind: &str) -> Self {
        self.logs("image-stored", json!({ "kind": kind }))
    }

    fn motor_tested(self, grade: u8) -> Self {
        self.logs("motor-tested", json!({ "power": bodies::power(grade) }))
    }

    fn probe_placed(self) -> Self {
        self.logs("needle-placed", json!({}))
            .logs("stimulated", bodies::stimulation("sensory", 0.4, "yes"))
            .logs("stimulated", bodies::stimulation("motor", 1.5, "no"))
    }

    fn signed_out(self) -> Self {
        self.takes(step("signed-out", bodies::sign_out()))
    }

    fn looked_at(self) -> Self {
        self.takes(step("recovered", bodies::look()))
    }

    fn instructed(self) -> Self {
        self.takes(step("instructed", bodies::instructions()))
    }

    fn discharged(self) -> Self {
        self.takes(step("discharged", json!({ "to": "home" })))
    }

    fn reported(self) -> Self {
        self.takes(step("report-signed", json!({ "words": "frozen twice" })))
    }
}

/// Ways as far as a gate.
impl Way {
    fn assessed() -> Self {
        patient().referred().with_goal().indicated().screened().blocked().imaged().examined()
    }

    fn ready_to_clear(level: &str) -> Self {
        Way::assessed().planned().approved().consented().calmed(level).booked()
    }

    fn on_the_day(level: &str) -> Self {
        Way::ready_to_clear(level).cleared().at("2026-03-24T08:00:00Z").arrived().prepared()
    }

    fn in_the_room(level: &str) -> Self {
        Way::on_the_day(level).enters()
    }

    fn enters(self) -> Self {
        self.signed_in().logs("equipment-checked", bodies::equipment()).timed_out()
    }

    /// Everything that stands before a freeze is done.
    fn ready_to_freeze(level: &str) -> Self {
        Way::in_the_room(level).made_ready()
    }

    fn made_ready(self) -> Self {
        self.image("before")
            .logs("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" }))
            .logs("anaesthetic-given", bodies::anaesthetic(3.0))
            .probe_placed()
            .image("tip")
    }

    fn treated(level: &str) -> Self {
        Way::ready_to_freeze(level).frozen().frozen().motor_tested(5).leaves()
    }

    /// The probe comes out, the record is made whole, everybody signs out.
    fn leaves(self) -> Self {
        self.logs("probe-out", json!({ "tip_c": 5, "moves_freely": "yes" }))
            .image("ice")
            .image("after")
            .logs("dressed", json!("dry"))
            .signed_out()
    }

    fn ready_for_home(level: &str) -> Self {
        Way::treated(level).looked_at().looked_at().instructed()
    }

    fn at_home() -> Self {
        Way::ready_for_home("local-only").discharged().reported()
    }
}

/// A refusal says all of these.
fn says(refused: &str, words: &[&str]) {
    for word in words {
        assert!(refused.contains(word), "'{word}' is not in: {refused}");
    }
}
