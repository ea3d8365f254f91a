//! The pages for whoever runs it: credentials, two clusters, pipelines and what they replace.

use std::os::unix::fs::symlink;
use std::path::Path;

use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{AccountStatus, Credentials, Options, Simulator};
use thoughtspot_testkit::proxy::Gate;
use thoughtspot_testkit::{Proxy, eventually};

use super::Page;
use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PASSWORD, PATIENCE, USER};
use crate::documents::{blocks, read, root, shell};

#[rstest]
#[tokio::test]
async fn credentials_are_changed_as_the_page_says(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("credentials", dialect).await;
    bench.apply(&LOGIN.replace("name: login", "name: thoughtspot-login")).await;
    bench.apply(&CONNECTION.replace("name: ts", "name: analytics").replace("name: login", "name: thoughtspot-login")).await;
    bench.ready(INSTANCE, "analytics").await;
    let elsewhere = Proxy::of_http("elsewhere", bench.thoughtspot.url(), Gate::default()).await.unwrap();
    let page = Page::open(&bench, "docs/credentials.md").with("the-secret-key", "secret-key-of-simulator");
    let page = page.with("acme-eu.thoughtspot.cloud", elsewhere.host());
    let mut page = page.with("https://acme-eu.thoughtspot.cloud", elsewhere.url());

    bench.thoughtspot.edit(|world| world.set_password("svc-operator", "the-next-password").unwrap());
    page.follow("A new password").await;
    bench.thoughtspot.edit(|world| world.revoke_tokens("svc-operator").unwrap());
    bench.apply(&ACME.replace("name: ts", "name: analytics")).await;
    bench.ready(ORG, "acme").await;

    page.follow("From a password to trusted authentication").await;
    assert_eq!(bench.secret("thoughtspot-login").await.get("password"), None);
    page.follow("Another Secret").await;
    page.follow("Another address").await;
    page.end();
    bench.thoughtspot.edit(|world| world.revoke_tokens("svc-operator").unwrap());
    bench.patch(ORG, "acme", json!({ "spec": { "description": "by the second Secret" } })).await;
    bench.ready(ORG, "acme").await;
    let status = bench.get(INSTANCE, "analytics").await["status"].clone();
    assert_eq!(status["heldSecret"], "second-login");
    assert_eq!(status["url"], elsewhere.url());
}

#[rstest]
#[tokio::test]
async fn two_clusters_share_a_thoughtspot_and_hand_over_a_tenant_as_the_page_says(#[values(V1, V2)] dialect: Dialect) {
    let east = Bench::start("east", dialect).await;
    let west = Bench::start("west", dialect).await; // an operator that knows nothing of the other
    east.thoughtspot.edit(|world| {
        world.create_user("svc-west", "West", &["Primary"]).unwrap();
        world.set_password("svc-west", "password-of-west").unwrap();
        world.add_to_group("Primary", "Administrator", "svc-west").unwrap();
    });
    let page = Page::open(&east, "docs/two-clusters.md").with_contexts(&[("east", &east.namespace), ("west", &west.namespace)]);
    let mut page = page.with("svc-east", "svc-operator").with("password-of-east", "Passw0rd-of-operator");
    page.follow("Trying it").await;
    let (before, writes) = (east.thoughtspot.state(), east.thoughtspot.counters().writes);
    let ids = async |bench: &Bench| {
        let mut ids = Vec::new();
        for (kind, name) in [(ORG, "acme"), (GROUP, "analysts"), (USER, "ana")] {
            let status = bench.get(kind, name).await["status"].clone();
            ids.push((status["id"].clone(), status["origin"].clone(), status["orgs"].clone()));
        }
        ids
    };
    let held = ids(&east).await;
    page.follow("Moving a tenant").await;
    page.end();
    assert_eq!(ids(&west).await, held, "the same, as if it had created them");
    assert_eq!((east.thoughtspot.state(), east.thoughtspot.counters().writes), (before, writes));
    assert_eq!(east.get(ORG, "acme").await, Value::Null);
}

/// The three of a tenant, as a file of manifests.
fn tenant(bench: &Bench) -> String {
    bench.fill(&[ACME, ANALYSTS, ANA].join("---"))
}

