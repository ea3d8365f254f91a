//! What can be asked of a ThoughtSpot, whatever dialect it speaks.
//!
//! `in_org` is the Org whose token is used: it decides where writes to users and groups land and what reads show
//! (docs/thoughtspot-api.md, "The token decides the Org"). Calls about Orgs themselves are made from Primary.
//!
//! No call repeats a write by itself, but for one case that certainly never reached the server's back end: a 401, answered once
//! with a fresh token.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::{
    ContentItem, ContentKind, Group, GroupPatch, Guid, ListChange, Login, Lookup, Millis, NewGroup, NewOrg, NewUser, Org, OrgId,
    OrgPatch, Provenance, Role, System, User, UserPatch,
};
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::outage::Outage;
use crate::room::{Room, Taken};
use crate::secret::Secret;

/// One ThoughtSpot, reached with one login.
#[async_trait]
pub trait ThoughtSpot: Send + Sync {
    /// Which ThoughtSpot this is. Needs cluster administration.
    async fn system(&self) -> Result<System>;

    /// Who we are. Signs in to Primary if there is no token yet.
    async fn login(&self) -> Result<Login>;

    /// Makes sure that our login may work in `org`: costs nothing while there is a token for it.
    ///
    /// # Errors
    ///
    /// [`crate::Error::NoOrgAccess`] if it may not.
    async fn enter(&self, org: OrgId) -> Result<()>;

    /// The server's clock, from the last answer's `Date`, carried on by our monotonic clock; our own clock before any answer.
    /// Resolution one second, rounded down.
    fn server_now(&self) -> Millis;
    /// That its host does not answer, if so. Costs no call.
    fn outage(&self) -> Option<Outage>;
    /// What all its lists may take of memory together, and do.
    fn room(&self) -> &Arc<Room>;

