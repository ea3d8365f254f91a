//! What is sent and what comes back.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::multipart;
use reqwest::{Method, RequestBuilder};

use crate::api::Api;
use crate::budget::Lane;
use crate::domain::OrgId;
use crate::error::{Error, Result};
use crate::pass::{Cookie, Pass};

/// Whether a request can change anything: decides what a lost answer means, and whether only who leads may send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    /// It changes nothing that anybody reads, and can be made again. Only who leads may, since a few failures lock an account.
    SignIn,
    Write,
}

impl Effect {
    /// Whether only who leads may send it.
    pub(super) fn needs_the_lead(self) -> bool {
        match self {
            Effect::Read => false,
            Effect::SignIn | Effect::Write => true,
        }
    }
}

/// One request. It has no `Debug`: its body and its pass are secret.
pub(crate) struct Request<'a> {
    /// The call in words, for errors and metrics.
    pub(crate) what: &'static str,
    pub(crate) api: Api,
    pub(crate) method: Method,
    /// Percent-encoded where needed.
    pub(crate) path: String,
    pub(crate) query: Option<&'a str>,
    pub(crate) effect: Effect,
    pub(crate) lane: Lane,
    /// For the log.
    pub(crate) org: OrgId,
    pub(crate) pass: Option<&'a Pass>,
    pub(crate) header: Option<(&'static str, &'static str)>,
    pub(crate) accept: Accept,
    pub(crate) body: &'a Payload,
    /// Lowers the deadline of [`Limits`].
    pub(crate) deadline: Option<Duration>,
    /// How often the same call was sent before.
    pub(crate) resent: u32,
}

/// What a request says. It has no `Debug`: passwords are in it.
pub(crate) enum Payload {
    None,
    Json(Bytes),
    /// Percent-encoded pairs.
    Form(Bytes),
    Multipart(Vec<Part>),
}

/// One part of a multipart body.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) text: String,
    /// Sent as a file of JSON.
    pub(crate) file: bool,
}

/// What kind of answer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accept {
    Json,
    Text,
    Pdf,
}

impl Accept {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Accept::Json => "application/json",
            Accept::Text => "text/plain",
            // The type v1 is documented with; some servers name the other.
            Accept::Pdf => "application/octet-stream, application/pdf",
        }
    }

    /// Whether this kind of answer, other than JSON, was asked for.
    fn takes(self, kind: &str) -> bool {
        match self {
            Accept::Json => false,
            Accept::Text => kind.starts_with("text/plain"),
            Accept::Pdf => kind.starts_with("application/octet-stream") || kind.starts_with("application/pdf"),
        }
    }
}

/// Takes the body of an answer piece by piece; an error gives up on the answer.
pub(crate) type Sink<'a> = &'a mut (dyn FnMut(&[u8]) -> Result<(), String> + Send);

/// An answer that arrived whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) form: Form,
    /// Empty where a [`Sink`] took it.
    pub(crate) body: Bytes,
    pub(crate) cookies: Vec<Cookie>,
    /// What the server calls the request in its own log, where it says.
    pub(crate) trace: Option<String>,
    pub(super) retry_after: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Empty,
    Json,
    /// Not JSON, but what was asked for.
    Asked,
    /// HTML of a gateway or a maintenance page, mostly.
    Other,
}

impl Reply {
    /// Whether the host wants fewer requests: a 503 that does not say when to come back is an outage.
    pub(crate) fn asks_to_slow_down(&self) -> bool {
        self.status == 429 || (self.status == 503 && self.retry_after.is_some())
    }

    /// What every dialect makes of an answer: passes on what the server itself said (2xx, and what it refused with a reason), and
    /// turns the rest into [`Error::Throttled`], [`Error::Unavailable`] or [`Error::Unclear`].
    pub(crate) fn judge(self, effect: Effect, what: &str) -> Result<Reply> {
        match (self.status, self.form) {
            (429, _) => Err(Error::Throttled { after: self.retry_after }),
            // Decided by their status alone, whoever wrote the text.
            (401 | 403, _) => Ok(self),
            // A gateway gave up waiting for the request or its back end.
            (408, _) => Err(lost(effect, what, "status 408".to_owned())),
            (200..=299, Form::Asked) => Ok(self),
            (200..=299 | 400..=499, Form::Json | Form::Empty) | (500, Form::Json) => Ok(self),
            (status @ 200..=499, Form::Other | Form::Asked) => {
                Err(lost(effect, what, format!("status {status} with a page that was not asked for")))
            }
            (status @ 300..=399, _) => Err(lost(effect, what, format!("status {status}: redirects are not followed"))),
            (status, _) => Err(lost(effect, what, format!("status {status}"))),
        }
    }
}

