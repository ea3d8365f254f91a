//! Which of two resources has the better claim to one object. Pure.

use kube::ResourceExt;
use thoughtspot_crds::{ManagementPolicy, Reason};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use crate::faults;

/// What a resource claims, as far as the judgement needs it. Names are folded where the kind folds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimant {
    pub key: Key,
    pub uid: String,
    /// Seconds since 1970; the older claim wins among those that hold nothing.
    pub created: i64,
    pub policy: ManagementPolicy,
    /// Whether it could act: its Instance grants its namespace.
    pub able: bool,
    /// The id it holds, if any.
    pub id: Option<String>,
    /// The name it declares.
    pub wants: String,
    /// The name its object has, if it holds one.
    pub holds: Option<String>,
}

impl Claimant {
    fn age(&self) -> (i64, &str) {
        (self.created, &self.uid)
    }
}

/// Seconds since 1970 at which the resource was created.
pub fn created<K: ResourceExt>(object: &K) -> i64 {
    object.creation_timestamp().map_or(i64::MAX, |time| time.0.as_second())
}

/// Judges `me` against every other resource that may want or hold the same object, in the same ThoughtSpot and Org. `found` is the id of
/// the object that exists under the name or id in question.
///
/// # Errors
///
/// [`Reason::Conflict`] if somebody else has the better claim. The message names a resource only in `me`'s own namespace.
pub fn judge(me: &Claimant, others: &[Claimant], found: Option<&str>) -> Result<(), Fault> {
    let rivals = others.iter().filter(|other| other.uid != me.uid && other.policy.writes());
    for rival in rivals {
        if outranks(rival, me, found) {
            return Err(conflict(me, rival));
        }
    }
    Ok(())
}

fn outranks(rival: &Claimant, me: &Claimant, found: Option<&str>) -> bool {
    let same_object = rival.id.is_some() && rival.id.as_deref() == found;
    // An id of mine that is not what was found is of something that is gone.
    let mine = me.id.as_deref().filter(|id| found.is_none_or(|found| found == *id));
    match (mine, rival.id.as_deref()) {
        // Both hold it, as after a restored manifest: the older one keeps it.
        (Some(mine), Some(theirs)) if mine == theirs => rival.age() < me.age(),
        // A rename onto a name that somebody has or wants is a conflict of the one that renames.
        (Some(_), _) => {
            let renaming = me.holds.as_deref() != Some(me.wants.as_str());
            renaming && (rival.holds.as_deref() == Some(&me.wants) || (rival.wants == me.wants && rival.able))
        }
        (None, Some(_)) => same_object || rival.holds.as_deref() == Some(&me.wants),
        (None, None) => rival.wants == me.wants && rival.able && rival.age() < me.age(),
    }
}

fn conflict(me: &Claimant, rival: &Claimant) -> Fault {
    let who = if rival.key.namespace == me.key.namespace {
        format!("{} in this namespace", rival.key.name)
    } else {
        "a resource in another namespace".to_owned()
    };
    faults::stalled(
        Reason::Conflict,
        format!("{:?} is managed by {who}: delete one of the two, or choose another spec.name", me.wants),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimant(uid: &str, created: i64, id: Option<&str>, wants: &str, holds: Option<&str>) -> Claimant {
        Claimant {
            key: Key::new("ns", uid),
            uid: uid.to_owned(),
            created,
            policy: ManagementPolicy::Manage,
            able: true,
            id: id.map(str::to_owned),
            wants: wants.to_owned(),
            holds: holds.map(str::to_owned),
        }
    }

    #[track_caller]
    fn check(me: &Claimant, other: &Claimant, found: Option<&str>, wins: bool) {
        assert_eq!(judge(me, std::slice::from_ref(other), found).is_ok(), wins, "{me:?} against {other:?}, found {found:?}");
    }

    #[test]
    fn the_one_with_the_id_keeps_it() {
        let holder = claimant("b", 2, Some("1"), "acme", Some("acme"));
        let newcomer = claimant("a", 1, None, "acme", None);
        check(&holder, &newcomer, Some("1"), true);
        check(&newcomer, &holder, Some("1"), false);
    }

    #[test]
    fn with_none_the_oldest_that_could_act_wins() {
        let older = claimant("a", 1, None, "acme", None);
        let younger = claimant("b", 2, None, "acme", None);
        check(&older, &younger, None, true);
        check(&younger, &older, None, false);
        check(&younger, &Claimant { able: false, ..older.clone() }, None, true);
        check(&younger, &Claimant { policy: ManagementPolicy::Observe, ..older }, None, true);
    }

    #[test]
    fn a_rename_onto_a_claimed_name_is_a_conflict_of_the_one_that_renames() {
        let renaming = claimant("a", 1, Some("1"), "globex", Some("acme"));
        check(&renaming, &claimant("b", 2, Some("2"), "globex", Some("globex")), Some("1"), false);
        check(&renaming, &claimant("b", 2, None, "globex", None), Some("1"), false);
        check(&claimant("b", 2, Some("2"), "globex", Some("globex")), &renaming, Some("2"), true);
    }

    #[test]
    fn whoever_lost_its_object_does_not_get_anothers_of_the_same_name() {
        let lost = claimant("a", 1, Some("1"), "acme", Some("acme"));
        let holder = claimant("b", 2, Some("2"), "acme", Some("acme"));
        check(&lost, &holder, Some("2"), false);
        check(&holder, &lost, Some("2"), true);
    }

    #[test]
    fn of_two_that_hold_one_id_the_older_keeps_it() {
        let older = claimant("a", 1, Some("1"), "acme", Some("acme"));
        let younger = claimant("b", 2, Some("1"), "acme", Some("acme"));
        check(&older, &younger, Some("1"), true);
        check(&younger, &older, Some("1"), false);
    }
}
