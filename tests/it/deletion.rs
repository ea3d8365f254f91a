//! A namespace goes with everything in it; an Instance waits for what uses it.

use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};

use thoughtspot_simulator::{Action, Rule};
use thoughtspot_testkit::eventually;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, ORG, PATIENCE, USER};
use crate::rights::Rights;

async fn full(bench: &Bench) {
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    bench.ready(GROUP, "analysts").await;
}

/// Ana stays, too, which has to be said.
async fn retained(bench: &Bench) {
    full(bench).await;
    bench.patch(USER, "ana", json!({ "spec": { "deletionPolicy": "Retain" } })).await;
    bench.ready(USER, "ana").await;
}

#[rstest]
#[tokio::test]
async fn a_namespace_goes_with_everything_retained(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start_with(Rights::Cluster, "ns-retain", dialect).await;
    retained(&bench).await;
    bench.delete_namespace().await;
    bench.namespace_gone().await;
    let state = bench.thoughtspot.state();
    assert!(state.org("acme").is_some() && state.user("ana").is_some());
}

#[rstest]
#[tokio::test]
async fn a_namespace_goes_with_thoughtspot_away_when_everything_is_retained(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start_with(Rights::Cluster, "ns-away", dialect).await;
    retained(&bench).await;
    bench.thoughtspot.stop().await;
    bench.delete_namespace().await;
    bench.namespace_gone().await;
}

#[rstest]
#[tokio::test]
async fn a_namespace_goes_and_takes_with_it_what_is_to_be_deleted(#[values(V1, V2)] dialect: Dialect) {
    a_namespace_takes_all_with_it_on(&Bench::start_with(Rights::Cluster, "ns-delete", dialect).await).await;
}

/// By whatever operator watches this namespace.
pub(crate) async fn a_namespace_takes_all_with_it_on(bench: &Bench) {
    full(bench).await;
    let id = bench.get(ORG, "acme").await["status"]["id"].to_string();
    bench.annotate(ORG, "acme", "thoughtspot.dev/allow-deletion", &id).await;
    for (kind, name) in [(USER, "ana"), (GROUP, "analysts"), (ORG, "acme")] {
        bench.patch(kind, name, json!({ "spec": { "deletionPolicy": "Delete" } })).await;
        bench.ready(kind, name).await;
    }
    bench.delete_namespace().await;
    bench.namespace_gone().await;
    let state = bench.thoughtspot.state();
    assert!(state.org("acme").is_none() && state.user("ana").is_none());
}

/// The ThoughtSpotOrg, retained, goes at once; what is to be deleted in it still finds its way.
#[rstest]
#[tokio::test]
async fn what_is_to_be_deleted_does_not_need_the_retained_org_around_it(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start_with(Rights::Cluster, "ns-mixed", dialect).await;
    full(&bench).await;
    for (kind, name) in [(USER, "ana"), (GROUP, "analysts")] {
        bench.patch(kind, name, json!({ "spec": { "deletionPolicy": "Delete" } })).await;
        bench.ready(kind, name).await;
    }
    bench.delete(ORG, "acme").await;
    bench.gone(ORG, "acme").await;
    bench.delete_namespace().await;
    bench.namespace_gone().await;
    let state = bench.thoughtspot.state();
    assert!(state.org("acme").is_some(), "retained");
    assert!(state.group("acme", "analysts").is_none() && state.user("ana").is_none(), "deleted: {state:?}");
}

#[rstest]
#[tokio::test]
async fn an_instance_waits_for_what_uses_it(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("in-use", dialect).await;
    bench.tenant().await;
    bench.delete(INSTANCE, "ts").await;
    let message = bench.says(INSTANCE, "ts", "Ready", "InUse").await;
    assert!(message.contains("ThoughtSpotOrg") && message.contains("acme"), "{message}");
    bench.patch(ORG, "acme", json!({ "spec": { "description": "to the end" } })).await;
    bench.ready(ORG, "acme").await;
    assert_eq!(bench.thoughtspot.state().org("acme").unwrap().description.as_deref(), Some("to the end"));
    bench.delete(ORG, "acme").await;
    bench.gone(ORG, "acme").await;
    bench.gone(INSTANCE, "ts").await;
    assert_eq!(bench.get("Secret", "login").await["metadata"]["finalizers"], serde_json::Value::Null);
}

#[rstest]
#[tokio::test]
async fn setting_retain_frees_what_is_stuck(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("stuck", dialect).await;
    bench.tenant().await;
    bench.patch(ORG, "acme", json!({ "spec": { "deletionPolicy": "Delete" } })).await;
    bench.ready(ORG, "acme").await;
    bench.thoughtspot.stop().await;
    bench.delete(ORG, "acme").await;
    bench.says(ORG, "acme", "Ready", "Unavailable").await;
    bench.patch(ORG, "acme", json!({ "spec": { "deletionPolicy": "Retain" } })).await;
    bench.gone(ORG, "acme").await;
}

