//! Users: cluster-wide, each in one or more Orgs.

use super::audit::Event;
use super::content::find::Named;
use super::kinds::{AccountStatus, AccountType, Locale, Visibility};
use super::links::Operation;
use super::password::{Activation, Password, Tries};
use super::privilege::Privilege;
use super::refusal::{Cause, Refusal, refuse_absent};
use super::{Actor, PRIMARY, World, check_principal_name};
use crate::settings::{LastOrg, Settings};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use uuid::{Uuid, uuid};

/// The built-in administrator of the cluster.
pub(crate) const TSADMIN: Uuid = uuid!("59481331-ee53-42be-a548-bd87be6ddd4a");
/// Name of the built-in user for guests.
pub(super) const GUEST: &str = "guest";

/// Somebody who can sign in.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) email: Option<String>,
    pub(crate) password: Option<Password>,
    pub(crate) tries: Tries,
    /// What it comes back with after it was switched off.
    pub(crate) activation: Option<Activation>,
    /// The Org of the user's last token, where the next one lands when it names none.
    pub(crate) last_org: Option<i32>,
    pub(crate) account_type: AccountType,
    pub(crate) account_status: AccountStatus,
    pub(crate) visibility: Visibility,
    pub(crate) notify_on_share: bool,
    pub(crate) show_onboarding_experience: bool,
    pub(crate) onboarding_experience_completed: bool,
    /// An administrator chose the display name, not the user.
    pub(crate) named_by_admin: bool,
    pub(crate) preferred_locale: Option<String>,
    pub(crate) use_browser_language: Option<bool>,
    pub(crate) extended_properties: Map<String, Value>,
    pub(crate) extended_preferences: Map<String, Value>,
    /// Variables that a token request left with the user: lists of values by name.
    pub(crate) variable_values: Map<String, Value>,
    /// Built in: internal to the server.
    pub(crate) system_user: bool,
    /// Built in: may do everything.
    pub(crate) super_user: bool,
    pub(crate) author: Uuid,
    pub(crate) modifier: Uuid,
    pub(crate) created: i64,
    pub(crate) modified: i64,
    /// When the user signed in first, or -1.
    pub(crate) first_login: i64,
}

impl User {
    pub(super) fn new(actor: &Actor<'_>, id: Uuid, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            display_name: name.to_owned(),
            email: None,
            password: None,
            tries: Tries::default(),
            activation: None,
            last_org: None,
            account_type: AccountType::LocalUser,
            account_status: AccountStatus::Active,
            visibility: Visibility::Sharable,
            notify_on_share: true,
            show_onboarding_experience: true,
            onboarding_experience_completed: false,
            named_by_admin: false,
            preferred_locale: None,
            use_browser_language: None,
            extended_properties: Map::new(),
            extended_preferences: Map::new(),
            variable_values: Map::new(),
            system_user: false,
            super_user: false,
            author: actor.user,
            modifier: actor.user,
            created: actor.now,
            modified: actor.now,
            first_login: -1,
        }
    }
}

/// What a create or update of a user sets; what is `None` stays, or gets its default.
#[derive(Default)]
pub(crate) struct UserChange {
    pub(crate) name: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) account_type: Option<AccountType>,
    pub(crate) account_status: Option<AccountStatus>,
    pub(crate) visibility: Option<Visibility>,
    pub(crate) notify_on_share: Option<bool>,
    pub(crate) show_onboarding_experience: Option<bool>,
    pub(crate) onboarding_experience_completed: Option<bool>,
    pub(crate) preferred_locale: Option<Locale>,
    pub(crate) use_browser_language: Option<bool>,
    pub(crate) extended_properties: Option<Map<String, Value>>,
    pub(crate) extended_preferences: Option<Map<String, Value>>,
    pub(crate) orgs: Option<Vec<String>>,
    pub(crate) groups: Option<Vec<String>>,
    /// The Liveboard the user sees first; an empty name takes it away.
    pub(crate) home_liveboard: Option<String>,
    pub(crate) favorites: Option<Vec<Named>>,
    pub(crate) operation: Option<Operation>,
}

/// The content a user sees first, after a change.
struct Pages {
    home: Option<Uuid>,
    favorites: BTreeSet<Uuid>,
}

impl World {
    /// The user with this id or name, among those the actor sees.
    pub(crate) fn find_user(&self, actor: &Actor<'_>, identifier: &str) -> Option<&User> {
        self.anybody(actor.settings, identifier).filter(|user| self.sees_user(actor, user.id))
    }

