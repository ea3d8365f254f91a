//! What a route of the API is: its address, its handler, and what the handler works with and gives back.

use crate::call::Call;
use crate::journal::Kind;
use crate::sessions::{Session, Sessions};
use crate::settings::Settings;
use crate::state::refusal::Refusal;
use crate::state::{Actor, World};
use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// Which API version speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    V1,
    V2,
}

impl Dialect {
    /// Where this version's paths begin.
    pub(crate) fn base(self) -> &'static str {
        match self {
            Self::V1 => "/callosum/v1/tspublic/v1",
            Self::V2 => "/api/rest/2.0",
        }
    }

    /// What the journal and the rules put before a path of this version.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::V1 => "v1/",
            Self::V2 => "",
        }
    }
}

/// What answers a request.
pub(crate) enum Handler {
    /// Anybody may ask.
    Open(fn(&mut Context<'_>) -> Result<Answer, Refusal>),
    /// A good token is needed.
    Signed(fn(&mut Context<'_>, Session) -> Result<Answer, Refusal>),
}

/// A route of the API.
pub(crate) struct Route {
    pub(crate) dialect: Dialect,
    pub(crate) method: Method,
    /// Relative to the base of the API version.
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
    pub(crate) handler: Handler,
}

impl Route {
    /// How the journal calls it.
    pub(crate) fn name(&self) -> String {
        format!("{} {}{}", self.method, self.dialect.prefix(), self.path.trim_start_matches('/'))
    }
}

/// An answer that is no refusal.
pub(crate) enum Answer {
    Json(Value),
    NoContent,
}

/// What a handler works with.
pub(crate) struct Context<'a> {
    pub(crate) call: &'a Call,
    pub(crate) world: &'a mut World,
    pub(crate) sessions: &'a mut Sessions,
    pub(crate) settings: &'a Settings,
    pub(crate) now: i64,
    /// By how many rows pages of a search are moved.
    pub(crate) page_shift: i64,
    /// Whom the journal names as the one who asked, and the Org: filled in by calls that need no token.
    pub(crate) asked_by: Option<(String, Option<i32>)>,
}

impl<'a> Context<'a> {
    pub(crate) fn actor(&self, session: Session) -> Actor<'a> {
        Actor { user: session.user, org: session.org, now: self.now, settings: self.settings }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Json(value) => Json(value).into_response(),
            Self::NoContent => StatusCode::NO_CONTENT.into_response(),
        }
    }
}
