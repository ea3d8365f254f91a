//! One pass per Org, made when needed and verified before use.
//!
//! What is common to the dialects; how each signs in is behind [`SignIn`].
//!
//! Invariants: one sign-in per Org at a time; a sign-in, once begun, is finished and remembered even if whoever asked gives up,
//! since a refused one counts towards the lock of the account; no pass is used before the server confirmed its Org.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;
use tracing::Instrument;

use crate::domain::{Login, OrgId};
use crate::error::{Error, Result};
use crate::logins;
use crate::pass::Pass;
use crate::refusal::NO_ORG_ACCESS;
use crate::settings::Credentials;
use crate::span;
use crate::transport::Sink;
use crate::wire::{Call, Failure, Wire};

/// How long a refusal for one Org is remembered: no access, a pass refused when fresh.
const DENIAL_MEMORY: Duration = Duration::from_secs(30);
/// How long a failed refresh waits for the next try while the old pass lives.
const REFRESH_RETRY: Duration = Duration::from_secs(10);

/// How a dialect signs in.
#[async_trait]
pub(crate) trait SignIn: Send + Sync {
    /// A new pass for an Org, and how long it is to be used.
    async fn sign_in(&self, wire: &Wire, who: &Credentials, org: OrgId) -> Result<(Pass, Duration), Denied>;

    /// A read that is refused only for a bad pass.
    fn proof(&self) -> Call<'static>;

    /// Whom a new pass is for, once the server confirmed that it is for this Org: one for another would write to another tenant.
    async fn verify(&self, wire: &Wire, who: &Credentials, org: OrgId, pass: &Pass) -> Result<Login, Denied>;
}

/// Why there is no pass.
pub(crate) enum Denied {
    /// The credentials are refused, in these words.
    Credentials(String),
    /// Refused in these words for an Org other than Primary: the credentials may be good.
    InOrg(String),
    Other(Error),
}

impl Denied {
    /// What it means that a sign-in, or the first calls with a new pass, are refused.
    pub(crate) fn because(failure: Failure, call: &Call<'_>, who: &Credentials, org: OrgId) -> Denied {
        let no_access = || Denied::Other(Error::NoOrgAccess { login: who.username.clone(), org: org.0 });
        match failure {
            Failure::Unauthorized { said } if org == OrgId::PRIMARY => Denied::Credentials(said),
            Failure::Unauthorized { said } => Denied::InOrg(said),
            Failure::Refused { code: Some(NO_ORG_ACCESS), .. } => no_access(),
            Failure::Refused { status: 403, .. } if org != OrgId::PRIMARY => no_access(),
            failure @ (Failure::Refused { .. } | Failure::Other(_)) => {
                Denied::Other(failure.into_error(call.what, &who.username))
            }
        }
    }
}

/// One login at one ThoughtSpot, and its passes.
pub(crate) struct Session {
    pub(crate) wire: Wire,
    credentials: Credentials,
    login: Arc<logins::Login>,
    dialect: Box<dyn SignIn>,
    slots: Mutex<HashMap<OrgId, Arc<Slot>>>,
}

/// A verified pass.
pub(crate) struct Entry {
    pub(crate) pass: Pass,
    /// Whom it is for, as the server says.
    pub(crate) holder: Login,
    expires: Instant,
}

#[derive(Default)]
struct Slot {
    /// Held by whoever signs in.
    turn: Arc<tokio::sync::Mutex<()>>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    entry: Option<Arc<Entry>>,
    /// From when a new one is wanted.
    refresh_at: Option<Instant>,
    /// The last sign-in that failed, and until when that stands without another try.
    failed: Option<Failed>,
}

struct Failed {
    at: Instant,
    stands_until: Instant,
    error: Error,
}

impl Session {
    pub(crate) fn new(wire: Wire, credentials: Credentials, dialect: Box<dyn SignIn>) -> Arc<Session> {
        let login = wire.login(&credentials);
        Arc::new(Session { wire, credentials, login, dialect, slots: Mutex::default() })
    }

