//! The real binary is killed at each of its requests to ThoughtSpot in turn, before it is served and after it was served but not
//! answered, and started again: no duplicate, no orphan, same ids, and nobody helps.

use rstest::rstest;
use std::path::Path;
use thoughtspot_crds::Dialect::{self, V1, V2};

use serde_json::{Value, json};
use thoughtspot_simulator::{Action, Hold, Moment, Rule};
use thoughtspot_testkit::OperatorProcess;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, USER};

const KINDS: [(&str, &str); 3] = [(ORG, "acme"), (GROUP, "analysts"), (USER, "ana")];

fn start(bench: &Bench) -> OperatorProcess {
    let args = ["run", "--allowed-hosts", "http://127.0.0.1:*", "--watch-namespaces", &bench.namespace];
    let kubeconfig = bench.cluster.kubeconfig().to_str().unwrap();
    let env = [("KUBECONFIG", kubeconfig), ("RUST_LOG", "info,thoughtspot_engine=debug")];
    OperatorProcess::spawn(Path::new(env!("CARGO_BIN_EXE_thoughtspot-operator")), args, env).unwrap()
}

#[rstest]
#[tokio::test]
async fn killed_before_a_request_is_served_while_a_tenant_is_created(#[values(V1, V2)] dialect: Dialect) {
    creation(dialect, Moment::BeforeServed).await;
}

#[rstest]
#[tokio::test]
async fn killed_after_a_request_is_served_while_a_tenant_is_created(#[values(V1, V2)] dialect: Dialect) {
    creation(dialect, Moment::AfterCommit).await;
}

#[rstest]
#[tokio::test]
async fn killed_before_a_request_is_served_while_a_tenant_is_deleted(#[values(V1, V2)] dialect: Dialect) {
    deletion(dialect, Moment::BeforeServed).await;
}

#[rstest]
#[tokio::test]
async fn killed_after_a_request_is_served_while_a_tenant_is_deleted(#[values(V1, V2)] dialect: Dialect) {
    deletion(dialect, Moment::AfterCommit).await;
}

async fn creation(dialect: Dialect, moment: Moment) {
    let mut killed = 0;
    while create_and_kill(dialect, killed + 1, moment).await {
        killed += 1;
    }
    assert!(killed >= 8, "a tenant takes more requests than {killed}");
}

/// Whether the operator came to its `n`-th request at all.
async fn create_and_kill(dialect: Dialect, n: u64, moment: Moment) -> bool {
    let bench = Bench::idle("crash", dialect).await;
    for manifest in [LOGIN, CONNECTION, ACME, ANALYSTS, ANA] {
        // Long enough that nothing but the creation makes requests.
        bench.apply(&manifest.replace("syncInterval: 5s", "syncInterval: 1h")).await;
    }
    let hold = bench.thoughtspot.hold_at(n, moment);
    let mut operator = start(&bench);
    if !held(&bench, &hold).await {
        return false;
    }
    operator.kill();
    hold.release();
    let before = ids(&bench).await;
    let _operator = start(&bench);
    all_ready(&bench).await;
    let after = ids(&bench).await;
    for (before, after) in before.iter().zip(&after) {
        assert!(before.is_null() || before == after, "killed at request {n}: {before} became {after}");
    }
    one_of_each(&bench, n, &after);
    true
}

/// Whether the request was held; not if everything is Ready without it.
async fn held(bench: &Bench, hold: &Hold) -> bool {
    tokio::select! {
        _ = hold.held() => true,
        () = all_ready(bench) => false,
    }
}

async fn all_ready(bench: &Bench) {
    for (kind, name) in KINDS {
        bench.ready(kind, name).await;
    }
}

async fn ids(bench: &Bench) -> Vec<Value> {
    let mut ids = Vec::new();
    for (kind, name) in KINDS {
        ids.push(bench.get(kind, name).await["status"]["id"].clone());
    }
    ids
}