    /// Every Org, in one answer; there is no paging (docs/thoughtspot-api.md, "Orgs").
    async fn orgs(&self) -> Result<Vec<Org>>;
    /// One Org, from a fresh read. `None` only if a search says so; the returned row matches exactly.
    async fn find_org(&self, which: Lookup<'_, OrgId>) -> Result<Option<Org>>;
    async fn create_org(&self, new: &NewOrg) -> Result<Org>;
    async fn update_org(&self, id: OrgId, patch: &OrgPatch) -> Result<()>;
    /// Deletes the Org with its groups, its content and every user who has no other Org. Its name stays taken for seven days.
    async fn delete_org(&self, id: OrgId) -> Result<()>;
    /// Who made an Org and when. `Ok(None)` where the server does not tell.
    async fn org_provenance(&self, id: OrgId) -> Result<Option<Provenance>>;
    /// Makes `user` (an id) a member of the Org, or ends that. Ending the last membership of a user is refused by the server or
    /// deletes the user: never ask for it.
    async fn change_org_members(&self, org: OrgId, user: &str, change: ListChange) -> Result<()>;

    /// One page of the users of `in_org`, sorted by name, rows of other Orgs dropped; or all of them at once.
    async fn users_page(&self, in_org: OrgId, page: Page) -> Result<PageOf<User>>;
    /// One user as `in_org`'s token sees it, from a fresh read. From Primary, users of every Org are found.
    async fn find_user(&self, in_org: OrgId, which: Lookup<'_, str>) -> Result<Option<User>>;
    /// Creates a user in `in_org`, and in that Org only. No mail is sent but the one that is asked for.
    async fn create_user(&self, in_org: OrgId, new: &NewUser) -> Result<User>;
    async fn update_user(&self, in_org: OrgId, id: &str, patch: &UserPatch) -> Result<()>;
    /// Changes the user's groups of `in_org`. An empty set is refused here: it would mean something else on the wire.
    async fn change_user_groups(&self, in_org: OrgId, id: &str, groups: &BTreeSet<Guid>, change: ListChange) -> Result<()>;
    /// Whether this dialect can mail a new user a link with which it sets a password.
    fn mails_activation(&self) -> bool;
    /// Whether this dialect can set that the browser chooses a user's language, and shows it.
    fn sets_browser_language(&self) -> bool;
    async fn set_password(&self, id: &str, password: &Secret) -> Result<()>;
    /// Signs the user out everywhere.
    async fn end_sessions(&self, id: &str) -> Result<()>;
    /// Deletes the user everywhere. Content stays, without an author.
    async fn delete_user(&self, id: &str) -> Result<()>;

    /// What the user `author` (an id) is the author of in `in_org`, at most `most` objects. Of a long list that others change meanwhile
    /// something may be missing: whoever hands over all of it asks until there is nothing left.
    async fn content_of(&self, in_org: OrgId, author: &str, most: usize) -> Result<Vec<ContentItem>>;
    /// Makes `to` the author of these objects of `in_org`, where `from` is it. `from` may have left the Org; then whose they are is what
    /// [`content_of`](Self::content_of) has just said. Safe to repeat.
    async fn transfer_content(&self, in_org: OrgId, from: &User, to: &User, content: &NonEmpty<ContentItem>) -> Result<()>;

    /// One page of the groups of `in_org`, sorted by name, without members, with sub-groups, rows of other Orgs dropped; or all of
    /// them at once.
    async fn groups_page(&self, in_org: OrgId, page: Page) -> Result<PageOf<Group>>;
    async fn find_group(&self, in_org: OrgId, which: Lookup<'_, str>) -> Result<Option<Group>>;
    async fn create_group(&self, in_org: OrgId, new: &NewGroup) -> Result<Group>;
    /// May take several requests: what was changed before one of them failed stays changed.
    async fn update_group(&self, in_org: OrgId, id: &str, patch: &GroupPatch) -> Result<()>;
    async fn delete_group(&self, in_org: OrgId, id: &str) -> Result<()>;

    /// The members of a group of `in_org`, from a fresh read, as `in_org`'s token sees them.
    async fn group_members(&self, in_org: OrgId, id: &str) -> Result<Vec<User>>;
    /// Puts users (ids), who have to be members of the Org, into a group, or takes them out. An empty set is refused here.
    async fn change_group_members(&self, in_org: OrgId, id: &str, users: &BTreeSet<Guid>, change: ListChange) -> Result<()>;

    /// Every role of `in_org`, in one answer; there is no paging.
    ///
    /// # Errors
    ///
    /// Any refusal may mean that role-based access control is off (docs/thoughtspot-api.md, "Roles").
    async fn roles(&self, in_org: OrgId) -> Result<Vec<Role>>;
    /// Whether this dialect can set the default Liveboards of a group.
    fn sets_default_liveboards(&self) -> bool;

    /// How many objects of each kind `in_org` has, from a fresh read, as far as our login sees them; none of a kind is left out. Counts
    /// no further than [`CONTENT_COUNTED`].
    async fn org_content(&self, in_org: OrgId) -> Result<BTreeMap<ContentKind, usize>>;
}

/// How far [`ThoughtSpot::org_content`] counts each kind: enough to know whether there is any, and to say about how many.
pub const CONTENT_COUNTED: u32 = 100;

/// Any dialect.
pub type Handle = Arc<dyn ThoughtSpot>;

/// Which page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many rows come before this page.
    pub offset: usize,
    /// How many rows the page has at most; at least 1.
    pub size: usize,
}

/// A page as it came.
#[derive(Debug)]
pub struct PageOf<T> {
    /// The rows of the Org asked for.
    pub rows: Vec<T>,
    pub sent: Sent,
    /// What they take of the [`Room`] of all lists.
    pub taken: Taken,
}

/// How much of the list an answer had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// So many rows, those of other Orgs included: a page shorter than asked for is the last.
    Page(usize),
    /// All there is, whatever page was asked for: this list has no pages.
    Everything,
}
