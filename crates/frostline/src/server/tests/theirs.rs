//! Whose things each route is about, and that nobody else reads or changes them: two people of the staff with one role, two
//! patients, two cases. A route that is added to the description fails here until `theirs.txt` says whose things it is about:
//!
//! - `open`: nobody's; a stranger may ask.
//! - `own`: of whoever asks, whom the session names; the path names nobody.
//! - `asker`: of one person of the staff; for another with the same role it is not there.
//! - `case`: of one case, for staff with the permission; a thing of one case is not there under another.
//! - `shared`: of the installation, for all staff with the permission.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use frostline_record::rules::Role;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::clinic::{Browser, Clinic, PASSWORD, on_both};
use crate::accounts::permission::ROLES;
use crate::accounts::{Factor, Permission};
use crate::server::doors::{Door, Doors};
use crate::server::router::described;
use crate::server::state::Site;

/// What must never be answered to anybody but those it belongs to: words of the first patient.
const WORDS: [&str; 3] = ["Quillfeather", "Astrolabe", "Candlewick"];

fn whose() -> BTreeMap<(String, String), &'static str> {
    let row = |line: &'static str| {
        let mut parts = line.split_whitespace();
        let mut next = || parts.next().expect("method, path and whose things it is about");
        ((next().to_owned(), next().to_owned()), next())
    };
    include_str!("theirs.txt").lines().map(row).collect()
}

fn routes() -> Vec<(String, String, Door)> {
    let doors = Doors::of(&described(&Site::default()).1).unwrap();
    doors.all().map(|(path, method, operation)| (method.to_owned(), path.to_owned(), operation.door.clone())).collect()
}

#[test]
fn every_route_says_whose_things_it_is_about() {
    let said = whose();
    let known = ["open", "own", "asker", "case", "shared"];
    assert!(said.values().all(|word| known.contains(word)), "{said:?}");
    let unsaid: Vec<_> = routes().into_iter().filter(|(m, p, _)| !said.contains_key(&(m.clone(), p.clone()))).collect();
    assert!(unsaid.is_empty(), "add to theirs.txt whose things these are about: {unsaid:?}");
    assert_eq!(said.len(), routes().len(), "theirs.txt names a route that is gone");
    for (method, path, door) in routes() {
        let word = said[&(method, path.clone())];
        assert_eq!(word == "open", door == Door::Open, "{path}");
        assert_eq!(word == "case", path.contains("{case}"), "{path}");
    }
}

/// The first patient's things, the first operator's, and somebody else beside each.
struct House {
    clinic: Clinic,
    case: String,
    other_case: String,
    /// What the variables of paths stand for.
    things: BTreeMap<&'static str, String>,
    operator: Browser,
    other_operator: Browser,
    patient: Browser,
    other_patient: Browser,
    inviter: String,
}

fn referral(family_name: &str) -> Value {
    let way: Vec<Value> = serde_json::from_str(include_str!("../../../../../examples/pathway/way.json")).unwrap();
    let mut step = way[0]["step"].clone();
    step["body"]["patient"]["family_name"] = json!(family_name);
    json!({ "step": step })
}

impl House {
    async fn of(clinic: Clinic) -> House {
        let mut operator = clinic.signed_in(Role::Operator).await;
        let mut other_operator = clinic.browser();
        clinic.account("other", &[Role::Operator]).await;
        other_operator.sign_in("other", PASSWORD).await;
        let inviter = clinic.account("inviter", &[Role::Nurse]).await;
        let case = operator.post("/api/v1/cases", referral(WORDS[0])).await.text("/id").to_owned();
        let other_case = other_operator.post("/api/v1/cases", referral("Gossamer")).await.text("/id").to_owned();
        let mut patient = clinic.patient_of(&case, &inviter).await;
        let other_patient = clinic.patient_of(&other_case, &inviter).await;
        assert_eq!(patient.post("/api/v1/patient/goal", json!({ "words": WORDS[1] })).await.status, 201);
        let mut house = House {
            clinic,
            case,
            other_case,
            things: BTreeMap::new(),
            operator,
            other_operator,
            patient,
            other_patient,
            inviter,
        };
        house.things = house.made().await;
        house
    }

