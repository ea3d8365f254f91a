//! What is counted of passes, by the `metrics` facade: whoever runs the engine decides where it goes.

use std::borrow::Cow;
use std::time::Instant;

use metrics::{counter, histogram};

use crate::cache::Cached;
use crate::fault::Fault;
use crate::pass::Ended;
use crate::span;

/// Passes by how they ended.
pub const PASSES: &str = "thoughtspot_operator_passes_total";
/// How long passes took, in seconds, with all their calls.
pub const PASS_SECONDS: &str = "thoughtspot_operator_pass_seconds";

/// How a pass ended, as the labels `outcome` and `reason` say it.
pub type Outcome = (&'static str, &'static str);

/// A pass that met no fault.
pub const DONE: Outcome = ("done", "");
/// A pass that let its object go.
pub const RELEASED: Outcome = ("released", "");

/// As the labels say how a pass ended; where a condition shows it, `reason` is that of the condition.
pub fn of_fault(fault: &Fault) -> Outcome {
    let outcome = match fault {
        Fault::Stalled { .. } | Fault::NotGranted { .. } => "stalled",
        Fault::Waiting { .. } | Fault::Settling { .. } | Fault::NotYet => "waiting",
        Fault::Suspended { .. } => "suspended",
        Fault::Throttled { .. } => "throttled",
        Fault::Later { .. } | Fault::Transient { .. } => "failed",
        Fault::Outdated | Fault::NotLeading => "outdated",
    };
    (outcome, fault.reason().unwrap_or_default())
}

pub(crate) fn of_end(result: &Result<Ended, Fault>) -> Outcome {
    match result {
        Ok(Ended::AsDeclared) => DONE,
        Ok(Ended::Observed(_)) => ("observed", ""),
        Ok(Ended::Left) => ("left", ""),
        Ok(Ended::Released) => RELEASED,
        Err(fault) => of_fault(fault),
    }
}

/// A pass under way; it counts as given up if it is dropped before [`Stopwatch::ended`], as by a panic.
pub struct Stopwatch {
    kind: Cow<'static, str>,
    began: Instant,
    outcome: Outcome,
}

impl Stopwatch {
    pub fn start<K: Cached>() -> Stopwatch {
        Stopwatch { kind: K::kind(&()), began: Instant::now(), outcome: ("given_up", "") }
    }

    pub fn ended(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        let Stopwatch { kind, began, outcome: (outcome, reason) } = &*self;
        let (outcome, reason) = (*outcome, *reason);
        span::ended((outcome, reason));
        counter!(PASSES, "kind" => kind.clone(), "outcome" => outcome, "reason" => reason).increment(1);
        histogram!(PASS_SECONDS, "kind" => kind.clone()).record(began.elapsed().as_secs_f64());
    }
}
