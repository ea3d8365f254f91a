//! Every write to Kubernetes: marks, status, events.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use kube::api::{ApiResource, DynamicObject, PartialObjectMeta, Patch, PatchParams, PostParams};
use kube::runtime::events::EventType;
use kube::{Api, Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::fault::{Fault, UNAVAILABLE};
use crate::intent::Intent;
use crate::status;

/// How long a call to Kubernetes may take, its body included.
const CALL: Duration = Duration::from_secs(20);
/// The longest note of an event: the API server takes 1,024 bytes.
const NOTE_MAX: usize = 250;
/// On how many versions a write is tried that is held to exactly one: somebody may edit what is not ours many times a second.
const VERSIONS: u32 = 10;
/// How much of an object's name goes into the name of an event: the API server takes 253 characters.
const NAME_MAX: usize = 200;

/// The words that the engine writes to objects.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    pub finalizer: &'static str,
    pub intent: &'static str,
    /// The annotation that asks for a pass now.
    pub requested: &'static str,
}

/// Writes to Kubernetes in the operator's name.
#[derive(Clone)]
pub struct Writer {
    client: Client,
    controller: &'static str,
    pub marks: Marks,
}

/// What can be written to: a kind in a namespace.
pub trait Writable:
    Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned + Send + Sync
{
}
impl<K> Writable for K where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned + Send + Sync
{
}

impl Writer {
    pub fn new(client: Client, controller: &'static str, marks: Marks) -> Writer {
        Writer { client, controller, marks }
    }

