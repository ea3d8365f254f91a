//! REST API v1, as any client sees it.

mod accounts;
mod content;
mod groups;
mod memberships;
mod orgs;
mod roles;
mod sessions;
mod support;
mod sync;
mod users;
