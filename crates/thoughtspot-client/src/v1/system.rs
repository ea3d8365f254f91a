//! Which ThoughtSpot this is, by what v1 alone tells: the id is the same whether or not the release serves v2 as well
//! (docs/thoughtspot-api-v1.md, "Session info").

use std::collections::BTreeSet;
use std::sync::Arc;

use super::orgs::Orgs;
use super::sessions::Sessions;
use crate::domain::{Lookup, OrgId, PRIMARY_GROUP_IDS, SYSTEM_USER_IDS, System};
use crate::error::{Error, Result};
use crate::session::Session;

const ADMINISTRATION: &str = "ADMINISTRATION";

/// Needs cluster administration, which shows in that Primary may be looked at or, where there are no Orgs, in our privileges.
pub(super) async fn system(session: &Arc<Session>) -> Result<System> {
    let info = Sessions::new(session, OrgId::PRIMARY).info().await?;
    let built_in = match Orgs::new(session).get(&Lookup::Id(&OrgId::PRIMARY)).await {
        Ok(primary) => [primary.all_group, primary.administrators],
        Err(Error::Forbidden { .. } | Error::Refused { .. }) if info.privileges.contains(ADMINISTRATION) => [None, None],
        Err(error) => return Err(error),
    };
    let known = PRIMARY_GROUP_IDS.map(str::to_owned);
    Ok(System {
        id: info.cluster_id.filter(|id| !id.is_empty()),
        release: info.release,
        protected_users: BTreeSet::from(SYSTEM_USER_IDS.map(str::to_owned)),
        protected_groups: built_in.into_iter().flatten().filter(|id| !id.is_empty()).chain(known).collect(),
    })
}
