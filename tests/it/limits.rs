//! What an Instance says of how much is asked through it.

use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{Action, Rule};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, LOGIN, ORG, USER};

#[rstest]
#[tokio::test]
async fn an_instance_waits_no_longer_and_asks_for_no_more_rows_than_its_limits(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("limits", dialect).await;
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  limits: {{ requestsPerSecond: 500, requestTimeout: 1s, pageSize: 10 }}\n")).await;
    bench.apply(ACME).await;
    bench.ready(ORG, "acme").await;
    bench.thoughtspot.edit(|world| {
        for n in 0..15 {
            world.create_user(&format!("user-{n}"), "A user", &["acme"]).unwrap();
        }
    });
    bench.thoughtspot.fault(Rule::route(bench.calls().list_groups, Action::Delay { millis: 10_000 }).times(1));
    bench.apply(ANALYSTS).await;
    let message = bench.says(GROUP, "analysts", "Reconciling", "Unavailable").await;
    assert!(message.contains("no answer within 1 s"), "{message}");
    bench.ready(GROUP, "analysts").await;
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    if dialect == V1 {
        return; // Its lists have no pages.
    }
    let pages = bench.thoughtspot.journal();
    let pages =
        pages.iter().filter(|entry| entry.route == bench.calls().list_users && entry.identifiers.contains_key("record_offset"));
    let lists: Vec<_> = pages.filter(|entry| !entry.identifiers.contains_key("user_identifier")).collect();
    assert!(lists.iter().any(|entry| entry.identifiers["record_offset"] == 10), "{lists:#?}");
    assert!(lists.iter().all(|entry| entry.identifiers["record_size"] == json!(10)), "{lists:#?}");
}
