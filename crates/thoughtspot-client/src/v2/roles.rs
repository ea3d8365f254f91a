//! Roles: sets of privileges that groups are given where role-based access control is on (docs/thoughtspot-api.md, "Roles").
//!
//! It is off by default, is switched on by the vendor's support and cannot be switched off again. Where it is off, every call here
//! fails; a search that succeeds shows that it is on. Privileges are text, since every release adds some; which of them a role may have
//! differs between creating, changing and searching.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_with_macros::skip_serializing_none;

use super::V2;
use super::change::Whole;
use super::refs::{Named, NamedOrg, org_texts};
use super::words::RolePermission;
use crate::at::At;
use crate::decode::{if_readable, millis, or_default, segment};
use crate::domain::{Guid, Millis, OrgId};
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::wire::Call;

/// The roles of one Org. Writing needs `ROLE_ADMINISTRATION` there.
#[derive(Clone, Copy)]
pub struct Roles<'a>(At<'a>);

/// Which roles to find; without any filter, all of the Org. Filters are joined with "and", the items of one with "or".
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SearchRoles {
    /// Ids or names.
    pub role_identifiers: Option<NonEmpty<String>>,
    #[serde(serialize_with = "org_texts")]
    pub org_identifiers: Option<NonEmpty<OrgId>>,
    /// Roles that one of these groups has; ids or names.
    pub group_identifiers: Option<NonEmpty<String>>,
    pub privileges: Option<NonEmpty<String>>,
    /// This and what follows is going to be dropped by the vendor.
    pub permissions: Option<NonEmpty<RolePermission>>,
    pub deprecated: Option<bool>,
    pub external: Option<bool>,
    pub shared_via_connection: Option<bool>,
}

/// A role to be created.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CreateRole {
    /// Unique in its Org, at most 48 characters.
    pub name: String,
    /// At most 124 characters.
    pub description: Option<String>,
    pub privileges: BTreeSet<String>,
    /// **Cannot be undone**: a read-only role is never changed or deleted again.
    pub read_only: bool,
}

/// What a role is to be. There is no adding to or removing from its privileges.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UpdateRole {
    /// Needed even where it stays the same.
    pub name: String,
    /// `None` leaves it.
    pub description: Option<String>,
    /// `None` leaves them.
    pub privileges: Option<Whole<String>>,
}

/// A role as the server shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Role {
    pub id: Guid,
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    #[serde(default, deserialize_with = "or_default")]
    pub privileges: BTreeSet<String>,
    /// Whether it can be changed.
    #[serde(default)]
    pub permission: Option<RolePermission>,
    #[serde(default)]
    pub orgs: Option<Vec<NamedOrg>>,
    /// The groups that have it.
    #[serde(default, deserialize_with = "or_default")]
    pub groups: Vec<Named>,
    #[serde(default, deserialize_with = "if_readable")]
    pub groups_assigned_count: Option<u64>,
    #[serde(default, deserialize_with = "if_readable")]
    pub author_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub modifier_id: Option<Guid>,
    #[serde(default, deserialize_with = "millis")]
    pub creation_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub modification_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "if_readable")]
    pub deleted: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub deprecated: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub external: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub hidden: bool,
    #[serde(default, deserialize_with = "if_readable")]
    pub shared_via_connection: bool,
}

impl V2 {
    /// The roles of `org`.
    pub fn roles(&self, org: OrgId) -> Roles<'_> {
        Roles(At { session: &self.session, org })
    }
}

impl Roles<'_> {
    /// Every role that matches, in one answer: there is no paging. Compare the rows with what was asked for, since a release that does
    /// not know a filter ignores it.
    ///
    /// # Errors
    ///
    /// Any refusal may mean that role-based access control is off.
    pub async fn search(&self, filters: &SearchRoles) -> Result<Vec<Role>> {
        self.0.rows(&Call::read("roles/search", filters)).await
    }

    /// Creates a role in the Org.
    ///
    /// # Errors
    ///
    /// A name that is taken is refused. [`crate::Error::Unclear`]: it may exist now; search for it by name before trying again.
    pub async fn create(&self, new: &CreateRole) -> Result<Role> {
        self.0.one(&Call::post("roles/create", new), "a role").await
    }

    /// Sets name, description and the whole list of privileges of the role `id`, and gives the role as it is now: alone among the
    /// updates, this one answers what it changed.
    pub async fn update(&self, id: &str, role: &UpdateRole) -> Result<Role> {
        const UPDATE: &str = "roles/update";
        let path = format!("roles/{}/update", segment(UPDATE, id)?);
        self.0.one(&Call::write(UPDATE, path, role), "a role").await
    }

    /// Deletes the role `id`. Groups that have it lose it.
    ///
    /// # Errors
    ///
    /// A read-only role is refused.
    pub async fn delete(&self, id: &str) -> Result<()> {
        const DELETE: &str = "roles/delete";
        let path = format!("roles/{}/delete", segment(DELETE, id)?);
        self.0.done(&Call::bare_write(DELETE, path)).await
    }
}
