//! Names that ThoughtSpot refuses although no Org has them: a deleted Org holds its name for seven days (docs/thoughtspot-api.md, "Orgs").
//!
//! The refusal is that of a name that is taken; what tells them apart is that a search, now, finds nobody. So such a name is tried again
//! rarely, whoever wakes its resource meanwhile, and until when it is held is known as far as this process deleted the Org itself.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thoughtspot_client::Error;
use thoughtspot_client::domain::{Lookup, Millis};
use thoughtspot_crds::{Reason, annotations};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use super::{Desired, OrgChange};

/// How long a deleted Org holds its name.
const HELD_MS: Millis = 7 * 24 * 60 * 60 * 1000;
/// How long a refused name is left alone.
const RARELY_MS: Millis = 60 * 60 * 1000;

/// What is known of the names of deleted Orgs, by Instance and name. Times are the server's.
#[derive(Default)]
pub(super) struct HeldNames(Mutex<HashMap<(Key, String), Held>>);

/// One name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    /// Until when it is held; `None` where somebody else deleted the Org, or another process.
    until: Option<Millis>,
    /// When it may be tried again; `None` where it was not refused yet.
    again: Option<Millis>,
}

impl Held {
    /// How long to leave the name alone, if it was refused.
    fn rest(self, now: Millis) -> Option<Duration> {
        let until = self.until.filter(|until| *until > now);
        let again = self.again?.min(until.unwrap_or(Millis::MAX));
        u64::try_from(again - now).ok().filter(|rest| *rest > 0).map(Duration::from_millis)
    }

    /// The same after a refusal. A time that has passed was no reason for it.
    fn refused(self, now: Millis) -> Held {
        Held { until: self.until.filter(|until| *until > now), again: Some(now + RARELY_MS) }
    }
}

impl HeldNames {
    /// We are about to delete the Org of this name.
    pub(super) fn deleting(&self, want: &Desired, name: &str) {
        let now = want.connection.far.server_now();
        let mut names = self.names();
        names.retain(|_, held| held.until.max(held.again).is_some_and(|end| end > now));
        names.insert(key(want, name), Held { until: Some(now + HELD_MS), again: None });
    }

    /// Whether the names that these changes give may be tried now: a person may ask for that at any time.
    pub(super) fn may_try(&self, want: &Desired, changes: &[OrgChange]) -> Result<(), Fault> {
        let now = want.connection.far.server_now();
        let given = changes.iter().filter_map(OrgChange::gives_name).filter(|_| !want.asked);
        for name in given {
            let held = self.names().get(&key(want, name)).copied().unwrap_or_default();
            if let Some(rest) = held.rest(now) {
                return Err(waits(name, held.until, rest));
            }
        }
        Ok(())
    }

    /// What a failed change means, which may have given a name: whether nobody has the name that is refused.
    pub(super) async fn judge(&self, want: &Desired, change: &OrgChange, error: &Error) -> Fault {
        let now = want.connection.far.server_now();
        let fault = want.connection.fault(error);
        let Some(name) = change.gives_name() else { return fault };
        let known = self.names().get(&key(want, name)).copied().unwrap_or_default().refused(now);
        if !may_be_held(error, name, known.until.is_some()) {
            return fault;
        }
        match want.connection.far.find_org(Lookup::Name(name)).await {
            Ok(None) => {
                self.names().insert(key(want, name), known);
                waits(name, known.until, known.rest(now).unwrap_or_default())
            }
            Ok(Some(_)) | Err(_) => fault,
        }
    }

    fn names(&self) -> MutexGuard<'_, HashMap<(Key, String), Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(want: &Desired, name: &str) -> (Key, String) {
    (want.instance.clone(), name.to_owned())
}

/// Whether a refusal may be that of a name that is taken. A 400 is also the answer to a name of characters that the server does not take.
fn may_be_held(error: &Error, name: &str, deleted_by_us: bool) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    match error {
        Error::Refused { status, .. } => deleted_by_us || *status == 409 || (*status == 400 && plain),
        Error::HostNotAllowed { .. }
        | Error::Untrusted { .. }
        | Error::BadCredentials { .. }
        | Error::NoOrgAccess { .. }
        | Error::WrongOrg { .. }
        | Error::Forbidden { .. }
        | Error::Throttled { .. }
        | Error::Unavailable(_)
        | Error::Away { .. }
        | Error::Unclear { .. }
        | Error::NotLeading
        | Error::Uncertified { .. } => false,
    }
}

fn waits(name: &str, until: Option<Millis>, after: Duration) -> Fault {
    let until = until.and_then(|until| jiff::Timestamp::from_millisecond(until).ok());
    let until = match until {
        Some(until) => format!("until {}", until.strftime("%Y-%m-%dT%H:%M:%SZ")),
        None => "for up to seven days after its deletion".to_owned(),
    };
    let message = format!(
        "no Org is named {name:?}, and ThoughtSpot refuses the name: an Org that was deleted holds it {until}. It is tried again every hour, \
         and when the annotation {} changes; another spec.name would not have to wait",
        annotations::RECONCILE_REQUESTED_AT
    );
    Fault::Later { reason: Reason::NameHeld.as_str(), message, after }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_000_000_000;

    #[test]
    fn a_refused_name_rests_for_an_hour_or_until_it_is_free() {
        let rest = |until: Option<Millis>, again: Option<Millis>| Held { until, again }.rest(NOW).map(|rest| rest.as_millis());
        assert_eq!(rest(Some(NOW + HELD_MS), None), None, "it was not refused yet: it may be free already");
        assert_eq!(rest(None, Some(NOW + 5)), Some(5));
        assert_eq!(rest(Some(NOW + 2), Some(NOW + 5)), Some(2));
        assert_eq!(rest(Some(NOW - 2), Some(NOW + 5)), Some(5));
        assert_eq!(rest(None, Some(NOW)), None);
        let refused = Held { until: Some(NOW - 1), again: None }.refused(NOW);
        assert_eq!(
            refused,
            Held { until: None, again: Some(NOW + RARELY_MS) },
            "the Org that we deleted is not the reason any more"
        );
    }

    #[test]
    fn a_refusal_that_may_mean_the_characters_of_a_name_is_no_proof() {
        let refused = |status| Error::Refused { what: "orgs/create".into(), status, code: None, said: String::new() };
        let check = |status, name: &str, ours, expected| {
            assert_eq!(may_be_held(&refused(status), name, ours), expected, "{status} {name}")
        };
        check(400, "acme", false, true);
        check(409, "Acme Inc.", false, true);
        check(400, "Acme Inc.", false, false);
        check(400, "Acme Inc.", true, true);
        check(500, "acme", false, false);
        check(500, "acme", true, true);
    }
}
