//! Error bodies of v1: flat. Which status a refusal has depends on the call more than on the cause.

use crate::faults::Body;
use crate::pages;
use crate::settings::{ErrorShape, Settings};
use crate::state::refusal::{Cause, Refusal};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

/// The headers that name the error, as its body does.
pub(super) const INCIDENT: &str = "x-callosum-incident-id";
pub(super) const TRACE: &str = "x-callosum-trace-id";

/// The answer for a refusal.
pub(crate) fn render(refusal: &Refusal, settings: &Settings) -> Response {
    let (usual, code) = status_and_code(refusal.cause, settings);
    let status = StatusCode::from_u16(refusal.status.unwrap_or(usual)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if refusal.cause == Cause::MediaType {
        return status.into_response();
    }
    match settings.error_shape {
        ErrorShape::A | ErrorShape::B => flat(status, code, &Value::from(vec![refusal.text.as_str()]).to_string()),
        ErrorShape::Empty => status.into_response(),
        ErrorShape::Html => pages::html(StatusCode::BAD_GATEWAY, "502 Bad Gateway"),
    }
}

/// An injected error: code 10000, of which nothing can be learned.
pub(crate) fn failure(status: StatusCode, retry_after: Option<u32>, body: Body) -> Response {
    let mut response = match body {
        Body::Json => flat(status, 10000, "[null]"),
        Body::Html => pages::html(status, status.canonical_reason().unwrap_or("Error")),
        Body::Empty => status.into_response(),
    };
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// `message` is a JSON array of strings, as text.
fn flat(status: StatusCode, code: u32, message: &str) -> Response {
    let id = Uuid::new_v4().to_string();
    let body =
        json!({"type": null, "code": code, "incident_id_guid": id, "trace_id_guid": id, "debug": message, "parameter": []});
    let mut response = (status, Json(body)).into_response();
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(TRACE, id.clone());
        response.headers_mut().insert(INCIDENT, id);
    }
    response
}

fn status_and_code(cause: Cause, settings: &Settings) -> (u16, u32) {
    match cause {
        Cause::Unauthenticated => (401, settings.unauthenticated_code),
        Cause::FeatureOff => (settings.feature_off, 10023),
        Cause::Forbidden => (403, 10023),
        Cause::Protected => (settings.protected_delete, 10023),
        Cause::NoRoute => (404, 10002),
        Cause::MediaType => (415, 10002),
        Cause::Unknown | Cause::UnknownReference | Cause::Unresolvable => (400, 13003),
        Cause::NotFound => (404, 13003),
        Cause::Dependents => (400, 13152),
        Cause::DuplicateObjectId => (500, 14009),
        Cause::ForbiddenOperation => (500, 10038),
        Cause::Internal => (500, 10000),
        Cause::UnknownOrg => (400, 13151),
        Cause::NoOrgAccess => (settings.no_org_access, 13090),
        Cause::Duplicate | Cause::Invalid | Cause::Malformed => (400, 10002),
        Cause::Password => (500, 10002),
    }
}

/// What a call documents where it differs from the usual.
pub(super) trait Answered {
    /// Refusals of this cause are answered with this status.
    fn answered(self, cause: Cause, status: u16) -> Self;
}

impl<T> Answered for Result<T, Refusal> {
    fn answered(self, cause: Cause, status: u16) -> Self {
        self.map_err(|refusal| if refusal.cause == cause { refusal.with_status(status) } else { refusal })
    }
}