    /// An `Api` for the namespace of this object.
    pub fn api<K: Writable>(&self, namespace: &str) -> Api<K> {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// An `Api` for objects that may not fit their kind.
    pub fn dynamic(&self, namespace: &str, resource: &ApiResource) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), namespace, resource)
    }

    pub fn has_finalizer<K: Resource>(&self, object: &K) -> bool {
        object.meta().finalizers.iter().flatten().any(|f| f == self.marks.finalizer)
    }

    /// The object's own intent, if it has one.
    pub fn intent<K: Resource>(&self, object: &K) -> Option<Intent> {
        let annotation = object.meta().annotations.as_ref().and_then(|all| all.get(self.marks.intent));
        let born = object.meta().creation_timestamp.as_ref()?.0.as_millisecond();
        Intent::read(annotation, object.meta().uid.as_deref()?, born)
    }

    /// Adds the finalizer and, if given, the intent, in one patch, on exactly what was decided on. The answer is the object to go on
    /// with.
    ///
    /// # Errors
    ///
    /// [`Fault::Outdated`] if the object changed meanwhile.
    pub async fn mark<K: Writable + Serialize>(&self, object: &K, intent: Option<&Intent>) -> Result<K, Fault> {
        let mut newest = object.clone();
        for _ in 1..VERSIONS {
            match self.mark_once(&newest, intent).await {
                Err(Fault::Outdated) => newest = self.newer(&newest).await?,
                marked => return marked,
            }
        }
        self.mark_once(&newest, intent).await
    }

    async fn mark_once<K: Writable>(&self, object: &K, intent: Option<&Intent>) -> Result<K, Fault> {
        let mut finalizers = object.meta().finalizers.clone().unwrap_or_default();
        if !self.has_finalizer(object) {
            finalizers.push(self.marks.finalizer.to_owned());
        }
        let mut metadata = self.guarded(object);
        metadata["finalizers"] = json!(finalizers);
        if let Some(intent) = intent {
            metadata["annotations"] = json!({ self.marks.intent: intent.write() });
        }
        let api = self.api::<K>(&object.namespace().unwrap_or_default());
        let patch = Patch::Merge(json!({ "metadata": metadata }));
        bounded("marking the object", api.patch(&object.name_any(), &PatchParams::default(), &patch)).await
    }

    /// Takes the intent back: what it announced was clearly refused, or turned out to be somebody else's. Nobody else writes that
    /// annotation, so it does not matter what else changed meanwhile.
    pub async fn withdraw<K: Writable>(&self, object: &K) -> Result<K, Fault> {
        let metadata = json!({ "uid": object.meta().uid, "annotations": { self.marks.intent: null } });
        let api = self.api::<K>(&object.namespace().unwrap_or_default());
        let patch = Patch::Merge(json!({ "metadata": metadata }));
        bounded("marking the object", api.patch(&object.name_any(), &PatchParams::default(), &patch)).await
    }

    /// Asks for the object as it is stored: a watch may lag behind, and what is ended cannot be put back. It may be a newer version, in
    /// which only labels or others' annotations differ.
    ///
    /// # Errors
    ///
    /// [`Fault::Outdated`] if what is decided on changed meanwhile, or it is gone.
    pub async fn confirm<K: Writable + Serialize>(&self, object: &K) -> Result<K, Fault> {
        let api = self.api::<K>(&object.namespace().unwrap_or_default());
        let stored: Option<K> = bounded("reading the object", api.get_opt(&object.name_any())).await?;
        stored.filter(|stored| self.substance(stored) == self.substance(object)).ok_or(Fault::Outdated)
    }

    /// As [`Writer::confirm`], where the version at hand was refused: there has to be another one.
    async fn newer<K: Writable + Serialize>(&self, object: &K) -> Result<K, Fault> {
        let stored = self.confirm(object).await?;
        if stored.resource_version() == object.resource_version() { Err(Fault::Outdated) } else { Ok(stored) }
    }

    /// What is decided on: all but versions, labels and annotations of others.
    fn substance<K: Serialize>(&self, object: &K) -> Option<serde_json::Value> {
        let mut object = serde_json::to_value(object).ok()?;
        let metadata = object.get_mut("metadata")?.as_object_mut()?;
        metadata.retain(|name, _| !["resourceVersion", "managedFields", "labels"].contains(&name.as_str()));
        let domain = self.marks.finalizer.split_inclusive('/').next().unwrap_or_default();
        if let Some(annotations) = metadata.get_mut("annotations").and_then(serde_json::Value::as_object_mut) {
            annotations.retain(|name, _| name.starts_with(domain));
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
        Some(object)
    }

    /// Removes the finalizer, also from `object`: it may go.
    pub async fn release<K: Writable + Serialize>(&self, object: &mut K) -> Result<(), Fault> {
        for _ in 1..VERSIONS {
            match self.release_once(object).await {
                Err(Fault::Outdated) => *object = self.newer(object).await?,
                released => return released,
            }
        }
        self.release_once(object).await
    }

    async fn release_once<K: Writable>(&self, object: &mut K) -> Result<(), Fault> {
        let api = self.api::<PartialObjectMeta<K>>(&object.namespace().unwrap_or_default());
        let patch = self.without_finalizer(object);
        let released = bounded("letting the object go", api.patch(&object.name_any(), &PatchParams::default(), &patch)).await?;
        *object.meta_mut() = released.metadata;
        Ok(())
    }

    /// As [`Writer::release`], for an object that may not fit its kind.
    pub async fn release_dynamic(&self, api: &Api<DynamicObject>, object: &DynamicObject) -> Result<(), Fault> {
        let patch = self.without_finalizer(object);
        bounded("letting the object go", api.patch(&object.name_any(), &PatchParams::default(), &patch)).await.map(drop)
    }

    fn without_finalizer<K: Resource>(&self, object: &K) -> Patch<serde_json::Value> {
        let finalizers: Vec<&String> = object.meta().finalizers.iter().flatten().filter(|f| *f != self.marks.finalizer).collect();
        let mut metadata = self.guarded(object);
        metadata["finalizers"] = json!(finalizers);
        Patch::Merge(json!({ "metadata": metadata }))
    }

    /// Makes what `object` has as its status into this one ([`status::patch`]): an object that was deleted and created again under the same
    /// name is left alone, and so is a status with another `id`, of which a view that lags behind knows nothing.
    pub async fn put_status<K: Writable + Serialize, S: Serialize>(&self, object: &K, status: &S) -> Result<K, Fault> {
        let unwritable = |e| Fault::Transient { reason: "InternalError", message: format!("the status cannot be written: {e}") };
        let patch = || {
            let (before, after) = (serde_json::to_value(object)?, serde_json::to_value(status)?);
            serde_json::from_value(json!(status::patch(object.uid().as_deref(), &before["status"], &after)))
        };
        let patch: json_patch::Patch = patch().map_err(unwritable)?;
        let api = self.api::<K>(&object.namespace().unwrap_or_default());
        let name = object.name_any();
        let patch = Patch::Json::<()>(patch);
        bounded("writing the status", api.patch_status(&name, &PatchParams::default(), &patch)).await
    }

    /// Tells of something that happened. A failing event is logged and hides nothing.
    // kube's `Recorder` folds events of one reason into a series that keeps the first note: what happened this time would be lost.
    pub async fn tell<K: Writable>(&self, object: &K, type_: EventType, reason: &str, action: &str, note: String) {
        let regarding = object.object_ref(&());
        let event = Event {
            metadata: ObjectMeta { generate_name: Some(event_prefix(&object.name_any())), ..ObjectMeta::default() },
            event_time: Some(MicroTime(jiff::Timestamp::now())),
            reporting_controller: Some(self.controller.to_owned()),
            reporting_instance: Some(self.controller.to_owned()),
            type_: Some(match type_ {
                EventType::Normal => "Normal".to_owned(),
                EventType::Warning => "Warning".to_owned(),
            }),
            reason: Some(reason.to_owned()),
            action: Some(action.to_owned()),
            note: Some(note.chars().take(NOTE_MAX).collect()),
            regarding: Some(regarding),
            ..Event::default()
        };
        let api: Api<Event> = Api::namespaced(self.client.clone(), &object.namespace().unwrap_or_default());
        if let Err(fault) = bounded("writing an event", api.create(&PostParams::default(), &event)).await {
            tracing::debug!(%fault, "an event could not be written");
        }
    }

    fn guarded<K: Resource>(&self, object: &K) -> serde_json::Value {
        json!({ "uid": object.meta().uid, "resourceVersion": object.meta().resource_version })
    }
}

/// What the name of an event begins with: a name of its own may be longer than one that still gets an ending, and the API server takes
/// no other ending than a dash.
fn event_prefix(object: &str) -> String {
    let short: String = object.chars().take(NAME_MAX).collect();
    format!("{}-", short.trim_end_matches(['.', '-']))
}

/// A call to Kubernetes with a deadline of ours: kube has none for the body of an answer.
pub async fn bounded<T>(what: &str, call: impl Future<Output = Result<T, kube::Error>>) -> Result<T, Fault> {
    match tokio::time::timeout(CALL, call).await {
        Ok(result) => result.map_err(|error| Fault::kubernetes(what, error)),
        Err(_) => Err(too_slow(what)),
    }
}

fn too_slow(what: &str) -> Fault {
    Fault::Transient { reason: UNAVAILABLE, message: format!("{what}: the Kubernetes API did not answer in time") }
}
