//! Groups: each lives in one Org.

use super::audit::Event;
use super::kinds::{GroupType, Visibility};
use super::links::Operation;
use super::privilege::Privilege;
use super::refusal::{Cause, Refusal, refuse_absent};
use super::{Actor, World, check_principal_name};
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The group every member of an Org is in.
pub(crate) const ALL: &str = "All";
/// The group of an Org's administrators.
pub(crate) const ADMINISTRATOR: &str = "Administrator";

/// A group of users.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: Uuid,
    pub(crate) org: i32,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    pub(crate) kind: GroupType,
    pub(crate) visibility: Visibility,
    pub(crate) privileges: BTreeSet<Privilege>,
    /// Internal to the server.
    pub(crate) system: bool,
    pub(crate) author: Uuid,
    pub(crate) modifier: Uuid,
    pub(crate) created: i64,
    pub(crate) modified: i64,
}

impl Group {
    /// A group in the actor's Org.
    pub(super) fn new(actor: &Actor<'_>, id: Uuid, name: &str, privileges: BTreeSet<Privilege>) -> Self {
        Self {
            id,
            org: actor.org,
            name: name.to_owned(),
            display_name: name.to_owned(),
            description: None,
            kind: GroupType::LocalGroup,
            visibility: Visibility::Sharable,
            privileges,
            system: false,
            author: actor.user,
            modifier: actor.user,
            created: actor.now,
            modified: actor.now,
        }
    }
}

/// What a create or update of a group sets; what is `None` stays, or gets its default.
#[derive(Debug, Default)]
pub(crate) struct GroupChange {
    pub(crate) name: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) kind: Option<GroupType>,
    pub(crate) visibility: Option<Visibility>,
    pub(crate) privileges: Option<BTreeSet<Privilege>>,
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) users: Option<Vec<String>>,
    pub(crate) sub_groups: Option<Vec<String>>,
    pub(crate) default_liveboards: Option<Vec<String>>,
    pub(crate) operation: Option<Operation>,
}

/// The sets a group has after a change.
struct PlannedSets {
    privileges: BTreeSet<Privilege>,
    roles: BTreeSet<Uuid>,
    users: BTreeSet<Uuid>,
    children: BTreeSet<Uuid>,
    liveboards: BTreeSet<Uuid>,
}

impl World {
    /// The group of this Org with this id or exact name.
    pub(crate) fn find_group(&self, org: i32, identifier: &str) -> Option<&Group> {
        let by_id = Uuid::parse_str(identifier).ok().and_then(|id| self.groups.get(&id));
        by_id.filter(|group| group.org == org).or_else(|| self.group_named(org, identifier))
    }

    /// Every group the actor sees.
    pub(crate) fn visible_groups(&self, actor: &Actor<'_>) -> impl Iterator<Item = &Group> {
        let (all, org) = (self.sees_all_orgs(actor), actor.org);
        self.groups.values().filter(move |group| all || group.org == org)
    }

    fn group_named(&self, org: i32, name: &str) -> Option<&Group> {
        self.groups.values().find(|group| group.org == org && group.name == name)
    }

    /// The ids of the groups named, all of them in `org`. One that is not there refuses all.
    pub(crate) fn resolve_groups(&self, org: i32, identifiers: &[String]) -> Result<BTreeSet<Uuid>, Refusal> {
        let find = |name: &String| self.find_group(org, name).map(|group| group.id).ok_or_else(|| name.clone());
        let (found, missing): (Vec<_>, Vec<_>) = identifiers.iter().map(find).partition(Result::is_ok);
        if missing.is_empty() {
            return Ok(found.into_iter().flatten().collect());
        }
        let missing: Vec<String> = missing.into_iter().filter_map(Result::err).collect();
        Err(Refusal::invalid_references("group", &missing))
    }

    /// Makes a group in the actor's Org, and returns its id.
    pub(crate) fn create_group(&mut self, actor: &Actor<'_>, name: &str, change: GroupChange) -> Result<Uuid, Refusal> {
        self.require_privilege(actor, Privilege::GROUP_ADMINISTRATION)?;
        self.check_group_name(actor, name, None)?;
        let id = Uuid::new_v4();
        let group = Group::new(actor, id, name, BTreeSet::new());
        let sets = self.planned_sets(actor, &group, &change)?;
        self.groups.insert(id, group);
        self.record(actor, Event::GroupsCreated, json!({"groups": [{"id": id.to_string(), "name": name}]}));
        self.write_group(actor, id, change, sets);
        Ok(id)
    }

