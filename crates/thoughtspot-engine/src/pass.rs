//! One pass over one object: resolve → observe → plan → act → report.
//!
//! The rules that every kind inherits are here: nothing is seized; a crash between any two lines leaves no orphan and no duplicate;
//! nothing is changed on a view that is not fresh; nothing is written when nothing differs.

use kube::runtime::events::EventType;
use kube::{Resource, ResourceExt};

use crate::conditions::{self, Progress, Saying};
use crate::fault::Fault;
use crate::fight::{Clock, Fights, Repairs};
use crate::intent::Intent;
use crate::kind::{Change, Claim, Difference, Ending, Kind, Look, Report, Step, Terms};
use crate::writer::Writer;

/// One object during its pass: as last read or written, and the status as it will be.
pub struct Pass<'a, K: Kind> {
    pub(crate) kind: &'a K,
    pub(crate) writer: &'a Writer,
    pub(crate) object: K::Object,
    pub(crate) status: K::Status,
    pub(crate) terms: Terms,
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
        let (generation, conditions) = (object.meta().generation, kind.conditions(&status));
        let repairs = fights.of(&object.uid().unwrap_or_default(), generation, conditions, &kind.differences(&status));
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

    /// The pass, up to the report.
    pub async fn run(&mut self) -> Result<Ended, Fault> {
        if self.object.meta().deletion_timestamp.is_some() {
            return self.remove().await;
        }
        if self.terms.suspended {
            return Err(Fault::Suspended { reason: "Suspended", message: "spec.suspend is true".to_owned() });
        }
        if self.terms.manage && self.terms.id.is_some() && !self.writer.has_finalizer(&self.object) {
            self.mark(None).await?; // somebody took it off by hand: before anything else, put it back
        }
        let want = self.kind.resolve(&self.object).await?;
        if self.kind.resolved(&want).is_ok() {
            self.progress = Progress::Resolved;
        }
        if self.terms.manage { self.manage(want).await } else { self.compare(want).await }
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
        if self.terms.once && self.terms.initialized {
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

    /// Announces, creates, and after any answer but a clear yes looks again.
    async fn create(&mut self, want: K::Desired) -> Result<Ended, Fault> {
        let plan = self.kind.plan(&want, None);
        self.kind.contest(&self.object, &want, None)?;
        self.kind.authorize(&want, None, &plan).await?;
        let announced = self.announce(&want).await?;
        for change in &plan {
            if let Err(fault) = self.kind.act(&want, None, change).await {
                return self.not_created(want, fault, announced).await;
            }
            self.tell("Created", "Create", change.to_string()).await;
        }
        self.repaired(&plan).await;
        let have = self.kind.observe(&want, Look::Known).await?.ok_or_else(not_visible)?;
        self.claimed(want, have, Claim::Created).await
    }

    /// The create did not clearly succeed: look. A clear refusal of what was announced only now means that whatever exists is not
    /// ours; an earlier announcement may be of a create that did happen.
    async fn not_created(&mut self, want: K::Desired, fault: Fault, announced: Announced) -> Result<Ended, Fault> {
        if announced == Announced::Now && matches!(fault, Fault::Stalled { .. } | Fault::Later { .. }) {
            self.object = self.writer.withdraw(&self.object).await?;
        }
        match self.kind.observe(&want, Look::Fresh).await {
            Ok(Some(_)) => self.claim(want).await,
            Ok(None) | Err(_) => Err(fault),
        }
    }

    /// Something of this name exists, and this object has no id: it is ours by intent, or taken over, or left alone.
    async fn claim(&mut self, mut want: K::Desired) -> Result<Ended, Fault> {
        let have = self.kind.observe(&want, Look::Fresh).await?.ok_or_else(not_visible)?;
        self.kind.contest(&self.object, &want, Some(&have))?;
        if let Some(intent) = self.pending_intent(&want) {
            if self.kind.is_ours(&want, &have, &intent).await? {
                // What has come to be of those with more rights since is left alone.
                self.kind.authorize(&want, Some(&have), &[]).await?;
                let have = self.recalled(&mut want, &intent, have).await?;
                return self.claimed(want, have, Claim::Recovered).await;
            }
            self.object = self.writer.withdraw(&self.object).await?;
            if intent.name != self.kind.name(&want) {
                return Err(Fault::Outdated); // found under a name that is not wanted any more: decided again on the one that is
            }
        }
        let plan = self.kind.plan(&want, Some(&have));
        if self.kind.takes_back(&self.object, &want, &have, &plan).await? {
            return self.take_back(want, have).await;
        }
        let claim = self.kind.may_adopt(&want, &have, self.terms.adopt, &plan).await?;
        self.mark(None).await?;
        self.claimed(want, have, claim).await
    }

    /// What `intent` announced was found to be this: with what was sent then, which may not be declared any more.
    pub(crate) async fn recalled(&self, want: &mut K::Desired, intent: &Intent, have: K::Observed) -> Result<K::Observed, Fault> {
        if !self.kind.recall(want, &intent.sent) {
            return Ok(have);
        }
        self.kind.observe(want, Look::Fresh).await?.ok_or_else(not_visible)
    }

    /// As by an intent, this opens nothing that a change would not. What was to be made as declared only once was so before.
    async fn take_back(&mut self, want: K::Desired, have: K::Observed) -> Result<Ended, Fault> {
        self.kind.authorize(&want, Some(&have), &[]).await?;
        self.mark(None).await?;
        self.terms.initialized = true;
        self.claimed(want, have, Claim::TakenBack).await
    }

    /// From here on it is ours. Where nothing is left to do, the report says it all in one write; otherwise the identity is written
    /// before anything is built on it, since it makes the status differ.
    async fn claimed(&mut self, mut want: K::Desired, have: K::Observed, claim: Claim) -> Result<Ended, Fault> {
        if let Some((reason, action, note)) = claim.event() {
            self.tell(reason, action, note.to_owned()).await;
        }
        self.kind.record(&mut self.status, &mut want, &have, Step::Claimed(claim));
        self.settle(want, have).await
    }

    /// Makes it as declared. What the inventory shows decides only whether to look closer.
    async fn settle(&mut self, mut want: K::Desired, have: K::Observed) -> Result<Ended, Fault> {
        self.kind.record(&mut self.status, &mut want, &have, Step::Seen);
        let plan = self.kind.plan(&want, Some(&have));
        if plan.is_empty() {
            return self.as_declared(&want);
        }
        if self.terms.once && self.terms.initialized {
            return Ok(observed(&plan));
        }
        if self.leaves(&plan) {
            return Ok(Ended::Left);
        }
        self.braked(&want, &plan).await?;
        let Some(have) = self.kind.observe(&want, Look::Fresh).await? else {
            return Box::pin(self.missing(want)).await;
        };
        let plan = self.kind.plan(&want, Some(&have));
        if plan.is_empty() {
            return self.as_declared(&want);
        }
        if self.leaves(&plan) {
            return Ok(Ended::Left);
        }
        self.kind.contest(&self.object, &want, Some(&have))?;
        self.kind.authorize(&want, Some(&have), &plan).await?;
        self.braked(&want, &plan).await?;
        self.kind.record(&mut self.status, &mut want, &have, Step::Before(&plan));
        if self.has_news() {
            self.save_progress().await?;
        }
        for change in &plan {
            self.kind.act(&want, Some(&have), change).await?;
            self.kind.record(&mut self.status, &mut want, &have, Step::After(std::slice::from_ref(change)));
            self.tell("Changed", "Change", change.to_string()).await;
        }
        let have = self.kind.observe(&want, Look::Fresh).await?.ok_or_else(not_visible)?;
        self.kind.record(&mut self.status, &mut want, &have, Step::Seen);
        self.taken(&want, &have)?;
        self.repaired(&plan).await;
        self.complete(&want)
    }

    /// Whether what these changes take away may be taken away now. While that settles, what was just claimed is remembered.
    async fn braked(&mut self, want: &K::Desired, plan: &[K::Change]) -> Result<(), Fault> {
        let braked = self.kind.brake(&self.object, want, Ending::Changes(plan));
        if matches!(braked, Err(Fault::Settling { .. })) && self.has_news() {
            self.save_progress().await?;
        }
        braked
    }

    fn as_declared(&mut self, want: &K::Desired) -> Result<Ended, Fault> {
        self.repairs.found_as_declared(self.clock.now());
        self.complete(want)
    }

    /// Everything is as declared, but for what is not there yet or falls short.
    fn complete(&mut self, want: &K::Desired) -> Result<Ended, Fault> {
        self.kind.resolved(want)?;
        match self.kind.shortcoming(want) {
            Ok(()) => Ok(Ended::AsDeclared),
            Err(fault) => {
                if matches!(fault, Fault::Waiting { .. }) {
                    self.progress = Progress::Resolving; // a reference that lacks
                }
                Err(fault)
            }
        }
    }

    /// Whether all that is to be done is what somebody keeps undoing, and it is too early to do it again. Whoever asks for a pass now
    /// asks for it now.
    fn leaves(&mut self, plan: &[K::Change]) -> bool {
        let now = self.clock.now();
        let held = |change: &K::Change| {
            let differences = change.differences();
            !differences.is_empty() && differences.iter().all(|difference| self.repairs.holds(&difference.field, now))
        };
        let leaves = self.look() == Look::Known && plan.iter().all(held);
        if leaves {
            self.repairs.left(plan.iter().flat_map(Change::differences).collect());
        }
        leaves
    }

    /// What was as declared before and was made so again: that is one round of a fight.
    async fn repaired(&mut self, plan: &[K::Change]) {
        let differences: Vec<Difference> = plan.iter().flat_map(Change::differences).collect();
        if !self.was_as_declared || !self.repairs.repaired(&differences, self.clock.now()) {
            return;
        }
        let note = self.repairs.message().unwrap_or_default();
        tracing::warn!(note, "a fight");
        self.writer.tell(&self.object, EventType::Warning, conditions::FOUGHT, "Change", note).await;
    }

    /// Whether the far side shows what was just changed.
    fn taken(&self, want: &K::Desired, have: &K::Observed) -> Result<(), Fault> {
        let left: Vec<Difference> = self.kind.plan(want, Some(have)).iter().flat_map(Change::differences).collect();
        let Some(first) = left.first() else {
            return Ok(());
        };
        let message = format!("{} was changed, and the far side still shows {}", first.field, first.observed);
        Err(Fault::Transient { reason: "Progressing", message })
    }

    /// The intent of a create whose outcome is not in status yet. Whoever may write the object can write an annotation: only what the
    /// operator wrote is one.
    pub(crate) fn pending_intent(&self, want: &K::Desired) -> Option<Intent> {
        self.note().filter(|intent| intent.seal == self.kind.seal(want, &intent.words()))
    }

    /// What says that it is such an intent.
    pub(crate) fn note(&self) -> Option<Intent> {
        self.writer.intent(&self.object).filter(|intent| intent.replaces == self.terms.id)
    }

    fn look(&self) -> Look {
        if self.requested == self.kind.handled(&self.status) { Look::Known } else { Look::Fresh }
    }

    async fn announce(&mut self, want: &K::Desired) -> Result<Announced, Fault> {
        let (name, sent) = (self.kind.name(want).to_owned(), self.kind.sent(want));
        let uid = self.object.uid().unwrap_or_default();
        let earlier = self.pending_intent(want).filter(|earlier| earlier.name == name);
        // An earlier announcement of the same create still stands.
        if earlier.as_ref().is_some_and(|earlier| earlier.sent == sent) && self.writer.has_finalizer(&self.object) {
            return Ok(Announced::Before);
        }
        // What was sent before under this name may still arrive.
        let at = earlier.as_ref().map_or_else(|| self.kind.far_clock(want), |earlier| earlier.at);
        let mut intent = Intent { uid, name, at, replaces: self.terms.id.clone(), sent, seal: String::new() };
        intent.seal = self.kind.seal(want, &intent.words());
        self.mark(Some(&intent)).await?;
        Ok(if earlier.is_some() { Announced::Before } else { Announced::Now })
    }

    async fn mark(&mut self, intent: Option<&Intent>) -> Result<(), Fault> {
        if intent.is_none() && self.writer.has_finalizer(&self.object) {
            return Ok(());
        }
        self.object = self.writer.mark(&self.object, intent).await?;
        Ok(())
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
        let conditions = conditions::compose(self.kind.conditions(&self.status), sayings, generation);
        let handled = if self.looked { self.requested.clone() } else { self.kind.handled(&self.status) };
        let as_declared = differences.is_empty() && conditions::was_ready(&conditions, generation);
        let initialized = self.terms.manage && (self.terms.initialized || as_declared);
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

    pub(crate) async fn tell(&self, reason: &str, action: &str, note: String) {
        tracing::info!(reason, note, "the far side was changed");
        self.writer.tell(&self.object, EventType::Normal, reason, action, note).await;
    }
}

/// When a create was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Announced {
    Now,
    /// By an earlier pass, whose create may have happened.
    Before,
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
