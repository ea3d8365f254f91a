//! A leaver's content goes to somebody else before access ends, or before it leaves an Org.
//!
//! Of the handing over nothing is remembered: what is still the leaver's is what is left to do, read anew after each batch.

use std::collections::BTreeSet;
use std::time::Duration;

use thoughtspot_client::domain::{Lookup, OrgId, User};
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_crds::Reason;
use thoughtspot_crds::user::Successor;
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;
use tokio::time::Instant;

use super::left::left_by;
use super::{Desired, UserChange, Users};
use crate::faults::{stalled, transient, waiting};
use crate::protected;

/// How many objects are read before some change hands.
const READ: usize = 1000;
/// How many change hands in one call: v1 names them in the query.
const BATCH: usize = 100;
/// How long one pass goes on with it: it has to end before its deadline, and the next takes it up.
const SHIFT: Duration = Duration::from_secs(40);

impl Users {
    /// Refuses where the user's content would be left without an owner.
    pub(super) async fn nothing_orphaned(&self, want: &Desired, user: &User) -> Result<(), Fault> {
        let left = self.left(want, user).await?;
        let goes = want.spec.transfer_content_to.is_some();
        let stays = if goes { BTreeSet::new() } else { whereabouts(user).into_iter().chain(left.usable).collect() };
        if let Some(org) = owned_in(want, user, stays).await? {
            let message = format!(
                "user {:?} owns content in Org {}, which would be left without an owner: set spec.transferContentTo, or \
                 deletionPolicy: Deactivate or Retain",
                user.name,
                self.called(want, org)
            );
            return Err(stalled(Reason::OwnsContent, message));
        }
        if let Some(org) = owned_in(want, user, left.foreign).await? {
            let message = format!(
                "user {:?} owns content in Org {org}, which this namespace may not use any more: have it given to somebody there, or \
                 set deletionPolicy: Deactivate or Retain",
                user.name
            );
            return Err(stalled(Reason::OwnsContent, message));
        }
        Ok(())
    }

    /// Before the user is taken out of an Org: what it owns there goes first, unless it was decided that it is left behind.
    pub(super) async fn hand_over_before(&self, want: &Desired, user: &User, change: &UserChange) -> Result<(), Fault> {
        match left_by(change) {
            Some(org) if !want.left.contains(&org) => self.hand_over(want, user, &BTreeSet::from([org])).await,
            Some(_) | None => Ok(()),
        }
    }

    /// Gives what the user owns in these Orgs to whom the resource names, if it names anybody. Safe to repeat. After something changed hands,
    /// which may have taken long, the pass ends: what follows is decided anew, and somebody may have said otherwise meanwhile.
    pub(super) async fn hand_over(&self, want: &Desired, user: &User, orgs: &BTreeSet<OrgId>) -> Result<(), Fault> {
        let Some(successor) = &want.spec.transfer_content_to else { return Ok(()) };
        let began = Instant::now();
        let mut handed_over = false;
        for org in orgs {
            handed_over |= self.hand_over_in(want, user, *org, successor, began).await?;
        }
        if handed_over { Err(Fault::Settling { after: Duration::ZERO }) } else { Ok(()) }
    }

    /// Whether there was anything.
    async fn hand_over_in(
        &self,
        want: &Desired,
        user: &User,
        org: OrgId,
        successor: &Successor,
        began: Instant,
    ) -> Result<bool, Fault> {
        let far = &want.connection.far;
        let owned = async || far.content_of(org, &user.id, READ).await.map_err(|e| want.connection.fault(&e));
        let mut left = owned().await?;
        if left.is_empty() {
            return Ok(false);
        }
        let to = self.successor(want, user, org, successor).await?;
        while !left.is_empty() {
            for batch in left.chunks(BATCH).filter_map(|batch| NonEmpty::collect(batch.iter().cloned())) {
                far.transfer_content(org, user, &to, &batch).await.map_err(|e| not_taken(want.connection.fault(&e), &to))?;
                tracing::info!(%org, objects = batch.len(), to = %to.name, "content changed hands");
                if began.elapsed() > SHIFT {
                    return Err(goes_on(user, &to));
                }
            }
            let now = owned().await?;
            if now.iter().any(|content| left.contains(content)) {
                return Err(goes_on(user, &to)); // not visible yet
            }
            left = now;
        }
        Ok(true)
    }

