//! One scope: single-flight sweeps, their age, our own writes, single reads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::Instrument;

use super::rows::{ById, Listed, Row, Rows, changed, moved};
use super::sweep::{Read, sweep};
use super::{InventorySettings, Known, Listeners, Look, Moved, Scope};
use crate::domain::{Lookup, OrgId};
use crate::error::{Error, Result};
use crate::port::Handle;
use crate::room::Room;
use crate::span;

/// How long a failed sweep answers for all who ask, so that a crowd does not repeat it one by one.
const FAILURE_MEMORY: Duration = Duration::from_secs(1);

pub(super) struct ScopeOf<R> {
    org: OrgId,
    far: Handle,
    settings: InventorySettings,
    listeners: Arc<Listeners>,
    /// Held by whoever sweeps.
    turn: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<State<R>>,
}

struct State<R> {
    rows: Rows<R>,
    /// What the last sweep came to; `None` before the first.
    swept: Option<Swept>,
    /// Whether `rows` was certified at least once, so that differences from it mean something.
    compared: bool,
    failed: Option<(Instant, Error)>,
    /// Counts what we wrote or read singly; the number of each row's last time. Newer than a sweep's begin, it wins.
    touches: u64,
    touched: HashMap<String, u64>,
    /// Of `touches` when all rows were forgotten: what was touched before that is not known any more.
    cleared: u64,
    /// All rows in one piece, until one changes.
    whole: Option<Arc<[Arc<R>]>>,
}

struct Swept {
    began: Instant,
    due: Instant,
    pages: usize,
    /// Why it cannot be trusted.
    torn: Option<String>,
}

/// How one scope stands.
pub(super) struct Figure {
    pub(super) rows: usize,
    /// In how many pages it was read.
    pub(super) pages: usize,
    pub(super) torn: bool,
    /// Since the begin of its last sweep.
    pub(super) age: Duration,
}

/// What a scope that is not too old may be used for.
enum Trust {
    Certified,
    Torn(String),
}

impl<R: Row> State<R> {
    fn new(room: &Arc<Room>) -> Self {
        State {
            rows: Rows::new(room),
            swept: None,
            compared: false,
            failed: None,
            touches: 0,
            touched: HashMap::new(),
            cleared: 0,
            whole: None,
        }
    }
}

impl<R: Row> ScopeOf<R> {
    pub(super) fn new(org: OrgId, far: Handle, settings: InventorySettings, listeners: Arc<Listeners>) -> Arc<Self> {
        let state = Mutex::new(State::new(far.room()));
        Arc::new(ScopeOf { org, far, settings, listeners, turn: Arc::default(), state })
    }

    pub(super) async fn one(self: &Arc<Self>, which: Lookup<'_, str>, look: Look) -> Result<Option<R>> {
        match look {
            Look::Fresh => self.read_one(&which).await,
            Look::Known => match self.trusted(None).await? {
                Trust::Certified => Ok(self.lock().rows.find(&which).map(|row| R::clone(row))),
                // Only what is in the scope: from Primary a single read shows the whole cluster.
                Trust::Torn(_) => Ok(self.read_one(&which).await?.filter(|row| row.is_in(self.org))),
            },
        }
    }

    /// All rows; read from now on where `look` asks for it.
    pub(super) async fn all(self: &Arc<Self>, look: Look) -> Result<Arc<[Arc<R>]>> {
        let since = (look == Look::Fresh).then(Instant::now);
        if let Trust::Torn(why) = self.trusted(since).await? {
            return Err(Error::Uncertified { scope: self.name().to_string(), why });
        }
        Ok(self.lock().whole())
    }

    /// What was swept last, if that is not much older than it may get: whoever asks for it comes a little after it is due.
    pub(super) fn known(&self) -> Known<R> {
        let mut state = self.lock();
        match &state.swept {
            Some(Swept { torn: Some(_), .. }) => Known::Torn,
            Some(swept) if Instant::now() < swept.due + self.settings.max_age => Known::Rows(state.whole()),
            Some(_) | None => Known::Unread,
        }
    }

