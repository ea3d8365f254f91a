//! Which passes run, and since when: a pass has deadlines, so one that runs for very long is stuck where none of them reaches. How each
//! ended goes to metrics and traces from here.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::outcome::Outcome;
use crate::{meter, span};

/// A pass and its report are given up well before this.
const STUCK: Duration = Duration::from_secs(180);

/// The passes of all kinds. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Running(Arc<Mutex<Passes>>);

#[derive(Debug, Default)]
struct Passes {
    /// Numbers the passes.
    begun: u64,
    since: HashMap<u64, (Cow<'static, str>, Instant)>,
}

/// A pass that runs until this is dropped; it counts as given up where that is before [`Run::ended`].
pub(crate) struct Run {
    running: Running,
    number: u64,
    kind: Cow<'static, str>,
    began: Instant,
    outcome: Outcome,
}

impl Running {
    /// Begins a pass over an object of this kind. Its end is told to the span that is current then.
    pub(crate) fn begin(&self, kind: Cow<'static, str>) -> Run {
        let began = Instant::now();
        let mut passes = self.passes();
        passes.begun += 1;
        let number = passes.begun;
        passes.since.insert(number, (kind.clone(), began));
        Run { running: self.clone(), number, kind, began, outcome: Outcome::GIVEN_UP }
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

impl Run {
    pub(crate) fn ended(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.running.passes().since.remove(&self.number);
        span::ended(self.outcome);
        meter::pass(self.kind.clone(), self.outcome, self.began.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pass_that_runs_for_longer_than_any_deadline_is_stuck_until_it_ends() {
        let running = Running::default();
        let pass = running.begin("Thing".into());
        drop(running.begin("Other".into()));
        assert_eq!([running.count("Thing"), running.count("Other")], [1, 0]);
        tokio::time::advance(STUCK).await;
        assert!(running.stuck().is_empty());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(running.stuck(), ["a pass over a Thing has run for 181 s"]);
        drop(pass);
        assert!(running.stuck().is_empty());
    }
}
