//! What v1's reads of one object are believed, where the answers are not what a good server gives.

use axum::Json;
use axum::Router;
use axum::extract::RawQuery;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use thoughtspot_client::Error;
use thoughtspot_client::domain::{Lookup, OrgId, User};
use thoughtspot_client::port::{Page, ThoughtSpot};
use thoughtspot_client::transport::Limits;
use thoughtspot_client::v1::V1;
use thoughtspot_simulator::settings::ErrorShape;

use crate::{ADMIN, Bench, limits, new_org, new_user};

const P: OrgId = OrgId::PRIMARY;
const PAGE: Page = Page { offset: 0, size: 10 };
const BASE: &str = "/callosum/v1/tspublic/v1";

fn row(id: &str, name: &str) -> Value {
    json!({"header": {"id": id, "name": name, "orgIds": [0]}, "privileges": ["DEVELOPER"]})
}

/// A client of a server that knows us, and answers `one` when asked for one user and `all` when asked for all.
async fn asking(one: (u16, Value), all: Value) -> V1 {
    let session: [(HeaderName, HeaderValue); 1] = [(header::SET_COOKIE, HeaderValue::from_static("JSESSIONID=abcdefghijk"))];
    let answer = move |RawQuery(query): RawQuery| async move {
        let (status, body) = if query.is_some() { one } else { (200, all) };
        (StatusCode::from_u16(status).unwrap(), Json(body))
    };
    let router = Router::new()
        .route(&format!("{BASE}/session/login"), post(|| async { (session, StatusCode::NO_CONTENT).into_response() as Response }))
        .route(&format!("{BASE}/session/orgs"), get(|| async { Json(json!({"currentOrgId": 0})) }))
        .route(&format!("{BASE}/session/info"), get(|| async { Json(json!({"userGUID": "me", "userName": ADMIN})) }))
        .route(&format!("{BASE}/user/"), get(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut bench = Bench::new().await;
    bench.url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    bench.v1()
}

fn unknown(status: u16) -> (u16, Value) {
    (status, json!({"code": 13003, "debug": "[\"Principal object does not exist\"]"}))
}

fn ids(found: Option<User>) -> Option<String> {
    found.map(|user| user.id)
}

fn why(outcome: &Result<impl std::fmt::Debug, Error>) -> &str {
    match outcome {
        Err(Error::Uncertified { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_row_of_somebody_else_does_not_prove_that_one_is_gone() {
    let far = asking((200, row("bo-id", "bo")), json!([row("me", ADMIN)])).await;
    for which in [Lookup::Id("ana-id"), Lookup::Name("ana")] {
        let outcome = far.find_user(P, which).await;
        assert_eq!(why(&outcome), "another one was answered than was asked for");
    }
}

#[tokio::test]
async fn a_code_takes_back_a_name_but_not_an_id() {
    for status in [400, 500] {
        let far = asking(unknown(status), json!([row("me", ADMIN), row("ana-id", "ana")])).await;
        assert_eq!(ids(far.find_user(P, Lookup::Id("ana-id")).await.unwrap()), Some("ana-id".to_owned()), "{status}");
        assert_eq!(far.find_user(P, Lookup::Id("bo-id")).await.unwrap(), None, "the list says so");
        let named = ids(far.find_user(P, Lookup::Name("ANA")).await.unwrap());
        assert_eq!(named.is_some(), status != 400, "only a 400 is a word about the name");
    }
}

#[tokio::test]
async fn a_list_of_primary_that_lacks_ourselves_is_not_whole() {
    for all in [json!([]), json!([row("ana-id", "ana")])] {
        let far = asking(unknown(500), all).await;
        assert_eq!(why(&far.users_page(P, PAGE).await), "our own login is not in it");
        assert_eq!(why(&far.find_user(P, Lookup::Id("bo-id")).await), "our own login is not in it");
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named_by_its_number_only() {
    let mut strange = row("bo-id", "bo");
    strange["header"]["orgIds"] = json!("somebody's secret");
    let far = asking(unknown(500), json!([row("me", ADMIN), strange])).await;
    assert_eq!(why(&far.users_page(P, PAGE).await), "row 2 cannot be read");
}

#[tokio::test]
async fn a_user_who_is_shown_without_privileges_is_not_taken_for_one_who_has_none() {
    let mut silent = row("ana-id", "ana");
    silent.as_object_mut().unwrap().remove("privileges");
    let far = asking((200, silent.clone()), json!([row("me", ADMIN), silent])).await;
    assert!(matches!(far.find_user(P, Lookup::Id("ana-id")).await, Err(Error::Unavailable(_))));
    assert_eq!(why(&far.users_page(P, PAGE).await), "row 2 cannot be read");
}

#[tokio::test]
async fn one_can_be_found_in_a_list_that_is_too_long_to_keep() {
    let bench = Bench::with(Limits { list_rows: 10, ..limits() }).await;
    let far = bench.v1();
    let org = new_org(&far, "acme").await.id;
    for n in 0..11 {
        new_user(&far, org, &format!("user-{n:02}")).await;
    }
    assert_eq!(why(&far.users_page(org, PAGE).await), "there are more than 10 rows");
    bench.sim.set(|settings| settings.error_shape = ErrorShape::Empty);
    assert_eq!(far.find_user(org, Lookup::Name("nobody")).await.unwrap(), None);
}
