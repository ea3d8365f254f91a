//! The port over the calls of v2: what the operator means, in the words of the wire and back.

mod authors;
mod content;
mod groups;
mod members;
pub(super) mod orgs;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;

use super::V2;
use super::change::Change;
use super::words::Visibility;
use crate::domain::{
    self, ContentItem, ContentKind, Group, GroupPatch, Guid, ListChange, Login, Lookup, Millis, NewGroup, NewOrg, NewUser, Org,
    OrgId, OrgPatch, Provenance, Role, System, User, UserPatch,
};
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::outage::Outage;
use crate::port::{Page, PageOf, ThoughtSpot};
use crate::room::Room;
use crate::secret::Secret;

fn change<T>(change: ListChange, items: NonEmpty<T>) -> Change<T> {
    match change {
        ListChange::Add => Change::Add(items),
        ListChange::Remove => Change::Remove(items),
    }
}

fn visibility(word: Option<&Visibility>) -> domain::Visibility {
    word.map_or(domain::Visibility::Sharable, Into::into)
}

#[async_trait]
impl ThoughtSpot for V2 {
    async fn system(&self) -> Result<System> {
        Ok(V2::system(self).info().await?.into())
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
        orgs::list(V2::orgs(self)).await
    }

    async fn find_org(&self, which: Lookup<'_, OrgId>) -> Result<Option<Org>> {
        orgs::find(V2::orgs(self), which).await
    }

    async fn create_org(&self, new: &NewOrg) -> Result<Org> {
        orgs::create(V2::orgs(self), new).await
    }

    async fn update_org(&self, id: OrgId, patch: &OrgPatch) -> Result<()> {
        orgs::update(V2::orgs(self), id, patch).await
    }

    async fn delete_org(&self, id: OrgId) -> Result<()> {
        V2::orgs(self).delete(id).await
    }

    async fn org_provenance(&self, id: OrgId) -> Result<Option<Provenance>> {
        orgs::provenance(&self.session, id).await
    }

    async fn change_org_members(&self, org: OrgId, user: &str, change: ListChange) -> Result<()> {
        orgs::change_members(V2::orgs(self), org, user, change).await
    }

    async fn users_page(&self, in_org: OrgId, page: Page) -> Result<PageOf<User>> {
        users::page(self.users(in_org), in_org, page).await
    }

    async fn find_user(&self, in_org: OrgId, which: Lookup<'_, str>) -> Result<Option<User>> {
        users::find(self.users(in_org), in_org, which).await
    }

    async fn create_user(&self, in_org: OrgId, new: &NewUser) -> Result<User> {
        users::create(self.users(in_org), in_org, new).await
    }

    async fn update_user(&self, in_org: OrgId, id: &str, patch: &UserPatch) -> Result<()> {
        users::update(self.users(in_org), id, patch).await
    }

    async fn change_user_groups(&self, in_org: OrgId, id: &str, groups: &BTreeSet<Guid>, change: ListChange) -> Result<()> {
        users::change_groups(self.users(in_org), id, groups, change).await
    }

    fn mails_activation(&self) -> bool {
        true
    }

    fn sets_browser_language(&self) -> bool {
        true
    }

    async fn set_password(&self, id: &str, password: &Secret) -> Result<()> {
        self.users(OrgId::PRIMARY).reset_password(id, password).await
    }

    async fn end_sessions(&self, id: &str) -> Result<()> {
        self.users(OrgId::PRIMARY).force_logout(&NonEmpty::one(id.to_owned())).await
    }

    async fn delete_user(&self, id: &str) -> Result<()> {
        self.users(OrgId::PRIMARY).delete(id).await
    }

    async fn content_of(&self, in_org: OrgId, author: &str, most: usize) -> Result<Vec<ContentItem>> {
        authors::of(self.metadata(in_org), in_org, author, most).await
    }

    async fn transfer_content(&self, in_org: OrgId, from: &User, to: &User, content: &NonEmpty<ContentItem>) -> Result<()> {
        authors::transfer(self.metadata(in_org), in_org, from, to, content).await
    }

    async fn groups_page(&self, in_org: OrgId, page: Page) -> Result<PageOf<Group>> {
        groups::page(self.groups(in_org), in_org, page).await
    }

    async fn find_group(&self, in_org: OrgId, which: Lookup<'_, str>) -> Result<Option<Group>> {
        groups::find(self.groups(in_org), in_org, which).await
    }

    async fn create_group(&self, in_org: OrgId, new: &NewGroup) -> Result<Group> {
        groups::create(self.groups(in_org), new).await
    }

    async fn update_group(&self, in_org: OrgId, id: &str, patch: &GroupPatch) -> Result<()> {
        groups::update(self.groups(in_org), id, patch).await
    }

    async fn delete_group(&self, in_org: OrgId, id: &str) -> Result<()> {
        self.groups(in_org).delete(id).await
    }

    async fn group_members(&self, in_org: OrgId, id: &str) -> Result<Vec<User>> {
        members::all(self.users(in_org), in_org, id, self.room()).await
    }

    async fn change_group_members(&self, in_org: OrgId, id: &str, users: &BTreeSet<Guid>, change: ListChange) -> Result<()> {
        members::change(self.groups(in_org), id, users, change).await
    }

    async fn roles(&self, in_org: OrgId) -> Result<Vec<Role>> {
        groups::roles(V2::roles(self, in_org), in_org).await
    }

    fn sets_default_liveboards(&self) -> bool {
        true
    }

    async fn org_content(&self, in_org: OrgId) -> Result<BTreeMap<ContentKind, usize>> {
        content::count(self.metadata(in_org)).await
    }
}