/// A request that was sent, with no answer to tell what became of it.
pub(crate) fn lost(effect: Effect, what: &str, why: String) -> Error {
    match effect {
        Effect::Read | Effect::SignIn => Error::Unavailable(format!("{what}: {why}")),
        Effect::Write => Error::Unclear { what: what.to_owned(), why },
    }
}

pub(super) fn with_body(building: RequestBuilder, body: &Payload) -> RequestBuilder {
    match body {
        Payload::None => building,
        Payload::Json(json) => building.header(CONTENT_TYPE, "application/json").body(json.clone()),
        Payload::Form(form) => building.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.clone()),
        Payload::Multipart(parts) => building.multipart(parts.iter().fold(multipart::Form::new(), with_part)),
    }
}

fn with_part(form: multipart::Form, part: &Part) -> multipart::Form {
    let Part { name, text, file } = part;
    if !file {
        return form.text(*name, text.clone());
    }
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    form.part(*name, multipart::Part::text(text.clone()).file_name(format!("{name}.json")).headers(headers))
}

pub(super) fn form(accept: Accept, content_type: Option<&str>, body: &[u8]) -> Form {
    let body = body.trim_ascii_start();
    match (content_type, body.first()) {
        (_, None) => Form::Empty,
        (Some(kind), _) if kind.contains("json") => Form::Json,
        (Some(kind), Some(_)) if accept.takes(kind) => Form::Asked,
        // Some gateways drop the header of an error.
        (None, Some(b'{' | b'[')) => Form::Json,
        (Some(_) | None, Some(_)) => Form::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(effect: Effect, status: u16, form: Form) -> &'static str {
        let reply = Reply { status, form, body: Bytes::new(), cookies: Vec::new(), trace: None, retry_after: None };
        match reply.judge(effect, "a call") {
            Ok(_) => "said",
            Err(Error::Throttled { .. }) => "throttled",
            Err(Error::Unavailable(_)) => "unavailable",
            Err(Error::Unclear { .. }) => "unclear",
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn an_answer_is_judged_by_status_form_and_effect() {
        use Form::{Asked, Empty, Json, Other};
        for (status, form, read, write) in [
            (200, Json, "said", "said"),
            (204, Empty, "said", "said"),
            (200, Asked, "said", "said"),
            (400, Asked, "unavailable", "unclear"),
            (200, Other, "unavailable", "unclear"),
            (302, Empty, "unavailable", "unclear"),
            (302, Other, "unavailable", "unclear"),
            (400, Json, "said", "said"),
            (400, Empty, "said", "said"),
            (404, Other, "unavailable", "unclear"),
            (401, Other, "said", "said"),
            (403, Other, "said", "said"),
            (408, Json, "unavailable", "unclear"),
            (409, Json, "said", "said"),
            (415, Empty, "said", "said"),
            (429, Empty, "throttled", "throttled"),
            (500, Json, "said", "said"),
            (500, Empty, "unavailable", "unclear"),
            (500, Other, "unavailable", "unclear"),
            (502, Other, "unavailable", "unclear"),
            (503, Json, "unavailable", "unclear"),
            (504, Json, "unavailable", "unclear"),
        ] {
            assert_eq!(judged(Effect::Read, status, form), read, "reading, {status} {form:?}");
            assert_eq!(judged(Effect::Write, status, form), write, "writing, {status} {form:?}");
        }
    }

    #[test]
    fn the_form_comes_from_the_header_where_there_is_one() {
        for (accept, content_type, body, expected) in [
            (Accept::Json, Some("application/json; charset=utf-8"), "{}", Form::Json),
            (Accept::Json, Some("text/html"), "{}", Form::Other),
            (Accept::Json, Some("text/plain"), "token", Form::Other),
            (Accept::Text, Some("text/plain;charset=utf-8"), "token", Form::Asked),
            (Accept::Text, Some("application/json"), "{}", Form::Json),
            (Accept::Text, Some("text/html"), "<html>", Form::Other),
            (Accept::Pdf, Some("application/pdf"), "%PDF-1.7", Form::Asked),
            (Accept::Pdf, Some("application/octet-stream"), "%PDF-1.7", Form::Asked),
            (Accept::Pdf, Some("text/html"), "<html>", Form::Other),
            (Accept::Json, None, " [1]", Form::Json),
            (Accept::Json, None, "<html>", Form::Other),
            (Accept::Json, Some("application/json"), " \n", Form::Empty),
        ] {
            assert_eq!(form(accept, content_type, body.as_bytes()), expected, "{accept:?} {content_type:?} {body}");
        }
    }
}
