//! What is told about groups. Lists and options may be `null`; what the operator does not rest decisions on may even be of another type.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::decode::{if_readable, millis, or_default};
use crate::domain::{Guid, Millis};
use crate::v2::import::Imported;
use crate::v2::refs::{Named, NamedOrg};
use crate::v2::words::{GroupType, Visibility};

/// A group as the server shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Group {
    pub id: Guid,
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    #[serde(rename = "type", default)]
    pub kind: Option<GroupType>,
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// The one Org it lives in. `None` where the Orgs feature is off.
    #[serde(default)]
    pub orgs: Option<Vec<NamedOrg>>,
    #[serde(default, deserialize_with = "or_default")]
    pub privileges: BTreeSet<String>,
    /// `None` where role-based access control is off.
    #[serde(default)]
    pub roles: Option<Vec<Named>>,
    /// Its members; empty where they were not asked for.
    #[serde(default, deserialize_with = "or_default")]
    pub users: Vec<Named>,
    /// The groups nested in it; empty where they were not asked for.
    #[serde(default, deserialize_with = "or_default")]
    pub sub_groups: Vec<Named>,
    #[serde(default, deserialize_with = "or_default")]
    pub default_liveboards: Vec<Named>,
    #[serde(default, deserialize_with = "if_readable")]
    pub tags: Vec<Named>,
    #[serde(default, deserialize_with = "or_default")]
    pub system_group: bool,
    #[serde(default)]
    pub author_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub owner_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub modifier_id: Option<Guid>,
    #[serde(default, deserialize_with = "millis")]
    pub creation_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub modification_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "if_readable")]
    pub parent_type: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub complete_detail: Option<bool>,
    #[serde(default, deserialize_with = "if_readable")]
    pub deleted: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub deprecated: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub external: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub hidden: bool,
    /// Any JSON.
    #[serde(default)]
    pub content: Value,
    #[serde(default, deserialize_with = "if_readable")]
    pub generation_number: Option<i64>,
    #[serde(default, deserialize_with = "if_readable")]
    pub index: Option<i64>,
    #[serde(default, deserialize_with = "if_readable")]
    pub index_version: Option<i64>,
    #[serde(default, deserialize_with = "if_readable")]
    pub metadata_version: Option<i64>,
}

/// Which groups an import touched, or would.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ImportedGroups {
    #[serde(default, deserialize_with = "or_default")]
    pub groups_added: Vec<Imported>,
    #[serde(default, deserialize_with = "or_default")]
    pub groups_updated: Vec<Imported>,
    #[serde(default, deserialize_with = "or_default")]
    pub groups_deleted: Vec<Imported>,
}
