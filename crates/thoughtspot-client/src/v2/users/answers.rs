//! What is told about users. Lists and options may be `null`; what the operator does not rest decisions on may even be of another type.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::decode::{if_readable, millis, or_default};
use crate::domain::{Guid, Millis};
use crate::secret::Secret;
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
    #[serde(default, deserialize_with = "or_default")]
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ROW: &str = r#"{"id":"7e4c","name":"ana","display_name":"Ana Diaz","email":"ana@example.com","account_type":"LOCAL_USER",
        "account_status":"ACTIVE","visibility":"SHARABLE","orgs":[{"id":7,"name":"acme"}],"current_org":{"id":7,"name":"acme"},
        "user_groups":[{"id":"1f58","name":"Analyst"}],"user_inherited_groups":[],"privileges":["AUTHORING"],
        "org_privileges":{"7":["AUTHORING"]},"home_liveboard":{"id":"90ab","name":"Sales"},"favorite_metadata":[],
        "notify_on_share":true,"show_onboarding_experience":true,"onboarding_experience_completed":false,"preferred_locale":"en-US",
        "use_browser_language":null,"extended_properties":{"a":1},"extended_preferences":{},"author_id":"5948","owner_id":"7e4c",
        "modifier_id":"5948","creation_time_in_millis":1.7E12,"modification_time_in_millis":1,"first_login_time_in_millis":-1,
        "expiration_time_in_millis":null,"is_first_login":true,"welcome_email_sent":false,"can_change_password":true,
        "complete_detail":true,"incomplete_details":[],"deleted":false,"deprecated":false,"external":false,"hidden":false,
        "super_user":false,"system_user":false,"group_mask":0,"parent_type":"USER","tags":[],"tenant_id":"982d",
        "user_parameters":null,"access_control_properties":null,"variable_values":null}"#;

    #[test]
    fn a_row_is_read_whatever_is_null_in_it_and_whatever_it_lacks() {
        let whole: Map<String, Value> = serde_json::from_str(ROW).unwrap();
        for key in whole.keys().filter(|key| !["id", "name"].contains(&key.as_str())) {
            let mut row = whole.clone();
            row.insert(key.clone(), Value::Null);
            serde_json::from_value::<User>(Value::from(row.clone())).unwrap_or_else(|e| panic!("{key} is null: {e}"));
            row.remove(key);
            serde_json::from_value::<User>(Value::from(row)).unwrap_or_else(|e| panic!("no {key}: {e}"));
        }
    }

    #[test]
    fn what_no_decision_rests_on_may_be_of_any_type() {
        let mut row: Map<String, Value> = serde_json::from_str(ROW).unwrap();
        for key in
            ["current_org", "org_privileges", "home_liveboard", "favorite_metadata", "tags", "group_mask", "incomplete_details"]
        {
            row.insert(key.to_owned(), json!("text"));
        }
        let user: User = serde_json::from_value(Value::from(row)).unwrap();
        assert_eq!((user.home_liveboard, user.creation_time_in_millis), (None, Some(1_700_000_000_000)));
    }

    #[test]
    fn a_row_whose_memberships_cannot_be_read_is_an_error_and_not_a_user_without_any() {
        for key in ["orgs", "user_groups", "privileges"] {
            let mut row: Map<String, Value> = serde_json::from_str(ROW).unwrap();
            row.insert(key.to_owned(), json!("text"));
            assert!(serde_json::from_value::<User>(Value::from(row)).is_err(), "{key}");
        }
    }
}
