//! The header of an object: what listings tell about it, in the same words in both dialects.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::decode::{if_readable, millis, or_default};
use crate::domain::{Guid, Millis};
use crate::v2::refs::Named;

/// An object as listings show it (docs/thoughtspot-api-content.md, "Searching for content").
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    pub id: Guid,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "if_readable")]
    pub description: Option<String>,
    /// The id of the user who may do everything with it.
    #[serde(default, deserialize_with = "if_readable")]
    pub author: Option<Guid>,
    /// The author's user name.
    #[serde(default, deserialize_with = "if_readable")]
    pub author_name: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub author_display_name: Option<String>,
    /// The object that contains it; itself where there is none.
    #[serde(default, deserialize_with = "if_readable")]
    pub owner: Option<Guid>,
    /// `None` where the server does not say, as for some types.
    #[serde(default, deserialize_with = "millis")]
    pub created: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub modified: Option<Millis>,
    /// The id of the user who changed it last.
    #[serde(default, deserialize_with = "if_readable")]
    pub modified_by: Option<Guid>,
    #[serde(default, deserialize_with = "or_default")]
    pub is_deleted: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub is_verified: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<Named>,
    /// What kind of its type it is, such as `WORKSHEET`; grows with releases, so it is text.
    #[serde(default, rename = "type", deserialize_with = "if_readable")]
    pub subtype: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub org_ids: Vec<i64>,
    /// What else the server says; differs by type and release.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}
