//! Killed where two lifecycles overlap; every other place is swept (`sweep.rs`).

use rstest::rstest;
use std::path::Path;
use thoughtspot_crds::Dialect::{self, V1, V2};

use serde_json::json;
use thoughtspot_simulator::{AccountStatus, Action, Moment, Rule};
use thoughtspot_testkit::OperatorProcess;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, LOGIN, ORG, USER};

fn start(bench: &Bench) -> OperatorProcess {
    let args = ["run", "--allowed-hosts", "http://127.0.0.1:*", "--watch-namespaces", &bench.namespace];
    let kubeconfig = bench.kubeconfig().to_str().unwrap();
    let env = [("KUBECONFIG", kubeconfig), ("RUST_LOG", "info,thoughtspot_engine=debug")];
    OperatorProcess::spawn(Path::new(env!("CARGO_BIN_EXE_thoughtspot-operator")), args, env).unwrap()
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

/// What the create put it into is ours, though the spec says otherwise by the time it is found.
#[rstest]
#[tokio::test]
async fn killed_while_a_user_is_made_that_is_to_be_elsewhere_by_then(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::idle("crash-moved", dialect).await;
    let connection = CONNECTION.replace("5s", "1h");
    for manifest in [LOGIN, &connection, ACME, &ACME.replace("acme", "globex"), ANALYSTS, &ANA.replace("name: ana", "name: bob")]
    {
        bench.apply(manifest).await;
    }
    let mut operator = start(&bench);
    bench.ready(ORG, "globex").await;
    bench.ready(USER, "bob").await; // now all lists are read: the next request is the create
    let hold = bench.thoughtspot.hold_at(bench.thoughtspot.next_request(), Moment::AfterCommit);
    bench.apply(ANA).await;
    hold.held().await;
    operator.kill();
    hold.release();
    assert_eq!(bench.thoughtspot.state().user("ana").unwrap().orgs, ["acme"]);
    assert!(bench.get(USER, "ana").await["status"]["id"].is_null());
    bench.patch(USER, "ana", json!({ "spec": { "orgs": [{ "name": "globex" }] } })).await;
    let _operator = start(&bench);
    bench.ready(USER, "ana").await;
    assert_eq!(bench.thoughtspot.state().user("ana").unwrap().orgs, ["globex"]);
    bench.delete(USER, "ana").await;
    bench.gone(USER, "ana").await;
    assert_eq!(bench.thoughtspot.state().user("ana").unwrap().account_status, AccountStatus::Inactive);
}
