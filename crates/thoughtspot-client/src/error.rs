//! What can go wrong with a call, by who can help.
//!
//! A variant is one way to *respond*. What the far side says is hostile text: [`said`](crate::said::said) caps and cleans it before it is kept.

use std::time::Duration;

use crate::tls::Flaw;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The host is not one the operator may reach. Whoever installed the operator can change that.
    #[error("host {host} is not allowed: {why}")]
    HostNotAllowed { host: String, why: String },
    /// The host does not show a certificate that is good for it. Nothing was sent.
    #[error("the connection to {host} is not trusted: {flaw}")]
    Untrusted { host: String, flaw: Flaw },
    /// The credentials were refused. The Secret must change. Nothing is tried with the same credentials for a while, since a
    /// few failures in a row lock an account.
    #[error("ThoughtSpot refused the credentials of {login}: {said}")]
    BadCredentials { login: String, said: String },
    /// Our login may not enter this Org (code 13090).
    #[error("{login} has no access to Org {org}")]
    NoOrgAccess { login: String, org: i64 },
    /// A token was given for another Org than the one asked for: nothing may be written with it.
    #[error("ThoughtSpot gave a token for Org {got} where Org {wanted} was asked for")]
    WrongOrg { wanted: i64, got: i64 },
    /// Signed in, and not allowed.
    #[error("ThoughtSpot does not allow {what}: {said}")]
    Forbidden { what: String, said: String },
    /// Understood and refused: the server says something about the request (400, 404, 409, and 500 with a reason). Whether an
    /// object exists is never concluded from this: look.
    #[error("ThoughtSpot refused {what} ({status}): {said}")]
    Refused { what: String, status: u16, code: Option<i64>, said: String },
    /// Too many requests; `after` as the server said, where it said.
    #[error("ThoughtSpot asks to slow down")]
    Throttled { after: Option<Duration> },
    /// Not there at the moment, and the request was certainly not carried out or is safe to repeat.
    #[error("ThoughtSpot is not available: {0}")]
    Unavailable(String),
    /// Nothing was sent: others found that there is no good answer, and it is asked once in a while only.
    #[error("ThoughtSpot is not available: it gave no good answer lately ({why}), and is asked once in a while")]
    Away { why: String },
    /// The request was sent and no usable answer came: it may or may not have been carried out. Look before doing it again.
    #[error("no clear answer to {what}: {why}")]
    Unclear { what: String, why: String },
    /// Nothing was sent: somebody else may soon write in our place, and this might still be under way then.
    #[error("nothing may be written at the moment")]
    NotLeading,
    /// A list that cannot be trusted: a page is missing, or ids repeat. Nothing is concluded from it.
    #[error("the list of {scope} cannot be read whole: {why}")]
    Uncertified { scope: String, why: String },
}
