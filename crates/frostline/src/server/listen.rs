//! Listening: on loopback unless told otherwise, with TLS or behind a proxy anywhere else, and a stop that lets requests end.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;

use crate::accounts::SecurityNumbers;

/// Where and how to listen.
#[derive(Clone, Debug)]
pub struct Listening {
    /// The address and port.
    pub address: SocketAddr,
    /// Certificate chain and key as PEM files.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Whether a proxy that does TLS stands before it.
    pub behind_proxy: bool,
}

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Open to the network without TLS.
    #[error(
        "{0} can be reached from other machines; give --tls-cert and --tls-key, or --behind-proxy where a proxy does TLS, or listen on 127.0.0.1"
    )]
    Unprotected(SocketAddr),
    /// Certificate or key.
    #[error("{}: {source}; expected a certificate chain and its key as PEM files", certificate.display())]
    Certificate {
        /// The certificate's file.
        certificate: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// The port.
    #[error("{address}: {source}; choose another with --listen")]
    Port {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// It stopped by itself.
    #[error("the server stopped: {0}")]
    Stopped(io::Error),
}

impl Listening {
    /// Refuses to be open to the network without protection.
    ///
    /// # Errors
    /// [`ListenError::Unprotected`].
    pub fn checked(self) -> Result<Listening, ListenError> {
        if self.address.ip().is_loopback() || self.tls.is_some() || self.behind_proxy {
            return Ok(self);
        }
        Err(ListenError::Unprotected(self.address))
    }

    /// Whether browsers come over TLS.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some() || self.behind_proxy
    }
}

/// Serves until `stop` is done, then lets running requests end. `ready` hears the address once the port is open.
///
/// # Errors
/// Where the port or the certificate cannot be used.
pub async fn listen(
    router: Router,
    how: &Listening,
    numbers: &SecurityNumbers,
    (ready, stop): (impl FnOnce(SocketAddr), impl Future<Output = ()> + Send + 'static),
) -> Result<(), ListenError> {
    let port = |source| ListenError::Port { address: how.address, source };
    let listener = std::net::TcpListener::bind(how.address).map_err(port)?;
    listener.set_nonblocking(true).map_err(port)?;
    let address = listener.local_addr().map_err(port)?;
    let handle = Handle::new();
    let within = seconds(numbers.server.stop_within_s);
    let stopping = handle.clone();
    tokio::spawn(async move {
        stop.await;
        stopping.graceful_shutdown(Some(within));
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut server = axum_server::from_tcp(listener).map_err(port)?.handle(handle);
    // A head that comes letter by letter must not hold a connection for ever.
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(seconds(numbers.server.longest_head_s));
    let served = match &how.tls {
        None => {
            ready(address);
            server.serve(service).await
        }
        Some((certificate, key)) => {
            let wrong = |source| ListenError::Certificate { certificate: certificate.clone(), source };
            let config = RustlsConfig::from_pem_file(certificate, key).await.map_err(wrong)?;
            ready(address);
            server.acceptor(RustlsAcceptor::new(config)).serve(service).await
        }
    };
    served.map_err(ListenError::Stopped)
}

fn seconds(number: i64) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str, behind_proxy: bool) -> bool {
        Listening { address: address.parse().unwrap(), tls: None, behind_proxy }.checked().is_ok()
    }

    #[test]
    fn only_loopback_goes_without_tls_or_proxy() {
        assert!(at("127.0.0.1:7477", false));
        assert!(at("[::1]:7477", false));
        assert!(!at("0.0.0.0:7477", false));
        assert!(!at("192.168.1.5:7477", false));
        assert!(at("0.0.0.0:7477", true));
    }
}
