//! Nobody is locked out, nothing is wiped.

use k8s_openapi::api::events::v1::Event;
use kube::Api;
use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_testkit::eventually;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PATIENCE, USER, condition, conditions};

/// Neither by adopting, changing, joining nor deleting; and it is let go of where it is listed.
#[rstest]
#[tokio::test]
async fn whom_the_instance_protects_nobody_touches(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("protected", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(&ANA.replace("spec:", "spec:\n  deletionPolicy: Delete")).await;
    bench.ready(USER, "ana").await;
    bench.thoughtspot.edit(|world| {
        world.create_user("keeper", "Keeper", &["acme"]).unwrap();
        world.create_group("acme", "Keepers", "Keepers").unwrap();
    });
    let protection = "  protection: { users: [Keeper, ANA], groups: [Keepers] }\n";
    bench.apply(&format!("{CONNECTION}{protection}")).await;
    bench.request("ThoughtSpotInstance", "ts", "1").await;
    let writes = bench.thoughtspot.counters().writes;

    let adopting = |manifest: &str| manifest.replace("spec:", "spec:\n  adoptionPolicy: Adopt");
    bench.apply(&adopting(ANA).replace("name: ana", "name: keeper")).await;
    bench
        .apply(
            &ANALYSTS
                .replace("name: analysts", "name: keepers")
                .replace("spec: {", "spec: { name: Keepers, adoptionPolicy: Adopt,"),
        )
        .await;
    bench.apply(&ANA.replace("name: ana", "name: joiner").replace("[analysts]", "[Keepers]")).await;
    bench.patch(USER, "ana", json!({ "spec": { "displayName": "Renamed" } })).await;
    for (kind, name, list) in
        [(USER, "keeper", "users"), (GROUP, "keepers", "groups"), (USER, "joiner", "groups"), (USER, "ana", "users")]
    {
        let message = bench.says(kind, name, "Stalled", "Protected").await;
        assert!(message.contains(&format!("spec.protection.{list} of ThoughtSpotInstance ts")), "{message}");
    }
    bench.delete(USER, "ana").await;
    bench.says(USER, "ana", "Stalled", "Protected").await;
    assert_eq!(bench.thoughtspot.counters().writes, writes, "{:?}", bench.thoughtspot.journal().last());

    bench.apply(CONNECTION).await;
    bench.gone(USER, "ana").await;
    assert!(bench.thoughtspot.state().user("ana").is_none());
    bench.ready(USER, "joiner").await;
}

const ALLOW: &str = "thoughtspot.dev/allow-deletions-until";

fn users(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("user-{n}")).collect()
}

/// So many users, Ready, each in the group.
async fn staff(bench: &Bench, names: &[String], policy: &str) {
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    let manifest = ANA.replace("spec:", &format!("spec:\n  deletionPolicy: {policy}"));
    let manifests: Vec<String> = names.iter().map(|name| manifest.replace("name: ana", &format!("name: {name}"))).collect();
    bench.apply(&manifests.join("---")).await;
    for name in names {
        bench.ready(USER, name).await;
    }
}

fn in_hours(hours: i64) -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours)).to_string()
}

fn how_many(state: &thoughtspot_simulator::Dump, names: &[String]) -> usize {
    names.iter().filter(|name| state.user(name).is_some()).count()
}

async fn in_groups(bench: &Bench, names: &[String], groups: &[&str]) {
    for name in names {
        bench.patch(USER, name, json!({ "spec": { "orgs": [{ "name": "acme", "groups": groups }] } })).await;
    }
}

async fn not_held(bench: &Bench) {
    eventually("the Instance holds nothing any more", PATIENCE, async || {
        let instance = bench.get(INSTANCE, "ts").await;
        if condition(&instance, "DeletionsHeld").is_null() { Ok(()) } else { Err(conditions(&instance)) }
    })
    .await;
}

/// Also when the operator starts anew; until a person says on the Instance that it is meant.
#[rstest]
#[tokio::test]
async fn a_mass_deletion_is_held_until_a_person_lets_it_go(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::start("brake", dialect).await;
    let names = users(12);
    staff(&bench, &names, "Delete").await;
    let all = bench.api(USER, &bench.namespace);
    all.delete_collection(&Default::default(), &Default::default()).await.unwrap();
    for name in &names {
        let message = bench.says(USER, name, "Stalled", "DeletionsHeld").await;
        assert!(message.contains("maxDeletions of ThoughtSpotInstance ts") && message.contains(ALLOW), "{message}");
    }
    // Eleven are too many already: the twelfth may be due a moment later.
    bench.says_in_with(&bench.namespace, INSTANCE, "ts", "DeletionsHeld", "12 endings").await;
    let message = bench.says(INSTANCE, "ts", "DeletionsHeld", "DeletionsHeld").await;
    assert!(message.contains(ALLOW), "{message}");
    assert_eq!(condition(&bench.get(INSTANCE, "ts").await, "Ready")["status"], "True", "everything else goes on");
    let events: Api<Event> = Api::namespaced(bench.client.clone(), &bench.namespace);
    let events = events.list(&Default::default()).await.unwrap();
    let of_instance = |event: &&Event| event.regarding.as_ref().and_then(|to| to.kind.as_deref()) == Some(INSTANCE);
    let held = events.iter().filter(of_instance).filter(|event| event.reason.as_deref() == Some("DeletionsHeld"));
    assert_eq!(held.count(), 1);

    bench.end().await;
    bench.run();
    bench.request(INSTANCE, "ts", "1").await;
    bench.annotate(INSTANCE, "ts", ALLOW, "whenever").await;
    bench.says_in_with(&bench.namespace, INSTANCE, "ts", "Stalled", "write a time such as").await;
    bench.annotate(INSTANCE, "ts", ALLOW, &in_hours(200)).await;
    bench.says_in_with(&bench.namespace, INSTANCE, "ts", "Stalled", "at most 7 days ahead").await;
    assert_eq!(how_many(&bench.thoughtspot.state(), &names), 12, "none went");

    bench.annotate(INSTANCE, "ts", ALLOW, &in_hours(1)).await;
    for name in &names {
        bench.gone(USER, name).await;
    }
    assert_eq!(how_many(&bench.thoughtspot.state(), &names), 0);
    not_held(&bench).await;
}

