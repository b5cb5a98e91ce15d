//! Bookings over HTTP: their way through the day with the stock they use, together with the step of their case, many of them, and
//! two who want the same.

use axum::http::Method;
use frostline_record::case::{Second, Signer};
use frostline_record::rules::Role;
use serde_json::{Value, json};

use super::clinic::{Answer, Browser, Clinic, on_both};
use crate::cases::Wanted;
use crate::server::router::router;
use crate::store::{AppendError, NewEvent, Part, Store, StoreSetting, StreamId};

/// The clock of a clinic stands at 2027-01-15T08:00Z; the site is open on that day.
const DAY: &str = "2027-01-15";

fn at(time: &str) -> String {
    format!("{DAY}T{time}Z")
}

fn span(from: &str, until: &str) -> Value {
    json!({ "from": at(from), "until": at(until) })
}

/// One room, one team, two places to recover, three probes in two lots and gas for ten freezes beyond the reserve.
fn site() -> Value {
    let person = |id: &str, role: &str, credential: &str| json!({ "id": id, "roles": [role], "credentials": [{ "credential": credential }], "shifts": [span("08:00", "18:00")] });
    let lot = |lot: &str, until: &str, count: u32| json!({ "model": "n2o-1.3", "lot": lot, "sterile_until": until, "count": count, "usable": "free" });
    json!({
        "rooms": [{ "id": "room-1", "guidance": ["ultrasound"], "sedation": "none", "capnography": true,
            "gases": ["nitrous-oxide"], "openings": [{ "day": DAY, "span": span("08:00", "18:00") }] }],
        "people": [person("op-1", "operator", "pain-medicine"), person("rn-1", "nurse", "nursing"),
            person("us-1", "technologist", "sonography")],
        "probes": [lot("L-late", "2029-01-01", 2), lot("L-soon", "2027-03-01", 1)],
        "gas": [{ "id": "G-1", "gas": "nitrous-oxide", "cycles_left": 12, "tested_until": "2028-01-01", "usable": "free" }],
        "bays": [{ "id": "bay-1", "openings": [span("08:00", "18:00")] }, { "id": "bay-2", "openings": [span("08:00", "18:00")] }],
    })
}

fn needs() -> Value {
    json!({ "guidance": "ultrasound", "sedation": "local-only", "room_minutes": 60, "turnover_minutes": 10,
        "recovery_minutes": 30, "probes": [{ "model": "n2o-1.3", "count": 1 }], "gas": "nitrous-oxide", "gas_cycles": 3 })
}

pub(super) fn session(id: &str, start: &str) -> Value {
    json!({ "id": id, "needs": needs(), "start": at(start), "room": "any", "people": [], "clearance": "cleared" })
}

fn booking(case: &str, id: &str, start: &str) -> Value {
    let mut asked = session(id, start);
    asked["case"] = json!(case);
    asked
}

