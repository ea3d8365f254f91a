//! An object whose stored form cannot be read as its kind, as after a narrower schema. It must not hold up the others, it says what
//! is wrong, and it can still be deleted, but not past what its end would come to on the far side.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::Resource;
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::core::error_boundary::InvalidObject;
use kube::{Api, ResourceExt};
use serde_json::{Value, json};

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

/// Says in status that the object cannot be read; if it is being deleted, lets it go where that ends nothing on the far side.
async fn handle<K: Writable>(writer: &Writer, invalid: &InvalidObject) -> Result<Outcome, Fault> {
    let namespace = invalid.metadata.namespace.clone().unwrap_or_default();
    let api: Api<DynamicObject> = writer.dynamic(&namespace, &ApiResource::erase::<K>(&()));
    let name = invalid.metadata.name.clone().unwrap_or_default();
    let object = bounded("reading the object", api.get(&name)).await?;
    let announced = writer.intent(&object).is_some();
    if object.meta().deletion_timestamp.is_some() && !ends_something(&object.data, announced) {
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

/// Whether the end of an object may be one on the far side as well: by its policy or, where it has none, by what status last said comes of it.
/// Before status said anything, that is so once a create was announced.
fn ends_something(object: &Value, announced: bool) -> bool {
    let policy = [&object["spec"]["deletionPolicy"], &object["status"]["onDelete"]].into_iter().find(|policy| !policy.is_null());
    policy.map_or(announced, |policy| policy != "Retain")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_ends_nothing_elsewhere_is_let_go_unread() {
        let check = |policy: Value, on_delete: Value, announced: bool, ends: bool| {
            let object = json!({ "spec": { "deletionPolicy": policy }, "status": { "onDelete": on_delete } });
            assert_eq!(ends_something(&object, announced), ends, "{object} {announced}");
        };
        for policy in ["Delete", "DeleteIfEmpty", "Deactivate", "misspelt"] {
            check(json!(policy), json!("Retain"), false, true);
        }
        check(json!("Retain"), json!("Deactivate"), true, false);
        check(json!(null), json!("Deactivate"), false, true);
        check(json!(null), json!("Retain"), true, false);
        check(json!(null), json!(null), true, true);
        check(json!(null), json!(null), false, false);
    }
}
