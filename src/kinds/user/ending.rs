//! What becomes of the user when its resource goes.
//!
//! An account is one for all Orgs. So it is deactivated or deleted only by a resource that declares, and may use, every Org the user
//! belongs to; otherwise only what this resource added is taken away. Decided on a fresh read; every step can be done again.

use std::collections::{BTreeMap, BTreeSet};

use thoughtspot_client::domain::{AccountAccess, Login, OrgId, User, UserPatch};
use thoughtspot_crds::user::OwnedMembership;
use thoughtspot_crds::{Adopt as Granted, OnDelete, ThoughtSpotUser};
use thoughtspot_engine::Fault;
use thoughtspot_engine::kind::{self, Removed};

use super::left::left_by;
use super::{Desired, Observed, UserChange, Users, guard, handover, judge};
use crate::kinds::takeover::{self, or_retain};
use crate::managed::ManagedResource;
use crate::world::words;

/// What is done to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ending {
    /// What this resource added is taken away, one change for each Org.
    Memberships(Vec<UserChange>),
    /// Everything but access stays.
    Access,
    Account,
}

impl Users {
    /// Whether what the policy says may be done to this user.
    pub(super) async fn may_end(&self, user: &ThoughtSpotUser, want: &Desired, have: &Observed) -> Result<(), Fault> {
        let ending = self.ending(user, want, have);
        let (touch, changes) = match &ending {
            Ending::Memberships(changes) => (judge::Touch::Membership, changes.as_slice()),
            Ending::Access | Ending::Account => {
                takeover::may_delete(user.status.as_ref().and_then(|status| status.object.origin), Some(&want.allowed))?;
                (judge::Touch::Account, [].as_slice())
            }
        };
        guard::permits(want, Some(have), changes).await.map_err(or_retain)?;
        let administered = judge::standing(&self.access, want, &have.user, touch).await.map_err(or_retain)?;
        let loses = match &ending {
            Ending::Memberships(changes) => kind::Ending::Changes(changes),
            Ending::Access | Ending::Account => kind::Ending::Removal,
        };
        guard::keeps_administrators(self, want, &have.user, &administered, &loses).await.map_err(or_retain)?;
        match ending {
            Ending::Account => self.nothing_orphaned(want, &have.user).await,
            Ending::Memberships(_) | Ending::Access => Ok(()),
        }
    }

    /// Ends what the policy says, in a pass that finds all content with whom the resource names.
    pub(super) async fn end(&self, user: &ThoughtSpotUser, want: &Desired, have: &Observed) -> Result<Removed, Fault> {
        let ending = self.ending(user, want, have);
        if want.spec.transfer_content_to.is_some() {
            let mut orgs = self.left_behind(want, &have.user, &ending);
            orgs.extend(self.left(want, &have.user).await?.usable);
            self.hand_over(want, &have.user, &orgs).await?;
        }
        match ending {
            Ending::Memberships(changes) => self.leave(want, have, &changes).await,
            Ending::Access => self.deactivate(want, &have.user).await,
            Ending::Account => self.delete(want, have).await,
        }
    }

    fn ending(&self, user: &ThoughtSpotUser, want: &Desired, have: &Observed) -> Ending {
        let usable: BTreeSet<OrgId> = want.orgs_concerned().into_iter().filter(|org| self.may_still_use(want, *org)).collect();
        if !have.user.orgs.is_subset(&usable) {
            let edges = |(org, now): (&OrgId, &BTreeSet<String>)| (*org, want.edges_in(*org, now, |edges| edges.to_leave(false)));
            let ended = have.member_of.iter().map(edges).collect();
            return Ending::Memberships(leaving(&have.user.orgs, &usable, &want.owned, ended));
        }
        if user.on_delete() == OnDelete::Delete { Ending::Account } else { Ending::Access }
    }

