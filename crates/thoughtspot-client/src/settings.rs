//! How to reach one ThoughtSpot, and as whom, in either dialect.

use std::time::Duration;

use url::Url;

use crate::secret::Secret;
use crate::tls::Authorities;

/// How to reach one ThoughtSpot, and as whom.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Scheme, host and port.
    pub url: Url,
    pub credentials: Credentials,
    /// With these, no other authorities are believed.
    pub authorities: Option<Authorities>,
    /// Shortens the deadline of each call; it does not lengthen it.
    pub deadline: Option<Duration>,
    /// Holds these calls to a pace of their own, within that of the host.
    pub requests_per_second: Option<u32>,
    /// What metrics and the log call this connection.
    pub label: String,
}

impl Settings {
    /// As usual: the authorities of the system, no limits but those of the host, and called like its login.
    pub fn new(url: Url, credentials: Credentials) -> Settings {
        let label = credentials.username.clone();
        Settings { url, credentials, authorities: None, deadline: None, requests_per_second: None, label }
    }
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
    pub(crate) fn secret(&self) -> &Secret {
        match self {
            Proof::Password(secret) | Proof::SecretKey(secret) => secret,
        }
    }
}
