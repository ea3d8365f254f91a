//! How an object comes to stand for something on the far side: created, recognised as what was announced, taken back or taken over.
//!
//! A create is announced before it is sent, and never repeated without looking: a crash between any two lines leaves no orphan and no
//! duplicate.

use kube::ResourceExt;

use super::{Ended, Pass, not_visible};
use crate::fault::Fault;
use crate::intent::Intent;
use crate::kind::{Claim, Kind, Look, Step};

impl<K: Kind> Pass<'_, K> {
    /// Announces, creates, and after any answer but a clear yes looks again.
    pub(super) async fn create(&mut self, want: K::Desired) -> Result<Ended, Fault> {
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
    pub(super) async fn claim(&mut self, mut want: K::Desired) -> Result<Ended, Fault> {
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
    pub(super) async fn recalled(&self, want: &mut K::Desired, intent: &Intent, have: K::Observed) -> Result<K::Observed, Fault> {
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

    /// The intent of a create whose outcome is not in status yet. Whoever may write the object can write an annotation: only what the
    /// operator wrote is one.
    pub(super) fn pending_intent(&self, want: &K::Desired) -> Option<Intent> {
        self.unproven_intent().filter(|intent| intent.seal == self.kind.seal(want, &intent.words()))
    }

    /// What is said to be such an intent, without its proof: reason enough to look, and for nothing else.
    pub(super) fn unproven_intent(&self) -> Option<Intent> {
        self.writer.intent(&self.object).filter(|intent| intent.replaces == self.terms.id)
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

    pub(super) async fn mark(&mut self, intent: Option<&Intent>) -> Result<(), Fault> {
        if intent.is_none() && self.writer.has_finalizer(&self.object) {
            return Ok(());
        }
        self.object = self.writer.mark(&self.object, intent).await?;
        Ok(())
    }
}

/// When a create was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Announced {
    Now,
    /// By an earlier pass, whose create may have happened.
    Before,
}