    /// The user of this id or name, whoever asks.
    pub(crate) fn anybody(&self, settings: &Settings, identifier: &str) -> Option<&User> {
        let by_id = Uuid::parse_str(identifier).ok().and_then(|id| self.users.get(&id));
        by_id.or_else(|| self.user_named(settings, identifier))
    }

    /// Whether the user is in the actor's Org, or the actor sees all Orgs.
    pub(crate) fn sees_user(&self, actor: &Actor<'_>, user: Uuid) -> bool {
        self.sees_all_orgs(actor) || self.org_members.holds(user, actor.org)
    }

    /// Every user the actor sees.
    pub(crate) fn visible_users(&self, actor: &Actor<'_>) -> impl Iterator<Item = &User> {
        let (all, org) = (self.sees_all_orgs(actor), actor.org);
        self.users.values().filter(move |user| all || self.org_members.holds(user.id, org))
    }

    /// The user of this name, whoever asks.
    pub(crate) fn user_named(&self, settings: &Settings, name: &str) -> Option<&User> {
        self.users.named(name).find(|user| same_name(settings, &user.name, name))
    }

    /// The ids of the users named, among those the actor sees. One that is not there refuses all.
    pub(crate) fn resolve_users(&self, actor: &Actor<'_>, identifiers: &[String]) -> Result<BTreeSet<Uuid>, Refusal> {
        self.resolve_users_where(actor, identifiers, |_| true)
    }

    /// The ids of the users named, all of them in the actor's Org. One that is not there refuses all.
    pub(crate) fn resolve_members(&self, actor: &Actor<'_>, identifiers: &[String]) -> Result<BTreeSet<Uuid>, Refusal> {
        self.resolve_users_where(actor, identifiers, |user| self.org_members.holds(user.id, actor.org))
    }

    fn resolve_users_where(
        &self,
        actor: &Actor<'_>,
        identifiers: &[String],
        wanted: impl Fn(&&User) -> bool,
    ) -> Result<BTreeSet<Uuid>, Refusal> {
        let mut found = BTreeSet::new();
        let mut missing = Vec::new();
        for identifier in identifiers {
            match self.find_user(actor, identifier).filter(&wanted) {
                Some(user) => _ = found.insert(user.id),
                None => missing.push(identifier.clone()),
            }
        }
        if missing.is_empty() { Ok(found) } else { Err(Refusal::invalid_references("user", &missing)) }
    }

    /// Makes a user, and returns its id.
    pub(crate) fn create_user(
        &mut self,
        actor: &Actor<'_>,
        name: &str,
        password: Option<String>,
        change: UserChange,
    ) -> Result<Uuid, Refusal> {
        self.require_privilege(actor, Privilege::USER_ADMINISTRATION)?;
        self.check_user_name(actor, name, None)?;
        check_email(change.email.as_deref())?;
        let password = password.map(|password| Password::accept(actor.settings, name, password)).transpose()?;
        let id = Uuid::new_v4();
        let orgs = self.orgs_of_new_user(actor, change.orgs.as_deref())?;
        let groups = self.resolve_groups(actor.org, change.groups.as_deref().unwrap_or_default())?;
        if !groups.is_empty() && !orgs.contains(&actor.org) {
            return Err(Refusal::invalid_references("group", change.groups.as_deref().unwrap_or_default()));
        }
        let pages = self.planned_pages(actor, id, &change)?;
        self.users.insert(id, User { password, ..User::new(actor, id, name) });
        for org in orgs {
            self.join_org(id, org);
        }
        for group in groups {
            self.group_members.join(id, group);
        }
        self.record(actor, Event::UsersCreated, json!({"users": [{"id": id.to_string(), "name": name}]}));
        self.write_pages(id, pages);
        self.write_user(actor, id, change);
        Ok(id)
    }

    fn orgs_of_new_user(&self, actor: &Actor<'_>, named: Option<&[String]>) -> Result<BTreeSet<i32>, Refusal> {
        let here = BTreeSet::from([actor.org]);
        let Some(named) = named.filter(|named| !named.is_empty()) else {
            return Ok(here);
        };
        let orgs = self.resolve_orgs(named)?;
        if orgs != here {
            self.require_primary_admin(actor)?;
        }
        Ok(orgs)
    }

