//! How the world was before the latest writes, for searches that do not show them yet.

use crate::state::World;
use std::collections::VecDeque;
use std::sync::Arc;

/// Worlds, each with the time of the write that ended it, in milliseconds since 1970.
#[derive(Default)]
pub(crate) struct History(VecDeque<(i64, Arc<World>)>);

impl History {
    /// Keeps the world as it is before a write.
    pub(crate) fn keep(&mut self, world: &World, now: i64) {
        self.0.push_back((now, Arc::new(world.clone())));
    }

    /// The world of `delay` milliseconds ago; none when nothing was written since.
    pub(crate) fn before(&mut self, delay: u32, now: i64) -> Option<Arc<World>> {
        let shown = now - i64::from(delay);
        while self.0.front().is_some_and(|(ended, _)| *ended <= shown) {
            self.0.pop_front();
        }
        self.0.front().map(|(_, world)| world.clone())
    }
}
