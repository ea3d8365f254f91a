//! The Orgs that the user was taken out of, where what it made there may still be.
//!
//! The user's own row tells of them no more: they are in status before the user leaves, and are looked into when its account ends.

use std::collections::BTreeSet;

use thoughtspot_client::domain::{Lookup, OrgId, User};
use thoughtspot_engine::Fault;
use thoughtspot_engine::kind::Look;

use super::{Desired, Observed, UserChange, Users};

/// What was left, by what can be done about it. Without the Orgs that are gone, and those that the user is in again.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Orgs that this namespace may still use.
    pub(super) usable: BTreeSet<OrgId>,
    pub(super) foreign: BTreeSet<OrgId>,
}

impl Desired {
    /// Who is taken out of an Org leaves behind what is not handed over first. What is decided here holds for the changes that follow. An Org
    /// that is gone has taken what was in it. Pure.
    pub(super) fn about_to_leave(&mut self, have: &Observed, changes: &[UserChange], handed_over: &BTreeSet<OrgId>) {
        self.left.retain(|org| !have.gone.contains(org));
        for org in changes.iter().filter_map(left_by) {
            if handed_over.contains(&org) {
                self.left.remove(&org)
            } else {
                self.left.insert(org)
            };
        }
    }

    /// Where the user is back, as declared, it is found anyway. Pure.
    pub(super) fn is_back(&mut self, have: &Observed) {
        let back: BTreeSet<OrgId> = self.left.iter().filter(|org| self.declares(**org)).copied().collect();
        self.left.retain(|org| !back.contains(org) || !have.member_of.contains_key(org));
    }
}

impl Users {
    /// Of the Orgs that these changes take the user out of: those where what it owns goes to somebody before.
    pub(super) fn handed_over(&self, want: &Desired, changes: &[UserChange]) -> BTreeSet<OrgId> {
        let goes = |org: &OrgId| {
            let usable = self.access.allowed_in(*org, &want.instance, &want.namespace).is_some();
            usable && want.spec.transfer_content_to.is_some()
        };
        changes.iter().filter_map(left_by).filter(goes).collect()
    }

    /// Where else than in its Orgs the user may own something.
    pub(super) async fn left(&self, want: &Desired, user: &User) -> Result<Left, Fault> {
        let mut left = Left::default();
        for org in want.left.difference(&user.orgs) {
            if !exists(want, *org).await? {
                continue;
            }
            if self.may_still_use(want, *org) {
                left.usable.insert(*org)
            } else {
                left.foreign.insert(*org)
            };
        }
        Ok(left)
    }
}

/// Which of the Orgs that were left are gone. Asked when one more is about to be left: so the memory grows no longer than the list of Orgs.
pub(super) async fn gone(want: &Desired, look: Look) -> Result<BTreeSet<OrgId>, Fault> {
    let mut gone = BTreeSet::new();
    if look == Look::Fresh && want.has_left_places() {
        for org in &want.left {
            if !exists(want, *org).await? {
                gone.insert(*org);
            }
        }
    }
    Ok(gone)
}

async fn exists(want: &Desired, org: OrgId) -> Result<bool, Fault> {
    let found = want.connection.far.find_org(Lookup::Id(&org)).await.map_err(|e| want.connection.fault(&e))?;
    Ok(found.is_some())
}

/// The Org that a change takes the user out of.
pub(super) fn left_by(change: &UserChange) -> Option<OrgId> {
    match change {
        UserChange::LeaveOrg { org } => Some(*org),
        UserChange::Create { .. }
        | UserChange::Update { .. }
        | UserChange::JoinOrg { .. }
        | UserChange::JoinGroups { .. }
        | UserChange::LeaveGroups { .. }
        | UserChange::SetPassword
        | UserChange::DescribeLogin
        | UserChange::EndSessions => None,
    }
}
