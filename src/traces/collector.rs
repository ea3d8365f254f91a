//! The way to the collector: it is the installer's, so no Instance's rules hold for it, but there is no proxy, no redirect and no TLS before
//! 1.2 here either. What fails is told now and then, however often it does.

use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

use super::destination::Destination;

/// How often trouble is told again.
const TOLD_AGAIN: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub(super) struct Collector {
    client: reqwest::Client,
    runtime: Handle,
    trouble: Mutex<Trouble>,
}

impl Collector {
    /// Sends in the runtime that it is called in.
    pub(super) fn new(destination: &Destination) -> Result<Collector, reqwest::Error> {
        let builder = reqwest::Client::builder()
            // Either could take the headers elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .timeout(destination.timeout);
        // Without TLS nobody has to be believed; there may be no authorities on this system at all.
        let builder = if destination.url.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
        let client = builder.build()?;
        Ok(Collector { client, runtime: Handle::current(), trouble: Mutex::default() })
    }

    fn tell(&self, trouble: Option<String>) {
        let said = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).heed(trouble, Instant::now());
        match said {
            Some(Said::Failing { why, failures }) => tracing::warn!(why, failures, "traces cannot be exported and are lost"),
            Some(Said::Over { failures }) => tracing::info!(failures, "traces are exported again"),
            None => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        // Whoever asks is a thread without a runtime.
        let sending = self.runtime.spawn(async move { client.send_bytes(request).await });
        let result = sending.await.map_err(HttpError::from).flatten();
        self.tell(match &result {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("status {}", answer.status().as_u16())),
            Err(error) => Some(innermost(&**error)),
        });
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

/// What there is to be said.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Failing { why: String, failures: u64 },
    Over { failures: u64 },
}

/// Trouble so far.
#[derive(Debug, Default)]
struct Trouble {
    /// Requests that failed in a row.
    failures: u64,
    /// When trouble was told last: of a collector that comes and goes no more is said than of one that is gone.
    told: Option<Instant>,
    /// Whether what was told last is that there is trouble.
    known: bool,
}

impl Trouble {
    /// What to say of one more request, which went well unless there is a reason.
    fn heed(&mut self, trouble: Option<String>, now: Instant) -> Option<Said> {
        let Some(why) = trouble else {
            let (failures, known) = (std::mem::take(&mut self.failures), std::mem::take(&mut self.known));
            return known.then_some(Said::Over { failures });
        };
        self.failures += 1;
        if self.told.is_some_and(|told| now < told + TOLD_AGAIN) {
            return None;
        }
        (self.told, self.known) = (Some(now), true);
        Some(Said::Failing { why, failures: self.failures })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_at_once_then_now_and_then_and_so_is_its_end() {
        let (mut trouble, began) = (Trouble::default(), Instant::now());
        let down = || Some("down".to_owned());
        let failing = |failures| Some(Said::Failing { why: "down".to_owned(), failures });
        let mut at = |seconds, trouble_now| trouble.heed(trouble_now, began + Duration::from_secs(seconds));
        assert_eq!(at(0, None), None);
        assert_eq!(at(1, down()), failing(1));
        assert_eq!(at(300, down()), None);
        assert_eq!(at(301, down()), failing(3));
        assert_eq!(at(302, None), Some(Said::Over { failures: 3 }));
        assert_eq!(at(303, None), None);
        assert_eq!(at(304, down()), None, "it comes and goes");
        assert_eq!(at(305, None), None);
        assert_eq!(at(700, down()), failing(1));
    }
}
