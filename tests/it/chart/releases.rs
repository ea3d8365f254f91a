//! What outlives an upgrade, and releases beside one another.

use serde_json::{Value, json};
use thoughtspot_crds::Dialect;
use thoughtspot_testkit::eventually;

use super::release::{Release, alone, cluster};
use crate::bench::{Bench, CONNECTION, INSTANCE, LOGIN, PATIENCE};
use crate::documents::read;

fn holding(tenant: &str, hold: bool) -> Value {
    let entry = json!({ "name": tenant, "credentials": ["login"] });
    json!({ "allowedHosts": ["http://127.0.0.1:*"], "rbac": { "secrets": { "hold": hold, "namespaces": [entry] } } })
}

/// A command of the installation page, for what is in this namespace.
fn documented(start: &str, namespace: &str) -> Vec<String> {
    let text = read("docs/install.md").replace('\n', " ");
    let command = text.split('`').find(|part| part.starts_with(start)).unwrap_or_else(|| panic!("no {start}")).to_owned();
    let words = command.replace("analytics", namespace).replace("thoughtspot-login", "login").replace('\'', "");
    words.split_whitespace().skip(1).map(str::to_owned).collect()
}

/// The right to let go is gone with the right to hold, so this is for a person, and the documentation says how.
#[tokio::test]
async fn a_secret_that_is_held_outlives_the_right_to_hold_it_and_is_freed_as_the_documentation_says() {
    let _alone = alone().await;
    let bench = Bench::idle_on(cluster().await, "held", Dialect::V2).await;
    let release = Release::install("held", holding(&bench.namespace, true)).await;
    let _operator = release.start().await;
    bench.apply(LOGIN).await;
    bench.apply(CONNECTION).await;
    bench.ready(INSTANCE, "ts").await;
    release.upgrade(holding(&bench.namespace, false)).await;
    let account = format!("--as=system:serviceaccount:{}:{}", release.namespace, release.operator());
    eventually("the right is gone", PATIENCE, async || {
        let asked = ["auth", "can-i", "patch", "secrets/login", &account, "-n", &bench.namespace];
        let answer = bench.cluster.kubectl().args(asked).output().await.unwrap();
        let said = String::from_utf8_lossy(&answer.stdout).into_owned();
        if said.trim() == "no" { Ok(()) } else { Err(said) }
    })
    .await;
    let kubectl = async |arguments: Vec<String>| {
        let output = bench.cluster.kubectl().args(&arguments).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = kubectl(documented("kubectl get thoughtspotinstances", &bench.namespace)).await;
    let ours = listed.lines().find(|line| line.contains(&bench.namespace)).unwrap_or_default();
    assert!(ours.ends_with(" login"), "{listed}");

    let words = |line: &str| line.split(' ').map(str::to_owned).collect();
    kubectl(words(&format!("delete thoughtspotinstance ts --timeout=60s --namespace {}", bench.namespace))).await;
    kubectl(words(&format!("delete secret login --wait=false --namespace {}", bench.namespace))).await;
    let secret = bench.get("Secret", "login").await;
    assert!(secret["metadata"]["deletionTimestamp"].is_string());
    assert_eq!(secret["metadata"]["finalizers"], json!(["thoughtspot.dev/in-use"]), "nobody may take it off");
    kubectl(documented("kubectl patch secret", &bench.namespace)).await;
    let get = words(&format!("get secrets --ignore-not-found login --output name --namespace {}", bench.namespace));
    assert_eq!(kubectl(get).await, "", "it went with its finalizer");
}

#[tokio::test]
async fn releases_of_one_name_are_told_apart_by_another_full_name_and_refused_without() {
    let cluster = cluster().await;
    let tenants = [cluster.namespace("tenant").await, cluster.namespace("tenant").await];
    let values = |n: usize| json!({ "watchNamespaces": [tenants[n]] });
    let first = Release::install("beside", values(0)).await;
    let namespace = cluster.namespace("beside-system").await;
    let refusal = Release::try_install_into("beside", namespace.clone(), values(1)).await.err().unwrap();
    assert!(refusal.contains("ClusterRole") && refusal.contains("cannot be imported into the current release"), "{refusal}");

    let mut other = values(1);
    other["fullnameOverride"] = json!("another");
    let second = Release::install_into("beside", namespace, other).await;
    for (release, binding) in [(&first, "beside-thoughtspot-operator"), (&second, "another")] {
        let objects = release.objects().await;
        let binding = super::named(&objects, "ClusterRoleBinding", binding);
        assert_eq!(binding["subjects"][0]["namespace"], json!(release.namespace));
    }
}
