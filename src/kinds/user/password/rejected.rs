//! Passwords that ThoughtSpot did not take, remembered so that they are not sent again and again.
//!
//! Only for as long as the process runs: after a restart each is tried once more.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use thoughtspot_client::Error;
use thoughtspot_crds::user::PasswordSet;
use thoughtspot_engine::cache::Key;

/// How often a password is sent where it is not certain that the refusal is about it.
const TRIES: u32 = 3;

/// What was tried. When anything of it changes, a try is worth it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Try {
    pub(super) user: Key,
    /// The uid and the generation of the resource, and the last request for a pass.
    pub(super) uid: String,
    pub(super) generation: i64,
    pub(super) requested: Option<String>,
    /// The Secret as it was.
    pub(super) from: Option<PasswordSet>,
}

/// What the call was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// A user with everything that belongs to it: only a refusal that speaks of the password is about it.
    WithAUser,
    Alone,
}

#[derive(Clone, Debug)]
struct Refused {
    what: Try,
    times: u32,
    said: String,
}

/// The passwords that were refused, by the resource that has them set.
#[derive(Default)]
pub(super) struct Rejections(Mutex<HashMap<Key, Refused>>);

impl Rejections {
    /// What ThoughtSpot said to exactly this, if that was its last word.
    pub(super) fn said_to(&self, what: &Try) -> Option<String> {
        self.all()
            .get(&what.user)
            .filter(|refused| refused.what == *what && refused.times >= TRIES)
            .map(|refused| refused.said.clone())
    }

    /// Keeps what was refused: what ThoughtSpot said, if that was about the password.
    pub(super) fn note(&self, what: &Try, sent: Sent, error: &Error) -> Option<String> {
        let Error::Refused { status, said, .. } = error else { return None };
        let named = said.to_lowercase().contains("password");
        // v1 answers 500 to a bad password as well (docs/thoughtspot-api-v1.md, "Answers").
        let last_word = match sent {
            Sent::Alone => named || *status < 500,
            Sent::WithAUser if named => false, // it may have been named in passing
            Sent::WithAUser => return None,
        };
        let mut all = self.all();
        let before = all.get(&what.user).filter(|refused| refused.what == *what).map_or(0, |refused| refused.times);
        let times = if last_word { TRIES } else { before + 1 };
        all.insert(what.user.clone(), Refused { what: what.clone(), times, said: said.clone() });
        (named || times >= TRIES).then(|| said.clone())
    }

    pub(super) fn forget(&self, user: &Key) {
        self.all().remove(user);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Key, Refused>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, said: &str) -> Error {
        Error::Refused { what: "users/reset-password".into(), status, code: None, said: said.into() }
    }

    fn a_try() -> Try {
        Try { user: Key::new("a", "ana"), uid: "u".into(), generation: 1, requested: None, from: None }
    }

    #[test]
    fn what_is_final_is_kept_until_something_changes() {
        let check = |sent: Sent, error: Error, reported: &[bool], last_word: bool| {
            let rejections = Rejections::default();
            for reported in reported {
                assert_eq!(rejections.said_to(&a_try()), None, "{sent:?} {error}");
                assert_eq!(rejections.note(&a_try(), sent, &error).is_some(), *reported, "{sent:?} {error}");
            }
            assert_eq!(rejections.said_to(&a_try()).is_some(), last_word, "{sent:?} {error}");
            let changes = [
                Try { generation: 2, ..a_try() },
                Try { requested: Some("now".into()), ..a_try() },
                Try { uid: "another".into(), ..a_try() },
                Try { from: Some(PasswordSet { secret_uid: "s".into(), secret_resource_version: "2".into() }), ..a_try() },
            ];
            assert!(changes.iter().all(|change| rejections.said_to(change).is_none()));
            rejections.forget(&a_try().user);
            assert_eq!(rejections.said_to(&a_try()), None);
        };
        check(Sent::Alone, refusal(400, "too short"), &[true], true);
        check(Sent::Alone, refusal(500, "The Password is too short"), &[true], true);
        check(Sent::Alone, refusal(500, "internal error"), &[false, false, true], true);
        check(Sent::Alone, Error::Unavailable("away".into()), &[false; 4], false);
        check(Sent::WithAUser, refusal(400, "the password is too short"), &[true; 3], true);
        check(Sent::WithAUser, refusal(400, "the password is too short"), &[true; 2], false);
        check(Sent::WithAUser, refusal(400, "no such group"), &[false; 4], false);
    }
}
