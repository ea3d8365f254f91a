//! What is asked for tokens and of trusted authentication. What holds a secret has no `Serialize`.

use std::num::NonZeroU32;

use serde::Serialize;

use crate::domain::OrgId;
use crate::secret::Secret;
use crate::settings::Proof;
use crate::v2::change::Whole;
use crate::v2::words::AuthStatus;

/// A token for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    pub username: String,
    /// The user's password, or a secret key, which opens every account.
    pub proof: Proof,
    /// The Org it is for: always said, since it would otherwise be the one that the user saw last.
    pub org: OrgId,
    /// How long it lives, in seconds; the server's default is 300.
    pub validity_time_in_sec: Option<NonZeroU32>,
    /// Makes the user on the way, or changes the one there is. Needs a secret key.
    pub create: Option<JustInTime>,
}

/// A user to be made by whoever asks for its token. **One who exists is changed to this**, but by a [`CustomToken`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JustInTime {
    pub email: String,
    pub display_name: String,
    /// Its groups of that Org; ids or names. `None` leaves them; an unknown name becomes a group without privileges.
    pub groups: Option<Whole<String>>,
}

/// A token whose holder sees the data that these values let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomToken {
    pub username: String,
    pub proof: Proof,
    pub org: OrgId,
    /// In seconds; the server's default is 300.
    pub validity_time_in_sec: Option<NonZeroU32>,
    /// What becomes of the values after the token.
    pub persist: Persist,
    /// Not together with [`Persist::None`] and [`Persist::Reset`]: such a request is refused.
    pub variable_values: Vec<Values>,
    pub parameter_values: Vec<Values>,
    /// How rows were restricted before there were variables.
    pub filter_rules: Vec<FilterRule>,
    /// The tables, worksheets or models that the values are about, by GUID or name; empty for all.
    pub tables: Vec<String>,
    /// Makes the user if there is none; otherwise nothing is made. One who exists stays as it is.
    pub create: Option<JustInTime>,
}

/// What becomes of the values of a [`CustomToken`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Persist {
    /// They take the place of those that the user has.
    Replace,
    /// They are added to those that the user has.
    Append,
    /// They end with the token.
    None,
    /// Those that the user has are cleared.
    Reset,
}

/// The values of one variable or parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Values {
    pub name: String,
    pub values: Vec<Scalar>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Bool(bool),
}

/// A restriction of one column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FilterRule {
    pub column_name: String,
    /// Such as `EQ` or `IN`.
    pub operator: String,
    pub values: Vec<Scalar>,
}

/// A sign-in like that of a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogIn {
    pub username: String,
    pub password: Secret,
    /// Always said, since it would otherwise be the one that the user saw last.
    pub org: OrgId,
    /// About a week instead of hours.
    pub remember_me: bool,
}

/// Whose tokens are to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoke {
    /// The one that the client itself uses for this Org; it gets itself another when it needs one.
    Own,
    /// All of a user (id or name).
    OfUser(String),
    /// This one.
    Token(Secret),
}

impl Revoke {
    pub(super) fn token(&self) -> Option<&Secret> {
        match self {
            Revoke::Token(token) => Some(token),
            Revoke::Own | Revoke::OfUser(_) => None,
        }
    }
}

/// Whose trusted authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AuthScope {
    /// Its key opens every account; seen and changed in Primary only.
    Cluster,
    /// The key of the token's Org opens the accounts of that Org; only where the vendor switched on keys for each Org.
    Org,
}

/// Trusted authentication, on or off; what is not named stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigureTrustedAuth {
    pub cluster: Option<AuthStatus>,
    pub orgs: Vec<OrgAuth>,
}

/// Trusted authentication of one Org.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgAuth {
    pub org: OrgId,
    pub auth_status: AuthStatus,
}
