//! What it costs, in exact counts.

use rstest::rstest;
use serde_json::json;
use std::sync::{Arc, Mutex};
use thoughtspot_crds::Dialect::{self, V1, V2};

use futures::StreamExt;
use kube::api::{WatchEvent, WatchParams};
use thoughtspot_simulator::Simulator;
use thoughtspot_testkit::eventually;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, LOGIN, ORG, PATIENCE, USER, thoughtspot};

/// The versions of an object, as a watch of its own sees them.
async fn versions(bench: &Bench, kind: &str, name: &str) -> Arc<Mutex<Vec<String>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let api = bench.api(kind, &bench.namespace);
    let from = api.list(&Default::default()).await.unwrap().metadata.resource_version.unwrap();
    let params = WatchParams::default().fields(&format!("metadata.name={name}"));
    let log = seen.clone();
    tokio::spawn(async move {
        let mut events = api.watch(&params, &from).await.unwrap().boxed();
        while let Some(event) = events.next().await {
            if let WatchEvent::Added(object) | WatchEvent::Modified(object) = event.unwrap() {
                let status = object.data["status"].to_string();
                log.lock()
                    .unwrap()
                    .push(format!("{:?} {:?} {status}", object.metadata.resource_version, object.metadata.finalizers));
            }
        }
    });
    seen
}

#[rstest]
#[tokio::test]
async fn a_new_object_takes_two_kubernetes_writes_and_one_create(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("economy", dialect).await;
    bench.apply(LOGIN).await;
    bench.apply(&CONNECTION.replace("5s", "1h")).await;
    bench.ready("ThoughtSpotInstance", "ts").await;
    // The first of each kind reads the lists that show the others to be absent.
    for manifest in [ACME, ANALYSTS, ANA] {
        bench.apply(manifest).await;
    }
    bench.ready(USER, "ana").await;
    bench.ready(GROUP, "analysts").await;

    let cases = [
        (ORG, "globex", ACME.replace("acme", "globex"), bench.calls().create_org),
        (GROUP, "sales", ANALYSTS.replace("name: analysts", "name: sales"), bench.calls().create_group),
        (USER, "bob", ANA.replace("name: ana", "name: bob"), bench.calls().create_user),
    ];
    for (kind, name, manifest, create) in cases {
        let asked = bench.thoughtspot.journal().len();
        let versions = versions(&bench, kind, name).await;
        bench.apply(&manifest).await;
        bench.ready(kind, name).await;
        let calls: Vec<String> = bench.thoughtspot.journal()[asked..].iter().map(|e| e.route.clone()).collect();
        assert_eq!(calls, [create], "{kind}: one create and no read");
        // Whatever else was written would show before the answer to this.
        bench.request(kind, name, "1").await;
        let seen = eventually("the answer shows", PATIENCE, async || {
            let seen = versions.lock().unwrap().clone();
            if seen.last().is_some_and(|last| last.contains("lastHandledReconcileAt")) { Ok(seen) } else { Err(seen.join("\n")) }
        })
        .await;
        let expected = ["created by a person", "finalizer and intent", "status", "the request, by a person", "the answer"];
        assert_eq!(seen.len(), expected.len(), "{kind}: {seen:#?}");
    }
}

