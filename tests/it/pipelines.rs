//! What delivery tools make of status: the health check we ship for Argo CD, run on every state a resource can be in.

use mlua::{Lua, LuaSerdeExt};
use serde_json::{Value, json};
use thoughtspot_crds::Dialect;
use thoughtspot_engine::Fault;
use thoughtspot_engine::conditions::{self, Progress, Saying};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, USER};
use crate::documents::read;

/// Status and message as Argo CD would show them.
fn health(object: &Value) -> (String, String) {
    let config_map: Value = serde_saphyr::from_str(&read("docs/pipelines/argocd-cm.yaml")).unwrap();
    let checks: Value = serde_saphyr::from_str(config_map["data"]["resource.customizations"].as_str().unwrap()).unwrap();
    let lua = Lua::new();
    lua.globals().set("obj", lua.to_value(object).unwrap()).unwrap();
    let health: mlua::Table = lua.load(checks["thoughtspot.dev/*"]["health.lua"].as_str().unwrap()).eval().unwrap();
    (health.get("status").unwrap(), health.get("message").unwrap())
}

fn object(generation: i64, sayings: &[Saying]) -> Value {
    let conditions = conditions::compose(&[], sayings, Some(generation));
    json!({ "metadata": { "generation": 2 }, "status": { "observedGeneration": generation, "conditions": conditions } })
}

fn fault(fault: Fault) -> Value {
    object(2, &conditions::of_fault(&fault, Progress::Resolved).unwrap())
}

#[track_caller]
fn check(object: &Value, status: &str, message: &str) {
    assert_eq!(health(object), (status.to_owned(), message.to_owned()), "{object}");
}

#[test]
fn argo_cd_reads_every_state_of_a_resource() {
    let (reason, message) = ("R", "why".to_owned());
    let unseen = "the operator has not seen this generation yet";
    check(&json!({ "metadata": { "generation": 1 }, "status": { "observedGeneration": -1 } }), "Progressing", unseen);
    check(&json!({ "metadata": { "generation": 1 } }), "Progressing", unseen);
    check(&object(1, &conditions::ready("Ready", "")), "Progressing", unseen);
    check(&object(2, &conditions::ready("Ready", "")), "Healthy", "");
    check(&object(2, &conditions::drifted("differs: description")), "Healthy", "differs: description");
    check(&fault(Fault::Stalled { reason, message: message.clone() }), "Degraded", "why");
    check(&fault(Fault::NotGranted { reason, message: message.clone() }), "Degraded", "why");
    check(&fault(Fault::Waiting { reason, message: message.clone() }), "Progressing", "why");
    check(&fault(Fault::Transient { reason, message: message.clone() }), "Progressing", "why");
    check(&fault(Fault::Suspended { reason, message: message.clone() }), "Suspended", "why");

    let going = |mut object: Value| {
        object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        object
    };
    check(&going(object(2, &conditions::ready("Ready", ""))), "Progressing", "being deleted");
    check(&going(fault(Fault::Waiting { reason, message: message.clone() })), "Progressing", "why");
    check(&going(fault(Fault::Stalled { reason, message })), "Degraded", "why");
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
