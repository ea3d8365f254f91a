//! `metadata/search`: objects of the token's Org, with their headers.

use super::content::{self, MetadataRef, MetadataType, PrincipalRef};
use super::metadata_order::{Order, SortOptions};
use super::post;
use super::search::{self, DEFAULT_RECORD_SIZE, Window};
use super::wire::Identifier;
use crate::headers;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::access::ShareMode;
use crate::state::content::find::{Named, Principal, PrincipalKind};
use crate::state::content::{Body, Content, ContentKind, TableKind};
use crate::state::refusal::Refusal;
use crate::state::{Actor, World};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) static ROUTES: &[Route] = &[post("/metadata/search", Kind::Read, signed!(find))];

#[derive(Deserialize)]
struct Search {
    metadata: Option<Vec<Item>>,
    permissions: Option<Vec<Permission>>,
    created_by_user_identifiers: Option<Vec<Identifier>>,
    modified_by_user_identifiers: Option<Vec<Identifier>>,
    tag_identifiers: Option<Vec<Identifier>>,
    exclude_objects: Option<Vec<MetadataRef>>,
    favorite_object_options: Option<Favorites>,
    #[serde(default)]
    include_only_published_objects: bool,
    #[serde(default)]
    record_offset: i64,
    record_size: Option<i64>,
    sort_options: Option<SortOptions>,
}

/// One object, or all those of a pattern or type.
#[derive(Deserialize)]
struct Item {
    identifier: Option<Identifier>,
    obj_identifier: Option<String>,
    name_pattern: Option<String>,
    #[serde(rename = "type")]
    kind: Option<MetadataType>,
    subtypes: Option<Vec<TableKind>>,
}

#[derive(Deserialize)]
struct Permission {
    principal: PrincipalRef,
    share_mode: ShareMode,
}

#[derive(Deserialize)]
struct Favorites {
    #[serde(default)]
    include: bool,
    user_identifiers: Option<Vec<Identifier>>,
}

/// What rows show.
#[derive(Deserialize)]
struct Shown {
    #[serde(default = "yes")]
    include_headers: bool,
    #[serde(default)]
    include_details: bool,
    #[serde(default)]
    include_dependent_objects: bool,
    #[serde(default = "fifty")]
    dependent_objects_record_size: i64,
    #[serde(default)]
    include_visualization_headers: bool,
    #[serde(default)]
    include_incomplete_objects: bool,
    #[serde(default)]
    include_stats: bool,
    /// Nothing here is made automatically, hidden, personal or discoverable: the rows are the same with and without.
    #[serde(rename = "include_auto_created_objects")]
    _include_auto_created_objects: Option<bool>,
    #[serde(rename = "include_hidden_objects")]
    _include_hidden_objects: Option<bool>,
    #[serde(rename = "include_personalised_views")]
    _include_personalised_views: Option<bool>,
    #[serde(rename = "include_discoverable_objects")]
    _include_discoverable_objects: Option<bool>,
    #[serde(rename = "include_worksheet_search_assist_data")]
    _include_worksheet_search_assist_data: Option<bool>,
    #[serde(rename = "show_resolved_parameters")]
    _show_resolved_parameters: Option<bool>,
    #[serde(rename = "dependent_object_version")]
    _dependent_object_version: Option<Version>,
    #[serde(rename = "liveboard_response_version")]
    _liveboard_response_version: Option<Version>,
}

/// Both versions have the same form here.
#[derive(Deserialize)]
enum Version {
    V1,
    V2,
}

fn yes() -> bool {
    true
}

fn fifty() -> i64 {
    50
}

fn find(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let actor = context.actor(session);
    let (filter, shown): (Search, Shown) = context.call.json_in_two(context.settings)?;
    let world = &*context.world;
    let rows = match filter.only_other_type() {
        Some(kind) => principals_and_tags(world, &actor, &filter, kind),
        None => filter.content(world, &actor)?.into_iter().map(|object| row(world, object, &shown)).collect(),
    };
    let window = Window { offset: filter.record_offset, size: filter.record_size, default_size: DEFAULT_RECORD_SIZE };
    Ok(Answer::Json(window.of(rows, context.settings, context.page_shift)?.into()))
}

/// The objects a search names, looked up once. `None` is no filter; an empty set matches nothing.
struct Looked {
    authors: Option<BTreeSet<Uuid>>,
    modifiers: Option<BTreeSet<Uuid>>,
    tags: Option<BTreeSet<Uuid>>,
    excluded: BTreeSet<Uuid>,
    favorites: Option<BTreeSet<Uuid>>,
    permissions: Option<Vec<(Principal, ShareMode)>>,
}

impl Search {
    /// The type, when the search is for one that is no content.
    fn only_other_type(&self) -> Option<MetadataType> {
        let kinds = self.metadata.as_ref()?.iter().map(|item| item.kind);
        let other = kinds.clone().flatten().find(|kind| kind.content().is_none())?;
        kinds.into_iter().all(|kind| kind == Some(other)).then_some(other)
    }

