//! The port over REST API v1: forms, sessions with cookies, lists without pages.
//!
//! | module | what lives there |
//! | --- | --- |
//! | `session` | how to get a session in an Org |
//! | `fields` | values as a query, a form or parts |
//! | `content` | the whole of a user or group, which an update sends back |
//! | `system` | which ThoughtSpot this is |
//! | `orgs`, `users`, `accounts`, `principals`, `groups`, `members`, `roles`, `sessions` | the calls |
//! | [`objects`], [`logs`] | the calls about content, and the audit log |
//! | `ownership` | whose content is |
//! | `passes` | what takes several calls: the port's changes of users and groups |
//!
//! Invariants: a session is one Org's and never switched once it is in use; an unknown id is a refusal like any other, so whether
//! something exists is decided by looking through a list; what is not known of a user or group is sent back as it came.

mod accounts;
mod content;
mod fields;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod groups;
pub mod logs;
mod members;
pub mod objects;
mod orgs;
mod ownership;
mod passes;
mod principals;
mod roles;
mod session;
mod sessions;
mod system;
mod users;

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
use crate::port::{Page, PageOf, Sent, ThoughtSpot};
use crate::room::Room;
use crate::rows::Kept;
use crate::secret::Secret;
use crate::session::Session;
use crate::settings::Settings;
use crate::transport::Network;
use crate::wire::Wire;

pub use accounts::{Handover, Preferences};
pub use content::Content;
pub use groups::{GroupRecord, Groups, with_sub_groups};
pub use members::Whole;
pub use orgs::{OrgRecord, Orgs};
pub use principals::{Principal, Sync, Synced, Unlisted};
pub use roles::{RoleBody, RoleFilter, RoleRecord, Roles};
pub use sessions::{Access, Newcomer, OpenSession, OrgList, SessionInfo, SessionOrg, Sessions, TrustedToken};
pub use users::{CreateUser, UserRecord, Users};

/// One ThoughtSpot spoken to in v1.
pub struct V1 {
    session: Arc<Session>,
}

impl V1 {
    /// Sets up the sessions; no connection is opened. Fails with [`crate::Error::HostNotAllowed`] if the host may not be reached.
    pub fn new(network: Arc<Network>, settings: Settings) -> Result<V1> {
        let wire = Wire::new(network, &settings)?;
        Ok(V1 { session: Session::new(wire, settings.credentials, Box::new(session::Cookies)) })
    }

    /// The calls about Orgs.
    pub fn orgs(&self) -> Orgs<'_> {
        Orgs::new(&self.session)
    }

    /// The calls about users, in the session of an Org.
    pub fn users(&self, org: OrgId) -> Users<'_> {
        Users::new(&self.session, org)
    }

    /// The calls about roles, in the session of an Org.
    pub fn roles(&self, org: OrgId) -> Roles<'_> {
        Roles::new(&self.session, org)
    }

    /// The calls about sessions and tokens, and what the session of an Org tells.
    pub fn sessions(&self, org: OrgId) -> Sessions<'_> {
        Sessions::new(&self.session, org)
    }

    /// The calls about groups, in the session of an Org.
    pub fn groups(&self, org: OrgId) -> Groups<'_> {
        Groups::new(&self.session, org)
    }
}

#[async_trait]
impl ThoughtSpot for V1 {
    async fn system(&self) -> Result<System> {
        system::system(&self.session).await
    }

    async fn login(&self) -> Result<Login> {
        Ok(self.session.enter(OrgId::PRIMARY).await?.holder.clone())
    }

    async fn enter(&self, org: OrgId) -> Result<()> {
        self.session.enter(org).await.map(drop)
    }

    fn server_now(&self) -> Millis {
        self.session.wire.target.clock.now()
    }

    fn outage(&self) -> Option<Outage> {
        self.session.wire.target.budget.answers.outage()
    }

    fn room(&self) -> &Arc<Room> {
        &self.session.wire.room
    }

    async fn orgs(&self) -> Result<Vec<Org>> {
        Ok(V1::orgs(self).search(None).await?.into_iter().map(|record| record.org).collect())
    }

    async fn find_org(&self, which: Lookup<'_, OrgId>) -> Result<Option<Org>> {
        Ok(V1::orgs(self).find(&which).await?.map(|record| record.org))
    }

    async fn create_org(&self, new: &NewOrg) -> Result<Org> {
        Ok(V1::orgs(self).create(new).await?.org)
    }

    async fn update_org(&self, id: OrgId, patch: &OrgPatch) -> Result<()> {
        V1::orgs(self).update(id, patch).await.map(drop)
    }

    async fn delete_org(&self, id: OrgId) -> Result<()> {
        V1::orgs(self).delete(id).await
    }

