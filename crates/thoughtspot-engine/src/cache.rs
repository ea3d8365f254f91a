//! The objects of one kind as watched, with an index, and whom a change wakes.
//!
//! One watch fills the store, then the index, then wakes: whoever is woken finds the store at least as new as what woke it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use futures::{Stream, StreamExt};
use kube::api::Api;
use kube::core::DeserializeGuard;
use kube::core::error_boundary::InvalidObject;
use kube::runtime::WatchStreamExt;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::{self, Event};
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::feed::{Standing, settled};

/// How many objects are listed at once.
const PAGE: u32 = 50;

/// What a cache can hold.
pub trait Cached: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static {}
impl<K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static> Cached for K {}

/// A namespace and a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub namespace: String,
    pub name: String,
}

impl Key {
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Key {
        Key { namespace: namespace.into(), name: name.into() }
    }

    pub fn of<K: Resource<DynamicType = ()>>(object: &K) -> Key {
        Key::new(object.namespace().unwrap_or_default(), object.name_any())
    }

    pub fn object_ref<K: Resource<DynamicType = ()>>(&self) -> ObjectRef<K> {
        let object = ObjectRef::new(&self.name);
        if self.namespace.is_empty() { object } else { object.within(&self.namespace) }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// An object of the store that could be read as its kind.
#[derive(Debug)]
pub struct Live<K>(Arc<DeserializeGuard<K>>);

impl<K> Live<K> {
    pub(crate) fn new(object: Arc<DeserializeGuard<K>>) -> Option<Self> {
        Live::read(&object).ok()
    }

    /// The object, or why it cannot be read as its kind.
    pub(crate) fn read(object: &Arc<DeserializeGuard<K>>) -> Result<Self, &InvalidObject> {
        match &object.0 {
            Ok(_) => Ok(Live(object.clone())),
            Err(invalid) => Err(invalid),
        }
    }
}

impl<K> Clone for Live<K> {
    fn clone(&self) -> Self {
        Live(self.0.clone())
    }
}

impl<K> Deref for Live<K> {
    type Target = K;
    fn deref(&self) -> &K {
        self.0.0.as_ref().expect("a Live is made of objects that could be read")
    }
}

/// What happened to one object; `None` where it was not there, is gone, or could not be read as its kind.
pub struct Moved<'a, K> {
    pub key: &'a Key,
    pub before: Option<&'a Live<K>>,
    pub after: Option<&'a Live<K>>,
    /// Whether the object exists, readable or not.
    pub exists: bool,
}

/// Which words an object is found under besides its name.
pub type Words<K> = fn(&K) -> Vec<String>;

/// Most words are found in one object only, and each object has about ten: what is kept of a word is kept small.
struct Index {
    by_word: HashMap<Box<str>, BTreeSet<Arc<Key>>>,
}

/// The objects of one kind. Cheap to clone.
pub struct Cache<K: Cached> {
    store: Store<DeserializeGuard<K>>,
    words: Words<K>,
    index: Arc<RwLock<Index>>,
    standing: Standing,
    /// Whether store and index have the first whole list.
    opened: watch::Receiver<bool>,
}

impl<K: Cached> Clone for Cache<K> {
    fn clone(&self) -> Self {
        let Cache { store, words, index, standing, opened } = self;
        let (store, index, standing, opened) = (store.clone(), index.clone(), standing.clone(), opened.clone());
        Cache { store, words: *words, index, standing, opened }
    }
}

impl<K: Cached> Cache<K> {
    /// A cache, and what fills it: a task that ends only with the process.
    pub fn new(words: Words<K>) -> (Cache<K>, Filler<K>) {
        let (store, writer) = reflector::store();
        let index = Arc::new(RwLock::new(Index { by_word: HashMap::new() }));
        let (open, opened) = watch::channel(false);
        let cache = Cache { store, words, index, standing: Standing::default(), opened };
        (cache.clone(), Filler { cache, writer, open })
    }

