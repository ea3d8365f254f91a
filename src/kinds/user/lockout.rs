//! Ending access does not wait for what only giving needs.
//!
//! Where what the resource names cannot be resolved, nothing it declares is made so, but that nobody signs in any more.

use std::collections::{BTreeMap, BTreeSet};

use thoughtspot_client::domain::{Lookup, OrgId, UserPatch};
use thoughtspot_crds::user::Access;
use thoughtspot_crds::{ManagementPolicy, ThoughtSpotUser};
use thoughtspot_engine::Fault;
use thoughtspot_engine::kind::Kind;

use super::exclusive::Besides;
use super::{Desired, Observed, UserChange, Users};
use crate::managed::ManagedResource;

impl Users {
    /// Of a resource whose references are not resolved, for the reason `why`: what ends access, if that is declared; otherwise `why`.
    pub(super) async fn only_locked_out(&self, user: &ThoughtSpotUser, why: Fault) -> Result<Desired, Fault> {
        let declared = user.spec.access == Some(Access::Disabled) && user.spec.management_policy == ManagementPolicy::Manage;
        if !declared || user.held_id().is_none() || !lasts(&why) {
            return Err(why);
        }
        match self.resolve_removal(user).await {
            Ok(want) => Ok(Desired { unresolved: Some(why), ..want }),
            Err(_) => Err(why),
        }
    }
}

/// Whether it takes more than a moment until the references resolve.
fn lasts(why: &Fault) -> bool {
    match why {
        Fault::Stalled { .. } | Fault::Waiting { .. } | Fault::NotGranted { .. } => true,
        Fault::Suspended { .. }
        | Fault::Throttled { .. }
        | Fault::Later { .. }
        | Fault::Transient { .. }
        | Fault::Settling { .. }
        | Fault::NotYet
        | Fault::NotLeading
        | Fault::Outdated => false,
    }
}

/// The account alone, as the whole cluster knows it: an Org may be what does not resolve.
pub(super) async fn observe(want: &Desired, lookup: Lookup<'_, str>) -> Result<Option<Observed>, Fault> {
    let user = want.connection.far.find_user(OrgId::PRIMARY, lookup).await.map_err(|e| want.connection.fault(&e))?;
    Ok(user.map(|user| Observed { user, member_of: BTreeMap::new(), besides: Besides::default(), gone: BTreeSet::new() }))
}

/// What ends access. Pure.
pub(super) fn plan(want: &Desired, have: &Observed) -> Vec<UserChange> {
    let patch = UserPatch { access: want.access_change(&have.user), ..UserPatch::default() };
    let update = patch.access.is_some().then(|| UserChange::Update { patch, from: Box::new(have.user.clone()) });
    update.into_iter().chain(want.sessions_to_end(&have.user).then_some(UserChange::EndSessions)).collect()
}
