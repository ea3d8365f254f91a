//! What the watches and lists of a proxy show: the newest there is, or less.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{Method, request::Parts};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, stream};
use serde_json::Value;
use tokio::sync::watch;

/// A list that can be asked for: its path, and the selectors of its query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Listing(String);

impl Listing {
    /// What this request lists or watches, if it does.
    pub(super) fn of(parts: &Parts) -> Option<Self> {
        let query = parts.uri.query().unwrap_or_default();
        let selectors: Vec<&str> = query.split('&').filter(|pair| pair.contains("Selector=")).collect();
        let listable = parts.method == Method::GET && (query.contains("limit=") || query.contains("watch="));
        listable.then(|| Self(format!("{} {}", parts.uri.path(), selectors.join("&"))))
    }
}

/// Chooses what is shown of the objects of a server. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Views(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    chosen: Mutex<Chosen>,
    /// Rises whenever something is chosen, for streams that wait.
    changed: watch::Sender<u64>,
    /// Rises whenever every watch has to end.
    ended: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Chosen {
    /// Which events wait.
    held: Vec<Test>,
    /// Which are lost.
    lost: Vec<Test>,
    /// How often all streams that were open died silently.
    freezes: u64,
    /// Watches that are still to be told that what they ask for is too old; those told are not among them.
    expire: bool,
    told: HashSet<Listing>,
    lists: HashMap<Listing, Bytes>,
    old: bool,
}

/// Chooses events.
struct Test(Box<dyn Fn(&Value) -> bool + Send>);

impl fmt::Debug for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a test of events")
    }
}

impl Views {
    /// From now on these events wait, in order, until [`Views::release`]. An event is `{"type": …, "object": …}`.
    pub fn hold(&self, which: impl Fn(&Value) -> bool + Send + 'static) {
        self.choose(|chosen| chosen.held.push(Test(Box::new(which))));
    }

    /// From now on these events are lost, until [`Views::release`].
    pub fn lose(&self, which: impl Fn(&Value) -> bool + Send + 'static) {
        self.choose(|chosen| chosen.lost.push(Test(Box::new(which))));
    }

    /// Nothing comes any more through any watch that is open now, and none ends: as behind a firewall that forgot the connection.
    pub fn freeze(&self) {
        self.choose(|chosen| chosen.freezes += 1);
    }

    /// Ends every watch, and tells each that is opened again, the first time, that what it asks for is too old (410).
    pub fn expire(&self) {
        self.choose(|chosen| chosen.expire = true);
        self.end();
    }

    /// Ends every watch.
    pub fn end(&self) {
        self.0.ended.send_modify(|count| *count += 1);
    }

    /// Lists show from now on what they showed when they were last asked for, and watches nothing: a server that lags behind.
    pub fn lag(&self) {
        self.choose(|chosen| chosen.old = true);
    }

    /// Everything is shown again. What waited comes now.
    pub fn release(&self) {
        self.choose(|chosen| {
            let (lists, freezes) = (std::mem::take(&mut chosen.lists), chosen.freezes);
            *chosen = Chosen { lists, freezes, ..Chosen::default() };
        });
    }

    fn choose(&self, choice: impl FnOnce(&mut Chosen)) {
        choice(&mut self.chosen());
        self.0.changed.send_modify(|count| *count += 1);
    }

    fn chosen(&self) -> MutexGuard<'_, Chosen> {
        self.0.chosen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn remember(&self, listing: Listing, body: &Bytes) {
        self.chosen().lists.insert(listing, body.clone());
    }

    pub(super) fn remembered(&self, listing: &Listing) -> Option<Bytes> {
        let chosen = self.chosen();
        chosen.old.then(|| chosen.lists.get(listing).cloned()).flatten()
    }

