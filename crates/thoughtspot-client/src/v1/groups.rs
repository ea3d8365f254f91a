//! Groups: each lives in the Org of the session that made it (docs/thoughtspot-api-v1.md, "Groups").

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::content::{Content, visibility, word};
use super::fields::Fields;
use super::users::{Header, TRIES};
use crate::api::Api;
use crate::at::At;
use crate::budget::Lane;
use crate::decode::{or_default, segment};
use crate::domain::{Group, Guid, Lookup, NewGroup, OrgId, Provenance, Visibility};
use crate::error::{Error, Result};
use crate::nonempty::NonEmpty;
use crate::refusal::NOT_FOUND;
use crate::room::{self, Weigh};
use crate::rows::{self, Kept};
use crate::session::Session;
use crate::wire::{Call, Failure};

const PATH: &str = "group/";

/// The calls about groups, made in the session of one Org.
#[derive(Clone, Copy)]
pub struct Groups<'a>(pub(super) At<'a>);

/// A group as v1 shows it: with the groups it is nested in, not with those nested in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRecord {
    pub id: Guid,
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub visibility: Visibility,
    pub privileges: BTreeSet<String>,
    /// Ids of the groups it is nested in. Its members have their privileges, too.
    pub parents: BTreeSet<Guid>,
    /// Ids of its roles; `None` without role-based access control.
    pub roles: Option<BTreeSet<Guid>>,
    /// Ids of the Liveboards that its members see first.
    pub default_liveboards: BTreeSet<Guid>,
    /// A built-in group.
    pub protected: bool,
    pub provenance: Provenance,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupRow {
    header: Header,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    visibility: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    privileges: BTreeSet<String>,
    #[serde(default, deserialize_with = "or_default")]
    assigned_groups: BTreeSet<Guid>,
    #[serde(default)]
    assigned_roles: Option<Vec<Assigned>>,
    #[serde(default, deserialize_with = "or_default")]
    assigned_pinboards: Vec<Assigned>,
    #[serde(default, deserialize_with = "or_default")]
    is_system_principal: bool,
}

/// What is assigned to a group. No source shows one: an id, as what else is assigned, or an object that has one. Anything else stands for
/// itself, as an id that nobody knows.
#[derive(Deserialize)]
#[serde(untagged)]
enum Assigned {
    Id(Guid),
    Row { id: Guid },
    Headed { header: HeadedId },
    Other(Value),
}

#[derive(Deserialize)]
struct HeadedId {
    id: Guid,
}

fn ids(assigned: Vec<Assigned>) -> BTreeSet<Guid> {
    let id = |one| match one {
        Assigned::Id(id) | Assigned::Row { id } | Assigned::Headed { header: HeadedId { id } } => id,
        Assigned::Other(other) => other.to_string(),
    };
    assigned.into_iter().map(id).collect()
}

impl From<GroupRow> for GroupRecord {
    fn from(row: GroupRow) -> GroupRecord {
        GroupRecord {
            provenance: row.header.provenance(),
            id: row.header.id,
            name: row.header.name,
            display_name: row.display_name.or(row.header.display_name).unwrap_or_default(),
            description: row.header.description,
            visibility: visibility(row.visibility.as_deref()),
            privileges: row.privileges,
            parents: row.assigned_groups,
            roles: row.assigned_roles.map(ids),
            default_liveboards: ids(row.assigned_pinboards),
            protected: row.is_system_principal,
        }
    }
}

impl Weigh for GroupRecord {
    fn weight(&self) -> usize {
        let GroupRecord { id, name, display_name, description, privileges, parents, roles, default_liveboards, .. } = self;
        let texts = [id, name, display_name, description].map(|one| room::text(one)).iter().sum::<usize>();
        let sets = [privileges, default_liveboards].into_iter().chain(roles).map(room::set).sum::<usize>();
        // Whom it is nested in is told to each of these, as one that is nested there.
        room::ROW + texts + sets + parents.len() * room::text(id) + 2 * room::set(parents)
    }
}

impl GroupRecord {
    /// The same group, with the groups that are nested in it.
    pub fn with_sub_groups(self, sub_groups: BTreeSet<Guid>) -> Group {
        let GroupRecord { id, name, display_name, description, visibility, privileges, roles, default_liveboards, .. } = self;
        let (protected, provenance) = (self.protected, self.provenance);
        Group {
            id,
            name,
            display_name,
            description,
            visibility,
            privileges,
            sub_groups,
            roles,
            default_liveboards,
            protected,
            provenance,
        }
    }
}

/// All groups of an Org, each with those nested in it: the other way round than v1 tells it.
pub fn with_sub_groups(records: Vec<GroupRecord>) -> Vec<Group> {
    let mut children: BTreeMap<Guid, BTreeSet<Guid>> = BTreeMap::new();
    for record in &records {
        for parent in &record.parents {
            children.entry(parent.clone()).or_default().insert(record.id.clone());
        }
    }
    let nested = |record: GroupRecord| {
        let sub_groups = children.remove(&record.id).unwrap_or_default();
        record.with_sub_groups(sub_groups)
    };
    records.into_iter().map(nested).collect()
}

