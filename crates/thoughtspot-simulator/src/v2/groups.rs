//! `groups/*`. A group is written in the Org of the token.

use super::content;
use super::post;
use super::search::{self, Page, SortKeys};
use super::wire::{Identifier, texts};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::group::{Group, GroupChange};
use crate::state::kinds::{GroupType, Visibility};
use crate::state::links::Operation;
use crate::state::privilege::{Privilege, PrivilegeFilter};
use crate::state::refusal::Refusal;
use crate::state::{Actor, World};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) static ROUTES: &[Route] = &[
    post("/groups/search", Kind::Read, signed!(find)),
    post("/groups/create", Kind::Write, signed!(create)),
    post("/groups/{group_identifier}/update", Kind::Write, signed!(update)),
    post("/groups/{group_identifier}/delete", Kind::Write, signed!(delete)),
];

#[derive(Deserialize)]
struct Search {
    group_identifier: Option<Identifier>,
    name_pattern: Option<String>,
    display_name: Option<String>,
    description: Option<String>,
    org_identifiers: Option<Vec<Identifier>>,
    privileges: Option<Vec<PrivilegeFilter>>,
    role_identifiers: Option<Vec<Identifier>>,
    sub_group_identifiers: Option<Vec<Identifier>>,
    user_identifiers: Option<Vec<Identifier>>,
    default_liveboard_identifiers: Option<Vec<Identifier>>,
    #[serde(rename = "type")]
    kind: Option<GroupType>,
    visibility: Option<Visibility>,
    #[serde(default = "yes")]
    include_users: bool,
    #[serde(default = "yes")]
    include_sub_groups: bool,
}

fn yes() -> bool {
    true
}

fn find(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let actor = context.actor(session);
    let (filter, page): (Search, Page) = context.call.json_in_two(context.settings)?;
    let world = &*context.world;
    let named = Named::by(&filter, world, &actor);
    let wanted = |group: &&Group| named.holds(world, group) && filter.wants(world, group);
    let found: Vec<SortKeys<'_>> = world.visible_groups(&actor).filter(wanted).map(sort_keys).collect();
    if let Some(Identifier(identifier)) = filter.group_identifier.as_ref().filter(|_| found.is_empty())
        && context.settings.search_miss != 200
    {
        return Err(Refusal::unknown_principal(identifier));
    }
    let page = page.of(found, context.settings, context.page_shift)?;
    search::check_poison(context.settings, &page, filter.org_identifiers.as_ref())?;
    let groups = page.iter().filter_map(|id| world.groups.get(id));
    Ok(Answer::Json(groups.map(|group| row(world, &actor, group, filter.include_users, filter.include_sub_groups)).collect()))
}

/// The objects a search names, looked up once. `None` is no filter; an empty set matches no group.
struct Named {
    orgs: Option<BTreeSet<i32>>,
    users: Option<BTreeSet<Uuid>>,
    roles: Option<BTreeSet<Uuid>>,
    liveboards: Option<BTreeSet<Uuid>>,
}

impl Named {
    fn by(filter: &Search, world: &World, actor: &Actor<'_>) -> Self {
        Self {
            orgs: filter.org_identifiers.as_ref().map(|wanted| search::orgs(world, wanted)),
            users: filter.user_identifiers.as_ref().map(|wanted| search::users(world, actor, wanted)),
            roles: filter.role_identifiers.as_ref().map(|wanted| search::roles(world, actor, wanted)),
            liveboards: filter.default_liveboard_identifiers.as_ref().map(|wanted| content::liveboards(world, actor, wanted)),
        }
    }

    fn holds(&self, world: &World, group: &Group) -> bool {
        self.orgs.as_ref().is_none_or(|orgs| orgs.contains(&group.org))
            && self.users.as_ref().is_none_or(|users| users.iter().any(|user| world.group_members.holds(*user, group.id)))
            && self.roles.as_ref().is_none_or(|roles| roles.iter().any(|role| world.group_roles.holds(*role, group.id)))
            && self.liveboards.as_ref().is_none_or(|wanted| wanted.iter().any(|id| world.library.defaults.holds(*id, group.id)))
    }
}

impl Search {
    fn wants(&self, world: &World, group: &Group) -> bool {
        self.wants_scalars(group) && self.wants_lists(world, group)
    }

    fn wants_scalars(&self, group: &Group) -> bool {
        self.group_identifier.as_ref().is_none_or(|identifier| identifier.names(group.id, &group.name))
            && self.name_pattern.as_ref().is_none_or(|pattern| search::like(pattern, &group.name))
            && self.display_name.as_ref().is_none_or(|name| *name == group.display_name)
            && self.description.as_ref().is_none_or(|text| group.description.as_ref() == Some(text))
            && self.kind.is_none_or(|kind| group.kind == kind)
            && self.visibility.is_none_or(|visibility| group.visibility == visibility)
    }

    fn wants_lists(&self, world: &World, group: &Group) -> bool {
        let children = world.sub_groups.members_of(group.id);
        let mut children = children.iter().filter_map(|id| world.groups.get(id));
        let has_child =
            |wanted: &Vec<Identifier>| children.any(|child| wanted.iter().any(|one| one.names(child.id, &child.name)));
        let has_privilege = |wanted: &PrivilegeFilter| group.privileges.iter().any(|own| own.name() == wanted.0);
        self.privileges.as_ref().is_none_or(|wanted| wanted.iter().any(has_privilege))
            && self.sub_group_identifiers.as_ref().is_none_or(has_child)
    }
}