    /// Changes a user the actor sees.
    pub(crate) fn update_user(&mut self, actor: &Actor<'_>, identifier: &str, change: UserChange) -> Result<(), Refusal> {
        self.require_privilege(actor, Privilege::USER_ADMINISTRATION)?;
        let user = self.find_user(actor, identifier).ok_or_else(|| Refusal::unknown_principal(identifier))?;
        let id = user.id;
        if let Some(name) = change.name.as_deref().filter(|name| *name != user.name) {
            self.check_user_name(actor, name, Some(id))?;
        }
        check_email(change.email.as_deref())?;
        let orgs = self.planned_orgs(actor, id, &change)?;
        let groups = self.planned_groups(actor, id, &change, &orgs)?;
        let pages = self.planned_pages(actor, id, &change)?;
        self.write_orgs(actor, id, &orgs);
        self.write_groups(actor.org, id, &groups);
        self.write_pages(id, pages);
        let name = self.users.get(&id).map(|user| user.name.clone());
        self.record(actor, Event::UsersModified, json!({"users": [{"id": id.to_string(), "name": name}]}));
        self.write_user(actor, id, change);
        Ok(())
    }

    fn planned_orgs(&self, actor: &Actor<'_>, user: Uuid, change: &UserChange) -> Result<BTreeSet<i32>, Refusal> {
        let current = self.org_members.wholes_of(user);
        let Some(named) = &change.orgs else { return Ok(current) };
        let named = self.resolve_orgs(named)?;
        let operation = change.operation.unwrap_or(Operation::Replace);
        refuse_absent(actor, operation, &current, &named)?;
        let orgs = operation.apply(&current, &named);
        let here = BTreeSet::from([actor.org]);
        let elsewhere = orgs.symmetric_difference(&current).chain(&named).any(|org| !here.contains(org));
        if elsewhere {
            self.require_primary_admin(actor)?;
        }
        if orgs.is_empty() && actor.settings.last_org == LastOrg::Refuse {
            return Err(Refusal::invalid("A user must belong to at least one Org"));
        }
        Ok(orgs)
    }

    /// The user's groups in the actor's Org after the change, All left aside.
    fn planned_groups(
        &self,
        actor: &Actor<'_>,
        user: Uuid,
        change: &UserChange,
        orgs: &BTreeSet<i32>,
    ) -> Result<BTreeSet<Uuid>, Refusal> {
        let current = self.groups_in(user, actor.org);
        let Some(names) = &change.groups else { return Ok(current) };
        let named = self.resolve_groups(actor.org, names)?;
        if !named.is_empty() && !orgs.contains(&actor.org) {
            return Err(Refusal::invalid_references("group", names));
        }
        let operation = change.operation.unwrap_or(Operation::Replace);
        refuse_absent(actor, operation, &current, &named)?;
        Ok(operation.apply(&current, &named))
    }

    fn planned_pages(&self, actor: &Actor<'_>, user: Uuid, change: &UserChange) -> Result<Pages, Refusal> {
        let home = match &change.home_liveboard {
            Some(named) => self.planned_home(actor, user, named)?,
            None => self.library.homes.get(&user).copied(),
        };
        let favorites = match &change.favorites {
            Some(named) => self.planned_favorites(actor, user, named, change.operation.unwrap_or(Operation::Replace))?,
            None => self.library.favorites.members_of(user),
        };
        Ok(Pages { home, favorites })
    }

    fn write_pages(&mut self, user: Uuid, pages: Pages) {
        self.set_home(user, pages.home);
        self.library.favorites.set_members(user, &pages.favorites);
    }

    /// The groups of `org` the user is in directly.
    pub(crate) fn groups_in(&self, user: Uuid, org: i32) -> BTreeSet<Uuid> {
        let groups = self.group_members.wholes_of(user);
        groups.into_iter().filter(|id| self.groups.get(id).is_some_and(|group| group.org == org)).collect()
    }

    fn write_orgs(&mut self, actor: &Actor<'_>, user: Uuid, orgs: &BTreeSet<i32>) {
        let current = self.org_members.wholes_of(user);
        for org in orgs.difference(&current) {
            self.record(actor, Event::OrgAccessGranted, json!({"user": user.to_string(), "orgId": org}));
            self.join_org(user, *org);
        }
        for org in current.difference(orgs) {
            self.leave_org(actor, user, *org);
        }
    }

    pub(super) fn write_groups(&mut self, org: i32, user: Uuid, groups: &BTreeSet<Uuid>) {
        if !self.org_members.holds(user, org) {
            return;
        }
        let all = self.orgs.get(&org).map(|org| org.all_group);
        for group in self.groups_in(user, org).difference(groups).filter(|group| Some(**group) != all) {
            self.group_members.leave(user, *group);
        }
        for group in groups {
            self.group_members.join(user, *group);
        }
    }

    /// Changes how the actor's own account behaves, or that of another one who is administered here.
    pub(crate) fn set_preferences(&mut self, actor: &Actor<'_>, user: Uuid, change: UserChange) -> Result<(), Refusal> {
        if user != actor.user {
            self.require_org_admin(actor)?;
        }
        self.write_user(actor, user, change);
        Ok(())
    }

