//! The form of requests and answers: what is ignored, what is refused, how errors look.

use crate::support::{Caller, PASSWORD, Reply, plain};
use reqwest::{Method, header};
use serde_json::json;
use std::time::Duration;
use thoughtspot_simulator::settings::{ErrorShape, Maintenance};

#[tokio::test]
async fn unknown_keys_are_ignored_unless_strict() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    primary.make_user("ana").await;
    let cases = [
        ("users/search", json!({"nmae_pattern": "ana"})),
        ("groups/search", json!({"sort_options": {"field": "NAME"}})),
        ("orgs/search", json!({"record_size": 1})),
        ("users/ana/update", json!({"password": "long enough"})),
    ];
    for (path, body) in cases {
        primary.post(path, body.clone()).await.ok();
        simulator.set(|settings| settings.strict = true);
        let refused = primary.post(path, body.clone()).await;
        assert_eq!(refused.status, 400, "{path} {body}");
        assert!(refused.json()["error"]["message"].as_str().unwrap().contains("Unknown fields"), "{refused:?}");
        simulator.set(|settings| settings.strict = false);
    }
    simulator.set(|settings| settings.strict = true);
    let full = json!({"user_identifier": "ana", "record_size": 5, "include_favorite_metadata": false, "org_identifiers": ["0"]});
    assert_eq!(primary.post("users/search", full).await.names(), ["ana"]);
    let known = json!({"email": "ana@example.com", "extended_properties": {"any": "key"}, "operation": "ADD"});
    primary.post("users/ana/update", known).await.ok();
}

#[tokio::test]
async fn the_gateway_refuses_what_it_cannot_read() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    let cases = [
        ("users/create", json!({"name": "x"}), "Variable \"$display_name\" of required type \"String!\" was not provided."),
        ("users/create", json!({"name": null, "display_name": "X", "email": "x@x.example"}), "\"$name\""),
        ("users/create", json!({"name": 1, "display_name": "X", "email": "x@x.example"}), "invalid type"),
        (
            "users/create",
            json!({"name": "x", "display_name": "X"}),
            "Variable \"$email\" of required type \"String!\" was not provided.",
        ),
        ("users/search", json!({"record_size": "10"}), "invalid type"),
        ("users/search", json!({"account_status": "SLEEPING"}), "SLEEPING"),
        ("users/search", json!({"privileges": ["TAGMANAGEMENT"]}), "TAGMANAGEMENT"),
        ("users/tsadmin/update", json!({"preferred_locale": "xx"}), "preferred_locale"),
        ("groups/All/update", json!({"operation": "MERGE"}), "MERGE"),
        ("orgs/search", json!([]), "JSON object"),
        ("auth/token/full", json!({"username": "tsadmin", "org_id": "acme"}), "org_id"),
    ];
    for (path, body, text) in cases {
        let reply = primary.post(path, body.clone()).await;
        let message = reply.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(reply.status == 400 && message.contains(text), "{path} {body}: {reply:?}");
    }
    assert_eq!(primary.post_nothing("users/search").await.status, 400, "a search needs a body");
    assert!(simulator.state().user("x").is_none());
}

#[tokio::test]
async fn a_slash_in_a_path_identifier_is_refused() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    primary.post("users/create", json!({"name": "a/b", "display_name": "AB", "email": "ab@x.example"})).await.ok();
    for path in ["users/a%2Fb/delete", "users/a/b/delete", "groups/a%2fb/update", "orgs/x/y/z/update"] {
        assert_eq!(primary.post(path, json!({})).await.status, 400, "{path}");
    }
    assert!(simulator.state().user("a/b").is_some());
    primary.post("users/create", json!({"name": "ünï cöde%", "display_name": "U", "email": "u@x.example"})).await.ok();
    primary.post_nothing("users/%C3%BCn%C3%AF%20c%C3%B6de%25/delete").await.ok();
    assert!(simulator.state().user("ünï cöde%").is_none());
}

