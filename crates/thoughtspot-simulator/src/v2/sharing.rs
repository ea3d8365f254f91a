//! Who may do what with content, who owns it, how it is tagged: the writes.

use super::content::{self, MetadataRef, MetadataType, PrincipalRef};
use super::post;
use super::wire::Identifier;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::access::ShareMode;
use crate::state::content::find::Named;
use crate::state::links::Operation;
use crate::state::refusal::Refusal;
use crate::state::user::User;
use crate::state::{Actor, World};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(crate) static ROUTES: &[Route] = &[
    post("/security/metadata/share", Kind::Write, signed!(share)),
    post("/security/metadata/assign", Kind::Write, signed!(assign)),
    post("/tags/assign", Kind::Write, signed!(assign_tags)),
    post("/tags/unassign", Kind::Write, signed!(unassign_tags)),
];

#[derive(Deserialize)]
struct Share {
    metadata_type: Option<MetadataType>,
    metadata_identifiers: Option<Vec<Identifier>>,
    metadata: Option<Vec<MetadataRef>>,
    permissions: Vec<Grant>,
    visualization_identifiers: Option<Vec<Identifier>>,
    emails: Option<Vec<String>>,
    /// Required, at the top level; it may be empty. Nobody reads it here.
    #[serde(rename = "message")]
    _message: String,
    #[serde(rename = "enable_custom_url")]
    _enable_custom_url: Option<bool>,
    notify_on_share: Option<bool>,
    /// Being withdrawn: it has no effect.
    #[serde(rename = "has_lenient_discoverability")]
    _has_lenient_discoverability: Option<bool>,
}

#[derive(Deserialize)]
struct Grant {
    principal: PrincipalRef,
    share_mode: ShareMode,
    /// For collections, of which there are none.
    #[serde(rename = "content_share_mode")]
    _content_share_mode: Option<ShareMode>,
}

fn share(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Share = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let objects = request.objects(context.world, &actor)?;
    let mut grants = BTreeMap::new();
    for grant in &request.permissions {
        let principal = context.world.find_principal(&actor, grant.principal.kind, &grant.principal.identifier.0)?;
        grants.insert(principal.id, grant.share_mode);
    }
    context.world.share(&actor, &objects, &grants)?;
    if request.notify_on_share != Some(false) {
        context.world.mails += notified(context.world, &grants) + count(request.emails.map_or(0, |emails| emails.len()));
    }
    Ok(Answer::NoContent)
}

impl Share {
    fn objects(&self, world: &World, actor: &Actor<'_>) -> Result<BTreeSet<Uuid>, Refusal> {
        let mut named = content::named(self.metadata.as_deref().unwrap_or_default())?;
        for identifier in self.metadata_identifiers.iter().flatten() {
            named.push(content::named_as(self.metadata_type, identifier)?);
        }
        if named.is_empty() {
            return Err(Refusal::invalid("metadata or metadata_identifiers is needed"));
        }
        let objects = world.resolve_content(actor, &named)?;
        self.check_visualizations(world, actor, &named)?;
        Ok(objects)
    }

    /// Visualisations are those of the first Liveboard of the request; the whole of it is shared.
    fn check_visualizations(&self, world: &World, actor: &Actor<'_>, named: &[Named]) -> Result<(), Refusal> {
        let Some(wanted) = &self.visualization_identifiers else { return Ok(()) };
        let objects: Result<Vec<_>, _> = named.iter().map(|named| world.find_content(actor, named)).collect();
        let parts = objects?.into_iter().map(|object| object.visualizations()).find(|parts| !parts.is_empty());
        let known = |wanted: &Identifier| parts.unwrap_or_default().iter().any(|part| wanted.names(part.id, &part.name));
        match wanted.iter().find(|wanted| !known(wanted)) {
            Some(Identifier(missing)) => Err(Refusal::unknown_object(missing)),
            None => Ok(()),
        }
    }
}

/// How many users get a mail.
fn notified(world: &World, grants: &BTreeMap<Uuid, ShareMode>) -> u64 {
    let given = grants.iter().filter(|(_, mode)| **mode != ShareMode::NoAccess).map(|(id, _)| *id);
    let mut users = BTreeSet::new();
    for principal in given {
        if world.users.contains_key(&principal) {
            users.insert(principal);
        }
        users.extend(world.group_members.members_of(principal));
    }
    count(users.into_iter().filter(|id| world.users.get(id).is_some_and(|user| user.notify_on_share)).count())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[derive(Deserialize)]
struct Assign {
    metadata: Vec<MetadataRef>,
    user_identifier: Identifier,
    current_owner_identifier: Option<Identifier>,
}

fn assign(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Assign = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let world = &mut *context.world;
    if request.metadata.iter().any(|object| object.kind == Some(MetadataType::LogicalColumn)) {
        return Err(Refusal::invalid("The author of a column cannot be changed"));
    }
    let id = |Identifier(named): &Identifier, user: Option<&User>| {
        user.map(|user| user.id).ok_or_else(|| Refusal::unknown_reference(named))
    };
    let author = id(&request.user_identifier, world.find_user(&actor, &request.user_identifier.0))?;
    let from = request.current_owner_identifier.as_ref().map(|from| id(from, world.find_giver(&actor, &from.0))).transpose()?;
    let objects = content::resolve(world, &actor, &request.metadata)?;
    world.assign_author(&actor, &objects, author, from)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct Tagging {
    metadata: Vec<MetadataRef>,
    tag_identifiers: Vec<Identifier>,
}

fn assign_tags(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    tag(context, session, Operation::Add)
}

fn unassign_tags(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    tag(context, session, Operation::Remove)
}

fn tag(context: &mut Context<'_>, session: Session, operation: Operation) -> Result<Answer, Refusal> {
    let request: Tagging = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let objects = content::resolve(context.world, &actor, &request.metadata)?;
    let tags: Vec<String> = request.tag_identifiers.into_iter().map(|tag| tag.0).collect();
    let tags = context.world.resolve_tags(actor.org, &tags)?;
    context.world.tag_content(&actor, &objects, &tags, operation)?;
    Ok(Answer::NoContent)
}
