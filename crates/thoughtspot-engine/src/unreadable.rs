//! An object whose stored form cannot be read as its kind, as after a narrower schema. It must not hold up the others, it says what
//! is wrong, and it can still be deleted.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::Resource;
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::core::error_boundary::InvalidObject;
use kube::{Api, ResourceExt};
use serde_json::json;

use crate::conditions::{self, Progress};
use crate::fault::Fault;
use crate::next::{Next, Passed};
use crate::outcome::Outcome;
use crate::writer::{Writable, Writer, bounded};

/// The pass over such an object.
pub async fn pass<K: Writable>(writer: &Writer, invalid: &InvalidObject) -> Passed {
    match handle::<K>(writer, invalid).await {
        Ok(outcome) => Passed { next: Next::OnWake, outcome },
        Err(fault) => {
            tracing::warn!(%fault, "an unreadable object could not be seen to");
            Passed { next: Next::Backoff, outcome: Outcome::of_fault(&fault) }
        }
    }
}

/// Says in status that the object cannot be read; if it is being deleted, lets it go unless it asks for the far side to be deleted.
async fn handle<K: Writable>(writer: &Writer, invalid: &InvalidObject) -> Result<Outcome, Fault> {
    let namespace = invalid.metadata.namespace.clone().unwrap_or_default();
    let api: Api<DynamicObject> = writer.dynamic(&namespace, &ApiResource::erase::<K>(&()));
    let name = invalid.metadata.name.clone().unwrap_or_default();
    let object = bounded("reading the object", api.get(&name)).await?;
    let deletes = object.data["spec"]["deletionPolicy"] == "Delete";
    if object.meta().deletion_timestamp.is_some() && !deletes {
        return writer.release_dynamic(&api, &object).await.map(|()| Outcome::RELEASED);
    }
    // The decoder's own words quote values: they go to the log, not to whoever may read the status.
    tracing::warn!(object = %name, namespace, error = %invalid.error, "an object cannot be read as its kind");
    let message = if object.meta().deletion_timestamp.is_some() {
        "the stored object does not fit its schema: correct its fields, or set deletionPolicy: Retain to let it go"
    } else {
        "the stored object does not fit its schema: apply it again"
    };
    let fault = Fault::Stalled { reason: "Invalid", message: message.to_owned() };
    report(&api, &object, &fault).await.map(|()| Outcome::of_fault(&fault))
}

async fn report(api: &Api<DynamicObject>, object: &DynamicObject, fault: &Fault) -> Result<(), Fault> {
    let before: Vec<Condition> = serde_json::from_value(object.data["status"]["conditions"].clone()).unwrap_or_default();
    let sayings = conditions::of_fault(fault, Progress::Resolving).unwrap_or_default();
    let conditions = conditions::compose(&before, &sayings, object.meta().generation);
    if conditions == before {
        return Ok(());
    }
    let status = json!({ "status": { "observedGeneration": object.meta().generation, "conditions": conditions } });
    let name = object.name_any();
    bounded("writing the status", api.patch_status(&name, &PatchParams::default(), &Patch::Merge(status))).await.map(drop)
}
