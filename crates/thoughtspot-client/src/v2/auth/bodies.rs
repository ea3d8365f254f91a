//! The requests of `auth/*` as they go over the wire, secrets and all. They live as long as it takes to write them.

use std::num::NonZeroU32;

use serde::Serialize;
use serde_with_macros::skip_serializing_none;

use super::requests::{
    AuthScope, ConfigureTrustedAuth, CustomToken, FilterRule, JustInTime, LogIn, Persist, Revoke, TokenRequest, Values,
};
use crate::secret::Secret;
use crate::settings::Proof;
use crate::v2::change::Whole;
use crate::v2::words::AuthStatus;

#[skip_serializing_none]
#[derive(Serialize)]
pub(super) struct Token<'a> {
    username: &'a str,
    #[serde(flatten)]
    proof: ProofField<'a>,
    /// A number; as text or as a name it would be ignored.
    org_id: i64,
    validity_time_in_sec: Option<NonZeroU32>,
    object_id: Option<&'a str>,
    #[serde(flatten)]
    create: Option<Create<'a>>,
}

/// Exactly one of the two: sources disagree which of them wins.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ProofField<'a> {
    Password(&'a str),
    SecretKey(&'a str),
}

impl<'a> From<&'a Proof> for ProofField<'a> {
    fn from(proof: &'a Proof) -> Self {
        match proof {
            Proof::Password(password) => ProofField::Password(password.expose()),
            Proof::SecretKey(key) => ProofField::SecretKey(key.expose()),
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
struct Create<'a> {
    auto_create: bool,
    email: &'a str,
    display_name: &'a str,
    group_identifiers: Option<&'a Whole<String>>,
}

pub(super) fn token<'a>(request: &'a TokenRequest, object_id: Option<&'a str>) -> Token<'a> {
    let TokenRequest { username, proof, org, validity_time_in_sec, create } = request;
    let create = create.as_ref().map(|JustInTime { email, display_name, groups }| Create {
        auto_create: true,
        email,
        display_name,
        group_identifiers: groups.as_ref(),
    });
    Token { username, proof: proof.into(), org_id: org.0, validity_time_in_sec: *validity_time_in_sec, object_id, create }
}

#[skip_serializing_none]
#[derive(Serialize)]
pub(super) struct Custom<'a> {
    username: &'a str,
    #[serde(flatten)]
    proof: ProofField<'a>,
    /// Text, though it is an id.
    org_identifier: String,
    validity_time_in_sec: Option<NonZeroU32>,
    persist_option: Persist,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    variable_values: &'a [Values],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    parameter_values: &'a [Values],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    filter_rules: &'a [FilterRule],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    objects: Vec<Object<'a>>,
    /// Always sent: left out, it is `true`.
    auto_create: bool,
    email: Option<&'a str>,
    display_name: Option<&'a str>,
    groups: Option<Vec<Group<'a>>>,
}

#[derive(Serialize)]
struct Object<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    identifier: &'a str,
}

#[derive(Serialize)]
struct Group<'a> {
    identifier: &'a str,
}

pub(super) fn custom(request: &CustomToken) -> Custom<'_> {
    let create = request.create.as_ref();
    Custom {
        username: &request.username,
        proof: (&request.proof).into(),
        org_identifier: request.org.to_string(),
        validity_time_in_sec: request.validity_time_in_sec,
        persist_option: request.persist,
        variable_values: &request.variable_values,
        parameter_values: &request.parameter_values,
        filter_rules: &request.filter_rules,
        objects: request.tables.iter().map(|identifier| Object { kind: "LOGICAL_TABLE", identifier }).collect(),
        auto_create: create.is_some(),
        email: create.map(|user| user.email.as_str()),
        display_name: create.map(|user| user.display_name.as_str()),
        groups: create.and_then(|user| user.groups.as_ref()).map(groups),
    }
}

fn groups(groups: &Whole<String>) -> Vec<Group<'_>> {
    match groups {
        Whole::Exactly(names) => names.iter().map(|identifier| Group { identifier }).collect(),
        Whole::Nothing => Vec::new(),
    }
}

#[derive(Serialize)]
pub(super) struct Login<'a> {
    username: &'a str,
    password: &'a str,
    org_identifier: String,
    remember_me: bool,
}

pub(super) fn login(request: &LogIn) -> Login<'_> {
    let LogIn { username, password, org, remember_me } = request;
    Login { username, password: password.expose(), org_identifier: org.to_string(), remember_me: *remember_me }
}

#[skip_serializing_none]
#[derive(Serialize)]
pub(super) struct RevokeBody<'a> {
    user_identifier: Option<&'a str>,
    token: Option<&'a str>,
}

pub(super) fn revoke(which: &Revoke) -> RevokeBody<'_> {
    let user_identifier = match which {
        Revoke::OfUser(user) => Some(user.as_str()),
        Revoke::Own | Revoke::Token(_) => None,
    };
    RevokeBody { user_identifier, token: which.token().map(Secret::expose) }
}

#[derive(Serialize)]
pub(super) struct Validate<'a> {
    pub(super) token: &'a str,
}

/// There is one kind of sign-in that these calls are about.
const TRUSTED_AUTH: &str = "TRUSTED_AUTH";

#[skip_serializing_none]
#[derive(Serialize)]
pub(super) struct Search {
    auth_type: &'static str,
    scope: Option<AuthScope>,
}

pub(super) fn search(scope: Option<AuthScope>) -> Search {
    Search { auth_type: TRUSTED_AUTH, scope }
}

#[skip_serializing_none]
#[derive(Serialize)]
pub(super) struct Configure<'a> {
    auth_type: &'static str,
    cluster_preferences: Option<ClusterPreferences<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    org_preferences: Vec<OrgPreferences<'a>>,
}

#[derive(Serialize)]
struct ClusterPreferences<'a> {
    auth_status: &'a AuthStatus,
}

#[derive(Serialize)]
struct OrgPreferences<'a> {
    org_identifier: String,
    auth_status: &'a AuthStatus,
}

pub(super) fn configure(settings: &ConfigureTrustedAuth) -> Configure<'_> {
    let ConfigureTrustedAuth { cluster, orgs } = settings;
    let orgs = orgs.iter().map(|of| OrgPreferences { org_identifier: of.org.to_string(), auth_status: &of.auth_status });
    Configure {
        auth_type: TRUSTED_AUTH,
        cluster_preferences: cluster.as_ref().map(|auth_status| ClusterPreferences { auth_status }),
        org_preferences: orgs.collect(),
    }
}
