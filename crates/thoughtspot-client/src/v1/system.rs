//! Which ThoughtSpot this is.
//!
//! v2 says so, where it is served, and takes a session of v1: so both dialects show the same id. Without v2, the id of the cluster is
//! looked for in what a session tells of its application; releases differ in whether it is there.

use std::sync::Arc;

use serde::Deserialize;

use super::orgs::Orgs;
use super::sessions::Sessions;
use crate::domain::{Guid, Lookup, OrgId, System};
use crate::error::{Error, Result};
use crate::session::Session;
use crate::wire::Call;

const ADMINISTRATION: &str = "ADMINISTRATION";

#[derive(Default, Deserialize)]
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
}

pub(super) async fn system(session: &Arc<Session>) -> Result<System> {
    let info = Sessions::new(session, OrgId::PRIMARY).info().await?;
    let built_in = match Orgs::new(session).get(&Lookup::Id(&OrgId::PRIMARY)).await {
        Ok(primary) => [primary.all_group, primary.administrators],
        // There are no Orgs, or it is not for us to see them.
        Err(Error::Forbidden { .. } | Error::Refused { .. }) if info.privileges.contains(ADMINISTRATION) => [None, None],
        Err(error) => return Err(error),
    };
    let row = v2_system(session).await?;
    let named = |ids: Vec<Option<Guid>>| ids.into_iter().flatten().filter(|id| !id.is_empty()).collect();
    Ok(System {
        id: row.id.or(info.cluster_id).filter(|id| !id.is_empty()),
        release: row.release_version.or(info.release),
        protected_users: named(vec![row.system_user_id, row.super_user_id, row.tsadmin_user_id]),
        protected_groups: named([vec![row.system_group_id], built_in.into()].concat()),
    })
}

/// What v2 says; nothing where it is not served. The session was found to be alive just before, so a 401 means that v2 does not
/// know it.
async fn v2_system(session: &Arc<Session>) -> Result<SystemRow> {
    let call = Call::get("system");
    let entry = session.enter(OrgId::PRIMARY).await?;
    let reply = session.wire.exchange(&call, OrgId::PRIMARY, Some(&entry.pass)).await?;
    if matches!(reply.status, 429 | 502..=504) {
        // Down for the moment, which says nothing about what it would tell.
        return reply.judge(call.effect, call.what).map(|_| SystemRow::default());
    }
    if !(200..300).contains(&reply.status) {
        return Ok(SystemRow::default());
    }
    serde_json::from_slice(&reply.body).map_err(|_| call.unreadable("the answer cannot be read"))
}
