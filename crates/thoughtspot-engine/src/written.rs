//! What we wrote, until the watch shows it: nothing is decided on a view older than our own last write.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use kube::{Resource, ResourceExt};

use crate::cache::{Cached, Live};

/// How late a watch can be before it starts over.
const LATE: Duration = Duration::from_secs(120);

/// The newest version of each object that we wrote ourselves: the watch may not have shown it yet.
pub struct OwnWrites<K>(Mutex<HashMap<String, (Instant, K)>>);

impl<K> Default for OwnWrites<K> {
    fn default() -> Self {
        OwnWrites(Mutex::new(HashMap::new()))
    }
}

impl<K: Cached> OwnWrites<K> {
    /// The newer of what the watch shows and what we wrote: nothing is decided on a view older than our own last write.
    pub fn newest(&self, object: Live<K>) -> K {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(uid) = object.uid() else { return (*object).clone() };
        match written.get(&uid) {
            Some((_, ours)) if is_newer(ours, &*object) => ours.clone(),
            Some(_) => {
                written.remove(&uid);
                (*object).clone()
            }
            None => (*object).clone(),
        }
    }

    /// Keeps `object` if it is another version than the one that was `seen`, or on its way out.
    pub fn remember(&self, seen: Option<&str>, object: K) {
        let Some(uid) = object.uid() else { return };
        if object.meta().resource_version.as_deref() == seen && object.meta().deletion_timestamp.is_none() {
            return;
        }
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What no pass came for since is gone, or was shown by the watch long ago.
        written.retain(|_, (at, _)| at.elapsed() < LATE);
        written.insert(uid, (Instant::now(), object));
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
