//! What we wrote, until the watch shows it: nothing is decided on a view older than our own last write.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kube::{Resource, ResourceExt};

use crate::cache::{Cache, Cached, Key, Live};

/// How late a watch can be before it starts over.
const LATE: Duration = Duration::from_secs(120);

/// The newest version of each object that we wrote ourselves and the watch may not have shown yet.
pub struct OwnWrites<K: Cached> {
    /// What the watch has shown.
    cache: Cache<K>,
    written: Mutex<Written<K>>,
}

struct Written<K> {
    newest: HashMap<String, (Instant, K)>,
    /// With how many of them it is time to forget those that were shown: looking through all at each write would take the longer the
    /// more is written.
    enough: usize,
}

/// How many own writes are few enough not to be looked through.
const FEW: usize = 64;

impl<K: Cached> OwnWrites<K> {
    /// Of the objects that `cache` holds.
    pub fn over(cache: Cache<K>) -> OwnWrites<K> {
        OwnWrites { cache, written: Mutex::new(Written { newest: HashMap::new(), enough: FEW }) }
    }

    /// The newer of what the watch shows and what we wrote: nothing is decided on a view older than our own last write.
    pub fn newest(&self, object: Live<K>) -> K {
        let mut written = self.lock();
        let Some(uid) = object.uid() else { return (*object).clone() };
        match written.newest.get(&uid) {
            Some((_, ours)) if is_newer(ours, &*object) => ours.clone(),
            Some(_) => {
                written.newest.remove(&uid);
                (*object).clone()
            }
            None => (*object).clone(),
        }
    }

    /// Keeps `object` if it is another version than the one that was `seen`, or on its way out.
    pub fn remember(&self, seen: Option<&str>, mut object: K) {
        let Some(uid) = object.uid() else { return };
        if object.meta().resource_version.as_deref() == seen && object.meta().deletion_timestamp.is_none() {
            return;
        }
        // Who manages which field may be most of what a write is answered with.
        object.managed_fields_mut().clear();
        let mut written = self.lock();
        written.newest.insert(uid, (Instant::now(), object));
        if written.newest.len() >= written.enough {
            written.newest.retain(|_, (at, ours)| at.elapsed() < LATE && self.is_yet_to_be_shown(ours));
            written.enough = FEW.max(2 * written.newest.len());
        }
    }

    fn is_yet_to_be_shown(&self, ours: &K) -> bool {
        self.cache.get(&Key::of(ours)).is_none_or(|shown| is_newer(ours, &*shown))
    }

    fn lock(&self) -> MutexGuard<'_, Written<K>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Versions of objects are comparable numbers since Kubernetes 1.35, and have been numbers before.
fn version<K: Resource>(object: &K) -> Option<u64> {
    object.meta().resource_version.as_deref().and_then(|version| version.parse().ok())
}

/// Whether we know of `ours` what a watch that shows `shown` has yet to show. What was let go and is gone had no version after that.
fn is_newer<K: Resource>(ours: &K, shown: &K) -> bool {
    let (of_ours, of_shown) = (version(ours), version(shown));
    of_ours > of_shown || (of_ours == of_shown && ours.finalizers() != shown.finalizers())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(name: &str, version: u32) -> k8s_openapi::api::core::v1::ConfigMap {
        let mut object = k8s_openapi::api::core::v1::ConfigMap::default();
        (object.metadata.namespace, object.metadata.name) = (Some("team".to_owned()), Some(name.to_owned()));
        (object.metadata.uid, object.metadata.resource_version) = (Some(format!("uid of {name}")), Some(version.to_string()));
        object
    }

    #[test]
    fn of_what_we_wrote_only_what_was_not_shown_yet_is_kept() {
        let names: Vec<String> = (0..10 * FEW).map(|number| format!("map-{number}")).collect();
        for (shown, kept) in [(1, names.len()), (2, 0), (3, 0)] {
            let cache = Cache::of(names.iter().map(|name| map(name, shown)));
            let own = OwnWrites::over(cache.clone());
            names.iter().for_each(|name| own.remember(Some("1"), map(name, 2)));
            let found = own.lock().newest.len();
            assert!(found.saturating_sub(kept) <= FEW && found >= kept, "{found} are kept of what is shown at {shown}");
            let newest = own.newest(cache.get(&Key::new("team", &names[0])).unwrap());
            assert_eq!(version(&newest), Some(shown.max(2).into()), "what is shown at {shown}");
        }
    }
}
