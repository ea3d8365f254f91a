//! `org/*`: only for administrators of the cluster, with `orgScope=ALL` in the query of each call (docs/thoughtspot-api-v1.md, "Orgs").

use super::errors::Answered;
use super::route;
use super::scope::Scope;
use super::wire::{Guids, OrgScope, Text};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::World;
use crate::state::kinds::OrgStatus;
use crate::state::org::{Org, OrgChange};
use crate::state::refusal::{Cause, Refusal};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) static ROUTES: &[Route] = &[
    route(Method::POST, "/org/", Kind::Write, signed!(create)),
    route(Method::GET, "/org/", Kind::Read, signed!(get)),
    route(Method::PUT, "/org/", Kind::Write, signed!(update)),
    route(Method::DELETE, "/org/", Kind::Write, signed!(delete)),
    route(Method::POST, "/org/search", Kind::Read, signed!(search)),
];

/// Names one Org. With both, both have to be right.
#[derive(Deserialize)]
struct Which {
    id: Option<Text<i32>>,
    name: Option<String>,
}

impl Which {
    fn is_empty(&self) -> bool {
        self.id.is_none() && self.name.is_none()
    }

    fn is(&self, org: &Org) -> bool {
        self.id.is_none_or(|Text(id)| id == org.id) && self.name.as_ref().is_none_or(|name| *name == org.name)
    }

    fn find<'a>(&self, world: &'a World) -> Result<&'a Org, Refusal> {
        let found = world.orgs.values().find(|org| !self.is_empty() && self.is(org));
        found.ok_or_else(|| Refusal::invalid("Invalid parameter: unknown Org id or name"))
    }
}

#[derive(Deserialize)]
struct Create {
    name: String,
    description: Option<String>,
}

fn create(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let (scope, form): (Scope, Create) = context.call.queried_and_posted(context.settings)?;
    let actor = scope.cluster_admin(context, session)?;
    let created = context.world.create_org(&actor, &form.name, form.description);
    let id = created.answered(Cause::Duplicate, context.settings.v1_duplicate_org)?;
    Ok(Answer::Json(context.world.orgs.get(&id).map(row).unwrap_or_default()))
}

#[derive(Deserialize)]
struct Get {
    id: Option<Text<i32>>,
    name: Option<String>,
    #[serde(rename = "orgScope")]
    scope: Option<OrgScope>,
}

fn get(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    if !context.settings.v1_org_route {
        return Err(Refusal::new(Cause::NoRoute, "Not found"));
    }
    let Get { id, name, scope } = context.call.queried(context.settings)?;
    Scope::from(scope).cluster_admin(context, session)?;
    let which = Which { id, name };
    which.find(context.world).map(|org| Answer::Json(row(org)))
}

#[derive(Deserialize)]
struct Update {
    id: Option<Text<i32>>,
    /// The new name beside an id, and without one what names the Org.
    name: Option<String>,
    description: Option<String>,
    groupids: Option<Guids>,
}

fn update(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let (scope, form): (Scope, Update) = context.call.queried_and_posted(context.settings)?;
    let actor = scope.cluster_admin(context, session)?;
    let (which, name) = match form.id {
        Some(id) => (Which { id: Some(id), name: None }, form.name),
        None => (Which { id: None, name: form.name }, None),
    };
    let id = which.find(context.world)?.id;
    let groups = form.groupids.map(|guids| guids.identifiers());
    let change = OrgChange { name, description: form.description, groups, ..OrgChange::default() };
    let updated = context.world.update_org(&actor, &id.to_string(), change);
    updated.answered(Cause::Duplicate, context.settings.v1_duplicate_org)?;
    Ok(Answer::Json(context.world.orgs.get(&id).map(row).unwrap_or_default()))
}

fn delete(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let (scope, which): (Scope, Which) = context.call.queried_and_posted(context.settings)?;
    let actor = scope.cluster_admin(context, session)?;
    let id = which.find(context.world)?.id;
    context.world.delete_org(&actor, &id.to_string()).answered(Cause::Protected, 400)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct Search {
    id: Option<Text<i32>>,
    name: Option<String>,
    showinactive: Option<Text<bool>>,
}

fn search(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let (scope, form): (Scope, Search) = context.call.queried_and_posted(context.settings)?;
    scope.cluster_admin(context, session)?;
    let inactive = form.showinactive.is_some_and(|Text(show)| show);
    let which = Which { id: form.id, name: form.name };
    let shown = |org: &&Org| which.is(org) && (inactive || org.status == OrgStatus::Active);
    let rows: Vec<Value> = context.world.orgs.values().filter(shown).map(row).collect();
    if rows.is_empty() && !which.is_empty() {
        return Err(Refusal::invalid("Invalid parameter: unknown Org id or name"));
    }
    Ok(Answer::Json(rows.into()))
}

fn row(org: &Org) -> Value {
    json!({
        "orgId": org.id,
        "orgName": org.name,
        "description": org.description.as_deref().unwrap_or_default(),
        "allGroupUserId": org.all_group.to_string(),
        "defaultAdminUserGroupId": org.admin_group.to_string(),
        "active": org.status == OrgStatus::Active,
        "author": org.author.to_string(),
        "deleted": false,
        "created": org.created,
        "modified": org.modified,
    })
}
