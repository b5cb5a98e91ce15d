//! Fifty people at work on the case record at once: a real server on loopback over SQLite with full sync, real connections.
//!
//!     cargo bench --package frostline --bench load -- [--users 50] [--seconds 120] [--think-ms 500]
//!
//! Every user waits a random time around the think time, then reads a case, its rulings or the list (7 of 10), or signs a
//! remark in a case that others write to as well (3 of 10). Printed are the times of reads and writes, how many requests were
//! answered with anything but success, and how many acknowledged steps are missing from the store afterwards.
//!
//!     cargo bench --package frostline --bench load -- --worklist 2000
//!
//! With so many open cases in the store, each as far as its planned freeze, the operator's worklist is asked for over HTTP, and made
//! as well by reading every case; both must say the same.

use std::sync::Arc;
use std::time::{Duration, Instant};

use frostline::accounts::NewAccount;
use frostline::cases::{Cases, Knowledge, Wanted};
use frostline::server::router::router;
use frostline::server::state::{AppState, Site};
use frostline::server::{Clock, Listening, listen};
use frostline::store::{Store, StoreSetting};
use frostline_record::case::{Second, Signer, Step};
use frostline_record::rules::Role;
use frostline_record::worklist::{CaseSummary, Now, Practice, Quarter};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const PASSWORD: &str = "violet anchor 47 lantern";

struct Settings {
    users: usize,
    seconds: u64,
    think_ms: u64,
    worklist: usize,
}

fn settings() -> Settings {
    let words: Vec<String> = std::env::args().collect();
    let value = |name: &str, default: u64| {
        let at = words.iter().position(|word| word == name);
        at.and_then(|at| words.get(at + 1)).map_or(default, |text| text.parse().expect(name))
    };
    Settings {
        users: value("--users", 50) as usize,
        seconds: value("--seconds", 120),
        think_ms: value("--think-ms", 500),
        worklist: value("--worklist", 0) as usize,
    }
}

/// One connection that stays open, with who is signed in on it.
struct Connection {
    stream: BufReader<TcpStream>,
    cookie: String,
    csrf: String,
}

struct Answer {
    status: u16,
    cookie: Option<String>,
    body: Value,
}

impl Connection {
    async fn open(address: std::net::SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), cookie: String::new(), csrf: String::new() }
    }

    async fn send(&mut self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: localhost\r\ncookie: {}\r\nx-csrf-token: {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.cookie,
            self.csrf,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).await.unwrap();
        self.answer().await
    }

    async fn answer(&mut self) -> Answer {
        let (mut status, mut length, mut cookie) = (0, 0, None);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await.unwrap();
            let line = line.trim_end().to_owned();
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().unwrap();
            }
            match line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value)) {
                Some((name, value)) if name == "content-length" => length = value.parse().unwrap(),
                Some((name, value)) if name == "set-cookie" => {
                    cookie = value.split(';').next().map(str::to_owned);
                }
                _ => {}
            }
            if line.is_empty() {
                break;
            }
        }
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).await.unwrap();
        Answer { status, cookie, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    async fn sign_in(&mut self, login: &str) {
        let answer = self.send("POST", "/session", Some(json!({ "login": login, "password": PASSWORD }))).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        self.cookie = answer.cookie.unwrap();
        self.csrf = answer.body["csrf_token"].as_str().unwrap().to_owned();
    }
}

/// Numbers that look random and are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

#[derive(Default)]
struct Times {
    reads_ms: Vec<f64>,
    writes_ms: Vec<f64>,
    failures: usize,
    acknowledged: Vec<(String, u64, String)>,
}

async fn at_work(mut connection: Connection, user: usize, cases: Arc<Vec<String>>, set: Arc<Settings>) -> Times {
    let mut dice = Dice(user as u64 * 7919 + 1);
    let mut times = Times::default();
    let end = Instant::now() + Duration::from_secs(set.seconds);
    let mut written = 0;
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(set.think_ms / 2 + dice.roll(set.think_ms.max(1)))).await;
        let case = &cases[dice.roll(cases.len() as u64) as usize];
        let choice = dice.roll(10);
        let before = Instant::now();
        if choice < 7 {
            let path = match choice {
                0..=3 => format!("/cases/{case}"),
                4 | 5 => format!("/cases/{case}/rulings"),
                _ => "/cases?limit=50".to_owned(),
            };
            let answer = connection.send("GET", &path, None).await;
            times.reads_ms.push(before.elapsed().as_secs_f64() * 1e3);
            times.failures += usize::from(answer.status != 200);
        } else {
            written += 1;
            let words = format!("user {user} remark {written}");
            let step = json!({ "step": { "kind": "noted", "body": words } });
            let answer = connection.send("POST", &format!("/cases/{case}/steps"), Some(step)).await;
            times.writes_ms.push(before.elapsed().as_secs_f64() * 1e3);
            match answer.body["step"]["number"].as_u64() {
                Some(number) if answer.status == 201 => times.acknowledged.push((case.clone(), number, words)),
                _ => times.failures += 1,
            }
        }
    }
    times
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

