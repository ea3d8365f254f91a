//! What lists take of memory: all those of one ThoughtSpot together have a bound, whatever is in their rows.
//!
//! A bound on rows would not do, nor one on the length of an answer: some rows are long, and there is no end to the answers that a broken
//! or hostile server has. Pure but for a counter.

use std::fmt;
use std::mem::size_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::domain::{Group, Org, OrgId, Preferences, Provenance, Role, User};

/// What an allocation takes beside what is in it.
const ALLOCATION: usize = 16;
/// What a row takes beside its texts and sets, wherever it is kept.
pub(crate) const ROW: usize = 512;
/// What one takes to be found by its id and by its name.
const INDEXED: usize = 256;

/// What all lists of one ThoughtSpot may take, and do.
#[derive(Debug)]
pub struct Room {
    most: usize,
    taken: AtomicUsize,
}

/// A part of a [`Room`], for as long as it lives.
#[derive(Debug)]
pub struct Taken {
    room: Arc<Room>,
    bytes: usize,
}

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    most: usize,
}

/// What takes memory: estimated, and rather too high.
pub(crate) trait Weigh {
    /// In bytes, with itself.
    fn weight(&self) -> usize;
}

impl Room {
    /// For so many bytes.
    pub fn new(most: usize) -> Arc<Room> {
        Arc::new(Room { most, taken: AtomicUsize::new(0) })
    }

    /// One of its own, of the same size.
    pub(crate) fn another(&self) -> Arc<Room> {
        Room::new(self.most)
    }

    /// Whether all of it is taken, and more.
    pub(crate) fn is_full(&self) -> bool {
        self.taken.load(Ordering::Relaxed) > self.most
    }

    /// Whether more is taken than is left.
    pub(crate) fn is_short(&self) -> bool {
        self.taken.load(Ordering::Relaxed) > self.most / 2
    }

    pub(crate) fn full(&self) -> Full {
        Full { most: self.most }
    }
}

impl Taken {
    pub(crate) fn none_of(room: &Arc<Room>) -> Taken {
        Taken { room: Arc::clone(room), bytes: 0 }
    }

    /// Takes more, also of what is not there: whoever is told so gives all of it back.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Full> {
        self.room.taken.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        if self.room.is_full() { Err(self.room.full()) } else { Ok(()) }
    }

    /// Gives back all but so many.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        self.give_back(self.bytes.saturating_sub(bytes));
    }

    pub(crate) fn give_back(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.room.taken.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.give_back(self.bytes);
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "all lists of this ThoughtSpot would take more than {} MiB of memory", self.most >> 20)
    }
}

/// What a text takes beside its own place.
pub(crate) fn text(text: &str) -> usize {
    if text.is_empty() { 0 } else { text.len().max(ALLOCATION) + ALLOCATION }
}

/// As [`text`], for what may be none.
pub(crate) fn maybe(of: Option<&String>) -> usize {
    of.map_or(0, |of| text(of))
}

/// What a set takes beside its own place: its nodes have room for eleven, and are half full at the least.
pub(crate) fn set<'a>(texts: impl IntoIterator<Item = &'a String>) -> usize {
    let each = |bytes: usize, one: &String| bytes + 2 * size_of::<String>() + ALLOCATION + text(one);
    nodes(texts.into_iter().fold(0, each), size_of::<String>())
}

/// At least one node, if there is anything.
fn nodes(bytes: usize, each: usize) -> usize {
    if bytes == 0 { 0 } else { bytes.max(12 * each + ALLOCATION) }
}

fn provenance(of: &Provenance) -> usize {
    let Provenance { author, created: _ } = of;
    maybe(author.as_ref())
}

impl Weigh for User {
    fn weight(&self) -> usize {
        let User {
            id,
            name,
            display_name,
            email,
            account_type,
            account_status,
            visibility: _,
            preferences,
            modified_by,
            orgs,
            groups,
            privileges,
            protected: _,
            provenance: by,
        } = self;
        let Preferences { locale, use_browser_language: _, notify_on_share: _, show_onboarding: _ } = preferences;
        let texts = [id, name, display_name, email, account_type, account_status].map(|one| text(one)).iter().sum::<usize>();
        // Its id and its name are keys as well.
        let keys = text(id) + text(name);
        let sets = nodes(orgs.len() * 3 * size_of::<OrgId>(), size_of::<OrgId>()) + set(groups) + set(privileges);
        let others = [locale, modified_by].map(|one| maybe(one.as_ref())).iter().sum::<usize>();
        size_of::<User>() + INDEXED + texts + keys + sets + others + provenance(by)
    }
}

impl Weigh for Group {
    fn weight(&self) -> usize {
        let Group {
            id,
            name,
            display_name,
            description,
            visibility: _,
            privileges,
            sub_groups,
            roles,
            default_liveboards,
            protected: _,
            provenance: by,
        } = self;
        let texts = [id, name, display_name, description].map(|one| text(one)).iter().sum::<usize>();
        let keys = text(id) + text(name);
        let sets = [privileges, sub_groups, default_liveboards].into_iter().chain(roles).map(set).sum::<usize>();
        size_of::<Group>() + INDEXED + texts + keys + sets + provenance(by)
    }
}

impl Weigh for Org {
    fn weight(&self) -> usize {
        let Org { id: _, name, description, active: _ } = self;
        size_of::<Org>() + INDEXED + 2 * text(name) + text(description)
    }
}

impl Weigh for Role {
    fn weight(&self) -> usize {
        let Role { id, name, privileges } = self;
        size_of::<Role>() + text(id) + text(name) + set(privileges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back_by_whoever_is_dropped() {
        let room = Room::new(100);
        let mut one = Taken::none_of(&room);
        assert_eq!(one.take(60), Ok(()));
        assert!(!room.is_full() && room.is_short());
        let mut other = Taken::none_of(&room);
        assert_eq!(other.take(60), Err(Full { most: 100 }));
        assert!(room.is_full());
        drop(other);
        assert!(!room.is_full());
        one.give_back(1_000);
        assert_eq!((one.bytes, room.taken.load(Ordering::Relaxed)), (0, 0), "no more than it has");
    }
}
