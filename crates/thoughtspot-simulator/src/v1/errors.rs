//! Error bodies of v1: flat.

use crate::state::refusal::{Cause, Refusal};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

/// The answer for a refusal.
pub(crate) fn render(refusal: &Refusal) -> Response {
    let (status, code) = status_and_code(refusal.cause);
    let id = Uuid::new_v4().to_string();
    let debug = Value::from(vec![refusal.text.as_str()]).to_string();
    let body = json!({"type": null, "code": code, "incident_id_guid": id, "trace_id_guid": id, "debug": debug, "parameter": []});
    (status, Json(body)).into_response()
}

fn status_and_code(cause: Cause) -> (StatusCode, u32) {
    match cause {
        Cause::Unauthenticated => (StatusCode::UNAUTHORIZED, 10003),
        Cause::FeatureOff | Cause::Forbidden | Cause::Protected => (StatusCode::FORBIDDEN, 10023),
        Cause::NoRoute => (StatusCode::NOT_FOUND, 10002),
        Cause::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, 10002),
        Cause::Unknown | Cause::UnknownReference | Cause::Unresolvable => (StatusCode::BAD_REQUEST, 13003),
        Cause::UnknownOrg => (StatusCode::BAD_REQUEST, 13151),
        Cause::NoOrgAccess => (StatusCode::BAD_REQUEST, 13090),
        Cause::Duplicate | Cause::Invalid | Cause::Malformed => (StatusCode::BAD_REQUEST, 10002),
    }
}
