//! `logs/fetch`: the security audit log.

use super::post;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::refusal::Refusal;
use serde::Deserialize;

pub(crate) static ROUTES: &[Route] = &[post("/logs/fetch", Kind::Read, signed!(fetch))];

#[derive(Deserialize)]
struct Fetch {
    #[serde(rename = "log_type")]
    _log_type: LogType,
    start_epoch_time_in_millis: Option<i64>,
    end_epoch_time_in_millis: Option<i64>,
    get_all_logs: Option<bool>,
}

/// There is one log.
#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum LogType {
    SecurityAudit,
}

fn fetch(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Fetch = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let (from, to) = (request.start_epoch_time_in_millis, request.end_epoch_time_in_millis);
    let all = request.get_all_logs.unwrap_or(true);
    Ok(Answer::Json(context.world.audit_rows(&actor, from, to, all)?))
}
