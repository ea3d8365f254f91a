//! REST API 2.0: every call of it, typed, and the port on top of them.
//!
//! | module | what lives there |
//! | --- | --- |
//! | `session` | how to get a token for an Org |
//! | [`change`], [`paging`], [`refs`], [`words`], [`import`] | what the calls have in common |
//! | [`auth`], [`orgs`], [`users`], [`groups`], [`roles`], [`tags`], [`system`], [`security`], [`logs`] | the calls about principals, a handle a resource |
//! | [`objects`] | the calls about content |
//! | `search` | the rules for searches that can be trusted |
//! | `port` | the port, on top of the calls |
//!
//! Invariants: request bodies are closed types, since the server ignores what it does not know; unset fields are left out, never
//! `null`; `operation` is always sent, and one list per request.

pub mod auth;
pub mod change;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub mod groups;
pub mod import;
pub mod logs;
pub mod objects;
pub mod orgs;
pub mod paging;
mod port;
pub mod refs;
pub mod roles;
mod search;
pub mod security;
mod session;
pub mod system;
pub mod tags;
pub mod users;
pub mod words;

use std::sync::Arc;

use crate::error::Result;
use crate::session::Session;
use crate::settings::Settings;
use crate::transport::Network;
use crate::wire::Wire;
use session::Tokens;

/// One ThoughtSpot spoken to in v2.
pub struct V2 {
    session: Arc<Session>,
}

impl V2 {
    /// Sets up the session; no connection is opened. Fails with [`crate::Error::HostNotAllowed`] if the host may not be reached.
    pub fn new(network: Arc<Network>, settings: Settings) -> Result<V2> {
        let wire = Wire::new(network, &settings)?;
        Ok(V2 { session: Session::new(wire, settings.credentials, Box::new(Tokens)) })
    }
}
