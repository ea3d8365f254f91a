//! The operator against a real Kubernetes API server and the simulator: one binary, a module a story.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;
mod rights;

mod abuse;
mod adoption;
mod chart;
mod conflicts;
mod crash;
mod credentials;
mod deletion;
mod dialects;
mod documents;
mod drift;
mod economy;
mod edges;
mod endings;
mod grants;
mod groups;
mod guard;
mod health;
mod kinds_removed;
mod left_orgs;
mod lifecycle;
mod limits;
mod logs;
mod messages;
mod metrics;
mod observe;
mod order;
mod orders;
mod orgs;
mod outages;
mod overload;
mod pages;
mod passwords;
mod pipelines;
mod preferences;
mod privilege;
mod reach;
mod replicas;
mod restore;
mod schema;
mod secrecy;
mod soak;
mod sweep;
mod tls;
mod traces;
mod unreadable;
mod views;
mod worlds;