    async fn made(&mut self) -> BTreeMap<&'static str, String> {
        let (clinic, at) = (&self.clinic, format!("/api/v1/cases/{}", self.case));
        let request =
            Request::post(format!("{at}/attachments")).header(header::COOKIE, self.operator.cookie.clone().unwrap());
        let request = request.header("x-csrf-token", self.operator.csrf.clone().unwrap());
        let attachment =
            self.operator.raw(request.body(Body::from("a picture of the first")).unwrap()).await.text("/id").to_owned();
        let noted = json!({ "step": { "kind": "noted", "body": attachment } });
        assert_eq!(self.operator.post(&format!("{at}/steps"), noted).await.status, 201);
        let invited = clinic.state.accounts.invite(&self.case, Factor::Code, &self.inviter).await.unwrap();
        let reason = format!("{} fell in the corridor", WORDS[2]);
        let access = clinic.state.accounts.break_glass(&self.inviter, &self.case, &reason).await.unwrap();
        let work = json!({ "work": { "plan": { "case_file": "title = 7" } } });
        let job = self.operator.post("/api/v1/jobs", work).await.text("/id").to_owned();
        let session = self.operator.get("/api/v1/sessions").await.text("/0/id").to_owned();
        let account = self.operator.get("/api/v1/session").await.text("/account").to_owned();
        let (feed, secret) = clinic.state.accounts.new_feed_link(("person", "op-1"), &self.inviter).await.unwrap();
        let fixed = [("document", "leaflet"), ("booking", "b-1"), ("person", "op-1"), ("room", "room-1")];
        let mut things: BTreeMap<_, _> = fixed.map(|(name, value)| (name, value.to_owned())).into();
        things.extend([("attachment", attachment), ("invitation", invited.invitation.id), ("access", access.id)]);
        things.extend([("job", job), ("session", session), ("account", account)]);
        things.extend([("feed", feed.id), ("secret", secret.text().to_owned())]);
        things
    }

    /// A path with the first one's things in it, under a case.
    fn path(&self, template: &str, case: &str) -> String {
        let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some("case") => case.to_owned(),
            Some(name) => {
                self.things.get(name).unwrap_or_else(|| panic!("say in House::made what '{name}' is")).clone()
            }
            None => part.to_owned(),
        };
        template.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    /// Sends a request as somebody; whatever comes back must hold nothing of the first patient or the first operator.
    async fn ask(&self, who: &Browser, (method, path): (&str, &str)) -> u16 {
        let method: Method = method.parse().unwrap();
        let mut request = Request::builder().method(method.clone()).uri(path);
        for (name, value) in [("cookie", &who.cookie), ("x-csrf-token", &who.csrf)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let body = if method.is_safe() { Body::empty() } else { Body::from(body_for(path).to_string()) };
        let request = request.header(header::CONTENT_TYPE, "application/json").body(body).unwrap();
        let response = self.clinic.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let text = String::from_utf8_lossy(&to_bytes(response.into_body(), usize::MAX).await.unwrap()).into_owned();
        let theirs = ["attachment", "invitation", "access", "job", "session", "account"];
        let mut secret = theirs.iter().map(|name| self.things[name].as_str()).chain(WORDS).chain([self.case.as_str()]);
        let leaked = secret.find(|word| !path.contains(word) && text.contains(word));
        assert_eq!(leaked, None, "{method} {path} answered {status} with {text}");
        status
    }

    /// Everything that nobody else may have changed.
    async fn state(&mut self) -> Value {
        let steps = self.operator.get(&format!("/api/v1/cases/{}/steps", self.case)).await.body;
        let invitations = self.operator.get(&format!("/api/v1/cases/{}/invitations", self.case)).await.body;
        let job = self.operator.get(&format!("/api/v1/jobs/{}", self.things["job"])).await.body;
        let account = self.clinic.state.accounts.account(&self.things["account"]).await.unwrap();
        let sessions = self.clinic.state.accounts.sessions_of(&self.things["account"]).await.unwrap().len();
        let patient = self.patient.get("/api/v1/patient/session").await.status;
        let accesses = self.clinic.state.accounts.emergency_accesses_after("", 9).await.unwrap();
        let of_the_first = accesses.iter().filter(|access| access.case_id == self.case);
        let reviewed: Vec<_> = of_the_first.map(|access| access.reviewed_s).collect();
        json!([
            steps,
            invitations,
            job["state"],
            account.version,
            account.has_second_factor(),
            sessions,
            patient,
            reviewed
        ])
    }
}

