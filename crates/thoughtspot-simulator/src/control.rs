//! `/_simulator/*`: the strings behind the scene. Not part of the API: not counted, never faulty, no token needed.

use crate::core::Shared;
use crate::faults::Rule;
use crate::settings::Settings;
use crate::state::dump::Dump;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

type Reach = State<Arc<Shared>>;

/// Every control route.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/_simulator/journal", get(journal))
        .route("/_simulator/counters", get(counters))
        .route("/_simulator/state", get(state).post(seed))
        .route("/_simulator/settings", get(settings).post(change_settings))
        .route("/_simulator/faults", get(faults).post(add_faults).delete(clear_faults))
        .route("/_simulator/clock", get(clock).post(advance_clock))
        .route("/_simulator/reset", post(reset))
        .with_state(shared)
}

async fn journal(State(shared): Reach) -> Response {
    Json(shared.core().journal.entries()).into_response()
}

async fn counters(State(shared): Reach) -> Response {
    Json(shared.core().counters()).into_response()
}

async fn state(State(shared): Reach) -> Response {
    Json(shared.core().world.dump()).into_response()
}

async fn seed(State(shared): Reach, Json(state): Json<Dump>) -> Response {
    match shared.core().seed(state) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn settings(State(shared): Reach) -> Json<Settings> {
    Json(shared.core().settings.clone())
}

async fn change_settings(State(shared): Reach, Json(patch): Json<Value>) -> Response {
    let mut core = shared.core();
    match core.settings.patched(&patch) {
        Ok(settings) => {
            core.settings = settings.clone();
            Json(settings).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

/// One rule, or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rules {
    One(Rule),
    Many(Vec<Rule>),
}

async fn faults(State(shared): Reach) -> Json<Vec<Rule>> {
    Json(shared.core().faults.rules())
}

async fn add_faults(State(shared): Reach, Json(rules): Json<Rules>) -> StatusCode {
    let mut core = shared.core();
    let core = &mut *core;
    let rules = match rules {
        Rules::One(rule) => vec![rule],
        Rules::Many(rules) => rules,
    };
    for rule in rules {
        core.faults.install(rule, &core.world);
    }
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(shared): Reach) -> StatusCode {
    shared.core().faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

async fn clock(State(shared): Reach) -> Json<Value> {
    Json(json!({"now_millis": shared.core().clock.now()}))
}

async fn advance_clock(State(shared): Reach, Json(advance): Json<Advance>) -> Json<Value> {
    let mut core = shared.core();
    core.clock.advance(Duration::from_secs(advance.advance_seconds));
    Json(json!({"now_millis": core.clock.now()}))
}

async fn reset(State(shared): Reach) -> StatusCode {
    shared.core().reset();
    StatusCode::NO_CONTENT
}