    /// Changes a group of the actor's Org.
    pub(crate) fn update_group(&mut self, actor: &Actor<'_>, identifier: &str, change: GroupChange) -> Result<(), Refusal> {
        self.require_privilege(actor, Privilege::GROUP_ADMINISTRATION)?;
        let group = self.find_group(actor.org, identifier).ok_or_else(|| Refusal::unknown_principal(identifier))?;
        let id = group.id;
        if let Some(name) = change.name.as_deref().filter(|name| *name != group.name) {
            if self.is_protected_group(group) {
                return Err(Refusal::new(Cause::Protected, format!("The group {} cannot be renamed", group.name)));
            }
            self.check_group_name(actor, name, Some(id))?;
        }
        let sets = self.planned_sets(actor, group, &change)?;
        self.record_group_change(actor, id, &sets);
        self.write_group(actor, id, change, sets);
        Ok(())
    }

    /// Deletes a group of the actor's Org. Its users stay.
    pub(crate) fn delete_group(&mut self, actor: &Actor<'_>, identifier: &str) -> Result<(), Refusal> {
        self.require_privilege(actor, Privilege::GROUP_ADMINISTRATION)?;
        let group = self.find_group(actor.org, identifier).ok_or_else(|| Refusal::unknown_principal(identifier))?;
        if self.is_protected_group(group) {
            return Err(Refusal::new(Cause::Protected, format!("The group {} cannot be deleted", group.name)));
        }
        let (id, name) = (group.id, group.name.clone());
        self.erase_group(id);
        self.record(actor, Event::GroupsDeleted, json!({"groups": [{"id": id.to_string(), "name": name}]}));
        Ok(())
    }

    /// Whether the group is All, Administrator or internal.
    pub(crate) fn is_protected_group(&self, group: &Group) -> bool {
        let org = self.orgs.get(&group.org);
        group.system || org.is_some_and(|org| org.all_group == group.id || org.admin_group == group.id)
    }

    pub(super) fn erase_group(&mut self, id: Uuid) {
        self.content_without_group(id);
        self.group_members.drop_whole(id);
        self.sub_groups.drop_member(id);
        self.sub_groups.drop_whole(id);
        self.group_roles.drop_whole(id);
        self.groups.remove(&id);
    }

    fn check_group_name(&self, actor: &Actor<'_>, name: &str, renamed: Option<Uuid>) -> Result<(), Refusal> {
        check_principal_name("Group", name)?;
        match self.group_named(actor.org, name) {
            Some(other) if Some(other.id) != renamed => Err(Refusal::duplicate("Group", name)),
            Some(_) | None => Ok(()),
        }
    }

    fn planned_sets(&self, actor: &Actor<'_>, group: &Group, change: &GroupChange) -> Result<PlannedSets, Refusal> {
        let operation = change.operation.unwrap_or(Operation::Replace);
        let children = self.planned_children(actor, group, change, operation)?;
        let users = self.planned_users(actor, group, change, operation)?;
        let roles = self.planned_roles(actor, group, change, operation)?;
        let liveboards = self.planned_liveboards(actor, group, change, operation)?;
        let privileges = planned_privileges(actor, group, change, operation)?;
        Ok(PlannedSets { privileges, roles, users, children, liveboards })
    }

    fn planned_roles(
        &self,
        actor: &Actor<'_>,
        group: &Group,
        change: &GroupChange,
        operation: Operation,
    ) -> Result<BTreeSet<Uuid>, Refusal> {
        let current = self.group_roles.members_of(group.id);
        let Some(named) = &change.roles else { return Ok(current) };
        let named = self.resolve_roles(actor, named)?;
        refuse_absent(actor, operation, &current, &named)?;
        Ok(operation.apply(&current, &named))
    }

