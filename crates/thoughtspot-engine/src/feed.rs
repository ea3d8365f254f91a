//! One settled stream of events out of one watch per namespace.
//!
//! A watch that starts over lists again, and kube's stream then shows objects that its own store does not serve yet, and shows nothing
//! of those that were deleted in between. Here the list is held back until it is whole; what is missing from it is a deletion.

use std::collections::BTreeMap;

use futures::stream::{self, BoxStream, Stream, StreamExt};
use kube::Resource;
use kube::core::{DeserializeGuard, error_boundary::InvalidObject};
use kube::runtime::watcher::{self, Event};

/// Where one watch stands.
struct Watch<K> {
    /// What it has shown: whole until the merged stream opens, then only what is needed to tell of a deletion.
    known: BTreeMap<String, DeserializeGuard<K>>,
    listing: Option<Vec<DeserializeGuard<K>>>,
    listed: bool,
    opened: bool,
}

impl<K> Default for Watch<K> {
    fn default() -> Self {
        Watch { known: BTreeMap::new(), listing: None, listed: false, opened: false }
    }
}

fn name<K: Resource>(object: &K) -> String {
    let meta = object.meta();
    format!("{}/{}", meta.namespace.as_deref().unwrap_or_default(), meta.name.as_deref().unwrap_or_default())
}

/// What is kept of an object once it was shown: enough to tell of its deletion.
fn stub<K: Resource>(object: &DeserializeGuard<K>) -> DeserializeGuard<K> {
    let mut metadata = object.meta().clone();
    metadata.annotations = None;
    metadata.labels = None;
    metadata.managed_fields = None;
    DeserializeGuard(Err(InvalidObject { error: String::new(), metadata }))
}

impl<K: Resource + Clone> Watch<K> {
    fn take(&mut self, event: Event<DeserializeGuard<K>>) -> Vec<Event<DeserializeGuard<K>>> {
        match event {
            Event::Init => {
                self.listing = Some(Vec::new());
                Vec::new()
            }
            Event::InitApply(object) => {
                self.listing.get_or_insert_default().push(object);
                Vec::new()
            }
            Event::InitDone => self.relisted(),
            Event::Apply(object) => {
                self.remember(&object);
                vec![Event::Apply(object)]
            }
            Event::Delete(object) => {
                self.known.remove(&name(&object));
                vec![Event::Delete(object)]
            }
        }
    }

    fn remember(&mut self, object: &DeserializeGuard<K>) {
        let kept = if self.opened { stub(object) } else { object.clone() };
        self.known.insert(name(object), kept);
    }

    fn relisted(&mut self) -> Vec<Event<DeserializeGuard<K>>> {
        self.listed = true;
        let list = self.listing.take().unwrap_or_default();
        let mut before = std::mem::take(&mut self.known);
        for object in &list {
            before.remove(&name(object));
            self.remember(object);
        }
        before.into_values().map(Event::Delete).chain(list.into_iter().map(Event::Apply)).collect()
    }

    /// Everything it knows, once; from here on less is kept.
    fn open(&mut self) -> Vec<DeserializeGuard<K>> {
        self.opened = true;
        self.known
            .values_mut()
            .map(|object| {
                let kept = stub(object);
                std::mem::replace(object, kept)
            })
            .collect()
    }
}

/// Merges watches into one stream of events that starts with one whole list (`Init`, `InitApply` …, `InitDone`), once every watch
/// has listed, and goes on with `Apply` and `Delete` only. Errors of a watch are logged and tried again by the watch itself.
pub fn settled<K>(
    watches: Vec<BoxStream<'static, watcher::Result<Event<DeserializeGuard<K>>>>>,
) -> impl Stream<Item = Event<DeserializeGuard<K>>> + Send
where
    K: Resource + Clone + Send + 'static,
{
    let mut states: Vec<Watch<K>> = watches.iter().map(|_| Watch::default()).collect();
    let tagged = watches.into_iter().enumerate().map(|(i, watch)| watch.map(move |event| (i, event)).boxed());
    let mut opened = false;
    stream::select_all(tagged).flat_map(move |(i, event)| {
        let events = match event {
            Ok(event) => states[i].take(event),
            Err(error) => {
                tracing::warn!(%error, "a watch failed and starts over");
                Vec::new()
            }
        };
        if opened {
            return stream::iter(events);
        }
        if !states.iter().all(|watch| watch.listed) {
            return stream::iter(Vec::new());
        }
        opened = true;
        let all: Vec<_> = states.iter_mut().flat_map(Watch::open).map(Event::InitApply).collect();
        stream::iter([Event::Init].into_iter().chain(all).chain([Event::InitDone]).collect::<Vec<_>>())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::ConfigMap;

    fn map(namespace: &str, name: &str) -> DeserializeGuard<ConfigMap> {
        let mut map = ConfigMap::default();
        map.metadata.namespace = Some(namespace.to_owned());
        map.metadata.name = Some(name.to_owned());
        DeserializeGuard(Ok(map))
    }

    fn words(event: &Event<DeserializeGuard<ConfigMap>>) -> String {
        match event {
            Event::Init => "init".to_owned(),
            Event::InitApply(o) => format!("+{}", name(o)),
            Event::InitDone => "done".to_owned(),
            Event::Apply(o) => format!("apply {}", name(o)),
            Event::Delete(o) => format!("delete {}", name(o)),
        }
    }

    async fn check(watches: Vec<Vec<Event<DeserializeGuard<ConfigMap>>>>, expected: &[&str]) {
        let watches = watches.into_iter().map(|events| stream::iter(events).map(Ok).boxed()).collect();
        let seen: Vec<String> = settled(watches).map(|event| words(&event)).collect().await;
        assert_eq!(seen, expected);
    }

    #[tokio::test]
    async fn nothing_is_shown_before_every_watch_has_listed() {
        check(vec![vec![Event::Init, Event::InitApply(map("a", "x"))], vec![Event::Init, Event::InitDone]], &[]).await;
    }

    #[tokio::test]
    async fn a_second_list_shows_what_was_deleted_in_between() {
        let events = vec![
            Event::Init,
            Event::InitApply(map("a", "x")),
            Event::InitApply(map("a", "y")),
            Event::InitDone,
            Event::Init,
            Event::InitApply(map("a", "y")),
            Event::InitDone,
            Event::Apply(map("a", "z")),
        ];
        check(vec![events], &["init", "+a/x", "+a/y", "done", "delete a/x", "apply a/y", "apply a/z"]).await;
    }
}
