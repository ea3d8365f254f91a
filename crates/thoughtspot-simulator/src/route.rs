//! What a route of the API is: its address, its handler, and what the handler works with and gives back.

use crate::call::Call;
use crate::journal::Kind;
use crate::pages;
use crate::sessions::{Session, Sessions};
use crate::settings::Settings;
use crate::state::refusal::Refusal;
use crate::state::{ALL_ORGS, Actor, PRIMARY, World};
use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Which API version speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// REST API v1: forms, session cookies, flat errors.
    V1,
    /// REST API v2: JSON, tokens, nested errors.
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

/// What answers a request, and what it is called.
pub(crate) struct Handler {
    /// The function, below the crate: `v2::orgs::create`.
    pub(crate) name: &'static str,
    pub(crate) access: Access,
}

/// Whom a handler answers.
pub(crate) enum Access {
    /// Anybody.
    Open(fn(&mut Context<'_>) -> Result<Answer, Refusal>),
    /// Whoever shows a good token.
    Signed(fn(&mut Context<'_>, Session) -> Result<Answer, Refusal>),
}

/// The handler of a route that anybody may ask.
macro_rules! open {
    ($function:ident) => {
        $crate::route::Handler {
            name: concat!(module_path!(), "::", stringify!($function)),
            access: $crate::route::Access::Open($function),
        }
    };
}

/// The handler of a route that needs a good token.
macro_rules! signed {
    ($function:ident) => {
        $crate::route::Handler {
            name: concat!(module_path!(), "::", stringify!($function)),
            access: $crate::route::Access::Signed($function),
        }
    };
}

pub(crate) use {open, signed};

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

    /// Whether it is there with the Orgs feature only.
    pub(crate) fn needs_orgs(&self) -> bool {
        self.path.starts_with("/org") || self.path.starts_with("/session/orgs") || self.path == "/user/addtoorg"
    }

    /// Where it is served. v1 takes every path with and without a slash at its end.
    pub(crate) fn paths(&self) -> Vec<String> {
        let path = format!("{}{}", self.dialect.base(), self.path);
        match self.dialect {
            Dialect::V1 => vec![format!("{}/", path.trim_end_matches('/')), path.trim_end_matches('/').to_owned()],
            Dialect::V2 => vec![path],
        }
    }
}

/// An endpoint that the simulator serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteInfo {
    /// Which API version it belongs to.
    pub dialect: Dialect,
    /// HTTP method.
    pub method: String,
    /// Relative to the base of the API version, as `users/{user_identifier}/update` or `org/`.
    pub path: String,
    /// The function that answers, below the crate: `v2::users::update`.
    pub handler: &'static str,
}

impl From<&Route> for RouteInfo {
    fn from(route: &Route) -> Self {
        Self {
            dialect: route.dialect,
            method: route.method.to_string(),
            path: route.path.trim_start_matches('/').to_owned(),
            handler: route.handler.name.split_once("::").map_or(route.handler.name, |(_, name)| name),
        }
    }
}

/// These routes as endpoints, in their order. One that is served with and without a slash at its end is named once, as it comes first.
pub(crate) fn endpoints<'a>(routes: impl Iterator<Item = &'a Route>) -> Vec<RouteInfo> {
    let mut seen = BTreeSet::new();
    let mut new = |route: &&Route| seen.insert((route.dialect, route.method.to_string(), route.path.trim_end_matches('/')));
    routes.filter(|route| new(route)).map(RouteInfo::from).collect()
}

/// An answer that is no refusal.
pub(crate) enum Answer {
    Json(Value),
    NoContent,
    /// 200 and plain text.
    Text(String),
    /// 200 and bytes of this media type.
    Bytes(&'static str, Vec<u8>),
    /// 302 to this address.
    Redirect(String),
    /// Another answer that also sets cookies.
    WithCookies(Box<Answer>, [String; 2]),
}

impl Answer {
    /// The same answer, which also sets these cookies.
    pub(crate) fn with_cookies(self, cookies: [String; 2]) -> Self {
        Self::WithCookies(Box::new(self), cookies)
    }
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
        let org = if session.org == ALL_ORGS { PRIMARY } else { session.org };
        Actor { user: session.user, org, now: self.now, settings: self.settings }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Json(value) => Json(value).into_response(),
            Self::NoContent => StatusCode::NO_CONTENT.into_response(),
            Self::Text(text) => text.into_response(),
            Self::Bytes(media_type, bytes) => ([(header::CONTENT_TYPE, media_type)], bytes).into_response(),
            Self::Redirect(location) => pages::redirect(&location),
            Self::WithCookies(answer, cookies) => {
                let mut response = answer.into_response();
                for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
                    response.headers_mut().append(header::SET_COOKIE, cookie);
                }
                response
            }
        }
    }
}
