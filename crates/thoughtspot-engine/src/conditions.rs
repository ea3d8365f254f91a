//! What is said in status: computed whole and compared, so that nothing is written when nothing changed.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;

use crate::fault::{Fault, UNAVAILABLE};

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    pub type_: &'static str,
    pub status: Status,
    pub reason: &'static str,
    pub message: String,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    True,
    False,
    Unknown,
}

impl Status {
    /// As Kubernetes writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::True => "True",
            Status::False => "False",
            Status::Unknown => "Unknown",
        }
    }
}

pub const READY: &str = "Ready";
pub const REFERENCES_RESOLVED: &str = "ReferencesResolved";
pub const RECONCILING: &str = "Reconciling";
pub const STALLED: &str = "Stalled";
pub const DRIFTED: &str = "Drifted";

/// Why something is called drifted while it is managed.
pub const FOUGHT: &str = "Fought";

/// How far a pass got before its fault: references are known to be good once resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Resolving,
    Resolved,
}

fn say(type_: &'static str, status: Status, reason: &'static str, message: &str) -> Saying {
    Saying { type_, status, reason, message: message.to_owned() }
}

/// Everything is as declared.
pub fn ready(reason: &'static str, message: &str) -> Vec<Saying> {
    vec![say(READY, Status::True, reason, message), say(REFERENCES_RESOLVED, Status::True, "Resolved", "")]
}

/// Found and compared, and not as declared, while nothing may be written.
pub fn drifted(message: &str) -> Vec<Saying> {
    let mut all = ready(DRIFTED, message);
    all.push(say(DRIFTED, Status::True, DRIFTED, message));
    all
}

/// As declared, and somebody keeps changing it back.
pub fn fought(message: &str) -> Vec<Saying> {
    let mut all = ready(READY, "");
    all.push(say(DRIFTED, Status::True, FOUGHT, message));
    all
}

/// Not as declared, since somebody keeps changing it back: it is left as it is for now.
pub fn left_for_now(message: &str) -> Vec<Saying> {
    vec![
        say(READY, Status::False, FOUGHT, message),
        say(REFERENCES_RESOLVED, Status::True, "Resolved", ""),
        say(RECONCILING, Status::True, FOUGHT, message),
        say(DRIFTED, Status::True, FOUGHT, message),
    ]
}

/// What a fault means for those who read status; `None` where it is nobody's business.
pub fn of_fault(fault: &Fault, progress: Progress) -> Option<Vec<Saying>> {
    let reason = fault.reason()?;
    let message = fault.message();
    let resolved = match progress {
        Progress::Resolved => Some(say(REFERENCES_RESOLVED, Status::True, "Resolved", "")),
        Progress::Resolving => None,
    };
    let unresolved = || Some(say(REFERENCES_RESOLVED, Status::False, reason, message));
    let (ready, references, detail) = match fault {
        Fault::Suspended { .. } => (Status::Unknown, resolved, None),
        Fault::Stalled { .. } => (Status::False, resolved, Some(STALLED)),
        Fault::NotGranted { .. } => (Status::False, unresolved(), Some(STALLED)),
        // Once resolved, it waits for others to go.
        Fault::Waiting { .. } => (Status::False, resolved.or_else(unresolved), Some(RECONCILING)),
        Fault::Throttled { .. } | Fault::Later { .. } | Fault::Transient { .. } => (Status::False, resolved, Some(RECONCILING)),
        Fault::Settling { .. } | Fault::NotYet | Fault::Outdated | Fault::NotLeading => return None,
    };
    let mut all = vec![say(READY, ready, reason, message)];
    all.extend(references);
    all.extend(detail.map(|type_| say(type_, Status::True, reason, message)));
    Some(all)
}

/// The conditions to store: a condition's time moves only when its status does, and one we no longer say is gone.
pub fn compose(before: &[Condition], sayings: &[Saying], generation: Option<i64>) -> Vec<Condition> {
    sayings
        .iter()
        .map(|saying| {
            let since = before.iter().find(|c| c.type_ == saying.type_ && c.status == saying.status.as_str());
            Condition {
                type_: saying.type_.to_owned(),
                status: saying.status.as_str().to_owned(),
                reason: saying.reason.to_owned(),
                message: saying.message.clone(),
                observed_generation: generation,
                last_transition_time: since.map_or_else(|| Time(Timestamp::now()), |c| c.last_transition_time.clone()),
            }
        })
        .collect()
}

