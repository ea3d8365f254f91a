//! Who is in which group, from either end, and which group is in which (docs/thoughtspot-api-v1.md, "Memberships").

use super::errors::Answered;
use super::groups::target as group_target;
use super::users::target as user_target;
use super::wire::{Guids, Nothing};
use super::{group_row, route, user_row};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::World;
use crate::state::group::GroupChange;
use crate::state::links::Operation;
use crate::state::refusal::{Cause, Refusal};
use crate::state::user::UserChange;
use axum::http::Method;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::GET, "/user/{userid}/groups", Kind::Read, signed!(groups_of_user)),
    route(Method::POST, "/user/{userid}/groups", Kind::Write, signed!(add_groups_of_user)),
    route(Method::PUT, "/user/{userid}/groups", Kind::Write, signed!(replace_groups_of_user)),
    route(Method::DELETE, "/user/{userid}/groups", Kind::Write, signed!(remove_groups_of_user)),
    route(Method::POST, "/group/{groupid}/user/{userid}", Kind::Write, signed!(add_member)),
    route(Method::DELETE, "/group/{groupid}/user/{userid}", Kind::Write, signed!(remove_member)),
    route(Method::GET, "/group/{groupid}/users", Kind::Read, signed!(members)),
    route(Method::GET, "/group/listuser/{groupid}", Kind::Read, signed!(members)),
    route(Method::POST, "/group/{groupid}/users", Kind::Write, signed!(add_members)),
    route(Method::PUT, "/group/{groupid}/users", Kind::Write, signed!(replace_members)),
    route(Method::DELETE, "/group/{groupid}/users", Kind::Write, signed!(remove_members)),
    route(Method::POST, "/group/addmemberships", Kind::Write, signed!(add_memberships)),
    route(Method::POST, "/group/removememberships", Kind::Write, signed!(remove_memberships)),
    route(Method::GET, "/group/{groupid}/groups", Kind::Read, signed!(sub_groups)),
    route(Method::POST, "/group/{groupid}/groups", Kind::Write, signed!(add_sub_groups)),
    route(Method::PUT, "/group/{groupid}/groups", Kind::Write, signed!(replace_sub_groups)),
    route(Method::DELETE, "/group/{groupid}/groups", Kind::Write, signed!(remove_sub_groups)),
];

#[derive(Deserialize)]
struct GroupIds {
    groupids: Guids,
}

#[derive(Deserialize)]
struct UserIds {
    userids: Guids,
}

#[derive(Deserialize)]
struct PrincipalIds {
    principalids: Guids,
}

fn groups_of_user(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Nothing {} = context.call.queried(context.settings)?;
    let (actor, user) = (context.actor(session), user_target(context, 0)?);
    if context.world.users.get(&user).is_none_or(|user| !context.world.sees_user(&actor, user.id)) {
        return Err(Refusal::unknown_principal(&user.to_string()).with_status(context.settings.v1_unknown_id));
    }
    Ok(Answer::Json(group_rows(context, &context.world.groups_in(user, actor.org))))
}

fn group_rows(context: &Context<'_>, ids: &BTreeSet<Uuid>) -> Value {
    let groups = ids.iter().filter_map(|id| context.world.groups.get(id));
    groups.map(|group| group_row::render(context.world, context.settings, group)).collect()
}

fn add_groups_of_user(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    change_groups_of_user(context, session, Operation::Add)
}

fn replace_groups_of_user(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    change_groups_of_user(context, session, Operation::Replace)
}

fn remove_groups_of_user(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    change_groups_of_user(context, session, Operation::Remove)
}

fn change_groups_of_user(context: &mut Context<'_>, session: Session, operation: Operation) -> Result<Answer, Refusal> {
    let GroupIds { groupids } = context.call.queried(context.settings)?;
    let user = user_target(context, 0)?;
    let change = UserChange { groups: Some(groupids.identifiers()), operation: Some(operation), ..UserChange::default() };
    let changed = context.world.update_user(&context.actor(session), &user.to_string(), change);
    changed.answered(Cause::Unknown, context.settings.v1_unknown_id)?;
    Ok(Answer::NoContent)
}

fn add_member(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    change_member(context, session, Operation::Add)
}

