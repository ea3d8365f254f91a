//! Tokens: who they are for, in which Org, and until when.

use crate::settings::Settings;
use crate::state::World;
use crate::state::kinds::AccountStatus;
use crate::state::refusal::Refusal;
use std::collections::HashMap;
use uuid::Uuid;

/// What a token stands for.
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

/// All tokens that were given out. New ones do not end old ones.
#[derive(Default)]
pub(crate) struct Sessions {
    tokens: HashMap<String, Session>,
    everybody_out: u64,
}

impl Sessions {
    /// Gives out a token: text that says nothing.
    pub(crate) fn issue(&mut self, session: Session) -> String {
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        self.tokens.retain(|_, old| old.expires > session.created);
        self.tokens.insert(token.clone(), session);
        token
    }

    /// What the token stands for, if it is still good.
    pub(crate) fn check(&self, token: Option<&str>, world: &World, settings: &Settings, now: i64) -> Result<Session, Refusal> {
        let session = token.and_then(|token| self.tokens.get(token)).filter(|session| now < session.expires);
        let session = session.ok_or_else(Refusal::unauthenticated)?;
        let user = world.users.get(&session.user).ok_or_else(Refusal::unauthenticated)?;
        let keyed = settings.tokens_outlive_key || session.key.is_none_or(|serial| world.trusted.is_in_use(serial));
        let signed_in = matches!(user.account_status, AccountStatus::Active | AccountStatus::Locked);
        let welcome = settings.tokens_outlive_membership || world.may_enter(settings, session.user, session.org);
        if signed_in && keyed && welcome && world.orgs.contains_key(&session.org) {
            Ok(*session)
        } else {
            Err(Refusal::unauthenticated())
        }
    }

    /// Ends one token.
    pub(crate) fn revoke(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    /// Ends every token of a user.
    pub(crate) fn revoke_user(&mut self, user: Uuid) {
        self.tokens.retain(|_, session| session.user != user);
    }

    /// Ends every token because a request named nobody, and counts that.
    pub(crate) fn log_everybody_out(&mut self) {
        tracing::warn!("a request that names nobody ends every session of the cluster");
        self.everybody_out += 1;
        self.revoke_all();
    }

    /// How often a request that named nobody ended every session.
    pub(crate) fn everybody_out(&self) -> u64 {
        self.everybody_out
    }

    /// Ends every token.
    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
    }
}
