//! `GET org/`: one Org, with the ids of its built-in groups.

use crate::journal::Kind;
use crate::route::{Answer, Context, Dialect, Route, signed};
use crate::sessions::Session;
use crate::state::kinds::OrgStatus;
use crate::state::org::Org;
use crate::state::refusal::{Cause, Refusal};
use axum::http::Method;
use serde_json::{Value, json};

pub(super) static ROUTES: &[Route] = &[org_route("/org/"), org_route("/org")];

const fn org_route(path: &'static str) -> Route {
    Route { dialect: Dialect::V1, method: Method::GET, path, kind: Kind::Read, handler: signed!(get) }
}

fn get(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    if !context.settings.v1_org_route {
        return Err(Refusal::new(Cause::NoRoute, "Not found"));
    }
    let query = &context.call.query;
    if query.get("orgScope").is_none_or(|scope| scope != "ALL") {
        return Err(Refusal::forbidden("Access denied: calls about Orgs need orgScope=ALL"));
    }
    context.world.require_cluster_admin(&context.actor(session))?;
    let (id, name) = (query.get("id"), query.get("name"));
    let wanted = |org: &&Org| id.is_none_or(|id| *id == org.id.to_string()) && name.is_none_or(|name| *name == org.name);
    let found = context.world.orgs.values().find(wanted).filter(|_| id.is_some() || name.is_some());
    found.map(|org| Answer::Json(row(org))).ok_or_else(|| Refusal::invalid("Invalid parameter: unknown Org id or name"))
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
