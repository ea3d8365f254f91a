//! Two resources for one object.

use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};

use crate::bench::{ACME, Bench, CONNECTION, LOGIN, ORG};

#[rstest]
#[tokio::test]
async fn of_two_resources_for_one_object_one_manages_it_and_the_other_says_so(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("two", dialect).await;
    bench.tenant().await;
    bench
        .apply(&ACME.replace("name: acme", "name: second").replace("spec: {", "spec: { name: acme, adoptionPolicy: Adopt,"))
        .await;
    let message = bench.says(ORG, "second", "Stalled", "Conflict").await;
    assert_eq!(message, "\"acme\" is managed by acme in this namespace: delete one of the two, or choose another spec.name");
    bench.delete(ORG, "acme").await;
    bench.gone(ORG, "acme").await;
    assert_eq!(bench.ready(ORG, "second").await["status"]["origin"], "Adopted", "the way is free without a restart");
}

#[rstest]
#[tokio::test]
async fn a_rename_onto_a_claimed_name_is_a_conflict_of_the_one_that_renames(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("rename", dialect).await;
    bench.tenant().await;
    bench.apply(&ACME.replace("acme", "globex")).await;
    bench.ready(ORG, "globex").await;
    bench.patch(ORG, "globex", json!({ "spec": { "name": "acme" } })).await;
    bench.says(ORG, "globex", "Stalled", "Conflict").await;
    bench.ready(ORG, "acme").await;
    let state = bench.thoughtspot.state();
    assert!(state.org("acme").is_some() && state.org("globex").is_some());
}

#[rstest]
#[tokio::test]
async fn the_same_org_is_observed_from_two_namespaces_without_conflict(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("observed", dialect).await;
    let other = bench.another_namespace("observed-too").await;
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: All }} }}]\n")).await;
    bench.apply(&ACME.replace("spec: {", "spec: { grants: [{ name: all, namespaces: { from: All } }],")).await;
    let org = bench.ready(ORG, "acme").await;
    let namespace = &bench.namespace;
    let observing = ACME
        .replace("spec: {", "spec: { managementPolicy: Observe,")
        .replace("name: ts", &format!("name: ts, namespace: {namespace}"));
    bench.apply(&observing.replace("name: acme", "name: one").replace("spec: {", "spec: { name: acme,")).await;
    let observing = observing.replace("name: acme", &format!("name: acme, namespace: {other}"));
    bench.apply(&observing).await;
    for (namespace, name) in [(namespace, "one"), (&other, "acme")] {
        let object = bench.ready_in(namespace, ORG, name).await;
        assert_eq!(object["status"]["id"], org["status"]["id"]);
        assert_eq!(object["metadata"]["finalizers"], serde_json::Value::Null);
        assert_eq!(object["metadata"]["annotations"], serde_json::Value::Null, "what observes announces nothing");
    }
    bench.ready(ORG, "acme").await;
}

#[rstest]
#[tokio::test]
async fn a_conflict_names_no_other_tenants_resources_and_its_end_touches_none(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("theirs", dialect).await;
    let other = bench.another_namespace("theirs-too").await;
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: All }}, adopt: Any }}]\n")).await;
    bench.apply(&ACME.replace("name: acme", "name: sacred-plan").replace("spec: {", "spec: { name: acme,")).await;
    bench.ready(ORG, "sacred-plan").await;
    let namespace = &bench.namespace;
    let theirs = ACME
        .replace("name: ts", &format!("name: ts, namespace: {namespace}"))
        .replace("name: acme", &format!("name: acme, namespace: {other}"))
        .replace("spec: {", "spec: { adoptionPolicy: Adopt, deletionPolicy: Delete,");
    bench.apply(&theirs).await;
    let message = bench.says_in(&other, ORG, "acme", "Stalled", "Conflict").await;
    assert!(message.contains("a resource in another namespace") && !message.contains("sacred"), "{message}");

    // And its end is nobody else's.
    let writes = bench.thoughtspot.counters().writes;
    bench.api(ORG, &other).delete("acme", &Default::default()).await.unwrap();
    bench.gone_in(&other, ORG, "acme").await;
    assert_eq!(bench.thoughtspot.counters().writes, writes);
    bench.ready(ORG, "sacred-plan").await;
}
