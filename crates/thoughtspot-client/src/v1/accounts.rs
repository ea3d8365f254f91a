//! Users' passwords, preferences and sessions; ownership of what they made (docs/thoughtspot-api-v1.md, "Accounts").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde::Serialize;
use serde_with_macros::skip_serializing_none;

use super::fields::Fields;
use super::groups::{GroupRecord, GroupRow};
use super::users::{Users, path};
use crate::decode::refused_here;
use crate::domain::{self, Guid};
use crate::error::{Error, Result};
use crate::nonempty::NonEmpty;
use crate::secret::Secret;
use crate::wire::Call;

/// What a user likes; `None` leaves it as it is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preferences {
    /// Whether the tour is shown.
    pub show_walk_me: Option<bool>,
    /// Whether a mail comes when somebody shares something.
    pub notify_on_share: Option<bool>,
    pub analyst_onboarding_complete: Option<bool>,
    /// Such as `en-GB`.
    pub preferred_locale: Option<String>,
}

impl TryFrom<&domain::Preferences> for Preferences {
    type Error = Error;

    fn try_from(preferences: &domain::Preferences) -> Result<Preferences> {
        let domain::Preferences { locale, use_browser_language, notify_on_share, show_onboarding } = preferences;
        if use_browser_language.is_some() {
            return Err(refused_here("user/updatepreference", "no call of v1 sets whether the browser chooses the language"));
        }
        let (preferred_locale, notify_on_share) = (locale.clone(), *notify_on_share);
        Ok(Preferences { show_walk_me: *show_onboarding, notify_on_share, preferred_locale, ..Preferences::default() })
    }
}

/// What changes hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handover {
    /// **All** that the user owns in the session's Org.
    Everything,
    /// These objects, by GUID.
    Objects(NonEmpty<Guid>),
}

impl Users<'_> {
    /// Sets a user's e-mail address. An unknown user is refused (400), a bad address too (500).
    pub async fn set_email(&self, id: &str, address: &str) -> Result<()> {
        let fields = Fields::new().text("userid", id).text("emailid", address);
        self.0.done(&self.call("user/email", Method::PUT, "user/email".to_owned()).form(&fields)).await
    }

    /// Sets preferences of a user.
    pub async fn set_preferences(&self, id: &str, preferences: &Preferences) -> Result<()> {
        let fields = Fields::new().text("userid", id).json("preferences", preferences);
        self.0.done(&self.post("user/updatepreference").form(&fields)).await
    }

    /// Signs users out everywhere. Without any, everybody would be.
    pub async fn end_sessions(&self, ids: &NonEmpty<Guid>) -> Result<()> {
        let what = "user/session/invalidate";
        self.0.done(&self.post(what).form(&Fields::new().json("userid", ids))).await
    }

    /// Changes a password by the one before. Sources disagree whether `current` is the user's or the caller's: for one's own they
    /// are the same. A password that is too weak is refused (500).
    pub async fn change_password(&self, name: &str, current: &Secret, new: &Secret) -> Result<()> {
        let fields = Fields::new().text("name", name).secret("currentpassword", current).secret("password", new);
        self.about_another(&self.post("user/updatepassword").form(&fields).hiding([current, new]), name).await
    }

    /// Sets a password by a token that was mailed to the user.
    pub async fn reset_password(&self, id: &str, token: &Secret, new: &Secret) -> Result<()> {
        let fields = Fields::new().text("userid", id).secret("auth_token", token).secret("password", new);
        self.about_another(&self.post("user/resetpassword").form(&fields).hiding([token, new]), id).await
    }

    /// Switches an account off. `base_url` is that of the link in the answer, which switches it on again and is as good as a password.
    pub async fn deactivate(&self, name: &str, base_url: &str) -> Result<Secret> {
        let fields = Fields::new().text("username", name).text("url", base_url);
        self.0.text(&self.post("user/inactivate").form(&fields).for_text()).await.map(Secret::new)
    }

    /// Switches an account on, with the token of the link that [`Users::deactivate`] gave.
    pub async fn activate(&self, id: &str, token: &Secret, password: &Secret, email: Option<&str>) -> Result<()> {
        let fields = Fields::new().text("userid", id).secret("auth_token", token).secret("password", password);
        let fields = fields.maybe("properties", email.map(|address| STANDARD.encode(address)));
        self.about_another(&self.post("user/activate").form(&fields).hiding([token, password]), id).await
    }

    /// A 401 may be about what the call carries instead of our session.
    async fn about_another(&self, call: &Call<'_>, whose: &str) -> Result<()> {
        self.0.about_another(call).await.map(drop).map_err(|failure| failure.into_error(call.what, whose))
    }

    /// The groups a user is in.
    pub async fn groups(&self, id: &str) -> Result<Vec<GroupRecord>> {
        const GROUPS: &str = "user/groups";
        let rows: Vec<GroupRow> = self.0.rows(&self.call(GROUPS, Method::GET, path(GROUPS, id, "/groups")?)).await?;
        Ok(rows.into_iter().map(GroupRecord::from).collect())
    }

    /// Makes these the groups a user is in; what others put him in goes. The group of all stays.
    pub async fn replace_groups(&self, id: &str, groups: &NonEmpty<Guid>) -> Result<()> {
        const GROUPS: &str = "user/groups";
        let query = Fields::new().json("groupids", groups);
        self.0.done(&self.call(GROUPS, Method::PUT, path(GROUPS, id, "/groups")?).query(&query)).await
    }

    /// Gives what one user owns to another, both by name. Not from or to the system's own users.
    pub async fn transfer_ownership(&self, from: &str, to: &str, what: &Handover) -> Result<()> {
        let query = Fields::new().text("fromUserName", from).text("toUserName", to);
        let query = match what {
            Handover::Everything => query,
            // Under any other name it would be ignored, and everything would be moved.
            Handover::Objects(ids) => query.json("objectsID", ids),
        };
        self.0.done(&self.post("user/transfer/ownership").query(&query)).await
    }
}
