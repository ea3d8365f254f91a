//! How a pass ended, in the words of metrics and traces. A closed set, so that the number of their labels is bounded.

use crate::fault::Fault;

/// How a pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    label: &'static str,
    reason: &'static str,
    is_error: bool,
}

impl Outcome {
    /// Nothing is left to do.
    pub const DONE: Outcome = Outcome::without_fault("done");
    /// Compared, and left alone as it is to be.
    pub const OBSERVED: Outcome = Outcome::without_fault("observed");
    /// Differs in what somebody keeps changing back, and was left as it is for now.
    pub const LEFT: Outcome = Outcome::without_fault("left");
    /// The object was let go.
    pub const RELEASED: Outcome = Outcome::without_fault("released");
    /// Dropped before its end, as by a panic or by the end of the process.
    pub(crate) const GIVEN_UP: Outcome = Outcome { label: "given_up", reason: "", is_error: true };

    const fn without_fault(label: &'static str) -> Outcome {
        Outcome { label, reason: "", is_error: false }
    }

    pub fn of_fault(fault: &Fault) -> Outcome {
        let (label, is_error) = match fault {
            Fault::Stalled { .. } | Fault::NotGranted { .. } => ("stalled", true),
            Fault::Waiting { .. } | Fault::Settling { .. } | Fault::NotYet => ("waiting", false),
            Fault::Suspended { .. } => ("suspended", false),
            Fault::Throttled { .. } => ("throttled", false),
            Fault::Later { .. } | Fault::Transient { .. } => ("failed", true),
            Fault::Outdated | Fault::NotLeading => ("outdated", false),
        };
        Outcome { label, reason: fault.reason().unwrap_or_default(), is_error }
    }

    /// The word for it.
    pub(crate) fn label(self) -> &'static str {
        self.label
    }

    /// That of the condition, where a condition shows how the pass ended; empty otherwise.
    pub(crate) fn reason(self) -> &'static str {
        self.reason
    }

    /// Whether somebody should look into it: it failed, was given up, or needs a person.
    pub(crate) fn is_error(self) -> bool {
        self.is_error
    }
}
