//! The span of a pass: what every line of its log says of it, and what a trace tells.
//!
//! A kind may say more than [`bare`] does. Fields that are known at the end only have to be declared at the beginning: `outcome`, `reason`
//! and `otel.status_code`.

use tracing::Span;
use tracing::field::Empty;

use crate::cache::{Cached, Key};
use crate::outcome::Outcome;

/// The span of a pass over an object of which nothing more is known.
pub fn bare<K: Cached>(object: &Key) -> Span {
    let kind = K::kind(&());
    tracing::info_span!("pass", %kind, %object, outcome = Empty, reason = Empty, "otel.status_code" = Empty)
}

/// Says how the pass of the current span ended.
pub(crate) fn ended(outcome: Outcome) {
    let span = Span::current();
    span.record("outcome", outcome.label());
    if !outcome.reason().is_empty() {
        span.record("reason", outcome.reason());
    }
    if outcome.is_error() {
        span.record("otel.status_code", "error");
    }
}