pub(super) async fn supplied(nurse: &mut Browser) {
    let put = (Method::PUT, "/api/v1/site/resources", Some(site()));
    let answer = nurse.with("if-match", "\"0\"", put).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

async fn told(browser: &mut Browser, id: &str, state: &str) -> Answer {
    browser.post(&format!("/api/v1/site/bookings/{id}/state"), json!({ "state": state })).await
}

/// Probes of each lot and freezes that are there, reserved ones too.
fn stock(site: &Value) -> (u64, u64, u64) {
    let count = |at: usize| site["resources"]["probes"][at]["count"].as_u64().unwrap();
    (count(0), count(1), site["resources"]["gas"][0]["cycles_left"].as_u64().unwrap())
}

/// A case that may be booked: referred and indicated.
async fn indicated(clinic: &Clinic) -> String {
    let way: Vec<Value> = serde_json::from_str(include_str!("../../../../../examples/pathway/way.json")).unwrap();
    let case = clinic.case().await;
    let step = serde_json::from_value(way[2]["step"].clone()).unwrap();
    let by = Signer { account: "a".into(), name: "Anna Berg".into(), role: Role::Operator };
    let wanted = Wanted { step, by, at: Second(clinic.state.clock.now_s()), seen: None, command: None };
    clinic.state.cases.sign(case.parse().unwrap(), wanted).await.unwrap();
    case
}

#[tokio::test]
async fn what_a_procedure_used_leaves_the_stock_and_what_was_set_aside_for_a_cancelled_one_is_free() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let mut technologist = clinic.signed_in(Role::Technologist).await;
        supplied(&mut nurse).await;
        let (treated, cancelled, third) = (clinic.case().await, clinic.case().await, clinic.case().await);
        let book = |case: &str, id: &str, start: &str| booking(case, id, start);
        for (case, id, start) in [(&treated, "b-1", "09:00"), (&cancelled, "b-2", "11:00")] {
            assert_eq!(nurse.post("/api/v1/site/bookings", book(case, id, start)).await.status, 200);
        }
        // Two of three probes and six of ten freezes are set aside; six more are not there.
        let mut greedy = book(&third, "b-3", "13:00");
        greedy["needs"]["gas_cycles"] = json!(6);
        let refused = nurse.post("/api/v1/site/bookings", greedy.clone()).await;
        assert_eq!((refused.status, refused.text("/detail").contains("6 wanted, 4 free")), (409, true), "{refused:?}");

        let early = told(&mut nurse, "b-1", "in-procedure").await;
        assert_eq!((early.status, early.text("/detail").contains("arrived")), (409, true), "{early:?}");
        for state in ["arrived", "in-procedure"] {
            assert_eq!(told(&mut nurse, "b-1", state).await.status, 200, "{state}");
        }
        assert_eq!(told(&mut nurse, "b-1", "recovery").await.status, 409, "only with what was used");
        // Two freezes of three, and the probe that expires first with another one that fell.
        let used = json!({ "probes": [{ "model": "n2o-1.3", "lot": "L-soon", "count": 1 },
            { "model": "n2o-1.3", "lot": "L-late", "count": 1 }], "gas": [["G-1", 2]] });
        let path = "/api/v1/site/bookings/b-1/used";
        let seen = nurse.get("/api/v1/site").await;
        assert_eq!(stock(&seen.body), (2, 1, 12), "what is only set aside is still there");
        let stale = technologist.with("if-match", "\"1\"", (Method::POST, path, Some(used.clone()))).await;
        assert_eq!(stale.status, 412, "{stale:?}");
        let tag = seen.headers["etag"].to_str().unwrap().to_owned();
        let done = technologist.with("if-match", &tag, (Method::POST, path, Some(used.clone()))).await;
        assert_eq!((done.status, stock(&done.body)), (200, (1, 0, 10)), "{done:?}");
        assert_eq!(done.body["bookings"][0]["state"], "recovery");
        assert_eq!(technologist.post(path, used).await.status, 409, "nothing is used twice");

        // The second still has its probe and three freezes: of 10 less 2 that stay in the cylinder 5 are free.
        let refused = nurse.post("/api/v1/site/bookings", greedy.clone()).await;
        assert!(refused.text("/detail").contains("6 wanted, 5 free"), "{refused:?}");
        let off = json!({ "reason": "patient-decided" });
        let answer = nurse.post("/api/v1/site/bookings/b-2/cancel", off).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let taken = nurse.post("/api/v1/site/bookings", greedy).await;
        assert_eq!((taken.status, stock(&taken.body)), (200, (1, 0, 10)), "{taken:?}");
        assert_eq!(told(&mut nurse, "b-1", "discharged").await.status, 200);
        let last = clinic.audited().await.pop().unwrap();
        assert_eq!((&last["operation"], &last["case"]), (&json!("tell_booking"), &json!(treated)));
    })
    .await;
}

