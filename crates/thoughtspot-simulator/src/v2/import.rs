//! `users/import` and `groups/import`: many at once. Without `dry_run: false` nothing happens.

use super::{groups, post, users};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::group::GroupChange;
use crate::state::import::{GroupImport, ImportMode, Imported, UserImport};
use crate::state::refusal::Refusal;
use crate::state::user::UserChange;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) static ROUTES: &[Route] =
    &[post("/users/import", Kind::Write, signed!(import_users)), post("/groups/import", Kind::Write, signed!(import_groups))];

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct Users {
    users: Vec<User>,
    default_password: Option<String>,
    #[serde(default = "yes")]
    dry_run: bool,
    #[serde(default)]
    delete_unspecified_users: bool,
}

#[derive(Deserialize)]
struct User {
    user_identifier: String,
    display_name: String,
    email: Option<String>,
    password: Option<String>,
}

/// The same users again, for what they have in common with other calls.
#[derive(Deserialize)]
struct UserFields {
    users: Vec<users::Fields>,
}

fn import_users(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let (request, fields): (Users, UserFields) = context.call.json_in_two(context.settings)?;
    let mode = ImportMode { dry_run: request.dry_run, delete_unspecified: request.delete_unspecified_users, everywhere: true };
    let mut listed = Vec::new();
    for (user, fields) in request.users.into_iter().zip(fields.users) {
        let change = UserChange { display_name: Some(user.display_name), email: user.email, ..fields.into_change()? };
        let password = user.password.or_else(|| request.default_password.clone());
        listed.push(UserImport { identifier: user.user_identifier, password, change });
    }
    let done = context.world.import_users(&context.actor(session), listed, mode)?;
    Ok(Answer::Json(answer("users", &done, mode)))
}

#[derive(Deserialize)]
struct Groups {
    #[serde(default)]
    groups: Vec<Group>,
    #[serde(default = "yes")]
    dry_run: bool,
    #[serde(default)]
    delete_unspecified_groups: bool,
}

#[derive(Deserialize)]
struct Group {
    group_identifier: String,
    display_name: String,
}

/// The same groups again, for what they have in common with other calls.
#[derive(Deserialize)]
struct GroupFields {
    #[serde(default)]
    groups: Vec<groups::Fields>,
}

fn import_groups(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let (request, fields): (Groups, GroupFields) = context.call.json_in_two(context.settings)?;
    let mode = ImportMode { dry_run: request.dry_run, delete_unspecified: request.delete_unspecified_groups, everywhere: false };
    let mut listed = Vec::new();
    for (group, fields) in request.groups.into_iter().zip(fields.groups) {
        let change = GroupChange { display_name: Some(group.display_name), ..fields.into_change()? };
        listed.push(GroupImport { identifier: group.group_identifier, change });
    }
    let done = context.world.import_groups(&context.actor(session), listed, mode)?;
    Ok(Answer::Json(answer("groups", &done, mode)))
}

/// What a trial would make has no id yet.
fn answer(kind: &str, done: &Imported, mode: ImportMode) -> Value {
    let row = |(id, name): &(Uuid, String)| json!({"id": id.to_string(), "name": name});
    let added = |one: &(Uuid, String)| if mode.dry_run { json!({"id": null, "name": one.1}) } else { row(one) };
    json!({
        format!("{kind}_added"): done.added.iter().map(added).collect::<Vec<_>>(),
        format!("{kind}_updated"): done.updated.iter().map(row).collect::<Vec<_>>(),
        format!("{kind}_deleted"): done.deleted.iter().map(row).collect::<Vec<_>>(),
    })
}
