//! One settled stream of events out of one watch per namespace.
//!
//! A watch that starts over lists again, and kube's stream then shows objects that its own store does not serve yet, and shows nothing
//! of those that were deleted in between. Here the first list is held back until it is whole; what is missing from a later one is a
//! deletion.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures::stream::{self, BoxStream, Stream, StreamExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use kube::core::{DeserializeGuard, error_boundary::InvalidObject};
use kube::runtime::watcher::{self, Event};

use crate::cache::{Key, key_of};
use crate::shown::of_watch;
use crate::trouble::{Said, Trouble};

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
    /// What it has shown, and what of it the list that it reads now has shown again. Only keys: of many thousands, all else would be most
    /// of the memory.
    known: HashSet<Key>,
    listing: HashSet<Key>,
    /// The objects, until the merged stream opens.
    held: Option<BTreeMap<Key, Box<DeserializeGuard<K>>>>,
    listed: bool,
    /// How often in a row it was not allowed to list.
    refusals: u32,
    trouble: Trouble,
}

impl<K> Default for Watch<K> {
    fn default() -> Self {
        let (known, listing) = (HashSet::new(), HashSet::new());
        Watch { known, listing, held: Some(BTreeMap::new()), listed: false, refusals: 0, trouble: Trouble::default() }
    }
}

/// As much of an object as tells of its deletion.
fn gone<K>(Key { namespace, name }: Key) -> DeserializeGuard<K> {
    let namespace = Some(namespace).filter(|namespace| !namespace.is_empty());
    let metadata = ObjectMeta { namespace, name: Some(name), ..ObjectMeta::default() };
    DeserializeGuard(Err(InvalidObject { error: String::new(), metadata }))
}

impl<K: Resource<DynamicType = ()>> Watch<K> {
    /// Logs that it fails, and that it works again.
    fn tell(&mut self, place: &str, why: Option<&str>) {
        let kind = K::kind(&());
        match self.trouble.heed(why.is_some(), Instant::now()) {
            Some(Said::Failing { failures }) => {
                tracing::warn!(%kind, place, why, failures, "a watch failed and starts over: changes are seen late until it works")
            }
            Some(Said::Over { failures }) => tracing::info!(%kind, place, failures, "a watch works again"),
            None => {}
        }
    }
}

impl<K: Resource> Watch<K> {
    /// What there is to tell; nothing until the merged stream opens.
    fn take(&mut self, event: Event<DeserializeGuard<K>>) -> Vec<Event<DeserializeGuard<K>>> {
        match event {
            Event::Init => {
                self.listing.clear();
                Vec::new()
            }
            Event::InitApply(object) => {
                self.listing.insert(key_of(&object));
                self.shows(object)
            }
            Event::InitDone => self.has_listed(),
            Event::Apply(object) => self.shows(object),
            Event::Delete(object) => self.lost(key_of(&object)).into_iter().collect(),
        }
    }

    fn shows(&mut self, object: DeserializeGuard<K>) -> Vec<Event<DeserializeGuard<K>>> {
        self.known.insert(key_of(&object));
        match &mut self.held {
            Some(held) => {
                held.insert(key_of(&object), Box::new(object));
                Vec::new()
            }
            None => vec![Event::Apply(object)],
        }
    }

    fn lost(&mut self, key: Key) -> Option<Event<DeserializeGuard<K>>> {
        self.known.remove(&key);
        match &mut self.held {
            Some(held) => {
                held.remove(&key);
                None
            }
            None => Some(Event::Delete(gone(key))),
        }
    }

    /// What is missing from a whole list is gone.
    fn has_listed(&mut self) -> Vec<Event<DeserializeGuard<K>>> {
        self.listed = true;
        self.refusals = 0;
        let listed = std::mem::take(&mut self.listing);
        let missing: Vec<Key> = self.known.difference(&listed).cloned().collect();
        missing.into_iter().filter_map(|key| self.lost(key)).collect()
    }

    /// Whether the others need not wait for it.
    fn is_settled(&self) -> bool {
        self.listed || self.refusals >= REFUSALS
    }

