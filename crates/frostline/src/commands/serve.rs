//! `frostline serve`: the server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::Outcome;
use super::documents::read_practice;
use super::work::DEAD_AFTER_S;
use crate::accounts::SignInSetting;
use crate::cases::Knowledge;
use crate::jobs::{Labour, labour};
use crate::key_file;
use crate::server::router::router;
use crate::server::state::{AppState, Site};
use crate::server::{Clock, Listening, listen};
use crate::sign_in_file::SignInFile;
use crate::store::{DatabaseSetting, Store, StoreSetting};

/// Where to listen and what to serve.
#[derive(clap::Args)]
pub struct ServeArguments {
    /// The database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME; or set FROSTLINE_STORE, which no list of processes shows
    #[arg(long)]
    store: Option<String>,
    /// Address and port; anything but loopback needs TLS or --behind-proxy
    #[arg(long, default_value = "127.0.0.1:7477")]
    listen: SocketAddr,
    /// Time zone of the site, such as America/New_York; days are counted in it
    #[arg(long, default_value = "UTC")]
    time_zone: String,
    /// The clinic as its documents name it: JSON with the keys of "practice" in examples/documents/sample.json
    #[arg(long, value_name = "FILE")]
    practice: Option<PathBuf>,
    /// Questionnaires of others that the site may use, by their keys in data/questionnaires.toml, such as lefs,faam-adl; only
    /// their scores are kept
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    may_use: Vec<String>,
    /// Certificate chain as PEM file
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key as PEM file
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy does TLS before this server and names in X-Forwarded-For for whom it asks
    #[arg(long)]
    behind_proxy: bool,
    /// Long jobs to carry out here at a time; 0 leaves them to 'frostline work'
    #[arg(long, default_value_t = 1, value_name = "SLOTS", value_parser = clap::value_parser!(u16).range(0..=64))]
    work: u16,
    /// Whether staff must have an authenticator before they see anything [default: required beyond loopback, optional on it]
    #[arg(long, value_enum)]
    second_factor: Option<SecondFactor>,
    /// File that says how staff sign in beside or instead of name and password: the site's OpenID provider (docs/security.md)
    #[arg(long, value_name = "FILE")]
    sign_in: Option<PathBuf>,
}

/// Whether staff must have an authenticator.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum SecondFactor {
    /// Without one, staff can only turn one on.
    Required,
    /// Everybody decides for themselves.
    Optional,
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error("found no database; give --store sqlite:PATH, --store postgres://.. or set FROSTLINE_STORE")]
    NoStore,
}

/// The database that was given, or that of the environment.
pub(super) fn setting_of(given: Option<&str>) -> Result<DatabaseSetting, Box<dyn std::error::Error>> {
    let setting = given.map(str::to_owned).or_else(|| std::env::var("FROSTLINE_STORE").ok());
    Ok(setting.ok_or(ServeError::NoStore)?.parse()?)
}

/// Serves until it is told to stop.
pub fn run(arguments: &ServeArguments) -> Outcome {
    log_to_standard_error();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: &ServeArguments) -> Outcome {
    let how = Listening {
        address: arguments.listen,
        tls: arguments.tls_cert.clone().zip(arguments.tls_key.clone()),
        behind_proxy: arguments.behind_proxy,
    };
    let how = how.checked()?;
    let setting = setting_of(arguments.store.as_deref())?;
    let sign_in = sign_in_of(arguments, &setting)?;
    // The same library for all of TLS; said once, before the first connection.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let store = Store::open(StoreSetting::new(setting, None)).await?;
    let second_factor = match arguments.second_factor {
        Some(said) => said == SecondFactor::Required,
        None => !how.address.ip().is_loopback() || how.behind_proxy,
    };
    let site = Site { encrypted: how.is_encrypted(), behind_proxy: how.behind_proxy, second_factor, sign_in };
    let practice = arguments.practice.as_deref().map(read_practice).transpose()?.unwrap_or_default();
    let knowledge = Knowledge::bundled(&arguments.time_zone)?.at_practice(practice);
    let knowledge = knowledge.with_questionnaires(&arguments.may_use)?;
    let state = AppState::new(store, knowledge, (Clock::System, site))?;
    state.accounts.must_have_emergency_administrator().await?;
    state.accounts.seal_secrets(state.accounts.keys()).await?;
    if let Some(secret) = state.accounts.first_secret().await? {
        println!("no account yet; make the first administrator with this token, which works once: {}", secret.text());
    }
    let scheme = if how.tls.is_some() { "https" } else { "http" };
    let ready = |address| println!("frostline listens on {scheme}://{address}");
    let working = works(&state, arguments.work);
    listen(router(state.clone())?, &how, state.numbers(), (ready, told_to_stop())).await?;
    if let Some(working) = working {
        working.await?;
    }
    state.store.db().close().await;
    println!("frostline stopped");
    Ok(ExitCode::SUCCESS)
}

/// How staff sign in, with the keys for their secrets; the key file is made at the first start.
fn sign_in_of(
    arguments: &ServeArguments,
    database: &DatabaseSetting,
) -> Result<SignInSetting, Box<dyn std::error::Error>> {
    let file = arguments.sign_in.as_deref().map(SignInFile::read).transpose()?.unwrap_or_default();
    let keys = key_file::read_or_make(&key_file::place(file.keys, database)?)?;
    Ok(SignInSetting { keys: Some(keys), ..file.setting })
}

/// Carries long jobs out beside serving.
fn works(state: &AppState, slots: u16) -> Option<JoinHandle<()>> {
    let how = Labour::with_slots(usize::from(slots), Duration::from_secs(DEAD_AFTER_S));
    let (jobs, attachments) = (state.jobs.clone(), state.store.attachments().clone());
    (slots > 0).then(|| tokio::spawn(labour(jobs, attachments, how, told_to_stop())))
}

/// Ctrl-C, or the signal that a service manager sends.
pub(super) async fn told_to_stop() {
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

/// One JSON line per event; `FROSTLINE_LOG` chooses what, as `info` or `frostline=debug`.
pub(super) fn log_to_standard_error() {
    let chosen = tracing_subscriber::EnvFilter::try_from_env("FROSTLINE_LOG");
    let filter = chosen.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // What a panic says may hold clinical data; where it happened does not.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        tracing::error!(place, "a panic");
    }));
    let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
