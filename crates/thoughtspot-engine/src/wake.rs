//! Waking: how a change of one object brings about a pass of another, or of itself.

use std::marker::PhantomData;

use kube::Resource;
use tokio::sync::mpsc;

use crate::cache::{Cached, Key};

/// Wakes objects of one kind. Cheap to clone; a wake of what does not exist is forgotten.
pub struct Waker<K: Cached>(mpsc::UnboundedSender<Key>, PhantomData<fn() -> K>);

impl<K: Cached> Clone for Waker<K> {
    fn clone(&self) -> Self {
        Waker(self.0.clone(), PhantomData)
    }
}

/// Where a scheduler receives wakes.
pub struct Wakes<K: Cached>(mpsc::UnboundedReceiver<Key>, PhantomData<fn() -> K>);

impl<K: Cached> Waker<K> {
    pub fn new() -> (Waker<K>, Wakes<K>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Waker(sender, PhantomData), Wakes(receiver, PhantomData))
    }

    pub fn wake(&self, key: &Key) {
        // Nobody listens any more only when the process is ending.
        let _ = self.0.send(key.clone());
    }
}

impl<K: Cached> Wakes<K> {
    /// Who is woken next; `None` once nobody can be any more.
    pub(crate) async fn next(&mut self) -> Option<Key> {
        self.0.recv().await
    }

    /// Forgets whoever is woken, until it is dropped: while nobody looks, they must not pile up.
    /// [`run`](crate::scheduler::run) begins with everybody.
    pub async fn forget(&mut self) {
        while self.0.recv().await.is_some() {}
    }
}

/// What a change of an object has to be for its own pass to run again: generation (a deletion bumps it), annotations but ours, our finalizer
/// taken off: deleted before it is back, the object would go without what it stands for.
pub fn concerns_itself<K: Resource>(before: Option<&K>, after: Option<&K>, own_annotations: &[&str], finalizer: &str) -> bool {
    let held = |object: &K| object.meta().finalizers.iter().flatten().any(|name| name == finalizer);
    if before.is_some_and(held) && !after.is_some_and(held) {
        return true;
    }
    let digest = |object: &K| {
        let meta = object.meta();
        let annotations: Vec<_> = meta
            .annotations
            .iter()
            .flatten()
            .filter(|(name, _)| !own_annotations.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        (meta.uid.clone(), meta.generation, meta.deletion_timestamp.is_some(), annotations)
    };
    before.map(digest) != after.map(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_operators_own_wakes_nobody_but_for_a_finalizer_that_is_lost() {
        let object = |generation: i64, finalizers: &[&str], annotation: &str| {
            let mut object = k8s_openapi::api::core::v1::ConfigMap::default();
            object.metadata.generation = Some(generation);
            object.metadata.finalizers = Some(finalizers.iter().map(|name| (*name).to_owned()).collect());
            object.metadata.annotations = Some([(annotation.to_owned(), String::new())].into());
            object
        };
        let check = |before: &_, after: &_, expected: bool| {
            assert_eq!(concerns_itself(Some(before), Some(after), &["ours"], "held"), expected, "{before:?} {after:?}");
        };
        let held = object(1, &["held"], "ours");
        check(&held, &object(2, &["held"], "ours"), true);
        check(&held, &object(1, &["held"], "theirs"), true);
        check(&held, &object(1, &["held", "another"], "ours"), false);
        check(&held, &object(1, &["another"], "ours"), true);
        check(&object(1, &[], "ours"), &held, false);
    }
}
