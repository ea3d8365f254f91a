//! What the lists of a hostile server take of memory, as the allocator of this process sees it. Alone in its process, since the
//! allocator tells of all of it.
#![expect(clippy::unwrap_used, reason = "clippy.toml allows it in tests; these helpers are nothing else")]

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::stream;
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::host::HostPolicy;
use thoughtspot_client::inventory::{Inventory, InventorySettings, Known, Look};
use thoughtspot_client::port::Handle;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::settings::{Credentials, Proof, Settings};
use thoughtspot_client::transport::{Limits, Network};
use thoughtspot_client::v1::V1;
use thoughtspot_client::v2::V2;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MIB: usize = 1 << 20;
/// What all lists may take together.
const LISTS_MAX: usize = 8 * MIB;
/// What an answer may be long.
const ANSWER_MAX: usize = 2 * MIB;
/// What may be in hand besides: an answer, which doubles its place as it grows, and what is made of one row.
const IN_HAND: usize = 4 * ANSWER_MAX;
/// How much text the server has, if somebody reads all of it.
const TEXT: usize = 48 * MIB;
const P: OrgId = OrgId::PRIMARY;

/// What is wrong with each row of a list.
#[derive(Clone, Copy, Debug)]
enum Shape {
    LongName,
    LongLocale,
    ManyGroups,
    ManyPrivileges,
    /// Nothing is kept of it.
    Junk,
    /// They are short, and without end; nobody asked for so many.
    ManyRows,
}

impl Shape {
    /// How much text each row has, about.
    fn row_length(self) -> usize {
        match self {
            Shape::ManyRows => 0,
            Shape::LongName | Shape::LongLocale | Shape::ManyGroups | Shape::ManyPrivileges | Shape::Junk => 100 << 10,
        }
    }

    fn many(self, one: impl Fn(usize) -> String) -> String {
        let length = self.row_length();
        let mut all = String::with_capacity(length + 64);
        for n in 0.. {
            if all.len() >= length {
                break;
            }
            all.push_str(if n == 0 { "" } else { "," });
            all.push_str(&one(n));
        }
        all
    }

