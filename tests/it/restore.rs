//! Losing the cluster: status is gone, ThoughtSpot is as it was.

use std::time::Duration;

use futures::{StreamExt, stream};
use kube::ResourceExt;
use kube::api::{DynamicObject, Patch, PatchParams};
use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PASSWORD, USER};
use crate::chart;
use crate::documents::shell;
use crate::pages::Page;

const READOPT: &str = "thoughtspot.dev/readopt-until";
/// How many requests of a story are on their way to Kubernetes at once.
const AT_ONCE: usize = 16;

fn in_an_hour() -> String {
    (jiff::Timestamp::now() + Duration::from_secs(3600)).to_string()
}

/// The resource as it is after it was applied from Git in a new cluster.
async fn forget(bench: &Bench, kind: &str, name: &str) {
    let api = bench.api(kind, &bench.namespace);
    let as_in_git = json!({ "metadata": { "annotations": { "thoughtspot.dev/intent": null }, "finalizers": null } });
    api.patch(name, &PatchParams::default(), &Patch::Merge(as_in_git)).await.unwrap();
    api.patch_status(name, &PatchParams::default(), &Patch::Merge(json!({ "status": null }))).await.unwrap();
}

async fn all(bench: &Bench, kind: &str) -> Vec<DynamicObject> {
    bench.api(kind, &bench.namespace).list(&Default::default()).await.unwrap().items
}

/// Waits for one after the other: each look is at a single object, however many there are.
async fn all_ready(bench: &Bench) {
    for kind in [ORG, GROUP, USER] {
        for object in all(bench, kind).await {
            bench.ready(kind, &object.name_any()).await;
        }
    }
}

/// So many objects: an Org, a group, and users in it, one of them with a password. The operator made them, stopped, and all is forgotten.
/// Also what was known of `ana`.
async fn forgotten(dialect: Dialect, objects: usize) -> (Bench, Value) {
    let mut bench = Bench::idle("restore", dialect).await;
    for manifest in [LOGIN, CONNECTION, PASSWORD, ACME, ANALYSTS] {
        bench.apply(manifest).await;
    }
    let password = "password: { secretKeyRef: { name: pw, key: password } }";
    bench.apply(&ANA.replace("email:", &format!("{password}\n  email:"))).await;
    let users = (3..objects).map(|n| ANA.replace("name: ana", &format!("name: user-{n}")));
    stream::iter(users).for_each_concurrent(AT_ONCE, async |user| bench.apply(&user).await).await;
    bench.run();
    all_ready(&bench).await;
    let ana = bench.get(USER, "ana").await;
    bench.end().await;
    for kind in [ORG, GROUP, USER] {
        let names = all(&bench, kind).await.into_iter().map(|object| object.name_any());
        stream::iter(names).for_each_concurrent(AT_ONCE, async |name| forget(&bench, kind, &name).await).await;
    }
    let writes = bench.thoughtspot.counters().writes;
    bench.run();
    let message = bench.says(ORG, "acme", "Stalled", "AlreadyExists").await;
    assert_eq!(bench.thoughtspot.counters().writes, writes);
    assert!(message.ends_with(&format!("if this resource managed it before its status was lost, see {READOPT}")), "{message}");
    assert!(all(&bench, USER).await.iter().all(|user| user.data["status"]["id"].is_null()), "none is touched");
    (bench, ana)
}

/// Each as it was before, as if nothing had been lost.
async fn all_are_back(bench: &Bench, objects: usize, ana: &Value) {
    all_ready(bench).await;
    let after = bench.get(USER, "ana").await;
    for field in ["id", "name", "origin", "orgs", "onDelete", "password"] {
        assert_eq!(after["status"][field], ana["status"][field], "{field}");
    }
    let origins: Vec<Value> = all(bench, USER).await.iter().map(|user| user.data["status"]["origin"].clone()).collect();
    assert_eq!(origins, vec![json!("Created"); objects - 2]);
}

