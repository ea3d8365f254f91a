//! A stand-in for the Kubernetes API: as much of it as the engine uses, in memory, with every write on record.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use http::{Method, Request, Response};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

use crate::thing::{BORN, NAMESPACE, Thing, ThingSpec};

const THINGS: &str = "/apis/test.dev/v1/namespaces/default/things";
const EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/default/events";

/// What a write is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The object itself: finalizers and annotations.
    Mark,
    Status,
    Event,
}

/// What befalls a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// None: the one after it is for a later write.
    Spare,
    /// Refused with this status, nothing written.
    Refuse(u16),
    /// Written, and answered with 500.
    Lose,
    /// Never answered, nothing written.
    Hang,
}

/// A write as it came, and the status of its answer.
#[derive(Clone, Debug)]
pub struct Write {
    pub what: What,
    pub body: Value,
    pub code: u16,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Value>,
    events: BTreeMap<String, Value>,
    revision: u64,
    writes: Vec<Write>,
    mishaps: Vec<(What, Mishap)>,
    /// What a user applies just before the next write of this sort.
    edits: Vec<(What, String, ThingSpec)>,
}

/// The API server. Cheap to clone.
#[derive(Clone, Default)]
pub struct ApiServer(Arc<Mutex<State>>);

impl ApiServer {
    /// A client of this server.
    pub fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request| {
            let server = server.clone();
            async move { Ok::<_, std::convert::Infallible>(server.answer(request).await) }
        });
        Client::new(service, NAMESPACE)
    }

    /// A user applies the object; what exists keeps its status and metadata.
    pub fn apply(&self, name: &str, spec: &ThingSpec) {
        let mut state = self.state();
        let next = state.revision + 1;
        let new = json!({
            "apiVersion": "test.dev/v1", "kind": "Thing",
            "metadata": {
                "name": name, "namespace": NAMESPACE, "uid": format!("uid-{next}"), "generation": 1,
                "creationTimestamp": BORN,
            },
        });
        let mut object = state.objects.get(name).cloned().unwrap_or(new);
        object["spec"] = json!(spec);
        state.store(name, object);
    }

    /// A user sets an annotation.
    pub fn annotate(&self, name: &str, key: &str, value: &str) {
        let mut state = self.state();
        let mut object = state.objects[name].clone();
        json_patch::merge(&mut object, &json!({ "metadata": { "annotations": { key: value } } }));
        state.store(name, object);
    }

    /// A user writes down which finalizers the object has.
    pub fn set_finalizers(&self, name: &str, finalizers: &[&str]) {
        let mut state = self.state();
        let mut object = state.objects[name].clone();
        object["metadata"]["finalizers"] = json!(finalizers);
        state.store(name, object);
    }

    /// A user deletes the object: it is gone once no finalizer holds it.
    pub fn delete(&self, name: &str) {
        let mut state = self.state();
        let mut object = state.objects[name].clone();
        object["metadata"]["deletionTimestamp"] = json!("2026-01-02T00:00:00Z");
        state.store(name, object);
    }

    /// A user applies the object just before the next write of this sort is served.
    pub fn apply_before(&self, what: What, name: &str, spec: &ThingSpec) {
        self.state().edits.push((what, name.to_owned(), spec.clone()));
    }

    /// The next write of this sort ends this way. Several are used up in turn.
    pub fn mishap(&self, what: What, mishap: Mishap) {
        self.state().mishaps.push((what, mishap));
    }

    /// The object, if it exists.
    pub fn get(&self, name: &str) -> Option<Thing> {
        self.state().objects.get(name).map(|object| serde_json::from_value(object.clone()).unwrap())
    }

    /// Every write to objects so far, refused ones included; events are not among them.
    pub fn writes(&self) -> Vec<Write> {
        self.state().writes.iter().filter(|write| write.what != What::Event).cloned().collect()
    }

    /// The events that exist: reason, note, and how often each was told.
    pub fn events(&self) -> Vec<(String, String, u64)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let count = |event: &Value| event["series"]["count"].as_u64().unwrap_or(1);
        self.state().events.values().map(|event| (text(&event["reason"]), text(&event["note"]), count(event))).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let body = body.collect_bytes().await.unwrap();
        let path = head.uri.path();
        if head.method == Method::GET {
            if head.uri.query().is_some_and(|query| query.contains("watch=true")) {
                return std::future::pending().await; // nothing happens, for ever
            }
            return respond(self.state().read(path));
        }
        let write = Incoming::of(&head.method, path, serde_json::from_slice(&body).unwrap());
        let edit = self.state().edits.extract_if(.., |(what, ..)| *what == write.what).next();
        if let Some((_, name, spec)) = edit {
            self.apply(&name, &spec);
        }
        let mishap = self.state().befalls(write.what);
        let (code, answer) = match mishap {
            None | Some(Mishap::Spare) => self.state().write(&write),
            Some(Mishap::Refuse(code)) => failure(code, "as the test wants it"),
            Some(Mishap::Lose) => {
                self.state().write(&write);
                failure(500, "as the test wants it")
            }
            Some(Mishap::Hang) => failure(0, "never answered"),
        };
        let Incoming { what, body, .. } = write;
        self.state().writes.push(Write { what, body, code });
        if mishap == Some(Mishap::Hang) {
            return std::future::pending().await;
        }
        respond((code, answer))
    }
}

/// A write as it comes in.
struct Incoming {
    what: What,
    method: Method,
    name: String,
    body: Value,
}

