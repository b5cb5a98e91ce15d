//! The real program, from outside, over TLS: it starts, lets the first administrator in and out, and stops when told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

const PASSWORD: &str = "kettle orbit 99";

fn tls_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

/// A running server.
struct Server {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    address: String,
    token: String,
}

impl Server {
    fn start(folder: &Path) -> Server {
        Server::with(folder, &[])
    }

    /// With more arguments.
    fn with(folder: &Path, more: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_frostline"))
            .args(["serve", "--listen", "127.0.0.1:0", "--tls-cert"])
            .arg(tls_file("server.pem"))
            .arg("--tls-key")
            .arg(tls_file("server.key"))
            .args(more)
            .env("FROSTLINE_STORE", format!("sqlite:{}", folder.join("frostline.db").display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let token = lines.next().unwrap().unwrap().rsplit(' ').next().unwrap().to_string();
        let address = lines.next().unwrap().unwrap().rsplit("https://").next().unwrap().to_string();
        Server { child, lines, address, token }
    }

    /// One request on a connection of its own; gives the head in small letters and the body.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &Value) -> (String, Value) {
        let (head, body) = self.ask_as_it_is(method, path, headers, body);
        (head.to_lowercase(), body)
    }

    fn ask_as_it_is(&self, method: &str, path: &str, headers: &str, body: &Value) -> (String, Value) {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(tls_file("authority.pem")).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let client = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
        let mut stream = StreamOwned::new(client, TcpStream::connect(&self.address).unwrap());
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n{headers}\r\n{body}"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// Tells it to stop as a service manager does, and gives its last line.
    fn stop(mut self) -> String {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let last = self.lines.map_while(Result::ok).last().unwrap_or_default();
        assert!(self.child.wait().unwrap().success());
        last
    }
}

#[cfg(unix)]
#[test]
fn the_first_administrator_signs_in_over_tls_and_out_again_and_the_server_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let first = json!({ "token": server.token, "login": "admin", "display_name": "Admin", "password": PASSWORD });
    let (head, _) = server.ask("POST", "/api/v1/first-administrator", "", &first);
    assert!(head.starts_with("http/1.1 204"), "{head}");
    let (head, body) = server.ask("POST", "/api/v1/session", "", &json!({ "login": "admin", "password": PASSWORD }));
    assert!(head.starts_with("http/1.1 201"), "{head}");
    assert!(head.contains("strict-transport-security: max-age=31536000"), "{head}");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(
        cookie.starts_with("__host-frostline=") && cookie.contains("secure") && cookie.contains("httponly"),
        "{cookie}"
    );
    assert_eq!(body["role"], "administrator");
    let (head, _) = server.ask("GET", "/api/v1/session", "", &Value::Null);
    assert!(head.starts_with("http/1.1 401"), "{head}");
    assert_eq!(server.stop(), "frostline stopped");

    let audit = |what: &str| {
        let store = format!("sqlite:{}", folder.path().join("frostline.db").display());
        let output =
            Command::new(env!("CARGO_BIN_EXE_frostline")).args(["audit", what, "--store", &store]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(audit("verify"), "2 entries in the audit, 0 at fault\n");
    let shown = audit("show");
    assert!(shown.contains("204 create_first_administrator nobody") && shown.contains("201 sign_in nobody"), "{shown}");
}

/// A person who is signed in: the headers of their requests.
fn signed_in(server: &Server, login: &str) -> String {
    let asked = json!({ "login": login, "password": PASSWORD });
    let (head, body) = server.ask_as_it_is("POST", "/api/v1/session", "", &asked);
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap().split(';').next().unwrap();
    format!("cookie: {cookie}\r\nx-csrf-token: {}\r\n", body["csrf_token"].as_str().unwrap())
}

/// A quick plan: a flat limb, one probe, coarse cells.
const PLAN: &str = r#"
title = "Sural nerve, one probe"
side = "right"
nerve = { id = "sural" }
protocol = { id = "textbook-90-25-90" }
[calipers]
layers = [{ tissue = "skin", bottom_mm = 1.5 }, { tissue = "fat", bottom_mm = 14 }, { tissue = "muscle", bottom_mm = 50 }]
nerve = { depth_mm = 7.0, width_mm = 1.6, height_mm = 1.2 }
length_mm = 80
[[probe]]
model = "n2o-2.0"
entry_mm = [-1.8, 0.0, -22.0]
tip_mm = [-1.8, 7.0, 3.0]
[solver]
fine_mm = 2.0
"#;

/// Longer than the plan takes, on a machine with much else to do.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(180);

#[cfg(unix)]
#[test]
fn a_server_that_works_carries_a_plan_that_an_operator_asks_for_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(folder.path(), &["--work", "1", "--second-factor", "optional"]);
    let first = json!({ "token": server.token, "login": "admin", "display_name": "Admin", "password": PASSWORD });
    server.ask("POST", "/api/v1/first-administrator", "", &first);
    let admin = signed_in(&server, "admin");
    let asked = json!({ "login": "anna", "display_name": "Anna Berg", "roles": ["operator"] });
    let (head, made) = server.ask("POST", "/api/v1/accounts", &admin, &asked);
    assert!(head.starts_with("http/1.1 201"), "{head} {made}");
    let chosen = json!({ "token": made["password_token"], "password": PASSWORD });
    server.ask("POST", "/api/v1/password-choice", "", &chosen);
    let anna = signed_in(&server, "anna");
    let asked = json!({ "work": { "plan": { "case_file": PLAN } } });
    let (head, job) = server.ask("POST", "/api/v1/jobs", &anna, &asked);
    assert!(head.starts_with("http/1.1 202"), "{head} {job}");
    let (path, since) = (format!("/api/v1/jobs/{}", job["id"].as_str().unwrap()), std::time::Instant::now());
    let job = loop {
        let (_, job) = server.ask("GET", &path, &anna, &Value::Null);
        if !["waiting", "running"].contains(&job["state"].as_str().unwrap()) {
            break job;
        }
        assert!(since.elapsed() < LONGEST, "{job}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    assert_eq!((&job["state"], &job["progress"]), (&json!("done"), &json!(1.0)), "{job}");
    assert!(job["result"]["notice"].as_str().is_some_and(|notice| notice.contains("not a cleared")), "{job}");
    assert_eq!(server.stop(), "frostline stopped");
}

#[test]
fn a_server_open_to_the_network_without_tls_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("frostline.db").display());
    let output = Command::new(env!("CARGO_BIN_EXE_frostline"))
        .args(["serve", "--listen", "0.0.0.0:0", "--store", &store])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--tls-cert") && said.contains("--behind-proxy"), "{said}");
    assert!(!folder.path().join("frostline.db").exists(), "and leaves nothing behind");
}
