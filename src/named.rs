//! A watch of one object by its name: the right to that name is enough for it.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use futures::future::BoxFuture;
use kube::api::{Api, PartialObjectMeta};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Resource, ResourceExt};
use thoughtspot_engine::shown::of_watch;
use tokio::task::AbortHandle;

/// Watches by what they are of. Cheap to clone; all clones are one, and with the last they end.
pub struct Watches<S>(Arc<Mutex<HashMap<S, Watch>>>);

struct Watch(AbortHandle);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<S> Default for Watches<S> {
    fn default() -> Self {
        Watches(Arc::default())
    }
}

impl<S> Clone for Watches<S> {
    fn clone(&self) -> Self {
        Watches(Arc::clone(&self.0))
    }
}

impl<S: Clone + Eq + Hash> Watches<S> {
    /// Watches from now on, if it is not watched already.
    pub fn begin(&self, source: &S, watching: impl FnOnce() -> BoxFuture<'static, ()>) {
        let begin = || Watch(tokio::spawn(watching()).abort_handle());
        self.all().entry(source.clone()).or_insert_with(begin);
    }

    /// How many are of such as this.
    pub fn count(&self, such: impl Fn(&S) -> bool) -> usize {
        self.all().keys().filter(|source| such(source)).count()
    }

    /// Ends one.
    pub fn end(&self, source: &S) {
        self.all().remove(source);
    }

    /// Ends all but these.
    pub fn keep(&self, wanted: impl Fn(&S) -> bool) {
        self.all().retain(|source, _| wanted(source));
    }

    fn all(&self) -> MutexGuard<'_, HashMap<S, Watch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls `changed` when the object of this name appears, changes or goes; begins to work with the right to it. It does not end.
pub async fn on_change<K>(api: Api<PartialObjectMeta<K>>, name: &str, changed: impl Fn() + Send)
where
    K: Resource<DynamicType = ()> + Clone + Debug + Send + 'static,
{
    let config = watcher::Config::default().fields(&format!("metadata.name={name}")).timeout(60);
    let mut seen: Option<(Option<String>, Option<String>)> = None;
    let mut events = std::pin::pin!(watcher(api, config).default_backoff());
    while let Some(event) = events.next().await {
        let now = match event {
            Ok(watcher::Event::Apply(object) | watcher::Event::InitApply(object)) => {
                Some((object.uid(), object.resource_version()))
            }
            Ok(watcher::Event::Delete(_)) => None,
            Ok(watcher::Event::Init | watcher::Event::InitDone) => continue,
            Err(error) => {
                tracing::debug!(why = of_watch(&error), name, "the watch of {} failed and starts over", K::kind(&()));
                continue;
            }
        };
        if now != seen {
            changed();
        }
        seen = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use tokio::sync::oneshot;

    /// A watch, and what resolves once it has ended.
    fn watch(watches: &Watches<u8>, source: u8) -> oneshot::Receiver<()> {
        let (alive, ended) = oneshot::channel();
        let watching = async move {
            let _alive = alive;
            std::future::pending().await
        };
        watches.begin(&source, || watching.boxed());
        ended
    }

    #[tokio::test]
    async fn a_watch_ends_with_the_last_who_has_it_or_when_it_is_not_wanted() {
        let watches = Watches::default();
        let (first, second) = (watch(&watches, 1), watch(&watches, 2));
        assert!(watch(&watches, 2).await.is_err(), "it is watched already");
        watches.keep(|source| *source == 2);
        assert!(first.await.is_err());
        assert_eq!(watches.count(|_| true), 1);
        let clone = watches.clone();
        drop(watches);
        assert_eq!(clone.count(|_| true), 1);
        drop(clone);
        assert!(second.await.is_err());
    }
}
