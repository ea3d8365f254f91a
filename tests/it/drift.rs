//! What somebody keeps changing back in the browser.

use k8s_openapi::api::events::v1::Event;
use kube::api::Api;
use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};

use crate::bench::{ANALYSTS, Bench, GROUP, condition};

fn described(bench: &Bench) -> String {
    bench.thoughtspot.state().group("acme", "analysts").unwrap().description.clone().unwrap_or_default()
}

async fn told(bench: &Bench) -> Vec<String> {
    let events: Api<Event> = Api::namespaced(bench.client.clone(), &bench.namespace);
    let all = events.list(&Default::default()).await.unwrap();
    all.into_iter().filter(|event| event.reason.as_deref() == Some("Fought")).filter_map(|event| event.note).collect()
}

#[rstest]
#[tokio::test]
async fn a_description_that_somebody_keeps_changing_back_is_a_fight(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("fight", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    for round in 1..=3 {
        assert_eq!(condition(&bench.get(GROUP, "analysts").await, "Drifted"), Value::Null, "before round {round}");
        bench.thoughtspot.edit(|world| world.describe_group("acme", "analysts", "by hand").unwrap());
        bench.request(GROUP, "analysts", &round.to_string()).await;
        assert_eq!(described(&bench), "who ask");
    }
    let message = bench.says(GROUP, "analysts", "Drifted", "Fought").await;
    assert!(message.starts_with("somebody keeps changing description (declared \"who ask\", found \"by hand\"): "), "{message}");
    bench.ready(GROUP, "analysts").await;
    assert_eq!(told(&bench).await, [message]);

    bench.thoughtspot.edit(|world| world.describe_group("acme", "analysts", "by hand again").unwrap());
    bench.says_in_with(&bench.namespace, GROUP, "analysts", "Reconciling", "found \"by hand again\"").await;
    let group = bench.get(GROUP, "analysts").await;
    assert_eq!((condition(&group, "Ready")["status"].clone(), described(&bench)), (json!("False"), "by hand again".to_owned()));
    let difference = json!({ "field": "description", "declared": "who ask", "observed": "by hand again" });
    assert_eq!(group["status"]["differences"], json!([difference]));

    bench.patch(GROUP, "analysts", json!({ "spec": { "description": "who ask a lot" } })).await;
    let group = bench.ready(GROUP, "analysts").await;
    assert_eq!((condition(&group, "Drifted"), described(&bench)), (Value::Null, "who ask a lot".to_owned()));
    assert_eq!(told(&bench).await.len(), 1);
}
