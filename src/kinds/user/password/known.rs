//! Which password each user was given last: a Secret that changed in anything else is no reason to set it again.
//!
//! A hash that is keyed for this process, and of no use elsewhere. After a restart a Secret that changed meanwhile is set from again.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use thoughtspot_client::secret::Secret;
use thoughtspot_engine::cache::Key;

#[derive(Default)]
pub(super) struct Known {
    hasher: RandomState,
    /// By resource, with its uid.
    all: Mutex<HashMap<Key, (String, u64)>>,
}

impl Known {
    /// ThoughtSpot has this one.
    pub(super) fn learn(&self, user: &Key, uid: &str, password: &Secret) {
        self.all().insert(user.clone(), (uid.to_owned(), self.hash(password)));
    }

    pub(super) fn is(&self, user: &Key, uid: &str, password: &Secret) -> bool {
        let hash = self.hash(password);
        self.all().get(user).is_some_and(|(of, known)| of == uid && *known == hash)
    }

    pub(super) fn forget(&self, user: &Key) {
        self.all().remove(user);
    }

    fn hash(&self, password: &Secret) -> u64 {
        self.hasher.hash_one(password.expose())
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Key, (String, u64)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_one_password_of_one_resource() {
        let (known, ana, password) = (Known::default(), Key::new("a", "ana"), Secret::new("a-long-enough-one"));
        assert!(!known.is(&ana, "uid", &password));
        known.learn(&ana, "uid", &password);
        assert!(known.is(&ana, "uid", &password));
        assert!(!known.is(&ana, "uid", &Secret::new("another-long-one")));
        assert!(!known.is(&ana, "another uid", &password));
        known.forget(&ana);
        assert!(!known.is(&ana, "uid", &password));
    }
}
