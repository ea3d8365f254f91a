//! The words a resource is found under: what it is called, what it holds, whom it names.

use std::collections::BTreeSet;

use kube::ResourceExt;
use serde::{Deserialize, Serialize};
use thoughtspot_client::domain::fold_user_name;
use thoughtspot_crds::membership::Membership;
use thoughtspot_crds::user::OrgMembership;
use thoughtspot_crds::{Reference, ThoughtSpotGroup, ThoughtSpotInstance, ThoughtSpotOrg, ThoughtSpotUser, marks};
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::intent::Intent;

use crate::managed::ManagedResource;
use crate::trust::source::Source;

/// The resource a reference means, seen from the one that refers.
pub fn target<K: ResourceExt>(reference: &Reference, from: &K) -> Key {
    let namespace = reference.namespace.clone().or_else(|| from.namespace()).unwrap_or_default();
    Key::new(namespace, &reference.name)
}

pub fn instance_key(key: &Key) -> String {
    format!("instance:{key}")
}

pub fn org_key(key: &Key) -> String {
    format!("org:{key}")
}

pub fn group_ref(key: &Key) -> String {
    format!("group:{key}")
}

/// Whoever joins or nests a group of this name, in whatever Org.
pub fn joins(name: &str) -> String {
    format!("joins:{name}")
}

/// Whoever declares the user of this (folded) name a member.
pub fn member(folded: &str) -> String {
    format!("member:{folded}")
}

/// Whoever declares this ThoughtSpotUser a member.
pub fn user_ref(key: &Key) -> String {
    format!("user:{key}")
}

/// Whoever added, by status, the user or the group of this id to something.
pub fn mark(id: impl std::fmt::Display) -> String {
    format!("mark:{id}")
}

/// Groups of the Org of this id that are to have no other members than those declared.
pub fn exclusive(org: i64) -> String {
    format!("exclusive:{org}")
}

/// Whoever names this Secret.
pub fn secret(key: &Key) -> String {
    format!("secret:{key}")
}

/// Whoever believes the CA in this.
pub fn ca(source: &Source) -> String {
    format!("ca:{}", source.path())
}

/// What is due to end through this Instance.
pub fn due(instance: &Key) -> String {
    format!("due:{instance}")
}

/// The Instance that a word of [`due`] is about.
pub(super) fn due_through(word: &str) -> Option<Key> {
    word.strip_prefix("due:")?.split_once('/').map(|(namespace, name)| Key::new(namespace, name))
}

/// What resources manage through this Instance.
pub fn managed(instance: &Key) -> String {
    format!("managed:{instance}")
}

/// Whoever wants or holds an object of this (folded) name.
pub fn name(folded: &str) -> String {
    format!("name:{folded}")
}

/// Whoever holds the object of this id.
pub fn id(id: impl std::fmt::Display) -> String {
    format!("id:{id}")
}

/// Whether a word is a claim to an object.
pub(super) fn is_claim(word: &str) -> bool {
    word.starts_with("name:") || word.starts_with("id:")
}

pub(super) fn of_instance(instance: &ThoughtSpotInstance) -> Vec<String> {
    let namespace = instance.namespace().unwrap_or_default();
    let login = instance.spec.auth.secret_name().map(|name| secret(&Key::new(namespace, name)));
    login.into_iter().chain(Source::of(instance).map(|(source, _)| ca(&source))).collect()
}

pub(super) fn of_org(org: &ThoughtSpotOrg) -> Vec<String> {
    let status = org.status.as_ref();
    let mut words = vec![instance_key(&target(&org.spec.instance_ref, org)), name(&org.wanted_name())];
    words.extend(status.and_then(|s| s.object.name.as_deref()).map(name));
    words.extend(status.and_then(|s| s.id).map(id));
    words.extend(of_brake(&target(&org.spec.instance_ref, org), org));
    words
}

fn of_brake(instance: &Key, resource: &impl ManagedResource) -> impl Iterator<Item = String> {
    let managed = resource.held_id().is_some().then(|| managed(instance));
    managed.into_iter().chain(resource.is_due().then(|| due(instance)))
}

