//! `auth/session/*` but for its token: signing in and out with cookies, and who asks.

use super::wire::{Flag, Identifier};
use super::{post, route, user_row};
use crate::cookies;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, open, signed};
use crate::sessions::Session;
use crate::state::refusal::{Cause, Refusal};
use crate::state::sign_in::{Proof, SignedIn};
use axum::http::Method;
use serde::Deserialize;
use serde_json::json;

pub(crate) static ROUTES: &[Route] = &[
    route(Method::GET, "/auth/session/user", Kind::Read, signed!(session_user)),
    post("/auth/session/login", Kind::Token, open!(login)),
    post("/auth/session/logout", Kind::Token, signed!(logout)),
];

#[derive(Default, Deserialize)]
struct Login {
    username: Option<String>,
    password: Option<String>,
    org_identifier: Option<Identifier>,
    remember_me: Option<Flag>,
}

/// With a user name and a password; or with a good token, which becomes a session in its Org.
fn login(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let request: Login = if context.call.body.is_empty() { Login::default() } else { context.call.json(context.settings)? };
    let remember = request.remember_me.is_some_and(|Flag(remember)| remember);
    let session = match request.username {
        Some(username) => by_password(context, username, request.password.unwrap_or_default(), request.org_identifier)?,
        None => context.sessions.check(context.call.shown(), context.world, context.settings, context.now)?,
    };
    let key = context.sessions.open(Session { created: context.now, ..session }, remember, context.settings);
    let max_age = remember.then_some(context.settings.session_remember_seconds);
    Ok(Answer::NoContent.with_cookies(cookies::given(&key, max_age)))
}

fn by_password(
    context: &mut Context<'_>,
    username: String,
    password: String,
    org: Option<Identifier>,
) -> Result<Session, Refusal> {
    context.asked_by = Some((username.clone(), None));
    let org = org.filter(|_| !context.settings.login_ignores_org);
    let org =
        org.map(|Identifier(named)| context.world.find_org(&named).map(|org| org.id).ok_or_else(|| Refusal::unknown_org(&named)));
    let proof = Proof::Password(password);
    let SignedIn { user, org, key } = context.world.enter(context.settings, context.now, &username, &proof, org.transpose()?)?;
    context.asked_by = Some((username, Some(org)));
    Ok(Session { user, org, created: context.now, expires: context.now, object: None, key })
}

fn logout(context: &mut Context<'_>, _session: Session) -> Result<Answer, Refusal> {
    context.sessions.end(context.call.shown());
    Ok(Answer::NoContent.with_cookies(cookies::taken()))
}

fn session_user(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let actor = context.actor(session);
    let row = user_row::render(context.world, &actor, session.user);
    let mut row = row.ok_or_else(|| Refusal::new(Cause::Unauthenticated, "The user of this token is gone"))?;
    let org = context.world.orgs.get(&actor.org);
    row["current_org"] = json!({"id": actor.org, "name": org.map(|org| org.name.as_str())});
    Ok(Answer::Json(row))
}
