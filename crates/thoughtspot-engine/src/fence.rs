//! Until when whoever leads may write: the one word between the election, which renews, and everybody who writes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Writes begin only where they end before this replica may have a successor. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct Fence(Arc<Mutex<Bounds>>);

/// By when every write has to have ended; `None` where nothing bounds it.
#[derive(Debug)]
struct Bounds {
    lease: Option<Instant>,
    shut: Option<Instant>,
}

/// A write was not begun, since this replica may soon have a successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this replica may not write at the moment: its lease is not renewed")]
pub struct NotLeading;

impl Fence {
    /// For a replica that nobody can succeed while it runs.
    pub fn open() -> Fence {
        Fence::with(None)
    }

    /// For one that leads only once [`Fence::extend`] says so.
    pub fn closed() -> Fence {
        Fence::with(Some(Instant::now()))
    }

    fn with(lease: Option<Instant>) -> Fence {
        Fence(Arc::new(Mutex::new(Bounds { lease, shut: None })))
    }

    /// Whether a write may begin now that takes at most so long.
    ///
    /// # Errors
    ///
    /// [`NotLeading`] if somebody else may write before it ends.
    pub fn admit(&self, within: Duration) -> Result<(), NotLeading> {
        let end = Instant::now() + within;
        let bounds = self.bounds();
        let ends_before = |bound: Option<Instant>| bound.is_none_or(|bound| end <= bound);
        if ends_before(bounds.lease) && ends_before(bounds.shut) { Ok(()) } else { Err(NotLeading) }
    }

    /// The lease holds until then.
    pub fn extend(&self, until: Instant) {
        self.bounds().lease = Some(until);
    }

    /// Whatever is renewed: what has not ended by then does not begin. It is never taken back.
    pub fn shut(&self, by: Instant) {
        let mut bounds = self.bounds();
        bounds.shut = Some(bounds.shut.map_or(by, |before| before.min(by)));
    }

    fn bounds(&self) -> MutexGuard<'_, Bounds> {
        // Two words, set at once: they are sound whoever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Duration = Duration::from_secs(15);

    #[tokio::test(start_paused = true)]
    async fn a_write_begins_only_where_it_ends_within_the_lease() {
        let fence = Fence::closed();
        assert_eq!(fence.admit(WRITE), Err(NotLeading));
        fence.extend(Instant::now() + 2 * WRITE);
        tokio::time::advance(WRITE).await;
        assert_eq!(fence.admit(WRITE), Ok(()));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(fence.admit(WRITE), Err(NotLeading));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_shut_stays_shut_whatever_is_renewed() {
        for fence in [Fence::open(), Fence::closed()] {
            fence.shut(Instant::now() + WRITE);
            fence.extend(Instant::now() + 10 * WRITE);
            assert_eq!(fence.admit(WRITE), Ok(()));
            fence.shut(Instant::now());
            fence.shut(Instant::now() + 10 * WRITE);
            assert_eq!(fence.admit(WRITE), Err(NotLeading));
        }
    }

    #[tokio::test]
    async fn an_open_one_lets_everything_through() {
        assert_eq!(Fence::open().admit(Duration::from_secs(1_000_000)), Ok(()));
    }
}
