//! `user/list`: users and groups together, as lists of principals have them (docs/thoughtspot-api-v1.md, "Principals").

use super::route;
use super::rows::Shown;
use super::wire::Nothing;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::World;
use crate::state::group::Group;
use crate::state::refusal::Refusal;
use crate::state::user::User;
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[route(Method::GET, "/user/list", Kind::Read, signed!(list))];

fn list(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Nothing {} = context.call.queried(context.settings)?;
    let (world, org) = (&*context.world, context.actor(session).org);
    let users = world.users.values().filter(|user| world.org_members.holds(user.id, org));
    let groups = world.groups.values().filter(|group| group.org == org);
    let rows = users.map(|user| user_row(world, org, user)).chain(groups.map(|group| group_row(world, group)));
    Ok(Answer::Json(rows.collect()))
}

fn user_row(world: &World, org: i32, user: &User) -> Value {
    json!({
        "name": user.name,
        "displayName": user.display_name,
        "description": "",
        "created": user.created,
        "modified": user.modified,
        "mail": user.email.as_deref().unwrap_or_default(),
        "principalTypeEnum": user.account_type,
        "groupNames": group_names(world, &world.groups_in(user.id, org)),
        "visibility": Shown::from(user.visibility),
    })
}

/// Of a group `groupNames` are the groups it is nested in.
fn group_row(world: &World, group: &Group) -> Value {
    json!({
        "name": group.name,
        "displayName": group.display_name,
        "description": group.description.as_deref().unwrap_or_default(),
        "created": group.created,
        "modified": group.modified,
        "mail": "",
        "principalTypeEnum": group.kind,
        "groupNames": group_names(world, &world.sub_groups.wholes_of(group.id)),
        "visibility": Shown::from(group.visibility),
    })
}

fn group_names<'a>(world: &'a World, groups: &BTreeSet<Uuid>) -> Vec<&'a str> {
    let mut names: Vec<&str> = groups.iter().filter_map(|id| world.groups.get(id)).map(|group| group.name.as_str()).collect();
    names.sort_unstable();
    names
}