    /// The list as it is now. Nothing is remembered of it.
    pub(super) async fn now(&self) -> Result<Listed<R>> {
        match sweep::<R>(self.far.as_ref(), self.org, self.settings, &ById::new()).await?.0 {
            Read::Certified(rows) => Ok(rows.into_listed()),
            Read::Torn(why) => Err(Error::Uncertified { scope: self.name().to_string(), why }),
        }
    }

    /// How long what was swept is still good for; `None` before the first sweep.
    pub(super) fn due_in(&self) -> Option<Duration> {
        let due = self.lock().swept.as_ref()?.due;
        Some(due.saturating_duration_since(Instant::now()))
    }

    /// `None` where nobody asks for it any more.
    pub(super) fn figure(&self) -> Option<Figure> {
        let state = self.lock();
        let asked = |swept: &&Swept| state.failed.is_some() || Instant::now() < swept.due + self.settings.max_age;
        let swept = state.swept.as_ref().filter(asked)?;
        Some(Figure { rows: state.rows.len(), pages: swept.pages, torn: swept.torn.is_some(), age: swept.began.elapsed() })
    }

    pub(super) fn uncertified(&self) -> Option<String> {
        let torn = self.lock().swept.as_ref().is_some_and(|swept| swept.torn.is_some());
        torn.then(|| self.name().to_string())
    }

    pub(super) fn put(&self, row: R) {
        let mut state = self.lock();
        let new_name = R::TELLS_NEW_NAMES && state.rows.find(&Lookup::Name(row.name())).is_none();
        let told = if new_name { vec![moved(self.name(), &row)] } else { Vec::new() };
        state.put(row);
        self.see_to_room(&mut state);
        drop(state);
        self.listeners.tell(&told);
    }

    pub(super) fn forget(&self, id: &str) {
        self.lock().forget(id);
    }

    fn name(&self) -> Scope {
        R::scope(self.org)
    }

    /// Look, wait for our turn, look again, sweep. Only a sweep that began at `since` or later will do, where that is said.
    async fn trusted(self: &Arc<Self>, since: Option<Instant>) -> Result<Trust> {
        if let Some(known) = self.lock().trust(since) {
            return known;
        }
        let turn = Arc::clone(&self.turn).lock_owned().await;
        if let Some(known) = self.lock().trust(since) {
            return known;
        }
        // In a task of its own: whoever gives up must not waste what the others wait for.
        let this = Arc::clone(self);
        let span = span::sweep(&self.name());
        let sweeping = async move {
            let _turn = turn;
            this.sweep().await
        };
        let sweeping = tokio::spawn(sweeping.instrument(span));
        sweeping.await.unwrap_or_else(|_| Err(Error::Unavailable("reading the list was broken off".to_owned())))
    }

