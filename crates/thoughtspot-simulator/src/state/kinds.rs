//! The closed lists of values that users, groups and Orgs have. Their names are those of the wire.

use crate::settings::Settings;
use serde::{Deserialize, Serialize};

/// How a user signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountType {
    /// With a password of its own.
    LocalUser,
    /// Through a directory.
    LdapUser,
    /// Through SAML.
    SamlUser,
    /// Through OpenID Connect.
    OidcUser,
    /// Through something else.
    RemoteUser,
}

/// Whether a user can sign in. Only an active one can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountStatus {
    Active,
    Inactive,
    Expired,
    Locked,
    Pending,
    Suspended,
}

impl AccountStatus {
    /// The status a user has after it was given this one.
    pub(super) fn as_stored(self, settings: &Settings) -> Self {
        match self {
            Self::Inactive | Self::Expired if settings.inactive_becomes_suspended => Self::Suspended,
            Self::Active | Self::Inactive | Self::Expired | Self::Locked | Self::Pending | Self::Suspended => self,
        }
    }
}

/// Whether a user or group is offered to others when they share something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Visibility {
    Sharable,
    NonSharable,
}

/// Where a group comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GroupType {
    LocalGroup,
    LdapGroup,
    TeamGroup,
    TenantGroup,
}

/// Whether an Org is in use. No public call changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OrgStatus {
    Active,
    InActive,
}

/// Whether an Org is shown. No public call changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OrgVisibility {
    Show,
    Hidden,
}

/// A language a user can prefer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Locale(pub(crate) String);

const LOCALES: [&str; 27] = [
    "en-CA", "en-GB", "en-US", "de-DE", "ja-JP", "zh-CN", "pt-BR", "fr-FR", "fr-CA", "es-US", "da-DK", "es-ES", "fi-FI", "sv-SE",
    "nb-NO", "pt-PT", "nl-NL", "it-IT", "ru-RU", "en-IN", "de-CH", "en-NZ", "es-MX", "en-AU", "zh-Hant", "ko-KR", "en-DE",
];

impl Locale {
    /// The language of this name, or why there is none.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        if LOCALES.contains(&name) {
            return Ok(Self(name.to_owned()));
        }
        Err(format!("Value \"{name}\" does not exist in the preferred_locale enum"))
    }
}

impl<'de> Deserialize<'de> for Locale {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::named(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
