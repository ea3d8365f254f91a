//! `system`: what this cluster is, and the ids of what is built in.

use super::route;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::PRIMARY;
use crate::state::refusal::Refusal;
use crate::state::seed;
use crate::state::user::TSADMIN;
use axum::http::Method;
use serde_json::json;

pub(crate) static ROUTES: &[Route] = &[route(Method::GET, "/system", Kind::Read, signed!(system))];

fn system(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    context.world.require_cluster_admin(&context.actor(session))?;
    let members = context.world.org_members.members_of(PRIMARY).len();
    Ok(Answer::Json(json!({
        "id": context.settings.system_id,
        "name": "simulator",
        "release_version": context.settings.release_version,
        "time_zone": "UTC",
        "locale": "en_US",
        "date_format": "MM/dd/yyyy",
        "date_time_format": "MM/dd/yyyy HH:mm",
        "time_format": "HH:mm",
        "api_version": "v1",
        "type": "CLOUD",
        "environment": "SIMULATED",
        "license": null,
        "system_user_id": seed::SYSTEM.to_string(),
        "super_user_id": seed::SU.to_string(),
        "tsadmin_user_id": TSADMIN.to_string(),
        "hidden_object_id": null,
        "system_group_id": seed::SYSTEM_GROUP.to_string(),
        "admin_group_id": seed::ADMINISTRATOR_GROUP.to_string(),
        "all_user_group_id": seed::ALL_GROUP.to_string(),
        "all_user_group_member_user_count": members,
        "all_tables_connection_id": null,
        "accept_language": null,
        "logical_model_version": 0,
    })))
}
