//! `metadata/assigntag`, `metadata/unassigntag` (docs/thoughtspot-api-content.md, "Tags on content").

use super::content::{self, MetadataType};
use super::errors::Answered;
use super::route;
use super::wire::{Guids, Json};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::links::Operation;
use crate::state::refusal::{Cause, Refusal};
use axum::http::Method;
use serde::Deserialize;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::POST, "/metadata/assigntag", Kind::Write, signed!(assign)),
    route(Method::POST, "/metadata/unassigntag", Kind::Write, signed!(unassign)),
];

/// The types stand beside the GUIDs, one for each or one for all.
#[derive(Deserialize)]
struct Tagging {
    id: Json<Vec<Uuid>>,
    #[serde(rename = "type")]
    kind: Json<Vec<MetadataType>>,
    tagid: Option<Guids>,
    tagname: Option<Json<Vec<String>>>,
}

fn assign(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    tag(context, session, Operation::Add)
}

fn unassign(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    tag(context, session, Operation::Remove)
}

fn tag(context: &mut Context<'_>, session: Session, operation: Operation) -> Result<Answer, Refusal> {
    let request: Tagging = context.call.posted(context.settings)?;
    let actor = context.actor(session);
    let tags = match (request.tagid, request.tagname) {
        (Some(ids), _) => ids.identifiers(),
        (None, Some(Json(names))) => names,
        (None, None) => return Err(Refusal::invalid("tagid or tagname is needed")),
    };
    let tags = context.world.resolve_tags(actor.org, &tags)?;
    let (Json(ids), Json(kinds)) = (request.id, request.kind);
    if kinds.len() != 1 && kinds.len() != ids.len() {
        return Err(Refusal::invalid("type needs as many elements as id"));
    }
    let kinds = kinds.iter().cycle();
    let objects = ids.iter().zip(kinds).map(|(id, kind)| content::find(context.world, &actor, Some(*kind), *id));
    let objects = objects.map(|object| object.map(|object| object.id)).collect::<Result<_, _>>();
    let objects = objects.answered(Cause::UnknownReference, 500)?;
    context.world.tag_content(&actor, &objects, &tags, operation)?;
    Ok(Answer::NoContent)
}
