//! One call over the wire, its refusal decoded and scrubbed. Knows nothing of tokens but that a call may carry one.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde::Serialize;
use url::Url;

use super::errors;
use crate::budget::Lane;
use crate::domain::OrgId;
use crate::error::{Error, Result};
use crate::scrub::Scrubber;
use crate::secret::Secret;
use crate::transport::{Effect, Network, Reply, Request, Target, lost};

const BASE: &str = "/api/rest/2.0/";

/// One call, before it is known which token it will carry.
pub(super) struct Call<'a> {
    /// For errors and events, such as `users/search`. Never holds an id or a name.
    pub(super) what: &'static str,
    pub(super) method: Method,
    /// Below the base path, percent-encoded.
    pub(super) path: String,
    pub(super) effect: Effect,
    pub(super) lane: Lane,
    pub(super) body: Option<Vec<u8>>,
    /// Secrets in the body, to be scrubbed from what is said about it.
    pub(super) secrets: Vec<&'a Secret>,
}

impl<'a> Call<'a> {
    pub(super) fn get(what: &'static str) -> Self {
        let path = what.to_owned();
        Call { what, method: Method::GET, path, effect: Effect::Read, lane: Lane::Urgent, body: None, secrets: Vec::new() }
    }

    /// A read that has a body, as every search has.
    pub(super) fn search(what: &'static str, body: &impl Serialize, lane: Lane) -> Self {
        let path = what.to_owned();
        Call { what, method: Method::POST, path, effect: Effect::Read, lane, body: json(body), secrets: Vec::new() }
    }

    /// A read that somebody waits for.
    pub(super) fn read(what: &'static str, body: &impl Serialize) -> Self {
        Call::search(what, body, Lane::Urgent)
    }

    /// A write to a path that names no object.
    pub(super) fn post(what: &'static str, body: &impl Serialize) -> Self {
        Call::write(what, what.to_owned(), body)
    }

    pub(super) fn write(what: &'static str, path: String, body: &impl Serialize) -> Self {
        Call { body: json(body), ..Call::bare_write(what, path) }
    }

    pub(super) fn bare_write(what: &'static str, path: String) -> Self {
        Call { what, method: Method::POST, path, effect: Effect::Write, lane: Lane::Urgent, body: None, secrets: Vec::new() }
    }

    pub(super) fn hiding(mut self, secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        self.secrets.extend(secrets);
        self
    }

    /// For an answer that cannot be read: the call may have been carried out.
    pub(super) fn unreadable(&self, why: &str) -> Error {
        lost(self.effect, self.what, why.to_owned())
    }
}

fn json(body: &impl Serialize) -> Option<Vec<u8>> {
    Some(serde_json::to_vec(body).expect("our request bodies are plain structs with string keys, which always serialise"))
}

/// How a call did not succeed.
#[derive(Debug)]
pub(super) enum Failure {
    /// 401: the token, or the credentials, were refused.
    Unauthorized {
        said: String,
    },
    /// The server says no and why.
    Refused {
        status: u16,
        code: Option<i64>,
        said: String,
    },
    Other(Error),
}

impl Failure {
    /// What it means to the caller once nothing more can be tried.
    pub(super) fn into_error(self, what: &str, login: &str) -> Error {
        let what = what.to_owned();
        match self {
            Failure::Unauthorized { said } => Error::BadCredentials { login: login.to_owned(), said },
            Failure::Refused { status: 403, said, .. } => Error::Forbidden { what, said },
            Failure::Refused { status, code, said } => Error::Refused { what, status, code, said },
            Failure::Other(error) => error,
        }
    }
}

/// The wire to one instance.
pub(super) struct Wire {
    pub(super) network: Arc<Network>,
    pub(super) target: Target,
    pub(super) scrubber: Scrubber,
    deadline: Option<Duration>,
}

impl Wire {
    pub(super) fn new(network: Arc<Network>, url: &Url, proof: Secret, deadline: Option<Duration>) -> Result<Wire> {
        let target = network.target(url)?;
        Ok(Wire { network, target, scrubber: Scrubber::new(proof), deadline })
    }

    /// Sends a call once; the body of a 2xx.
    pub(super) async fn send(&self, call: &Call<'_>, org: OrgId, bearer: Option<&Secret>) -> Result<Bytes, Failure> {
        let path = format!("{BASE}{}", call.path);
        let request = Request {
            what: call.what,
            method: call.method.clone(),
            path: &path,
            query: None,
            effect: call.effect,
            lane: call.lane,
            org,
            bearer,
            header: None,
            body: call.body.clone(),
            deadline: self.deadline,
        };
        let reply = self.network.exchange(&self.target, request).await;
        let reply = reply.and_then(|r| r.judge(call.effect, call.what)).map_err(Failure::Other)?;
        if (200..300).contains(&reply.status) {
            return Ok(reply.body);
        }
        Err(self.refusal(reply, &call.secrets))
    }

    /// A read of the older API, which has what v2 does not show; whatever it answers.
    pub(super) async fn send_v1(&self, what: &str, path: &str, query: &str, bearer: &Secret) -> Result<Reply> {
        let header = (HeaderName::from_static("x-requested-by"), HeaderValue::from_static("ThoughtSpot"));
        let request = Request {
            what,
            method: Method::GET,
            path,
            query: Some(query),
            effect: Effect::Read,
            lane: Lane::Urgent,
            org: OrgId::PRIMARY,
            bearer: Some(bearer),
            header: Some(header),
            body: None,
            deadline: self.deadline,
        };
        self.network.exchange(&self.target, request).await
    }

    pub(super) fn said(&self, text: &str, secrets: &[&Secret]) -> String {
        self.scrubber.said(text, secrets)
    }

    fn refusal(&self, reply: Reply, secrets: &[&Secret]) -> Failure {
        let errors::Refusal { code, text } = errors::decode(&reply.body);
        let said = match self.said(&text, secrets) {
            said if said.is_empty() => "no reason given".to_owned(),
            said => said,
        };
        match reply.status {
            401 => Failure::Unauthorized { said },
            status => Failure::Refused { status, code, said },
        }
    }
}