    /// Resolves when every watch has to end.
    pub(super) fn ends(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut ended = self.0.ended.subscribe();
        async move {
            if ended.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// One watch on its way through.
struct Through {
    views: Views,
    changed: watch::Receiver<u64>,
    lines: BoxStream<'static, Bytes>,
    waiting: VecDeque<Bytes>,
    /// How often streams had been frozen when this one began.
    freezes: u64,
    over: bool,
}

impl Views {
    /// The events of a watch, one a line, as far as they are shown.
    pub(super) fn filtered<E: Send + 'static>(
        &self,
        listing: Option<Listing>,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> BoxStream<'static, Line> {
        let (freezes, expired) = {
            let mut chosen = self.chosen();
            let expired = chosen.expire && listing.is_some_and(|listing| chosen.told.insert(listing));
            (chosen.freezes, expired)
        };
        let lines = if expired { stream::iter([Bytes::from_static(TOO_OLD)]).boxed() } else { lines(body).boxed() };
        let changed = self.0.changed.subscribe();
        let through = Through { views: self.clone(), changed, lines, waiting: VecDeque::new(), freezes, over: false };
        stream::unfold(through, async |mut through| through.next().await.map(|line| (Ok(line), through))).boxed()
    }
}

type Line = Result<Bytes, std::convert::Infallible>;

const TOO_OLD: &[u8] = br#"{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired","code":410}}
"#;

/// What may be done with one event now.
enum Fate {
    Shown,
    Waits,
    Lost,
}

impl Through {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.views.chosen().freezes > self.freezes {
                std::future::pending::<()>().await;
            }
            let first = self.waiting.iter().position(|line| !matches!(self.views.fate(line), Fate::Waits));
            if let Some(line) = first.and_then(|index| self.waiting.remove(index)) {
                if matches!(self.views.fate(&line), Fate::Shown) {
                    return Some(line);
                }
                continue;
            }
            if self.over && self.waiting.is_empty() {
                return None;
            }
            tokio::select! {
                line = self.lines.next(), if !self.over => match line {
                    Some(line) => self.waiting.push_back(line),
                    None => self.over = true,
                },
                // The sender lives in `views`.
                _ = self.changed.changed() => {}
            }
        }
    }
}

impl Views {
    fn fate(&self, line: &[u8]) -> Fate {
        let chosen = self.chosen();
        if chosen.old {
            return Fate::Waits;
        }
        if chosen.held.is_empty() && chosen.lost.is_empty() {
            return Fate::Shown;
        }
        let event: Value = serde_json::from_slice(line).unwrap_or_default();
        if chosen.lost.iter().any(|Test(lost)| lost(&event)) {
            Fate::Lost
        } else if chosen.held.iter().any(|Test(held)| held(&event)) {
            Fate::Waits
        } else {
            Fate::Shown
        }
    }
}

/// A body cut into its lines, each with its end. A line that a failing connection leaves half is dropped.
fn lines<E: Send + 'static>(body: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> impl Stream<Item = Bytes> + Send {
    let mut rest = Vec::new();
    body.take_while(|chunk| std::future::ready(chunk.is_ok())).flat_map(move |chunk| {
        rest.extend_from_slice(&chunk.unwrap_or_default());
        let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let cut: Vec<u8> = rest.drain(..whole).collect();
        let lines: Vec<Bytes> = cut.split_inclusive(|byte| *byte == b'\n').map(Bytes::copy_from_slice).collect();
        stream::iter(lines)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use tokio::sync::mpsc;

    fn event(name: &str, n: u32) -> String {
        format!("{{\"type\":\"MODIFIED\",\"object\":{{\"metadata\":{{\"name\":\"{name}\",\"n\":{n}}}}}}}\n")
    }

    /// A watch whose chunks do not end where its lines do.
    fn watched(views: &Views) -> (mpsc::UnboundedSender<String>, BoxStream<'static, Line>) {
        let (sender, receiver) = mpsc::unbounded_channel::<String>();
        let body = stream::unfold(receiver, async |mut receiver| {
            receiver.recv().await.map(|text| (Ok::<_, Infallible>(Bytes::from(text)), receiver))
        });
        (sender, views.filtered(None, body))
    }

    async fn next(stream: &mut BoxStream<'static, Line>) -> Option<String> {
        let Ok(line) = stream.next().await?;
        Some(String::from_utf8_lossy(&line).into_owned())
    }

    #[tokio::test]
    async fn events_of_one_object_wait_and_others_pass() {
        let views = Views::default();
        let (sender, mut stream) = watched(&views);
        views.hold(|event| event["object"]["metadata"]["name"] == "a");
        let (first, second) = (event("a", 1), event("b", 2));
        let (left, right) = second.split_at(9);
        for chunk in [&first, left, right] {
            sender.send(chunk.to_owned()).unwrap_or_default();
        }
        assert_eq!(next(&mut stream).await, Some(second));
        views.release();
        assert_eq!(next(&mut stream).await, Some(first));
        drop(sender);
        assert_eq!(next(&mut stream).await, None);
    }

    #[tokio::test]
    async fn what_is_lost_never_comes() {
        let views = Views::default();
        let (sender, mut stream) = watched(&views);
        views.lose(|event| event["object"]["metadata"]["name"] == "a");
        sender.send(event("a", 1)).unwrap_or_default();
        sender.send(event("b", 2)).unwrap_or_default();
        assert_eq!(next(&mut stream).await, Some(event("b", 2)));
        views.release();
        sender.send(event("a", 3)).unwrap_or_default();
        assert_eq!(next(&mut stream).await, Some(event("a", 3)));
    }
}
