//! Both sides as data that can be compared between runs: without ids, times and versions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::lifecycles::Declared;
use super::stage::Stage;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct World {
    /// What ThoughtSpot holds.
    far: Value,
    /// What Kubernetes holds of what is declared.
    near: BTreeMap<String, Value>,
    /// How many Orgs, groups and users were made, ever.
    creates: Vec<usize>,
}

impl World {
    pub(super) async fn of(stage: &Stage, declared: impl Iterator<Item = &Declared>) -> World {
        let mut near = BTreeMap::new();
        for (kind, name) in declared.chain(&[("Secret", "login"), ("Secret", "bob-login")]) {
            let object = stage.bench.get(kind, name).await;
            let annotations = object["metadata"]["annotations"].as_object().map(|all| all.keys().cloned().collect::<Vec<_>>());
            let seen = json!({
                "finalizers": object["metadata"]["finalizers"],
                "annotations": annotations,
                "status": object["status"],
            });
            near.insert(format!("{kind} {name}"), stage.anonymous(&seen));
        }
        let journal = stage.bench.thoughtspot.journal();
        let creates = stage.bench.calls().creates().into_iter();
        let creates = creates.map(|route| journal.iter().filter(|e| e.route == route && e.committed).count()).collect();
        let far = stage.anonymous(&serde_json::to_value(stage.bench.thoughtspot.state()).unwrap());
        World { far, near, creates }
    }

    /// What is different, in short; empty when nothing is.
    pub(super) fn differences(&self, other: &World) -> Vec<String> {
        let (mine, theirs) = (serde_json::to_value(&self.near).unwrap(), serde_json::to_value(&other.near).unwrap());
        let creates = (json!(self.creates), json!(other.creates));
        let pairs = [("ThoughtSpot", &self.far, &other.far), ("Kubernetes", &mine, &theirs), ("creates", &creates.0, &creates.1)];
        let mut found = Vec::new();
        for (side, a, b) in pairs {
            compare(side, a, b, &mut found);
        }
        found
    }
}

impl Stage {
    /// Without ids, addresses, times and versions.
    fn anonymous(&self, value: &Value) -> Value {
        // What nobody declares is counted whenever the lists happen to be read.
        const OTHERWISE_EACH_TIME: [&str; 8] = [
            "lastTransitionTime",
            "resourceVersion",
            "secretResourceVersion",
            "lastHandledReconcileAt",
            "url",
            "unmanaged",
            "created",
            "modified",
        ];
        match value {
            Value::Object(fields) => {
                let fields = fields.iter().filter(|(key, _)| !OTHERWISE_EACH_TIME.contains(&key.as_str()));
                let plain = |(key, value): (&String, &Value)| {
                    let number = ["id", "orgId"].contains(&key.as_str()) && value.is_number();
                    (key.clone(), if number { json!("<id>") } else { self.anonymous(value) })
                };
                Value::Object(fields.map(plain).collect::<Map<_, _>>())
            }
            Value::Array(all) => {
                let mut all: Vec<Value> = all.iter().map(|value| self.anonymous(value)).collect();
                // Orgs come in the order of their ids.
                all.sort_by_key(Value::to_string);
                Value::Array(all)
            }
            Value::String(text) => json!(without_ids(&text.replace(&self.bench.namespace, "<namespace>"))),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other.clone(),
        }
    }
}

fn without_ids(text: &str) -> String {
    let id = |word: &str| word.len() == 36 && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.map(|word| if id(word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())) { "<id>" } else { word }).collect()
}

fn compare(path: &str, a: &Value, b: &Value, found: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let at = |fields: &Map<String, Value>| fields.get(key).cloned().unwrap_or_default();
                compare(&format!("{path}.{key}"), &at(a), &at(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}[{index}]"), a, b, found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{path}: {a} without a crash, {b} with it")),
    }
}

/// What nobody declares, as it is, ids and all.
pub(super) fn others(stage: &Stage) -> Value {
    let state = stage.bench.thoughtspot.state();
    json!([state.org("foreign"), state.group("foreign", "them"), state.user("fritz"), state.group("Primary", "analysts")])
}
