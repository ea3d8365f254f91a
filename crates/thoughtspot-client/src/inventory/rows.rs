//! The rows of a scope, by id and by name, and what differs between two lists of them.
//!
//! Invariant: no I/O, no clock.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;

use super::{Moved, Scope};
use crate::domain::{Lookup, OrgId};
use crate::error::Result;
use crate::port::{Page, PageOf, ThoughtSpot};

/// What a scope can hold.
pub(super) trait Row: Clone + Debug + PartialEq + Send + Sync + 'static {
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

/// Rows by id and by folded name.
#[derive(Debug)]
pub(super) struct Rows<R> {
    by_id: HashMap<String, Arc<R>>,
    by_name: HashMap<String, Arc<R>>,
}

impl<R> Default for Rows<R> {
    fn default() -> Self {
        Rows { by_id: HashMap::new(), by_name: HashMap::new() }
    }
}

impl<R: Row> Rows<R> {
    pub(super) fn find(&self, which: &Lookup<'_, str>) -> Option<&Arc<R>> {
        match which {
            Lookup::Id(id) => self.by_id.get(*id),
            Lookup::Name(name) => self.by_name.get(&R::fold(name)),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.by_id.keys()
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    pub(super) fn to_vec(&self) -> Vec<R> {
        self.by_id.values().map(|row| R::clone(row)).collect()
    }

    /// The rows themselves, and no copies.
    pub(super) fn shared(&self) -> Arc<[Arc<R>]> {
        self.by_id.values().cloned().collect()
    }

    /// Puts a row in the place of the one with its id, which is returned.
    pub(super) fn put(&mut self, row: Arc<R>) -> Option<Arc<R>> {
        let old = self.by_id.insert(row.key(), Arc::clone(&row));
        if let Some(old) = &old {
            self.unname(old);
        }
        self.by_name.insert(R::fold(row.name()), row);
        old
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Arc<R>> {
        let old = self.by_id.remove(id)?;
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

impl<R: Row> FromIterator<Arc<R>> for Rows<R> {
    fn from_iter<I: IntoIterator<Item = Arc<R>>>(rows: I) -> Self {
        let mut all = Rows::default();
        for row in rows {
            all.put(row);
        }
        all
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