    async fn sweep(&self) -> Result<Trust> {
        let (begun, before) = {
            let state = self.lock();
            // A scope that was never read whole misses nothing.
            let before = if state.compared { state.rows.by_id().clone() } else { ById::new() };
            (state.touches, before)
        };
        let began = Instant::now();
        let outcome = sweep::<R>(self.far.as_ref(), self.org, self.settings, &before).await;
        drop(before);
        let spread = self.settings.max_age.mul_f64(0.9 + 0.1 * fastrand::f64());
        let due = began + spread;
        let mut state = self.lock();
        let outcome = match outcome {
            // What we wrote meanwhile is not known any more.
            Ok((Read::Certified(_), pages)) if state.cleared > begun => {
                Ok((Read::Torn(self.far.room().full().to_string()), pages))
            }
            outcome => outcome,
        };
        match outcome {
            Ok((Read::Certified(rows), pages)) => {
                let told = state.settle(rows, begun, self.name());
                state.swept = Some(Swept { began, due, pages, torn: None });
                drop(state);
                self.listeners.tell(&told);
                Ok(Trust::Certified)
            }
            Ok((Read::Torn(why), pages)) => {
                tracing::warn!(scope = %self.name(), why, "list cannot be certified; objects are read one by one");
                if self.far.room().is_short() {
                    // What is read one by one is kept for comparison only, where others do not need the room.
                    state.clear();
                }
                state.swept = Some(Swept { began, due, pages, torn: Some(why.clone()) });
                Ok(Trust::Torn(why))
            }
            Err(error) => {
                state.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// One read of its own; what it shows is known from then on, unless we wrote to that row meanwhile.
    async fn read_one(&self, which: &Lookup<'_, str>) -> Result<Option<R>> {
        let begun = self.lock().touches;
        let found = R::find(self.far.as_ref(), self.org, which).await?;
        let mut state = self.lock();
        let told = state.learn(which, found.as_ref().filter(|row| row.is_in(self.org)), begun, self.name());
        self.see_to_room(&mut state);
        drop(state);
        self.listeners.tell(&told);
        Ok(found)
    }

    /// A list that does not find room for one row more is given up: without that row it would be wrong.
    fn see_to_room(&self, state: &mut State<R>) {
        if self.far.room().is_full() {
            let why = self.far.room().full().to_string();
            tracing::warn!(scope = %self.name(), why, "list is not kept; objects are read one by one");
            state.clear();
            if let Some(swept) = &mut state.swept {
                swept.torn = Some(why);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Row> State<R> {
    /// What the scope can be used for now; `None` when it must be swept first.
    fn trust(&self, since: Option<Instant>) -> Option<Result<Trust>> {
        let now = Instant::now();
        let late_enough = |at: Instant| since.is_none_or(|since| at >= since);
        if let Some(swept) = self.swept.as_ref().filter(|swept| now < swept.due && late_enough(swept.began)) {
            return Some(Ok(swept.torn.clone().map_or(Trust::Certified, Trust::Torn)));
        }
        let (_, error) = self.failed.as_ref().filter(|(at, _)| now < *at + FAILURE_MEMORY && late_enough(*at))?;
        Some(Err(error.clone()))
    }

    fn whole(&mut self) -> Arc<[Arc<R>]> {
        let State { rows, whole, .. } = self;
        Arc::clone(whole.get_or_insert_with(|| rows.all()))
    }

    fn put(&mut self, row: R) -> Option<Arc<R>> {
        self.touch(row.key());
        self.rows.put(Arc::new(row))
    }

    fn forget(&mut self, id: &str) -> Option<Arc<R>> {
        self.touch(id.to_owned());
        self.rows.remove(id)
    }

    /// Forgets all rows, as if there had been no list yet.
    fn clear(&mut self) {
        (self.compared, self.whole, self.cleared) = (false, None, self.touches);
        self.rows.clear();
    }

    fn touch(&mut self, id: String) {
        self.touches += 1;
        self.touched.insert(id, self.touches);
        self.whole = None;
    }

    fn touched_since(&self, id: &str, begun: u64) -> bool {
        self.touched.get(id).is_some_and(|at| *at > begun)
    }

    /// Takes over a certified list that was begun at touch `begun`; what differs from before.
    fn settle(&mut self, mut rows: Rows<R>, begun: u64, scope: Scope) -> Vec<Moved> {
        self.touched.retain(|_, at| *at > begun);
        for id in self.touched.keys() {
            match self.rows.find(&Lookup::Id(id)) {
                Some(row) => drop(rows.put(Arc::clone(row))),
                None => drop(rows.remove(id)),
            }
        }
        let told = if self.compared { self.rows.moved(&rows, scope) } else { Vec::new() };
        (self.rows, self.compared, self.failed, self.whole) = (rows, true, None, None);
        self.rows.outlive();
        told
    }

    /// Takes over what a single read found; what differs from before.
    fn learn(&mut self, which: &Lookup<'_, str>, found: Option<&R>, begun: u64, scope: Scope) -> Vec<Moved> {
        let held = self.rows.find(which).map(|row| row.key());
        let mut told = Vec::new();
        if let Some(row) = found.filter(|row| !self.touched_since(&row.key(), begun)) {
            let old = self.put(row.clone());
            told.extend(changed(scope, old.as_deref(), row));
        }
        // What we knew under this id or name is not what the server shows there.
        let gone = held.filter(|id| found.is_none_or(|row| row.key() != *id) && !self.touched_since(id, begun));
        if let Some(old) = gone.and_then(|id| self.forget(&id)) {
            told.push(moved(scope, old.as_ref()));
        }
        if self.compared { told } else { Vec::new() }
    }
}
