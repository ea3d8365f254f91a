//! REST API v1, as any client sees it.

mod accounts;
mod content;
mod groups;
mod memberships;
mod orgs;
mod sessions;
mod support;
mod users;
