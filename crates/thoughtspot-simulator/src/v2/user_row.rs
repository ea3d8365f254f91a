//! The row of a user, as the token's Org shows it.

use super::search;
use crate::state::group::ALL;
use crate::state::user::User;
use crate::state::{Actor, World};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The same on every cluster seen.
const TENANT_ID: &str = "982d6da9-9cd1-479e-b9a6-35aa05f9282a";

/// The row; none when there is no such user.
pub(crate) fn render(world: &World, actor: &Actor<'_>, id: Uuid) -> Option<Value> {
    let user = world.users.get(&id)?;
    let mut row = about(user);
    row.extend(constants());
    row.extend(belonging(world, actor, user));
    Some(row.into())
}

/// The groups the actor's token shows of a user: those of its Org, or from Primary those of all Orgs.
fn own_groups(world: &World, actor: &Actor<'_>, user: Uuid) -> BTreeSet<Uuid> {
    let all = actor.settings.primary_rows_list_all_groups && world.sees_all_orgs(actor);
    if all { world.group_members.wholes_of(user) } else { world.groups_in(user, actor.org) }
}

fn about(user: &User) -> Map<String, Value> {
    object(json!({
        "id": user.id.to_string(),
        "name": user.name,
        "display_name": user.display_name,
        "email": user.email,
        "account_type": user.account_type,
        "account_status": user.account_status,
        "visibility": user.visibility,
        "notify_on_share": user.notify_on_share,
        "show_onboarding_experience": user.show_onboarding_experience,
        "onboarding_experience_completed": user.onboarding_experience_completed,
        "preferred_locale": user.preferred_locale,
        "use_browser_language": user.use_browser_language,
        "extended_properties": user.extended_properties,
        "extended_preferences": user.extended_preferences,
        "author_id": user.author.to_string(),
        "owner_id": user.id.to_string(),
        "modifier_id": user.modifier.to_string(),
        "creation_time_in_millis": user.created,
        "modification_time_in_millis": user.modified,
        "first_login_time_in_millis": user.first_login,
        "is_first_login": user.first_login < 0,
        "super_user": user.super_user,
        "system_user": user.system_user,
    }))
}

/// What no public call in use here changes.
fn constants() -> Map<String, Value> {
    object(json!({
        "favorite_metadata": [],
        "expiration_time_in_millis": null,
        "welcome_email_sent": false,
        "can_change_password": true,
        "complete_detail": true,
        "incomplete_details": [],
        "deleted": false,
        "deprecated": false,
        "external": false,
        "hidden": false,
        "group_mask": 0,
        "parent_type": "USER",
        "tags": [],
        "tenant_id": TENANT_ID,
        "user_parameters": null,
        "access_control_properties": null,
        "variable_values": null,
    }))
}

fn belonging(world: &World, actor: &Actor<'_>, user: &User) -> Map<String, Value> {
    let own = own_groups(world, actor, user.id);
    let orgs = shown_orgs(world, actor, user.id);
    let everything: BTreeSet<Uuid> = orgs.iter().flat_map(|org| world.groups_with_ancestors(user.id, *org)).collect();
    let inherited: BTreeSet<Uuid> = everything.difference(&own).copied().collect();
    let by_org = orgs.iter().map(|org| (org.to_string(), privileges(world, actor, user.id, *org)));
    object(json!({
        "orgs": org_list(world, actor, &orgs),
        "current_org": current_org(world, actor),
        "home_liveboard": home(world, user.id),
        "user_groups": group_list(world, actor, &own),
        "user_inherited_groups": group_list(world, actor, &inherited),
        "privileges": privileges(world, actor, user.id, actor.org),
        "org_privileges": by_org.collect::<Map<String, Value>>(),
    }))
}

fn home(world: &World, user: Uuid) -> Value {
    let home = world.library.homes.get(&user).and_then(|id| world.library.objects.get(id));
    home.map(|liveboard| json!({"id": liveboard.id.to_string(), "name": liveboard.name})).unwrap_or_default()
}

/// The favourites of a user that the actor sees.
pub(crate) fn favorites(world: &World, actor: &Actor<'_>, user: Uuid) -> Value {
    let favorites = world.library.favorites.members_of(user);
    let favorites = favorites.iter().filter_map(|id| world.library.objects.get(id));
    let seen = favorites.filter(|object| world.sees_content(actor, object));
    seen.map(|object| json!({"id": object.id.to_string(), "name": object.name, "type": object.kind()})).collect()
}

/// The Orgs of a user that the token shows.
fn shown_orgs(world: &World, actor: &Actor<'_>, user: Uuid) -> BTreeSet<i32> {
    let all = world.sees_all_orgs(actor) || actor.settings.rows_list_all_orgs;
    world.org_members.wholes_of(user).into_iter().filter(|org| all || *org == actor.org).collect()
}

fn org_list(world: &World, actor: &Actor<'_>, orgs: &BTreeSet<i32>) -> Value {
    if !actor.settings.orgs {
        return Value::Null;
    }
    let orgs = orgs.iter().filter_map(|id| world.orgs.get(id));
    search::list(actor.settings, orgs.map(|org| (org.name.clone(), json!({"id": org.id, "name": org.name}))).collect())
}

fn current_org(world: &World, actor: &Actor<'_>) -> Value {
    match world.orgs.get(&actor.org).filter(|_| actor.settings.rows_have_current_org) {
        Some(org) => json!({"id": org.id, "name": org.name}),
        None => json!({}),
    }
}

fn group_list(world: &World, actor: &Actor<'_>, groups: &BTreeSet<Uuid>) -> Value {
    let groups = groups.iter().filter_map(|id| world.groups.get(id));
    let listed = groups.filter(|group| actor.settings.rows_list_all_group || group.name != ALL);
    search::list(
        actor.settings,
        listed.map(|group| (group.name.clone(), json!({"id": group.id.to_string(), "name": group.name}))).collect(),
    )
}

fn privileges(world: &World, actor: &Actor<'_>, user: Uuid, org: i32) -> Value {
    let names = world.effective_privileges(user, org).into_iter().map(|privilege| privilege.name());
    search::list(actor.settings, names.map(|name| (name.to_owned(), name.into())).collect())
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}
