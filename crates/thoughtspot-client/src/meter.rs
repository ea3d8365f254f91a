//! What is counted of calls, by the `metrics` facade: whoever runs the client decides where it goes. Labels are bounded: no label holds an
//! id, or a name of anything in ThoughtSpot.

use std::sync::Arc;
use std::time::Duration;

use metrics::{counter, histogram};

use crate::error::{Error, Result};
use crate::transport::{Reply, Request, Target};

/// Calls by how they ended. One that was `unauthorized` is sent again, once, with a fresh token.
pub const CALLS: &str = "thoughtspot_operator_calls_total";
/// From permit to last byte, in seconds.
pub const CALL_SECONDS: &str = "thoughtspot_operator_call_seconds";
/// How long a call waited for its share of the host's budget, in seconds.
pub const BUDGET_WAIT_SECONDS: &str = "thoughtspot_operator_call_budget_wait_seconds";

/// How a call ended, as the label `outcome` says it.
fn outcome(result: &Result<Reply>) -> &'static str {
    match result {
        Ok(reply) => match reply.status {
            200..300 => "ok",
            401 => "unauthorized",
            429 | 503 => "throttled",
            500.. => "error",
            _ => "refused",
        },
        Err(Error::Throttled { .. } | Error::NotLeading) => "not_sent",
        Err(Error::Unclear { .. }) => "lost",
        Err(
            Error::Unavailable(_)
            | Error::Untrusted { .. }
            | Error::HostNotAllowed { .. }
            | Error::BadCredentials { .. }
            | Error::NoOrgAccess { .. }
            | Error::WrongOrg { .. }
            | Error::Forbidden { .. }
            | Error::Refused { .. }
            | Error::Uncertified { .. },
        ) => "unavailable",
    }
}

/// One call, whether it was sent or not.
pub(crate) fn call(target: &Target, request: &Request<'_>, result: &Result<Reply>) {
    let (instance, dialect, outcome) = (Arc::clone(&target.label), request.api.dialect(), outcome(result));
    counter!(CALLS, "thoughtspotinstance" => instance, "dialect" => dialect, "operation" => request.what, "outcome" => outcome)
        .increment(1);
}

/// How long one call took that was sent.
pub(crate) fn took(target: &Target, request: &Request<'_>, took: Duration) {
    let (instance, dialect) = (Arc::clone(&target.label), request.api.dialect());
    histogram!(CALL_SECONDS, "thoughtspotinstance" => instance, "dialect" => dialect, "operation" => request.what)
        .record(took.as_secs_f64());
}

/// How long a call waited before it was sent, or given up.
pub(crate) fn waited(target: &Target, waited: Duration) {
    histogram!(BUDGET_WAIT_SECONDS, "thoughtspotinstance" => Arc::clone(&target.label)).record(waited.as_secs_f64());
}
