//! What is asked about groups.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};
use serde_with_macros::skip_serializing_none;

use crate::domain::OrgId;
use crate::nonempty::NonEmpty;
use crate::v2::change::{Change, Whole, one_list};
use crate::v2::import::{Import, Unlisted};
use crate::v2::paging::Paging;
use crate::v2::refs::org_texts;
use crate::v2::words::{GroupType, Visibility};

/// Which groups to find. Filters are joined with "and", the items of one with "or"; without any, all that the token sees.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SearchGroups {
    /// An id or a name.
    pub group_identifier: Option<String>,
    /// With `%` for any text; case is ignored.
    pub name_pattern: Option<String>,
    pub display_name: Option<String>,
    pub description: Option<String>,
    #[serde(serialize_with = "org_texts")]
    pub org_identifiers: Option<NonEmpty<OrgId>>,
    pub privileges: Option<NonEmpty<String>>,
    pub role_identifiers: Option<NonEmpty<String>>,
    /// Groups that hold one of these groups.
    pub sub_group_identifiers: Option<NonEmpty<String>>,
    /// Groups that hold one of these users.
    pub user_identifiers: Option<NonEmpty<String>>,
    pub default_liveboard_identifiers: Option<NonEmpty<String>>,
    #[serde(rename = "type")]
    pub kind: Option<GroupType>,
    pub visibility: Option<Visibility>,
    /// Whether rows list their members; the server's default is yes.
    pub include_users: Option<bool>,
    /// Whether rows list the groups nested in them; the server's default is yes.
    pub include_sub_groups: Option<bool>,
    #[serde(flatten)]
    pub paging: Paging,
}

/// A group to be created.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CreateGroup {
    /// Unique in its Org.
    pub name: String,
    pub display_name: String,
    pub description: Option<String>,
    /// Where roles are off. Never together with `role_identifiers`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub privileges: BTreeSet<String>,
    /// Where roles are on; ids or names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub role_identifiers: Vec<String>,
    /// Groups to be nested in this one, whose members get its privileges; ids or names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sub_group_identifiers: Vec<String>,
    /// Members of the Org; ids or names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user_identifiers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_liveboard_identifiers: Vec<String>,
    #[serde(rename = "type")]
    pub kind: Option<GroupType>,
    pub visibility: Option<Visibility>,
}

/// What to change about a group; `None` leaves as it is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UpdateGroup {
    pub name: Option<String>,
    pub display_name: Option<String>,
    /// Empty clears it.
    pub description: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<GroupType>,
    pub visibility: Option<Visibility>,
    /// At most one list: a request has one operation for all of them.
    #[serialize_always]
    #[serde(flatten, serialize_with = "one_list")]
    pub list: Option<GroupList>,
}

/// A list of a group. Items are ids or names, but for privileges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupList {
    /// Where roles are off.
    Privileges(Change<String>),
    /// Where roles are on.
    Roles(Change<String>),
    /// The groups nested in it.
    SubGroups(Change<String>),
    /// Its members, who have to be members of the Org.
    Users(Change<String>),
    DefaultLiveboards(Change<String>),
}

impl Serialize for GroupList {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (key, change) = match self {
            GroupList::Privileges(change) => ("privileges", change),
            GroupList::Roles(change) => ("role_identifiers", change),
            GroupList::SubGroups(change) => ("sub_group_identifiers", change),
            GroupList::Users(change) => ("user_identifiers", change),
            GroupList::DefaultLiveboards(change) => ("default_liveboard_identifiers", change),
        };
        change.write(key, String::clone, to)
    }
}

/// Groups to be made what this says, all at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportGroups {
    pub groups: NonEmpty<ImportGroup>,
    pub mode: Import,
    pub unlisted: Unlisted,
}

/// One group of an import; `None` leaves as it is. There are no roles in imports.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportGroup {
    /// The name, or the id of one that exists.
    pub group_identifier: String,
    pub display_name: String,
    pub description: Option<String>,
    pub privileges: Option<Whole<String>>,
    pub sub_group_identifiers: Option<Whole<String>>,
    pub user_identifiers: Option<Whole<String>>,
    pub default_liveboard_identifiers: Option<Whole<String>>,
    #[serde(rename = "type")]
    pub kind: Option<GroupType>,
    pub visibility: Option<Visibility>,
}
