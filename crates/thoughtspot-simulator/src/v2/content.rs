//! How requests name content, and what rows say about it.

use super::wire::Identifier;
use crate::state::content::find::{Named, Principal, PrincipalKind};
use crate::state::content::{Content, ContentKind};
use crate::state::refusal::Refusal;
use crate::state::{Actor, World};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The kinds of objects that requests may name. Of some the simulator has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum MetadataType {
    Liveboard,
    Answer,
    LogicalTable,
    LogicalColumn,
    Connection,
    Tag,
    User,
    UserGroup,
    LogicalRelationship,
    InsightSpec,
    Collection,
}

impl MetadataType {
    /// The kind of content, if it is content that exists here.
    pub(crate) fn content(self) -> Option<ContentKind> {
        match self {
            Self::Liveboard => Some(ContentKind::Liveboard),
            Self::Answer => Some(ContentKind::Answer),
            Self::LogicalTable => Some(ContentKind::LogicalTable),
            Self::LogicalColumn => Some(ContentKind::LogicalColumn),
            Self::Connection => Some(ContentKind::Connection),
            Self::Tag | Self::User | Self::UserGroup | Self::LogicalRelationship | Self::InsightSpec | Self::Collection => None,
        }
    }
}

/// An object by its identifier; a name needs the type.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MetadataRef {
    #[serde(rename = "type")]
    pub(crate) kind: Option<MetadataType>,
    pub(crate) identifier: Identifier,
}

impl MetadataRef {
    /// What the world looks for. Objects of a kind that the simulator has none of do not exist.
    pub(crate) fn named(&self) -> Result<Named, Refusal> {
        named_as(self.kind, &self.identifier)
    }
}

/// As [`MetadataRef::named`], of an identifier whose type stands elsewhere.
pub(crate) fn named_as(kind: Option<MetadataType>, Identifier(identifier): &Identifier) -> Result<Named, Refusal> {
    let content = kind.map(|kind| kind.content().ok_or_else(|| Refusal::unknown_object(identifier)));
    Ok(Named { kind: content.transpose()?, identifier: identifier.clone() })
}

/// What the world looks for.
pub(crate) fn named(objects: &[MetadataRef]) -> Result<Vec<Named>, Refusal> {
    objects.iter().map(MetadataRef::named).collect()
}

/// The ids of the objects named. One that is not there refuses all.
pub(crate) fn resolve(world: &World, actor: &Actor<'_>, objects: &[MetadataRef]) -> Result<BTreeSet<Uuid>, Refusal> {
    world.resolve_content(actor, &named(objects)?)
}

/// The objects of a filter; those that do not exist are left out.
pub(crate) fn existing(world: &World, actor: &Actor<'_>, objects: &[MetadataRef]) -> BTreeSet<Uuid> {
    let find = |named: Named| world.find_content(actor, &named).ok().map(|object| object.id);
    objects.iter().filter_map(|object| object.named().ok()).filter_map(find).collect()
}

/// The Liveboards of a filter; those that do not exist are left out.
pub(crate) fn liveboards(world: &World, actor: &Actor<'_>, identifiers: &[Identifier]) -> BTreeSet<Uuid> {
    let find = |Identifier(identifier): &Identifier| {
        let named = Named { kind: Some(ContentKind::Liveboard), identifier: identifier.clone() };
        world.find_content(actor, &named).ok().map(|object| object.id)
    };
    identifiers.iter().filter_map(find).collect()
}

/// A user or group by its identifier; without a type users come first.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PrincipalRef {
    pub(crate) identifier: Identifier,
    #[serde(rename = "type")]
    pub(crate) kind: Option<PrincipalKind>,
}

/// The principals named, in order. One that is not there refuses all.
pub(crate) fn resolve_principals(world: &World, actor: &Actor<'_>, named: &[PrincipalRef]) -> Result<Vec<Principal>, Refusal> {
    let named: Vec<_> = named.iter().map(|principal| (principal.kind, principal.identifier.0.clone())).collect();
    world.resolve_principals(actor, &named)
}

/// `{id, name}` of the author. Of one who is gone there is only the id.
pub(crate) fn author(world: &World, object: &Content) -> Value {
    let name = world.users.get(&object.author).map(|user| user.name.as_str());
    json!({"id": object.author.to_string(), "name": name})
}
