//! From a reference to something that exists, is ready and may be used.
//!
//! What may not be used is told apart from what does not exist only within one namespace: nobody learns of another tenant's names.

mod edges;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kube::ResourceExt;
use kube::runtime::events::EventType;
use thoughtspot_client::domain::OrgId;
use thoughtspot_client::inventory::Scope;
use thoughtspot_crds::{Adopt, ManagementPolicy, Reason, Reference, ThoughtSpotInstance, ThoughtSpotOrg, annotations};
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::conditions;
use thoughtspot_engine::writer::Writer;
use thoughtspot_engine::{Fault, Live};

use crate::administrators::leaving::Leaving;
use crate::brake::due::Brakes;
use crate::connection::{Connection, Connections, Entered, Standing};
use crate::faults::{not_granted, waiting};
use crate::grants::{self, Allowed, Asking};
use crate::identity::FarSide;
use crate::until;
use crate::world::{World, words};

pub use edges::Said;

/// What the kinds share: it finds what resources refer to, and holds what is decided across all of them. Cheap to clone.
#[derive(Clone)]
pub struct Access {
    pub world: World,
    pub connections: Connections,
    pub brakes: Brakes,
    pub leaving: Leaving,
    pub writer: Writer,
}

/// How often everything is compared where no Instance says.
const INTERVAL: Duration = Duration::from_secs(600);

/// The least time between two looks at one resource.
const LEAST: Duration = Duration::from_secs(1);

/// An Instance that may be used.
#[derive(Clone)]
pub struct Reached {
    pub key: Key,
    pub connection: Arc<Connection>,
    pub allowed: Allowed,
}

/// An Org that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The ThoughtSpotOrg.
    pub key: Key,
    pub instance: Key,
    pub id: OrgId,
    /// Whether the operator manages the Org, and may therefore let its own login in.
    pub managed: bool,
    pub allowed: Allowed,
}

impl Access {
    /// The Instance that `reference` names, for a resource in `namespace`.
    pub fn instance(&self, reference: &Reference, from: &impl ResourceExt) -> Result<Reached, Fault> {
        let key = words::target(reference, from);
        let namespace = from.namespace().unwrap_or_default();
        let Some(instance) = self.world.instances.get(&key) else {
            return Err(missing("ThoughtSpotInstance", &key, &namespace));
        };
        let allowed =
            self.granted_by_instance(&instance, &namespace).ok_or_else(|| refused("ThoughtSpotInstance", &key, &namespace))?;
        let connection = self.connection(&key)?;
        Ok(Reached { key, connection, allowed })
    }

    /// The connection of an Instance, whoever asks: for those that clean up.
    pub fn connection(&self, instance: &Key) -> Result<Arc<Connection>, Fault> {
        match self.connections.get(instance) {
            Some(Standing::Up(connection)) => Ok(connection),
            Some(Standing::Down) => {
                Err(waiting(format!("ThoughtSpotInstance {} is not ready: see its conditions", instance.name)))
            }
            Some(Standing::Suspended) => Err(Fault::Suspended {
                reason: Reason::Suspended.as_str(),
                message: format!("ThoughtSpotInstance {} is suspended", instance.name),
            }),
            None if self.world.instances.get(instance).is_some() => Err(Fault::NotYet),
            None => Err(waiting(format!("ThoughtSpotInstance {} does not exist", instance.name))),
        }
    }

    /// The Org that `key` names, for a resource in `namespace`.
    pub fn org(&self, key: &Key, namespace: &str) -> Result<Place, Fault> {
        let Some(org) = self.world.orgs.get(key) else {
            return Err(missing("ThoughtSpotOrg", key, namespace));
        };
        let (instance, allowed) = self.granted_by_org(&org, namespace).ok_or_else(|| self.closed(&org, key, namespace))?;
        let id = org.status.as_ref().and_then(|status| status.id).filter(|_| is_usable(&org));
        let id = id.ok_or_else(|| not_ready(key))?;
        let id = OrgId(id);
        if id == OrgId::PRIMARY && !allowed.primary {
            return Err(not_granted(format!(
                "ThoughtSpotInstance {} does not let namespace {namespace} use Primary: a grant in its spec.grants with primary: true would",
                instance.name
            )));
        }
        let managed = holds(&org) && org.spec.management_policy.writes() && !org.spec.suspend;
        Ok(Place { key: key.clone(), instance, id, managed, allowed })
    }

    /// Why an Org lets nobody in. While its Instance is yet to come nobody can say whom that grants its use: to those who see the Org anyway it
    /// is not ready, since manifests come in any order.
    fn closed(&self, org: &Live<ThoughtSpotOrg>, key: &Key, namespace: &str) -> Fault {
        let instance = words::target(&org.spec.instance_ref, &**org);
        if key.namespace == namespace && self.world.instances.get(&instance).is_none() {
            return not_ready(key);
        }
        refused("ThoughtSpotOrg", key, namespace)
    }

