//! `security/metadata/permissions`, of many objects or of one, and `security/effectivepermissionbulk` (docs/thoughtspot-api-content.md, "Permissions").

use super::content::{self, MetadataType};
use super::route;
use super::wire::{Guids, Json, Text};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::Content;
use crate::state::refusal::{Cause, Refusal};
use crate::state::{Actor, World};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::GET, "/security/metadata/permissions", Kind::Read, signed!(permissions)),
    route(Method::GET, "/security/metadata/{id}/permissions", Kind::Read, signed!(permissions_of_one)),
    route(Method::POST, "/security/effectivepermissionbulk", Kind::Read, signed!(effective)),
];

/// Longer addresses are refused by what stands in front of the services.
const LONGEST_ADDRESS: usize = 8 * 1024;

#[derive(Deserialize)]
struct Permissions {
    #[serde(rename = "type")]
    kind: MetadataType,
    /// Needed, unless the path names the one object.
    id: Option<Guids>,
    dependentshare: Option<Text<bool>>,
    permissiontype: Option<PermissionType>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PermissionType {
    Defined,
    Effective,
}

fn permissions(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let length: usize = context.call.query.iter().map(|(key, value)| key.len() + value.len()).sum();
    if length > LONGEST_ADDRESS {
        return Err(Refusal::new(Cause::Invalid, "Request-URI Too Large").with_status(414));
    }
    let request: Permissions = context.call.queried(context.settings)?;
    let ids = request.id.as_ref().ok_or_else(|| Refusal::invalid("Invalid parameter values: id is needed"))?;
    read(context, session, &request, &ids.0)
}

/// The same for the object in the path.
fn permissions_of_one(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Permissions = context.call.queried(context.settings)?;
    let asked = context.call.path_parameter(0);
    let id = asked.parse().map_err(|_| Refusal::unknown_object(asked))?;
    read(context, session, &request, &BTreeSet::from([id]))
}

fn read(context: &Context<'_>, session: Session, request: &Permissions, ids: &BTreeSet<Uuid>) -> Result<Answer, Refusal> {
    let actor = context.actor(session);
    let world = &*context.world;
    let defined = request.permissiontype == Some(PermissionType::Defined);
    let mut rows = Map::new();
    for id in ids {
        let object = content::find(world, &actor, Some(request.kind), *id)?;
        rows.insert(id.to_string(), row(world, &actor, object, defined));
        if request.dependentshare.is_some_and(|Text(dependents)| dependents) {
            let dependents = world.dependents(object.id);
            rows.extend(dependents.map(|object| (object.id.to_string(), row(world, &actor, object, defined))));
        }
    }
    Ok(Answer::Json(rows.into()))
}

/// The objects by type, as JSON.
#[derive(Deserialize)]
struct Effective {
    idsbytype: Json<BTreeMap<MetadataType, Vec<Uuid>>>,
    #[serde(rename = "dependentshare")]
    _dependent_share: Option<Text<bool>>,
}

/// By type, and below that by object.
fn effective(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Effective = context.call.posted(context.settings)?;
    let actor = context.actor(session);
    let world = &*context.world;
    let mut by_type = Map::new();
    for (kind, ids) in &request.idsbytype.0 {
        let mut rows = Map::new();
        for id in ids {
            let object = content::find(world, &actor, Some(*kind), *id)?;
            rows.insert(id.to_string(), row(world, &actor, object, false));
        }
        by_type.insert(kind.name().to_owned(), rows.into());
    }
    Ok(Answer::Json(by_type.into()))
}

/// Who may do what with an object, in the form in which it is shared.
fn row(world: &World, actor: &Actor<'_>, object: &Content, defined: bool) -> Value {
    let grants = world.grants(actor, object, defined).into_iter();
    let grants: Map<String, Value> =
        grants.map(|(principal, access)| (principal.id.to_string(), json!({"shareMode": access}))).collect();
    json!({"permissions": grants})
}
