//! Answers that no handler gives: pages of gateways, redirects, cut connections.

use axum::body::{Body as Stream, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// Mark on a response: the connection ends instead of it being sent.
#[derive(Clone, Copy)]
pub(crate) struct Cut;

pub(crate) fn cut() -> Response {
    let mut response = Response::new(Stream::empty());
    response.extensions_mut().insert(Cut);
    response
}

pub(crate) fn html(status: StatusCode, title: &str) -> Response {
    (status, Html(format!("<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>")))
        .into_response()
}

pub(crate) fn redirect(location: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The same answer with half of its body; its length says that this is all.
pub(crate) async fn cut_short(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    if whole.is_empty() {
        // Half of nothing would be well-formed.
        return ([(header::CONTENT_TYPE, "application/json")], "{\"id\":").into_response();
    }
    Response::from_parts(parts, Stream::from(whole.slice(..whole.len() / 2)))
}
