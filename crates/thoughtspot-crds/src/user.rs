//! `ThoughtSpotUser`: a user of an Instance, with the Orgs and groups it belongs to. One user, one resource.

use std::collections::BTreeSet;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::common::{
    AdoptionPolicy, LocalReference, ManagementPolicy, NAME_MESSAGE, NAME_RULE, ObjectStatus, Reference, SecretKeyReference,
    Visibility,
};
use crate::membership::{LeftAlone, UserMembership};
use crate::preferences::{Preferences, PreferencesPolicy};

/// A user of a ThoughtSpot. User names are unique in the whole Instance, whatever the Org.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[kube(
    group = "thoughtspot.dev",
    version = "v1alpha1",
    kind = "ThoughtSpotUser",
    plural = "thoughtspotusers",
    singular = "thoughtspotuser",
    shortname = "tsuser",
    category = "thoughtspot",
    namespaced,
    status = "ThoughtSpotUserStatus",
    derive = "PartialEq",
    doc = "A user of a ThoughtSpot, with the Orgs and groups it belongs to.",
    printcolumn(name = "ID", type_ = "string", json_path = ".status.id"),
    printcolumn(name = "READY", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "REASON", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "NAME IN THOUGHTSPOT", type_ = "string", json_path = ".status.name", priority = 1),
    printcolumn(name = "ON DELETE", type_ = "string", json_path = ".status.onDelete", priority = 1),
    printcolumn(name = "AGE", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("self.managementPolicy == 'Observe' || size(self.orgs) > 0")
    .message("name at least one Org in `orgs`: without, the user would land in Primary"))]
#[x_kube(validation = kube::core::Rule::new(
    "self.managementPolicy == 'Observe' || self.adoptionPolicy != 'Fail' || (has(self.email) && has(self.displayName))")
    .message("write `email` and `displayName`: they are needed to create the user"))]
#[x_kube(validation = kube::core::Rule::new(
    "!has(self.password) || !has(self.accountType) || !(self.accountType in ['SAML_USER', 'OIDC_USER', 'LDAP_USER', 'REMOTE_USER'])")
    .message("leave `password` out: users of this accountType sign in elsewhere"))]
#[x_kube(validation = kube::core::Rule::new("!self.sendActivationEmail || !has(self.password)")
    .message("leave `password` or `sendActivationEmail` out: whoever has a password is sent no link to set one"))]
#[x_kube(validation = kube::core::Rule::new("!oldSelf.hasValue() || has(self.accountType) == has(oldSelf.value().accountType)")
    .message("accountType is fixed once").optional_old_self(true))]
pub struct ThoughtSpotUserSpec {
    /// The Instance this user belongs to.
    #[x_kube(validation = kube::core::Rule::new("self == oldSelf").message("instanceRef is fixed once: delete and create the resource to move it"))]
    pub instance_ref: Reference,
    /// The name in ThoughtSpot, with which the user signs in; upper and lower case are the same. Unset: `metadata.name`, for finding
    /// and creating; not a wish to rename later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = kube::core::Rule::new(NAME_RULE).message(NAME_MESSAGE))]
    pub name: Option<String>,
    /// Needed to create. Unset: left as it is. Set at creation only for users who sign in through an identity provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub display_name: Option<String>,
    /// Needed to create. Unset: left as it is. Set at creation only for users who sign in through an identity provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 320))]
    #[x_kube(validation = kube::core::Rule::new(r"self.matches('^[^@\\s]+@[^@\\s]+$')").message("write an e-mail address, such as ana@example.com"))]
    pub email: Option<String>,
    /// How the user signs in, such as `LOCAL_USER` or `SAML_USER`. Unset: as the Instance is set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[A-Z_]+$"))]
    #[x_kube(validation = kube::core::Rule::new("self == oldSelf").message("accountType is fixed once"))]
    pub account_type: Option<String>,
    /// Whether others find it when they share something: `Sharable` or `NonSharable`. Unset: left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Whether the user can sign in. `Disabled` also ends its sessions, once. Unset: left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Whether a user that this resource creates is mailed a link with which it sets its password. Not with dialect `V1`.
    #[serde(default)]
    pub send_activation_email: bool,
    /// How the account behaves for the user. Unset: left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
    /// Whether `preferences` are kept as declared, or only given to a user that this resource creates.
    #[serde(default)]
    pub preferences_policy: PreferencesPolicy,
    /// Unset: no password is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// The Orgs the user belongs to and, in each, the groups. What is not listed here is left as others assigned it.
    #[serde(default)]
    #[schemars(length(max = 256))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["name".into(), "namespace".into()]))]
    pub orgs: Vec<OrgMembership>,
    #[serde(default)]
    pub membership: UserMembership,
    #[serde(default)]
    pub management_policy: ManagementPolicy,
    #[serde(default)]
    pub adoption_policy: AdoptionPolicy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<UserDeletionPolicy>,
    /// To whom the user's content goes, in each Org that it belongs to, or was taken out of, and this resource may use: before its access ends,
    /// when the resource is deleted, and before it is taken out of an Org. Unset: it stays the user's, who is then not deleted while it owns
    /// any in these Orgs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_content_to: Option<Successor>,
    /// Neither read nor write anything for this resource while true.
    #[serde(default)]
    pub suspend: bool,
}

