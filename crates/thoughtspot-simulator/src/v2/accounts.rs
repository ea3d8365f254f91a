//! `users/*` about accounts: passwords, switching off and on, ending sessions.

use super::wire::Identifier;
use super::{post, user_row};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::privilege::Privilege;
use crate::state::refusal::Refusal;
use serde::Deserialize;
use serde_json::json;

pub(crate) static ROUTES: &[Route] = &[
    post("/users/reset-password", Kind::Write, signed!(reset_password)),
    post("/users/change-password", Kind::Write, signed!(change_password)),
    post("/users/deactivate", Kind::Write, signed!(deactivate)),
    post("/users/activate", Kind::Write, signed!(activate)),
    post("/users/force-logout", Kind::Token, signed!(force_logout)),
];

#[derive(Deserialize)]
struct ResetPassword {
    user_identifier: String,
    new_password: String,
}

fn reset_password(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: ResetPassword = context.call.json(context.settings)?;
    context.world.reset_password(&context.actor(session), &request.user_identifier, request.new_password)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct ChangePassword {
    user_identifier: String,
    current_password: String,
    new_password: String,
}

fn change_password(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let ChangePassword { user_identifier, current_password, new_password } = context.call.json(context.settings)?;
    context.world.change_password(&context.actor(session), &user_identifier, &current_password, new_password)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct Deactivate {
    user_identifier: String,
    base_url: String,
}

fn deactivate(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Deactivate = context.call.json(context.settings)?;
    let (id, token) = context.world.deactivate(&context.actor(session), &request.user_identifier)?;
    context.sessions.revoke_user(id);
    let base = request.base_url.trim_end_matches('/');
    Ok(Answer::Json(json!({"activation_link": format!("{base}/#/activate?id={id}&token={token}")})))
}

#[derive(Deserialize)]
struct Activate {
    user_identifier: String,
    auth_token: String,
    password: String,
    /// What it is for is not documented.
    #[serde(rename = "properties")]
    _properties: Option<String>,
}

fn activate(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Activate = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let id = context.world.activate(&actor, &request.user_identifier, &request.auth_token, request.password)?;
    Ok(Answer::Json(user_row::render(context.world, &actor, id).unwrap_or_default()))
}

#[derive(Deserialize)]
struct ForceLogout {
    #[serde(default)]
    user_identifiers: Vec<Identifier>,
}

/// A list that is empty or not there means everybody.
fn force_logout(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: ForceLogout = context.call.json(context.settings)?;
    let actor = context.actor(session);
    context.world.require_privilege(&actor, Privilege::USER_ADMINISTRATION)?;
    if request.user_identifiers.is_empty() {
        context.world.require_cluster_admin(&actor)?;
        context.sessions.log_everybody_out();
        return Ok(Answer::NoContent);
    }
    let names: Vec<String> = request.user_identifiers.into_iter().map(|identifier| identifier.0).collect();
    for user in context.world.resolve_users(&actor, &names)? {
        context.sessions.revoke_user(user);
    }
    Ok(Answer::NoContent)
}