#[rstest]
#[tokio::test]
async fn what_the_cluster_forgot_is_taken_back_without_a_write_to_thoughtspot(
    #[values((V1, 50), (V2, 500))] (dialect, objects): (Dialect, usize),
) {
    let (bench, ana) = forgotten(dialect, objects).await;
    let writes = bench.thoughtspot.counters().writes;
    bench.annotate(INSTANCE, "ts", READOPT, &in_an_hour()).await;
    all_are_back(&bench, objects, &ana).await;
    assert_eq!(bench.thoughtspot.counters().writes, writes);
}

/// kubectl waits for five objects a second at most, so there are few.
#[rstest]
#[tokio::test]
async fn the_commands_of_the_recovery_page_take_back_what_the_cluster_forgot(#[values(V1, V2)] dialect: Dialect) {
    let (bench, ana) = forgotten(dialect, 5).await;
    let writes = bench.thoughtspot.counters().writes;
    let objects = chart::render_as("thoughtspot-operator", &bench.namespace, &json!({})).await;
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let ours = format!("--namespace {}", bench.namespace);
    let page = Page::open(&bench, "docs/recovery.md").with("--all-namespaces", &ours); // others have resources here, too
    let mut page = page.with("--namespace thoughtspot-system", &ours);
    std::fs::write(page.folder.path().join("deployment.yaml"), deployment.to_string()).unwrap();
    shell(&bench, page.folder.path(), "kubectl create -f deployment.yaml").await;
    page.follow("The cluster is lost").await;
    let get = "kubectl get deployment thoughtspot-operator -o jsonpath='{.spec.replicas}'";
    assert_eq!(shell(&bench, page.folder.path(), get).await, "0");
    page.pass_over("The kinds were removed"); // `kinds_removed.rs` follows it
    page.end();
    all_are_back(&bench, 5, &ana).await;
    let instance = bench.get(INSTANCE, "ts").await;
    assert_eq!(instance["metadata"]["annotations"][READOPT], Value::Null, "taken off at the end");
    assert_eq!(bench.thoughtspot.counters().writes, writes);
}

/// A manifest that was saved with its annotations carries the intent of the resource it was; that proves nothing for this one.
#[rstest]
#[tokio::test]
async fn a_restored_manifest_proves_nothing_by_itself(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::start("foreign", dialect).await;
    bench.tenant().await;
    let ana = ANA.replace("email:", "deletionPolicy: Retain\n  email:");
    bench.apply(ANALYSTS).await;
    bench.apply(&ana).await;
    bench.ready(GROUP, "analysts").await;
    bench.ready(USER, "ana").await;
    let saved = [(GROUP, "analysts", bench.get(GROUP, "analysts").await), (USER, "ana", bench.get(USER, "ana").await)];
    for (kind, name, _) in &saved {
        bench.delete(kind, name).await;
        bench.gone(kind, name).await;
    }
    bench.thoughtspot.edit(|world| {
        world.create_user("bob", "By hand", &["acme"]).unwrap();
    });
    for (_, name, object) in &saved {
        let intent = &object["metadata"]["annotations"]["thoughtspot.dev/intent"];
        assert!(intent.is_string(), "{object}");
        let annotations = json!({ "thoughtspot.dev/intent": intent });
        let manifest = json!({ "apiVersion": object["apiVersion"], "kind": object["kind"], "spec": object["spec"],
            "metadata": { "name": name, "annotations": annotations } });
        bench.apply(&manifest.to_string()).await;
    }
    bench.apply(&ana.replace("name: ana", "name: bob")).await;
    for (kind, name) in [(GROUP, "analysts"), (USER, "ana"), (USER, "bob")] {
        let message = bench.says(kind, name, "Stalled", "AlreadyExists").await;
        assert!(message.contains(READOPT), "{message}");
    }
    let writes = bench.thoughtspot.counters().writes;
    bench.annotate(INSTANCE, "ts", READOPT, &in_an_hour()).await;
    bench.ready(GROUP, "analysts").await;
    bench.ready(USER, "ana").await;
    bench.request(USER, "bob", "1").await;
    bench.says(USER, "bob", "Stalled", "AlreadyExists").await;
    assert_eq!(bench.thoughtspot.counters().writes, writes);
    bench.end().await;
}

