//! The rules that every kind inherits, over a toy kind, a far side in memory and a stand-in for the Kubernetes API.
//!
//! Time is paused: what waits for minutes here takes none.

#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "one test binary: its modules are for each other, and a test that cannot go on fails"
)]

mod adopting;
mod api;
mod creating;
mod drift;
mod far;
mod fights;
mod holding;
mod recreating;
mod removing;
mod reporting;
mod thing;
mod toy;
mod trouble;
mod world;
