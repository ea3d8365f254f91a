//! Members of groups, for the port.

use std::collections::BTreeSet;

use crate::decode::refused_here;
use crate::domain::{Guid, ListChange, OrgId, User};
use crate::error::{Error, Result};
use crate::nonempty::NonEmpty;
use crate::port::{Page, PageOf, Sent};
use crate::room::{Room, Taken, Weigh};
use crate::v2::groups::{GroupList, Groups, UpdateGroup};
use crate::v2::users::Users;

/// How many rows a page of members has.
const PAGE: usize = 200;

/// Read from the users' rows, as the inventory does: rows of groups with their members are slow. They have a room of their own, of the size
/// of that of all lists.
pub(super) async fn all(users: Users<'_>, org: OrgId, group: &str, lists: &Room) -> Result<Vec<User>> {
    let mut members: Vec<User> = Vec::new();
    // A server that does not end is ended by what its rows take of memory.
    let mut taken = Taken::none_of(&lists.another());
    let mut offset = 0;
    loop {
        let PageOf { mut rows, sent, taken: _ } =
            super::users::members_page(users, org, group, Page { offset, size: PAGE }).await?;
        // A filter that the release does not know is ignored: what counts is what the rows say.
        rows.retain(|user| user.groups.contains(group));
        taken
            .take(rows.iter().map(Weigh::weight).sum())
            .map_err(|full| Error::Uncertified { scope: format!("members of a group of Org {org}"), why: full.to_string() })?;
        members.append(&mut rows);
        match sent {
            Sent::Page(rows) if rows >= PAGE => offset += rows,
            Sent::Page(_) | Sent::Everything => return Ok(members),
        }
    }
}

pub(super) async fn change(groups: Groups<'_>, id: &str, users: &BTreeSet<Guid>, change: ListChange) -> Result<()> {
    let users = NonEmpty::collect(users.iter().cloned()).ok_or_else(|| refused_here("groups/update", "no user is named"))?;
    let list = Some(GroupList::Users(super::change(change, users)));
    groups.update(id, &UpdateGroup { list, ..UpdateGroup::default() }).await
}
