//! What `membership: Exclusive` ends besides, and what it leaves alone.

use std::collections::{BTreeMap, BTreeSet};

use thoughtspot_client::domain::{Group, Lookup, OrgId, User};
use thoughtspot_client::inventory;
use thoughtspot_crds::{LeftAlone, Membership, ThoughtSpotUserStatus};
use thoughtspot_engine::Fault;
use thoughtspot_engine::kind::Look;

use super::{Desired, Observed, UserChange};
use crate::access::Access;
use crate::kinds;
use crate::protected;
use crate::world::words;

/// What an exclusive declaration finds besides what is declared. Empty where none is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Besides {
    /// The built-in groups, of which every member of an Org is in one, those that the Instance protects, and those whose resource declares the user and
    /// does not hold its group yet.
    kept: BTreeSet<String>,
    /// Groups that another namespace manages and does not open to this one.
    foreign_groups: BTreeSet<String>,
    /// Orgs that this namespace may use.
    orgs: BTreeSet<OrgId>,
    /// Orgs that it may not.
    foreign_orgs: BTreeSet<OrgId>,
    /// Whether these are all the Orgs there are: an Org's own list of users need not tell of the others.
    all_orgs: bool,
}

impl Desired {
    pub(super) fn exclusive_groups(&self) -> bool {
        self.spec.membership.groups == Membership::Exclusive
    }

    fn exclusive_orgs(&self) -> bool {
        self.spec.membership.orgs == Membership::Exclusive
    }
}

impl Besides {
    /// Whether a group that nobody declares stays all the same.
    pub(super) fn keeps(&self, group: &str) -> bool {
        self.kept.contains(group) || self.foreign_groups.contains(group)
    }

    /// What was looked for, and what of it this namespace may not end. Pure.
    pub(super) fn remember(&self, want: &Desired, status: &mut ThoughtSpotUserStatus) {
        let mut orgs: BTreeSet<i64> = self.foreign_orgs.iter().map(|org| org.0).collect();
        if want.exclusive_orgs() && !self.all_orgs {
            orgs.append(&mut status.left_alone.orgs);
        }
        status.left_alone = LeftAlone { orgs, groups: self.foreign_groups.clone() };
    }
}

/// The Orgs to leave besides those that were ours. The last one is never left: there has to be a declared one. Pure.
pub(super) fn leave_orgs(want: &Desired, have: &Observed) -> Vec<UserChange> {
    if want.places.is_empty() {
        return Vec::new();
    }
    have.besides.orgs.iter().map(|org| UserChange::LeaveOrg { org: *org }).collect()
}

/// Looks for what is not declared, where the declaration is exclusive.
pub(super) async fn besides(
    access: &Access,
    want: &Desired,
    look: Look,
    user: &User,
    member_of: &BTreeMap<OrgId, BTreeSet<String>>,
) -> Result<Besides, Fault> {
    let mut besides = Besides::default();
    if want.exclusive_groups() {
        groups(access, want, look, member_of, &mut besides).await?;
    }
    if want.exclusive_orgs() {
        orgs(access, want, look, user, &mut besides).await;
    }
    Ok(besides)
}

async fn groups(
    access: &Access,
    want: &Desired,
    look: Look,
    member_of: &BTreeMap<OrgId, BTreeSet<String>>,
    besides: &mut Besides,
) -> Result<(), Fault> {
    let inventory = &want.connection.inventory;
    for joined in &want.places {
        let org = joined.place.id;
        let named = want.others.get(&org).map(|said| said.names.clone()).unwrap_or_default();
        let undeclared = member_of.get(&org).into_iter().flatten().filter(|id| !joined.groups.contains_key(*id));
        for id in undeclared {
            let known = inventory.group(org, Lookup::Id(id), inventory::Look::Known).await;
            let group = match known.map_err(|e| want.connection.fault(&e))? {
                // Newer than the list: one of its own decides, once something is about to be changed.
                None => inventory
                    .group(org, Lookup::Id(id), kinds::to_inventory(look))
                    .await
                    .map_err(|e| want.connection.fault(&e))?,
                known => known,
            };
            let kept = |group: &Group| protected::group(group, &want.connection.keeps()).is_err() || named.contains(&group.name);
            if group.as_ref().is_some_and(kept) {
                besides.kept.insert(id.clone());
            } else if !access.may_join(id, org, &want.instance, &want.namespace) {
                besides.foreign_groups.insert(id.clone());
            }
        }
    }
    Ok(())
}

/// The whole-cluster row tells all Orgs; otherwise the lists of those that this namespace may use.
async fn orgs(access: &Access, want: &Desired, look: Look, user: &User, besides: &mut Besides) {
    let mut seen = user.orgs.clone();
    besides.all_orgs = look == Look::Fresh;
    if look == Look::Known {
        for place in access.usable_orgs(&want.instance, &want.namespace) {
            // An Org whose list cannot be read now holds up nobody.
            let listed = want.connection.inventory.user(place.id, Lookup::Id(&user.id), inventory::Look::Known).await;
            seen.extend(listed.ok().flatten().map(|_| place.id));
        }
    }
    for org in seen.into_iter().filter(|org| !want.declares(*org)) {
        match access.allowed_in(org, &want.instance, &want.namespace) {
            Some(_) => besides.orgs.insert(org),
            None => besides.foreign_orgs.insert(org),
        };
    }
}

impl Access {
    /// The Orgs of an Instance that this namespace may use now.
    fn usable_orgs(&self, instance: &thoughtspot_engine::cache::Key, namespace: &str) -> Vec<crate::access::Place> {
        let keys = self.world.orgs.keys_under(&words::instance_key(instance));
        keys.iter().filter_map(|key| self.org(key, namespace).ok()).collect()
    }
}
