//! One token per Org, minted when needed and verified before use.
//!
//! Invariants: one mint per Org at a time; a mint, once begun, is finished and remembered even if whoever asked gives up, since a
//! refused one counts towards the lock of the account; no token is used before the server confirmed its Org.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::decode::{OrgRef, millis};
use super::errors::NO_ORG_ACCESS;
use super::wire::{Call, Failure, Wire};
use super::{Credentials, Proof};
use crate::budget::Lane;
use crate::domain::{Guid, Login, Millis, OrgId};
use crate::error::{Error, Result};
use crate::logins;
use crate::secret::Secret;

const VALIDITY: Duration = Duration::from_secs(3600);
/// The server's default, for an answer whose times make no sense.
const VALIDITY_DEFAULT: Duration = Duration::from_secs(300);
/// How long a refusal for one Org is remembered: no access, a token refused when fresh.
const DENIAL_MEMORY: Duration = Duration::from_secs(30);
/// How long a failed refresh waits for the next try while the old token lives.
const REFRESH_RETRY: Duration = Duration::from_secs(10);

pub(super) struct Session {
    pub(super) wire: Wire,
    credentials: Credentials,
    login: Arc<logins::Login>,
    slots: Mutex<HashMap<OrgId, Arc<Slot>>>,
}

/// A verified token.
pub(super) struct Token {
    pub(super) secret: Secret,
    /// Whom it is for, as the server says.
    pub(super) holder: Login,
    expires: Instant,
}

#[derive(Default)]
struct Slot {
    /// Held by whoever mints.
    turn: Arc<tokio::sync::Mutex<()>>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    token: Option<Arc<Token>>,
    /// From when a new one is wanted.
    refresh_at: Option<Instant>,
    /// The last mint that failed, and until when that stands without another try.
    failed: Option<Failed>,
}

struct Failed {
    at: Instant,
    stands_until: Instant,
    error: Error,
}

#[derive(Serialize)]
struct MintBody<'a> {
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_key: Option<&'a str>,
    /// An integer, and always sent: without it the token is for whatever Org the user saw last.
    org_id: i64,
    validity_time_in_sec: u64,
}

#[derive(Deserialize)]
struct MintRow {
    token: String,
    #[serde(default, deserialize_with = "millis")]
    creation_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    expiration_time_in_millis: Option<Millis>,
}

#[derive(Deserialize)]
struct HolderRow {
    id: Guid,
    name: String,
    #[serde(default)]
    current_org: Option<OrgRef>,
}

impl Session {
    pub(super) fn new(wire: Wire, host: &str, credentials: Credentials) -> Arc<Session> {
        let login = wire.network.logins.of(host, &credentials.username, credentials.proof.secret().expose());
        Arc::new(Session { wire, credentials, login, slots: Mutex::default() })
    }

    /// Sends a call with the token of `org`. A 401 is answered once with a fresh token.
    pub(super) async fn call(self: &Arc<Self>, org: OrgId, call: &Call<'_>) -> Result<Bytes, Failure> {
        let token = self.token(org).await.map_err(Failure::Other)?;
        match self.wire.send(call, org, Some(&token.secret)).await {
            Err(Failure::Unauthorized { .. }) => {}
            outcome => return outcome,
        }
        self.slot(org).drop_token(&token);
        let token = self.token(org).await.map_err(Failure::Other)?;
        let outcome = self.wire.send(call, org, Some(&token.secret)).await;
        if let Err(Failure::Unauthorized { said }) = &outcome {
            // A fresh token is refused: more of them would not help, and bad tokens may lock the account too.
            let error = Error::BadCredentials { login: self.credentials.username.clone(), said: said.clone() };
            self.slot(org).deny(&token, error);
        }
        outcome
    }

    /// As [`Session::call`], with the last word on what went wrong.
    pub(super) async fn ask(self: &Arc<Self>, org: OrgId, call: &Call<'_>) -> Result<Bytes> {
        self.call(org, call).await.map_err(|failure| self.error(call, failure))
    }

    pub(super) fn error(&self, call: &Call<'_>, failure: Failure) -> Error {
        failure.into_error(call.what, &self.credentials.username)
    }