/// A template gone wrong: nobody leaves the group, and when it is put right nothing is left of it.
#[rstest]
#[tokio::test]
async fn a_mass_removal_is_held_and_ends_when_it_is_taken_back(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::start("template", dialect).await;
    let names = users(12);
    staff(&bench, &names, "Retain").await;
    // Seen at once, however slowly they are written.
    bench.end().await;
    in_groups(&bench, &names, &[]).await;
    bench.run();
    bench.says(INSTANCE, "ts", "DeletionsHeld", "DeletionsHeld").await;
    for name in &names {
        bench.says(USER, name, "Stalled", "DeletionsHeld").await;
    }
    let members = |state: &thoughtspot_simulator::Dump| state.group("acme", "analysts").unwrap().users.len();
    assert_eq!(members(&bench.thoughtspot.state()), 12);

    in_groups(&bench, &names, &["analysts"]).await;
    for name in &names {
        bench.ready(USER, name).await;
    }
    not_held(&bench).await;
    assert_eq!(members(&bench.thoughtspot.state()), 12);
    // A single one goes as ever.
    in_groups(&bench, &names[..1], &[]).await;
    bench.ready(USER, &names[0]).await;
    assert_eq!(members(&bench.thoughtspot.state()), 11);
}

/// Neither by taking the privilege from the group, nor the group from the user, nor the user from everybody.
#[rstest]
#[tokio::test]
async fn an_org_keeps_its_last_administrator(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("last", dialect).await;
    bench.apply(LOGIN).await;
    let grants = "  grants: [{ name: own, namespaces: { from: Same }, privileges: [ADMINISTRATION], adopt: Any }]\n";
    bench.apply(&format!("{CONNECTION}{grants}")).await;
    bench.apply(ACME).await;
    let admins = ANALYSTS.replace("analysts", "admins").replace("[DATADOWNLOADING]", "[ADMINISTRATION]");
    bench.apply(&admins.replace("spec: {", "spec: { deletionPolicy: Delete,")).await;
    let boss = ANA.replace("name: ana", "name: boss").replace("[analysts]", "[admins]");
    bench.apply(&boss.replace("spec:", "spec:\n  deletionPolicy: Delete")).await;
    bench.ready(USER, "boss").await;
    let writes = bench.thoughtspot.counters().writes;
    let refused = async |kind: &str, name: &str| {
        let message = bench.says(kind, name, "Stalled", "Protected").await;
        assert!(message.starts_with("nobody would be left to administer Org"), "{message}");
    };

    bench.patch(GROUP, "admins", json!({ "spec": { "privileges": [] } })).await;
    refused(GROUP, "admins").await;
    bench.patch(GROUP, "admins", json!({ "spec": { "privileges": ["ADMINISTRATION"] } })).await;
    bench.ready(GROUP, "admins").await;
    in_groups(&bench, &["boss".to_owned()], &[]).await;
    refused(USER, "boss").await;
    bench.delete(GROUP, "admins").await;
    refused(GROUP, "admins").await;
    bench.delete(USER, "boss").await;
    refused(USER, "boss").await;
    assert_eq!(bench.thoughtspot.counters().writes, writes);

    // With somebody else there, the one may go; and then that one is the last.
    bench.thoughtspot.edit(|world| {
        world.create_user("deputy", "Deputy", &["acme"]).unwrap();
        world.add_to_group("acme", "admins", "deputy").unwrap();
    });
    bench.annotate(USER, "boss", "thoughtspot.dev/reconcile-requested-at", "1").await;
    bench.gone(USER, "boss").await;
    assert!(bench.thoughtspot.state().user("boss").is_none());
    assert!(bench.thoughtspot.state().group("acme", "admins").is_some());
    // An Org that goes as a whole keeps nobody.
    let id = bench.get(ORG, "acme").await["status"]["id"].to_string();
    bench.annotate(ORG, "acme", "thoughtspot.dev/allow-deletion", &id).await;
    bench.patch(ORG, "acme", json!({ "spec": { "deletionPolicy": "Delete" } })).await;
    bench.delete(ORG, "acme").await;
    bench.gone(GROUP, "admins").await;
    bench.gone(ORG, "acme").await;
}
