//! What delivery tools make of status, on every state a resource can be in: kstatus, and the health check we ship for Argo CD.

use mlua::{Lua, LuaSerdeExt};
use serde_json::{Value, json};
use thoughtspot_crds::Dialect;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, USER};
use crate::documents::read;

mod kstatus;
mod states;

/// Status and message as Argo CD would show them.
fn health(object: &Value) -> (String, String) {
    let config_map: Value = serde_saphyr::from_str(&read("docs/pipelines/argocd-cm.yaml")).unwrap();
    let key = format!("resource.customizations.health.thoughtspot.dev_{}", object["kind"].as_str().unwrap());
    let lua = Lua::new();
    lua.globals().set("obj", lua.to_value(object).unwrap()).unwrap();
    let health: mlua::Table = lua.load(config_map["data"][key].as_str().unwrap()).eval().unwrap();
    (health.get("status").unwrap(), health.get("message").unwrap())
}

#[track_caller]
fn check(object: &Value, status: &str, message: &str) {
    assert_eq!(health(object), (status.to_owned(), message.to_owned()), "{object}");
}

#[test]
fn argo_cd_reads_every_state_of_a_resource() {
    for state in states::all() {
        check(&state.object, state.argo_cd.0, state.argo_cd.1);
    }
    check(&json!({ "kind": ORG, "metadata": { "generation": 1 } }), "Progressing", states::UNSEEN);
}

#[tokio::test]
async fn argo_cd_reads_what_the_operator_writes() {
    let bench = Bench::start("argo-cd", Dialect::V2).await;
    let kinds = [(INSTANCE, "ts"), (ORG, "acme"), (GROUP, "analysts"), (USER, "ana")];
    for manifest in [LOGIN, CONNECTION, ACME, ANALYSTS, ANA] {
        bench.apply(manifest).await;
    }
    for (kind, name) in kinds {
        let object = bench.ready(kind, name).await;
        check(&object, "Healthy", "");
    }
}