    async fn org_provenance(&self, id: OrgId) -> Result<Option<Provenance>> {
        Ok(V1::orgs(self).find(&Lookup::Id(&id)).await?.map(|record| record.provenance))
    }

    async fn change_org_members(&self, org: OrgId, user: &str, change: ListChange) -> Result<()> {
        let outcome = passes::change_org_members(&self.users(OrgId::PRIMARY), org, user, change).await;
        // It may have been our own login.
        self.session.forget_denial(org);
        outcome
    }

    async fn users_page(&self, in_org: OrgId, _: Page) -> Result<PageOf<User>> {
        let Kept { rows, taken } = self.users(in_org).kept().await?;
        Ok(PageOf { rows: rows.into_iter().map(|record| record.user).collect(), sent: Sent::Everything, taken })
    }

    async fn find_user(&self, in_org: OrgId, which: Lookup<'_, str>) -> Result<Option<User>> {
        self.users(in_org).find(&which).await
    }

    async fn create_user(&self, in_org: OrgId, new: &NewUser) -> Result<User> {
        passes::create_user(&self.users(in_org), new).await
    }

    async fn update_user(&self, in_org: OrgId, id: &str, patch: &UserPatch) -> Result<()> {
        passes::update_user(&self.users(in_org), id, patch).await
    }

    async fn change_user_groups(&self, in_org: OrgId, id: &str, groups: &BTreeSet<Guid>, change: ListChange) -> Result<()> {
        let groups = users::named("user/groups", groups)?;
        self.users(in_org).change_groups(id, &groups, change).await
    }

    fn mails_activation(&self) -> bool {
        false
    }

    fn sets_browser_language(&self) -> bool {
        false
    }

    async fn set_password(&self, id: &str, password: &Secret) -> Result<()> {
        passes::set_password(&self.users(OrgId::PRIMARY), id, password).await
    }

    async fn end_sessions(&self, id: &str) -> Result<()> {
        self.users(OrgId::PRIMARY).end_sessions(&NonEmpty::one(id.to_owned())).await
    }

    async fn delete_user(&self, id: &str) -> Result<()> {
        self.users(OrgId::PRIMARY).delete_everywhere(id).await
    }

    async fn content_of(&self, in_org: OrgId, author: &str, most: usize) -> Result<Vec<ContentItem>> {
        ownership::content_of(self.metadata(in_org), in_org, author, most).await
    }

    async fn transfer_content(&self, in_org: OrgId, from: &User, to: &User, content: &NonEmpty<ContentItem>) -> Result<()> {
        ownership::transfer(self.users(in_org), from, to, content).await
    }

    async fn groups_page(&self, in_org: OrgId, _: Page) -> Result<PageOf<Group>> {
        let Kept { rows, taken } = self.groups(in_org).kept().await?;
        Ok(PageOf { rows: with_sub_groups(rows), sent: Sent::Everything, taken })
    }

    async fn find_group(&self, in_org: OrgId, which: Lookup<'_, str>) -> Result<Option<Group>> {
        self.groups(in_org).find(&which).await
    }

    async fn create_group(&self, in_org: OrgId, new: &NewGroup) -> Result<Group> {
        Ok(self.groups(in_org).create(new).await?.with_sub_groups(BTreeSet::new()))
    }

    async fn update_group(&self, in_org: OrgId, id: &str, patch: &GroupPatch) -> Result<()> {
        passes::update_group(&self.groups(in_org), id, patch).await
    }

    async fn delete_group(&self, in_org: OrgId, id: &str) -> Result<()> {
        self.groups(in_org).delete(id).await
    }

    async fn group_members(&self, in_org: OrgId, id: &str) -> Result<Vec<User>> {
        Ok(self.groups(in_org).members(id).await?.into_iter().map(|record| record.user).collect())
    }

    async fn change_group_members(&self, in_org: OrgId, id: &str, users: &BTreeSet<Guid>, change: ListChange) -> Result<()> {
        let users = users::named("group/users", users)?;
        // The call for one group has its list in the address, which does not hold many.
        self.groups(in_org).change_memberships(&users, &NonEmpty::one(id.to_owned()), change).await
    }

    async fn roles(&self, in_org: OrgId) -> Result<Vec<Role>> {
        let rows = V1::roles(self, in_org).search(&RoleFilter::default()).await?.into_iter();
        Ok(rows.map(|row| Role { id: row.id, name: row.name, privileges: row.privileges }).collect())
    }

    fn sets_default_liveboards(&self) -> bool {
        false
    }

    async fn org_content(&self, in_org: OrgId) -> Result<BTreeMap<ContentKind, usize>> {
        passes::count_content(self.metadata(in_org)).await
    }
}
