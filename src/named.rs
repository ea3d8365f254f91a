//! A watch of one object by its name: the right to that name is enough for it.

use std::fmt::Debug;

use futures::StreamExt;
use kube::api::{Api, PartialObjectMeta};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Resource, ResourceExt};

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
                tracing::debug!(%error, name, "the watch of {} failed and starts over", K::kind(&()));
                continue;
            }
        };
        if now != seen {
            changed();
        }
        seen = now;
    }
}
