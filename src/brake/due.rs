//! What is due to end through an Instance, as the caches show it, and the brakes of all Instances.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use thoughtspot_crds::{Reason, ThoughtSpotInstance, annotations};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::conditions::{Saying, Status};

use super::{Brake, Setting, Verdict, most};
use crate::faults::stalled;
use crate::managed::{DELETIONS_HELD, ManagedResource, Subject, shows_held};
use crate::until;
use crate::world::{World, words};

/// The brake of each Instance. Cheap to clone.
#[derive(Clone, Default)]
pub struct Brakes(Arc<Mutex<HashMap<Key, Brake>>>);

/// What is held through one Instance, if anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    No,
    /// So many are due, and so many may be.
    Yes {
        due: usize,
        most: usize,
    },
    /// As `Yes`, but nothing may be due any more: that shows after this time.
    Perhaps {
        due: usize,
        most: usize,
        after: Duration,
    },
}

impl Brakes {
    /// Whether `mine` may end now.
    ///
    /// # Errors
    ///
    /// [`Fault::Settling`] while they settle; `Stalled/DeletionsHeld` where they are held with others.
    pub fn ask(&self, world: &World, instance: &Key, mine: &BTreeSet<Subject>) -> Result<(), Fault> {
        let Some(object) = world.instances.get(instance) else { return Ok(()) };
        let setting = setting(&object);
        let mut brakes = self.lock();
        let brake = brakes.entry(instance.clone()).or_insert_with(|| remembered(&object));
        if is_allowed(&object) {
            brake.allow();
            return Ok(());
        }
        let was_held = brake.is_held_by(&setting);
        // Once held, it does not matter how many there are.
        let others = if was_held { BTreeSet::new() } else { due(world, instance) };
        match brake.ask(Instant::now(), mine, others, (&setting, most(&setting, managed(world, instance)))) {
            Verdict::Go => Ok(()),
            Verdict::Settle(after) => Err(Fault::Settling { after }),
            Verdict::Hold => {
                if !was_held {
                    world.wakers.instances.wake(instance); // to say so
                }
                Err(held(instance))
            }
        }
    }

    /// What the Instance has to say; its own pass asks, and with that lets go of a hold when nothing is due any more.
    pub fn held(&self, world: &World, instance: &Key, object: &ThoughtSpotInstance) -> Held {
        let mut brakes = self.lock();
        let brake = brakes.entry(instance.clone()).or_insert_with(|| remembered(object));
        if !brake.is_held() {
            return Held::No;
        }
        if is_allowed(object) {
            brake.allow();
            return Held::No;
        }
        let (now, others) = (Instant::now(), due(world, instance));
        let after = if others.is_empty() { brake.release(now) } else { None };
        if !brake.is_held() {
            return Held::No;
        }
        let (due, most) = (brake.count(now, others), most(&setting(object), managed(world, instance)));
        after.map_or(Held::Yes { due, most }, |after| Held::Perhaps { due, most, after })
    }

    pub fn forget(&self, instance: &Key) {
        self.lock().remove(instance);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Brake>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a person lets everything go now. What cannot be read as a time lets nothing go; the Instance says so.
fn is_allowed(instance: &ThoughtSpotInstance) -> bool {
    until::allows(instance, annotations::ALLOW_DELETIONS_UNTIL, Timestamp::now()) == Ok(true)
}

/// A process that starts goes on where the last one was.
fn remembered(instance: &ThoughtSpotInstance) -> Brake {
    if shows_held(instance) { Brake::held_by(setting(instance)) } else { Brake::default() }
}

fn setting(instance: &ThoughtSpotInstance) -> Setting {
    instance.spec.protection.as_ref().and_then(|protection| protection.max_deletions.clone())
}

/// Everything that the caches show to be due.
fn due(world: &World, instance: &Key) -> BTreeSet<Subject> {
    let word = words::due(instance);
    let mut due: BTreeSet<Subject> = world.users.under(&word).iter().map(|user| user.subject()).collect();
    due.extend(world.groups.under(&word).iter().map(|group| group.subject()));
    due.extend(world.orgs.under(&word).iter().map(|org| org.subject()));
    due
}

/// How many objects the resources of an Instance manage.
fn managed(world: &World, instance: &Key) -> usize {
    let word = words::managed(instance);
    world.users.count_under(&word) + world.groups.count_under(&word) + world.orgs.count_under(&word)
}

/// What the Instance says while endings are held.
pub fn saying(held: &Held) -> Option<Saying> {
    let (due, most) = match held {
        Held::No => return None,
        Held::Yes { due, most } | Held::Perhaps { due, most, .. } => (due, most),
    };
    let message = format!(
        "{due} endings are due, and spec.protection.maxDeletions lets {most} go within a minute: none is carried out. See what is being deleted \
         or removed; if it is meant, set the annotation {} to a time until which it may go",
        annotations::ALLOW_DELETIONS_UNTIL
    );
    Some(Saying { type_: DELETIONS_HELD, status: Status::True, reason: Reason::DeletionsHeld.as_str(), message })
}

fn held(instance: &Key) -> Fault {
    let message = format!(
        "held back: more endings are due at once than spec.protection.maxDeletions of ThoughtSpotInstance {} allows: the annotation {} there \
         lets them go",
        instance.name,
        annotations::ALLOW_DELETIONS_UNTIL
    );
    stalled(Reason::DeletionsHeld, message)
}