fn one_of_each(bench: &Bench, n: u64, ids: &[Value]) {
    let state = bench.thoughtspot.state();
    let acme = state.org("acme").unwrap();
    let (analysts, ana) = (state.group("acme", "analysts").unwrap(), state.user("ana").unwrap());
    assert_eq!(ids, [json!(acme.id), json!(analysts.id), json!(ana.id)], "killed at request {n}");
    assert!(analysts.users.contains(&"ana".to_owned()), "killed at request {n}");
    for route in bench.calls().creates() {
        let created =
            bench.thoughtspot.journal().iter().filter(|e| e.route == route && e.committed && e.status != Some(400)).count();
        assert_eq!(created, 1, "killed at request {n}: {route}");
    }
}

#[rstest]
#[tokio::test]
async fn killed_while_a_group_is_created_again(#[values(V1, V2)] dialect: Dialect) {
    for moment in [Moment::BeforeServed, Moment::AfterCommit] {
        let bench = Bench::idle("crash-again", dialect).await;
        for manifest in [LOGIN, CONNECTION, ACME, ANALYSTS] {
            bench.apply(manifest).await;
        }
        let mut operator = start(&bench);
        let before = bench.ready(GROUP, "analysts").await;
        bench.thoughtspot.fault(Rule::route(bench.calls().create_group, Action::CommitThenDrop).times(1));
        bench.thoughtspot.edit(|world| world.delete_group("acme", "analysts").unwrap());
        bench.thoughtspot_shows("the group is created again", |state| state.group("acme", "analysts").is_some()).await;
        let hold = bench.thoughtspot.hold_at(bench.thoughtspot.next_request(), moment);
        hold.held().await;
        operator.kill();
        hold.release();
        let _operator = start(&bench);
        bench.says_not(GROUP, "analysts", &before["status"]["id"]).await;
        let now = bench.thoughtspot.state().group("acme", "analysts").unwrap().id.clone();
        assert_eq!(bench.ready(GROUP, "analysts").await["status"]["id"], now.as_str());
    }
}

async fn deletion(dialect: Dialect, moment: Moment) {
    let mut killed = 0;
    while delete_and_kill(dialect, killed, moment).await {
        killed += 1;
    }
    assert!(killed >= 6, "deleting a tenant takes more requests than {killed}");
}

async fn delete_and_kill(dialect: Dialect, n: u64, moment: Moment) -> bool {
    let bench = Bench::idle("crash-delete", dialect).await;
    let deleting = |manifest: &str| {
        manifest.replace("syncInterval: 5s", "syncInterval: 1h").replace("displayName", "deletionPolicy: Delete\n  displayName")
    };
    bench.apply(&deleting(LOGIN)).await;
    bench.apply(&deleting(CONNECTION)).await;
    bench.apply(&ACME.replace("spec: {", "spec: { deletionPolicy: Delete,")).await;
    bench.apply(&ANALYSTS.replace("spec: {", "spec: { deletionPolicy: Delete,")).await;
    bench.apply(&deleting(ANA)).await;
    let mut operator = start(&bench);
    all_ready(&bench).await;
    let id = bench.get(ORG, "acme").await["status"]["id"].to_string();
    bench.annotate(ORG, "acme", "thoughtspot.dev/allow-deletion", &id).await;
    let hold = bench.thoughtspot.hold_at(bench.thoughtspot.next_request() + n, moment);
    for (kind, name) in KINDS {
        bench.delete(kind, name).await;
    }
    let held = tokio::select! {
        _ = hold.held() => true,
        () = all_gone(&bench) => false,
    };
    if held {
        operator.kill();
        hold.release();
        operator = start(&bench);
        all_gone(&bench).await;
    }
    let state = bench.thoughtspot.state();
    assert!(state.org("acme").is_none() && state.user("ana").is_none(), "killed at request {n}: {state:?}");
    bench.delete(INSTANCE, "ts").await;
    bench.gone(INSTANCE, "ts").await;
    drop(operator);
    held
}

async fn all_gone(bench: &Bench) {
    for (kind, name) in KINDS {
        bench.gone(kind, name).await;
    }
}
