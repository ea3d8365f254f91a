//! The object of a group. It is also what `PUT group/{groupid}` wants back, changed.

use super::rows::{self, Shown, TENANT_ID};
use crate::settings::Settings;
use crate::state::World;
use crate::state::group::{Group, GroupChange};
use crate::state::kinds::GroupType;
use crate::state::links::Operation;
use crate::state::privilege::Privilege;
use crate::state::refusal::Refusal;
use crate::v2::search;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The row. It names the groups this one is nested in, and neither its members nor the groups inside it.
pub(super) fn render(world: &World, settings: &Settings, group: &Group) -> Value {
    let parents = world.sub_groups.wholes_of(group.id);
    let ancestors = ancestors(world, group.id);
    let liveboards = world.library.defaults.members_of(group.id);
    let mut row = json!({
        "userGroupContent": {},
        "groupIdx": 0,
        "metadataVersion": -1,
        "assignedPinboards": liveboards.iter().map(Uuid::to_string).collect::<Vec<String>>(),
        "assignedGroups": rows::group_ids(world, settings, &parents),
        "inheritedGroups": rows::group_ids(world, settings, &ancestors),
        "privileges": rows::names(settings, group.privileges.iter().map(|privilege| privilege.name())),
        "type": group.kind,
        "parenttype": "GROUP",
        "visibility": Shown::from(group.visibility),
        "tenantId": TENANT_ID,
        "displayName": group.display_name,
        "header": header(group),
        "complete": true,
        "incompleteDetail": [],
        "isSystemPrincipal": group.system,
    });
    if settings.rbac {
        row["assignedRoles"] = roles(world, settings, group);
        row["granularPrivileges"] = json!([]);
    }
    row
}

/// The GUIDs of the group's roles, which are shown with role-based access control only.
fn roles(world: &World, settings: &Settings, group: &Group) -> Value {
    let roles = world.group_roles.members_of(group.id);
    let roles = roles.iter().filter_map(|id| world.roles.get(id)).map(|role| (role.name.clone(), role.id.to_string().into()));
    search::list(settings, roles.collect())
}

fn header(group: &Group) -> Value {
    json!({
        "id": group.id.to_string(),
        "name": group.name,
        "displayName": group.display_name,
        "description": group.description.as_deref().unwrap_or_default(),
        "author": group.author.to_string(),
        "created": group.created,
        "modified": group.modified,
        "modifiedBy": group.modifier.to_string(),
        "owner": group.id.to_string(),
        "isDeleted": false,
        "isHidden": false,
        "tags": [],
        "type": group.kind,
        "isExternal": false,
        "isDeprecated": false,
    })
}

/// The groups this one is nested in, at any depth. A cycle leads back to itself.
fn ancestors(world: &World, group: Uuid) -> BTreeSet<Uuid> {
    let mut waiting = vec![group];
    let mut found = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        waiting.extend(world.sub_groups.wholes_of(id).into_iter().filter(|parent| found.insert(*parent)));
    }
    found
}

/// What of the object can be changed. Everything else in it is what the server says, and is not looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    assigned_groups: Option<BTreeSet<String>>,
    privileges: Option<BTreeSet<Privilege>>,
    #[serde(rename = "type")]
    kind: Option<GroupType>,
    visibility: Option<Shown>,
    display_name: Option<String>,
    header: Header,
}

#[derive(Deserialize)]
struct Header {
    id: String,
    name: String,
    description: Option<String>,
}

impl Content {
    /// The change that makes the group what this object says, and the groups it is to be nested in.
    pub(super) fn into_change(self, group: &Group) -> Result<(GroupChange, Option<BTreeSet<String>>), Refusal> {
        if self.header.id.parse() != Ok(group.id) {
            return Err(Refusal::invalid("Invalid content: it is about another group"));
        }
        let change = GroupChange {
            name: Some(self.header.name),
            display_name: self.display_name,
            description: self.header.description,
            kind: self.kind,
            visibility: self.visibility.map(Into::into),
            // To say again what is there is no attempt to grant, which a server with roles may refuse.
            privileges: self.privileges.filter(|privileges| *privileges != group.privileges),
            operation: Some(Operation::Replace),
            ..GroupChange::default()
        };
        Ok((change, self.assigned_groups))
    }
}
