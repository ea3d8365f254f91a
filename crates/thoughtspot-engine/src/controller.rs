//! What is scheduled: passes, what wakes them, and how each ends.

use std::collections::HashMap;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use kube::core::error_boundary::InvalidObject;
use kube::{Resource, ResourceExt};
use tokio::sync::mpsc;
use tracing::Span;

use crate::cache::{Cached, Key, Live};
use crate::conditions;
use crate::fault::{Fault, UNAVAILABLE};
use crate::fight::Fights;
use crate::kind::Kind;
use crate::meter::{self, Stopwatch};
use crate::pass::{Ended, Pass};
use crate::unreadable;
use crate::writer::Writer;

/// How long a pass may take; the report has a deadline of its own after it.
const PASS: Duration = Duration::from_secs(60);
/// How many failures in a row an object that was as declared may have before its status says so: a blip is not news.
const BLIPS: u32 = 2;
/// The longest wait of the back-off.
const BACKOFF_MAX: Duration = Duration::from_secs(300);
/// The net under a wait that a watch ends.
const WAITING: Duration = Duration::from_secs(300);

/// How late a watch can be before it starts over.
const LATE: Duration = Duration::from_secs(120);

/// When an object is looked at next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    After(Duration),
    /// After a growing delay.
    Backoff,
    /// Only when something wakes it.
    OnWake,
}

/// What runs passes over one kind of object.
pub trait Reconciler: Send + Sync + 'static {
    type Object: Cached;

    /// Where the passes of the object go: those with the same word share places, and if they hang they hold up no other. Pure.
    fn lane(&self, object: &Live<Self::Object>) -> String;

    /// The longest wait of the back-off.
    fn longest_backoff(&self) -> Duration {
        BACKOFF_MAX
    }

    /// The span of a pass over it, with the fields that [`span`] names.
    fn span(&self, object: &Self::Object) -> Span;

    /// One pass and its report.
    fn reconcile(&self, object: Live<Self::Object>, failures: u32) -> impl Future<Output = Next> + Send;

    /// An object that cannot be read as its kind.
    fn unreadable(&self, object: &InvalidObject) -> impl Future<Output = Next> + Send;
}

/// Wakes objects of one kind. Cheap to clone; a wake of what does not exist is forgotten.
pub struct Waker<K: Cached>(mpsc::UnboundedSender<Key>, PhantomData<fn() -> K>);

impl<K: Cached> Clone for Waker<K> {
    fn clone(&self) -> Self {
        Waker(self.0.clone(), PhantomData)
    }
}

/// Where a controller hears of wakes.
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

/// `interval`, a little more for some than for others, so that they do not all come at once: at most a twentieth.
pub fn jittered(interval: Duration) -> Duration {
    interval.mul_f64(1.0 + fastrand::f64() / 20.0)
}

/// The engine over one kind.
pub struct Managed<K: Kind> {
    pub kind: K,
    pub writer: Writer,
    written: OwnWrites<K::Object>,
    fights: Fights,
}

/// The newest version of each object that we wrote ourselves: the watch may not have shown it yet.
pub struct OwnWrites<K>(Mutex<HashMap<String, (Instant, K)>>);

impl<K> Default for OwnWrites<K> {
    fn default() -> Self {
        OwnWrites(Mutex::new(HashMap::new()))
    }
}

impl<K: Cached> OwnWrites<K> {
    /// The newer of what the watch shows and what we wrote: nothing is decided on a view older than our own last write.
    pub fn newest(&self, object: Live<K>) -> K {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(uid) = object.uid() else { return (*object).clone() };
        match written.get(&uid) {
            Some((_, ours)) if is_newer(ours, &*object) => ours.clone(),
            Some(_) => {
                written.remove(&uid);
                (*object).clone()
            }
            None => (*object).clone(),
        }
    }

    /// Keeps `object` if it is another version than the one that was `seen`, or on its way out.
    pub fn remember(&self, seen: Option<&str>, object: K) {
        let Some(uid) = object.uid() else { return };
        if object.meta().resource_version.as_deref() == seen && object.meta().deletion_timestamp.is_none() {
            return;
        }
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What no pass came for since is gone, or was shown by the watch long ago.
        written.retain(|_, (at, _)| at.elapsed() < LATE);
        written.insert(uid, (Instant::now(), object));
    }
}

impl<K: Kind> Managed<K> {
    pub fn new(kind: K, writer: Writer) -> Managed<K> {
        Managed { kind, writer, written: OwnWrites::default(), fights: Fights::default() }
    }