#[tokio::test]
async fn each_says_of_the_day_what_their_role_may_say() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        supplied(&mut nurse).await;
        let case = clinic.case().await;
        assert_eq!(nurse.post("/api/v1/site/bookings", booking(&case, "b-1", "09:00")).await.status, 200);
        let mut coordinator = clinic.signed_in(Role::Coordinator).await;
        assert_eq!(told(&mut coordinator, "b-1", "arrived").await.status, 200);
        assert_eq!(told(&mut coordinator, "b-1", "in-procedure").await.status, 403, "the time-out is not hers");
        assert_eq!(
            coordinator.post("/api/v1/site/bookings/b-1/used", json!({ "probes": [], "gas": [] })).await.status,
            403
        );
        assert_eq!(told(&mut nurse, "b-9", "arrived").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_session_is_booked_with_the_step_of_its_case_or_not_at_all() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        supplied(&mut nurse).await;
        let (case, early) = (indicated(&clinic).await, clinic.case().await);
        let path = |case: &str| format!("/api/v1/cases/{case}/booking");
        let post = |case: &str, id: &str, start: &str| (Method::POST, path(case), Some(session(id, start)));
        assert_eq!(nurse.post(&path(&case), session("b-1", "09:00")).await.status, 428);

        // The case does not take the step, so the calendar does not take the booking.
        let (method, to, body) = post(&early, "b-0", "09:00");
        let refused = nurse.with("if-match", "\"1\"", (method, to.as_str(), body)).await;
        assert_eq!((refused.status, refused.text("/type")), (409, "urn:frostline:problem:not-yet"), "{refused:?}");
        assert_eq!(nurse.get("/api/v1/site").await.body["bookings"], json!([]));

        let mut sent = Vec::new();
        for _ in 0..2 {
            nurse.extra.insert("idempotency-key", "one".parse().unwrap());
            let (method, to, body) = post(&case, "b-1", "09:00");
            sent.push(nurse.with("if-match", "\"2\"", (method, to.as_str(), body)).await);
            nurse.extra.remove("idempotency-key");
            super::cases::forget_answers(&clinic).await;
        }
        for answer in &sent {
            assert_eq!((answer.status, answer.text("/stage")), (201, "booked"), "{answer:?}");
            assert_eq!(answer.headers["etag"], "\"3\"");
            assert_eq!(answer.body["step"]["step"]["body"]["room"], "room-1");
            assert_eq!(answer.body["step"]["step"]["body"]["probe_lot"], "L-soon");
            assert_eq!(answer.body["booking"]["state"], "booked");
        }

        // The calendar does not take the booking, so the case does not take the step.
        let other = indicated(&clinic).await;
        let (method, to, body) = post(&other, "b-2", "09:30");
        let refused = nurse.with("if-match", "\"2\"", (method, to.as_str(), body)).await;
        assert_eq!(
            (refused.status, refused.text("/detail").contains("taken by booking b-1")),
            (409, true),
            "{refused:?}"
        );
        assert_eq!(nurse.get(&format!("/api/v1/cases/{other}/steps")).await.body.as_array().unwrap().len(), 2);
        let (method, to, body) = post(&other, "b-2", "11:00");
        assert_eq!(
            nurse.with("if-match", "\"1\"", (method, to.as_str(), body)).await.status,
            412,
            "the case was seen as it was"
        );
        let bookings = nurse.get("/api/v1/site").await.body["bookings"].as_array().unwrap().len();
        assert_eq!((bookings, steps_with_booked(&mut nurse, &case).await), (1, 1), "sent twice, booked once");
    })
    .await;
}

#[tokio::test]
async fn bookings_come_a_page_at_a_time_the_last_made_first_and_none_twice() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        supplied(&mut nurse).await;
        for (id, start) in [("b-1", "12:00"), ("b-2", "09:00"), ("b-3", "15:00")] {
            let booked = nurse.post("/api/v1/site/bookings", booking(&clinic.case().await, id, start)).await;
            assert_eq!((booked.status, &booked.body["earlier"]), (200, &Value::Null), "{booked:?}");
        }
        let mut seen = async |query: &str| {
            let answer = nurse.get(&format!("/api/v1/site{query}")).await;
            let bookings = answer.body["bookings"].as_array().cloned().unwrap_or_default();
            let names: Vec<String> = bookings.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
            (answer.status, names.join(" "), answer.body["earlier"].as_str().map(str::to_owned))
        };
        let page = |names: &str, earlier: Option<&str>| (200, names.to_owned(), earlier.map(str::to_owned));
        assert_eq!(seen("").await, page("b-1 b-2 b-3", None));
        assert_eq!(seen("?limit=3").await, page("b-1 b-2 b-3", None));
        assert_eq!(seen("?limit=2").await, page("b-2 b-3", Some("b-2")));
        assert_eq!(seen("?limit=2&before=b-2").await, page("b-1", None));
        assert_eq!(seen("?before=b-1").await, page("", None));
        for wrong in ["?limit=0", "?limit=2001", "?before=b-9"] {
            assert_eq!(seen(wrong).await.0, 400, "{wrong}");
        }
    })
    .await;
}

