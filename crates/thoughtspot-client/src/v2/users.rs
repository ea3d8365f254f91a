//! Users (docs/thoughtspot-api.md, "Users").

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::decode::{
    BY_NAME, Operation, OrgRef, Ref, SortOptions, VisibilityWord, ids, millis, or_default, orgs_of, refused_here, segment,
    visibility,
};
use super::search::{LOOKUP_PAGE, Row, Search};
use super::session::Session;
use super::wire::Call;
use crate::domain::{Guid, ListChange, Lookup, Millis, NewUser, OrgId, Provenance, User, UserPatch, fold_user_name};
use crate::error::Result;
use crate::port::{Page, PageOf};
use crate::secret::Secret;

const SEARCH: &str = "users/search";
const UPDATE: &str = "users/update";

#[derive(Deserialize)]
struct UserRow {
    id: Guid,
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    display_name: String,
    #[serde(default, deserialize_with = "or_default")]
    email: String,
    #[serde(default, deserialize_with = "or_default")]
    account_type: String,
    #[serde(default, deserialize_with = "or_default")]
    account_status: String,
    #[serde(default)]
    visibility: Option<String>,
    #[serde(default)]
    orgs: Option<Vec<OrgRef>>,
    #[serde(default, deserialize_with = "or_default")]
    user_groups: Vec<Ref>,
    #[serde(default, deserialize_with = "or_default")]
    privileges: BTreeSet<String>,
    #[serde(default, deserialize_with = "or_default")]
    system_user: bool,
    #[serde(default, deserialize_with = "or_default")]
    super_user: bool,
    #[serde(default)]
    author_id: Option<Guid>,
    #[serde(default, deserialize_with = "millis")]
    creation_time_in_millis: Option<Millis>,
}

impl From<UserRow> for Row<User> {
    fn from(row: UserRow) -> Row<User> {
        let orgs = orgs_of(row.orgs);
        let value = User {
            id: row.id,
            name: row.name,
            display_name: row.display_name,
            email: row.email,
            account_type: row.account_type,
            account_status: row.account_status,
            visibility: visibility(row.visibility.as_deref()),
            orgs: orgs.clone().unwrap_or_default(),
            groups: ids(row.user_groups),
            privileges: row.privileges,
            protected: row.system_user || row.super_user,
            provenance: Provenance { author: row.author_id, created: row.creation_time_in_millis },
        };
        Row { value, orgs }
    }
}

#[derive(Serialize)]
struct SearchBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_identifier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_identifiers: Option<[String; 1]>,
    record_offset: usize,
    record_size: usize,
    sort_options: SortOptions,
}

#[derive(Serialize)]
struct CreateBody<'a> {
    name: &'a str,
    display_name: &'a str,
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visibility: Option<VisibilityWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    org_identifiers: [String; 1],
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    group_identifiers: &'a BTreeSet<Guid>,
    // Unset, the server would mail people.
    trigger_welcome_email: bool,
    trigger_activation_email: bool,
}

#[derive(Serialize)]
struct UpdateBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visibility: Option<VisibilityWord>,
    /// There is no list in this request; ADD is the one that could not take anything away.
    operation: Operation,
}

#[derive(Serialize)]
struct GroupsBody<'a> {
    group_identifiers: &'a BTreeSet<Guid>,
    operation: Operation,
}

#[derive(Serialize)]
struct PasswordBody<'a> {
    user_identifier: &'a str,
    new_password: &'a str,
}

fn body(identifier: Option<&str>, org: Option<String>, page: Page) -> SearchBody<'_> {
    SearchBody {
        user_identifier: identifier,
        org_identifiers: org.map(|org| [org]),
        record_offset: page.offset,
        record_size: page.size.max(1),
        sort_options: BY_NAME,
    }
}

pub(super) async fn page(session: &Arc<Session>, org: OrgId, page: Page) -> Result<PageOf<User>> {
    let search = Search { what: SEARCH, scope: format!("users of Org {org}"), org, only: Some(org), page, session };
    search.page::<UserRow, _, _>(|filter| body(None, filter, page)).await
}

pub(super) async fn find(session: &Arc<Session>, org: OrgId, which: &Lookup<'_, str>) -> Result<Option<User>> {
    // From Primary the user is looked for in the whole cluster.
    let only = (org != OrgId::PRIMARY).then_some(org);
    let scope = only.map_or("users of the cluster".to_owned(), |org| format!("users of Org {org}"));
    let search = Search { what: SEARCH, scope, org, only, page: LOOKUP_PAGE, session };
    let (Lookup::Id(identifier) | Lookup::Name(identifier)) = *which;
    let matches = |user: &User| match which {
        Lookup::Id(id) => user.id == *id,
        Lookup::Name(name) => fold_user_name(&user.name) == fold_user_name(name),
    };
    search.one::<UserRow, _, _>(matches, |filter| body(Some(identifier), filter, LOOKUP_PAGE)).await
}

pub(super) async fn create(session: &Arc<Session>, org: OrgId, new: &NewUser) -> Result<User> {
    let NewUser { name, display_name, email, account_type, visibility, password, groups } = new;
    let body = CreateBody {
        name,
        display_name,
        email,
        account_type: account_type.as_deref(),
        visibility: visibility.map(Into::into),
        password: password.as_ref().map(Secret::expose),
        org_identifiers: [org.to_string()],
        group_identifiers: groups,
        trigger_welcome_email: false,
        trigger_activation_email: false,
    };
    let call = Call::write("users/create", "users/create".to_owned(), &body).hiding(password);
    let answer = session.ask(org, &call).await?;
    let row: UserRow = serde_json::from_slice(&answer).map_err(|_| call.unreadable("the answer is not a user"))?;
    Ok(Row::from(row).value)
}

pub(super) async fn update(session: &Arc<Session>, org: OrgId, id: &str, patch: &UserPatch) -> Result<()> {
    let UserPatch { name, display_name, email, visibility } = patch;
    let body = UpdateBody {
        name: name.as_deref(),
        display_name: display_name.as_deref(),
        email: email.as_deref(),
        visibility: visibility.map(Into::into),
        operation: Operation::Add,
    };
    let path = format!("users/{}/update", segment(UPDATE, id)?);
    session.ask(org, &Call::write(UPDATE, path, &body)).await.map(drop)
}

pub(super) async fn change_groups(
    session: &Arc<Session>,
    org: OrgId,
    id: &str,
    groups: &BTreeSet<Guid>,
    change: ListChange,
) -> Result<()> {
    if groups.is_empty() {
        return Err(refused_here(UPDATE, "no group is named"));
    }
    let body = GroupsBody { group_identifiers: groups, operation: change.into() };
    let path = format!("users/{}/update", segment(UPDATE, id)?);
    session.ask(org, &Call::write(UPDATE, path, &body)).await.map(drop)
}

pub(super) async fn set_password(session: &Arc<Session>, id: &str, password: &Secret) -> Result<()> {
    let body = PasswordBody { user_identifier: id, new_password: password.expose() };
    let call = Call::write("users/reset-password", "users/reset-password".to_owned(), &body).hiding([password]);
    session.ask(OrgId::PRIMARY, &call).await.map(drop)
}

pub(super) async fn delete(session: &Arc<Session>, id: &str) -> Result<()> {
    const DELETE: &str = "users/delete";
    let path = format!("users/{}/delete", segment(DELETE, id)?);
    session.ask(OrgId::PRIMARY, &Call::bare_write(DELETE, path)).await.map(drop)
}