    /// Makes sure that our login may work in the Org. For a resource that manages something in an Org we manage, the login is added
    /// where it has to be, and an event on that Org says so.
    pub async fn enter(&self, connection: &Connection, place: &Place, policy: ManagementPolicy) -> Result<(), Fault> {
        let may_add = place.managed && policy.writes();
        let entered = connection.enter(place.id, may_add).await.map_err(|e| connection.fault(&e))?;
        if entered == Entered::Added
            && let Some(org) = self.world.orgs.get(&place.key)
        {
            let note = format!("added {} to the Org, which it needs to work in it", connection.login.name);
            tracing::info!(reason = "LoginAdded", note, "carried out");
            self.writer.tell(&*org, EventType::Normal, "LoginAdded", "Enter", note).await;
        }
        Ok(())
    }

    /// When a resource of this Instance is looked at again: as soon as one of the lists it was compared with is no longer good, which
    /// is within the Instance's interval. One that is overdue the pass could have had read and did not, as while something is wrong or
    /// going: that is no reason to come back any sooner.
    pub fn next_look(&self, instance: &Key, scopes: impl IntoIterator<Item = Scope>) -> Duration {
        let interval = self.world.instances.get(instance).map_or(INTERVAL, |instance| sync_interval(&instance));
        let Some(Standing::Up(connection)) = self.connections.get(instance) else { return interval };
        first_due(interval, scopes.into_iter().filter_map(|scope| connection.inventory.due_in(scope)))
    }

    /// What the Org of this id grants `namespace`, whichever resource stands for it; `None` if nobody grants anything.
    pub fn allowed_in(&self, id: OrgId, instance: &Key, namespace: &str) -> Option<Allowed> {
        let orgs = self.world.orgs.under(&words::id(id));
        let granted = orgs.iter().filter_map(|org| self.granted_by_org(org, namespace)).filter(|(i, _)| i == instance);
        granted.map(|(_, allowed)| allowed).find(|allowed| id != OrgId::PRIMARY || allowed.primary)
    }

    /// The Org of this id, by a resource that lets this namespace use it.
    pub fn place_of(&self, id: OrgId, instance: &Key, namespace: &str) -> Option<Place> {
        let orgs = self.world.orgs.under(&words::id(id));
        let places = orgs.iter().filter_map(|org| self.org(&Key::of(&**org), namespace).ok());
        places.into_iter().find(|place| place.instance == *instance)
    }

    /// What the Instance grants this namespace; `None` if nothing.
    pub fn granted(&self, instance: &Key, namespace: &str) -> Option<Allowed> {
        self.granted_by_instance(&self.world.instances.get(instance)?, namespace)
    }

    /// Whether a resource of this namespace could do anything through this Instance: it grants it, and has been connected. One that only
    /// says where it would connect to is no claim to what is there.
    pub fn could_act(&self, instance: &Key, namespace: &str) -> bool {
        let status = self.world.instances.get(instance).and_then(|instance| instance.status.clone());
        status.is_some_and(|status| status.url.is_some()) && self.granted(instance, namespace).is_some()
    }

    /// Whether a resource of this namespace that only observes is shown this Org: one that lets it in, unless it might take over any.
    pub fn may_see(&self, id: OrgId, instance: &Key, namespace: &str, allowed: &Allowed) -> bool {
        let primary = id == OrgId::PRIMARY && allowed.primary;
        primary || allowed.adopt == Adopt::Any || self.allowed_in(id, instance, namespace).is_some()
    }

    /// Whether users of an Org can only have been this namespace's: it manages the Org, or it is the only one that is let in.
    pub fn is_home(&self, id: OrgId, instance: &Key, namespace: &str) -> bool {
        let mut shown_by = self.world.orgs.under(&words::id(id));
        shown_by.retain(|org| self.leads_to(&org.spec.instance_ref, &**org, instance));
        let manages = |org: &Live<ThoughtSpotOrg>| holds(org) && org.namespace().as_deref() == Some(namespace);
        let lets_in = |other: &str| shown_by.iter().any(|org| self.granted_by_org(org, other).is_some());
        let others = self.world.namespaces.all().into_iter().map(|other| other.name_any());
        shown_by.iter().any(manages) || !others.into_iter().any(|other| other != namespace && lets_in(&other))
    }

    /// Whether the Instance lets its resources take back what they lost the record of.
    pub fn may_take_back(&self, instance: &Key) -> bool {
        let instance = self.world.instances.get(instance);
        instance.is_some_and(|instance| until::allows(&instance, annotations::READOPT_UNTIL, jiff::Timestamp::now()) == Ok(true))
    }

    /// Whether the Instance that a resource names is connected to the ThoughtSpot of this one.
    pub fn leads_to(&self, reference: &Reference, from: &impl ResourceExt, instance: &Key) -> bool {
        self.one_far_side(&words::target(reference, from), instance)
    }

    /// Whether two Instances are connected to one ThoughtSpot.
    pub fn one_far_side(&self, one: &Key, other: &Key) -> bool {
        let far_side = |key| self.world.instances.get(key).map(|instance| FarSide::of(&instance));
        one == other || far_side(one).zip(far_side(other)).is_some_and(|(one, other)| one.is(&other))
    }