    /// The objects that are wanted, in order.
    fn content<'a>(&self, world: &'a World, actor: &Actor<'_>) -> Result<Vec<&'a Content>, Refusal> {
        for item in self.metadata.iter().flatten() {
            item.check(world)?;
        }
        let looked = self.look(world, actor)?;
        let wanted = |object: &&Content| self.wants(world, object) && looked.holds(world, actor, object);
        let mut found: Vec<&Content> = world.visible_content(actor).filter(wanted).collect();
        Order::of(self.sort_options.as_ref()).sort(world, &mut found);
        Ok(found)
    }

    fn look(&self, world: &World, actor: &Actor<'_>) -> Result<Looked, Refusal> {
        let users = |wanted: &Option<Vec<Identifier>>| wanted.as_ref().map(|wanted| people(world, actor, wanted));
        let tag = |Identifier(name): &Identifier| world.find_tag(actor.org, name).map(|tag| tag.id);
        let permission = |wanted: &Permission| {
            let principal = world.find_principal(actor, wanted.principal.kind, &wanted.principal.identifier.0)?;
            Ok((principal, wanted.share_mode))
        };
        Ok(Looked {
            authors: users(&self.created_by_user_identifiers),
            modifiers: users(&self.modified_by_user_identifiers),
            tags: self.tag_identifiers.as_ref().map(|wanted| wanted.iter().filter_map(tag).collect()),
            excluded: content::existing(world, actor, self.exclude_objects.as_deref().unwrap_or_default()),
            favorites: self.favorites_of(world, actor),
            permissions: self.permissions.as_ref().map(|wanted| wanted.iter().map(permission).collect()).transpose()?,
        })
    }

    /// The favourites of the users named, or else of the caller.
    fn favorites_of(&self, world: &World, actor: &Actor<'_>) -> Option<BTreeSet<Uuid>> {
        let options = self.favorite_object_options.as_ref().filter(|options| options.include)?;
        let users = match options.user_identifiers.as_ref().filter(|named| !named.is_empty()) {
            Some(named) => search::users(world, actor, named),
            None => BTreeSet::from([actor.user]),
        };
        Some(users.into_iter().flat_map(|user| world.library.favorites.members_of(user)).collect())
    }

    fn wants(&self, world: &World, object: &Content) -> bool {
        let listed = match self.metadata.as_deref() {
            // Columns are listed only when they are asked for.
            None | Some([]) => object.kind() != ContentKind::LogicalColumn,
            Some(items) => items.iter().any(|item| item.wants(world, object)),
        };
        listed && (!self.include_only_published_objects || !world.library.published.wholes_of(object.id).is_empty())
    }
}

/// The users of a filter. One who is gone can still be named by GUID: content outlives its author.
fn people(world: &World, actor: &Actor<'_>, wanted: &[Identifier]) -> BTreeSet<Uuid> {
    let mut users = search::users(world, actor, wanted);
    users.extend(wanted.iter().filter_map(|Identifier(identifier)| Uuid::parse_str(identifier).ok()));
    users
}

impl Looked {
    fn holds(&self, world: &World, actor: &Actor<'_>, object: &Content) -> bool {
        self.authors.as_ref().is_none_or(|users| users.contains(&object.author))
            && self.modifiers.as_ref().is_none_or(|users| users.contains(&object.modifier))
            && self.tags.as_ref().is_none_or(|tags| !tags.is_disjoint(&object.tags))
            && self.favorites.as_ref().is_none_or(|favorites| favorites.contains(&object.id))
            && !self.excluded.contains(&object.id)
            && self.permissions.as_ref().is_none_or(|wanted| wanted.iter().all(|grant| has(world, actor, object, *grant)))
    }
}

fn has(world: &World, actor: &Actor<'_>, object: &Content, (principal, mode): (Principal, ShareMode)) -> bool {
    let access = match principal.kind {
        PrincipalKind::User => world.access(principal.id, actor.org, object),
        PrincipalKind::UserGroup => world.group_access(principal.id, object),
    };
    access == mode.access()
}

impl Item {
    /// Refuses a name without a type.
    fn check(&self, world: &World) -> Result<(), Refusal> {
        match (&self.identifier, self.kind) {
            (Some(Identifier(identifier)), None) => world.check_named(&Named { kind: None, identifier: identifier.clone() }),
            (Some(_) | None, _) => Ok(()),
        }
    }

    fn wants(&self, world: &World, object: &Content) -> bool {
        self.wants_kind(object)
            && self.identifier.as_ref().is_none_or(|Identifier(identifier)| {
                let kind = self.kind.and_then(MetadataType::content);
                world.is_named(object, &Named { kind, identifier: identifier.clone() })
            })
            && self.obj_identifier.as_ref().is_none_or(|chosen| world.library.object_ids.get(&object.id) == Some(chosen))
            && self.name_pattern.as_ref().is_none_or(|pattern| search::like(pattern, &object.name))
    }

