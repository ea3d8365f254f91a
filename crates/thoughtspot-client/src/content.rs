//! Words and shapes about content (Liveboards, Answers, tables and what is on them) that both dialects share.
//!
//! Facts are in `docs/thoughtspot-api-content.md`; each type names its section.

pub mod header;
pub mod tml;

use serde::Serialize;

/// What a principal may do with an object (docs/thoughtspot-api-content.md, "Sharing").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShareMode {
    ReadOnly,
    Modify,
    /// Takes a share away.
    NoAccess,
}

impl ShareMode {
    /// The word as it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ShareMode::ReadOnly => "READ_ONLY",
            ShareMode::Modify => "MODIFY",
            ShareMode::NoAccess => "NO_ACCESS",
        }
    }
}

/// Which permissions are meant (docs/thoughtspot-api-content.md, "Permissions").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PermissionType {
    /// Those that were given to the principal itself. In v2, releases before 10.3.0.cl do not know the word and tell the effective
    /// ones. None of these does not mean no access.
    Defined,
    /// Those that hold, whatever they come from: groups, ownership, administration.
    Effective,
}

impl PermissionType {
    /// The word as it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PermissionType::Defined => "DEFINED",
            PermissionType::Effective => "EFFECTIVE",
        }
    }
}

/// Whether a principal is a user or a group: the two may have the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PrincipalType {
    User,
    UserGroup,
}

impl PrincipalType {
    /// The word as it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PrincipalType::User => "USER",
            PrincipalType::UserGroup => "USER_GROUP",
        }
    }
}

/// What a logical table is; a filter of listings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TableSubtype {
    /// A table of a connection.
    OneToOneLogical,
    /// A worksheet or a model.
    Worksheet,
    PrivateWorksheet,
    /// A file that somebody uploaded.
    UserDefined,
    /// A view.
    AggrWorksheet,
    SqlView,
}
