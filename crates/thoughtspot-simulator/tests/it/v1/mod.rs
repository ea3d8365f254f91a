//! REST API v1, as any client sees it.

mod orgs;
mod sessions;
mod support;
