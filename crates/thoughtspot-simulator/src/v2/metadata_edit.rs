//! Writes to content as a whole: delete, copy, object ids.

use super::content::{self, MetadataRef, MetadataType};
use super::post;
use super::wire::Identifier;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::ContentKind;
use crate::state::content::find::Named;
use crate::state::refusal::{Cause, Refusal};
use crate::state::{Actor, World};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(crate) static ROUTES: &[Route] = &[
    post("/metadata/delete", Kind::Write, signed!(delete)),
    post("/metadata/copyobject", Kind::Write, signed!(copy)),
    post("/metadata/update-obj-id", Kind::Write, signed!(update_object_ids)),
    post("/metadata/headers/update", Kind::Write, signed!(update_headers)),
];

#[derive(Deserialize)]
struct Delete {
    metadata: Vec<MetadataRef>,
    /// No object here is disabled.
    #[serde(rename = "delete_disabled_objects")]
    _delete_disabled_objects: Option<bool>,
}

fn delete(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Delete = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let objects = content::resolve(context.world, &actor, &request.metadata)?;
    context.world.delete_content(&actor, &objects)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct Copy {
    identifier: Identifier,
    #[serde(rename = "type")]
    kind: Option<Copied>,
    title: Option<String>,
    description: Option<String>,
}

#[derive(Clone, std::marker::Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Copied {
    Liveboard,
    Answer,
}

fn copy(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Copy = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let kind = request.kind.map(|kind| match kind {
        Copied::Liveboard => ContentKind::Liveboard,
        Copied::Answer => ContentKind::Answer,
    });
    let found = context.world.find_content(&actor, &Named { kind, identifier: request.identifier.0 });
    let original = found.map(|object| object.id).map_err(|refusal| {
        let cause = if refusal.cause == Cause::UnknownReference { Cause::NotFound } else { refusal.cause };
        Refusal { cause, ..refusal }
    })?;
    let id = context.world.copy_content(&actor, original, request.title, request.description)?;
    Ok(Answer::Json(json!({"metadata_id": id.to_string()})))
}

#[derive(Deserialize)]
struct ObjectIds {
    metadata: Vec<ObjectId>,
}

#[derive(Deserialize)]
struct ObjectId {
    metadata_identifier: Option<Identifier>,
    #[serde(rename = "type")]
    kind: Option<HeaderType>,
    current_obj_id: Option<String>,
    new_obj_id: String,
}

/// The types that have a header, in the words of these two calls.
#[derive(Clone, std::marker::Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum HeaderType {
    Answer,
    LogicalTable,
    LogicalColumn,
    Liveboard,
    ActionObject,
    DataSource,
    User,
    UserGroup,
    Collection,
}

impl HeaderType {
    fn metadata(self) -> Option<MetadataType> {
        match self {
            Self::Answer => Some(MetadataType::Answer),
            Self::LogicalTable => Some(MetadataType::LogicalTable),
            Self::LogicalColumn => Some(MetadataType::LogicalColumn),
            Self::Liveboard => Some(MetadataType::Liveboard),
            Self::DataSource => Some(MetadataType::Connection),
            Self::User => Some(MetadataType::User),
            Self::UserGroup => Some(MetadataType::UserGroup),
            Self::ActionObject | Self::Collection => Some(MetadataType::Collection),
        }
    }
}

fn update_object_ids(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: ObjectIds = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let mut wanted = BTreeMap::new();
    for entry in request.metadata {
        let id = match (&entry.metadata_identifier, &entry.current_obj_id) {
            (Some(identifier), _) => object(context.world, &actor, entry.kind, identifier)?,
            (None, Some(current)) => object(context.world, &actor, entry.kind, &Identifier(current.clone()))?,
            (None, None) => return Err(Refusal::invalid("metadata_identifier or current_obj_id is needed")),
        };
        wanted.insert(id, entry.new_obj_id);
    }
    context.world.set_object_ids(&actor, &wanted)?;
    Ok(Answer::NoContent)
}

/// The id of an object, a user or a group.
fn object(world: &World, actor: &Actor<'_>, kind: Option<HeaderType>, identifier: &Identifier) -> Result<Uuid, Refusal> {
    let unknown = || Refusal::unknown_object(&identifier.0);
    let chosen = world.library.object_ids.iter().find(|(_, own)| **own == identifier.0).map(|(id, _)| identifier_of(*id));
    let identifier = chosen.as_ref().unwrap_or(identifier);
    match kind.and_then(HeaderType::metadata) {
        Some(MetadataType::User) => world.find_user(actor, &identifier.0).map(|user| user.id).ok_or_else(unknown),
        Some(MetadataType::UserGroup) => world.find_group(actor.org, &identifier.0).map(|group| group.id).ok_or_else(unknown),
        kind => Ok(world.find_content(actor, &content::named_as(kind, identifier)?)?.id),
    }
}

fn identifier_of(id: Uuid) -> Identifier {
    Identifier(id.to_string())
}

#[derive(Deserialize)]
struct Headers {
    headers_update: Vec<HeaderUpdate>,
    org_identifier: Option<Identifier>,
}

#[derive(Deserialize)]
struct HeaderUpdate {
    identifier: Option<Identifier>,
    obj_identifier: Option<Identifier>,
    #[serde(rename = "type")]
    kind: Option<HeaderType>,
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    name: String,
    value: String,
}

fn update_headers(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Headers = context.call.json(context.settings)?;
    let actor = context.actor(session);
    check_org(context.world, &actor, request.org_identifier.as_ref())?;
    let mut wanted = BTreeMap::new();
    for update in &request.headers_update {
        let identifier = update.identifier.as_ref().or(update.obj_identifier.as_ref());
        let identifier = identifier.ok_or_else(|| Refusal::invalid("identifier or obj_identifier is needed"))?;
        let id = object(context.world, &actor, update.kind, identifier)?;
        for Attribute { name, value } in &update.attributes {
            if name != "obj_id" {
                return Err(Refusal::invalid(format!("The attribute {name} cannot be changed")));
            }
            wanted.insert(id, value.clone());
        }
    }
    context.world.set_object_ids(&actor, &wanted)?;
    Ok(Answer::NoContent)
}

/// The Org has to be the token's, or `-1` for all.
fn check_org(world: &World, actor: &Actor<'_>, named: Option<&Identifier>) -> Result<(), Refusal> {
    let Some(Identifier(named)) = named.filter(|named| named.0 != "-1") else { return Ok(()) };
    let org = world.find_org(named).ok_or_else(|| Refusal::unknown_org(named))?;
    if org.id == actor.org { Ok(()) } else { Err(Refusal::forbidden("Access denied: the token is for another Org")) }
}
