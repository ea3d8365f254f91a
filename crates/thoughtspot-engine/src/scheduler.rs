//! Runs passes when they are due: one at a time per object, fairly, with back-off. What a pass does is not its business.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use kube::Resource;
use kube::core::DeserializeGuard;
use kube::runtime::reflector::Store;
use tokio::sync::watch;
use tokio_util::time::{DelayQueue, delay_queue};
use tracing::Instrument;

use crate::cache::{Key, Live, key_of};
use crate::controller::Reconciler;
use crate::fair::Queue;
use crate::next::{Next, Passed, backoff};
use crate::running::Running;
use crate::span;
use crate::wake::Wakes;

/// Nobody is left alone for longer: timers have a bound.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// Runs passes over the objects of `store` until `stop` says so; those that run then are finished. Everybody is looked at first. `running`
/// says what runs.
pub async fn run<R: Reconciler>(
    reconciler: Arc<R>,
    store: Store<DeserializeGuard<R::Object>>,
    mut wakes: Wakes<R::Object>,
    running: Running,
    mut stop: watch::Receiver<bool>,
) {
    let mut scheduler = Scheduler::new(reconciler, store, running);
    scheduler.wake_everybody();
    loop {
        scheduler.wake_all(&mut wakes);
        scheduler.begin();
        tokio::select! {
            biased;
            // An error means that whoever could stop us is gone.
            _ = stop.wait_for(|stopped| *stopped) => break,
            Some(key) = wakes.next() => scheduler.wake(key),
            Some(due) = scheduler.timers.next() => scheduler.wake(due.into_inner().as_ref().clone()),
            Some(ended) = scheduler.running.next() => scheduler.ended(ended),
        }
    }
    while scheduler.running.next().await.is_some() {}
}

struct Scheduler<R: Reconciler> {
    reconciler: Arc<R>,
    store: Store<DeserializeGuard<R::Object>>,
    passes: Running,
    queue: Queue,
    /// Those that are on their way to a pass, or in one; all others wait to be woken.
    known: HashMap<Arc<Key>, Known>,
    timers: DelayQueue<Arc<Key>>,
    running: FuturesUnordered<BoxFuture<'static, Ended>>,
}

struct Known {
    at: Whereabouts,
    /// In a row.
    failures: u32,
}

enum Whereabouts {
    Timed(delay_queue::Key),
    Queued,
    /// Whether it was woken meanwhile.
    Running {
        again: bool,
    },
}

struct Ended {
    key: Key,
    lane: String,
    next: Next,
}

impl<R: Reconciler> Scheduler<R> {
    fn new(reconciler: Arc<R>, store: Store<DeserializeGuard<R::Object>>, passes: Running) -> Self {
        let (queue, known, timers, running) = (Queue::default(), HashMap::new(), DelayQueue::new(), FuturesUnordered::new());
        Scheduler { reconciler, store, passes, queue, known, timers, running }
    }

    fn wake_everybody(&mut self) {
        for object in self.store.state() {
            self.wake(key_of(&object));
        }
    }

    /// Everybody who waits is to be known when it is decided who is next.
    fn wake_all(&mut self, wakes: &mut Wakes<R::Object>) {
        while let Some(Some(key)) = wakes.next().now_or_never() {
            self.wake(key);
        }
    }

    fn wake(&mut self, key: Key) {
        match self.known.get_mut(&key).map(|known| &mut known.at) {
            Some(Whereabouts::Running { again }) => *again = true,
            Some(Whereabouts::Queued) => {}
            Some(Whereabouts::Timed(timer)) => {
                // `None` if it is this timer that wakes it.
                self.timers.try_remove(timer);
                self.queue(key);
            }
            None => self.queue(key),
        }
    }

    fn queue(&mut self, key: Key) {
        let Some(object) = self.store.get(&key.object_ref()) else {
            self.known.remove(&key);
            return;
        };
        let lane = Live::new(object).map(|object| self.reconciler.lane(&object)).unwrap_or_default();
        match self.known.get_mut(&key) {
            Some(known) => known.at = Whereabouts::Queued,
            None => drop(self.known.insert(Arc::new(key.clone()), Known { at: Whereabouts::Queued, failures: 0 })),
        }
        self.queue.push(lane, key);
    }

    /// Begins every pass that there is a place for, each on the object as it is now.
    fn begin(&mut self) {
        while let Some((lane, key)) = self.queue.next() {
            let (Some(object), Some(known)) = (self.store.get(&key.object_ref()), self.known.get_mut(&key)) else {
                self.known.remove(&key);
                self.queue.done(&lane);
                continue;
            };
            known.at = Whereabouts::Running { again: false };
            let pass = pass(self.reconciler.clone(), object, key.clone(), known.failures, self.passes.clone());
            self.running.push(pass.map(|next| Ended { key, lane, next }).boxed());
        }
    }

    fn ended(&mut self, ended: Ended) {
        let Ended { key, lane, next } = ended;
        self.queue.done(&lane);
        let Some((shared, _)) = self.known.get_key_value(&key) else { return };
        let shared = shared.clone();
        let Some(known) = self.known.get_mut(&key) else { return };
        let again = matches!(known.at, Whereabouts::Running { again: true });
        let delay = match next {
            Next::Backoff => Some(backoff(known.failures, self.reconciler.longest_backoff())),
            Next::After(delay) => Some(delay),
            Next::OnWake => None,
        };
        known.failures = if next == Next::Backoff { known.failures.saturating_add(1) } else { 0 };
        match delay {
            _ if again => self.queue(key),
            Some(delay) => known.at = Whereabouts::Timed(self.timers.insert(shared, delay.min(LONGEST))),
            None => drop(self.known.remove(&key)),
        }
    }
}

async fn pass<R: Reconciler>(
    reconciler: Arc<R>,
    object: Arc<DeserializeGuard<R::Object>>,
    key: Key,
    failures: u32,
    passes: Running,
) -> Next {
    let span = object.0.as_ref().map_or_else(|_| span::bare::<R::Object>(&key), |object| reconciler.span(object));
    let pass = async {
        let run = passes.begin(R::Object::kind(&()));
        let Passed { next, outcome } = match Live::read(&object) {
            Ok(live) => reconciler.reconcile(live, failures).await,
            Err(invalid) => reconciler.unreadable(invalid).await,
        };
        run.ended(outcome);
        next
    };
    AssertUnwindSafe(pass.instrument(span)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(object = %key, "a pass panicked; this is a defect of the operator");
        Next::Backoff
    })
}

#[cfg(test)]
mod tests;
