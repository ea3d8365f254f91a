//! Whether a namespace may hand out what a group gives its members.

use std::collections::BTreeSet;

use thoughtspot_client::domain::{Group, effective_privileges};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use super::Desired;
use crate::faults::not_granted;
use crate::grants::{self, Allowed};

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

/// What a member of this group ends up with, inherited privileges included.
pub(super) async fn effective(want: &Desired, have: &Group) -> Result<BTreeSet<String>, Fault> {
    let groups = want.connection.inventory.groups(want.place.id).await.map_err(|e| want.connection.fault(&e))?;
    let inherited = effective_privileges(&groups).remove(&have.id).unwrap_or_default();
    Ok(inherited.union(&have.privileges).cloned().collect())
}

/// Refuses to put anybody into a group whose members end up with privileges that this namespace may not hand out.
pub(super) async fn members_may_have(want: &Desired, group: &Group) -> Result<(), Fault> {
    let excess = grants::beyond(&effective(want, group).await?, &want.place.allowed.privileges);
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
