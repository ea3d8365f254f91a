//! Users by id, and by name as names are compared: a search among many thousands for each sign-in, create or look would take most of the time.

use super::user::User;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Deref;
use uuid::Uuid;

/// All users. What reads them sees a map by id.
#[derive(Clone, Default)]
pub(crate) struct People {
    by_id: BTreeMap<Uuid, User>,
    /// By name in small letters: where case counts, several may be found under one.
    by_name: HashMap<String, BTreeSet<Uuid>>,
}

impl Deref for People {
    type Target = BTreeMap<Uuid, User>;

    fn deref(&self) -> &Self::Target {
        &self.by_id
    }
}

impl People {
    pub(crate) fn insert(&mut self, id: Uuid, user: User) {
        self.remove(&id);
        self.by_name.entry(user.name.to_lowercase()).or_default().insert(id);
        self.by_id.insert(id, user);
    }

    pub(crate) fn remove(&mut self, id: &Uuid) {
        let Some(user) = self.by_id.remove(id) else { return };
        self.unname(id, &user.name);
    }

    /// Everything of a user may be changed but its name, for which there is [`People::rename`].
    pub(crate) fn get_mut(&mut self, id: &Uuid) -> Option<&mut User> {
        self.by_id.get_mut(id)
    }

    /// As [`People::get_mut`], of all.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut User> {
        self.by_id.values_mut()
    }

    pub(crate) fn rename(&mut self, id: Uuid, name: String) {
        let Some(user) = self.by_id.get_mut(&id) else { return };
        let before = std::mem::replace(&mut user.name, name.clone());
        self.unname(&id, &before);
        self.by_name.entry(name.to_lowercase()).or_default().insert(id);
    }

    /// Whoever may be meant by a name, whatever its case.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &User> {
        let ids = self.by_name.get(&name.to_lowercase());
        ids.into_iter().flatten().filter_map(|id| self.by_id.get(id))
    }

    fn unname(&mut self, id: &Uuid, name: &str) {
        let name = name.to_lowercase();
        if let Some(ids) = self.by_name.get_mut(&name) {
            ids.remove(id);
            if ids.is_empty() {
                self.by_name.remove(&name);
            }
        }
    }
}
