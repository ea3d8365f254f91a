//! The operator with the rights of the chart and no others: what it can do with them, and what else they allow, which is nothing.

use std::collections::BTreeSet;
use std::path::Path;

use expect_test::expect_file;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect;
use thoughtspot_testkit::tls::{Authority, TlsFront, VALID};
use thoughtspot_testkit::{ControlPlane, eventually};

use super::release::{Release, alone, among_others, cluster, kubeconfig_of};
use crate::bench::{ACME, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PASSWORD, PATIENCE, USER};
use crate::{deletion, health, lifecycle};

const HOSTS: [&str; 1] = ["http://127.0.0.1:*"];

/// Values for the whole cluster, with the Secrets of this tenant by name.
fn clusterwide(tenant: &str, hold: bool) -> Value {
    let entry = json!({ "name": tenant, "credentials": ["login"], "passwords": ["pw"] });
    json!({ "allowedHosts": HOSTS, "rbac": { "secrets": { "hold": hold, "namespaces": [entry] } } })
}

/// The same, with the right to make Secrets of these names.
fn generating(tenant: &str) -> Value {
    let entry = json!({ "name": tenant, "credentials": ["login"], "passwords": ["pw", "made"] });
    json!({ "allowedHosts": HOSTS, "rbac": { "secrets": { "generate": true, "hold": true, "namespaces": [entry] } } })
}

fn watching(tenant: &str) -> Value {
    json!({ "allowedHosts": HOSTS, "watchNamespaces": [tenant] })
}

async fn bench(name: &str) -> Bench {
    Bench::idle_on(cluster().await, name, Dialect::V2).await
}

#[tokio::test]
async fn a_tenant_lives_by_the_rights_for_the_whole_cluster() {
    let _alone = alone().await;
    let bench = bench("whole").await;
    let release = Release::install("whole", generating(&bench.namespace)).await;
    let _operator = release.start().await;
    lifecycle::a_tenant_lives_on(&bench).await;
    a_password_is_set(&bench).await;
    bench.apply(&milton()).await;
    bench.ready(USER, "milton").await;
    events_are_written(&bench).await;
    let held = bench.get("Secret", "login").await["metadata"]["finalizers"].clone();
    assert_eq!(held, json!(["thoughtspot.dev/in-use"]));
    assert_eq!(bench.get(INSTANCE, "ts").await["status"]["heldSecret"], "login");
}

#[tokio::test]
async fn a_tenant_lives_by_the_rights_for_watched_namespaces() {
    let _among = among_others().await;
    let bench = bench("watched").await;
    let release = Release::install("watched", watching(&bench.namespace)).await;
    let operator = release.start().await;
    lifecycle::a_tenant_lives_on(&bench).await;
    a_password_is_set(&bench).await;
    events_are_written(&bench).await;
    assert_eq!(bench.get("Secret", "login").await["metadata"]["finalizers"], Value::Null, "it may not be held");
    assert_eq!(bench.get(INSTANCE, "ts").await["status"]["heldSecret"], Value::Null, "nor is it said to be");
    let trouble = "a watch failed";
    assert!(!operator.log().contains(trouble), "{}", operator.log());

    bench.apply(&milton()).await;
    let message = bench.says(USER, "milton", "Stalled", "NotGranted").await;
    let expected = "spec.password.generate: Secret made may not be created by the operator: whoever installed it grants that \
                    (rbac.secrets.generate); or use secretKeyRef";
    assert_eq!(message, expected);
    assert_eq!(bench.get(USER, "milton").await["metadata"]["finalizers"], Value::Null, "nothing was announced");
    let mut values = watching(&bench.namespace);
    values["rbac"] = json!({ "secrets": { "generate": true } });
    release.upgrade(values).await;
    bench.ready(USER, "milton").await;
}

/// A user of Initech whose password is made up.
fn milton() -> String {
    PETER.replace("peter", "milton").replace("secretKeyRef: { name: pw, key: password }", "generate: { secretName: made }")
}

