//! What the process knows of each login, so that nobody is locked out.
//!
//! About four refused sign-ins in a row lock an account for an hour (docs/thoughtspot-api.md, "Locking"), whoever makes them: the
//! same credentials behind two Instances, or behind one that is set up again, are one login.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How long a refused login is left alone, doubled each time up to [`REST_MAX`].
const REST_MIN: Duration = Duration::from_secs(600);
const REST_MAX: Duration = Duration::from_secs(3600);
/// How many sign-ins run at the same time once the credentials are known to be good. Should they turn bad, that many are refused.
const AT_ONCE: usize = 2;

/// Every login of the process.
#[derive(Default)]
pub(crate) struct Logins {
    /// Keyed for this process, so that what is remembered of a password is of no use elsewhere.
    hasher: RandomState,
    by_key: Mutex<HashMap<(String, u64), Arc<Login>>>,
}

/// One user with one password or key at one host.
pub(crate) struct Login {
    /// Held while the credentials are tried out.
    trial: Arc<tokio::sync::Mutex<()>>,
    /// Held while good credentials are doubted.
    doubt: tokio::sync::Mutex<()>,
    places: Arc<Semaphore>,
    state: Mutex<State>,
}

/// Leave to try one sign-in, until dropped.
pub(crate) struct Turn {
    _trial: Option<OwnedMutexGuard<()>>,
    _place: Option<OwnedSemaphorePermit>,
}

#[derive(Default)]
struct State {
    proven: bool,
    refusals: u32,
    refused: Option<Refusal>,
}

struct Refusal {
    said: String,
    until: Instant,
}

impl Logins {
    pub(crate) fn of(&self, host: &str, user: &str, proof: &str) -> Arc<Login> {
        let key = (host.to_ascii_lowercase(), self.hasher.hash_one((user, proof)));
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        by_key.retain(|_, login| Arc::strong_count(login) > 1 || login.refused().is_some());
        Arc::clone(by_key.entry(key).or_default())
    }
}

impl Default for Login {
    fn default() -> Self {
        Login {
            trial: Arc::default(),
            doubt: Default::default(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
            state: Mutex::default(),
        }
    }
}

impl Login {
    /// Waits until a sign-in may be tried: one at a time until one succeeded. Look at [`Login::refused`] after that.
    pub(crate) async fn turn(&self) -> Turn {
        let mut trial = None;
        if !self.lock().proven {
            // Whoever waited here and finds them proven by the one before goes on with the rest.
            trial = Some(Arc::clone(&self.trial).lock_owned().await).filter(|_| !self.lock().proven);
        }
        // Never closed, so never an error.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        Turn { _trial: trial, _place: place }
    }

    /// What the server said when it refused this login, while it is to be left alone.
    pub(crate) fn refused(&self) -> Option<String> {
        let state = self.lock();
        state.refused.as_ref().filter(|r| Instant::now() < r.until).map(|r| r.said.clone())
    }

    /// Whether a sign-in worked and none was refused since.
    pub(crate) fn is_proven(&self) -> bool {
        self.lock().proven
    }

    /// Waits for the turn to find out whether credentials that worked do so still. Look at [`Login::refused`] after that.
    pub(crate) async fn doubt(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.doubt.lock().await
    }

    pub(crate) fn worked(&self) {
        *self.lock() = State { proven: true, ..State::default() };
    }

    pub(crate) fn was_refused(&self, said: String) {
        let mut state = self.lock();
        let rest = (REST_MIN * 2u32.saturating_pow(state.refusals).min(64)).min(REST_MAX);
        state.proven = false;
        state.refusals = state.refusals.saturating_add(1);
        state.refused = Some(Refusal { said, until: Instant::now() + rest });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn a_refused_login_rests_ever_longer_up_to_an_hour() {
        let logins = Logins::default();
        let login = logins.of("ts.example.com", "ana", "secret");
        for minutes in [10, 20, 40, 60, 60] {
            login.was_refused("no".to_owned());
            advance(Duration::from_secs(minutes * 60 - 1)).await;
            assert_eq!(login.refused().as_deref(), Some("no"), "after almost {minutes} minutes");
            advance(Duration::from_secs(1)).await;
            assert_eq!(login.refused(), None, "after {minutes} minutes");
        }
        login.worked();
        login.was_refused("no".to_owned());
        advance(REST_MIN).await;
        assert_eq!(login.refused(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_outlives_whoever_met_it_and_ends_with_other_credentials() {
        let logins = Logins::default();
        logins.of("ts.example.com", "ana", "wrong").was_refused("no".to_owned());
        assert!(logins.of("TS.example.com", "ana", "wrong").refused().is_some());
        assert!(logins.of("ts.example.com", "ana", "right").refused().is_none());
        assert!(logins.of("ts.example.com", "bob", "wrong").refused().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_until_the_credentials_are_known_to_be_good() {
        let login = Login::default();
        let first = login.turn().await;
        let mut waiting = Box::pin(login.turn());
        assert!(tokio::time::timeout(Duration::ZERO, &mut waiting).await.is_err());
        login.worked();
        drop(first);
        let _waited = waiting.await;
        let _second = login.turn().await;
        assert!(tokio::time::timeout(Duration::ZERO, login.turn()).await.is_err(), "no more than two");
    }
}
