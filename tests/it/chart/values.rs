//! Values: each has an effect, a comment, a line in the documentation and a place in the schema, which takes nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::{crds, everything, helm, operator, try_render};

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The values of a file that have a comment above them, by path, with that comment.
fn commented(text: &str) -> Vec<(String, String)> {
    let (mut found, mut comment, mut parents) = (Vec::new(), Vec::new(), Vec::<(usize, &str)>::new());
    for line in text.lines() {
        let (indent, line) = (line.len() - line.trim_start().len(), line.trim());
        if let Some(words) = line.strip_prefix("# ") {
            comment.push(words);
            continue;
        }
        if let Some((key, _)) = line.split_once(':').filter(|(key, _)| key.chars().all(char::is_alphanumeric)) {
            parents.retain(|(of, _)| *of < indent);
            parents.push((indent, key));
            if !comment.is_empty() {
                let path: Vec<&str> = parents.iter().map(|(_, key)| *key).collect();
                found.push((path.join("."), comment.join(" ")));
            }
        }
        comment.clear();
    }
    found
}

fn at<'a>(values: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(values, |value, key| &value[key])
}

/// Nested objects that hold `value` at `path`.
fn nested(path: &str, value: Value) -> Value {
    path.rsplit('.').fold(value, |value, key| json!({ key: value }))
}

fn merged(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merged(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn table(chart: &Path) -> String {
    let text = read(&chart.join("values.yaml"));
    let values: Value = serde_saphyr::from_str(&text).unwrap();
    let mut table = String::from("| value | default | meaning |\n| --- | --- | --- |\n");
    for (path, meaning) in commented(&text) {
        let default = at(&values, &path).to_string();
        let default = if default.len() > 60 { "see `values.yaml`".to_owned() } else { format!("`{default}`") };
        table.push_str(&format!("| `{path}` | {default} | {meaning} |\n"));
    }
    table
}

#[test]
fn the_documentation_has_every_value_with_its_default_and_its_comment() {
    let text = format!(
        "# Values of the charts\n\nMade of the comments in `values.yaml`: after a change, `UPDATE_EXPECT=1 cargo test --test it values` writes it anew.\n\
         What they are for, by purpose, is in [install.md](install.md).\n\n## thoughtspot-operator\n\n{}\n## thoughtspot-operator-crds\n\n{}",
        table(&operator()),
        table(&crds())
    );
    expect_test::expect_file!["../../../docs/values.md"].assert_eq(&text);
}

#[test]
fn the_installation_says_what_each_value_is_for() {
    let text = read(&crate::documents::root().join("docs/install.md"));
    for chart in [operator(), crds()] {
        for (path, _) in commented(&read(&chart.join("values.yaml"))) {
            assert!(text.contains(&format!("`{path}")), "docs/install.md does not mention {path}");
        }
    }
}

/// The paths that a closed schema names, down to what it leaves open.
fn schema_paths(schema: &Value, path: &str, into: &mut BTreeSet<String>) {
    for (key, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if property.get("properties").is_some() {
            schema_paths(property, &path, into);
        } else {
            into.insert(path);
        }
    }
    assert!(schema.get("properties").is_none() || schema["additionalProperties"] == false, "{path:?} is open");
}

#[test]
fn the_schema_names_exactly_the_values_that_have_a_comment() {
    for chart in [operator(), crds()] {
        let schema: Value = serde_json::from_str(&read(&chart.join("values.schema.json"))).unwrap();
        let mut paths = BTreeSet::new();
        schema_paths(&schema, "", &mut paths);
        assert!(paths.remove("global"), "helm itself hands this one to a chart that is part of another");
        let commented: BTreeSet<String> =
            commented(&read(&chart.join("values.yaml"))).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, commented);
    }
}

/// For each value another one than it has in [`everything`].
fn others() -> Vec<(&'static str, Value)> {
    let mut others = others_of_the_operator();
    others.extend(others_of_the_pod());
    others
}

fn others_of_the_operator() -> Vec<(&'static str, Value)> {
    vec![
        ("allowedHosts", json!(["acme.thoughtspot.cloud", "http://127.0.0.1:*"])),
        ("privateHosts", json!(["acme.thoughtspot.cloud", "*.corp.example"])),
        ("watchNamespaces", json!(["team-a", "thoughtspot-system"])),
        ("requestsPerSecond", json!(10)),
        ("replicas", json!(2)),
        ("leaseDurationSeconds", json!(60)),
        ("healthPort", json!(9000)),
        ("log.filter", json!("debug")),
        ("log.format", json!("json")),
        ("rbac.create", json!(false)),
        ("rbac.secrets.namespaces", json!([{ "name": "team-a", "credentials": ["login"] }])),
        ("rbac.secrets.hold", json!(false)),
        ("rbac.secrets.generate", json!(true)),
        ("rbac.secrets.clusterWide", json!(true)),
        ("rbac.configMaps", json!([{ "name": "team-a", "names": ["ca"] }])),
        ("rbac.namespaces", json!(false)),
        ("rbac.aggregate", json!(false)),
        ("admissionPolicy.enabled", json!(false)),
        ("admissionPolicy.validationActions", json!(["Warn", "Audit"])),
        ("admissionPolicy.ordinaryPrivileges", json!(["DATADOWNLOADING"])),
        ("admissionPolicy.ordinaryRoles", json!(["Reader"])),
        ("serviceAccount.create", json!(false)),
        ("serviceAccount.name", json!("other")),
        ("serviceAccount.annotations", json!({ "a": "b" })),
        ("networkPolicy.enabled", json!(false)),
        ("networkPolicy.egressPorts", json!([8443])),
        ("networkPolicy.dnsPorts", json!([53])),
        ("networkPolicy.extraIngress", json!([{ "from": [{ "podSelector": { "matchLabels": { "app": "mine" } } }] }])),
        ("networkPolicy.extraEgress", json!([{ "to": [{ "ipBlock": { "cidr": "10.0.0.0/8" } }] }])),
        ("monitoring.serviceMonitor.enabled", json!(true)),
        ("monitoring.serviceMonitor.interval", json!("1m")),
        ("monitoring.serviceMonitor.labels", json!({ "release": "prometheus" })),
        ("monitoring.rules.enabled", json!(true)),
        ("monitoring.rules.labels", json!({ "release": "prometheus" })),
        ("monitoring.dashboard.enabled", json!(true)),
        ("monitoring.dashboard.labels", json!({ "dashboards": "here" })),
        ("tracing.otlp.endpoint", json!("https://collector.example")),
        ("tracing.otlp.headersSecret.name", json!("collector")),
        ("tracing.otlp.headersSecret.key", json!("other")),
        ("simulator.enabled", json!(false)),
        ("simulator.username", json!("other")),
        ("simulator.password", json!("other")),
        ("simulator.secretKey", json!("other")),
        ("simulator.settings", json!({ "duplicate_name": 409 })),
        ("simulator.resources", json!({ "limits": { "memory": "1Gi" } })),
        ("extraObjects", json!([{ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "{{ .Release.Name }}-x" } }])),
        ("labels", json!({ "team": "analytics" })),
        ("nameOverride", json!("other")),
        ("fullnameOverride", json!("other")),
    ]
}

