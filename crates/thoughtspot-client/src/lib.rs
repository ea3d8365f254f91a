//! The far side: a ThoughtSpot, in domain words.
//!
//! Invariants: no Kubernetes type is named here; nothing outside [`v1`] and [`v2`] knows what is on the wire; every request passes the
//! budget of its host, has a deadline and a capped answer; no credential is printable.
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`domain`] | Orgs, users, groups as ThoughtSpot means them |
//! | [`content`] | words and shapes about content that both dialects share |
//! | [`port`] | [`port::ThoughtSpot`]: what can be asked of a ThoughtSpot, whatever dialect it speaks |
//! | [`nonempty`] | lists that name something |
//! | [`error`] | what can go wrong, by who can help |
//! | [`secret`] | the one type that holds a credential |
//! | [`host`] | which hosts may be reached, and at which addresses |
//! | [`tls`] | whose certificates are believed, and what is wrong with one that is not |
//! | [`budget`] | one rate limit per host, with two lanes and a pause |
//! | [`outage`] | a host that does not answer is asked once in a while |
//! | [`transport`] | one HTTP exchange: deadline, cap, content type, no redirects |
//! | [`span`] | what a trace tells of calls |
//! | `pass` | what a request carries to show who asks |
//! | `api` | the two APIs of one server |
//! | `wire` | one call over the wire, and what its refusal means |
//! | [`room`] | what lists take of memory |
//! | `rows` | lists, read row by row |
//! | `refusal` | the shapes a refusal may have |
//! | `session` | a verified pass per Org, and when to sign in |
//! | `at` | a call with the pass of one Org |
//! | [`settings`] | how to reach one ThoughtSpot, and as whom |
//! | `decode` | helpers to read what is `null`, a string or a float today |
//! | `clock` | the server's clock, from its answers |
//! | `logins` | refused sign-ins, remembered so that nobody is locked out |
//! | [`said`] | what the far side says, as it may be shown |
//! | [`scrub`] | takes our secrets out of what the far side says |
//! | [`v1`] | the port over REST API v1: a session per Org, forms, lists without pages |
//! | [`v2`] | the port over REST API 2.0: tokens per Org, wire types, calls |
//! | [`inventory`] | what exists, read by pages and shared by everyone who asks |

mod api;
mod at;
pub mod budget;
mod clock;
pub mod content;
mod decode;
pub mod domain;
pub mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod host;
pub mod inventory;
mod logins;
pub mod meter;
pub mod nonempty;
pub mod outage;
mod pass;
pub mod port;
mod refusal;
pub mod room;
mod rows;
pub mod said;
pub mod scrub;
pub mod secret;
mod session;
pub mod settings;
pub mod span;
pub mod tls;
pub mod transport;
pub mod v1;
pub mod v2;
mod wire;

pub use error::{Error, Result};
