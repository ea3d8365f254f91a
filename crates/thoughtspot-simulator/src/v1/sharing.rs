//! `security/share`, `security/shareviz` (docs/thoughtspot-api-content.md, "Sharing").

use super::content::{self, MetadataType};
use super::route;
use super::wire::{Guids, Json, Text};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::access::ShareMode;
use crate::state::refusal::Refusal;
use crate::state::{Actor, World};
use axum::http::Method;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::POST, "/security/share", Kind::Write, signed!(share)),
    route(Method::POST, "/security/shareviz", Kind::Write, signed!(share_visualization)),
];

#[derive(Deserialize)]
struct Share {
    #[serde(rename = "type")]
    kind: MetadataType,
    id: Guids,
    permission: Json<Permission>,
    emailshares: Option<Json<Vec<String>>>,
    notify: Option<Text<bool>>,
    /// What the mail says.
    #[serde(rename = "message")]
    _message: Option<String>,
    #[serde(rename = "useCustomEmbedUrls")]
    _use_custom_embed_urls: Option<Text<bool>>,
}

#[derive(Deserialize)]
struct Permission {
    permissions: BTreeMap<Uuid, Grant>,
}

#[derive(Deserialize)]
struct Grant {
    #[serde(rename = "shareMode")]
    share_mode: ShareMode,
}

fn share(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Share = context.call.posted(context.settings)?;
    let actor = context.actor(session);
    let objects = content::resolve(context.world, &actor, Some(request.kind), &request.id.0)?;
    let grants = request.permission.0.permissions.into_iter().map(|(id, grant)| (id, grant.share_mode)).collect();
    give(context.world, &actor, &objects, &grants)?;
    mail(context.world, request.notify, request.emailshares);
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct ShareVisualization {
    #[serde(rename = "type")]
    kind: MetadataType,
    #[serde(rename = "pinboardId")]
    liveboard: Text<Uuid>,
    vizid: Text<Uuid>,
    principalids: Guids,
    emailshares: Option<Json<Vec<String>>>,
    notify: Option<Text<bool>>,
    /// What the mail says.
    #[serde(rename = "message")]
    _message: Option<String>,
    #[serde(rename = "useCustomEmbedUrls")]
    _use_custom_embed_urls: Option<Text<bool>>,
}

/// Shares the whole Liveboard, to be read.
fn share_visualization(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: ShareVisualization = context.call.posted(context.settings)?;
    let actor = context.actor(session);
    let liveboard = content::find(context.world, &actor, Some(request.kind), request.liveboard.0)?;
    if liveboard.visualizations().iter().all(|part| part.id != request.vizid.0) {
        return Err(Refusal::unknown_object(&request.vizid.0.to_string()));
    }
    let objects = BTreeSet::from([liveboard.id]);
    let grants = request.principalids.0.iter().map(|id| (*id, ShareMode::ReadOnly)).collect();
    give(context.world, &actor, &objects, &grants)?;
    mail(context.world, request.notify, request.emailshares);
    Ok(Answer::NoContent)
}

fn give(
    world: &mut World,
    actor: &Actor<'_>,
    objects: &BTreeSet<Uuid>,
    grants: &BTreeMap<Uuid, ShareMode>,
) -> Result<(), Refusal> {
    for id in grants.keys() {
        world.find_principal(actor, None, &id.to_string())?;
    }
    world.share(actor, objects, grants)
}

fn mail(world: &mut World, notify: Option<Text<bool>>, addresses: Option<Json<Vec<String>>>) {
    if notify.is_none_or(|Text(notify)| notify) {
        world.mails += u64::try_from(addresses.map_or(0, |Json(addresses)| addresses.len())).unwrap_or(u64::MAX);
    }
}