impl<'a> Groups<'a> {
    pub(super) fn new(session: &'a Arc<Session>, org: OrgId) -> Self {
        Groups(At { session, org })
    }

    /// Creates a group in the session's Org. A taken name is refused (400, 409 or 500), and so is who may not create groups (401).
    pub async fn create(&self, new: &NewGroup) -> Result<GroupRecord> {
        let NewGroup { name, display_name, description, visibility, kind, privileges, roles } = new;
        let description = Some(description).filter(|text| !text.is_empty());
        let privileges = Some(privileges).filter(|set| !set.is_empty());
        let roles = Some(roles).filter(|set| !set.is_empty());
        let fields = Fields::new()
            .text("name", name)
            // Sources disagree about its name; the one that is not known is ignored.
            .text("displayname", display_name)
            .text("display_name", display_name)
            .maybe("description", description)
            .maybe_json("privileges", privileges)
            .maybe("grouptype", kind.as_ref())
            .maybe_json("roleIds", roles)
            .maybe("visibility", visibility.map(word));
        let call = self.call("group/create", Method::POST, PATH.to_owned()).form(&fields);
        let answer = self.0.about_another(&call).await.map_err(|failure| match failure {
            // Our session is good: it is the right to create that we lack.
            Failure::Unauthorized { said } => Error::Forbidden { what: call.what.to_owned(), said },
            failure @ (Failure::Refused { .. } | Failure::Other(_)) => self.0.session.error(&call, failure),
        })?;
        let row: GroupRow = serde_json::from_slice(&answer).map_err(|_| call.unreadable("the answer is not a group"))?;
        Ok(row.into())
    }

    /// One group. An unknown one is refused (400), which proves nothing: see [`Groups::list`].
    pub async fn get(&self, which: &Lookup<'_, str>) -> Result<GroupRecord> {
        self.record(&self.get_call(which)).await
    }

    /// Everything about a group, to be changed and sent back with [`Groups::update`].
    pub async fn content(&self, id: &str) -> Result<Content> {
        let call = self.get_call(&Lookup::Id(id));
        let content: Content = self.0.one(&call, "a group").await?;
        if content.is_of(id) { Ok(content) } else { Err(self.uncertified("another one was answered than was asked for")) }
    }

    /// Every group of the Org. There are no pages: the answer is read as it arrives.
    pub async fn list(&self) -> Result<Vec<GroupRecord>> {
        Ok(self.kept().await?.rows)
    }

    /// As [`Groups::list`], with what the rows take of memory.
    pub(super) async fn kept(&self) -> Result<Kept<GroupRecord>> {
        self.rows(Lane::Background, |_| true).await
    }

    /// Replaces everything about a group but its members; and its roles, where they are given.
    pub async fn update(&self, id: &str, content: &Content, roles: Option<&BTreeSet<Guid>>) -> Result<()> {
        self.0.done(&self.update_call(id, content, roles)?).await
    }

    /// Reads a group, changes what was read and sends it back at once. What others change between the two is undone.
    pub(super) async fn rewrite(
        &self,
        id: &str,
        roles: Option<&BTreeSet<Guid>>,
        change: impl Fn(&mut Content) + Sync,
    ) -> Result<()> {
        for _ in 0..TRIES {
            let mut content = self.content(id).await?;
            change(&mut content);
            if self.0.done_unless_stale(&self.update_call(id, &content, roles)?).await? {
                return Ok(());
            }
        }
        Err(Error::Unavailable("group/update: our session ends whenever it is used".to_owned()))
    }

