//! Passwords, how often wrong ones were tried, and how an account comes back.

use super::refusal::{Cause, Refusal};
use crate::settings::Settings;

/// A password. It can be compared, and never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(pub(super) String);

impl Password {
    /// Takes a password the rules allow for this user.
    pub(super) fn accept(settings: &Settings, user: &str, password: String) -> Result<Self, Refusal> {
        let least = settings.password_length;
        let weak = password.chars().count() < least || password.eq_ignore_ascii_case(user);
        if settings.password_rule && weak {
            let text = format!("The password must have at least {least} characters and differ from the user name");
            return Err(Refusal::new(Cause::Password, text));
        }
        Ok(Self(password))
    }

    /// Takes any password.
    pub(super) fn any(password: &str) -> Self {
        Self(password.to_owned())
    }
}

/// Failed logins in a row, and the lock they led to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tries {
    pub(super) failed: u32,
    /// Milliseconds since 1970.
    pub(super) locked_until: Option<i64>,
}

/// What a user who was switched off needs to come back.
#[derive(Clone)]
pub(crate) struct Activation {
    pub(super) token: String,
    /// Milliseconds since 1970.
    pub(super) until: i64,
}
