//! One API request from arrival to answer: journal, faults, who asks, the handler.
//!
//! Invariants: what happens to a request is chosen under one lock and waited for outside it; a handler runs as a whole under
//! that lock, so a client that goes away leaves either everything or nothing done.

use crate::call::Call;
use crate::core::{Core, Shared};
use crate::faults::{Action, Body, Moment, Verdict};
use crate::journal::{Entry, Kind};
use crate::pages::{self, Cut};
use crate::route::{Access, Answer, Context, Dialect, Route};
use crate::sessions::Session;
use crate::settings::{Maintenance, Settings};
use crate::state::World;
use crate::state::refusal::{Cause, Refusal};
use crate::{v1, v2};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Instant;

impl Dialect {
    /// The answer, as this version gives it.
    fn answer(self, answer: Answer, settings: &Settings) -> Answer {
        match (self, answer) {
            (Self::V1, Answer::NoContent) if settings.v1_writes_answer_json => Answer::Json(Value::Object(Map::new())),
            (Self::V1 | Self::V2, answer) => answer,
        }
    }

    /// A refusal in the words of this version.
    fn refusal(self, refusal: &Refusal, settings: &Settings) -> Response {
        match self {
            Self::V1 => v1::errors::render(refusal, settings),
            Self::V2 => v2::errors::render(refusal, settings),
        }
    }

    /// An error that nobody caused.
    fn failure(self, status: u16, retry_after: Option<u32>, body: Body) -> Response {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match self {
            Self::V1 => v1::errors::failure(status, retry_after, body),
            Self::V2 => v2::errors::failure(status, retry_after, body),
        }
    }

    /// The headers that every answer of this version has.
    fn complete(self, response: Response, since: Instant) -> Response {
        match self {
            Self::V1 => v1::headers::complete(response, since.elapsed()),
            Self::V2 => response,
        }
    }
}

impl Shared {
    /// Answers one request.
    pub(crate) async fn exchange(&self, route: &Route, call: Call) -> Response {
        let (entry, verdict, early) = self.admit(route, &call);
        tokio::time::sleep(verdict.delay).await;
        verdict.wait(Moment::BeforeServed, entry.clone()).await;
        let seq = entry.seq;
        let response = match early.or_else(|| self.instead(route, &verdict, &call)) {
            Some(response) => response,
            None => spoil(route.dialect, &verdict, self.serve(route, &call, seq, &verdict)).await,
        };
        let entry = self.core().journal.entry(seq).cloned().unwrap_or(entry);
        verdict.wait(Moment::AfterCommit, entry).await;
        if response.extensions().get::<Cut>().is_none()
            && let Some(entry) = self.core().journal.entry(seq)
        {
            entry.status = Some(response.status().as_u16());
        }
        response
    }

    /// Writes the request down and decides what happens to it; an answer when it gets no further.
    fn admit(&self, route: &Route, call: &Call) -> (Entry, Verdict, Option<Response>) {
        let mut core = self.core();
        let core = &mut *core;
        let entry = call.entry(core.journal.next_seq(), core.clock.now(), route.name(), route.kind);
        core.journal.open(entry.clone());
        let verdict = core.faults.decide(&entry);
        let early = maintenance(core.settings.maintenance).or_else(|| core.throttle());
        (entry, verdict, early)
    }

    /// The answer of a fault that keeps the request from being served.
    fn instead(&self, route: &Route, verdict: &Verdict, call: &Call) -> Option<Response> {
        match verdict.ending.as_ref()? {
            Action::Refuse { after_commit: true, .. } | Action::CommitThenDrop | Action::MalformedJson => None,
            Action::Refuse { status, retry_after, body, after_commit: false } => {
                Some(route.dialect.failure(*status, *retry_after, *body))
            }
            Action::DropBeforeCommit => Some(pages::cut()),
            Action::Html => Some(pages::html(StatusCode::OK, "System Maintenance")),
            Action::Echo => Some(route.dialect.refusal(&call.echo(), &self.core().settings)),
            Action::EchoPage => Some(pages::html(StatusCode::BAD_GATEWAY, &call.repeated())),
            Action::EchoRedirect => {
                let from: String = form_urlencoded::byte_serialize(call.repeated().as_bytes()).collect();
                Some(pages::redirect(&format!("/login?from={from}")))
            }
            Action::Redirect { location } => Some(pages::redirect(location)),
            Action::Delay { .. } | Action::StaleRead | Action::PageShift { .. } => None,
        }
    }

