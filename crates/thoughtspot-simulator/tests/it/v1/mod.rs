//! REST API v1, as any client sees it.

mod accounts;
mod groups;
mod memberships;
mod orgs;
mod sessions;
mod support;
mod users;
