//! REST API v1 on the wire: forms in, flat errors out, sessions that cookies name.
//!
//! What it does is in docs/thoughtspot-api-v1.md. Invariant: nothing is decided here that the world could decide.

pub(crate) mod errors;
pub(crate) mod headers;
mod orgs;
mod scope;
mod session;
mod session_orgs;
mod wire;

use crate::journal::Kind;
use crate::route::{Dialect, Handler, Route};
use axum::http::Method;

/// Every route of this version.
pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    [orgs::ROUTES, session::ROUTES, session_orgs::ROUTES].into_iter().flatten()
}

const fn route(method: Method, path: &'static str, kind: Kind, handler: Handler) -> Route {
    Route { dialect: Dialect::V1, method, path, kind, handler }
}
