//! The pass of an object that is being deleted. It asks for less than creating: what stays on the far side needs nothing of it.

use super::{Ended, Pass};
use crate::fault::Fault;
use crate::kind::{Ending, Kind, Look, Removed};

impl<K: Kind> Pass<'_, K> {
    /// Does to the far side's object what the policy says, then lets this one go.
    pub(super) async fn remove(&mut self) -> Result<Ended, Fault> {
        if !self.writer.has_finalizer(&self.object) {
            return Ok(Ended::Released);
        }
        // Of something that was never announced nothing can exist.
        let may_exist = self.terms.id.is_some() || self.unproven_intent().is_some();
        let mut lives_on = !(self.terms.mode.writes() && self.terms.ends);
        if !lives_on && may_exist {
            lives_on = self.remove_far_side().await?;
        }
        self.kind.before_release(&self.object, lives_on).await?;
        self.writer.release(&mut self.object).await?;
        tracing::info!("let go: the resource goes");
        Ok(Ended::Released)
    }

    /// Whether the object goes on as it was, but for what was ours of it.
    async fn remove_far_side(&mut self) -> Result<bool, Fault> {
        if self.terms.suspended {
            let message = "spec.suspend is true: set it to false to delete, or set deletionPolicy: Retain to let go".to_owned();
            return Err(Fault::Suspended { reason: "Suspended", message });
        }
        let mut want = self.kind.resolve_removal(&self.object).await?;
        if let Err(fault) = self.kind.brake(&self.object, &want, Ending::Removal)
            && (matches!(fault, Fault::Settling { .. }) || self.kind.observe(&want, Look::Known).await?.is_some())
        {
            return Err(fault); // what is gone already is let go all the same
        }
        let Some(have) = self.what_is_ours(&mut want).await? else { return Ok(false) };
        self.kind.may_remove(&self.object, &want, &have).await?;
        self.kind.brake(&self.object, &want, Ending::Removal)?;
        self.object = self.writer.confirm(&self.object).await?;
        let removed = match self.kind.remove(&self.object, &want, &have).await {
            Ok(removed) => removed,
            // "Not found", a lost answer, a refusal: only looking tells them apart. What is still there is done to again, also where
            // the policy would have left it there: the call may not have arrived.
            Err(fault) if self.kind.observe(&want, Look::Fresh).await?.is_some() => return Err(fault),
            Err(_) => Removed::gone(),
        };
        self.tell(removed.reason, "Delete", removed.note).await;
        Ok(removed.lives_on)
    }

    /// What there is to delete: the object of the id on record, or else what was announced and turns out to be ours. The latter also
    /// after a re-creation whose answer was lost, when the id on record is of something that is gone.
    async fn what_is_ours(&self, want: &mut K::Desired) -> Result<Option<K::Observed>, Fault> {
        if self.terms.id.is_some()
            && let Some(have) = self.kind.observe(want, Look::Fresh).await?
        {
            return Ok(Some(have));
        }
        let Some(intent) = self.pending_intent(want) else { return Ok(None) };
        self.kind.look_by_name(want, Some(&intent.name));
        let Some(have) = self.kind.observe(want, Look::Fresh).await? else { return Ok(None) };
        // Somebody else's of the same name is left alone.
        let ours = self.kind.is_ours(want, &have, &intent).await? && self.kind.contest(&self.object, want, Some(&have)).is_ok();
        if ours { self.recalled(want, &intent, have).await.map(Some) } else { Ok(None) }
    }
}
