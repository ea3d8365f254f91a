//! REST API v2 on the wire: what requests look like, what rows look like, which status and code a refusal has.
//!
//! Invariant: nothing is decided here that the world could decide.

pub(crate) mod accounts;
pub(crate) mod auth;
pub(crate) mod auth_settings;
pub(crate) mod connections;
pub(crate) mod content;
pub(crate) mod errors;
pub(crate) mod governing;
pub(crate) mod groups;
pub(crate) mod import;
pub(crate) mod logs;
pub(crate) mod metadata;
pub(crate) mod metadata_edit;
mod metadata_order;
pub(crate) mod orgs;
pub(crate) mod permissions;
pub(crate) mod roles;
pub(crate) mod search;
pub(crate) mod sharing;
pub(crate) mod system;
pub(crate) mod system_config;
pub(crate) mod tags;
pub(crate) mod tml;
pub(crate) mod tml_batch;
pub(crate) mod tokens;
mod user_row;
pub(crate) mod users;
pub(crate) mod wire;

use crate::journal::Kind;
use crate::route::{Dialect, Handler, Route};
use axum::http::Method;

/// Every route of this version.
pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    [
        accounts::ROUTES,
        auth::ROUTES,
        auth_settings::ROUTES,
        connections::ROUTES,
        governing::ROUTES,
        groups::ROUTES,
        import::ROUTES,
        logs::ROUTES,
        metadata::ROUTES,
        metadata_edit::ROUTES,
        orgs::ROUTES,
        permissions::ROUTES,
        roles::ROUTES,
        sharing::ROUTES,
        system::ROUTES,
        system_config::ROUTES,
        tags::ROUTES,
        tml::ROUTES,
        tml_batch::ROUTES,
        tokens::ROUTES,
        users::ROUTES,
    ]
    .into_iter()
    .flatten()
}

const fn route(method: Method, path: &'static str, kind: Kind, handler: Handler) -> Route {
    Route { dialect: Dialect::V2, method, path, kind, handler }
}

const fn post(path: &'static str, kind: Kind, handler: Handler) -> Route {
    route(Method::POST, path, kind, handler)
}
