//! How the account behaves for its user: set once, or kept so. Pure.
//!
//! v2 creates a user with its preferences, v1 needs a call for them after that: that it is still to come is in status with the user's id,
//! so that a crash in between leaves nothing half done.

use thoughtspot_client::domain::{Preferences, User, UserPatch};
use thoughtspot_crds::preferences::PreferencesPolicy;
use thoughtspot_crds::{ThoughtSpotUser, ThoughtSpotUserSpec};
use thoughtspot_engine::kind::{Claim, Difference};

use super::{Desired, UserChange};
use crate::kinds;

impl Desired {
    /// What has to change about the user's preferences.
    pub(super) fn preferences_change(&self, have: &User) -> Preferences {
        change(&self.spec, self.preferences_due, &have.preferences)
    }

    /// Only to whom this resource created they are still to be given: whoever was there before may have chosen.
    pub(super) fn preferences_claimed(&mut self, claim: Claim) {
        self.preferences_due = match claim {
            Claim::Created | Claim::Recovered => self.spec.preferences.is_some(),
            Claim::Returned | Claim::TakenBack | Claim::Adopted => false,
        };
    }

    pub(super) fn preferences_seen(&mut self, have: &User) {
        self.preferences_due &= self.preferences_change(have) != Preferences::default();
    }

    /// What is not shown can only be known to be set from here.
    pub(super) fn preferences_done(&mut self, change: &UserChange) {
        if let UserChange::Update { patch: UserPatch { preferences, .. }, .. } = change {
            self.preferences_due &= *preferences == Preferences::default();
        }
    }
}

/// What is declared, for a new user.
pub(super) fn declared(spec: &ThoughtSpotUserSpec) -> Preferences {
    let declared = spec.preferences.clone().unwrap_or_default();
    Preferences {
        locale: declared.locale,
        use_browser_language: declared.use_browser_language,
        notify_on_share: declared.notify_on_share,
        show_onboarding: declared.show_onboarding,
    }
}

/// What is still to be set of a user that this resource created, unless it declares none any more.
pub(super) fn due(user: &ThoughtSpotUser) -> bool {
    let remembered = user.status.as_ref().is_some_and(|status| status.preferences_due);
    remembered && user.spec.preferences.is_some() && user.spec.management_policy.writes()
}

fn change(spec: &ThoughtSpotUserSpec, due: bool, shown: &Preferences) -> Preferences {
    if !due && spec.preferences_policy == PreferencesPolicy::Initially {
        return Preferences::default();
    }
    let wanted = declared(spec);
    // While the browser chooses the language, no other is taken.
    let instead = wanted.locale.as_ref().filter(|_| shown.use_browser_language == Some(true)).map(|_| false);
    Preferences {
        use_browser_language: lacking(wanted.use_browser_language.or(instead), shown.use_browser_language.as_ref(), due),
        locale: lacking(wanted.locale, shown.locale.as_ref(), due),
        notify_on_share: lacking(wanted.notify_on_share, shown.notify_on_share.as_ref(), due),
        show_onboarding: lacking(wanted.show_onboarding, shown.show_onboarding.as_ref(), due),
    }
}

/// What is wanted and not there. What is not shown is not compared: it is set once, if that is still due.
fn lacking<T: PartialEq>(wanted: Option<T>, shown: Option<&T>, due: bool) -> Option<T> {
    wanted.filter(|wanted| shown.map_or(due, |shown| shown != wanted))
}

/// What a change makes different, field by field.
pub(super) fn differences(to: &Preferences, from: &Preferences) -> Vec<Difference> {
    let Preferences { locale, use_browser_language, notify_on_share, show_onboarding } = to;
    let switch = |field: &str, to: Option<bool>, from: Option<bool>| {
        to.map(|to| kinds::difference(field, to, from.map_or_else(|| NOT_SHOWN.to_owned(), |from| from.to_string())))
    };
    let language = |to: &String| kinds::difference("preferences.locale", to, from.locale.as_deref().unwrap_or(NOT_SHOWN));
    let all = [
        locale.as_ref().map(language),
        switch("preferences.useBrowserLanguage", *use_browser_language, from.use_browser_language),
        switch("preferences.notifyOnShare", *notify_on_share, from.notify_on_share),
        switch("preferences.showOnboarding", *show_onboarding, from.show_onboarding),
    ];
    all.into_iter().flatten().collect()
}

const NOT_SHOWN: &str = "not shown";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn spec(preferences: Value, policy: &str) -> ThoughtSpotUserSpec {
        let spec = json!({ "instanceRef": { "name": "ts" }, "preferences": preferences, "preferencesPolicy": policy });
        serde_json::from_value(spec).unwrap()
    }

    /// The fields that would be changed, with what they become.
    fn changed(spec: &ThoughtSpotUserSpec, due: bool, shown: &Preferences) -> Vec<String> {
        let change = change(spec, due, shown);
        differences(&change, shown)
            .iter()
            .map(|d| format!("{}={}", d.field.trim_start_matches("preferences."), d.declared))
            .collect()
    }

    fn new_in_v2() -> Preferences {
        Preferences {
            locale: Some(String::new()),
            use_browser_language: Some(false),
            notify_on_share: Some(true),
            show_onboarding: Some(true),
        }
    }

    #[test]
    fn what_is_set_initially_is_the_users_own_from_then_on() {
        let quiet = json!({ "locale": "de-DE", "notifyOnShare": false, "showOnboarding": true });
        let (once, always) = (spec(quiet.clone(), "Initially"), spec(quiet, "Always"));
        let both = ["locale=de-DE", "notifyOnShare=false"];
        assert_eq!(changed(&once, true, &new_in_v2()), both);
        assert!(changed(&once, false, &new_in_v2()).is_empty());
        assert_eq!(changed(&always, false, &new_in_v2()), both);
        assert!(changed(&spec(Value::Null, "Always"), true, &new_in_v2()).is_empty(), "what is unset is not managed");
    }

    #[test]
    fn what_is_not_shown_is_set_once_and_not_compared() {
        let new_in_v1 = Preferences { locale: None, use_browser_language: None, ..new_in_v2() };
        let french = spec(json!({ "locale": "fr-FR", "notifyOnShare": false }), "Always");
        assert_eq!(changed(&french, true, &new_in_v1), ["locale=fr-FR", "notifyOnShare=false"]);
        assert_eq!(changed(&french, false, &new_in_v1), ["notifyOnShare=false"]);
        let chosen = Preferences { locale: Some("de-DE".to_owned()), ..new_in_v1 };
        assert_eq!(changed(&french, false, &chosen), ["locale=fr-FR", "notifyOnShare=false"]);
    }

    #[test]
    fn a_language_takes_the_place_of_the_browsers() {
        let french = spec(json!({ "locale": "fr-FR" }), "Always");
        let by_browser = Preferences { use_browser_language: Some(true), ..new_in_v2() };
        assert_eq!(changed(&french, false, &by_browser), ["locale=fr-FR", "useBrowserLanguage=false"]);
        assert_eq!(changed(&french, false, &new_in_v2()), ["locale=fr-FR"]);
        let browsers = spec(json!({ "useBrowserLanguage": true }), "Always");
        assert_eq!(changed(&browsers, false, &new_in_v2()), ["useBrowserLanguage=true"]);
        assert!(changed(&browsers, false, &by_browser).is_empty());
    }
}
