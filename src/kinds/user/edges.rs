//! Which memberships are ours: remembered edge by edge, and in status before they are made. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thoughtspot_client::domain::OrgId;
use thoughtspot_crds::user::OwnedMembership;
use thoughtspot_engine::kind::Claim;

use super::{Desired, Observed, Password, UserChange};
use crate::edges::Edges;

/// The edges that come with a create, as its announcement keeps them.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Sent {
    org: i64,
    groups: BTreeSet<String>,
}

impl Desired {
    /// The Orgs that are declared, and those we once added.
    pub(super) fn orgs_concerned(&self) -> BTreeSet<OrgId> {
        self.places.iter().map(|joined| joined.place.id).chain(self.owned.keys().copied()).collect()
    }

    pub(super) fn declares(&self, org: OrgId) -> bool {
        self.places.iter().any(|joined| joined.place.id == org)
    }

    /// Whether there are Orgs that it once declared and no longer does.
    pub(super) fn has_left_places(&self) -> bool {
        self.owned.keys().any(|org| !self.declares(*org))
    }

    fn owned_in(&mut self, org: OrgId) -> &mut OwnedMembership {
        self.owned.entry(org).or_insert_with(|| OwnedMembership { id: org.0, ..OwnedMembership::default() })
    }

    /// What is remembered are the declared Orgs, and the edges that are ours; one that is not declared any more, until it is gone.
    pub(super) fn remember(&mut self, have: &Observed) {
        self.access_seen(&have.user);
        if self.unresolved.is_some() {
            return; // what is declared is not known
        }
        self.preferences_seen(&have.user);
        self.is_back(have);
        let declared: BTreeSet<OrgId> = self.places.iter().map(|joined| joined.place.id).collect();
        for org in declared.iter().filter(|org| have.member_of.contains_key(org)) {
            self.owned_in(*org);
        }
        let none = BTreeSet::new();
        let marks = |org: &OrgId| {
            let now = have.member_of.get(org).unwrap_or(&none);
            (*org, self.edges_in(*org, now, |edges| edges.marks()))
        };
        let mut marked: BTreeMap<OrgId, BTreeSet<String>> = self.owned.keys().map(marks).collect();
        self.owned.retain(|org, owned| {
            owned.groups = marked.remove(org).unwrap_or_default();
            let (is_in, is_declared) = (have.member_of.contains_key(org), declared.contains(org));
            // A view may be behind our own write: what is declared and ours stays ours.
            (is_in && is_declared) || ((is_in || is_declared) && (owned.added || !owned.groups.is_empty()))
        });
    }

    /// What `of` says of the groups that the user is in `now` in an Org.
    pub(super) fn edges_in<T>(&self, org: OrgId, now: &BTreeSet<String>, of: impl FnOnce(Edges<'_>) -> T) -> T {
        let joined = self.places.iter().find(|joined| joined.place.id == org);
        let declared = joined.map(|joined| joined.groups.keys().cloned().collect()).unwrap_or_default();
        let marked = self.owned.get(&org).map(|owned| owned.groups.clone()).unwrap_or_default();
        let others = self.others.get(&org).map(|said| said.edges.clone()).unwrap_or_default();
        of(Edges { declared: &declared, marked: &marked, others: &others, now })
    }

    /// Where a create puts the user, and into which groups: what is ours of it once it is answered.
    pub(super) fn sent(&self) -> Option<Sent> {
        self.places.first().map(|joined| Sent { org: joined.place.id.0, groups: joined.groups.keys().cloned().collect() })
    }

    /// What an earlier create sent is ours, also where it is not declared any more: then that Org has to be looked into as well.
    pub(super) fn recall(&mut self, sent: Sent) -> bool {
        let org = OrgId(sent.org);
        let owned = self.owned_in(org);
        owned.added = true;
        owned.groups.extend(sent.groups);
        !self.declares(org)
    }

    /// What the create sent is ours. What is taken back counts as created by us with every declared edge that is there: nothing tells any
    /// more who made it, and access that nobody would end is worse than an edge that goes with its declaration.
    pub(super) fn claimed(&mut self, claim: Claim, have: &Observed) {
        self.preferences_claimed(claim);
        let declared = match claim {
            Claim::Adopted | Claim::Returned | Claim::Recovered => 0,
            Claim::Created => 1,
            Claim::TakenBack => self.places.len(),
        };
        match claim {
            Claim::Returned => return self.returned(),
            Claim::Adopted | Claim::Recovered => {}
            Claim::Created => self.password.iter_mut().for_each(Password::is_set),
            Claim::TakenBack => self.password.iter_mut().for_each(Password::was_set),
        }
        let sent: Vec<(OrgId, BTreeSet<String>)> =
            self.places.iter().take(declared).map(|joined| (joined.place.id, joined.groups.keys().cloned().collect())).collect();
        for (org, groups) in sent {
            let Some(there) = have.member_of.get(&org) else { continue };
            let owned = self.owned_in(org);
            owned.added = true;
            owned.groups.extend(groups.into_iter().filter(|group| there.contains(group)));
        }
    }

    /// An edge is ours before it is made: a crash in between must not leave one that nobody removes.
    pub(super) fn about_to(&mut self, change: &UserChange) {
        self.about_to_change_access(change);
        match change {
            UserChange::JoinOrg { org, .. } => self.owned_in(*org).added = true,
            UserChange::JoinGroups { org, groups } => self.owned_in(*org).groups.extend(groups.keys().cloned()),
            UserChange::Create { .. }
            | UserChange::Update { .. }
            | UserChange::LeaveOrg { .. }
            | UserChange::LeaveGroups { .. }
            | UserChange::SetPassword
            | UserChange::DescribeLogin
            | UserChange::EndSessions => {}
        }
    }

    pub(super) fn done(&mut self, change: &UserChange) {
        self.preferences_done(change);
        match change {
            UserChange::LeaveOrg { org } => drop(self.owned.remove(org)),
            UserChange::LeaveGroups { org, groups } => self.owned_in(*org).groups.retain(|group| !groups.contains(group)),
            UserChange::SetPassword => self.password.iter_mut().for_each(Password::is_set),
            UserChange::EndSessions => self.access_due = None,
            UserChange::Create { .. }
            | UserChange::Update { .. }
            | UserChange::JoinOrg { .. }
            | UserChange::JoinGroups { .. }
            | UserChange::DescribeLogin => {}
        }
    }
}
