//! `frostline serve` from outside, over plain HTTP on loopback: the real program over a database in a folder.

mod clock;
mod sign_in;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

const PASSWORD: &str = "kettle orbit 99";

/// The program over a database in a folder, and how it is told that staff sign in.
struct Clinic {
    folder: tempfile::TempDir,
}

impl Clinic {
    fn new() -> Clinic {
        Clinic { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_frostline"));
        program.args(arguments).env("FROSTLINE_STORE", format!("sqlite:{}", self.path("frostline.db").display()));
        program
    }

    fn written(&self, sign_in: &str) -> PathBuf {
        let path = self.path("sign-in.toml");
        std::fs::write(&path, sign_in).unwrap();
        path
    }

    fn served(&self, sign_in: &Path) -> Server {
        let mut program = self.program(&["serve", "--listen", "127.0.0.1:0", "--work", "0", "--sign-in"]);
        let mut child = program.arg(sign_in).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = lines.next().unwrap().unwrap();
        let mut token = String::new();
        if line.starts_with("no account yet") {
            token = line.rsplit(' ').next().unwrap().to_owned();
            line = lines.next().unwrap().unwrap();
        }
        let address = line.rsplit("http://").next().unwrap().to_owned();
        Server { program: Some((child, lines)), address, token }
    }

    /// What `serve` says when it does not start.
    fn refused(&self, sign_in: &str) -> String {
        let path = self.written(sign_in);
        let said = self.program(&["serve", "--listen", "127.0.0.1:0", "--sign-in"]).arg(path).output().unwrap();
        assert_eq!(said.status.code(), Some(2), "{said:?}");
        String::from_utf8(said.stderr).unwrap()
    }
}

/// A server to ask: the program, or one that a test began in its own process.
struct Server {
    program: Option<(Child, std::io::Lines<BufReader<ChildStdout>>)>,
    address: String,
    token: String,
}

/// Head and body of an answer.
struct Answer {
    head: String,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let start = format!("{name}: ");
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with(&start));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.head)).split_once(": ").unwrap().1
    }

    fn cookie(&self) -> &str {
        self.header("set-cookie").split(';').next().unwrap()
    }

    fn text(&self, key: &str) -> &str {
        self.body[key].as_str().unwrap_or_else(|| panic!("no {key} in {}", self.body))
    }

    #[track_caller]
    fn is(self, status: u16) -> Answer {
        assert!(
            self.head.starts_with(&format!("HTTP/1.1 {status} ")),
            "expected {status}: {} {}",
            self.head,
            self.body
        );
        self
    }
}

impl Server {
    /// One that is there already.
    fn at(address: String) -> Server {
        Server { program: None, address, token: String::new() }
    }

    fn ask(&self, method: &str, path: &str, (headers, body): (&str, Value)) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let length = body.len();
        write!(
            stream,
            "{method} /api/v1{path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n{headers}\r\n{body}",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Answer { head: head.to_owned(), body: serde_json::from_str(body).unwrap_or(Value::Null) }
    }

    fn get(&self, path: &str, headers: &str) -> Answer {
        self.ask("GET", path, (headers, Value::Null))
    }

    /// The headers of somebody who signs in with a password, and a code where one is asked for.
    fn signed_in(&self, login: &str, code: Option<&str>) -> String {
        let asked = json!({ "login": login, "password": PASSWORD, "code": code });
        let answer = self.ask("POST", "/session", ("", asked)).is(201);
        format!("cookie: {}\r\nx-csrf-token: {}\r\n", answer.cookie(), answer.text("csrf_token"))
    }

    fn first_administrator(&self) -> String {
        let first =
            json!({ "token": self.token, "login": "admin", "display_name": "Ada Brandt", "password": PASSWORD });
        self.ask("POST", "/first-administrator", ("", first)).is(204);
        self.signed_in("admin", None)
    }

    fn stop(self) {
        let (mut child, _lines) = self.program.expect("a program was started");
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(told.success() && child.wait().unwrap().success());
    }
}

fn now_s() -> i64 {
    jiff::Timestamp::now().as_second()
}
