//! Which passes run, and since when: a pass has deadlines, so one that runs for very long is stuck where none of them reaches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A pass and its report are given up well before this.
const STUCK: Duration = Duration::from_secs(180);

/// The passes of all kinds. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Running(Arc<Mutex<Passes>>);

#[derive(Debug, Default)]
struct Passes {
    /// Numbers the passes.
    begun: u64,
    since: HashMap<u64, (String, Instant)>,
}

/// A pass that runs until this is dropped, however it ends.
pub(crate) struct Run {
    running: Running,
    number: u64,
}

impl Running {
    pub(crate) fn begin(&self, kind: String) -> Run {
        let mut passes = self.passes();
        passes.begun += 1;
        let number = passes.begun;
        passes.since.insert(number, (kind, Instant::now()));
        Run { running: self.clone(), number }
    }

    /// How many there are of a kind.
    pub fn count(&self, kind: &str) -> usize {
        self.passes().since.values().filter(|(of, _)| of == kind).count()
    }

    /// What is stuck, a line each: the kind only, since whoever reads this need not be one who may see the object.
    pub fn stuck(&self) -> Vec<String> {
        let passes = self.passes();
        let stuck = passes.since.values().filter(|(_, since)| since.elapsed() > STUCK);
        stuck.map(|(kind, since)| format!("a pass over a {kind} has run for {} s", since.elapsed().as_secs())).collect()
    }

    fn passes(&self) -> MutexGuard<'_, Passes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.running.passes().since.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pass_that_runs_for_longer_than_any_deadline_is_stuck_until_it_ends() {
        let running = Running::default();
        let pass = running.begin("Thing".to_owned());
        drop(running.begin("Other".to_owned()));
        assert_eq!([running.count("Thing"), running.count("Other")], [1, 0]);
        tokio::time::advance(STUCK).await;
        assert!(running.stuck().is_empty());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(running.stuck(), ["a pass over a Thing has run for 181 s"]);
        drop(pass);
        assert!(running.stuck().is_empty());
    }
}
