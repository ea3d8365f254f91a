//! The object of a user, as the session's Org shows it. It is also what `PUT user/{userid}` wants back, changed.

use super::rows::{self, Shown, TENANT_ID};
use crate::state::group::ALL;
use crate::state::user::User;
use crate::state::{Actor, World};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The row; none when there is no such user.
pub(super) fn render(world: &World, actor: &Actor<'_>, id: Uuid) -> Option<Value> {
    let user = world.users.get(&id)?;
    let own = own_groups(world, actor, id);
    let orgs: BTreeSet<i32> = shown_orgs(world, actor, id);
    let everything: BTreeSet<Uuid> = orgs.iter().flat_map(|org| world.groups_with_ancestors(id, *org)).collect();
    let privileges = world.effective_privileges(id, actor.org);
    Some(json!({
        "userContent": content(user),
        "state": user.account_status,
        "assignedGroups": rows::group_ids(world, actor.settings, &own),
        "inheritedGroups": rows::group_ids(world, actor.settings, &everything),
        "privileges": rows::names(actor.settings, privileges.iter().map(|privilege| privilege.name())),
        "type": user.account_type,
        "parenttype": "USER",
        "visibility": Shown::from(user.visibility),
        "tenantId": TENANT_ID,
        "displayName": user.display_name,
        "header": header(user, &orgs),
        "complete": true,
        "incompleteDetail": [],
        "isSuperUser": user.super_user,
        "isSystemPrincipal": user.system_user,
    }))
}

/// The groups a session shows of a user: those of its Org, or from Primary those of all Orgs.
fn own_groups(world: &World, actor: &Actor<'_>, user: Uuid) -> BTreeSet<Uuid> {
    let own = if world.sees_all_orgs(actor) { world.group_members.wholes_of(user) } else { world.groups_in(user, actor.org) };
    let listed = |id: &Uuid| {
        let group = world.groups.get(id);
        actor.settings.rows_list_all_group || group.is_none_or(|group| group.name != ALL)
    };
    own.into_iter().filter(listed).collect()
}

/// The Orgs of a user that the session shows.
fn shown_orgs(world: &World, actor: &Actor<'_>, user: Uuid) -> BTreeSet<i32> {
    let all = world.sees_all_orgs(actor) || actor.settings.rows_list_all_orgs;
    world.org_members.wholes_of(user).into_iter().filter(|org| all || *org == actor.org).collect()
}

fn content(user: &User) -> Value {
    json!({
        "userPreferences": preferences(user),
        "userProperties": properties(user),
        "userActivityProto": {"first_login": user.first_login, "welcome_email_sent": false},
    })
}

/// What v2 calls `extended_preferences`, and what it has a name of its own for.
fn preferences(user: &User) -> Map<String, Value> {
    let mut all = user.extended_preferences.clone();
    all.insert("notifyOnShare".to_owned(), user.notify_on_share.into());
    all.insert("showWalkMe".to_owned(), user.show_onboarding_experience.into());
    all.insert("analystOnboardingComplete".to_owned(), user.onboarding_experience_completed.into());
    if let Some(locale) = &user.preferred_locale {
        all.insert("preferredLocale".to_owned(), locale.clone().into());
    }
    all
}

/// What v2 calls `extended_properties`, and the address.
fn properties(user: &User) -> Map<String, Value> {
    let mut all = user.extended_properties.clone();
    let named_by = if user.named_by_admin { "ADMIN" } else { "AUTO" };
    all.insert("displayNameLastUpdatedBy".to_owned(), named_by.into());
    if let Some(email) = &user.email {
        all.insert("mail".to_owned(), email.clone().into());
    }
    all
}

fn header(user: &User, orgs: &BTreeSet<i32>) -> Value {
    json!({
        "id": user.id.to_string(),
        "indexVersion": 0,
        "generationNum": 0,
        "name": user.name,
        "displayName": user.display_name,
        "author": user.author.to_string(),
        "created": user.created,
        "modified": user.modified,
        "modifiedBy": user.modifier.to_string(),
        "owner": user.id.to_string(),
        "isDeleted": false,
        "isHidden": false,
        "orgIds": orgs,
        "tags": [],
        "type": user.account_type,
        "isExternal": false,
        "isDeprecated": false,
    })
}
