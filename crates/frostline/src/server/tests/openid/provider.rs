//! A made-up OpenID provider on this machine: it says where it is, publishes its keys, and gives one token for each code.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Made for this test and used nowhere else.
const RSA_KEY: &[u8] = include_bytes!("made_up_rsa_key.der");

pub struct Provider {
    pub issuer: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    issuer: Mutex<String>,
    published: Mutex<Vec<Value>>,
    /// By code: the challenge of the browser's flow, and the token to give.
    codes: Mutex<HashMap<String, (String, String)>>,
}

/// Something that signs tokens.
pub enum Signer {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Hmac(Vec<u8>),
    Nobody,
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Signer {
    pub fn rsa() -> Signer {
        Signer::Rsa(RsaKeyPair::from_pkcs8(RSA_KEY).unwrap())
    }

    /// A new one each time.
    pub fn ec() -> Signer {
        let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let made = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Signer::Ec(EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).unwrap())
    }

    /// Its public half, as a provider publishes it.
    pub fn published(&self, name: &str) -> Value {
        match self {
            Signer::Rsa(pair) => {
                let parts = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": name, "n": base64(parts.n), "e": base64(parts.e) })
            }
            Signer::Ec(pair) => {
                // One byte that says "not compressed", then both coordinates.
                let point = pair.public_key().as_ref();
                json!({ "kty": "EC", "use": "sig", "crv": "P-256", "kid": name, "x": base64(&point[1..33]), "y": base64(&point[33..]) })
            }
            Signer::Hmac(_) | Signer::Nobody => panic!("nothing to publish"),
        }
    }

    pub fn token(&self, name: &str, claims: &Value) -> String {
        let algorithm = match self {
            Signer::Rsa(_) => "RS256",
            Signer::Ec(_) => "ES256",
            Signer::Hmac(_) => "HS256",
            Signer::Nobody => "none",
        };
        let head = json!({ "typ": "JWT", "alg": algorithm, "kid": name }).to_string();
        let text = format!("{}.{}", base64(head), base64(claims.to_string()));
        let signature = self.signature(text.as_bytes());
        format!("{text}.{}", base64(signature))
    }

    fn signature(&self, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Signer::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).unwrap();
                signature
            }
            Signer::Ec(pair) => pair.sign(&random, text).unwrap().as_ref().to_vec(),
            Signer::Hmac(key) => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
                ring::hmac::sign(&key, text).as_ref().to_vec()
            }
            Signer::Nobody => Vec::new(),
        }
    }
}

impl Provider {
    /// Listens on this machine until the test ends.
    pub async fn open() -> Provider {
        let shared = Arc::new(Shared::default());
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        shared.issuer.lock().unwrap().clone_from(&issuer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Provider { issuer, shared }
    }

    /// Publishes these keys and no others.
    pub fn publish(&self, keys: Vec<Value>) {
        *self.shared.published.lock().unwrap() = keys;
    }

    /// A code that is worth a token, once, for whoever began with this challenge.
    pub fn code(&self, challenge: &str, token: String) -> String {
        let code = uuid::Uuid::new_v4().to_string();
        self.shared.codes.lock().unwrap().insert(code.clone(), (challenge.to_owned(), token));
        code
    }

    /// A code that this provider never takes back, so that only the other side can refuse it twice.
    pub fn holds(&self, code: &str) -> bool {
        self.shared.codes.lock().unwrap().contains_key(code)
    }
}

async fn metadata(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let issuer = shared.issuer.lock().unwrap().clone();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "end_session_endpoint": format!("{issuer}/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    }))
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({ "keys": shared.published.lock().unwrap().clone() }))
}

async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let refused = |why: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": why })));
    if !headers.get("authorization").is_some_and(|found| found.as_bytes().starts_with(b"Basic ")) {
        return refused("invalid_client");
    }
    let Some((challenge, token)) = shared.codes.lock().unwrap().remove(&form["code"]) else {
        return refused("invalid_grant");
    };
    if base64(Sha256::digest(&form["code_verifier"])) != challenge {
        return refused("invalid_grant");
    }
    (StatusCode::OK, Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": token })))
}
