//! `session/homepinboard`: the Liveboard a user sees first (docs/thoughtspot-api-content.md, "First pages").

use super::content;
use super::route;
use super::wire::{Nothing, Text};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::ContentKind;
use crate::state::refusal::{Cause, Refusal};
use axum::http::Method;
use serde::Deserialize;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::POST, "/session/homepinboard", Kind::Write, signed!(set)),
    route(Method::GET, "/session/homepinboard", Kind::Read, signed!(get)),
    route(Method::DELETE, "/session/homepinboard", Kind::Write, signed!(clear)),
];

#[derive(Deserialize)]
struct Set {
    id: Text<Uuid>,
    userid: Option<Text<Uuid>>,
}

fn set(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Set = context.call.posted(context.settings)?;
    let actor = context.actor(session);
    let user = request.userid.map_or(session.user, |Text(user)| user);
    if user != session.user {
        context.world.require_org_admin(&actor)?;
    }
    if !context.world.users.contains_key(&user) {
        return Err(Refusal::unknown_principal(&user.to_string()));
    }
    let Text(id) = request.id;
    let exists = context.world.library.objects.get(&id).is_some_and(|object| object.kind() == ContentKind::Liveboard);
    let seen = content::find(context.world, &actor, None, id);
    match (exists, seen) {
        (true, Ok(_)) => context.world.set_home(user, Some(id)),
        (true, Err(_)) => return Err(Refusal::forbidden("Access denied: the Liveboard is not accessible")),
        (false, _) => return Err(Refusal::new(Cause::NotFound, "There is no such Liveboard")),
    }
    Ok(Answer::NoContent)
}

/// The caller's own.
fn get(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    context.call.queried::<Nothing>(context.settings)?;
    match (context.world.library.homes.get(&session.user), context.settings.v1_no_home) {
        (Some(home), _) if context.call.takes_json_only() => Ok(Answer::Json(home.to_string().into())),
        (Some(home), _) => Ok(Answer::Text(home.to_string())),
        (None, 404) => Err(Refusal::new(Cause::NotFound, "No home Liveboard is set")),
        (None, 204) => Ok(Answer::NoContent),
        (None, _) => Ok(Answer::Text(String::new())),
    }
}

/// The caller's own.
fn clear(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    context.call.posted::<Nothing>(context.settings)?;
    context.world.set_home(session.user, None);
    Ok(Answer::Text(String::new()))
}