impl Incoming {
    fn of(method: &Method, path: &str, body: Value) -> Incoming {
        let (what, name) = match (path.strip_prefix(EVENTS), path.strip_prefix(THINGS)) {
            (Some(_), _) => (What::Event, body["metadata"]["name"].as_str().unwrap_or_default()),
            (None, Some(rest)) => {
                let rest = rest.trim_start_matches('/');
                rest.strip_suffix("/status").map_or((What::Mark, rest), |name| (What::Status, name))
            }
            (None, None) => panic!("{method} {path} is not something the engine sends"),
        };
        Incoming { what, method: method.clone(), name: name.to_owned(), body }
    }
}

impl State {
    fn befalls(&mut self, what: What) -> Option<Mishap> {
        let position = self.mishaps.iter().position(|(of, _)| *of == what)?;
        Some(self.mishaps.remove(position).1)
    }

    fn read(&self, path: &str) -> (u16, Value) {
        let rest = path.strip_prefix(THINGS).unwrap_or_else(|| panic!("GET {path} is not something the engine sends"));
        if rest.is_empty() {
            let items: Vec<&Value> = self.objects.values().collect();
            let metadata = json!({ "resourceVersion": self.revision.to_string() });
            return (200, json!({ "apiVersion": "test.dev/v1", "kind": "ThingList", "metadata": metadata, "items": items }));
        }
        self.objects.get(rest.trim_start_matches('/')).map_or_else(|| failure(404, "not found"), |object| (200, object.clone()))
    }

    fn write(&mut self, write: &Incoming) -> (u16, Value) {
        if write.what == What::Event {
            assert_eq!(write.method, Method::POST, "each event is one of its own");
            let name = format!("{}{}", write.body["metadata"]["generateName"], self.events.len());
            self.events.insert(name, write.body.clone());
            return (201, write.body.clone());
        }
        let Some(stored) = self.objects.get(&write.name).cloned() else { return failure(404, "not found") };
        let patched = match write.what {
            What::Mark => marked(&stored, &write.body),
            What::Status => with_status(&stored, &write.body),
            What::Event => unreachable!("answered above"),
        };
        patched.map_or_else(|refused| refused, |object| (200, self.store(&write.name, object)))
    }

    /// Stores the object as an API server does: a version per change, a generation per change of spec or deletion, and nothing left
    /// of what is deleted and held by no finalizer. That is the end of it, and no version.
    fn store(&mut self, name: &str, mut object: Value) -> Value {
        let stored = self.objects.get(name).cloned().unwrap_or_default();
        if object == stored {
            return object;
        }
        let meta = "metadata";
        let deletion = "deletionTimestamp";
        if !stored.is_null() && (object["spec"] != stored["spec"] || object[meta].get(deletion) != stored[meta].get(deletion)) {
            object[meta]["generation"] = json!(stored[meta]["generation"].as_i64().unwrap_or_default() + 1);
        }
        let held = object[meta]["finalizers"].as_array().is_some_and(|finalizers| !finalizers.is_empty());
        if object[meta].get(deletion).is_some() && !held {
            self.objects.remove(name);
            return object;
        }
        self.revision += 1;
        object[meta]["resourceVersion"] = json!(self.revision.to_string());
        self.objects.insert(name.to_owned(), object.clone());
        object
    }
}

/// A merge patch of the object itself: `uid` and `resourceVersion` in it are conditions, the status is left alone.
fn marked(stored: &Value, patch: &Value) -> Result<Value, (u16, Value)> {
    for guard in ["uid", "resourceVersion"] {
        let wanted = &patch["metadata"][guard];
        if !wanted.is_null() && *wanted != stored["metadata"][guard] {
            return Err(failure(409, "the object has been modified"));
        }
    }
    let mut object = stored.clone();
    json_patch::merge(&mut object, patch);
    if let Some(status) = stored.get("status") {
        object["status"] = status.clone();
    }
    Ok(object)
}

/// A JSON patch of the status: a test that fails is 422, and nothing but the status changes. An API server finds `null` where there is
/// nothing.
fn with_status(stored: &Value, patch: &Value) -> Result<Value, (u16, Value)> {
    let operations = patch.as_array().unwrap().iter();
    let of_nothing = |operation: &&Value| operation["op"] == "test" && operation["value"].is_null();
    let holds = |operation: &&Value| stored.pointer(operation["path"].as_str().unwrap()).is_none_or(Value::is_null);
    if !operations.clone().filter(of_nothing).all(|operation| holds(&operation)) {
        return Err(failure(422, "a test failed"));
    }
    let operations: Vec<&Value> = operations.filter(|operation| !of_nothing(operation)).collect();
    let patch: json_patch::Patch = serde_json::from_value(json!(operations)).unwrap();
    let mut patched = stored.clone();
    json_patch::patch(&mut patched, &patch).map_err(|error| failure(422, &error.to_string()))?;
    let mut object = stored.clone();
    object["status"] = patched["status"].clone();
    Ok(object)
}

fn failure(code: u16, message: &str) -> (u16, Value) {
    let reason = match code {
        404 => "NotFound",
        409 => "Conflict",
        422 => "Invalid",
        _ => "InternalError",
    };
    let status = json!({
        "apiVersion": "v1", "kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code,
    });
    (code, status)
}

fn respond((code, body): (u16, Value)) -> Response<Body> {
    Response::builder().status(code).body(Body::from(body.to_string().into_bytes())).unwrap()
}
