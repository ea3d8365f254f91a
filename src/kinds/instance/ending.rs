//! What becomes of an Instance that is being deleted: it waits for what uses it, then lets its Secrets go, and itself.

use std::borrow::Cow;

use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::{Cache, Cached, Key};

use super::{Ended, Instances, Visit};
use crate::managed::is_held;
use crate::world::words;

impl Instances {
    /// Lets the Secret and the Instance go.
    pub(super) async fn release(&self, visit: &mut Visit) -> Result<Ended, Fault> {
        let named = visit.object.spec.auth.secret_name().map(str::to_owned);
        for name in named.into_iter().chain(visit.status.held_secret.clone()) {
            let key = Key::new(&visit.key.namespace, name);
            if !self.needed_by_another(&visit.key, &key) {
                self.secrets.let_go(&key).await?;
            }
        }
        if self.writer.has_finalizer(&visit.object) {
            self.writer.release(&mut visit.object).await?;
        }
        self.access.connections.forget(&visit.key);
        self.access.brakes.forget(&visit.key);
        self.made_of().remove(&visit.key);
        Ok(Ended::Released)
    }

    /// One resource that is held by our finalizer and reaches ThoughtSpot through this Instance.
    pub(super) fn user_of(&self, instance: &Key) -> Option<Dependent> {
        let (world, word) = (&self.access.world, words::instance_key(instance));
        let group = first_held(&world.groups, &word);
        group.or_else(|| first_held(&world.orgs, &word)).or_else(|| first_held(&world.users, &word))
    }
}

/// A resource that an Instance waits for.
pub(super) struct Dependent {
    kind: Cow<'static, str>,
    key: Key,
}

fn first_held<K: Cached>(cache: &Cache<K>, word: &str) -> Option<Dependent> {
    let held = cache.find_under(word, is_held)?;
    Some(Dependent { kind: K::kind(&()), key: Key::of(&*held) })
}

/// An Instance that is being deleted waits for this one, and perhaps for more.
pub(super) fn in_use(instance: &Key, user: Option<Dependent>) -> Fault {
    let user = match user {
        Some(Dependent { kind, key }) if key.namespace == instance.namespace => format!("{kind} {key}"),
        // Another tenant's names are not for this one to read.
        Some(_) | None => "resources in another namespace".to_owned(),
    };
    Fault::Waiting { reason: Reason::InUse.as_str(), message: format!("waits for what uses it to be deleted first: {user}") }
}