    fn granted_by_instance(&self, instance: &Live<ThoughtSpotInstance>, namespace: &str) -> Option<Allowed> {
        let labels = self.labels(namespace);
        let owner = instance.namespace().unwrap_or_default();
        grants::by_instance(instance.spec.grants.as_deref(), &owner, Asking { namespace, labels: &labels })
    }

    /// What the Org grants, by the word of the resource that refers to it and, where that one only observes, of the one that manages the
    /// Org: whoever observes somebody else's Org is not let into it by that. An Org that nobody manages is open to whoever might adopt, and Primary to whom the Instance lets.
    fn granted_by_org(&self, org: &Live<ThoughtSpotOrg>, namespace: &str) -> Option<(Key, Allowed)> {
        let key = words::target(&org.spec.instance_ref, &**org);
        let of_instance = self.granted_by_instance(&self.world.instances.get(&key)?, namespace)?;
        let allowed = self.narrowed(org, namespace, &of_instance)?;
        if holds(org) {
            return Some((key, allowed));
        }
        let Some(id) = org.status.as_ref().and_then(|status| status.id) else { return Some((key, allowed)) };
        let observed = self.world.orgs.under(&words::id(id));
        let same = |other: &&Live<ThoughtSpotOrg>| self.leads_to(&other.spec.instance_ref, &***other, &key);
        match observed.iter().filter(same).find(|other| holds(other)) {
            Some(holder) => self.narrowed(holder, namespace, &allowed).map(|allowed| (key, allowed)),
            None => (allowed.adopt == Adopt::Any || (id == OrgId::PRIMARY.0 && allowed.primary)).then_some((key, allowed)),
        }
    }

    fn narrowed(&self, org: &Live<ThoughtSpotOrg>, namespace: &str, of_instance: &Allowed) -> Option<Allowed> {
        let labels = self.labels(namespace);
        let owner = org.namespace().unwrap_or_default();
        grants::by_org(org.spec.grants.as_deref(), &owner, Asking { namespace, labels: &labels }, of_instance)
    }

    fn labels(&self, namespace: &str) -> BTreeMap<String, String> {
        let namespace = self.world.namespaces.get(&Key::new("", namespace));
        namespace.and_then(|n| n.metadata.labels.clone()).unwrap_or_default()
    }
}

/// The first of these times that is still to come, within `interval`.
fn first_due(interval: Duration, due: impl Iterator<Item = Duration>) -> Duration {
    due.filter(|due| !due.is_zero()).min().map_or(interval, |due| due.clamp(LEAST, interval))
}

/// How often an Instance wants to be compared; the API server has seen to its form.
pub fn sync_interval(instance: &ThoughtSpotInstance) -> Duration {
    let interval: Option<jiff::SignedDuration> = instance.spec.sync_interval.parse().ok();
    interval.and_then(|interval| Duration::try_from(interval).ok()).unwrap_or(INTERVAL)
}

/// Whether a resource manages the Org it shows, and does not only observe it.
fn holds(org: &ThoughtSpotOrg) -> bool {
    org.status.as_ref().is_some_and(|status| status.object.origin.is_some())
}

/// An Org with an id can be used unless a person has to see to it first, or its name is held: then the id may be of one that is gone.
fn is_usable(org: &ThoughtSpotOrg) -> bool {
    let conditions = org.status.as_ref().map(|status| status.object.conditions.as_slice()).unwrap_or_default();
    let stands = !conditions::is_stalled(conditions) && !conditions::waits_for(conditions, Reason::NameHeld.as_str());
    stands && org.metadata.deletion_timestamp.is_none()
}

fn missing(kind: &str, key: &Key, namespace: &str) -> Fault {
    if key.namespace == namespace {
        waiting(format!("{kind} {} does not exist in this namespace: correct the reference, or create it", key.name))
    } else {
        refused(kind, key, namespace)
    }
}

fn not_ready(org: &Key) -> Fault {
    waiting(format!("ThoughtSpotOrg {} is not ready: see its conditions", org.name))
}

fn refused(kind: &str, key: &Key, namespace: &str) -> Fault {
    not_granted(format!(
        "{kind} {key} does not exist or does not let namespace {namespace} use it: a grant in its spec.grants would"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_overdue_brings_nobody_back_sooner() {
        let seconds = |all: &[u64]| all.iter().map(|s| Duration::from_secs(*s)).collect::<Vec<_>>();
        let check = |due: &[u64], expected: u64| {
            let interval = Duration::from_secs(600);
            assert_eq!(first_due(interval, seconds(due).into_iter()), Duration::from_secs(expected), "{due:?}");
        };
        check(&[], 600);
        check(&[500, 20], 20);
        check(&[900], 600);
        check(&[0], 600);
        check(&[0, 20], 20);
        assert_eq!(first_due(Duration::from_secs(600), [Duration::from_millis(3)].into_iter()), LEAST);
    }
}
