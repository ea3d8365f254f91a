//! What exists, read by pages and shared by everyone who asks.
//!
//! A *scope* is a list that can be read whole: the Orgs, the users of one Org, the groups of one Org. A scope is *certified* when
//! every page arrived and no id came twice. Only a certified scope may say that something is absent, and that may only make
//! us try a create: it never proves that an object whose id we hold is gone.
//!
//! | module | what lives there |
//! | --- | --- |
//! | `rows` | the rows of a scope, by id and by name, and what differs between two lists |
//! | `sweep` | reading a scope whole, and when to believe it |
//! | `scope` | one scope: single-flight, its age, own writes, single reads |
//! | `kinds` | how Orgs, users and groups are read through the port |
//! | `roles` | the roles of an Org, which are no scope: nobody looks for one that is not there |
//!
//! Invariants: nothing here writes to the far side; a sweep runs to its end once begun, whoever asked; an answer is never older
//! than `max_age`, nor than our own last write.

mod kinds;
mod roles;
mod rows;
mod scope;
mod sweep;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::domain::{Group, Lookup, Org, OrgId, Role, User};
use crate::error::Result;
use crate::port::Handle;
use roles::RolesOf;
pub use rows::Listed;
use rows::Row;
use scope::{Figure, ScopeOf};

/// How scopes are read and how long they are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InventorySettings {
    pub page_size: usize,
    /// A scope older than this is swept again when somebody asks; each sweep takes off up to a tenth at random, so that scopes
    /// which were read together do not come due together.
    pub max_age: Duration,
    /// A scope with more rows is asked object by object.
    pub max_rows: usize,
}

impl InventorySettings {
    /// The usual sizes.
    pub fn new(max_age: Duration) -> Self {
        InventorySettings { page_size: 200, max_age, max_rows: 200_000 }
    }
}

/// How fresh an answer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// From the scope, which is swept first if it never was or is too old. A scope that cannot be certified is asked for the one
    /// object instead.
    Known,
    /// From one read of its own, now; the scope learns of it.
    Fresh,
}

/// A list as last read.
#[derive(Clone, Debug)]
pub enum Known<R> {
    Rows(Arc<[Arc<R>]>),
    /// It was never read, or so long ago that nobody can be asking for it any more.
    Unread,
    /// It cannot be trusted: see [`Inventory::uncertified`].
    Torn,
}

/// How all lists of one sort stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// `orgs`, `users` or `groups`.
    pub scope: &'static str,
    /// How many lists: of users and groups, one for each Org in use.
    pub lists: usize,
    pub rows: usize,
    /// How many pages they came in.
    pub pages: usize,
    /// How many of the lists cannot be trusted: see [`Inventory::uncertified`].
    pub uncertified: usize,
    /// Since the oldest of them was begun to be read.
    pub oldest: Option<Duration>,
}

/// A list that can be read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    Orgs,
    Users(OrgId),
    Groups(OrgId),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Orgs => f.write_str("Orgs"),
            Scope::Users(org) => write!(f, "users of Org {org}"),
            Scope::Groups(org) => write!(f, "groups of Org {org}"),
        }
    }
}

/// A row that is new, gone or different from what was known. A renamed one is told twice, under either name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub scope: Scope,
    pub id: String,
    pub name: String,
}

/// Who wants to hear of what moved.
#[derive(Default)]
struct Listeners(Mutex<Vec<mpsc::UnboundedSender<Moved>>>);

impl Listeners {
    fn tell(&self, moved: &[Moved]) {
        if moved.is_empty() {
            return;
        }
        let mut senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        senders.retain(|sender| moved.iter().all(|m| sender.send(m.clone()).is_ok()));
    }
}

/// What exists in one ThoughtSpot. Cheap to share; ask it from anywhere.
pub struct Inventory {
    far: Handle,
    settings: InventorySettings,
    listeners: Arc<Listeners>,
    orgs: Arc<ScopeOf<Org>>,
    users: PerOrg<User>,
    groups: PerOrg<Group>,
    roles: Mutex<HashMap<OrgId, Arc<RolesOf>>>,
}

/// The scopes of the Orgs in use; one appears when it is first asked for.
type PerOrg<R> = Mutex<HashMap<OrgId, Arc<ScopeOf<R>>>>;

impl Inventory {
    pub fn new(far: Handle, settings: InventorySettings) -> Inventory {
        let listeners = Arc::new(Listeners::default());
        let orgs = ScopeOf::new(OrgId::PRIMARY, Arc::clone(&far), settings, Arc::clone(&listeners));
        Inventory { far, settings, listeners, orgs, users: PerOrg::default(), groups: PerOrg::default(), roles: Mutex::default() }
    }

    /// An Org.
    pub async fn org(&self, which: Lookup<'_, OrgId>, look: Look) -> Result<Option<Org>> {
        match which {
            Lookup::Id(id) => self.orgs.one(Lookup::Id(&id.to_string()), look).await,
            Lookup::Name(name) => self.orgs.one(Lookup::Name(name), look).await,
        }
    }

    /// A user of an Org. A [`Look::Fresh`] from Primary sees the whole cluster, as [`crate::port::ThoughtSpot::find_user`] does.
    pub async fn user(&self, org: OrgId, which: Lookup<'_, str>, look: Look) -> Result<Option<User>> {
        self.of(&self.users, org).one(which, look).await
    }

    /// All users of an Org; [`crate::Error::Uncertified`] where the list cannot be trusted.
    pub async fn users(&self, org: OrgId) -> Result<Arc<[Arc<User>]>> {
        self.of(&self.users, org).all(Look::Known).await
    }

