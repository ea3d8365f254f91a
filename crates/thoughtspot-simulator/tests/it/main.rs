//! The simulator over HTTP, as any client sees it.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod accounts;
mod audit;
mod content;
mod control;
mod faults;
mod governing;
mod groups;
mod import;
mod orgs;
mod page;
mod roles;
mod searches;
mod seed;
mod sessions;
mod settings;
mod sign_in;
mod support;
mod system_config;
mod tml;
mod tml_batch;
mod tokens;
mod users;
mod v1;
mod wire;
