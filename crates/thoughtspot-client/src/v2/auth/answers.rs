//! What is told about tokens and trusted authentication.

use serde::Deserialize;

use crate::decode::{if_readable, millis, or_default};
use crate::domain::{Guid, Millis, OrgId};
use crate::secret::Secret;
use crate::v2::refs::{Named, NamedOrg, org_id};
use crate::v2::words::{AccessType, AuthStatus};

/// A token, and what it is good for. Times are the server's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Token {
    pub token: Secret,
    #[serde(default, deserialize_with = "millis")]
    pub creation_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub expiration_time_in_millis: Option<Millis>,
    /// Empty where it cannot be read.
    #[serde(default, deserialize_with = "if_readable")]
    pub scope: TokenScope,
    #[serde(default, deserialize_with = "if_readable")]
    pub valid_for_user_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub valid_for_username: Option<String>,
}

/// What a token opens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct TokenScope {
    #[serde(default, deserialize_with = "if_readable")]
    pub access_type: Option<AccessType>,
    #[serde(default, deserialize_with = "org_id")]
    pub org_id: Option<OrgId>,
    /// The one object that it opens.
    #[serde(default, deserialize_with = "if_readable")]
    pub metadata_id: Option<Guid>,
}

/// A token of one's own session; it does not say for which Org.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SessionToken {
    pub token: Secret,
    #[serde(default, deserialize_with = "millis")]
    pub creation_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub expiration_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "if_readable")]
    pub valid_for_user_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub valid_for_username: Option<String>,
}

/// A token with values of variables.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccessToken {
    #[serde(default, deserialize_with = "if_readable")]
    pub id: Option<String>,
    pub token: Secret,
    #[serde(default, deserialize_with = "or_default")]
    pub org: NamedOrg,
    #[serde(default, deserialize_with = "if_readable")]
    pub user: Named,
    #[serde(default, deserialize_with = "millis")]
    pub creation_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub expiration_time_in_millis: Option<Millis>,
}

/// A token that is good.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ValidToken {
    #[serde(default, deserialize_with = "millis")]
    pub creation_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub expiration_time_in_millis: Option<Millis>,
    /// Empty where it cannot be read.
    #[serde(default, deserialize_with = "if_readable")]
    pub scope: TokenScope,
    #[serde(default, deserialize_with = "if_readable")]
    pub valid_for_user_id: Option<Guid>,
    /// `BEARER`.
    #[serde(default, deserialize_with = "if_readable")]
    pub token_type: Option<String>,
}

/// Whether trusted authentication is on, as far as we may see.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TrustedAuth {
    #[serde(default)]
    pub cluster_preferences: Option<ClusterTrust>,
    /// Of the token's Org only.
    #[serde(default, deserialize_with = "or_default")]
    pub org_preferences: Vec<OrgTrust>,
}

/// Trusted authentication of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ClusterTrust {
    #[serde(default)]
    pub auth_status: Option<AuthStatus>,
    #[serde(default, deserialize_with = "or_default")]
    pub access_tokens: Vec<AccessKey>,
}

/// Trusted authentication of one Org.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OrgTrust {
    #[serde(default, deserialize_with = "or_default")]
    pub org: NamedOrg,
    #[serde(default)]
    pub auth_status: Option<AuthStatus>,
    #[serde(default, deserialize_with = "or_default")]
    pub access_tokens: Vec<AccessKey>,
}

/// A secret key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccessKey {
    pub key: Secret,
}
