//! One call over the wire, its refusal decoded and scrubbed. Knows nothing of sessions but that a call may carry a pass.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use serde::Serialize;

use crate::api::Api;
use crate::budget::Lane;
use crate::domain::OrgId;
use crate::error::{Error, Result};
use crate::logins::Login;
use crate::pass::Pass;
use crate::refusal;
use crate::room::Room;
use crate::scrub::Scrubber;
use crate::secret::{Secret, wiped};
use crate::settings::{Credentials, Settings};
use crate::transport::{Accept, Effect, Form, Network, Payload, Reply, Request, Target, lost};

/// One call, before it is known which pass it will carry.
pub(crate) struct Call<'a> {
    /// For errors and events, such as `users/search`. Never holds an id or a name.
    pub(crate) what: &'static str,
    pub(crate) api: Api,
    pub(crate) method: Method,
    /// Below the base path, percent-encoded.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) effect: Effect,
    /// A write that comes to the same when it is made again.
    pub(crate) repeatable: bool,
    pub(crate) lane: Lane,
    pub(crate) accept: Accept,
    pub(crate) body: Payload,
    /// Secrets in the body, to be scrubbed from what is said about it.
    pub(crate) secrets: Vec<&'a Secret>,
    /// How often it was sent.
    pub(crate) sent: AtomicU32,
}

impl<'a> Call<'a> {
    /// Any call, which writes unless it is a `GET`.
    pub(crate) fn new(api: Api, what: &'static str, method: Method, path: String) -> Self {
        let effect = if method == Method::GET { Effect::Read } else { Effect::Write };
        let (lane, accept, body) = (Lane::Urgent, Accept::Json, Payload::None);
        let (query, secrets, sent) = (None, Vec::new(), AtomicU32::default());
        Call { what, api, method, path, query, effect, repeatable: false, lane, accept, body, secrets, sent }
    }

    /// It gives a pass, and changes nothing else.
    pub(crate) fn signing_in(self) -> Self {
        Call { effect: Effect::SignIn, ..self }
    }

    pub(crate) fn get(what: &'static str) -> Self {
        Call::new(Api::V2, what, Method::GET, what.to_owned())
    }

    /// A read that has a body, as every search has.
    pub(crate) fn search(what: &'static str, body: &impl Serialize, lane: Lane) -> Self {
        Call { effect: Effect::Read, lane, ..Call::write(what, what.to_owned(), body) }
    }

    /// A read that somebody waits for.
    pub(crate) fn read(what: &'static str, body: &impl Serialize) -> Self {
        Call::search(what, body, Lane::Urgent)
    }

    /// A write to a path that names no object.
    pub(crate) fn post(what: &'static str, body: &impl Serialize) -> Self {
        Call::write(what, what.to_owned(), body)
    }

    pub(crate) fn write(what: &'static str, path: String, body: &impl Serialize) -> Self {
        Call { body: json(body), ..Call::bare_write(what, path) }
    }

    pub(crate) fn bare_write(what: &'static str, path: String) -> Self {
        Call::new(Api::V2, what, Method::POST, path)
    }

    pub(crate) fn hiding(mut self, secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        self.secrets.extend(secrets);
        self
    }

    /// For an answer that cannot be read: the call may have been carried out.
    pub(crate) fn unreadable(&self, why: &str) -> Error {
        lost(self.effect, self.what, why.to_owned())
    }
}

fn json(body: &impl Serialize) -> Payload {
    // What it grows out of is not wiped: long enough for those that hold a secret.
    let mut text = Vec::with_capacity(2048);
    serde_json::to_writer(&mut text, body)
        .expect("our request bodies are plain structs with string keys, which always serialise");
    Payload::Json(wiped(text))
}