    /// A group of an Org.
    pub async fn group(&self, org: OrgId, which: Lookup<'_, str>, look: Look) -> Result<Option<Group>> {
        self.of(&self.groups, org).one(which, look).await
    }

    /// All groups of an Org, for [`Look::Fresh`] from a sweep of its own; [`crate::Error::Uncertified`] where the list cannot be trusted.
    pub async fn groups(&self, org: OrgId, look: Look) -> Result<Arc<[Arc<Group>]>> {
        self.of(&self.groups, org).all(look).await
    }

    /// All roles of an Org, from one call an interval. A refusal, which is what there is without role-based access control, is good for as
    /// long as a list.
    pub async fn roles(&self, org: OrgId, look: Look) -> Result<Arc<[Role]>> {
        let roles = {
            let mut roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
            let make = || RolesOf::new(org, Arc::clone(&self.far), self.settings.max_age);
            Arc::clone(roles.entry(org).or_insert_with(make))
        };
        roles.all(look).await
    }

    /// Every user of an Org, read whole now, whatever is known of them: for what cannot be taken back.
    /// [`crate::Error::Uncertified`] where the list cannot be trusted.
    pub async fn users_now(&self, org: OrgId) -> Result<Listed<User>> {
        self.of(&self.users, org).now().await
    }

    /// As [`Inventory::users_now`], for the groups of an Org.
    pub async fn groups_now(&self, org: OrgId) -> Result<Listed<Group>> {
        self.of(&self.groups, org).now().await
    }

    /// The users of an Org as last read. Reads nothing.
    pub fn known_users(&self, org: OrgId) -> Known<User> {
        read(&self.users, org).map_or(Known::Unread, |scope| scope.known())
    }

    /// As [`Inventory::known_users`], for the groups of an Org.
    pub fn known_groups(&self, org: OrgId) -> Known<Group> {
        read(&self.groups, org).map_or(Known::Unread, |scope| scope.known())
    }

    /// The scopes that could not be certified twice running and are asked object by object, such as `users of Org 7`.
    pub fn uncertified(&self) -> Vec<String> {
        let mut names: Vec<String> = self.orgs.uncertified().into_iter().collect();
        names.extend(each(&self.users).iter().filter_map(|scope| scope.uncertified()));
        names.extend(each(&self.groups).iter().filter_map(|scope| scope.uncertified()));
        names.sort();
        names
    }

    /// How the lists stand that somebody asks for. Reads nothing.
    pub fn figures(&self) -> [Figures; 3] {
        let users: Vec<Figure> = each(&self.users).iter().filter_map(|scope| scope.figure()).collect();
        let groups: Vec<Figure> = each(&self.groups).iter().filter_map(|scope| scope.figure()).collect();
        let orgs: Vec<Figure> = self.orgs.figure().into_iter().collect();
        [figures("orgs", &orgs), figures("users", &users), figures("groups", &groups)]
    }

    /// How long a scope is still good for; `None` before its first sweep. Whoever asks after that time has it swept.
    pub fn due_in(&self, scope: Scope) -> Option<Duration> {
        match scope {
            Scope::Orgs => self.orgs.due_in(),
            Scope::Users(org) => self.of(&self.users, org).due_in(),
            Scope::Groups(org) => self.of(&self.groups, org).due_in(),
        }
    }

    /// What moves from now on. Nothing is told of the first sweep of a scope, nor of our own writes, but for an Org or group of a
    /// new name, since others may wait for one.
    pub fn subscribe(&self) -> mpsc::UnboundedReceiver<Moved> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.listeners.0.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }

    /// We created or changed this Org.
    pub fn put_org(&self, org: Org) {
        self.orgs.put(org);
    }

    /// We deleted this Org, and its groups and its users' memberships with it.
    pub fn forget_org(&self, id: OrgId) {
        self.orgs.forget(&id.to_string());
        self.users.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        self.roles.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// We created or changed this user, who is a member of the Org.
    pub fn put_user(&self, org: OrgId, user: User) {
        self.of(&self.users, org).put(user);
    }

    /// We deleted this user or ended the membership in this Org.
    pub fn forget_user(&self, org: OrgId, id: &str) {
        self.of(&self.users, org).forget(id);
    }

    /// We created or changed this group.
    pub fn put_group(&self, org: OrgId, group: Group) {
        self.of(&self.groups, org).put(group);
    }

    /// We deleted this group.
    pub fn forget_group(&self, org: OrgId, id: &str) {
        self.of(&self.groups, org).forget(id);
    }

    fn of<R: Row>(&self, scopes: &PerOrg<R>, org: OrgId) -> Arc<ScopeOf<R>> {
        let mut scopes = scopes.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || ScopeOf::new(org, Arc::clone(&self.far), self.settings, Arc::clone(&self.listeners));
        Arc::clone(scopes.entry(org).or_insert_with(make))
    }
}

fn figures(scope: &'static str, lists: &[Figure]) -> Figures {
    Figures {
        scope,
        lists: lists.len(),
        rows: lists.iter().map(|list| list.rows).sum(),
        pages: lists.iter().map(|list| list.pages).sum(),
        uncertified: lists.iter().filter(|list| list.torn).count(),
        oldest: lists.iter().map(|list| list.age).max(),
    }
}

fn each<R>(scopes: &PerOrg<R>) -> Vec<Arc<ScopeOf<R>>> {
    scopes.lock().unwrap_or_else(PoisonError::into_inner).values().map(Arc::clone).collect()
}

fn read<R: Row>(scopes: &PerOrg<R>, org: OrgId) -> Option<Arc<ScopeOf<R>>> {
    scopes.lock().unwrap_or_else(PoisonError::into_inner).get(&org).map(Arc::clone)
}
