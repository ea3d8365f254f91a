//! How an Instance is reached: whose certificates are believed, and how much is asked.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whose certificates are believed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// The authority of one's own that has signed ThoughtSpot's certificate. No other is believed then.
    pub ca: CaSource,
}

/// Where certificates in PEM form are, in the Instance's own namespace.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("has(self.configMapRef) != has(self.secretRef)")
    .message("write exactly one of `configMapRef` and `secretRef`"))]
pub struct CaSource {
    /// A key of a ConfigMap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_ref: Option<CaReference>,
    /// A key of a Secret, of any type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<CaReference>,
}

/// One key of an object in the namespace of the Instance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaReference {
    // It becomes a part of a URL to Kubernetes as it is.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))]
    pub name: String,
    #[serde(default = "ca_key")]
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

fn ca_key() -> String {
    "ca.crt".to_owned()
}

/// How much is asked through one Instance. It only lowers what whoever installed the operator allows its host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Requests a second, in the long run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub requests_per_second: Option<i32>,
    /// How long one request may take, such as `10s`; from `1s` to `30s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 16))]
    #[x_kube(validation = kube::core::Rule::new(
        "self.matches('^([0-9]+(ms|s|m))+$') && duration(self) >= duration('1s') && duration(self) <= duration('30s')")
        .message("write a duration from 1s to 30s, such as 10s"))]
    pub request_timeout: Option<String>,
    /// How many rows are asked for at once in lists; with dialect `V1` lists have no pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 10, max = 200))]
    pub page_size: Option<i32>,
}
