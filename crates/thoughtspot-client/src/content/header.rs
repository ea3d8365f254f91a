//! The header of an object: what listings tell about it, in the same words in both dialects.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::decode::{if_readable, millis, or_default};
use crate::domain::{ContentItem, ContentKind, Guid, Millis, OrgId};
use crate::error::{Error, Result};
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

/// The object of a row, if it is this author's and of this Org: filters that a server does not know are ignored by it.
///
/// # Errors
///
/// [`Error::Uncertified`] if the row does not say whose it is.
pub(crate) fn of_author(header: Option<&Header>, org: OrgId, author: &str, kind: ContentKind) -> Result<Option<ContentItem>> {
    let whose = header.and_then(|header| Some((header, header.author.as_ref()?)));
    let (header, whose) = whose.ok_or_else(|| Error::Uncertified {
        scope: format!("content of Org {org}"),
        why: "a row does not say who its author is".to_owned(),
    })?;
    let here = header.org_ids.is_empty() || header.org_ids.contains(&org.0);
    Ok((here && whose == author).then(|| ContentItem { id: header.id.clone(), kind }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_says_whose_it_is_is_somebodys() {
        let of_ana = |row: Value| {
            let header: Header = serde_json::from_value(row).unwrap();
            of_author(Some(&header), OrgId(7), "ana", ContentKind::Answer)
        };
        let item = ContentItem { id: "a".to_owned(), kind: ContentKind::Answer };
        assert_eq!(of_ana(json!({"id": "a", "author": "ana", "orgIds": [7]})).unwrap(), Some(item.clone()));
        assert_eq!(of_ana(json!({"id": "a", "author": "ana"})).unwrap(), Some(item));
        assert_eq!(of_ana(json!({"id": "a", "author": "bo"})).unwrap(), None, "the filter was ignored");
        assert_eq!(of_ana(json!({"id": "a", "author": "ana", "orgIds": [8]})).unwrap(), None);
        assert!(of_ana(json!({"id": "a"})).is_err());
        assert!(of_author(None, OrgId(7), "ana", ContentKind::Answer).is_err());
    }
}
