//! `auth/*`: tokens and who they belong to.

use super::{post, route, user_row};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, open, signed};
use crate::sessions::Session;
use crate::state::refusal::{Cause, Refusal};
use crate::state::sign_in::Proof;
use axum::http::Method;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

pub(crate) static ROUTES: &[Route] = &[
    post("/auth/token/full", Kind::Token, open!(token)),
    post("/auth/token/revoke", Kind::Token, signed!(revoke)),
    route(Method::GET, "/auth/session/user", Kind::Read, signed!(session_user)),
];

const DEFAULT_VALIDITY_SECONDS: i32 = 300;

#[derive(Deserialize)]
struct TokenRequest {
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    secret_key: String,
    #[serde(default = "default_validity")]
    validity_time_in_sec: i32,
    #[serde(default, deserialize_with = "org_id")]
    org_id: Option<i32>,
    #[serde(default)]
    auto_create: bool,
    /// What `auto_create` would use, known so that strict mode lets it pass.
    #[serde(rename = "email")]
    _email: Option<Value>,
    #[serde(rename = "display_name")]
    _display_name: Option<Value>,
    #[serde(rename = "group_identifiers")]
    _group_identifiers: Option<Value>,
    #[serde(rename = "user_parameters")]
    _user_parameters: Option<Value>,
}

fn default_validity() -> i32 {
    DEFAULT_VALIDITY_SECONDS
}

/// An integer, or the text of one: a published client sends that and works.
fn org_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    let sent = Value::deserialize(deserializer)?;
    let number = match &sent {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_i64().and_then(|number| number.try_into().ok()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    number.map(Some).ok_or_else(|| serde::de::Error::custom("org_id: Int cannot represent non-integer value"))
}

fn token(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let request: TokenRequest = context.call.json(context.settings)?;
    context.asked_by = Some((request.username.clone(), request.org_id));
    if request.auto_create {
        return Err(Refusal::invalid("auto_create: users are not created by token requests here"));
    }
    if request.validity_time_in_sec < 1 {
        return Err(Refusal::invalid("Invalid parameter values validity_time_in_sec"));
    }
    let proof =
        if request.secret_key.is_empty() { Proof::Password(request.password) } else { Proof::SecretKey(request.secret_key) };
    let user = context.world.sign_in(context.settings, context.now, &request.username, &proof)?;
    let org = context.world.enter_org(context.settings, user, request.org_id)?;
    let expires = context.now + i64::from(request.validity_time_in_sec) * 1000;
    let session = Session { user, org, created: context.now, expires };
    context.asked_by = Some((request.username, Some(org)));
    Ok(Answer::Json(render(context, session)))
}

fn render(context: &mut Context<'_>, session: Session) -> Value {
    json!({
        "token": context.sessions.issue(session),
        "creation_time_in_millis": session.created,
        "expiration_time_in_millis": session.expires,
        "scope": {"access_type": "FULL", "org_id": session.org, "metadata_id": null},
        "valid_for_user_id": session.user.to_string(),
        "valid_for_username": context.world.users.get(&session.user).map(|user| user.name.clone()),
    })
}

#[derive(Default, Deserialize)]
struct RevokeRequest {
    user_identifier: Option<String>,
    token: Option<String>,
}

fn revoke(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: RevokeRequest =
        if context.call.body.is_empty() { RevokeRequest::default() } else { context.call.json(context.settings)? };
    match (request.token, request.user_identifier) {
        (Some(token), _) => context.sessions.revoke(&token),
        (None, Some(identifier)) => revoke_all_of(context, session, &identifier)?,
        (None, None) => context.sessions.revoke(context.call.bearer.as_deref().unwrap_or_default()),
    }
    Ok(Answer::NoContent)
}

fn revoke_all_of(context: &mut Context<'_>, session: Session, identifier: &str) -> Result<(), Refusal> {
    let actor = context.actor(session);
    let found = context.world.find_user(&actor, identifier).map(|user| user.id);
    let user = found.ok_or_else(|| Refusal::unknown_principal(identifier))?;
    if user != session.user {
        context.world.require_org_admin(&actor)?;
    }
    context.sessions.revoke_user(user);
    Ok(())
}

fn session_user(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let actor = context.actor(session);
    let row = user_row::render(context.world, &actor, session.user);
    let mut row = row.ok_or_else(|| Refusal::new(Cause::Unauthenticated, "The user of this token is gone"))?;
    let org = context.world.orgs.get(&session.org);
    row["current_org"] = json!({"id": session.org, "name": org.map(|org| org.name.as_str())});
    Ok(Answer::Json(row))
}
