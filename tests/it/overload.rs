//! An API server that has too much to do, and people who never stop editing: passes end in time, what is written is written once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kube::api::{Patch, PatchParams};
use reqwest::StatusCode;
use serde_json::json;
use thoughtspot_simulator::{Action, Rule};
use thoughtspot_testkit::eventually;
use thoughtspot_testkit::proxy::Trouble;
use tokio::task::JoinHandle;

use crate::bench::{ANA, ANALYSTS, Bench, GROUP, PATIENCE, USER, condition};
use crate::views::Behind;

/// How long somebody pauses between two edits.
const BETWEEN_EDITS: Duration = Duration::from_millis(20);
/// How many requests in a row are refused to everybody.
const REFUSED: usize = 16;

fn member(name: &str) -> String {
    ANA.replace("name: ana", &format!("name: {name}")).replace(", groups: [analysts]", "")
}

impl Behind {
    /// How often the operator asked for this, refused or not, since the gate was reset.
    fn sent(&self, request: &str) -> usize {
        let label = format!("Kubernetes {request}");
        self.gate.passed().iter().filter(|passed| passed.which.label == label).count()
    }
}

/// R23, about one object: as where a webhook of its namespace does not answer. kube's own retries would have asked a dozen times before the
/// pass ended.
#[tokio::test]
async fn a_refused_write_ends_its_pass_at_once_says_so_and_holds_up_no_other() {
    let behind = Behind::start("overloaded").await;
    let bench = &behind.bench;
    bench.tenant().await;
    behind.gate.reset();
    behind.proxy.troubles().befall(|label| match label {
        "Kubernetes PATCH thoughtspotgroups/analysts" => Some(Trouble::Refused(StatusCode::SERVICE_UNAVAILABLE)),
        "Kubernetes PATCH thoughtspotusers/ana" => Some(Trouble::Refused(StatusCode::GATEWAY_TIMEOUT)),
        _ => None,
    });
    bench.apply(ANALYSTS).await;
    bench.apply(&member("ana")).await;
    for (kind, name, said) in [(GROUP, "analysts", "says: the server has too much to do"), (USER, "ana", "answered 504")] {
        let message = bench.says(kind, name, "Reconciling", "Unavailable").await;
        assert_eq!(message, format!("marking the object: the Kubernetes API {said}"));
        let sent = behind.sent(&format!("PATCH {}s/{name}", kind.to_lowercase()));
        assert!(sent <= 4, "each pass asks once, and waits before it asks again: {sent}");
    }
    bench.apply(&ANALYSTS.replace("name: analysts", "name: others")).await;
    bench.apply(&member("bob")).await;
    bench.ready(GROUP, "others").await;
    bench.ready(USER, "bob").await;
    assert_eq!(condition(&bench.get(GROUP, "analysts").await, "Reconciling")["reason"], "Unavailable");
    behind.proxy.troubles().end();
    bench.ready(GROUP, "analysts").await;
    bench.ready(USER, "ana").await;
    let calls = bench.calls();
    assert_eq!((behind.asked(calls.create_group), behind.asked(calls.create_user)), (2, 2));
}

/// R23, about everything: what is created meanwhile is created once, whatever could not be written down of it.
#[tokio::test]
async fn an_api_server_that_refuses_everything_for_a_while_makes_nothing_twice() {
    let behind = Behind::start("refusing").await;
    let bench = &behind.bench;
    bench.tenant().await;
    let names = ["ana", "bob", "carl", "dora"];
    let refused = Arc::new(AtomicUsize::new(0));
    let count = refused.clone();
    let statuses = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT];
    // From the first status on: what that is about exists, and the others are on their way.
    behind.proxy.troubles().befall(move |label| {
        let begins = count.load(Ordering::Relaxed) > 0 || label.ends_with("/status");
        begins.then(|| Trouble::Refused(statuses[count.fetch_add(1, Ordering::Relaxed) % statuses.len()]))
    });
    for name in names {
        bench.apply(&member(name)).await;
    }
    eventually("enough is refused", PATIENCE, async || match refused.load(Ordering::Relaxed) {
        REFUSED.. => Ok(()),
        count => Err(count.to_string()),
    })
    .await;
    behind.proxy.troubles().end();
    for name in names {
        bench.ready(USER, name).await;
        bench.patch(USER, name, json!({ "spec": { "displayName": "Somebody" } })).await;
        bench.ready(USER, name).await;
    }
    assert_eq!(behind.asked(bench.calls().create_user), names.len());
}

/// Somebody who sets an annotation and a label of their own, tens of times a second, until the object is gone; tells how often.
fn never_stops_editing(bench: &Bench, kind: &str, name: &str) -> JoinHandle<usize> {
    let (api, name) = (bench.api(kind, &bench.namespace), name.to_owned());
    tokio::spawn(async move {
        let mut edits = 0;
        loop {
            let theirs = json!({ "editor/edit": format!("no-{edits}") });
            let patch = Patch::Merge(json!({ "metadata": { "annotations": theirs, "labels": theirs } }));
            match api.patch(&name, &PatchParams::default(), &patch).await {
                Ok(stored) => assert_eq!(stored.metadata.labels.unwrap_or_default()["editor/edit"], format!("no-{edits}")),
                Err(kube::Error::Api(status)) if status.is_not_found() => return edits,
                Err(error) => panic!("{error}"),
            }
            edits += 1;
            tokio::time::sleep(BETWEEN_EDITS).await;
        }
    })
}

/// R25. What is written on exactly the version that was decided on meets a newer one again and again: an answer of ThoughtSpot takes several
/// edits.
#[tokio::test]
async fn somebody_who_never_stops_editing_keeps_nothing_from_being_written_and_loses_nothing() {
    let behind = Behind::start("storm").await;
    let bench = &behind.bench;
    bench.tenant().await;
    behind.gate.reset();
    bench.thoughtspot.fault(Rule::route("*", Action::Delay { millis: 100 }));
    bench.apply(&ANALYSTS.replace("spec: {", "spec: { deletionPolicy: Delete,")).await;
    let editor = never_stops_editing(bench, GROUP, "analysts");
    bench.ready(GROUP, "analysts").await;
    bench.patch(GROUP, "analysts", json!({ "spec": { "description": "edited as well" } })).await;
    bench.ready(GROUP, "analysts").await;
    let state = bench.thoughtspot.state();
    assert_eq!(state.group("acme", "analysts").unwrap().description.as_deref(), Some("edited as well"));
    bench.delete(GROUP, "analysts").await;
    bench.gone(GROUP, "analysts").await;
    let edits = editor.await.unwrap();
    assert!(bench.thoughtspot.state().group("acme", "analysts").is_none());
    let (marks, statuses) =
        (behind.sent("PATCH thoughtspotgroups/analysts"), behind.sent("PATCH thoughtspotgroups/analysts/status"));
    assert!(marks <= 20, "the announcement and the letting go, ten tries each: {marks}, of {edits} edits");
    assert!(statuses <= 6, "what is there, ready, ready again: {statuses}, of {edits} edits");
    assert!(edits > marks + statuses, "{edits} edits are no storm");
    assert_eq!(behind.asked(bench.calls().create_group), 1);
}
