//! What can happen to a disk, a process and a connection: nothing acknowledged is lost, nothing half-written is shown.
//!
//! A process of its own appends and prints each event once it was acknowledged; the fault happens; then what it printed is held
//! against what is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use frostline::store::{AppendError, Store, StoreError};
use serde_json::json;

use crate::postgres;
use crate::support::{Place, event, run, stream};

/// A line of what a process acknowledged: stream, length, hash.
type Kept = (String, u64, String);

/// A process that appends.
struct Load {
    process: Child,
    lines: Receiver<Kept>,
    reader: JoinHandle<String>,
}

impl Load {
    fn on(place: &Place, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frostline"));
        command
            .args(["store", "load", "--store", &place.setting_text, "--attachments"])
            .arg(place.setting().attachments);
        Self::started(command.args(arguments))
    }

    fn started(command: &mut Command) -> Self {
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = piped.spawn().expect("the program starts");
        let (stdout, mut stderr) = (process.stdout.take().expect("piped"), process.stderr.take().expect("piped"));
        let (sender, lines) = channel();
        let reader = std::thread::spawn(move || {
            let mut out = BufReader::new(stdout);
            let mut line = String::new();
            let mut rest = String::new();
            // A line without its end was being printed when the process died; it does not count.
            while out.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
                match line.split_whitespace().collect::<Vec<_>>()[..] {
                    ["kept", stream, length, hash] => {
                        let _ = sender.send((stream.to_owned(), length.parse().expect("a length"), hash.to_owned()));
                    }
                    _ => rest.push_str(&line),
                }
                line.clear();
            }
            stderr.read_to_string(&mut rest).expect("text");
            rest
        });
        Self { process, lines, reader }
    }

    /// Waits until so many were acknowledged.
    fn after(&self, count: usize) -> Vec<Kept> {
        self.lines.iter().take(count).collect()
    }

    /// Kills it at once; gives what it had acknowledged since.
    fn killed(mut self) -> Vec<Kept> {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ended");
        self.reader.join().expect("read");
        self.lines.try_iter().collect()
    }

    /// Waits for its end; gives what it acknowledged and what else it said.
    fn ended(mut self) -> (Vec<Kept>, String, bool) {
        let good = self.process.wait().expect("it ends").success();
        let said = self.reader.join().expect("read");
        (self.lines.try_iter().collect(), said, good)
    }
}

/// Numbers that look random and are the same in every run (Knuth's multiplier for 64 bits).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// How many events each append of a process has: a stream whose length is no multiple of it shows half an append.
const EVENTS: u64 = 3;

/// Everything acknowledged is there, and nothing half-written is.
async fn hold_against(store: &Store, kept: &[Kept]) -> u64 {
    let found = store.verify(None, 0).await.expect("the check runs");
    assert!(found.is_whole(), "{:#?}", found.faults);
    let mut streams = BTreeMap::new();
    for head in &found.anchor.heads {
        let events = store.read(&stream(&head.stream)).await.expect("read");
        assert_eq!(events.len() as u64 % EVENTS, 0, "half an append in {}", head.stream);
        streams.insert(head.stream.clone(), events);
    }
    for (name, length, hash) in kept {
        let events = streams.get(name).unwrap_or_else(|| panic!("{name} is gone"));
        let event = usize::try_from(*length).ok().and_then(|length| events.get(length - 1));
        assert_eq!(event.map(|event| &event.hash), Some(hash), "{name} event {length} was acknowledged");
    }
    found.events
}

/// Kills a writing process so many times, on a new database after every 20, and looks after each.
fn kill_again_and_again(kind: &Place, kills: u64) {
    let mut dice = Dice(kills);
    let (mut place, mut kept, mut events, mut acknowledged) = (kind.fresh(), Vec::new(), 0, 0);
    for kill in 0..kills {
        if kill % 20 == 0 {
            (place, kept) = (kind.fresh(), Vec::new());
        }
        let load = Load::on(&place, &["--writers", "8", "--streams", "6", "--attach-every", "5", "--insist"]);
        kept.extend(load.after(usize::try_from(dice.below(24)).expect("small")));
        // Somewhere between two acknowledgements. The time is the fault here, so it is waited for.
        std::thread::sleep(Duration::from_micros(dice.below(4000)));
        kept.extend(load.killed());
        run(async {
            let store = place.open().await;
            events = hold_against(&store, &kept).await;
            store.close().await;
        });
        if kill % 20 == 19 || kill + 1 == kills {
            acknowledged += kept.len();
        }
    }
    println!(
        "{}: {kills} kills, {acknowledged} appends of {EVENTS} events acknowledged, 0 lost, 0 half-written; {events} events in \
         the last store",
        if kind.is_sqlite() { "SQLite" } else { "PostgreSQL" }
    );
    assert!(acknowledged > 0);
}

#[test]
fn two_hundred_kills_amid_writing_lose_nothing_that_was_acknowledged_on_sqlite() {
    kill_again_and_again(&Place::sqlite(), 200);
}

