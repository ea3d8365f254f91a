//! helm installs, upgrades and uninstalls the charts on the real API server, which takes every object and would take every pod.

use k8s_openapi::api::core::v1::{Namespace, Pod, Secret};
use kube::Client;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use thoughtspot_simulator::{Credentials, Options, Simulator};
use thoughtspot_testkit::ControlPlane;

use super::release::{Release, alone, cluster, helm};
use super::values::all_others;
use super::{crds, everything, named};
use crate::bench::PATIENCE;
use crate::documents::{blocks, function, read};

/// A copy of the CRD chart in which one text is another, as it was in an older one.
fn older_crds(folder: &std::path::Path) -> std::path::PathBuf {
    let copy = folder.join("thoughtspot-operator-crds");
    for part in ["templates", "files"] {
        std::fs::create_dir_all(copy.join(part)).unwrap();
        for entry in std::fs::read_dir(crds().join(part)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap().replace("A group of one Org.", "An older group.");
            std::fs::write(copy.join(part).join(path.file_name().unwrap()), text).unwrap();
        }
    }
    for file in ["Chart.yaml", "values.yaml", "values.schema.json"] {
        std::fs::copy(crds().join(file), copy.join(file)).unwrap();
    }
    copy
}

async fn about_groups(cluster: &ControlPlane) -> String {
    let get = ["get", "customresourcedefinition", "thoughtspotgroups.thoughtspot.dev", "-o"];
    let path = "jsonpath={.spec.versions[0].schema.openAPIV3Schema.description}";
    String::from_utf8(cluster.kubectl().args(get).arg(path).output().await.unwrap().stdout).unwrap()
}

#[tokio::test]
async fn the_kinds_are_upgraded_by_helm_and_outlive_their_release() {
    let cluster = cluster().await;
    let folder = tempfile::tempdir().unwrap();
    let (older, current) = (older_crds(folder.path()), crds());
    let chart = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    helm(cluster, &["upgrade", "kinds", &chart(&older), "--namespace", "default"]).await;
    assert_eq!(about_groups(cluster).await, "An older group.");
    helm(cluster, &["upgrade", "kinds", &chart(&current), "--namespace", "default"]).await;
    assert_eq!(about_groups(cluster).await, "A group of one Org.");

    helm(cluster, &["uninstall", "kinds", "--namespace", "default"]).await;
    assert_eq!(about_groups(cluster).await, "A group of one Org.");
    helm(cluster, &["install", "kinds", &chart(&current), "--namespace", "default"]).await;
}

