//! The engine over one kind: a pass when the scheduler says so, and the report of how it ended.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use kube::ResourceExt;
use kube::core::error_boundary::InvalidObject;
use kube::runtime::events::EventType;
use tracing::Span;

use crate::cache::{Cache, Cached, Live};
use crate::conditions::{self, Saying};
use crate::fault::{Fault, UNAVAILABLE};
use crate::fight::Fights;
use crate::kind::{Difference, Kind};
use crate::next::{BACKOFF_MAX, Next, Passed, is_blip, jittered, next_after};
use crate::outcome::Outcome;
use crate::pass::{Ended, Pass};
use crate::unreadable;
use crate::writer::Writer;
use crate::written::OwnWrites;

/// How long a pass may take; the report has a deadline of its own after it.
const PASS: Duration = Duration::from_secs(60);

/// What runs passes over one kind of object.
pub trait Reconciler: Send + Sync + 'static {
    type Object: Cached;

    /// Where the passes of the object go: those with the same word share places, and if they hang they hold up no other. Pure.
    fn lane(&self, object: &Live<Self::Object>) -> String;

    /// The longest wait of the back-off.
    fn longest_backoff(&self) -> Duration {
        BACKOFF_MAX
    }

    /// The span of a pass over it, with the fields that [`span`](crate::span) names.
    fn span(&self, object: &Self::Object) -> Span;

    /// One pass and its report, after so many `failures` in a row.
    fn reconcile(&self, object: Live<Self::Object>, failures: u32) -> impl Future<Output = Passed> + Send;

    /// An object that cannot be read as its kind.
    fn unreadable(&self, object: &InvalidObject) -> impl Future<Output = Passed> + Send;
}

/// Runs the passes of one kind.
pub struct Managed<K: Kind> {
    pub kind: K,
    pub writer: Writer,
    written: OwnWrites<K::Object>,
    fights: Fights,
}

impl<K: Kind> Managed<K> {
    /// Over the objects that `cache` holds.
    pub fn new(kind: K, writer: Writer, cache: Cache<K::Object>) -> Managed<K> {
        Managed { kind, writer, written: OwnWrites::over(cache), fights: Fights::default() }
    }

    /// Writes down how the pass ended; when to look again.
    async fn report(&self, pass: &mut Pass<'_, K>, result: Result<Ended, Fault>, failures: u32) -> Next {
        let interval = self.kind.interval(&pass.object);
        let next = match &result {
            Ok(Ended::Released) => Next::OnWake,
            Ok(Ended::AsDeclared | Ended::Observed(_) | Ended::Left) => Next::After(jittered(interval)),
            Err(fault) => {
                tracing::debug!(%fault, failures, "the pass met a fault");
                next_after(fault, interval)
            }
        };
        let Some((sayings, differences)) = self.news(pass, &result, failures) else { return next };
        let before = pass.object.resource_version();
        if let Err(fault) = pass.save(&sayings, differences).await {
            tracing::warn!(%fault, "the status could not be written");
            return Next::Backoff;
        }
        if let Err(fault @ (Fault::Stalled { .. } | Fault::NotGranted { .. })) = &result
            && before != pass.object.resource_version()
        {
            let (reason, note) = (fault.reason().unwrap_or_default(), fault.message().to_owned());
            tracing::info!(reason, note, "needs a person");
            self.writer.tell(&pass.object, EventType::Warning, reason, "Reconcile", note).await;
        }
        next
    }

    /// What status is to say of a pass that ended like this, and what differs; `None` where that is not worth a write.
    fn news(&self, pass: &Pass<'_, K>, result: &Result<Ended, Fault>, failures: u32) -> Option<(Vec<Saying>, Vec<Difference>)> {
        let fought = pass.repairs.message();
        Some(match (result, fought) {
            (Ok(Ended::Released), _) => return None,
            (Ok(Ended::AsDeclared), None) => (conditions::ready("Ready", ""), Vec::new()),
            (Ok(Ended::AsDeclared), Some(message)) => (conditions::fought(&message), pass.repairs.differences()),
            (Ok(Ended::Left), fought) => (conditions::left_for_now(&fought.unwrap_or_default()), pass.repairs.differences()),
            (Ok(Ended::Observed(differences)), _) if differences.is_empty() => (conditions::ready("Observed", ""), Vec::new()),
            (Ok(Ended::Observed(differences)), _) => {
                let fields: Vec<&str> = differences.iter().map(|d| d.field.as_str()).collect();
                (conditions::drifted(&format!("differs in {}", fields.join(", "))), differences.clone())
            }
            (Err(fault), _) => {
                let said = self.kind.last_report(&pass.status).conditions;
                let was_ready = conditions::was_ready(said, pass.generation);
                let quiet = is_blip(fault, was_ready, failures) || conditions::says_so(said, fault, pass.generation);
                let sayings = conditions::of_fault(fault, pass.progress)?;
                if quiet && !pass.has_news() {
                    return None;
                }
                (sayings, Vec::new())
            }
        })
    }
}

impl<K: Kind> Reconciler for Managed<K> {
    type Object = K::Object;

    fn lane(&self, object: &Live<K::Object>) -> String {
        self.kind.lane(object)
    }

    fn span(&self, object: &K::Object) -> Span {
        self.kind.span(object)
    }

    async fn reconcile(&self, object: Live<K::Object>, failures: u32) -> Passed {
        let object = self.written.newest(object);
        let seen = object.resource_version();
        let mut pass = Pass::new(&self.kind, &self.writer, &self.fights, object);
        let result = contained(pass.run()).await;
        let outcome = outcome_of(&result);
        let next = self.report(&mut pass, result, failures).await;
        self.fights.keep(pass.object.uid().unwrap_or_default(), std::mem::take(&mut pass.repairs));
        self.written.remember(seen.as_deref(), pass.object);
        Passed { next, outcome }
    }

    async fn unreadable(&self, object: &InvalidObject) -> Passed {
        unreadable::pass::<K::Object>(&self.writer, object).await
    }
}

fn outcome_of(result: &Result<Ended, Fault>) -> Outcome {
    match result {
        Ok(Ended::AsDeclared) => Outcome::DONE,
        Ok(Ended::Observed(_)) => Outcome::OBSERVED,
        Ok(Ended::Left) => Outcome::LEFT,
        Ok(Ended::Released) => Outcome::RELEASED,
        Err(fault) => Outcome::of_fault(fault),
    }
}

/// Runs a pass within its deadline. Too slow is a fault like any other, and so is a panic, or its object would not say that anything is
/// wrong.
///
/// # Errors
///
/// Those of the pass; [`Fault::Transient`] where it was too slow or panicked.
pub async fn contained<T>(pass: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let fault = |reason, message: &str| Err(Fault::Transient { reason, message: message.to_owned() });
    match tokio::time::timeout(PASS, AssertUnwindSafe(pass).catch_unwind()).await {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => fault("InternalError", "the pass panicked; the operator's log has more"),
        Err(_) => fault(UNAVAILABLE, "the pass took too long and was given up"),
    }
}
