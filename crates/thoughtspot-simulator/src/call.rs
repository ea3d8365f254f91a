//! A request as it came in.

use crate::cookies;
use crate::form::{self, Fields, Form};
use crate::journal::{Entry, Kind, identifiers};
use crate::sessions::Shown;
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
    pub(crate) query: Fields,
    /// The identifiers in the path, decoded, in their order.
    targets: Vec<String>,
    /// The whole `Authorization` header.
    authorization: Option<String>,
    /// The token in it.
    pub(crate) bearer: Option<String>,
    /// The key in the session cookie.
    pub(crate) session_key: Option<String>,
    pub(crate) content_type: Option<String>,
    accept: Option<String>,
    agent: Option<String>,
    pub(crate) body: Bytes,
    /// The body again, as far as it is a form.
    pub(crate) form: Form,
}

impl Call {
    /// Reads the whole request. `base` is where the paths of its API version begin, `prefix` what stands before them instead.
    pub(crate) async fn read(base: &str, prefix: &str, request: Request) -> Self {
        let (mut parts, body) = request.into_parts();
        // A path without parameters has none to give, which is no error here.
        let targets = RawPathParams::from_request_parts(&mut parts, &()).await.map(all).unwrap_or_default();
        let path = parts.uri.path();
        let path = path.strip_prefix(base).unwrap_or(path).trim_start_matches('/');
        let path = format!("{prefix}{path}");
        let authorization = text(&parts.headers, header::AUTHORIZATION);
        let bearer = authorization.as_deref().and_then(bearer);
        let content_type = text(&parts.headers, header::CONTENT_TYPE).map(media_type);
        let body = read_body(body).await;
        Self {
            method: parts.method.to_string(),
            path,
            query: form::fields(parts.uri.query().unwrap_or_default().as_bytes()),
            targets,
            authorization,
            bearer,
            session_key: cookies::session_key(&parts.headers),
            form: Form::read(content_type.as_deref(), &body).await,
            content_type,
            accept: text(&parts.headers, header::ACCEPT),
            agent: text(&parts.headers, header::USER_AGENT),
            body,
        }
    }

    /// What the journal keeps of it; `route` is what the journal calls its route.
    pub(crate) fn entry(&self, seq: u64, at_millis: i64, route: String, kind: Kind) -> Entry {
        let fields = self.query.iter().chain(self.form.fields().into_iter().flatten());
        let mut values: BTreeMap<String, Value> = fields.map(|(key, value)| (key.clone(), value.clone().into())).collect();
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
            agent: self.agent.clone(),
            keys: values.keys().cloned().collect(),
            identifiers: identifiers(values.iter()),
            write: kind == Kind::Write,
            committed: false,
            status: None,
        }
    }

    /// What it shows to say who asks.
    pub(crate) fn shown(&self) -> Shown<'_> {
        Shown { bearer: self.bearer.as_deref(), cookie: self.session_key.as_deref() }
    }

    /// The identifier of this place in the path; empty when the path has none there.
    pub(crate) fn path_parameter(&self, place: usize) -> &str {
        self.targets.get(place).map_or("", String::as_str)
    }

    /// Whether the caller takes JSON and nothing else.
    pub(crate) fn takes_json_only(&self) -> bool {
        self.accept.as_deref().is_some_and(|accept| accept.trim() == "application/json")
    }

    /// A refusal that repeats what must not be repeated, to test whoever reports it.
    pub(crate) fn echo(&self) -> Refusal {
        Refusal::new(Cause::Invalid, format!("Invalid request: {}", self.repeated()))
    }

    /// All of it that may be secret.
    pub(crate) fn repeated(&self) -> String {
        let [authorization, key] = [&self.authorization, &self.session_key].map(|text| text.as_deref().unwrap_or_default());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        let body = String::from_utf8_lossy(&self.body);
        format!("Authorization: {authorization} Session: {key} Query: {query} Body: {body}")
    }
}

fn all(parameters: RawPathParams) -> Vec<String> {
    parameters.iter().map(|(_, value)| value.to_owned()).collect()
}

/// The token of an `Authorization` header. The name of the scheme is read in any case, as HTTP has it.
fn bearer(authorization: &str) -> Option<String> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim().to_owned())
}

/// A content type, its name in lower case: HTTP takes it in any. What comes after, as the boundary of a multipart body, stays.
fn media_type(text: String) -> String {
    match text.split_once(';') {
        Some((name, parameters)) => format!("{};{parameters}", name.to_ascii_lowercase()),
        None => text.to_ascii_lowercase(),
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

async fn read_body(body: Body) -> Bytes {
    to_bytes(body, BODY_LIMIT).await.unwrap_or_default()
}