pub(super) async fn steps_with_booked(browser: &mut Browser, case: &str) -> usize {
    let steps = browser.get(&format!("/api/v1/cases/{case}/steps")).await.body;
    steps.as_array().unwrap().iter().filter(|step| step["step"]["kind"] == "booked").count()
}

fn part(stream: &str, seen: u64, command: Option<uuid::Uuid>) -> Part {
    let event =
        NewEvent { kind: "test".into(), body: json!({ "n": seen }), by: "a".into(), at_ms: 0, command_id: command };
    let (stream, summary) = (StreamId::new(stream).unwrap(), json!({ "events": seen + 1 }));
    Part { stream, seen, events: vec![event], summary, outline: None }
}

#[tokio::test]
async fn events_of_two_streams_are_written_together_or_not_at_all() {
    on_both(async |clinic| {
        let store = &clinic.state.store;
        let (one, two) = (StreamId::new("test/one").unwrap(), StreamId::new("test/two").unwrap());
        let lengths = async || (store.read(&one).await.unwrap().len(), store.read(&two).await.unwrap().len());
        let command = Some(uuid::Uuid::new_v4());
        let both = [part("test/one", 0, command), part("test/two", 0, command)];
        let first = store.append_together(&both).await.unwrap();
        assert_eq!((first.len(), lengths().await), (2, (1, 1)));
        assert_eq!(store.append_together(&both).await.unwrap(), first, "the same command again");
        assert_eq!(lengths().await, (1, 1));

        let late = [part("test/one", 1, None), part("test/two", 0, None)];
        let refused = store.append_together(&late).await.unwrap_err();
        assert!(matches!(&refused, AppendError::SomebodyWasFaster { stream, .. } if *stream == two), "{refused}");
        assert_eq!(lengths().await, (1, 1), "the first part is not there without the second");
        let half = [part("test/three", 0, command), part("test/two", 0, command)];
        assert!(matches!(store.append_together(&half).await, Err(AppendError::CommandReused(_))));
        let twice = [part("test/one", 1, None), part("test/one", 2, None)];
        assert!(matches!(store.append_together(&twice).await, Err(AppendError::StreamTwice(_))));
        assert_eq!(lengths().await, (1, 1));
        assert!(store.verify(None, 0).await.unwrap().faults.is_empty());
    })
    .await;
}

/// Another program on the same database.
async fn beside(clinic: &Clinic) -> Clinic {
    let store = Store::open(StoreSetting::clone(clinic.state.store.setting())).await.unwrap();
    let (clock, site) = (clinic.state.clock.clone(), crate::server::state::Site::default());
    let knowledge = crate::cases::Knowledge::bundled("UTC").unwrap();
    let state = crate::server::state::AppState::new(store, knowledge, (clock, site)).unwrap();
    Clinic { router: router(state.clone()).unwrap(), state, folder: tempfile::tempdir().unwrap() }
}

#[tokio::test]
async fn of_two_schedulers_on_two_programs_who_want_one_room_exactly_one_gets_it_and_the_other_hears_why() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        supplied(&mut nurse).await;
        let other = beside(&clinic).await;
        let mut there = other.browser();
        (there.cookie, there.csrf) = (nurse.cookie.clone(), nurse.csrf.clone());
        let cases = [indicated(&clinic).await, indicated(&clinic).await];
        let mut won = 0;
        for (round, start) in ["08:00", "10:00", "14:00"].into_iter().enumerate() {
            let ask = |case: &str, who: &str| {
                let mut asked = booking(case, &format!("{who}-{round}"), start);
                asked["needs"]["gas_cycles"] = json!(0);
                asked
            };
            let (here, away) = tokio::join!(
                nurse.post("/api/v1/site/bookings", ask(&cases[0], "here")),
                there.post("/api/v1/site/bookings", ask(&cases[1], "there"))
            );
            let (winner, loser) = if here.status == 200 { (here, away) } else { (away, here) };
            assert_eq!((winner.status, loser.status), (200, 409), "{loser:?}");
            assert!(loser.text("/detail").contains("taken by booking"), "{loser:?}");
            won += 1;
        }
        // The three probes are gone now, so of two who want the last hour nobody gets one.
        let (here, away) = tokio::join!(
            nurse.post("/api/v1/site/bookings", booking(&cases[0], "here-9", "16:00")),
            there.post("/api/v1/site/bookings", booking(&cases[1], "there-9", "16:00"))
        );
        for answer in [here, away] {
            assert!(answer.text("/detail").contains("probes of model n2o-1.3: 1 wanted, 0 free"), "{answer:?}");
        }
        let (one, two) = (nurse.get("/api/v1/site").await, there.get("/api/v1/site").await);
        assert_eq!(one.body, two.body, "both programs have the same calendar");
        assert_eq!(one.body["bookings"].as_array().unwrap().len(), won);
        let events = clinic.state.store.read(&StreamId::new("site/practice").unwrap()).await.unwrap();
        assert_eq!(events.len(), 1 + won, "one event for every change");
    })
    .await;
}

