//! `auth/session/user`: who asks.

use super::{route, user_row};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::refusal::{Cause, Refusal};
use axum::http::Method;
use serde_json::json;

pub(crate) static ROUTES: &[Route] = &[route(Method::GET, "/auth/session/user", Kind::Read, signed!(session_user))];

fn session_user(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let actor = context.actor(session);
    let row = user_row::render(context.world, &actor, session.user);
    let mut row = row.ok_or_else(|| Refusal::new(Cause::Unauthenticated, "The user of this token is gone"))?;
    let org = context.world.orgs.get(&session.org);
    row["current_org"] = json!({"id": session.org, "name": org.map(|org| org.name.as_str())});
    Ok(Answer::Json(row))
}