    /// Everything it holds, once; from here on it holds no more. One by one: whoever takes them keeps a copy, and all of them twice
    /// would be the most that is ever needed.
    fn open(&mut self) -> impl Iterator<Item = DeserializeGuard<K>> + use<K> {
        self.held.take().unwrap_or_default().into_values().map(|object| *object)
    }
}

/// What one watch shows, as kube has it.
pub type Events<K> = BoxStream<'static, watcher::Result<Event<DeserializeGuard<K>>>>;

/// Merges watches into one stream of events that starts with one whole list (`Init`, `InitApply` …, `InitDone`), once every watch
/// has listed or may not list, and goes on with `Apply` and `Delete` only. Errors of a watch are logged and tried again by the watch
/// itself. Each comes with what it watches, under which `standing` says how it stands.
pub fn settled<K>(watches: Vec<(String, Events<K>)>, standing: Standing) -> impl Stream<Item = Event<DeserializeGuard<K>>> + Send
where
    K: Resource<DynamicType = ()> + Clone + Send + 'static,
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
                // It is told that a list begins before anything was answered.
                if !matches!(event, Event::Init) {
                    states[i].tell(&places[i], None);
                }
                states[i].take(event)
            }
            Err(error) => {
                let (why_not, why) = (WhyNot::of(&error), of_watch(&error));
                states[i].tell(&places[i], Some(&why));
                states[i].refusals += u32::from(why_not == WhyNot::Forbidden);
                if why_not != WhyNot::Unclear || !states[i].listed {
                    standing.waits_for(&places[i], why);
                }
                Vec::new()
            }
        };
        if opened || !states.iter().all(Watch::is_settled) {
            return stream::iter(events).boxed();
        }
        opened = true;
        let all: Vec<_> = states.iter_mut().map(Watch::open).collect();
        let all = all.into_iter().flatten().map(Event::InitApply);
        stream::iter([Event::Init].into_iter().chain(all).chain([Event::InitDone])).boxed()
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

impl WhyNot {
    fn of(error: &watcher::Error) -> WhyNot {
        let status = match error {
            watcher::Error::InitialListFailed(kube::Error::Api(status))
            | watcher::Error::WatchStartFailed(kube::Error::Api(status))
            | watcher::Error::WatchFailed(kube::Error::Api(status))
            | watcher::Error::WatchError(status) => status,
            watcher::Error::InitialListFailed(_)
            | watcher::Error::WatchStartFailed(_)
            | watcher::Error::WatchFailed(_)
            | watcher::Error::NoResourceVersion => return WhyNot::Unclear,
        };
        if status.is_forbidden() {
            WhyNot::Forbidden
        } else if status.code == 404 {
            // By its code: for a path that is not served there is no reason, but plain text.
            WhyNot::NotServed
        } else {
            WhyNot::Unclear
        }
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
            Event::InitApply(o) => format!("+{}", key_of(o)),
            Event::InitDone => "done".to_owned(),
            Event::Apply(o) => format!("apply {}", key_of(o)),
            Event::Delete(o) => format!("delete {}", key_of(o)),
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
        check(vec![events], &["init", "+a/x", "+a/y", "done", "apply a/y", "delete a/x", "apply a/z"]).await;
    }

    #[tokio::test]
    async fn what_a_list_showed_that_broke_off_is_gone_if_the_next_does_not_show_it() {
        let first = [Event::Init, Event::InitApply(map("a", "x")), Event::InitDone];
        let broken = [Event::Init, Event::InitApply(map("a", "y"))];
        let events = first.clone().into_iter().chain(broken).chain(first);
        check(vec![events.collect()], &["init", "+a/x", "done", "apply a/y", "apply a/x", "delete a/y"]).await;
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
            assert_eq!(standing.waits(), ["two: the Kubernetes API says: no"]);
        }
    }

    #[tokio::test]
    async fn a_kind_that_was_removed_is_missed_until_it_is_back() {
        for (code, waits) in
            [(404, vec!["one: the Kubernetes API answered 404"]), (403, vec!["one: the Kubernetes API says: no"]), (500, vec![])]
        {
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