fn others_of_the_pod() -> Vec<(&'static str, Value)> {
    let spread = json!([{ "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule" }]);
    let affinity = json!({ "nodeAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [
        { "weight": 1, "preference": { "matchExpressions": [{ "key": "disk", "operator": "Exists" }] } }] } });
    vec![
        ("image.repository", json!("registry.example/thoughtspot-operator")),
        ("image.tag", json!("latest")),
        ("image.digest", json!(format!("sha256:{}", "0".repeat(64)))),
        ("image.pullPolicy", json!("Always")),
        ("imagePullSecrets", json!([{ "name": "registry" }])),
        ("resources", json!({ "requests": { "cpu": "1" } })),
        ("podSecurityContext", json!({ "runAsUser": 1000 })),
        ("securityContext", json!({ "runAsUser": 1000 })),
        ("terminationGracePeriodSeconds", json!(10)),
        ("extraEnv", json!([{ "name": "A", "value": "b" }])),
        ("extraVolumes", json!([{ "name": "more", "configMap": { "name": "more" } }])),
        ("extraVolumeMounts", json!([{ "name": "more", "mountPath": "/more", "readOnly": true }])),
        ("hostAliases", json!([{ "ip": "10.0.0.5", "hostnames": ["ts.corp.example"] }])),
        ("dnsConfig", json!({ "options": [{ "name": "ndots", "value": "2" }] })),
        ("revisionHistoryLimit", json!(3)),
        ("deploymentAnnotations", json!({ "a": "b" })),
        ("podAnnotations", json!({ "a": "b" })),
        ("podLabels", json!({ "a": "b" })),
        ("nodeSelector", json!({ "disk": "ssd" })),
        ("tolerations", json!([{ "operator": "Exists" }])),
        ("affinity", affinity),
        ("topologySpreadConstraints", spread),
        ("priorityClassName", json!("system-cluster-critical")),
        ("podDisruptionBudget.enabled", json!(false)),
        ("podDisruptionBudget.maxUnavailable", json!("50%")),
    ]
}

