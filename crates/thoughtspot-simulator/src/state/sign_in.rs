//! Signing in: by password or the secret key, locked accounts, and which Org one lands in.

use super::audit::Event;
use super::kinds::AccountStatus;
use super::password::Tries;
use super::refusal::{Cause, Refusal};
use super::user::User;
use super::{PRIMARY, World};
use crate::settings::Settings;
use serde_json::json;
use uuid::Uuid;

/// What somebody shows to be let in.
pub(crate) enum Proof {
    /// The user's own password.
    Password(String),
    /// The key that lets its holder be any user.
    SecretKey(String),
}

impl Proof {
    /// What the audit log says when it is good.
    fn success(&self) -> Event {
        match self {
            Self::Password(_) => Event::LoginSuccessful,
            Self::SecretKey(_) => Event::TokenCreated,
        }
    }

    /// What the audit log says when it is not.
    fn failure(&self) -> Event {
        match self {
            Self::Password(_) => Event::LoginFailed,
            Self::SecretKey(_) => Event::TokenRefused,
        }
    }
}

/// Where somebody is let in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedIn {
    pub(crate) user: Uuid,
    pub(crate) org: i32,
    /// Serial number of the secret key that was shown.
    pub(crate) key: Option<u32>,
}

impl World {
    /// Lets the user of this name in, into the Org asked for. Without one it is the home of the key, or else the last Org of the user.
    pub(crate) fn enter(
        &mut self,
        settings: &Settings,
        now: i64,
        name: &str,
        proof: &Proof,
        asked: Option<i32>,
    ) -> Result<SignedIn, Refusal> {
        let user = self.sign_in(settings, now, name, proof)?;
        let key = match proof {
            Proof::SecretKey(key) => self.trusted.opened_by(key),
            Proof::Password(_) => None,
        };
        if let (Some((scope, _)), Some(org)) = (key, asked) {
            self.check_key_opens(scope, org)?;
        }
        let home = key.map(|(scope, _)| scope.home()).filter(|home| self.may_enter(settings, user, *home));
        let org = self.enter_org(settings, user, asked.or(home))?;
        Ok(SignedIn { user, org, key: key.map(|(_, serial)| serial) })
    }

    /// The user this proof belongs to. Several wrong ones in a row lock the account for a while.
    pub(crate) fn sign_in(&mut self, settings: &Settings, now: i64, name: &str, proof: &Proof) -> Result<Uuid, Refusal> {
        self.unlock_expired(now);
        let id = self.user_named(settings, name).map(|user| user.id).ok_or_else(failed)?;
        let proven = self.proves(settings, id, proof);
        let user = self.users.get_mut(&id).ok_or_else(failed)?;
        if user.account_status == AccountStatus::Locked {
            return Err(failed());
        }
        if proven && user.account_status == AccountStatus::Active {
            user.tries = Tries::default();
            if user.first_login < 0 {
                user.first_login = now;
            }
            self.record_sign_in(id, now, proof.success());
            return Ok(id);
        }
        if !proven {
            count_failure(user, settings, now);
        }
        let locked = user.account_status == AccountStatus::Locked;
        self.record_sign_in(id, now, proof.failure());
        if locked {
            self.record_sign_in(id, now, Event::AccountLocked);
        }
        Err(failed())
    }

    fn record_sign_in(&mut self, user: Uuid, now: i64, event: Event) {
        let org = self.users.get(&user).and_then(|user| user.last_org).unwrap_or(PRIMARY);
        self.record_for(user, org, now, event, json!({"user": user.to_string()}));
    }

    fn proves(&self, settings: &Settings, user: Uuid, proof: &Proof) -> bool {
        match proof {
            Proof::SecretKey(key) => self.trusted.opened_by(key).is_some(),
            Proof::Password(given) => {
                let known = self.users.get(&user).and_then(|user| user.password.as_ref());
                !settings.mfa && known.is_some_and(|known| known.0 == *given)
            }
        }
    }

    /// Accounts unlock by themselves.
    pub(crate) fn unlock_expired(&mut self, now: i64) {
        for user in self.users.values_mut() {
            if user.tries.locked_until.is_some_and(|until| until <= now) {
                user.tries = Tries::default();
                user.account_status = AccountStatus::Active;
            }
        }
    }

    /// The Org a token for this user is for: the one asked for, else the last one, else Primary, else any of the user's.
    pub(crate) fn enter_org(&mut self, settings: &Settings, user: Uuid, asked: Option<i32>) -> Result<i32, Refusal> {
        let org = match settings.token_lands_in_org.or(asked) {
            Some(org) => org,
            None => self.default_org(settings, user),
        };
        self.visit_org(settings, user, org)?;
        Ok(org)
    }

    /// The user is in this Org now, which is remembered as the last one.
    pub(crate) fn visit_org(&mut self, settings: &Settings, user: Uuid, org: i32) -> Result<(), Refusal> {
        if !self.orgs.contains_key(&org) {
            return Err(Refusal::unknown_org(&org.to_string()));
        }
        if !self.may_enter(settings, user, org) {
            let name = self.users.get(&user).map_or("", |user| user.name.as_str());
            return Err(Refusal::new(Cause::NoOrgAccess, format!("User {name} do not have access to org {org}")));
        }
        if let Some(user) = self.users.get_mut(&user) {
            user.last_org = Some(org);
        }
        Ok(())
    }

    fn default_org(&self, settings: &Settings, user: Uuid) -> i32 {
        let last = self.users.get(&user).and_then(|user| user.last_org);
        let enterable = |org: &i32| self.may_enter(settings, user, *org);
        let first = self.org_members.wholes_of(user).first().copied();
        last.filter(enterable).or(Some(PRIMARY).filter(enterable)).or(first).unwrap_or(PRIMARY)
    }

    /// Whether the user may act in this Org: as a member, or as a cluster administrator unless the settings want membership.
    pub(crate) fn may_enter(&self, settings: &Settings, user: Uuid, org: i32) -> bool {
        let everywhere = !settings.admin_needs_membership && self.is_cluster_admin(user);
        self.orgs.contains_key(&org) && (everywhere || self.org_members.holds(user, org))
    }
}

fn count_failure(user: &mut User, settings: &Settings, now: i64) {
    user.tries.failed += 1;
    if settings.lock_after > 0 && user.tries.failed >= settings.lock_after {
        user.tries.locked_until = Some(now + i64::from(settings.lock_seconds) * 1000);
        user.account_status = AccountStatus::Locked;
    }
}

fn failed() -> Refusal {
    Refusal::new(Cause::Unauthenticated, "Authentication failed.")
}