#[tokio::test]
async fn somebody_waits_is_offered_what_fell_free_and_leaves_the_list_with_a_time_or_a_reason() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        supplied(&mut nurse).await;
        let (old, urgent) = (clinic.case().await, clinic.case().await);
        let wait = |case: &str, priority: &str| {
            json!({ "case": case, "priority": priority, "not_before": at("08:00"), "needs": needs(), "people": [], "clearance": "cleared" })
        };
        for (case, priority) in [(&old, "routine"), (&urgent, "urgent")] {
            assert_eq!(nurse.post("/api/v1/site/waiting", wait(case, priority)).await.status, 200);
        }
        assert_eq!(nurse.post("/api/v1/site/waiting", wait(&old, "soon")).await.status, 409, "nobody waits twice");
        let path = format!("/api/v1/site/waiting/offers?from={}&until={}", at("10:00"), at("12:00"));
        let cases = |answer: &Answer| -> Vec<String> {
            answer.body.as_array().unwrap().iter().map(|one| one["case"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(cases(&nurse.get(&path).await), [urgent.clone(), old.clone()]);
        let offer = |case: &str| format!("/api/v1/site/waiting/{case}/offer");
        assert_eq!(nurse.post(&offer(&urgent), json!({ "start": at("10:00") })).await.status, 200);
        assert_eq!(cases(&nurse.get(&path).await), std::slice::from_ref(&old), "who was asked is not asked again");
        let night = nurse.post(&offer(&old), json!({ "start": at("22:00") })).await;
        assert_eq!((night.status, night.text("/detail").contains("closed")), (409, true), "{night:?}");

        let leave = format!("/api/v1/site/waiting/{urgent}/leave");
        assert_eq!(nurse.post(&leave, json!({ "reason": "because" })).await.status, 422);
        assert_eq!(nurse.post(&leave, json!({ "reason": "patient-decided" })).await.status, 200);
        assert_eq!(nurse.post(&leave, json!({ "reason": "patient-decided" })).await.status, 404, "it is off the list");
        assert_eq!(nurse.post("/api/v1/site/bookings", booking(&old, "b-1", "10:00")).await.status, 200);
        let list = nurse.get("/api/v1/site/waiting").await.body;
        let pages = nurse.get("/api/v1/site/waiting?limit=1").await.body;
        assert_eq!((pages.as_array().unwrap().len(), &pages[0]), (1, &list[0]));
        assert_eq!(nurse.get("/api/v1/site/waiting?after=1").await.body[0], list[1]);
        assert_eq!(nurse.get("/api/v1/site/waiting?waits=true").await.body, json!([]), "nobody waits any more");
        assert_eq!(nurse.get("/api/v1/site/waiting?limit=2001").await.status, 400);
        assert_eq!((&list[0]["left"]["reason"], &list[1]["left"]["reason"]), (&Value::Null, &json!("patient-decided")), "{list}");
        assert!(list[0]["left"]["at"].is_string(), "{list}");
        assert_eq!(list[1]["offers"][0]["start"], at("10:00"));
        assert_eq!(cases(&nurse.get(&path).await), Vec::<String>::new());
        let events = clinic.state.store.read(&StreamId::new("site/practice").unwrap()).await.unwrap();
        let words: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(words, ["supplied", "waits", "waits", "offered", "left-waiting", "booked"]);
    })
    .await;
}