#[rstest]
#[tokio::test]
async fn what_never_came_to_be_goes_at_once(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("never", dialect).await;
    bench.apply(&ACME.replace("spec: {", "spec: { deletionPolicy: Delete,")).await;
    bench.says(ORG, "acme", "ReferencesResolved", "NotReady").await;
    bench.delete(ORG, "acme").await;
    bench.gone(ORG, "acme").await;
}

#[rstest]
#[tokio::test]
async fn a_finalizer_taken_off_by_hand_is_put_back(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("finalizer", dialect).await;
    bench.tenant().await;
    bench.patch(ORG, "acme", json!({ "metadata": { "finalizers": null } })).await;
    let org = bench.request(ORG, "acme", "1").await;
    assert_eq!(org["metadata"]["finalizers"], json!(["thoughtspot.dev/finalizer"]));
}

/// Two Instances share the Secret, and neither waits for the other to let it go.
#[rstest]
#[tokio::test]
async fn a_namespace_goes_with_two_instances_of_one_secret(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start_with(Rights::Cluster, "ns-two", dialect).await;
    bench.tenant().await;
    bench.apply(&CONNECTION.replace("name: ts", "name: second")).await;
    bench.ready(INSTANCE, "second").await;
    bench.delete_namespace().await;
    bench.namespace_gone().await;
}

/// An Org that was deleted by hand, with its groups, holds nothing up.
#[rstest]
#[tokio::test]
async fn what_went_with_its_org_goes(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("org-gone", dialect).await;
    full(&bench).await;
    bench.apply(&ACME.replace("acme", "globex")).await;
    bench.ready(ORG, "globex").await;
    let both = json!([{ "name": "acme", "groups": ["analysts"] }, { "name": "globex" }]);
    bench.patch(USER, "ana", json!({ "spec": { "orgs": both } })).await;
    bench.ready(USER, "ana").await;
    bench.patch(GROUP, "analysts", json!({ "spec": { "deletionPolicy": "Delete" } })).await;
    bench.ready(GROUP, "analysts").await;
    bench.thoughtspot.edit(|world| world.delete_org("acme").unwrap());
    bench.delete(GROUP, "analysts").await;
    bench.gone(GROUP, "analysts").await;
    bench.patch(USER, "ana", json!({ "spec": { "displayName": "Ana after", "orgs": [{ "name": "globex" }] } })).await;
    bench.ready(USER, "ana").await;
    assert_eq!(bench.thoughtspot.state().user("ana").unwrap().display_name, "Ana after");
}

/// The Secret was torn from us, and an operator that starts now never saw it.
#[rstest]
#[tokio::test]
async fn credentials_that_are_lost_for_good_are_told_of_and_retain_frees_what_needed_them(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::start("lost", dialect).await;
    full(&bench).await;
    bench.patch(USER, "ana", json!({ "spec": { "deletionPolicy": "Delete" } })).await;
    bench.ready(USER, "ana").await;
    bench.end().await;
    bench.delete("Secret", "login").await;
    bench.patch("Secret", "login", json!({ "metadata": { "finalizers": null } })).await;
    bench.gone("Secret", "login").await;
    bench.delete(USER, "ana").await;
    let asked = bench.thoughtspot.counters().requests;
    bench.run();
    let message = bench.says(INSTANCE, "ts", "ReferencesResolved", "NotReady").await;
    assert_eq!(message, "Secret login does not exist in this namespace: correct the name, or create it");
    bench.says(USER, "ana", "Ready", "NotReady").await;
    bench.patch(USER, "ana", json!({ "spec": { "deletionPolicy": "Retain" } })).await;
    bench.gone(USER, "ana").await;
    assert_eq!(bench.thoughtspot.counters().requests, asked, "nobody could sign in");
    assert!(bench.thoughtspot.state().user("ana").is_some());
}

/// The operator runs on: what it remembers is enough.
#[rstest]
#[tokio::test]
async fn credentials_that_are_lost_serve_from_memory_until_all_is_deleted(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start_with(Rights::Cluster, "memory", dialect).await;
    full(&bench).await;
    for (kind, name) in [(USER, "ana"), (GROUP, "analysts")] {
        bench.patch(kind, name, json!({ "spec": { "deletionPolicy": "Delete" } })).await;
        bench.ready(kind, name).await;
    }
    bench.delete("Secret", "login").await;
    bench.gone("Secret", "login").await;
    bench.delete_namespace().await;
    bench.namespace_gone().await;
    let state = bench.thoughtspot.state();
    assert!(state.group("acme", "analysts").is_none() && state.user("ana").is_none(), "{state:?}");
}