#[test]
fn kills_amid_writing_lose_nothing_that_was_acknowledged_on_postgres() {
    if let Some(server) = postgres::server() {
        kill_again_and_again(&Place::postgres(server), 20);
    }
}

#[test]
fn two_processes_that_write_one_stream_lose_no_step() {
    let server = postgres::server();
    for place in [Some(Place::sqlite()), server.map(Place::postgres)].into_iter().flatten() {
        run(async { place.open().await.close().await });
        let arguments = ["--writers", "3", "--streams", "1", "--each", "20", "--insist"];
        let both = [Load::on(&place, &arguments), Load::on(&place, &arguments)].map(Load::ended);
        let mut kept = Vec::new();
        for (lines, said, good) in both {
            assert!(good && !lines.is_empty(), "{said}");
            println!("{}: {}", if place.is_sqlite() { "SQLite" } else { "PostgreSQL" }, said.trim());
            kept.extend(lines);
        }
        run(async {
            let store = place.open().await;
            let events = hold_against(&store, &kept).await;
            assert_eq!(events, kept.len() as u64 * EVENTS, "each append once");
        });
    }
}

#[test]
fn connections_that_are_cut_amid_writing_lose_nothing_and_a_command_sent_again_is_carried_out_once() {
    let Some(server) = postgres::server() else { return };
    let place = Place::postgres(server);
    let load = Load::on(&place, &["--writers", "8", "--streams", "4", "--each", "25", "--insist"]);
    let (mut kept, mut cuts) = (Vec::new(), 0);
    loop {
        // A cut after every eight acknowledgements, until the process has nothing more to write.
        let some = load.after(8);
        if some.is_empty() {
            break;
        }
        kept.extend(some);
        cuts += run(cut(&place));
    }
    let (_, said, good) = load.ended();
    assert!(good && kept.len() == 200, "{} {said}", kept.len());
    run(async {
        let store = place.open().await;
        let events = hold_against(&store, &kept).await;
        let mut parts = BTreeSet::new();
        for name in ["case/load-0", "case/load-1", "case/load-2", "case/load-3"] {
            for event in store.read(&stream(name)).await.expect("read") {
                assert!(parts.insert(event.body.kept().expect("kept").to_string()), "written twice: {event:?}");
            }
        }
        assert_eq!(events, kept.len() as u64 * EVENTS, "each append once");
        println!(
            "PostgreSQL: {cuts} connections cut, {} appends acknowledged, 0 lost, 0 twice; {}",
            kept.len(),
            said.trim()
        );
    });
    assert!(cuts > 0);
}

/// Ends every other connection to the database.
async fn cut(place: &Place) -> i64 {
    let pool = sqlx::PgPool::connect(&place.setting_text).await.expect("connects");
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let cuts = sqlx::query_scalar(sql).fetch_one(&pool).await.expect("cut");
    pool.close().await;
    cuts
}

/// A small disk of its own, when this user may mount one; it goes when it is dropped.
struct Disk(PathBuf);

impl Disk {
    fn mounted(at: &Path, options: &str) -> Option<Self> {
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output().ok()?;
        done.status.success().then(|| Self(at.to_owned()))
    }

