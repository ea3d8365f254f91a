//! Every manifest against the schemas of the real API server, to the letter: `helm template | kubeconform -strict`, as a pipeline runs it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Map, Value, json};
use thoughtspot_testkit::{ControlPlane, eventually};
use tokio::io::AsyncWriteExt;

use super::release::cluster;
use super::values::all_others;
use super::{crds, everything, operator, template};
use crate::bench::PATIENCE;
use crate::documents::{blocks, root};

/// Groups of kinds that documents show and that are not ours to check: nothing here serves them.
const OTHERS: [&str; 2] = ["kustomize.toolkit.fluxcd.io/", "argoproj.io/"];

/// Group with version, and kind.
type Type = (String, String);

fn types(text: &str) -> BTreeSet<Type> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let word = |document: &Value, key: &str| document[key].as_str().unwrap_or_else(|| panic!("no {key}: {document}")).to_owned();
    let objects = documents.iter().filter(|document| !document.is_null());
    objects.map(|object| (word(object, "apiVersion"), word(object, "kind"))).collect()
}

fn is_others((version, _): &Type) -> bool {
    OTHERS.iter().any(|group| version.starts_with(group))
}

/// No object of a schema may have a field that it does not name.
fn close(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    let keeps_unknown = schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true));
    if schema.contains_key("properties") && !keeps_unknown {
        schema.entry("additionalProperties").or_insert(Value::Bool(false));
    }
    for property in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        close(property);
    }
    for inner in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get_mut(inner) {
            close(inner);
        }
    }
}

/// The JSON schema of a kind, of what the API server says of its group; nothing before it serves the kind.
fn schema_of(kind: &str, mut about: Value) -> Option<Value> {
    let schemas = about["components"]["schemas"].as_object_mut()?;
    let is_it = |schema: &Value| {
        schema["x-kubernetes-group-version-kind"].as_array().is_some_and(|all| all.len() == 1 && all[0]["kind"] == kind)
    };
    let name = schemas.iter().find(|(_, schema)| is_it(schema))?.0.clone();
    schemas.values_mut().for_each(close);
    Some(json!({ "allOf": [{ "$ref": format!("#/components/schemas/{name}") }], "components": about["components"] }))
}

/// Writes the schema of a kind under the name by which kubeconform looks for it.
async fn write_schema(cluster: &ControlPlane, folder: &Path, (version, kind): &Type) {
    let path = format!("/openapi/v3/{}/{version}", if version.contains('/') { "apis" } else { "api" });
    let what = format!("the schema of {kind} in {path}");
    let schema = eventually(&what, PATIENCE, async || {
        let output = cluster.kubectl().args(["get", "--raw", &path]).output().await.unwrap();
        let about = serde_json::from_slice(&output.stdout).ok();
        about.and_then(|about| schema_of(kind, about)).ok_or(String::from_utf8_lossy(&output.stderr).into_owned())
    });
    let suffix = match version.split_once('/') {
        Some((group, version)) => format!("{}-{version}", group.split('.').next().unwrap_or_default()),
        None => version.clone(),
    };
    let file = folder.join(format!("{}-{suffix}.json", kind.to_lowercase()));
    std::fs::write(file, schema.await.to_string()).unwrap();
}

/// What kubeconform complains of in these manifests.
async fn complaints(manifests: &str) -> Result<(), String> {
    let (folder, types) = (tempfile::tempdir().unwrap(), types(manifests));
    let (others, ours): (Vec<&Type>, Vec<&Type>) = types.iter().partition(|of| is_others(of));
    for of in &ours {
        write_schema(cluster().await, folder.path(), of).await;
    }
    let skip: Vec<String> = others.iter().map(|(version, kind)| format!("{version}/{kind}")).collect();
    let location = folder.path().join("{{.ResourceKind}}{{.KindSuffix}}.json");
    let mut command = tokio::process::Command::new(thoughtspot_testkit::build::kubeconform().await.unwrap());
    command.args(["-strict", "-skip", &skip.join(","), "-schema-location"]).arg(location);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    process.stdin.take().unwrap().write_all(manifests.as_bytes()).await.unwrap();
    let output = process.wait_with_output().await.unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stdout).into_owned()) }
}

#[tokio::test]
async fn every_rendered_object_is_of_its_schema_and_has_nothing_else_in_it() {
    let watched = json!({ "watchNamespaces": ["team-a", "thoughtspot-system"], "simulator": { "enabled": true } });
    let mut manifests = template(&crds(), &json!({})).await.unwrap();
    for values in [json!({}), everything(), watched, all_others()] {
        manifests.push_str("\n---\n");
        manifests.push_str(&template(&operator(), &values).await.unwrap());
    }
    complaints(&manifests).await.unwrap();
}

/// The manifests in a folder: whole files, and those that documents show.
fn manifests_below(folder: &str) -> Vec<String> {
    let files = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut manifests = Vec::new();
    for file in files.filter(|file| file.is_file()) {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("yaml") => manifests.push(text),
            Some("md") => manifests.extend(blocks(&text, "yaml").into_iter().filter(|block| block.contains("kind: "))),
            Some(_) | None => {}
        }
    }
    manifests.retain(|manifest| manifest.lines().any(|line| line.starts_with("apiVersion: ")));
    manifests
}

#[tokio::test]
async fn every_manifest_of_the_documents_and_examples_is_of_its_schema() {
    let manifests: Vec<String> = ["examples", "docs", "."].into_iter().flat_map(manifests_below).collect();
    complaints(&manifests.join("\n---\n")).await.unwrap();
}

#[tokio::test]
async fn what_is_misspelt_or_of_another_type_is_found() {
    let cases = [
        (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a }\nspec: { replica: 1, selector: {}, template: {} }",
            "replica",
        ),
        (
            "apiVersion: thoughtspot.dev/v1alpha1\nkind: ThoughtSpotOrg\nmetadata: { name: a }\nspec: { instanceRef: { name: ts }, descripton: d }",
            "descripton",
        ),
        (
            "apiVersion: thoughtspot.dev/v1alpha1\nkind: ThoughtSpotOrg\nmetadata: { name: a }\nspec: { instanceRef: ts }",
            "instanceRef",
        ),
    ];
    for (manifest, expected) in cases {
        let complaint = complaints(manifest).await.unwrap_err();
        assert!(complaint.contains(expected), "{manifest}: {complaint}");
    }
}
