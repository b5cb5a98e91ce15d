//! A real PostgreSQL server: the one that `FROSTLINE_TEST_POSTGRES` names (an address with the right to create databases),
//! else a cluster of our own from the installed packages, which ends with this process.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use uuid::Uuid;

/// A server on which databases can be made.
pub struct Server {
    /// Its address up to and after the name of a database.
    address: (String, String),
    /// Ends the cluster when its input closes, which happens when this process ends in whatever way.
    _keeper: Option<Child>,
}

/// Starts once; says on standard error when there is none.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(|| named().or_else(own)).as_ref()
}

impl Server {
    /// Makes a database of its own for a test and gives its setting.
    pub fn new_database(&self) -> String {
        let name = format!("frostline_{}", Uuid::new_v4().simple());
        let admin = self.setting("postgres");
        // On a thread of its own, because the caller is inside a runtime already.
        let made = name.clone();
        let thread = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
                let pool = sqlx::PgPool::connect(&admin).await.expect("the server answers");
                let sql = sqlx::AssertSqlSafe(format!("CREATE DATABASE {made}"));
                sqlx::raw_sql(sql).execute(&pool).await.expect("a database is made");
                pool.close().await;
            });
        });
        thread.join().expect("a database is made");
        self.setting(&name)
    }

    pub fn setting(&self, database: &str) -> String {
        format!("{}{database}{}", self.address.0, self.address.1)
    }
}

fn named() -> Option<Server> {
    let address = std::env::var("FROSTLINE_TEST_POSTGRES").ok()?;
    let (address, options) =
        address.split_once('?').map_or((address.as_str(), String::new()), |(a, o)| (a, format!("?{o}")));
    let base = address.rsplit_once('/').map_or(address, |(base, _)| base);
    Some(Server { address: (format!("{base}/"), options), _keeper: None })
}

/// Makes a cluster in a folder of its own, reachable through a socket in it only, prints the folder, and waits for its input
/// to close. It does not sync, because no test takes the server's disk away.
const KEEPER: &str = r#"
set -e
trap '' TERM INT HUP
folder=$(mktemp -d /tmp/frostline_pg_XXXXXX)
"$1/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >"$folder/log" 2>&1
"$1/pg_ctl" -D "$folder/data" -l "$folder/log" -w -o "-c listen_addresses='' -c unix_socket_directories=$folder -c max_connections=400 -c fsync=off" start >>"$folder/log" 2>&1
echo "$folder"
cat >/dev/null
"$1/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1
rm -rf "$folder"
"#;

fn own() -> Option<Server> {
    let Some(programs) = programs() else {
        eprintln!("SKIPPED: PostgreSQL. Set FROSTLINE_TEST_POSTGRES or install the package postgresql");
        return None;
    };
    let mut command = as_server_user();
    command.args(["-c", KEEPER, "keeper"]).arg(programs).current_dir("/");
    let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell starts");
    let mut folder = String::new();
    let stdout = keeper.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut folder).expect("the keeper speaks");
    assert!(!folder.trim().is_empty(), "PostgreSQL is installed and did not start");
    let address = ("postgres://postgres@localhost/".to_owned(), format!("?host={}", folder.trim()));
    Some(Server { address, _keeper: Some(keeper) })
}

/// A shell: a server refuses to run as root, and the package brings a user for it.
pub fn as_server_user() -> Command {
    let root = std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0);
    if !root {
        return Command::new("sh");
    }
    let mut runuser = Command::new("runuser");
    runuser.args(["-u", "postgres", "--", "sh"]);
    runuser
}

/// The newest server that Debian's packages installed.
pub fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let bins = versions.flatten().map(|version| version.path().join("bin"));
    bins.filter(|bin| bin.join("initdb").exists()).max()
}
