//! An object whose stored form no longer parses does not stop the others, says what is wrong, and can be deleted.

use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::AccountStatus;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, GROUP, ORG, USER};

/// Puts an object into etcd as an older schema would have let it in.
async fn store(bench: &Bench, plural: &str, object: &Value) {
    let name = object["metadata"]["name"].as_str().unwrap();
    let key = format!("/registry/thoughtspot.dev/{plural}/{}/{name}", bench.namespace);
    let body = json!({ "key": base64(key.as_bytes()), "value": base64(object.to_string().as_bytes()) });
    let url = format!("{}/v3/kv/put", bench.cluster.etcd_url());
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(10)).build().unwrap();
    let answer = client.post(url).body(body.to_string()).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}

/// As Kubernetes writes bytes in JSON.
fn base64(bytes: &[u8]) -> String {
    let value = serde_json::to_value(k8s_openapi::ByteString(bytes.to_vec())).unwrap();
    value.as_str().unwrap().to_owned()
}

#[rstest]
#[tokio::test]
async fn one_bad_object_holds_up_no_other(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("unreadable", dialect).await;
    bench.connect().await;
    bench.apply(&ACME.replace("name: acme", "name: poison").replace("spec: {", "spec: { suspend: true,")).await;
    bench.says(ORG, "poison", "Ready", "Suspended").await;
    let mut poison = bench.get(ORG, "poison").await;
    poison["spec"]["managementPolicy"] = json!("Whatever");
    poison["metadata"]["generation"] = json!(2);
    poison["metadata"]["finalizers"] = json!(["thoughtspot.dev/finalizer"]);
    store(&bench, "thoughtspotorgs", &poison).await;
    bench.apply(ACME).await;
    bench.ready(ORG, "acme").await;
    let message = bench.says(ORG, "poison", "Stalled", "Invalid").await;
    assert!(message.contains("does not fit its schema"), "{message}");
    assert!(!message.contains("Whatever"), "the value is not quoted: {message}");
    bench.delete(ORG, "poison").await;
    bench.gone(ORG, "poison").await;
}

/// Without a word of its own on deletion, a user we made is to be deactivated.
#[rstest]
#[tokio::test]
async fn whoever_leaves_keeps_no_access_because_the_resource_cannot_be_read(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("unread-leaver", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    bench.apply(ANA).await;
    let mut ana = bench.ready(USER, "ana").await;
    ana["spec"]["managementPolicy"] = json!("Whatever");
    store(&bench, "thoughtspotusers", &ana).await;
    bench.delete(USER, "ana").await;
    let message = bench.says(USER, "ana", "Stalled", "Invalid").await;
    assert!(message.contains("or set deletionPolicy: Retain to let it go"), "{message}");
    bench.patch(USER, "ana", json!({ "spec": { "managementPolicy": "Manage" } })).await;
    bench.gone(USER, "ana").await;
    assert_eq!(bench.thoughtspot.state().user("ana").unwrap().account_status, AccountStatus::Inactive);
}
