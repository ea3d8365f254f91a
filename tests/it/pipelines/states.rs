//! Every state that a resource can be in, made as the engine makes it, and what delivery tools are to make of it.

use serde_json::{Value, json};
use thoughtspot_engine::Fault;
use thoughtspot_engine::conditions::{self, Progress, Saying};

pub(super) struct State {
    pub(super) object: Value,
    /// Status and message in Argo CD.
    pub(super) argo_cd: (&'static str, &'static str),
    /// Status in kstatus.
    pub(super) kstatus: &'static str,
}

/// What Argo CD says of a generation that the operator has not seen.
pub(super) const UNSEEN: &str = "the operator has not seen this generation yet";

fn object(observed: i64, sayings: &[Saying]) -> Value {
    let conditions = conditions::compose(&[], sayings, Some(observed));
    json!({ "apiVersion": "thoughtspot.dev/v1alpha1", "kind": "ThoughtSpotOrg", "metadata": { "name": "acme", "generation": 2 },
        "status": { "observedGeneration": observed, "conditions": conditions } })
}

fn fault(fault: Fault) -> Value {
    object(2, &conditions::of_fault(&fault, Progress::Resolved).unwrap())
}

fn going(mut object: Value) -> Value {
    object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    object
}

pub(super) fn all() -> Vec<State> {
    let (reason, message) = ("R", || "why".to_owned());
    let stalled = || fault(Fault::Stalled { reason, message: message() });
    let waiting = || fault(Fault::Waiting { reason, message: message() });
    let ready = |observed| object(observed, &conditions::ready("Ready", ""));
    let states = [
        (object(-1, &[]), ("Progressing", UNSEEN), "InProgress"),
        (ready(1), ("Progressing", UNSEEN), "InProgress"),
        (ready(2), ("Healthy", ""), "Current"),
        (object(2, &conditions::drifted("differs: description")), ("Healthy", "differs: description"), "Current"),
        (stalled(), ("Degraded", "why"), "Failed"),
        (fault(Fault::NotGranted { reason, message: message() }), ("Degraded", "why"), "Failed"),
        (waiting(), ("Progressing", "why"), "InProgress"),
        (fault(Fault::Transient { reason, message: message() }), ("Progressing", "why"), "InProgress"),
        (fault(Fault::Suspended { reason, message: message() }), ("Suspended", "why"), "InProgress"),
        (going(ready(2)), ("Progressing", "being deleted"), "Terminating"),
        (going(waiting()), ("Progressing", "why"), "Terminating"),
        (going(stalled()), ("Degraded", "why"), "Terminating"),
    ];
    states.into_iter().map(|(object, argo_cd, kstatus)| State { object, argo_cd, kstatus }).collect()
}
