//! One settled stream of events out of one watch per namespace.
//!
//! A watch that starts over lists again, and kube's stream then shows objects that its own store does not serve yet, and shows nothing
//! of those that were deleted in between. Here the list is held back until it is whole; what is missing from it is a deletion.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::stream::{self, BoxStream, Stream, StreamExt};
use kube::Resource;
use kube::core::{DeserializeGuard, error_boundary::InvalidObject};
use kube::runtime::watcher::{self, Event};

/// How often a watch has to be refused before the others go on without it: rights that were just given are not known at once.
const REFUSALS: u32 = 3;

/// How the watches of one kind stand, by what each of them watches. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Standing(Arc<Mutex<BTreeMap<String, Option<String>>>>);

impl Standing {
    /// What has not been listed, or may not be any more, and why: a line each.
    pub fn waits(&self) -> Vec<String> {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.iter().filter_map(|(place, why)| Some(format!("{place}: {}", why.as_ref()?))).collect()
    }

    fn waits_for(&self, place: &str, why: String) {
        self.set(place, Some(why));
    }

    fn set(&self, place: &str, why: Option<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place.to_owned(), why);
    }
}

/// Where one watch stands.
struct Watch<K> {
    /// What it has shown: whole until the merged stream opens, then only what is needed to tell of a deletion.
    known: BTreeMap<String, DeserializeGuard<K>>,
    listing: Option<Vec<DeserializeGuard<K>>>,
    listed: bool,
    opened: bool,
    /// How often in a row it was not allowed to list.
    refusals: u32,
}

impl<K> Default for Watch<K> {
    fn default() -> Self {
        Watch { known: BTreeMap::new(), listing: None, listed: false, opened: false, refusals: 0 }
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
        self.refusals = 0;
        let list = self.listing.take().unwrap_or_default();
        let mut before = std::mem::take(&mut self.known);
        for object in &list {
            before.remove(&name(object));
            self.remember(object);
        }
        before.into_values().map(Event::Delete).chain(list.into_iter().map(Event::Apply)).collect()
    }