fn remove_member(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    change_member(context, session, Operation::Remove)
}

fn change_member(context: &mut Context<'_>, session: Session, operation: Operation) -> Result<Answer, Refusal> {
    let Nothing {} = context.call.queried(context.settings)?;
    let user = user_target(context, 1)?;
    if !context.world.users.contains_key(&user) {
        return Err(Refusal::unknown_principal(&user.to_string()).with_status(context.settings.v1_unknown_id));
    }
    change_members(context, session, vec![user.to_string()], operation)
}

fn members(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Nothing {} = context.call.queried(context.settings)?;
    let (actor, group) = (context.actor(session), group_here(context, session)?);
    let members = context.world.group_members.members_of(group);
    Ok(Answer::Json(members.into_iter().filter_map(|id| user_row::render(context.world, &actor, id)).collect()))
}

fn group_here(context: &Context<'_>, session: Session) -> Result<Uuid, Refusal> {
    let target = group_target(context)?;
    let group = context.world.find_group(context.actor(session).org, &target).map(|group| group.id);
    group.ok_or_else(|| Refusal::unknown_principal(&target).with_status(context.settings.v1_unknown_id))
}

fn add_members(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let UserIds { userids } = context.call.queried(context.settings)?;
    change_members(context, session, userids.identifiers(), Operation::Add)
}

fn replace_members(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let UserIds { userids } = context.call.posted(context.settings)?;
    change_members(context, session, userids.identifiers(), Operation::Replace)
}

fn remove_members(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let UserIds { userids } = context.call.queried(context.settings)?;
    change_members(context, session, userids.identifiers(), Operation::Remove)
}

fn change_members(
    context: &mut Context<'_>,
    session: Session,
    users: Vec<String>,
    operation: Operation,
) -> Result<Answer, Refusal> {
    let change = GroupChange { users: Some(users), operation: Some(operation), ..GroupChange::default() };
    change_group(context, session, change)
}

fn change_group(context: &mut Context<'_>, session: Session, change: GroupChange) -> Result<Answer, Refusal> {
    let target = group_target(context)?;
    let changed = context.world.update_group(&context.actor(session), &target, change);
    changed.answered(Cause::Unknown, context.settings.v1_unknown_id)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct Memberships {
    userids: Guids,
    groupids: Guids,
}

fn add_memberships(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    change_memberships(context, session, Operation::Add)
}

fn remove_memberships(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    change_memberships(context, session, Operation::Remove)
}

/// Each of the users and each of the groups: all of them, or none.
fn change_memberships(context: &mut Context<'_>, session: Session, operation: Operation) -> Result<Answer, Refusal> {
    let Memberships { userids, groupids } = context.call.parts(context.settings)?;
    let actor = context.actor(session);
    context.world.require_org_admin(&actor)?;
    let change = |world: &mut World| {
        for group in world.resolve_groups(actor.org, &groupids.identifiers())? {
            let users = Some(userids.identifiers());
            let change = GroupChange { users, operation: Some(operation), ..GroupChange::default() };
            world.update_group(&actor, &group.to_string(), change)?;
        }
        Ok(Answer::NoContent)
    };
    context.world.together(change)
}

fn sub_groups(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Nothing {} = context.call.queried(context.settings)?;
    let group = group_here(context, session)?;
    Ok(Answer::Json(group_rows(context, &context.world.sub_groups.members_of(group))))
}

fn add_sub_groups(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let PrincipalIds { principalids } = context.call.parts(context.settings)?;
    change_sub_groups(context, session, &principalids, Operation::Add)
}

fn replace_sub_groups(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let PrincipalIds { principalids } = context.call.posted(context.settings)?;
    change_sub_groups(context, session, &principalids, Operation::Replace)
}

fn remove_sub_groups(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let PrincipalIds { principalids } = context.call.posted(context.settings)?;
    change_sub_groups(context, session, &principalids, Operation::Remove)
}

fn change_sub_groups(
    context: &mut Context<'_>,
    session: Session,
    groups: &Guids,
    operation: Operation,
) -> Result<Answer, Refusal> {
    let change = GroupChange { sub_groups: Some(groups.identifiers()), operation: Some(operation), ..GroupChange::default() };
    change_group(context, session, change)
}
