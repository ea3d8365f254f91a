//! Objects and principals by identifier.

use super::super::{Actor, World};
use super::{Content, ContentKind};
use crate::state::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How a request names an object: a GUID, a name or an id that a user chose. A name needs the kind.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) kind: Option<ContentKind>,
    pub(crate) identifier: String,
}

/// Which kind of principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PrincipalKind {
    /// Somebody who can sign in.
    User,
    /// A group of an Org.
    UserGroup,
}

impl PrincipalKind {
    /// Its name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::UserGroup => "USER_GROUP",
        }
    }
}

/// A user or group that something can be shared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Principal {
    pub(crate) kind: PrincipalKind,
    pub(crate) id: Uuid,
}

impl World {
    /// Every object the actor sees.
    pub(crate) fn visible_content(&self, actor: &Actor<'_>) -> impl Iterator<Item = &Content> {
        self.library.objects.values().filter(move |object| self.sees_content(actor, object))
    }

    /// Whether the object is what was named. Names are told apart by case.
    pub(crate) fn is_named(&self, object: &Content, named: &Named) -> bool {
        let kind = named.kind.is_none_or(|kind| kind == object.kind());
        let id = Uuid::parse_str(&named.identifier).is_ok_and(|id| id == object.id);
        let chosen = self.library.object_ids.get(&object.id).is_some_and(|own| *own == named.identifier);
        kind && (id || chosen || (named.kind.is_some() && object.name == named.identifier))
    }

    /// Refuses a name that comes without its kind.
    pub(crate) fn check_named(&self, named: &Named) -> Result<(), Refusal> {
        let chosen = || self.library.object_ids.values().any(|own| *own == named.identifier);
        if named.kind.is_some() || Uuid::parse_str(&named.identifier).is_ok() || chosen() {
            return Ok(());
        }
        Err(Refusal::invalid(format!("Specify the metadata_type for identifier {}", named.identifier)))
    }

    /// The object of this name, among those the actor sees.
    pub(crate) fn find_content(&self, actor: &Actor<'_>, named: &Named) -> Result<&Content, Refusal> {
        self.check_named(named)?;
        let by_id = Uuid::parse_str(&named.identifier).ok().and_then(|id| self.library.objects.get(&id));
        let by_id = by_id.filter(|object| self.sees_content(actor, object) && self.is_named(object, named));
        if let Some(object) = by_id {
            return Ok(object);
        }
        let mut found = self.visible_content(actor).filter(|object| self.is_named(object, named));
        let first = found.next().ok_or_else(|| Refusal::unknown_object(&named.identifier))?;
        if found.next().is_some() {
            return Err(Refusal::invalid(format!("Several objects are called {}: use the GUID", named.identifier)));
        }
        Ok(first)
    }

    /// The ids of the objects named. One that is not there refuses all.
    pub(crate) fn resolve_content(&self, actor: &Actor<'_>, named: &[Named]) -> Result<BTreeSet<Uuid>, Refusal> {
        named.iter().map(|named| self.find_content(actor, named).map(|object| object.id)).collect()
    }

    /// The Liveboards named. One that is not there refuses all.
    pub(crate) fn resolve_liveboards(&self, actor: &Actor<'_>, identifiers: &[String]) -> Result<BTreeSet<Uuid>, Refusal> {
        let find = |identifier: &String| {
            let named = Named { kind: Some(ContentKind::Liveboard), identifier: identifier.clone() };
            let found = self.find_content(actor, &named);
            found.map(|object| object.id).map_err(|_| Refusal::invalid_references("Liveboard", std::slice::from_ref(identifier)))
        };
        identifiers.iter().map(find).collect()
    }

    /// The user or group of this name that something in the actor's Org can be shared with. Without a kind, users come first.
    pub(crate) fn find_principal(
        &self,
        actor: &Actor<'_>,
        kind: Option<PrincipalKind>,
        identifier: &str,
    ) -> Result<Principal, Refusal> {
        let user = || {
            let user = self.find_user(actor, identifier).filter(|user| self.may_enter(actor.settings, user.id, actor.org));
            user.map(|user| Principal { kind: PrincipalKind::User, id: user.id })
        };
        let group =
            || self.find_group(actor.org, identifier).map(|group| Principal { kind: PrincipalKind::UserGroup, id: group.id });
        let found = match kind {
            Some(PrincipalKind::User) => user(),
            Some(PrincipalKind::UserGroup) => group(),
            None => user().or_else(group),
        };
        found.ok_or_else(|| Refusal::unknown_reference(identifier))
    }

    /// Everybody in this Org that something can be shared with.
    pub(crate) fn principals_of(&self, org: i32) -> BTreeSet<Principal> {
        let users = self.org_members.members_of(org).into_iter().map(|id| Principal { kind: PrincipalKind::User, id });
        let groups = self.groups.values().filter(|group| group.org == org);
        let groups = groups.map(|group| Principal { kind: PrincipalKind::UserGroup, id: group.id });
        users.chain(groups).collect()
    }

    /// The principals named, in order. One that is not there refuses all.
    pub(crate) fn resolve_principals(
        &self,
        actor: &Actor<'_>,
        named: &[(Option<PrincipalKind>, String)],
    ) -> Result<Vec<Principal>, Refusal> {
        named.iter().map(|(kind, identifier)| self.find_principal(actor, *kind, identifier)).collect()
    }
}
