//! The headers of every v1 answer.

use super::errors::{INCIDENT, TRACE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use std::net::Ipv4Addr;
use std::time::Duration;
use uuid::Uuid;

/// Adds what every answer has: ids of the request, how long it took, and which machine answered.
pub(crate) fn complete(mut response: Response, took: Duration) -> Response {
    let id = Uuid::new_v4().to_string();
    let headers =
        [("x-callosum-request-time-us", took.as_micros().to_string()), ("x-callosum-ip", Ipv4Addr::LOCALHOST.to_string())];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    // An error has named itself already.
    if let (false, Ok(id)) = (response.headers().contains_key(INCIDENT), HeaderValue::from_str(&id)) {
        response.headers_mut().insert(TRACE, id.clone());
        response.headers_mut().insert(INCIDENT, id);
    }
    response
}
