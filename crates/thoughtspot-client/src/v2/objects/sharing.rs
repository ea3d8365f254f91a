//! Sharing (docs/thoughtspot-api-content.md, "Sharing").

use serde::Serialize;
use serde_with_macros::skip_serializing_none;

use super::permissions::{MetadataPermissions, OfMetadata, OfPrincipals, PrincipalPermissions};
use super::{Object, Principal};
use crate::at::At;
use crate::content::ShareMode;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::wire::Call;

/// Who may see and change what, in one Org. From [`crate::v2::V2::sharing`].
#[derive(Clone, Copy)]
pub struct Sharing<'a>(pub(super) At<'a>);

/// What can be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Shareable {
    Liveboard,
    Answer,
    /// Gives access to all columns of the table, and so defeats what was shared by column.
    LogicalTable,
    /// Since 10.5.0.cl.
    LogicalColumn,
    Connection,
    /// Since 26.6.0.cl.
    Collection,
}

/// Who gets which access to what.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    #[serde(flatten)]
    pub objects: SharedObjects,
    pub permissions: NonEmpty<Grant>,
    /// Visualisations of the first Liveboard of the request, by GUID or name; none shares the whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub visualization_identifiers: Vec<String>,
    /// Addresses to write to besides the principals'.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// Text of the mail. Always sent, since the server insists on it; may be empty.
    pub message: String,
    /// Whether the mail links to the address that the administrator set up for embedding.
    pub enable_custom_url: Option<bool>,
    /// Whether mail is sent. Always sent, since unset means yes.
    pub notify_on_share: bool,
}

impl Share {
    /// A share that writes to nobody.
    pub fn silently(objects: SharedObjects, permissions: NonEmpty<Grant>) -> Self {
        Share {
            objects,
            permissions,
            visualization_identifiers: Vec::new(),
            emails: Vec::new(),
            message: String::new(),
            enable_custom_url: None,
            notify_on_share: false,
        }
    }
}

/// What is shared: objects of one type, or each with its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum SharedObjects {
    OfOneType { metadata_type: Shareable, metadata_identifiers: NonEmpty<String> },
    Each { metadata: NonEmpty<Object<Shareable>> },
}

/// The access of one principal.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    pub principal: Principal,
    pub share_mode: ShareMode,
    /// Access to what is in a collection; for collections only.
    pub content_share_mode: Option<ContentShareMode>,
}

impl Grant {
    pub fn new(principal: Principal, share_mode: ShareMode) -> Self {
        Grant { principal, share_mode, content_share_mode: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContentShareMode {
    ReadOnly,
    Modify,
}

impl Sharing<'_> {
    /// Shares objects, or takes shares away ([`ShareMode::NoAccess`]). Safe to repeat.
    ///
    /// A yes says nothing of single objects and principals, and a server may drop a grant without a word: what counts is what
    /// [`Sharing::of_metadata`] reads afterwards. Fails with [`crate::Error::Refused`] (400, code 13003) if a principal or an object is
    /// not known.
    pub async fn share(&self, share: &Share) -> Result<()> {
        self.0.done(&Call::post("security/metadata/share", share)).await
    }

    /// Who may do what with objects (docs/thoughtspot-api-content.md, "Permissions"). Principals without access are absent.
    ///
    /// Fails with [`crate::Error::Refused`] (400) if an object is not known.
    pub async fn of_metadata(&self, asked: &OfMetadata) -> Result<Vec<MetadataPermissions>> {
        let answer: MetadataAnswer =
            self.0.one(&Call::read("security/metadata/fetch-permissions", asked), "a list of permissions").await?;
        Ok(answer.metadata_permission_details)
    }

    /// What principals may do, and with which objects (docs/thoughtspot-api-content.md, "Permissions").
    ///
    /// Fails with [`crate::Error::Refused`] (400) if a principal is not known.
    pub async fn of_principals(&self, asked: &OfPrincipals) -> Result<Vec<PrincipalPermissions>> {
        let answer: PrincipalAnswer =
            self.0.one(&Call::read("security/principals/fetch-permissions", asked), "a list of permissions").await?;
        Ok(answer.principal_permission_details)
    }
}

#[derive(serde::Deserialize)]
pub(in crate::v2) struct MetadataAnswer {
    #[serde(deserialize_with = "super::lenient::list")]
    metadata_permission_details: Vec<MetadataPermissions>,
}

#[derive(serde::Deserialize)]
pub(in crate::v2) struct PrincipalAnswer {
    #[serde(deserialize_with = "super::lenient::list")]
    principal_permission_details: Vec<PrincipalPermissions>,
}
