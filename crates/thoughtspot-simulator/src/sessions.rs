//! Tokens and cookie sessions: who they are for, in which Org, and until when.

use crate::settings::Settings;
use crate::state::kinds::AccountStatus;
use crate::state::refusal::Refusal;
use crate::state::{ALL_ORGS, World};
use std::collections::HashMap;
use uuid::Uuid;

/// How long an older trusted token of v1 lives on after a new one was made, in milliseconds.
const GRACE_MILLIS: i64 = 5 * 60 * 1000;

/// What a token or a session cookie stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) user: Uuid,
    pub(crate) org: i32,
    /// Milliseconds since 1970.
    pub(crate) created: i64,
    /// Milliseconds since 1970.
    pub(crate) expires: i64,
    /// The one object it shows; none for everything.
    pub(crate) object: Option<Uuid>,
    /// Serial number of the secret key it was asked for with.
    pub(crate) key: Option<u32>,
}

/// What a request shows to say who asks.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// The token of an `Authorization` header. It counts before a cookie.
    pub(crate) bearer: Option<&'a str>,
    /// The key in the session cookie.
    pub(crate) cookie: Option<&'a str>,
}

/// A session that a cookie names.
struct Kept {
    session: Session,
    /// How long it lives without being used, in milliseconds; none for one that lives until it expires.
    idle: Option<i64>,
}

/// All tokens and sessions that were given out.
#[derive(Default)]
pub(crate) struct Sessions {
    tokens: HashMap<String, Session>,
    everybody_out: u64,
    cookies: HashMap<String, Kept>,
    /// The newest trusted token of v1 of each user: only that one lives on.
    trusted: HashMap<Uuid, String>,
}

impl Sessions {
    /// Every token and every key of a session that is still known.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.tokens.keys().chain(self.cookies.keys()).cloned().collect()
    }

    /// Gives out a token: text that says nothing. It does not end old ones.
    pub(crate) fn issue(&mut self, session: Session) -> String {
        let token = random_text();
        self.tokens.retain(|_, old| old.expires > session.created);
        self.tokens.insert(token.clone(), session);
        token
    }

    /// Gives out a trusted token of v1: an older one of the same user ends five minutes later, and all that were made with a
    /// secret key that is not in use any more end at once.
    pub(crate) fn issue_trusted(&mut self, session: Session, world: &World) -> String {
        let outdated = |token: &String| {
            let key = self.tokens.get(token).and_then(|session| session.key);
            key.is_none_or(|serial| !world.trusted.is_in_use(serial))
        };
        let ended: Vec<(Uuid, String)> = self.trusted.iter().filter(|(_, token)| outdated(token)).map(owned).collect();
        for (user, token) in ended {
            self.trusted.remove(&user);
            self.tokens.remove(&token);
        }
        let token = self.issue(session);
        let older = self.trusted.insert(session.user, token.clone());
        if let Some(older) = older.and_then(|older| self.tokens.get_mut(&older)) {
            older.expires = older.expires.min(session.created + GRACE_MILLIS);
        }
        token
    }

    /// Opens a session and returns the key of its cookie. A remembered one lives for a fixed time, others end when they are not
    /// used; when `session` itself expires does not matter.
    pub(crate) fn open(&mut self, session: Session, remember: bool, settings: &Settings) -> String {
        let idle = i64::from(settings.session_idle_seconds) * 1000;
        let life = if remember { i64::from(settings.session_remember_seconds) * 1000 } else { idle };
        let session = Session { expires: session.created.saturating_add(life), ..session };
        let key = random_text();
        self.cookies.retain(|_, old| old.session.expires > session.created);
        self.cookies.insert(key.clone(), Kept { session, idle: (!remember).then_some(idle) });
        key
    }

    /// Ends the token or session that a request shows.
    pub(crate) fn end(&mut self, shown: Shown<'_>) {
        match (shown.bearer, shown.cookie) {
            (Some(token), _) => self.revoke(token),
            (None, Some(key)) => self.close(key),
            (None, None) => {}
        }
    }

    /// Ends the session of this cookie.
    pub(crate) fn close(&mut self, key: &str) {
        self.cookies.remove(key);
    }

    /// The session of this cookie is in another Org from now on. Whether there is one.
    pub(crate) fn switch(&mut self, key: &str, org: i32) -> bool {
        self.cookies.get_mut(key).map(|kept| kept.session.org = org).is_some()
    }

    /// Whom the request shows to be, if what it shows is still good.
    pub(crate) fn check(&mut self, shown: Shown<'_>, world: &World, settings: &Settings, now: i64) -> Result<Session, Refusal> {
        let session = match (shown.bearer, shown.cookie) {
            (Some(token), _) => self.tokens.get(token).copied().filter(|session| now < session.expires),
            (None, Some(key)) => self.used(key, now),
            (None, None) => None,
        };
        let session = session.ok_or_else(Refusal::unauthenticated)?;
        if is_good(&session, world, settings) { Ok(session) } else { Err(Refusal::unauthenticated()) }
    }

    fn used(&mut self, key: &str, now: i64) -> Option<Session> {
        let kept = self.cookies.get_mut(key).filter(|kept| now < kept.session.expires)?;
        if let Some(idle) = kept.idle {
            kept.session.expires = now + idle;
        }
        Some(kept.session)
    }

    /// The trusted token or other bearer token, if it is good.
    pub(crate) fn token(&self, token: &str, world: &World, settings: &Settings, now: i64) -> Option<Session> {
        self.tokens.get(token).copied().filter(|session| now < session.expires && is_good(session, world, settings))
    }

    /// Ends one token.
    pub(crate) fn revoke(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    /// Ends every token and session of a user.
    pub(crate) fn revoke_user(&mut self, user: Uuid) {
        self.tokens.retain(|_, session| session.user != user);
        self.cookies.retain(|_, kept| kept.session.user != user);
    }

    /// Ends every token and session because a request named nobody, and counts that.
    pub(crate) fn log_everybody_out(&mut self) {
        tracing::warn!("a request that names nobody ends every session of the cluster");
        self.everybody_out += 1;
        self.revoke_all();
    }

    /// How often a request that named nobody ended every session.
    pub(crate) fn everybody_out(&self) -> u64 {
        self.everybody_out
    }

    /// Ends every token and session.
    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
        self.cookies.clear();
    }
}

/// Whether the user may still act in that Org.
fn is_good(session: &Session, world: &World, settings: &Settings) -> bool {
    let Some(user) = world.users.get(&session.user) else {
        return settings.tokens_outlive_membership && world.orgs.contains_key(&session.org);
    };
    if !matches!(user.account_status, AccountStatus::Active | AccountStatus::Locked) {
        return false;
    }
    if !settings.tokens_outlive_key && session.key.is_some_and(|serial| !world.trusted.is_in_use(serial)) {
        return false;
    }
    if session.org == ALL_ORGS {
        return world.is_cluster_admin(session.user);
    }
    let welcome = settings.tokens_outlive_membership || world.may_enter(settings, session.user, session.org);
    welcome && world.orgs.contains_key(&session.org)
}

fn owned((user, token): (&Uuid, &String)) -> (Uuid, String) {
    (*user, token.clone())
}

fn random_text() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
