//! How Orgs, users and groups are read through the port.

use super::Scope;
use super::rows::Row;
use crate::domain::{Group, Lookup, Org, OrgId, User, fold_user_name};
use crate::error::{Error, Result};
use crate::port::{Page, PageOf, Sent, ThoughtSpot};
use crate::room::{Full, Taken, Weigh};

impl Row for Org {
    const TELLS_NEW_NAMES: bool = true;

    fn scope(_: OrgId) -> Scope {
        Scope::Orgs
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn fold(name: &str) -> String {
        name.to_owned()
    }

    fn is_in(&self, _: OrgId) -> bool {
        true
    }

    async fn page(far: &dyn ThoughtSpot, _: OrgId, _: Page) -> Result<PageOf<Self>> {
        let (rows, mut taken) = (far.orgs().await?, Taken::none_of(far.room()));
        let weight = rows.iter().map(Weigh::weight).sum();
        let full = |full: Full| Error::Uncertified { scope: "Orgs".to_owned(), why: full.to_string() };
        taken.take(weight).map_err(full)?;
        Ok(PageOf { rows, sent: Sent::Everything, taken })
    }

    async fn find(far: &dyn ThoughtSpot, _: OrgId, which: &Lookup<'_, str>) -> Result<Option<Self>> {
        match which {
            // An id that is no number is no Org's.
            Lookup::Id(id) => match id.parse() {
                Ok(id) => far.find_org(Lookup::Id(&OrgId(id))).await,
                Err(_) => Ok(None),
            },
            Lookup::Name(name) => far.find_org(Lookup::Name(name)).await,
        }
    }
}

impl Row for User {
    const TELLS_NEW_NAMES: bool = false;

    fn scope(org: OrgId) -> Scope {
        Scope::Users(org)
    }

    fn key(&self) -> String {
        self.id.clone()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn fold(name: &str) -> String {
        fold_user_name(name)
    }

    fn is_in(&self, org: OrgId) -> bool {
        self.orgs.is_empty() || self.orgs.contains(&org)
    }

    async fn page(far: &dyn ThoughtSpot, org: OrgId, page: Page) -> Result<PageOf<Self>> {
        far.users_page(org, page).await
    }

    async fn find(far: &dyn ThoughtSpot, org: OrgId, which: &Lookup<'_, str>) -> Result<Option<Self>> {
        far.find_user(org, *which).await
    }
}

impl Row for Group {
    const TELLS_NEW_NAMES: bool = true;

    fn scope(org: OrgId) -> Scope {
        Scope::Groups(org)
    }

    fn key(&self) -> String {
        self.id.clone()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn fold(name: &str) -> String {
        name.to_owned()
    }

    fn is_in(&self, _: OrgId) -> bool {
        true
    }

    async fn page(far: &dyn ThoughtSpot, org: OrgId, page: Page) -> Result<PageOf<Self>> {
        far.groups_page(org, page).await
    }

    async fn find(far: &dyn ThoughtSpot, org: OrgId, which: &Lookup<'_, str>) -> Result<Option<Self>> {
        far.find_group(org, *which).await
    }
}
