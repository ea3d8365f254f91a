//! Whether a namespace may touch a user at all: nobody takes over somebody with more rights, or somebody else's.
//!
//! Judged on fresh reads, and only when something is about to be changed.

use std::collections::BTreeSet;

use thoughtspot_client::domain::{ALL_GROUP_NAME, Lookup, OrgId, User, effective_privileges};
use thoughtspot_client::inventory;
use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;

use super::{Desired, UserChange};
use crate::access::Access;
use crate::faults::{not_granted, stalled};
use crate::grants::{self, Allowed};

/// What is about to be touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touch {
    /// The account, which is one for all Orgs.
    Account,
    /// Only what the user belongs to in the declared Orgs.
    Membership,
}

/// Refuses to touch whoever holds a privilege that this namespace may not hand out, in any Org; and, for the account, whoever belongs
/// to an Org that does not grant this namespace.
pub(super) async fn standing(access: &Access, want: &Desired, user: &User, touch: Touch) -> Result<(), Fault> {
    for org in &user.orgs {
        let declared = want.places.iter().find(|joined| joined.place.id == *org).map(|joined| joined.place.allowed.clone());
        // An Org that this resource was let into before counts as granted, also when its ThoughtSpotOrg has gone first.
        let before = want.owned.contains_key(org).then(|| want.allowed.clone());
        let allowed = declared.or_else(|| access.allowed_in(*org, &want.instance, &want.namespace)).or(before);
        match allowed {
            Some(allowed) => privileged(want, user, *org, &allowed).await?,
            None if touch == Touch::Account => return Err(foreign(user)),
            // A stranger's Org says nothing to us but this: whether the user administers it.
            None => privileged(want, user, *org, &want.allowed).await?,
        }
    }
    Ok(())
}

/// Refuses if the user's effective privileges in this Org, beyond what everybody has there, are more than is allowed.
async fn privileged(want: &Desired, user: &User, org: OrgId, allowed: &Allowed) -> Result<(), Fault> {
    let seen = want.connection.far.find_user(org, Lookup::Id(&user.id)).await;
    let Some(seen) = seen.map_err(|e| want.connection.fault(&e))? else {
        return Ok(());
    };
    let held: BTreeSet<String> = seen.privileges.difference(&allowed.privileges).cloned().collect();
    if held.is_empty() {
        return Ok(());
    }
    let all = want.connection.inventory.group(org, Lookup::Name(ALL_GROUP_NAME), inventory::Look::Known).await;
    let everybody = all.map_err(|e| want.connection.fault(&e))?.map(|group| group.privileges).unwrap_or_default();
    let excess = grants::beyond(&held, &everybody);
    if excess.is_empty() {
        return Ok(());
    }
    let message = format!(
        "user {:?} has privileges that this namespace may not hand out: nothing about it is changed from here",
        user.name
    );
    tracing::info!(user = %user.name, org = %org, excess = %excess.join(", "), "a privileged user is left alone");
    Err(stalled(Reason::Protected, message))
}

fn foreign(user: &User) -> Fault {
    let message = format!(
        "user {:?} also belongs to an Org that does not let this namespace use it: only its memberships in the Orgs declared here can be \
         changed from here",
        user.name
    );
    stalled(Reason::Protected, message)
}

/// Refuses to add the user to a group whose members end up with privileges that this namespace may not hand out.
pub(super) async fn groups_joined(want: &Desired, changes: &[UserChange]) -> Result<(), Fault> {
    for change in changes {
        let (org, ids): (OrgId, BTreeSet<&String>) = match change {
            UserChange::Create { org, new } => (*org, new.groups.iter().collect()),
            UserChange::JoinGroups { org, groups } => (*org, groups.keys().collect()),
            UserChange::Update { .. }
            | UserChange::JoinOrg { .. }
            | UserChange::LeaveOrg { .. }
            | UserChange::LeaveGroups { .. }
            | UserChange::SetPassword => continue,
        };
        if !ids.is_empty() {
            groups_of(want, org, &ids).await?;
        }
    }
    Ok(())
}

async fn groups_of(want: &Desired, org: OrgId, ids: &BTreeSet<&String>) -> Result<(), Fault> {
    let Some(joined) = want.places.iter().find(|joined| joined.place.id == org) else {
        return Ok(());
    };
    let groups = want.connection.inventory.groups(org).await.map_err(|e| want.connection.fault(&e))?;
    let effective = effective_privileges(&groups);
    for id in ids {
        let excess = effective.get(*id).map(|held| grants::beyond(held, &joined.place.allowed.privileges)).unwrap_or_default();
        if !excess.is_empty() {
            let name = joined.groups.get(*id).map(String::as_str).unwrap_or_default();
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
