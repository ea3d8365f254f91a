//! `tags/*`: the tags themselves. Putting them on objects is in `sharing`.

use super::wire::Identifier;
use super::{post, search};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::refusal::Refusal;
use crate::state::tag::Tag;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) static ROUTES: &[Route] = &[
    post("/tags/search", Kind::Read, signed!(find)),
    post("/tags/create", Kind::Write, signed!(create)),
    post("/tags/{tag_identifier}/update", Kind::Write, signed!(update)),
    post("/tags/{tag_identifier}/delete", Kind::Write, signed!(delete)),
];

/// There is no paging: its keys are unknown here.
#[derive(Deserialize)]
struct Search {
    tag_identifier: Option<Identifier>,
    name_pattern: Option<String>,
    color: Option<String>,
}

fn find(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let filter: Search = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let rows: Vec<Value> = context.world.visible_tags(&actor).filter(|tag| filter.wants(tag)).map(row).collect();
    match &filter.tag_identifier {
        Some(Identifier(identifier)) if rows.is_empty() && context.settings.search_miss != 200 => {
            Err(Refusal::unknown_principal(identifier))
        }
        Some(_) | None => Ok(Answer::Json(rows.into())),
    }
}

impl Search {
    fn wants(&self, tag: &Tag) -> bool {
        let color = |wanted: &String| tag.color.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(wanted));
        self.tag_identifier.as_ref().is_none_or(|identifier| identifier.names(tag.id, &tag.name))
            && self.name_pattern.as_ref().is_none_or(|pattern| search::like(pattern, &tag.name))
            && self.color.as_ref().is_none_or(color)
    }
}

fn row(tag: &Tag) -> Value {
    json!({
        "id": tag.id.to_string(),
        "name": tag.name,
        "color": tag.color,
        "deleted": false,
        "hidden": false,
        "external": false,
        "deprecated": false,
        "creation_time_in_millis": tag.created,
        "modification_time_in_millis": tag.modified,
        "author_id": tag.author.to_string(),
        "modifier_id": tag.modifier.to_string(),
        "owner_id": tag.id.to_string(),
    })
}

#[derive(Deserialize)]
struct Create {
    name: String,
    color: Option<String>,
}

fn create(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Create = context.call.json(context.settings)?;
    let id = context.world.create_tag(&context.actor(session), &request.name, request.color.as_deref())?;
    Ok(Answer::Json(context.world.tags.get(&id).map(row).unwrap_or_default()))
}

#[derive(Deserialize)]
struct Update {
    name: Option<String>,
    color: Option<String>,
}

fn update(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let target = context.call.target()?;
    let request: Update = context.call.json(context.settings)?;
    context.world.update_tag(&context.actor(session), target, request.name.as_deref(), request.color.as_deref())?;
    Ok(Answer::NoContent)
}

fn delete(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let target = context.call.target()?;
    context.world.delete_tag(&context.actor(session), target)?;
    Ok(Answer::NoContent)
}