    /// A row of v1.
    fn v1(self, n: usize) -> String {
        let (mut name, mut locale) = (format!("user-{n}"), "de-DE".to_owned());
        let [mut groups, mut privileges, mut more] = [const { String::new() }; 3];
        match self {
            Shape::LongName => name.push_str(&"x".repeat(self.row_length())),
            Shape::LongLocale => locale.push_str(&"x".repeat(self.row_length())),
            Shape::ManyGroups => groups = self.many(|n| format!("\"{n}\"")),
            Shape::ManyPrivileges => privileges = self.many(|n| format!("\"{n}\"")),
            Shape::Junk => more = format!(",\"modifiedBy\":[{}]", self.many(|_| "0".to_owned())),
            Shape::ManyRows => {}
        }
        let header = format!(r#"{{"id":"{}","name":"{name}","orgIds":[0]{more}}}"#, id(n));
        let content = format!(r#"{{"userPreferences":{{"preferredLocale":"{locale}"}}}}"#);
        format!(r#"{{"header":{header},"userContent":{content},"assignedGroups":[{groups}],"privileges":[{privileges}]}}"#)
    }

    /// A row of v2.
    fn v2(self, n: usize) -> String {
        let (mut name, mut locale) = (format!("user-{n}"), "de-DE".to_owned());
        let [mut groups, mut privileges, mut more] = [const { String::new() }; 3];
        match self {
            Shape::LongName => name.push_str(&"x".repeat(self.row_length())),
            Shape::LongLocale => locale.push_str(&"x".repeat(self.row_length())),
            Shape::ManyGroups => groups = self.many(|n| format!(r#"{{"id":"{n}"}}"#)),
            Shape::ManyPrivileges => privileges = self.many(|n| format!("\"{n}\"")),
            Shape::Junk => more = format!(",\"user_parameters\":[{}]", self.many(|_| "0".to_owned())),
            Shape::ManyRows => {}
        }
        let lists = format!(r#""user_groups":[{groups}],"privileges":[{privileges}]"#);
        format!(r#"{{"id":"{}","name":"{name}","preferred_locale":"{locale}",{lists}{more}}}"#, id(n))
    }
}

/// The first is ourselves.
fn id(n: usize) -> String {
    if n == 0 { "me".to_owned() } else { format!("id-{n}") }
}

/// So many rows from an offset, which are made while they are sent.
fn sent(rows: std::ops::Range<usize>, row: impl Fn(usize) -> String + Send + 'static) -> Response {
    let first = rows.start;
    let rows = rows.map(move |n| format!("{}{}", if n == first { "[" } else { "," }, row(n)));
    let none = if rows.len() == 0 { "[]" } else { "]" };
    let pieces = rows.chain(std::iter::once(none.to_owned())).map(|piece| Ok::<_, Infallible>(Bytes::from(piece)));
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(stream::iter(pieces))).into_response()
}

/// How many rows the server has.
fn all(shape: Shape) -> usize {
    match shape {
        Shape::ManyRows => 1_000_000,
        // All of it is read.
        Shape::Junk => TEXT / 8 / shape.row_length(),
        Shape::LongName | Shape::LongLocale | Shape::ManyGroups | Shape::ManyPrivileges => TEXT / shape.row_length(),
    }
}

async fn users_of_v1(State(shape): State<Shape>, RawQuery(query): RawQuery) -> Response {
    match query {
        Some(_) => Json(json!({"header": {"id": "ana-id", "name": "ana", "orgIds": [0]}, "privileges": []})).into_response(),
        None => sent(0..all(shape), move |n| shape.v1(n)),
    }
}

async fn users_of_v2(State(shape): State<Shape>, Json(asked): Json<Value>) -> Response {
    if asked["user_identifier"].is_string() {
        return Json(json!([{"id": "ana-id", "name": "ana"}])).into_response();
    }
    let number = |key: &str| usize::try_from(asked[key].as_u64().unwrap()).unwrap();
    let size = match shape {
        Shape::ManyRows => ANSWER_MAX / 100,
        Shape::LongName | Shape::LongLocale | Shape::ManyGroups | Shape::ManyPrivileges | Shape::Junk => number("record_size"),
    };
    let offset = number("record_offset");
    sent(offset.min(all(shape))..(offset + size).min(all(shape)), move |n| shape.v2(n))
}

async fn hostile(shape: Shape) -> String {
    const V1: &str = "/callosum/v1/tspublic/v1";
    const V2: &str = "/api/rest/2.0";
    let session = [(header::SET_COOKIE, "JSESSIONID=abcdefghijk")];
    let me = || async { Json(json!({"id": "me", "name": "operator", "current_org": {"id": 0}})) };
    let router = Router::new()
        .route(&format!("{V1}/session/login"), post(move || async move { (session, StatusCode::NO_CONTENT) }))
        .route(&format!("{V1}/session/orgs"), get(|| async { Json(json!({"currentOrgId": 0})) }))
        .route(&format!("{V1}/session/info"), get(|| async { Json(json!({"userGUID": "me", "userName": "operator"})) }))
        .route(&format!("{V1}/user/"), get(users_of_v1))
        .route(&format!("{V2}/auth/token/full"), post(|| async { Json(json!({"token": "abcdefghijk"})) }))
        .route(&format!("{V2}/auth/session/user"), get(me))
        .route(&format!("{V2}/users/search"), post(users_of_v2))
        .with_state(shape);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn far(url: &str, is_v1: bool) -> Handle {
    let mut limits = Limits { answer_max: ANSWER_MAX, lists_max: LISTS_MAX, ..Limits::default() };
    limits.pace.per_second = 10_000.0;
    let network = Arc::new(Network::new(HostPolicy::parse(["http://127.0.0.1:*"]).unwrap(), limits).unwrap());
    let credentials = Credentials { username: "operator".to_owned(), proof: Proof::Password(Secret::new("CANARY")) };
    let settings = Settings::new(url.parse().unwrap(), credentials);
    if is_v1 { Arc::new(V1::new(network, settings).unwrap()) } else { Arc::new(V2::new(network, settings).unwrap()) }
}

#[tokio::test]
async fn the_lists_of_a_hostile_server_take_no_more_memory_than_they_may() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    use Shape::{Junk, LongLocale, LongName, ManyGroups, ManyPrivileges, ManyRows};
    for (shape, is_v1) in
        [LongName, LongLocale, ManyGroups, ManyPrivileges, Junk, ManyRows].into_iter().flat_map(|s| [(s, true), (s, false)])
    {
        let far = far(&hostile(shape).await, is_v1);
        far.login().await.unwrap();
        let inventory =
            Inventory::new(far, InventorySettings { page_size: 15, ..InventorySettings::new(Duration::from_secs(600)) });
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        let found = inventory.user(P, Lookup::Name("ana"), Look::Known).await.unwrap();
        let most = MEMORY.peak_usage() - before;
        assert!(most < LISTS_MAX + IN_HAND, "{shape:?}, v1: {is_v1}: {} MiB", most / MIB);
        let kept = matches!(shape, Junk);
        assert_eq!((found.is_some(), inventory.uncertified().is_empty()), (!kept, kept), "{shape:?}, v1: {is_v1}");
        if !kept {
            assert!(matches!(inventory.known_users(P), Known::Torn));
            let left = MEMORY.current_usage().saturating_sub(before);
            assert!(left < ANSWER_MAX, "{shape:?}, v1: {is_v1}: {} MiB are kept of what is not believed", left / MIB);
        }
    }
}
