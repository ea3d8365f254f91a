//! `user/transfer/ownership` (docs/thoughtspot-api-content.md, "Authors").

use super::route;
use super::wire::Guids;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::refusal::Refusal;
use axum::http::Method;
use serde::Deserialize;

pub(super) static ROUTES: &[Route] = &[route(Method::POST, "/user/transfer/ownership", Kind::Write, signed!(transfer))];

/// In the query. Without `objectsID`, spelt exactly so, everything moves.
#[derive(Deserialize)]
struct Transfer {
    #[serde(rename = "fromUserName")]
    from: String,
    #[serde(rename = "toUserName")]
    to: String,
    #[serde(rename = "objectsID")]
    objects: Option<Guids>,
}

fn transfer(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Transfer = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    context.world.transfer(&actor, &request.from, &request.to, request.objects.map(|Guids(objects)| objects))?;
    Ok(Answer::NoContent)
}
