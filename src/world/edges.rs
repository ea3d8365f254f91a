//! Whom a change of who is declared in which group wakes: the resources of the other end.

use kube::ResourceExt;
use thoughtspot_client::domain::fold_user_name;
use thoughtspot_crds::{ThoughtSpotGroup, ThoughtSpotUser};
use thoughtspot_engine::cache::{Key, Moved};

use super::{World, words};
use crate::managed::ManagedResource;

impl World {
    /// A user changed: groups of which somebody declares members wait for it, share edges with it, or are to have no others.
    pub(super) fn user_edges_moved(&self, moved: &Moved<'_, ThoughtSpotUser>) {
        let read = |user: &ThoughtSpotUser| {
            let status = user.status.clone().unwrap_or_default();
            (user.metadata.generation, status.id, status.object.name, status.orgs)
        };
        if moved.before.map(|user| read(user)) == moved.after.map(|user| read(user)) {
            return;
        }
        for user in moved.before.into_iter().chain(moved.after) {
            let namespace = user.namespace().unwrap_or_default();
            let mut about = vec![words::user_ref(moved.key)];
            about.extend(words::user_names(user).iter().map(|name| words::member(name)));
            about.extend(user.spec.orgs.iter().flat_map(|org| &org.groups).map(|name| words::name(name)));
            about.extend(user.status.iter().flat_map(|status| &status.orgs).flat_map(|owned| &owned.groups).map(words::id));
            let named = user.spec.orgs.iter().flat_map(|org| &org.group_refs).map(|group| Key::new(&namespace, &group.name));
            let concerned = about.iter().flat_map(|word| self.groups.keys_under(word)).chain(named);
            concerned
                .filter(|key| self.groups.get(key).is_some_and(|group| words::has_members(&group)))
                .for_each(|key| self.wakers.groups.wake(&key));
        }
    }

    /// A group changed: those it names as members, and those it added, share edges with it.
    pub(super) fn group_edges_moved(&self, moved: &Moved<'_, ThoughtSpotGroup>) {
        let read = |group: &ThoughtSpotGroup| {
            let status = group.status.clone().unwrap_or_default();
            (group.metadata.generation, status.id, status.object.name, status.members)
        };
        if moved.before.map(|group| read(group)) == moved.after.map(|group| read(group)) {
            return;
        }
        for group in moved.before.into_iter().chain(moved.after) {
            let namespace = group.namespace().unwrap_or_default();
            let members = group.spec.members.iter();
            for reference in members.clone().flat_map(|members| &members.user_refs) {
                self.wakers.users.wake(&Key::new(&namespace, &reference.name));
            }
            let mut about: Vec<String> =
                members.flat_map(|members| &members.users).map(|name| words::name(&fold_user_name(name))).collect();
            about.extend(group.status.iter().flat_map(|status| &status.members).map(words::id));
            // Its grants may have changed: whoever joins it, by name or by a resource that shows it, may have to leave or may come in.
            about.extend(group.names().iter().map(|name| words::joins(name)));
            let shown_by = group.common().id.map(|id| self.groups.keys_under(&words::id(id))).unwrap_or_default();
            about.extend(shown_by.iter().map(words::group_ref));
            about.iter().for_each(|word| self.wake_under(&self.users, &self.wakers.users, word));
        }
    }
}
