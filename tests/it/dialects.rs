//! One ThoughtSpot, two APIs: an Instance may change from one to the other.

use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_testkit::eventually;

use crate::bench::{ANA, ANALYSTS, Bench, GROUP, INSTANCE, ORG, PATIENCE, USER};

const KINDS: [(&str, &str); 3] = [(ORG, "acme"), (GROUP, "analysts"), (USER, "ana")];

async fn objects(bench: &Bench) -> Vec<Value> {
    let mut objects = Vec::new();
    for (kind, name) in KINDS {
        let object = bench.get(kind, name).await;
        objects.push(json!([object["status"]["id"], object["metadata"]["resourceVersion"]]));
    }
    objects
}

/// How often the lists of everything were read.
fn sweeps(bench: &Bench) -> usize {
    bench.thoughtspot.journal().iter().filter(|e| e.route == bench.calls().list_users).count()
}

#[rstest]
#[tokio::test]
async fn an_instance_that_changes_its_dialect_keeps_every_object_and_nothing_is_written(
    #[values((V1, V2), (V2, V1))] change: (Dialect, Dialect),
) {
    let (before, after) = change;
    let mut bench = Bench::start("dialects", before).await;
    bench.thoughtspot.set(|s| s.serves_v2 = true);
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    bench.ready(GROUP, "analysts").await;
    bench.ready(USER, "ana").await;
    bench.counts(json!({ "users": 0, "groups": 0 })).await;
    let (objects_before, writes) = (objects(&bench).await, bench.thoughtspot.counters().writes);

    bench.patch(INSTANCE, "ts", json!({ "spec": { "dialect": after } })).await;
    bench.dialect = after;
    eventually("the other dialect reads every list, twice", PATIENCE, async || {
        if sweeps(&bench) >= 4 { Ok(()) } else { Err(format!("{} sweeps", sweeps(&bench))) }
    })
    .await;
    let instance = bench.ready(INSTANCE, "ts").await;
    let ids = &instance["status"]["systemIds"];
    assert!(ids["v1"].is_string() && ids["v2"].is_string() && ids["v1"] != ids["v2"], "{ids}");
    assert_eq!(objects(&bench).await, objects_before);
    assert_eq!(bench.thoughtspot.counters().writes, writes);

    bench.patch(GROUP, "analysts", json!({ "spec": { "description": "changed" } })).await;
    bench.ready(GROUP, "analysts").await;
    let state = bench.thoughtspot.state();
    let analysts = state.group("acme", "analysts").unwrap();
    assert_eq!(json!(analysts.id), objects_before[1][0]);
    assert_eq!(analysts.description.as_deref(), Some("changed"));
}

#[tokio::test]
async fn another_thoughtspot_is_refused_though_the_dialect_changes_too() {
    let bench = Bench::start("dialect-and-url", V2).await;
    bench.tenant().await;
    let other = thoughtspot_simulator::Simulator::start(crate::bench::thoughtspot()).await.unwrap();
    let login = crate::bench::LOGIN.replace("$HOST", &other.host());
    bench.apply(&login).await;
    bench.patch(INSTANCE, "ts", json!({ "spec": { "dialect": "V1", "url": other.url() } })).await;
    bench.says(INSTANCE, "ts", "Stalled", "DifferentInstance").await;
    assert_eq!(other.counters().writes, 0);
}
