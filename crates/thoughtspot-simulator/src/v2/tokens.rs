//! `auth/token/*` and `auth/session/token`: tokens, whom they are for, and how long.

use super::wire::Identifier;
use super::{post, route};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, open, signed};
use crate::sessions::Session;
use crate::state::jit::{Newcomer, Returning};
use crate::state::refusal::Refusal;
use crate::state::sign_in::{Proof, SignedIn};
use axum::http::Method;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub(crate) static ROUTES: &[Route] = &[
    post("/auth/token/full", Kind::Token, open!(full)),
    post("/auth/token/object", Kind::Token, open!(object)),
    post("/auth/token/custom", Kind::Token, open!(custom)),
    post("/auth/token/validate", Kind::Read, signed!(validate)),
    post("/auth/token/revoke", Kind::Token, signed!(revoke)),
    route(Method::GET, "/auth/session/token", Kind::Token, signed!(of_session)),
];

const DEFAULT_VALIDITY_SECONDS: i32 = 300;
const SESSION_TOKEN_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// What all three token requests have.
#[derive(Deserialize)]
struct Asked {
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    secret_key: String,
    #[serde(default = "default_validity")]
    validity_time_in_sec: i32,
    email: Option<String>,
    display_name: Option<String>,
    auto_create: Option<bool>,
}

/// What the request for a full token has beyond that.
#[derive(Deserialize)]
struct Full {
    #[serde(default, deserialize_with = "org_id")]
    org_id: Option<i32>,
    group_identifiers: Option<Vec<Identifier>>,
    /// Deprecated: known so that strict mode lets it pass.
    #[serde(rename = "user_parameters")]
    _user_parameters: Option<Map<String, Value>>,
}

/// What the request for a token of one object has beyond that.
#[derive(Deserialize)]
struct OfObject {
    /// Needed, but missed by the services only: the gateway takes it for optional.
    object_id: Option<String>,
    #[serde(default, deserialize_with = "org_id")]
    org_id: Option<i32>,
    group_identifiers: Option<Vec<Identifier>>,
    /// Deprecated: known so that strict mode lets it pass.
    #[serde(rename = "user_parameters")]
    _user_parameters: Option<Map<String, Value>>,
}

fn default_validity() -> i32 {
    DEFAULT_VALIDITY_SECONDS
}

