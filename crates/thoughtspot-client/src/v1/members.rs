//! Who and what is in a group (docs/thoughtspot-api-v1.md, "Memberships").

use reqwest::Method;

use super::fields::Fields;
use super::groups::{Groups, path};
use super::users::{UserRecord, UserRow};
use crate::decode::segment;
use crate::domain::{Guid, ListChange};
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::wire::Call;

/// A list that is sent whole: what it does not name goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whole {
    Exactly(NonEmpty<Guid>),
    /// None at all.
    Nothing,
}

impl Whole {
    /// Exactly these, be it none.
    pub(super) fn of(ids: impl IntoIterator<Item = Guid>) -> Self {
        NonEmpty::collect(ids).map_or(Whole::Nothing, Whole::Exactly)
    }

    fn ids(&self) -> &[Guid] {
        match self {
            Whole::Exactly(ids) => ids,
            Whole::Nothing => &[],
        }
    }
}

const USERS: &str = "group/users";
const USER: &str = "group/user";
const GROUPS: &str = "group/groups";

impl Groups<'_> {
    /// The members of a group.
    pub async fn members(&self, id: &str) -> Result<Vec<UserRecord>> {
        self.users(&self.call(USERS, Method::GET, path(USERS, id, "/users")?)).await
    }

    /// The members of a group, by the older call.
    pub async fn list_members(&self, id: &str) -> Result<Vec<UserRecord>> {
        const LIST: &str = "group/listuser";
        self.users(&self.call(LIST, Method::GET, format!("{LIST}/{}", segment(LIST, id)?))).await
    }

    /// Puts one user in a group, or takes him out of it.
    pub async fn change_member(&self, id: &str, user: &str, change: ListChange) -> Result<()> {
        let path = path(USER, id, &format!("/user/{}", segment(USER, user)?))?;
        self.0.done(&self.call(USER, method(change), path)).await
    }

    /// Puts users in a group, or takes them out of it.
    pub async fn change_members(&self, id: &str, users: &NonEmpty<Guid>, change: ListChange) -> Result<()> {
        let query = Fields::new().json("userids", users);
        self.0.done(&self.call(USERS, method(change), path(USERS, id, "/users")?).query(&query)).await
    }

    /// Makes these the members of a group.
    pub async fn replace_members(&self, id: &str, users: &Whole) -> Result<()> {
        let form = Fields::new().json("userids", &users.ids());
        self.0.done(&self.call(USERS, Method::PUT, path(USERS, id, "/users")?).form(&form)).await
    }

    /// Puts each of the users in each of the groups, or takes them out. v2 has nothing like it.
    pub async fn change_memberships(&self, users: &NonEmpty<Guid>, groups: &NonEmpty<Guid>, change: ListChange) -> Result<()> {
        let what = match change {
            ListChange::Add => "group/addmemberships",
            ListChange::Remove => "group/removememberships",
        };
        let parts = Fields::new().json("userids", users).json("groupids", groups);
        self.0.done(&self.call(what, Method::POST, what.to_owned()).parts(parts)).await
    }

    /// Nests groups in a group, or takes them out of it.
    pub async fn change_sub_groups(&self, id: &str, groups: &NonEmpty<Guid>, change: ListChange) -> Result<()> {
        let fields = Fields::new().json("principalids", groups);
        let call = self.call(GROUPS, method(change), path(GROUPS, id, "/groups")?);
        let call = match change {
            ListChange::Add => call.parts(fields),
            ListChange::Remove => call.form(&fields),
        };
        self.0.done(&call).await
    }

    /// Makes these the groups nested in a group.
    pub async fn replace_sub_groups(&self, id: &str, groups: &Whole) -> Result<()> {
        let form = Fields::new().json("principalids", &groups.ids());
        self.0.done(&self.call(GROUPS, Method::PUT, path(GROUPS, id, "/groups")?).form(&form)).await
    }

    /// Gives a role (an id) to groups of the session's Org, by their names, or takes it from them. Needs role-based access control.
    pub async fn change_role(&self, role: &str, names: &NonEmpty<String>, change: ListChange) -> Result<()> {
        let what = match change {
            ListChange::Add => "group/addrole",
            ListChange::Remove => "group/removerole",
        };
        let parts = Fields::new().text("roleID", role).json("groupNames", names);
        self.0.done(&self.call(what, Method::POST, what.to_owned()).parts(parts)).await
    }

    async fn users(&self, call: &Call<'_>) -> Result<Vec<UserRecord>> {
        let rows: Vec<UserRow> = self.0.rows(call).await?;
        Ok(rows.into_iter().map(UserRecord::from).collect())
    }
}

fn method(change: ListChange) -> Method {
    match change {
        ListChange::Add => Method::POST,
        ListChange::Remove => Method::DELETE,
    }
}
