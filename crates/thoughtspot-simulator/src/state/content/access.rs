//! Who may see and change what, and sharing.

use super::super::{Actor, World};
use super::find::{Principal, PrincipalKind};
use super::{Content, ContentKind};
use crate::state::audit::Event;
use crate::state::refusal::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What somebody may do with an object. The greater one includes the lesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Access {
    /// See it.
    ReadOnly,
    /// Change it, share it, delete it.
    Modify,
}

impl Access {
    /// Its name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "READ_ONLY",
            Self::Modify => "MODIFY",
        }
    }
}

/// What a request gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ShareMode {
    ReadOnly,
    Modify,
    NoAccess,
}

impl ShareMode {
    /// What is had then.
    pub(crate) fn access(self) -> Option<Access> {
        match self {
            Self::ReadOnly => Some(Access::ReadOnly),
            Self::Modify => Some(Access::Modify),
            Self::NoAccess => None,
        }
    }
}

impl World {
    /// What the user may do with the object, by whatever way; `org` is where the user acts.
    pub(crate) fn access(&self, user: Uuid, org: i32, object: &Content) -> Option<Access> {
        if self.administers(user, object.org) || object.author == user {
            return Some(Access::Modify);
        }
        let published = self.library.published.holds(object.id, org) && self.administers(user, org);
        let shared = self.shared_access(user, object);
        shared.max(published.then_some(Access::ReadOnly))
    }

    /// What was shared with the user or one of its groups. Whoever sees a table sees all of its columns.
    fn shared_access(&self, user: Uuid, object: &Content) -> Option<Access> {
        let mut principals = self.groups_with_ancestors(user, object.org);
        principals.insert(user);
        let own = principals.iter().filter_map(|id| object.shares.get(id)).max().copied();
        let table = object.column().and_then(|column| self.library.objects.get(&column.table));
        own.max(table.and_then(|table| self.access(user, object.org, table)))
    }

    /// What the group was given, itself or through a group it is nested in.
    pub(crate) fn group_access(&self, group: Uuid, object: &Content) -> Option<Access> {
        let principals = self.group_with_ancestors(group);
        let own = principals.iter().filter_map(|id| object.shares.get(id)).max().copied();
        let table = object.column().and_then(|column| self.library.objects.get(&column.table));
        own.max(table.and_then(|table| self.group_access(group, table)))
    }

    /// Who has what: as it was shared, or as it results from groups, ownership and administration.
    pub(crate) fn grants(&self, actor: &Actor<'_>, object: &Content, defined: bool) -> BTreeMap<Principal, Access> {
        let access = |principal: Principal| match (defined, principal.kind) {
            (true, _) => object.shares.get(&principal.id).copied(),
            (false, PrincipalKind::User) => self.access(principal.id, actor.org, object),
            (false, PrincipalKind::UserGroup) => self.group_access(principal.id, object),
        };
        let principals = self.principals_of(object.org).into_iter();
        principals.filter_map(|principal| Some((principal, access(principal)?))).collect()
    }

    fn group_with_ancestors(&self, group: Uuid) -> BTreeSet<Uuid> {
        let mut waiting = vec![group];
        let mut found = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if found.insert(id) {
                waiting.extend(self.sub_groups.wholes_of(id));
            }
        }
        found
    }

    pub(crate) fn administers(&self, user: Uuid, org: i32) -> bool {
        use super::super::privilege::Privilege;
        self.effective_privileges(user, org).contains(&Privilege::ADMINISTRATION)
    }

    /// Whether the actor sees the object: in its own Org, or published to it.
    pub(crate) fn sees_content(&self, actor: &Actor<'_>, object: &Content) -> bool {
        let here = object.org == actor.org || self.library.published.holds(object.id, actor.org);
        here && self.access(actor.user, actor.org, object).is_some()
    }

    /// Refuses unless the actor may change every one of these objects of its Org.
    pub(crate) fn require_modify(&self, actor: &Actor<'_>, objects: &BTreeSet<Uuid>) -> Result<(), Refusal> {
        for object in objects.iter().filter_map(|id| self.library.objects.get(id)) {
            if object.org != actor.org {
                return Err(Refusal::foreign_object(&object.name));
            }
            if self.access(actor.user, actor.org, object) != Some(Access::Modify) {
                return Err(Refusal::forbidden(format!("Access denied: {} may not be changed", object.name)));
            }
        }
        Ok(())
    }

    /// Gives principals access to objects, or takes it away. Either all of it happens or nothing.
    pub(crate) fn share(
        &mut self,
        actor: &Actor<'_>,
        objects: &BTreeSet<Uuid>,
        grants: &BTreeMap<Uuid, ShareMode>,
    ) -> Result<(), Refusal> {
        self.require_modify(actor, objects)?;
        for id in objects {
            let kept: Vec<(Uuid, ShareMode)> = grants
                .iter()
                .map(|(principal, mode)| (*principal, *mode))
                .filter(|grant| self.takes(actor, *id, *grant))
                .collect();
            let Some(object) = self.library.objects.get_mut(id) else { continue };
            for (principal, mode) in kept {
                match mode.access() {
                    Some(access) => object.shares.insert(principal, access),
                    None => object.shares.remove(&principal),
                };
            }
        }
        let principals: Vec<String> = grants.keys().map(Uuid::to_string).collect();
        let objects: Vec<String> = objects.iter().map(Uuid::to_string).collect();
        self.record(actor, Event::ShareObjects, json!({"objects": objects, "principals": principals}));
        Ok(())
    }

    /// With strict object security a grant is dropped, without a word, when its taker does not see what the object is made of.
    fn takes(&self, actor: &Actor<'_>, object: Uuid, (principal, mode): (Uuid, ShareMode)) -> bool {
        if !actor.settings.strict_object_security || mode == ShareMode::NoAccess {
            return true;
        }
        let Some(object) = self.library.objects.get(&object) else { return false };
        let sees = |source: &Content| {
            let by_user = self.users.contains_key(&principal) && self.access(principal, actor.org, source).is_some();
            by_user || self.group_access(principal, source).is_some()
        };
        let sources = object.sources();
        let mut tables = sources.iter().filter_map(|id| self.library.objects.get(id));
        !matches!(object.kind(), ContentKind::Liveboard | ContentKind::Answer) || tables.all(sees)
    }
}
