//! What is never done to a group, whatever the namespace is granted.

use std::collections::BTreeSet;

use thoughtspot_client::domain::Group;
use thoughtspot_crds::{ThoughtSpotGroup, ThoughtSpotUser};
use thoughtspot_engine::Fault;
use thoughtspot_engine::kind::Ending;

use super::{Desired, GroupChange, Groups};
use crate::administrators::{self, Loss};
use crate::managed::{ManagedResource, Subject};
use crate::protected;

/// Refuses to touch a protected group, and to rename one to such a name.
pub(super) fn permits(want: &Desired, have: &Group, changes: &[GroupChange]) -> Result<(), Fault> {
    let keeps = want.connection.keeps();
    protected::group(have, &keeps)?;
    let mut renamed = changes.iter().filter_map(|change| match change {
        GroupChange::Update { patch, .. } => patch.name.as_deref(),
        GroupChange::Create(_) | GroupChange::AddMembers(_) | GroupChange::RemoveMembers(_) => None,
    });
    renamed.try_for_each(|name| protected::group_name(name, &keeps))
}

/// Refuses what would leave the Org without any administrator, where its administrators may be so by this group.
pub(super) async fn keeps_administrators(
    groups: &Groups,
    want: &Desired,
    have: &Group,
    ending: &Ending<'_, GroupChange>,
) -> Result<(), Fault> {
    let this = BTreeSet::from([have.id.clone()]);
    let losses = match ending {
        Ending::Removal => vec![Loss::Group { id: &have.id, after: None }],
        Ending::Changes(changes) => changes.iter().filter_map(|change| loss(have, &this, change)).collect(),
    };
    if losses.is_empty() {
        return Ok(());
    }
    let (connection, org) = (&want.connection, want.place.id);
    let around = connection.inventory.groups_now(org).await.map_err(|e| connection.fault(&e))?;
    if !administrators::through(have, &around) {
        return Ok(());
    }
    for loss in losses {
        groups.access.keeps_administrator(connection, &want.place.instance, org, loss).await?;
    }
    Ok(())
}

/// What a change takes from members of the group: `this` is the group alone.
fn loss<'a>(have: &'a Group, this: &'a BTreeSet<String>, change: &'a GroupChange) -> Option<Loss<'a>> {
    match change {
        GroupChange::Update { patch, .. } => {
            let after = Group {
                privileges: patch.privileges.clone().unwrap_or_else(|| have.privileges.clone()),
                sub_groups: patch.sub_groups.clone().unwrap_or_else(|| have.sub_groups.clone()),
                roles: patch.roles.clone().or_else(|| have.roles.clone()),
                ..have.clone()
            };
            let roles = |group: &Group| group.roles.clone().unwrap_or_default();
            let takes = !have.privileges.is_subset(&after.privileges)
                || !have.sub_groups.is_subset(&after.sub_groups)
                || !roles(have).is_subset(&roles(&after));
            takes.then_some(Loss::Group { id: &have.id, after: Some(Box::new(after)) })
        }
        GroupChange::RemoveMembers(users) => {
            Some(Loss::Members { users: users.keys().map(String::as_str).collect(), groups: this })
        }
        GroupChange::Create(_) | GroupChange::AddMembers(_) => None,
    }
}

/// A group that goes counts as one, and so does each that is nested in it no more.
pub(super) fn brake(
    groups: &Groups,
    group: &ThoughtSpotGroup,
    want: &Desired,
    ending: &Ending<'_, GroupChange>,
) -> Result<(), Fault> {
    let due = match ending {
        Ending::Removal => BTreeSet::from([group.subject()]),
        Ending::Changes(changes) => changes.iter().flat_map(ended).collect(),
    };
    if due.is_empty() { Ok(()) } else { groups.access.brakes.ask(&groups.access.world, &want.place.instance, &due) }
}

/// Whom a change takes something from.
fn ended(change: &GroupChange) -> BTreeSet<Subject> {
    match change {
        GroupChange::RemoveMembers(users) => users.keys().map(ThoughtSpotUser::subject_of).collect(),
        GroupChange::Update { patch, from, .. } => {
            let kept = patch.sub_groups.as_ref().unwrap_or(&from.sub_groups);
            from.sub_groups.difference(kept).map(ThoughtSpotGroup::subject_of).collect()
        }
        GroupChange::Create(_) | GroupChange::AddMembers(_) => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use thoughtspot_client::domain::{GroupPatch, Provenance, Visibility};

    #[test]
    fn a_group_that_is_nested_no_more_counts() {
        let set = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<BTreeSet<String>>();
        let from = Group {
            id: "g".into(),
            name: "analysts".into(),
            display_name: String::new(),
            description: String::new(),
            visibility: Visibility::Sharable,
            privileges: set(&[]),
            sub_groups: set(&["a", "b"]),
            roles: None,
            default_liveboards: set(&[]),
            protected: false,
            provenance: Provenance { author: None, created: None },
        };
        let counted = |sub_groups: Option<BTreeSet<String>>| {
            let patch = GroupPatch { sub_groups, ..GroupPatch::default() };
            ended(&GroupChange::Update { patch, from: Box::new(from.clone()), differences: Vec::new() })
        };
        assert_eq!(counted(None), set(&[]));
        assert_eq!(counted(Some(set(&["a", "b", "c"]))), set(&[]));
        assert_eq!(counted(Some(set(&["c"]))), set(&["group a", "group b"]));
    }
}