/// All of them at once that go with one another.
pub(super) fn all_others() -> Value {
    let mut values = everything();
    let alone = [
        "watchNamespaces",
        "rbac.create",
        "serviceAccount.create",
        "networkPolicy.enabled",
        "podDisruptionBudget.enabled",
        "simulator.enabled",
    ];
    // Kinds of the Prometheus operator, which is not there.
    let foreign = ["monitoring.serviceMonitor.enabled", "monitoring.rules.enabled"];
    for (path, value) in others().into_iter().filter(|(path, _)| !alone.contains(path) && !foreign.contains(path)) {
        merged(&mut values, nested(path, value));
    }
    values
}

/// `everything`, and what this value needs to have an effect.
fn without(path: &str) -> Value {
    let mut values = everything();
    if let Some((of, "interval" | "labels")) = path.strip_prefix("monitoring.").and_then(|rest| rest.split_once('.')) {
        merged(&mut values, nested(&format!("monitoring.{of}.enabled"), json!(true)));
    }
    if let Some(of) = path.strip_prefix("tracing.otlp.") {
        merged(&mut values, nested("tracing.otlp.endpoint", json!("http://collector:4318")));
        let secret = if of == "headersSecret.key" { "collector" } else { "" };
        merged(&mut values, nested("tracing.otlp.headersSecret.name", json!(secret)));
    }
    values
}

/// The same, with the value changed and what that needs.
fn with(path: &str, value: Value) -> Value {
    let mut values = without(path);
    merged(&mut values, nested(path, value));
    match path {
        "watchNamespaces" => merged(&mut values, nested("rbac.secrets.hold", json!(false))),
        "serviceAccount.create" => merged(&mut values, json!({ "serviceAccount": { "name": "other" } })),
        _ => {}
    }
    values
}