    fn again(&self, options: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.0).status();
        assert!(done.expect("mount runs").success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_and_everything_acknowledged_before_is_there() {
    let place = Place::sqlite();
    let disk = Disk::mounted(place.path(), "size=3m");
    let load = match &disk {
        Some(_) => Load::on(&place, &["--writers", "8", "--streams", "4"]),
        None => with_small_files(&place),
    };
    let (kept, said, good) = load.ended();
    assert!(!good && kept.len() > 10, "{said}");
    assert!(said.contains("nothing was written") || said.contains("not known whether"), "{said}");
    if let Some(disk) = &disk {
        disk.again("size=64m");
    }
    run(async {
        let store = place.open().await;
        hold_against(&store, &kept).await;
    });
    let more = Load::on(&place, &["--writers", "2", "--streams", "4", "--each", "20"]).ended();
    assert!(more.2, "with space again it goes on: {}", more.1);
    println!(
        "full disk ({}): {} appends acknowledged before, 0 lost; told: {}",
        if disk.is_some() { "3 MiB, real" } else { "limit on file sizes" },
        kept.len(),
        said.lines().next().unwrap_or_default()
    );
}

#[test]
fn a_store_goes_on_by_itself_once_there_is_space_again() {
    let place = Place::sqlite();
    let Some(disk) = Disk::mounted(place.path(), "size=1m") else {
        eprintln!("SKIPPED: a disk that grows, because this user may not mount one");
        return;
    };
    run(async {
        let store = place.open().await;
        let mut kept = 0;
        let append = async |seen| {
            let new = [event("step", json!("x".repeat(5000)))];
            store.append(&stream("case/1"), seen, &new, &json!({})).await
        };
        let told = loop {
            match append(kept).await {
                Ok(_) => kept += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(told, AppendError::NotWritten(_) | AppendError::Unsure(_)), "{told}");
        let picture = store.attachments().put(&[7; 1 << 20][..]).await;
        assert!(picture.is_err(), "no space for an attachment either");
        disk.again("size=64m");
        append(kept).await.expect("goes on");
        assert!(store.attachments().put(&[7; 1 << 20][..]).await.is_ok());
        let found = store.verify(None, 0).await.expect("runs");
        assert_eq!((found.events, found.faults), (kept + 1, vec![]));
    });
}

/// Without the right to mount: no file may grow past 2 MiB (4096 blocks of 512 bytes), and the signal for it is ignored, so
/// that writing fails instead.
fn with_small_files(place: &Place) -> Load {
    let script = "trap '' XFSZ; ulimit -f 4096; exec \"$0\" store load --store \"$1\" --writers 8 --streams 4";
    let program = env!("CARGO_BIN_EXE_frostline");
    Load::started(Command::new("sh").args(["-c", script, program, &place.setting_text]))
}

#[test]
fn a_read_only_disk_is_told_and_shows_what_was_there() {
    let place = Place::sqlite();
    let Some(disk) = Disk::mounted(place.path(), "size=16m") else {
        eprintln!("SKIPPED: a read-only disk, because this user may not mount one");
        return;
    };
    let (kept, said, good) = Load::on(&place, &["--writers", "2", "--streams", "2", "--each", "20"]).ended();
    assert!(good, "{said}");
    disk.again("ro");
    let (none, said, good) = Load::on(&place, &["--writers", "2", "--streams", "2", "--each", "20"]).ended();
    assert!(!good && none.is_empty() && said.contains("error: "), "{said}");
    println!(
        "read-only disk: {} appends acknowledged before, 0 lost; told: {}",
        kept.len(),
        said.lines().next().unwrap_or("")
    );
    disk.again("rw");
    run(async { hold_against(&place.open().await, &kept).await });
}

/// What a damaged copy was found to be.
#[derive(Default, Debug)]
struct Found {
    refused_to_open: u32,
    reported_by_the_check: u32,
    nothing_lost: u32,
}

#[test]
fn torn_and_garbled_files_are_reported_or_cost_nothing() {
    let place = Place::sqlite();
    let load = Load::on(&place, &["--writers", "4", "--streams", "4"]);
    let mut kept = load.after(150);
    // Killed, so that the last commits are in the log alone.
    kept.extend(load.killed());
    let settled = copied(&place);
    // Closing moves the log into the file.
    run(async { settled.open().await.close().await });
    let mut dice = Dice(5);
    let mut found = Found::default();
    for (from, file, damage) in
        [(&place, "-wal", "cut"), (&place, "-wal", "garbled"), (&settled, "", "cut"), (&settled, "", "garbled")]
    {
        for _ in 0..15 {
            let copy = damaged_copy(from, file, damage, &mut dice);
            run(look_at(&copy, &kept, &mut found));
        }
    }
    println!("torn files: 60 damaged copies: {found:?}, 0 accepted with something missing");
    assert_eq!(found.refused_to_open + found.reported_by_the_check + found.nothing_lost, 60);
    assert!(found.refused_to_open > 10 && found.reported_by_the_check > 0, "the damage must matter: {found:?}");
}

fn copied(place: &Place) -> Place {
    let copy = Place::sqlite();
    for suffix in ["", "-wal", ".witness"] {
        let name = format!("frostline.db{suffix}");
        if place.path().join(&name).exists() {
            std::fs::copy(place.path().join(&name), copy.path().join(&name)).expect("copied");
        }
    }
    copy
}

fn damaged_copy(place: &Place, file: &str, damage: &str, dice: &mut Dice) -> Place {
    let copy = copied(place);
    let path = copy.path().join(format!("frostline.db{file}"));
    let mut bytes = std::fs::read(&path).expect("read");
    let at = usize::try_from(dice.below(bytes.len() as u64)).expect("small");
    match damage {
        "cut" => bytes.truncate(at),
        _ => {
            let end = (at + 64).min(bytes.len());
            bytes[at..end].iter_mut().for_each(|byte| *byte = !*byte);
        }
    }
    std::fs::write(&path, bytes).expect("damaged");
    copy
}

async fn look_at(copy: &Place, kept: &[Kept], found: &mut Found) {
    let store = match Store::open(copy.setting()).await {
        Ok(store) => store,
        Err(error) => {
            let known = matches!(error, StoreError::LostEvents(_) | StoreError::Database(_) | StoreError::Read(_));
            assert!(known, "{error}");
            found.refused_to_open += 1;
            return;
        }
    };
    match store.verify(None, 0).await {
        Ok(verification) if verification.is_whole() => {
            hold_against(&store, kept).await;
            found.nothing_lost += 1;
        }
        _ => found.reported_by_the_check += 1,
    }
    store.close().await;
}
