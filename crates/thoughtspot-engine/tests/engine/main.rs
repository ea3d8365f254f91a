//! The rules that every kind inherits, over a toy kind, a far side in memory and a stand-in for the Kubernetes API.
//!
//! Time is paused: what waits for minutes here takes none.

mod adopting;
mod api;
mod creating;
mod drift;
mod far;
mod recreating;
mod removing;
mod reporting;
mod thing;
mod toy;
mod trouble;
mod world;
