//! The resources as watched, and whom a change of one wakes.
//!
//! Who depends on whom is written once, as the words each resource is found under ([`words`]); a change wakes those found under the
//! words it touches. Nobody polls for a reference.

mod edges;
pub mod words;

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt;
use thoughtspot_crds::{ThoughtSpotGroup, ThoughtSpotInstance, ThoughtSpotOrg, ThoughtSpotUser, annotations, marks};
use thoughtspot_engine::Live;
use thoughtspot_engine::cache::{Cache, Cached, Filler, Key, Moved};
use thoughtspot_engine::conditions;
use thoughtspot_engine::wake::{Waker, Wakes, concerns_itself};

use crate::managed::{ManagedResource, is_held, shows_held};

/// The resources, and how to wake them. Cheap to clone.
#[derive(Clone)]
pub struct World {
    pub instances: Cache<ThoughtSpotInstance>,
    pub orgs: Cache<ThoughtSpotOrg>,
    pub groups: Cache<ThoughtSpotGroup>,
    pub users: Cache<ThoughtSpotUser>,
    pub namespaces: Cache<Namespace>,
    pub wakers: Wakers,
}

/// One waker per kind.
#[derive(Clone)]
pub struct Wakers {
    pub instances: Waker<ThoughtSpotInstance>,
    pub orgs: Waker<ThoughtSpotOrg>,
    pub groups: Waker<ThoughtSpotGroup>,
    pub users: Waker<ThoughtSpotUser>,
}

/// Where the schedulers receive wakes: the other end of [`Wakers`].
pub struct Receivers {
    pub instances: Wakes<ThoughtSpotInstance>,
    pub orgs: Wakes<ThoughtSpotOrg>,
    pub groups: Wakes<ThoughtSpotGroup>,
    pub users: Wakes<ThoughtSpotUser>,
}

impl Receivers {
    /// Forgets whoever is woken, until it is dropped.
    pub async fn forget(&mut self) {
        tokio::join!(self.instances.forget(), self.orgs.forget(), self.groups.forget(), self.users.forget());
    }
}

/// What fills the caches.
pub struct Fillers {
    pub instances: Filler<ThoughtSpotInstance>,
    pub orgs: Filler<ThoughtSpotOrg>,
    pub groups: Filler<ThoughtSpotGroup>,
    pub users: Filler<ThoughtSpotUser>,
    pub namespaces: Filler<Namespace>,
}

/// Annotations of ours, whose change is no reason for a pass.
const OWN_ANNOTATIONS: [&str; 1] = [marks::INTENT];

impl World {
    pub fn new() -> (World, Fillers, Receivers) {
        let (instances, fill_instances) = Cache::new(words::of_instance);
        let (orgs, fill_orgs) = Cache::new(words::of_org);
        let (groups, fill_groups) = Cache::new(words::of_group);
        let (users, fill_users) = Cache::new(words::of_user);
        let (namespaces, fill_namespaces) = Cache::new(|_: &Namespace| Vec::new());
        let (wake_instances, instance_wakes) = Waker::new();
        let (wake_orgs, org_wakes) = Waker::new();
        let (wake_groups, group_wakes) = Waker::new();
        let (wake_users, user_wakes) = Waker::new();
        let wakers = Wakers { instances: wake_instances, orgs: wake_orgs, groups: wake_groups, users: wake_users };
        let fillers = Fillers {
            instances: fill_instances,
            orgs: fill_orgs,
            groups: fill_groups,
            users: fill_users,
            namespaces: fill_namespaces,
        };
        let receivers = Receivers { instances: instance_wakes, orgs: org_wakes, groups: group_wakes, users: user_wakes };
        (World { instances, orgs, groups, users, namespaces, wakers }, fillers, receivers)
    }

    /// The Instance that a group is reached through; `None` while nothing says which.
    pub fn instance_of(&self, group: &ThoughtSpotGroup) -> Option<Key> {
        let declared =
            || self.orgs.get(&words::target(&group.spec.org_ref, group)).map(|org| words::target(&org.spec.instance_ref, &*org));
        words::reached_through(group).or_else(declared)
    }

    /// What of the resources has not been listed, or may not be any more, and why: a line each. Namespaces can be done without.
    pub fn waits(&self) -> Vec<String> {
        [self.instances.waits(), self.orgs.waits(), self.groups.waits(), self.users.waits()].concat()
    }

