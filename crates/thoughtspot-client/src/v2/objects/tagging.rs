//! Tags put on objects and taken off (docs/thoughtspot-api-content.md, "Tags on content").

use serde::Serialize;

use super::Object;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::v2::tags::Tags;
use crate::wire::Call;

/// What can be tagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Taggable {
    Liveboard,
    Answer,
    LogicalTable,
    LogicalColumn,
    Connection,
    Collection,
}

/// Every tag of the list, on every object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaggedObjects {
    pub metadata: NonEmpty<Object<Taggable>>,
    /// GUIDs or names.
    pub tag_identifiers: NonEmpty<String>,
}

impl Tags<'_> {
    /// Puts tags on objects that the caller may change. Safe to repeat. Who has which tag is read with
    /// [`super::metadata::Metadata::search`].
    pub async fn assign(&self, tagged: &TaggedObjects) -> Result<()> {
        self.0.done(&Call::post("tags/assign", tagged)).await
    }

    /// Takes tags off objects. Safe to repeat.
    pub async fn unassign(&self, tagged: &TaggedObjects) -> Result<()> {
        self.0.done(&Call::post("tags/unassign", tagged)).await
    }
}
