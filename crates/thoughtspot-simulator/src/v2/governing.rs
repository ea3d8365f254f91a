//! Publishing to other Orgs, rights on tables, secured columns.

use super::content::{self, MetadataRef, MetadataType, PrincipalRef};
use super::post;
use super::search::Window;
use super::wire::{Identifier, texts};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::find::{Named, Principal, PrincipalKind};
use crate::state::content::govern::ColumnRule;
use crate::state::content::{Content, ContentKind};
use crate::state::links::Operation;
use crate::state::refusal::Refusal;
use crate::state::{Actor, World};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(crate) static ROUTES: &[Route] = &[
    post("/security/metadata/publish", Kind::Write, signed!(publish)),
    post("/security/metadata/unpublish", Kind::Write, signed!(unpublish)),
    post("/security/metadata/manage-object-privilege", Kind::Write, signed!(manage_privilege)),
    post("/security/metadata/fetch-object-privileges", Kind::Read, signed!(fetch_privileges)),
    post("/security/column/rules/fetch", Kind::Read, signed!(fetch_rules)),
    post("/security/column/rules/update", Kind::Write, signed!(update_rules)),
];

const COACHING: &str = "SPOTTER_COACHING_PRIVILEGE";
const DEFAULT_PRIVILEGES_SIZE: i64 = 20;

#[derive(Deserialize)]
struct Publish {
    metadata: Vec<MetadataRef>,
    org_identifiers: Vec<Identifier>,
    /// Nothing here would fail it.
    #[serde(rename = "skip_validation")]
    _skip_validation: Option<bool>,
}

