//! A state given as plain data becomes the world: the counterpart of `dump`.
//!
//! Objects find one another by name. What the data leaves out is chosen as if the API had made the object.

use super::dump::{Dump, GroupDump, OrgDump, RoleDump, UserDump};
use super::group::{ADMINISTRATOR, ALL, Group};
use super::password::Password;
use super::privilege::Privilege;
use super::role::Role;
use super::user::{TSADMIN, User};
use super::{Actor, PRIMARY, World, seed};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A state that cannot be: a name that nobody has, an id that is none, a privilege that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("seed: {0}")]
pub struct BadSeed(String);

pub(super) type Done<T = ()> = Result<T, BadSeed>;

impl BadSeed {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }
}

impl World {
    /// Adds what the data lists to a new world. What is built in can be listed too, and is then as the data says.
    pub(crate) fn load(&mut self, actor: &Actor<'_>, state: &Dump) -> Done {
        for org in &state.orgs {
            self.load_org(actor, org, &state.groups)?;
        }
        for role in &state.roles {
            self.load_role(actor, role)?;
        }
        for group in &state.groups {
            self.load_group(actor, group)?;
        }
        for user in &state.users {
            self.load_user(actor, user)?;
        }
        self.load_memberships(state)?;
        for tag in &state.tags {
            self.load_tag(actor, tag)?;
        }
        for object in &state.content {
            self.load_object(object)?;
        }
        Ok(())
    }

    fn load_org(&mut self, actor: &Actor<'_>, org: &OrgDump, groups: &[GroupDump]) -> Done {
        if org.id != PRIMARY && self.orgs.contains_key(&org.id) {
            return Err(BadSeed(format!("two Orgs have the id {}", org.id)));
        }
        if org.id != PRIMARY {
            let built_in = |name: &str| groups.iter().find(|group| group.org == org.name && group.name == name);
            let id = |name: &str| built_in(name).map_or_else(|| Ok(Uuid::new_v4()), |group| id_or_new(&group.id));
            self.found_org(actor, org.id, &org.name, [id(ALL)?, id(ADMINISTRATOR)?]);
        }
        if let Some(found) = self.orgs.get_mut(&org.id) {
            found.name.clone_from(&org.name);
            found.description.clone_from(&org.description);
        }
        Ok(())
    }

    fn load_role(&mut self, actor: &Actor<'_>, role: &RoleDump) -> Done {
        let org = self.org_of(&role.org)?;
        let known = self.find_role(org, &role.name).map(|known| known.id);
        let groups = known.map(|known| self.group_roles.wholes_of(known)).unwrap_or_default();
        if let Some(known) = known {
            self.erase_role(known);
        }
        let named = |name: &String| Privilege::known(name).ok_or_else(|| unknown("privilege", name));
        let id = id_or_new(&role.id)?;
        let role = Role {
            id,
            org,
            name: role.name.clone(),
            description: role.description.clone(),
            privileges: role.privileges.iter().map(named).collect::<Done<_>>()?,
            read_only: role.read_only,
            author: actor.user,
            modifier: actor.user,
            created: actor.now,
            modified: actor.now,
        };
        self.roles.insert(id, role);
        for group in groups {
            self.group_roles.join(id, group);
        }
        Ok(())
    }

    fn load_group(&mut self, actor: &Actor<'_>, listed: &GroupDump) -> Done {
        let here = Actor { org: self.org_of(&listed.org)?, ..*actor };
        let named = |name: &String| Privilege::known(name).ok_or_else(|| unknown("privilege", name));
        let privileges = listed.privileges.iter().map(named).collect::<Done<BTreeSet<Privilege>>>()?;
        let id = match self.find_group(here.org, &listed.name) {
            Some(group) => group.id,
            None => id_or_new(&listed.id)?,
        };
        self.sub_groups.drop_whole(id);
        self.group_roles.drop_whole(id);
        let group = self.groups.entry(id).or_insert_with(|| Group::new(&here, id, &listed.name, BTreeSet::new()));
        if group.name != listed.name {
            return Err(BadSeed(format!("two groups have the id {id}")));
        }
        group.privileges = privileges;
        group.display_name = shown(&listed.display_name, &listed.name);
        group.description.clone_from(&listed.description);
        group.visibility = listed.visibility;
        group.kind = listed.kind;
        Ok(())
    }

