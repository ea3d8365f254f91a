//! Whether a namespace may touch a user at all: nobody takes over somebody with more rights, or somebody else's.
//!
//! Judged on fresh reads, and only when something is about to be changed.

use std::collections::BTreeSet;

use thoughtspot_client::domain::{Lookup, OrgId, User};
use thoughtspot_client::inventory;
use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;

use super::{Desired, UserChange};
use crate::access::Access;
use crate::faults::{not_granted, stalled, waiting};
use crate::grants;
use crate::kinds::standing;
use crate::rights;

/// What is about to be touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touch {
    /// The account, by a resource that does not have it yet: with it go the groups that the user is in.
    Takeover,
    /// The account, which is one for all Orgs.
    Account,
    /// Only what the user belongs to in the declared Orgs.
    Membership,
}

/// Refuses to touch whoever holds a privilege that this namespace may not hand out, in any Org; and, for the account, whoever belongs
/// to an Org that does not grant this namespace; and to take over whoever is in a group that is not open to it. Tells which Orgs the user
/// administers.
pub(super) async fn standing(access: &Access, want: &Desired, user: &User, touch: Touch) -> Result<BTreeSet<OrgId>, Fault> {
    let mut administered = BTreeSet::new();
    for org in orgs_to_judge(want, user) {
        let declared = want.places.iter().find(|joined| joined.place.id == org).map(|joined| joined.place.allowed.clone());
        // An Org that this resource was let into before counts as granted, also when its ThoughtSpotOrg has gone first.
        let before = want.owned.contains_key(&org).then(|| want.allowed.clone());
        let allowed = declared.or_else(|| access.allowed_in(org, &want.instance, &want.namespace)).or(before);
        if allowed.is_none() && touch != Touch::Membership && user.orgs.contains(&org) {
            return Err(foreign(user));
        }
        let Some(seen) = standing::shown(&want.connection, user, org).await? else { continue };
        // A stranger's Org says nothing to us but this: whether the user has more rights there than may be handed out here.
        if standing::privileged(&want.connection, &seen, org, &allowed.unwrap_or_else(|| want.allowed.clone())).await? {
            administered.insert(org);
        }
        let open = |group: &String| access.may_join(group, org, &want.instance, &want.namespace);
        if touch == Touch::Takeover && !seen.groups.iter().all(open) {
            return Err(in_closed_group(user));
        }
    }
    Ok(administered)
}

/// The user's Orgs; where the row tells none, as without the Orgs feature, those that are declared, and Primary.
pub(super) fn orgs_to_judge(want: &Desired, user: &User) -> BTreeSet<OrgId> {
    if !user.orgs.is_empty() {
        return user.orgs.clone();
    }
    want.places.iter().map(|joined| joined.place.id).chain([OrgId::PRIMARY]).collect()
}

fn foreign(user: &User) -> Fault {
    let message = format!(
        "user {:?} also belongs to an Org that does not let this namespace use it: only its memberships in the Orgs declared here can be \
         changed from here",
        user.name
    );
    stalled(Reason::Protected, message)
}

/// Whoever gets an account gets what its groups get. The group is not named: it is nobody's business here.
fn in_closed_group(user: &User) -> Fault {
    not_granted(format!(
        "user {:?} is in a group that is managed in another namespace: a grant in spec.grants of its ThoughtSpotGroup would let this \
         namespace take the user over",
        user.name
    ))
}

/// A group that another namespace manages and does not open to this one.
pub(super) fn not_open(group: &str, org: &str, namespace: &str) -> Fault {
    not_granted(format!(
        "spec.orgs: group {group:?} of Org {org} is managed in another namespace: a grant in spec.grants of its ThoughtSpotGroup would let \
         namespace {namespace} join it"
    ))
}

/// Refuses to add the user to a group whose members end up with privileges that this namespace may not hand out. For a new user, who has
/// nothing to lose yet, the list decides; for one who exists each group is read afresh.
pub(super) async fn groups_joined(want: &Desired, changes: &[UserChange]) -> Result<(), Fault> {
    for change in changes {
        match change {
            UserChange::Create { org, new } => groups_of(want, *org, new.groups.iter(), inventory::Look::Known).await?,
            UserChange::JoinGroups { org, groups } => groups_of(want, *org, groups.keys(), inventory::Look::Fresh).await?,
            UserChange::Update { .. }
            | UserChange::JoinOrg { .. }
            | UserChange::LeaveOrg { .. }
            | UserChange::LeaveGroups { .. }
            | UserChange::SetPassword
            | UserChange::DescribeLogin
            | UserChange::EndSessions => {}
        }
    }
    Ok(())
}

async fn groups_of(want: &Desired, org: OrgId, ids: impl Iterator<Item = &String>, look: inventory::Look) -> Result<(), Fault> {
    let Some(joined) = want.places.iter().find(|joined| joined.place.id == org) else { return Ok(()) };
    let (inventory, fault) = (&want.connection.inventory, |e| want.connection.fault(&e));
    for id in ids {
        let name = joined.groups.get(id).map(String::as_str).unwrap_or_default();
        let Some(group) = inventory.group(org, Lookup::Id(id), look).await.map_err(fault)? else {
            return Err(waiting(format!("Org {} has no group named {name:?} any more", joined.place.key.name)));
        };
        let effective = rights::of_members(&want.connection, org, &group, look).await?;
        let excess = grants::beyond(&effective, &joined.place.allowed.privileges);
        if !excess.is_empty() {
            return Err(not_granted(format!(
                "spec.orgs: members of group {name:?} of Org {} have {}, which this namespace may not hand out: a grant that lists them in \
                 spec.grants of the ThoughtSpotInstance, and of the ThoughtSpotOrg where it has grants, would let it",
                joined.place.key.name,
                excess.join(", ")
            )));
        }
    }
    Ok(())
}