    /// Sends a call with the pass of `org`. A 401 is answered once with a fresh pass.
    pub(crate) async fn call(self: &Arc<Self>, org: OrgId, call: &Call<'_>) -> Result<Bytes, Failure> {
        let entry = self.enter(org).await.map_err(Failure::Other)?;
        let outcome = self.wire.send(call, org, Some(&entry.pass)).await;
        let Some(fresh) = self.fresh(org, &entry, &outcome).await? else { return outcome };
        let outcome = self.wire.send(call, org, Some(&fresh.pass)).await;
        self.heed(org, &fresh, &outcome);
        outcome
    }

    /// As [`Session::call`], but sent once: for what was decided by a look that may be out of date after a 401. The refused pass is
    /// dropped.
    pub(crate) async fn once(self: &Arc<Self>, org: OrgId, call: &Call<'_>) -> Result<Bytes, Failure> {
        let entry = self.enter(org).await.map_err(Failure::Other)?;
        let outcome = self.wire.send(call, org, Some(&entry.pass)).await;
        if let Err(Failure::Unauthorized { .. }) = outcome {
            self.slot(org).drop_entry(&entry);
        }
        outcome
    }

    /// As [`Session::call`], with the last word on what went wrong.
    pub(crate) async fn ask(self: &Arc<Self>, org: OrgId, call: &Call<'_>) -> Result<Bytes> {
        self.call(org, call).await.map_err(|failure| self.error(call, failure))
    }

    /// As [`Session::ask`], for a list without pages, whose body goes to the sink as it arrives.
    pub(crate) async fn stream(self: &Arc<Self>, org: OrgId, call: &Call<'_>, sink: Sink<'_>) -> Result<()> {
        let entry = self.enter(org).await?;
        let outcome = self.wire.stream(call, org, &entry.pass, &mut *sink).await;
        match self.fresh(org, &entry, &outcome).await.map_err(|failure| self.error(call, failure))? {
            None => outcome.map_err(|failure| self.error(call, failure)),
            Some(fresh) => {
                let outcome = self.wire.stream(call, org, &fresh.pass, sink).await;
                self.heed(org, &fresh, &outcome);
                outcome.map_err(|failure| self.error(call, failure))
            }
        }
    }

    /// Makes sure that our own pass of `org` is good, with a fresh one if need be.
    pub(crate) async fn prove(self: &Arc<Self>, org: OrgId) -> Result<()> {
        self.ask(org, &self.dialect.proof()).await.map(drop)
    }

    pub(crate) fn username(&self) -> &str {
        &self.credentials.username
    }

    pub(crate) fn error(&self, call: &Call<'_>, failure: Failure) -> Error {
        failure.into_error(call.what, &self.credentials.username)
    }

    /// Forgets that we had no access to an Org: somebody may just have given it.
    pub(crate) fn forget_denial(&self, org: OrgId) {
        self.slot(org).lock().failed = None;
    }

    /// The pass of an Org: look, wait for our turn, look again, sign in.
    pub(crate) async fn enter(self: &Arc<Self>, org: OrgId) -> Result<Arc<Entry>> {
        let slot = self.slot(org);
        let asked = Instant::now();
        if let Some(known) = slot.known(asked) {
            return known;
        }
        let turn = Arc::clone(&slot.turn).lock_owned().await;
        if let Some(known) = slot.known(asked) {
            return known;
        }
        let this = Arc::clone(self);
        let signing_in = async move {
            let _turn = turn;
            let outcome = this.sign_in(org).await;
            slot.settle(outcome)
        };
        let signing_in = tokio::spawn(signing_in.instrument(span::sign_in(org)));
        signing_in.await.unwrap_or_else(|_| Err(Error::Unavailable("signing in was broken off".to_owned())))
    }

    /// A fresh pass in place of one that was answered 401; `None` for any other answer.
    async fn fresh<T>(
        self: &Arc<Self>,
        org: OrgId,
        used: &Arc<Entry>,
        outcome: &Result<T, Failure>,
    ) -> Result<Option<Arc<Entry>>, Failure> {
        let Err(Failure::Unauthorized { .. }) = outcome else { return Ok(None) };
        self.slot(org).drop_entry(used);
        self.enter(org).await.map(Some).map_err(Failure::Other)
    }

    /// A fresh pass that is refused: more of them would not help, and bad ones may lock the account too.
    fn heed<T>(&self, org: OrgId, fresh: &Arc<Entry>, outcome: &Result<T, Failure>) {
        if let Err(Failure::Unauthorized { said }) = outcome {
            self.slot(org).deny(fresh, self.bad_credentials(said.clone()));
        }
    }

