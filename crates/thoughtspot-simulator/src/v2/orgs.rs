//! `orgs/*`. Only a cluster administrator with a token of Primary may use them.

use super::wire::{Identifier, texts};
use super::{post, search};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::kinds::{OrgStatus, OrgVisibility};
use crate::state::links::Operation;
use crate::state::org::{Org, OrgChange};
use crate::state::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) static ROUTES: &[Route] = &[
    post("/orgs/search", Kind::Read, signed!(find)),
    post("/orgs/create", Kind::Write, signed!(create)),
    post("/orgs/{org_identifier}/update", Kind::Write, signed!(update)),
    post("/orgs/{org_identifier}/delete", Kind::Write, signed!(delete)),
];

/// There is no paging: its keys are unknown here.
#[derive(Deserialize)]
struct Search {
    org_identifier: Option<Identifier>,
    description: Option<String>,
    visibility: Option<OrgVisibility>,
    status: Option<OrgStatus>,
    user_identifiers: Option<Vec<Identifier>>,
}

fn find(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let actor = context.actor(session);
    context.world.require_org_management(&actor)?;
    let filter: Search = context.call.json(context.settings)?;
    let world = &*context.world;
    let users = filter.user_identifiers.as_ref().map(|wanted| search::users(world, &actor, wanted));
    let has_member =
        |org: &&Org| users.as_ref().is_none_or(|users| users.iter().any(|user| world.org_members.holds(*user, org.id)));
    let rows: Vec<Value> = world.orgs.values().filter(|org| filter.wants(org)).filter(has_member).map(row).collect();
    match &filter.org_identifier {
        Some(Identifier(identifier)) if rows.is_empty() && context.settings.search_miss != 200 => {
            Err(Refusal::unknown_org(identifier))
        }
        Some(_) | None => Ok(Answer::Json(rows.into())),
    }
}

impl Search {
    fn wants(&self, org: &Org) -> bool {
        self.org_identifier.as_ref().is_none_or(|Identifier(own)| *own == org.name || *own == org.id.to_string())
            && self.description.as_ref().is_none_or(|text| org.description.as_ref() == Some(text))
            && self.visibility.is_none_or(|visibility| org.visibility == visibility)
            && self.status.is_none_or(|status| org.status == status)
    }
}

fn row(org: &Org) -> Value {
    json!({
        "id": org.id,
        "name": org.name,
        "status": org.status,
        "description": org.description,
        "visibility": org.visibility,
    })
}

#[derive(Deserialize)]
struct Create {
    name: String,
    description: Option<String>,
}

fn create(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Create = context.call.json(context.settings)?;
    let id = context.world.create_org(&context.actor(session), &request.name, request.description)?;
    Ok(Answer::Json(context.world.orgs.get(&id).map(row).unwrap_or_default()))
}

#[derive(Deserialize)]
struct Update {
    name: Option<String>,
    description: Option<String>,
    user_identifiers: Option<Vec<Identifier>>,
    group_identifiers: Option<Vec<Identifier>>,
    operation: Option<Operation>,
}

fn update(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let target = context.call.target()?;
    let request: Update = context.call.json(context.settings)?;
    let change = OrgChange {
        name: request.name,
        description: request.description,
        users: texts(request.user_identifiers),
        groups: texts(request.group_identifiers),
        operation: request.operation,
    };
    context.world.update_org(&context.actor(session), target, change)?;
    Ok(Answer::NoContent)
}

fn delete(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let target = context.call.target()?;
    context.world.delete_org(&context.actor(session), target)?;
    Ok(Answer::NoContent)
}