    /// Serves the request, all of it under the lock.
    fn serve(&self, route: &Route, call: &Call, seq: u64, verdict: &Verdict) -> Response {
        let since = Instant::now();
        let mut core = self.core();
        let answer = core.answer(route, call, seq, verdict);
        if answer.is_ok() && route.kind == Kind::Write {
            core.journal.commit(seq);
        }
        let response = match answer {
            Ok(answer) => route.dialect.answer(answer, &core.settings).into_response(),
            Err(refusal) if refusal.cause == Cause::NoRoute && core.settings.unknown_path_html => {
                pages::html(StatusCode::NOT_FOUND, "Not Found")
            }
            Err(refusal) => route.dialect.refusal(&refusal, &core.settings),
        };
        route.dialect.complete(response, since)
    }
}

impl Core {
    /// Finds out who asks, and lets the handler answer.
    fn answer(&mut self, route: &Route, call: &Call, seq: u64, verdict: &Verdict) -> Result<Answer, Refusal> {
        if route.dialect == Dialect::V2 && !self.settings.serves_v2 {
            return Err(Refusal::new(Cause::NoRoute, format!("Cannot find {}", call.path)));
        }
        if route.needs_orgs() && !self.settings.orgs {
            return Err(Refusal::feature_off("Orgs"));
        }
        let now = self.clock.now();
        self.world.unlock_expired(now);
        let session = match route.handler.access {
            Access::Open(_) => None,
            Access::Signed(_) => Some(self.sessions.check(call.shown(), &self.world, &self.settings, now)?),
        };
        if let Some(session) = session {
            self.note_caller(seq, session);
            if session.object.is_some() && route.kind == Kind::Write {
                return Err(Refusal::forbidden("Access denied: the token shows one object and changes nothing"));
            }
        }
        let mut then = self.past(route, verdict, now).map(|world| (*world).clone());
        let mut context = Context {
            call,
            world: then.as_mut().unwrap_or(&mut self.world),
            sessions: &mut self.sessions,
            settings: &self.settings,
            now,
            page_shift: verdict.page_shift,
            asked_by: None,
        };
        let answer = match (&route.handler.access, session) {
            (Access::Open(handler), _) => handler(&mut context),
            (Access::Signed(handler), Some(session)) => handler(&mut context, session),
            (Access::Signed(_), None) => Err(Refusal::unauthenticated()),
        };
        if let Some((name, org)) = context.asked_by.take() {
            self.note(seq, name, org);
        }
        answer
    }

    /// The world as a read shows it, when that is not the world as it is; and what it was before a write, for later reads.
    fn past(&mut self, route: &Route, verdict: &Verdict, now: i64) -> Option<Arc<World>> {
        let delay = self.settings.search_delay_millis;
        match route.kind {
            Kind::Read if verdict.stale.is_some() => verdict.stale.clone(),
            Kind::Read if route.path.ends_with("/search") && delay > 0 => self.history.before(delay, now),
            Kind::Write if delay > 0 => {
                self.history.keep(&self.world, now);
                None
            }
            Kind::Read | Kind::Write | Kind::Token => None,
        }
    }

    fn note_caller(&mut self, seq: u64, session: Session) {
        let name = self.world.users.get(&session.user).map(|user| user.name.clone()).unwrap_or_default();
        self.note(seq, name, Some(session.org));
    }

    fn note(&mut self, seq: u64, name: String, org: Option<i32>) {
        if let Some(entry) = self.journal.entry(seq) {
            entry.identity = Some(name);
            entry.org = org;
        }
    }

    /// The answer when there are more requests than the limit lets through.
    fn throttle(&mut self) -> Option<Response> {
        let limit = self.settings.rate_limit?;
        if self.bucket.take(limit, self.settings.rate_burst, self.clock.now()) {
            return None;
        }
        Some(Dialect::V2.failure(429, self.settings.rate_retry_after, Body::Empty))
    }
}

fn maintenance(setting: Maintenance) -> Option<Response> {
    match setting {
        Maintenance::Off => None,
        Maintenance::Html200 => Some(pages::html(StatusCode::OK, "Site Maintenance")),
        Maintenance::Html503 => Some(pages::html(StatusCode::SERVICE_UNAVAILABLE, "Site Maintenance")),
    }
}

/// What a fault makes of the answer after the request was served.
async fn spoil(dialect: Dialect, verdict: &Verdict, response: Response) -> Response {
    match &verdict.ending {
        Some(Action::Refuse { status, retry_after, body, .. }) => dialect.failure(*status, *retry_after, *body),
        Some(Action::CommitThenDrop) => pages::cut(),
        Some(Action::MalformedJson) => pages::cut_short(response).await,
        Some(
            Action::DropBeforeCommit
            | Action::Html
            | Action::Echo
            | Action::EchoPage
            | Action::EchoRedirect
            | Action::Redirect { .. }
            | Action::Delay { .. }
            | Action::StaleRead
            | Action::PageShift { .. },
        )
        | None => response,
    }
}
