//! One HTTP exchange: permit, deadline, cap, content type, no redirects.
//!
//! Invariants: this is the only place that opens connections, and only to hosts of the [`HostPolicy`]; a request is sent once.
//! No header and no body is ever logged.

mod connecting;
mod limits;
mod message;
mod signs;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::dns::Resolve;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use reqwest::{RequestBuilder, Response};
use tokio::time::{Instant, timeout};
use tracing::Instrument;
use url::Url;

use crate::budget::{Budget, Budgets, Lane, Permit};
use crate::clock::{ServerClock, parse_retry_after};
use crate::error::{Error, Result};
use crate::host::HostPolicy;
use crate::host::resolver::{Resolver, System};
use crate::logins::Logins;
use crate::meter;
use crate::outage::Outage;
use crate::pass::{Pass, cookies};
use crate::settings::Settings;
use crate::span;
use crate::tls::{Authorities, Flaw};
use connecting::{cause, client, unconnected};
use message::{form, with_body};

pub use limits::Limits;
pub(crate) use message::{Accept, Effect, Form, Part, Payload, Reply, Request, Sink, lost};

const AGENT: &str = concat!("thoughtspot-operator/", env!("CARGO_PKG_VERSION"));
/// What the server calls a request in its own log (docs/thoughtspot-api-v1.md, "Answers").
const TRACE: HeaderName = HeaderName::from_static("x-callosum-trace-id");
/// How long a page of a sweep may queue for its permit: sweeps of many Orgs that start together wait for each other.
const BACKGROUND_WAIT: Duration = Duration::from_secs(300);

/// Whether a write may begin now that takes at most so long.
pub type MayWrite = Box<dyn Fn(Duration) -> bool + Send + Sync>;

/// The process's way to the far side: one HTTP client, one budget per host, one memory of refused logins.
pub struct Network {
    client: reqwest::Client,
    /// Whether `client` believes any authority.
    has_roots: bool,
    policy: Arc<HostPolicy>,
    resolver: Arc<Resolver>,
    user_agent: HeaderValue,
    may_write: MayWrite,
    pub(crate) limits: Limits,
    budgets: Budgets,
    labels: meter::Labels,
    pub(crate) logins: Logins,
}

/// A host that was found to be allowed.
pub(crate) struct Target {
    base: Url,
    /// With authorities of its own, where it has such.
    client: reqwest::Client,
    /// What one Instance is held to, on top of its host.
    share: Option<Arc<Budget>>,
    /// The connection, for the log.
    pub(crate) label: Arc<str>,
    pub(crate) counted_as: Arc<str>,
    pub(crate) budget: Arc<Budget>,
    pub(crate) clock: ServerClock,
}

impl Target {
    pub(crate) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    pub(crate) fn port(&self) -> Option<u16> {
        self.base.port_or_known_default()
    }
}

impl Network {
    /// Sets up the client; opens no connection. A process-wide TLS provider must be installed before, or this panics.
    ///
    /// Where the system has no certificate authorities, only hosts that have some of their own and plain http can be reached.
    pub fn new(policy: HostPolicy, limits: Limits) -> Result<Network> {
        Network::asking(Arc::new(System), policy, limits)
    }

    /// As [`Network::new`], where somebody else says where names lead.
    pub(crate) fn asking(names: Arc<dyn Resolve>, policy: HostPolicy, limits: Limits) -> Result<Network> {
        let policy = Arc::new(policy);
        let resolver = Resolver::new(Arc::clone(&policy), names);
        let (client, has_roots) = match client(&resolver, &limits, None) {
            Ok(client) => (client, true),
            Err(error) => (client(&resolver, &limits, Some(&Authorities::none())).map_err(|_| error)?, false),
        };
        if !has_roots {
            tracing::warn!("there are no certificate authorities on this system (SSL_CERT_FILE, SSL_CERT_DIR)");
        }
        let (user_agent, may_write) = (HeaderValue::from_static(AGENT), Box::new(|_| true));
        let (budgets, labels, logins) = (Budgets::new(limits.pace), meter::Labels::default(), Logins::default());
        Ok(Network { client, has_roots, policy, resolver, user_agent, may_write, limits, budgets, labels, logins })
    }

    /// As one of several replicas: asks before each write whether it may begin, with the longest that it may take, and says in
    /// `User-Agent` which replica it is. Signing in counts as a write: a few failures lock an account.
    pub fn of_replica(self, name: &str, may_write: MayWrite) -> Network {
        let user_agent = HeaderValue::from_str(&format!("{AGENT} ({name})")).unwrap_or(self.user_agent);
        Network { user_agent, may_write, ..self }
    }

    /// For how long a host is left alone because it asked for that (429, 503).
    pub fn paused(&self, url: &Url) -> Option<Duration> {
        self.budget(url)?.paused()
    }