async fn a_password_is_set(bench: &Bench) {
    bench.apply(PASSWORD).await;
    for manifest in [ACME, ANALYSTS] {
        bench.apply(&manifest.replace("acme", "initech")).await;
    }
    bench.apply(PETER).await;
    bench.ready(USER, "peter").await;
}

const PETER: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotUser
metadata: { name: peter }
spec:
  instanceRef: { name: ts }
  displayName: Peter
  email: peter@example.com
  password: { secretKeyRef: { name: pw, key: password } }
  orgs: [{ name: initech }]
";

/// What the operator did is to be seen in events, which it may only create.
async fn events_are_written(bench: &Bench) {
    let get =
        ["get", "events", "-n", &bench.namespace, "-o", "jsonpath={range .items[*]}{.reason} {.regarding.name}{\"\\n\"}{end}"];
    eventually("an event for each of our changes", PATIENCE, async || {
        let output = bench.cluster.kubectl().args(get).output().await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let all = ["Created", "Changed", "Deleted"].iter().all(|reason| text.contains(reason));
        if all { Ok(()) } else { Err(format!("{text}{}", String::from_utf8_lossy(&output.stderr))) }
    })
    .await;
}

#[tokio::test]
async fn a_namespace_is_deleted_whole_by_the_rights_for_the_whole_cluster() {
    let _alone = alone().await;
    for hold in [true, false] {
        let bench = bench("emptied").await;
        let release = Release::install("emptied", clusterwide(&bench.namespace, hold)).await;
        let _operator = release.start().await;
        deletion::a_namespace_takes_all_with_it_on(&bench).await;
        release.uninstall().await;
    }
}

/// The Role goes with the namespace, so its resources have to go first, as the documentation says.
#[tokio::test]
async fn a_watched_namespace_goes_once_its_resources_have_gone() {
    let _among = among_others().await;
    let bench = bench("emptied").await;
    let release = Release::install("emptied", watching(&bench.namespace)).await;
    let _operator = release.start().await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    let delete = ["delete", "thoughtspotusers,thoughtspotgroups,thoughtspotorgs,thoughtspotinstances", "--all", "--timeout=60s"];
    let output = bench.cluster.kubectl().args(delete).args(["-n", &bench.namespace]).output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    bench.delete_namespace().await;
    bench.namespace_gone().await;
}

/// Of a namespace that was deleted too early.
#[tokio::test]
async fn rights_for_all_namespaces_free_a_watched_namespace_that_lost_its_role() {
    let _alone = alone().await;
    let bench = bench("stuck").await;
    let release = Release::install("stuck", watching(&bench.namespace)).await;
    let mut operator = release.start().await;
    bench.tenant().await;
    operator.kill();
    bench.delete_namespace().await;
    eventually("the Role is gone", PATIENCE, async || {
        let roles = bench.cluster.kubectl().args(["get", "roles", "-n", &bench.namespace, "-o", "name"]).output().await.unwrap();
        if roles.stdout.is_empty() { Ok(()) } else { Err(String::from_utf8_lossy(&roles.stdout).into_owned()) }
    })
    .await;
    release.upgrade(json!({ "allowedHosts": HOSTS })).await;
    let _operator = release.start().await;
    bench.namespace_gone().await;
}

#[tokio::test]
async fn a_secret_that_may_not_be_read_is_named_and_used_once_it_may() {
    let _alone = alone().await;
    let bench = bench("unread").await;
    let release = Release::install("unread", json!({ "allowedHosts": HOSTS })).await;
    assert!(release.said.contains("It may read no Secret yet"), "{}", release.said);
    let _operator = release.start().await;
    bench.apply(LOGIN).await;
    bench.apply(CONNECTION).await;
    let message = bench.says(INSTANCE, "ts", "Ready", "NotReady").await;
    assert_eq!(message, "Secret login may not be read by the operator: whoever installed it grants that");
    release.upgrade(clusterwide(&bench.namespace, false)).await;
    bench.ready(INSTANCE, "ts").await;
}

