//! How an Org ends, and what stands in the way.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, GROUP, INSTANCE, ORG, USER};
use crate::lifecycle;

/// A person asks for another look, and does not wait for the next one.
async fn look_again(bench: &Bench, value: &str) {
    bench.annotate(ORG, "acme", "thoughtspot.dev/reconcile-requested-at", value).await;
}

/// An Org that is Ready, with this policy and the annotation that goes with it.
async fn to_be_deleted(bench: &Bench, policy: &str) -> i64 {
    bench.connect().await;
    bench.apply(&ACME.replace("spec: {", &format!("spec: {{ deletionPolicy: {policy},"))).await;
    let org = bench.ready(ORG, "acme").await;
    assert_eq!(org["status"]["onDelete"], policy);
    let id = org["status"]["id"].as_i64().unwrap();
    bench.annotate(ORG, "acme", "thoughtspot.dev/allow-deletion", &id.to_string()).await;
    id
}

#[rstest]
#[tokio::test]
async fn an_org_that_is_to_go_only_if_empty_stays_while_anything_is_in_it(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("if-empty", dialect).await;
    let id = to_be_deleted(&bench, "DeleteIfEmpty").await;
    let board = bench.thoughtspot.edit(|world| {
        world.create_user("ana", "Ana Diaz", &["acme", "0"]).unwrap();
        world.create_group("acme", "analysts", "Analysts").unwrap();
        world.create_liveboard("acme", "ana", "Overview", &[]).unwrap()
    });
    bench.delete(ORG, "acme").await;
    let message = bench.says(ORG, "acme", "Stalled", "DeletionBlocked").await;
    assert_eq!(
        message,
        format!(
            "Org {id} is not empty (1 user, 1 group, 1 Liveboard): empty it, or set deletionPolicy: Delete to have it deleted with \
             everything in it, or Retain to keep it"
        )
    );
    bench.thoughtspot.edit(|world| {
        world.remove_from_org("ana", "acme").unwrap();
        world.delete_group("acme", "analysts").unwrap();
    });
    look_again(&bench, "1").await;
    bench.says_in_with(&bench.namespace, ORG, "acme", "Stalled", "is not empty (1 Liveboard)").await;
    bench.thoughtspot.edit(|world| world.delete_content("acme", &board).unwrap());
    look_again(&bench, "2").await;
    bench.gone(ORG, "acme").await;
    assert!(bench.thoughtspot.state().org("acme").is_none());
}

/// Whoever has no other Org is deleted by the server together with this one.
#[rstest]
#[tokio::test]
async fn an_org_is_not_deleted_while_it_would_take_somebody_protected_with_it(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("takes", dialect).await;
    let id = to_be_deleted(&bench, "Delete").await;
    bench.thoughtspot.edit(|world| {
        world.add_to_org("guest", "acme").unwrap();
        world.remove_from_org("guest", "0").unwrap();
        world.create_group("acme", "break-glass", "Break glass").unwrap();
    });
    bench.patch(INSTANCE, "ts", json!({ "spec": { "protection": { "groups": ["break-glass"] } } })).await;
    bench.delete(ORG, "acme").await;
    let message = bench.says(ORG, "acme", "Stalled", "DeletionBlocked").await;
    assert_eq!(
        message,
        format!(
            "deleting Org {id} would delete a protected user who has no other Org: add that user to another Org, or set deletionPolicy: \
             Retain to keep the Org"
        )
    );
    bench.thoughtspot.edit(|world| world.add_to_org("guest", "0").unwrap());
    look_again(&bench, "1").await;
    let listed = format!("deleting Org {id} would delete a group that spec.protection.groups of ThoughtSpotInstance ts lists");
    bench.says_in_with(&bench.namespace, ORG, "acme", "Stalled", &listed).await;
    bench.patch(INSTANCE, "ts", json!({ "spec": { "protection": null } })).await;
    bench.gone(ORG, "acme").await;
    let state = bench.thoughtspot.state();
    assert!(state.org("acme").is_none() && state.user("guest").is_some());
}

#[rstest]
#[tokio::test]
async fn an_org_that_was_renamed_meanwhile_is_not_deleted(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("renamed", dialect).await;
    let id = to_be_deleted(&bench, "Delete").await;
    bench.patch(ORG, "acme", json!({ "spec": { "suspend": true } })).await;
    bench.says(ORG, "acme", "Ready", "Suspended").await;
    bench.thoughtspot.edit(|world| world.rename_org("acme", "globex").unwrap());
    bench.delete(ORG, "acme").await;
    bench.patch(ORG, "acme", json!({ "spec": { "suspend": false } })).await;
    let message = bench.says(ORG, "acme", "Stalled", "DeletionBlocked").await;
    assert_eq!(
        message,
        format!(
            "Org {id} is not called \"acme\" any more: rename it back in ThoughtSpot to have it deleted, or set deletionPolicy: Retain to let \
             this resource go"
        )
    );
    assert!(bench.thoughtspot.state().org("globex").is_some());
    bench.thoughtspot.edit(|world| world.rename_org("globex", "acme").unwrap());
    look_again(&bench, "1").await;
    bench.gone(ORG, "acme").await;
}

