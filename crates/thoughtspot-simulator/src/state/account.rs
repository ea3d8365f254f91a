//! What an account goes through: passwords, being switched off and on again.

use super::audit::Event;
use super::kinds::{AccountStatus, AccountType};
use super::password::{Activation, Password, Tries};
use super::privilege::Privilege;
use super::refusal::Refusal;
use super::user::User;
use super::{Actor, World};
use serde_json::json;
use uuid::Uuid;

/// How long an activation link is good.
const ACTIVATION_MILLIS: i64 = 14 * 24 * 60 * 60 * 1000;

impl World {
    /// Gives a user a new password.
    pub(crate) fn reset_password(&mut self, actor: &Actor<'_>, identifier: &str, password: String) -> Result<(), Refusal> {
        self.require_privilege(actor, Privilege::USER_ADMINISTRATION)?;
        let user = self.user_with_password(actor, identifier)?;
        let (id, password) = (user.id, Password::accept(actor.settings, &user.name, password)?);
        self.write_password(actor, id, password);
        Ok(())
    }

    /// Gives a user a new password for the old one. One's own can always be changed, that of others by administrators.
    pub(crate) fn change_password(
        &mut self,
        actor: &Actor<'_>,
        identifier: &str,
        current: &str,
        password: String,
    ) -> Result<(), Refusal> {
        let user = self.user_with_password(actor, identifier)?;
        if user.id != actor.user {
            self.require_privilege(actor, Privilege::USER_ADMINISTRATION)?;
        }
        if user.password.as_ref().is_none_or(|known| known.0 != current) {
            return Err(Refusal::invalid("The current password is not correct"));
        }
        let (id, password) = (user.id, Password::accept(actor.settings, &user.name, password)?);
        self.write_password(actor, id, password);
        Ok(())
    }

    /// Whether this is the password of that user.
    pub(crate) fn is_password_of(&self, user: Uuid, text: &str) -> bool {
        let known = self.users.get(&user).and_then(|user| user.password.as_ref());
        known.is_some_and(|known| known.0 == text)
    }

    /// Gives a user who was switched off a new password for the token of the link, which is used up by that.
    pub(crate) fn redeem_password(
        &mut self,
        actor: &Actor<'_>,
        user: Uuid,
        token: &str,
        password: String,
    ) -> Result<(), Refusal> {
        let found = self.users.get(&user).ok_or_else(|| Refusal::unknown_principal(&user.to_string()))?;
        let good = |activation: &Activation| activation.token == token && actor.now < activation.until;
        if !found.activation.as_ref().is_some_and(good) {
            return Err(Refusal::invalid("Invalid parameter values auth_token: it is wrong or has expired"));
        }
        let password = Password::accept(actor.settings, &found.name, password)?;
        self.write_password(actor, user, password);
        if let Some(user) = self.users.get_mut(&user) {
            user.activation = None;
        }
        Ok(())
    }

    /// The user, if it is one that signs in with a password.
    fn user_with_password(&self, actor: &Actor<'_>, identifier: &str) -> Result<&User, Refusal> {
        let user = self.find_user(actor, identifier).ok_or_else(|| Refusal::unknown_principal(identifier))?;
        match user.account_type {
            AccountType::LocalUser => Ok(user),
            AccountType::LdapUser | AccountType::SamlUser | AccountType::OidcUser | AccountType::RemoteUser => {
                Err(Refusal::invalid("The password of a user of an identity provider cannot be changed here"))
            }
        }
    }

    fn write_password(&mut self, actor: &Actor<'_>, id: Uuid, password: Password) {
        self.record(actor, Event::UpdatePassword, json!({"user": id.to_string()}));
        if let Some(user) = self.users.get_mut(&id) {
            user.password = Some(password);
        }
    }

    /// Switches a user off. Returns its id and the token with which it comes back.
    pub(crate) fn deactivate(&mut self, actor: &Actor<'_>, identifier: &str) -> Result<(Uuid, String), Refusal> {
        self.require_privilege(actor, Privilege::USER_ADMINISTRATION)?;
        let found = self.find_user(actor, identifier).map(|user| user.id);
        let id = found.ok_or_else(|| Refusal::unknown_principal(identifier))?;
        let token = Uuid::new_v4().to_string();
        if let Some(user) = self.users.get_mut(&id) {
            user.account_status = AccountStatus::Inactive.as_stored(actor.settings);
            user.activation = Some(Activation { token: token.clone(), until: actor.now + ACTIVATION_MILLIS });
            user.modifier = actor.user;
            user.modified = actor.now;
        }
        Ok((id, token))
    }

    /// Switches a user on again, with a new password. Returns its id.
    pub(crate) fn activate(
        &mut self,
        actor: &Actor<'_>,
        identifier: &str,
        token: &str,
        password: String,
    ) -> Result<Uuid, Refusal> {
        self.require_privilege(actor, Privilege::USER_ADMINISTRATION)?;
        let user = self.find_user(actor, identifier).ok_or_else(|| Refusal::unknown_principal(identifier))?;
        let good = |activation: &Activation| activation.token == token && actor.now < activation.until;
        if !user.activation.as_ref().is_some_and(good) {
            return Err(Refusal::invalid("Invalid parameter values auth_token: it is wrong or has expired"));
        }
        let (id, password) = (user.id, Password::accept(actor.settings, &user.name, password)?);
        if let Some(user) = self.users.get_mut(&id) {
            user.account_status = AccountStatus::Active;
            user.activation = None;
            user.tries = Tries::default();
            user.password = Some(password);
            user.modifier = actor.user;
            user.modified = actor.now;
        }
        Ok(id)
    }
}