/// What makes a request go as far as it can.
fn body_for(path: &str) -> Value {
    match path.rsplit('/').next().unwrap() {
        "end" => json!({ "password": PASSWORD }),
        "goal" => json!({ "words": "run" }),
        "answers" => json!({ "time": "day-1", "answers": { "average-pain": "3" } }),
        "steps" | "try" => json!({ "step": { "kind": "noted", "body": "seen" } }),
        "invitations" => json!({ "factor": "code" }),
        "emergency-access" => json!({ "reason": "the patient collapsed" }),
        _ => json!({}),
    }
}

fn lacks(role: Role, permissions: &[Permission]) -> bool {
    !permissions.iter().any(|permission| permission.is_of(role))
}

#[tokio::test]
async fn nobody_reads_or_changes_what_is_not_theirs_by_any_route() {
    on_both(async |clinic| {
        let mut house = House::of(clinic).await;
        let mut by_role = BTreeMap::new();
        for role in ROLES.into_iter().filter(|role| ![Role::Operator, Role::Patient].contains(role)) {
            by_role.insert(role, house.clinic.signed_in(role).await);
        }
        let before = house.state().await;
        let said = whose();
        for (method, path, door) in routes() {
            let word = said[&(method.clone(), path.clone())];
            let here = house.path(&path, &house.case);
            let asked = format!("{method} {path}");
            match word {
                "open" => {
                    let status = house.ask(&house.clinic.browser(), (&method, &here)).await;
                    assert!(method == "GET" || status >= 400, "{asked}: {status}");
                }
                "own" => {
                    // Signing out would end the session for the routes after it, so each is signed in anew for that.
                    let leaves = method == "DELETE";
                    let another = if door == Door::Patient { &house.other_patient } else { &house.other_operator };
                    let mut fresh = house.clinic.browser();
                    if leaves && door == Door::Patient {
                        fresh = house.clinic.patient_of(&house.other_case, &house.inviter).await;
                    } else if leaves {
                        fresh.sign_in("other", PASSWORD).await;
                    }
                    house.ask(if leaves { &fresh } else { another }, (&method, &here)).await;
                }
                "asker" => {
                    let status = house.ask(&house.other_operator, (&method, &here)).await;
                    assert_eq!(status, 404, "{asked} of another of the same role");
                }
                "case" => {
                    let there = house.path(&path, &house.other_case);
                    let status = house.ask(&house.other_operator, (&method, &there)).await;
                    let names_a_thing = ["{attachment}", "{invitation}"].iter().any(|name| path.contains(name));
                    assert!(!names_a_thing || status == 404, "{asked} under another case: {status}");
                }
                _ => {}
            }
            if ["asker", "case", "shared"].contains(&word) {
                for patient in [&house.patient, &house.other_patient] {
                    assert_eq!(house.ask(patient, (&method, &here)).await, 403, "{asked} as a patient");
                }
                let Door::Staff(permissions) = &door else { panic!("{asked} is not for staff") };
                // A step needs what its kind needs, which an administrator has for none.
                let shut = |role: Role| {
                    if permissions.is_empty() { role == Role::Administrator } else { lacks(role, permissions) }
                };
                for (_, browser) in by_role.iter().filter(|(role, _)| word != "asker" && shut(**role)) {
                    assert_eq!(house.ask(browser, (&method, &here)).await, 403, "{asked} without permission");
                }
            }
        }
        assert_eq!(house.state().await, before, "something of the first patient or operator was changed");
    })
    .await;
}
