//! What both dialects have: the shapes of decoding, and what is read of headers and refusals.

use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use serde::de::DeserializeOwned;

use super::Decoder;
use crate::clock::{ServerClock, parse_retry_after};
use crate::domain::OrgId;
use crate::pass::{Pass, cookies};
use crate::scrub::{Scrubber, WITHHELD};
use crate::secret::Secret;
use crate::{decode, refusal};

pub(super) const DECODERS: &[Decoder] = &[refused, signed_in, slowed_down, scrubbed];

/// An answer that is one thing.
pub(crate) fn one<T: DeserializeOwned>(body: &[u8]) -> bool {
    serde_json::from_slice::<T>(body).is_ok()
}

/// An answer that is a row, of which something else is made.
pub(crate) fn made<R: DeserializeOwned, T: From<R>>(body: &[u8]) -> bool {
    serde_json::from_slice::<R>(body).map(T::from).is_ok()
}

/// An answer that is a page of rows.
pub(crate) fn rows<T: DeserializeOwned>(body: &[u8]) -> bool {
    decode::rows::<T>(body).is_ok()
}

fn refused(body: &[u8]) -> bool {
    let refusal::Refusal { code, text } = refusal::decode(body);
    code.is_some() || !text.is_empty()
}

/// Each line is a `Set-Cookie`.
fn signed_in(lines: &[u8]) -> bool {
    let values = lines.split(|byte| *byte == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok());
    let headers: HeaderMap = values.take(1000).map(|value| (SET_COOKIE, value)).collect();
    Pass::of_session(cookies(&headers)).and_then(|pass| pass.header()).is_some()
}

/// `Date` and `Retry-After`, a line each.
fn slowed_down(lines: &[u8]) -> bool {
    let lines = String::from_utf8_lossy(lines);
    let (date, after) = lines.split_once('\n').unwrap_or(("", &lines));
    let clock = ServerClock::default();
    clock.heard(date);
    parse_retry_after(after, &clock).is_some()
}

/// A secret in the first line, and what the far side says in the others: the one is not in what is shown of the other.
fn scrubbed(lines: &[u8]) -> bool {
    let lines = String::from_utf8_lossy(lines);
    let Some((secret, said)) = lines.split_once('\n').filter(|(secret, _)| !secret.is_empty()) else { return false };
    let scrubber = Scrubber::new(Secret::new("another"));
    scrubber.add_pass(OrgId::PRIMARY, &Pass::Bearer(Secret::new(secret)));
    let shown = scrubber.said(said, &[]);
    // The cut adds an ellipsis, which is no part of what was said.
    assert!(shown == WITHHELD || !shown.trim_end_matches('…').contains(secret), "{secret:?} is in {shown:?}");
    !shown.is_empty()
}
