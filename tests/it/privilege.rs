//! The operator's login loses a privilege: what needs it says so, what does not goes on, and nobody is asked over and over.

use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{Action, Rule};
use thoughtspot_testkit::eventually;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, GROUP, INSTANCE, ORG, PATIENCE, USER};

const STEP: &str = ": the operator's login may lack a privilege: give it ADMINISTRATION in Primary";

fn asked(bench: &Bench, route: &str) -> usize {
    bench.thoughtspot.journal().iter().filter(|entry| entry.route == route).count()
}

/// Waits for so many more lists of Orgs: one an interval.
async fn intervals(bench: &Bench, count: usize) {
    let route = bench.calls().list_orgs;
    let before = asked(bench, route);
    eventually("intervals pass", PATIENCE, async || match asked(bench, route) - before {
        passed if passed >= count => Ok(()),
        passed => Err(passed.to_string()),
    })
    .await;
}

#[rstest]
#[tokio::test]
async fn what_the_login_may_not_do_any_more_is_said_and_the_rest_goes_on(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("lost-privilege", dialect).await;
    bench.tenant().await;
    let create = bench.calls().create_group;
    bench.thoughtspot.fault(Rule::route(create, Action::refuse(403)));
    bench.apply(ANALYSTS).await;
    let message = bench.says(GROUP, "analysts", "Stalled", "Forbidden").await;
    assert!(message.starts_with("ThoughtSpot does not allow ") && message.ends_with(STEP), "{message}");
    bench.apply(&ANA.replace(", groups: [analysts]", "")).await;
    bench.ready(USER, "ana").await;
    bench.patch(ORG, "acme", json!({ "spec": { "description": "goes on" } })).await;
    bench.ready(ORG, "acme").await;
    bench.ready(INSTANCE, "ts").await;
    let before = asked(&bench, create);
    intervals(&bench, 2).await;
    let tried = asked(&bench, create) - before;
    assert!(tried <= 3, "once an interval: {tried}");
    bench.thoughtspot.clear_faults();
    bench.ready(GROUP, "analysts").await;
    assert_eq!(bench.thoughtspot.state().org("acme").unwrap().description.as_deref(), Some("goes on"));
}

#[rstest]
#[tokio::test]
async fn a_login_that_administers_nothing_any_more_is_said_by_the_instance_and_asks_little(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("lost-all", dialect).await;
    bench.tenant().await;
    bench.thoughtspot.edit(|world| world.remove_from_group("Primary", "Administrator", "svc-operator").unwrap());
    let message = bench.says(INSTANCE, "ts", "Stalled", "Forbidden").await;
    assert!(message.starts_with("ThoughtSpot does not allow ") && message.ends_with(STEP), "{message}");
    bench.apply(&ACME.replace("name: acme", "name: another")).await;
    bench.says(ORG, "another", "ReferencesResolved", "NotReady").await;
    let [.., identify] = bench.calls().each_interval();
    let (seen, tries, requests) =
        (bench.get(INSTANCE, "ts").await, asked(&bench, identify), bench.thoughtspot.counters().requests);
    eventually("it is tried again", PATIENCE, async || match asked(&bench, identify) - tries {
        0 | 1 => Err("not yet".to_owned()),
        _ => Ok(()),
    })
    .await;
    let requests = bench.thoughtspot.counters().requests - requests;
    assert!(requests <= 10, "two tries, each of which signs in anew: {requests}");
    assert_eq!(bench.get(INSTANCE, "ts").await["metadata"]["resourceVersion"], seen["metadata"]["resourceVersion"]);
    let created = asked(&bench, bench.calls().create_org);
    assert_eq!(created, 1, "nothing was written without the right to");
    bench.thoughtspot.edit(|world| world.add_to_group("Primary", "Administrator", "svc-operator").unwrap());
    bench.ready(INSTANCE, "ts").await;
    bench.ready(ORG, "another").await;
    bench.ready(ORG, "acme").await;
}