#[tokio::test]
async fn a_ca_that_may_not_be_read_is_named_and_used_once_it_may() {
    let _alone = alone().await;
    let ours = Authority::new("ours");
    let bench = bench("unread-ca").await;
    let front = TlsFront::start(&bench.thoughtspot.host(), ours.certify("127.0.0.1", VALID)).await.unwrap();
    let mut values = clusterwide(&bench.namespace, false);
    values["allowedHosts"] = json!(["https://127.0.0.1:*"]);
    let release = Release::install("unread-ca", values.clone()).await;
    let _operator = release.start().await;
    bench.apply(&LOGIN.replace("$HOST", &front.host())).await;
    bench.apply(&crate::tls::config_map("ca", ours.pem())).await;
    bench.apply(&crate::tls::instance(&front, crate::tls::BY_CONFIG_MAP)).await;
    let message = bench.says(INSTANCE, "ts", "Ready", "NotReady").await;
    assert_eq!(message, "spec.tls.ca: ConfigMap ca may not be read by the operator: whoever installed it grants that");
    values["rbac"]["configMaps"] = json!([{ "name": bench.namespace, "names": ["ca"] }]);
    release.upgrade(values).await;
    bench.ready(INSTANCE, "ts").await;
}

#[tokio::test]
async fn what_is_not_watched_is_left_alone() {
    let _among = among_others().await;
    let (bench, other) = (bench("watched").await, bench("unwatched").await);
    let release = Release::install("watched-one", watching(&bench.namespace)).await;
    let _operator = release.start().await;
    for bench in [&other, &bench] {
        bench.apply(LOGIN).await;
        bench.apply(CONNECTION).await;
        bench.apply(ACME).await;
    }
    bench.ready(ORG, "acme").await;
    assert_eq!(other.get(ORG, "acme").await["status"], json!({ "observedGeneration": -1 }));
}

/// What `kubectl auth can-i --list` says to this account in this namespace.
async fn listed(cluster: &ControlPlane, kubeconfig: &Path, namespace: &str) -> BTreeSet<String> {
    let mut command = cluster.kubectl();
    command.env("KUBECONFIG", kubeconfig).args(["auth", "can-i", "--list", "--no-headers", "--namespace", namespace]);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// The rights of the release in these namespaces, without those that every account has; with names that are the same in each run.
async fn rights(release: &Release, namespaces: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let nobody = eventually("the default ServiceAccount", PATIENCE, async || {
        let found = release.cluster.kubectl().args(["get", "serviceaccount", "default", "-n", "default"]).output().await.unwrap();
        if found.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&found.stderr).into_owned()) }
    });
    nobody.await;
    let nobody = kubeconfig_of(release.cluster, "default", "default", folder.path()).await;
    let operator = release.kubeconfig().await;
    let mut text = String::new();
    for (label, namespace) in namespaces {
        let base = listed(release.cluster, &nobody, namespace).await;
        let all = listed(release.cluster, &operator, namespace).await;
        assert!(all.is_superset(&base));
        text.push_str(&format!("{label}:\n"));
        for right in all.difference(&base) {
            text.push_str(&format!("  {right}\n"));
        }
    }
    namespaces.iter().fold(text, |text, (label, namespace)| text.replace(namespace, label))
}

#[tokio::test]
async fn the_rights_for_the_whole_cluster_are_the_documented_ones() {
    let tenant = cluster().await.namespace("tenant").await;
    let release = Release::install("rights-whole", clusterwide(&tenant, false)).await;
    let rights = rights(&release, &[("tenant", &tenant), ("kube-system", "kube-system")]).await;
    expect_file!["golden/rights-cluster.txt"].assert_eq(&rights);
}

#[tokio::test]
async fn the_rights_for_watched_namespaces_are_the_documented_ones() {
    let tenant = cluster().await.namespace("tenant").await;
    let release = Release::install("rights-watched", watching(&tenant)).await;
    let rights = rights(&release, &[("tenant", &tenant), ("kube-system", "kube-system")]).await;
    expect_file!["golden/rights-watched.txt"].assert_eq(&rights);
}