    /// Whether the others need not wait for it.
    fn is_settled(&self) -> bool {
        self.listed || self.refusals >= REFUSALS
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

/// What one watch shows, as kube has it.
pub type Events<K> = BoxStream<'static, watcher::Result<Event<DeserializeGuard<K>>>>;

/// Merges watches into one stream of events that starts with one whole list (`Init`, `InitApply` …, `InitDone`), once every watch
/// has listed or may not list, and goes on with `Apply` and `Delete` only. Errors of a watch are logged and tried again by the watch
/// itself. Each comes with what it watches, under which `standing` says how it stands.
pub fn settled<K>(watches: Vec<(String, Events<K>)>, standing: Standing) -> impl Stream<Item = Event<DeserializeGuard<K>>> + Send
where
    K: Resource + Clone + Send + 'static,
{
    let mut states: Vec<Watch<K>> = watches.iter().map(|_| Watch::default()).collect();
    let (places, watches): (Vec<String>, Vec<_>) = watches.into_iter().unzip();
    for place in &places {
        standing.waits_for(place, "not listed yet".to_owned());
    }
    let tagged = watches.into_iter().enumerate().map(|(i, watch)| watch.map(move |event| (i, event)).boxed());
    let mut opened = false;
    stream::select_all(tagged).flat_map(move |(i, event)| {
        let events = match event {
            Ok(event) => {
                if matches!(event, Event::InitDone) {
                    standing.set(&places[i], None);
                }
                states[i].take(event)
            }
            Err(error) => {
                tracing::warn!(%error, place = places[i], "a watch failed and starts over");
                let (why_not, why) = reason(&error);
                states[i].refusals += u32::from(why_not == WhyNot::Forbidden);
                if why_not != WhyNot::Unclear || !states[i].listed {
                    standing.waits_for(&places[i], why);
                }
                Vec::new()
            }
        };
        if opened {
            return stream::iter(events);
        }
        if !states.iter().all(Watch::is_settled) {
            return stream::iter(Vec::new());
        }
        opened = true;
        let all: Vec<_> = states.iter_mut().flat_map(Watch::open).map(Event::InitApply).collect();
        stream::iter([Event::Init].into_iter().chain(all).chain([Event::InitDone]).collect::<Vec<_>>())
    })
}

/// Why there is no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhyNot {
    Forbidden,
    /// There is no such kind: its definition was removed, or is not installed yet.
    NotServed,
    /// As a rule it passes by itself.
    Unclear,
}

/// What went wrong, and in words that quote nothing.
fn reason(error: &watcher::Error) -> (WhyNot, String) {
    match error {
        watcher::Error::InitialListFailed(kube::Error::Api(status))
        | watcher::Error::WatchStartFailed(kube::Error::Api(status))
        | watcher::Error::WatchFailed(kube::Error::Api(status))
        | watcher::Error::WatchError(status) => {
            let why_not = if status.is_forbidden() {
                WhyNot::Forbidden
            } else if status.code == 404 {
                // By its code: for a path that is not served there is no reason, but plain text.
                WhyNot::NotServed
            } else {
                WhyNot::Unclear
            };
            (why_not, status.message.clone())
        }
        watcher::Error::InitialListFailed(_)
        | watcher::Error::WatchStartFailed(_)
        | watcher::Error::WatchFailed(_)
        | watcher::Error::NoResourceVersion => (WhyNot::Unclear, "the Kubernetes API gave no answer".to_owned()),
    }
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

    type Answers = Vec<watcher::Result<Event<DeserializeGuard<ConfigMap>>>>;

    async fn shown(watches: Vec<Answers>, standing: &Standing) -> Vec<String> {
        let watches =
            watches.into_iter().zip(["one", "two"]).map(|(events, place)| (place.to_owned(), stream::iter(events).boxed()));
        settled(watches.collect(), standing.clone()).map(|event| words(&event)).collect().await
    }

    async fn check(watches: Vec<Vec<Event<DeserializeGuard<ConfigMap>>>>, expected: &[&str]) {
        let watches = watches.into_iter().map(|events| events.into_iter().map(Ok).collect()).collect();
        assert_eq!(shown(watches, &Standing::default()).await, expected);
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

    fn failed(code: u16) -> watcher::Error {
        let reason = match code {
            403 => "Forbidden",
            404 => "Failed to parse error data",
            _ => "InternalError",
        };
        let status = kube::core::Status::failure("no", reason).with_code(code);
        watcher::Error::InitialListFailed(kube::Error::Api(status.boxed()))
    }

    #[tokio::test]
    async fn what_may_not_be_listed_holds_up_the_others_only_until_that_is_sure() {
        let fine = || vec![Ok(Event::Init), Ok(Event::InitApply(map("a", "x"))), Ok(Event::InitDone)];
        let refused = |times: usize, code: u16| std::iter::repeat_with(|| Err(failed(code))).take(times).collect::<Answers>();
        for (answers, opens) in [(refused(2, 403), false), (refused(3, 403), true), (refused(9, 500), false)] {
            let standing = Standing::default();
            let seen = shown(vec![fine(), answers], &standing).await;
            assert_eq!(!seen.is_empty(), opens, "{seen:?}");
            assert_eq!(standing.waits(), ["two: no"]);
        }
    }

    #[tokio::test]
    async fn a_kind_that_was_removed_is_missed_until_it_is_back() {
        for (code, waits) in [(404, vec!["one: no"]), (403, vec!["one: no"]), (500, vec![])] {
            let (standing, list) = (Standing::default(), || [Ok(Event::Init), Ok(Event::InitDone)]);
            let removed = list().into_iter().chain([Ok(Event::Delete(map("a", "x"))), Err(failed(code))]);
            shown(vec![removed.collect()], &standing).await;
            assert_eq!(standing.waits(), waits, "{code}");
            let removed = list().into_iter().chain([Err(failed(code))]);
            shown(vec![removed.chain(list()).collect()], &standing).await;
            assert!(standing.waits().is_empty());
        }
    }

    #[tokio::test]
    async fn what_may_be_listed_after_all_is_shown_then() {
        let standing = Standing::default();
        let late = (0..3).map(|_| Err(failed(403)));
        let late = late.chain([Ok(Event::Init), Ok(Event::InitApply(map("b", "y"))), Ok(Event::InitDone)]).collect();
        let seen = shown(vec![vec![Ok(Event::Init), Ok(Event::InitDone)], late], &standing).await;
        assert_eq!(seen, ["init", "done", "apply b/y"]);
        assert!(standing.waits().is_empty());
    }
}
