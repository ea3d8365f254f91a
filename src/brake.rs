//! The brake: many endings at once are held until a person says that they are meant. Pure; the caches and clocks are in [`due`].
//!
//! Whatever ends access or takes something away becomes *due* before it is carried out. It settles for a moment, in which others
//! may become due; if there are more of them within a minute than the Instance allows, none is carried out any more, until a person says so
//! there, allows another number, or nothing is due.

pub mod due;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::managed::Subject;

/// How long nothing new may have become due before anything is carried out.
pub const SETTLE: Duration = Duration::from_millis(500);
/// How long an ending waits at most for others to become due.
pub const LONGEST: Duration = Duration::from_secs(10);
/// How long an ending counts, carried out or not.
pub const WINDOW: Duration = Duration::from_secs(60);
/// How long after the last question something still counts as due that no resource shows.
const IN_FLIGHT: Duration = Duration::from_secs(2);
/// How many endings are never too many, where the Instance says nothing.
const FEW: usize = 10;
/// What share of everything is never too much, where the Instance says nothing: one in so many.
const ONE_IN: usize = 20;

/// What an Instance says about how many: `spec.protection.maxDeletions`.
pub type Setting = Option<IntOrString>;

/// How many endings may be due at once, of `managed` objects. A percentage is rounded up.
pub fn most(setting: &Setting, managed: usize) -> usize {
    match setting {
        None => FEW.max(managed.div_ceil(ONE_IN)),
        Some(IntOrString::Int(most)) => usize::try_from(*most).unwrap_or(0),
        Some(IntOrString::String(share)) => {
            let percent: usize = share.trim_end_matches('%').parse().unwrap_or(0);
            managed.saturating_mul(percent).div_ceil(100)
        }
    }
}

/// What to do about an ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Go,
    /// Ask again after this time: others may become due.
    Settle(Duration),
    Hold,
}

/// What is due to end through one Instance.
#[derive(Debug, Default)]
pub struct Brake {
    /// What was due, or let go, within [`WINDOW`].
    due: BTreeMap<Subject, Times>,
    /// Set while held: what the Instance said when it was decided.
    held: Option<Setting>,
}

#[derive(Debug)]
struct Times {
    first: Instant,
    last: Instant,
}

impl Brake {
    /// One that was held before this process started.
    pub fn held_by(setting: Setting) -> Brake {
        Brake { due: BTreeMap::new(), held: Some(setting) }
    }

    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Whether it is held, and nobody has allowed another number since.
    pub fn is_held_by(&self, setting: &Setting) -> bool {
        self.held.as_ref() == Some(setting)
    }

    /// A person said that what is due may end: that is not counted.
    pub fn allow(&mut self) {
        *self = Brake::default();
    }

    /// Whether `mine` may end now. `others` are due as well, as far as is known; of all together at most `most` may end, as `setting` says.
    pub fn ask(
        &mut self,
        now: Instant,
        mine: &BTreeSet<Subject>,
        others: impl IntoIterator<Item = Subject>,
        (setting, most): (&Setting, usize),
    ) -> Verdict {
        if self.is_held_by(setting) {
            // Who asks may be one of many thousands: the others are not looked through for each.
            mine.iter().for_each(|subject| self.note(now, subject.clone()));
            return Verdict::Hold;
        }
        self.count(now, mine.iter().cloned().chain(others));
        self.held = (self.due.len() > most).then(|| setting.clone());
        if self.is_held() { Verdict::Hold } else { self.settled(now, mine) }
    }

    /// How many are due, these included.
    pub fn count(&mut self, now: Instant, due: impl IntoIterator<Item = Subject>) -> usize {
        self.due.retain(|_, times| now.duration_since(times.last) < WINDOW);
        due.into_iter().for_each(|subject| self.note(now, subject));
        self.due.len()
    }

    fn note(&mut self, now: Instant, subject: Subject) {
        self.due.entry(subject).or_insert(Times { first: now, last: now }).last = now;
    }

    /// Lets go of a hold when nothing is due any more: `Some(wait)` if that can be told only later.
    pub fn release(&mut self, now: Instant) -> Option<Duration> {
        let last = self.due.values().map(|times| times.last).max();
        let wait = last.map_or(Duration::ZERO, |last| (last + IN_FLIGHT).saturating_duration_since(now));
        if !wait.is_zero() {
            return Some(wait);
        }
        self.allow();
        None
    }

