//! `roles/*`, which are there with role-based access control only. A role is written in the Org of the token.

use super::wire::Identifier;
use super::{post, search};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::privilege::{ChangedRolePrivileges, NewRolePrivileges, RolePrivilegeFilter};
use crate::state::refusal::Refusal;
use crate::state::role::{Role, RoleChange};
use crate::state::{Actor, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) static ROUTES: &[Route] = &[
    post("/roles/search", Kind::Read, signed!(find)),
    post("/roles/create", Kind::Write, signed!(create)),
    post("/roles/{role_identifier}/update", Kind::Write, signed!(update)),
    post("/roles/{role_identifier}/delete", Kind::Write, signed!(delete)),
];

/// What may be done with a role.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Permission {
    ReadOnly,
    Modify,
    NoAccess,
}

impl Permission {
    fn of(role: &Role) -> Self {
        if role.read_only { Self::ReadOnly } else { Self::Modify }
    }
}

/// There is no paging: its keys are unknown here.
#[derive(Deserialize)]
struct Search {
    role_identifiers: Option<Vec<Identifier>>,
    org_identifiers: Option<Vec<Identifier>>,
    group_identifiers: Option<Vec<Identifier>>,
    privileges: Option<Vec<RolePrivilegeFilter>>,
    deprecated: Option<bool>,
    external: Option<bool>,
    shared_via_connection: Option<bool>,
    permissions: Option<Vec<Permission>>,
}

fn find(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let actor = context.actor(session);
    context.world.require_role_admin(&actor)?;
    let filter: Search = context.call.json(context.settings)?;
    let world = &*context.world;
    let orgs = filter.org_identifiers.as_ref().map(|wanted| search::orgs(world, wanted));
    let in_orgs = |role: &&Role| orgs.as_ref().is_none_or(|orgs| orgs.contains(&role.org));
    let wanted = |role: &&Role| in_orgs(role) && filter.wants(role) && filter.wants_groups(world, role);
    let rows: Vec<Value> = world.visible_roles(&actor).filter(wanted).map(|role| row(world, &actor, role)).collect();
    match filter.role_identifiers.as_deref().and_then(<[Identifier]>::first) {
        Some(Identifier(identifier)) if rows.is_empty() && context.settings.search_miss != 200 => {
            Err(Refusal::unknown_principal(identifier))
        }
        Some(_) | None => Ok(Answer::Json(rows.into())),
    }
}

impl Search {
    fn wants(&self, role: &Role) -> bool {
        // No role is any of these.
        let odd = [self.deprecated, self.external, self.shared_via_connection].contains(&Some(true));
        let has = |wanted: &RolePrivilegeFilter| role.privileges.iter().any(|own| own.name() == wanted.0);
        !odd && self.role_identifiers.as_ref().is_none_or(|wanted| wanted.iter().any(|one| one.names(role.id, &role.name)))
            && self.privileges.as_ref().is_none_or(|wanted| wanted.iter().any(has))
            && self.permissions.as_ref().is_none_or(|wanted| wanted.contains(&Permission::of(role)))
    }

    fn wants_groups(&self, world: &World, role: &Role) -> bool {
        let Some(wanted) = &self.group_identifiers else { return true };
        let groups = world.group_roles.wholes_of(role.id);
        let mut groups = groups.iter().filter_map(|id| world.groups.get(id));
        groups.any(|group| wanted.iter().any(|wanted| wanted.names(group.id, &group.name)))
    }
}

/// The row of a role.
pub(crate) fn row(world: &World, actor: &Actor<'_>, role: &Role) -> Value {
    let groups: BTreeSet<Uuid> = world.group_roles.wholes_of(role.id);
    let group_rows = groups.iter().filter_map(|id| world.groups.get(id));
    let group_rows = group_rows.map(|group| (group.name.clone(), json!({"id": group.id.to_string(), "name": group.name})));
    let privileges = role.privileges.iter().map(|privilege| (privilege.name().to_owned(), privilege.name().into()));
    let org = world.orgs.get(&role.org).map(|org| org.name.as_str());
    json!({
        "id": role.id.to_string(),
        "name": role.name,
        "description": role.description.as_deref().unwrap_or_default(),
        "privileges": search::list(actor.settings, privileges.collect()),
        "groups_assigned_count": groups.len(),
        "orgs": [{"id": role.org.to_string(), "name": org}],
        "groups": search::list(actor.settings, group_rows.collect()),
        "permission": Permission::of(role),
        "author_id": role.author.to_string(),
        "modifier_id": role.modifier.to_string(),
        "creation_time_in_millis": role.created,
        "modification_time_in_millis": role.modified,
        "deleted": false,
        "deprecated": false,
        "external": false,
        "hidden": false,
        "shared_via_connection": false,
    })
}

#[derive(Deserialize)]
struct Create {
    name: String,
    description: Option<String>,
    privileges: Option<NewRolePrivileges>,
    #[serde(default)]
    read_only: bool,
}

fn create(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Create { name, description, privileges, read_only } = context.call.json(context.settings)?;
    let change = RoleChange { name, description, privileges: privileges.map(|privileges| privileges.0), read_only };
    let actor = context.actor(session);
    let id = context.world.create_role(&actor, change)?;
    answer(context.world, &actor, id)
}

/// Unlike other updates it needs the name, even of a role that keeps it, and answers the role.
#[derive(Deserialize)]
struct Update {
    name: String,
    description: Option<String>,
    privileges: Option<ChangedRolePrivileges>,
}

fn update(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let target = context.call.target()?;
    let Update { name, description, privileges } = context.call.json(context.settings)?;
    let change = RoleChange { name, description, privileges: privileges.map(|privileges| privileges.0), read_only: false };
    let actor = context.actor(session);
    let id = context.world.update_role(&actor, target, change)?;
    answer(context.world, &actor, id)
}

fn answer(world: &World, actor: &Actor<'_>, id: Uuid) -> Result<Answer, Refusal> {
    Ok(Answer::Json(world.roles.get(&id).map(|role| row(world, actor, role)).unwrap_or_default()))
}

fn delete(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let target = context.call.target()?;
    context.world.delete_role(&context.actor(session), target)?;
    Ok(Answer::NoContent)
}
