//! A ThoughtSpot that hangs, or answers nobody: what it costs, whom it holds up, and how things go on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use futures::future::join_all;
use kube::ResourceExt;
use kube::api::{WatchEvent, WatchParams};
use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{Action, Rule, Simulator};
use thoughtspot_testkit::eventually;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PATIENCE, USER, condition, thoughtspot};

fn user(name: &str, shown: &str) -> String {
    ANA.replace("name: ana", &format!("name: {name}")).replace("Ana Diaz", shown).replace(", groups: [analysts]", "")
}

async fn apply_crowd(bench: &Bench, size: usize, shown: &str) {
    join_all((0..size).map(async |n| bench.apply(&user(&format!("user-{n}"), shown)).await)).await;
}

#[rstest]
#[tokio::test]
async fn a_host_that_hangs_holds_up_no_other_instance(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("hanging", dialect).await;
    bench.tenant().await;
    let works = Simulator::start(thoughtspot()).await.unwrap();
    works.set(|s| s.serves_v2 = dialect == V2);
    bench.apply(&LOGIN.replace("login", "other").replace("$HOST", &works.host())).await;

    bench.thoughtspot.fault(Rule::route("*", Action::Delay { millis: 3_600_000 }));
    let asked = bench.thoughtspot.next_request();
    // More of each kind than there are places.
    apply_crowd(&bench, 20, "Whoever").await;
    for n in 0..20 {
        bench.apply(&ANALYSTS.replace("name: analysts", &format!("name: group-{n}"))).await;
        bench.apply(&ACME.replace("name: acme", &format!("name: org-{n}"))).await;
    }
    eventually("passes hang", PATIENCE, async || {
        if bench.thoughtspot.next_request() > asked { Ok(()) } else { Err("nothing was asked".to_owned()) }
    })
    .await;
    let connection = CONNECTION.replace("name: ts", "name: other").replace("name: login", "name: other");
    bench.apply(&connection.replace("$URL", &works.url())).await;
    bench.ready(INSTANCE, "other").await;
    for (kind, manifest) in [(ORG, ACME), (GROUP, ANALYSTS), (USER, ANA)] {
        let manifest = manifest.replace("name: ts", "name: other").replace("name: acme", "name: globex");
        let manifest = manifest.replace("name: analysts", "name: others").replace("groups: [analysts]", "groups: [others]");
        bench.apply(&manifest.replace("name: ana", "name: eve")).await;
        bench.ready(kind, ["globex", "others", "eve"][[ORG, GROUP, USER].iter().position(|k| *k == kind).unwrap()]).await;
    }
    // They did not wait for one of those passes to end.
    let users = bench.api(USER, &bench.namespace).list(&Default::default()).await.unwrap();
    let ended: Vec<String> = users
        .iter()
        .filter(|user| user.name_any() != "eve" && user.data["status"]["conditions"].is_array())
        .map(|user| format!("{} {}", user.name_any(), user.data["status"]["conditions"]))
        .collect();
    assert!(ended.is_empty(), "{ended:#?}");
    bench.thoughtspot.clear_faults();
}

/// What each user said of each of its generations, as a watch of its own sees it.
async fn said(bench: &Bench) -> Arc<Mutex<BTreeMap<(String, i64), Vec<Value>>>> {
    let api = bench.api(USER, &bench.namespace);
    let from = api.list(&Default::default()).await.unwrap().metadata.resource_version.unwrap();
    let seen = Arc::new(Mutex::new(BTreeMap::<_, Vec<Value>>::new()));
    let log = seen.clone();
    tokio::spawn(async move {
        let mut events = api.watch(&WatchParams::default(), &from).await.unwrap().boxed();
        while let Some(Ok(event)) = events.next().await {
            let WatchEvent::Modified(user) = event else { continue };
            let (status, mut log) = (user.data["status"].clone(), log.lock().unwrap());
            let all = log.entry((user.name_any(), status["observedGeneration"].as_i64().unwrap())).or_default();
            if condition(&json!({ "status": status }), "Ready")["status"] == "False" && all.last() != Some(&status) {
                all.push(status);
            }
        }
    });
    seen
}

/// Ten failures in a row show the outage, sixteen requests can be under way then, and those of the Instance are ever more seldom.
const MOST: u64 = 10 + 16 + 12;
/// More than that.
const CROWD: usize = 45;

