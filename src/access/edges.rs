//! Edges of groups and users as the caches have them: what the resources of the other end say, and who may join a group.

use std::collections::{BTreeMap, BTreeSet};

use kube::ResourceExt;
use thoughtspot_client::domain::OrgId;
use thoughtspot_crds::{ThoughtSpotGroup, ThoughtSpotGroupStatus, ThoughtSpotUser};
use thoughtspot_engine::Live;
use thoughtspot_engine::cache::{Cache, Cached, Key};

use super::Access;
use crate::edges::OtherEnd;
use crate::grants::{self, Asking};
use crate::managed::ManagedResource;
use crate::world::words;

/// What the resources of one end say of an object of the other: of a user in one Org, or of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub edges: OtherEnd,
    /// The names, folded where they are of users, of what is declared by a resource that holds nothing yet: about to create it or to take it
    /// over, it must not find ended what it declares.
    pub names: BTreeSet<String>,
}

impl Access {
    /// What ThoughtSpotGroups say of a user, for each Org.
    pub fn said_by_groups(&self, user: &ThoughtSpotUser, instance: &Key) -> BTreeMap<OrgId, Said> {
        let (key, names, id) = (Key::of(user), words::user_names(user), user.held_id());
        let mut about: Vec<String> = names.iter().map(|name| words::member(name)).collect();
        about.push(words::user_ref(&key));
        about.extend(id.map(words::mark));
        let mut said: BTreeMap<OrgId, Said> = BTreeMap::new();
        for group in found(&self.world.groups, &about) {
            let Some((org, reached)) = self.home(&group).filter(|_| speaks(&*group)) else { continue };
            if !self.one_far_side(&reached, instance) {
                continue;
            }
            let said = said.entry(org).or_default();
            let declares = words::declares_member(&group, &key, &names);
            let Some(held) = group.held_id() else {
                said.names.extend(group.names().into_iter().filter(|_| declares));
                continue;
            };
            let marked = |status: &ThoughtSpotGroupStatus| id.is_some_and(|id| status.members.contains(id));
            said.edges.declared.extend(declares.then(|| held.clone()));
            said.edges.marked.extend(group.status.as_ref().is_some_and(marked).then(|| held.clone()));
        }
        said
    }

    /// The Org of a group and the Instance it is reached through, as status remembers them, or as it declares them.
    fn home(&self, group: &ThoughtSpotGroup) -> Option<(OrgId, Key)> {
        let status = group.status.as_ref();
        let remembered = status.and_then(|s| s.org_id).zip(status.and_then(|s| s.instance.as_ref()));
        if let Some((org, instance)) = remembered {
            return Some((OrgId(org), words::target(instance, group)));
        }
        let org = self.world.orgs.get(&words::target(&group.spec.org_ref, group))?;
        let id = org.status.as_ref()?.id?;
        Some((OrgId(id), words::target(&org.spec.instance_ref, &*org)))
    }

    /// What ThoughtSpotUsers say of a group. Only those count whose namespace may join it.
    pub fn said_by_users(&self, group: &ThoughtSpotGroup, org: OrgId, instance: &Key) -> Said {
        let (names, id) = (group.names(), group.held_id());
        let shown_by = id.map(|id| self.showing(id, org, instance)).unwrap_or_default();
        let refs: BTreeSet<Key> = shown_by.iter().map(|other| Key::of(&**other)).chain([Key::of(group)]).collect();
        let mut about: Vec<String> = names.iter().map(|name| words::joins(name)).collect();
        about.extend(refs.iter().map(words::group_ref));
        about.extend(id.map(words::mark));
        let mut said = Said::default();
        for user in found(&self.world.users, &about) {
            let namespace = user.namespace().unwrap_or_default();
            let here = self.leads_to(&user.spec.instance_ref, &*user, instance);
            if !here || !speaks(&*user) || !self.opens_to(group, &namespace) {
                continue;
            }
            let declares = user.spec.orgs.iter().any(|membership| {
                let joined = self.world.orgs.get(&words::joined_org(membership, &namespace));
                let same_org = joined.and_then(|joined| joined.status.as_ref()?.id) == Some(org.0);
                let by_ref = membership.group_refs.iter().any(|r| refs.contains(&Key::new(&namespace, &r.name)));
                same_org && (by_ref || membership.groups.iter().any(|name| names.contains(name)))
            });
            let held = user.held_id();
            let Some(held) = held else {
                said.names.extend(words::user_names(&user).into_iter().filter(|_| declares));
                continue;
            };
            let mut marks = user.status.iter().flat_map(|status| &status.orgs).filter(|owned| owned.id == org.0);
            let marked = marks.any(|owned| id.is_some_and(|id| owned.groups.contains(id)));
            said.edges.declared.extend(declares.then(|| held.clone()));
            said.edges.marked.extend(marked.then(|| held.clone()));
        }
        said
    }

    /// Whether resources in `namespace` may put somebody or something into this group: one that a resource manages is open to that one's
    /// own namespace, and to those its `grants` cover. One that nobody manages is the Org's affair.
    pub fn may_join(&self, group: &str, org: OrgId, instance: &Key, namespace: &str) -> bool {
        let mut managers = self.showing(group, org, instance);
        managers.retain(|manager| manager.held_id().is_some());
        managers.is_empty() || managers.iter().any(|manager| self.opens_to(manager, namespace))
    }

    /// The resources that stand for a group of this id, whether they manage or only observe it.
    fn showing(&self, group: &str, org: OrgId, instance: &Key) -> Vec<Live<ThoughtSpotGroup>> {
        let mut shown_by = self.world.groups.under(&words::id(group));
        let here = |(home, reached): (OrgId, Key)| home == org && self.one_far_side(&reached, instance);
        shown_by.retain(|other| self.home(other).is_some_and(here));
        shown_by
    }

    fn opens_to(&self, group: &ThoughtSpotGroup, namespace: &str) -> bool {
        let labels = self.labels(namespace);
        let owner = group.namespace().unwrap_or_default();
        grants::may_join(group.spec.grants.as_deref(), &owner, Asking { namespace, labels: &labels })
    }
}

/// Those found under any of these words, each once.
fn found<K: Cached>(cache: &Cache<K>, about: &[String]) -> Vec<Live<K>> {
    let keys: BTreeSet<Key> = about.iter().flat_map(|word| cache.keys_under(word)).collect();
    keys.iter().filter_map(|key| cache.get(key)).collect()
}

/// Whether what a resource declares counts: not while it only observes, nor any more when it is deleted.
fn speaks<K: Declares>(resource: &K) -> bool {
    resource.writes() && resource.meta().deletion_timestamp.is_none()
}

/// A resource that may declare edges.
trait Declares: ResourceExt {
    fn writes(&self) -> bool;
}

impl Declares for ThoughtSpotGroup {
    fn writes(&self) -> bool {
        self.spec.management_policy.writes()
    }
}

impl Declares for ThoughtSpotUser {
    fn writes(&self) -> bool {
        self.spec.management_policy.writes()
    }
}
