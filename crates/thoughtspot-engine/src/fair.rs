//! Whose pass is next. Pure.
//!
//! Each lane has places of its own: passes that hang hold up nobody in another. Within a lane namespaces take turns: however many wait in
//! one, whoever comes in another waits for one pass of each namespace at most. Within a namespace, first come, first served.

use std::collections::{HashMap, VecDeque};

use crate::cache::Key;

/// How many passes run at once in a lane.
pub(crate) const IN_LANE: usize = 16;
/// How many in all lanes of a kind, so that nobody gains by making up lanes.
pub(crate) const IN_ALL: usize = 256;

/// Those that wait for their pass, and how many run.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    lanes: HashMap<String, Lane>,
    /// The lanes that have both somebody who waits and a place, in the order of their turns.
    turns: VecDeque<String>,
    running: usize,
}

#[derive(Debug, Default)]
struct Lane {
    running: usize,
    waiting: HashMap<String, VecDeque<Key>>,
    /// The namespaces of those who wait, in the order of their turns.
    turns: VecDeque<String>,
}

impl Queue {
    /// One more who waits. Whoever waits already must not be added again.
    pub(crate) fn push(&mut self, lane: String, key: Key) {
        let waits = self.lanes.entry(lane.clone()).or_default();
        let idle = waits.turns.is_empty();
        waits.push(key);
        if idle && waits.running < IN_LANE {
            self.turns.push_back(lane);
        }
    }

    /// Who begins now, and in which lane, until [`Queue::done`]; `None` while nobody waits who has a place.
    pub(crate) fn next(&mut self) -> Option<(String, Key)> {
        if self.running >= IN_ALL {
            return None;
        }
        let name = self.turns.pop_front()?;
        let lane = self.lanes.get_mut(&name)?;
        let key = lane.pop()?;
        lane.running += 1;
        self.running += 1;
        if !lane.turns.is_empty() && lane.running < IN_LANE {
            self.turns.push_back(name.clone());
        }
        Some((name, key))
    }

    /// A pass of this lane has ended.
    pub(crate) fn done(&mut self, name: &str) {
        let Some(lane) = self.lanes.get_mut(name) else { return };
        let was_full = lane.running == IN_LANE;
        lane.running -= 1;
        self.running -= 1;
        if lane.turns.is_empty() {
            if lane.running == 0 {
                self.lanes.remove(name);
            }
        } else if was_full {
            self.turns.push_back(name.to_owned());
        }
    }
}

impl Lane {
    fn push(&mut self, key: Key) {
        let waiting = self.waiting.entry(key.namespace.clone()).or_default();
        if waiting.is_empty() {
            self.turns.push_back(key.namespace.clone());
        }
        waiting.push_back(key);
    }

    fn pop(&mut self) -> Option<Key> {
        let namespace = self.turns.pop_front()?;
        let waiting = self.waiting.get_mut(&namespace)?;
        let key = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(&namespace);
        } else {
            self.turns.push_back(namespace);
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn crowd(queue: &mut Queue, lane: &str, namespace: &str, size: usize) {
        (0..size).for_each(|n| queue.push(lane.to_owned(), Key::new(namespace, n.to_string())));
    }

    fn begin(queue: &mut Queue) -> Vec<(String, Key)> {
        std::iter::from_fn(|| queue.next()).collect()
    }

    #[test]
    fn a_lane_whose_passes_hang_holds_up_no_other() {
        let mut queue = Queue::default();
        crowd(&mut queue, "hangs", "many", 1_000);
        assert_eq!(begin(&mut queue).len(), IN_LANE);
        crowd(&mut queue, "works", "few", 100);
        assert_eq!(begin(&mut queue).len(), IN_LANE, "nothing that hangs has ended");
        for left in (0..100 - IN_LANE).rev() {
            queue.done("works");
            assert_eq!(begin(&mut queue), [("works".to_owned(), Key::new("few", (99 - left).to_string()))]);
        }
    }

    #[test]
    fn whoever_comes_after_fifty_thousand_of_another_namespace_is_next() {
        let mut queue = Queue::default();
        crowd(&mut queue, "lane", "many", 50_000);
        begin(&mut queue);
        crowd(&mut queue, "lane", "few", 2);
        let mut order = Vec::new();
        for _ in 0..5 {
            queue.done("lane");
            order.extend(begin(&mut queue).into_iter().map(|(_, key)| key.namespace));
        }
        assert_eq!(order, ["many", "few", "many", "few", "many"]);
    }

    #[test]
    fn lanes_that_somebody_makes_up_have_a_bound_and_take_turns_with_others() {
        let mut queue = Queue::default();
        (0..50_000).for_each(|n| crowd(&mut queue, &format!("made up {n}"), "many", 1));
        let running = begin(&mut queue);
        assert_eq!(running.len(), IN_ALL);
        assert_eq!(queue.next(), None);
        running.iter().for_each(|(lane, _)| queue.done(lane));
        assert_eq!(begin(&mut queue).len(), IN_ALL);
    }

    proptest! {
        /// Whatever comes and ends in whatever order: everybody gets their turn, no lane has more than its places, and nothing is kept of
        /// those who are done.
        #[test]
        fn everybody_has_a_turn_and_no_lane_more_than_its_places(steps in prop::collection::vec((0..3u8, 0..3u8, 0..40u8), 0..60)) {
            let mut queue = Queue::default();
            let (mut pushed, mut begun) = (0usize, 0usize);
            let mut running: Vec<String> = Vec::new();
            for (lane, namespace, many) in steps {
                for _ in 0..many {
                    queue.push(format!("lane {lane}"), Key::new(format!("namespace {namespace}"), pushed.to_string()));
                    pushed += 1;
                }
                for (lane, _) in begin(&mut queue) {
                    running.push(lane);
                    begun += 1;
                }
                for lane in 0..3 {
                    let name = format!("lane {lane}");
                    prop_assert!(running.iter().filter(|other| **other == name).count() <= IN_LANE);
                }
                let half = running.len() / 2;
                running.drain(..half).for_each(|lane| queue.done(&lane));
            }
            while !running.is_empty() {
                running.drain(..).for_each(|lane| queue.done(&lane));
                running.extend(begin(&mut queue).into_iter().map(|(lane, _)| lane));
                begun += running.len();
            }
            prop_assert_eq!(begun, pushed);
            prop_assert!(queue.lanes.is_empty() && queue.turns.is_empty() && queue.running == 0);
        }
    }
}
