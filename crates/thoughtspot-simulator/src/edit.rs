//! What a person in the browser does: changes to the world that no API request asked for.

use crate::settings::Settings;
use crate::state::group::GroupChange;
use crate::state::links::Operation;
use crate::state::org::OrgChange;
use crate::state::preferences::PreferencesDump;
use crate::state::privilege::Privilege;
use crate::state::refusal::Refusal;
use crate::state::role::RoleChange;
use crate::state::trusted::KeyScope;
use crate::state::user::{TSADMIN, UserChange};
use crate::state::{Actor, PRIMARY, World};
use std::collections::BTreeSet;

/// The world in the hands of tsadmin. Orgs, users and groups are named by id or name; every name of an Org may be `0`.
///
/// The rules are those of the API: what it refuses is refused here too.
pub struct Edit<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) settings: &'a Settings,
    pub(crate) now: i64,
    pub(crate) revoked: &'a mut Vec<uuid::Uuid>,
}

pub(crate) type Done<T = ()> = Result<T, Refusal>;

impl<'a> Edit<'a> {
    pub(crate) fn actor(&self, org: &str) -> Done<Actor<'a>> {
        let org = self.world.find_org(org).ok_or_else(|| Refusal::unknown_org(org))?;
        Ok(Actor { user: TSADMIN, org: org.id, now: self.now, settings: self.settings })
    }

    fn primary(&self) -> Actor<'a> {
        Actor { user: TSADMIN, org: PRIMARY, now: self.now, settings: self.settings }
    }

    /// Makes an Org and returns its id.
    pub fn create_org(&mut self, name: &str, description: Option<&str>) -> Done<i32> {
        self.world.create_org(&self.primary(), name, description.map(str::to_owned))
    }

    /// Renames an Org.
    pub fn rename_org(&mut self, org: &str, name: &str) -> Done {
        self.change_org(org, OrgChange { name: Some(name.to_owned()), ..OrgChange::default() })
    }

    /// Describes an Org; an empty text takes the description away.
    pub fn describe_org(&mut self, org: &str, description: &str) -> Done {
        self.change_org(org, OrgChange { description: Some(description.to_owned()), ..OrgChange::default() })
    }

    /// Deletes an Org with all that is only in it.
    pub fn delete_org(&mut self, org: &str) -> Done {
        self.world.delete_org(&self.primary(), org)
    }

    fn change_org(&mut self, org: &str, change: OrgChange) -> Done {
        self.world.update_org(&self.primary(), org, change)
    }

    /// Makes a user in these Orgs and returns its id. Without an Org it is in Primary.
    pub fn create_user(&mut self, name: &str, display_name: &str, orgs: &[&str]) -> Done<String> {
        let change = UserChange { display_name: Some(display_name.to_owned()), orgs: Some(owned(orgs)), ..UserChange::default() };
        self.world.create_user(&self.primary(), name, None, change).map(|id| id.to_string())
    }

    /// Renames a user.
    pub fn rename_user(&mut self, user: &str, name: &str) -> Done {
        self.change_user(user, UserChange { name: Some(name.to_owned()), ..UserChange::default() })
    }

    /// Changes how a user is shown.
    pub fn set_user_display_name(&mut self, user: &str, display_name: &str) -> Done {
        self.change_user(user, UserChange { display_name: Some(display_name.to_owned()), ..UserChange::default() })
    }

    /// Changes a user's e-mail address; an empty text takes it away.
    pub fn set_user_email(&mut self, user: &str, email: &str) -> Done {
        self.change_user(user, UserChange { email: Some(email.to_owned()), ..UserChange::default() })
    }

    /// Changes whether a user can sign in.
    pub fn set_user_status(&mut self, user: &str, status: crate::AccountStatus) -> Done {
        self.change_user(user, UserChange { account_status: Some(status), ..UserChange::default() })
    }

    /// A user chooses how its account behaves.
    pub fn set_preferences(&mut self, user: &str, preferences: &PreferencesDump) -> Done {
        let found = self.world.find_user(&self.primary(), user).map(|user| user.id);
        let found = found.and_then(|id| self.world.users.get_mut(&id)).ok_or_else(|| Refusal::unknown_principal(user))?;
        preferences.put(found).map_err(Refusal::invalid)?;
        (found.modifier, found.modified) = (found.id, self.now);
        Ok(())
    }

    /// Gives a user a password.
    pub fn set_password(&mut self, user: &str, password: &str) -> Done {
        self.world.reset_password(&self.primary(), user, password.to_owned())
    }

    /// Ends every token of a user.
    pub fn revoke_tokens(&mut self, user: &str) -> Done {
        let found = self.world.find_user(&self.primary(), user).ok_or_else(|| Refusal::unknown_principal(user))?;
        self.revoked.push(found.id);
        Ok(())
    }

    /// Deletes a user everywhere.
    pub fn delete_user(&mut self, user: &str) -> Done {
        self.world.delete_user(&self.primary(), user)
    }

    /// A user joins an Org.
    pub fn add_to_org(&mut self, user: &str, org: &str) -> Done {
        self.change_orgs(user, org, Operation::Add)
    }

    /// A user leaves an Org and its groups.
    pub fn remove_from_org(&mut self, user: &str, org: &str) -> Done {
        self.change_orgs(user, org, Operation::Remove)
    }

    fn change_orgs(&mut self, user: &str, org: &str, operation: Operation) -> Done {
        self.change_user(user, UserChange { orgs: Some(owned(&[org])), operation: Some(operation), ..UserChange::default() })
    }

    fn change_user(&mut self, user: &str, change: UserChange) -> Done {
        self.world.update_user(&self.primary(), user, change)
    }

    /// Makes a group in an Org and returns its id.
    pub fn create_group(&mut self, org: &str, name: &str, display_name: &str) -> Done<String> {
        let change = GroupChange { display_name: Some(display_name.to_owned()), ..GroupChange::default() };
        self.world.create_group(&self.actor(org)?, name, change).map(|id| id.to_string())
    }

    /// Renames a group.
    pub fn rename_group(&mut self, org: &str, group: &str, name: &str) -> Done {
        self.change_group(org, group, GroupChange { name: Some(name.to_owned()), ..GroupChange::default() })
    }

    /// Changes how a group is shown.
    pub fn set_group_display_name(&mut self, org: &str, group: &str, display_name: &str) -> Done {
        self.change_group(org, group, GroupChange { display_name: Some(display_name.to_owned()), ..GroupChange::default() })
    }

    /// Describes a group; an empty text takes the description away.
    pub fn describe_group(&mut self, org: &str, group: &str, description: &str) -> Done {
        self.change_group(org, group, GroupChange { description: Some(description.to_owned()), ..GroupChange::default() })
    }

    /// Gives a group exactly these privileges.
    pub fn set_privileges(&mut self, org: &str, group: &str, privileges: &[&str]) -> Done {
        let find = |name: &&str| Privilege::named(name).ok_or_else(|| Refusal::invalid(format!("{name} is not a privilege")));
        let privileges: BTreeSet<Privilege> = privileges.iter().map(find).collect::<Done<_>>()?;
        self.change_group(org, group, GroupChange { privileges: Some(privileges), ..GroupChange::default() })
    }

    /// Nests exactly these groups in a group.
    pub fn set_sub_groups(&mut self, org: &str, group: &str, children: &[&str]) -> Done {
        self.change_group(org, group, GroupChange { sub_groups: Some(owned(children)), ..GroupChange::default() })
    }

    /// A user joins a group.
    pub fn add_to_group(&mut self, org: &str, group: &str, user: &str) -> Done {
        self.change_members(org, group, user, Operation::Add)
    }

    /// A user leaves a group.
    pub fn remove_from_group(&mut self, org: &str, group: &str, user: &str) -> Done {
        self.change_members(org, group, user, Operation::Remove)
    }

    fn change_members(&mut self, org: &str, group: &str, user: &str, operation: Operation) -> Done {
        let change = GroupChange { users: Some(owned(&[user])), operation: Some(operation), ..GroupChange::default() };
        self.change_group(org, group, change)
    }

    /// Deletes a group.
    pub fn delete_group(&mut self, org: &str, group: &str) -> Done {
        self.world.delete_group(&self.actor(org)?, group)
    }

    /// Makes a role in an Org and returns its id. Needs role-based access control.
    pub fn create_role(&mut self, org: &str, name: &str, privileges: &[&str]) -> Done<String> {
        let change =
            RoleChange { name: name.to_owned(), description: None, privileges: Some(of_role(privileges)?), read_only: false };
        self.world.create_role(&self.actor(org)?, change).map(|id| id.to_string())
    }

    /// Gives a role exactly these privileges.
    pub fn set_role_privileges(&mut self, org: &str, role: &str, privileges: &[&str]) -> Done {
        let change =
            RoleChange { name: role.to_owned(), description: None, privileges: Some(of_role(privileges)?), read_only: false };
        self.world.update_role(&self.actor(org)?, role, change).map(drop)
    }

    /// Gives a group exactly these roles.
    pub fn set_roles(&mut self, org: &str, group: &str, roles: &[&str]) -> Done {
        self.change_group(org, group, GroupChange { roles: Some(owned(roles)), ..GroupChange::default() })
    }

    fn change_group(&mut self, org: &str, group: &str, change: GroupChange) -> Done {
        self.world.update_group(&self.actor(org)?, group, change)
    }

    /// Changes the instance's secret key. Tokens that were given out stay good, unless the settings say otherwise.
    pub fn set_secret_key(&mut self, key: &str) {
        self.world.trusted.set(KeyScope::Cluster, key);
    }
}

fn of_role(privileges: &[&str]) -> Done<BTreeSet<Privilege>> {
    let find =
        |name: &&str| Privilege::of_new_role(name).ok_or_else(|| Refusal::invalid(format!("{name} is no privilege of roles")));
    privileges.iter().map(find).collect()
}

pub(crate) fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