    /// Forgets that we had no access to an Org: somebody may just have given it.
    pub(super) fn forget_denial(&self, org: OrgId) {
        self.slot(org).lock().failed = None;
    }

    /// The token of an Org: look, wait for our turn, look again, mint.
    pub(super) async fn token(self: &Arc<Self>, org: OrgId) -> Result<Arc<Token>> {
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
        let minting = tokio::spawn(async move {
            let _turn = turn;
            let outcome = this.mint(org).await;
            slot.settle(outcome)
        });
        minting.await.unwrap_or_else(|_| Err(Error::Unavailable("signing in was broken off".to_owned())))
    }

    async fn mint(&self, org: OrgId) -> Result<Token> {
        let (secret, lifetime) = {
            let _turn = self.login.turn().await;
            if let Some(said) = self.login.refused() {
                return Err(Error::BadCredentials { login: self.credentials.username.clone(), said });
            }
            let asked = Instant::now();
            let (secret, lifetime) = self.sign_in(org).await?;
            (secret, lifetime.saturating_sub(asked.elapsed()))
        };
        let expires = Instant::now() + lifetime;
        self.wire.scrubber.add_token(org, secret.clone());
        let holder = self.verify(org, &secret).await?;
        tracing::info!(org = org.0, seconds = lifetime.as_secs(), "signed in to ThoughtSpot");
        Ok(Token { secret, holder, expires })
    }

    async fn sign_in(&self, org: OrgId) -> Result<(Secret, Duration)> {
        let proof = self.credentials.proof.secret();
        let (password, secret_key) = match &self.credentials.proof {
            Proof::Password(password) => (Some(password.expose()), None),
            Proof::SecretKey(key) => (None, Some(key.expose())),
        };
        let username = &self.credentials.username;
        let body = MintBody { username, password, secret_key, org_id: org.0, validity_time_in_sec: VALIDITY.as_secs() };
        let call = Call::search("auth/token/full", &body, Lane::Urgent).hiding([proof]);
        let login = username.clone();
        let body = match self.wire.send(&call, org, None).await {
            Ok(body) => body,
            Err(Failure::Unauthorized { said }) => {
                self.login.was_refused(said.clone());
                return Err(Error::BadCredentials { login, said });
            }
            Err(Failure::Refused { code: Some(NO_ORG_ACCESS), .. }) => return Err(Error::NoOrgAccess { login, org: org.0 }),
            Err(Failure::Refused { status: 403, .. }) if org != OrgId::PRIMARY => {
                return Err(Error::NoOrgAccess { login, org: org.0 });
            }
            Err(failure) => return Err(self.error(&call, failure)),
        };
        self.login.worked();
        let row: MintRow = serde_json::from_slice(&body).map_err(|_| call.unreadable("the answer holds no token"))?;
        let lifetime = lifetime(row.creation_time_in_millis, row.expiration_time_in_millis);
        Ok((Secret::new(row.token), lifetime))
    }

    /// Asks the server which Org the token is for: nothing else shows it, and a token for another Org would write to another tenant.
    async fn verify(&self, org: OrgId, secret: &Secret) -> Result<Login> {
        let call = Call::get("auth/session/user");
        let body = self.wire.send(&call, org, Some(secret)).await.map_err(|failure| self.error(&call, failure))?;
        let row: HolderRow = serde_json::from_slice(&body).map_err(|_| call.unreadable("the answer names no user"))?;
        match row.current_org.and_then(|o| o.id) {
            Some(got) if got.0 != org => Err(Error::WrongOrg { wanted: org.0, got: got.0.0 }),
            // Without the Orgs feature there is Primary only, and no Org is named.
            None if org != OrgId::PRIMARY => Err(call.unreadable("the answer does not say which Org the token is for")),
            Some(_) | None => Ok(Login { id: row.id, name: row.name }),
        }
    }

    fn slot(&self, org: OrgId) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(org).or_default())
    }
}