    fn planned_users(
        &self,
        actor: &Actor<'_>,
        group: &Group,
        change: &GroupChange,
        operation: Operation,
    ) -> Result<BTreeSet<Uuid>, Refusal> {
        let current = self.group_members.members_of(group.id);
        let Some(named) = &change.users else { return Ok(current) };
        let named = self.resolve_members(actor, named)?;
        refuse_absent(actor, operation, &current, &named)?;
        let is_all = self.orgs.get(&group.org).is_some_and(|org| org.all_group == group.id);
        Ok(if is_all { current } else { operation.apply(&current, &named) })
    }

    fn planned_liveboards(
        &self,
        actor: &Actor<'_>,
        group: &Group,
        change: &GroupChange,
        operation: Operation,
    ) -> Result<BTreeSet<Uuid>, Refusal> {
        let current = self.library.defaults.members_of(group.id);
        let Some(named) = &change.default_liveboards else { return Ok(current) };
        let named = self.resolve_liveboards(actor, named)?;
        refuse_absent(actor, operation, &current, &named)?;
        Ok(operation.apply(&current, &named))
    }

    fn planned_children(
        &self,
        actor: &Actor<'_>,
        group: &Group,
        change: &GroupChange,
        operation: Operation,
    ) -> Result<BTreeSet<Uuid>, Refusal> {
        let current = self.sub_groups.members_of(group.id);
        let Some(named) = &change.sub_groups else { return Ok(current) };
        let named = self.resolve_groups(actor.org, named)?;
        refuse_absent(actor, operation, &current, &named)?;
        let children = operation.apply(&current, &named);
        if !actor.settings.allow_sub_group_cycles && children.iter().any(|child| self.is_inside(group.id, *child)) {
            return Err(Refusal::invalid("A group cannot be inside itself: the sub-groups form a cycle"));
        }
        Ok(children)
    }

    /// Whether `inner` is `outer` or nested in it at any depth.
    fn is_inside(&self, inner: Uuid, outer: Uuid) -> bool {
        let mut waiting = vec![inner];
        let mut seen = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if id == outer {
                return true;
            }
            if seen.insert(id) {
                waiting.extend(self.sub_groups.wholes_of(id));
            }
        }
        false
    }

    fn record_group_change(&mut self, actor: &Actor<'_>, id: Uuid, sets: &PlannedSets) {
        let Some(group) = self.groups.get(&id) else { return };
        let data = json!({"group": {"id": id.to_string(), "name": group.name}});
        let privileges = group.privileges != sets.privileges;
        let members = self.group_members.members_of(id) != sets.users || self.sub_groups.members_of(id) != sets.children;
        self.record(actor, Event::GroupModified, data.clone());
        if privileges {
            self.record(actor, Event::PrivilegesChanged, data.clone());
        }
        if members {
            self.record(actor, Event::GroupMembersChanged, data);
        }
    }

    fn write_group(&mut self, actor: &Actor<'_>, id: Uuid, change: GroupChange, sets: PlannedSets) {
        self.group_members.set_members(id, &sets.users);
        self.sub_groups.set_members(id, &sets.children);
        self.group_roles.set_members(id, &sets.roles);
        self.library.defaults.set_members(id, &sets.liveboards);
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.privileges = sets.privileges;
        group.name = change.name.unwrap_or_else(|| group.name.clone());
        group.display_name = change.display_name.unwrap_or_else(|| group.display_name.clone());
        let described = change.description.or_else(|| group.description.take());
        group.description = described.filter(|text| !text.is_empty());
        group.kind = change.kind.unwrap_or(group.kind);
        group.visibility = change.visibility.unwrap_or(group.visibility);
        group.modifier = actor.user;
        group.modified = actor.now;
    }
}

/// With role-based access control privileges come from roles: those that are sent change nothing, or are refused.
fn planned_privileges(
    actor: &Actor<'_>,
    group: &Group,
    change: &GroupChange,
    operation: Operation,
) -> Result<BTreeSet<Privilege>, Refusal> {
    let Some(named) = &change.privileges else { return Ok(group.privileges.clone()) };
    if actor.settings.rbac && actor.settings.refuse_privileges_with_rbac {
        return Err(Refusal::invalid("privileges of groups come from roles on this cluster"));
    }
    if actor.settings.rbac {
        return Ok(group.privileges.clone());
    }
    let mut privileges = operation.apply(&group.privileges, named);
    // Granting it is accepted and has no effect: everybody has it through All.
    privileges.remove(&Privilege::AUTHORING);
    Ok(privileges)
}