/// A chart of a tenant, in this folder.
fn chart(folder: &Path, tenant: &str) {
    std::fs::create_dir_all(folder.join("chart/templates")).unwrap();
    std::fs::write(folder.join("chart/Chart.yaml"), "{ apiVersion: v2, name: tenant, version: 0.1.0 }").unwrap();
    std::fs::write(folder.join("chart/templates/tenant.yaml"), tenant).unwrap();
}

async fn helm(bench: &Bench, folder: &Path, arguments: &[&str]) {
    let mut command = bench.cluster.helm().await.unwrap();
    command.args(arguments).args(["tenant", "chart", "--namespace", &bench.namespace]).current_dir(folder);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn pipelines_work_as_the_page_says() {
    let bench = Bench::start("pipelines", V2).await;
    bench.connect().await;
    let page = Page::open(&bench, "docs/pipelines.md").with("name: analytics\n", "name: ts\n");
    let credentials =
        Credentials { admin_username: "tsadmin".into(), admin_password: "simulator-admin-1".into(), secret_key: "none".into() };
    let another = Simulator::start(Options { credentials, ..Options::default() }).await.unwrap();
    let page = page.with("127.0.0.1:8180", another.host()).with("thoughtspot-simulator --listen", "true"); // it runs already
    let mut page = page.with("thoughtspot-operator run", concat!(env!("CARGO_BIN_EXE_thoughtspot-operator"), " run"));
    let folder = page.folder.path().to_owned();
    for part in ["tenant", "tenants/base"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    let file = folder.join("tenant/tenant.yaml");
    std::fs::write(&file, tenant(&bench).replace("[DATADOWNLOADING]", "[ADMINISTRATION]")).unwrap();
    shell(&bench, &folder, "kubectl apply -f tenant/").await;
    let watch = blocks(&read("docs/pipelines.md"), "sh").into_iter().find(|script| script.starts_with("until ")).unwrap();
    let said = shell(&bench, &folder, &format!("({watch}) && exit 9 || true")).await;
    assert!(said.contains("analysts: spec.privileges: this namespace may not hand out ADMINISTRATION"), "{said}");
    std::fs::write(&file, tenant(&bench)).unwrap();
    let names = "docs/pipelines/kustomize-names.yaml";
    std::fs::copy(root().join(names), folder.join("tenants/base/kustomize-names.yaml")).unwrap();
    for part in ["crds", "docs"] {
        symlink(root().join(part), folder.join(part)).unwrap();
    }

    page.follow("kubectl").await;
    page.follow("Kustomize").await;
    let peter = bench.thoughtspot.state().user("peter@initech.example").cloned().unwrap();
    assert!(peter.groups.contains(&"initech/analysts".to_owned()), "{peter:?}");
    page.follow("Flux").await;
    let theirs =
        "--from-literal=resource.customizations='apps/*: {}' --from-literal=resource.customizations.health.apps_Other='return 1'";
    shell(&bench, &folder, &format!("kubectl create namespace argocd && kubectl -n argocd create configmap argocd-cm {theirs}"))
        .await;
    page.follow("Argo CD").await;
    let keys = "kubectl -n argocd get configmap argocd-cm -o go-template='{{range $key, $_ := .data}}{{$key}}{{\"\\n\"}}{{end}}'";
    let health = ["apps_Other"].into_iter().map(str::to_owned);
    let health = health.chain([GROUP, INSTANCE, ORG, USER].map(|kind| format!("thoughtspot.dev_{kind}")));
    let expected: Vec<String> = health.map(|kind| format!("resource.customizations.health.{kind}")).collect();
    let found = shell(&bench, &folder, keys).await;
    assert_eq!(found.lines().collect::<Vec<_>>(), [["resource.customizations".to_owned()].as_slice(), &expected].concat());
    page.follow("Without an account").await;
    page.end();
}

/// Waits until each has the operator's finalizer.
async fn are_held(bench: &Bench, resources: &[(&str, &str)]) {
    for (kind, name) in resources {
        eventually("the finalizer is back", PATIENCE, async || {
            let object = bench.get(kind, name).await;
            if object["metadata"]["finalizers"].is_null() { Err(object.to_string()) } else { Ok(()) }
        })
        .await;
    }
}

#[rstest]
#[tokio::test]
async fn what_is_replaced_keeps_what_it_stands_for(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("replaced", dialect).await;
    bench.apply(LOGIN).await;
    bench.apply(&CONNECTION.replace("5s", "1h")).await; // what is waited for below is no matter of the interval
    let mut page = Page::open(&bench, "docs/replacing.md");
    let file = page.folder.path().join("tenant.yaml");
    std::fs::write(&file, tenant(&bench)).unwrap();
    chart(page.folder.path(), &tenant(&bench));
    helm(&bench, page.folder.path(), &["install"]).await;
    let all = [(ORG, "acme"), (GROUP, "analysts"), (USER, "ana")];
    let mut before = Vec::new();
    for (kind, name) in all {
        before.push(bench.ready(kind, name).await["status"].clone());
    }
    let writes = bench.thoughtspot.counters().writes;
    page.follow("Without force").await;
    are_held(&bench, &all).await;
    helm(&bench, page.folder.path(), &["upgrade", "--force"]).await;
    are_held(&bench, &all).await;
    page.end();
    for ((kind, name), status) in all.iter().zip(before) {
        let after = bench.get(kind, name).await["status"].clone();
        for field in ["id", "origin", "orgs", "conditions"] {
            assert_eq!(after[field], status[field], "{field}");
        }
    }
    assert_eq!(bench.thoughtspot.counters().writes, writes);
}

#[rstest]
#[tokio::test]
async fn what_is_replaced_by_force_ends_as_its_policy_says_and_begins_anew(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("forced", dialect).await;
    bench.connect().await;
    bench.apply(PASSWORD).await;
    let folder = tempfile::tempdir().unwrap();
    let password = "password: { secretKeyRef: { name: pw, key: password } }";
    let group = ANALYSTS.replace("spec: {", "spec: { deletionPolicy: Delete,");
    for (file, manifest) in [("org", ACME), ("group", &group), ("user", &ANA.replace("email:", &format!("{password}\n  email:")))]
    {
        std::fs::write(folder.path().join(format!("{file}.yaml")), bench.fill(manifest)).unwrap();
        shell(&bench, folder.path(), &format!("kubectl create -f {file}.yaml")).await;
    }
    let (group, user) = (bench.ready(GROUP, "analysts").await, bench.ready(USER, "ana").await);

    shell(&bench, folder.path(), "kubectl replace --force -f user.yaml").await;
    let again = bench.ready(USER, "ana").await;
    let acme = bench.get(ORG, "acme").await["status"]["id"].clone();
    assert_eq!(again["status"]["id"], user["status"]["id"]);
    assert_eq!(again["status"]["orgs"], json!([{ "id": acme, "added": false }]), "no membership is its own");
    assert_eq!(bench.thoughtspot.state().user("ana").unwrap().account_status, AccountStatus::Active);
    let journal = bench.thoughtspot.journal();
    let times = |route: &str| {
        journal.iter().filter(|entry| entry.route == route && entry.status.is_some_and(|status| status < 300)).count()
    };
    assert!(times(bench.calls().end_sessions) > 0, "signed out meanwhile");
    assert!(dialect == V1 || times(bench.calls().set_password) == 1, "its password set again");

    shell(&bench, folder.path(), "kubectl replace --force -f group.yaml").await;
    assert_ne!(bench.ready(GROUP, "analysts").await["status"]["id"], group["status"]["id"], "another group");

    shell(&bench, folder.path(), "kubectl replace --force -f org.yaml").await;
    bench.says(ORG, "acme", "Stalled", "AlreadyExists").await;
    let soon = (jiff::Timestamp::now() + std::time::Duration::from_secs(3600)).to_string();
    bench.annotate(INSTANCE, "ts", "thoughtspot.dev/readopt-until", &soon).await;
    assert_eq!(bench.ready(ORG, "acme").await["status"]["origin"], "Created");
}
