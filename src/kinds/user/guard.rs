//! What is never done to a user, whatever the namespace is granted.

use std::collections::BTreeSet;

use thoughtspot_client::domain::{AccountAccess, Lookup, OrgId, User};
use thoughtspot_client::inventory;
use thoughtspot_crds::ThoughtSpotUser;
use thoughtspot_engine::Fault;
use thoughtspot_engine::kind::Ending;

use super::{Desired, Observed, UserChange, Users};
use crate::administrators::Loss;
use crate::managed::ManagedResource;
use crate::protected;

/// Refuses to touch whoever is protected, to rename somebody to such a name, and to add to or remove from a protected group.
pub(super) async fn permits(want: &Desired, have: Option<&Observed>, changes: &[UserChange]) -> Result<(), Fault> {
    let keeps = want.connection.keeps();
    match have {
        Some(have) => protected::user(&have.user, &keeps)?,
        None => protected::user_name(&want.name, &keeps)?,
    }
    for change in changes {
        if let UserChange::Update { patch, .. } = change
            && let Some(name) = &patch.name
        {
            protected::user_name(name, &keeps)?;
        }
        for (org, group) in groups_of(change) {
            untouched_group(want, org, group, &keeps).await?;
        }
    }
    Ok(())
}

/// The groups that a change adds to or removes from, by id.
fn groups_of(change: &UserChange) -> Vec<(OrgId, &String)> {
    match change {
        UserChange::Create { org, new } => new.groups.iter().map(|group| (*org, group)).collect(),
        UserChange::JoinGroups { org, groups } => groups.keys().map(|group| (*org, group)).collect(),
        UserChange::LeaveGroups { org, groups } => groups.iter().map(|group| (*org, group)).collect(),
        UserChange::Update { .. }
        | UserChange::JoinOrg { .. }
        | UserChange::LeaveOrg { .. }
        | UserChange::SetPassword
        | UserChange::DescribeLogin
        | UserChange::EndSessions => Vec::new(),
    }
}

/// Whether the group is none that the Instance protects. Asked only where it protects any.
async fn untouched_group(want: &Desired, org: OrgId, id: &str, keeps: &protected::Keeps<'_>) -> Result<(), Fault> {
    if keeps.protection.groups.is_empty() {
        return Ok(());
    }
    let group = want.connection.inventory.group(org, Lookup::Id(id), inventory::Look::Fresh).await;
    let group = group.map_err(|e| want.connection.fault(&e))?;
    group.map_or(Ok(()), |group| protected::listed_group(&group.name, keeps))
}

/// Refuses what would leave an Org that the user administers without any administrator.
pub(super) async fn keeps_administrators(
    users: &Users,
    want: &Desired,
    user: &User,
    administered: &BTreeSet<OrgId>,
    ending: &Ending<'_, UserChange>,
) -> Result<(), Fault> {
    for org in administered {
        if let Some(loss) = loss(user, *org, ending) {
            users.access.keeps_administrator(&want.connection, &want.instance, *org, loss).await?;
        }
    }
    Ok(())
}

/// What the user loses in an Org, as far as it may be why it administers it.
fn loss<'a>(user: &'a User, org: OrgId, ending: &'a Ending<'_, UserChange>) -> Option<Loss<'a>> {
    let changes = match ending {
        Ending::Removal => return Some(Loss::User(&user.id)),
        Ending::Changes(changes) => changes,
    };
    changes.iter().find_map(|change| match change {
        UserChange::LeaveOrg { org: left } if *left == org => Some(Loss::User(&user.id)),
        UserChange::Update { patch, .. } if patch.access == Some(AccountAccess::Disabled) => Some(Loss::User(&user.id)),
        UserChange::LeaveGroups { org: of, groups } if *of == org => {
            Some(Loss::Members { users: BTreeSet::from([user.id.as_str()]), groups })
        }
        UserChange::LeaveOrg { .. }
        | UserChange::LeaveGroups { .. }
        | UserChange::Create { .. }
        | UserChange::Update { .. }
        | UserChange::JoinOrg { .. }
        | UserChange::JoinGroups { .. }
        | UserChange::SetPassword
        | UserChange::DescribeLogin
        | UserChange::EndSessions => None,
    })
}

/// A user counts as one, whatever it loses.
pub(super) fn brake(users: &Users, user: &ThoughtSpotUser, want: &Desired, ending: &Ending<'_, UserChange>) -> Result<(), Fault> {
    let ends = match ending {
        Ending::Removal => true,
        Ending::Changes(changes) => changes.iter().any(takes_away),
    };
    if !ends {
        return Ok(());
    }
    users.access.brakes.ask(&users.access.world, &want.instance, &BTreeSet::from([user.subject()]))
}

/// Whether a change ends access or a membership.
fn takes_away(change: &UserChange) -> bool {
    match change {
        UserChange::LeaveOrg { .. } | UserChange::LeaveGroups { .. } => true,
        UserChange::Update { patch, .. } => patch.access == Some(AccountAccess::Disabled),
        UserChange::Create { .. }
        | UserChange::JoinOrg { .. }
        | UserChange::JoinGroups { .. }
        | UserChange::SetPassword
        | UserChange::DescribeLogin
        | UserChange::EndSessions => false,
    }
}
