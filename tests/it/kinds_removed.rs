//! The kinds are removed while resources stand: every one of them then looks deleted on purpose.
//!
//! On a control plane of its own, since all other stories share the kinds of theirs.

use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::ResourceExt;
use kube::api::Api;
use serde_json::Value;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_testkit::{ControlPlane, eventually};
use tokio::sync::OnceCell;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PATIENCE, USER};
use crate::pages::Page;

const KINDS: [&str; 4] = ["thoughtspotinstances", "thoughtspotorgs", "thoughtspotgroups", "thoughtspotusers"];
const STAFF: [&str; 3] = ["ana", "bo", "carol"];

async fn cluster() -> &'static ControlPlane {
    static CLUSTER: OnceCell<ControlPlane> = OnceCell::const_new();
    let cluster = CLUSTER.get_or_init(async || ControlPlane::start().await.unwrap()).await;
    install(cluster).await;
    cluster
}

async fn install(cluster: &ControlPlane) {
    cluster.install_crds(&thoughtspot_operator::cli::crd::yaml().unwrap()).await.unwrap();
}

async fn kinds(cluster: &ControlPlane) -> Vec<String> {
    let crds = Api::<CustomResourceDefinition>::all(cluster.client()).list(&Default::default()).await.unwrap();
    crds.iter()
        .filter(|crd| crd.spec.group == "thoughtspot.dev")
        .map(|crd| format!("{} {:?}", crd.name_any(), crd.status))
        .collect()
}

fn in_an_hour() -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)).to_string()
}

/// What is declared of a tenant; of its users two may go at once.
fn manifests() -> Vec<String> {
    let connection = format!("{CONNECTION}  protection: {{ maxDeletions: 2 }}\n");
    let person =
        |name: &&str| ANA.replace("name: ana", &format!("name: {name}")).replace("spec:", "spec:\n  deletionPolicy: Delete");
    [LOGIN.to_owned(), connection, ACME.to_owned(), ANALYSTS.to_owned()].into_iter().chain(STAFF.iter().map(person)).collect()
}

async fn tenant(cluster: &'static ControlPlane, dialect: Dialect) -> Bench {
    let mut bench = Bench::idle_on(cluster, "kinds", dialect).await;
    bench.run();
    bench.apply(&manifests().join("---")).await;
    for name in STAFF {
        bench.ready(USER, name).await;
    }
    bench
}

fn accounts(bench: &Bench) -> Vec<&'static str> {
    let state = bench.thoughtspot.state();
    STAFF.into_iter().filter(|name| state.user(name).is_some()).collect()
}

async fn all_is_held(bench: &Bench) {
    for name in STAFF {
        bench.says(USER, name, "Stalled", "DeletionsHeld").await;
    }
    bench.says(INSTANCE, "ts", "DeletionsHeld", "DeletionsHeld").await;
    eventually("an event says so", PATIENCE, async || {
        let events = Api::<Event>::namespaced(bench.client.clone(), &bench.namespace).list(&Default::default()).await.unwrap();
        let of_instance = |event: &&Event| event.regarding.as_ref().and_then(|to| to.kind.as_deref()) == Some(INSTANCE);
        let reasons: Vec<_> = events.iter().filter(of_instance).filter_map(|event| event.reason.as_deref()).collect();
        if reasons.contains(&"DeletionsHeld") { Ok(()) } else { Err(format!("{reasons:?}")) }
    })
    .await;
    assert_eq!(accounts(bench), STAFF);
}

/// What is there now is what was there before, by the same process, and nothing was written for it.
async fn comes_back(bench: &Bench, before: &[Value]) {
    assert_eq!(accounts(bench), STAFF);
    let writes = bench.thoughtspot.counters().writes;
    let readopt = format!("metadata: {{ name: ts, annotations: {{ thoughtspot.dev/readopt-until: '{}' }} }}", in_an_hour());
    bench.apply(&manifests().join("---").replace("metadata: { name: ts }", &readopt)).await;
    assert_eq!(ids(bench).await, before);
    assert_eq!(bench.thoughtspot.counters().writes, writes);
}

async fn ids(bench: &Bench) -> Vec<Value> {
    let mut ids = Vec::new();
    for (kind, name) in [(ORG, "acme"), (GROUP, "analysts")].into_iter().chain(STAFF.map(|name| (USER, name))) {
        ids.push(bench.ready(kind, name).await["status"]["id"].clone());
    }
    ids
}

/// Two tenants, one for each dialect: for one it was meant, for the other it was a mistake.
#[tokio::test]
async fn removing_the_kinds_ends_nothing_until_a_person_says_so_and_with_the_kinds_back_it_goes_on() {
    let cluster = cluster().await;
    let (mut meant, mut mistaken) = tokio::join!(tenant(cluster, V1), tenant(cluster, V2));
    let before = ids(&mistaken).await;
    let names = KINDS.map(|kind| format!("{kind}.thoughtspot.dev"));
    let removed = cluster.kubectl().args(["delete", "crd", "--wait=false"]).args(names).output().await.unwrap();
    assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    tokio::join!(all_is_held(&meant), all_is_held(&mistaken));

    meant.annotate(INSTANCE, "ts", "thoughtspot.dev/allow-deletions-until", &in_an_hour()).await;
    for name in STAFF {
        meant.gone(USER, name).await;
    }
    assert_eq!((accounts(&meant).len(), accounts(&mistaken).len()), (0, 3));
    let mut page = Page::open(&mistaken, "docs/recovery.md");
    page.pass_over("The cluster is lost"); // `restore.rs` follows it
    page.follow("The kinds were removed").await;
    page.end();
    eventually("the kinds are gone", PATIENCE, async || {
        let left = kinds(cluster).await;
        if left.is_empty() { Ok(()) } else { Err(left.join("\n")) }
    })
    .await;

    install(cluster).await;
    comes_back(&mistaken, &before).await;
    meant.end().await;
    mistaken.end().await;
}