/// Whether it is said already that something does not answer. In an outage each call fails in other words, which is not worth a write.
pub fn says_so(conditions: &[Condition], fault: &Fault, generation: Option<i64>) -> bool {
    let said =
        |c: &&Condition| c.type_ == RECONCILING && c.status == Status::True.as_str() && c.observed_generation == generation;
    fault.reason() == Some(UNAVAILABLE) && conditions.iter().find(said).is_some_and(|c| c.reason == UNAVAILABLE)
}

/// Whether a person has to see to the object first.
pub fn is_stalled(conditions: &[Condition]) -> bool {
    conditions.iter().any(|c| c.type_ == STALLED && c.status == Status::True.as_str())
}

/// Whether this says that somebody keeps changing a field back.
pub fn is_fought(condition: &Condition) -> bool {
    condition.type_ == DRIFTED && condition.reason == FOUGHT
}

/// Whether the object is not Ready for this reason.
pub fn waits_for(conditions: &[Condition], reason: &str) -> bool {
    conditions.iter().any(|c| c.type_ == READY && c.status == Status::False.as_str() && c.reason == reason)
}

/// Whether the object was as declared when last looked at, at this generation.
pub fn was_ready(before: &[Condition], generation: Option<i64>) -> bool {
    before.iter().any(|c| c.type_ == READY && c.status == Status::True.as_str() && c.observed_generation == generation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(sayings: &[Saying]) -> Vec<(&str, Status)> {
        sayings.iter().map(|s| (s.type_, s.status)).collect()
    }

    #[test]
    fn a_fault_says_who_can_help() {
        let message = String::from("m");
        let check = |fault: Fault, expected: &[(&str, Status)]| {
            assert_eq!(types(&of_fault(&fault, Progress::Resolved).unwrap()), expected, "{fault:?}");
        };
        check(
            Fault::Stalled { reason: "Invalid", message: message.clone() },
            &[(READY, Status::False), (REFERENCES_RESOLVED, Status::True), (STALLED, Status::True)],
        );
        let waiting = Fault::Waiting { reason: "NotReady", message: message.clone() };
        check(waiting.clone(), &[(READY, Status::False), (REFERENCES_RESOLVED, Status::True), (RECONCILING, Status::True)]);
        let unresolved = of_fault(&waiting, Progress::Resolving).unwrap();
        assert_eq!(
            types(&unresolved),
            [(READY, Status::False), (REFERENCES_RESOLVED, Status::False), (RECONCILING, Status::True)]
        );
        check(
            Fault::NotGranted { reason: "NotGranted", message: message.clone() },
            &[(READY, Status::False), (REFERENCES_RESOLVED, Status::False), (STALLED, Status::True)],
        );
        check(
            Fault::Suspended { reason: "Suspended", message },
            &[(READY, Status::Unknown), (REFERENCES_RESOLVED, Status::True)],
        );
        assert_eq!(of_fault(&Fault::NotYet, Progress::Resolved), None);
    }

    #[test]
    fn a_transition_time_moves_only_with_the_status() {
        let first = compose(&[], &ready("Ready", ""), Some(1));
        let mut old = first.clone();
        for c in &mut old {
            c.last_transition_time = Time(Timestamp::UNIX_EPOCH);
        }
        let same = compose(&old, &ready("Ready", "another message"), Some(2));
        assert!(same.iter().all(|c| c.last_transition_time.0 == Timestamp::UNIX_EPOCH && c.observed_generation == Some(2)));
        let fault = Fault::Transient { reason: "Unavailable", message: String::new() };
        let flipped = compose(&old, &of_fault(&fault, Progress::Resolved).unwrap(), Some(2));
        assert!(flipped[0].last_transition_time.0 > Timestamp::UNIX_EPOCH);
    }
}
