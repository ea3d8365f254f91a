//! Who may do what with content: the reads.

use super::content::{self, MetadataRef, MetadataType, PrincipalRef};
use super::post;
use super::search::Window;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::Content;
use crate::state::content::access::Access;
use crate::state::content::find::{Principal, PrincipalKind};
use crate::state::refusal::Refusal;
use crate::state::{Actor, World};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) static ROUTES: &[Route] = &[
    post("/security/metadata/fetch-permissions", Kind::Read, signed!(of_metadata)),
    post("/security/principals/fetch-permissions", Kind::Read, signed!(of_principals)),
];

/// Without a size everything comes.
const ALL: i64 = -1;

#[derive(Deserialize)]
struct OfMetadata {
    metadata: Vec<MetadataRef>,
    principals: Option<Vec<PrincipalRef>>,
    #[serde(default)]
    include_dependent_objects: bool,
    #[serde(default)]
    record_offset: i64,
    record_size: Option<i64>,
    /// `DEFINED` or `EFFECTIVE`; anything else counts as the latter.
    permission_type: Option<String>,
}

fn of_metadata(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: OfMetadata = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let world = &*context.world;
    let mut objects: Vec<&Content> = Vec::new();
    for named in content::named(&request.metadata)? {
        let object = world.find_content(&actor, &named)?;
        objects.push(object);
        if request.include_dependent_objects {
            objects.extend(world.dependents(object.id));
        }
    }
    let wanted = request.principals.as_deref().filter(|wanted| !wanted.is_empty());
    let wanted = wanted.map(|wanted| content::resolve_principals(world, &actor, wanted)).transpose()?;
    let defined = request.permission_type.as_deref() == Some("DEFINED");
    let window = Window { offset: request.record_offset, size: request.record_size, default_size: ALL };
    let page = window.of(objects, context.settings, context.page_shift)?;
    let details = page.into_iter().map(|object| {
        let grants = world.grants(&actor, object, defined);
        let shown = grants.into_iter().filter(|grant| wanted.as_ref().is_none_or(|wanted| wanted.contains(&grant.0)));
        metadata_detail(world, &actor, object, shown.collect())
    });
    Ok(Answer::Json(json!({"metadata_permission_details": details.collect::<Vec<Value>>()})))
}

/// Kind and sub-kind of a principal, its id and name.
struct Face {
    kind: &'static str,
    sub_kind: Value,
    id: String,
    name: String,
}

fn face(world: &World, principal: Principal) -> Option<Face> {
    let id = principal.id.to_string();
    let (sub_kind, name) = match principal.kind {
        PrincipalKind::User => world.users.get(&principal.id).map(|user| (json!(user.account_type), user.name.clone())),
        PrincipalKind::UserGroup => world.groups.get(&principal.id).map(|group| (json!(group.kind), group.name.clone())),
    }?;
    Some(Face { kind: principal.kind.name(), sub_kind, id, name })
}

fn metadata_detail(world: &World, actor: &Actor<'_>, object: &Content, grants: BTreeMap<Principal, Access>) -> Value {
    let mut by_kind: BTreeMap<(&str, String), Vec<Value>> = BTreeMap::new();
    for (principal, access) in grants {
        let Some(face) = face(world, principal) else { continue };
        let row = json!({
            "principal_id": face.id,
            "principal_name": face.name,
            "permission": access,
            "shared_permission": shared(actor, access),
            "group_permission": through_groups(world, object, principal),
        });
        let sub_kind = face.sub_kind.as_str().unwrap_or_default().to_owned();
        by_kind.entry((face.kind, sub_kind)).or_default().push(row);
    }
    let info = by_kind.into_iter().map(
        |((kind, sub_kind), rows)| json!({"principal_type": kind, "principal_sub_type": sub_kind, "principal_permissions": rows}),
    );
    json!({
        "metadata_id": object.id.to_string(),
        "metadata_name": object.name,
        "metadata_type": object.kind(),
        "metadata_owner": content::author(world, object),
        "metadata_author": content::author(world, object),
        "principal_permission_info": info.collect::<Vec<Value>>(),
    })
}

fn shared(actor: &Actor<'_>, access: Access) -> &'static str {
    if actor.settings.shared_permission_is_shown { access.name() } else { "NO_ACCESS" }
}

/// The groups through which a user has access.
fn through_groups(world: &World, object: &Content, principal: Principal) -> Vec<Value> {
    if principal.kind == PrincipalKind::UserGroup {
        return Vec::new();
    }
    let groups = world.groups_with_ancestors(principal.id, object.org);
    let groups = groups.iter().filter_map(|id| Some((world.groups.get(id)?, object.shares.get(id)?)));
    groups.map(|(group, access)| json!({"id": group.id.to_string(), "name": group.name, "permission": access})).collect()
}

#[derive(Deserialize)]
struct OfPrincipals {
    principals: Vec<PrincipalRef>,
    metadata: Option<Vec<MetadataRef>>,
    default_metadata_type: Option<DefaultType>,
    #[serde(default)]
    record_offset: i64,
    record_size: Option<i64>,
}

/// One word, not a list.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum DefaultType {
    All(All),
    One(MetadataType),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum All {
    All,
}

impl DefaultType {
    fn wants(self, object: &Content) -> bool {
        match self {
            Self::All(All::All) => true,
            Self::One(kind) => kind.content() == Some(object.kind()),
        }
    }
}

fn of_principals(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: OfPrincipals = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let world = &*context.world;
    let principals = content::resolve_principals(world, &actor, &request.principals)?;
    let wanted = request.metadata.as_deref().filter(|wanted| !wanted.is_empty());
    let wanted = wanted.map(|wanted| content::resolve(world, &actor, wanted)).transpose()?;
    let kind = request.default_metadata_type.unwrap_or(DefaultType::All(All::All));
    let listed = |object: &&Content| match &wanted {
        Some(wanted) => wanted.contains(&object.id),
        None => kind.wants(object),
    };
    let objects: Vec<&Content> = world.visible_content(&actor).filter(listed).collect();
    let window = Window { offset: request.record_offset, size: request.record_size, default_size: ALL };
    let page = window.of(objects, context.settings, context.page_shift)?;
    let principals: BTreeSet<Principal> = principals.into_iter().collect();
    let details = principals.into_iter().filter_map(|principal| principal_detail(world, &actor, principal, &page));
    Ok(Answer::Json(json!({"principal_permission_details": details.collect::<Vec<Value>>()})))
}

fn principal_detail(world: &World, actor: &Actor<'_>, principal: Principal, objects: &[&Content]) -> Option<Value> {
    let face = face(world, principal)?;
    let mut by_kind: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for object in objects {
        let access = match principal.kind {
            PrincipalKind::User => world.access(principal.id, actor.org, object),
            PrincipalKind::UserGroup => world.group_access(principal.id, object),
        };
        let Some(access) = access else { continue };
        by_kind.entry(object.kind().name()).or_default().push(json!({
            "metadata_id": object.id.to_string(),
            "metadata_name": object.name,
            "metadata_owner": content::author(world, object),
            "metadata_author": content::author(world, object),
            "permission": access,
            "shared_permission": shared(actor, access),
            "group_permission": through_groups(world, object, principal),
        }));
    }
    let info = by_kind.into_iter().map(|(kind, rows)| json!({"metadata_type": kind, "metadata_permissions": rows}));
    Some(json!({
        "principal_id": face.id,
        "principal_name": face.name,
        "principal_type": face.kind,
        "principal_sub_type": face.sub_kind,
        "metadata_permission_info": info.collect::<Vec<Value>>(),
    }))
}