    fn load_user(&mut self, actor: &Actor<'_>, listed: &UserDump) -> Done {
        let known = self.users.values().find(|user| user.name == listed.name).cloned();
        let id = match &known {
            Some(user) if listed.id.is_empty() || is_fixed(user.id) => user.id,
            Some(_) | None => id_or_new(&listed.id)?,
        };
        if let Some(known) = &known {
            self.org_members.drop_member(known.id);
            self.group_members.drop_member(known.id);
            self.users.remove(&known.id);
        }
        if self.users.contains_key(&id) {
            return Err(BadSeed(format!("two users have the id {id}")));
        }
        let start = known.unwrap_or_else(|| User::new(actor, id, &listed.name));
        let password = match (&listed.password, start.password) {
            (Some(given), _) => Some(Password::any(&given.0)),
            (None, Some(known)) if listed.has_password => Some(known),
            // It signs in with a password that nobody knows: passwords are not part of the data.
            (None, None) if listed.has_password => Some(Password::any(&Uuid::new_v4().to_string())),
            (None, Some(_) | None) => None,
        };
        let mut user = User {
            id,
            password,
            display_name: shown(&listed.display_name, &listed.name),
            email: listed.email.clone(),
            account_type: listed.account_type,
            account_status: listed.account_status,
            visibility: listed.visibility,
            extended_properties: listed.extended_properties.clone(),
            ..start
        };
        listed.preferences.put(&mut user).map_err(BadSeed)?;
        self.users.insert(id, user);
        Ok(())
    }

    /// Who belongs to what, said from either end.
    fn load_memberships(&mut self, state: &Dump) -> Done {
        for org in &state.orgs {
            for user in &org.users {
                self.join_org(self.user_of(user)?, self.org_of(&org.name)?);
            }
        }
        for user in &state.users {
            let id = self.user_of(&user.name)?;
            for org in &user.orgs {
                self.join_org(id, self.org_of(org)?);
            }
            if self.org_members.wholes_of(id).is_empty() {
                self.join_org(id, PRIMARY);
            }
            for path in &user.groups {
                let (org, group) = path.split_once('/').ok_or_else(|| unknown("group, which is named as Org/group", path))?;
                self.load_member(id, self.group_of(org, group)?)?;
            }
        }
        for group in &state.groups {
            let id = self.group_of(&group.org, &group.name)?;
            for user in &group.users {
                self.load_member(self.user_of(user)?, id)?;
            }
            for child in &group.sub_groups {
                self.sub_groups.join(self.group_of(&group.org, child)?, id);
            }
            for role in &group.roles {
                let org = self.org_of(&group.org)?;
                let role = self.find_role(org, role).map(|role| role.id).ok_or_else(|| unknown("role", role))?;
                self.group_roles.join(role, id);
            }
        }
        Ok(())
    }

    fn load_member(&mut self, user: Uuid, group: Uuid) -> Done {
        let org = self.groups.get(&group).map(|group| group.org);
        if !org.is_some_and(|org| self.org_members.holds(user, org)) {
            let name = self.users.get(&user).map_or("", |user| user.name.as_str());
            return Err(BadSeed(format!("{name} is in a group of an Org that it is not in")));
        }
        self.group_members.join(user, group);
        Ok(())
    }

    pub(super) fn org_of(&self, name: &str) -> Done<i32> {
        self.find_org(name).map(|org| org.id).ok_or_else(|| unknown("Org", name))
    }

    pub(super) fn user_of(&self, name: &str) -> Done<Uuid> {
        self.users.values().find(|user| user.name == name).map(|user| user.id).ok_or_else(|| unknown("user", name))
    }

    pub(super) fn group_of(&self, org: &str, name: &str) -> Done<Uuid> {
        let found = self.find_group(self.org_of(org)?, name).map(|group| group.id);
        found.ok_or_else(|| unknown("group", &format!("{org}/{name}")))
    }
}

/// Whether this id is the same on every ThoughtSpot.
fn is_fixed(user: Uuid) -> bool {
    [TSADMIN, seed::SYSTEM, seed::SU].contains(&user)
}

pub(super) fn unknown(what: &str, name: &str) -> BadSeed {
    BadSeed(format!("there is no {what} {name}"))
}

/// The id as it is given, or a fresh one where it is left out.
pub(super) fn id_or_new(id: &str) -> Done<Uuid> {
    if id.is_empty() { Ok(Uuid::new_v4()) } else { id.parse().map_err(|_| unknown("GUID", id)) }
}

fn shown(display_name: &str, name: &str) -> String {
    if display_name.is_empty() { name.to_owned() } else { display_name.to_owned() }
}
