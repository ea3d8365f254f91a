//! How an account behaves for its user.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an account behaves for its user. What is unset is left as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("!has(self.locale) || !has(self.useBrowserLanguage) || !self.useBrowserLanguage")
    .message("leave `locale` or `useBrowserLanguage` out: where the browser chooses the language, no other is used"))]
pub struct Preferences {
    /// The language, such as `en-GB`, as ThoughtSpot has them. The browser's is not used then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 35))]
    #[x_kube(validation = kube::core::Rule::new("self.matches('^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$')")
        .message("write a language such as en-GB, fr-FR or zh-Hant"))]
    pub locale: Option<String>,
    /// Whether the browser chooses the language. Not with dialect `V1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_browser_language: Option<bool>,
    /// Whether the user is mailed when something is shared with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_on_share: Option<bool>,
    /// Whether the user is shown the introduction to ThoughtSpot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_onboarding: Option<bool>,
}

/// Whose the preferences are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum PreferencesPolicy {
    /// Set when this resource creates the user, and the user's own from then on. Of one that was taken over nothing is set.
    #[default]
    Initially,
    /// Compared, and set again when they differ.
    Always,
}
