//! Groups: each lives in the Org of the token that made it (docs/thoughtspot-api.md, "Groups").

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::decode::{
    BY_NAME, Operation, OrgRef, Ref, SortOptions, VisibilityWord, ids, millis, or_default, orgs_of, segment, visibility,
};
use super::search::{LOOKUP_PAGE, Row, Search};
use super::session::Session;
use super::wire::Call;
use crate::domain::{Group, GroupPatch, Guid, Lookup, Millis, NewGroup, OrgId, Provenance};
use crate::error::Result;
use crate::port::{Page, PageOf};

const SEARCH: &str = "groups/search";
const UPDATE: &str = "groups/update";

#[derive(Deserialize)]
struct GroupRow {
    id: Guid,
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    display_name: String,
    #[serde(default, deserialize_with = "or_default")]
    description: String,
    #[serde(default)]
    visibility: Option<String>,
    #[serde(default)]
    orgs: Option<Vec<OrgRef>>,
    #[serde(default, deserialize_with = "or_default")]
    privileges: BTreeSet<String>,
    #[serde(default, deserialize_with = "or_default")]
    sub_groups: Vec<Ref>,
    #[serde(default, deserialize_with = "or_default")]
    system_group: bool,
    #[serde(default)]
    author_id: Option<Guid>,
    #[serde(default, deserialize_with = "millis")]
    creation_time_in_millis: Option<Millis>,
}

impl From<GroupRow> for Row<Group> {
    fn from(row: GroupRow) -> Row<Group> {
        let value = Group {
            id: row.id,
            name: row.name,
            display_name: row.display_name,
            description: row.description,
            visibility: visibility(row.visibility.as_deref()),
            privileges: row.privileges,
            sub_groups: ids(row.sub_groups),
            protected: row.system_group,
            provenance: Provenance { author: row.author_id, created: row.creation_time_in_millis },
        };
        Row { value, orgs: orgs_of(row.orgs) }
    }
}

#[derive(Serialize)]
struct SearchBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    group_identifier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_identifiers: Option<[String; 1]>,
    record_offset: usize,
    record_size: usize,
    sort_options: SortOptions,
    /// Members are read from the user rows: embedded in the groups they make pages slow and large.
    include_users: bool,
    include_sub_groups: bool,
}

#[derive(Serialize)]
struct CreateBody<'a> {
    name: &'a str,
    display_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    visibility: Option<VisibilityWord>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    privileges: &'a BTreeSet<String>,
}

#[derive(Serialize)]
struct UpdateBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visibility: Option<VisibilityWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    privileges: Option<&'a BTreeSet<String>>,
    operation: Operation,
}

fn body(identifier: Option<&str>, org: Option<String>, page: Page) -> SearchBody<'_> {
    SearchBody {
        group_identifier: identifier,
        org_identifiers: org.map(|org| [org]),
        record_offset: page.offset,
        record_size: page.size.max(1),
        sort_options: BY_NAME,
        include_users: false,
        include_sub_groups: true,
    }
}

fn search(session: &Arc<Session>, org: OrgId, page: Page) -> Search<'_> {
    Search { what: SEARCH, scope: format!("groups of Org {org}"), org, only: Some(org), page, session }
}

pub(super) async fn page(session: &Arc<Session>, org: OrgId, page: Page) -> Result<PageOf<Group>> {
    search(session, org, page).page::<GroupRow, _, _>(|filter| body(None, filter, page)).await
}

pub(super) async fn find(session: &Arc<Session>, org: OrgId, which: &Lookup<'_, str>) -> Result<Option<Group>> {
    let (Lookup::Id(identifier) | Lookup::Name(identifier)) = *which;
    let matches = |group: &Group| match which {
        Lookup::Id(id) => group.id == *id,
        Lookup::Name(name) => group.name == *name,
    };
    let search = search(session, org, LOOKUP_PAGE);
    search.one::<GroupRow, _, _>(matches, |filter| body(Some(identifier), filter, LOOKUP_PAGE)).await
}

pub(super) async fn create(session: &Arc<Session>, org: OrgId, new: &NewGroup) -> Result<Group> {
    let NewGroup { name, display_name, description, visibility, privileges } = new;
    let body = CreateBody { name, display_name, description, visibility: visibility.map(Into::into), privileges };
    let call = Call::write("groups/create", "groups/create".to_owned(), &body);
    let answer = session.ask(org, &call).await?;
    let row: GroupRow = serde_json::from_slice(&answer).map_err(|_| call.unreadable("the answer is not a group"))?;
    Ok(Row::from(row).value)
}

pub(super) async fn update(session: &Arc<Session>, org: OrgId, id: &str, patch: &GroupPatch) -> Result<()> {
    let GroupPatch { name, display_name, description, visibility, privileges } = patch;
    let body = UpdateBody {
        name: name.as_deref(),
        display_name: display_name.as_deref(),
        description: description.as_deref(),
        visibility: visibility.map(Into::into),
        privileges: privileges.as_ref(),
        // Privileges are given whole. Without them there is no list in this request, and ADD could not take anything away.
        operation: if privileges.is_some() { Operation::Replace } else { Operation::Add },
    };
    let path = format!("groups/{}/update", segment(UPDATE, id)?);
    session.ask(org, &Call::write(UPDATE, path, &body)).await.map(drop)
}

pub(super) async fn delete(session: &Arc<Session>, org: OrgId, id: &str) -> Result<()> {
    const DELETE: &str = "groups/delete";
    let path = format!("groups/{}/delete", segment(DELETE, id)?);
    session.ask(org, &Call::bare_write(DELETE, path)).await.map(drop)
}