#[tokio::test]
async fn people_with_more_shifts_than_one_event_holds_are_kept_whole() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let mut large = site();
        // 60 people with 400 shifts of about 60 bytes each are 1.4 MB, beyond one body and one event as they are elsewhere.
        let person = large["people"][0].clone();
        let people = (0..60).map(|number| {
            let mut one = person.clone();
            one["id"] = json!(format!("op-{number}"));
            one["shifts"] = json!(vec![span("08:00", "18:00"); 400]);
            one
        });
        large["people"] = json!(people.collect::<Vec<_>>());
        assert!(large.to_string().len() > 1 << 20);
        let put = (Method::PUT, "/api/v1/site/resources", Some(large.clone()));
        let kept = nurse.with("if-match", "\"0\"", put).await;
        assert_eq!(kept.status, 200, "{kept:?}");
        let again = beside(&clinic).await.state.practice.now().await.unwrap();
        assert_eq!(json!(again.calendar.resources().people).as_array().unwrap().len(), 60);
        assert_eq!(kept.headers["etag"], format!("\"{}\"", again.version));
        assert!(again.version > 1, "in several events");
        assert_eq!(json!(again.calendar.resources())["people"][59]["shifts"].as_array().unwrap().len(), 400);
    })
    .await;
}

#[test]
fn a_time_of_the_calendar_is_described_as_what_it_is_and_not_as_a_time_with_seconds() {
    use frostline_record::rules::Moment;
    let described = json!(<Moment as utoipa::PartialSchema>::schema());
    assert_eq!(json!("2027-01-15T09:00Z".parse::<Moment>().unwrap()), "2027-01-15T09:00Z");
    // A date-time of RFC 3339, and so of JSON Schema, has seconds; whoever checks answers by the description would refuse these.
    assert_eq!((&described["type"], &described["format"]), (&json!("string"), &json!("utc-minute")));
}

#[tokio::test]
async fn a_calendar_program_reads_one_feed_by_a_secret_address_until_the_link_is_ended() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        supplied(&mut nurse).await;
        let case = clinic.case().await;
        assert_eq!(nurse.post("/api/v1/site/bookings", booking(&case, "b-1", "09:00")).await.status, 200);
        let stranger = nurse.post("/api/v1/site/feeds", json!({ "person": "op-9" })).await;
        assert_eq!((stranger.status, stranger.text("/errors/0/pointer")), (422, "/person"), "{stranger:?}");
        let mut addresses = Vec::new();
        for asked in [json!({ "person": "op-1" }), json!({ "room": "room-1" })] {
            let made = nurse.post("/api/v1/site/feeds", asked).await;
            assert_eq!(made.status, 201, "{made:?}");
            addresses.push((made.text("/address").to_owned(), made.text("/link/id").to_owned()));
        }
        let listed = nurse.get("/api/v1/site/feeds").await;
        assert_eq!(listed.body.as_array().unwrap().len(), 2);
        for (address, _) in &addresses {
            assert!(!listed.body.to_string().contains(address.rsplit('/').next().unwrap()), "a list opens nothing");
            let (status, text) = clinic.browser().page(address).await;
            assert_eq!((status, text.contains("BEGIN:VEVENT"), text.contains(&case)), (200, true, true), "{text}");
        }
        let (address, id) = &addresses[0];
        assert_eq!(clinic.browser().page(&format!("{address}x")).await.0, 404);
        assert_eq!(nurse.send(Method::DELETE, &format!("/api/v1/site/feeds/{id}"), None).await.status, 204);
        assert_eq!(nurse.send(Method::DELETE, &format!("/api/v1/site/feeds/{id}"), None).await.status, 404);
        assert_eq!(clinic.browser().page(address).await.0, 404);
        assert_eq!(clinic.browser().page(&addresses[1].0).await.0, 200, "the other link still opens");
        let mut coder = clinic.signed_in(Role::Coder).await;
        assert_eq!(coder.get("/api/v1/site/feeds").await.status, 403);
        // A booking that was over long ago is not told any more, one of yesterday is.
        clinic.state.clock.move_on_s(399 * 86_400);
        assert!(clinic.browser().page(&addresses[1].0).await.1.contains(&case));
        clinic.state.clock.move_on_s(3 * 86_400);
        assert!(!clinic.browser().page(&addresses[1].0).await.1.contains(&case));
    })
    .await;
}
