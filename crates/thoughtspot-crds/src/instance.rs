//! `ThoughtSpotInstance`: a connection to a ThoughtSpot, and who may use it.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::common::LocalReference;
use crate::grant::Grant;
use crate::link::{Limits, Tls};
use crate::protection::Protection;

/// A ThoughtSpot, how to sign in to it, and who may use it for what.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[kube(
    group = "thoughtspot.dev",
    version = "v1alpha1",
    kind = "ThoughtSpotInstance",
    plural = "thoughtspotinstances",
    singular = "thoughtspotinstance",
    shortname = "tsi",
    category = "thoughtspot",
    namespaced,
    status = "ThoughtSpotInstanceStatus",
    derive = "PartialEq",
    doc = "A connection to a ThoughtSpot, and who may use it.",
    printcolumn(name = "URL", type_ = "string", json_path = ".spec.url"),
    printcolumn(name = "READY", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "REASON", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "DIALECT", type_ = "string", json_path = ".spec.dialect", priority = 1),
    printcolumn(name = "RELEASE", type_ = "string", json_path = ".status.release", priority = 1),
    printcolumn(name = "AGE", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("!has(self.tls) || self.url.startsWith('https://')")
    .message("leave `tls` out, or write a `url` with https"))]
pub struct ThoughtSpotInstanceSpec {
    /// Scheme, host and, where it is not the scheme's own, port.
    #[schemars(length(min = 8, max = 300))]
    #[x_kube(validation = kube::core::Rule::new(
        r"self.matches('^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$')")
        .message("write scheme, host and port only, such as https://acme.thoughtspot.cloud"))]
    pub url: String,
    /// Which of its two REST APIs is spoken: `V2`, or `V1` for a ThoughtSpot that does not serve v2. It can be changed at any time;
    /// every object keeps its id.
    #[serde(default)]
    pub dialect: Dialect,
    pub auth: Auth,
    /// Whose certificates are believed. Unset: the authorities that the operator's image knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// How much is asked through this Instance. It only lowers what whoever installed the operator allows the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// How often everything is compared with ThoughtSpot, such as `10m`; at least `5s`.
    #[serde(default = "default_sync_interval")]
    #[schemars(length(min = 2, max = 16))]
    #[x_kube(validation = kube::core::Rule::new(
        "self.matches('^([0-9]+[smh])+$') && duration(self) >= duration('5s') && duration(self) <= duration('24h')")
        .message("write a duration from 5s to 24h, such as 10m"))]
    pub sync_interval: String,
    /// Who may use this Instance. Unset: its own namespace, with the default privileges, and it may adopt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["name".into()]))]
    pub grants: Option<Vec<Grant>>,
    /// What no resource touches, whoever asks, and how much may end at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<Protection>,
    /// Neither read nor write anything of this Instance while true.
    #[serde(default)]
    pub suspend: bool,
}

/// A REST API of ThoughtSpot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
pub enum Dialect {
    V1,
    #[default]
    V2,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

fn default_sync_interval() -> String {
    "10m".to_owned()
}

/// How to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("has(self.password) != has(self.trustedAuthentication)")
    .message("write exactly one of `password` and `trustedAuthentication`"))]
pub struct Auth {
    /// With the keys `username` and `password` of the Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretSource>,
    /// With the keys `username` and `secretKey` of the Secret: works with multi-factor and single sign-on, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_authentication: Option<SecretSource>,
}

impl Auth {
    /// The name of the Secret, whichever way it is used.
    pub fn secret_name(&self) -> Option<&str> {
        self.password.as_ref().or(self.trusted_authentication.as_ref()).map(|s| s.secret_ref.name.as_str())
    }
}

/// A Secret of type `thoughtspot.dev/credentials` in the Instance's own namespace. Its key `host` names the host it is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretSource {
    pub secret_ref: LocalReference,
}

/// The ids by which a system names itself, one for each dialect: they need not be the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct SystemIds {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v1: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v2: Option<String>,
}

impl SystemIds {
    pub fn of(&self, dialect: Dialect) -> Option<&str> {
        match dialect {
            Dialect::V1 => self.v1.as_deref(),
            Dialect::V2 => self.v2.as_deref(),
        }
    }

    pub fn set(&mut self, dialect: Dialect, id: String) {
        match dialect {
            Dialect::V1 => self.v1 = Some(id),
            Dialect::V2 => self.v2 = Some(id),
        }
    }

    fn is_empty(&self) -> bool {
        self.v1.is_none() && self.v2.is_none()
    }
}

/// What the operator knows of the Instance.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = crate::common::status_at_birth()))]
pub struct ThoughtSpotInstanceStatus {
    /// The generation the conditions speak of; -1 until the first pass.
    #[serde(default)]
    pub observed_generation: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// The system's own ids: two addresses that show the same one in the same dialect are one ThoughtSpot.
    #[serde(default, skip_serializing_if = "SystemIds::is_empty")]
    pub system_ids: SystemIds,
    /// The address at which the system was last seen to be that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The release, as the system words it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The Secret that is held, by a finalizer, while it is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_secret: Option<String>,
    /// The name of the user that the credentials sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// The value of the annotation `thoughtspot.dev/reconcile-requested-at` that the last pass answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_handled_reconcile_at: Option<String>,
}
