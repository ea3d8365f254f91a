//! What came of a request says whether anybody is there.

use tokio::time::Instant;

use super::Target;
use super::message::{Form, Reply, Request};
use crate::api::Api;
use crate::error::{Error, Result};
use crate::outage::Sign;

/// Remembers what came of a request that was sent at `sent`.
pub(super) fn heed(target: &Target, request: &Request<'_>, result: &Result<Reply>, sent: Instant) {
    let sign = match result {
        Ok(reply) => reply.sign(request.api),
        Err(Error::Unavailable(_) | Error::Unclear { .. }) => Sign::Bad,
        Err(_) => Sign::None,
    };
    let why = || match result {
        Ok(reply) => format!("{}: status {}", request.what, reply.status),
        Err(error) => error.to_string(),
    };
    if target.budget.answers.note(sign, sent, why) {
        let instance = &target.label;
        match sign {
            Sign::Good => tracing::info!(%instance, "ThoughtSpot answers again"),
            Sign::Bad | Sign::None => {
                tracing::warn!(%instance, why = why(), "ThoughtSpot does not answer: it is asked once in a while")
            }
        }
    }
}

impl Reply {
    /// Whether it shows that somebody is behind the gateway.
    fn sign(&self, api: Api) -> Sign {
        match (self.status, self.form) {
            // It asks for patience itself.
            _ if self.asks_to_slow_down() => Sign::None,
            // v1 answers a mistake of the client like this.
            (500, Form::Empty) if api == Api::V1 => Sign::None,
            // A page of maintenance.
            (408, _) | (200..=299, Form::Other) => Sign::Bad,
            (0..=499, _) | (500, Form::Json) => Sign::Good,
            (_, _) => Sign::Bad,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;

    #[test]
    fn who_answers_is_told_by_status_form_and_dialect() {
        use Form::{Empty, Json, Other};
        for (api, status, form, retry_after, expected) in [
            (Api::V2, 200, Json, None, Sign::Good),
            (Api::V2, 200, Other, None, Sign::Bad),
            (Api::V2, 401, Other, None, Sign::Good),
            (Api::V2, 404, Other, None, Sign::Good),
            (Api::V2, 408, Json, None, Sign::Bad),
            (Api::V2, 429, Empty, None, Sign::None),
            (Api::V2, 500, Json, None, Sign::Good),
            (Api::V2, 500, Empty, None, Sign::Bad),
            (Api::V1, 500, Empty, None, Sign::None),
            (Api::V1, 500, Other, None, Sign::Bad),
            (Api::V2, 503, Json, Some(Duration::ZERO), Sign::None),
            (Api::V2, 503, Json, None, Sign::Bad),
            (Api::V1, 504, Other, None, Sign::Bad),
        ] {
            let reply = Reply { status, form, body: Bytes::new(), cookies: Vec::new(), trace: None, retry_after };
            assert_eq!(reply.sign(api), expected, "{api:?} {status} {form:?}");
        }
    }
}