    /// Whether the namespace is being deleted. Unknown namespaces are not.
    pub fn is_terminating(&self, namespace: &str) -> bool {
        self.namespaces.get(&Key::new("", namespace)).is_some_and(|n| n.metadata.deletion_timestamp.is_some())
    }

    /// An Instance changed: its own pass runs, and that wakes its dependents once it knows how things stand. What it grants and
    /// protects they read themselves.
    pub fn instance_moved(&self, moved: &Moved<'_, ThoughtSpotInstance>) {
        self.wake_itself(moved, &self.wakers.instances);
        let read = |instance: &ThoughtSpotInstance| {
            let annotation = |name| instance.annotations().get(name).cloned();
            let allows = [annotations::ALLOW_DELETIONS_UNTIL, annotations::READOPT_UNTIL].map(annotation);
            (instance.spec.grants.clone(), instance.spec.protection.clone(), allows)
        };
        if moved.before.map(|i| read(i)) != moved.after.map(|i| read(i)) {
            self.wake_dependents_of_instance(moved.key);
        }
    }

    /// An Org changed: whoever is in it, or wants to be, is woken if it changed in what they read.
    pub fn org_moved(&self, moved: &Moved<'_, ThoughtSpotOrg>) {
        self.wake_itself(moved, &self.wakers.orgs);
        let read = |org: &ThoughtSpotOrg| (org.read_by_others(), stalled(org));
        if moved.before.map(|o| read(o)) != moved.after.map(|o| read(o)) {
            self.wake_members_of_org(moved.key);
            self.wake_rivals(moved, &self.orgs, &self.wakers.orgs, words::of_org);
        }
        self.wake_what_waits(moved.before.map(|o| words::target(&o.spec.instance_ref, &**o)), moved);
        self.tell_brake(moved, words::of_org);
    }

    /// A group changed: whoever joins it is woken if it changed in what they read.
    pub fn group_moved(&self, moved: &Moved<'_, ThoughtSpotGroup>) {
        self.wake_itself(moved, &self.wakers.groups);
        if moved.before.map(|g| g.read_by_others()) != moved.after.map(|g| g.read_by_others()) {
            self.wake_under(&self.users, &self.wakers.users, &words::group_ref(moved.key));
            self.wake_those_around(moved);
            self.wake_rivals(moved, &self.groups, &self.wakers.groups, words::of_group);
        }
        let settled = |group: &ThoughtSpotGroup| {
            let status = group.status.as_ref();
            status.is_some_and(|status| conditions::was_ready(&status.object.conditions, group.metadata.generation))
        };
        // What it nested before it may have been in the way of those it is to be nested in now.
        if moved.after.is_some_and(|group| settled(group)) && !moved.before.is_some_and(|group| settled(group)) {
            self.wake_those_around(moved);
        }
        self.group_edges_moved(moved);
        self.tell_brake(moved, words::of_group);
        if let Some(before) = moved.before
            && let_go(moved)
        {
            self.wakers.orgs.wake(&words::target(&before.spec.org_ref, &**before));
            words::reached_through(before).iter().for_each(|instance| self.wakers.instances.wake(instance));
        }
    }

    /// Those that nest this group, by reference or by name: it may have become what they wait for, or no longer be in their way.
    fn wake_those_around(&self, moved: &Moved<'_, ThoughtSpotGroup>) {
        self.wake_under(&self.groups, &self.wakers.groups, &words::group_ref(moved.key));
        let names: BTreeSet<String> = moved.before.into_iter().chain(moved.after).flat_map(|g| g.names()).collect();
        names.iter().for_each(|name| self.wake_under(&self.groups, &self.wakers.groups, &words::joins(name)));
    }

    /// A user changed.
    pub fn user_moved(&self, moved: &Moved<'_, ThoughtSpotUser>) {
        self.wake_itself(moved, &self.wakers.users);
        if moved.before.map(|u| u.read_by_others()) != moved.after.map(|u| u.read_by_others()) {
            self.wake_rivals(moved, &self.users, &self.wakers.users, words::of_user);
            self.wake_under(&self.users, &self.wakers.users, &words::user_ref(moved.key));
        }
        self.user_edges_moved(moved);
        self.wake_what_waits(moved.before.map(|u| words::target(&u.spec.instance_ref, &**u)), moved);
        self.tell_brake(moved, words::of_user);
    }

