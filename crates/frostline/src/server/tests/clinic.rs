//! A small clinic to test in: a server over an empty database, people with roles, and their browsers.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use frostline_record::case::{Second, Signer};
use frostline_record::documents::Practice;
use frostline_record::rules::Role;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::accounts::NewAccount;
use crate::cases::{Knowledge, Wanted};
use crate::played::{Entry, Way};
use crate::postgres_server;
use crate::server::Clock;
use crate::server::router::router;
use crate::server::state::{AppState, Site};
use crate::store::{Store, StoreSetting};

/// Good enough for every account.
pub const PASSWORD: &str = "kettle orbit 99";

/// As the documents name it.
pub fn practice() -> Practice {
    Practice {
        name: Some("Made-up Clinic".into()),
        phone: Some("555-0142".into()),
        night_phone: Some("555-0143".into()),
        emergency: Some("112".into()),
        address: None,
    }
}

pub struct Clinic {
    pub router: Router,
    pub state: AppState,
    pub folder: tempfile::TempDir,
}

impl Clinic {
    pub async fn open() -> Clinic {
        Clinic::at(Site::default()).await
    }

    /// One that is reached in a certain way.
    pub async fn at(site: Site) -> Clinic {
        Clinic::on(site, None).await
    }

    /// One on a database; on SQLite where none is named.
    pub async fn on(site: Site, database: Option<String>) -> Clinic {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = format!("sqlite:{}", folder.path().join("frostline.db").display());
        let database = database.unwrap_or(sqlite).parse().unwrap();
        let store = Store::open(StoreSetting::new(database, Some(folder.path().join("attachments")))).await.unwrap();
        let clock = Clock::set_at(Timestamp::from_second(1_800_000_000).unwrap());
        let knowledge = Knowledge::bundled("UTC").unwrap().at_practice(practice());
        let state = AppState::new(store, knowledge, (clock, site)).unwrap();
        Clinic { router: router(state.clone()).unwrap(), state, folder }
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookie: None, csrf: None, extra: HeaderMap::new() }
    }

    /// An account that can sign in; its name is that of its role.
    pub async fn account(&self, login: &str, roles: &[Role]) -> String {
        let new = NewAccount { login: login.into(), display_name: format!("Dr {login}"), roles: roles.to_vec() };
        let account = self.state.accounts.create(new).await.unwrap();
        let link = self.state.accounts.password_link(&account.id).await.unwrap();
        self.state.accounts.choose_password(link.text(), PASSWORD.into()).await.unwrap();
        account.id
    }

    /// Somebody who is signed in as a role.
    pub async fn signed_in(&self, role: Role) -> Browser {
        self.account(role.word(), &[role]).await;
        let mut browser = self.browser();
        assert_eq!(browser.sign_in(role.word(), PASSWORD).await.status, 201);
        browser
    }

    /// A case that was opened.
    pub async fn case(&self) -> String {
        let way: Vec<Value> = serde_json::from_str(include_str!("../../../../../examples/pathway/way.json")).unwrap();
        let step = serde_json::from_value(way[0]["step"].clone()).unwrap();
        let by = Signer { account: "a".into(), name: "Clara Ortiz".into(), role: Role::Coordinator };
        let at = Second(self.state.clock.now_s());
        let wanted = Wanted { step, by, at, seen: None, command: None };
        self.state.cases.open(wanted).await.unwrap().id.to_string()
    }

    /// A case with every step of the way of the made-up patient that is taken, until one of this kind.
    pub async fn case_until(&self, last: &str) -> String {
        let entries = Way::bundled().unwrap().entries;
        let mut taken = entries.iter().filter(|entry| entry.refused.is_empty());
        let wanted = |entry: &Entry| Wanted {
            step: serde_json::from_value(entry.step.clone()).unwrap(),
            by: Signer { account: entry.by.clone(), name: entry.by.clone(), role: entry.role },
            at: Second(entry.time().as_second()),
            seen: None,
            command: None,
        };
        let case = self.state.cases.open(wanted(taken.next().unwrap())).await.unwrap().id;
        for entry in taken {
            self.state.cases.sign(case, wanted(entry)).await.unwrap();
            if entry.kind() == last {
                break;
            }
        }
        case.to_string()
    }

    /// A patient who is signed in to a case.
    pub async fn patient_of(&self, case: &str, by: &str) -> Browser {
        let factor = crate::accounts::Factor::DateOfBirth("1961-04-03".parse().unwrap());
        let invited = self.state.accounts.invite(case, factor, by).await.unwrap();
        let mut browser = self.browser();
        let asked = json!({ "token": invited.secret.text(), "factor": "1961-04-03" });
        let answer = browser.post("/api/v1/patient/session", asked).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        browser
    }

    /// The operations in the audit, oldest first.
    pub async fn audited(&self) -> Vec<Value> {
        let (mut events, _) = self.state.audit.before(u64::MAX, usize::MAX, |_| true).await.unwrap();
        events.reverse();
        let line = |event: crate::store::StoredEvent| {
            let mut body = event.body.kept().unwrap().clone();
            body["who"] = json!(event.by);
            body
        };
        events.into_iter().map(line).collect()
    }
}

/// Does the same in a clinic on SQLite and in one on PostgreSQL, where there is a server; the store says where there is none.
pub async fn on_both(work: impl AsyncFn(Clinic)) {
    work(Clinic::open().await).await;
    if let Some(server) = postgres_server::server() {
        work(Clinic::on(Site::default(), Some(server.new_database())).await).await;
    }
}

/// One browser: keeps its cookie, and sends the token that signing in gave.
pub struct Browser {
    router: Router,
    pub cookie: Option<String>,
    pub csrf: Option<String>,
    pub extra: HeaderMap,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {self:?}"))
    }
}

impl Browser {
    pub async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        self.post("/api/v1/session", json!({ "login": login, "password": password })).await
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&mut self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// With one more header in this request only.
    pub async fn with(
        &mut self,
        name: &'static str,
        value: &str,
        (method, path, body): (Method, &str, Option<Value>),
    ) -> Answer {
        self.extra.insert(name, value.parse().unwrap());
        let answer = self.send(method, path, body).await;
        self.extra.remove(name);
        answer
    }

    pub async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("x-csrf-token", csrf);
        }
        for (name, value) in &self.extra {
            request = request.header(name, value);
        }
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.raw(request.unwrap()).await
    }

    /// What is not JSON: status and text, which is cut where it is not text any more.
    pub async fn page(&mut self, path: &str) -> (u16, String) {
        let cookie = self.cookie.clone().unwrap_or_default();
        let request = Request::builder().uri(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    pub async fn raw(&mut self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let answer = Answer { status: status.as_u16(), headers, body };
        self.remember(status, &answer);
        answer
    }

    fn remember(&mut self, status: StatusCode, answer: &Answer) {
        if let Some(set) = answer.headers.get(header::SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            self.cookie = Some(pair.to_string()).filter(|pair| !pair.ends_with('='));
        }
        if status.is_success()
            && let Some(csrf) = answer.body.get("csrf_token").and_then(Value::as_str)
        {
            self.csrf = Some(csrf.to_string());
        }
    }
}

impl Clinic {
    /// A browser that looks at other routes.
    pub fn browser_on(&self, router: Router) -> Browser {
        Browser { router, ..self.browser() }
    }
}