/// Applies as much as the API server would check, without keeping anything.
async fn dry_run(cluster: &ControlPlane, objects: &[Value]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
    std::fs::write(file.path(), list.to_string()).unwrap();
    let mut command = cluster.kubectl();
    command.args(["apply", "--server-side", "--dry-run=server", "--validate=strict", "-f"]).arg(file.path());
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn every_object_is_one_that_the_api_server_takes_to_the_letter() {
    let cluster = cluster().await;
    for name in ["team-a", "thoughtspot-system"] {
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
        let patch = Patch::Apply(serde_json::from_value::<Namespace>(namespace).unwrap());
        Api::<Namespace>::all(cluster.client()).patch(name, &PatchParams::apply("t"), &patch).await.unwrap();
    }
    let watched = json!({ "watchNamespaces": ["team-a", "thoughtspot-system"], "simulator": { "enabled": true } });
    for values in [json!({}), everything(), watched, all_others()] {
        dry_run(cluster, &super::render(values).await).await;
    }
}

/// The pod of a Deployment, as its controller would make it.
fn pod(objects: &[Value], deployment: &str) -> Pod {
    let template = &named(objects, "Deployment", deployment)["spec"]["template"];
    let metadata = json!({ "name": deployment, "labels": template["metadata"]["labels"] });
    serde_json::from_value(json!({ "metadata": metadata, "spec": template["spec"] })).unwrap()
}

async fn admitted(client: Client, namespace: &str, pod: &Pod) -> Result<Pod, kube::Error> {
    Api::<Pod>::namespaced(client, namespace).create(&PostParams { dry_run: true, ..PostParams::default() }, pod).await
}

#[tokio::test]
async fn its_pods_are_admitted_where_only_restricted_ones_are() {
    let release = Release::install("pods", json!({ "simulator": { "enabled": true } })).await;
    assert!(!release.said.contains("would violate"), "{}", release.said);
    let objects = release.objects().await;
    for deployment in [release.operator(), format!("{}-simulator", release.operator())] {
        let mut pod = pod(&objects, &deployment);
        admitted(release.cluster.client(), &release.namespace, &pod).await.unwrap();
        pod.spec.as_mut().unwrap().containers[0].security_context = None;
        let refusal = admitted(release.cluster.client(), &release.namespace, &pod).await.unwrap_err().to_string();
        assert!(refusal.contains("violates PodSecurity \"restricted"), "the namespace would take any pod: {refusal}");
    }
}

#[tokio::test]
async fn nothing_of_a_release_is_left_when_it_is_uninstalled() {
    let tenant = cluster().await.namespace("tenant").await;
    let values = json!({ "networkPolicy": { "enabled": true }, "simulator": { "enabled": true }, "podDisruptionBudget": { "enabled": true },
        "rbac": { "secrets": { "hold": true, "namespaces": [{ "name": tenant, "credentials": ["login"] }] } } });
    let release = Release::install("gone", values.clone()).await;
    release.upgrade(values).await;
    let kinds = "all,secrets,serviceaccounts,networkpolicies,poddisruptionbudgets,roles,rolebindings,clusterroles,clusterrolebindings,\
                 validatingadmissionpolicies,validatingadmissionpolicybindings";
    let get = ["get", kinds, "--all-namespaces", "-l", "app.kubernetes.io/instance=gone", "-o", "name"];
    let left = async || String::from_utf8(release.cluster.kubectl().args(get).output().await.unwrap().stdout).unwrap();
    assert_eq!(left().await.lines().count(), release.objects().await.len());
    release.uninstall().await;
    assert_eq!(left().await, "");
}

/// The commands that helm prints, and those of the page to end it, run as they are; only the address is another, since no pod runs here.
#[tokio::test]
async fn the_trial_without_an_account_works_as_the_notes_say() {
    let _alone = alone().await;
    let values = json!({ "allowedHosts": ["http://127.0.0.1:*"], "simulator": { "enabled": true } });
    let release = Release::install("trial", values).await;
    let name = format!("{}-simulator", release.operator());
    let secrets = Api::<Secret>::namespaced(release.cluster.client(), &release.namespace);
    let secret = secrets.get(&name).await.unwrap();
    let text = |key: &str| String::from_utf8(secret.data.as_ref().unwrap()[key].0.clone()).unwrap();
    let credentials =
        Credentials { admin_username: text("username"), admin_password: text("password"), secret_key: text("secretKey") };
    let thoughtspot = Simulator::start(Options { credentials, ..Options::default() }).await.unwrap();
    let here = Patch::Merge(json!({ "stringData": { "host": thoughtspot.host() } }));
    secrets.patch(&name, &PatchParams::default(), &here).await.unwrap();

    let _operator = release.start_first().await;
    let notes = release.said.split_once("To connect to it:").unwrap().1.split("What it knows is gone").next().unwrap();
    let script = notes.replace(&format!("http://{}", text("host")), &thoughtspot.url());
    assert!(script.contains(&thoughtspot.url()) && script.contains("kubectl wait"), "{notes}");
    shell(&release, &script).await;

    let page = blocks(&read("docs/install.md"), "sh").concat();
    let end = page.lines().find(|line| line.starts_with("kubectl delete ")).unwrap();
    let here = format!("--namespace {}", release.namespace);
    shell(&release, &end.replace("--namespace trial", &here)).await;
    shell(&release, &format!("[[ -z $(kubectl get thoughtspot {here} -o name) ]]")).await;
    release.uninstall().await;
}

async fn shell(release: &Release, script: &str) {
    let mut command = tokio::process::Command::new("bash");
    command.args(["-ec", &format!("{}{script}", function("kubectl", &release.cluster.kubectl()))]).kill_on_drop(true);
    command.env("KUBECONFIG", release.cluster.kubeconfig());
    let output =
        tokio::time::timeout(PATIENCE, command.output()).await.unwrap_or_else(|_| panic!("{script} does not end")).unwrap();
    assert!(output.status.success(), "{script}\n{output:?}");
}
