//! The way to the collector: it is the installer's, so no Instance's rules hold for it, but there is no proxy, no redirect and no TLS before
//! 1.2 here either. What fails is told now and then, however often it does.

use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use thoughtspot_engine::trouble::{Said, Trouble};
use tokio::runtime::Handle;

use super::destination::Destination;
use super::partial::{self, Partial};

#[derive(Debug)]
pub(super) struct Collector {
    client: reqwest::Client,
    runtime: Handle,
    troubles: Mutex<Troubles>,
}

#[derive(Debug, Default)]
struct Troubles {
    /// Nothing is taken.
    failing: Trouble,
    /// Not everything is taken.
    partial: Trouble,
}

/// What keeps a collector from being spoken to at all.
#[derive(Debug)]
pub(super) enum Unreachable {
    /// Nobody vouches for any certificate.
    NoAuthorities,
    Client(reqwest::Error),
}

impl Collector {
    /// Sends in the runtime that it is called in.
    pub(super) fn new(destination: &Destination) -> Result<Collector, Unreachable> {
        let builder = || {
            reqwest::Client::builder()
                // Either could take the headers elsewhere.
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .tls_version_min(reqwest::tls::Version::TLS_1_2)
                .timeout(destination.timeout)
        };
        // Without TLS nobody has to be believed; there may be no authorities on this system at all.
        let without = || builder().tls_certs_only([]).build().map_err(Unreachable::Client);
        let client = match destination.url.scheme() {
            "http" => without()?,
            _ => match builder().build() {
                Ok(client) => client,
                Err(_) => return without().and(Err(Unreachable::NoAuthorities)),
            },
        };
        Ok(Collector { client, runtime: Handle::current(), troubles: Mutex::default() })
    }

    /// The log's lines on one answer, or on that there was none.
    fn tell(&self, result: &Result<Response<Bytes>, HttpError>, partial: Option<&Partial>) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let why = match result {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("status {}", answer.status().as_u16())),
            Err(error) => Some(innermost(&**error)),
        };
        match troubles.failing.heed(why.is_some(), Instant::now()) {
            Some(Said::Failing { failures }) => tracing::warn!(
                why,
                failures,
                "traces cannot be exported and are lost: see to the collector, or to the variables OTEL_EXPORTER_OTLP_…"
            ),
            Some(Said::Over { failures }) => tracing::info!(failures, "traces are exported again"),
            None => {}
        }
        if why.is_some() {
            return;
        }
        match (troubles.partial.heed(partial.is_some(), Instant::now()), partial) {
            (Some(Said::Failing { failures }), Some(Partial { spans, said })) => {
                tracing::warn!(
                    spans,
                    said,
                    failures,
                    "the collector does not take all of the traces: whoever runs it can tell why"
                )
            }
            (Some(Said::Over { failures }), _) => tracing::info!(failures, "the collector takes all of the traces again"),
            (Some(Said::Failing { .. }) | None, _) => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, headers) = (self.client.clone(), request.headers().clone());
        // Whoever asks is a thread without a runtime.
        let sending = self.runtime.spawn(async move { client.send_bytes(request).await });
        let result = sending.await.map_err(HttpError::from).flatten();
        let partial = result.as_ref().ok().and_then(|answer| partial::of(answer.body(), &headers));
        self.tell(&result, partial.as_ref());
        result
    }
}

/// The reason that helps; without the URL, which the outermost one may hold.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let Some(mut inner) = error.source() else { return "the request failed".to_owned() };
    while let Some(next) = inner.source() {
        inner = next;
    }
    inner.to_string()
}
