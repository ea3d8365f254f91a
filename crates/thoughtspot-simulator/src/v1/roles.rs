//! `role/*` and the roles of groups, in the session's Org (docs/thoughtspot-api-v1.md, "Roles").

use super::errors::Answered;
use super::route;
use super::wire::{Json, Nothing, Text};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::group::GroupChange;
use crate::state::links::Operation;
use crate::state::privilege::{ChangedRolePrivileges, NewRolePrivileges};
use crate::state::refusal::{Cause, Refusal};
use crate::state::role::{RoleChange, require_rbac};
use crate::v2::roles;
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::POST, "/role/", Kind::Write, signed!(create)),
    route(Method::POST, "/role/search", Kind::Read, signed!(find)),
    route(Method::PUT, "/role/{roleid}", Kind::Write, signed!(update)),
    route(Method::DELETE, "/role/{roleid}", Kind::Write, signed!(delete)),
    route(Method::POST, "/group/addrole", Kind::Write, signed!(add_to_groups)),
    route(Method::POST, "/group/removerole", Kind::Write, signed!(remove_from_groups)),
];

/// Every answer about roles is inside `data`.
fn data(answer: Value) -> Answer {
    Answer::Json(json!({"data": answer}))
}

#[derive(Deserialize)]
struct Create {
    name: String,
    description: Option<String>,
    privileges: Option<Json<NewRolePrivileges>>,
}

fn create(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Create { name, description, privileges } = context.call.posted(context.settings)?;
    let privileges = privileges.map(|Json(privileges)| privileges.0);
    let actor = context.actor(session);
    let id = context.world.create_role(&actor, RoleChange { name, description, privileges, read_only: false })?;
    Ok(data(context.world.roles.get(&id).map(|role| roles::row(context.world, &actor, role)).unwrap_or_default()))
}

#[derive(Deserialize)]
struct Update {
    name: String,
    description: Option<String>,
    privileges: Option<Json<ChangedRolePrivileges>>,
}

fn update(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Update { name, description, privileges } = context.call.posted(context.settings)?;
    let privileges = privileges.map(|Json(privileges)| privileges.0);
    let (actor, change) = (context.actor(session), RoleChange { name, description, privileges, read_only: false });
    let changed = context.world.update_role(&actor, context.call.path_parameter(0), change);
    let id = changed.answered(Cause::Unknown, context.settings.v1_unknown_id)?;
    Ok(data(context.world.roles.get(&id).map(|role| roles::row(context.world, &actor, role)).unwrap_or_default()))
}

#[derive(Deserialize)]
struct Search {
    role_identifiers: Option<Json<Vec<String>>>,
    org_identifiers: Option<Json<Vec<String>>>,
    group_identifiers: Option<Json<Vec<String>>>,
    privileges: Option<Json<Vec<String>>>,
}

fn find(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let filter: Search = context.call.posted(context.settings)?;
    let (actor, world) = (context.actor(session), &*context.world);
    world.require_role_admin(&actor)?;
    let one_of = |wanted: &Option<Json<Vec<String>>>, ids: &[String]| {
        wanted.as_ref().is_none_or(|Json(wanted)| wanted.iter().any(|wanted| ids.contains(wanted)))
    };
    let wanted = |role: &&crate::state::role::Role| {
        let groups = world.group_roles.wholes_of(role.id);
        let groups = groups.iter().filter_map(|id| world.groups.get(id));
        let groups: Vec<String> = groups.flat_map(|group| [group.id.to_string(), group.name.clone()]).collect();
        let org = world.orgs.get(&role.org).map(|org| org.name.clone()).unwrap_or_default();
        let privileges: Vec<String> = role.privileges.iter().map(|privilege| privilege.name().to_owned()).collect();
        one_of(&filter.role_identifiers, &[role.id.to_string(), role.name.clone()])
            && one_of(&filter.org_identifiers, &[role.org.to_string(), org])
            && one_of(&filter.group_identifiers, &groups)
            && one_of(&filter.privileges, &privileges)
    };
    Ok(data(world.visible_roles(&actor).filter(wanted).map(|role| roles::row(world, &actor, role)).collect()))
}

fn delete(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Nothing {} = context.call.queried(context.settings)?;
    let deleted = context.world.delete_role(&context.actor(session), context.call.path_parameter(0));
    deleted.answered(Cause::Unknown, context.settings.v1_unknown_id)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct OfGroups {
    #[serde(rename = "roleID")]
    role: Text<Uuid>,
    #[serde(rename = "groupNames")]
    groups: Json<BTreeSet<String>>,
}

fn add_to_groups(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    change_groups(context, session, Operation::Add)
}

fn remove_from_groups(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    change_groups(context, session, Operation::Remove)
}

/// Gives a role to groups, or takes it from them: to all that are named, or to none.
fn change_groups(context: &mut Context<'_>, session: Session, operation: Operation) -> Result<Answer, Refusal> {
    let OfGroups { role: Text(role), groups: Json(names) } = context.call.parts(context.settings)?;
    require_rbac(context.settings)?;
    let actor = context.actor(session);
    let names: Vec<String> = names.into_iter().collect();
    context.world.together(|world| {
        for group in world.resolve_groups(actor.org, &names)? {
            let roles = Some(vec![role.to_string()]);
            let change = GroupChange { roles, operation: Some(operation), ..GroupChange::default() };
            world.update_group(&actor, &group.to_string(), change)?;
        }
        Ok(Answer::NoContent)
    })
}
