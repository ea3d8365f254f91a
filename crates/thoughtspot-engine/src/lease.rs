//! Who leads, decided from what a Lease says and when that was seen. Pure: no I/O, and no clock but the one handed in.
//!
//! Invariants: a Lease is taken over only after it was seen unchanged for its whole duration, by the clock of whoever takes it; a
//! holder counts its time from before it sent its last renewal. So whatever the clocks say, the holder's time is over before anybody
//! else's begins. What is written is written on exactly the version that was read, so that of two who try at once one is refused.
//! A Lease that is not there may have been deleted while its holder writes. So nobody leads by creating one: what is created is of an
//! unknown holder, and runs out as any other. Nor could a create be trusted that arrives late, when another Lease came and went.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// The longest that a write may take, where the lease leaves as much.
const WRITE_MAX: Duration = Duration::from_secs(15);
/// Who holds a Lease that somebody had to create: nobody may be, or one whose Lease was deleted and who has not noticed.
const UNKNOWN: &str = "unknown";
/// The least by which two times in a Lease differ.
const TICK: SignedDuration = SignedDuration::from_micros(1);

/// How long a lease is, and what follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    lease: Duration,
}

impl Timing {
    /// `seconds` is how long a Lease has to be seen unchanged before somebody else takes it.
    pub fn of_lease(seconds: u16) -> Timing {
        Timing { lease: Duration::from_secs(u64::from(seconds)) }
    }

    /// How long the lease is.
    pub fn lease(self) -> Duration {
        self.lease
    }

    /// Whoever could not renew for so long gives up: two thirds of the lease.
    pub fn give_up(self) -> Duration {
        self.lease * 2 / 3
    }

    /// How often the holder renews: so that it can fail a few times before it gives up.
    pub fn renew_every(self) -> Duration {
        self.lease * 2 / 15
    }

    /// How often the others look: whatever they see late is added to the time without anybody.
    pub fn look_every(self) -> Duration {
        self.lease / 15
    }

    /// How long one request about the Lease may take.
    pub fn attempt(self) -> Duration {
        self.lease / 6
    }

    /// How long a write may take: half the lease, so that one that begins long after the last renewal still ends in time.
    pub fn write(self) -> Duration {
        (self.lease / 2).min(WRITE_MAX)
    }
}

/// One who wants to lead, or does.
#[derive(Debug)]
pub struct Candidate {
    identity: String,
    timing: Timing,
    /// What was seen of another holder.
    seen: Option<Seen>,
    /// When the last renewal that was accepted was sent; `None` for who does not lead.
    renewed: Option<Instant>,
}

/// A Lease of another, and since when it is the same. One that was deleted and created anew is not the same, whatever it says.
#[derive(Debug)]
struct Seen {
    uid: Option<String>,
    spec: LeaseSpec,
    since: Instant,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// There is no Lease: create this one, which nobody leads by, and tell [`Candidate::reserved`].
    Reserve(Box<LeaseSpec>),
    /// Store this, which is on the version that was read, and tell [`Candidate::stored`].
    Take(Box<Lease>),
    /// Somebody else holds it. Look again after this time.
    Wait(Duration),
    /// It was ours, and is no longer.
    Lost,
}

impl Candidate {
    /// `identity` has to be another one for each who wants to lead, and each time.
    pub fn new(identity: String, timing: Timing) -> Candidate {
        Candidate { identity, timing, seen: None, renewed: None }
    }

    /// What follows from what is stored, `None` where there is no Lease. `now` is after it was read; `wall` is for people who read it.
    pub fn step(&mut self, stored: Option<&Lease>, now: Instant, wall: Timestamp) -> Step {
        if self.renewed.is_some() {
            let ours = stored.filter(|lease| holder(lease) == Some(&self.identity) && !self.has_lapsed(now));
            return ours.map_or(Step::Lost, |lease| self.take(lease, wall));
        }
        let Some(lease) = stored else { return self.reserve(wall) };
        match holder(lease) {
            Some(holder) if holder != self.identity => self.note(lease, now),
            // Nobody has it, or a write of ours arrived whose answer did not.
            Some(_) | None => self.seen = None,
        }
        match self.left_of_another(now) {
            Duration::ZERO => self.take(lease, wall),
            left => Step::Wait(left.min(self.timing.look_every())),
        }
    }

