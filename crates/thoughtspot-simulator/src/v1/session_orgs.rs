//! `session/orgs`: which Orgs somebody has, and in which of them the session is (docs/thoughtspot-api-v1.md, "The Org of a session").

use super::errors::Answered;
use super::route;
use super::scope::Scope;
use super::wire::Text;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::kinds::OrgStatus;
use crate::state::org::Org;
use crate::state::refusal::{Cause, Refusal};
use crate::state::{ALL_ORGS, World};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::GET, "/session/orgs", Kind::Read, signed!(list)),
    route(Method::PUT, "/session/orgs", Kind::Token, signed!(switch)),
    route(Method::GET, "/session/orgs/users/{userid}", Kind::Read, signed!(of_user)),
];

#[derive(Deserialize)]
struct Batch {
    batchsize: Option<Text<i64>>,
    offset: Option<Text<i64>>,
}

impl Batch {
    /// The rows asked for. Anything below zero, which is the default, means all of them from the first.
    fn of<T>(&self, rows: Vec<T>) -> Vec<T> {
        let number = |asked: Option<Text<i64>>| asked.and_then(|Text(number)| usize::try_from(number).ok());
        let (skipped, taken) = (number(self.offset).unwrap_or(0), number(self.batchsize).unwrap_or(usize::MAX));
        rows.into_iter().skip(skipped).take(taken).collect()
    }
}

fn list(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let batch: Batch = context.call.queried(context.settings)?;
    let rows = batch.of(orgs_of(context.world, session.user).map(full_row).collect());
    Ok(Answer::Json(json!({
        "orgs": rows,
        "canAdministerAllOrgs": context.world.is_cluster_admin(session.user),
        "currentOrgId": session.org,
    })))
}

/// The Orgs in use that the user can be in: every one for an administrator of the cluster.
fn orgs_of(world: &World, user: Uuid) -> impl Iterator<Item = &Org> {
    let all = world.is_cluster_admin(user);
    let orgs = world.orgs.values().filter(move |org| all || world.org_members.holds(user, org.id));
    orgs.filter(|org| org.status == OrgStatus::Active)
}

fn row(org: &Org) -> Value {
    json!({
        "orgId": org.id,
        "orgName": org.name,
        "description": org.description.as_deref().unwrap_or_default(),
        "isActive": org.status == OrgStatus::Active,
    })
}

fn full_row(org: &Org) -> Value {
    let mut row = row(org);
    row["allUserGroupId"] = org.all_group.to_string().into();
    row["defaultAdminUserGroupId"] = org.admin_group.to_string().into();
    row
}

#[derive(Deserialize)]
struct Switch {
    orgid: Text<i32>,
}

/// Moves the session to another Org. A token stays in the Org it was made for.
fn switch(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Switch { orgid: Text(org) } = context.call.posted(context.settings)?;
    if org == ALL_ORGS {
        context.world.require_cluster_admin(&context.actor(session))?;
    } else {
        context.world.visit_org(context.settings, session.user, org).answered(Cause::NoOrgAccess, 403)?;
    }
    let key = context.call.session_key.as_deref().filter(|_| context.call.bearer.is_none());
    let switched = key.is_some_and(|key| context.sessions.switch(key, org));
    if switched || org == session.org {
        return Ok(Answer::NoContent);
    }
    Err(Refusal::forbidden("Access denied: a token is for one Org"))
}

fn of_user(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let scope: Scope = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    let everything = scope.is_all(session);
    let asked = context.call.path_parameter(0);
    let user = asked.parse().ok().and_then(|id: Uuid| context.world.users.get(&id));
    let user = user.ok_or_else(|| Refusal::unknown_principal(asked))?;
    if user.id != session.user {
        context.world.require_org_admin(&actor)?;
    }
    let shown = |org: &Org| context.world.org_members.holds(user.id, org.id) && (everything || org.id == actor.org);
    let orgs: Vec<&Org> = context.world.orgs.values().filter(|org| org.status == OrgStatus::Active && shown(org)).collect();
    let current = user.last_org.or(orgs.first().map(|org| org.id));
    Ok(Answer::Json(json!({
        "orgs": orgs.into_iter().map(row).collect::<Vec<Value>>(),
        "canAdministerAllOrgs": context.world.is_cluster_admin(user.id),
        "currentOrgId": current,
    })))
}