    fn update_call(&self, id: &str, content: &Content, roles: Option<&BTreeSet<Guid>>) -> Result<Call<'static>> {
        const UPDATE: &str = "group/update";
        let fields = Fields::new().text("groupid", id).json("content", content).maybe_json("roleIds", roles);
        Ok(self.call(UPDATE, Method::PUT, path(UPDATE, id, "")?).form(&fields))
    }

    /// Deletes a group. Its members stay.
    pub async fn delete(&self, id: &str) -> Result<()> {
        const DELETE: &str = "group/delete";
        let call = self.call(DELETE, Method::DELETE, path(DELETE, id, "")?);
        self.0.done(&call).await
    }

    /// Gives one privilege to groups of the session's Org, by their names. The group as it is then, where the answer shows one.
    pub async fn add_privilege(&self, privilege: &str, names: &NonEmpty<String>) -> Result<Option<GroupRecord>> {
        let answer = self.change_privilege("group/addprivilege", privilege, names).await?;
        Ok(serde_json::from_slice::<GroupRow>(&answer).ok().map(GroupRecord::from))
    }

    /// Takes one privilege from groups of the session's Org, by their names.
    pub async fn remove_privilege(&self, privilege: &str, names: &NonEmpty<String>) -> Result<()> {
        self.change_privilege("group/removeprivilege", privilege, names).await.map(drop)
    }

    /// The groups nested in a group.
    pub async fn sub_groups(&self, id: &str) -> Result<Vec<GroupRecord>> {
        const SUB_GROUPS: &str = "group/groups";
        let call = self.call(SUB_GROUPS, Method::GET, path(SUB_GROUPS, id, "/groups")?);
        let rows: Vec<GroupRow> = self.0.rows(&call).await?;
        Ok(rows.into_iter().map(GroupRecord::from).collect())
    }

    /// The one group that is `which`. `None` only where the list says so, or for a name where a refusal says in its code that there
    /// is none: what holds an id knows that there was one, and a word of a refusal is not enough to take that back.
    pub(super) async fn find(&self, which: &Lookup<'_, str>) -> Result<Option<Group>> {
        let found = match (self.certain(which).await, which) {
            (Ok(record), _) => Some(record),
            (Err(Error::Refused { status: 400, code: Some(NOT_FOUND), .. }), Lookup::Name(_)) => None,
            // An unknown one is a 400 like any other mistake: only the whole list tells.
            (Err(Error::Refused { .. }), _) => self.look_for(which).await?,
            (Err(error), _) => return Err(error),
        };
        let Some(record) = found else { return Ok(None) };
        let sub_groups = self.sub_groups(&record.id).await?.into_iter().map(|group| group.id).collect();
        Ok(Some(record.with_sub_groups(sub_groups)))
    }

    /// As [`Groups::get`]: the group that was asked for, in the Org it was asked for in, or [`Error::Uncertified`].
    pub(super) async fn certain(&self, which: &Lookup<'_, str>) -> Result<GroupRecord> {
        let row = self.0.one::<GroupRow>(&self.get_call(which), "a group").await?;
        if !row.header.is_in(self.0.org) || !is(&row, which) {
            return Err(self.uncertified("another one was answered than was asked for"));
        }
        Ok(row.into())
    }

    async fn look_for(&self, which: &Lookup<'_, str>) -> Result<Option<GroupRecord>> {
        let mut found = self.rows(Lane::Urgent, |row| is(row, which)).await?.rows;
        match found.len() {
            0 | 1 => Ok(found.pop()),
            _ => Err(self.uncertified("a search for one found several")),
        }
    }

    /// Those of the whole list that are wanted.
    async fn rows(&self, lane: Lane, wanted: impl Fn(&GroupRow) -> bool + Send + Sync) -> Result<Kept<GroupRecord>> {
        let call = Call { lane, ..self.call("group/list", Method::GET, PATH.to_owned()) };
        let keep = |row: GroupRow| Ok(Some(row).filter(|row| row.header.is_in(self.0.org) && wanted(row)).map(GroupRecord::from));
        rows::streamed(self.0, &call, &self.scope(), keep).await
    }

    async fn change_privilege(&self, what: &'static str, privilege: &str, names: &NonEmpty<String>) -> Result<Bytes> {
        let fields = Fields::new().text("privilege", privilege).json("groupNames", names);
        let call = self.call(what, Method::POST, what.to_owned()).parts(fields);
        self.0.session.ask(self.0.org, &call).await
    }

    async fn record(&self, call: &Call<'_>) -> Result<GroupRecord> {
        self.0.one::<GroupRow>(call, "a group").await.map(GroupRecord::from)
    }

    fn get_call(&self, which: &Lookup<'_, str>) -> Call<'static> {
        let query = match which {
            Lookup::Id(id) => Fields::new().text("groupid", id),
            Lookup::Name(name) => Fields::new().text("name", name),
        };
        self.call("group/get", Method::GET, PATH.to_owned()).query(&query)
    }

    fn scope(&self) -> String {
        format!("groups of Org {}", self.0.org)
    }

    fn uncertified(&self, why: &str) -> Error {
        Error::Uncertified { scope: self.scope(), why: why.to_owned() }
    }

    pub(super) fn call(&self, what: &'static str, method: Method, path: String) -> Call<'static> {
        Call::new(Api::V1, what, method, path)
    }
}

fn is(row: &GroupRow, which: &Lookup<'_, str>) -> bool {
    match which {
        Lookup::Id(wanted) => row.header.id == *wanted,
        Lookup::Name(wanted) => row.header.name == *wanted,
    }
}

pub(super) fn path(what: &str, id: &str, rest: &str) -> Result<String> {
    Ok(format!("{PATH}{}{rest}", segment(what, id)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_assigned_to_a_group_is_read_in_whatever_form_it_comes() {
        let row =
            r#"{"header": {"id": "g", "name": "analysts"}, "assignedRoles": ["a", {"id": "b"}, {"header": {"id": "c"}}, 7]}"#;
        let row: GroupRow = serde_json::from_str(row).unwrap();
        assert_eq!(GroupRecord::from(row).roles, Some(["a", "b", "c", "7"].map(str::to_owned).into()));
        let without: GroupRow = serde_json::from_str(r#"{"header": {"id": "g", "name": "analysts"}}"#).unwrap();
        assert_eq!(GroupRecord::from(without).roles, None);
    }
}
