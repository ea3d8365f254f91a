//! Many users or groups at once: what is listed is made or changed, and what is not may go.
//!
//! What is known of it is in docs/thoughtspot-api.md, "Bulk import".

use super::group::GroupChange;
use super::privilege::Privilege;
use super::refusal::Refusal;
use super::user::{User, UserChange, is_protected_user};
use super::{Actor, World};
use uuid::Uuid;

/// A user as it shall be.
pub(crate) struct UserImport {
    /// Id or name; that of a new user is its name.
    pub(crate) identifier: String,
    /// For a new user. The password of one who exists stays.
    pub(crate) password: Option<String>,
    pub(crate) change: UserChange,
}

/// A group of the actor's Org as it shall be.
pub(crate) struct GroupImport {
    /// Id or name; that of a new group is its name.
    pub(crate) identifier: String,
    pub(crate) change: GroupChange,
}

/// How an import is carried out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ImportMode {
    /// Only what would happen is told.
    pub(crate) dry_run: bool,
    /// What is not listed is deleted, as far as it is not built in.
    pub(crate) delete_unspecified: bool,
    /// Users of other Orgs that the actor sees count as not listed, too.
    pub(crate) everywhere: bool,
}

/// What an import did, or would do.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    pub(crate) added: Vec<(Uuid, String)>,
    pub(crate) updated: Vec<(Uuid, String)>,
    pub(crate) deleted: Vec<(Uuid, String)>,
}

impl World {
    /// Does this to the world, or to a copy of it if it is only a trial. A refusal leaves everything as it was.
    pub(crate) fn all_or_nothing<T>(
        &mut self,
        dry_run: bool,
        change: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut after = self.clone();
        let done = change(&mut after)?;
        if !dry_run {
            *self = after;
        }
        Ok(done)
    }

    /// Makes and changes users, and deletes those not listed if the mode says so.
    pub(crate) fn import_users(
        &mut self,
        actor: &Actor<'_>,
        users: Vec<UserImport>,
        mode: ImportMode,
    ) -> Result<Imported, Refusal> {
        self.require_privilege(actor, Privilege::USER_ADMINISTRATION)?;
        self.all_or_nothing(mode.dry_run, |world| {
            let mut done = Imported::default();
            for user in users {
                let known = world.find_user(actor, &user.identifier).map(|user| (user.id, user.name.clone()));
                match known {
                    Some(known) => {
                        world.update_user(actor, &known.0.to_string(), user.change)?;
                        done.updated.push(known);
                    }
                    None => {
                        let id = world.create_user(actor, &user.identifier, user.password, user.change)?;
                        done.added.push((id, user.identifier));
                    }
                }
            }
            if mode.delete_unspecified {
                done.deleted = world.delete_other_users(actor, &done, mode.everywhere);
            }
            Ok(done)
        })
    }

    fn delete_other_users(&mut self, actor: &Actor<'_>, listed: &Imported, everywhere: bool) -> Vec<(Uuid, String)> {
        let here = |user: &&User| everywhere || self.org_members.holds(user.id, actor.org);
        let others = self.visible_users(actor).filter(here);
        let others = others.filter(|user| !is_protected_user(user) && !listed.names(user.id));
        let others: Vec<(Uuid, String)> = others.map(|user| (user.id, user.name.clone())).collect();
        for (id, _) in &others {
            self.erase_user(actor, *id);
        }
        others
    }

    /// Makes and changes groups of the actor's Org, and deletes those not listed if the mode says so.
    pub(crate) fn import_groups(
        &mut self,
        actor: &Actor<'_>,
        groups: Vec<GroupImport>,
        mode: ImportMode,
    ) -> Result<Imported, Refusal> {
        self.require_privilege(actor, Privilege::GROUP_ADMINISTRATION)?;
        self.all_or_nothing(mode.dry_run, |world| {
            let mut done = Imported::default();
            // All of them exist before any is nested in another.
            let ids = groups.iter().map(|group| world.imported_group(actor, &group.identifier, &mut done));
            let ids = ids.collect::<Result<Vec<Uuid>, Refusal>>()?;
            for (id, group) in ids.iter().zip(groups) {
                world.update_group(actor, &id.to_string(), group.change)?;
            }
            if mode.delete_unspecified {
                done.deleted = world.delete_other_groups(actor, &done)?;
            }
            Ok(done)
        })
    }

    fn imported_group(&mut self, actor: &Actor<'_>, identifier: &str, done: &mut Imported) -> Result<Uuid, Refusal> {
        if let Some(group) = self.find_group(actor.org, identifier) {
            done.updated.push((group.id, group.name.clone()));
            return Ok(group.id);
        }
        let id = self.create_group(actor, identifier, GroupChange::default())?;
        done.added.push((id, identifier.to_owned()));
        Ok(id)
    }

    fn delete_other_groups(&mut self, actor: &Actor<'_>, listed: &Imported) -> Result<Vec<(Uuid, String)>, Refusal> {
        let here = self.groups.values().filter(|group| group.org == actor.org);
        let others = here.filter(|group| !self.is_protected_group(group) && !listed.names(group.id));
        let others: Vec<(Uuid, String)> = others.map(|group| (group.id, group.name.clone())).collect();
        for (id, _) in &others {
            self.delete_group(actor, &id.to_string())?;
        }
        Ok(others)
    }
}

impl Imported {
    fn names(&self, id: Uuid) -> bool {
        self.added.iter().chain(&self.updated).any(|(listed, _)| *listed == id)
    }
}
