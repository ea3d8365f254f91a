//! `ThoughtSpotOrg`: an Org. One that exists already (Primary, too) is the same kind with `managementPolicy: Observe`.

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::common::{AdoptionPolicy, ManagementPolicy, NAME_MESSAGE, NAME_RULE, ObjectStatus, Reference};
use crate::grant::OrgGrant;

/// An Org of a ThoughtSpot.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[kube(
    group = "thoughtspot.dev", version = "v1alpha1", kind = "ThoughtSpotOrg", plural = "thoughtspotorgs", singular = "thoughtspotorg",
    shortname = "tsorg", category = "thoughtspot", namespaced, status = "ThoughtSpotOrgStatus",
    derive = "PartialEq",
    doc = "An Org of a ThoughtSpot.",
    validation = kube::core::Rule::new("has(self.spec.name) || size(self.metadata.name) <= 48")
        .message("an Org's name has at most 48 characters: write spec.name, or choose a shorter metadata.name"),
    printcolumn(name = "ID", type_ = "integer", json_path = ".status.id"),
    printcolumn(name = "READY", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "REASON", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "NAME IN THOUGHTSPOT", type_ = "string", json_path = ".status.name", priority = 1),
    printcolumn(name = "ON DELETE", type_ = "string", json_path = ".status.onDelete", priority = 1),
    printcolumn(name = "AGE", type_ = "date", json_path = ".metadata.creationTimestamp"),
)]
#[serde(rename_all = "camelCase")]
pub struct ThoughtSpotOrgSpec {
    /// The Instance this Org belongs to.
    #[x_kube(validation = kube::core::Rule::new("self == oldSelf").message("instanceRef is fixed once: delete and create the resource to move it"))]
    pub instance_ref: Reference,
    /// The name in ThoughtSpot. Unset: `metadata.name`, for finding and creating; not a wish to rename later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 48))]
    #[x_kube(validation = kube::core::Rule::new(NAME_RULE).message(NAME_MESSAGE))]
    pub name: Option<String>,
    /// Unset: left as it is. Empty: emptied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 124))]
    pub description: Option<String>,
    /// Who may put users and groups into this Org. Unset: its own namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["name".into()]))]
    pub grants: Option<Vec<OrgGrant>>,
    #[serde(default)]
    pub management_policy: ManagementPolicy,
    #[serde(default)]
    pub adoption_policy: AdoptionPolicy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<OrgDeletionPolicy>,
    /// Neither read nor write anything for this resource while true.
    #[serde(default)]
    pub suspend: bool,
}

/// What happens to the Org when the resource is deleted. Unset: Retain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum OrgDeletionPolicy {
    /// It stays as it is.
    Retain,
    /// It is deleted if it is empty: no user but the operator's login, no group but the built-in ones, no Liveboard, Answer, table or
    /// connection. Needs the annotation `thoughtspot.dev/allow-deletion: "<org id>"` besides.
    DeleteIfEmpty,
    /// It is deleted with its users, groups and content. Needs the annotation `thoughtspot.dev/allow-deletion: "<org id>"` besides.
    Delete,
}

/// What the operator knows of the Org.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = crate::common::status_at_birth()))]
pub struct ThoughtSpotOrgStatus {
    #[serde(flatten)]
    pub object: ObjectStatus,
    /// The Org's id in ThoughtSpot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// How many users and groups of the Org no resource declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmanaged: Option<Unmanaged>,
}

/// What exists in the Org and no resource declares; built-in groups, users of the system and the operator's login aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unmanaged {
    /// Unset while no ThoughtSpotUser is in this Org and no ThoughtSpotGroup of it names members, and while the list of its users cannot be read whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<u32>,
    /// Unset while no ThoughtSpotGroup is in this Org and no ThoughtSpotUser names a group of it, and while the list of its groups
    /// cannot be read whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<u32>,
}
