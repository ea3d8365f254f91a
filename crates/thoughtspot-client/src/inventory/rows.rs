//! The rows of a scope, by id and by name, and what differs between two lists of them.
//!
//! Invariant: no I/O, no clock.

use std::collections::HashMap;
use std::fmt::Debug;
use std::ops::Deref;
use std::sync::Arc;

use super::{Moved, Scope};
use crate::domain::{Lookup, OrgId};
use crate::error::Result;
use crate::port::{Page, PageOf, ThoughtSpot};
use crate::room::{Room, Taken, Weigh};

/// What a scope can hold.
pub(super) trait Row: Clone + Debug + PartialEq + Weigh + Send + Sync + 'static {
    /// Whether somebody may wait for one of a name that we are about to create ourselves.
    const TELLS_NEW_NAMES: bool;

    fn scope(org: OrgId) -> Scope;
    fn key(&self) -> String;
    fn name(&self) -> &str;
    /// The form of a name to compare by.
    fn fold(name: &str) -> String;
    fn is_in(&self, org: OrgId) -> bool;
    fn page(far: &dyn ThoughtSpot, org: OrgId, page: Page) -> impl Future<Output = Result<PageOf<Self>>> + Send;
    fn find(far: &dyn ThoughtSpot, org: OrgId, which: &Lookup<'_, str>) -> impl Future<Output = Result<Option<Self>>> + Send;
}

/// Rows by id and by folded name, and what they take of the room of all lists.
#[derive(Debug)]
pub(super) struct Rows<R> {
    by_id: ById<R>,
    by_name: HashMap<String, Arc<R>>,
    taken: Taken,
}

/// Rows by their ids.
pub(super) type ById<R> = HashMap<String, Arc<R>>;

/// Every row of a list, as it was read for whoever asked.
#[derive(Debug)]
pub struct Listed<R> {
    rows: Vec<R>,
    _taken: Taken,
}

impl<R> Deref for Listed<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        &self.rows
    }
}

impl<R: Row> Rows<R> {
    pub(super) fn new(room: &Arc<Room>) -> Self {
        Rows { by_id: HashMap::new(), by_name: HashMap::new(), taken: Taken::none_of(room) }
    }

    pub(super) fn find(&self, which: &Lookup<'_, str>) -> Option<&Arc<R>> {
        match which {
            Lookup::Id(id) => self.by_id.get(*id),
            Lookup::Name(name) => self.by_name.get(&R::fold(name)),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn by_id(&self) -> &ById<R> {
        &self.by_id
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.by_id.keys()
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    pub(super) fn clear(&mut self) {
        (self.by_id, self.by_name) = (HashMap::new(), HashMap::new());
        self.taken.shrink_to(0);
    }

    pub(super) fn all(&self) -> Arc<[Arc<R>]> {
        self.by_id.values().cloned().collect()
    }

    pub(super) fn into_listed(self) -> Listed<R> {
        let Rows { by_id, by_name, taken } = self;
        drop(by_name);
        Listed { rows: by_id.into_values().map(Arc::unwrap_or_clone).collect(), _taken: taken }
    }

    /// Puts a row in the place of the one with its id, which is returned. Whether there was room for it is the room's to say.
    pub(super) fn put(&mut self, row: Arc<R>) -> Option<Arc<R>> {
        // What is over is over: the row is there, and whoever put it has to see to it.
        let _ = self.taken.take(row.weight());
        let old = self.insert(row);
        if let Some(old) = &old {
            self.taken.give_back(old.weight());
        }
        old
    }

    fn insert(&mut self, row: Arc<R>) -> Option<Arc<R>> {
        let old = self.by_id.insert(row.key(), Arc::clone(&row));
        if let Some(old) = &old {
            self.unname(old);
        }
        self.by_name.insert(R::fold(row.name()), row);
        old
    }

    /// As [`Rows::put`], but what is as in the list before is that very row, and takes no room until [`Rows::outlive`].
    pub(super) fn put_read(&mut self, row: R, before: &ById<R>) -> Option<Arc<R>> {
        match before.get(&row.key()).filter(|old| ***old == row) {
            Some(same) => self.insert(Arc::clone(same)),
            None => self.put(Arc::new(row)),
        }
    }

    /// The list before is gone: what was its own is this one's.
    pub(super) fn outlive(&mut self) {
        self.taken.shrink_to(0);
        let _ = self.taken.take(self.by_id.values().map(|row| row.weight()).sum());
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Arc<R>> {
        let old = self.by_id.remove(id)?;
        self.taken.give_back(old.weight());
        self.unname(&old);
        Some(old)
    }

    /// The name may be another row's by now.
    fn unname(&mut self, row: &Arc<R>) {
        let name = R::fold(row.name());
        if self.by_name.get(&name).is_some_and(|named| named.key() == row.key()) {
            self.by_name.remove(&name);
        }
    }

    /// What is new, gone or different in `newer`.
    pub(super) fn moved(&self, newer: &Rows<R>, scope: Scope) -> Vec<Moved> {
        let gone = self.by_id.iter().filter(|(id, _)| !newer.has(id)).map(|(_, row)| moved(scope, row.as_ref()));
        let rest = newer.by_id.iter().flat_map(|(id, row)| changed(scope, self.by_id.get(id).map(Arc::as_ref), row));
        gone.chain(rest).collect()
    }
}

pub(super) fn moved<R: Row>(scope: Scope, row: &R) -> Moved {
    Moved { scope, id: row.key(), name: row.name().to_owned() }
}

/// What to tell of a row that was `old` and is `new`.
pub(super) fn changed<R: Row>(scope: Scope, old: Option<&R>, new: &R) -> Vec<Moved> {
    match old {
        Some(old) if old == new => Vec::new(),
        // Whoever knows it by its old name must hear of it too.
        Some(old) if old.name() != new.name() => vec![moved(scope, old), moved(scope, new)],
        Some(_) | None => vec![moved(scope, new)],
    }
}
