//! Users that a token request makes on the way (just in time).
//!
//! What is known of it is in docs/thoughtspot-api.md, "Trusted authentication".

use super::audit::Event;
use super::group::Group;
use super::refusal::{Cause, Refusal};
use super::user::{TSADMIN, User};
use super::{Actor, World, check_principal_name};
use crate::settings::Settings;
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What the request says of the user.
pub(crate) struct Newcomer {
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) display_name: Option<String>,
    /// Names of groups. None leaves the groups alone.
    pub(crate) groups: Option<Vec<String>>,
}

/// What happens to a user who exists already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returning {
    /// It gets the new name, address and exactly these groups.
    Replaced,
    /// It stays as it is.
    Untouched,
    /// It is added to these groups, and stays as it is without any. v1 does so, and needs no address or display name.
    Joining,
}

impl World {
    /// Makes the user, or changes the one there is, in this Org. Groups that do not exist are made, without privileges.
    pub(crate) fn welcome(
        &mut self,
        settings: &Settings,
        now: i64,
        org: i32,
        newcomer: &Newcomer,
        returning: Returning,
    ) -> Result<(), Refusal> {
        let known = self.user_named(settings, &newcomer.name).map(|user| user.id);
        if known.is_some() && returning == Returning::Untouched {
            return Ok(());
        }
        let incomplete = newcomer.email.is_none() || newcomer.display_name.is_none();
        if incomplete && returning != Returning::Joining {
            return Err(Refusal::invalid("auto_create needs email and display_name"));
        }
        for group in newcomer.groups.iter().flatten() {
            check_principal_name("Group", group)?;
        }
        let actor = Actor { user: TSADMIN, org, now, settings };
        let id = match known {
            Some(id) => self.let_in(&actor, id)?,
            None => self.add_newcomer(&actor, &newcomer.name)?,
        };
        if returning == Returning::Joining {
            self.add_to_groups(&actor, id, newcomer, known.is_none());
        } else {
            self.write_newcomer(&actor, id, newcomer);
        }
        Ok(())
    }

    /// A user of other Orgs joins this one, unless the settings say that it cannot.
    fn let_in(&mut self, actor: &Actor<'_>, user: Uuid) -> Result<Uuid, Refusal> {
        if !self.may_enter(actor.settings, user, actor.org) {
            if !actor.settings.auto_create_joins_org {
                let name = self.users.get(&user).map_or("", |user| user.name.as_str());
                return Err(Refusal::new(Cause::NoOrgAccess, format!("User {name} do not have access to org {}", actor.org)));
            }
            self.join_org(user, actor.org);
        }
        Ok(user)
    }

    fn add_newcomer(&mut self, actor: &Actor<'_>, name: &str) -> Result<Uuid, Refusal> {
        check_principal_name("User", name)?;
        let id = Uuid::new_v4();
        self.users.insert(id, User::new(actor, id, name));
        self.record(actor, Event::UsersCreated, json!({"users": [{"id": id.to_string(), "name": name}]}));
        self.join_org(id, actor.org);
        Ok(id)
    }

    fn write_newcomer(&mut self, actor: &Actor<'_>, id: Uuid, newcomer: &Newcomer) {
        if let Some(names) = &newcomer.groups {
            let groups: BTreeSet<Uuid> = names.iter().map(|name| self.group_made_if_missing(actor, name)).collect();
            self.write_groups(actor.org, id, &groups);
        }
        if let Some(user) = self.users.get_mut(&id) {
            user.email.clone_from(&newcomer.email);
            user.display_name = newcomer.display_name.clone().unwrap_or_else(|| user.display_name.clone());
            user.modifier = actor.user;
            user.modified = actor.now;
        }
    }

    fn add_to_groups(&mut self, actor: &Actor<'_>, id: Uuid, newcomer: &Newcomer, new: bool) {
        for name in newcomer.groups.iter().flatten() {
            let group = self.group_made_if_missing(actor, name);
            self.group_members.join(id, group);
        }
        if !new && newcomer.groups.is_none() {
            return;
        }
        if let Some(user) = self.users.get_mut(&id) {
            user.email = newcomer.email.clone().or(user.email.take());
            user.display_name = newcomer.display_name.clone().unwrap_or_else(|| user.display_name.clone());
            user.modifier = actor.user;
            user.modified = actor.now;
        }
    }

    fn group_made_if_missing(&mut self, actor: &Actor<'_>, name: &str) -> Uuid {
        if let Some(group) = self.find_group(actor.org, name) {
            return group.id;
        }
        let id = Uuid::new_v4();
        self.groups.insert(id, Group::new(actor, id, name, BTreeSet::new()));
        self.record(actor, Event::GroupsCreated, json!({"groups": [{"id": id.to_string(), "name": name}]}));
        id
    }
}
