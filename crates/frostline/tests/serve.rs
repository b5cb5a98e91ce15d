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
        let mut child = Command::new(env!("CARGO_BIN_EXE_frostline"))
            .args(["serve", "--listen", "127.0.0.1:0", "--tls-cert"])
            .arg(tls_file("server.pem"))
            .arg("--tls-key")
            .arg(tls_file("server.key"))
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

    /// One request on a connection of its own; gives the head and the body.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &Value) -> (String, Value) {
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
        (head.to_lowercase(), serde_json::from_str(body).unwrap_or(Value::Null))
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
