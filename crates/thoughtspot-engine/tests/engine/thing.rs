//! The object of the toy kind.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use serde::{Deserialize, Serialize};
use thoughtspot_engine::writer::Marks;

pub const NAMESPACE: &str = "default";

/// When every object is born, by the cluster's clock, and when the far side's clock starts: the same moment.
pub const BORN: &str = "2026-01-01T00:00:00Z";
pub const BORN_MS: i64 = 1_767_225_600_000;

pub const MARKS: Marks =
    Marks { finalizer: "test.dev/finalizer", intent: "test.dev/intent", requested: "test.dev/reconcile-requested-at" };

#[derive(CustomResource, Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[kube(
    group = "test.dev",
    version = "v1",
    kind = "Thing",
    plural = "things",
    namespaced,
    status = "ThingStatus",
    schema = "disabled"
)]
#[serde(rename_all = "camelCase", default)]
pub struct ThingSpec {
    pub name: String,
    pub text: String,
    pub observe: bool,
    pub once: bool,
    pub adopt: bool,
    pub delete: bool,
    pub suspend: bool,
    /// Whether it may be created again after it was deleted on the far side.
    pub recreate: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ThingStatus {
    pub id: Option<u64>,
    /// `Created` or `Adopted`.
    pub origin: Option<String>,
    pub observed_generation: i64,
    pub handled: Option<String>,
    pub initialized: bool,
    pub conditions: Vec<Condition>,
    /// The fields that differ and were not changed.
    pub differences: Vec<String>,
}

/// A spec of this name and text, with the defaults otherwise.
pub fn spec(name: &str, text: &str) -> ThingSpec {
    ThingSpec { name: name.to_owned(), text: text.to_owned(), ..ThingSpec::default() }
}
