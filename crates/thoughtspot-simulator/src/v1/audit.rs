//! `logs/topics/security_logs` (docs/thoughtspot-api-content.md, "Audit log").

use super::route;
use super::wire::Text;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::refusal::Refusal;
use axum::http::Method;
use serde::Deserialize;

pub(super) static ROUTES: &[Route] = &[route(Method::GET, "/logs/topics/security_logs", Kind::Read, signed!(security_logs))];

/// Milliseconds since 1970.
#[derive(Deserialize)]
struct Wanted {
    #[serde(rename = "fromEpoch")]
    from: Option<Text<i64>>,
    #[serde(rename = "toEpoch")]
    to: Option<Text<i64>>,
    get_all_logs: Option<Text<bool>>,
}

fn security_logs(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Wanted = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    let time = |text: Option<Text<i64>>| text.map(|Text(millis)| millis);
    let all = request.get_all_logs.is_none_or(|Text(all)| all);
    Ok(Answer::Json(context.world.audit_rows(&actor, time(request.from), time(request.to), all)?))
}