    /// That a host does not answer, if so.
    pub fn outage(&self, url: &Url) -> Option<Outage> {
        self.budget(url)?.answers.outage()
    }

    fn budget(&self, url: &Url) -> Option<Arc<Budget>> {
        Some(self.budgets.of(url.host_str()?, url.port_or_known_default()?))
    }

    pub(crate) fn target(&self, settings: &Settings) -> Result<Target> {
        let url = &settings.url;
        self.policy.check(url)?;
        let client = match &settings.authorities {
            None if url.scheme() == "https" && !self.has_roots => {
                let host = url.host_str().unwrap_or_default().to_owned();
                return Err(Error::Untrusted { host, flaw: Flaw::NoAuthorities });
            }
            None => self.client.clone(),
            Some(own) => client(&self.resolver, &self.limits, Some(own))?,
        };
        let share = settings.requests_per_second.map(|most| Budget::new(self.limits.pace.at_most(most)));
        let budget = self.budget(url).ok_or_else(|| Error::HostNotAllowed {
            host: url.host_str().unwrap_or_default().to_owned(),
            why: "the URL names no host".to_owned(),
        })?;
        let label: Arc<str> = settings.label.as_str().into();
        let counted_as = self.labels.of(&label);
        Ok(Target { base: url.clone(), client, share, label, counted_as, budget, clock: ServerClock::default() })
    }

    /// Sends one request and reads its answer, whatever its status.
    ///
    /// Fails when there is no whole answer: see [`lost`], and [`Error::Throttled`] while the host is paused.
    pub(crate) async fn exchange(&self, target: &Target, request: &Request<'_>) -> Result<Reply> {
        self.exchange_into(target, request, None).await
    }

    /// As [`Network::exchange`], for a list without pages: the body of a good answer goes to the sink as it arrives.
    pub(crate) async fn exchange_into(&self, target: &Target, request: &Request<'_>, sink: Option<Sink<'_>>) -> Result<Reply> {
        let limit = match (request.effect, &sink) {
            (Effect::Read, None) => self.limits.read_deadline,
            // Somebody waits for it, no longer than for any other read.
            (Effect::Read, Some(_)) if request.lane == Lane::Urgent => self.limits.read_deadline,
            (Effect::Read, Some(_)) => self.limits.list_deadline,
            (Effect::SignIn | Effect::Write, _) => self.limits.write_deadline - self.limits.resent(),
        };
        let deadline = request.deadline.map_or(limit, |own| own.min(limit));
        let span = span::call(target, request);
        let exchange = async {
            let (permit, _share) = self.queue(target, request, deadline).await?;
            self.exchange_now(target, request, sink, deadline, &permit).await
        };
        let result = exchange.instrument(span.clone()).await;
        span::ended(&span, &result);
        meter::call(target, request, &result);
        result
    }

    async fn queue(&self, target: &Target, request: &Request<'_>, deadline: Duration) -> Result<(Permit, Option<Permit>)> {
        target.budget.answers.would_admit()?;
        let asked = Instant::now();
        let permits = permits(target, request.lane, deadline).await;
        meter::waited(target, asked.elapsed());
        span::waited(asked.elapsed());
        permits
    }

    async fn exchange_now(
        &self,
        target: &Target,
        request: &Request<'_>,
        sink: Option<Sink<'_>>,
        deadline: Duration,
        permit: &Permit,
    ) -> Result<Reply> {
        // Now and not before: it may have queued for long.
        if request.effect.needs_the_lead() && !(self.may_write)(deadline + self.limits.resent()) {
            return Err(Error::NotLeading);
        }
        target.budget.answers.admit()?;
        let (what, effect) = (request.what, request.effect);
        let began = Instant::now();
        let answered = timeout(deadline, self.send(target, request, sink)).await;
        let late = answered.is_err();
        let result =
            answered.unwrap_or_else(|_| Err(lost(effect, what, format!("no answer within {} s", deadline.as_secs_f32()))));
        let took = began.elapsed();
        meter::took(target, request, took);
        note(target, request, &result, took);
        if let Ok(reply) = &result {
            heed(permit, reply);
        }
        // Whoever is less patient than others would else decide for them.
        if !(late && request.deadline.is_some()) {
            signs::heed(target, request, &result, began);
        }
        result
    }

