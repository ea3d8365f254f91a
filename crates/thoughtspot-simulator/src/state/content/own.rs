//! Who an object belongs to, how it is tagged, which id its users gave it, whose first page it is.

use super::super::links::Operation;
use super::super::{Actor, World};
use super::find::Named;
use crate::state::refusal::{Cause, Refusal};
use crate::state::user::User;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

impl World {
    /// Gives objects to another author. With `only_from`, those of other authors are left as they are.
    pub(crate) fn assign_author(
        &mut self,
        actor: &Actor<'_>,
        objects: &BTreeSet<Uuid>,
        author: Uuid,
        only_from: Option<Uuid>,
    ) -> Result<(), Refusal> {
        self.require_org_admin(actor)?;
        self.require_modify(actor, objects)?;
        if !self.may_enter(actor.settings, author, actor.org) {
            return Err(Refusal::new(Cause::UnknownReference, "The new author does not belong to this Org"));
        }
        for id in objects {
            if let Some(object) = self.library.objects.get_mut(id)
                && only_from.is_none_or(|from| object.author == from)
            {
                object.author = author;
                object.touch(actor);
            }
        }
        Ok(())
    }

    /// Gives objects of one user to another: those listed, or everything of the user in the actor's Org.
    pub(crate) fn transfer(
        &mut self,
        actor: &Actor<'_>,
        from: &str,
        to: &str,
        listed: Option<BTreeSet<Uuid>>,
    ) -> Result<(), Refusal> {
        self.require_org_admin(actor)?;
        let (from, to) = (party(from, self.find_giver(actor, from))?, party(to, self.find_user(actor, to))?);
        let own = self.library.objects.values().filter(|object| object.org == actor.org && object.author == from);
        let everything = || own.map(|object| object.id).collect();
        let objects = listed.unwrap_or_else(everything);
        if let Some(missing) = objects.iter().find(|id| !self.library.objects.contains_key(id)) {
            return Err(Refusal::unknown_object(&missing.to_string()));
        }
        self.assign_author(actor, &objects, to, Some(from))
    }

    /// Whose objects are to change hands: somebody of the actor's Org, or who was in it once.
    pub(crate) fn find_giver(&self, actor: &Actor<'_>, identifier: &str) -> Option<&User> {
        if actor.settings.former_members_give {
            self.anybody(actor.settings, identifier)
        } else {
            self.find_user(actor, identifier)
        }
    }

    /// Puts tags on objects, or takes them off.
    pub(crate) fn tag_content(
        &mut self,
        actor: &Actor<'_>,
        objects: &BTreeSet<Uuid>,
        tags: &BTreeSet<Uuid>,
        operation: Operation,
    ) -> Result<(), Refusal> {
        self.require_modify(actor, objects)?;
        for id in objects {
            if let Some(object) = self.library.objects.get_mut(id) {
                object.tags = operation.apply(&object.tags, tags);
            }
        }
        Ok(())
    }

    /// Gives objects ids of the users' choice. One that is taken refuses all.
    pub(crate) fn set_object_ids(&mut self, actor: &Actor<'_>, wanted: &BTreeMap<Uuid, String>) -> Result<(), Refusal> {
        if wanted.keys().any(|id| !self.library.objects.contains_key(id)) {
            self.require_org_admin(actor)?;
        }
        self.require_modify(actor, &wanted.keys().copied().collect())?;
        let mut after = self.library.object_ids.clone();
        for (id, chosen) in wanted {
            after.insert(*id, chosen.clone());
        }
        let distinct: BTreeSet<(i32, &String)> = after.iter().map(|(id, chosen)| (self.org_of_object(*id), chosen)).collect();
        if distinct.len() < after.len() {
            return Err(Refusal::new(Cause::DuplicateObjectId, "DUPLICATE_CUSTOM_OBJECT_ID: the object id is already in use"));
        }
        self.library.object_ids = after;
        Ok(())
    }

    fn org_of_object(&self, id: Uuid) -> i32 {
        self.library.objects.get(&id).map_or(super::super::PRIMARY, |object| object.org)
    }

    /// The favourites of a user after a change.
    pub(crate) fn planned_favorites(
        &self,
        actor: &Actor<'_>,
        user: Uuid,
        named: &[Named],
        operation: Operation,
    ) -> Result<BTreeSet<Uuid>, Refusal> {
        let named = self.resolve_content(actor, named)?;
        Ok(operation.apply(&self.library.favorites.members_of(user), &named))
    }

    /// The Liveboard a user sees first, after a change that names one; an empty name takes it away, or is ignored.
    pub(crate) fn planned_home(&self, actor: &Actor<'_>, user: Uuid, named: &str) -> Result<Option<Uuid>, Refusal> {
        if !named.is_empty() {
            return Ok(self.resolve_liveboards(actor, &[named.to_owned()])?.first().copied());
        }
        let current = self.library.homes.get(&user).copied();
        Ok(current.filter(|_| !actor.settings.empty_home_clears))
    }

    /// Makes this Liveboard, or none, the first that the user sees.
    pub(crate) fn set_home(&mut self, user: Uuid, liveboard: Option<Uuid>) {
        match liveboard {
            Some(liveboard) => self.library.homes.insert(user, liveboard),
            None => self.library.homes.remove(&user),
        };
    }
}

/// One of the two users of a transfer. The internal ones take no part.
fn party(name: &str, user: Option<&User>) -> Result<Uuid, Refusal> {
    let user = user.ok_or_else(|| Refusal::unknown_reference(name))?;
    if user.system_user || user.super_user {
        return Err(Refusal::invalid(format!("Ownership cannot be transferred from or to {}", user.name)));
    }
    Ok(user.id)
}
