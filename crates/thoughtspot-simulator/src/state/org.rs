//! Orgs: the tenants.

use super::audit::Event;
use super::kinds::{OrgStatus, OrgVisibility};
use super::links::Operation;
use super::privilege::Privilege;
use super::refusal::{Cause, Refusal, refuse_absent};
use super::trusted::KeyScope;
use super::{Actor, PRIMARY, World, group};
use crate::settings::{LastOrg, OrgIds, OrgNameRule};
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A tenant.
#[derive(Clone, Debug)]
pub(crate) struct Org {
    pub(crate) id: i32,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) status: OrgStatus,
    pub(crate) visibility: OrgVisibility,
    /// The group every member is in.
    pub(crate) all_group: Uuid,
    /// The group of its administrators.
    pub(crate) admin_group: Uuid,
    pub(crate) author: Uuid,
    pub(crate) created: i64,
    pub(crate) modified: i64,
}

/// The name of a deleted Org, which cannot be used again yet.
#[derive(Clone, Debug)]
pub(crate) struct HeldName {
    name: String,
    deleted: i64,
}

/// What an update of an Org changes; what is `None` stays.
#[derive(Debug, Default)]
pub(crate) struct OrgChange {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) users: Option<Vec<String>>,
    pub(crate) groups: Option<Vec<String>>,
    pub(crate) operation: Option<Operation>,
}

impl World {
    /// The Org with this id or exact name.
    pub(crate) fn find_org(&self, identifier: &str) -> Option<&Org> {
        let by_id = identifier.parse().ok().and_then(|id: i32| self.orgs.get(&id));
        by_id.or_else(|| self.orgs.values().find(|org| org.name == identifier))
    }

    /// The ids of the Orgs named. One that does not exist refuses all.
    pub(crate) fn resolve_orgs(&self, identifiers: &[String]) -> Result<BTreeSet<i32>, Refusal> {
        let find =
            |identifier: &String| self.find_org(identifier).map(|org| org.id).ok_or_else(|| Refusal::unknown_org(identifier));
        identifiers.iter().map(find).collect()
    }

    /// Makes an Org with its All and Administrator groups, and returns its id.
    pub(crate) fn create_org(&mut self, actor: &Actor<'_>, name: &str, description: Option<String>) -> Result<i32, Refusal> {
        self.require_org_management(actor)?;
        self.check_org_name(actor, name, None)?;
        check_description(actor, description.as_deref())?;
        let id = self.free_org_id(actor.settings.org_ids);
        let ids = [Uuid::new_v4(), Uuid::new_v4()];
        self.found_org(actor, id, name, ids);
        if let Some(org) = self.orgs.get_mut(&id) {
            org.description = description.filter(|text| !text.is_empty());
        }
        self.record(actor, Event::OrgCreated, json!({"org": {"id": id, "name": name}}));
        Ok(id)
    }

    /// Puts an Org and its two groups in place, without asking anything. `[all, administrator]` are the ids of the groups.
    pub(super) fn found_org(&mut self, actor: &Actor<'_>, id: i32, name: &str, [all, admin]: [Uuid; 2]) {
        let org = Org {
            id,
            name: name.to_owned(),
            description: None,
            status: OrgStatus::Active,
            visibility: OrgVisibility::Show,
            all_group: all,
            admin_group: admin,
            author: actor.user,
            created: actor.now,
            modified: actor.now,
        };
        self.orgs.insert(id, org);
        self.used_org_ids.insert(id);
        let here = Actor { org: id, ..*actor };
        self.groups.insert(all, group::Group::new(&here, all, group::ALL, BTreeSet::new()));
        let administration = BTreeSet::from([Privilege::ADMINISTRATION]);
        self.groups.insert(admin, group::Group::new(&here, admin, group::ADMINISTRATOR, administration));
    }

    /// Changes an Org: name, description, members.
    pub(crate) fn update_org(&mut self, actor: &Actor<'_>, identifier: &str, change: OrgChange) -> Result<(), Refusal> {
        self.require_org_management(actor)?;
        let org = self.find_org(identifier).ok_or_else(|| unknown(identifier))?;
        let id = org.id;
        if let Some(name) = change.name.as_deref().filter(|name| *name != org.name) {
            self.check_org_name(actor, name, Some(id))?;
        }
        check_description(actor, change.description.as_deref())?;
        self.resolve_groups(id, change.groups.as_deref().unwrap_or_default())?;
        let (members, leaving) = self.planned_members(actor, id, &change)?;
        for user in leaving {
            self.leave_org(actor, user, id);
        }
        for user in members {
            if !self.org_members.holds(user, id) {
                self.record(actor, Event::OrgAccessGranted, json!({"user": user.to_string(), "orgId": id}));
            }
            self.join_org(user, id);
        }
        if let Some(org) = self.orgs.get_mut(&id) {
            org.name = change.name.unwrap_or_else(|| org.name.clone());
            let described = change.description.or_else(|| org.description.take());
            org.description = described.filter(|text| !text.is_empty());
            org.modified = actor.now;
        }
        Ok(())
    }

