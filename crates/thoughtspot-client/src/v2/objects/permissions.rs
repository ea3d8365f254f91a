//! What is asked and told about permissions (docs/thoughtspot-api-content.md, "Permissions"). The calls are in `sharing`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with_macros::skip_serializing_none;

use super::lenient::list;
use super::{MetadataType, Object, Principal};
use crate::content::PermissionType;
use crate::decode::or_default;
use crate::domain::Guid;
use crate::nonempty::NonEmpty;
use crate::v2::refs::Named;

/// Whose permissions on which objects.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfMetadata {
    pub metadata: NonEmpty<Object>,
    /// Only these principals; all if unset.
    pub principals: Option<NonEmpty<Principal>>,
    /// Also the permissions on what depends on the objects.
    pub include_dependent_objects: bool,
    pub record_offset: Option<u32>,
    /// Rows of an answer; all if unset.
    pub record_size: Option<u32>,
    pub permission_type: PermissionType,
}

impl OfMetadata {
    /// Everybody's permissions on objects, all in one answer.
    pub fn of(metadata: NonEmpty<Object>, permission_type: PermissionType) -> Self {
        OfMetadata {
            metadata,
            principals: None,
            include_dependent_objects: false,
            record_offset: None,
            record_size: None,
            permission_type,
        }
    }
}

/// The permissions of which principals.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfPrincipals {
    pub principals: NonEmpty<Principal>,
    /// On these objects only; on all if unset.
    pub metadata: Option<NonEmpty<Object>>,
    /// On objects of this type only, where none is named; on all if unset.
    pub default_metadata_type: Option<DefaultMetadataType>,
    pub record_offset: Option<u32>,
    /// Rows of an answer; all if unset.
    pub record_size: Option<u32>,
}

impl OfPrincipals {
    /// All that principals may do, in one answer.
    pub fn of(principals: NonEmpty<Principal>) -> Self {
        OfPrincipals { principals, metadata: None, default_metadata_type: None, record_offset: None, record_size: None }
    }
}

/// Every type, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DefaultMetadataType {
    All,
    #[serde(untagged)]
    Only(MetadataType),
}

/// Who may do what with one object.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MetadataPermissions {
    pub metadata_id: Guid,
    #[serde(default)]
    pub metadata_name: Option<String>,
    #[serde(default)]
    pub metadata_type: Option<String>,
    #[serde(default)]
    pub metadata_owner: Option<Named>,
    #[serde(default)]
    pub metadata_author: Option<Named>,
    #[serde(default, deserialize_with = "list")]
    pub principal_permission_info: Vec<PrincipalsOfType>,
}

impl MetadataPermissions {
    /// What a user or group may do, such as `READ_ONLY`; `None` if it is not mentioned.
    pub fn of(&self, principal_id: &str) -> Option<&str> {
        let mut all = self.principal_permission_info.iter().flat_map(|info| &info.principal_permissions);
        all.find(|row| row.principal_id == principal_id)?.permission.as_deref()
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PrincipalsOfType {
    /// `USER` or `USER_GROUP`.
    #[serde(default)]
    pub principal_type: Option<String>,
    /// Such as `LOCAL_USER`.
    #[serde(default)]
    pub principal_sub_type: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub principal_permissions: Vec<PrincipalPermission>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PrincipalPermission {
    pub principal_id: Guid,
    #[serde(default)]
    pub principal_name: Option<String>,
    /// What the principal may do: the one that counts.
    #[serde(default)]
    pub permission: Option<String>,
    /// What was given to the principal itself. Not to be relied on: it was seen as `NO_ACCESS` on real shares.
    #[serde(default)]
    pub shared_permission: Option<String>,
    /// What comes from groups; in whatever form the server tells it.
    #[serde(default)]
    pub group_permission: Value,
}

/// What one principal may do.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PrincipalPermissions {
    pub principal_id: Guid,
    #[serde(default)]
    pub principal_name: Option<String>,
    #[serde(default)]
    pub principal_type: Option<String>,
    #[serde(default)]
    pub principal_sub_type: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub metadata_permission_info: Vec<MetadataOfType>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MetadataOfType {
    #[serde(default, deserialize_with = "or_default")]
    pub metadata_type: String,
    #[serde(default, deserialize_with = "list")]
    pub metadata_permissions: Vec<MetadataPermission>,
}

/// As [`PrincipalPermission`], seen from the principal.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MetadataPermission {
    pub metadata_id: Guid,
    #[serde(default)]
    pub metadata_name: Option<String>,
    #[serde(default)]
    pub metadata_owner: Option<Named>,
    #[serde(default)]
    pub metadata_author: Option<Named>,
    #[serde(default)]
    pub permission: Option<String>,
    #[serde(default)]
    pub shared_permission: Option<String>,
    #[serde(default)]
    pub group_permission: Value,
}
