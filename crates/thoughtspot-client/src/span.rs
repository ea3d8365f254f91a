//! What a trace tells of calls, and of what several passes share. Names of attributes are those of OpenTelemetry's semantic conventions where
//! there is one, else those of the log; no header, no query and no body is told. Numbers are `i64`: others arrive as text.

use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use crate::domain::OrgId;
use crate::error::Result;
use crate::inventory::Scope;
use crate::meter::outcome;
use crate::transport::{Reply, Request, Target};

/// The target of the spans of calls, which are for traces only: a line of the log on a call says all of it.
pub const CALLS: &str = "thoughtspot_client::call";

/// One call, from queueing for its permit to the last byte; [`ended`] fills in the rest.
pub(crate) fn call(target: &Target, request: &Request<'_>) -> Span {
    tracing::info_span!(
        target: CALLS,
        "call",
        otel.name = request.what,
        otel.kind = "client",
        otel.status_code = Empty,
        operation = request.what,
        dialect = request.api.dialect(),
        instance = %target.label,
        org_id = request.org.0,
        http.request.method = %request.method,
        http.request.resend_count = (request.resent > 0).then_some(i64::from(request.resent)),
        url.path = request.path,
        server.address = target.host(),
        server.port = target.port().map(i64::from),
        http.response.status_code = Empty,
        "error.type" = Empty,
        outcome = Empty,
        waited_ms = Empty,
        trace = Empty,
    )
}

/// How a call ended, which is what metrics and the log say, too.
pub(crate) fn ended(span: &Span, result: &Result<Reply>) {
    let outcome = outcome(result);
    span.record("outcome", outcome);
    if outcome != "ok" {
        span.record("otel.status_code", "error");
    }
    match result {
        Ok(reply) => {
            span.record("http.response.status_code", i64::from(reply.status));
            if outcome != "ok" {
                span.record("error.type", reply.status.to_string());
            }
            if let Some(trace) = &reply.trace {
                span.record("trace", trace);
            }
        }
        Err(_) => {
            span.record("error.type", outcome);
        }
    }
}

/// How long the call of the current span queued for its permit.
pub(crate) fn waited(waited: Duration) {
    Span::current().record("waited_ms", i64::try_from(waited.as_millis()).unwrap_or(i64::MAX));
}

/// Reading a list whole, for whoever asked first and all who wait.
pub(crate) fn sweep(scope: &Scope) -> Span {
    tracing::info_span!("sweep", %scope)
}

/// Signing in, for whoever asked first and all who wait.
pub(crate) fn sign_in(org: OrgId) -> Span {
    tracing::info_span!("sign_in", org_id = org.0)
}
