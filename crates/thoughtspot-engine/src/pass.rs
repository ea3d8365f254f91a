//! One pass over one object: resolve → observe → plan → act → report.
//!
//! The rules that every kind inherits are here: nothing is seized; a crash between any two lines leaves no orphan and no duplicate;
//! nothing is changed on a view that is not fresh; nothing is written when nothing differs.
//!
//! [`Pass::run`] decides which way a pass goes. How an object comes to stand for something is in `claim.rs`, how that is made as declared in
//! `settle.rs`, how it ends in `removal.rs`.

mod claim;
mod removal;
mod settle;

use futures::future::BoxFuture;
use kube::runtime::events::EventType;
use kube::{Resource, ResourceExt};

use crate::conditions::{self, Progress, Saying};
use crate::fault::Fault;
use crate::fight::{Clock, Fights, Repairs};
use crate::kind::{Change, Difference, Kind, LastReport, Look, Report, Step, Terms};
use crate::writer::Writer;

/// One object during its pass: as last read or written, and the status as it will be.
pub struct Pass<'a, K: Kind> {
    kind: &'a K,
    writer: &'a Writer,
    pub(crate) object: K::Object,
    pub(crate) status: K::Status,
    terms: Terms,
    /// The generation that is decided on, and the request that is answered: what a write of ours brings back may be newer.
    pub(crate) generation: Option<i64>,
    requested: Option<String>,
    pub(crate) progress: Progress,
    /// What was changed back so far.
    pub(crate) repairs: Repairs,
    clock: Clock,
    /// Whether everything was as declared at this generation: what differs now was changed by somebody else.
    was_as_declared: bool,
    /// Whether the far side was looked at: only then a request to do so is answered.
    looked: bool,
}

/// How a pass ended that met no fault.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// Nothing differs, any more.
    AsDeclared,
    /// Found, compared, and left alone.
    Observed(Vec<Difference>),
    /// Found to differ in what somebody keeps changing back, and left as it is for now.
    Left,
    /// The object was let go.
    Released,
}

impl<'a, K: Kind> Pass<'a, K> {
    pub(crate) fn new(kind: &'a K, writer: &'a Writer, fights: &Fights, object: K::Object) -> Self {
        let (status, terms) = (kind.status(&object), kind.terms(&object));
        let (generation, LastReport { conditions, differences, .. }) = (object.meta().generation, kind.last_report(&status));
        let repairs = fights.of(&object.uid().unwrap_or_default(), generation, conditions, &differences);
        let was_as_declared = conditions::was_ready(conditions, generation) || repairs.is_fight();
        let (progress, clock) = (Progress::Resolving, fights.clock);
        let requested = object.annotations().get(writer.marks.requested).cloned();
        Pass {
            kind,
            writer,
            object,
            status,
            terms,
            generation,
            requested,
            progress,
            repairs,
            clock,
            was_as_declared,
            looked: false,
        }
    }

