//! A host that gives no good answers is asked once in a while, and not by everybody.
//!
//! Pure but for the clock and a lock: what is answered is told, and who may ask is decided.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;

/// So many requests in a row without a good answer are an outage. Those that are under way at the time are sent besides.
const FAILURES: u32 = 10;
/// How long nobody asks, doubled after each request that is let through, up to [`STEP_MAX`].
const STEP_MIN: Duration = Duration::from_secs(1);
const STEP_MAX: Duration = Duration::from_secs(30);
/// An outage so soon after another is the same one: some things answer and others do not.
const SAME: Duration = Duration::from_secs(60);

/// For how long it is remembered that a host gave no good answer, where nobody is connected to it: longer than any Instance waits until it
/// asks again.
const LATELY: Duration = Duration::from_secs(120);

/// A host gives no good answers at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// What the request came to that was one too many.
    pub why: String,
    /// When the next request is let through.
    pub after: Duration,
}

/// What a request came to, as far as it tells whether anybody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Somebody answered, if only to refuse.
    Good,
    Bad,
    /// It tells nothing.
    None,
}

/// How a host has answered lately.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// In a row.
    failures: u32,
    last_good: Option<Instant>,
    last_bad: Option<Instant>,
    open: Option<Open>,
    closed: Option<Instant>,
    step: u32,
}

#[derive(Debug)]
struct Open {
    why: String,
    next: Instant,
}

impl Answers {
    pub(crate) fn outage(&self) -> Option<Outage> {
        self.lock().outage(Instant::now())
    }

    /// Whether a request may be sent now: in an outage one at a time, ever more seldom.
    pub(crate) fn admit(&self) -> Result<(), Error> {
        self.lock().admit(Instant::now()).map_err(away)
    }

    /// Whether it is worth while to queue for leave to send one.
    pub(crate) fn would_admit(&self) -> Result<(), Error> {
        self.outage().filter(|outage| !outage.after.is_zero()).map_or(Ok(()), |outage| Err(away(outage)))
    }

    /// Whether the last requests had no good answer, and that not long ago.
    pub(crate) fn were_bad_lately(&self) -> bool {
        let state = self.lock();
        state.failures > 0 && state.last_bad.is_some_and(|bad| bad.elapsed() < LATELY)
    }

    /// What a request that was sent at `sent` came to, and in which words. Whether an outage begins or ends with it.
    pub(crate) fn note(&self, sign: Sign, sent: Instant, why: impl FnOnce() -> String) -> bool {
        match sign {
            Sign::Good => self.lock().good(Instant::now()),
            Sign::Bad => self.lock().bad(sent, Instant::now(), why),
            Sign::None => false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, and what it says would still be sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn away(outage: Outage) -> Error {
    Error::Away { why: outage.why }
}

impl State {
    fn outage(&self, now: Instant) -> Option<Outage> {
        let Open { why, next } = self.open.as_ref()?;
        Some(Outage { why: why.clone(), after: next.saturating_duration_since(now) })
    }

    fn admit(&mut self, now: Instant) -> Result<(), Outage> {
        match self.outage(now) {
            Some(outage) if !outage.after.is_zero() => return Err(outage),
            Some(_) => self.step += 1,
            None => return Ok(()),
        }
        let pause = self.pause();
        if let Some(open) = &mut self.open {
            open.next = now + pause;
        }
        Ok(())
    }

    fn good(&mut self, now: Instant) -> bool {
        (self.failures, self.last_good) = (0, Some(now));
        let ended = self.open.take().is_some();
        if ended {
            self.closed = Some(now);
        }
        ended
    }

    fn bad(&mut self, sent: Instant, now: Instant, why: impl FnOnce() -> String) -> bool {
        // Somebody was answered since it was sent: it is late news.
        if self.last_good.is_some_and(|good| sent < good) {
            return false;
        }
        (self.failures, self.last_bad) = (self.failures.saturating_add(1), Some(now));
        if self.open.is_some() || self.failures < FAILURES {
            return false;
        }
        let again = self.closed.is_some_and(|closed| now.duration_since(closed) < SAME);
        self.step = if again { self.step + 1 } else { 0 };
        self.open = Some(Open { why: why(), next: now + self.pause() });
        true
    }

    fn pause(&self) -> Duration {
        STEP_MIN.saturating_mul(2u32.saturating_pow(self.step)).min(STEP_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    const SECOND: Duration = Duration::from_secs(1);

    /// Sends one request that is answered so; whether it was let through.
    fn asked(answers: &Answers, sign: Sign) -> bool {
        let admitted = answers.admit().is_ok();
        if admitted {
            answers.note(sign, Instant::now(), || "status 503".to_owned());
        }
        admitted
    }

    #[tokio::test(start_paused = true)]
    async fn in_an_outage_the_requests_of_a_crowd_are_a_few_however_many_ask() {
        for crowd in [20, 2_000] {
            let answers = Answers::default();
            let mut sent = 0;
            // Ten minutes, in which everybody asks every second.
            for _ in 0..600 {
                sent += (0..crowd).filter(|_| asked(&answers, Sign::Bad)).count();
                advance(SECOND).await;
            }
            // Ten until it is seen, then after 1, 2, 4, 8, 16 seconds, then twice a minute.
            assert_eq!(sent, 10 + 5 + 18, "of {crowd} who ask");
            assert_eq!(answers.outage().unwrap().why, "status 503");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_good_answer_ends_it_for_everybody() {
        let answers = Answers::default();
        let opened: Vec<bool> = (0..10).map(|_| answers.note(Sign::Bad, Instant::now(), String::new)).collect();
        assert_eq!(opened.iter().filter(|opened| **opened).count(), 1);
        assert!(!asked(&answers, Sign::Good), "not yet");
        advance(SECOND).await;
        assert!(asked(&answers, Sign::Good));
        assert_eq!(answers.outage(), None);
        assert!((0..100).all(|_| asked(&answers, Sign::Good)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_now_and_then_is_no_outage() {
        let answers = Answers::default();
        for n in 0..1_000 {
            let sign = match n % 10 {
                0 => Sign::Good,
                5 => Sign::None,
                _ => Sign::Bad,
            };
            assert!(asked(&answers, sign), "request {n}");
            advance(SECOND).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_sent_before_the_last_good_answer_tells_nothing_any_more() {
        let answers = Answers::default();
        let before = Instant::now();
        advance(SECOND).await;
        answers.note(Sign::Good, Instant::now(), String::new);
        advance(SECOND).await;
        assert!((0..100).all(|_| !answers.note(Sign::Bad, before, String::new)));
        assert_eq!(answers.outage(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn where_some_things_answer_and_others_do_not_it_is_asked_ever_more_seldom() {
        let answers = Answers::default();
        let mut sent = 0;
        for _ in 0..600 {
            // One question is always answered, all others never.
            sent += usize::from(asked(&answers, Sign::Good));
            sent += (0..1_000).filter(|_| asked(&answers, Sign::Bad)).count();
            advance(SECOND).await;
        }
        assert!(sent < 11 * (5 + 600 / 30), "{sent}");
    }
}
