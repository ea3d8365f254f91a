//! kstatus, by which Flux and others judge whether something is done, on each state and on each kind from its birth to its end.

use std::process::Stdio;

use serde_json::{Value, json};
use thoughtspot_crds::Dialect;
use tokio::io::AsyncWriteExt;

use super::states;
use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, USER};

/// The status that kstatus gives each object, and its message.
async fn judge(objects: &[Value]) -> Vec<(String, String)> {
    let mut command = tokio::process::Command::new(thoughtspot_testkit::build::kstatus().await.unwrap());
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let text: String = objects.iter().map(Value::to_string).collect();
    process.stdin.take().unwrap().write_all(text.as_bytes()).await.unwrap();
    let output = process.wait_with_output().await.unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    let judged: Vec<_> = lines.lines().filter_map(|line| line.split_once('\t')).collect();
    assert_eq!(judged.len(), objects.len());
    judged.into_iter().map(|(status, message)| (status.to_owned(), message.to_owned())).collect()
}

#[tokio::test]
async fn kstatus_reads_every_state_of_a_resource() {
    let states = states::all();
    let objects: Vec<Value> = states.iter().map(|state| state.object.clone()).collect();
    for (state, (status, message)) in states.iter().zip(judge(&objects).await) {
        assert_eq!(status, state.kstatus, "{message}: {}", state.object);
        assert!(status != "Failed" || message == "why", "the message that a person needs: {message}");
    }
}

const KINDS: [(&str, &str); 4] = [(INSTANCE, "ts"), (ORG, "acme"), (GROUP, "analysts"), (USER, "ana")];

/// Each of these objects, as it is, has this status.
async fn all_are(bench: &Bench, objects: &[(&str, &str)], expected: &str) {
    let mut found = Vec::new();
    for (kind, name) in objects {
        found.push(bench.get(kind, name).await);
    }
    for (object, (status, message)) in found.iter().zip(judge(&found).await) {
        assert_eq!(status, expected, "{message}: {object}");
    }
}

async fn all_are_ready(bench: &Bench) {
    for (kind, name) in KINDS {
        bench.ready(kind, name).await;
    }
    all_are(bench, &KINDS, "Current").await;
}

#[tokio::test]
async fn kstatus_follows_each_kind_from_birth_to_its_end() {
    let mut bench = Bench::idle("kstatus", Dialect::V2).await;
    for manifest in [LOGIN, CONNECTION, ACME, ANALYSTS, ANA] {
        bench.apply(manifest).await;
    }
    all_are(&bench, &KINDS, "InProgress").await;
    bench.run();
    all_are_ready(&bench).await;

    // Suspending the Instance suspends what uses it.
    bench.patch(INSTANCE, "ts", json!({ "spec": { "suspend": true } })).await;
    for (kind, name) in KINDS {
        bench.says(kind, name, "Ready", "Suspended").await;
    }
    all_are(&bench, &KINDS, "InProgress").await;

    bench.end().await;
    bench.patch(INSTANCE, "ts", json!({ "spec": { "suspend": false } })).await;
    let changes = [(ORG, "acme", "description"), (GROUP, "analysts", "description"), (USER, "ana", "displayName")];
    for (kind, name, field) in changes {
        bench.patch(kind, name, json!({ "spec": { field: "another" } })).await;
    }
    all_are(&bench, &KINDS, "InProgress").await;
    bench.run();
    all_are_ready(&bench).await;

    bench.end().await;
    for (kind, name) in KINDS {
        bench.delete(kind, name).await;
    }
    all_are(&bench, &KINDS, "Terminating").await;
    bench.run();
    for (kind, name) in KINDS {
        bench.gone(kind, name).await;
    }
}

/// Resources that wait for one of these names, which nobody has.
fn waiting() -> [String; 4] {
    [
        CONNECTION.replace("name: ts", "name: no-login").replace("name: login", "name: nowhere"),
        ACME.replace("name: acme", "name: no-instance").replace("name: ts", "name: nowhere"),
        ANALYSTS.replace("name: analysts", "name: no-org").replace("name: acme", "name: nowhere"),
        ANA.replace("name: ana", "name: no-orgs").replace("name: acme", "name: nowhere"),
    ]
}

/// Resources that only a person can help.
fn stalled() -> [String; 4] {
    [
        CONNECTION.replace("name: ts", "name: forbidden").replace("$URL", "https://thoughtspot.example"),
        ACME.replace("name: acme", "name: existing"),
        ANALYSTS.replace("name: analysts", "name: mighty").replace("DATADOWNLOADING", "ADMINISTRATION"),
        ANA.replace("name: ana", "name: eve").replace("analysts", "Administrator"),
    ]
}

#[tokio::test]
async fn kstatus_tells_what_waits_from_what_needs_a_person_for_each_kind() {
    let bench = Bench::start("kstatus-trouble", Dialect::V2).await;
    bench.tenant().await;
    bench.thoughtspot.edit(|world| world.create_org("existing", None).unwrap());
    for manifest in waiting().iter().chain(&stalled()) {
        bench.apply(manifest).await;
    }
    let waiting = [(INSTANCE, "no-login"), (ORG, "no-instance"), (GROUP, "no-org"), (USER, "no-orgs")];
    for (kind, name) in waiting {
        bench.says_in_with(&bench.namespace, kind, name, "Reconciling", "nowhere").await;
    }
    all_are(&bench, &waiting, "InProgress").await;

    let stalled = [(INSTANCE, "forbidden"), (ORG, "existing"), (GROUP, "mighty"), (USER, "eve")];
    for ((kind, name), reason) in stalled.iter().zip(["InvalidSecret", "AlreadyExists", "NotGranted", "NotGranted"]) {
        bench.says(kind, name, "Stalled", reason).await;
    }
    all_are(&bench, &stalled, "Failed").await;
}