    /// Who takes over, in the Org where that is asked.
    async fn successor(&self, want: &Desired, user: &User, org: OrgId, successor: &Successor) -> Result<User, Fault> {
        let (id, name) = match (&successor.reference, &successor.name) {
            (Some(reference), _) => (Some(self.resource(want, &reference.name)?), reference.name.clone()),
            (None, Some(name)) => (None, name.clone()),
            (None, None) => return Err(invalid("write exactly one of ref and name".to_owned())),
        };
        let keeps = want.connection.keeps();
        if id.is_none() {
            protected::user_name(&name, &keeps).map_err(somebody_else)?;
        }
        let lookup = id.as_deref().map_or(Lookup::Name(&name), Lookup::Id);
        let found = want.connection.far.find_user(org, lookup).await.map_err(|e| want.connection.fault(&e))?;
        // From Primary everybody is seen.
        let member = found.filter(|found| found.orgs.is_empty() || found.orgs.contains(&org));
        let member = member.ok_or_else(|| {
            invalid(format!("{name:?} is no member of Org {}: add it there, or name somebody else", self.called(want, org)))
        })?;
        if member.id == user.id {
            return Err(invalid("this is the user that leaves: name somebody else".to_owned()));
        }
        protected::user(&member, &keeps).map_err(somebody_else)?;
        Ok(member)
    }

    /// The id of the user that a ThoughtSpotUser of the same namespace stands for.
    fn resource(&self, want: &Desired, name: &str) -> Result<String, Fault> {
        let found = self.access.world.users.get(&Key::new(&want.namespace, name));
        let found = found.ok_or_else(|| {
            waiting(format!(
                "spec.transferContentTo: ThoughtSpotUser {name} does not exist in this namespace: correct the name, create it, or set \
                 deletionPolicy: Retain"
            ))
        })?;
        if !self.access.leads_to(&found.spec.instance_ref, &*found, &want.instance) {
            return Err(invalid(format!("ThoughtSpotUser {name} belongs to another ThoughtSpotInstance: name somebody else")));
        }
        let id = found.status.as_ref().and_then(|status| status.id.clone());
        id.ok_or_else(|| waiting(format!("ThoughtSpotUser {name} is not ready: see its conditions")))
    }

    /// An Org, by the name of its resource where that is ours to say.
    fn called(&self, want: &Desired, org: OrgId) -> String {
        let declared = want.places.iter().find(|joined| joined.place.id == org).map(|joined| joined.place.key.name.clone());
        let usable = || self.access.place_of(org, &want.instance, &want.namespace).map(|place| place.key.name);
        declared.or_else(usable).unwrap_or_else(|| org.to_string())
    }
}

/// The first of these Orgs in which the user owns anything.
async fn owned_in(want: &Desired, user: &User, orgs: BTreeSet<OrgId>) -> Result<Option<OrgId>, Fault> {
    for org in orgs {
        let content = want.connection.far.content_of(org, &user.id, 1).await.map_err(|e| want.connection.fault(&e))?;
        if !content.is_empty() {
            return Ok(Some(org));
        }
    }
    Ok(None)
}

/// The Orgs a user can own something in; without the Orgs feature there is only Primary.
pub(super) fn whereabouts(user: &User) -> BTreeSet<OrgId> {
    if user.orgs.is_empty() { BTreeSet::from([OrgId::PRIMARY]) } else { user.orgs.clone() }
}

fn invalid(why: String) -> Fault {
    stalled(Reason::Invalid, format!("spec.transferContentTo: {why}"))
}

fn somebody_else(fault: Fault) -> Fault {
    let Fault::Stalled { reason, message } = fault else { return fault };
    Fault::Stalled { reason, message: format!("spec.transferContentTo: {message}; name somebody else") }
}

fn goes_on(user: &User, to: &User) -> Fault {
    transient(Reason::Progressing, format!("content of user {:?} is being given to {:?}: the rest follows", user.name, to.name))
}

/// There are people whose content stays theirs, and some who take none: the far side says who.
fn not_taken(fault: Fault, to: &User) -> Fault {
    let Fault::Stalled { reason, message } = fault else { return fault };
    somebody_else(Fault::Stalled { reason, message: format!("content cannot be given to {:?}: {message}", to.name) })
}
