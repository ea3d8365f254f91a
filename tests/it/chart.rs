//! The Helm charts: what they render, what they refuse, what the rights they give are good for.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

mod admission;
mod arguments;
mod documents;
mod image;
mod install;
mod network;
mod release;
mod releases;
mod render;
mod rights;
mod schemas;
mod tenants;
mod values;
mod versions;

pub(crate) use release::kubeconfig_of;

fn chart(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("charts").join(name)
}

fn operator() -> PathBuf {
    chart("thoughtspot-operator")
}

fn crds() -> PathBuf {
    chart("thoughtspot-operator-crds")
}

/// Runs helm, without a cluster; what it prints, or what it complains of.
async fn helm(arguments: &[&str], chart: &Path, values: &Value) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.yaml");
    std::fs::write(&file, values.to_string()).unwrap();
    let mut command = tokio::process::Command::new(thoughtspot_testkit::build::helm().await.unwrap());
    command.args(arguments).arg(chart).arg("--values").arg(&file).env("HOME", folder.path()).kill_on_drop(true);
    let output = command.output().await.unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
    }
}

/// What helm makes of these values, in the namespace `thoughtspot-system`.
async fn template(chart: &Path, values: &Value) -> Result<String, String> {
    helm(&["template", "ts", "--namespace", "thoughtspot-system"], chart, values).await
}

fn objects(text: &str) -> Result<Vec<Value>, String> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| format!("{error}\n{text}"))?;
    Ok(documents.into_iter().filter(|document| !document.is_null()).collect())
}

async fn try_render(chart: &Path, values: &Value) -> Result<Vec<Value>, String> {
    objects(&template(chart, values).await?)
}

/// The objects that the operator's chart makes of these values, as this release in this namespace.
pub(crate) async fn render_as(release: &str, namespace: &str, values: &Value) -> Vec<Value> {
    let text = helm(&["template", release, "--namespace", namespace], &operator(), values).await;
    text.and_then(|text| objects(&text)).unwrap_or_else(|error| panic!("{values}: {error}"))
}

/// The objects that the operator's chart makes of these values, in the namespace `thoughtspot-system`.
async fn render(values: Value) -> Vec<Value> {
    try_render(&operator(), &values).await.unwrap_or_else(|error| panic!("{values}: {error}"))
}

fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    objects.iter().filter(|object| object["kind"] == kind).collect()
}

fn named<'a>(objects: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let found = of_kind(objects, kind).into_iter().find(|object| object["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("no {kind} {name}"))
}

/// The arguments of the first container of a Deployment.
fn arguments(objects: &[Value], name: &str) -> Vec<String> {
    let container = &named(objects, "Deployment", name)["spec"]["template"]["spec"]["containers"][0];
    container["args"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap().to_owned()).collect()
}

/// Every value that has no sense alone, put to use.
fn everything() -> Value {
    json!({
        "rbac": { "secrets": { "hold": true, "namespaces": [{ "name": "team-a", "credentials": ["login"], "passwords": ["ana"] }] } },
        "networkPolicy": { "enabled": true },
        "podDisruptionBudget": { "enabled": true },
        "simulator": { "enabled": true },
    })
}
