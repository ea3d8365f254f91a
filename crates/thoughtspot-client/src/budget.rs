//! One rate limit per host, with two lanes and a pause.
//!
//! Invariant: a request holds a [`Permit`] from before it is sent until its answer is read or given up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::outage::Answers;

/// The longest a host can ask us to stay away.
pub const PAUSE_MAX: Duration = Duration::from_secs(300);
/// The pause after a request to slow down that does not say for how long, doubled each time up to [`STEP_MAX`].
const STEP_MIN: Duration = Duration::from_secs(1);
const STEP_MAX: Duration = Duration::from_secs(60);

/// How many urgent requests go before one of the background that waits: whoever edits without end must not keep others' lists from
/// being read.
const URGENT_IN_A_ROW: u32 = 8;

/// Who goes first when a host's budget is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Tokens, writes and single reads: somebody waits for them.
    Urgent,
    /// Pages of sweeps. Served when nothing urgent waits, and one for every so many urgent ones; leaves a quarter of the requests in
    /// flight to the urgent.
    Background,
}

/// How much one host is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Requests per second in the long run.
    pub per_second: f64,
    /// How many may go at once after a quiet time.
    pub burst: u32,
    /// How many may be under way at the same time.
    pub in_flight: usize,
}

impl Default for Pace {
    /// Half of what ThoughtSpot allows one client address (docs/thoughtspot-api.md, "Rate limits").
    fn default() -> Self {
        Pace { per_second: 50.0, burst: 10, in_flight: 16 }
    }
}

impl Pace {
    /// The same, or slower: at most so many requests per second.
    pub(crate) fn at_most(self, per_second: u32) -> Pace {
        Pace { per_second: self.per_second.min(f64::from(per_second)), burst: self.burst.min(per_second), ..self }
    }
}

/// The budget of one host.
// `governor` has the pace, but neither lanes nor a pause nor a cap in flight; those three would be the code below again.
#[derive(Debug)]
pub struct Budget {
    pace: Pace,
    state: Mutex<State>,
    changed: Notify,
    /// Whose turn it is within a lane; tokio's mutex is fair, so a lane is first come, first served.
    turns: [tokio::sync::Mutex<()>; 2],
    /// Whether the host answers at all.
    pub(crate) answers: Answers,
}

#[derive(Debug)]
struct State {
    tokens: f64,
    refilled: Instant,
    in_flight: usize,
    /// How many wait, by lane.
    waiting: [usize; 2],
    /// How many urgent ones went before what waits in the background.
    urgent_in_a_row: u32,
    paused_since: Option<Instant>,
    paused_until: Instant,
    /// How many pauses there were in a row without a good answer.
    pauses: u32,
}

/// Leave to send one request. The place in flight is free again when this is dropped.
#[derive(Debug)]
pub struct Permit {
    budget: Arc<Budget>,
    granted: Instant,
}

/// Counts a waiting request, also when its caller gives up.
struct Waiting<'a>(&'a Budget, Lane);

enum Try {
    Granted,
    /// Nothing before this time.
    At(Instant),
    /// Not before something else is done.
    OnChange,
}

impl Budget {
    pub fn new(pace: Pace) -> Arc<Budget> {
        let now = Instant::now();
        let tokens = f64::from(pace.burst.max(1));
        let state = State {
            tokens,
            refilled: now,
            in_flight: 0,
            waiting: [0; 2],
            urgent_in_a_row: 0,
            paused_since: None,
            paused_until: now,
            pauses: 0,
        };
        let answers = Answers::default();
        Arc::new(Budget { pace, state: Mutex::new(state), changed: Notify::new(), turns: Default::default(), answers })
    }

    /// Waits for leave to send one request; giving up the wait loses nothing.
    pub async fn permit(self: &Arc<Self>, lane: Lane) -> Permit {
        let _waiting = Waiting::new(self, lane);
        let _turn = self.turns[lane as usize].lock().await;
        loop {
            let changed = self.changed.notified();
            match self.try_take(lane) {
                Try::Granted => {
                    return Permit { budget: Arc::clone(self), granted: Instant::now() };
                }
                Try::OnChange => changed.await,
                Try::At(at) => tokio::select! {
                    () = changed => {}
                    () = sleep_until(at) => {}
                },
            }
        }
    }