    /// One that holds these, and is found under no word.
    #[cfg(test)]
    pub(crate) fn of(objects: impl IntoIterator<Item = K>) -> Cache<K> {
        let (cache, mut filler) = Cache::new(|_| Vec::new());
        objects.into_iter().for_each(|object| filler.writer.apply_watcher_event(&Event::Apply(DeserializeGuard(Ok(object)))));
        cache
    }

    /// The object, if it exists and can be read.
    pub fn get(&self, key: &Key) -> Option<Live<K>> {
        self.store.get(&key.object_ref()).and_then(Live::new)
    }

    /// The objects that are found under this word, in the order of their names.
    pub fn under(&self, word: &str) -> Vec<Live<K>> {
        let keys: Vec<Arc<Key>> = self.read().by_word.get(word).into_iter().flatten().cloned().collect();
        keys.iter().filter_map(|key| self.get(key)).collect()
    }

    /// One of the objects that are found under this word and are `such`.
    pub fn find_under(&self, word: &str, such: impl Fn(&K) -> bool) -> Option<Live<K>> {
        let index = self.read();
        index.by_word.get(word).into_iter().flatten().filter_map(|key| self.get(key)).find(|object| such(object))
    }

    /// The keys that are found under this word.
    pub fn keys_under(&self, word: &str) -> Vec<Key> {
        self.read().by_word.get(word).into_iter().flatten().map(|key| Key::clone(key)).collect()
    }

    /// How many are found under this word.
    pub fn count_under(&self, word: &str) -> usize {
        self.read().by_word.get(word).map_or(0, BTreeSet::len)
    }

    /// Every object that can be read.
    pub fn all(&self) -> Vec<Live<K>> {
        self.store.state().into_iter().filter_map(Live::new).collect()
    }

    /// The store behind it, for a scheduler.
    pub fn store(&self) -> Store<DeserializeGuard<K>> {
        self.store.clone()
    }

    /// What of it has not been listed, or may not be any more, and why: a line each.
    pub fn waits(&self) -> Vec<String> {
        let kind = K::plural(&());
        self.standing.waits().into_iter().map(|wait| format!("{kind} in {wait}")).collect()
    }

