//! Headers: the short form of an object. Both API versions show the same, in the words of v1.

use crate::state::World;
use crate::state::content::{Content, Visualization};
use crate::state::group::Group;
use crate::state::tag::Tag;
use crate::state::user::User;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The header of a Liveboard, Answer, table, column or connection.
pub(crate) fn of_content(world: &World, object: &Content) -> Value {
    let author = world.users.get(&object.author);
    let kind = object.table_kind().map_or(object.kind().v1_name(), |kind| kind.name());
    let tags = object.tags.iter().filter_map(|id| tag_of(world, *id));
    json!({
        "id": object.id.to_string(),
        "name": object.name,
        "description": object.description.as_deref().unwrap_or_default(),
        "author": object.author.to_string(),
        "authorName": author.map(|user| user.name.as_str()),
        "authorDisplayName": author.map(|user| user.display_name.as_str()),
        "owner": owner(object).to_string(),
        "created": object.created,
        "modified": object.modified,
        "modifiedBy": object.modifier.to_string(),
        "isAutoCreated": false,
        "isDeleted": false,
        "isHidden": false,
        "isDeprecated": false,
        "isExternal": false,
        "isVerified": false,
        "tags": tags.collect::<Vec<Value>>(),
        "type": kind,
        "orgIds": [object.org],
    })
}

fn tag_of(world: &World, id: Uuid) -> Option<Value> {
    world.tags.get(&id).map(of_tag)
}

/// The header of a tag.
pub(crate) fn of_tag(tag: &Tag) -> Value {
    json!({
        "id": tag.id.to_string(),
        "name": tag.name,
        "clientState": {"color": tag.color},
        "author": tag.author.to_string(),
        "owner": tag.id.to_string(),
        "created": tag.created,
        "modified": tag.modified,
        "modifiedBy": tag.modifier.to_string(),
        "isDeleted": false,
        "isHidden": false,
        "isExternal": false,
        "isDeprecated": false,
        "tags": [],
        "type": "TAG",
        "orgIds": [tag.org],
    })
}

/// A column belongs to its table, everything else to itself.
fn owner(object: &Content) -> Uuid {
    object.column().map_or(object.id, |column| column.table)
}

/// The headers of the visualisations of a Liveboard, or of the one of an Answer.
pub(crate) fn of_visualizations(object: &Content) -> Vec<Value> {
    object.visualizations().iter().map(|part| of_visualization(object, part)).collect()
}

fn of_visualization(liveboard: &Content, part: &Visualization) -> Value {
    json!({
        "id": part.id.to_string(),
        "name": part.name,
        "title": part.name,
        "author": liveboard.author.to_string(),
        "owner": liveboard.id.to_string(),
        "created": liveboard.created,
        "modified": liveboard.modified,
        "modifiedBy": liveboard.modifier.to_string(),
        "vizType": "TABLE",
        "isDeleted": false,
        "isHidden": false,
        "tags": [],
    })
}

/// The header of a user.
pub(crate) fn of_user(world: &World, user: &User) -> Value {
    let orgs: Vec<i32> = world.org_members.wholes_of(user.id).into_iter().collect();
    let mut header = of_principal((user.id, &user.name, &user.display_name), (user.author, user.modifier));
    header.extend(times(user.created, user.modified));
    header.insert("type".to_owned(), json!(user.account_type));
    header.insert("orgIds".to_owned(), json!(orgs));
    header.into()
}

/// The header of a group.
pub(crate) fn of_group(group: &Group) -> Value {
    let mut header = of_principal((group.id, &group.name, &group.display_name), (group.author, group.modifier));
    header.extend(times(group.created, group.modified));
    header.insert("description".to_owned(), json!(group.description.as_deref().unwrap_or_default()));
    header.insert("type".to_owned(), json!(group.kind));
    header.insert("orgIds".to_owned(), json!([group.org]));
    header.into()
}

fn of_principal((id, name, display_name): (Uuid, &str, &str), (author, modifier): (Uuid, Uuid)) -> Map<String, Value> {
    let fields: [(&str, Value); 10] = [
        ("id", id.to_string().into()),
        ("name", name.into()),
        ("displayName", display_name.into()),
        ("author", author.to_string().into()),
        ("owner", id.to_string().into()),
        ("modifiedBy", modifier.to_string().into()),
        ("isDeleted", false.into()),
        ("isHidden", false.into()),
        ("isExternal", false.into()),
        ("tags", json!([])),
    ];
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn times(created: i64, modified: i64) -> [(String, Value); 2] {
    [("created".to_owned(), created.into()), ("modified".to_owned(), modified.into())]
}