    /// For how long the host is left alone, if it is.
    pub fn paused(&self) -> Option<Duration> {
        let left = self.lock().paused_until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn try_take(&self, lane: Lane) -> Try {
        let now = Instant::now();
        let mut state = self.lock();
        if now < state.paused_until {
            return Try::At(state.paused_until);
        }
        if state.in_flight >= self.room(lane) || self.yields(lane, &state) {
            return Try::OnChange;
        }
        let elapsed = now.duration_since(state.refilled).as_secs_f64();
        state.tokens = (state.tokens + elapsed * self.pace.per_second).min(f64::from(self.pace.burst.max(1)));
        state.refilled = now;
        // The timer is a little coarse: a hair short of a token is a token, or the loop would spin on rounding.
        if state.tokens < 1.0 - 1e-6 {
            return Try::At(now + Duration::from_secs_f64((1.0 - state.tokens) / self.pace.per_second.max(0.001)));
        }
        state.tokens -= 1.0;
        state.in_flight += 1;
        state.granted(lane);
        Try::Granted
    }

    fn room(&self, lane: Lane) -> usize {
        let most = self.pace.in_flight;
        match lane {
            Lane::Urgent => most,
            Lane::Background => most - most / 4,
        }
        .max(1)
    }

    /// Whether the other lane goes first.
    fn yields(&self, lane: Lane, state: &State) -> bool {
        let background_is_due = state.urgent_in_a_row >= URGENT_IN_A_ROW;
        match lane {
            Lane::Urgent => background_is_due && state.waits(Lane::Background) && state.in_flight < self.room(Lane::Background),
            Lane::Background => state.waits(Lane::Urgent) && !background_is_due,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, and the numbers would still be sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn waits(&self, lane: Lane) -> bool {
        self.waiting[lane as usize] > 0
    }

    fn granted(&mut self, lane: Lane) {
        let overtook = lane == Lane::Urgent && self.waits(Lane::Background);
        self.urgent_in_a_row = if overtook { self.urgent_in_a_row.saturating_add(1) } else { 0 };
    }
}

impl Permit {
    /// The host asked to slow down; `after` as it said, if it said something that can be read. Nothing more is sent before then.
    /// Returns for how long.
    ///
    /// Many answers to requests of before the pause count as one.
    pub fn slow_down(&self, after: Option<Duration>) -> Duration {
        let now = Instant::now();
        let mut state = self.budget.lock();
        if state.paused_since.is_none_or(|since| self.granted > since) {
            state.pauses = state.pauses.saturating_add(1);
            state.paused_since = Some(now);
        }
        let step = STEP_MIN * 2u32.saturating_pow(state.pauses.saturating_sub(1)).min(64);
        let pause = after.unwrap_or(step.min(STEP_MAX)).min(PAUSE_MAX);
        state.paused_until = state.paused_until.max(now + pause);
        pause
    }

    /// The host answered as usual: the next pause starts small again.
    pub fn went_well(&self) {
        let mut state = self.budget.lock();
        if state.paused_since.is_none_or(|since| self.granted > since) {
            state.pauses = 0;
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.budget.lock().in_flight -= 1;
        self.budget.changed.notify_waiters();
    }
}

impl<'a> Waiting<'a> {
    fn new(budget: &'a Budget, lane: Lane) -> Self {
        budget.lock().waiting[lane as usize] += 1;
        Waiting(budget, lane)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting[self.1 as usize] -= 1;
        self.0.changed.notify_waiters();
    }
}

/// The budgets of all hosts, by host and port.
#[derive(Debug, Default)]
pub struct Budgets {
    pace: Pace,
    by_host: Mutex<HashMap<(String, u16), Arc<Budget>>>,
}

impl Budgets {
    pub fn new(pace: Pace) -> Budgets {
        Budgets { pace, by_host: Mutex::default() }
    }

    /// The budget of a host, the same for every instance that lives there.
    pub fn of(&self, host: &str, port: u16) -> Arc<Budget> {
        let key = (host.trim_end_matches('.').to_ascii_lowercase(), port);
        let mut by_host = self.by_host.lock().unwrap_or_else(PoisonError::into_inner);
        // Hosts nobody uses any more are forgotten, but not while they want to be left alone, nor while they answer nobody: whoever
        // never got through holds none.
        by_host
            .retain(|_, budget| Arc::strong_count(budget) > 1 || budget.paused().is_some() || budget.answers.were_bad_lately());
        Arc::clone(by_host.entry(key).or_insert_with(|| Budget::new(self.pace)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outage::Sign;
    use tokio::time::{advance, timeout};

    async fn ready(budget: &Arc<Budget>, lane: Lane) -> Option<Permit> {
        timeout(Duration::ZERO, budget.permit(lane)).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_answers_nobody_is_known_for_a_while_though_nobody_is_connected() {
        let budgets = Budgets::default();
        let fails = || budgets.of("a.example", 443).answers.note(Sign::Bad, Instant::now(), String::new);
        for _ in 0..9 {
            assert!(!fails());
            advance(Duration::from_secs(30)).await;
        }
        assert!(fails(), "the tenth in a row");
        assert!(budgets.of("a.example", 443).answers.outage().is_some());
        advance(Duration::from_secs(600)).await;
        assert!(budgets.of("a.example", 443).answers.outage().is_none(), "nobody has asked for so long that it is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_then_the_pace() {
        let budget = Budget::new(Pace { per_second: 50.0, burst: 10, in_flight: 1000 });
        let began = Instant::now();
        for _ in 0..60 {
            drop(budget.permit(Lane::Urgent).await);
        }
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(1000) && took < Duration::from_millis(1060), "60 requests took {took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_cap_in_flight_holds_and_leaves_room_for_the_urgent() {
        let budget = Budget::new(Pace { per_second: 1e6, burst: 100, in_flight: 4 });
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(ready(&budget, Lane::Background).await.expect("there is room"));
        }
        assert!(ready(&budget, Lane::Background).await.is_none(), "background must leave one place");
        held.push(ready(&budget, Lane::Urgent).await.expect("that place"));
        assert!(ready(&budget, Lane::Urgent).await.is_none(), "full");
        held.clear();
        assert!(ready(&budget, Lane::Background).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_urgent_go_first_and_each_lane_in_order() {
        let budget = Budget::new(Pace { per_second: 1.0, burst: 1, in_flight: 10 });
        drop(budget.permit(Lane::Urgent).await);
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        for (name, lane) in [("b1", Lane::Background), ("b2", Lane::Background), ("u1", Lane::Urgent), ("u2", Lane::Urgent)] {
            let (budget, tell) = (Arc::clone(&budget), tell.clone());
            tokio::spawn(async move {
                let _permit = budget.permit(lane).await;
                tell.send(name).unwrap();
            });
            tokio::task::yield_now().await;
        }
        let mut order = Vec::new();
        for _ in 0..4 {
            order.push(told.recv().await.unwrap());
        }
        assert_eq!(order, ["u1", "u2", "b1", "b2"]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_background_is_not_kept_waiting_for_ever() {
        let budget = Budget::new(Pace { per_second: 10.0, burst: 1, in_flight: 4 });
        let served = Arc::new(Mutex::new([0_u32; 2]));
        for lane in [Lane::Urgent; 20].into_iter().chain([Lane::Background]) {
            let (budget, served) = (Arc::clone(&budget), Arc::clone(&served));
            tokio::spawn(async move {
                loop {
                    drop(budget.permit(lane).await);
                    served.lock().unwrap()[lane as usize] += 1;
                }
            });
        }
        tokio::time::sleep(Duration::from_secs(90)).await;
        let [urgent, background] = *served.lock().unwrap();
        assert!(background * 10 >= urgent && background * 8 <= urgent, "{urgent} urgent, {background} of the background");
    }

    #[tokio::test(start_paused = true)]
    async fn giving_up_a_wait_loses_nothing() {
        let budget = Budget::new(Pace { per_second: 1e6, burst: 100, in_flight: 1 });
        let held = budget.permit(Lane::Urgent).await;
        for _ in 0..5 {
            assert!(ready(&budget, Lane::Urgent).await.is_none());
        }
        drop(held);
        assert!(ready(&budget, Lane::Background).await.is_some(), "nobody urgent waits any more");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_stops_everything_and_grows_until_an_answer_is_good() {
        let budget = Budget::new(Pace::default());
        let first = budget.permit(Lane::Urgent).await;
        let second = budget.permit(Lane::Urgent).await;
        assert_eq!(first.slow_down(None), Duration::from_secs(1));
        assert_eq!(second.slow_down(None), Duration::from_secs(1), "of before the pause: the same step");
        assert!(ready(&budget, Lane::Urgent).await.is_none());
        for expected in [2, 4, 8, 16, 32, 60, 60] {
            let permit = budget.permit(Lane::Urgent).await;
            assert_eq!(permit.slow_down(None), Duration::from_secs(expected));
        }
        let permit = budget.permit(Lane::Urgent).await;
        permit.went_well();
        assert_eq!(permit.slow_down(None), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_host_says_is_honoured_up_to_five_minutes() {
        let budget = Budget::new(Pace::default());
        let permit = budget.permit(Lane::Urgent).await;
        assert_eq!(permit.slow_down(Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(permit.slow_down(Some(Duration::from_secs(1_000_000))), PAUSE_MAX);
        advance(PAUSE_MAX - Duration::from_secs(1)).await;
        assert!(ready(&budget, Lane::Urgent).await.is_none());
        assert_eq!(budget.paused(), Some(Duration::from_secs(1)));
        advance(Duration::from_secs(1)).await;
        assert!(ready(&budget, Lane::Urgent).await.is_some());
        assert_eq!(budget.paused(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn one_budget_for_each_host_however_it_is_written() {
        let budgets = Budgets::new(Pace::default());
        let one = budgets.of("ts.example.com", 443);
        assert!(Arc::ptr_eq(&one, &budgets.of("TS.example.com.", 443)));
        assert!(!Arc::ptr_eq(&one, &budgets.of("ts.example.com", 8443)));
        assert!(!Arc::ptr_eq(&one, &budgets.of("other.example.com", 443)));
    }
}