    async fn sign_in(&self, org: OrgId) -> Result<Entry> {
        let _turn = self.login.turn().await;
        if let Some(said) = self.login.refused() {
            return Err(self.bad_credentials(said));
        }
        match self.try_in(org).await {
            Ok(entry) => Ok(entry),
            Err(Denied::InOrg(said)) if self.login.is_proven() => Err(self.doubt(org, said).await),
            Err(denied) => Err(self.denied(denied)),
        }
    }

    /// One sign-in. The credentials are good once the server confirmed what it gave for them.
    async fn try_in(&self, org: OrgId) -> Result<Entry, Denied> {
        let asked = Instant::now();
        let (pass, lifetime) = self.dialect.sign_in(&self.wire, &self.credentials, org).await?;
        self.wire.scrubber.add_pass(org, &pass);
        let holder = self.dialect.verify(&self.wire, &self.credentials, org, &pass).await?;
        self.login.worked();
        let expires = asked + lifetime;
        let seconds = expires.saturating_duration_since(Instant::now()).as_secs();
        tracing::debug!(org_id = org.0, seconds, "signed in to ThoughtSpot");
        Ok(Entry { pass, holder, expires })
    }

    /// Good credentials were refused for an Org: a sign-in for Primary tells whether they still are good, and if so ends a row of
    /// refused ones. Unless it says so, they rest: the next refusal may be the one that locks the account.
    async fn doubt(&self, org: OrgId, said: String) -> Error {
        let _one = self.login.doubt().await;
        if let Some(said) = self.login.refused() {
            return self.bad_credentials(said);
        }
        match self.try_in(OrgId::PRIMARY).await {
            Ok(entry) => {
                tracing::info!(org_id = org.0, said, "ThoughtSpot refuses the login in one Org");
                // The new pass is of use; where it displaces one, that one was good, too.
                drop(self.slot(OrgId::PRIMARY).settle(Ok(entry)));
                Error::NoOrgAccess { login: self.credentials.username.clone(), org: org.0 }
            }
            Err(Denied::Credentials(said) | Denied::InOrg(said)) => self.denied(Denied::Credentials(said)),
            Err(Denied::Other(_)) => self.denied(Denied::Credentials(said)),
        }
    }

    fn denied(&self, denied: Denied) -> Error {
        match denied {
            Denied::Credentials(said) | Denied::InOrg(said) => {
                self.login.was_refused(said.clone());
                self.bad_credentials(said)
            }
            Denied::Other(error) => error,
        }
    }

    fn bad_credentials(&self, said: String) -> Error {
        Error::BadCredentials { login: self.credentials.username.clone(), said }
    }

    fn slot(&self, org: OrgId) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(org).or_default())
    }
}

impl Slot {
    /// The pass, or the error that stands in its place; `None` when one must be made.
    fn known(&self, asked: Instant) -> Option<Result<Arc<Entry>>> {
        let held = self.lock();
        let now = Instant::now();
        if let Some(entry) = held.entry.as_ref().filter(|_| held.refresh_at.is_some_and(|at| now < at)) {
            return Some(Ok(Arc::clone(entry)));
        }
        // A failure that came while we waited for our turn is ours too.
        let failed = held.failed.as_ref().filter(|f| now < f.stands_until || asked <= f.at)?;
        Some(Err(failed.error.clone()))
    }

    /// Keeps the outcome of a sign-in. A refresh that failed leaves the old pass in use while it lives.
    fn settle(&self, outcome: Result<Entry>) -> Result<Arc<Entry>> {
        let mut held = self.lock();
        let now = Instant::now();
        match outcome {
            Ok(entry) => {
                let entry = Arc::new(entry);
                let life = entry.expires.saturating_duration_since(now);
                *held = Held { entry: Some(Arc::clone(&entry)), refresh_at: Some(now + life.mul_f64(0.8)), failed: None };
                Ok(entry)
            }
            Err(error) => {
                if let Some(old) = held.entry.clone().filter(|old| now + REFRESH_RETRY < old.expires) {
                    held.refresh_at = Some(now + REFRESH_RETRY);
                    return Ok(old);
                }
                let memory = if temporary(&error) { Duration::ZERO } else { DENIAL_MEMORY };
                *held = Held {
                    failed: Some(Failed { at: now, stands_until: now + memory, error: error.clone() }),
                    ..Held::default()
                };
                Err(error)
            }
        }
    }

