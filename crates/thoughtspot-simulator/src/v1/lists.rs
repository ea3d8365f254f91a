//! Lists of headers: of content, of visualisations, of what a principal sees (docs/thoughtspot-api-content.md, "Listing over v1").

use super::content::{self, MetadataType, not_found};
use super::route;
use super::wire::{Json, Text};
use crate::headers;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::access::{Access, ShareMode};
use crate::state::content::find::PrincipalKind;
use crate::state::content::{Content, TableKind};
use crate::state::refusal::Refusal;
use crate::state::{Actor, World};
use crate::v2::search::like;
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::GET, "/metadata/listobjectheaders", Kind::Read, signed!(object_headers)),
    route(Method::GET, "/metadata/list", Kind::Read, signed!(list)),
    route(Method::GET, "/metadata/listvizheaders", Kind::Read, signed!(visualization_headers)),
    route(Method::GET, "/metadata/listas", Kind::Read, signed!(list_as)),
];

/// Which headers, in which order. `-1` is everything, from the first.
#[derive(Deserialize)]
struct Wanted {
    #[serde(rename = "type")]
    kind: MetadataType,
    subtypes: Option<Json<Vec<TableKind>>>,
    category: Option<Category>,
    sort: Option<Sort>,
    sortascending: Option<Text<bool>>,
    offset: Option<Text<i64>>,
    batchsize: Option<Text<i64>>,
    tagname: Option<Json<Vec<String>>>,
    pattern: Option<String>,
    skipids: Option<Json<BTreeSet<Uuid>>>,
    fetchids: Option<Json<BTreeSet<Uuid>>>,
    /// Nothing here is made automatically.
    #[serde(rename = "auto_created")]
    _auto_created: Option<Text<bool>>,
    #[serde(rename = "showhidden")]
    _show_hidden: Option<Text<bool>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Category {
    All,
    My,
    Favorite,
    Requested,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Sort {
    Default,
    Name,
    DisplayName,
    Author,
    Created,
    Modified,
}

fn object_headers(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Wanted = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    let all = request.headers(context.world, &actor);
    Ok(Answer::Json(part(all, request.offset, request.batchsize).0.into()))
}

/// The same in an envelope.
fn list(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Wanted = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    let all = request.headers(context.world, &actor);
    Ok(Answer::Json(envelope(part(all, request.offset, request.batchsize))))
}

impl Wanted {
    fn headers(&self, world: &World, actor: &Actor<'_>) -> Vec<Value> {
        let mut headers: Vec<Value> = match self.kind {
            MetadataType::Tag => world.visible_tags(actor).map(headers::of_tag).collect(),
            MetadataType::User => world.visible_users(actor).map(|user| headers::of_user(world, user)).collect(),
            MetadataType::UserGroup => world.visible_groups(actor).map(headers::of_group).collect(),
            MetadataType::PinboardAnswerBook
            | MetadataType::QuestionAnswerBook
            | MetadataType::LogicalTable
            | MetadataType::LogicalColumn
            | MetadataType::DataSource => {
                let objects = world.visible_content(actor).filter(|object| self.wants(world, actor, object));
                objects.map(|object| headers::of_content(world, object)).collect()
            }
        };
        headers.retain(|header| self.wants_header(header));
        self.order(&mut headers);
        headers
    }

    fn wants(&self, world: &World, actor: &Actor<'_>, object: &Content) -> bool {
        let category = match self.category.unwrap_or(Category::All) {
            Category::All | Category::Requested => true,
            Category::My => object.author == actor.user,
            Category::Favorite => world.library.favorites.holds(object.id, actor.user),
        };
        let subtypes = self.subtypes.as_ref().map(|Json(subtypes)| subtypes).filter(|subtypes| !subtypes.is_empty());
        let tag = |name: &String| world.find_tag(actor.org, name).is_some_and(|tag| object.tags.contains(&tag.id));
        let tags = self.tagname.as_ref().map(|Json(tags)| tags).filter(|tags| !tags.is_empty());
        self.kind.content() == Some(object.kind())
            && category
            && subtypes.is_none_or(|subtypes| object.table_kind().is_some_and(|own| subtypes.contains(&own)))
            && tags.is_none_or(|tags| tags.iter().any(tag))
    }

    fn wants_header(&self, header: &Value) -> bool {
        let (id, name) = (header["id"].as_str().unwrap_or_default(), header["name"].as_str().unwrap_or_default());
        let listed = |ids: &Json<BTreeSet<Uuid>>| Uuid::parse_str(id).is_ok_and(|id| ids.0.contains(&id));
        self.pattern.as_ref().is_none_or(|pattern| like(pattern, name))
            && !self.skipids.as_ref().is_some_and(listed)
            && self.fetchids.as_ref().is_none_or(listed)
    }

    fn order(&self, headers: &mut [Value]) {
        let key = match self.sort.unwrap_or(Sort::Default) {
            Sort::Default | Sort::Name | Sort::DisplayName => "name",
            Sort::Author => "author",
            Sort::Created => "created",
            Sort::Modified => "modified",
        };
        headers.sort_by_key(|header| {
            let value = &header[key];
            (value.as_i64().unwrap_or_default(), value.as_str().unwrap_or_default().to_lowercase())
        });
        if self.sortascending.is_some_and(|Text(ascending)| !ascending) {
            headers.reverse();
        }
    }
}

/// A part of a list, and whether it is the last.
fn part(all: Vec<Value>, offset: Option<Text<i64>>, size: Option<Text<i64>>) -> (Vec<Value>, bool) {
    let offset = offset.and_then(|Text(offset)| usize::try_from(offset).ok()).unwrap_or(0);
    let size = size.and_then(|Text(size)| usize::try_from(size).ok()).unwrap_or(usize::MAX);
    let last = all.len() <= offset.saturating_add(size);
    (all.into_iter().skip(offset).take(size).collect(), last)
}

fn envelope((headers, last): (Vec<Value>, bool)) -> Value {
    json!({"headers": headers, "isLastBatch": last, "debugInfo": {}})
}

#[derive(Deserialize)]
struct Of {
    id: Text<Uuid>,
}

fn visualization_headers(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Of = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    let object = content::find(context.world, &actor, None, request.id.0)?;
    Ok(Answer::Json(headers::of_visualizations(object).into()))
}

#[derive(Deserialize)]
struct As {
    principalid: Option<Text<Uuid>>,
    #[serde(rename = "type")]
    kind: PrincipalKind,
    minimumaccesslevel: Option<ShareMode>,
    offset: Option<Text<i64>>,
    batchsize: Option<Text<i64>>,
    pattern: Option<String>,
}

/// What a user or group sees; without one the caller, or all groups.
fn list_as(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: As = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    let world = &*context.world;
    let viewers = request.viewers(world, &actor)?;
    let least = request.minimumaccesslevel.and_then(ShareMode::access);
    let sees = |object: &&Content| {
        let access = viewers.iter().filter_map(|viewer| access_of(world, &actor, request.kind, *viewer, object)).max();
        access.is_some_and(|access| least.is_none_or(|least| access >= least))
    };
    let named = |object: &&Content| request.pattern.as_ref().is_none_or(|pattern| like(pattern, &object.name));
    let objects = world.visible_content(&actor).filter(sees).filter(named);
    let all = objects.map(|object| headers::of_content(world, object)).collect();
    Ok(Answer::Json(envelope(part(all, request.offset, request.batchsize))))
}

fn access_of(world: &World, actor: &Actor<'_>, kind: PrincipalKind, viewer: Uuid, object: &Content) -> Option<Access> {
    match kind {
        PrincipalKind::User => world.access(viewer, actor.org, object),
        PrincipalKind::UserGroup => world.group_access(viewer, object),
    }
}

impl As {
    fn viewers(&self, world: &World, actor: &Actor<'_>) -> Result<Vec<Uuid>, Refusal> {
        match (self.principalid, self.kind) {
            (Some(Text(id)), kind) => {
                let principal = world.find_principal(actor, Some(kind), &id.to_string()).map_err(not_found)?;
                Ok(vec![principal.id])
            }
            (None, PrincipalKind::User) => Ok(vec![actor.user]),
            (None, PrincipalKind::UserGroup) => Ok(world.visible_groups(actor).map(|group| group.id).collect()),
        }
    }
}
