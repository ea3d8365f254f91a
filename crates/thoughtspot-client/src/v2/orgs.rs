//! Orgs: always asked from Primary, by a cluster administrator (docs/thoughtspot-api.md, "Orgs").

use serde::{Deserialize, Serialize, Serializer};
use serde_with_macros::skip_serializing_none;

use super::V2;
use super::change::{Change, one_list};
use super::words::{OrgStatus, OrgVisibility};
use crate::at::At;
use crate::budget::Lane;
use crate::decode::{WireOrgId, if_readable, or_default};
use crate::domain::OrgId;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::wire::Call;

/// The Orgs of a ThoughtSpot.
#[derive(Clone, Copy)]
pub struct Orgs<'a>(At<'a>);

/// Which Orgs to find; without any filter, all.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SearchOrgs {
    /// An id, as text, or a name.
    pub org_identifier: Option<String>,
    /// Exactly this one.
    pub description: Option<String>,
    pub visibility: Option<OrgVisibility>,
    pub status: Option<OrgStatus>,
    /// Orgs of one of these users; ids or names.
    pub user_identifiers: Option<NonEmpty<String>>,
}

/// An Org to be created.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CreateOrg {
    /// Unique, at most 48 characters. The name of an Org that was deleted stays taken for seven days.
    pub name: String,
    /// At most 124 characters.
    pub description: Option<String>,
}

/// What to change about an Org; `None` leaves as it is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UpdateOrg {
    /// Breaks addresses and version-control mappings that name the Org.
    pub name: Option<String>,
    pub description: Option<String>,
    /// At most one list: a request has one operation for all of them.
    #[serialize_always]
    #[serde(flatten, serialize_with = "one_list")]
    pub list: Option<OrgList>,
}

/// A list of an Org; ids or names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrgList {
    /// Its members. A user who leaves its last Org is refused or deleted, depending on the release.
    Users(Change<String>),
    /// The groups that new members join.
    Groups(Change<String>),
}

impl Serialize for OrgList {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            OrgList::Users(change) => change.write("user_identifiers", String::clone, to),
            OrgList::Groups(change) => change.write("group_identifiers", String::clone, to),
        }
    }
}

/// An Org as the server shows it: neither who made it nor when is told here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Org {
    #[serde(deserialize_with = "org_id")]
    pub id: OrgId,
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    #[serde(default)]
    pub status: Option<OrgStatus>,
    #[serde(default, deserialize_with = "if_readable")]
    pub visibility: Option<OrgVisibility>,
}

fn org_id<'de, D: serde::Deserializer<'de>>(from: D) -> Result<OrgId, D::Error> {
    WireOrgId::deserialize(from).map(|id| id.0)
}

impl V2 {
    /// The Orgs.
    pub fn orgs(&self) -> Orgs<'_> {
        Orgs(At { session: &self.session, org: OrgId::PRIMARY })
    }
}

impl Orgs<'_> {
    /// Every Org that matches, in one answer: there is neither paging nor a search by pattern.
    pub async fn search(&self, filters: &SearchOrgs) -> Result<Vec<Org>> {
        self.search_in(Lane::Urgent, filters).await
    }

    pub(super) async fn search_in(&self, lane: Lane, filters: &SearchOrgs) -> Result<Vec<Org>> {
        self.0.rows(&Call::search("orgs/search", filters, lane)).await
    }

    /// Creates an Org, with its groups `All` and `Administrator`. We do not become a member.
    ///
    /// # Errors
    ///
    /// A name that is taken, also by an Org that was deleted less than seven days ago, is refused. [`crate::Error::Unclear`]: it may
    /// exist now; search for it by name before trying again.
    pub async fn create(&self, new: &CreateOrg) -> Result<Org> {
        self.0.one(&Call::post("orgs/create", new), "an Org").await
    }

    /// Changes an Org.
    pub async fn update(&self, id: OrgId, patch: &UpdateOrg) -> Result<()> {
        let outcome = self.0.done(&Call::write("orgs/update", format!("orgs/{id}/update"), patch)).await;
        if matches!(patch.list, Some(OrgList::Users(_))) {
            // It may have been our own login.
            self.0.session.forget_denial(id);
        }
        outcome
    }

    /// Deletes an Org with its groups, its content and **every user who has no other Org**. Only the vendor's support can undo it,
    /// for seven days, and the name stays taken for that time.
    pub async fn delete(&self, id: OrgId) -> Result<()> {
        self.0.done(&Call::bare_write("orgs/delete", format!("orgs/{id}/delete"))).await
    }
}