#[tokio::test]
async fn a_time_that_is_none_or_too_far_ahead_allows_nothing_and_disturbs_nothing() {
    let bench = Bench::start("readopt-time", V2).await;
    bench.thoughtspot.edit(|world| world.create_org("globex", Some("a tenant")).unwrap());
    bench.tenant().await;
    for (time, expected) in [("tomorrow", "write a time such as"), ("2999-01-01T00:00:00Z", "at most 7 days ahead")] {
        bench.annotate(INSTANCE, "ts", READOPT, time).await;
        bench.says_in_with(&bench.namespace, INSTANCE, "ts", "Stalled", expected).await;
        assert_eq!(bench.says(INSTANCE, "ts", "Authenticated", "Accepted").await, "");
    }
    bench.apply(&ACME.replace("acme", "globex")).await;
    bench.says(ORG, "globex", "Stalled", "AlreadyExists").await;
    bench.request(ORG, "acme", "1").await;
    bench.ready(ORG, "acme").await;
    bench.annotate(INSTANCE, "ts", READOPT, &in_an_hour()).await;
    bench.ready(INSTANCE, "ts").await;
    assert_eq!(bench.ready(ORG, "globex").await["status"]["origin"], "Created", "it is just as declared");
}

#[rstest]
#[tokio::test]
async fn what_was_never_ones_own_is_not_taken_back_by_naming_it(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("never-ours", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    bench.delete(GROUP, "analysts").await;
    bench.gone(GROUP, "analysts").await; // retained: our login made it
    bench.thoughtspot.edit(|world| {
        world.set_privileges("acme", "analysts", &["ADMINISTRATION"]).unwrap();
        world.create_group("acme", "by-hand", "By hand").unwrap();
        world.create_org("globex", Some("a tenant")).unwrap();
    });
    bench.annotate(INSTANCE, "ts", READOPT, &in_an_hour()).await;
    let globex = ACME.replace("acme", "globex");
    let only_named = ANALYSTS.split_once(", displayName").unwrap().0.to_owned() + " }\n";
    bench.apply(&only_named).await;
    bench.apply(&only_named.replace("analysts", "by-hand")).await;
    bench.apply(&globex.replace(", description: a tenant", "")).await;
    let refused = async |kind: &str, name: &str, value: &str, reason: &str| {
        bench.request(kind, name, value).await;
        bench.says(kind, name, "Stalled", reason).await;
    };
    refused(GROUP, "analysts", "1", "Protected").await;
    refused(GROUP, "by-hand", "1", "AlreadyExists").await;
    refused(ORG, "globex", "1", "AlreadyExists").await;

    // Declared as it is, it would count as created here: only whoever might take over anything has it that way.
    let grant = |adopt: &str| json!([{ "name": "own", "namespaces": { "from": "Same" }, "adopt": adopt }]);
    for (n, adopt) in [(2, "Never"), (3, "Matching")] {
        bench.patch(INSTANCE, "ts", json!({ "spec": { "grants": grant(adopt) } })).await;
        bench.ready(INSTANCE, "ts").await;
        bench.apply(&globex).await;
        refused(ORG, "globex", &n.to_string(), "AlreadyExists").await;
    }
    bench.patch(INSTANCE, "ts", json!({ "spec": { "grants": grant("Any") } })).await;
    assert_eq!(bench.ready(ORG, "globex").await["status"]["origin"], "Created");
    assert_eq!(bench.thoughtspot.state().group("acme", "analysts").unwrap().privileges, ["ADMINISTRATION"]);
}
