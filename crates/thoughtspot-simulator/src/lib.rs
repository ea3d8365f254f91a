//! A ThoughtSpot on a laptop: the public REST API in memory, with faults and a journal. Imports none of the operator's crates.
//!
//! What the real server does is in docs/thoughtspot-api.md; where that is silent, [`Settings`] says what happens here.
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`simulator`] | [`Simulator`]: start, watch, change, stop |
//! | `state` | what exists, and what may be done to it; knows no HTTP |
//! | `v2`, `v1` | requests and rows on the wire, one file a resource |
//! | `exchange` | one request: journal, faults, who asks, handler |
//! | `route` | what a route is, and what its handler works with |
//! | `call`, `form`, `cookies`, `pages` | a request as it came in; answers that no handler gives |
//! | `headers` | the short form of an object, the same in both versions |
//! | `tml_wire` | imports and exports of text in answers, the same in both versions |
//! | [`faults`] | what goes wrong on purpose |
//! | `history` | what searches do not show yet |
//! | [`journal`] | what was asked and what came of it |
//! | [`settings`] | every switch, with its default |
//! | [`edit`] | what a person in the browser does |
//! | `control` | `/_simulator/*` |
//! | [`cli`] | the command line |

mod call;
pub mod cli;
mod clock;
mod control;
mod cookies;
mod core;
pub mod edit;
mod edit_content;
mod exchange;
pub mod faults;
mod form;
mod headers;
mod history;
pub mod journal;
mod pages;
mod rate;
mod route;
mod server;
mod sessions;
pub mod settings;
pub mod simulator;
mod state;
mod tml_wire;
mod v1;
mod v2;

pub use edit::Edit;
pub use faults::{Action, Body, Hold, Moment, Rule};
pub use journal::{Counters, Entry, Kind};
pub use route::{Dialect, RouteInfo};
pub use settings::Settings;
pub use simulator::{Options, Simulator};
pub use state::content::access::Access;
pub use state::content::dump::{BodyDump, ContentDump, PrincipalDump, ProjectionDump, ShareDump, TagDump, VisualizationDump};
pub use state::content::find::PrincipalKind;
pub use state::content::{ContentKind, TableKind};
pub use state::dump::{Dump, GroupDump, OrgDump, RoleDump, SeedPassword, UserDump};
pub use state::kinds::{AccountStatus, AccountType, GroupType, Visibility};
pub use state::load::BadSeed;
pub use state::preferences::PreferencesDump;
pub use state::refusal::{Cause, Refusal};
pub use state::seed::Credentials;
