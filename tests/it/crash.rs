//! Killed where two lifecycles overlap; every other place is swept (`sweep.rs`).

use rstest::rstest;
use std::path::Path;
use thoughtspot_crds::Dialect::{self, V1, V2};

use thoughtspot_simulator::{Action, Moment, Rule};
use thoughtspot_testkit::OperatorProcess;

use crate::bench::{ACME, ANALYSTS, Bench, CONNECTION, GROUP, LOGIN};

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
