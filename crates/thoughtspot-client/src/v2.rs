//! REST API 2.0: every call of it, typed, and the port on top of them.
//!
//! | module | what lives there |
//! | --- | --- |
//! | `session` | a token per Org, and when to ask for one |
//! | `wire` | one call over the wire, and what its refusal means |
//! | `at` | a call with the token of one Org |
//! | `errors` | the shapes a refusal may have |
//! | `decode` | helpers to read what is `null`, a string or a float today |
//! | [`change`], [`paging`], [`refs`], [`words`], [`import`] | what the calls have in common |
//! | [`orgs`], [`users`], [`groups`], [`roles`], [`tags`], [`system`] | the calls about principals, a handle a resource |
//! | [`content`] | the calls about content |
//! | `search` | the rules for searches that can be trusted |
//! | `port` | the port, on top of the calls |
//!
//! Invariants: request bodies are closed types, since the server ignores what it does not know; unset fields are left out, never
//! `null`; `operation` is always sent, and one list per request.

mod at;
pub mod change;
pub mod content;
pub(crate) mod decode;
mod errors;
pub mod groups;
pub mod import;
pub mod orgs;
pub mod paging;
mod port;
pub mod refs;
pub mod roles;
mod search;
mod session;
pub mod system;
pub mod tags;
pub mod users;
mod wire;
pub mod words;

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::error::Result;
use crate::secret::Secret;
use crate::transport::Network;
use session::Session;
use wire::Wire;

/// How to reach one ThoughtSpot, and as whom.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Scheme, host and port.
    pub url: Url,
    pub credentials: Credentials,
    /// Shortens the deadline of each call; it does not lengthen it.
    pub deadline: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub username: String,
    pub proof: Proof,
}

/// What shows that we are who we say. Exactly one is ever sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    Password(Secret),
    /// The key of trusted authentication: it opens any account, and works where a password does not (MFA, SSO).
    SecretKey(Secret),
}

impl Proof {
    fn secret(&self) -> &Secret {
        match self {
            Proof::Password(secret) | Proof::SecretKey(secret) => secret,
        }
    }
}

/// One ThoughtSpot spoken to in v2.
pub struct V2 {
    session: Arc<Session>,
}

impl V2 {
    /// Sets up the session; no connection is opened. Fails with [`crate::Error::HostNotAllowed`] if the host may not be reached.
    pub fn new(network: Arc<Network>, settings: Settings) -> Result<V2> {
        let Settings { url, credentials, deadline } = settings;
        let wire = Wire::new(network, &url, credentials.proof.secret().clone(), deadline)?;
        let host = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        Ok(V2 { session: Session::new(wire, &host, credentials) })
    }
}
