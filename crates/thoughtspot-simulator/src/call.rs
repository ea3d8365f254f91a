//! A request as it came in.

use crate::journal::{Entry, Kind, identifiers};
use crate::state::refusal::{Cause, Refusal};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderMap, header};
use serde_json::Value;
use std::collections::BTreeMap;

/// Larger bodies are read as if they were empty.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// A request, its body read.
pub(crate) struct Call {
    method: String,
    /// Without the base of the API version; `v1/` stands before those of v1.
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    /// The identifier in the path, decoded.
    pub(crate) target: String,
    /// The whole `Authorization` header.
    authorization: Option<String>,
    /// The token in it.
    pub(crate) bearer: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
}

impl Call {
    /// Reads the whole request. `base` is where the paths of its API version begin, `prefix` what stands before them instead.
    pub(crate) async fn read(base: &str, prefix: &str, request: Request) -> Self {
        let (mut parts, body) = request.into_parts();
        // A path without parameters has none to give, which is no error here.
        let target = RawPathParams::from_request_parts(&mut parts, &()).await.ok().and_then(first);
        let path = parts.uri.path();
        let path = path.strip_prefix(base).unwrap_or(path).trim_start_matches('/');
        let path = format!("{prefix}{path}");
        let authorization = text(&parts.headers, header::AUTHORIZATION);
        let bearer =
            authorization.as_deref().and_then(|value| value.strip_prefix("Bearer ")).map(|token| token.trim().to_owned());
        Self {
            method: parts.method.to_string(),
            path,
            query: read_query(parts.uri.query().unwrap_or_default()),
            target: target.unwrap_or_default(),
            authorization,
            bearer,
            content_type: text(&parts.headers, header::CONTENT_TYPE),
            body: read_body(body).await,
        }
    }

    /// What the journal keeps of it; `route` is what the journal calls its route.
    pub(crate) fn entry(&self, seq: u64, at_millis: i64, route: String, kind: Kind) -> Entry {
        let mut values: BTreeMap<String, Value> =
            self.query.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        if let Ok(Value::Object(body)) = serde_json::from_slice(&self.body) {
            values.extend(body);
        }
        Entry {
            seq,
            at_millis,
            method: self.method.clone(),
            path: self.path.clone(),
            route,
            kind,
            org: None,
            identity: None,
            keys: values.keys().cloned().collect(),
            identifiers: identifiers(values.iter()),
            write: kind == Kind::Write,
            committed: false,
            status: None,
        }
    }

    /// A refusal that repeats what must not be repeated, to test whoever reports it.
    pub(crate) fn echo(&self) -> Refusal {
        let authorization = self.authorization.as_deref().unwrap_or_default();
        let body = String::from_utf8_lossy(&self.body);
        Refusal::new(Cause::Invalid, format!("Invalid request: Authorization: {authorization} Body: {body}"))
    }
}

fn first(parameters: RawPathParams) -> Option<String> {
    parameters.iter().next().map(|(_, value)| value.to_owned())
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

async fn read_body(body: Body) -> Bytes {
    to_bytes(body, BODY_LIMIT).await.unwrap_or_default()
}

fn read_query(query: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(key, value)| (decode(key), decode(value))).collect()
}
