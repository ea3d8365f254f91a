//! Memberships: who else is in, and who may join.

use std::collections::BTreeSet;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::common::LocalReference;
use crate::grant::Namespaces;

/// What becomes of memberships that no resource declares. `Additive`: they stay, unless this resource added them. `Exclusive`: they end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Membership {
    /// What others assigned stays; what this resource added ends when nobody declares it any more.
    #[default]
    Additive,
    /// What is declared is all there is: the rest ends.
    Exclusive,
}

/// What becomes of a user's memberships that no resource declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserMembership {
    /// `Exclusive`: the user leaves every Org that is not declared and that this namespace may use; the others are listed in
    /// `status.leftAlone`.
    #[serde(default)]
    pub orgs: Membership,
    /// `Exclusive`: in the declared Orgs, the user leaves every group that neither this resource nor a ThoughtSpotGroup declares. The
    /// built-in groups stay; groups that another namespace manages and does not open to this one are listed in `status.leftAlone`.
    #[serde(default)]
    pub groups: Membership,
}

/// What becomes of a group's members that no resource declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupMembership {
    /// `Exclusive`: whoever is declared neither here nor by a ThoughtSpotUser leaves the group, unless the operator leaves that user alone:
    /// see `status.leftAlone`.
    #[serde(default)]
    pub users: Membership,
}

/// Users who are to be in a group, together at most 1,000; larger groups are declared from the users' side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new(
    "(has(self.users) ? size(self.users) : 0) + (has(self.userRefs) ? size(self.userRefs) : 0) <= 1000")
    .message("list at most 1000 members: declare larger groups from the users' side"))]
pub struct Members {
    /// By their name in ThoughtSpot; upper and lower case are the same.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(length(max = 1000), inner(length(min = 1, max = 255)))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub users: BTreeSet<String>,
    /// As ThoughtSpotUsers of the group's own namespace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["name".into()]))]
    pub user_refs: Vec<LocalReference>,
}

/// Whose resources may join a group.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupGrant {
    /// A label of your own for this grant.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    pub namespaces: Namespaces,
}

/// What an `Exclusive` declaration would end and this namespace may not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeftAlone {
    /// The ids of Orgs that do not let this namespace use them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub orgs: BTreeSet<i64>,
    /// The ids of groups that another namespace manages and does not open to this one.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub groups: BTreeSet<String>,
}

impl LeftAlone {
    pub fn is_empty(&self) -> bool {
        self.orgs.is_empty() && self.groups.is_empty()
    }
}