    async fn report(&self, pass: &mut Pass<'_, K>, result: Result<Ended, Fault>, failures: u32) -> Next {
        let was_ready = conditions::was_ready(self.kind.conditions(&pass.status), pass.generation);
        let says_so = |fault: &Fault| conditions::says_so(self.kind.conditions(&pass.status), fault, pass.generation);
        let interval = self.kind.interval(&pass.object);
        let resync = Next::After(jittered(interval));
        let (sayings, differences, next) = match &result {
            Ok(Ended::Released) => return Next::OnWake,
            Ok(Ended::AsDeclared) => match pass.repairs.message() {
                None => (conditions::ready("Ready", ""), Vec::new(), resync),
                Some(message) => (conditions::fought(&message), pass.repairs.differences(), resync),
            },
            Ok(Ended::Left) => {
                let message = pass.repairs.message().unwrap_or_default();
                (conditions::left_for_now(&message), pass.repairs.differences(), resync)
            }
            Ok(Ended::Observed(differences)) if differences.is_empty() => (conditions::ready("Observed", ""), Vec::new(), resync),
            Ok(Ended::Observed(differences)) => {
                let fields: Vec<&str> = differences.iter().map(|d| d.field.as_str()).collect();
                (conditions::drifted(&format!("differs in {}", fields.join(", "))), differences.clone(), resync)
            }
            Err(fault) => {
                tracing::debug!(%fault, failures, "the pass met a fault");
                let next = next_after(fault, interval);
                match conditions::of_fault(fault, pass.progress) {
                    Some(sayings) if !(is_blip(fault, was_ready, failures) || says_so(fault)) || pass.has_news() => {
                        (sayings, Vec::new(), next)
                    }
                    Some(_) | None => return next,
                }
            }
        };
        let before = pass.object.resource_version();
        if let Err(fault) = pass.save(&sayings, differences).await {
            tracing::warn!(%fault, "the status could not be written");
            return Next::Backoff;
        }
        if let Err(fault @ (Fault::Stalled { .. } | Fault::NotGranted { .. })) = &result
            && before != pass.object.resource_version()
        {
            tracing::info!(%fault, "needs a person");
            let reason = fault.reason().unwrap_or_default();
            let note = fault.message().to_owned();
            self.writer.tell(&pass.object, kube::runtime::events::EventType::Warning, reason, "Reconcile", note).await;
        }
        next
    }
}

/// When to look again after a fault; `interval` is how often the object is looked at anyway.
pub fn next_after(fault: &Fault, interval: Duration) -> Next {
    match fault {
        Fault::Stalled { .. } | Fault::NotGranted { .. } => Next::After(jittered(interval)),
        Fault::Waiting { .. } => Next::After(jittered(WAITING)),
        Fault::Suspended { .. } | Fault::NotYet => Next::OnWake,
        Fault::Settling { after } => Next::After(*after),
        Fault::Throttled { after: Some(after), .. } => Next::After(jittered((*after).min(BACKOFF_MAX))),
        Fault::Later { after, .. } => Next::After(jittered(*after)),
        // What made it outdated wakes us as well; the delay is for a watch that is late.
        Fault::Throttled { after: None, .. } | Fault::Transient { .. } | Fault::Outdated | Fault::NotLeading => Next::Backoff,
    }
}

/// Whether a fault is kept quiet for now: an object that was as declared may fail now and then for reasons that time cures.
pub fn is_blip(fault: &Fault, was_ready: bool, failures: u32) -> bool {
    was_ready && failures < BLIPS && matches!(fault, Fault::Transient { .. } | Fault::Throttled { .. })
}

impl<K: Kind> Reconciler for Managed<K> {
    type Object = K::Object;

    fn lane(&self, object: &Live<K::Object>) -> String {
        self.kind.lane(object)
    }

    fn span(&self, object: &K::Object) -> Span {
        self.kind.span(object)
    }

    async fn reconcile(&self, object: Live<K::Object>, failures: u32) -> Next {
        let stopwatch = Stopwatch::start::<K::Object>();
        let object = self.written.newest(object);
        let seen = object.resource_version();
        let mut pass = Pass::new(&self.kind, &self.writer, &self.fights, object);
        let result = match tokio::time::timeout(PASS, AssertUnwindSafe(pass.run()).catch_unwind()).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(defect("the pass panicked; the operator's log has more")),
            Err(_) => {
                Err(Fault::Transient { reason: UNAVAILABLE, message: "the pass took too long and was given up".to_owned() })
            }
        };
        let outcome = meter::of_end(&result);
        let next = self.report(&mut pass, result, failures).await;
        stopwatch.ended(outcome);
        self.fights.keep(pass.object.uid().unwrap_or_default(), std::mem::take(&mut pass.repairs));
        self.written.remember(seen.as_deref(), pass.object);
        next
    }

    async fn unreadable(&self, object: &InvalidObject) -> Next {
        match unreadable::handle::<K::Object>(&self.writer, object).await {
            Ok(()) => Next::OnWake,
            Err(fault) => {
                tracing::warn!(%fault, "an unreadable object could not be seen to");
                Next::Backoff
            }
        }
    }
}

/// A failure that is the operator's own.
pub fn defect(message: &str) -> Fault {
    Fault::Transient { reason: "InternalError", message: message.to_owned() }
}

/// Versions of objects are comparable numbers since Kubernetes 1.35, and have been numbers before.
fn version<K: Resource>(object: &K) -> Option<u64> {
    object.meta().resource_version.as_deref().and_then(|version| version.parse().ok())
}

/// Whether we know of `ours` what a watch that shows `shown` has yet to show. What was let go and is gone had no version after that.
fn is_newer<K: Resource>(ours: &K, shown: &K) -> bool {
    let (of_ours, of_shown) = (version(ours), version(shown));
    of_ours > of_shown || (of_ours == of_shown && ours.finalizers() != shown.finalizers())
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