    /// The Orgs in which the user will have nothing to do any more, of those that may be used.
    fn left_behind(&self, want: &Desired, user: &User, ending: &Ending) -> BTreeSet<OrgId> {
        match ending {
            Ending::Memberships(changes) => {
                changes.iter().filter_map(left_by).filter(|org| self.may_still_use(want, *org)).collect()
            }
            Ending::Access | Ending::Account => handover::whereabouts(user),
        }
    }

    /// Whether the namespace may use the Org; one whose ThoughtSpotOrg has gone first counts as it did when it was used.
    pub(super) fn may_still_use(&self, want: &Desired, org: OrgId) -> bool {
        let same = |instance| self.access.one_far_side(&instance, &want.instance);
        let known = self.access.world.orgs.under(&words::id(org));
        let known = known.iter().any(|other| same(words::target(&other.spec.instance_ref, &**other)));
        !known || self.access.allowed_in(org, &want.instance, &want.namespace).is_some()
    }

    async fn leave(&self, want: &Desired, have: &Observed, changes: &[UserChange]) -> Result<Removed, Fault> {
        for change in changes {
            self.make(want, Some(have), change).await.map_err(|e| want.connection.fault(&e))?;
        }
        let note =
            "it belongs to an Org that this resource does not declare or may not use: only what this resource added was removed";
        Ok(Removed { reason: "LeftOrgs", note: note.to_owned(), lives_on: true })
    }

    /// First nobody can sign in any more, then whoever is signed in is not.
    async fn deactivate(&self, want: &Desired, user: &User) -> Result<Removed, Fault> {
        let (far, fault) = (&want.connection.far, |e| want.connection.fault(&e));
        if user.access() == AccountAccess::Enabled {
            let patch = UserPatch { access: Some(AccountAccess::Disabled), ..UserPatch::default() };
            far.update_user(OrgId::PRIMARY, &user.id, &patch).await.map_err(fault)?;
        }
        far.end_sessions(&user.id).await.map_err(fault)?;
        let note = "access and sessions were ended, as deletionPolicy says".to_owned();
        Ok(Removed { reason: "Deactivated", note, lives_on: false })
    }

    async fn delete(&self, want: &Desired, have: &Observed) -> Result<Removed, Fault> {
        want.connection.far.delete_user(&have.user.id).await.map_err(|e| want.connection.fault(&e))?;
        for org in have.member_of.keys() {
            want.connection.inventory.forget_user(*org, &have.user.id);
        }
        Ok(Removed::deleted())
    }

    /// Whether a user without a resource is one whose access we ended when its last resource went: then it is nobody else's, and comes
    /// back without being adopted. Nothing tells which namespace had it: it must be one that could have ended it, and either the only one, or
    /// one that might take over others' as well.
    pub(super) async fn comes_back(&self, want: &Desired, user: &User) -> Result<bool, Fault> {
        let at_home = |org: OrgId| self.access.is_home(org, &want.instance, &want.namespace);
        let to_have = want.allowed.adopt != Granted::Never || judge::orgs_to_judge(want, user).into_iter().all(at_home);
        if !to_have || !ended_by(&want.connection.login, user) {
            return Ok(false);
        }
        match judge::standing(&self.access, want, user, judge::Touch::Takeover).await {
            Ok(_) => Ok(true),
            Err(Fault::Stalled { .. } | Fault::NotGranted { .. }) => Ok(false),
            Err(fault) => Err(fault),
        }
    }
}

/// Whether our login made the user, and disabling it was our login's too: nobody else has changed it since.
fn ended_by(login: &Login, user: &User) -> bool {
    let ours = |who: &Option<String>| who.as_ref() == Some(&login.id);
    user.access() == AccountAccess::Disabled && ours(&user.provenance.author) && ours(&user.modified_by)
}

