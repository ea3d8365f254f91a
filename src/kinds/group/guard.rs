//! What is never done to a group, whatever the namespace is granted.

use thoughtspot_client::domain::Group;
use thoughtspot_engine::Fault;

use super::{Desired, GroupChange};
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