#[tokio::test]
async fn paths_that_do_not_exist_are_404() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    for path in ["auth/session/org", "auth/orgs/switch", "metadata/identity/update", "users/search/more"] {
        assert_eq!(primary.post(path, json!({})).await.status, 404, "{path}");
    }
    assert_eq!(primary.get("users/search").await.status, 404);
    assert_eq!(simulator.counters().routes["POST unknown"], 5);
}

#[tokio::test]
async fn service_errors_have_the_shape_of_the_settings() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    let miss = async || primary.post_nothing("users/none/delete").await;
    assert_eq!(miss().await.json()["error"]["message"]["debug"]["code"], 13003);
    let debug = miss().await.json()["error"]["message"]["debug"]["debug"].as_str().unwrap().to_owned();
    assert_eq!(debug, r#"["Principal object does not exist corresponding to the identifier none",""]"#);
    simulator.set(|settings| settings.error_shape = ErrorShape::B);
    assert_eq!(miss().await.json()["error"]["message"]["code"], 13003);
    simulator.set(|settings| settings.error_shape = ErrorShape::Empty);
    assert_eq!((miss().await.status, miss().await.text), (400, String::new()));
    simulator.set(|settings| settings.error_shape = ErrorShape::Html);
    let page = miss().await;
    assert_eq!((page.status, page.headers["content-type"].to_str().unwrap()), (502, "text/html; charset=utf-8"));
}

#[tokio::test]
async fn every_answer_is_dated_by_the_simulators_clock() {
    let simulator = plain().await;
    let nobody = Caller::nobody(&simulator);
    let date = async |path: &str| {
        let reply = nobody.send(Method::GET, path, None).await.unwrap();
        reply.headers["date"].to_str().unwrap().to_owned()
    };
    let year = |date: &str| date.split(' ').nth(3).unwrap().parse::<i32>().unwrap();
    let now = date("/api/rest/2.0/system").await;
    assert!(now.ends_with(" GMT") && now.as_bytes()[3] == b',', "{now}");
    simulator.advance(Duration::from_secs(2 * 366 * 24 * 60 * 60));
    for path in ["/api/rest/2.0/system", "/_simulator/counters", "/nowhere"] {
        assert!(year(&date(path).await) >= year(&now) + 2, "{path}");
    }
}

#[tokio::test]
async fn maintenance_is_a_page_for_everything() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    for (maintenance, status) in [(Maintenance::Html200, 200), (Maintenance::Html503, 503)] {
        simulator.set(|settings| settings.maintenance = maintenance);
        let reply = primary.post("users/create", json!({"name": "x", "display_name": "X", "email": "x@x.example"})).await;
        assert_eq!(reply.status, status);
        assert!(reply.text.contains("Site Maintenance"), "{reply:?}");
    }
    assert!(simulator.state().user("x").is_none());
}

#[tokio::test]
async fn too_many_requests_are_429_without_a_body() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    simulator.set(|settings| (settings.rate_limit, settings.rate_burst) = (Some(1), 2));
    let mut statuses = Vec::new();
    while statuses.last() != Some(&429) && statuses.len() < 200 {
        statuses.push(primary.get("auth/session/user").await.status);
    }
    assert_eq!(statuses[..2], [200, 200]);
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    simulator.set(|settings| (settings.rate_limit, settings.rate_retry_after) = (None, Some(3)));
    primary.get("auth/session/user").await.ok();
}

#[tokio::test]
async fn the_scheme_of_a_token_and_a_content_type_are_read_in_any_case() {
    let simulator = plain().await;
    let nobody = Caller::nobody(&simulator);
    let token = nobody.try_token(json!({"username": "tsadmin", "password": PASSWORD})).await.ok()["token"].clone();
    let request = nobody.request(Method::POST, "/api/rest/2.0/users/search");
    let request = request.header(header::AUTHORIZATION, format!("bearer {}", token.as_str().unwrap()));
    let request = request.header(header::CONTENT_TYPE, "Application/JSON; charset=UTF-8");
    let reply = Reply::read(request.body(r#"{"user_identifier": "tsadmin"}"#)).await.unwrap();
    assert_eq!(reply.names(), ["tsadmin"]);
}