/// The refusal is that of a name that is taken, in whatever status: only that a search finds nobody tells them apart.
#[rstest]
#[tokio::test]
async fn the_name_of_a_deleted_org_is_waited_for_and_not_hammered(#[values(V1, V2)] dialect: Dialect) {
    for status in [400, 409] {
        let bench = Bench::with("held", dialect, |s| lifecycle::answers(s, status, 400)).await;
        to_be_deleted(&bench, "Delete").await;
        bench.delete(ORG, "acme").await;
        bench.gone(ORG, "acme").await;
        let free = bench.thoughtspot.now_millis() + 7 * 24 * 3_600_000;
        bench.apply(ACME).await;
        let message = bench.says(ORG, "acme", "Reconciling", "NameHeld").await;
        let until: jiff::Timestamp =
            message.split("holds it until ").nth(1).unwrap().split(". ").next().unwrap().parse().unwrap();
        assert!((until.as_millisecond() - free).abs() < 60_000, "{message}");
        let org = bench.get(ORG, "acme").await;
        assert_eq!(
            org["metadata"]["annotations"]["thoughtspot.dev/intent"],
            serde_json::Value::Null,
            "nothing is announced any more"
        );

        bench.apply(&ACME.replace("a tenant", "a tenant again")).await;
        bench.says(ORG, "acme", "Reconciling", "NameHeld").await;
        assert_eq!(creates(&bench), 2, "whoever wakes it, the name is not tried again so soon");
        bench.request(ORG, "acme", "1").await;
        assert_eq!(creates(&bench), 3, "but when a person asks");

        bench.thoughtspot.advance(Duration::from_secs(7 * 24 * 3_600));
        bench.annotate(ORG, "acme", "thoughtspot.dev/reconcile-requested-at", "2").await;
        bench.ready(ORG, "acme").await;
        assert_eq!(bench.thoughtspot.state().org("acme").unwrap().description.as_deref(), Some("a tenant again"));
    }
}

/// Somebody else deleted the Org: nobody knows when. A restart makes no difference to that.
#[rstest]
#[tokio::test]
async fn a_name_that_somebody_else_set_free_is_waited_for(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("held-else", dialect).await;
    bench.thoughtspot.edit(|world| {
        world.create_org("acme", None).unwrap();
        world.delete_org("acme").unwrap();
    });
    bench.connect().await;
    bench.apply(ACME).await;
    let message = bench.says(ORG, "acme", "Reconciling", "NameHeld").await;
    assert_eq!(
        message,
        "no Org is named \"acme\", and ThoughtSpot refuses the name: an Org that was deleted holds it for up to seven days after its \
         deletion. It is tried again every hour, and when the annotation thoughtspot.dev/reconcile-requested-at changes; another spec.name \
         would not have to wait"
    );
    bench.patch(ORG, "acme", json!({ "spec": { "name": "globex" } })).await;
    bench.ready(ORG, "acme").await;
    assert!(bench.thoughtspot.state().org("globex").is_some());
}

fn creates(bench: &Bench) -> usize {
    bench.thoughtspot.journal().iter().filter(|entry| entry.route == bench.calls().create_org).count()
}

/// In lists that are read anyway: nothing is counted where no resource uses them.
#[rstest]
#[tokio::test]
async fn an_org_counts_what_no_resource_declares(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("unmanaged", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(&ANA.replace("email:", "deletionPolicy: Retain\n  email:")).await;
    bench.counts(json!({ "users": 0, "groups": 0 })).await;
    bench.thoughtspot.edit(|world| {
        world.create_user("bob", "Bob Marsh", &["acme"]).unwrap();
        world.create_user("elsewhere", "Elsewhere", &["0"]).unwrap();
        world.create_group("acme", "by-hand", "By hand").unwrap();
        world.add_to_org("svc-operator", "acme").unwrap();
    });
    bench.counts(json!({ "users": 1, "groups": 1 })).await;
    bench.apply(&ANA.replace("name: ana", "name: bob").replace("email:", "managementPolicy: Observe\n  email:")).await;
    bench.counts(json!({ "users": 0, "groups": 1 })).await;
    for (kind, name) in [(USER, "ana"), (USER, "bob")] {
        bench.delete(kind, name).await;
    }
    bench.counts(json!({ "groups": 1 })).await;
    bench.delete(GROUP, "analysts").await;
    bench.counts(serde_json::Value::Null).await;
}
