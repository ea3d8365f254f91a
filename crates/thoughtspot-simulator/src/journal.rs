//! What was asked, by whom, and what came of it. No password, key or token is ever written down.

use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};

/// Older entries are forgotten beyond this many; the counters are not.
const KEPT: usize = 100_000;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It changes nothing.
    Read,
    /// It may change Orgs, users or groups.
    Write,
    /// It asks for a token or ends one.
    Token,
}

/// One API request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Its number, counted from 1 over all API requests.
    pub seq: u64,
    /// When it came, in milliseconds since 1970 by the simulator's clock.
    pub at_millis: i64,
    /// HTTP method.
    pub method: String,
    /// Path without the base of its API version.
    pub path: String,
    /// The route it took, as `POST users/{user_identifier}/update`; `unknown` when there is none.
    pub route: String,
    /// What it is for.
    pub kind: Kind,
    /// Org of its token.
    pub org: Option<i32>,
    /// User of its token, or the one who asks for a token.
    pub identity: Option<String>,
    /// What it calls itself: its `User-Agent`.
    pub agent: Option<String>,
    /// Keys of its body, JSON or form, and of its query.
    pub keys: Vec<String>,
    /// Values of those keys that name objects, set pages or say how lists are changed.
    pub identifiers: Map<String, Value>,
    /// Whether it may change Orgs, users or groups.
    pub write: bool,
    /// Whether it did: its change is in the world, even if the answer was lost.
    pub committed: bool,
    /// Status of the answer; none while there is no answer, or when there never was one.
    pub status: Option<u16>,
}

/// How many requests of each sort there were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// All API requests.
    pub requests: u64,
    /// Requests that may change Orgs, users or groups, refused ones too.
    pub writes: u64,
    /// Those of them that did.
    pub committed: u64,
    /// Requests that change nothing.
    pub reads: u64,
    /// Requests for tokens.
    pub tokens: u64,
    /// Mails that would have been sent to users.
    pub mails: u64,
    /// Requests that named nobody and so ended the sessions of everybody.
    pub everybody_logged_out: u64,
    /// Searches with `record_size: -1`, which the vendor warns of.
    pub unbounded_searches: u64,
    /// By route.
    pub routes: BTreeMap<String, u64>,
}

/// The requests in order.
#[derive(Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    counters: Counters,
}

impl Journal {
    /// Number of the request that comes next.
    pub(crate) fn next_seq(&self) -> u64 {
        self.counters.requests + 1
    }

    pub(crate) fn open(&mut self, entry: Entry) {
        self.counters.requests += 1;
        match entry.kind {
            Kind::Read => self.counters.reads += 1,
            Kind::Write => self.counters.writes += 1,
            Kind::Token => self.counters.tokens += 1,
        }
        if entry.identifiers.get("record_size") == Some(&Value::from(-1)) {
            self.counters.unbounded_searches += 1;
        }
        *self.counters.routes.entry(entry.route.clone()).or_default() += 1;
        self.entries.push_back(entry);
        if self.entries.len() > KEPT {
            self.entries.pop_front();
        }
    }

    /// The entry with this number, unless it was forgotten.
    pub(crate) fn entry(&mut self, seq: u64) -> Option<&mut Entry> {
        let first = self.entries.front()?.seq;
        self.entries.get_mut(usize::try_from(seq.checked_sub(first)?).ok()?)
    }

    /// The request changed the world.
    pub(crate) fn commit(&mut self, seq: u64) {
        self.counters.committed += 1;
        if let Some(entry) = self.entry(seq) {
            entry.committed = true;
        }
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn counters(&self, mails: u64, everybody_logged_out: u64) -> Counters {
        Counters { mails, everybody_logged_out, ..self.counters.clone() }
    }
}

/// The part of a request's values that may be written down: an allow-list, so that a secret in a key nobody thought of stays out.
pub(crate) fn identifiers<'a>(values: impl Iterator<Item = (&'a String, &'a Value)>) -> Map<String, Value> {
    const PLAIN: [&str; 12] = [
        "name",
        "username",
        "org_id",
        "id",
        "orgScope",
        "operation",
        "record_offset",
        "record_size",
        "privileges",
        "sort_options",
        "include_users",
        "include_sub_groups",
    ];
    /// Parameters of v1, whose values are texts. `redirect_url`, `url`, `content` and everything that is a password, key or token
    /// are not among them.
    const PLAIN_V1: [&str; 24] = [
        "access_level",
        "applyChanges",
        "autocreate",
        "batchsize",
        "fromUserName",
        "groupNames",
        "groupid",
        "groupids",
        "objectsID",
        "offset",
        "orgid",
        "orgids",
        "principalids",
        "privilege",
        "removeDeleted",
        "roleID",
        "roleIds",
        "tagid",
        "tagname",
        "toUserName",
        "triggeredbyadmin",
        "type",
        "userid",
        "userids",
    ];
    let told = |key: &str| {
        PLAIN.contains(&key) || PLAIN_V1.contains(&key) || key.ends_with("_identifier") || key.ends_with("_identifiers")
    };
    values.filter(|(key, _)| told(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}