    async fn send(&self, target: &Target, request: &Request<'_>, sink: Option<Sink<'_>>) -> Result<Reply> {
        let (what, effect, accept) = (request.what, request.effect, request.accept);
        let response = self.build(target, request).send().await.map_err(|e| {
            let why = cause(&e);
            // Nothing was sent: no connection was made.
            if e.is_connect() { unconnected(&target.base, &e, &why) } else { lost(effect, what, why) }
        })?;
        if let Some(date) = header(response.headers(), DATE) {
            target.clock.heard(date);
        }
        let status = response.status().as_u16();
        let retry_after = header(response.headers(), RETRY_AFTER).and_then(|text| parse_retry_after(text, &target.clock));
        let content_type = header(response.headers(), CONTENT_TYPE).map(str::to_ascii_lowercase);
        let cookies = cookies(response.headers());
        let trace = header(response.headers(), TRACE).filter(|id| is_uuid(id)).map(str::to_owned);
        let is_json = content_type.as_deref().is_some_and(|kind| kind.contains("json"));
        let (form, body) = match sink.filter(|_| is_json && (200..300).contains(&status)) {
            Some(sink) => {
                self.pour(response, sink).await.map_err(|why| lost(effect, what, why))?;
                (Form::Json, Bytes::new())
            }
            None => {
                let body = self.read(response).await.map_err(|why| lost(effect, what, why))?;
                (form(accept, content_type.as_deref(), &body), body)
            }
        };
        Ok(Reply { status, form, body, cookies, trace, retry_after })
    }

    fn build(&self, target: &Target, request: &Request<'_>) -> RequestBuilder {
        let mut url = target.base.clone();
        url.set_path(&request.path);
        url.set_query(request.query);
        let mut building = target.client.request(request.method.clone(), url).header(ACCEPT, request.accept.media_type());
        building = building.header(USER_AGENT, self.user_agent.clone());
        // Without a header that can be sent, the answer will be a 401.
        if let Some((pass, value)) = request.pass.and_then(|pass| Some((pass, pass.header()?))) {
            let name = match pass {
                Pass::Bearer(_) => AUTHORIZATION,
                Pass::Cookies(_) => COOKIE,
            };
            building = building.header(name, value);
        }
        if let Some((name, value)) = request.header {
            building = building.header(name, value);
        }
        with_body(building, request.body)
    }

    async fn read(&self, mut response: Response) -> Result<Bytes, String> {
        let too_long = || format!("the answer is longer than {} bytes", self.limits.answer_max);
        let declared = response.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        if declared > self.limits.answer_max {
            return Err(too_long());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| cause(&e))? {
            if body.len() + chunk.len() > self.limits.answer_max {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    async fn pour(&self, mut response: Response, sink: Sink<'_>) -> Result<(), String> {
        let mut length = 0;
        while let Some(chunk) = response.chunk().await.map_err(|e| cause(&e))? {
            length += chunk.len();
            if length > self.limits.list_max {
                return Err(format!("the list is longer than {} bytes", self.limits.list_max));
            }
            sink(&chunk)?;
        }
        Ok(())
    }
}

/// A permit of the host, and one of the Instance where that has a pace of its own.
async fn permits(target: &Target, lane: Lane, deadline: Duration) -> Result<(Permit, Option<Permit>)> {
    // Its own first: whoever waits for that must not hold a place of the host.
    let share = match &target.share {
        Some(share) => Some(permit(share, lane, deadline).await?),
        None => None,
    };
    Ok((permit(&target.budget, lane, deadline).await?, share))
}

/// Queues for a permit no longer than makes sense to the caller.
async fn permit(budget: &Arc<Budget>, lane: Lane, deadline: Duration) -> Result<Permit> {
    if let Some(after) = budget.paused().filter(|left| *left > deadline) {
        return Err(Error::Throttled { after: Some(after) });
    }
    let patience = match lane {
        Lane::Urgent => deadline,
        Lane::Background => BACKGROUND_WAIT,
    };
    timeout(patience, budget.permit(lane)).await.map_err(|_| Error::Throttled { after: budget.paused() })
}

/// One line in the log, for everybody to read where something may have been changed. Who asked for it is in the span around it.
fn note(target: &Target, request: &Request<'_>, result: &Result<Reply>, took: Duration) {
    let (instance, method, path, org_id) = (&target.label, &request.method, request.path.as_str(), request.org.0);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let reply = result.as_ref().ok();
    let (status, trace) = (reply.map(|reply| reply.status), reply.and_then(|reply| reply.trace.as_deref()));
    let why = result.as_ref().err().map(tracing::field::display);
    match request.effect {
        Effect::Read => tracing::debug!(%instance, %method, path, org_id, status, ms, trace, why, "ThoughtSpot read"),
        Effect::SignIn => tracing::info!(%instance, %method, path, org_id, status, ms, trace, why, "ThoughtSpot sign-in"),
        Effect::Write => tracing::info!(%instance, %method, path, org_id, status, ms, trace, why, "ThoughtSpot write"),
    }
}

/// Slows down as the host asks.
fn heed(permit: &Permit, reply: &Reply) {
    if reply.asks_to_slow_down() {
        let pause = permit.slow_down(reply.retry_after);
        tracing::info!(status = reply.status, seconds = pause.as_secs(), "ThoughtSpot asks to slow down");
    } else if reply.status < 500 {
        permit.went_well();
    }
}

/// What else a header holds may be anything, also a secret that we sent.
fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