fn print(name: &str, mut times_ms: Vec<f64>) {
    times_ms.sort_by(f64::total_cmp);
    println!(
        "{name:<7} {:>6} requests   median {:>7.1} ms   p99 {:>7.1} ms   worst {:>7.1} ms",
        times_ms.len(),
        quantile(&times_ms, 0.5),
        quantile(&times_ms, 0.99),
        quantile(&times_ms, 1.0)
    );
}

async fn account(state: &AppState, login: String) {
    let new = NewAccount { login: login.clone(), display_name: format!("Dr {login}"), roles: vec![Role::Operator] };
    let account = state.accounts.create(new).await.unwrap();
    let link = state.accounts.password_link(&account.id).await.unwrap();
    state.accounts.choose_password(link.text(), PASSWORD.into()).await.unwrap();
}

fn main() {
    // `cargo test` runs benches too, with `--test`; there is nothing to test here.
    if std::env::args().any(|word| word == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match settings().worklist {
        0 => runtime.block_on(run()),
        cases => runtime.block_on(worklist(cases)),
    }
}

/// A server on loopback, and where it listens.
async fn served(state: &AppState) -> std::net::SocketAddr {
    let (told, address) = tokio::sync::oneshot::channel();
    let how = Listening { address: "127.0.0.1:0".parse().unwrap(), tls: None, behind_proxy: false };
    let (serving, app) = (state.clone(), router(state.clone()).unwrap());
    tokio::spawn(async move {
        let ready = move |address| told.send(address).unwrap();
        listen(app, &how, serving.numbers(), (ready, std::future::pending())).await.unwrap();
    });
    address.await.unwrap()
}

/// A row of the made-up patient's way.
#[derive(Clone, serde::Deserialize)]
struct Row {
    at: Second,
    role: Role,
    by: String,
    step: Step,
    #[serde(default)]
    refused: Value,
}

/// A case as far as its planned freeze.
async fn planned_case(cases: &Cases, rows: &[Row]) -> uuid::Uuid {
    let wanted = |row: &Row| Wanted {
        step: row.step.clone(),
        by: Signer { account: row.by.clone(), name: row.by.clone(), role: row.role },
        at: row.at,
        seen: None,
        command: None,
    };
    let id = cases.open(wanted(&rows[0])).await.unwrap().id;
    for row in &rows[1..] {
        cases.sign(id, wanted(row)).await.unwrap();
    }
    id
}

async fn worklist(many: usize) {
    const TIMES: usize = 20;
    let folder = tempfile::tempdir().unwrap();
    let setting = format!("sqlite:{}", folder.path().join("frostline.db").display()).parse().unwrap();
    let store = Store::open(StoreSetting::new(setting, None)).await.unwrap();
    let knowledge = Knowledge::bundled("UTC").unwrap();
    let way: Vec<Value> = serde_json::from_str(include_str!("../../../examples/pathway/way.json")).unwrap();
    let until = way.iter().position(|row| row["step"]["kind"] == "planned").unwrap();
    let rows = way[..=until].iter().map(|row| serde_json::from_value::<Row>(row.clone()).unwrap());
    let rows: Vec<Row> = rows.filter(|row| row.refused.is_null()).collect();
    let cases = Cases::new(store.clone(), knowledge.clone());
    let mut names = Vec::new();
    for done in (0..many).step_by(50) {
        let some = (done..many.min(done + 50)).map(|_| planned_case(&cases, &rows));
        names.extend(futures_util::future::join_all(some).await);
    }
    let at = rows.last().unwrap().at;
    let clock = Clock::set_at(jiff::Timestamp::from_second(at.0).unwrap());
    let state = AppState::new(store.clone(), knowledge.clone(), (clock, Site::default())).unwrap();
    account(&state, "user-0".to_owned()).await;
    let mut connection = Connection::open(served(&state).await).await;
    connection.sign_in("user-0").await;
    println!("{many} open cases of {} steps each", rows.len());

    let (mut kept_ms, mut read_ms, read_before) = (Vec::new(), Vec::new(), store.streams_read());
    let mut answer = Value::Null;
    for _ in 0..TIMES {
        let before = Instant::now();
        let said = connection.send("GET", "/worklist", None).await;
        kept_ms.push(before.elapsed().as_secs_f64() * 1e3);
        assert_eq!(said.status, 200);
        answer = said.body;
    }
    let (lines, streams) = (answer.as_array().unwrap().len(), store.streams_read() - read_before);
    for _ in 0..TIMES.div_ceil(4) {
        let before = Instant::now();
        let entries = by_reading(&state, &names, at).await;
        read_ms.push(before.elapsed().as_secs_f64() * 1e3);
        assert_eq!(json!(entries), answer, "both ways say the same");
    }
    println!("{lines} lines, {} bytes; streams read for {TIMES} lists: {streams}", answer.to_string().len());
    print("kept", kept_ms);
    print("read", read_ms);
}

/// The operator's worklist by reading every case.
async fn by_reading(state: &AppState, names: &[uuid::Uuid], at: Second) -> Vec<frostline_record::worklist::Entry> {
    let (knowledge, mut open) = (state.cases.knowledge(), Vec::new());
    let judging = knowledge.judging(at);
    for name in names {
        let case = state.cases.read(*name).await.unwrap().case;
        open.push(CaseSummary::of(&name.to_string(), &case, &judging));
    }
    let calendar = state.practice.now().await.unwrap().calendar;
    let now = Now {
        now: judging.now,
        today: judging.today,
        midnight: knowledge.begins(judging.today),
        tomorrow: knowledge.begins(judging.today.plus_days(1)),
        after_tomorrow: knowledge.begins(judging.today.plus_days(2)),
    };
    // Nobody was treated, so it does not matter when the quarter began.
    let quarter = Quarter { cases: 0, serious_events: 0, since: now.midnight };
    let settings = state.practice.settings();
    let (book, cases, damaged) = (judging.book, open.as_slice(), [].as_slice());
    Practice { book, settings, cases, damaged, calendar: &calendar, quarter, now }.worklist(Role::Operator)
}

async fn run() {
    let set = Arc::new(settings());
    let folder = tempfile::tempdir().unwrap();
    let setting = format!("sqlite:{}", folder.path().join("frostline.db").display()).parse().unwrap();
    let store = Store::open(StoreSetting::new(setting, None)).await.unwrap();
    let knowledge = Knowledge::bundled("UTC").unwrap();
    let state = AppState::new(store.clone(), knowledge.clone(), (Clock::System, Site::default())).unwrap();
    for user in 0..set.users {
        account(&state, format!("user-{user}")).await;
    }
    let address = served(&state).await;
    let way: Vec<Value> = serde_json::from_str(include_str!("../../../examples/pathway/way.json")).unwrap();
    let mut connections = Vec::new();
    for user in 0..set.users {
        let mut connection = Connection::open(address).await;
        connection.sign_in(&format!("user-{user}")).await;
        connections.push(connection);
    }
    let mut cases = Vec::new();
    for connection in &mut connections {
        let opened = connection.send("POST", "/cases", Some(json!({ "step": way[0]["step"] }))).await;
        assert_eq!(opened.status, 201, "{}", opened.body);
        cases.push(opened.body["id"].as_str().unwrap().to_owned());
    }
    let cases = Arc::new(cases);
    println!("{} users for {} s, thinking {} ms on average between requests", set.users, set.seconds, set.think_ms);
    let at_work = connections
        .into_iter()
        .enumerate()
        .map(|(user, connection)| tokio::spawn(at_work(connection, user, cases.clone(), set.clone())));
    let mut all = Times::default();
    for task in at_work.collect::<Vec<_>>() {
        let times = task.await.unwrap();
        all.reads_ms.extend(times.reads_ms);
        all.writes_ms.extend(times.writes_ms);
        all.failures += times.failures;
        all.acknowledged.extend(times.acknowledged);
    }
    let lost = lost(&Cases::new(store, knowledge), &all.acknowledged).await;
    print("reads", all.reads_ms);
    print("writes", all.writes_ms);
    println!(
        "not answered with success: {}; steps acknowledged: {}, lost: {lost}",
        all.failures,
        all.acknowledged.len()
    );
}

/// How many acknowledged steps are not there as they were written.
async fn lost(cases: &Cases, acknowledged: &[(String, u64, String)]) -> usize {
    let mut lost = 0;
    for (case, number, words) in acknowledged {
        let kept = cases.read(case.parse().unwrap()).await.unwrap();
        let step = kept.case.steps().get(*number as usize - 1).map(|signed| signed.step.clone());
        lost += usize::from(step != Some(frostline_record::case::Step::Noted(words.clone())));
    }
    lost
}
