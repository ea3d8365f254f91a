//! Error bodies of v2: which status and code a refusal has, and how it is nested.

use crate::faults::Body;
use crate::pages;
use crate::settings::{ErrorShape, Settings};
use crate::state::refusal::{Cause, Refusal};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

/// The answer for a refusal.
pub(crate) fn render(refusal: &Refusal, settings: &Settings) -> Response {
    let (status, code) = status_and_code(refusal.cause, settings);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let Some(code) = code else {
        // The gateway's own words, whatever shape the services behind it use.
        return (status, Json(json!({"error": {"message": refusal.text}}))).into_response();
    };
    let message = Value::from(vec![refusal.text.as_str(), ""]).to_string();
    match settings.error_shape {
        ErrorShape::A => (status, Json(shape_a(code, &message))).into_response(),
        ErrorShape::B => (status, Json(json!({"error": {"message": detail(code, &message)}}))).into_response(),
        ErrorShape::Empty => status.into_response(),
        ErrorShape::Html => pages::html(StatusCode::BAD_GATEWAY, "502 Bad Gateway"),
    }
}

/// An injected error: code 10000, of which nothing can be learned.
pub(crate) fn failure(status: StatusCode, retry_after: Option<u32>, body: Body) -> Response {
    let mut response = match body {
        Body::Json => (status, Json(shape_a(10000, "[null]"))).into_response(),
        Body::Html => pages::html(status, status.canonical_reason().unwrap_or("Error")),
        Body::Empty => status.into_response(),
    };
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// The body current clusters send; `message` is a JSON array of strings, as text.
fn shape_a(code: u32, message: &str) -> Value {
    json!({"error": {"message": {"debug": detail(code, message)}}})
}

fn detail(code: u32, message: &str) -> Value {
    json!({
        "code": code,
        "incident_id_guid": Uuid::new_v4().to_string(),
        "trace_id_guid": "tracing-disabled",
        "debug": message,
    })
}

/// Without a code it is the gateway that refuses.
fn status_and_code(cause: Cause, settings: &Settings) -> (u16, Option<u32>) {
    match cause {
        Cause::Duplicate => (settings.duplicate_name, Some(10002)),
        Cause::Unknown => (settings.unknown_id, Some(13003)),
        Cause::UnknownReference => (400, Some(13003)),
        Cause::UnknownOrg => (400, Some(13151)),
        Cause::Invalid | Cause::Password => (400, Some(10002)),
        Cause::FeatureOff => (settings.feature_off, Some(10023)),
        Cause::Forbidden => (403, Some(10023)),
        Cause::Protected => (settings.protected_delete, Some(10023)),
        Cause::Unauthenticated => (401, Some(settings.unauthenticated_code)),
        Cause::NoOrgAccess => (settings.no_org_access, Some(13090)),
        Cause::NotFound => (404, Some(13003)),
        Cause::Dependents => (400, Some(13152)),
        Cause::DuplicateObjectId => (500, Some(14009)),
        Cause::ForbiddenOperation => (500, Some(10038)),
        Cause::Internal => (500, Some(10000)),
        Cause::Unresolvable => (404, Some(13003)),
        Cause::Malformed => (400, None),
        Cause::NoRoute => (404, None),
        Cause::MediaType => (415, None),
    }
}
