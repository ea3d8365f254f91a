//! `group/*`: groups, made, read, changed and deleted in the session's Org (docs/thoughtspot-api-v1.md, "Groups").

use super::errors::Answered;
use super::group_row::{self, Content};
use super::route;
use super::rows::Shown;
use super::wire::{Guids, Json, Nothing, Text};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::group::{Group, GroupChange};
use crate::state::kinds::GroupType;
use crate::state::links::Operation;
use crate::state::privilege::Privilege;
use crate::state::refusal::{Cause, Refusal};
use crate::state::{ALL_ORGS, Actor, World};
use axum::http::Method;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::POST, "/group/", Kind::Write, signed!(create)),
    route(Method::GET, "/group/", Kind::Read, signed!(get)),
    route(Method::PUT, "/group/{groupid}", Kind::Write, signed!(update)),
    route(Method::DELETE, "/group/{groupid}", Kind::Write, signed!(delete)),
    route(Method::POST, "/group/addprivilege", Kind::Write, signed!(add_privilege)),
    route(Method::POST, "/group/removeprivilege", Kind::Write, signed!(remove_privilege)),
];

/// The id in the path, as the world looks it up. What is no GUID is no group's.
pub(super) fn target(context: &Context<'_>) -> Result<String, Refusal> {
    let asked = context.call.path_parameter(0);
    let id: Result<Uuid, _> = asked.parse();
    let unknown = |_| Refusal::unknown_principal(asked).with_status(context.settings.v1_unknown_id);
    id.map(|id| id.to_string()).map_err(unknown)
}

#[derive(Deserialize)]
struct Create {
    name: String,
    /// The vendor's table spells it so, and its example as the next one.
    displayname: Option<String>,
    display_name: Option<String>,
    description: Option<String>,
    privileges: Option<Json<BTreeSet<Privilege>>>,
    grouptype: Option<GroupType>,
    /// There is one tenant only.
    #[serde(rename = "tenantid")]
    _tenantid: Option<Text<Uuid>>,
    visibility: Option<Shown>,
    #[serde(rename = "roleIds")]
    role_ids: Option<Guids>,
}

fn create(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let form: Create = context.call.posted(context.settings)?;
    let change = GroupChange {
        display_name: form.displayname.or(form.display_name),
        description: form.description,
        kind: form.grouptype,
        visibility: form.visibility.map(Into::into),
        privileges: form.privileges.map(|Json(privileges)| privileges),
        roles: form.role_ids.map(|roles| roles.identifiers()),
        ..GroupChange::default()
    };
    let created = context.world.create_group(&context.actor(session), &form.name, change);
    let created = created.answered(Cause::Duplicate, context.settings.v1_duplicate_group);
    let id = created.answered(Cause::Forbidden, 401)?;
    let row = |group: &Group| group_row::render(context.world, context.settings, group);
    Ok(Answer::Json(context.world.groups.get(&id).map(row).unwrap_or_default()))
}

#[derive(Deserialize)]
struct Get {
    groupid: Option<String>,
    name: Option<String>,
}

fn get(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Get { groupid, name } = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    let row = |group: &Group| group_row::render(context.world, context.settings, group);
    let here = |group: &&Group| group.org == actor.org || session.org == ALL_ORGS;
    let mut groups = context.world.groups.values().filter(here);
    if groupid.is_none() && name.is_none() {
        return Ok(Answer::Json(groups.map(row).collect::<Vec<Value>>().into()));
    }
    let found = groups.find(|group| {
        groupid.as_ref().is_none_or(|id| id.parse() == Ok(group.id)) && name.as_ref().is_none_or(|name| *name == group.name)
    });
    let asked = groupid.as_deref().or(name.as_deref()).unwrap_or_default();
    found.map(|group| Answer::Json(row(group))).ok_or_else(|| Refusal::unknown_principal(asked))
}

#[derive(Deserialize)]
struct Update {
    groupid: Option<String>,
    content: String,
    #[serde(rename = "roleIds")]
    role_ids: Option<Guids>,
}