#[rstest]
#[tokio::test]
async fn an_outage_costs_few_requests_and_ends_for_everybody_at_once(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("outage", dialect).await;
    bench.tenant().await;
    apply_crowd(&bench, CROWD, "As they were").await;
    join_all((0..CROWD).map(async |n| bench.ready(USER, &format!("user-{n}")).await)).await;
    let seen = said(&bench).await;
    bench.thoughtspot.fault(Rule::route("*", Action::refuse(503)));
    let asked = bench.thoughtspot.next_request();
    apply_crowd(&bench, CROWD, "As they are").await;
    bench.delete(USER, "user-0").await;
    bench.apply(&user("new", "New")).await;
    for round in 0..2 {
        let value = format!("round {round}");
        join_all((0..CROWD).map(async |n| bench.annotate(USER, &format!("user-{n}"), "example.com/round", &value).await)).await;
    }
    let message = bench.says(INSTANCE, "ts", "Reconciling", "Unavailable").await;
    assert!(message.starts_with("ThoughtSpot does not answer ("), "{message}");
    bench.says(USER, "new", "Reconciling", "Unavailable").await;
    join_all((0..CROWD).map(async |n| bench.says(USER, &format!("user-{n}"), "Reconciling", "Unavailable").await)).await;
    let cost = bench.thoughtspot.next_request() - asked;
    assert!(cost <= MOST, "{cost} requests of {CROWD} users who were all woken three times");
    let seen = seen.lock().unwrap().clone();
    let twice: Vec<_> = seen.iter().filter(|(_, said)| said.len() > 1).collect();
    assert!(twice.is_empty(), "{twice:#?}");

    bench.thoughtspot.clear_faults();
    // Whoever waits looks again by itself in five minutes.
    bench.ready(INSTANCE, "ts").await;
    bench.ready(USER, "new").await;
    join_all((1..CROWD).map(async |n| bench.ready(USER, &format!("user-{n}")).await)).await;
    bench.gone(USER, "user-0").await;
    let shown = |name: &str| bench.thoughtspot.state().user(name).unwrap().display_name.clone();
    assert!((1..CROWD).all(|n| shown(&format!("user-{n}")) == "As they are"));
}

/// Three are fewer than the failures that show an outage, and none of them ever got through: that of the host is remembered.
#[rstest]
#[tokio::test]
async fn an_outage_from_before_anything_was_connected_is_the_hosts_and_ends_for_all_its_instances(
    #[values(V1, V2)] dialect: Dialect,
) {
    let mut bench = Bench::idle("outage-first", dialect).await;
    bench.thoughtspot.fault(Rule::route("*", Action::refuse(503)));
    bench.run();
    bench.apply(LOGIN).await;
    let names = ["ts", "second", "third"];
    for name in names {
        bench.apply(&CONNECTION.replace("name: ts", &format!("name: {name}"))).await;
    }
    let rounds = AtomicUsize::new(0);
    let wake = async || {
        let round = rounds.fetch_add(1, Ordering::Relaxed).to_string();
        join_all(names.map(|name| bench.annotate(INSTANCE, name, "example.com/round", &round))).await;
    };
    eventually("all of them say that nobody answers", PATIENCE, async || {
        wake().await;
        let said = join_all(names.map(|name| bench.get(INSTANCE, name))).await;
        let said = said.iter().map(|instance| condition(instance, "Reconciling")["message"].to_string()).collect::<Vec<_>>();
        let all = said.iter().all(|message| message.starts_with("\"ThoughtSpot does not answer ("));
        if all { Ok(()) } else { Err(format!("{said:#?}")) }
    })
    .await;
    let asked = bench.thoughtspot.next_request();
    for _ in 0..20 {
        wake().await;
    }
    bench.says(INSTANCE, "third", "Reconciling", "Unavailable").await;
    let cost = bench.thoughtspot.next_request() - asked;
    assert!(cost <= 12, "{cost} requests of three Instances that were woken twenty times");

    bench.thoughtspot.clear_faults();
    for name in names {
        bench.ready(INSTANCE, name).await;
    }
}

#[rstest]
#[tokio::test]
async fn what_is_to_stay_is_let_go_in_an_outage_and_what_is_as_declared_keeps_still(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("outage-still", dialect).await;
    bench.tenant().await;
    for name in ["stays", "goes"] {
        bench.apply(&user(name, "Somebody")).await;
        bench.ready(USER, name).await;
    }
    let before = bench.get(USER, "stays").await;
    bench.thoughtspot.fault(Rule::route("*", Action::refuse(503)));
    bench.says(INSTANCE, "ts", "Reconciling", "Unavailable").await;
    bench.patch(USER, "goes", json!({ "spec": { "deletionPolicy": "Retain" } })).await;
    bench.delete(USER, "goes").await;
    bench.gone(USER, "goes").await;
    assert_eq!(condition(&bench.get(ORG, "acme").await, "Stalled"), Value::Null);
    bench.thoughtspot.clear_faults();
    bench.ready(INSTANCE, "ts").await;
    assert_eq!(bench.ready(USER, "stays").await["status"]["id"], before["status"]["id"]);
}
