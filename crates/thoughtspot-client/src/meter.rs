//! What is counted of calls, by the `metrics` facade: whoever runs the client decides where it goes. Labels are bounded: no label holds an
//! id, or a name of anything in ThoughtSpot.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
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

/// How many connections are told apart.
const LABELS_MAX: usize = 1000;
/// What the others are called together.
const OTHERS: &str = "others";

/// The connections that were ever counted: what was counted once is told for as long as the process runs.
#[derive(Debug, Default)]
pub(crate) struct Labels(Mutex<HashSet<Arc<str>>>);

impl Labels {
    /// What a connection is counted as.
    pub(crate) fn of(&self, connection: &Arc<str>) -> Arc<str> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < LABELS_MAX {
            known.insert(Arc::clone(connection));
        }
        if known.contains(connection) { Arc::clone(connection) } else { OTHERS.into() }
    }
}

/// How a call ended, as the label `outcome` says it.
pub(crate) fn outcome(result: &Result<Reply>) -> &'static str {
    match result {
        Ok(reply) => match reply.status {
            200..300 => "ok",
            401 => "unauthorized",
            _ if reply.asks_to_slow_down() => "throttled",
            500.. => "error",
            _ => "refused",
        },
        Err(Error::Throttled { .. } | Error::Away { .. } | Error::NotLeading) => "not_sent",
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
    let (instance, dialect, outcome) = (Arc::clone(&target.counted_as), request.api.dialect(), outcome(result));
    counter!(CALLS, "thoughtspotinstance" => instance, "dialect" => dialect, "operation" => request.what, "outcome" => outcome)
        .increment(1);
}

/// How long one call took that was sent.
pub(crate) fn took(target: &Target, request: &Request<'_>, took: Duration) {
    let (instance, dialect) = (Arc::clone(&target.counted_as), request.api.dialect());
    histogram!(CALL_SECONDS, "thoughtspotinstance" => instance, "dialect" => dialect, "operation" => request.what)
        .record(took.as_secs_f64());
}

/// How long a call waited before it was sent, or given up.
pub(crate) fn waited(target: &Target, waited: Duration) {
    histogram!(BUDGET_WAIT_SECONDS, "thoughtspotinstance" => Arc::clone(&target.counted_as)).record(waited.as_secs_f64());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_makes_ever_new_connections_makes_no_ever_new_series() {
        let labels = Labels::default();
        let named = |n: usize| Arc::from(format!("ns/{n}"));
        let told: HashSet<Arc<str>> = (0..2 * LABELS_MAX).map(|n| labels.of(&named(n))).collect();
        assert_eq!(told.len(), LABELS_MAX + 1);
        assert_eq!((&*labels.of(&named(0)), &*labels.of(&named(LABELS_MAX))), ("ns/0", OTHERS));
    }
}
