//! Use is granted by the owner: who may use an Instance or an Org, which privileges they may hand out, whether they may adopt.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::common::{PRIVILEGE_MESSAGE, PRIVILEGE_RULE};

/// The privileges that a namespace may hand out where a grant does not list its own: none of them administers anything or
/// bypasses row-level security.
pub const DEFAULT_PRIVILEGES: [&str; 21] = [
    "A3ANALYSIS",
    "AUTHORING",
    "CAN_ACCESS_AGENTSPOT",
    "CAN_ACCESS_ANALYST_STUDIO",
    "CAN_CREATE_CATALOG",
    "CAN_DOWNLOAD_DETAILED_DATA",
    "CAN_DOWNLOAD_VISUALS",
    "CAN_MODIFY_FOLDERS",
    "CAN_USE_SPOTTER",
    "CAN_VIEW_FOLDERS",
    "DATADOWNLOADING",
    "DATAMANAGEMENT",
    "DISABLE_PINBOARD_CREATION",
    "EXPERIMENTALFEATUREPRIVILEGE",
    "JOBSCHEDULING",
    "LIVEBOARD_VERIFIER",
    "PREVIEW_DOCUMENT_SEARCH",
    "PREVIEW_THOUGHTSPOT_SAGE",
    "RANALYSIS",
    "SHAREWITHALL",
    "USERDATAUPLOADING",
];

/// Which namespaces a grant is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum NamespaceChoice {
    /// The owner's own namespace.
    Same,
    /// Every namespace.
    All,
    /// The namespaces listed in `names`.
    Names,
    /// The namespaces whose labels match `selector`.
    Selector,
}

/// The namespaces a grant is for.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("(self.from == 'Names') == (has(self.names) && size(self.names) > 0)")
    .message("list `names` with from: Names, and only there"))]
#[x_kube(validation = kube::core::Rule::new("(self.from == 'Selector') == has(self.selector)")
    .message("write `selector` with from: Selector, and only there"))]
pub struct Namespaces {
    pub from: NamespaceChoice,
    /// With `from: Names`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(length(max = 256), inner(length(min = 1, max = 63)))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub names: BTreeSet<String>,
    /// With `from: Selector`: labels of namespaces, by `matchLabels` and `matchExpressions` as everywhere in Kubernetes. An empty one matches
    /// nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<LabelSelector>,
}

/// What a namespace may take over of what exists already. `Never`: nothing. `Matching`: what is as it declares it already. `Any`: whatever
/// is not protected, to make it as it declares it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
pub enum Adopt {
    /// Nothing.
    #[default]
    Never,
    /// What is as they declare it already.
    Matching,
    /// Whatever is not protected, and make it as they declare it.
    Any,
}

/// Who may use an Instance, and how far.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// A label of your own for this grant.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    pub namespaces: Namespaces,
    /// The privileges these namespaces may hand out. Unset: the default ones (see the documentation).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128), inner(length(min = 1, max = 128)))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    #[x_kube(validation = kube::core::Rule::new(PRIVILEGE_RULE).message(PRIVILEGE_MESSAGE))]
    pub privileges: Option<BTreeSet<String>>,
    /// Whether these namespaces may take over what exists already. Unset: Never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopt: Option<Adopt>,
    /// Whether these namespaces may put users and groups into Primary. Unset: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
}

/// Who may put users and groups into an Org. It narrows what the Instance grants, and adds nothing to it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrgGrant {
    /// A label of your own for this grant.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    pub namespaces: Namespaces,
    /// The privileges these namespaces may hand out in this Org. Unset: those that the Instance grants them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128), inner(length(min = 1, max = 128)))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    #[x_kube(validation = kube::core::Rule::new(PRIVILEGE_RULE).message(PRIVILEGE_MESSAGE))]
    pub privileges: Option<BTreeSet<String>>,
}
