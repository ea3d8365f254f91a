//! What can go wrong with a pass, by who can help. A variant is one way to respond, not one place it came from.

use std::time::Duration;

use crate::fence::NotLeading;
use crate::shown::{said, shown};

/// Why something is not as declared while the other side does not answer.
pub const UNAVAILABLE: &str = "Unavailable";

/// Why a pass did not end with the object as declared. `reason` is a word of the closed set that conditions use; `message` names the
/// field and the next step, and is shown to users: never a secret, never another tenant's names.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// A person has to change something. Tried again on change, or at the sync interval.
    #[error("{reason}: {message}")]
    Stalled { reason: &'static str, message: String },
    /// Something that the object names is missing or not ready. A watch wakes us; the timer is a net.
    #[error("{reason}: {message}")]
    Waiting { reason: &'static str, message: String },
    /// The owner of something that the object names does not grant its use.
    #[error("{reason}: {message}")]
    NotGranted { reason: &'static str, message: String },
    /// Somebody said to leave it alone for now.
    #[error("{reason}: {message}")]
    Suspended { reason: &'static str, message: String },
    /// The far side asks to slow down, for so long if it says.
    #[error("{reason}: {message}")]
    Throttled { reason: &'static str, message: String, after: Option<Duration> },
    /// Time helps, and much of it: tried again after so long. What was asked for was clearly refused until then.
    #[error("{reason}: {message}")]
    Later { reason: &'static str, message: String, after: Duration },
    /// Time helps: tried again with growing delays.
    #[error("{reason}: {message}")]
    Transient { reason: &'static str, message: String },
    /// Nothing is wrong: it is decided again after this time, with what else is decided together with it.
    #[error("not before {after:?}")]
    Settling { after: Duration },
    /// The operator does not know yet, as after its start. Nothing is reported; a wake follows.
    #[error("not known yet")]
    NotYet,
    /// The object was changed by somebody else while we decided. Nothing is reported; decided again on the newer one.
    #[error("the object changed meanwhile")]
    Outdated,
    /// Another replica may soon lead: nothing was sent. Nothing is reported; whoever leads decides again.
    #[error("this replica may not write at the moment")]
    NotLeading,
}

impl Fault {
    /// The word for conditions, events and metrics; `None` where nothing is reported.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Fault::Stalled { reason, .. }
            | Fault::Waiting { reason, .. }
            | Fault::NotGranted { reason, .. }
            | Fault::Suspended { reason, .. }
            | Fault::Throttled { reason, .. }
            | Fault::Later { reason, .. }
            | Fault::Transient { reason, .. } => Some(reason),
            Fault::Settling { .. } | Fault::NotYet | Fault::Outdated | Fault::NotLeading => None,
        }
    }

    /// What users read.
    pub fn message(&self) -> &str {
        match self {
            Fault::Stalled { message, .. }
            | Fault::Waiting { message, .. }
            | Fault::NotGranted { message, .. }
            | Fault::Suspended { message, .. }
            | Fault::Throttled { message, .. }
            | Fault::Later { message, .. }
            | Fault::Transient { message, .. } => message,
            Fault::Settling { .. } | Fault::NotYet | Fault::Outdated | Fault::NotLeading => "",
        }
    }

    /// A failed call to Kubernetes. A conflict means that what we decided on is out of date, and a missing object that there is
    /// nothing left to do for it: both are decided again.
    pub fn kubernetes(what: &str, error: kube::Error) -> Fault {
        let kube::Error::Api(status) = &error else {
            if let kube::Error::Service(cause) = &error
                && cause.is::<NotLeading>()
            {
                return Fault::NotLeading;
            }
            // That there was no answer is enough here, the log has more.
            tracing::debug!(why = shown(&error), "a call to Kubernetes failed");
            return Fault::Transient { reason: UNAVAILABLE, message: format!("{what}: the Kubernetes API gave no answer") };
        };
        if status.is_conflict() || status.is_not_found() {
            return Fault::Outdated;
        }
        Fault::Transient { reason: UNAVAILABLE, message: format!("{what}: {}", said(status)) }
    }
}