    /// Who is in the Org after the change, and who leaves it.
    fn planned_members(
        &self,
        actor: &Actor<'_>,
        org: i32,
        change: &OrgChange,
    ) -> Result<(BTreeSet<Uuid>, BTreeSet<Uuid>), Refusal> {
        let current = self.org_members.members_of(org);
        let Some(named) = &change.users else {
            return Ok((current, BTreeSet::new()));
        };
        let named = self.resolve_users(actor, named)?;
        let operation = change.operation.unwrap_or(Operation::Add);
        refuse_absent(actor, operation, &current, &named)?;
        let members = operation.apply(&current, &named);
        let leaving: BTreeSet<Uuid> = current.difference(&members).copied().collect();
        for user in &leaving {
            self.check_may_leave(actor, *user, org)?;
        }
        Ok((members, leaving))
    }

    /// Deletes an Org with its groups and with the users that have no other Org. Its name stays taken for some days.
    pub(crate) fn delete_org(&mut self, actor: &Actor<'_>, identifier: &str) -> Result<(), Refusal> {
        self.require_org_management(actor)?;
        let org = self.find_org(identifier).ok_or_else(|| unknown(identifier))?;
        if org.id == PRIMARY {
            return Err(Refusal::new(Cause::Protected, "The Primary Org cannot be deleted"));
        }
        let (id, name) = (org.id, org.name.clone());
        for user in self.org_members.members_of(id) {
            if self.org_members.wholes_of(user).len() == 1 {
                self.erase_user(actor, user);
            }
        }
        let roles: Vec<Uuid> = self.roles.values().filter(|role| role.org == id).map(|role| role.id).collect();
        for role in roles {
            self.erase_role(role);
        }
        let groups: Vec<Uuid> = self.groups.values().filter(|group| group.org == id).map(|group| group.id).collect();
        for group in groups {
            self.erase_group(group);
        }
        self.content_without_org(id);
        self.tags.retain(|_, tag| tag.org != id);
        self.org_members.drop_whole(id);
        self.trusted.disable(KeyScope::Org(id));
        self.orgs.remove(&id);
        self.record(actor, Event::OrgDeleted, json!({"org": {"id": id, "name": name}}));
        self.held_names.push(HeldName { name, deleted: actor.now });
        Ok(())
    }

    /// A user joins an Org, and with it its group All.
    pub(crate) fn join_org(&mut self, user: Uuid, org: i32) {
        if let Some(found) = self.orgs.get(&org) {
            self.org_members.join(user, org);
            self.group_members.join(user, found.all_group);
        }
    }

    /// A user leaves an Org and all of its groups; without any Org left it is gone.
    pub(crate) fn leave_org(&mut self, actor: &Actor<'_>, user: Uuid, org: i32) {
        self.org_members.leave(user, org);
        for group in self.group_members.wholes_of(user) {
            if !actor.settings.memberships_outlive_org && self.groups.get(&group).is_some_and(|group| group.org == org) {
                self.group_members.leave(user, group);
            }
        }
        if self.org_members.wholes_of(user).is_empty() && actor.settings.last_org == LastOrg::DeleteUser {
            self.erase_user(actor, user);
        }
    }

    fn check_may_leave(&self, actor: &Actor<'_>, user: Uuid, org: i32) -> Result<(), Refusal> {
        let last = self.org_members.wholes_of(user) == BTreeSet::from([org]);
        if last && actor.settings.last_org == LastOrg::Refuse {
            return Err(Refusal::invalid("A user must belong to at least one Org"));
        }
        Ok(())
    }

    fn check_org_name(&self, actor: &Actor<'_>, name: &str, renamed: Option<i32>) -> Result<(), Refusal> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let allowed = match actor.settings.org_name_rule {
            OrgNameRule::Strict => name.len() <= 48 && name.chars().all(plain),
            OrgNameRule::Any => true,
        };
        if name.is_empty() || !allowed {
            return Err(Refusal::invalid("Invalid Org name: 1 to 48 letters, digits, hyphens or underscores"));
        }
        let held_for = i64::from(actor.settings.org_name_held_days) * DAY_MILLIS;
        let held = self.held_names.iter().any(|held| held.name == name && actor.now < held.deleted + held_for);
        if held || self.orgs.values().any(|org| org.name == name && Some(org.id) != renamed) {
            return Err(Refusal::duplicate("Org", name));
        }
        Ok(())
    }

    fn free_org_id(&self, rule: OrgIds) -> i32 {
        match rule {
            OrgIds::Sequential => self.used_org_ids.last().map_or(1, |highest| highest.saturating_add(1)),
            OrgIds::Random => loop {
                let id = fastrand::i32(1..=i32::MAX);
                if !self.used_org_ids.contains(&id) {
                    return id;
                }
            },
        }
    }
}

fn unknown(identifier: &str) -> Refusal {
    Refusal::new(Cause::Unknown, format!("Org not found corresponding to the org_identifier: {identifier}"))
}

fn check_description(actor: &Actor<'_>, description: Option<&str>) -> Result<(), Refusal> {
    let length = description.map_or(0, |text| text.chars().count());
    match actor.settings.org_description_limit {
        Some(limit) if length > limit => Err(Refusal::invalid(format!("Org description is longer than {limit} characters"))),
        Some(_) | None => Ok(()),
    }
}
