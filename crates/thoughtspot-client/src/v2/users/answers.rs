//! What is told about users. Lists and options may be `null`; what the operator does not rest decisions on may even be of another type.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::{Guid, Millis};
use crate::secret::Secret;
use crate::v2::decode::{if_readable, millis, or_default};
use crate::v2::import::Imported;
use crate::v2::refs::{Named, NamedOrg};
use crate::v2::words::{AccountStatus, AccountType, Visibility};

/// A user as the token that asked sees it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct User {
    pub id: Guid,
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub email: String,
    #[serde(default)]
    pub account_type: Option<AccountType>,
    #[serde(default)]
    pub account_status: Option<AccountStatus>,
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// As far as the token sees them. `None` where the Orgs feature is off.
    #[serde(default)]
    pub orgs: Option<Vec<NamedOrg>>,
    /// The Org of the token, where this is the answer about a session; empty or nothing in the rows of a search.
    #[serde(default, deserialize_with = "if_readable")]
    pub current_org: Option<NamedOrg>,
    /// Direct memberships. Read from Primary they may mix Orgs.
    #[serde(default, deserialize_with = "or_default")]
    pub user_groups: Vec<Named>,
    #[serde(default, deserialize_with = "if_readable")]
    pub user_inherited_groups: Vec<Named>,
    /// The *effective* ones in the token's Org.
    #[serde(default, deserialize_with = "or_default")]
    pub privileges: BTreeSet<String>,
    /// By Org id, as far as the token sees them.
    #[serde(default, deserialize_with = "if_readable")]
    pub org_privileges: BTreeMap<String, BTreeSet<String>>,
    #[serde(default, deserialize_with = "if_readable")]
    pub home_liveboard: Option<Named>,
    /// Empty unless it was asked for.
    #[serde(default, deserialize_with = "if_readable")]
    pub favorite_metadata: Vec<Favorite>,
    #[serde(default, deserialize_with = "if_readable")]
    pub notify_on_share: Option<bool>,
    #[serde(default, deserialize_with = "if_readable")]
    pub show_onboarding_experience: Option<bool>,
    #[serde(default, deserialize_with = "if_readable")]
    pub onboarding_experience_completed: Option<bool>,
    #[serde(default, deserialize_with = "if_readable")]
    pub preferred_locale: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub use_browser_language: Option<bool>,
    #[serde(default, deserialize_with = "if_readable")]
    pub extended_properties: Map<String, Value>,
    #[serde(default, deserialize_with = "if_readable")]
    pub extended_preferences: Map<String, Value>,
    /// Any JSON; empty unless it was asked for.
    #[serde(default)]
    pub variable_values: Value,
    /// Any JSON.
    #[serde(default)]
    pub user_parameters: Value,
    /// Any JSON.
    #[serde(default)]
    pub access_control_properties: Value,
    #[serde(default, deserialize_with = "if_readable")]
    pub tags: Vec<Named>,
    #[serde(default, deserialize_with = "or_default")]
    pub system_user: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub super_user: bool,
    #[serde(default)]
    pub author_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub owner_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub modifier_id: Option<Guid>,
    #[serde(default, deserialize_with = "millis")]
    pub creation_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub modification_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub first_login_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub expiration_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "if_readable")]
    pub is_first_login: Option<bool>,
    #[serde(default, deserialize_with = "if_readable")]
    pub welcome_email_sent: Option<bool>,
    #[serde(default, deserialize_with = "if_readable")]
    pub can_change_password: Option<bool>,
    /// Whether this row is all that the server knows; otherwise `incomplete_details` tells, as any JSON.
    #[serde(default, deserialize_with = "if_readable")]
    pub complete_detail: Option<bool>,
    #[serde(default)]
    pub incomplete_details: Value,
    #[serde(default, deserialize_with = "if_readable")]
    pub deleted: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub deprecated: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub external: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub hidden: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub group_mask: Option<i64>,
    #[serde(default, deserialize_with = "if_readable")]
    pub parent_type: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub tenant_id: Option<Guid>,
}

/// Something a user has marked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Favorite {
    pub id: Guid,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// `LIVEBOARD`, `ANSWER` and so on.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
}

/// Whom an import of users touched, or would.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ImportedUsers {
    #[serde(default, deserialize_with = "or_default")]
    pub users_added: Vec<Imported>,
    #[serde(default, deserialize_with = "or_default")]
    pub users_updated: Vec<Imported>,
    #[serde(default, deserialize_with = "or_default")]
    pub users_deleted: Vec<Imported>,
}

/// A user that was deactivated.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Deactivated {
    /// Opens the account to whoever has it, for 14 days: a URL with `id` and `token`.
    pub activation_link: Secret,
}
