//! Privileges on single objects (docs/thoughtspot-api-content.md, "Publishing, rights on tables, secured columns"). Since 26.3.0.cl.

use serde::{Deserialize, Serialize};
use serde_with_macros::skip_serializing_none;

use super::lenient::{list, words};
use super::sharing::Sharing;
use super::{Object, Principal};
use crate::domain::Guid;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::wire::Call;

/// On what such privileges are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PrivilegedType {
    LogicalTable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ObjectPrivilege {
    /// To teach Spotter what questions about the table mean.
    SpotterCoachingPrivilege,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum GrantOrRevoke {
    #[serde(rename = "ADD")]
    Grant,
    #[serde(rename = "REMOVE")]
    Revoke,
}

/// Every privilege of the list, on every object, for every principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ManageObjectPrivileges {
    pub operation: GrantOrRevoke,
    pub metadata_type: PrivilegedType,
    pub object_privilege_types: NonEmpty<ObjectPrivilege>,
    /// GUIDs or names.
    pub metadata_identifiers: NonEmpty<String>,
    pub principals: NonEmpty<Principal>,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FetchObjectPrivileges {
    pub metadata: NonEmpty<Object<PrivilegedType>>,
    /// Only of these; of all if unset.
    pub principals: Option<NonEmpty<Principal>>,
    pub record_offset: Option<u32>,
    /// Rows of an answer; 20 if unset.
    pub record_size: Option<u32>,
}

/// Who holds which privileges on one object.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ObjectPrivileges {
    pub metadata_id: Guid,
    #[serde(default)]
    pub metadata_name: Option<String>,
    #[serde(default)]
    pub metadata_type: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub principal_object_privilege_info: Vec<HoldersOfType>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HoldersOfType {
    /// `USER` or `USER_GROUP`.
    #[serde(default)]
    pub principal_type: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub principal_object_privileges: Vec<Holder>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Holder {
    pub principal_id: Guid,
    #[serde(default)]
    pub principal_name: Option<String>,
    /// Such as `LOCAL_USER`.
    #[serde(default)]
    pub principal_sub_type: Option<String>,
    /// Grows with releases, so it is text.
    #[serde(default, deserialize_with = "words")]
    pub object_privileges: Vec<String>,
}

#[derive(Deserialize)]
pub(in crate::v2) struct Answer {
    #[serde(deserialize_with = "list")]
    metadata_object_privileges: Vec<ObjectPrivileges>,
}

impl Sharing<'_> {
    /// Gives or takes privileges on objects. Safe to repeat.
    pub async fn manage_object_privileges(&self, manage: &ManageObjectPrivileges) -> Result<()> {
        self.0.done(&Call::post("security/metadata/manage-object-privilege", manage)).await
    }

    /// Who holds privileges on objects.
    pub async fn object_privileges(&self, asked: &FetchObjectPrivileges) -> Result<Vec<ObjectPrivileges>> {
        let answer: Answer =
            self.0.one(&Call::read("security/metadata/fetch-object-privileges", asked), "a list of privileges").await?;
        Ok(answer.metadata_object_privileges)
    }
}