/// An integer, or the text of one: a published client sends that and works.
fn org_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    let sent = Value::deserialize(deserializer)?;
    let number = match &sent {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_i64().and_then(|number| number.try_into().ok()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    number.map(Some).ok_or_else(|| serde::de::Error::custom("org_id: Int cannot represent non-integer value"))
}

impl Asked {
    fn proof(&self) -> Proof {
        if self.secret_key.is_empty() {
            Proof::Password(self.password.clone())
        } else {
            Proof::SecretKey(self.secret_key.clone())
        }
    }

    /// Makes or changes the user on the way, which the holder of a secret key may ask for.
    fn welcome(
        &self,
        context: &mut Context<'_>,
        org: Option<i32>,
        groups: Option<Vec<Identifier>>,
        returning: Returning,
    ) -> Result<(), Refusal> {
        let Some((scope, _)) = context.world.trusted.opened_by(&self.secret_key) else {
            // Without a good key the sign-in says what is wrong, unless it is just that there is none.
            let missing = self.secret_key.is_empty() && returning == Returning::Replaced;
            return if missing { Err(Refusal::invalid("auto_create needs secret_key")) } else { Ok(()) };
        };
        let newcomer = Newcomer {
            name: self.username.clone(),
            email: self.email.clone(),
            display_name: self.display_name.clone(),
            groups: super::wire::texts(groups),
        };
        let org = org.unwrap_or_else(|| scope.home());
        context.world.check_key_opens(scope, org)?;
        context.world.welcome(context.settings, context.now, org, &newcomer, returning)
    }

    /// Signs the user in, and gives out a token for `object` or for everything.
    fn sign_in(&self, context: &mut Context<'_>, org: Option<i32>, object: Option<Uuid>) -> Result<Session, Refusal> {
        let SignedIn { user, org, key } =
            context.world.enter(context.settings, context.now, &self.username, &self.proof(), org)?;
        context.asked_by = Some((self.username.clone(), Some(org)));
        let expires = context.now + i64::from(self.validity_time_in_sec) * 1000;
        Ok(Session { user, org, created: context.now, expires, object, key })
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.validity_time_in_sec < 1 {
            return Err(Refusal::invalid("Invalid parameter values validity_time_in_sec"));
        }
        Ok(())
    }
}

fn full(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let (asked, full): (Asked, Full) = context.call.json_in_two(context.settings)?;
    issue(context, &asked, full.org_id, full.group_identifiers, None)
}

fn object(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let (asked, of): (Asked, OfObject) = context.call.json_in_two(context.settings)?;
    let object = of.object_id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
    let object = object.ok_or_else(|| Refusal::invalid("Invalid parameter values object_id"))?;
    issue(context, &asked, of.org_id, of.group_identifiers, Some(object))
}

fn issue(
    context: &mut Context<'_>,
    asked: &Asked,
    org: Option<i32>,
    groups: Option<Vec<Identifier>>,
    object: Option<Uuid>,
) -> Result<Answer, Refusal> {
    context.asked_by = Some((asked.username.clone(), org));
    asked.check()?;
    if asked.auto_create == Some(true) {
        asked.welcome(context, org, groups, Returning::Replaced)?;
    }
    let session = asked.sign_in(context, org, object)?;
    Ok(Answer::Json(json!({
        "token": context.sessions.issue(session),
        "creation_time_in_millis": session.created,
        "expiration_time_in_millis": session.expires,
        "scope": scope(session),
        "valid_for_user_id": session.user.to_string(),
        "valid_for_username": name_of(context, session.user),
    })))
}

fn scope(session: Session) -> Value {
    let access = if session.object.is_some() { "REPORT_BOOK_VIEW" } else { "FULL" };
    json!({"access_type": access, "org_id": session.org, "metadata_id": session.object.map(|id| id.to_string())})
}

fn name_of(context: &Context<'_>, user: Uuid) -> Option<String> {
    context.world.users.get(&user).map(|user| user.name.clone())
}

/// What a request for a token with attributes has beyond the others.
#[derive(Deserialize)]
struct Custom {
    org_identifier: Option<Identifier>,
    persist_option: Persist,
    variable_values: Option<Vec<Values>>,
    groups: Option<Vec<GroupObject>>,
    /// What such a token restricts is data, of which there is none to be seen with it here; known so that bad ones are refused.
    #[serde(rename = "parameter_values")]
    _parameter_values: Option<Vec<Values>>,
    #[serde(rename = "filter_rules")]
    _filter_rules: Option<Vec<FilterRule>>,
    #[serde(rename = "objects")]
    _objects: Option<Vec<ScopeObject>>,
}

/// What becomes of the attributes after the token.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Persist {
    Replace,
    Append,
    None,
    Reset,
}

#[derive(Deserialize)]
struct Values {
    name: String,
    values: Vec<Value>,
}

#[derive(Deserialize)]
struct GroupObject {
    identifier: Identifier,
}

#[derive(Deserialize)]
struct FilterRule {
    #[serde(rename = "column_name")]
    _column_name: String,
    #[serde(rename = "operator")]
    _operator: String,
    #[serde(rename = "values")]
    _values: Vec<Value>,
}

