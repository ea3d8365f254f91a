//! Whether a namespace may hand out what a group gives its members.

use std::collections::BTreeSet;

use thoughtspot_client::domain::Group;
use thoughtspot_client::inventory;
use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use super::{Desired, GroupChange};
use crate::faults::{not_granted, stalled};
use crate::grants::{self, Allowed};
use crate::rights;

/// Whether a namespace may give a group these privileges.
pub(super) fn may_hand_out(privileges: Option<&BTreeSet<String>>, allowed: &Allowed, org: &Key) -> Result<(), Fault> {
    let excess = privileges.map(|p| grants::beyond(p, &allowed.privileges)).unwrap_or_default();
    if excess.is_empty() {
        return Ok(());
    }
    Err(not_granted(format!(
        "spec.privileges: this namespace may not hand out {} in Org {}: correct the names, or have them listed in a grant in spec.grants of the ThoughtSpotInstance, \
         and of the ThoughtSpotOrg where it has grants",
        excess.join(", "),
        org.name
    )))
}

/// Refuses to get hold of a group that exists and whose members have more than this namespace may hand out.
pub(super) async fn may_hold(want: &Desired, group: &Group) -> Result<(), Fault> {
    let effective = rights::of_members(&want.connection, want.place.id, group, inventory::Look::Known).await?;
    let excess = grants::beyond(&effective, &want.place.allowed.privileges);
    if excess.is_empty() {
        return Ok(());
    }
    let message = format!("group {:?} has privileges that this namespace may not hand out ({})", group.name, excess.join(", "));
    Err(stalled(Reason::Protected, message))
}

/// Whether the dialect has a call for what would be done.
pub(super) fn takes(want: &Desired, change: &GroupChange) -> Result<(), Fault> {
    let sets_liveboards = match change {
        GroupChange::Create(_) => want.wish.default_liveboards.as_ref().is_some_and(|all| !all.is_empty()),
        GroupChange::Update { patch, .. } => patch.default_liveboards.is_some(),
        GroupChange::AddMembers(_) | GroupChange::RemoveMembers(_) => false,
    };
    if !sets_liveboards || want.connection.far.sets_default_liveboards() {
        return Ok(());
    }
    let message = "spec.defaultLiveboards: they cannot be set with dialect V1: leave them out, or set spec.dialect: V2 on the ThoughtSpotInstance";
    Err(stalled(Reason::Invalid, message))
}

/// Refuses to put anybody into a group whose members end up with privileges that this namespace may not hand out.
pub(super) async fn members_may_have(want: &Desired, group: &Group) -> Result<(), Fault> {
    let effective = rights::of_members(&want.connection, want.place.id, group, inventory::Look::Fresh).await?;
    let excess = grants::beyond(&effective, &want.place.allowed.privileges);
    if excess.is_empty() {
        return Ok(());
    }
    Err(not_granted(format!(
        "spec.members: members of group {:?} have {}, which this namespace may not hand out: a grant that lists them in spec.grants of the \
         ThoughtSpotInstance, and of the ThoughtSpotOrg where it has grants, would let it",
        group.name,
        excess.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    #[test]
    fn a_namespace_hands_out_only_what_it_is_granted() {
        let allowed = Allowed { privileges: set(&["SHAREWITHALL"]), ..Allowed::default() };
        let org = Key::new("team", "acme");
        assert!(may_hand_out(Some(&set(&["SHAREWITHALL"])), &allowed, &org).is_ok());
        assert!(may_hand_out(None, &allowed, &org).is_ok());
        let refused = may_hand_out(Some(&set(&["SHAREWITHALL", "ADMINISTRATION"])), &allowed, &org).unwrap_err();
        assert!(refused.message().contains("ADMINISTRATION") && !refused.message().contains("SHAREWITHALL"), "{refused}");
    }
}