/// Takes away what is ours, Org by Org, those that may be used first. The last Org that may not be used stays: that the user is in it is why the
/// account lives on, and a pass that is repeated has to find it so. `ended` are the memberships of groups that nobody declares any more, in
/// each Org that the user belongs to.
fn leaving(
    orgs: &BTreeSet<OrgId>,
    usable: &BTreeSet<OrgId>,
    owned: &BTreeMap<OrgId, OwnedMembership>,
    mut ended: BTreeMap<OrgId, BTreeSet<String>>,
) -> Vec<UserChange> {
    let (first, last): (Vec<_>, Vec<_>) = owned.iter().partition(|(org, _)| usable.contains(org));
    let mut left = orgs.clone();
    let mut changes = Vec::new();
    for (org, owned) in first.into_iter().chain(last) {
        let Some(groups) = ended.remove(org) else { continue };
        if owned.added && left.iter().any(|other| other != org && !usable.contains(other)) {
            left.remove(org);
            changes.push(UserChange::LeaveOrg { org: *org });
            continue;
        }
        changes.extend((!groups.is_empty()).then_some(UserChange::LeaveGroups { org: *org, groups }));
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orgs(ids: &[i64]) -> BTreeSet<OrgId> {
        ids.iter().map(|id| OrgId(*id)).collect()
    }

    /// Org, whether we added it, the groups we added there.
    fn owned(edges: &[(i64, bool, &[&str])]) -> BTreeMap<OrgId, OwnedMembership> {
        let one = |(id, added, groups): &(i64, bool, &[&str])| {
            let groups = groups.iter().map(|group| (*group).to_owned()).collect();
            (OrgId(*id), OwnedMembership { id: *id, added: *added, groups })
        };
        edges.iter().map(one).collect()
    }

    fn leave_groups(org: i64, group: &str) -> UserChange {
        UserChange::LeaveGroups { org: OrgId(org), groups: BTreeSet::from([group.to_owned()]) }
    }

    fn leave(belongs: &[i64], usable: &[i64], edges: &[(i64, bool, &[&str])]) -> Vec<UserChange> {
        let (belongs, owned) = (orgs(belongs), owned(edges));
        let member_of = owned.iter().filter(|(org, _)| belongs.contains(org));
        let ended = member_of.map(|(org, owned)| (*org, owned.groups.iter().cloned().collect())).collect();
        leaving(&belongs, &orgs(usable), &owned, ended)
    }

    #[test]
    fn only_what_was_added_is_taken_and_never_the_last_org() {
        let added = [(1, true, &["g"][..])];
        assert_eq!(leave(&[1, 9], &[1], &added), [UserChange::LeaveOrg { org: OrgId(1) }]);
        assert_eq!(leave(&[1], &[], &added), [leave_groups(1, "g")], "its only Org, which may not be used any more");
        let joined_by_hand = [(1, false, &["g"][..])];
        assert_eq!(leave(&[1, 9], &[1], &joined_by_hand), [leave_groups(1, "g")]);
        assert_eq!(leave(&[1, 9], &[1], &[(1, false, &[])]), []);
        assert_eq!(leave(&[9], &[], &[(3, true, &["g"])]), [], "a member of it no more");
        let both = [(1, true, &["g"][..]), (2, true, &["g"][..])];
        assert_eq!(leave(&[1, 2], &[2], &both), [UserChange::LeaveOrg { org: OrgId(2) }, leave_groups(1, "g")]);
    }

    #[test]
    fn why_the_account_lives_on_is_still_seen_when_the_pass_is_repeated() {
        let adopted_and_added = [(1, false, &[][..]), (2, true, &["g"][..])];
        assert_eq!(
            leave(&[1, 2], &[1], &adopted_and_added),
            [leave_groups(2, "g")],
            "without it nothing would speak for the account"
        );
        assert_eq!(leave(&[1, 2, 9], &[1], &adopted_and_added), [UserChange::LeaveOrg { org: OrgId(2) }], "another one does");
        let twice = [(2, true, &["g"][..]), (3, true, &["g"][..])];
        assert_eq!(leave(&[1, 2, 3], &[1], &twice), [UserChange::LeaveOrg { org: OrgId(2) }, leave_groups(3, "g")]);
    }
}
