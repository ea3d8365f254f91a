//! What the kinds share: references, policies, the common part of status.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A resource by name, in another namespace if it says so.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))]
    pub name: String,
    /// Unset: the namespace of the resource that refers. Another namespace needs a grant of the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
    pub namespace: Option<String>,
}

/// A resource by name, in the namespace of the resource that refers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LocalReference {
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))]
    pub name: String,
}

/// An object of ThoughtSpot, by its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ById {
    /// Its id in ThoughtSpot.
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[A-Za-z0-9-]+$"))]
    pub id: String,
}

/// One key of a Secret in the namespace of the resource that refers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretKeyReference {
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))]
    pub name: String,
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// `Manage`: create, change and delete as declared. `CreateOnly`: create, make it as declared once, and from then on compare and report.
/// `Observe`: compare and report; write nothing to the object and claim nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum ManagementPolicy {
    /// Create, change and delete as declared.
    #[default]
    Manage,
    /// Create, make it as declared once, and from then on compare and report.
    CreateOnly,
    /// Compare and report; write nothing to ThoughtSpot and claim nothing.
    Observe,
}

impl ManagementPolicy {
    /// Whether the object is this resource's to create, delete and, at least once, change.
    pub fn writes(self) -> bool {
        match self {
            ManagementPolicy::Manage | ManagementPolicy::CreateOnly => true,
            ManagementPolicy::Observe => false,
        }
    }
}

/// What to do when an object of this name exists already and was not created by this resource. `Fail`: leave it alone and say so.
/// `AdoptIfMatching`: take it over if it is as declared already. `Adopt`: take it over and make it as declared. Both need a grant of the
/// Instance that lets this namespace adopt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum AdoptionPolicy {
    /// Leave it alone and say so.
    #[default]
    Fail,
    /// Take it over if nothing would have to change, and a grant of the Instance lets this namespace adopt.
    AdoptIfMatching,
    /// Take it over and make it as declared, if a grant of the Instance lets this namespace adopt.
    Adopt,
}

/// What will happen in ThoughtSpot when the resource is deleted: what its `deletionPolicy` comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum OnDelete {
    /// It stays as it is.
    Retain,
    /// A user cannot sign in any more, and its sessions end; its content and memberships stay.
    Deactivate,
    /// It is deleted if nothing is in it.
    DeleteIfEmpty,
    /// It is deleted.
    Delete,
}

/// How the operator came to manage the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Origin {
    /// It was created by this resource.
    Created,
    /// It existed before and was taken over.
    Adopted,
}

/// Whether others find the user or group when they share something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Visibility {
    Sharable,
    NonSharable,
}

/// One field that is not as declared.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The field of `spec`.
    pub field: String,
    /// What the resource declares.
    pub declared: String,
    /// What ThoughtSpot has.
    pub observed: String,
}

/// The part of status that Orgs, users and groups have in common.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectStatus {
    /// The generation the conditions speak of; -1 until the first pass.
    #[serde(default)]
    pub observed_generation: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// The name in ThoughtSpot, as last observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How the operator came to manage the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Whether everything was once as declared: from then on `CreateOnly` changes nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub initialized: bool,
    /// What will happen in ThoughtSpot when this resource is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_delete: Option<OnDelete>,
    /// The fields that the last pass found to differ and did not change, or that somebody keeps changing back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["field".into()]))]
    pub differences: Vec<Difference>,
    /// The value of the annotation `thoughtspot.dev/reconcile-requested-at` that the last pass answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_handled_reconcile_at: Option<String>,
}

/// The default of `status` in the schema: a new object reads as in progress before anything was written (kstatus).
pub(crate) fn status_at_birth() -> serde_json::Value {
    serde_json::json!({ "observedGeneration": -1 })
}

/// A name in ThoughtSpot, as CEL: no `/` (it breaks their routing), no control characters, no blank at either end.
pub(crate) const NAME_RULE: &str = r"self.matches('^[^/\\s\\x00-\\x1f\\x7f]([^/\\x00-\\x1f\\x7f]*[^/\\s\\x00-\\x1f\\x7f])?$')";
/// Privileges as ThoughtSpot spells them, as CEL; which there are is ThoughtSpot's to say.
pub(crate) const PRIVILEGE_RULE: &str = "self.all(p, p.matches('^[A-Z0-9_]+$'))";
pub(crate) const PRIVILEGE_MESSAGE: &str = "write privileges in capitals, such as DATADOWNLOADING";
pub(crate) const NAME_MESSAGE: &str = "write a name without '/' and control characters, and without a blank at either end";
