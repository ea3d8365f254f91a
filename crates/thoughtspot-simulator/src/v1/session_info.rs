//! `session/info`: who one is, and what the browser's application is told about the cluster (docs/thoughtspot-api-v1.md, "Session info").

use super::route;
use super::wire::Nothing;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::settings::Settings;
use crate::state::refusal::Refusal;
use axum::http::Method;
use serde_json::{Value, json};

pub(super) static ROUTES: &[Route] = &[route(Method::GET, "/session/info", Kind::Read, signed!(info))];

/// No Org is named: that is what `session/orgs` is for.
fn info(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Nothing {} = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    let user = context.world.users.get(&session.user).ok_or_else(Refusal::unauthenticated)?;
    let privileges = context.world.effective_privileges(user.id, actor.org);
    Ok(Answer::Json(json!({
        "userName": user.name,
        "userDisplayName": user.display_name,
        "userEmail": user.email.as_deref().unwrap_or_default(),
        "userCreatedTime": user.created,
        "userExpirationTime": 0,
        "userGUID": user.id.to_string(),
        "apiVersion": "v1",
        "canChangePassword": user.password.is_some(),
        "isSystemUser": user.system_user,
        "logicalModelVersion": 1,
        "userGroupMask": 0,
        "privileges": privileges.iter().map(|privilege| privilege.name()).collect::<Vec<&str>>(),
        // In seconds, unlike the other times.
        "expirationTime": session.expires / 1000,
        "authToken": "",
        "locale": user.preferred_locale.as_deref().unwrap_or("en-GB").replace('-', "_"),
        "timezone": "UTC",
        "dateFormat": {"formatPattern": "MM/dd/yyyy"},
        "timeFormat": {"formatPattern": "HH:mm:ss"},
        "dateTimeFormat": {"formatPattern": "MM/dd/yyyy HH:mm:ss"},
        "integerFormat": {"formatPattern": "#,##0"},
        "decimalFormat": {"formatPattern": "#,##0.00"},
        "clientState": {"preferences": {}, "tips": {}},
        "releaseVersion": context.settings.release_version,
        "configInfo": config_info(context.settings),
    })))
}

/// What differs from release to release; clients look for the two names of the cluster.
fn config_info(settings: &Settings) -> Value {
    json!({
        "selfClusterId": settings.cluster_id,
        "selfClusterName": "simulator",
        "embedActionConfigList": [],
        "emailConfig": {"welcomeEmailConfig": {"getStartedLink": ""}},
    })
}
