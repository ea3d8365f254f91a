//! Objects: found, deleted, copied, given another author (docs/thoughtspot-api-content.md, "Searching for content").

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with_macros::skip_serializing_none;

use super::{MetadataType, Object, Principal};
use crate::at::At;
use crate::content::header::Header;
use crate::content::{ShareMode, TableSubtype};
use crate::decode::or_default;
use crate::domain::Guid;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::v2::paging::SortOrder;
use crate::wire::Call;

/// Objects of one Org. From [`crate::v2::V2::metadata`].
#[derive(Clone, Copy)]
pub struct Metadata<'a>(pub(super) At<'a>);

/// Which objects, and what about them. Filters are joined by "and"; an unset one does not filter.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SearchMetadata {
    /// Objects that match any of these. At most 25 of them a request: more make the server slow.
    pub metadata: Option<NonEmpty<MetadataFilter>>,
    /// Objects that these principals have this access to.
    pub permissions: Option<NonEmpty<PermissionFilter>>,
    /// By GUID or name of the tag.
    pub tag_identifiers: Option<NonEmpty<String>>,
    /// By GUID or name of the author.
    pub created_by_user_identifiers: Option<NonEmpty<String>>,
    /// By GUID or name of who changed it last.
    pub modified_by_user_identifiers: Option<NonEmpty<String>>,
    pub exclude_objects: Option<NonEmpty<Object>>,
    pub favorite_object_options: Option<Favorites>,
    pub include_auto_created_objects: Option<bool>,
    pub include_dependent_objects: Option<bool>,
    /// Dependent objects of an object; 50 if unset.
    pub dependent_objects_record_size: Option<u32>,
    pub include_details: Option<bool>,
    /// Included if unset.
    pub include_headers: Option<bool>,
    pub include_hidden_objects: Option<bool>,
    pub include_incomplete_objects: Option<bool>,
    pub include_visualization_headers: Option<bool>,
    pub include_stats: Option<bool>,
    /// Included if unset: objects that the caller could ask for access to.
    pub include_discoverable_objects: Option<bool>,
    pub record_offset: Option<u32>,
    /// Rows of an answer; 10 if unset. There is no total: a shorter answer is the last.
    pub record_size: Option<u32>,
    pub sort_options: Option<MetadataSort>,
}

/// Objects by id or name, and type.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MetadataFilter {
    #[serde(flatten)]
    pub which: Option<Match>,
    /// Always sent: without it a name is refused (400, code 10002).
    #[serde(rename = "type")]
    pub kind: MetadataType,
    /// For logical tables.
    pub subtypes: Option<NonEmpty<TableSubtype>>,
}

impl MetadataFilter {
    /// Every object of a type.
    pub fn every(kind: MetadataType) -> Self {
        MetadataFilter { which: None, kind, subtypes: None }
    }

    /// The object with this GUID or name.
    pub fn one(kind: MetadataType, identifier: impl Into<String>) -> Self {
        MetadataFilter { which: Some(Match::Identifier(identifier.into())), kind, subtypes: None }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// A GUID, or a name with regard to case.
    Identifier(String),
    /// An object id of one's own choosing.
    ObjIdentifier(String),
    /// A name without regard to case; `%` stands for anything.
    NamePattern(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PermissionFilter {
    pub principal: Principal,
    pub share_mode: ShareMode,
}

/// What people marked as their favourite.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Favorites {
    pub include: bool,
    /// Whose; the caller's if unset.
    pub user_identifiers: Option<NonEmpty<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MetadataSort {
    pub field_name: MetadataSortField,
    pub order: SortOrder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MetadataSortField {
    Name,
    DisplayName,
    Author,
    Created,
    Modified,
    Views,
    Favorites,
    LastAccessed,
}

/// An object that was found, with as much about it as was asked for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MetadataRow {
    #[serde(default)]
    pub metadata_id: Option<Guid>,
    #[serde(default)]
    pub metadata_name: Option<String>,
    /// Grows with releases, so it is text.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata_type: String,
    #[serde(default)]
    pub metadata_obj_id: Option<String>,
    #[serde(default)]
    pub metadata_header: Option<Header>,
    /// The whole object; its form differs by type and release.
    #[serde(default)]
    pub metadata_detail: Option<Value>,
    /// What depends on it; its form differs by release.
    #[serde(default)]
    pub dependent_objects: Option<Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub incomplete_objects: Vec<Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub visualization_headers: Vec<Header>,
    /// Views, favourites and the like.
    #[serde(default)]
    pub stats: Option<Value>,
}

/// What can be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Deletable {
    Liveboard,
    Answer,
    LogicalTable,
    LogicalColumn,
    LogicalRelationship,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeleteMetadata {
    pub metadata: NonEmpty<Object<Deletable>>,
    /// Also objects that are switched off.
    pub delete_disabled_objects: bool,
}

/// What can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Copyable {
    Liveboard,
    Answer,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CopyMetadata {
    #[serde(flatten)]
    pub object: Object<Copyable>,
    /// The server's choice if unset.
    pub title: Option<String>,
    pub description: Option<String>,
}

/// What has an author that can be changed. Users, groups, tags and columns cannot be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Authored {
    Liveboard,
    Answer,
    LogicalTable,
    Connection,
}

/// A change of author. Lists what it is about: there is no call for everything of a user.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssignAuthor {
    pub metadata: NonEmpty<Object<Authored>>,
    /// The new author, by GUID or name.
    pub user_identifier: String,
    /// Only those of the objects whose author this is; all of them if unset.
    pub current_owner_identifier: Option<String>,
}

#[derive(Deserialize)]
pub(in crate::v2) struct Copied {
    metadata_id: Guid,
}

impl Metadata<'_> {
    /// Finds objects. One that is named and does not exist is absent from the answer.
    pub async fn search(&self, search: &SearchMetadata) -> Result<Vec<MetadataRow>> {
        self.0.rows(&Call::read("metadata/search", search)).await
    }

    /// Deletes objects (docs/thoughtspot-api-content.md, "Deleting and copying").
    ///
    /// All or nothing: if one is not known, it fails with [`crate::Error::Refused`] (400, code 13003) and nothing is deleted.
    pub async fn delete(&self, delete: &DeleteMetadata) -> Result<()> {
        self.0.done(&Call::post("metadata/delete", delete)).await
    }

    /// Copies an object and gives the id of the copy (docs/thoughtspot-api-content.md, "Deleting and copying"). Since 10.3.0.cl. Not
    /// safe to repeat: each call makes another copy.
    ///
    /// Fails with [`crate::Error::Refused`] (404) if the object is not known.
    pub async fn copy(&self, copy: &CopyMetadata) -> Result<Guid> {
        let copied: Copied = self.0.one(&Call::post("metadata/copyobject", copy), "a copy").await?;
        Ok(copied.metadata_id)
    }

    /// Makes a user the author of objects (docs/thoughtspot-api-content.md, "Authors"). Safe to repeat.
    pub async fn assign_author(&self, assign: &AssignAuthor) -> Result<()> {
        self.0.done(&Call::post("security/metadata/assign", assign)).await
    }
}
