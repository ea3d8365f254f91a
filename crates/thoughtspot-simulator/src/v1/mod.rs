//! REST API v1 on the wire: forms in, flat errors out, sessions that cookies name.
//!
//! What it does is in docs/thoughtspot-api-v1.md. Invariant: nothing is decided here that the world could decide.

mod accounts;
mod audit;
mod content;
mod data;
pub(crate) mod errors;
mod group_row;
mod groups;
pub(crate) mod headers;
mod home;
mod lists;
mod memberships;
mod orgs;
mod pdf;
mod permissions;
mod principals;
mod roles;
mod rows;
mod scope;
mod session;
mod session_info;
mod session_orgs;
mod sharing;
mod tagging;
mod tml;
mod transfer;
mod user_content;
mod user_row;
mod user_sync;
mod users;
mod wire;

use crate::journal::Kind;
use crate::route::{Dialect, Handler, Route};
use axum::http::Method;

/// Every route of this version.
pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    [
        accounts::ROUTES,
        audit::ROUTES,
        data::ROUTES,
        groups::ROUTES,
        home::ROUTES,
        lists::ROUTES,
        memberships::ROUTES,
        orgs::ROUTES,
        pdf::ROUTES,
        permissions::ROUTES,
        principals::ROUTES,
        roles::ROUTES,
        session::ROUTES,
        session_info::ROUTES,
        session_orgs::ROUTES,
        sharing::ROUTES,
        tagging::ROUTES,
        tml::ROUTES,
        transfer::ROUTES,
        users::ROUTES,
        user_sync::ROUTES,
    ]
    .into_iter()
    .flatten()
}

const fn route(method: Method, path: &'static str, kind: Kind, handler: Handler) -> Route {
    Route { dialect: Dialect::V1, method, path, kind, handler }
}
