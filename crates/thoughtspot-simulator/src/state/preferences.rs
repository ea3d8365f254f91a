//! How an account behaves for its user, as plain data.

use super::kinds::Locale;
use super::user::User;
use serde::{Deserialize, Serialize};

/// How an account behaves for its user, by the names of v2. By default as in a new account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PreferencesDump {
    /// A language such as `en-GB`, if one was chosen.
    pub preferred_locale: Option<String>,
    /// Whether the browser chooses the language, if that was ever said.
    pub use_browser_language: Option<bool>,
    /// Whether a mail comes when something is shared.
    pub notify_on_share: bool,
    /// Whether the introduction is shown.
    pub show_onboarding_experience: bool,
    /// Whether the introduction was gone through.
    pub onboarding_experience_completed: bool,
}

impl Default for PreferencesDump {
    fn default() -> Self {
        Self {
            preferred_locale: None,
            use_browser_language: None,
            notify_on_share: true,
            show_onboarding_experience: true,
            onboarding_experience_completed: false,
        }
    }
}

impl PreferencesDump {
    pub(super) fn of(user: &User) -> Self {
        Self {
            preferred_locale: user.preferred_locale.clone(),
            use_browser_language: user.use_browser_language,
            notify_on_share: user.notify_on_share,
            show_onboarding_experience: user.show_onboarding_experience,
            onboarding_experience_completed: user.onboarding_experience_completed,
        }
    }

    /// Makes the account behave like this, or says which language there is not.
    pub(crate) fn put(&self, user: &mut User) -> Result<(), String> {
        let locale = self.preferred_locale.as_deref().map(Locale::named).transpose()?;
        user.preferred_locale = locale.map(|Locale(name)| name);
        user.use_browser_language = self.use_browser_language;
        user.notify_on_share = self.notify_on_share;
        user.show_onboarding_experience = self.show_onboarding_experience;
        user.onboarding_experience_completed = self.onboarding_experience_completed;
        Ok(())
    }
}