    /// A namespace changed: grants may select by its labels, and a Secret in it may have to be held or let go.
    pub fn namespace_moved(&self, moved: &Moved<'_, Namespace>) {
        let read = |n: &Namespace| (n.metadata.labels.clone(), n.metadata.deletion_timestamp.is_some());
        if moved.before.map(|n| read(n)) == moved.after.map(|n| read(n)) {
            return;
        }
        let here = |namespace: Option<String>| namespace.as_deref() == Some(&moved.key.name);
        self.instances.all().iter().filter(|o| here(o.namespace())).for_each(|o| self.wakers.instances.wake(&Key::of(&**o)));
        self.orgs.all().iter().filter(|o| here(o.namespace())).for_each(|o| self.wakers.orgs.wake(&Key::of(&**o)));
        self.groups.all().iter().filter(|o| here(o.namespace())).for_each(|o| self.wakers.groups.wake(&Key::of(&**o)));
        self.users.all().iter().filter(|o| here(o.namespace())).for_each(|o| self.wakers.users.wake(&Key::of(&**o)));
    }

    /// Everything that reaches ThoughtSpot through this Instance.
    pub fn wake_dependents_of_instance(&self, instance: &Key) {
        let word = words::instance_key(instance);
        for org in self.orgs.keys_under(&word) {
            self.wake_members_of_org(&org);
            self.wakers.orgs.wake(&org);
        }
        self.wake_under(&self.groups, &self.wakers.groups, &word);
        self.wake_under(&self.users, &self.wakers.users, &word);
    }

    fn wake_members_of_org(&self, org: &Key) {
        let word = words::org_key(org);
        self.wake_under(&self.groups, &self.wakers.groups, &word);
        self.wake_under(&self.users, &self.wakers.users, &word);
    }

    /// Those found under this word.
    pub fn wake_under<K: Cached>(&self, cache: &Cache<K>, waker: &Waker<K>, word: &str) {
        cache.keys_under(word).iter().for_each(|key| waker.wake(key));
    }

    fn wake_itself<K: Cached>(&self, moved: &Moved<'_, K>, waker: &Waker<K>) {
        let unreadable = moved.exists && moved.after.is_none();
        let (before, after) = (moved.before.map(|o| &**o), moved.after.map(|o| &**o));
        if unreadable || (moved.exists && concerns_itself(before, after, &OWN_ANNOTATIONS, marks::FINALIZER)) {
            waker.wake(moved.key);
        }
    }

    /// Others that want or hold the same object: one of them may have become the first in line.
    fn wake_rivals<K: Cached>(&self, moved: &Moved<'_, K>, cache: &Cache<K>, waker: &Waker<K>, of: fn(&K) -> Vec<String>) {
        let words = moved.before.into_iter().chain(moved.after).flat_map(|o| of(o));
        for word in words.filter(|word| words::is_claim(word)) {
            cache.keys_under(&word).iter().filter(|key| *key != moved.key).for_each(|key| waker.wake(key));
        }
    }

    /// What is not due to end any more may have been the last that its Instance holds.
    fn tell_brake<K: Cached>(&self, moved: &Moved<'_, K>, of: fn(&K) -> Vec<String>) {
        let words = |object: Option<&Live<K>>| object.map(|o| of(o)).unwrap_or_default();
        let now = words(moved.after);
        let gone = words(moved.before).into_iter().filter(|word| !now.contains(word));
        for instance in gone.filter_map(|word| words::due_through(&word)) {
            if self.instances.get(&instance).is_some_and(|instance| shows_held(&instance)) {
                self.wakers.instances.wake(&instance);
            }
        }
    }

    /// An Instance that is being deleted waits for those that use it.
    fn wake_what_waits<K: Cached>(&self, instance: Option<Key>, moved: &Moved<'_, K>) {
        if let_go(moved) {
            instance.iter().for_each(|instance| self.wakers.instances.wake(instance));
        }
    }
}

/// Whether the resource is gone or no longer held.
fn let_go<K: Cached>(moved: &Moved<'_, K>) -> bool {
    !moved.exists || (moved.before.is_some_and(|o| is_held(&**o)) && moved.after.is_some_and(|o| !is_held(&**o)))
}

fn stalled(org: &ThoughtSpotOrg) -> bool {
    org.status.as_ref().is_some_and(|status| conditions::is_stalled(&status.object.conditions))
}