#[tokio::test]
async fn each_value_changes_what_is_rendered_and_is_fine_with_helm_lint() {
    let commented: BTreeSet<String> =
        commented(&read(&operator().join("values.yaml"))).into_iter().map(|(path, _)| path).collect();
    let others = others();
    assert_eq!(others.iter().map(|(path, _)| (*path).to_owned()).collect::<BTreeSet<_>>(), commented);
    for (path, value) in others {
        let before = try_render(&operator(), &without(path)).await.unwrap();
        let values = with(path, value);
        let after = try_render(&operator(), &values).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(before != after, "{path} changes nothing");
        helm(&["lint", "--strict"], &operator(), &values).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}

#[tokio::test]
async fn both_charts_as_they_come_are_fine_with_helm_lint() {
    for chart in [operator(), crds()] {
        helm(&["lint", "--strict"], &chart, &json!({})).await.unwrap_or_else(|error| panic!("{error}"));
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let secrets = |entry: Value| nested("rbac.secrets.namespaces", json!([entry]));
    let cases = [
        (json!({ "replicas": -1 }), "replicas"),
        (json!({ "leaseDurationSeconds": 2 }), "leaseDurationSeconds"),
        (json!({ "allowedHosts": [] }), "allowedHosts"),
        (json!({ "allowedHosts": ["https://acme.thoughtspot.cloud/path"] }), "allowedHosts"),
        (json!({ "allowedHosts": ["a.example,b.example"] }), "allowedHosts"),
        (json!({ "allowedHosts": ["*"] }), "allowedHosts"),
        (json!({ "privateHosts": ["acme.thoughtspot.cloud:443"] }), "privateHosts"),
        (json!({ "privateHosts": ["*"] }), "privateHosts"),
        (json!({ "watchNamespaces": "team-a" }), "watchNamespaces"),
        (json!({ "watchNamespaces": ["team-*"] }), "watchNamespaces"),
        (json!({ "requestsPerSecond": 0 }), "requestsPerSecond"),
        (json!({ "requestsPerSecond": 1001 }), "requestsPerSecond"),
        (json!({ "healthPort": 0 }), "healthPort"),
        (nested("log.format", json!("xml")), "log"),
        (nested("serviceAccount.name", json!("Bad Name")), "serviceAccount"),
        (nested("image.tag", json!("a b")), "tag"),
        (json!({ "fullnameOverride": "Bad Name" }), "fullnameOverride"),
        (json!({ "priorityClassName": "Bad Name" }), "priorityClassName"),
        (nested("image.digest", json!("latest")), "digest"),
        (secrets(json!({ "credentials": ["login"] })), "name"),
        (secrets(json!({ "name": "team-a", "resourceNames": ["login"] })), "resourceNames"),
        (nested("admissionPolicy.validationActions", json!([])), "validationActions"),
        (nested("admissionPolicy.validationActions", json!(["Deny", "Warn"])), "validationActions"),
        (nested("networkPolicy.egressPorts", json!([0])), "egressPorts"),
        (nested("podDisruptionBudget.maxUnavailable", json!(0)), "maxUnavailable"),
        (nested("monitoring.serviceMonitor.interval", json!("often")), "interval"),
        (nested("tracing.otlp.endpoint", json!("collector:4318")), "endpoint"),
        (nested("tracing.otlp.endpoint", json!("http://me:secret@collector:4318")), "endpoint"),
        (json!({ "watchNamespaces": ["a"], "rbac": { "secrets": { "clusterWide": true } } }), "which there are none of"),
        (json!({ "watchNamespaces": ["a"], "rbac": { "secrets": { "hold": true } } }), "which there are none of"),
        (
            json!({ "rbac": { "secrets": { "hold": true, "namespaces": [{ "name": "a" }] } } }),
            "list the credentials of a by name",
        ),
        (nested("rbac.secrets", json!({ "hold": true })), "hold: list the credentials to hold in rbac.secrets.namespaces"),
        (
            nested("rbac.secrets", json!({ "hold": true, "namespaces": [{ "name": "a", "passwords": ["pw"] }] })),
            "hold: list the credentials to hold in rbac.secrets.namespaces",
        ),
        (nested("rbac.secrets", json!({ "generate": true })), "generate: list the passwords to make"),
        (
            nested("rbac.secrets", json!({ "generate": true, "namespaces": [{ "name": "a", "credentials": ["login"] }] })),
            "generate: list the passwords to make",
        ),
        (
            nested(
                "rbac.secrets.namespaces",
                json!([{ "name": "a", "credentials": ["login"] }, { "name": "a", "passwords": ["pw"] }]),
            ),
            "rbac.secrets.namespaces: a is listed twice",
        ),
        (
            nested("rbac.configMaps", json!([{ "name": "a", "names": ["ca"] }, { "name": "a", "names": ["other"] }])),
            "rbac.configMaps: a is listed twice",
        ),
        (
            json!({ "watchNamespaces": ["a"], "rbac": { "secrets": { "namespaces": [{ "name": "b" }] } } }),
            "b is not in watchNamespaces",
        ),
        (json!({ "watchNamespaces": ["a"], "simulator": { "enabled": true } }), "add thoughtspot-system to watchNamespaces"),
        (nested("rbac.configMaps", json!([{ "name": "team-a" }])), "names"),
        (nested("rbac.configMaps", json!([{ "name": "team-a", "names": [] }])), "names"),
        (
            json!({ "watchNamespaces": ["a"], "rbac": { "configMaps": [{ "name": "b", "names": ["ca"] }] } }),
            "rbac.configMaps: b is not in watchNamespaces",
        ),
        (nested("serviceAccount.create", json!(false)), "name the ServiceAccount"),
    ];
    for (values, expected) in cases {
        let refusal = try_render(&operator(), &values).await.expect_err(&values.to_string());
        assert!(refusal.contains(expected), "{values}: {refusal}");
    }
    let refusal = try_render(&crds(), &json!({ "keep": "yes" })).await.unwrap_err();
    assert!(refusal.contains("keep"), "{refusal}");
}

#[test]
fn a_comment_belongs_to_the_value_below_it() {
    let text = "# Head.\n\n# One,\n# two.\na: 1\nb:\n  # Three.\n  c:\n    d: 2\n  e: 3\n# Four.\nf: []\n";
    let expected = [("a", "One, two."), ("b.c", "Three."), ("f", "Four.")];
    assert_eq!(commented(text), expected.map(|(path, words)| (path.to_owned(), words.to_owned())));
    assert_eq!(nested("a.b", json!(1)), Value::Object(Map::from_iter([("a".to_owned(), json!({ "b": 1 }))])));
}
