//! `connection/search` and `connections/{id}/delete`.

use super::content;
use super::metadata_order::{Order, SortOptions};
use super::post;
use super::search::{self, DEFAULT_RECORD_SIZE, Window};
use super::wire::Identifier;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::find::Named;
use crate::state::content::{Body, Content, ContentKind};
use crate::state::refusal::Refusal;
use crate::state::{Actor, World};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(crate) static ROUTES: &[Route] = &[
    post("/connection/search", Kind::Read, signed!(find)),
    post("/connections/{connection_identifier}/delete", Kind::Write, signed!(delete)),
];

#[derive(Deserialize)]
struct Search {
    connections: Option<Vec<Item>>,
    data_warehouse_types: Option<Vec<String>>,
    tag_identifiers: Option<Vec<Identifier>>,
    #[serde(default)]
    record_offset: i64,
    record_size: Option<i64>,
    sort_options: Option<SortOptions>,
    /// `TABLE` and `COLUMN` show what the connection gives; without it there is the connection alone.
    data_warehouse_object_type: Option<Depth>,
    #[serde(default)]
    include_details: bool,
    /// There is no warehouse behind it to ask with other credentials.
    #[serde(rename = "configuration")]
    _configuration: Option<Map<String, Value>>,
    #[serde(rename = "authentication_type")]
    _authentication_type: Option<String>,
    #[serde(rename = "show_resolved_parameters")]
    _show_resolved_parameters: Option<bool>,
}

#[derive(Deserialize)]
struct Item {
    identifier: Option<Identifier>,
    name_pattern: Option<String>,
    /// Everything of the connection is shown.
    #[serde(rename = "data_warehouse_objects")]
    _data_warehouse_objects: Option<Vec<Value>>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Depth {
    Database,
    Schema,
    Table,
    Column,
}

fn find(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Search = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let world = &*context.world;
    let tag = |Identifier(name): &Identifier| world.find_tag(actor.org, name).map(|tag| tag.id);
    let tags: Option<BTreeSet<_>> = request.tag_identifiers.as_ref().map(|wanted| wanted.iter().filter_map(tag).collect());
    let tagged = |object: &&Content| tags.as_ref().is_none_or(|tags| !tags.is_disjoint(&object.tags));
    let mut found: Vec<&Content> = world.visible_content(&actor).filter(|object| request.wants(object)).filter(tagged).collect();
    Order::of(request.sort_options.as_ref()).sort(world, &mut found);
    let rows: Vec<Value> = found.into_iter().map(|object| row(world, object, &request)).collect();
    let window = Window { offset: request.record_offset, size: request.record_size, default_size: DEFAULT_RECORD_SIZE };
    Ok(Answer::Json(window.of(rows, context.settings, context.page_shift)?.into()))
}

impl Search {
    fn wants(&self, object: &Content) -> bool {
        let Body::Connection(connection) = &object.body else { return false };
        let listed = |item: &Item| {
            item.identifier.as_ref().is_none_or(|identifier| identifier.names(object.id, &object.name))
                && item.name_pattern.as_ref().is_none_or(|pattern| search::like(pattern, &object.name))
        };
        let items = self.connections.as_ref().filter(|items| !items.is_empty());
        let types = self.data_warehouse_types.as_ref().filter(|types| !types.is_empty());
        items.is_none_or(|items| items.iter().any(listed)) && types.is_none_or(|types| types.contains(&connection.warehouse))
    }
}

fn row(world: &World, object: &Content, request: &Search) -> Value {
    let warehouse = match &object.body {
        Body::Connection(connection) => connection.warehouse.as_str(),
        Body::Liveboard(_) | Body::Answer(_) | Body::Table(_) | Body::Column(_) => "",
    };
    json!({
        "id": object.id.to_string(),
        "name": object.name,
        "description": object.description,
        "data_warehouse_type": warehouse,
        "data_warehouse_objects": request.data_warehouse_object_type.map(|depth| warehouse_objects(world, object, depth)),
        "details": request.include_details.then(|| json!({"author": content::author(world, object), "tables": tables(world, object).count()})),
    })
}

fn tables<'a>(world: &'a World, connection: &Content) -> impl Iterator<Item = &'a Content> {
    world.dependents(connection.id).filter(|object| object.kind() == ContentKind::LogicalTable)
}

/// One database with one schema with the tables of the connection, as deep as was asked for.
fn warehouse_objects(world: &World, connection: &Content, depth: Depth) -> Value {
    let column = |column: &Content| {
        let data_type = column.column().map(|column| column.data_type.as_str());
        json!({"name": column.name, "data_type": data_type, "is_linked_active": true, "selected": true})
    };
    let table = |table: &Content| {
        let columns = world.columns_of(table.id).filter(|_| depth >= Depth::Column).map(column);
        json!({"name": table.name, "type": "TABLE", "selected": true, "linked": true, "columns": columns.collect::<Vec<Value>>()})
    };
    let tables: Vec<Value> = tables(world, connection).filter(|_| depth >= Depth::Table).map(table).collect();
    let schemas = if depth >= Depth::Schema { json!([{"name": "PUBLIC", "tables": tables}]) } else { json!([]) };
    json!({"databases": [{"name": connection.name, "auto_created": false, "schemas": schemas}]})
}

fn delete(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let target = context.call.target()?.to_owned();
    let actor = context.actor(session);
    let id = find_connection(context.world, &actor, target)?;
    context.world.delete_content(&actor, &BTreeSet::from([id]))?;
    Ok(Answer::NoContent)
}

fn find_connection(world: &World, actor: &Actor<'_>, identifier: String) -> Result<uuid::Uuid, Refusal> {
    let named = Named { kind: Some(ContentKind::Connection), identifier };
    world.find_content(actor, &named).map(|connection| connection.id)
}
