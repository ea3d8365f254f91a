//! Who is in a group, as the resources of both ends have it. Pure.
//!
//! An edge, "this user is in that group", may be declared by the ThoughtSpotUser and by the ThoughtSpotGroup. What is declared is the union of
//! both. An edge is ours if a resource of ours added it and remembers so in status: its *mark*. Whoever declares an edge that the other
//! end has marked marks it too, so that the mark outlives the first. An edge of ours goes when nobody declares it any more.

use std::collections::BTreeSet;

/// What the resources of the other end say of the edges of one user, or of one group. The ids are those of the other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherEnd {
    pub declared: BTreeSet<String>,
    pub marked: BTreeSet<String>,
}

/// The edges of one user in one Org, or of one group, as its own resource has them. The ids are those of the other end.
#[derive(Clone, Copy, Debug)]
pub struct Edges<'a> {
    pub declared: &'a BTreeSet<String>,
    /// Those that this resource added, or inherited.
    pub marked: &'a BTreeSet<String>,
    pub others: &'a OtherEnd,
    /// Those that exist.
    pub now: &'a BTreeSet<String>,
}

impl Edges<'_> {
    /// Those that are declared and do not exist.
    pub fn to_join(&self) -> BTreeSet<String> {
        self.declared.difference(self.now).cloned().collect()
    }

    /// Those of ours that nobody declares any more; with `exclusive`, whosever they are.
    pub fn to_leave(&self, exclusive: bool) -> BTreeSet<String> {
        let undeclared = self.now.iter().filter(|id| !self.declared.contains(*id) && !self.others.declared.contains(*id));
        undeclared.filter(|id| exclusive || self.marked.contains(*id)).cloned().collect()
    }

    /// What to remember: our marks, and those of the other end on what is declared here as well. One on what is not declared here any more is kept
    /// until the edge is gone, so that two ends which let go at the same time cannot both leave it to the other; one on what is declared is
    /// kept even then, since a view may be behind our own write.
    pub fn marks(&self) -> BTreeSet<String> {
        let kept = self.marked.iter().filter(|id| self.now.contains(*id) || self.declared.contains(*id));
        let inherited = self.declared.intersection(&self.others.marked).filter(|id| self.now.contains(*id));
        kept.chain(inherited).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    /// What becomes of one edge, `x`, that exists.
    #[track_caller]
    fn check(here: (bool, bool), there: (bool, bool), exclusive: bool, leaves: bool, marked: bool) {
        let only_if = |said: bool| if said { set(&["x"]) } else { set(&[]) };
        let others = OtherEnd { declared: only_if(there.0), marked: only_if(there.1) };
        let (declared, marks, now) = (only_if(here.0), only_if(here.1), set(&["x"]));
        let edges = Edges { declared: &declared, marked: &marks, others: &others, now: &now };
        let case = format!("declared, marked: here {here:?}, there {there:?}, exclusive {exclusive}");
        assert_eq!(edges.to_leave(exclusive) == set(&["x"]), leaves, "{case}");
        assert_eq!(edges.marks() == set(&["x"]), marked, "{case}");
        assert!(edges.to_join().is_empty(), "{case}");
    }

    #[test]
    fn an_edge_of_ours_goes_when_the_last_one_lets_go() {
        check((true, true), (false, false), false, false, true);
        check((false, true), (true, true), false, false, true);
        check((false, true), (true, false), false, false, true);
        check((false, true), (false, true), false, true, true);
        check((false, true), (false, false), false, true, true);
    }

    #[test]
    fn what_others_assigned_stays_unless_the_declaration_is_exclusive() {
        check((false, false), (false, false), false, false, false);
        check((true, false), (false, false), false, false, false);
        check((false, false), (false, false), true, true, false);
    }

    #[test]
    fn the_second_to_declare_inherits_the_mark() {
        check((true, false), (true, true), false, false, true);
        check((true, false), (false, true), false, false, true);
        check((false, false), (true, true), false, false, false);
    }

    #[test]
    fn exclusive_means_the_union() {
        check((false, false), (true, true), true, false, false);
        check((false, false), (true, false), true, false, false);
    }

    #[test]
    fn what_is_declared_and_absent_is_joined_and_a_mark_on_what_is_neither_is_forgotten() {
        let (declared, marked, now) = (set(&["a", "b", "d"]), set(&["a", "c"]), set(&["b"]));
        let others = OtherEnd { declared: set(&[]), marked: set(&["d"]) };
        let edges = Edges { declared: &declared, marked: &marked, others: &others, now: &now };
        assert_eq!((edges.to_join(), edges.to_leave(false), edges.marks()), (set(&["a", "d"]), set(&[]), set(&["a"])));
    }
}
