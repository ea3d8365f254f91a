//! `user/*` about accounts: passwords, switching off and on, ending sessions, preferences (docs/thoughtspot-api-v1.md, "Accounts").

use super::errors::Answered;
use super::route;
use super::user_content::Preferences;
use super::wire::{Json, Text};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::refusal::{Cause, Refusal};
use crate::state::user::UserChange;
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::POST, "/user/updatepassword", Kind::Write, signed!(update_password)),
    route(Method::POST, "/user/resetpassword", Kind::Write, signed!(reset_password)),
    route(Method::POST, "/user/inactivate", Kind::Write, signed!(inactivate)),
    route(Method::POST, "/user/activate", Kind::Write, signed!(activate)),
    route(Method::POST, "/user/updatepreference", Kind::Write, signed!(update_preference)),
    route(Method::POST, "/user/session/invalidate", Kind::Token, signed!(invalidate)),
];

#[derive(Deserialize)]
struct UpdatePassword {
    name: String,
    currentpassword: String,
    password: String,
}

/// `currentpassword` is read as either the user's old password or, for an administrator, the caller's own: sources disagree.
fn update_password(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let UpdatePassword { name, currentpassword, password } = context.call.posted(context.settings)?;
    let actor = context.actor(session);
    if context.world.is_password_of(actor.user, &currentpassword) {
        let own = context.world.find_user(&actor, &name).is_some_and(|user| user.id == actor.user);
        if !own {
            context.world.reset_password(&actor, &name, password)?;
            return Ok(Answer::NoContent);
        }
    }
    context.world.change_password(&actor, &name, &currentpassword, password)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct ResetPassword {
    userid: Text<Uuid>,
    auth_token: String,
    password: String,
}

fn reset_password(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let ResetPassword { userid: Text(user), auth_token, password } = context.call.posted(context.settings)?;
    let reset = context.world.redeem_password(&context.actor(session), user, &auth_token, password);
    reset.answered(Cause::Unknown, context.settings.v1_unknown_id)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct Inactivate {
    username: String,
    url: String,
}

/// Answers the link with which the user comes back.
fn inactivate(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Inactivate { username, url } = context.call.posted(context.settings)?;
    let switched_off = context.world.deactivate(&context.actor(session), &username);
    let (id, token) = switched_off.answered(Cause::Unknown, context.settings.v1_unknown_id)?;
    context.sessions.revoke_user(id);
    Ok(Answer::Text(format!("{}/#/activate?id={id}&token={token}", url.trim_end_matches('/'))))
}

#[derive(Deserialize)]
struct Activate {
    userid: Text<Uuid>,
    auth_token: String,
    password: String,
    /// The user's address in base64.
    properties: Option<String>,
}

fn activate(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Activate { userid: Text(user), auth_token, password, properties } = context.call.posted(context.settings)?;
    let actor = context.actor(session);
    let email = properties.map(|text| address(&text)).transpose()?;
    let activated = context.world.together(|world| {
        world.activate(&actor, &user.to_string(), &auth_token, password)?;
        world.update_user(&actor, &user.to_string(), UserChange { email, ..UserChange::default() })
    });
    activated.answered(Cause::Unknown, context.settings.v1_unknown_id)?;
    Ok(Answer::NoContent)
}

fn address(text: &str) -> Result<String, Refusal> {
    let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.ok_or_else(|| Refusal::invalid("Invalid parameter values properties"))
}

#[derive(Deserialize)]
struct UpdatePreference {
    userid: Option<Text<Uuid>>,
    username: Option<String>,
    preferences: Option<Json<Preferences>>,
    /// The same in the server's own encoding, which is not documented: known so that strict mode lets it pass.
    #[serde(rename = "preferencesProto")]
    _preferences_proto: Option<String>,
}

fn update_preference(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let form: UpdatePreference = context.call.posted(context.settings)?;
    let actor = context.actor(session);
    let find = |identifier: &str| {
        let found = context.world.find_user(&actor, identifier).map(|user| user.id);
        found.ok_or_else(|| Refusal::unknown_principal(identifier))
    };
    let by_id = form.userid.map(|Text(id)| find(&id.to_string())).transpose()?;
    let by_name = form.username.map(|name| find(&name)).transpose()?;
    let user = match (by_id, by_name) {
        (Some(one), Some(other)) if one != other => None,
        (one, other) => one.or(other),
    };
    let user = user.ok_or_else(|| Refusal::invalid("Invalid parameter values userid, username"))?;
    let change = match form.preferences {
        Some(Json(preferences)) => preferences.into_change()?,
        None => UserChange::default(),
    };
    // The map names what changes: what it does not name stays.
    let kept = context.world.users.get(&user).map(|user| user.extended_preferences.clone()).unwrap_or_default();
    let others = kept.into_iter().chain(change.extended_preferences.into_iter().flatten()).collect();
    context.world.set_preferences(&actor, user, UserChange { extended_preferences: Some(others), ..change })?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct Invalidate {
    username: Option<Json<Vec<String>>>,
    userid: Option<Json<Vec<String>>>,
}

/// Ends sessions. **Naming nobody means everybody.**
fn invalidate(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Invalidate { username, userid } = context.call.posted(context.settings)?;
    let actor = context.actor(session);
    context.world.require_org_admin(&actor)?;
    let named: Vec<String> = [username, userid].into_iter().flatten().flat_map(|Json(list)| list).collect();
    if named.is_empty() {
        context.world.require_cluster_admin(&actor)?;
        context.sessions.log_everybody_out();
        return Ok(Answer::NoContent);
    }
    let users = context.world.resolve_users(&actor, &named);
    for user in users.answered(Cause::UnknownReference, context.settings.v1_unknown_id)? {
        context.sessions.revoke_user(user);
    }
    Ok(Answer::NoContent)
}
