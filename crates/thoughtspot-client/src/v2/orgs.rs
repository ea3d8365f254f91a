//! Orgs and the system: always asked from Primary (docs/thoughtspot-api.md, "Orgs").

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::decode::{self, Operation, WireOrgId, millis, segment};
use super::errors::{NOT_FOUND, ORG_NOT_FOUND};
use super::session::Session;
use super::wire::Call;
use crate::budget::Lane;
use crate::domain::{Guid, ListChange, Lookup, Millis, NewOrg, Org, OrgId, OrgPatch, Provenance, System};
use crate::error::{Error, Result};
use crate::transport::Effect;

const SEARCH: &str = "orgs/search";
const UPDATE: &str = "orgs/update";

#[derive(Deserialize)]
struct OrgRow {
    id: WireOrgId,
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    status: Option<String>,
}

impl From<OrgRow> for Org {
    fn from(OrgRow { id, name, description, status }: OrgRow) -> Org {
        Org { id: id.0, name, description: description.unwrap_or_default(), active: status.as_deref() != Some("IN_ACTIVE") }
    }
}

#[derive(Serialize)]
struct SearchBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    org_identifier: Option<&'a str>,
}

#[derive(Serialize)]
struct CreateBody<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
}

#[derive(Serialize)]
struct UpdateBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_identifiers: Option<[&'a str; 1]>,
    operation: Operation,
}

#[derive(Deserialize)]
struct SystemRow {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    release_version: Option<String>,
    #[serde(default)]
    system_user_id: Option<Guid>,
    #[serde(default)]
    super_user_id: Option<Guid>,
    #[serde(default)]
    tsadmin_user_id: Option<Guid>,
    #[serde(default)]
    system_group_id: Option<Guid>,
    #[serde(default)]
    admin_group_id: Option<Guid>,
    #[serde(default)]
    all_user_group_id: Option<Guid>,
}

/// The older API's Org, of which two fields are of use.
#[derive(Deserialize)]
struct ProvenanceRow {
    #[serde(rename = "orgId")]
    id: WireOrgId,
    #[serde(default)]
    author: Option<Guid>,
    #[serde(default, deserialize_with = "millis")]
    created: Option<Millis>,
}

pub(super) async fn system(session: &Arc<Session>) -> Result<System> {
    let call = Call::get("system");
    let body = session.ask(OrgId::PRIMARY, &call).await?;
    let row: SystemRow = serde_json::from_slice(&body).map_err(|_| call.unreadable("the answer cannot be read"))?;
    let set = |ids: [Option<Guid>; 3]| ids.into_iter().flatten().filter(|id| !id.is_empty()).collect::<BTreeSet<_>>();
    Ok(System {
        id: row.id.filter(|id| !id.is_empty()),
        release: row.release_version,
        protected_users: set([row.system_user_id, row.super_user_id, row.tsadmin_user_id]),
        protected_groups: set([row.system_group_id, row.admin_group_id, row.all_user_group_id]),
    })
}

pub(super) async fn list(session: &Arc<Session>) -> Result<Vec<Org>> {
    search(session, None, Lane::Background).await
}

pub(super) async fn find(session: &Arc<Session>, which: &Lookup<'_, OrgId>) -> Result<Option<Org>> {
    let identifier = match which {
        Lookup::Id(id) => id.to_string(),
        Lookup::Name(name) => (*name).to_owned(),
    };
    let mut found = match search(session, Some(&identifier), Lane::Urgent).await {
        Ok(rows) => rows,
        Err(Error::Refused { status: 400, code: Some(NOT_FOUND | ORG_NOT_FOUND), .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    found.retain(|org| match which {
        Lookup::Id(id) => org.id == **id,
        Lookup::Name(name) => org.name == *name,
    });
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => Err(uncertified("a search for one returned several")),
    }
}

async fn search(session: &Arc<Session>, identifier: Option<&str>, lane: Lane) -> Result<Vec<Org>> {
    let call = Call::search(SEARCH, &SearchBody { org_identifier: identifier }, lane);
    let body = session.ask(OrgId::PRIMARY, &call).await?;
    let rows = decode::rows::<OrgRow>(&body).map_err(|why| uncertified(&session.wire.said(&why, &[])))?;
    Ok(rows.into_iter().map(Org::from).collect())
}

fn uncertified(why: &str) -> Error {
    Error::Uncertified { scope: "Orgs".to_owned(), why: why.to_owned() }
}

pub(super) async fn create(session: &Arc<Session>, new: &NewOrg) -> Result<Org> {
    let body = CreateBody { name: &new.name, description: &new.description };
    let call = Call::write("orgs/create", "orgs/create".to_owned(), &body);
    let body = session.ask(OrgId::PRIMARY, &call).await?;
    let row: OrgRow = serde_json::from_slice(&body).map_err(|_| call.unreadable("the answer is not an Org"))?;
    Ok(row.into())
}

pub(super) async fn update(session: &Arc<Session>, id: OrgId, patch: &OrgPatch) -> Result<()> {
    let OrgPatch { name, description } = patch;
    let body = UpdateBody {
        name: name.as_deref(),
        description: description.as_deref(),
        user_identifiers: None,
        operation: Operation::Add,
    };
    write(session, UPDATE, id, "update", Some(&body)).await
}

pub(super) async fn change_members(session: &Arc<Session>, org: OrgId, user: &str, change: ListChange) -> Result<()> {
    let body = UpdateBody { name: None, description: None, user_identifiers: Some([user]), operation: change.into() };
    let outcome = write(session, UPDATE, org, "update", Some(&body)).await;
    // It may have been our own login.
    session.forget_denial(org);
    outcome
}

pub(super) async fn delete(session: &Arc<Session>, id: OrgId) -> Result<()> {
    write(session, "orgs/delete", id, "delete", None::<&UpdateBody<'_>>).await
}

async fn write(session: &Arc<Session>, what: &'static str, id: OrgId, verb: &str, body: Option<&impl Serialize>) -> Result<()> {
    let path = format!("orgs/{}/{verb}", segment(what, &id.to_string())?);
    let call = match body {
        Some(body) => Call::write(what, path, body),
        None => Call::bare_write(what, path),
    };
    session.ask(OrgId::PRIMARY, &call).await.map(drop)
}

/// v2 shows neither author nor time of an Org; the older API does, where it is served at all.
pub(super) async fn provenance(session: &Arc<Session>, id: OrgId) -> Result<Option<Provenance>> {
    const WHAT: &str = "org";
    let query = format!("id={id}&orgScope=ALL");
    let token = session.token(OrgId::PRIMARY).await?;
    let reply = session.wire.send_v1(WHAT, "/callosum/v1/tspublic/v1/org/", &query, &token.secret).await?;
    if matches!(reply.status, 429 | 502..=504) {
        // Down for the moment, which says nothing about what it would tell.
        return reply.judge(Effect::Read, WHAT).map(|_| None);
    }
    if !(200..300).contains(&reply.status) {
        return Ok(None);
    }
    let row = serde_json::from_slice::<ProvenanceRow>(&reply.body).ok().filter(|row| row.id.0 == id);
    Ok(row.map(|row| Provenance { author: row.author, created: row.created }))
}