    /// The pass, up to the report of how it ended.
    ///
    /// # Errors
    ///
    /// Whatever keeps the object from being as declared, by who can help.
    pub fn run(&mut self) -> BoxFuture<'_, Result<Ended, Fault>> {
        // What a pass awaits is deep. On the heap it does not count for the stack of whoever polls it, and again at each level above.
        Box::pin(self.run_unboxed())
    }

    async fn run_unboxed(&mut self) -> Result<Ended, Fault> {
        if self.object.meta().deletion_timestamp.is_some() {
            return self.remove().await;
        }
        if self.terms.suspended {
            return Err(Fault::Suspended { reason: "Suspended", message: "spec.suspend is true".to_owned() });
        }
        if self.terms.mode.writes() && self.terms.id.is_some() && !self.writer.has_finalizer(&self.object) {
            self.mark(None).await?; // somebody took it off by hand: before anything else, put it back
        }
        let want = self.kind.resolve(&self.object).await?;
        if self.kind.resolved(&want).is_ok() {
            self.progress = Progress::Resolved;
        }
        if self.terms.mode.writes() { self.manage(want).await } else { self.compare(want).await }
    }

    /// Looks, and says what differs.
    async fn compare(&mut self, mut want: K::Desired) -> Result<Ended, Fault> {
        let have = self.kind.observe(&want, self.look()).await?;
        self.looked = true;
        let have = match have {
            Some(have) => have,
            None => self.kind.observe(&want, Look::Fresh).await?.ok_or_else(|| nothing_there::<K>(self.kind, &want))?,
        };
        self.kind.record(&mut self.status, &mut want, &have, Step::Seen);
        let plan = self.kind.plan(&want, Some(&have));
        if plan.is_empty() {
            self.complete(&want)?;
        }
        Ok(observed(&plan))
    }

    async fn manage(&mut self, mut want: K::Desired) -> Result<Ended, Fault> {
        let identified = self.terms.id.is_some();
        let announced = self.pending_intent(&want).filter(|_| !identified);
        if let Some(intent) = &announced {
            // The name may have changed since: what was announced is looked for under the name it was announced with.
            self.kind.look_by_name(&mut want, Some(&intent.name));
        }
        let look = if announced.is_some() { Look::Fresh } else { self.look() };
        let have = self.kind.observe(&want, look).await?;
        self.looked = true;
        if have.is_none() && announced.is_some() {
            self.kind.look_by_name(&mut want, None);
        }
        match (have, identified) {
            (Some(have), true) => self.settle(want, have).await,
            (Some(_), false) => self.claim(want).await,
            (None, false) => self.create(want).await,
            (None, true) => self.missing(want).await,
        }
    }

    /// What had an id is not in sight: only a search by id, now, says that it is gone.
    async fn missing(&mut self, mut want: K::Desired) -> Result<Ended, Fault> {
        if let Some(have) = self.kind.observe(&want, Look::Fresh).await? {
            return self.settle(want, have).await;
        }
        self.kind.resolved(&want)?;
        if self.terms.is_finished() {
            return Err(created_once());
        }
        self.kind.may_recreate(&self.object)?;
        self.kind.look_by_name(&mut want, None);
        match self.kind.observe(&want, Look::Fresh).await? {
            Some(_) => self.claim(want).await,
            None if self.leaves(&self.kind.plan(&want, None)) => Ok(Ended::Left),
            None => self.create(want).await,
        }
    }

    fn look(&self) -> Look {
        if self.requested.as_deref() == self.kind.last_report(&self.status).handled { Look::Known } else { Look::Fresh }
    }

    async fn save_progress(&mut self) -> Result<(), Fault> {
        let message = "the object exists; the rest is being made as declared".to_owned();
        let fault = Fault::Transient { reason: "Progressing", message };
        let sayings = conditions::of_fault(&fault, self.progress).unwrap_or_default();
        self.save(&sayings, Vec::new()).await
    }

    /// Writes the status if anything in it changed.
    pub(crate) async fn save(&mut self, sayings: &[Saying], differences: Vec<Difference>) -> Result<(), Fault> {
        let generation = self.generation;
        let last = self.kind.last_report(&self.status);
        let conditions = conditions::compose(last.conditions, sayings, generation);
        let handled = if self.looked { self.requested.clone() } else { last.handled.map(str::to_owned) };
        let as_declared = differences.is_empty() && conditions::was_ready(&conditions, generation);
        let initialized = self.terms.mode.writes() && (self.terms.initialized || as_declared);
        let generation = generation.unwrap_or_default();
        let report = Report { generation, conditions, initialized, differences, handled };
        self.kind.report(&mut self.status, &self.object, report);
        if self.has_news() {
            self.object = self.writer.put_status(&self.object, &self.status).await?;
        }
        Ok(())
    }

    /// Whether something has to be remembered that status does not have yet.
    pub(crate) fn has_news(&self) -> bool {
        self.status != self.kind.status(&self.object)
    }

    async fn tell(&self, reason: &str, action: &str, note: String) {
        tracing::info!(reason, note, "carried out");
        self.writer.tell(&self.object, EventType::Normal, reason, action, note).await;
    }
}

fn observed<C: Change>(plan: &[C]) -> Ended {
    Ended::Observed(plan.iter().flat_map(Change::differences).collect())
}

fn not_visible() -> Fault {
    let message = "what was there a moment ago is not visible now".to_owned();
    Fault::Transient { reason: "Progressing", message }
}

fn created_once() -> Fault {
    let message = "what was created once is gone: set managementPolicy: Manage to have it created again, or delete this resource"
        .to_owned();
    Fault::Stalled { reason: "DeletedExternally", message }
}

fn nothing_there<K: Kind>(kind: &K, want: &K::Desired) -> Fault {
    let name = kind.name(want);
    Fault::Stalled {
        reason: "NotFound",
        message: format!("nothing named {name:?} exists: correct spec.name, or set managementPolicy: Manage to have it created"),
    }
}
