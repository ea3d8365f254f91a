//! Groups: each lives in the Org of the token that made it (docs/thoughtspot-api.md, "Groups").

mod answers;
mod requests;

use serde::Serialize;

pub use self::answers::{Group, ImportedGroups};
pub use self::requests::{CreateGroup, GroupList, ImportGroup, ImportGroups, SearchGroups, UpdateGroup};
use super::V2;
use super::import::{Import, Unlisted};
use crate::at::At;
use crate::budget::Lane;
use crate::decode::segment;
use crate::domain::OrgId;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::room::Weigh;
use crate::rows::{self, Kept};
use crate::wire::Call;

/// The groups of one Org. Writing needs `ADMINISTRATION` there, or `GROUP_ADMINISTRATION` where roles are on.
#[derive(Clone, Copy)]
pub struct Groups<'a>(At<'a>);

#[derive(Serialize)]
struct ImportBody<'a> {
    groups: &'a NonEmpty<ImportGroup>,
    dry_run: bool,
    delete_unspecified_groups: bool,
}

impl V2 {
    /// The groups of `org`.
    pub fn groups(&self, org: OrgId) -> Groups<'_> {
        Groups(At { session: &self.session, org })
    }
}

impl Groups<'_> {
    /// One page of the groups that match.
    ///
    /// From Primary, a cluster administrator sees groups of every Org, and a filter that the release does not know is ignored: compare
    /// the rows with what was asked for. With members (`include_users`) the call is slow on large Orgs.
    ///
    /// # Errors
    ///
    /// 404 fails a whole page if one row cannot be resolved: ask again without `org_identifiers`.
    pub async fn search(&self, filters: &SearchGroups) -> Result<Vec<Group>> {
        self.0.rows(&Call::read("groups/search", filters)).await
    }

    /// As [`Groups::search`], with each row made into something else as soon as it is read.
    pub(super) async fn search_for<T: Weigh>(&self, lane: Lane, filters: &SearchGroups, make: fn(Group) -> T) -> Result<Kept<T>> {
        rows::of_page(self.0, &Call::search("groups/search", filters, lane), make).await
    }

    /// Creates a group in the Org.
    ///
    /// # Errors
    ///
    /// A name that is taken in the Org, a privilege that the release does not know, a member who is not of the Org are refused.
    /// [`crate::Error::Unclear`]: it may exist now; search for it by name before trying again.
    pub async fn create(&self, new: &CreateGroup) -> Result<Group> {
        self.0.one(&Call::post("groups/create", new), "a group").await
    }

    /// Changes the group `id`.
    pub async fn update(&self, id: &str, patch: &UpdateGroup) -> Result<()> {
        const UPDATE: &str = "groups/update";
        let path = format!("groups/{}/update", segment(UPDATE, id)?);
        self.0.done(&Call::write(UPDATE, path, patch)).await
    }

    /// Deletes the group `id`, and none of its members.
    pub async fn delete(&self, id: &str) -> Result<()> {
        const DELETE: &str = "groups/delete";
        let path = format!("groups/{}/delete", segment(DELETE, id)?);
        self.0.done(&Call::bare_write(DELETE, path)).await
    }

    /// Makes the listed groups what the list says, creating those that are missing, and deletes or keeps all others of the Org as
    /// asked.
    ///
    /// Answers which that touched, or would: see [`Import::DryRun`].
    pub async fn import(&self, import: &ImportGroups) -> Result<ImportedGroups> {
        let ImportGroups { groups, mode, unlisted } = import;
        let body =
            ImportBody { groups, dry_run: *mode == Import::DryRun, delete_unspecified_groups: *unlisted == Unlisted::Delete };
        self.0.one(&Call::post("groups/import", &body), "what was imported").await
    }
}
