//! How an account behaves for its user.

/// How an account behaves for its user (docs/thoughtspot-api.md, "Preferences"). Of a user that was read, `None` is what the server does not
/// tell; in a request, what is left as it is, or as a new account has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The language, such as `en-GB`. Empty where none was chosen.
    pub locale: Option<String>,
    /// Whether the browser chooses the language, whatever `locale` says. No call of v1 sets or shows it.
    pub use_browser_language: Option<bool>,
    /// Whether the user is mailed when something is shared with it.
    pub notify_on_share: Option<bool>,
    /// Whether the user is shown the introduction.
    pub show_onboarding: Option<bool>,
}
