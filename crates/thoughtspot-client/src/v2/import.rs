//! What imports of users and of groups have in common (docs/thoughtspot-api.md, "Bulk import").

use serde::Deserialize;

use crate::decode::if_readable;
use crate::domain::Guid;

/// Whether an import changes anything. Always sent: left out, it would not, and would still look like a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Import {
    /// Only tells what would happen.
    DryRun,
    Apply,
}

/// What becomes of those whom an import does not list. Always sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    Keep,
    /// **Deletes every other one**, but for those the system cannot do without.
    Delete,
}

/// Whom an import touched, or would.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Imported {
    /// Not known yet of one that a dry run would create.
    #[serde(default, deserialize_with = "if_readable")]
    pub id: Option<Guid>,
    pub name: String,
}