    /// Drops a pass that was refused, unless it has been replaced already.
    fn drop_entry(&self, refused: &Arc<Entry>) {
        let mut held = self.lock();
        if held.entry.as_ref().is_some_and(|current| Arc::ptr_eq(current, refused)) {
            held.entry = None;
        }
    }

    fn deny(&self, refused: &Arc<Entry>, error: Error) {
        self.drop_entry(refused);
        let now = Instant::now();
        self.lock().failed = Some(Failed { at: now, stands_until: now + DENIAL_MEMORY, error });
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the next caller should try again at once. A refused login is remembered with the login.
fn temporary(error: &Error) -> bool {
    match error {
        Error::Untrusted { .. }
        | Error::Throttled { .. }
        | Error::Unavailable(_)
        | Error::Away { .. }
        | Error::Unclear { .. }
        | Error::NotLeading
        | Error::BadCredentials { .. } => true,
        Error::HostNotAllowed { .. }
        | Error::NoOrgAccess { .. }
        | Error::WrongOrg { .. }
        | Error::Forbidden { .. }
        | Error::Refused { .. }
        | Error::Uncertified { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use tokio::time::advance;

    fn entry(name: &str, seconds: u64) -> Entry {
        let holder = Login { id: "id".to_owned(), name: "ana".to_owned() };
        Entry { pass: Pass::Bearer(Secret::new(name)), holder, expires: Instant::now() + Duration::from_secs(seconds) }
    }

    fn held(slot: &Slot) -> Option<Result<String, String>> {
        let known = slot.known(Instant::now())?;
        Some(known.map(|entry| entry.pass.secrets()[0].expose().to_owned()).map_err(|e| e.to_string()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_pass_is_replaced_at_four_fifths_of_its_life() {
        let slot = Slot::default();
        slot.settle(Ok(entry("one", 100))).unwrap();
        advance(Duration::from_secs(79)).await;
        assert_eq!(held(&slot), Some(Ok("one".to_owned())));
        advance(Duration::from_secs(1)).await;
        assert_eq!(held(&slot), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refresh_that_fails_leaves_the_old_pass_in_use_while_it_lives() {
        let slot = Slot::default();
        slot.settle(Ok(entry("one", 100))).unwrap();
        advance(Duration::from_secs(85)).await;
        let down = Error::Unavailable("down".to_owned());
        assert!(slot.settle(Err(down.clone())).is_ok());
        assert_eq!(held(&slot), Some(Ok("one".to_owned())));
        advance(REFRESH_RETRY).await;
        assert_eq!(held(&slot), None, "time to try again");
        assert!(slot.settle(Err(down)).is_err(), "it ends too soon to be of use");
        advance(Duration::from_secs(1)).await;
        assert_eq!(held(&slot), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_shared_with_those_who_waited_and_a_denial_is_remembered() {
        let slot = Slot::default();
        let before = Instant::now();
        advance(Duration::from_secs(1)).await;
        let _ = slot.settle(Err(Error::Unavailable("down".to_owned())));
        assert!(slot.known(before).is_some_and(|k| k.is_err()), "it was asked for before the failure");
        advance(Duration::from_secs(1)).await;
        assert_eq!(held(&slot), None, "whoever comes later tries again");
        let _ = slot.settle(Err(Error::NoOrgAccess { login: "ana".to_owned(), org: 7 }));
        advance(DENIAL_MEMORY - Duration::from_secs(1)).await;
        assert!(held(&slot).is_some_and(|k| k.is_err()));
        advance(Duration::from_secs(1)).await;
        assert_eq!(held(&slot), None);
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_pass_that_was_refused_is_dropped() {
        let slot = Slot::default();
        let old = slot.settle(Ok(entry("old", 100))).unwrap();
        slot.settle(Ok(entry("new", 100))).unwrap();
        slot.drop_entry(&old);
        assert_eq!(held(&slot), Some(Ok("new".to_owned())));
    }
}
