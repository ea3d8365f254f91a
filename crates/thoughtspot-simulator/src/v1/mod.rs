//! REST API v1 on the wire: so far the one call without which nobody knows the built-in groups of an Org.

pub(crate) mod errors;
mod orgs;

use crate::route::Route;

/// Every route of this version.
pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    orgs::ROUTES.iter()
}