#[rstest]
#[tokio::test]
async fn a_deletion_that_waits_for_thoughtspot_says_so_once(
    #[values(V1, V2)] dialect: Dialect,
    #[values((Action::refuse(500), "Refused"), (Action::DropBeforeCommit, "Unavailable"))] (outage, reason): (Action, &str),
) {
    let bench = Bench::start("waits-once", dialect).await;
    full(&bench).await;
    bench.patch(GROUP, "analysts", json!({ "spec": { "deletionPolicy": "Delete" } })).await;
    bench.ready(GROUP, "analysts").await;
    bench.thoughtspot.fault(Rule::route("*group*", outage));
    bench.delete(GROUP, "analysts").await;
    bench.says(GROUP, "analysts", "Ready", reason).await;
    let said = bench.get(GROUP, "analysts").await["metadata"]["resourceVersion"].clone();
    let asked = bench.thoughtspot.counters().requests;
    eventually("it is tried again and again", PATIENCE, async || {
        let more = bench.thoughtspot.counters().requests - asked;
        if more >= 4 { Ok(()) } else { Err(format!("{more} requests")) }
    })
    .await;
    assert_eq!(bench.get(GROUP, "analysts").await["metadata"]["resourceVersion"], said);
    bench.thoughtspot.clear_faults();
    bench.gone(GROUP, "analysts").await;
    assert!(bench.thoughtspot.state().group("acme", "analysts").is_none());
}

/// Somebody renames the Org, and gives its name to another: the id decides.
#[rstest]
#[tokio::test]
async fn an_org_that_took_over_the_name_is_not_deleted_instead(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::start("aba", dialect).await;
    bench.tenant().await;
    bench.patch(ORG, "acme", json!({ "spec": { "deletionPolicy": "Delete" } })).await;
    let id = bench.ready(ORG, "acme").await["status"]["id"].to_string();
    bench.annotate(ORG, "acme", "thoughtspot.dev/allow-deletion", &id).await;
    bench.ready(ORG, "acme").await;
    bench.end().await;
    let other = bench.thoughtspot.edit(|world| {
        world.rename_org("acme", "acme-before").unwrap();
        world.create_org("acme", Some("somebody else's")).unwrap()
    });
    bench.delete(ORG, "acme").await;
    bench.run();
    bench.says(ORG, "acme", "Stalled", "DeletionBlocked").await;
    bench.patch(ORG, "acme", json!({ "spec": { "deletionPolicy": "Retain" } })).await;
    bench.gone(ORG, "acme").await;
    let state = bench.thoughtspot.state();
    assert_eq!(state.org("acme").map(|org| org.id), Some(other));
    assert!(state.org("acme-before").is_some());
}

#[rstest]
#[tokio::test]
async fn what_another_manages_is_not_touched_by_the_end_of_its_rival(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("rival", dialect).await;
    full(&bench).await;
    let rival = ANALYSTS.replace("metadata: { name: analysts }", "metadata: { name: rival }");
    bench.apply(&rival.replace("spec: {", "spec: { name: analysts, deletionPolicy: Delete, adoptionPolicy: Adopt,")).await;
    bench.says(GROUP, "rival", "Stalled", "Conflict").await;
    let writes = bench.thoughtspot.counters().writes;
    bench.delete(GROUP, "rival").await;
    bench.gone(GROUP, "rival").await;
    assert_eq!(bench.thoughtspot.counters().writes, writes);
    bench.ready(GROUP, "analysts").await;
}

/// What it stood for is nobody's now, and holds nothing up.
#[rstest]
#[tokio::test]
async fn what_is_let_go_by_hand_stays_in_thoughtspot(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("by-hand", dialect).await;
    full(&bench).await;
    bench.patch(USER, "ana", json!({ "spec": { "deletionPolicy": "Delete" } })).await;
    bench.ready(USER, "ana").await;
    bench.thoughtspot.stop().await;
    bench.delete(USER, "ana").await;
    bench.says(USER, "ana", "Ready", "Unavailable").await;
    bench.patch(USER, "ana", json!({ "metadata": { "finalizers": null } })).await;
    bench.gone(USER, "ana").await;
    bench.thoughtspot.restart().await.unwrap();
    bench.patch(GROUP, "analysts", json!({ "spec": { "displayName": "After" } })).await;
    bench.ready(GROUP, "analysts").await;
    assert!(bench.thoughtspot.state().user("ana").is_some());
    // Users are counted where there is a resource that has them read.
    bench.apply(&ANA.replace("name: ana", "name: bob")).await;
    bench.counts(json!({ "users": 1, "groups": 0 })).await;
}
