//! What is asked about users.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use serde_with_macros::skip_serializing_none;

use crate::domain::OrgId;
use crate::nonempty::NonEmpty;
use crate::secret::Secret;
use crate::v2::change::{Change, Whole, one_list};
use crate::v2::import::{Import, Unlisted};
use crate::v2::paging::Paging;
use crate::v2::refs::org_texts;
use crate::v2::words::{AccountStatus, AccountType, Visibility};

/// Which users to find. Filters are joined with "and", the items of one with "or"; without any, all that the token sees.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SearchUsers {
    /// An id or a name.
    pub user_identifier: Option<String>,
    /// Exactly this one.
    pub display_name: Option<String>,
    /// With `%` for any text; case is ignored.
    pub name_pattern: Option<String>,
    /// Exactly this one.
    pub email: Option<String>,
    pub visibility: Option<Visibility>,
    /// Members of one of these groups; ids or names.
    pub group_identifiers: Option<NonEmpty<String>>,
    pub privileges: Option<NonEmpty<String>>,
    pub account_type: Option<AccountType>,
    pub account_status: Option<AccountStatus>,
    pub notify_on_share: Option<bool>,
    pub show_onboarding_experience: Option<bool>,
    pub onboarding_experience_completed: Option<bool>,
    #[serde(serialize_with = "org_texts")]
    pub org_identifiers: Option<NonEmpty<OrgId>>,
    pub home_liveboard_identifier: Option<String>,
    pub favorite_metadata: Option<NonEmpty<FavoriteRef>>,
    /// Who has one of these roles; ids or names.
    pub role_identifiers: Option<NonEmpty<String>>,
    /// Whether rows show their favourites; otherwise that list is empty.
    pub include_favorite_metadata: Option<bool>,
    /// Whether rows show the values of their variables.
    pub include_variable_values: Option<bool>,
    #[serde(flatten)]
    pub paging: Paging,
}

/// Something a user has marked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FavoriteRef {
    #[serde(rename = "type")]
    pub kind: FavoriteKind,
    pub identifier: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FavoriteKind {
    Liveboard,
    Answer,
}

/// A user to be created. Its `Serialize` leaves out the password.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CreateUser {
    /// Unique in the whole ThoughtSpot.
    pub name: String,
    pub display_name: String,
    pub email: String,
    #[serde(skip)]
    pub password: Option<Secret>,
    pub account_type: Option<AccountType>,
    pub account_status: Option<AccountStatus>,
    /// `None` is the Org of the token. Others need a cluster administrator in Primary.
    #[serde(serialize_with = "org_texts")]
    pub org_identifiers: Option<NonEmpty<OrgId>>,
    /// Groups of the token's Org; ids or names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub group_identifiers: Vec<String>,
    pub visibility: Option<Visibility>,
    /// Whether the user is mailed when something is shared with it.
    pub notify_on_share: Option<bool>,
    pub show_onboarding_experience: Option<bool>,
    pub onboarding_experience_completed: Option<bool>,
    pub home_liveboard_identifier: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub favorite_metadata: Vec<FavoriteRef>,
    /// Such as `en-GB`.
    pub preferred_locale: Option<String>,
    /// Outweighs `preferred_locale`.
    pub use_browser_language: Option<bool>,
    pub extended_properties: Option<Map<String, Value>>,
    pub extended_preferences: Option<Map<String, Value>>,
    /// Always sent, since some releases mail unless told not to.
    pub trigger_welcome_email: bool,
    /// As `trigger_welcome_email`.
    pub trigger_activation_email: bool,
}

/// What to change about a user; `None` leaves as it is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UpdateUser {
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub email: Option<String>,
    pub account_type: Option<AccountType>,
    pub account_status: Option<AccountStatus>,
    pub visibility: Option<Visibility>,
    pub notify_on_share: Option<bool>,
    pub show_onboarding_experience: Option<bool>,
    pub onboarding_experience_completed: Option<bool>,
    pub home_liveboard_identifier: Option<String>,
    pub preferred_locale: Option<String>,
    pub use_browser_language: Option<bool>,
    pub extended_properties: Option<Map<String, Value>>,
    pub extended_preferences: Option<Map<String, Value>>,
    /// At most one list: a request has one operation for all of them.
    #[serialize_always]
    #[serde(flatten, serialize_with = "one_list")]
    pub list: Option<UserList>,
}

/// A list of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserList {
    /// The Orgs it belongs to. Needs a cluster administrator in Primary.
    Orgs(Change<OrgId>),
    /// Its groups of the token's Org; ids or names. The group `All` stays whatever is said.
    Groups(Change<String>),
    Favorites(Change<FavoriteRef>),
}

impl Serialize for UserList {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            UserList::Orgs(change) => change.write("org_identifiers", OrgId::to_string, to),
            UserList::Groups(change) => change.write("group_identifiers", String::clone, to),
            UserList::Favorites(change) => change.write("favorite_metadata", FavoriteRef::clone, to),
        }
    }
}

/// Users to be made what this says, all at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportUsers {
    pub users: NonEmpty<ImportUser>,
    /// For new users without a password of their own.
    pub default_password: Option<Secret>,
    pub mode: Import,
    pub unlisted: Unlisted,
}

/// One user of an import; `None` leaves as it is. Its `Serialize` leaves out the password.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportUser {
    /// The name, or the id of one that exists.
    pub user_identifier: String,
    pub display_name: String,
    #[serde(skip)]
    pub password: Option<Secret>,
    pub account_type: Option<AccountType>,
    pub account_status: Option<AccountStatus>,
    pub email: Option<String>,
    #[serde(serialize_with = "org_texts")]
    pub org_identifiers: Option<NonEmpty<OrgId>>,
    pub group_identifiers: Option<Whole<String>>,
    pub visibility: Option<Visibility>,
    pub notify_on_share: Option<bool>,
    pub show_onboarding_experience: Option<bool>,
    pub onboarding_experience_completed: Option<bool>,
    pub home_liveboard_identifier: Option<String>,
    pub favorite_metadata: Option<Whole<FavoriteRef>>,
    pub preferred_locale: Option<String>,
    pub use_browser_language: Option<bool>,
}

/// The end of a deactivation. Its `Serialize` leaves out token and password.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActivateUser {
    /// An id or a name.
    pub user_identifier: String,
    /// The `token` of the activation link.
    #[serde(skip)]
    pub auth_token: Secret,
    #[serde(skip)]
    pub password: Secret,
    /// Undocumented; the older API puts an encoded e-mail address there.
    pub properties: Option<String>,
}