impl Slot {
    /// The token, or the error that stands in its place; `None` when one must be minted.
    fn known(&self, asked: Instant) -> Option<Result<Arc<Token>>> {
        let held = self.lock();
        let now = Instant::now();
        if let Some(token) = held.token.as_ref().filter(|_| held.refresh_at.is_some_and(|at| now < at)) {
            return Some(Ok(Arc::clone(token)));
        }
        // A failure that came while we waited for our turn is ours too.
        let failed = held.failed.as_ref().filter(|f| now < f.stands_until || asked <= f.at)?;
        Some(Err(failed.error.clone()))
    }

    /// Keeps the outcome of a mint. A refresh that failed leaves the old token in use while it lives.
    fn settle(&self, outcome: Result<Token>) -> Result<Arc<Token>> {
        let mut held = self.lock();
        let now = Instant::now();
        match outcome {
            Ok(token) => {
                let token = Arc::new(token);
                let life = token.expires.saturating_duration_since(now);
                *held = Held { token: Some(Arc::clone(&token)), refresh_at: Some(now + life.mul_f64(0.8)), failed: None };
                Ok(token)
            }
            Err(error) => {
                if let Some(old) = held.token.clone().filter(|old| now + REFRESH_RETRY < old.expires) {
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

    /// Drops a token that was refused, unless it has been replaced already.
    fn drop_token(&self, refused: &Arc<Token>) {
        let mut held = self.lock();
        if held.token.as_ref().is_some_and(|current| Arc::ptr_eq(current, refused)) {
            held.token = None;
        }
    }

    fn deny(&self, refused: &Arc<Token>, error: Error) {
        self.drop_token(refused);
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
        Error::Throttled { .. } | Error::Unavailable(_) | Error::Unclear { .. } | Error::BadCredentials { .. } => true,
        Error::HostNotAllowed { .. }
        | Error::NoOrgAccess { .. }
        | Error::WrongOrg { .. }
        | Error::Forbidden { .. }
        | Error::Refused { .. }
        | Error::Uncertified { .. } => false,
    }
}

/// A token's life by the difference of the server's two times, since our clock may differ from the server's.
fn lifetime(created: Option<Millis>, expires: Option<Millis>) -> Duration {
    let millis = created.zip(expires).and_then(|(created, expires)| u64::try_from(expires - created).ok());
    millis.filter(|m| *m > 0).map_or(VALIDITY_DEFAULT, Duration::from_millis).min(VALIDITY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn token(name: &str, seconds: u64) -> Token {
        let holder = Login { id: "id".to_owned(), name: "ana".to_owned() };
        Token { secret: Secret::new(name), holder, expires: Instant::now() + Duration::from_secs(seconds) }
    }

    fn held(slot: &Slot) -> Option<Result<String, String>> {
        let known = slot.known(Instant::now())?;
        Some(known.map(|t| t.secret.expose().to_owned()).map_err(|e| e.to_string()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_replaced_at_four_fifths_of_its_life() {
        let slot = Slot::default();
        slot.settle(Ok(token("one", 100))).unwrap();
        advance(Duration::from_secs(79)).await;
        assert_eq!(held(&slot), Some(Ok("one".to_owned())));
        advance(Duration::from_secs(1)).await;
        assert_eq!(held(&slot), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refresh_that_fails_leaves_the_old_token_in_use_while_it_lives() {
        let slot = Slot::default();
        slot.settle(Ok(token("one", 100))).unwrap();
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
    async fn only_the_token_that_was_refused_is_dropped() {
        let slot = Slot::default();
        let old = slot.settle(Ok(token("old", 100))).unwrap();
        slot.settle(Ok(token("new", 100))).unwrap();
        slot.drop_token(&old);
        assert_eq!(held(&slot), Some(Ok("new".to_owned())));
    }

    #[test]
    fn a_life_is_the_difference_of_the_servers_times() {
        for (created, expires, seconds) in [
            (Some(5_000_000), Some(5_300_000), 300),
            (Some(0), Some(86_400_000), 3600),
            (Some(5_300_000), Some(5_000_000), 300),
            (None, Some(5_000_000), 300),
            (Some(1), None, 300),
        ] {
            assert_eq!(lifetime(created, expires), Duration::from_secs(seconds), "{created:?} {expires:?}");
        }
    }
}
