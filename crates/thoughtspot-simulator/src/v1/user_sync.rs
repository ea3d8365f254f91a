//! `user/sync`: the users and groups of an Org made equal to a list (docs/thoughtspot-api-v1.md, "Synchronisation").
//!
//! Two flags decide how much it does, and their defaults go opposite ways: nothing is changed unless `applyChanges` says so, and
//! then whatever is not listed is deleted unless `removeDeleted` says no.

use super::errors::Answered;
use super::route;
use super::rows::Shown;
use super::wire::{Json, OrgScope, Text};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::group::GroupChange;
use crate::state::import::{GroupImport, ImportMode, Imported, UserImport};
use crate::state::kinds::{AccountType, GroupType};
use crate::state::refusal::{Cause, Refusal};
use crate::state::user::UserChange;
use crate::state::{ALL_ORGS, Actor, World};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[route(Method::POST, "/user/sync", Kind::Write, signed!(synchronise))];

#[derive(Deserialize)]
struct Query {
    #[serde(rename = "orgScope")]
    org_scope: Option<OrgScope>,
}

#[derive(Deserialize)]
struct Parts {
    principals: Json<Vec<Principal>>,
    #[serde(rename = "applyChanges")]
    apply_changes: Option<Text<bool>>,
    #[serde(rename = "removeDeleted")]
    remove_deleted: Option<Text<bool>>,
    /// Of new users that have none of their own.
    password: Option<String>,
}

/// A user or a group. Times and `activate` are ignored.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Principal {
    name: String,
    display_name: String,
    description: Option<String>,
    mail: Option<String>,
    #[serde(rename = "principalTypeEnum")]
    kind: PrincipalType,
    group_names: BTreeSet<String>,
    visibility: Option<Shown>,
    password: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum PrincipalType {
    User(AccountType),
    Group(GroupType),
}

fn synchronise(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    context.call.check_json_part("principals")?;
    let read = context.call.queried_and_parts::<Query, Parts>(context.settings);
    let (query, parts) = read.answered(Cause::Invalid, 500)?;
    let everywhere = query.org_scope == Some(OrgScope::All) || session.org == ALL_ORGS;
    let apply = parts.apply_changes.is_some_and(|Text(apply)| apply);
    let delete_unspecified = parts.remove_deleted.is_none_or(|Text(remove)| remove);
    let mode = ImportMode { dry_run: false, delete_unspecified, everywhere };
    let actor = context.actor(session);
    let Json(principals) = parts.principals;
    let (groups, users) = context.world.all_or_nothing(!apply, |world| {
        let groups = world.import_groups(&actor, groups(&principals)?, mode)?;
        let users = users(world, &actor, &principals, parts.password.as_deref())?;
        Ok((groups, world.import_users(&actor, users, mode)?))
    })?;
    Ok(Answer::Json(answer(&groups, &users)))
}

fn groups(principals: &[Principal]) -> Result<Vec<GroupImport>, Refusal> {
    let listed: Vec<(&Principal, GroupType)> = principals.iter().filter_map(as_group).collect();
    let names: BTreeSet<&str> = listed.iter().map(|(group, _)| group.name.as_str()).collect();
    let parents = listed.iter().flat_map(|(group, _)| &group.group_names);
    if let Some(stranger) = parents.filter(|parent| *parent != "All").find(|parent| !names.contains(parent.as_str())) {
        return Err(Refusal::invalid_references("group", std::slice::from_ref(stranger)));
    }
    let import = |(group, kind): &(&Principal, GroupType)| {
        // A group names the groups it is in; the world keeps those that are in a group.
        let inside = listed.iter().filter(|(other, _)| other.group_names.contains(&group.name));
        let change = GroupChange {
            display_name: Some(group.display_name.clone()),
            description: group.description.clone(),
            kind: Some(*kind),
            visibility: group.visibility.map(Into::into),
            sub_groups: Some(inside.map(|(other, _)| other.name.clone()).collect()),
            ..GroupChange::default()
        };
        GroupImport { identifier: group.name.clone(), change }
    };
    Ok(listed.iter().map(import).collect())
}

fn as_group(principal: &Principal) -> Option<(&Principal, GroupType)> {
    match principal.kind {
        PrincipalType::Group(kind) => Some((principal, kind)),
        PrincipalType::User(_) => None,
    }
}

fn users(world: &World, actor: &Actor<'_>, principals: &[Principal], password: Option<&str>) -> Result<Vec<UserImport>, Refusal> {
    let mut users = Vec::new();
    for principal in principals {
        let PrincipalType::User(kind) = principal.kind else { continue };
        let password = principal.password.clone().or_else(|| password.map(str::to_owned));
        if kind == AccountType::LocalUser && password.is_none() && world.find_user(actor, &principal.name).is_none() {
            return Err(Refusal::invalid(format!("The new user {} needs a password", principal.name)).with_status(500));
        }
        let change = UserChange {
            display_name: Some(principal.display_name.clone()),
            email: principal.mail.clone(),
            account_type: Some(kind),
            visibility: principal.visibility.map(Into::into),
            groups: Some(principal.group_names.iter().cloned().collect()),
            ..UserChange::default()
        };
        users.push(UserImport { identifier: principal.name.clone(), password, change });
    }
    Ok(users)
}

fn answer(groups: &Imported, users: &Imported) -> Value {
    let names = |rows: &[(Uuid, String)]| rows.iter().map(|(_, name)| name.clone()).collect::<BTreeSet<String>>();
    json!({
        "usersAdded": names(&users.added),
        "usersDeleted": names(&users.deleted),
        "usersUpdated": names(&users.updated),
        "groupsAdded": names(&groups.added),
        "groupsDeleted": names(&groups.deleted),
        "groupsUpdated": names(&groups.updated),
    })
}