    fn wants_kind(&self, object: &Content) -> bool {
        let named = self.identifier.is_some() || self.obj_identifier.is_some();
        let kind = match self.kind {
            Some(kind) => kind.content() == Some(object.kind()),
            None => named || object.kind() != ContentKind::LogicalColumn,
        };
        let subtypes = self.subtypes.as_ref().filter(|subtypes| !subtypes.is_empty());
        kind && subtypes.is_none_or(|subtypes| object.table_kind().is_some_and(|own| subtypes.contains(&own)))
    }
}

fn row(world: &World, object: &Content, shown: &Shown) -> Value {
    let dependents = || dependents(world, object, shown.dependent_objects_record_size);
    json!({
        "metadata_id": object.id.to_string(),
        "metadata_name": object.name,
        "metadata_type": object.kind(),
        "metadata_obj_id": world.library.object_ids.get(&object.id),
        "metadata_header": shown.include_headers.then(|| headers::of_content(world, object)),
        "metadata_detail": shown.include_details.then(|| detail(world, object)),
        "dependent_objects": shown.include_dependent_objects.then(dependents),
        "incomplete_objects": shown.include_incomplete_objects.then(Vec::<Value>::new),
        "visualization_headers": shown.include_visualization_headers.then(|| headers::of_visualizations(object)),
        "stats": shown.include_stats.then(|| stats(world, object)),
    })
}

fn stats(world: &World, object: &Content) -> Value {
    json!({"views": 0, "favorites": world.library.favorites.wholes_of(object.id).len(), "last_accessed": object.modified})
}

/// What depends on the object: headers below the type they have in v1, below the object's id.
fn dependents(world: &World, object: &Content, limit: i64) -> Value {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut by_type: Map<String, Value> = Map::new();
    for dependent in world.dependents(object.id).take(limit) {
        let list = by_type.entry(dependent.kind().v1_name()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(headers::of_content(world, dependent));
        }
    }
    json!({object.id.to_string(): by_type})
}

fn detail(world: &World, object: &Content) -> Value {
    let header = headers::of_content(world, object);
    match &object.body {
        Body::Liveboard(_) => json!({"header": header, "visualizations": headers::of_visualizations(object)}),
        Body::Answer(shows) => json!({"header": header, "columns": shows.columns}),
        Body::Table(table) => {
            let columns = world.columns_of(object.id).map(|column| headers::of_content(world, column));
            json!({"header": header, "columns": columns.collect::<Vec<Value>>(), "dataSourceId": table.connection.map(|id| id.to_string())})
        }
        Body::Column(column) => json!({"header": header, "dataType": column.data_type}),
        Body::Connection(connection) => json!({"header": header, "type": format!("RDBMS_{}", connection.warehouse)}),
    }
}

/// Users, groups and tags, for a search that asks for one of them and nothing else. Of the other types there is nothing.
fn principals_and_tags(world: &World, actor: &Actor<'_>, filter: &Search, kind: MetadataType) -> Vec<Value> {
    let items = filter.metadata.as_deref().unwrap_or_default();
    let wants = |id: Uuid, name: &str| {
        items.iter().any(|item| {
            item.identifier.as_ref().is_none_or(|identifier| identifier.names(id, name))
                && item.obj_identifier.as_ref().is_none_or(|chosen| world.library.object_ids.get(&id) == Some(chosen))
                && item.name_pattern.as_ref().is_none_or(|pattern| search::like(pattern, name))
        })
    };
    let row = |id: Uuid, name: &str, kind: &str, header: Value| {
        json!({"metadata_id": id.to_string(), "metadata_name": name, "metadata_type": kind,
               "metadata_obj_id": world.library.object_ids.get(&id), "metadata_header": header})
    };
    match kind {
        MetadataType::User => {
            let users = world.visible_users(actor).filter(|user| wants(user.id, &user.name));
            users.map(|user| row(user.id, &user.name, "USER", headers::of_user(world, user))).collect()
        }
        MetadataType::UserGroup => {
            let groups = world.visible_groups(actor).filter(|group| wants(group.id, &group.name));
            groups.map(|group| row(group.id, &group.name, "USER_GROUP", headers::of_group(group))).collect()
        }
        MetadataType::Tag => {
            let tags = world.visible_tags(actor).filter(|tag| wants(tag.id, &tag.name));
            tags.map(|tag| row(tag.id, &tag.name, "TAG", headers::of_tag(tag))).collect()
        }
        MetadataType::Liveboard
        | MetadataType::Answer
        | MetadataType::LogicalTable
        | MetadataType::LogicalColumn
        | MetadataType::Connection
        | MetadataType::LogicalRelationship
        | MetadataType::InsightSpec
        | MetadataType::Collection => Vec::new(),
    }
}
