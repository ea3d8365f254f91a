//! Roles: sets of privileges that an Org gives to its groups. Only with role-based access control.
//!
//! What is known of them is in docs/thoughtspot-api.md, "Roles".

use super::privilege::Privilege;
use super::refusal::Refusal;
use super::{Actor, World, check_principal_name};
use crate::settings::Settings;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The longest name, in characters.
const NAME_LIMIT: usize = 48;
/// The built-in role of administrators.
pub(crate) const SUPER_ADMIN: &str = "Super Admin";

/// A set of privileges that groups can have.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) id: Uuid,
    pub(crate) org: i32,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) privileges: BTreeSet<Privilege>,
    /// It can never be changed or deleted again.
    pub(crate) read_only: bool,
    pub(crate) author: Uuid,
    pub(crate) modifier: Uuid,
    /// Milliseconds since 1970.
    pub(crate) created: i64,
    /// Milliseconds since 1970.
    pub(crate) modified: i64,
}

/// What a create or update of a role sets; what is `None` stays, or gets its default.
pub(crate) struct RoleChange {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) privileges: Option<BTreeSet<Privilege>>,
    pub(crate) read_only: bool,
}

impl World {
    /// The role of this Org with this id or exact name.
    pub(crate) fn find_role(&self, org: i32, identifier: &str) -> Option<&Role> {
        let by_id = Uuid::parse_str(identifier).ok().and_then(|id| self.roles.get(&id));
        by_id.filter(|role| role.org == org).or_else(|| self.role_named(org, identifier))
    }

    fn role_named(&self, org: i32, name: &str) -> Option<&Role> {
        self.roles.values().find(|role| role.org == org && role.name == name)
    }

    /// Every role the actor sees.
    pub(crate) fn visible_roles(&self, actor: &Actor<'_>) -> impl Iterator<Item = &Role> {
        let (all, org) = (self.sees_all_orgs(actor), actor.org);
        self.roles.values().filter(move |role| all || role.org == org)
    }

    /// The ids of the roles named, all of them in the actor's Org. One that is not there refuses all; without role-based access
    /// control none is there.
    pub(crate) fn resolve_roles(&self, actor: &Actor<'_>, identifiers: &[String]) -> Result<BTreeSet<Uuid>, Refusal> {
        let find = |name: &String| self.find_role(actor.org, name).filter(|_| actor.settings.rbac).map(|role| role.id);
        let missing: Vec<String> = identifiers.iter().filter(|name| find(name).is_none()).cloned().collect();
        if missing.is_empty() {
            return Ok(identifiers.iter().filter_map(find).collect());
        }
        Err(Refusal::invalid_references("role", &missing))
    }

    /// Makes a role in the actor's Org, and returns its id.
    pub(crate) fn create_role(&mut self, actor: &Actor<'_>, change: RoleChange) -> Result<Uuid, Refusal> {
        self.require_role_admin(actor)?;
        self.check_role(actor, &change, None)?;
        let id = Uuid::new_v4();
        let role = Role {
            id,
            org: actor.org,
            name: change.name,
            description: change.description.filter(|text| !text.is_empty()),
            privileges: change.privileges.unwrap_or_default(),
            read_only: change.read_only,
            author: actor.user,
            modifier: actor.user,
            created: actor.now,
            modified: actor.now,
        };
        self.roles.insert(id, role);
        Ok(id)
    }

    /// Changes a role of the actor's Org, and returns its id.
    pub(crate) fn update_role(&mut self, actor: &Actor<'_>, identifier: &str, change: RoleChange) -> Result<Uuid, Refusal> {
        self.require_role_admin(actor)?;
        let id = self.writable_role(actor, identifier)?;
        self.check_role(actor, &change, Some(id))?;
        if let Some(role) = self.roles.get_mut(&id) {
            role.name = change.name;
            let described = change.description.or_else(|| role.description.take());
            role.description = described.filter(|text| !text.is_empty());
            role.privileges = change.privileges.unwrap_or_else(|| role.privileges.clone());
            role.modifier = actor.user;
            role.modified = actor.now;
        }
        Ok(id)
    }

    /// Deletes a role of the actor's Org, and takes it from every group.
    pub(crate) fn delete_role(&mut self, actor: &Actor<'_>, identifier: &str) -> Result<(), Refusal> {
        self.require_role_admin(actor)?;
        let id = self.writable_role(actor, identifier)?;
        if actor.settings.refuse_deleting_used_role && !self.group_roles.wholes_of(id).is_empty() {
            return Err(Refusal::invalid("The role is still assigned to groups"));
        }
        self.erase_role(id);
        Ok(())
    }

    pub(super) fn erase_role(&mut self, id: Uuid) {
        self.group_roles.drop_member(id);
        self.roles.remove(&id);
    }

    /// Refuses unless there are roles, and the actor may manage them.
    pub(crate) fn require_role_admin(&self, actor: &Actor<'_>) -> Result<(), Refusal> {
        require_rbac(actor.settings)?;
        self.require_privilege(actor, Privilege::ROLE_ADMINISTRATION)
    }

    fn writable_role(&self, actor: &Actor<'_>, identifier: &str) -> Result<Uuid, Refusal> {
        let role = self.find_role(actor.org, identifier).ok_or_else(|| Refusal::unknown_principal(identifier))?;
        if role.read_only {
            return Err(Refusal::forbidden(format!("The role {} is read-only", role.name)));
        }
        Ok(role.id)
    }

    fn check_role(&self, actor: &Actor<'_>, change: &RoleChange, renamed: Option<Uuid>) -> Result<(), Refusal> {
        check_principal_name("Role", &change.name)?;
        let length = change.description.as_ref().map_or(0, |text| text.chars().count());
        if change.name.chars().count() > NAME_LIMIT {
            return Err(Refusal::invalid(format!("Role name is longer than {NAME_LIMIT} characters")));
        }
        if let Some(limit) = actor.settings.org_description_limit.filter(|limit| length > *limit) {
            return Err(Refusal::invalid(format!("Role description is longer than {limit} characters")));
        }
        match self.role_named(actor.org, &change.name) {
            Some(other) if Some(other.id) != renamed => Err(Refusal::duplicate("Role", &change.name)),
            Some(_) | None => Ok(()),
        }
    }
}

/// Refuses when there are no roles.
pub(crate) fn require_rbac(settings: &Settings) -> Result<(), Refusal> {
    if settings.rbac { Ok(()) } else { Err(Refusal::feature_off("Roles")) }
}
