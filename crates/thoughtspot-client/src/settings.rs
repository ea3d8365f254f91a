//! How to reach one ThoughtSpot, and as whom, in either dialect.

use std::time::Duration;

use url::Url;

use crate::secret::Secret;

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
    pub(crate) fn secret(&self) -> &Secret {
        match self {
            Proof::Password(secret) | Proof::SecretKey(secret) => secret,
        }
    }
}
