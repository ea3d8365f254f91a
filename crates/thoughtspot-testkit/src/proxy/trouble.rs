//! A server that is slow or refuses: what befalls requests on their way through a proxy.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode, header};

/// What befalls one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is served this much later.
    Late(Duration),
    /// It is not served: this status, in the words of Kubernetes, is the answer.
    Refused(StatusCode),
    /// As `Refused`, in words that repeat what was sent, as an admission webhook may.
    Echoed(StatusCode),
    /// It is served, and this status is the answer all the same.
    Belied(StatusCode),
    /// It is served, and the answer is cut in the middle; its length says that this is all.
    Torn,
}

type Choice = Box<dyn FnMut(&str) -> Option<Trouble> + Send>;

/// Chooses what befalls which request. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Troubles(Arc<Mutex<Option<Choice>>>);

impl fmt::Debug for Troubles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("troubles")
    }
}

impl Troubles {
    /// From now on `choice` is asked for each request but watches, by the label that [`super::Which`] has.
    pub fn befall(&self, choice: impl FnMut(&str) -> Option<Trouble> + Send + 'static) {
        self.set(Some(Box::new(choice)));
    }

    /// From now on every request is served.
    pub fn end(&self) {
        self.set(None);
    }

    fn set(&self, choice: Option<Choice>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = choice;
    }

    pub(super) fn of(&self, label: &str) -> Option<Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut().and_then(|choice| choice(label))
    }
}

/// As [`refusal`], repeating what was sent.
pub(super) fn echo(status: StatusCode, sent: &[u8]) -> Response<Body> {
    worded(status, &format!("admission webhook denied the request: {}", String::from_utf8_lossy(sent)))
}

/// What an API server answers when it refuses, or a gateway that gave it up (504).
pub(super) fn refusal(status: StatusCode) -> Response<Body> {
    worded(status, "the server has too much to do")
}

fn worded(status: StatusCode, message: &str) -> Response<Body> {
    let reason = match status {
        StatusCode::GATEWAY_TIMEOUT => return answer(status, "<html><body>504 Gateway Time-out</body></html>".to_owned()),
        StatusCode::CONFLICT => "Conflict",
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequests",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
        StatusCode::UNPROCESSABLE_ENTITY => "Invalid",
        _ => "InternalError",
    };
    let body = serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": status.as_u16(),
    });
    let mut refusal = answer(status, body.to_string());
    refusal.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    if status == StatusCode::TOO_MANY_REQUESTS {
        refusal.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    }
    refusal
}

fn answer(status: StatusCode, body: String) -> Response<Body> {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn troubles_befall_what_was_chosen_until_they_end() {
        let troubles = Troubles::default();
        assert_eq!(troubles.of("GET a"), None);
        let conflict = Trouble::Refused(StatusCode::CONFLICT);
        troubles.clone().befall(move |label| label.starts_with("PATCH ").then_some(conflict));
        assert_eq!((troubles.of("PATCH a"), troubles.of("GET a")), (Some(conflict), None));
        troubles.end();
        assert_eq!(troubles.of("PATCH a"), None);
    }
}
