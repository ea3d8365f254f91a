//! Making what an object stands for as declared: nothing is changed on a view that is not fresh, nor without a look whether it was taken.

use futures::future::BoxFuture;
use kube::runtime::events::EventType;

use super::{Ended, Pass, not_visible, observed};
use crate::conditions::{self, Progress};
use crate::fault::Fault;
use crate::kind::{Change, Difference, Ending, Kind, Look, Step};

impl<K: Kind> Pass<'_, K> {
    /// Makes it as declared. What the inventory shows decides only whether to look closer.
    pub(super) fn settle(&mut self, want: K::Desired, have: K::Observed) -> BoxFuture<'_, Result<Ended, Fault>> {
        // From several places, one of which is reached from here again: what is missing after all.
        Box::pin(self.settle_unboxed(want, have))
    }

    async fn settle_unboxed(&mut self, mut want: K::Desired, have: K::Observed) -> Result<Ended, Fault> {
        self.kind.record(&mut self.status, &mut want, &have, Step::Seen);
        let plan = self.kind.plan(&want, Some(&have));
        if !plan.is_empty() && self.terms.is_finished() {
            return Ok(observed(&plan));
        }
        if let Some(ended) = self.without_change(&want, &plan)? {
            return Ok(ended);
        }
        self.braked(&want, &plan).await?;
        let Some(have) = self.kind.observe(&want, Look::Fresh).await? else {
            return self.missing(want).await;
        };
        let plan = self.kind.plan(&want, Some(&have));
        match self.without_change(&want, &plan)? {
            Some(ended) => Ok(ended),
            None => self.change(want, have, &plan).await,
        }
    }

    /// How it ends if there is nothing to change now: nothing differs, or only what somebody keeps changing back.
    fn without_change(&mut self, want: &K::Desired, plan: &[K::Change]) -> Result<Option<Ended>, Fault> {
        if plan.is_empty() {
            self.repairs.found_as_declared(self.clock.now());
            return self.complete(want).map(Some);
        }
        Ok(self.leaves(plan).then_some(Ended::Left))
    }

    /// Makes the changes that were decided on a fresh look, if it may, and looks whether they were taken.
    async fn change(&mut self, mut want: K::Desired, have: K::Observed, plan: &[K::Change]) -> Result<Ended, Fault> {
        self.kind.contest(&self.object, &want, Some(&have))?;
        self.kind.authorize(&want, Some(&have), plan).await?;
        self.braked(&want, plan).await?;
        self.kind.record(&mut self.status, &mut want, &have, Step::Before(plan));
        if self.has_news() {
            self.save_progress().await?;
        }
        for change in plan {
            self.kind.act(&want, Some(&have), change).await?;
            self.kind.record(&mut self.status, &mut want, &have, Step::After(std::slice::from_ref(change)));
            self.tell("Changed", "Change", change.to_string()).await;
        }
        let have = self.kind.observe(&want, Look::Fresh).await?.ok_or_else(not_visible)?;
        self.kind.record(&mut self.status, &mut want, &have, Step::Seen);
        self.taken(&want, &have)?;
        self.repaired(plan).await;
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

    /// Everything is as declared, but for what is not there yet or falls short.
    pub(super) fn complete(&mut self, want: &K::Desired) -> Result<Ended, Fault> {
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
    pub(super) fn leaves(&mut self, plan: &[K::Change]) -> bool {
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
    pub(super) async fn repaired(&mut self, plan: &[K::Change]) {
        let differences: Vec<Difference> = plan.iter().flat_map(Change::differences).collect();
        if !self.was_as_declared || !self.repairs.repaired(&differences, self.clock.now()) {
            return;
        }
        let note = self.repairs.message().unwrap_or_default();
        tracing::warn!(note, "somebody keeps changing it back");
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
}
