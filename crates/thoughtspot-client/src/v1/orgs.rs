//! Orgs: always asked from Primary, and across Orgs (docs/thoughtspot-api-v1.md, "Orgs").

use std::sync::Arc;

use reqwest::Method;
use serde::Deserialize;

use super::fields::Fields;
use crate::api::Api;
use crate::budget::Lane;
use crate::decode::{WireOrgId, millis, or_default};
use crate::domain::{Guid, Lookup, Millis, NewOrg, Org, OrgId, OrgPatch, Provenance};
use crate::error::{Error, Result};
use crate::refusal::{NOT_FOUND, ORG_NOT_FOUND};
use crate::session::Session;
use crate::wire::Call;

const PATH: &str = "org/";

/// The calls about Orgs. They need cluster administration.
pub struct Orgs<'a> {
    session: &'a Arc<Session>,
}

/// An Org as v1 shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgRecord {
    pub org: Org,
    pub provenance: Provenance,
    /// The group that every member of the Org is in. Nothing in v2 names it.
    pub all_group: Option<Guid>,
    /// The group of the Org's administrators. Nothing in v2 names it.
    pub administrators: Option<Guid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrgRow {
    org_id: WireOrgId,
    org_name: String,
    #[serde(default, deserialize_with = "or_default")]
    description: String,
    #[serde(default)]
    active: Option<bool>,
    #[serde(default)]
    author: Option<Guid>,
    #[serde(default, deserialize_with = "millis")]
    created: Option<Millis>,
    /// Named the other way round in the list of a session's Orgs.
    #[serde(default, alias = "allUserGroupId")]
    all_group_user_id: Option<Guid>,
    #[serde(default)]
    default_admin_user_group_id: Option<Guid>,
}

impl From<OrgRow> for OrgRecord {
    fn from(row: OrgRow) -> OrgRecord {
        let OrgRow { org_id, org_name, description, active, author, created, all_group_user_id, default_admin_user_group_id } =
            row;
        OrgRecord {
            org: Org { id: org_id.0, name: org_name, description, active: active.unwrap_or(true) },
            provenance: Provenance { author, created },
            all_group: all_group_user_id,
            administrators: default_admin_user_group_id,
        }
    }
}

impl<'a> Orgs<'a> {
    pub(super) fn new(session: &'a Arc<Session>) -> Self {
        Orgs { session }
    }

    /// Creates an Org; with it come its two built-in groups. A taken name is refused (400 or 409), for seven days after the Org of
    /// that name was deleted, too.
    pub async fn create(&self, new: &NewOrg) -> Result<OrgRecord> {
        let NewOrg { name, description } = new;
        let description = Some(description).filter(|text| !text.is_empty());
        let fields = Fields::new().text("name", name).maybe("description", description);
        self.record(self.call("org/create", Method::POST).form(&fields)).await
    }

    /// One Org. An unknown one is refused (400), which proves nothing: see [`Orgs::search`].
    pub async fn get(&self, which: &Lookup<'_, OrgId>) -> Result<OrgRecord> {
        let call = Call::new(Api::V1, "org/get", Method::GET, PATH.to_owned());
        self.record(call.query(&identified(which).all_orgs())).await
    }

    /// Every Org, inactive ones included, or the one that `which` names; there is no paging.
    pub async fn search(&self, which: Option<&Lookup<'_, OrgId>>) -> Result<Vec<OrgRecord>> {
        let call = search_call(which);
        let lane = if which.is_some() { Lane::Urgent } else { Lane::Background };
        let answer = self.session.ask(OrgId::PRIMARY, &Call { lane, ..call }).await?;
        let rows: Vec<OrgRow> = serde_json::from_slice(&answer).map_err(|_| uncertified("the answer is not a list of Orgs"))?;
        Ok(rows.into_iter().map(OrgRecord::from).collect())
    }

    /// Renames or describes an Org.
    pub async fn update(&self, id: OrgId, patch: &OrgPatch) -> Result<OrgRecord> {
        let OrgPatch { name, description } = patch;
        // With an id, the name is the new one.
        let fields = Fields::new().org("id", id).maybe("name", name.as_ref()).maybe("description", description.as_ref());
        self.record(self.call("org/update", Method::PUT).form(&fields)).await
    }

    /// Deletes an Org with its groups, its content and every user who has no other Org. Its name stays taken for seven days.
    pub async fn delete(&self, id: OrgId) -> Result<()> {
        let call = self.call("org/delete", Method::DELETE).form(&Fields::new().org("id", id));
        self.session.ask(OrgId::PRIMARY, &call).await.map(drop)
    }

    /// The one Org that is `which`. `None` only where the list of all says so, or for a name where a search found nothing or a
    /// refusal says in its code that there is none.
    pub(super) async fn find(&self, which: &Lookup<'_, OrgId>) -> Result<Option<OrgRecord>> {
        match (self.search(Some(which)).await, which) {
            (Ok(rows), _) if rows.iter().any(|record| !is(record, which)) => {
                Err(uncertified("another one was answered than was asked for"))
            }
            (Ok(rows), Lookup::Name(_)) => only(rows),
            (Ok(rows), Lookup::Id(_)) if !rows.is_empty() => only(rows),
            (Err(Error::Refused { status: 400, code: Some(NOT_FOUND | ORG_NOT_FOUND), .. }), Lookup::Name(_)) => Ok(None),
            // An unknown one is a 400 like any other mistake: only the whole list tells.
            (Ok(_) | Err(Error::Refused { .. }), _) => self.look_for(which).await,
            (Err(error), _) => Err(error),
        }
    }

    async fn look_for(&self, which: &Lookup<'_, OrgId>) -> Result<Option<OrgRecord>> {
        let mut all = self.search(None).await?;
        if all.is_empty() {
            return Err(uncertified("not even Primary is in it"));
        }
        all.retain(|record| is(record, which));
        only(all)
    }

    fn call(&self, what: &'static str, method: Method) -> Call<'static> {
        Call::new(Api::V1, what, method, PATH.to_owned()).query(&across())
    }

    async fn record(&self, call: Call<'_>) -> Result<OrgRecord> {
        let answer = self.session.ask(OrgId::PRIMARY, &call).await?;
        let row: OrgRow = serde_json::from_slice(&answer).map_err(|_| call.unreadable("the answer is not an Org"))?;
        Ok(row.into())
    }
}

fn is(record: &OrgRecord, which: &Lookup<'_, OrgId>) -> bool {
    match which {
        Lookup::Id(id) => record.org.id == **id,
        Lookup::Name(name) => record.org.name == *name,
    }
}

pub(super) fn search_call(which: Option<&Lookup<'_, OrgId>>) -> Call<'static> {
    let what = "org/search";
    let fields = which.map_or_else(Fields::new, identified).text("showinactive", true);
    Call::new(Api::V1, what, Method::POST, what.to_owned()).query(&across()).form(&fields).reading()
}

fn only(mut found: Vec<OrgRecord>) -> Result<Option<OrgRecord>> {
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => Err(uncertified("a search for one returned several")),
    }
}

fn uncertified(why: &str) -> Error {
    Error::Uncertified { scope: "Orgs".to_owned(), why: why.to_owned() }
}

fn across() -> Fields {
    Fields::new().all_orgs()
}

fn identified(which: &Lookup<'_, OrgId>) -> Fields {
    match which {
        Lookup::Id(id) => Fields::new().org("id", **id),
        Lookup::Name(name) => Fields::new().text("name", name),
    }
}
