//! Whom nobody may touch, whoever asks, and how much may end at once.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// What no resource changes, whatever it is granted, and how much may end at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Protection {
    /// Users, by their name in ThoughtSpot; upper and lower case are the same. No resource creates, adopts, changes, renames, deactivates or
    /// deletes them, nor adds them to or removes them from anything.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(length(max = 1000), inner(length(min = 1, max = 255)))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub users: BTreeSet<String>,
    /// Groups, by their name in ThoughtSpot, in whichever Org. No resource creates, adopts, changes, renames or deletes them, nor adds to or
    /// removes from them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(length(max = 1000), inner(length(min = 1, max = 255)))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub groups: BTreeSet<String>,
    /// How many users, groups and Orgs may be deleted, deactivated or removed from something within a minute: a number, or a percentage of
    /// what the resources of this Instance manage. More are held until a person says so. Unset: the larger of 10 and 5%.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = kube::core::Rule::new(
        "type(self) == int ? self >= 0 : self.matches('^([0-9]|[1-9][0-9]|100)%$')")
        .message("write a number, such as 10, or a percentage, such as 5%"))]
    pub max_deletions: Option<IntOrString>,
}
