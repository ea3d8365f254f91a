//! The pass of an object that is being deleted. It asks for less than creating: what stays on the far side needs nothing of it.

use kube::ResourceExt;

use crate::fault::Fault;
use crate::kind::{Kind, Look};
use crate::pass::{Ended, Pass};

impl<K: Kind> Pass<'_, K> {
    /// Deletes the far side's object if that is the policy, then lets this one go.
    pub(crate) async fn remove(&mut self) -> Result<Ended, Fault> {
        if !self.writer.has_finalizer(&self.object) {
            return Ok(Ended::Released);
        }
        // Of something that was never announced nothing can exist.
        let may_exist = self.terms.identified || self.pending_intent().is_some();
        if self.terms.manage && self.terms.delete && may_exist {
            self.remove_far_side().await?;
        }
        self.writer.release(&self.object).await?;
        tracing::info!(object = %self.object.name_any(), "let go");
        Ok(Ended::Released)
    }

    async fn remove_far_side(&mut self) -> Result<(), Fault> {
        if self.terms.suspended {
            let message = "spec.suspend is true: set it to false to delete, or set deletionPolicy: Retain to let go".to_owned();
            return Err(Fault::Suspended {
                reason: "Suspended",
                message,
            });
        }
        let mut want = self.kind.resolve_removal(&self.object).await?;
        let intent = self.pending_intent();
        if let Some(intent) = &intent {
            self.kind.look_by_name(&mut want, Some(&intent.name));
        }
        let Some(have) = self.kind.observe(&want, Look::Fresh).await? else {
            return Ok(());
        };
        if let Some(intent) = &intent
            && !self.kind.is_ours(&want, &have, intent).await?
        {
            return Ok(()); // somebody else's, of the same name
        }
        self.kind.may_remove(&self.object, &want, &have).await?;
        if let Err(fault) = self.kind.remove(&want, &have).await {
            // "Not found", a lost answer, a refusal: only looking tells them apart.
            if self.kind.observe(&want, Look::Fresh).await?.is_some() {
                return Err(fault);
            }
        }
        self.tell("Deleted", "Delete", "deleted, as deletionPolicy says".to_owned())
            .await;
        Ok(())
    }
}
