//! Members of groups, for the port.

use std::collections::BTreeSet;

use crate::decode::refused_here;
use crate::domain::{Guid, ListChange, OrgId, User};
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::port::{Page, Sent};
use crate::v2::groups::{GroupList, Groups, UpdateGroup};
use crate::v2::users::Users;

/// How many rows a page of members has.
const PAGE: usize = 200;

/// Read from the users' rows, as the inventory does: rows of groups with their members are slow.
pub(super) async fn all(users: Users<'_>, org: OrgId, group: &str) -> Result<Vec<User>> {
    let mut members: Vec<User> = Vec::new();
    let mut offset = 0;
    loop {
        let page = super::users::members_page(users, org, group, Page { offset, size: PAGE }).await?;
        // A filter that the release does not know is ignored: what counts is what the rows say.
        members.extend(page.rows.into_iter().filter(|user| user.groups.contains(group)));
        match page.sent {
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