#[tokio::test]
async fn the_rights_to_hold_secrets_are_the_documented_ones() {
    let tenant = cluster().await.namespace("tenant").await;
    let release = Release::install("rights-hold", clusterwide(&tenant, true)).await;
    let all = rights(&release, &[("tenant", &tenant), ("kube-system", "kube-system")]).await;
    expect_file!["golden/rights-hold.txt"].assert_eq(&about_secrets(&all));
}

#[tokio::test]
async fn the_rights_to_config_maps_are_the_documented_ones() {
    let tenant = cluster().await.namespace("tenant").await;
    let values = json!({ "rbac": { "configMaps": [{ "name": tenant, "names": ["thoughtspot-ca"] }] } });
    let release = Release::install("rights-configmaps", values).await;
    let all = rights(&release, &[("tenant", &tenant), ("kube-system", "kube-system")]).await;
    expect_file!["golden/rights-configmaps.txt"].assert_eq(&about("configmaps", &all));
}

fn about_secrets(rights: &str) -> String {
    about("secrets", rights)
}

fn about(resource: &str, rights: &str) -> String {
    let lines = rights.lines().filter(|line| !line.starts_with(' ') || line.trim_start().starts_with(&format!("{resource} ")));
    lines.map(|line| format!("{line}\n")).collect()
}

#[tokio::test]
async fn the_rights_to_make_secrets_are_the_documented_ones() {
    let tenant = cluster().await.namespace("tenant").await;
    let mut values = clusterwide(&tenant, false);
    values["rbac"]["secrets"]["generate"] = json!(true);
    let release = Release::install("rights-generate", values).await;
    let all = rights(&release, &[("tenant", &tenant), ("kube-system", "kube-system")]).await;
    expect_file!["golden/rights-generate.txt"].assert_eq(&about_secrets(&all));
}

/// The widest there is: each of these choices has a name of its own.
#[tokio::test]
async fn the_rights_to_all_secrets_are_the_documented_ones() {
    let values = json!({ "rbac": { "secrets": { "clusterWide": true, "hold": true } } });
    let release = Release::install("rights-secrets", values).await;
    let rights = rights(&release, &[("kube-system", "kube-system")]).await;
    expect_file!["golden/rights-secrets.txt"].assert_eq(&rights);
}

#[tokio::test]
async fn the_rights_to_take_turns_are_the_documented_ones() {
    let release = Release::install("rights-lease", json!({})).await;
    let all = rights(&release, &[("thoughtspot-system", &release.namespace), ("kube-system", "kube-system")]).await;
    let all = all.replace(&release.operator(), "thoughtspot-operator");
    let lines = all.lines().filter(|line| !line.starts_with(' ') || line.contains("leases"));
    expect_file!["golden/rights-lease.txt"].assert_eq(&lines.map(|line| format!("{line}\n")).collect::<String>());
}

#[tokio::test]
async fn a_namespace_that_may_not_be_listed_holds_up_no_other_and_is_named() {
    let _among = among_others().await;
    let (bench, other) = (bench("listed").await, bench("unlisted").await);
    let values = json!({ "allowedHosts": HOSTS, "watchNamespaces": [bench.namespace, other.namespace] });
    let release = Release::install("unlisted", values).await;
    let unbind = ["delete", "rolebinding", &release.operator(), "--namespace", &other.namespace];
    assert!(bench.cluster.kubectl().args(unbind).output().await.unwrap().status.success());
    let operator = release.start().await;
    bench.tenant().await;
    let text = health::answers(&operator, "readyz", 503, &format!("thoughtspotorgs in namespace {}: ", other.namespace)).await;
    assert!(text.contains("is forbidden") && !text.contains(&bench.namespace), "{text}");
    health::answers(&operator, "livez", 200, "ok").await;
    let binding = json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": { "name": release.operator(), "namespace": other.namespace },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": release.operator() },
        "subjects": [{ "kind": "ServiceAccount", "name": release.operator(), "namespace": release.namespace }] });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), binding.to_string()).unwrap();
    assert!(bench.cluster.kubectl().args(["apply", "-f"]).arg(file.path()).output().await.unwrap().status.success());
    other.tenant().await;
    health::answers(&operator, "readyz", 200, "it leads").await;
}
