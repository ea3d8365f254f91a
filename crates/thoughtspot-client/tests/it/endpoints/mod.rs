//! Every endpoint of ThoughtSpot that the client can call, called, against a simulator that refuses what it does not know.
//!
//! One file a resource, with a function `calls` that makes each call once with `call!` and checks what came of it in the world.
//! The rows that this gives say which method reaches which endpoint because they were seen to do so; `list` gathers them.
//! After that each call is made again and again, and answered with what no server should answer (`mangle`): that may be an error,
//! and never a panic or a hang.

mod library;
mod list;
mod mangle;
mod tap;
mod v1_groups;
mod v1_objects;
mod v1_orgs;
mod v1_roles;
mod v1_sessions;
mod v1_sync;
mod v1_users;
mod v2_auth;
mod v2_governing;
mod v2_groups;
mod v2_import;
mod v2_logs;
mod v2_metadata;
mod v2_orgs;
mod v2_roles;
mod v2_sharing;
mod v2_system;
mod v2_tags;
mod v2_tml;
mod v2_users;

use axum::http::StatusCode;
use thoughtspot_simulator::Entry;

use crate::Bench;
use tap::{Heard, Tap};

/// A simulator in strict mode, and the calls that were made to it.
pub(crate) struct Table {
    pub(crate) bench: Bench,
    tap: Tap,
    /// The file the calls are made in, such as `endpoints::v2_orgs`.
    pub(crate) test: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// One method of the client, and the endpoint it reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    /// The endpoint as the journal names it, such as `POST users/create` or `GET v1/user`.
    pub(crate) route: String,
    /// Such as `v2::users::Users::create`.
    pub(crate) method: String,
    pub(crate) test: &'static str,
}

/// Calls a method of a handle and gives what it gives, which must not be an error; notes which endpoint it reached.
///
/// `call!(table, far.roles(org), create(&new))`. Where the method makes several requests, the last one counts. The arguments are
/// evaluated several times: the call is made again with answers that are wrong.
macro_rules! call {
    ($table:expr, $handle:expr, $method:ident($($argument:expr),* $(,)?)) => {{
        let handle = $handle;
        let mark = $table.bench.mark();
        let outcome = handle.$method($($argument),*).await;
        $table.note(mark, std::any::type_name_of_val(&handle), stringify!($method), &outcome);
        for wrong in $table.wrong_answers() {
            $table.answer_with(&wrong);
            crate::soon("the end of a call that is answered with nonsense", handle.$method($($argument),*)).await.ok();
        }
        $table.answer_as_before();
        outcome.unwrap()
    }};
}
pub(crate) use call;

impl Table {
    pub(crate) async fn new(test: &'static str) -> Table {
        let mut bench = Bench::new().await;
        let tap = Tap::new(&bench.sim.url()).await;
        bench.url.clone_from(&tap.url);
        bench.sim.set(|settings| settings.strict = true);
        let test = test.strip_prefix("it::").unwrap_or(test);
        Table { bench, tap, test, rows: Vec::new() }
    }

    /// The last answer, made wrong in many ways: as a yes, and as a refusal.
    pub(crate) fn wrong_answers(&self) -> Vec<Heard> {
        let right = self.tap.last();
        let bodies = mangle::mangled(&right.body, self.rows.len() as u64);
        let statuses = [right.status, StatusCode::BAD_REQUEST, right.status, StatusCode::INTERNAL_SERVER_ERROR];
        bodies.into_iter().zip(statuses.into_iter().cycle()).map(|(body, status)| right.with(status, body)).collect()
    }

    pub(crate) fn answer_with(&self, wrong: &Heard) {
        self.tap.instead(Some(wrong.clone()));
    }

    pub(crate) fn answer_as_before(&self) {
        self.tap.instead(None);
    }

    /// Notes where the call went that was made since `mark`.
    pub(crate) fn note<T>(&mut self, mark: u64, handle: &str, method: &str, outcome: &thoughtspot_client::Result<T>) {
        let handle = handle.trim_start_matches('&').trim_start_matches("thoughtspot_client::");
        let handle = handle.split('<').next().unwrap_or(handle);
        let method = format!("{handle}::{method}");
        if let Err(error) = outcome {
            panic!("{method}: {error}");
        }
        let journal = self.bench.sim.journal();
        let reached = journal.iter().rfind(|entry| entry.seq > mark);
        let Entry { route, status, .. } = reached.unwrap_or_else(|| panic!("{method} asked nothing"));
        assert!(status.is_some_and(|status| status < 400), "{method}: {route} answered {status:?}");
        self.rows.push(Row { route: route.clone(), method, test: self.test });
    }
}
