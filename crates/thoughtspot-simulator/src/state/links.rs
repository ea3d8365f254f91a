//! Who belongs to what: a many-to-many relation that can be read from both ends.

use std::collections::{BTreeMap, BTreeSet};

/// Pairs of a member and the whole it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Links<Member, Whole> {
    wholes: BTreeMap<Member, BTreeSet<Whole>>,
    members: BTreeMap<Whole, BTreeSet<Member>>,
}

impl<Member, Whole> Default for Links<Member, Whole> {
    fn default() -> Self {
        Self { wholes: BTreeMap::new(), members: BTreeMap::new() }
    }
}

impl<Member: Ord + Copy, Whole: Ord + Copy> Links<Member, Whole> {
    pub(crate) fn join(&mut self, member: Member, whole: Whole) {
        self.wholes.entry(member).or_default().insert(whole);
        self.members.entry(whole).or_default().insert(member);
    }

    pub(crate) fn leave(&mut self, member: Member, whole: Whole) {
        if let Some(wholes) = self.wholes.get_mut(&member) {
            wholes.remove(&whole);
        }
        if let Some(members) = self.members.get_mut(&whole) {
            members.remove(&member);
        }
    }

    pub(crate) fn holds(&self, member: Member, whole: Whole) -> bool {
        self.wholes.get(&member).is_some_and(|wholes| wholes.contains(&whole))
    }

    /// What `member` belongs to.
    pub(crate) fn wholes_of(&self, member: Member) -> BTreeSet<Whole> {
        self.wholes.get(&member).cloned().unwrap_or_default()
    }

    /// Who belongs to `whole`.
    pub(crate) fn members_of(&self, whole: Whole) -> BTreeSet<Member> {
        self.members.get(&whole).cloned().unwrap_or_default()
    }

    /// Makes `members` all that belong to `whole`.
    pub(crate) fn set_members(&mut self, whole: Whole, members: &BTreeSet<Member>) {
        self.drop_whole(whole);
        for member in members {
            self.join(*member, whole);
        }
    }

    pub(crate) fn drop_member(&mut self, member: Member) {
        for whole in self.wholes_of(member) {
            self.leave(member, whole);
        }
        self.wholes.remove(&member);
    }

    pub(crate) fn drop_whole(&mut self, whole: Whole) {
        for member in self.members_of(whole) {
            self.leave(member, whole);
        }
        self.members.remove(&whole);
    }
}

/// What an update does with the lists it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Operation {
    /// The named ones join those that are there.
    Add,
    /// The named ones leave.
    Remove,
    /// The named ones are all that remain.
    Replace,
}

impl Operation {
    /// The set after the operation.
    pub(crate) fn apply<T: Ord + Copy>(self, current: &BTreeSet<T>, named: &BTreeSet<T>) -> BTreeSet<T> {
        match self {
            Self::Add => current.union(named).copied().collect(),
            Self::Remove => current.difference(named).copied().collect(),
            Self::Replace => named.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Links, Operation};
    use std::collections::BTreeSet;

    #[test]
    fn both_ends_always_agree() {
        let mut links = Links::default();
        links.join(1, 'a');
        links.join(2, 'a');
        links.join(2, 'b');
        links.drop_whole('a');
        assert_eq!(links.wholes_of(1), BTreeSet::new());
        assert_eq!(links.wholes_of(2), BTreeSet::from(['b']));
        links.drop_member(2);
        assert_eq!(links.members_of('b'), BTreeSet::new());
    }

    #[test]
    fn an_operation_adds_removes_or_replaces() {
        let (current, named) = (BTreeSet::from([1, 2]), BTreeSet::from([2, 3]));
        for (operation, expected) in
            [(Operation::Add, vec![1, 2, 3]), (Operation::Remove, vec![1]), (Operation::Replace, vec![2, 3])]
        {
            assert_eq!(operation.apply(&current, &named), BTreeSet::from_iter(expected), "{operation:?}");
        }
    }
}