pub(super) fn of_group(group: &ThoughtSpotGroup) -> Vec<String> {
    let status = group.status.as_ref();
    let mut words = vec![org_key(&target(&group.spec.org_ref, group)), name(&group.wanted_name())];
    words.extend(status.and_then(|s| s.object.name.as_deref()).map(name));
    words.extend(status.and_then(|s| s.id.as_ref()).map(id));
    words.extend(reached_through(group).as_ref().map(instance_key));
    if let Some(instance) = status.and_then(|s| s.instance.as_ref()).map(|instance| target(instance, group)) {
        words.extend(of_brake(&instance, group));
    }
    let (namespace, members) = (group.namespace().unwrap_or_default(), group.spec.members.iter());
    words.extend(members.clone().flat_map(|m| &m.users).map(|user| member(&fold_user_name(user))));
    words.extend(members.flat_map(|m| &m.user_refs).map(|user| user_ref(&Key::new(&namespace, &user.name))));
    words.extend(status.into_iter().flat_map(|s| &s.members).map(mark));
    let all = group.spec.membership.users == Membership::Exclusive;
    words.extend(status.and_then(|s| s.org_id).filter(|_| all).map(exclusive));
    let namespace = group.namespace().unwrap_or_default();
    words.extend(group.spec.sub_groups.iter().flatten().map(|nested| joins(nested)));
    words.extend(group.spec.sub_group_refs.iter().flatten().map(|nested| group_ref(&Key::new(&namespace, &nested.name))));
    words
}

pub(super) fn of_user(user: &ThoughtSpotUser) -> Vec<String> {
    let (status, namespace) = (user.status.as_ref(), user.namespace().unwrap_or_default());
    let folded = fold_user_name(&user.wanted_name());
    let mut words = vec![instance_key(&target(&user.spec.instance_ref, user)), name(&folded)];
    words.extend(status.and_then(|s| s.object.name.as_deref()).map(|n| name(&fold_user_name(n))));
    words.extend(status.and_then(|s| s.id.as_ref()).map(id));
    words.extend(user.spec.password.as_ref().and_then(|p| p.secret_name()).map(|s| secret(&Key::new(&namespace, s))));
    words.extend(of_brake(&target(&user.spec.instance_ref, user), user));
    let successor = user.spec.transfer_content_to.as_ref().and_then(|successor| successor.reference.as_ref());
    words.extend(successor.map(|reference| user_ref(&Key::new(&namespace, &reference.name))));
    for org in &user.spec.orgs {
        words.push(org_key(&joined_org(org, &namespace)));
        words.extend(org.groups.iter().map(|g| joins(g)));
        words.extend(org.group_refs.iter().map(|g| group_ref(&Key::new(&namespace, &g.name))));
    }
    words.extend(status.into_iter().flat_map(|s| &s.orgs).flat_map(|owned| &owned.groups).map(mark));
    words
}

/// The Instance that a group is reached through, as status has it, or as its create was announced where nothing is known of that yet.
pub fn reached_through(group: &ThoughtSpotGroup) -> Option<Key> {
    let remembered = group.status.as_ref().and_then(|status| status.instance.as_ref()).map(|instance| target(instance, group));
    remembered.or_else(|| announced(group).map(|(_, home)| target(&home.instance, group)))
}

/// The announcement of a group's create, and where it says the group is made. Whoever may write the resource may have written it: its seal
/// tells.
pub fn announced(group: &ThoughtSpotGroup) -> Option<(Intent, GroupHome)> {
    let born = group.metadata.creation_timestamp.as_ref()?.0.as_millisecond();
    let intent = Intent::read(group.annotations().get(marks::INTENT), group.metadata.uid.as_deref()?, born)?;
    let home = serde_json::from_value(intent.sent.clone()).ok()?;
    Some((intent, home))
}

/// Where a group is made, as its announcement keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct GroupHome {
    pub org: i64,
    pub instance: Reference,
}

impl GroupHome {
    pub fn new(org: i64, instance: &Key) -> GroupHome {
        let Key { namespace, name } = instance.clone();
        GroupHome { org, instance: Reference { name, namespace: Some(namespace) } }
    }
}

/// The ThoughtSpotOrg that a user in `namespace` belongs to.
pub fn joined_org(membership: &OrgMembership, namespace: &str) -> Key {
    Key::new(if membership.namespace.is_empty() { namespace } else { &membership.namespace }, &membership.name)
}

/// The folded names of a user: the one it is to have and the one it has.
pub fn user_names(user: &ThoughtSpotUser) -> BTreeSet<String> {
    user.names().iter().map(|name| fold_user_name(name)).collect()
}

/// Whether a group says anything about its members; the others share no edge with anybody.
pub fn has_members(group: &ThoughtSpotGroup) -> bool {
    let marked = group.status.as_ref().is_some_and(|status| !status.members.is_empty());
    marked || group.spec.members.is_some() || group.spec.membership.users == Membership::Exclusive
}

/// Whether a group declares a user a member: the ThoughtSpotUser of this key, or one of these folded names.
pub fn declares_member(group: &ThoughtSpotGroup, user: &Key, names: &BTreeSet<String>) -> bool {
    let members = group.spec.members.iter();
    let by_name = members.clone().flat_map(|m| &m.users).any(|name| names.contains(&fold_user_name(name)));
    let here = group.namespace().as_deref() == Some(&user.namespace);
    by_name || (here && members.flat_map(|m| &m.user_refs).any(|reference| reference.name == user.name))
}
