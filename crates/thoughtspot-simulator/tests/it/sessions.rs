//! Signing in to v2 with cookies.

use crate::support::{Caller, PASSWORD, Reply, plain};
use reqwest::{Method, header};
use serde_json::{Value, json};
use std::time::Duration;
use thoughtspot_simulator::Simulator;

/// The session cookie that an answer sets.
fn cookie(reply: &Reply) -> String {
    assert_eq!(reply.status, 204, "{reply:?}");
    let set = reply.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap().to_owned());
    let session = set.into_iter().find(|line| line.starts_with("JSESSIONID=")).unwrap();
    session.split(';').next().unwrap().to_owned()
}

async fn login(simulator: &Simulator, request: Value) -> Reply {
    Caller::nobody(simulator).post("auth/session/login", request).await
}

/// A call with nothing but this cookie.
async fn with_cookie(simulator: &Simulator, cookie: &str, method: Method, path: &str) -> (u16, Value) {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
    let request = http.request(method, format!("{}/api/rest/2.0/{path}", simulator.url())).header(header::COOKIE, cookie);
    let response = request.send().await.unwrap();
    let (status, text) = (response.status().as_u16(), response.text().await.unwrap());
    (status, serde_json::from_str(&text).unwrap_or_default())
}

async fn org_of(simulator: &Simulator, cookie: &str) -> Value {
    with_cookie(simulator, cookie, Method::GET, "auth/session/user").await.1["current_org"]["id"].clone()
}

#[tokio::test]
async fn a_cookie_is_as_good_as_a_token_until_signed_out() {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    for named in [json!("acme"), json!(org), json!(org.to_string())] {
        let request = json!({"username": "tsadmin", "password": PASSWORD, "org_identifier": named});
        assert_eq!(org_of(&simulator, &cookie(&login(&simulator, request).await)).await, org, "{named}");
    }
    let request = json!({"username": "tsadmin", "password": PASSWORD});
    let cookie = cookie(&login(&simulator, request).await);
    assert_eq!(org_of(&simulator, &cookie).await, org, "the Org of the session before");
    assert_eq!(with_cookie(&simulator, &cookie, Method::POST, "auth/session/logout").await.0, 204);
    assert_eq!(with_cookie(&simulator, &cookie, Method::GET, "auth/session/user").await.0, 401);
}

#[tokio::test]
async fn who_is_refused() {
    let simulator = plain().await;
    for (request, refusal) in [
        (json!({"username": "tsadmin", "password": "wrong"}), (401, 10003)),
        (json!({"username": "tsadmin"}), (401, 10003)),
        (json!({}), (401, 10003)),
        (json!({"username": "tsadmin", "password": PASSWORD, "org_identifier": "none"}), (400, 13151)),
    ] {
        assert_eq!(login(&simulator, request.clone()).await.refusal(), refusal, "{request}");
    }
    let odd = json!({"username": "tsadmin", "password": PASSWORD, "remember_me": "perhaps"});
    assert_eq!(login(&simulator, odd).await.status, 400);
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_a_remembered_one_later() {
    let simulator = plain().await;
    let request = |remember: Value| json!({"username": "tsadmin", "password": PASSWORD, "remember_me": remember});
    let idle = cookie(&login(&simulator, request(json!(false))).await);
    let remembered = cookie(&login(&simulator, request(json!("true"))).await);
    for (hours, idle_lives, remembered_lives) in [(2, true, true), (2, true, true), (4, false, true), (24 * 7, false, false)] {
        simulator.advance(Duration::from_secs(hours * 3600));
        for (cookie, lives) in [(&idle, idle_lives), (&remembered, remembered_lives)] {
            let status = with_cookie(&simulator, cookie, Method::GET, "auth/session/user").await.0;
            assert_eq!(status == 200, lives, "{hours} hours later");
        }
    }
}

#[tokio::test]
async fn a_token_becomes_a_session_in_its_org() {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    let tenant = Caller::admin(&simulator, org).await;
    let cookie = cookie(&tenant.post("auth/session/login", json!({})).await);
    assert_eq!(org_of(&simulator, &cookie).await, org);
    assert_eq!(with_cookie(&simulator, &cookie, Method::POST, "auth/token/revoke").await.0, 204);
    assert_eq!(with_cookie(&simulator, &cookie, Method::GET, "auth/session/user").await.0, 401, "one's own is the session");
    tenant.get("auth/session/user").await.ok();
}

#[tokio::test]
async fn a_sign_in_that_ignores_the_org_can_be_had() {
    let simulator = plain().await;
    simulator.edit(|world| world.create_org("acme", None)).unwrap();
    simulator.set(|settings| settings.login_ignores_org = true);
    let request = json!({"username": "tsadmin", "password": PASSWORD, "org_identifier": "acme"});
    assert_eq!(org_of(&simulator, &cookie(&login(&simulator, request).await)).await, 0);
}