#[rstest]
#[tokio::test]
async fn ten_idle_intervals_write_nothing_on_either_side(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("idle", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    bench.ready(GROUP, "analysts").await;
    // Memberships from both ends, and nobody else: who is in a group is read from lists that are read anyway.
    let all = json!({ "membership": { "users": "Exclusive" }, "members": { "userRefs": [{ "name": "ana" }] } });
    bench.patch(GROUP, "analysts", json!({ "spec": all })).await;
    bench.patch(USER, "ana", json!({ "spec": { "membership": { "orgs": "Exclusive", "groups": "Exclusive" } } })).await;
    bench.ready(GROUP, "analysts").await;
    bench.ready(USER, "ana").await;
    bench.request(GROUP, "analysts", "1").await;
    bench.request(USER, "ana", "1").await;
    bench.counts(json!({ "users": 0, "groups": 0 })).await;
    let blocked = blocked_deletion(&bench).await;
    let asked = blocked.journal().len();
    let before = resource_versions(&bench).await;
    let (writes, start) = (bench.thoughtspot.counters().writes, sweeps(&bench));
    eventually("ten intervals pass", PATIENCE * 2, async || {
        let passed = sweeps(&bench) - start;
        if passed >= 10 { Ok(()) } else { Err(format!("{passed} sweeps of the Orgs")) }
    })
    .await;
    assert_eq!(bench.thoughtspot.counters().writes, writes);
    assert_eq!(resource_versions(&bench).await, before);
    // Zero calls per object: a page of Orgs, of users, of groups, and one call for the Instance.
    let routes = bench.thoughtspot.counters().routes;
    let counts: Vec<u64> =
        bench.calls().each_interval().iter().map(|route| routes.get(*route).copied().unwrap_or_default()).collect();
    let most = sweeps(&bench) as u64 + 6;
    assert!(counts.iter().all(|count| *count <= most), "{routes:?}");
    // Nobody else has the list of that Org read: it is overdue for good.
    let calls: Vec<String> = blocked.journal()[asked..].iter().map(|e| e.route.clone()).collect();
    let intervals = calls.iter().filter(|route| *route == bench.calls().each_interval()[3]).count();
    let tries = calls.len() - intervals;
    assert!(tries <= 2 * intervals + 4, "{tries} tries of what may not be deleted, in {intervals} intervals");
}

/// A ThoughtSpot of its own with one Org, whose resource is deleted and held.
async fn blocked_deletion(bench: &Bench) -> Simulator {
    let thoughtspot = Simulator::start(thoughtspot()).await.unwrap();
    thoughtspot.set(|s| s.serves_v2 = bench.dialect == V2);
    let login = LOGIN.replace("name: login", "name: held").replace("$HOST", &thoughtspot.host());
    let connection = CONNECTION.replace("name: ts", "name: held").replace("name: login", "name: held");
    bench.apply(&login).await;
    bench.apply(&connection.replace("$URL", &thoughtspot.url())).await;
    let org = ACME.replace("acme", "held").replace("name: ts", "name: held");
    bench.apply(&org.replace("spec: {", "spec: { deletionPolicy: Delete,")).await;
    bench.ready(ORG, "held").await;
    bench.delete(ORG, "held").await;
    bench.says(ORG, "held", "Stalled", "DeletionBlocked").await;
    thoughtspot
}

/// Changes with every write, whoever makes it.
async fn resource_versions(bench: &Bench) -> Vec<serde_json::Value> {
    let mut versions = Vec::new();
    for (kind, name) in [(ORG, "acme"), (GROUP, "analysts"), (USER, "ana"), ("ThoughtSpotInstance", "ts"), ("Secret", "login")] {
        versions.push(bench.get(kind, name).await["metadata"]["resourceVersion"].clone());
    }
    versions
}

fn sweeps(bench: &Bench) -> usize {
    bench.thoughtspot.journal().iter().filter(|e| e.route == bench.calls().list_orgs).count()
}

#[rstest]
#[tokio::test]
async fn a_restart_writes_nothing(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::start("restart", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    bench.ready(GROUP, "analysts").await;
    bench.counts(json!({ "users": 0, "groups": 0 })).await;
    bench.end().await;
    let writes = bench.thoughtspot.counters().writes;
    let before = resource_versions(&bench).await;
    bench.run();
    let asked = sweeps(&bench);
    eventually("the operator reads again", PATIENCE, async || {
        if sweeps(&bench) > asked + 1 { Ok(()) } else { Err(format!("{} sweeps", sweeps(&bench))) }
    })
    .await;
    assert_eq!(bench.thoughtspot.counters().writes, writes);
    assert_eq!(resource_versions(&bench).await, before);
}
