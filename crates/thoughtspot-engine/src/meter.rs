//! What is counted of passes, by the `metrics` facade: whoever runs the engine decides where it goes.

use std::borrow::Cow;
use std::time::Duration;

use metrics::{counter, histogram};

use crate::outcome::Outcome;

/// Passes by how they ended.
pub const PASSES: &str = "thoughtspot_operator_passes_total";
/// How long passes took, in seconds, with all their calls.
pub const PASS_SECONDS: &str = "thoughtspot_operator_pass_seconds";

/// Counts a pass over an object of this kind that has ended.
pub(crate) fn pass(kind: Cow<'static, str>, outcome: Outcome, took: Duration) {
    counter!(PASSES, "kind" => kind.clone(), "outcome" => outcome.label(), "reason" => outcome.reason()).increment(1);
    histogram!(PASS_SECONDS, "kind" => kind).record(took.as_secs_f64());
}
