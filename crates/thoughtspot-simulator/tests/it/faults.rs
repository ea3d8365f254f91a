//! What goes wrong on purpose, and requests that are held.

use crate::support::{Caller, plain};
use serde_json::json;
use std::time::Duration;
use thoughtspot_simulator::{Action, Body, Moment, Rule, Simulator};

async fn make(caller: &Caller, name: &str) -> reqwest::Result<crate::support::Reply> {
    caller.attempt("users/create", json!({"name": name, "display_name": name, "email": "x@x.example"})).await
}

fn exists(simulator: &Simulator, name: &str) -> bool {
    simulator.state().user(name).is_some()
}

#[tokio::test]
async fn a_refusal_has_the_status_the_body_and_the_patience_asked_for() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    let cases = [
        (503, Some(7), Body::Html, false),
        (429, Some(1), Body::Empty, false),
        (500, None, Body::Json, false),
        (504, None, Body::Html, true),
    ];
    for (number, (status, retry_after, body, after_commit)) in cases.into_iter().enumerate() {
        let name = format!("user-{number}");
        simulator.fault(Rule::route("POST users/create", Action::Refuse { status, retry_after, body, after_commit }).times(1));
        let reply = make(&admin, &name).await.unwrap();
        assert_eq!(reply.status, status);
        assert_eq!(
            reply.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned()),
            retry_after.map(|s| s.to_string())
        );
        match body {
            Body::Json => assert_eq!(reply.refusal(), (status, 10000)),
            Body::Html => assert!(reply.text.starts_with("<!DOCTYPE html>")),
            Body::Empty => assert_eq!(reply.text, ""),
        }
        assert_eq!(exists(&simulator, &name), after_commit, "{status}");
        let entry = simulator.journal().pop().unwrap();
        assert_eq!((entry.committed, entry.status), (after_commit, Some(status)));
        assert_eq!(make(&admin, &name).await.unwrap().status, if after_commit { 400 } else { 200 }, "once only");
    }
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_change() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    for (action, committed) in [(Action::CommitThenDrop, true), (Action::DropBeforeCommit, false)] {
        let name = format!("user-{committed}");
        simulator.fault(Rule::request(simulator.next_request(), action));
        let error = make(&admin, &name).await.unwrap_err();
        assert!(error.is_request(), "{error:?}");
        assert_eq!(exists(&simulator, &name), committed);
        let entry = simulator.journal().pop().unwrap();
        assert_eq!((entry.committed, entry.status), (committed, None));
    }
    make(&admin, "after").await.unwrap().ok();
}

#[tokio::test]
async fn answers_can_be_html_broken_a_redirect_or_an_echo() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    let once = |action| simulator.fault(Rule::route("users/create", action).times(1));

    once(Action::Html);
    let reply = make(&admin, "html").await.unwrap();
    assert!(reply.status == 200 && reply.text.contains("<html>") && !exists(&simulator, "html"), "{reply:?}");

    once(Action::MalformedJson);
    let reply = make(&admin, "broken").await.unwrap();
    assert!(reply.status == 200 && serde_json::from_str::<serde_json::Value>(&reply.text).is_err(), "{reply:?}");
    assert!(exists(&simulator, "broken"));

    once(Action::Redirect { location: "http://127.0.0.1:1/elsewhere".to_owned() });
    let reply = make(&admin, "redirect").await.unwrap();
    assert_eq!((reply.status, &reply.headers["location"]), (302, &"http://127.0.0.1:1/elsewhere".parse().unwrap()));

    once(Action::Echo);
    let reply = make(&admin, "echo-of-this").await.unwrap();
    assert_eq!(reply.refusal(), (400, 10002));
    assert!(reply.text.contains("echo-of-this") && reply.text.contains("Authorization: Bearer "), "{reply:?}");
    once(Action::EchoPage);
    let reply = make(&admin, "echo-of-this").await.unwrap();
    assert!(reply.status == 502 && reply.text.contains("<h1>") && reply.text.contains("echo-of-this"), "{reply:?}");
    once(Action::EchoRedirect);
    let reply = make(&admin, "echo-of-this").await.unwrap();
    let location = reply.headers["location"].to_str().unwrap();
    assert!(reply.status == 302 && location.contains("echo-of-this") && location.contains("Bearer"), "{reply:?}");
    assert!(!exists(&simulator, "echo-of-this"));
}

#[tokio::test]
async fn rules_match_by_route_and_end_when_used_up() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    simulator.fault(Rule::route("POST users/*/update", Action::refuse(418)).times(2));
    assert_eq!(admin.post("users/search", json!({})).await.status, 200);
    assert_eq!(admin.post("users/guest/update", json!({})).await.status, 418);
    assert_eq!(admin.post("users/guest/update", json!({})).await.status, 418);
    assert_eq!(admin.post("users/guest/update", json!({})).await.status, 204);
    simulator.fault(Rule::route("*", Action::refuse(418)));
    assert_eq!(admin.get("system").await.status, 418);
    simulator.clear_faults();
    assert_eq!(admin.get("system").await.status, 200);
}

#[tokio::test]
async fn a_delay_delays_only_what_it_is_for() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    simulator.fault(Rule::route("GET system", Action::Delay { millis: 3_600_000 }));
    let slow = tokio::spawn({
        let admin = admin.clone();
        async move { admin.send(reqwest::Method::GET, "/api/rest/2.0/system", None).await }
    });
    for _ in 0..20 {
        admin.get("auth/session/user").await.ok();
    }
    assert!(!slow.is_finished());
    slow.abort();
}

#[tokio::test]
async fn a_held_request_is_either_not_served_or_not_answered() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    for (moment, served) in [(Moment::BeforeServed, false), (Moment::AfterCommit, true)] {
        for released in [false, true] {
            let name = format!("user-{served}-{released}");
            let hold = simulator.hold_at(simulator.next_request(), moment);
            let request = tokio::spawn({
                let (admin, name) = (admin.clone(), name.clone());
                async move { make(&admin, &name).await }
            });
            let entry = tokio::time::timeout(Duration::from_secs(10), hold.held()).await.expect("the request is held");
            assert_eq!((entry.route.as_str(), entry.committed, entry.status), ("POST users/create", served, None));
            assert_eq!(exists(&simulator, &name), served);
            assert!(!request.is_finished());
            admin.get("system").await.ok();
            if released {
                hold.release();
                assert_eq!(request.await.unwrap().unwrap().status, 200);
                assert!(exists(&simulator, &name));
            } else {
                request.abort();
                let _ = request.await;
                admin.get("system").await.ok();
                assert_eq!(exists(&simulator, &name), served, "a client that went away changes nothing");
            }
        }
    }
}