/// How a call did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
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
    pub(crate) fn into_error(self, what: &str, login: &str) -> Error {
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
pub(crate) struct Wire {
    network: Arc<Network>,
    pub(crate) target: Target,
    pub(crate) scrubber: Scrubber,
    /// With its port.
    host: String,
    deadline: Option<Duration>,
    /// For all its lists together.
    pub(crate) room: Arc<Room>,
}

impl Wire {
    /// Fails with [`Error::HostNotAllowed`] if the host may not be reached. Opens no connection.
    pub(crate) fn new(network: Arc<Network>, settings: &Settings) -> Result<Wire> {
        let Settings { url, credentials, deadline, authorities: _, requests_per_second: _, label: _ } = settings;
        let target = network.target(settings)?;
        let host = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let scrubber = Scrubber::new(credentials.proof.secret().clone());
        let room = Room::new(network.limits.lists_max);
        Ok(Wire { network, target, scrubber, host, deadline: *deadline, room })
    }

    /// How many rows are kept of a list without pages.
    pub(crate) fn rows_max(&self) -> usize {
        self.network.limits.list_rows
    }

    /// Sends a call once; the body of a 2xx.
    pub(crate) async fn send(&self, call: &Call<'_>, org: OrgId, pass: Option<&Pass>) -> Result<Bytes, Failure> {
        Ok(self.answer(call, org, pass).await?.body)
    }

    /// Sends a call once; the whole answer, which is a 2xx.
    pub(crate) async fn answer(&self, call: &Call<'_>, org: OrgId, pass: Option<&Pass>) -> Result<Reply, Failure> {
        let reply = self.exchange(call, org, pass).await.map_err(Failure::Other)?;
        self.judge(call, reply)
    }

    /// Sends a call once for a list without pages, whose body goes to the sink as it arrives.
    pub(crate) async fn stream(
        &self,
        call: &Call<'_>,
        org: OrgId,
        pass: &Pass,
        sink: &mut (dyn FnMut(&[u8]) -> Result<(), String> + Send),
    ) -> Result<(), Failure> {
        let reply = self.network.exchange_into(&self.target, &self.request(call, org, Some(pass)), Some(&mut *sink)).await;
        let reply = self.judge(call, reply.map_err(Failure::Other)?)?;
        // Where nothing said that it is JSON, it was read whole.
        sink(&reply.body).map_err(|why| Failure::Other(call.unreadable(&why)))
    }

    /// Sends a call once; whatever it is answered.
    pub(crate) async fn exchange(&self, call: &Call<'_>, org: OrgId, pass: Option<&Pass>) -> Result<Reply> {
        self.network.exchange(&self.target, &self.request(call, org, pass)).await
    }

    fn request<'a>(&self, call: &'a Call<'_>, org: OrgId, pass: Option<&'a Pass>) -> Request<'a> {
        Request {
            what: call.what,
            api: call.api,
            method: call.method.clone(),
            path: format!("{}{}", call.api.base(), call.path),
            query: call.query.as_deref(),
            effect: call.effect,
            lane: call.lane,
            org,
            pass,
            header: call.api.header(),
            accept: call.accept,
            body: &call.body,
            deadline: self.deadline,
            resent: call.sent.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// A yes, or what the refusal says.
    pub(crate) fn judge(&self, call: &Call<'_>, reply: Reply) -> Result<Reply, Failure> {
        // v1 answers 500 to a mistake of the client, and often without a word. For a read it is safe to take it as a refusal, since
        // nothing is concluded from one; a write may have been carried out, which matters unless it may be made again.
        let harmless = call.effect != Effect::Write || call.repeatable;
        let wordless = call.api == Api::V1 && harmless && reply.status == 500 && reply.form == Form::Empty;
        let reply = if wordless { reply } else { reply.judge(call.effect, call.what).map_err(Failure::Other)? };
        if (200..300).contains(&reply.status) {
            return Ok(reply);
        }
        Err(self.refusal(&reply, &call.secrets))
    }

    /// What the process knows of this login at this host.
    pub(crate) fn login(&self, who: &Credentials) -> Arc<Login> {
        self.network.logins.of(&self.host, &who.username, who.proof.secret().expose())
    }

    pub(crate) fn said(&self, text: &str, secrets: &[&Secret]) -> String {
        self.scrubber.said(text, secrets)
    }

    fn refusal(&self, reply: &Reply, secrets: &[&Secret]) -> Failure {
        let refusal::Refusal { code, text } = refusal::decode(&reply.body);
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
