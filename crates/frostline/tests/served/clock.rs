//! A clock that ran ahead during one start of the program and was set right before the next.

use std::net::SocketAddr;

use frostline::accounts::NewAccount;
use frostline::cases::Knowledge;
use frostline::server::router::router;
use frostline::server::state::{AppState, Site};
use frostline::server::{Clock, Listening, listen};
use frostline::store::{Store, StoreSetting};
use frostline_record::rules::Role;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::{Clinic, PASSWORD, Server, now_s};

const AHEAD_S: i64 = 2 * 3600;

/// The referral of the made-up patient.
fn referral() -> Value {
    let way: Value = serde_json::from_str(include_str!("../../../../examples/pathway/way.json")).unwrap();
    way[0]["step"].clone()
}

/// A step that is refused when the case was changed since it was seen, or when the clock is wrong: nothing that merely happened.
fn goal(words: &str) -> Value {
    json!({ "kind": "goal-said", "body": { "words": words } })
}

/// What the server of this process needs to be ended.
struct Ahead {
    store: Store,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<()>,
}

/// The program's server with a clock that is ahead, over the clinic's database.
async fn served_ahead(clinic: &Clinic) -> (SocketAddr, Ahead) {
    let setting = format!("sqlite:{}", clinic.path("frostline.db").display()).parse().unwrap();
    let store = Store::open(StoreSetting::new(setting, None)).await.unwrap();
    let clock = Clock::set_at(jiff::Timestamp::from_second(now_s() + AHEAD_S).unwrap());
    let state = AppState::new(store.clone(), Knowledge::bundled("UTC").unwrap(), (clock, Site::default())).unwrap();
    let new = NewAccount { login: "anna".into(), display_name: "Anna Berg".into(), roles: vec![Role::Operator] };
    let account = state.accounts.create(new).await.unwrap();
    let link = state.accounts.password_link(&account.id).await.unwrap();
    state.accounts.choose_password(link.text(), PASSWORD.into()).await.unwrap();
    let (told, address) = oneshot::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(async move {
        let how = Listening { address: "127.0.0.1:0".parse().unwrap(), tls: None, behind_proxy: false };
        let until = async {
            let _ = stopped.await;
        };
        let ready = move |address| told.send(address).unwrap();
        listen(router(state.clone()).unwrap(), &how, state.numbers(), (ready, until)).await.unwrap();
    });
    (address.await.unwrap(), Ahead { store, stop, ended })
}

fn posted(server: &Server, case: &str, who: &str, (seen, step): (usize, Value)) -> crate::Answer {
    let headers = format!("{who}if-match: \"{seen}\"\r\nidempotency-key: step-{seen}\r\n");
    server.ask("POST", &format!("/cases/{case}/steps"), (&headers, json!({ "step": step })))
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn after_a_clock_was_set_back_nothing_is_lost_refused_or_out_of_order() {
    let clinic = Clinic::new();
    let (address, ahead) = served_ahead(&clinic).await;
    let server = Server::at(address.to_string());
    let anna = server.signed_in("anna", None);
    let opened = server.ask("POST", "/cases", (&anna, json!({ "step": referral() }))).is(201);
    let case = opened.text("id").to_owned();
    posted(&server, &case, &anna, (1, goal("walk"))).is(201);
    let last = posted(&server, &case, &anna, (2, goal("walk to the market"))).is(201);
    ahead.stop.send(()).unwrap();
    ahead.ended.await.unwrap();
    ahead.store.close().await;

    // The program itself, with the clock of this machine, which lies two hours behind.
    let server = clinic.served(&clinic.written(""));
    server.get("/session", &anna).is(200);
    let path = format!("/cases/{case}/steps");
    let before = server.get(&path, &anna).is(200).body;
    assert_eq!(before[2], last.body["step"]);
    let again = posted(&server, &case, &anna, (2, goal("walk to the market")));
    assert_eq!(again.body["step"], before[2], "sent again, it was carried out once");
    let tried = server.ask("POST", &format!("{path}/try"), (&anna, json!({ "step": goal("dance") }))).is(200);
    assert_eq!(tried.body["possible"], true, "{}", tried.body);
    posted(&server, &case, &anna, (3, goal("dance"))).is(201);
    posted(&server, &case, &anna, (4, json!({ "kind": "noted", "body": "the clock was two hours ahead" }))).is(201);
    let steps = server.get(&path, &anna).is(200).body;
    let steps = steps.as_array().unwrap();
    assert_eq!((steps.len(), &steps[..3]), (5, &before.as_array().unwrap()[..]));
    for (at, step) in steps.iter().enumerate() {
        assert_eq!(step["number"], at + 1);
    }
    assert!(steps[3..].iter().all(|step| step["at"] == before[2]["at"]), "in their order: {steps:?}");
    let lines = server.get("/worklist", &server.signed_in("anna", None)).is(200).body;
    assert!(lines.as_array().unwrap().iter().any(|line| line["case"] == case.as_str()), "{lines}");
    server.stop();

    let said = |arguments: &[&str]| {
        let output = clinic.program(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {text} {output:?}");
        text
    };
    let verified = said(&["store", "verify"]);
    assert!(verified.contains("nothing was changed"), "{verified}");
    assert!(verified.contains("events were written while the clock was behind"), "{verified}");
    let here = format!("sqlite:{}", clinic.path("frostline.db").display());
    assert!(said(&["audit", "verify", "--store", &here]).contains(" 0 at fault"));
    let (folder, stream) = (clinic.path("case"), format!("case/{case}"));
    said(&["store", "export", "--stream", &stream, "--out", folder.to_str().unwrap()]);
    said(&["store", "backup", "--out", clinic.path("backup").to_str().unwrap()]);
    let elsewhere = format!("sqlite:{}", clinic.path("other.db").display());
    Store::open(StoreSetting::new(elsewhere.parse().unwrap(), None)).await.unwrap().db().close().await;
    said(&["store", "import", "--store", &elsewhere, "--from", folder.to_str().unwrap()]);
    assert!(said(&["store", "verify", "--store", &elsewhere]).contains("nothing was changed"));
    let restored = format!("sqlite:{}", clinic.path("restored/frostline.db").display());
    std::fs::create_dir(clinic.path("restored")).unwrap();
    said(&["store", "restore", "--store", &restored, "--from", clinic.path("backup").to_str().unwrap()]);
    assert!(said(&["store", "verify", "--store", &restored]).contains("nothing was changed"));
}
