//! `ThoughtSpotGroup`: a group of exactly one Org.

use std::collections::BTreeSet;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::common::{
    AdoptionPolicy, ById, LocalReference, ManagementPolicy, NAME_MESSAGE, NAME_RULE, ObjectStatus, PRIVILEGE_MESSAGE,
    PRIVILEGE_RULE, Reference, Visibility,
};
use crate::membership::{GroupGrant, GroupMembership, Members};

/// A group of one Org.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[kube(
    group = "thoughtspot.dev",
    version = "v1alpha1",
    kind = "ThoughtSpotGroup",
    plural = "thoughtspotgroups",
    singular = "thoughtspotgroup",
    shortname = "tsgroup",
    category = "thoughtspot",
    namespaced,
    status = "ThoughtSpotGroupStatus",
    derive = "PartialEq",
    doc = "A group of one Org.",
    validation = kube::core::Rule::new(
        "!has(self.spec.subGroups) || !((has(self.spec.name) ? self.spec.name : self.metadata.name) in self.spec.subGroups)")
        .message("a group cannot be inside itself: take its own name out of `subGroups`"),
    validation = kube::core::Rule::new(
        "!has(self.spec.subGroupRefs) || !self.spec.subGroupRefs.exists(r, r.name == self.metadata.name)")
        .message("a group cannot be inside itself: take its own name out of `subGroupRefs`"),
    printcolumn(name = "ID", type_ = "string", json_path = ".status.id"),
    printcolumn(name = "READY", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "REASON", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "ORG", type_ = "integer", json_path = ".status.orgId", priority = 1),
    printcolumn(name = "NAME IN THOUGHTSPOT", type_ = "string", json_path = ".status.name", priority = 1),
    printcolumn(name = "ON DELETE", type_ = "string", json_path = ".status.onDelete", priority = 1),
    printcolumn(name = "AGE", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("!(has(self.privileges) && has(self.roles))")
    .message("write `privileges` or, where ThoughtSpot has role-based access control, `roles`: never both"))]
#[x_kube(validation = kube::core::Rule::new("!oldSelf.hasValue() || has(self.type) == has(oldSelf.value().type)")
    .message("type is fixed once").optional_old_self(true))]
pub struct ThoughtSpotGroupSpec {
    /// The Org this group belongs to.
    #[x_kube(validation = kube::core::Rule::new("self == oldSelf").message("orgRef is fixed once: delete and create the resource to move it"))]
    pub org_ref: Reference,
    /// The name in ThoughtSpot, unique in its Org. Unset: `metadata.name`, for finding and creating; not a wish to rename later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = kube::core::Rule::new(NAME_RULE).message(NAME_MESSAGE))]
    pub name: Option<String>,
    /// Unset: the name at creation, then left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub display_name: Option<String>,
    /// Unset: left as it is. Empty: emptied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub description: Option<String>,
    /// Whether others find it when they share something: `Sharable` or `NonSharable`. Unset: left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Where it comes from, such as `LOCAL_GROUP` or `TEAM_GROUP`; set at creation only. Unset: as ThoughtSpot has it.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[A-Z_]+$"))]
    #[x_kube(validation = kube::core::Rule::new("self == oldSelf").message("type is fixed once"))]
    pub kind: Option<String>,
    /// The privileges of its members. Unset: left as they are. Empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128), inner(length(min = 1, max = 128)))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    #[x_kube(validation = kube::core::Rule::new("!('AUTHORING' in self)").message("leave AUTHORING out: every user has it, and it cannot be granted"))]
    #[x_kube(validation = kube::core::Rule::new(PRIVILEGE_RULE).message(PRIVILEGE_MESSAGE))]
    pub privileges: Option<BTreeSet<String>>,
    /// The roles of the group, by name, where ThoughtSpot has role-based access control: its members have their privileges. Unset: left as
    /// they are. Empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64), inner(length(min = 1, max = 255)))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub roles: Option<BTreeSet<String>>,
    /// The groups nested in this one, by their name in ThoughtSpot: their members have its privileges, too. These and those of
    /// `subGroupRefs` together are the whole set. Both unset: left as they are. Empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256), inner(length(min = 1, max = 255)))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    #[x_kube(validation = kube::core::Rule::new("!self.exists(g, g in ['All', 'Administrator', 'System'])")
        .message("leave All, Administrator and System out: built-in groups are not nested"))]
    pub sub_groups: Option<BTreeSet<String>>,
    /// As `subGroups`, as ThoughtSpotGroups of the group's own namespace and of the same Org.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["name".into()]))]
    pub sub_group_refs: Option<Vec<LocalReference>>,
    /// The Liveboards that its members see first, by id. With dialect `V1` they can be compared and not set. Unset: left as they are. Empty:
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["id".into()]))]
    pub default_liveboards: Option<Vec<ById>>,
    /// Who is to be in it. Unset: nobody is declared here. What ThoughtSpotUsers declare of it is declared as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Members>,
    #[serde(default)]
    pub membership: GroupMembership,
    /// Which other namespaces' resources may join it. Unset: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["name".into()]))]
    pub grants: Option<Vec<GroupGrant>>,
    #[serde(default)]
    pub management_policy: ManagementPolicy,
    #[serde(default)]
    pub adoption_policy: AdoptionPolicy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<GroupDeletionPolicy>,
    /// Neither read nor write anything for this resource while true.
    #[serde(default)]
    pub suspend: bool,
}

/// What happens to the group when the resource is deleted. Unset: Retain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum GroupDeletionPolicy {
    /// It stays as it is.
    Retain,
    /// It is deleted.
    Delete,
}

/// What the operator knows of the group.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = crate::common::status_at_birth()))]
pub struct ThoughtSpotGroupStatus {
    #[serde(flatten)]
    pub object: ObjectStatus,
    /// The group's id in ThoughtSpot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The id of the Org it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_id: Option<i64>,
    /// The Instance it is reached through: known also when its ThoughtSpotOrg is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Reference>,
    /// The ids of the users whom this resource added, and therefore removes when nobody declares them any more.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub members: BTreeSet<String>,
    /// With `membership.users: Exclusive`: the ids of users whom nobody declares and whom the operator leaves alone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub left_alone: BTreeSet<String>,
}
