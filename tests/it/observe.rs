//! `Observe`: found, compared, reported field by field, and left.

use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};

use crate::bench::{ACME, ANALYSTS, Bench, GROUP, ORG, USER};

fn fields(object: &Value) -> Vec<&str> {
    object["status"]["differences"].as_array().unwrap().iter().map(|d| d["field"].as_str().unwrap()).collect()
}

#[rstest]
#[tokio::test]
async fn what_differs_is_reported_field_by_field_and_left(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("observe", dialect).await;
    bench.tenant().await;
    bench.thoughtspot.edit(|world| {
        world.create_group("acme", "analysts", "By hand").unwrap();
        world.create_user("ana", "By hand", &["acme"]).unwrap();
    });
    let writes = bench.thoughtspot.counters().writes;
    bench.apply(&ANALYSTS.replace("spec: {", "spec: { managementPolicy: Observe,")).await;
    bench.says(GROUP, "analysts", "Drifted", "Drifted").await;
    let group = bench.ready(GROUP, "analysts").await;
    assert_eq!(fields(&group), ["displayName", "description", "privileges"]);
    assert_eq!(
        group["status"]["differences"][0],
        json!({ "field": "displayName", "declared": "Analysts", "observed": "By hand" })
    );
    bench.apply(OBSERVED_USER).await;
    bench.says(USER, "ana", "Drifted", "Drifted").await;
    assert_eq!(fields(&bench.ready(USER, "ana").await), ["displayName"]);

    bench.thoughtspot.edit(|world| world.set_user_display_name("ana", "Ana Diaz").unwrap());
    bench.says(USER, "ana", "Ready", "Observed").await;
    assert_eq!(bench.get(USER, "ana").await["status"]["differences"], Value::Null);

    bench.delete(GROUP, "analysts").await;
    bench.gone(GROUP, "analysts").await;
    assert_eq!(bench.thoughtspot.counters().writes, writes, "nothing was written");
}

const OBSERVED_USER: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotUser
metadata: { name: ana }
spec: { instanceRef: { name: ts }, managementPolicy: Observe, displayName: Ana Diaz }
";

#[rstest]
#[tokio::test]
async fn what_does_not_exist_is_said_to_be_missing(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("missing", dialect).await;
    bench.connect().await;
    bench.apply(&ACME.replace("spec: {", "spec: { managementPolicy: Observe,")).await;
    bench.says(ORG, "acme", "Stalled", "NotFound").await;
    bench.thoughtspot.edit(|world| world.create_org("acme", Some("a tenant")).map(drop).unwrap());
    bench.says(ORG, "acme", "Ready", "Observed").await;
}

#[rstest]
#[tokio::test]
async fn turning_to_manage_is_an_adoption(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("to-manage", dialect).await;
    bench.connect().await;
    bench.thoughtspot.edit(|world| world.create_org("acme", Some("by hand")).map(drop).unwrap());
    bench.apply(&ACME.replace("spec: {", "spec: { managementPolicy: Observe,")).await;
    bench.says(ORG, "acme", "Drifted", "Drifted").await;
    bench.patch(ORG, "acme", json!({ "spec": { "managementPolicy": "Manage" } })).await;
    bench.says(ORG, "acme", "Stalled", "AlreadyExists").await;
    bench.patch(ORG, "acme", json!({ "spec": { "adoptionPolicy": "Adopt" } })).await;
    assert_eq!(bench.ready(ORG, "acme").await["status"]["origin"], "Adopted");
}

#[rstest]
#[tokio::test]
async fn what_is_only_created_is_left_alone_from_then_on(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("create-only", dialect).await;
    bench.tenant().await;
    bench.apply(&ANALYSTS.replace("spec: {", "spec: { managementPolicy: CreateOnly, deletionPolicy: Delete,")).await;
    assert_eq!(bench.ready(GROUP, "analysts").await["status"]["origin"], "Created");
    bench.thoughtspot.edit(|world| world.set_privileges("acme", "analysts", &["JOBSCHEDULING"]).unwrap());
    let writes = bench.thoughtspot.counters().writes;
    bench.says(GROUP, "analysts", "Drifted", "Drifted").await;
    let group = bench.request(GROUP, "analysts", "1").await;
    assert_eq!(fields(&group), ["privileges"]);
    assert_eq!(bench.thoughtspot.counters().writes, writes);
    bench.patch(GROUP, "analysts", json!({ "spec": { "managementPolicy": "Manage" } })).await;
    bench.ready(GROUP, "analysts").await;
    assert_eq!(bench.thoughtspot.state().group("acme", "analysts").unwrap().privileges, ["DATADOWNLOADING"]);
    bench.patch(GROUP, "analysts", json!({ "spec": { "managementPolicy": "CreateOnly" } })).await;
    bench.delete(GROUP, "analysts").await;
    bench.gone(GROUP, "analysts").await;
    assert!(bench.thoughtspot.state().group("acme", "analysts").is_none(), "it is still this resource's to delete");
}

#[rstest]
#[tokio::test]
async fn a_suspended_resource_is_left_alone(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("suspend", dialect).await;
    bench.tenant().await;
    bench.patch(ORG, "acme", json!({ "spec": { "suspend": true, "description": "later" } })).await;
    bench.says(ORG, "acme", "Ready", "Suspended").await;
    assert_eq!(bench.thoughtspot.state().org("acme").unwrap().description.as_deref(), Some("a tenant"));
    bench.patch(ORG, "acme", json!({ "spec": { "suspend": false } })).await;
    bench.ready(ORG, "acme").await;
    assert_eq!(bench.thoughtspot.state().org("acme").unwrap().description.as_deref(), Some("later"));

    bench.patch("ThoughtSpotInstance", "ts", json!({ "spec": { "suspend": true } })).await;
    bench.says("ThoughtSpotInstance", "ts", "Ready", "Suspended").await;
    bench.says(ORG, "acme", "Ready", "Suspended").await;
    bench.patch("ThoughtSpotInstance", "ts", json!({ "spec": { "suspend": false } })).await;
    bench.ready(ORG, "acme").await;
}
