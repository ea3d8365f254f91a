//! Words and shapes about content (Liveboards, Answers, tables and what is on them) that both dialects share.
//!
//! Facts are in `docs/thoughtspot-api-content.md`; each type names its section.

pub mod header;
pub mod tml;

use serde::{Deserialize, Serialize};

/// What a principal may do with an object (docs/thoughtspot-api-content.md, "Sharing").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShareMode {
    ReadOnly,
    Modify,
    /// Takes a share away.
    NoAccess,
}

/// Whether a principal is a user or a group: the two may have the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PrincipalType {
    User,
    UserGroup,
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

/// A thing named in an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Named {
    /// Its GUID.
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
}
