//! Tags: coloured labels of an Org, put on its content (docs/thoughtspot-api.md, "Tags").

use serde::{Deserialize, Serialize};
use serde_with_macros::skip_serializing_none;

use super::V2;
use crate::at::At;
use crate::decode::{if_readable, millis, segment};
use crate::domain::{Guid, Millis, OrgId};
use crate::error::Result;
use crate::wire::Call;

/// The tags of one Org. Writing needs `ADMINISTRATION` there, or `TAGMANAGEMENT` where roles are on; anybody may search.
#[derive(Clone, Copy)]
pub struct Tags<'a>(pub(super) At<'a>);

/// Which tags to find; without any filter, all of the Org.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SearchTags {
    /// An id or a name.
    pub tag_identifier: Option<String>,
    /// With `%` for any text; case is ignored.
    pub name_pattern: Option<String>,
    /// Such as `#ffd700`.
    pub color: Option<String>,
}

/// A tag to be created.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CreateTag {
    /// Unique in its Org.
    pub name: String,
    /// `#rrggbb`; comes back in lower case.
    pub color: Option<String>,
}

/// What to change about a tag; `None` leaves as it is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UpdateTag {
    pub name: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
}

/// A tag as the server shows it. What it is put on is not part of it: search the content by its tags.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Tag {
    pub id: Guid,
    pub name: String,
    #[serde(default)]
    pub color: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub deleted: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub deprecated: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub external: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub hidden: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub author_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub modifier_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub owner_id: Option<Guid>,
    #[serde(default, deserialize_with = "millis")]
    pub creation_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub modification_time_in_millis: Option<Millis>,
}

impl V2 {
    /// The tags of `org`.
    pub fn tags(&self, org: OrgId) -> Tags<'_> {
        Tags(At { session: &self.session, org })
    }
}

impl Tags<'_> {
    /// Every tag that matches, in one answer: there is no paging.
    pub async fn search(&self, filters: &SearchTags) -> Result<Vec<Tag>> {
        self.0.rows(&Call::read("tags/search", filters)).await
    }

    /// Creates a tag in the Org.
    ///
    /// # Errors
    ///
    /// A name that is taken is refused. [`crate::Error::Unclear`]: it may exist now; search for it by name before trying again.
    pub async fn create(&self, new: &CreateTag) -> Result<Tag> {
        self.0.one(&Call::post("tags/create", new), "a tag").await
    }

    /// Renames or recolours the tag `id`.
    pub async fn update(&self, id: &str, patch: &UpdateTag) -> Result<()> {
        const UPDATE: &str = "tags/update";
        let path = format!("tags/{}/update", segment(UPDATE, id)?);
        self.0.done(&Call::write(UPDATE, path, patch)).await
    }

    /// Deletes the tag `id`, and takes it **off every object** that has it.
    pub async fn delete(&self, id: &str) -> Result<()> {
        const DELETE: &str = "tags/delete";
        let path = format!("tags/{}/delete", segment(DELETE, id)?);
        self.0.done(&Call::bare_write(DELETE, path)).await
    }
}