    /// Returns once the first whole list is there; what may not be listed is left out.
    pub async fn filled(&self) {
        // The only error is a filler that is gone: then the process is ending.
        let _ = self.opened.clone().wait_for(|opened| *opened).await;
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn words_of(&self, object: Option<&Live<K>>) -> HashSet<String> {
        object.map(|object| (self.words)(object).into_iter().collect()).unwrap_or_default()
    }

    fn reindex(&self, key: &Key, before: Option<&Live<K>>, after: Option<&Live<K>>) {
        let (old, new) = (self.words_of(before), self.words_of(after));
        if old == new {
            return;
        }
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        // All words of an object share one key.
        let known = old.iter().find_map(|word| index.by_word.get(word.as_str())?.get(key).cloned());
        let shared = known.unwrap_or_else(|| Arc::new(key.clone()));
        old.difference(&new).for_each(|word| index.remove(word, key));
        for word in new.difference(&old) {
            index.by_word.entry(word.as_str().into()).or_default().insert(shared.clone());
        }
    }
}

impl Index {
    fn remove(&mut self, word: &str, key: &Key) {
        let Some(keys) = self.by_word.get_mut(word) else { return };
        keys.remove(key);
        if keys.is_empty() {
            self.by_word.remove(word);
        }
    }
}

/// What one watch shows: everything that an `Api` reaches, or the one object of a name.
pub struct Source<K: Cached> {
    api: Api<DeserializeGuard<K>>,
    name: Option<String>,
}

impl<K: Cached> Source<K> {
    /// Only the object of this name, which may be all that we have the right to see.
    pub fn named(api: Api<DeserializeGuard<K>>, name: &str) -> Source<K> {
        Source { api, name: Some(name.to_owned()) }
    }
}

impl<K: Cached> From<Api<DeserializeGuard<K>>> for Source<K> {
    fn from(api: Api<DeserializeGuard<K>>) -> Source<K> {
        Source { api, name: None }
    }
}

/// Fills a cache from watches.
pub struct Filler<K: Cached> {
    cache: Cache<K>,
    writer: reflector::store::Writer<DeserializeGuard<K>>,
    open: watch::Sender<bool>,
}

impl<K: Cached> Filler<K> {
    /// Watches `sources` and tells `notice` of each change, after the store and the index have it.
    pub async fn run(self, sources: Vec<impl Into<Source<K>>>, notice: impl Fn(Moved<'_, K>) + Send + 'static) {
        let watches = sources.into_iter().map(|source| {
            let Source { api, name } = source.into();
            let place =
                name.as_deref().or(api.namespace()).map_or("all namespaces".to_owned(), |name| format!("namespace {name}"));
            // A dead connection shows within this time; what comes at once is held twice, as text and as objects.
            let mut config = watcher::Config::default().timeout(60).page_size(PAGE);
            if let Some(name) = name {
                config = config.fields(&format!("metadata.name={name}"));
            }
            let watch = watcher::watcher(api, config).default_backoff().modify(trim);
            (place, watch.boxed())
        });
        let standing = self.cache.standing.clone();
        self.fill(settled(watches.collect(), standing), notice).await;
    }

    async fn fill(mut self, events: impl Stream<Item = Event<DeserializeGuard<K>>> + Send, notice: impl Fn(Moved<'_, K>)) {
        let mut events = std::pin::pin!(events);
        while let Some(event) = events.next().await {
            let (key, exists) = match &event {
                Event::Init => (None, false),
                Event::InitApply(object) | Event::Apply(object) => (Some(key_of(object)), true),
                Event::Delete(object) => (Some(key_of(object)), false),
                Event::InitDone => (None, false),
            };
            let opening = matches!(event, Event::InitApply(_));
            let opened = matches!(event, Event::InitDone);
            let before = key.as_ref().and_then(|key| self.cache.get(key));
            self.writer.apply_watcher_event(&event);
            if opened {
                self.notice_all(&notice);
                // Not before: who is found under no word yet would seem to be needed by nobody.
                self.open.send_replace(true);
            }
            // During the opening list the store still serves nothing: `notice_all` makes up for it.
            let Some(key) = key.filter(|_| !opening) else { continue };
            let after = if exists { self.cache.get(&key) } else { None };
            self.cache.reindex(&key, before.as_ref(), after.as_ref());
            notice(Moved { key: &key, before: before.as_ref(), after: after.as_ref(), exists });
        }
    }

    fn notice_all(&self, notice: &impl Fn(Moved<'_, K>)) {
        let all: Vec<_> = self.cache.store.state();
        for object in &all {
            let live = Live::new(object.clone());
            self.cache.reindex(&key_of(object), None, live.as_ref());
        }
        for object in &all {
            let live = Live::new(object.clone());
            notice(Moved { key: &key_of(object), before: None, after: live.as_ref(), exists: true });
        }
    }
}

/// Leaves out what nobody here reads, which may be most of an object: who manages which field, and annotations of others.
fn trim<K: Resource<DynamicType = ()>>(object: &mut K) {
    let ours = format!("{}/", K::group(&()));
    object.managed_fields_mut().clear();
    object.annotations_mut().retain(|name, _| name.starts_with(&ours));
}

pub(crate) fn key_of<K: Resource>(object: &DeserializeGuard<K>) -> Key {
    let meta = object.meta();
    Key::new(meta.namespace.clone().unwrap_or_default(), meta.name.clone().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, stream};
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;

    #[tokio::test]
    async fn a_cache_is_filled_once_everything_is_found_by_its_words_and_not_before() {
        let (cache, filler) = Cache::<ConfigMap>::new(|object| vec![object.name_any()]);
        let mut object = ConfigMap::default();
        (object.metadata.namespace, object.metadata.name) = (Some("b".to_owned()), Some("x".to_owned()));
        let events = [Event::Init, Event::InitApply(DeserializeGuard(Ok(object))), Event::InitDone];
        let early = cache.clone();
        let notice = move |_: Moved<'_, ConfigMap>| assert!(early.filled().now_or_never().is_none(), "while they are told of");
        filler.fill(stream::iter(events), notice).await;
        cache.filled().await;
        assert_eq!(cache.count_under("x"), 1);
    }
}