    fn reserve(&mut self, wall: Timestamp) -> Step {
        self.seen = None;
        Step::Reserve(Box::new(LeaseSpec {
            holder_identity: Some(UNKNOWN.to_owned()),
            lease_duration_seconds: self.seconds(),
            renew_time: Some(MicroTime(wall)),
            ..LeaseSpec::default()
        }))
    }

    /// It was created; `now` is after that.
    pub fn reserved(&mut self, lease: &Lease, now: Instant) {
        self.note(lease, now);
    }

    /// Whether it waits for somebody of whom nothing is known, and who may not be there at all.
    pub fn waits_for_unknown(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| seen.spec.holder_identity.as_deref() == Some(UNKNOWN))
    }

    fn note(&mut self, lease: &Lease, now: Instant) {
        let (uid, spec) = (&lease.metadata.uid, lease.spec.clone().unwrap_or_default());
        if self.seen.as_ref().is_none_or(|seen| seen.uid != *uid || seen.spec != spec) {
            self.seen = Some(Seen { uid: uid.clone(), spec, since: now });
        }
    }

    /// For how long another's lease still holds. It goes by its own duration, should that be longer than ours.
    fn left_of_another(&self, now: Instant) -> Duration {
        let Some(Seen { spec, since, .. }) = &self.seen else { return Duration::ZERO };
        let theirs = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or_default();
        let lease = self.timing.lease.max(Duration::from_secs(theirs));
        lease.saturating_sub(now.saturating_duration_since(*since))
    }

    fn seconds(&self) -> Option<i32> {
        i32::try_from(self.timing.lease.as_secs()).ok()
    }

    fn take(&self, stored: &Lease, wall: Timestamp) -> Step {
        let before = stored.spec.clone().unwrap_or_default();
        let is_ours = before.holder_identity.as_ref() == Some(&self.identity);
        let transitions = before.lease_transitions.unwrap_or_default();
        let ours = Some(before).filter(|_| is_ours).unwrap_or_default();
        // Whoever waits sees a renewal only by what differs: a clock that stands still, or goes back, must not hide it.
        let least = ours.renew_time.and_then(|last| last.0.checked_add(TICK).ok());
        let spec = LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: self.seconds(),
            acquire_time: ours.acquire_time.or(Some(MicroTime(wall))),
            renew_time: Some(MicroTime(least.map_or(wall, |least| least.max(wall)))),
            lease_transitions: Some(if is_ours { transitions } else { transitions.saturating_add(1) }),
            ..LeaseSpec::default()
        };
        Step::Take(Box::new(Lease { metadata: stored.metadata.clone(), spec: Some(spec) }))
    }

    /// What was sent at `sent` was accepted: it leads, and may write until the time returned, if nothing is renewed.
    pub fn stored(&mut self, sent: Instant) -> Instant {
        self.seen = None;
        self.renewed = Some(sent);
        sent + self.timing.lease
    }

    /// When it has to give up, if nothing is renewed; `None` for who does not lead.
    pub fn gives_up_at(&self) -> Option<Instant> {
        self.renewed.map(|renewed| renewed + self.timing.give_up())
    }

    fn has_lapsed(&self, now: Instant) -> bool {
        self.gives_up_at().is_some_and(|at| now >= at)
    }

    /// What to store so that somebody else can begin at once; `None` where it is not ours. The transitions are kept for whoever comes.
    pub fn released(&self, stored: &LeaseSpec) -> Option<LeaseSpec> {
        let ours = stored.holder_identity.as_ref() == Some(&self.identity);
        ours.then(|| LeaseSpec { lease_transitions: stored.lease_transitions, ..LeaseSpec::default() })
    }

    pub fn identity(&self) -> &str {
        &self.identity
    }

    pub fn timing(&self) -> Timing {
        self.timing
    }
}

fn holder(lease: &Lease) -> Option<&str> {
    lease.spec.as_ref()?.holder_identity.as_deref().filter(|holder| !holder.is_empty())
}

#[cfg(test)]
mod tests;
