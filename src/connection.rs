//! A signed-in ThoughtSpot per Instance, and what its inventory wakes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use thoughtspot_client::domain::{ListChange, Login, OrgId, System, fold_user_name};
use thoughtspot_client::inventory::{Inventory, InventorySettings, Moved, Scope};
use thoughtspot_client::port::Handle;
use thoughtspot_client::{Error, Result};
use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::AbortHandle;

use crate::faults;
use crate::protected::Keeps;
use crate::seal::Seal;
use crate::world::{World, words};

/// One ThoughtSpot, reached with one login.
pub struct Connection {
    pub far: Handle,
    pub inventory: Inventory,
    pub system: System,
    pub login: Login,
    /// What proves that an announcement is ours.
    pub seal: Seal,
    /// Whether resources were told to wait until the host answers.
    awaited: AtomicBool,
    instance: Key,
    world: World,
    listener: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Connection {
    /// A connection over a ThoughtSpot that has answered who it is and who we are.
    pub fn new(
        far: Handle,
        system: System,
        login: Login,
        seal: Seal,
        lists: InventorySettings,
        instance: &Key,
        world: &World,
    ) -> Arc<Connection> {
        let inventory = Inventory::new(far.clone(), lists);
        let moved = inventory.subscribe();
        let listener = tokio::spawn(wake_concerned(moved, world.clone())).abort_handle();
        let (instance, world) = (instance.clone(), world.clone());
        let awaited = AtomicBool::new(false);
        Arc::new(Connection { far, inventory, system, login, seal, awaited, instance, world, listener })
    }

    /// What a failed call means for the object whose pass made it. Refused credentials, a host that may not be connected to and one that
    /// answers nobody are the Instance's affair: it is woken to say so, and the object waits for it.
    pub fn fault(&self, error: &Error) -> Fault {
        let name = &self.instance.name;
        let fault = if self.is_away(error) {
            self.awaited.store(true, Ordering::Release);
            let message = format!("ThoughtSpotInstance {name} gets no answer: see its conditions");
            Fault::Waiting { reason: Reason::Unavailable.as_str(), message }
        } else if matches!(error, Error::BadCredentials { .. } | Error::Untrusted { .. } | Error::HostNotAllowed { .. }) {
            faults::waiting(format!("ThoughtSpotInstance {name} is not ready: see its conditions"))
        } else {
            return faults::of(error);
        };
        self.world.wakers.instances.wake(&self.instance);
        fault
    }

    /// Whether a call failed as all others do.
    fn is_away(&self, error: &Error) -> bool {
        let lost = matches!(error, Error::Unavailable(_) | Error::Unclear { .. });
        matches!(error, Error::Away { .. }) || (lost && self.far.outage().is_some())
    }

    /// Whether resources wait until the host answers.
    pub fn is_awaited(&self) -> bool {
        self.awaited.load(Ordering::Acquire)
    }

    /// The host answers: whether resources waited for that.
    pub fn no_longer_awaited(&self) -> bool {
        self.awaited.swap(false, Ordering::AcqRel)
    }

    /// Whom nobody may touch here, by what is known now.
    pub fn keeps(&self) -> Keeps<'_> {
        let instance = self.world.instances.get(&self.instance);
        let protection = instance.and_then(|instance| instance.spec.protection.clone()).unwrap_or_default();
        Keeps { login: &self.login, system: &self.system, instance: &self.instance.name, protection }
    }

    /// Makes sure that our login may work in the Org. An Org that we manage lets us in: our login is added to it, once, which the
    /// answer tells.
    pub async fn enter(&self, org: OrgId, managed: bool) -> Result<Entered> {
        match self.far.enter(org).await {
            Err(Error::NoOrgAccess { .. }) if managed => {
                self.far.change_org_members(org, &self.login.id, ListChange::Add).await?;
                self.far.enter(org).await.map(|()| Entered::Added)
            }
            other => other.map(|()| Entered::Already),
        }
    }
}

/// How our login came to have access to an Org.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    Already,
    Added,
}

/// What changed in ThoughtSpot wakes the resources concerned.
async fn wake_concerned(mut moved: UnboundedReceiver<Moved>, world: World) {
    while let Some(Moved { scope, id, name }) = moved.recv().await {
        let by_id = words::id(&id);
        match scope {
            Scope::Orgs => {
                world.wake_under(&world.orgs, &world.wakers.orgs, &words::name(&name));
                world.wake_under(&world.orgs, &world.wakers.orgs, &by_id);
            }
            Scope::Users(org) => {
                // Which counts those that no resource declares.
                world.wake_under(&world.orgs, &world.wakers.orgs, &words::id(org));
                let folded = fold_user_name(&name);
                world.wake_under(&world.users, &world.wakers.users, &words::name(&folded));
                world.wake_under(&world.users, &world.wakers.users, &by_id);
                for word in [words::member(&folded), words::mark(&id), words::exclusive(org.0)] {
                    world.wake_under(&world.groups, &world.wakers.groups, &word);
                }
            }
            Scope::Groups(org) => {
                world.wake_under(&world.orgs, &world.wakers.orgs, &words::id(org));
                world.wake_under(&world.groups, &world.wakers.groups, &words::name(&name));
                world.wake_under(&world.groups, &world.wakers.groups, &by_id);
                world.wake_under(&world.users, &world.wakers.users, &words::joins(&name));
                world.wake_under(&world.groups, &world.wakers.groups, &words::joins(&name));
            }
        }
    }
}

/// How an Instance stands.
#[derive(Clone)]
pub enum Standing {
    Up(Arc<Connection>),
    /// It was tried, and does not work.
    Down,
    Suspended,
}

impl Standing {
    fn is_like(&self, other: &Standing) -> bool {
        match (self, other) {
            (Standing::Up(a), Standing::Up(b)) => Arc::ptr_eq(a, b),
            (Standing::Down, Standing::Down) | (Standing::Suspended, Standing::Suspended) => true,
            (Standing::Up(_) | Standing::Down | Standing::Suspended, _) => false,
        }
    }
}

/// How every Instance stands, as far as it was tried since the start.
#[derive(Clone, Default)]
pub struct Connections(Arc<RwLock<HashMap<Key, Standing>>>);

impl Connections {
    /// `None`: not tried yet.
    pub fn get(&self, instance: &Key) -> Option<Standing> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(instance).cloned()
    }

    /// Whether this is news.
    pub fn set(&self, instance: &Key, standing: Standing) -> bool {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let news = map.get(instance).is_none_or(|before| !before.is_like(&standing));
        map.insert(instance.clone(), standing);
        news
    }

    pub fn forget(&self, instance: &Key) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(instance);
    }
}