    /// Takes a user out of the actor's Org. One who has no other Org is deleted.
    pub(crate) fn withdraw_user(&mut self, actor: &Actor<'_>, user: Uuid) -> Result<(), Refusal> {
        self.require_org_admin(actor)?;
        let found = self.users.get(&user).filter(|_| self.org_members.holds(user, actor.org));
        let found = found.ok_or_else(|| Refusal::unknown_principal(&user.to_string()))?;
        let last = self.org_members.wholes_of(user) == BTreeSet::from([actor.org]);
        if is_protected_user(found) && (last || actor.org == PRIMARY) {
            return Err(Refusal::new(Cause::Protected, format!("The user {} cannot be deleted", found.name)));
        }
        if last {
            self.erase_user(actor, user);
        } else {
            self.leave_org(actor, user, actor.org);
        }
        Ok(())
    }

    /// Deletes a user from the whole cluster, whichever Org the actor is in.
    pub(crate) fn delete_user(&mut self, actor: &Actor<'_>, identifier: &str) -> Result<(), Refusal> {
        self.require_privilege(actor, Privilege::USER_ADMINISTRATION)?;
        let user = self.find_user(actor, identifier).ok_or_else(|| Refusal::unknown_principal(identifier))?;
        if is_protected_user(user) {
            return Err(Refusal::new(Cause::Protected, format!("The user {} cannot be deleted", user.name)));
        }
        let id = user.id;
        self.erase_user(actor, id);
        Ok(())
    }

    pub(super) fn erase_user(&mut self, actor: &Actor<'_>, id: Uuid) {
        let name = self.users.get(&id).map(|user| user.name.clone());
        self.record(actor, Event::UsersDeleted, json!({"users": [{"id": id.to_string(), "name": name}]}));
        self.content_without_user(actor, id);
        self.org_members.drop_member(id);
        self.group_members.drop_member(id);
        self.users.remove(&id);
    }

    fn check_user_name(&self, actor: &Actor<'_>, name: &str, renamed: Option<Uuid>) -> Result<(), Refusal> {
        check_principal_name("User", name)?;
        match self.user_named(actor.settings, name) {
            Some(other) if Some(other.id) != renamed => Err(Refusal::duplicate("User", name)),
            Some(_) | None => Ok(()),
        }
    }

    fn write_user(&mut self, actor: &Actor<'_>, id: Uuid, change: UserChange) {
        let UserChange {
            name,
            display_name,
            email,
            account_type,
            account_status,
            visibility,
            notify_on_share,
            show_onboarding_experience,
            onboarding_experience_completed,
            preferred_locale,
            use_browser_language,
            extended_properties,
            extended_preferences,
            orgs: _,
            groups: _,
            home_liveboard: _,
            favorites: _,
            operation: _,
        } = change;
        if let Some(name) = name {
            self.users.rename(id, name);
        }
        let Some(user) = self.users.get_mut(&id) else { return };
        set(&mut user.display_name, display_name);
        set(&mut user.account_type, account_type);
        set(&mut user.visibility, visibility);
        set(&mut user.notify_on_share, notify_on_share);
        set(&mut user.show_onboarding_experience, show_onboarding_experience);
        set(&mut user.onboarding_experience_completed, onboarding_experience_completed);
        set(&mut user.extended_properties, extended_properties);
        set(&mut user.extended_preferences, extended_preferences);
        if let Some(email) = email {
            user.email = Some(email).filter(|email| !email.is_empty());
        }
        if let Some(status) = account_status {
            user.account_status = status.as_stored(actor.settings);
            user.tries = Tries::default();
        }
        if let Some(locale) = preferred_locale {
            user.preferred_locale = Some(locale.0);
        }
        if let Some(browser) = use_browser_language {
            user.use_browser_language = Some(browser);
        }
        if user.use_browser_language == Some(true) {
            user.preferred_locale = None;
        }
        user.modifier = actor.user;
        user.modified = actor.now;
    }
}

/// Whether the user is built in and can never be deleted.
pub(crate) fn is_protected_user(user: &User) -> bool {
    user.system_user || user.super_user || user.id == TSADMIN || user.name == GUEST
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn same_name(settings: &Settings, one: &str, other: &str) -> bool {
    if settings.user_names_by_case {
        return one == other;
    }
    one.eq_ignore_ascii_case(other) || (!one.is_ascii() && one.to_lowercase() == other.to_lowercase())
}

fn check_email(email: Option<&str>) -> Result<(), Refusal> {
    match email {
        Some(text) if !text.is_empty() && !text.contains('@') => Err(Refusal::invalid("Invalid e-mail address")),
        Some(_) | None => Ok(()),
    }
}
