//! Everything that changes while the simulator runs, behind one lock.

use crate::clock::Clock;
use crate::faults::Faults;
use crate::history::History;
use crate::journal::{Counters, Journal};
use crate::rate::Bucket;
use crate::sessions::Sessions;
use crate::settings::Settings;
use crate::state::dump::Dump;
use crate::state::load::BadSeed;
use crate::state::seed::Credentials;
use crate::state::user::TSADMIN;
use crate::state::{Actor, PRIMARY, World};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Everything that changes while the simulator runs.
pub(crate) struct Core {
    pub(crate) world: World,
    pub(crate) sessions: Sessions,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) bucket: Bucket,
    pub(crate) history: History,
    /// How all of it was at the start.
    start: (Credentials, Settings),
    /// What was in the world at the start beyond what is built in.
    seed: Option<Dump>,
}

/// The one lock around it.
pub(crate) struct Shared(Mutex<Core>);

impl Core {
    /// A new ThoughtSpot, as at the start.
    fn new(start: (Credentials, Settings)) -> Self {
        let clock = Clock::default();
        Self {
            world: World::new(&start.0, &start.1, clock.now()),
            sessions: Sessions::default(),
            settings: start.1.clone(),
            clock,
            journal: Journal::default(),
            faults: Faults::default(),
            bucket: Bucket::default(),
            history: History::default(),
            start,
            seed: None,
        }
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.start.0
    }

    /// How many requests of each sort there were, and what they led to.
    pub(crate) fn counters(&self) -> Counters {
        self.journal.counters(self.world.mails, self.sessions.everybody_out())
    }

    /// Makes the world a new one with this in it.
    pub(crate) fn seed(&mut self, seed: Dump) -> Result<(), BadSeed> {
        let now = self.clock.now();
        let mut world = World::new(&self.start.0, &self.settings, now);
        world.load(&Actor { user: TSADMIN, org: PRIMARY, now, settings: &self.settings }, &seed)?;
        self.world = world;
        self.sessions.revoke_all();
        self.seed = Some(seed);
        Ok(())
    }

    /// As new, settings included.
    pub(crate) fn reset(&mut self) {
        let seed = self.seed.take();
        *self = Self::new(self.start.clone());
        if let Some(seed) = seed {
            // It was loaded into a new world before, so it can be loaded again.
            let _ = self.seed(seed);
        }
    }
}

impl Shared {
    pub(crate) fn new(credentials: Credentials, settings: Settings) -> Self {
        Self(Mutex::new(Core::new((credentials, settings))))
    }

    /// The core, locked. A handler that panicked does not take the simulator with it.
    pub(crate) fn core(&self) -> MutexGuard<'_, Core> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
