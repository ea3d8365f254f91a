//! Orgs and the system of the port.

use std::collections::BTreeSet;
use std::sync::Arc;

use reqwest::Method;
use serde::Deserialize;

use crate::api::Api;
use crate::budget::Lane;
use crate::decode::{WireOrgId, millis};
use crate::domain::{self, Guid, ListChange, Lookup, Millis, NewOrg, OrgId, OrgPatch, Provenance};
use crate::error::{Error, Result};
use crate::nonempty::NonEmpty;
use crate::refusal::{NOT_FOUND, ORG_NOT_FOUND};
use crate::session::Session;
use crate::v2::orgs::{CreateOrg, Org, OrgList, Orgs, SearchOrgs, UpdateOrg};
use crate::v2::system::SystemInfo;
use crate::v2::words::OrgStatus;
use crate::wire::Call;

impl From<Org> for domain::Org {
    fn from(Org { id, name, description, status, visibility: _ }: Org) -> domain::Org {
        domain::Org { id, name, description, active: status != Some(OrgStatus::InActive) }
    }
}

impl From<SystemInfo> for domain::System {
    fn from(info: SystemInfo) -> domain::System {
        let set = |ids: [Option<Guid>; 3]| ids.into_iter().flatten().filter(|id| !id.is_empty()).collect::<BTreeSet<_>>();
        domain::System {
            id: info.id.filter(|id| !id.is_empty()),
            release: info.release_version,
            protected_users: set([info.system_user_id, info.super_user_id, info.tsadmin_user_id]),
            protected_groups: set([info.system_group_id, info.admin_group_id, info.all_user_group_id]),
        }
    }
}

/// The older API's Org, of which two fields are of use.
#[derive(Deserialize)]
pub(in crate::v2) struct ProvenanceRow {
    #[serde(rename = "orgId")]
    id: WireOrgId,
    #[serde(default)]
    author: Option<Guid>,
    #[serde(default, deserialize_with = "millis")]
    created: Option<Millis>,
}

pub(super) async fn list(orgs: Orgs<'_>) -> Result<Vec<domain::Org>> {
    let rows = orgs.search_in(Lane::Background, &SearchOrgs::default()).await.map_err(named)?;
    Ok(rows.into_iter().map(domain::Org::from).collect())
}

pub(super) async fn find(orgs: Orgs<'_>, which: Lookup<'_, OrgId>) -> Result<Option<domain::Org>> {
    let identifier = match which {
        Lookup::Id(id) => id.to_string(),
        Lookup::Name(name) => name.to_owned(),
    };
    let mut found = match orgs.search(&SearchOrgs { org_identifier: Some(identifier), ..SearchOrgs::default() }).await {
        Err(Error::Refused { status: 400, code: Some(NOT_FOUND | ORG_NOT_FOUND), .. }) => return Ok(None),
        outcome => outcome.map_err(named)?,
    };
    found.retain(|org| match which {
        Lookup::Id(id) => org.id == *id,
        Lookup::Name(name) => org.name == name,
    });
    match found.len() {
        0 | 1 => Ok(found.pop().map(domain::Org::from)),
        _ => Err(uncertified("a search for one returned several".to_owned())),
    }
}

/// Says what was searched for instead of which call it was.
fn named(error: Error) -> Error {
    if let Error::Uncertified { why, .. } = error { uncertified(why) } else { error }
}

fn uncertified(why: String) -> Error {
    Error::Uncertified { scope: "Orgs".to_owned(), why }
}

pub(super) async fn create(orgs: Orgs<'_>, new: &NewOrg) -> Result<domain::Org> {
    let NewOrg { name, description } = new.clone();
    let description = Some(description).filter(|text| !text.is_empty());
    orgs.create(&CreateOrg { name, description }).await.map(domain::Org::from)
}

pub(super) async fn update(orgs: Orgs<'_>, id: OrgId, patch: &OrgPatch) -> Result<()> {
    let OrgPatch { name, description } = patch.clone();
    orgs.update(id, &UpdateOrg { name, description, list: None }).await
}

pub(super) async fn change_members(orgs: Orgs<'_>, org: OrgId, user: &str, change: ListChange) -> Result<()> {
    let list = Some(OrgList::Users(super::change(change, NonEmpty::one(user.to_owned()))));
    orgs.update(org, &UpdateOrg { list, ..UpdateOrg::default() }).await
}

/// v2 shows neither author nor time of an Org; the older API does, where it is served at all.
pub(super) async fn provenance(session: &Arc<Session>, id: OrgId) -> Result<Option<Provenance>> {
    let mut call = Call::new(Api::V1, "org", Method::GET, "org/".to_owned());
    call.query = Some(format!("id={id}&orgScope=ALL"));
    let entry = session.enter(OrgId::PRIMARY).await?;
    let reply = session.wire.exchange(&call, OrgId::PRIMARY, Some(&entry.pass)).await?;
    if matches!(reply.status, 429 | 502..=504) {
        // Down for the moment, which says nothing about what it would tell.
        return reply.judge(call.effect, call.what).map(|_| None);
    }
    if !(200..300).contains(&reply.status) {
        return Ok(None);
    }
    let row = serde_json::from_slice::<ProvenanceRow>(&reply.body).ok().filter(|row| row.id.0 == id);
    Ok(row.map(|row| Provenance { author: row.author, created: row.created }))
}
