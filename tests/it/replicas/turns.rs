//! Whose turn it was, as the history of the Lease has it, and who wrote meanwhile, as ThoughtSpot has it.

use k8s_openapi::api::coordination::v1::LeaseSpec;
use thoughtspot_simulator::{Entry, Kind};

use super::{LEASE, Replica, Stage};

impl Stage {
    /// What was asked but to look: writes, and sign-ins.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.bench.thoughtspot.journal().into_iter().filter(|entry| entry.kind != Kind::Read).collect()
    }

    /// How often this one wrote, over all its lives.
    pub(super) fn wrote(&self, replica: &Replica) -> usize {
        self.entries().iter().filter(|entry| who(entry).starts_with(&format!("{}_", replica.name))).count()
    }

    /// Nobody wrote but while it was the last to have renewed the lease, however often that went back and forth.
    pub(crate) fn each_wrote_in_its_turn(&self) {
        let history = self.history.lock().unwrap().clone();
        let mut turns: Vec<&LeaseSpec> = history.iter().filter(|spec| spec.holder_identity.is_some()).collect();
        turns.sort_by_key(|spec| renewed(spec));
        for entry in self.entries() {
            let begun = turns.partition_point(|spec| renewed(spec) <= Some(entry.at_millis));
            let turn = turns[..begun].last();
            assert!(turn.is_some_and(|spec| holds(spec, &who(&entry), entry.at_millis)), "the lease: {turn:?}, for {entry:?}");
        }
    }

    /// Nobody took the Lease while a renewal of another held that had not released it, be that renewal deleted or not.
    pub(super) fn nobody_began_early(&self) {
        let history = self.history.lock().unwrap().clone();
        let leaders = |spec: &&LeaseSpec| spec.holder_identity.as_ref().is_some_and(|holder| holder.contains('_'));
        for (i, taken) in history.iter().enumerate().filter(|(_, spec)| leaders(spec)) {
            let turn = history[..i].rsplit(|spec| spec.holder_identity.is_none()).next().unwrap_or_default();
            for earlier in turn.iter().filter(leaders).filter(|earlier| earlier.holder_identity != taken.holder_identity) {
                let held_until = renewed(earlier).map(|at| at + i64::from(LEASE) * 1000);
                assert!(renewed(taken) >= held_until, "taken too early: {taken:?}, of {history:#?}");
            }
        }
    }

    /// Nobody wrote after somebody else began.
    pub(super) fn nobody_wrote_after_another_began(&self) {
        let (mut last, mut over) = (String::new(), Vec::new());
        for entry in self.entries() {
            let who = who(&entry);
            assert!(!over.contains(&who), "{who} writes after {last} has begun: {entry:?}");
            if who != last {
                over.push(std::mem::replace(&mut last, who));
            }
        }
    }

    /// The same, and nobody wrote but while it had the lease.
    pub(super) fn never_two_wrote(&self) {
        self.nobody_wrote_after_another_began();
        let history = self.history.lock().unwrap().clone();
        for entry in self.entries() {
            let who = who(&entry);
            assert!(
                history.iter().any(|spec| holds(spec, &who, entry.at_millis)),
                "no lease of {who} for {entry:?}: {history:#?}"
            );
        }
    }
}

/// When, in milliseconds since 1970.
pub(super) fn renewed(spec: &LeaseSpec) -> Option<i64> {
    spec.renew_time.as_ref().map(|time| time.0.as_millisecond())
}

/// Whether this renewal covers the moment.
fn holds(spec: &LeaseSpec, who: &str, at_millis: i64) -> bool {
    let Some(renewed) = renewed(spec) else { return false };
    spec.holder_identity.as_deref() == Some(who) && (renewed..=renewed + i64::from(LEASE) * 1000).contains(&at_millis)
}

/// Who asked, as the Lease names it.
pub(super) fn who(entry: &Entry) -> String {
    let agent = entry.agent.clone().unwrap_or_default();
    agent.split_once('(').and_then(|(_, name)| name.strip_suffix(')')).unwrap_or_default().to_owned()
}