fn update(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let form: Update = context.call.posted(context.settings)?;
    let target = target(context)?;
    if form.groupid.is_some_and(|named| named != target) {
        return Err(Refusal::invalid("Invalid parameter values groupid"));
    }
    let actor = context.actor(session);
    let changed = context.world.together(|world| {
        let group = world.find_group(actor.org, &target).ok_or_else(|| Refusal::unknown_principal(&target))?;
        let id = group.id;
        let bad = |error| Refusal::invalid(format!("Invalid content: {error}"));
        let content: Content = serde_json::from_str(&form.content).map_err(bad)?;
        let (change, parents) = content.into_change(group)?;
        let roles = form.role_ids.map(|roles| roles.identifiers());
        world.update_group(&actor, &target, GroupChange { roles, ..change })?;
        parents.map_or(Ok(()), |parents| nest(world, &actor, id, &parents))
    });
    let changed = changed.answered(Cause::Invalid, 500).answered(Cause::Unknown, context.settings.v1_unknown_id);
    changed.answered(Cause::Duplicate, context.settings.v1_duplicate_group)?;
    Ok(Answer::NoContent)
}

/// Makes `parents` all that the group is nested in.
fn nest(world: &mut World, actor: &Actor<'_>, group: Uuid, parents: &BTreeSet<String>) -> Result<(), Refusal> {
    let named: Vec<String> = parents.iter().cloned().collect();
    let wanted = world.resolve_groups(actor.org, &named)?;
    let current = world.sub_groups.wholes_of(group);
    let joined = wanted.difference(&current).map(|parent| (*parent, Operation::Add));
    let left = current.difference(&wanted).map(|parent| (*parent, Operation::Remove));
    for (parent, operation) in left.chain(joined).collect::<Vec<_>>() {
        let sub_groups = Some(vec![group.to_string()]);
        let change = GroupChange { sub_groups, operation: Some(operation), ..GroupChange::default() };
        world.update_group(actor, &parent.to_string(), change)?;
    }
    Ok(())
}

fn delete(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Nothing {} = context.call.queried(context.settings)?;
    let target = target(context)?;
    let deleted = context.world.delete_group(&context.actor(session), &target);
    deleted.answered(Cause::Unknown, context.settings.v1_unknown_id)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct ChangePrivilege {
    privilege: Privilege,
    #[serde(rename = "groupNames")]
    group_names: Json<BTreeSet<String>>,
}

fn add_privilege(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let groups = change_privilege(context, session, Operation::Add)?;
    let groups = groups.iter().filter_map(|id| context.world.groups.get(id));
    let mut rows: Vec<Value> = groups.map(|group| group_row::render(context.world, context.settings, group)).collect();
    // One group is answered as itself.
    Ok(Answer::Json(if rows.len() == 1 { rows.swap_remove(0) } else { rows.into() }))
}

fn remove_privilege(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    change_privilege(context, session, Operation::Remove)?;
    Ok(Answer::NoContent)
}

/// Gives a privilege to groups, or takes it from them: to all that are named, or to none.
fn change_privilege(context: &mut Context<'_>, session: Session, operation: Operation) -> Result<BTreeSet<Uuid>, Refusal> {
    let form: ChangePrivilege = context.call.parts(context.settings)?;
    let names: Vec<String> = form.group_names.0.into_iter().collect();
    let actor = context.actor(session);
    context.world.require_org_admin(&actor)?;
    if names.is_empty() {
        return Err(Refusal::invalid("Invalid parameter values groupNames"));
    }
    context.world.together(|world| {
        let groups = world.resolve_groups(actor.org, &names)?;
        for group in &groups {
            let privileges = Some(BTreeSet::from([form.privilege]));
            let change = GroupChange { privileges, operation: Some(operation), ..GroupChange::default() };
            world.update_group(&actor, &group.to_string(), change)?;
        }
        Ok(groups)
    })
}
