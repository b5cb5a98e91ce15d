//! `frostline serve --sign-in` and `frostline keys rotate`, with a provider that is made up here.

#[path = "../../src/server/tests/openid/provider.rs"]
#[allow(dead_code, reason = "forgeries are tried in server/tests/openid")]
mod provider;

use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};

use provider::{Provider, Signer};
use serde_json::json;

use crate::{Clinic, PASSWORD, now_s};

fn sign_in_file(issuer: &str) -> String {
    format!(
        "[openid]\nissuer = \"{issuer}\"\nclient_id = \"frostline\"\nclient_secret_file = \"openid-secret\"\n\
         callback = \"http://127.0.0.1/api/v1/openid/callback\"\nafter = \"/\"\n\
         [openid.roles]\nclaim = \"groups\"\nmap = {{ \"cryo-nurses\" = \"nurse\" }}\n"
    )
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_nurse_comes_in_by_the_site_s_provider_and_only_as_whom_it_names() {
    let (clinic, provider, signer) = (Clinic::new(), Provider::open().await, Signer::rsa());
    provider.publish(vec![signer.published("one")]);
    std::fs::write(clinic.path("openid-secret"), "a secret at the provider").unwrap();
    let server = clinic.served(&clinic.written(&sign_in_file(&provider.issuer)));
    let admin = server.first_administrator();
    let asked = json!({ "login": "nora", "display_name": "Nora Ames", "roles": ["nurse"] });
    let nora =
        server.ask("POST", "/accounts", (&admin, asked)).is(201).body["account"]["id"].as_str().unwrap().to_owned();
    server.ask("PUT", &format!("/accounts/{nora}/openid"), (&admin, json!({ "subject": "7c9" }))).is(200);

    let comes = |subject: &str| {
        let left = server.get("/openid/start", "").is(303);
        let cookie = left.cookie().to_owned();
        let address: openidconnect::url::Url = left.header("location").parse().unwrap();
        assert!(address.as_str().starts_with(&provider.issuer), "{address}");
        let asked = |name: &str| address.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        let claims = json!({
            "iss": provider.issuer, "sub": subject, "aud": "frostline", "exp": now_s() + 300, "iat": now_s(),
            "nonce": asked("nonce"), "groups": ["cryo-nurses"],
        });
        let code = provider.code(&asked("code_challenge"), signer.token("one", &claims));
        server.get(&format!("/openid/callback?code={code}&state={}", asked("state")), &format!("cookie: {cookie}\r\n"))
    };
    // A page that goes on by itself: a browser that comes from elsewhere sends no strict cookie along with a redirect.
    let back = comes("7c9").is(200);
    let inside = server.get("/session", &format!("cookie: {}\r\n", back.cookie())).is(200);
    assert_eq!((inside.text("account"), inside.text("role")), (nora.as_str(), "nurse"));
    let stranger = comes("somebody-else");
    assert!(!stranger.head.contains("frostline=") || stranger.head.contains("frostline=;"), "{}", stranger.head);
    server.stop();
    let clear = clinic.refused(&sign_in_file("http://id.hospital.example"));
    assert!(clear.contains("https"), "{clear}");
    assert!(clinic.refused("[openid]\nissuer = 7\n").contains("issuer"));
}

/// The code of an authenticator at a time (RFC 6238: HMAC-SHA-1, six digits, 30 s).
fn code(secret: &str, at_s: i64) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut held, mut key) = (0_u32, 0, Vec::new());
    for letter in secret.bytes().filter(|letter| *letter != b'=') {
        bits = (bits << 5) | letters.iter().position(|known| *known == letter).unwrap() as u32;
        held += 5;
        if held >= 8 {
            held -= 8;
            key.push((bits >> held) as u8);
        }
    }
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let tag = ring::hmac::sign(&key, &(at_s / 30).to_be_bytes());
    let tag = tag.as_ref();
    let from = usize::from(tag[19] & 15);
    let word = u32::from_be_bytes(tag[from..from + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

fn rotated(clinic: &Clinic) -> Output {
    clinic.program(&["keys", "rotate"]).output().unwrap()
}

#[cfg(unix)]
#[test]
fn after_the_key_was_rotated_an_authenticator_still_opens_and_the_old_key_opens_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let clinic = Clinic::new();
    let sign_in = clinic.written("");
    let said = rotated(&clinic);
    assert_eq!(said.status.code(), Some(2), "there is no key yet: {said:?}");
    let server = clinic.served(&sign_in);
    let admin = server.first_administrator();
    let begun = server.ask("POST", "/second-factor", (&admin, json!({ "password": PASSWORD }))).is(200);
    let secret = begun.text("secret").to_owned();
    let first = code(&secret, now_s());
    server.ask("PUT", "/second-factor", (&admin, json!({ "code": first }))).is(200);
    server.stop();

    let keys = clinic.path("frostline.db.keys");
    let before = std::fs::read_to_string(&keys).unwrap();
    let said = rotated(&clinic);
    assert!(said.status.success(), "{said:?}");
    assert!(String::from_utf8_lossy(&said.stdout).contains("the secrets of 1 accounts"), "{said:?}");
    let after = std::fs::read_to_string(&keys).unwrap();
    assert!(before != after && std::fs::metadata(&keys).unwrap().permissions().mode() & 0o77 == 0);

    // The next step's code, since each opens once.
    let server = clinic.served(&sign_in);
    server.signed_in("admin", Some(&code(&secret, now_s() + 30)));
    server.stop();
    std::fs::write(&keys, before).unwrap();
    let mut program = clinic.program(&["serve", "--listen", "127.0.0.1:0", "--sign-in"]);
    let mut old = program.arg(&sign_in).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(old.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "", "with the old key nothing is served");
    assert_eq!(old.wait().unwrap().code(), Some(2));
}
