//! PostgreSQL over TLS, live: a server with a certificate of an authority made for this test. The program connects where the
//! certificate is the right one for the name, and nowhere else.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use frostline::store::{Store, StoreSetting};

use crate::{postgres, support};

/// A server that speaks TLS only, on a port of its own; it ends when its input closes, so with this process at the latest.
struct Guarded {
    folder: PathBuf,
    port: u16,
    _keeper: Child,
}

/// Makes two authorities, a certificate for `localhost` by the first, and a cluster that shows it.
const KEEPER: &str = r#"
set -e
trap '' TERM INT HUP
folder=$(mktemp -d /tmp/frostline_tls_XXXXXX)
chmod 755 "$folder"
cd "$folder"
exec 3>&1 >log 2>&1
for name in right wrong; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$name authority" -keyout $name.key -out $name.pem
done
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=localhost" -keyout server.key -out server.csr
printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' >server.ext
openssl x509 -req -in server.csr -CA right.pem -CAkey right.key -CAcreateserial -days 2 -extfile server.ext -out server.pem
chmod 600 server.key
"$1/initdb" -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8
printf 'hostssl all all all trust\n' >data/pg_hba.conf
"$1/pg_ctl" -D data -l log -w -o "-c listen_addresses=localhost,127.0.0.1 -c port=$2 -c unix_socket_directories=$folder -c ssl=on -c ssl_cert_file=$folder/server.pem -c ssl_key_file=$folder/server.key -c fsync=off" start
echo "$folder" >&3
exec 3>&-
cat >/dev/null
"$1/pg_ctl" -D data -m immediate stop
cd /
rm -rf "$folder"
"#;

impl Guarded {
    fn start() -> Option<Guarded> {
        let has_openssl = Command::new("openssl").arg("version").output().is_ok_and(|said| said.status.success());
        let (Some(programs), true) = (postgres::programs(), has_openssl) else {
            eprintln!("SKIPPED: PostgreSQL over TLS. Install the packages postgresql and openssl");
            return None;
        };
        // Free now; whoever takes it before the server does makes the test fail loudly, not pass.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = postgres::as_server_user();
        command.args(["-c", KEEPER, "keeper"]).arg(programs).arg(port.to_string()).current_dir("/");
        let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut folder = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut folder).unwrap();
        assert!(!folder.trim().is_empty(), "PostgreSQL did not start with TLS; look at /tmp/frostline_tls_*/log");
        Some(Guarded { folder: folder.trim().into(), port, _keeper: keeper })
    }

    /// What opening a store there says.
    async fn opened(&self, host: &str, options: &str, beside: &Path) -> Result<(), String> {
        let setting = format!("postgres://postgres@{host}:{}/postgres?{options}", self.port);
        let database = setting.parse().map_err(|refused| format!("{refused:?}"))?;
        let store = Store::open(StoreSetting::new(database, Some(beside.join("attachments")))).await;
        match store {
            Ok(store) => {
                store.close().await;
                Ok(())
            }
            Err(refused) => Err(frostline_words(&refused)),
        }
    }

    fn root(&self, name: &str) -> String {
        format!("sslrootcert={}", self.folder.join(name).display())
    }
}

/// An error with all its causes.
fn frostline_words(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(|error| format!("{error}; ")).collect()
}

#[test]
fn over_tls_only_a_server_with_the_right_certificate_for_its_name_is_spoken_to() {
    let Some(server) = Guarded::start() else { return };
    let beside = tempfile::tempdir().unwrap();
    support::run(async {
        let ask = async |host: &str, options: String| server.opened(host, &options, beside.path()).await;
        let right = ask("localhost", format!("sslmode=verify-full&{}", server.root("right.pem"))).await;
        assert_eq!(right, Ok(()));
        let wrong = ask("localhost", format!("sslmode=verify-full&{}", server.root("wrong.pem"))).await.unwrap_err();
        assert!(wrong.to_lowercase().contains("certificate"), "{wrong}");
        // The certificate is for the name localhost, not for this number.
        let name = ask("127.0.0.1", format!("sslmode=verify-full&{}", server.root("right.pem"))).await.unwrap_err();
        assert!(name.to_lowercase().contains("certificate"), "{name}");
        let authorities_of_the_machine = ask("localhost", "sslmode=verify-full".to_owned()).await.unwrap_err();
        assert!(authorities_of_the_machine.to_lowercase().contains("certificate"), "{authorities_of_the_machine}");
        // The server itself takes nobody who speaks in the clear, so the first connection above was encrypted.
        assert!(ask("localhost", "sslmode=disable".to_owned()).await.is_err());
    });
}
