//! The object of a user as it comes back: `content` of `PUT user/{userid}`, and the maps inside it that other calls take alone.

use super::rows::Shown;
use crate::state::kinds::{AccountStatus, AccountType, Locale};
use crate::state::refusal::Refusal;
use crate::state::user::{User, UserChange};
use crate::state::{Actor, World};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// What of the object can be changed. Everything else in it is what the server says, and is not looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    user_content: Option<Inner>,
    state: Option<AccountStatus>,
    assigned_groups: Option<Vec<String>>,
    #[serde(rename = "type")]
    kind: Option<AccountType>,
    visibility: Option<Shown>,
    display_name: Option<String>,
    header: Header,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inner {
    user_preferences: Option<Preferences>,
    user_properties: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Header {
    id: String,
    name: String,
}

/// How an account behaves.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Preferences {
    notify_on_share: Option<bool>,
    show_walk_me: Option<bool>,
    analyst_onboarding_complete: Option<bool>,
    preferred_locale: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Preferences {
    /// The change these ask for.
    pub(super) fn into_change(self) -> Result<UserChange, Refusal> {
        let locale = self.preferred_locale.filter(|locale| !locale.is_empty()).map(|name| Locale::named(&name));
        Ok(UserChange {
            notify_on_share: self.notify_on_share,
            show_onboarding_experience: self.show_walk_me,
            onboarding_experience_completed: self.analyst_onboarding_complete,
            preferred_locale: locale.transpose().map_err(Refusal::invalid)?,
            extended_preferences: Some(self.others),
            ..UserChange::default()
        })
    }
}

/// The change that this map of properties asks for: the address, and everything else as free properties.
pub(super) fn properties_change(mut properties: Map<String, Value>) -> Result<UserChange, Refusal> {
    // Says who named the user, which the server knows itself.
    properties.remove("displayNameLastUpdatedBy");
    let email = match properties.remove("mail") {
        Some(Value::String(email)) => email,
        None | Some(Value::Null) => String::new(),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            return Err(Refusal::invalid("Invalid properties: mail has to be a text"));
        }
    };
    Ok(UserChange { email: Some(email), extended_properties: Some(properties), ..UserChange::default() })
}

impl Content {
    /// The change that makes `user` what this object says. Groups of other Orgs than the actor's are left alone.
    pub(super) fn into_change(self, world: &World, actor: &Actor<'_>, user: &User) -> Result<UserChange, Refusal> {
        if self.header.id.parse() != Ok(user.id) {
            return Err(Refusal::invalid("Invalid content: it is about another user"));
        }
        let (preferences, properties) = match self.user_content {
            Some(Inner { user_preferences, user_properties }) => (user_preferences, user_properties),
            None => (None, None),
        };
        let preferences = preferences.map_or_else(|| Ok(UserChange::default()), Preferences::into_change)?;
        let properties = properties.map_or_else(|| Ok(UserChange::default()), properties_change)?;
        Ok(UserChange {
            name: Some(self.header.name),
            display_name: self.display_name,
            account_type: self.kind,
            // To say again what is there must not end a lock's time.
            account_status: self.state.filter(|state| *state != user.account_status),
            visibility: self.visibility.map(Into::into),
            groups: self.assigned_groups.map(|named| groups_here(world, actor, named)).transpose()?,
            email: properties.email.filter(|email| Some(email) != user.email.as_ref()),
            extended_properties: properties.extended_properties,
            ..preferences
        })
    }
}

fn groups_here(world: &World, actor: &Actor<'_>, named: Vec<String>) -> Result<Vec<String>, Refusal> {
    let exists = |name: &String| name.parse().is_ok_and(|id: Uuid| world.groups.contains_key(&id));
    if let Some(unknown) = named.iter().find(|name| !exists(name)) {
        return Err(Refusal::invalid_references("group", std::slice::from_ref(unknown)));
    }
    Ok(named.into_iter().filter(|name| world.find_group(actor.org, name).is_some()).collect())
}
