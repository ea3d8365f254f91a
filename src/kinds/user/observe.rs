//! Looking at a user: its row, and what it belongs to in the Orgs concerned.

use std::collections::{BTreeMap, BTreeSet};

use thoughtspot_client::domain::{Lookup, OrgId, User};
use thoughtspot_crds::Adopt as Granted;
use thoughtspot_engine::Fault;
use thoughtspot_engine::kind::Look;

use super::{Desired, exclusive, left, lockout};
use crate::access::Access;
use crate::kinds;

/// A user as seen.
pub struct Observed {
    pub(super) user: User,
    /// The Orgs, of those that are declared or owned, that the user belongs to, and the ids of its groups there.
    pub(super) member_of: BTreeMap<OrgId, BTreeSet<String>>,
    pub(super) besides: exclusive::Besides,
    /// The Orgs that were left and are known to be gone.
    pub(super) gone: BTreeSet<OrgId>,
}

/// Known: as the lists of the Orgs concerned have it. Fresh: one search of the whole cluster, then one in each Org concerned.
pub(super) async fn observe(access: &Access, want: &Desired, look: Look) -> Result<Option<Observed>, Fault> {
    let fault = |e| want.connection.fault(&e);
    let lookup = want.id.as_deref().map_or(Lookup::Name(&want.look_for), Lookup::Id);
    if want.unresolved.is_some() {
        return lockout::observe(want, lookup).await;
    }
    let mut user = None;
    if look == Look::Fresh || want.has_left_places() || want.places.is_empty() {
        user = want.connection.far.find_user(OrgId::PRIMARY, lookup).await.map_err(fault)?;
        if user.is_none() {
            return Ok(None);
        }
    }
    let mut member_of = BTreeMap::new();
    for org in want.orgs_concerned() {
        // An Org that is no longer declared may not exist any more: the whole-cluster row tells, and it is not asked.
        if !want.declares(org) && user.as_ref().is_some_and(|user: &User| !user.orgs.contains(&org)) {
            continue;
        }
        let by_id = user.as_ref().map(|user| user.id.clone());
        let lookup = by_id.as_deref().map_or(lookup, Lookup::Id);
        let member = want.connection.inventory.user(org, lookup, kinds::to_inventory(look)).await;
        if let Some(member) = member.map_err(fault)? {
            member_of.insert(org, member.groups.clone());
            user.get_or_insert(member);
        }
    }
    let Some(user) = user.filter(|user| may_see(access, want, user)) else { return Ok(None) };
    let besides = exclusive::besides(access, want, look, &user, &member_of).await?;
    let gone = left::gone(want, look).await?;
    Ok(Some(Observed { user, member_of, besides, gone }))
}

/// Who only observes is shown nobody but who belongs to an Org that lets the namespace in, unless it might adopt anybody.
fn may_see(access: &Access, want: &Desired, user: &User) -> bool {
    let lets_in = |org: &OrgId| want.declares(*org) || access.allowed_in(*org, &want.instance, &want.namespace).is_some();
    want.spec.management_policy.writes() || want.allowed.adopt == Granted::Any || user.orgs.iter().any(lets_in)
}