#[derive(Deserialize)]
struct ScopeObject {
    #[serde(rename = "type")]
    _kind: Option<ScopeKind>,
    #[serde(rename = "identifier")]
    _identifier: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ScopeKind {
    LogicalTable,
}

impl Custom {
    fn check(&self) -> Result<(), Refusal> {
        if self.variable_values.is_some() && matches!(self.persist_option, Persist::None | Persist::Reset) {
            return Err(Refusal::invalid("variable_values need persist_option REPLACE or APPEND"));
        }
        Ok(())
    }
}

fn custom(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let (asked, custom): (Asked, Custom) = context.call.json_in_two(context.settings)?;
    context.asked_by = Some((asked.username.clone(), None));
    asked.check()?;
    custom.check()?;
    let org = custom
        .org_identifier
        .as_ref()
        .map(|Identifier(named)| context.world.find_org(named).map(|org| org.id).ok_or_else(|| Refusal::unknown_org(named)));
    let org = org.transpose()?;
    if asked.auto_create != Some(false) {
        let groups = custom.groups.map(|groups| groups.into_iter().map(|group| group.identifier).collect());
        asked.welcome(context, org, groups, Returning::Untouched)?;
    }
    let session = asked.sign_in(context, org, None)?;
    persist(context, session.user, custom.persist_option, custom.variable_values.unwrap_or_default());
    let org = context.world.orgs.get(&session.org).map(|org| org.name.clone());
    Ok(Answer::Json(json!({
        "id": Uuid::new_v4().to_string(),
        "token": context.sessions.issue(session),
        "org": {"id": session.org, "name": org},
        "user": {"id": session.user.to_string(), "name": name_of(context, session.user)},
        "creation_time_in_millis": session.created,
        "expiration_time_in_millis": session.expires,
    })))
}

/// Keeps the variables with the user, as the request says.
fn persist(context: &mut Context<'_>, user: Uuid, persist: Persist, variables: Vec<Values>) {
    let Some(user) = context.world.users.get_mut(&user) else { return };
    match persist {
        Persist::None => return,
        Persist::Replace | Persist::Reset => user.variable_values.clear(),
        Persist::Append => {}
    }
    user.variable_values.extend(variables.into_iter().map(|variable| (variable.name, Value::from(variable.values))));
}

#[derive(Deserialize)]
struct Validate {
    token: String,
}

fn validate(context: &mut Context<'_>, _session: Session) -> Result<Answer, Refusal> {
    let request: Validate = context.call.json(context.settings)?;
    let session = context
        .sessions
        .token(&request.token, context.world, context.settings, context.now)
        .ok_or_else(Refusal::unauthenticated)?;
    Ok(Answer::Json(json!({
        "creation_time_in_millis": session.created,
        "expiration_time_in_millis": session.expires,
        "scope": scope(session),
        "valid_for_user_id": session.user.to_string(),
        "token_type": "BEARER",
    })))
}

/// A new token for whoever asks, which says nothing of its Org: that of the session.
fn of_session(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let session = Session { created: context.now, expires: context.now + SESSION_TOKEN_MILLIS, ..session };
    Ok(Answer::Json(json!({
        "token": context.sessions.issue(session),
        "creation_time_in_millis": session.created,
        "expiration_time_in_millis": session.expires,
        "valid_for_user_id": session.user.to_string(),
        "valid_for_username": name_of(context, session.user),
    })))
}

#[derive(Default, Deserialize)]
struct Revoke {
    user_identifier: Option<String>,
    token: Option<String>,
}

fn revoke(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Revoke = if context.call.body.is_empty() { Revoke::default() } else { context.call.json(context.settings)? };
    match (request.token, request.user_identifier) {
        (Some(token), _) => context.sessions.revoke(&token),
        (None, Some(identifier)) => revoke_all_of(context, session, &identifier)?,
        (None, None) => context.sessions.end(context.call.shown()),
    }
    Ok(Answer::NoContent)
}

fn revoke_all_of(context: &mut Context<'_>, session: Session, identifier: &str) -> Result<(), Refusal> {
    let actor = context.actor(session);
    let found = context.world.find_user(&actor, identifier).map(|user| user.id);
    let user = found.ok_or_else(|| Refusal::unknown_principal(identifier))?;
    if user != session.user {
        context.world.require_org_admin(&actor)?;
    }
    context.sessions.revoke_user(user);
    Ok(())
}