    fn settled(&self, now: Instant, mine: &BTreeSet<Subject>) -> Verdict {
        let newest = self.due.values().map(|times| times.first).max().unwrap_or(now);
        let mine =
            self.due.iter().filter(|(subject, _)| mine.contains(*subject)).map(|(_, times)| times.first).min().unwrap_or(now);
        let wait = (newest + SETTLE).min(mine + LONGEST).saturating_duration_since(now);
        if wait.is_zero() { Verdict::Go } else { Verdict::Settle(wait) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn subjects(words: &[&str]) -> BTreeSet<Subject> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn how_many_may_end() {
        let check = |setting: Option<IntOrString>, managed: usize, expected: usize| {
            assert_eq!(most(&setting, managed), expected, "{setting:?} of {managed}");
        };
        let share = |share: &str| Some(IntOrString::String(share.to_owned()));
        check(None, 0, 10);
        check(None, 200, 10);
        check(None, 201, 11);
        check(Some(IntOrString::Int(0)), 1000, 0);
        check(Some(IntOrString::Int(3)), 1000, 3);
        check(share("5%"), 1, 1);
        check(share("0%"), 1000, 0);
        check(share("50%"), 7, 4);
    }

    #[test]
    fn one_alone_goes_after_a_moment_and_another_in_that_moment_makes_both_wait() {
        let (start, two) = (Instant::now(), (&None, 2));
        let mut brake = Brake::default();
        assert_eq!(brake.ask(start, &subjects(&["a"]), [], two), Verdict::Settle(SETTLE));
        assert_eq!(brake.ask(start + ms(400), &subjects(&["b"]), [], two), Verdict::Settle(SETTLE));
        assert_eq!(brake.ask(start + ms(500), &subjects(&["a"]), [], two), Verdict::Settle(ms(400)));
        assert_eq!(brake.ask(start + ms(900), &subjects(&["a"]), [], two), Verdict::Go);
        assert_eq!(brake.ask(start + ms(900), &subjects(&["b"]), [], two), Verdict::Go);
        // Within the minute the two still count.
        assert_eq!(brake.ask(start + ms(59_000), &subjects(&["c"]), [], two), Verdict::Hold);
    }

    #[test]
    fn what_is_known_to_be_due_is_counted_before_it_asks() {
        let mut brake = Brake::default();
        let others = ["b", "c"].map(str::to_owned);
        assert_eq!(brake.ask(Instant::now(), &subjects(&["a"]), others, (&None, 2)), Verdict::Hold);
    }

    #[test]
    fn nobody_waits_for_ever_for_others() {
        let start = Instant::now();
        let mut brake = Brake::default();
        for n in 0..25 {
            brake.ask(start + ms(400 * n), &subjects(&[&format!("later {n}")]), [], (&None, 100));
        }
        brake.ask(start, &subjects(&["first"]), [], (&None, 100));
        assert_eq!(brake.ask(start + LONGEST, &subjects(&["first"]), [], (&None, 100)), Verdict::Go);
    }

    #[test]
    fn a_hold_ends_by_a_persons_word_or_number_or_when_nothing_is_due() {
        let (start, all) = (Instant::now(), subjects(&["a", "b", "c"]));
        let held = || {
            let mut brake = Brake::default();
            assert_eq!(brake.ask(start, &all, [], (&None, 2)), Verdict::Hold);
            assert_eq!(brake.ask(start + 2 * WINDOW, &subjects(&["a"]), [], (&None, 2)), Verdict::Hold, "less due is no reason");
            brake
        };
        let later = start + 2 * WINDOW;
        let mut allowed = held();
        allowed.allow();
        assert_eq!(allowed.ask(later, &subjects(&["a"]), [], (&None, 2)), Verdict::Settle(SETTLE));
        let mut raised = held();
        let three = Some(IntOrString::Int(3));
        assert_eq!(raised.ask(later + SETTLE, &subjects(&["a"]), [], (&three, 3)), Verdict::Go);
        let mut quiet = held();
        assert_eq!(quiet.release(later + ms(500)), Some(ms(1500)));
        assert!(quiet.is_held());
        assert_eq!(quiet.release(later + IN_FLIGHT), None);
        assert!(!quiet.is_held());
    }

    proptest! {
        /// Whoever asks for what, and when: never more go within a minute than may, and none once it is held.
        #[test]
        fn never_more_than_may_go_within_a_minute(
            asks in prop::collection::vec((0_u64..20_000, prop::collection::btree_set(0_u8..12, 1..3)), 1..80),
            most in 0_usize..6,
        ) {
            let mut now = Instant::now();
            let mut brake = Brake::default();
            let mut gone: Vec<(Instant, Subject)> = Vec::new();
            for (pause, who) in asks {
                now += ms(pause);
                let who: BTreeSet<Subject> = who.iter().map(ToString::to_string).collect();
                let was_held = brake.is_held();
                if brake.ask(now, &who, [], (&None, most)) == Verdict::Go {
                    prop_assert!(!was_held);
                    gone.extend(who.into_iter().map(|subject| (now, subject)));
                }
                let recent: BTreeSet<&Subject> =
                    gone.iter().filter(|(at, _)| now.duration_since(*at) < WINDOW).map(|(_, subject)| subject).collect();
                prop_assert!(recent.len() <= most, "{recent:?}");
            }
        }
    }
}