fn sort_keys(group: &Group) -> SortKeys<'_> {
    SortKeys {
        id: group.id,
        name: &group.name,
        display_name: &group.display_name,
        author: group.author,
        created: group.created,
        modified: group.modified,
    }
}

fn row(world: &World, actor: &Actor<'_>, group: &Group, with_users: bool, with_sub_groups: bool) -> Value {
    let none = BTreeSet::new;
    let users = if with_users { world.group_members.members_of(group.id) } else { none() };
    let children = if with_sub_groups { world.sub_groups.members_of(group.id) } else { none() };
    let users = users.iter().filter_map(|id| world.users.get(id)).map(|user| named(user.id, &user.name));
    let children = children.iter().filter_map(|id| world.groups.get(id)).map(|child| named(child.id, &child.name));
    let privileges = group.privileges.iter().map(|privilege| (privilege.name().to_owned(), privilege.name().into()));
    let org = world.orgs.get(&group.org).map(|org| org.name.as_str());
    json!({
        "id": group.id.to_string(),
        "name": group.name,
        "display_name": group.display_name,
        "description": group.description,
        "type": group.kind,
        "visibility": group.visibility,
        "privileges": search::list(actor.settings, privileges.collect()),
        "roles": roles(world, actor, group),
        "users": search::list(actor.settings, users.collect()),
        "sub_groups": search::list(actor.settings, children.collect()),
        "default_liveboards": search::list(actor.settings, default_liveboards(world, group)),
        "orgs": actor.settings.orgs.then(|| json!([{"id": group.org.to_string(), "name": org}])),
        "tags": [],
        "author_id": group.author.to_string(),
        "owner_id": group.id.to_string(),
        "modifier_id": group.modifier.to_string(),
        "creation_time_in_millis": group.created,
        "modification_time_in_millis": group.modified,
        "parent_type": "GROUP",
        "system_group": group.system,
        "deleted": false,
        "deprecated": false,
        "external": false,
        "hidden": false,
        "complete_detail": true,
        "content": {},
        "generation_number": 0,
        "index": 0,
        "index_version": 0,
        "metadata_version": -1,
    })
}

/// Without role-based access control there is nothing to list.
fn roles(world: &World, actor: &Actor<'_>, group: &Group) -> Value {
    if !actor.settings.rbac {
        return Value::Null;
    }
    let roles = world.group_roles.members_of(group.id);
    let roles = roles.iter().filter_map(|id| world.roles.get(id)).map(|role| named(role.id, &role.name));
    search::list(actor.settings, roles.collect())
}

fn default_liveboards(world: &World, group: &Group) -> Vec<(String, Value)> {
    let liveboards = world.library.defaults.members_of(group.id);
    liveboards
        .iter()
        .filter_map(|id| world.library.objects.get(id))
        .map(|liveboard| named(liveboard.id, &liveboard.name))
        .collect()
}

fn named(id: Uuid, name: &str) -> (String, Value) {
    (name.to_owned(), json!({"id": id.to_string(), "name": name}))
}

#[derive(Deserialize)]
struct Create {
    name: String,
    display_name: String,
}

#[derive(Deserialize)]
struct Update {
    name: Option<String>,
    display_name: Option<String>,
    operation: Option<Operation>,
}

/// What create and update have in common.
#[derive(Deserialize)]
pub(super) struct Fields {
    description: Option<String>,
    privileges: Option<BTreeSet<Privilege>>,
    role_identifiers: Option<Vec<Identifier>>,
    sub_group_identifiers: Option<Vec<Identifier>>,
    user_identifiers: Option<Vec<Identifier>>,
    default_liveboard_identifiers: Option<Vec<Identifier>>,
    #[serde(rename = "type")]
    kind: Option<GroupType>,
    visibility: Option<Visibility>,
}

impl Fields {
    /// The change these ask for.
    pub(super) fn into_change(self) -> Result<GroupChange, Refusal> {
        Ok(GroupChange {
            name: None,
            display_name: None,
            description: self.description,
            kind: self.kind,
            visibility: self.visibility,
            privileges: self.privileges,
            roles: texts(self.role_identifiers),
            users: texts(self.user_identifiers),
            sub_groups: texts(self.sub_group_identifiers),
            default_liveboards: texts(self.default_liveboard_identifiers),
            operation: None,
        })
    }
}

fn create(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let actor = context.actor(session);
    let (request, fields): (Create, Fields) = context.call.json_in_two(context.settings)?;
    let change = GroupChange { display_name: Some(request.display_name), ..fields.into_change()? };
    let id = context.world.create_group(&actor, &request.name, change)?;
    let world = &*context.world;
    Ok(Answer::Json(world.groups.get(&id).map(|group| row(world, &actor, group, true, true)).unwrap_or_default()))
}

fn update(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let target = context.call.target()?;
    let (request, fields): (Update, Fields) = context.call.json_in_two(context.settings)?;
    let Update { name, display_name, operation } = request;
    let change = GroupChange { name, display_name, operation, ..fields.into_change()? };
    context.world.update_group(&context.actor(session), target, change)?;
    Ok(Answer::NoContent)
}

fn delete(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let target = context.call.target()?;
    context.world.delete_group(&context.actor(session), target)?;
    Ok(Answer::NoContent)
}
