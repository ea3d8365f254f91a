//! The Secret in use: held while its Instance, or its namespace, is being deleted; let go when it is deleted on its own, or named no more.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Secret as KubeSecret;
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use super::{Instances, Visit};
use crate::world::words;

/// How long a Secret that is deleted on its own is held, for an Instance or namespace whose deletion is about to show: whoever deletes them one by
/// one may take a while from one to the next.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// The Secrets in use that were seen to be deleted on their own, and since when.
#[derive(Default)]
pub(super) struct Deleted(Mutex<HashMap<Key, Instant>>);

impl Deleted {
    fn since(&self, secret: &Key) -> Instant {
        *self.all().entry(secret.clone()).or_insert_with(Instant::now)
    }

    fn holds(&self, secret: &Key) -> bool {
        self.all().contains_key(secret)
    }

    fn forget(&self, secret: &Key) {
        self.all().remove(secret);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Key, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Instances {
    /// The Secret that the Instance names, now. It is watched from here on, and the one that was named before is let go.
    pub(super) async fn secret_in_use(&self, visit: &mut Visit, key: &Key) -> Result<KubeSecret, Fault> {
        self.let_go_of_another(visit, &key.name).await?;
        self.secrets.watch(key);
        self.secrets.unwatch_unnamed();
        let secret = self.secrets.read(key).await?;
        self.let_go_when_deleted(&visit.key, key, &secret).await?;
        Ok(secret)
    }

    /// A Secret in use is held in a namespace that is deleted, where Secrets go first, and while its Instance goes. One that is deleted on
    /// its own is let go, after a moment in which the other deletion would show.
    pub(super) async fn let_go_when_deleted(&self, instance: &Key, key: &Key, secret: &KubeSecret) -> Result<(), Fault> {
        let with_others = self.is_going(instance) || self.access.world.is_terminating(&key.namespace);
        if secret.metadata.deletion_timestamp.is_none() || with_others {
            self.deleted.forget(key);
            return Ok(());
        }
        if self.deleted.since(key).elapsed() < GRACE {
            return Ok(());
        }
        self.deleted.forget(key);
        self.secrets.hold(secret, false).await.map(drop)
    }

    /// The Secret that was used before and is not named any more.
    async fn let_go_of_another(&self, visit: &mut Visit, named: &str) -> Result<(), Fault> {
        let Some(held) = visit.status.held_secret.clone().filter(|held| held != named) else { return Ok(()) };
        let key = Key::new(&visit.key.namespace, held);
        if !self.needed_by_another(&visit.key, &key) {
            self.secrets.let_go(&key).await?;
        }
        visit.status.held_secret = None;
        Ok(())
    }

    /// Whether a Secret waits for its grace to end.
    pub(super) fn is_in_grace(&self, visit: &Visit) -> bool {
        self.deleted.holds(&secret_key(visit))
    }

    fn is_going(&self, instance: &Key) -> bool {
        self.access.world.instances.get(instance).is_none_or(|i| i.metadata.deletion_timestamp.is_some())
    }

    /// Whether another Instance names the Secret and is not about to go as well.
    pub(super) fn needed_by_another(&self, instance: &Key, secret: &Key) -> bool {
        let others = self.access.world.instances.under(&words::secret(secret));
        others
            .iter()
            .map(|other| (Key::of(&**other), other.metadata.deletion_timestamp.is_some()))
            .any(|(other, going)| other != *instance && (!going || self.user_of(&other).is_some()))
    }
}

/// The Secret that the Instance names; the API server has seen to it that there is one.
pub(super) fn secret_key(visit: &Visit) -> Key {
    Key::new(&visit.key.namespace, visit.object.spec.auth.secret_name().unwrap_or_default())
}
