//! Whom nobody may touch, whoever asks.

use std::collections::BTreeSet;

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// What no resource changes, whatever it is granted.
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
}
