//! A newer version of the operator ran before, or may lead next: what it keeps in objects, and this one does not know, is left to it.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::ResourceExt;
use kube::api::{Api, Patch, PatchParams};
use serde_json::{Value, json};
use thoughtspot_crds::Dialect;
use thoughtspot_testkit::eventually;

use super::release::{alone, cluster};
use crate::bench::{ANA, ANALYSTS, Bench, GROUP, INSTANCE, ORG, PATIENCE, USER};

/// Gives each kind one more field in spec and in status, or takes it away again.
async fn a_newer_version(bench: &Bench, there: bool) {
    let api: Api<CustomResourceDefinition> = Api::all(bench.client.clone());
    for definition in thoughtspot_crds::definitions() {
        let field = json!({ "type": "object", "additionalProperties": { "type": "string" } });
        let operation = |part: &str| {
            let path = format!("/spec/versions/0/schema/openAPIV3Schema/properties/{part}/properties/newer");
            if there { json!({ "op": "add", "path": path, "value": field }) } else { json!({ "op": "remove", "path": path }) }
        };
        let patch = serde_json::from_value(json!([operation("spec"), operation("status")])).unwrap();
        api.patch(&definition.name_any(), &PatchParams::default(), &Patch::Json::<()>(patch)).await.unwrap();
    }
}

/// What the newer version writes into this object; once the API server knows its fields.
async fn keeps_something(bench: &Bench, kind: &str, name: &str) {
    let something = json!({ "newer": { "for": "later" } });
    let api = bench.api(kind, &bench.namespace);
    eventually("the new fields are known", PATIENCE, async || {
        for part in ["status", "spec"] {
            let (patch, params) = (Patch::Merge(json!({ part: something })), PatchParams::default());
            match part {
                "status" => api.patch_status(name, &params, &patch).await.unwrap(),
                _ => api.patch(name, &params, &patch).await.unwrap(),
            };
        }
        kept(&bench.get(kind, name).await)
    })
    .await;
}

fn kept(object: &Value) -> Result<(), String> {
    let parts = [&object["spec"]["newer"], &object["status"]["newer"]];
    if parts.iter().all(|part| part["for"] == "later") { Ok(()) } else { Err(object.to_string()) }
}

#[tokio::test]
async fn what_a_newer_version_keeps_in_a_resource_is_left_to_it() {
    let _alone = alone().await;
    let mut bench = Bench::idle_on(cluster().await, "versions", Dialect::V2).await;
    a_newer_version(&bench, true).await;
    bench.run();
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    let all = [(INSTANCE, "ts"), (ORG, "acme"), (GROUP, "analysts"), (USER, "ana")];
    for (kind, name) in all {
        bench.ready(kind, name).await;
        keeps_something(&bench, kind, name).await;
    }
    // Each of these changes what is in status.
    for suspend in [true, false] {
        for (kind, name) in all {
            bench.patch(kind, name, json!({ "spec": { "suspend": suspend } })).await;
        }
        for (kind, name) in all {
            let said = if suspend { "Suspended" } else { "Ready" };
            bench.says(kind, name, "Ready", said).await;
            kept(&bench.get(kind, name).await).unwrap();
        }
    }
    bench.end().await;
    a_newer_version(&bench, false).await;
}
