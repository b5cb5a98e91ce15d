//! Asks the provider: over TLS with a checked certificate, bounded in time and size, without following anybody elsewhere.

use std::pin::Pin;
use std::time::Duration;

use axum::body::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use super::setting::is_guarded;
use crate::accounts::numbers::OpenIdNumbers;

/// Asks the provider.
pub struct Web {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    longest: Duration,
    most_bytes: usize,
}

/// Why the provider did not answer.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// Nobody to check certificates with.
    #[error("no certificate authority is known to this machine ({0}); install ca-certificates or set SSL_CERT_FILE")]
    NoAuthorities(std::io::Error),
    /// An address that others could read along.
    #[error("the provider names the address {0}, expected https://")]
    NotGuarded(String),
    /// No connection, or not the right one.
    #[error("no answer from {at}: {problem}")]
    NoAnswer {
        /// Which host.
        at: String,
        /// What is wrong.
        problem: String,
    },
    /// Too slow.
    #[error("no answer within {0:?}")]
    TooSlow(Duration),
}

impl Web {
    /// With the certificate authorities of the machine.
    ///
    /// # Errors
    /// Where it has none.
    pub fn new(numbers: &OpenIdNumbers) -> Result<Web, WebError> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .map_err(WebError::NoAuthorities)?;
        let connector = connector.https_or_http().enable_http1().build();
        Ok(Web {
            client: Client::builder(TokioExecutor::new()).build(connector),
            longest: Duration::from_secs(u64::try_from(numbers.answer_within_s).unwrap_or(1)),
            most_bytes: usize::try_from(numbers.largest_answer_bytes).unwrap_or(usize::MAX),
        })
    }

    async fn answered(&self, request: HttpRequest) -> Result<HttpResponse, WebError> {
        let address = request.uri().to_string();
        if !address.parse().is_ok_and(|address| is_guarded(&address)) {
            return Err(WebError::NotGuarded(address));
        }
        let at = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let no_answer = |error: &dyn std::error::Error| {
            // The last cause says what is wrong; the first only that something is.
            let cause = std::iter::successors(Some(error), |error| error.source()).last();
            WebError::NoAnswer { at: at.clone(), problem: cause.map(ToString::to_string).unwrap_or_default() }
        };
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let response = self.client.request(request).await.map_err(|error| no_answer(&error))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, self.most_bytes).collect().await.map_err(|error| no_answer(error.as_ref()))?;
        Ok(HttpResponse::from_parts(parts, body.to_bytes().to_vec()))
    }
}

impl<'c> AsyncHttpClient<'c> for Web {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WebError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            tokio::time::timeout(self.longest, self.answered(request))
                .await
                .unwrap_or(Err(WebError::TooSlow(self.longest)))
        })
    }
}