fn publish(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Publish = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let objects = content::resolve(context.world, &actor, &request.metadata)?;
    let orgs = orgs(context.world, request.org_identifiers)?;
    context.world.publish(&actor, &objects, &orgs)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct Unpublish {
    metadata: Vec<MetadataRef>,
    org_identifiers: Vec<Identifier>,
    include_dependencies: bool,
    #[serde(default)]
    force: bool,
}

fn unpublish(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Unpublish = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let objects = content::resolve(context.world, &actor, &request.metadata)?;
    let orgs = orgs(context.world, request.org_identifiers)?;
    context.world.unpublish(&actor, &objects, &orgs, request.include_dependencies, request.force)?;
    Ok(Answer::NoContent)
}

fn orgs(world: &World, named: Vec<Identifier>) -> Result<BTreeSet<i32>, Refusal> {
    world.resolve_orgs(&named.into_iter().map(|org| org.0).collect::<Vec<String>>())
}

#[derive(Deserialize)]
struct ManagePrivilege {
    operation: Change,
    #[serde(rename = "metadata_type")]
    _metadata_type: TableOnly,
    #[serde(rename = "object_privilege_types")]
    _object_privilege_types: Vec<Privilege>,
    metadata_identifiers: Vec<Identifier>,
    principals: Vec<PrincipalRef>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Change {
    Add,
    Remove,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum TableOnly {
    LogicalTable,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Privilege {
    SpotterCoachingPrivilege,
}

fn manage_privilege(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: ManagePrivilege = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let named = |identifier: &Identifier| content::named_as(Some(MetadataType::LogicalTable), identifier);
    let named: Vec<Named> = request.metadata_identifiers.iter().map(named).collect::<Result<_, _>>()?;
    let tables = context.world.resolve_content(&actor, &named)?;
    let principals = content::resolve_principals(context.world, &actor, &request.principals)?;
    let principals = principals.into_iter().map(|principal| principal.id).collect();
    context.world.set_coaches(&actor, &tables, &principals, request.operation == Change::Add)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct FetchPrivileges {
    metadata: Vec<MetadataRef>,
    principals: Option<Vec<PrincipalRef>>,
    #[serde(default)]
    record_offset: i64,
    record_size: Option<i64>,
}

fn fetch_privileges(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: FetchPrivileges = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let world = &*context.world;
    let named = content::named(&request.metadata)?;
    let objects: Vec<&Content> = named.iter().map(|named| world.find_content(&actor, named)).collect::<Result<_, _>>()?;
    let wanted = request.principals.as_deref().filter(|wanted| !wanted.is_empty());
    let wanted = wanted.map(|wanted| content::resolve_principals(world, &actor, wanted)).transpose()?;
    let window = Window { offset: request.record_offset, size: request.record_size, default_size: DEFAULT_PRIVILEGES_SIZE };
    let page = window.of(objects, context.settings, context.page_shift)?;
    let rows = page.into_iter().map(|object| privilege_row(world, object, wanted.as_deref()));
    Ok(Answer::Json(json!({"metadata_object_privileges": rows.collect::<Vec<Value>>()})))
}

fn privilege_row(world: &World, object: &Content, wanted: Option<&[Principal]>) -> Value {
    let coaches = world.library.coaches.members_of(object.id);
    let coaches = coaches.into_iter().filter(|id| wanted.is_none_or(|wanted| wanted.iter().any(|one| one.id == *id)));
    let mut by_kind: BTreeMap<PrincipalKind, Vec<Value>> = BTreeMap::new();
    for id in coaches {
        let user = world.users.get(&id).map(|user| (PrincipalKind::User, &user.name, json!(user.account_type)));
        let group = || world.groups.get(&id).map(|group| (PrincipalKind::UserGroup, &group.name, json!(group.kind)));
        let Some((kind, name, sub_kind)) = user.or_else(group) else { continue };
        by_kind.entry(kind).or_default().push(json!({
            "principal_id": id.to_string(), "principal_name": name, "principal_sub_type": sub_kind,
            "object_privileges": format!("[{COACHING}]"),
        }));
    }
    let info = by_kind.into_iter().map(|(kind, rows)| json!({"principal_type": kind, "principal_object_privileges": rows}));
    json!({
        "metadata_id": object.id.to_string(),
        "metadata_name": object.name,
        "metadata_type": object.kind(),
        "principal_object_privilege_info": info.collect::<Vec<Value>>(),
    })
}

#[derive(Deserialize)]
struct FetchRules {
    tables: Vec<TableRef>,
}

#[derive(Deserialize)]
struct TableRef {
    identifier: Option<Identifier>,
    obj_identifier: Option<Identifier>,
}

impl TableRef {
    fn find<'a>(&self, world: &'a World, actor: &Actor<'_>) -> Result<&'a Content, Refusal> {
        let named = self.identifier.as_ref().or(self.obj_identifier.as_ref());
        let Identifier(identifier) = named.ok_or_else(|| Refusal::invalid("identifier or obj_identifier is needed"))?;
        world.find_content(actor, &Named { kind: Some(ContentKind::LogicalTable), identifier: identifier.clone() })
    }
}

fn fetch_rules(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: FetchRules = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let world = &*context.world;
    let tables: Vec<&Content> = request.tables.iter().map(|table| table.find(world, &actor)).collect::<Result<_, _>>()?;
    Ok(Answer::Json(tables.into_iter().map(|table| rules_row(world, table)).collect()))
}

fn rules_row(world: &World, table: &Content) -> Value {
    let rules = world.columns_of(table.id).filter_map(|column| {
        let groups = column.column()?.secured_for.as_ref()?;
        let groups = groups.iter().filter_map(|id| world.groups.get(id));
        let groups = groups.map(|group| json!({"id": group.id.to_string(), "name": group.name}));
        Some(json!({
            "column": {"id": column.id.to_string(), "name": column.name},
            "groups": groups.collect::<Vec<Value>>(),
            "source_table_details": {"id": table.id.to_string(), "name": table.name},
        }))
    });
    json!({
        "table_guid": table.id.to_string(),
        "obj_id": world.library.object_ids.get(&table.id),
        "column_security_rules": rules.collect::<Vec<Value>>(),
    })
}

#[derive(Deserialize)]
struct UpdateRules {
    identifier: Option<Identifier>,
    obj_identifier: Option<Identifier>,
    #[serde(default)]
    clear_csr: bool,
    column_security_rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    column_identifier: Identifier,
    #[serde(default)]
    is_unsecured: bool,
    group_access: Option<Vec<GroupAccess>>,
}

#[derive(Deserialize)]
struct GroupAccess {
    operation: Operation,
    group_identifiers: Vec<Identifier>,
}

fn update_rules(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: UpdateRules = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let table = TableRef { identifier: request.identifier, obj_identifier: request.obj_identifier };
    let table: Uuid = table.find(context.world, &actor)?.id;
    let groups = |access: GroupAccess| (access.operation, texts(Some(access.group_identifiers)).unwrap_or_default());
    let rule = |rule: Rule| ColumnRule {
        column: rule.column_identifier.0,
        unsecured: rule.is_unsecured,
        groups: rule.group_access.into_iter().flatten().map(groups).collect(),
    };
    let rules: Vec<ColumnRule> = request.column_security_rules.into_iter().map(rule).collect();
    context.world.set_column_rules(&actor, table, request.clear_csr, &rules)?;
    Ok(Answer::NoContent)
}
