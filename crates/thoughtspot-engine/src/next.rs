//! When an object is looked at next. Pure, but for the jitter.

use std::time::Duration;

use crate::fault::Fault;
use crate::outcome::Outcome;

/// How many failures in a row an object that was as declared may have before its status says so: a blip is not news.
const BLIPS: u32 = 2;
/// The longest wait of the back-off.
pub(crate) const BACKOFF_MAX: Duration = Duration::from_secs(300);
/// The net under a wait that a watch ends.
const WAITING: Duration = Duration::from_secs(300);

/// When an object is looked at next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    After(Duration),
    /// After a growing delay.
    Backoff,
    /// Only when something wakes it.
    OnWake,
}

/// What a pass came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    pub next: Next,
    pub outcome: Outcome,
}

/// `interval`, a little more for some than for others, so that they do not all come at once: at most a twentieth.
pub fn jittered(interval: Duration) -> Duration {
    interval.mul_f64(1.0 + fastrand::f64() / 20.0)
}

/// When to look again after a fault; `interval` is how often the object is looked at anyway.
pub fn next_after(fault: &Fault, interval: Duration) -> Next {
    match fault {
        Fault::Stalled { .. } | Fault::NotGranted { .. } => Next::After(jittered(interval)),
        Fault::Waiting { .. } => Next::After(jittered(WAITING)),
        Fault::Suspended { .. } | Fault::NotYet => Next::OnWake,
        Fault::Settling { after } => Next::After(*after),
        Fault::Throttled { after: Some(after), .. } => Next::After(jittered((*after).min(BACKOFF_MAX))),
        Fault::Later { after, .. } => Next::After(jittered(*after)),
        // What made it outdated wakes us as well; the delay is for a watch that is late.
        Fault::Throttled { after: None, .. } | Fault::Transient { .. } | Fault::Outdated | Fault::NotLeading => Next::Backoff,
    }
}

/// Whether a fault is kept quiet for now: an object that was as declared may fail now and then for reasons that time cures.
pub fn is_blip(fault: &Fault, was_ready: bool, failures: u32) -> bool {
    was_ready && failures < BLIPS && matches!(fault, Fault::Transient { .. } | Fault::Throttled { .. })
}

/// 1 s, 2 s, 4 s … `longest`, each between half and the whole.
pub(crate) fn backoff(failures: u32, longest: Duration) -> Duration {
    let whole = Duration::from_secs(1).saturating_mul(1 << failures.min(10)).min(longest);
    whole.mul_f64(0.5 + fastrand::f64() / 2.0)
}
