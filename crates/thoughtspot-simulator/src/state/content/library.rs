//! Where all content is kept, and what points at it.

use super::super::links::Links;
use super::super::user::TSADMIN;
use super::super::{Actor, World};
use super::Content;
use crate::settings::ContentOfDeletedUser;
use std::collections::BTreeMap;
use uuid::Uuid;

/// All content, and what points at it.
#[derive(Clone, Default)]
pub(crate) struct Library {
    pub(crate) objects: BTreeMap<Uuid, Content>,
    /// Ids that users chose: for content, groups, roles.
    pub(crate) object_ids: BTreeMap<Uuid, String>,
    /// Objects, and the users whose favourites they are.
    pub(crate) favorites: Links<Uuid, Uuid>,
    /// The Liveboard a user sees first.
    pub(crate) homes: BTreeMap<Uuid, Uuid>,
    /// Liveboards, and the groups whose members see them first.
    pub(crate) defaults: Links<Uuid, Uuid>,
    /// Users and groups, and the tables on which they may coach Spotter.
    pub(crate) coaches: Links<Uuid, Uuid>,
    /// Objects, and the Orgs they are published to.
    pub(crate) published: Links<Uuid, i32>,
}

impl Library {
    /// Takes an object away, and whatever pointed at it.
    pub(crate) fn erase(&mut self, id: Uuid) {
        self.objects.remove(&id);
        self.object_ids.remove(&id);
        self.favorites.drop_member(id);
        self.homes.retain(|_, home| *home != id);
        self.defaults.drop_member(id);
        self.coaches.drop_whole(id);
        self.published.drop_member(id);
    }

    /// A user or group is gone: nothing is shared with it any more.
    fn forget_principal(&mut self, id: Uuid) {
        for object in self.objects.values_mut() {
            object.shares.remove(&id);
        }
        self.object_ids.remove(&id);
        self.coaches.drop_member(id);
    }
}

impl World {
    /// A user is gone. What it made stays, with an author who is no more, unless the settings give it to tsadmin.
    pub(crate) fn content_without_user(&mut self, actor: &Actor<'_>, user: Uuid) {
        self.library.forget_principal(user);
        self.library.favorites.drop_whole(user);
        self.library.homes.remove(&user);
        if actor.settings.content_of_deleted_user == ContentOfDeletedUser::MovesToTsadmin {
            for object in self.library.objects.values_mut().filter(|object| object.author == user) {
                object.author = TSADMIN;
            }
        }
    }

    /// A group is gone.
    pub(crate) fn content_without_group(&mut self, group: Uuid) {
        self.library.forget_principal(group);
        self.library.defaults.drop_whole(group);
        for object in self.library.objects.values_mut() {
            if let super::Body::Column(column) = &mut object.body
                && let Some(groups) = &mut column.secured_for
            {
                groups.remove(&group);
            }
        }
    }

    /// An Org is gone, and with it all of its content.
    pub(crate) fn content_without_org(&mut self, org: i32) {
        let ids: Vec<Uuid> = self.library.objects.values().filter(|object| object.org == org).map(|object| object.id).collect();
        for id in ids {
            self.library.erase(id);
        }
        self.library.published.drop_whole(org);
    }

    /// A tag is gone, from every object.
    pub(crate) fn content_without_tag(&mut self, tag: Uuid) {
        for object in self.library.objects.values_mut() {
            object.tags.remove(&tag);
        }
    }
}