/// Where a password comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("has(self.secretKeyRef) != has(self.generate)")
    .message("write exactly one of `secretKeyRef` and `generate`"))]
pub struct Password {
    /// A key of a Secret in the same namespace with the label `thoughtspot.dev/password: "true"`. The password is set again when
    /// that Secret changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<SecretKeyReference>,
    /// A password that the operator makes up and keeps in a Secret of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<Generate>,
}

impl Password {
    /// The Secret that holds it.
    pub fn secret_name(&self) -> Option<&str> {
        let declared = self.secret_key_ref.as_ref().map(|reference| reference.name.as_str());
        declared.or_else(|| self.generate.as_ref().map(|generate| generate.secret_name.as_str()))
    }
}

/// A password made up by the operator.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Generate {
    /// The Secret that is made in the same namespace, with the keys `username`, `password` and `url`. One that exists and was not made
    /// for this user is left alone.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))]
    pub secret_name: String,
    /// How many characters a new password has.
    #[serde(default = "default_length")]
    #[schemars(range(min = 16, max = 128))]
    pub length: i32,
    /// How old a password may become, in days or hours such as `90d`; then a new one is made and set. Unset: it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(validation = kube::core::Rule::new("self.matches('^[1-9][0-9]{0,3}[dh]$')")
        .message("write a number of days or hours, such as 90d"))]
    pub rotate_after: Option<String>,
}

fn default_length() -> i32 {
    32
}

/// An Org the user belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrgMembership {
    /// The name of the ThoughtSpotOrg.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The namespace of the ThoughtSpotOrg. Empty: the user's own.
    #[serde(default)]
    #[schemars(length(max = 63))]
    pub namespace: String,
    /// Groups of this Org, by their name in ThoughtSpot.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(length(max = 256), inner(length(min = 1, max = 255)))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub groups: BTreeSet<String>,
    /// Groups of this Org, as ThoughtSpotGroups of the user's own namespace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["name".into()]))]
    pub group_refs: Vec<LocalReference>,
}

/// Who takes over content: exactly one of `ref` and `name`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("has(self.ref) != has(self.name)").message("write exactly one of `ref` and `name`"))]
pub struct Successor {
    /// A ThoughtSpotUser of the same namespace.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<LocalReference>,
    /// A user, by its name in ThoughtSpot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub name: Option<String>,
}

/// Whether a user can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Access {
    /// It can, but for a lock or a pending invitation, which pass by themselves.
    Enabled,
    /// It cannot, whether its account is inactive, suspended or expired.
    Disabled,
}

/// What happens to the user when the resource is deleted. Unset: `Deactivate` for one that was created by this resource, `Retain` for
/// one that was taken over. `Deactivate` and `Delete` are about the whole account: a user who belongs to an Org that this resource
/// does not declare or may not use only loses the memberships that were added by this resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum UserDeletionPolicy {
    /// It cannot sign in any more, and its sessions end. Its content and memberships stay.
    Deactivate,
    /// It is deleted everywhere.
    Delete,
    /// It stays as it is.
    Retain,
}

/// What the operator knows of the user.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = crate::common::status_at_birth()))]
pub struct ThoughtSpotUserStatus {
    #[serde(flatten)]
    pub object: ObjectStatus,
    /// The user's id in ThoughtSpot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The declared Orgs the user belongs to, and what this resource added there and therefore removes when it leaves the spec.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["id".into()]))]
    pub orgs: Vec<OwnedMembership>,
    /// The ids of the Orgs that this resource took the user out of without giving anybody what it owned there. Looked into when the account
    /// ends.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub left_orgs: BTreeSet<i64>,
    /// What `membership: Exclusive` would end and this namespace may not.
    #[serde(default, skip_serializing_if = "LeftAlone::is_empty")]
    pub left_alone: LeftAlone,
    /// Which Secret, as it was then, the password was last set from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<PasswordSet>,
    /// What is still to be done about the user's access. Unset: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_due: Option<AccessDue>,
    /// Whether the user, created by this resource, has yet to be given its preferences.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preferences_due: bool,
}

/// What is still to be done about a user's access: written down before it is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum AccessDue {
    /// To enable it again: an earlier resource had ended it when it was deleted.
    Enable,
    /// To end the sessions that were open when it was disabled.
    EndSessions,
}

/// A declared Org, and what this resource added there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnedMembership {
    /// The Org's id.
    pub id: i64,
    /// Whether the membership of the Org itself was added by this resource.
    #[serde(default)]
    pub added: bool,
    /// The ids of the groups that were added by this resource.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub groups: BTreeSet<String>,
}

/// The Secret a password came from, or is kept in. No hash of the password is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasswordSet {
    pub secret_uid: String,
    pub secret_resource_version: String,
}
