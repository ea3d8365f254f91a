//! `user/*`: users, made, read, changed and deleted (docs/thoughtspot-api-v1.md, "Users").

use super::errors::Answered;
use super::rows::Shown;
use super::scope::Scope;
use super::user_content::{Content, properties_change};
use super::wire::{Guids, Json, OrgScope, Text};
use super::{route, user_row};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::kinds::AccountType;
use crate::state::links::Operation;
use crate::state::org::OrgChange;
use crate::state::refusal::{Cause, Refusal};
use crate::state::user::{User, UserChange};
use crate::state::{ALL_ORGS, Actor, PRIMARY};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::POST, "/user/", Kind::Write, signed!(create)),
    route(Method::GET, "/user/", Kind::Read, signed!(get)),
    route(Method::PUT, "/user/{userid}", Kind::Write, signed!(update)),
    route(Method::DELETE, "/user/{userid}", Kind::Write, signed!(delete)),
    route(Method::PUT, "/user/email", Kind::Write, signed!(set_email)),
    route(Method::POST, "/user/addtoorg", Kind::Write, signed!(add_to_org)),
];

/// The id in the path. What is no GUID is nobody's.
pub(super) fn target(context: &Context<'_>, place: usize) -> Result<Uuid, Refusal> {
    let asked = context.call.path_parameter(place);
    asked.parse().map_err(|_| Refusal::unknown_principal(asked).with_status(context.settings.v1_unknown_id))
}

#[derive(Deserialize)]
struct CreateQuery {
    #[serde(rename = "orgScope")]
    scope: Option<OrgScope>,
    #[serde(rename = "sendEmail")]
    send_email: Option<Text<bool>>,
}

#[derive(Deserialize)]
struct Create {
    name: String,
    password: String,
    displayname: String,
    properties: Option<Json<Map<String, Value>>>,
    groups: Option<Guids>,
    usertype: Option<AccountType>,
    /// There is one tenant only.
    #[serde(rename = "tenantid")]
    _tenantid: Option<Text<Uuid>>,
    visibility: Option<Shown>,
    orgids: Option<Json<BTreeSet<i32>>>,
    triggeredbyadmin: Option<Text<bool>>,
}

fn create(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let (query, form): (CreateQuery, Create) = context.call.queried_and_posted(context.settings)?;
    let actor = context.actor(session);
    let orgs = form.orgids.map_or_else(BTreeSet::new, |Json(orgs)| orgs);
    let orgs = if orgs.is_empty() { BTreeSet::from([actor.org]) } else { orgs };
    let maker = if orgs == BTreeSet::from([actor.org]) { actor } else { elsewhere(context, session, query.scope)? };
    let properties = form.properties.map_or_else(Map::new, |Json(properties)| properties);
    let change = UserChange {
        display_name: Some(form.displayname),
        account_type: form.usertype,
        visibility: form.visibility.map(Into::into),
        orgs: Some(orgs.iter().map(i32::to_string).collect()),
        ..properties_change(properties)?
    };
    let groups = form.groups.filter(|groups| !groups.0.is_empty()).map(|groups| groups.identifiers());
    let id = context.world.together(|world| {
        let id = world.create_user(&maker, &form.name, Some(form.password), change)?;
        if let Some(groups) = groups {
            let join = UserChange { groups: Some(groups), operation: Some(Operation::Add), ..UserChange::default() };
            world.update_user(&actor, &id.to_string(), join)?;
        }
        Ok(id)
    });
    let id = id.answered(Cause::Duplicate, context.settings.v1_duplicate_user)?;
    note_namer(context, id, form.triggeredbyadmin);
    context.world.mails += u64::from(query.send_email.is_some_and(|Text(send)| send));
    Ok(Answer::Json(user_row::render(context.world, &actor, id).unwrap_or_default()))
}

/// The caller as somebody who may put users into any Org. A call that asks for more than that is a bad one, not a forbidden one.
fn elsewhere<'a>(context: &Context<'a>, session: Session, scope: Option<OrgScope>) -> Result<Actor<'a>, Refusal> {
    context.world.require_org_admin(&context.actor(session))?;
    Scope::from(scope).cluster_admin(context, session).answered(Cause::Forbidden, 400)
}

fn note_namer(context: &mut Context<'_>, user: Uuid, by_admin: Option<Text<bool>>) {
    if let (Some(user), Some(Text(by_admin))) = (context.world.users.get_mut(&user), by_admin) {
        user.named_by_admin = by_admin;
    }
}

#[derive(Deserialize)]
struct Get {
    userid: Option<String>,
    name: Option<String>,
}

fn get(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Get { userid, name } = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    let world = &*context.world;
    let row = |user: &User| user_row::render(world, &actor, user.id).unwrap_or_default();
    let by_id = |id: &String| {
        let found = id.parse().ok().and_then(|id: Uuid| world.users.get(&id)).filter(|user| world.sees_user(&actor, user.id));
        found.ok_or_else(|| Refusal::unknown_principal(id).with_status(context.settings.v1_unknown_id))
    };
    let by_name = |name: &String| {
        let found = world.user_named(context.settings, name).filter(|user| world.sees_user(&actor, user.id));
        found.ok_or_else(|| Refusal::unknown_principal(name))
    };
    match (userid.as_ref().map(by_id).transpose()?, name.as_ref().map(by_name).transpose()?) {
        (None, None) => Ok(Answer::Json(world.visible_users(&actor).map(row).collect())),
        (Some(one), Some(other)) if one.id != other.id => {
            Err(Refusal::unknown_principal(&format!("{}, who is not {}", one.id, other.name)))
        }
        (Some(user), _) | (None, Some(user)) => Ok(Answer::Json(row(user))),
    }
}

#[derive(Deserialize)]
struct Update {
    userid: Option<Text<Uuid>>,
    content: Option<String>,
    password: Option<String>,
    triggeredbyadmin: Option<Text<bool>>,
}

/// Takes the whole object back, or sets a password, or both.
fn update(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let (scope, form): (Scope, Update) = context.call.queried_and_posted(context.settings)?;
    let id = target(context, 0)?;
    if form.userid.is_some_and(|Text(named)| named != id) || (form.content.is_none() && form.password.is_none()) {
        return Err(Refusal::invalid("Invalid parameter values userid, content"));
    }
    let everywhere = scope.is_all(session);
    let actor = if everywhere { scope.cluster_admin(context, session)? } else { context.actor(session) };
    let unknown = || Refusal::unknown_principal(&id.to_string()).with_status(context.settings.v1_unknown_id);
    let changed = context.world.together(|world| {
        if let Some(content) = form.content {
            let bad = |error| Refusal::invalid(format!("Invalid content: {error}"));
            let content: Content = serde_json::from_str(&content).map_err(bad)?;
            let user = world.find_user(&actor, &id.to_string()).ok_or_else(unknown)?;
            let change = content.into_change(world, &actor, user)?;
            // The object was read in one Org, and shows the groups of no other.
            let change = if everywhere { UserChange { groups: None, ..change } } else { change };
            world.update_user(&actor, &id.to_string(), change)?;
        }
        match form.password {
            Some(password) => world.reset_password(&actor, &id.to_string(), password),
            None => Ok(()),
        }
    });
    let changed = changed.answered(Cause::Invalid, 500).answered(Cause::Unknown, context.settings.v1_unknown_id);
    changed.answered(Cause::Duplicate, context.settings.v1_duplicate_user)?;
    note_namer(context, id, form.triggeredbyadmin);
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct Delete {
    orgid: Option<Text<i32>>,
    #[serde(rename = "orgScope")]
    scope: Option<OrgScope>,
}

/// Takes a user out of one Org, or with `orgScope=ALL` or Org -1 out of all: without an Org left it is deleted. An Org that is
/// named counts more than the scope, which a strict server takes for a mistake.
fn delete(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let Delete { orgid, scope } = context.call.queried(context.settings)?;
    let id = target(context, 0)?;
    let org = match (orgid, scope) {
        (Some(Text(org)), Some(_)) if context.settings.strict && org != ALL_ORGS => {
            return Err(Refusal::invalid("orgid and orgScope contradict one another"));
        }
        (Some(Text(org)), _) => org,
        (None, Some(OrgScope::All)) => ALL_ORGS,
        (None, None) => session.org,
    };
    let deleted = if org == ALL_ORGS {
        let actor = Scope::from(Some(OrgScope::All)).cluster_admin(context, session)?;
        context.world.delete_user(&actor, &id.to_string())
    } else {
        let actor = context.actor(session);
        if org != actor.org {
            context.world.require_cluster_admin(&actor)?;
        }
        if !context.world.orgs.contains_key(&org) {
            return Err(Refusal::unknown_org(&org.to_string()));
        }
        context.world.withdraw_user(&Actor { org, ..actor }, id)
    };
    deleted.answered(Cause::Unknown, context.settings.v1_unknown_id)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct SetEmail {
    userid: Text<Uuid>,
    emailid: String,
}

fn set_email(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let SetEmail { userid: Text(user), emailid } = context.call.posted(context.settings)?;
    if emailid.is_empty() {
        return Err(Refusal::invalid("Invalid e-mail address").with_status(500));
    }
    let change = UserChange { email: Some(emailid), ..UserChange::default() };
    context.world.update_user(&context.actor(session), &user.to_string(), change).answered(Cause::Invalid, 500)?;
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct AddToOrg {
    userids: Guids,
    orgid: Text<i32>,
}

fn add_to_org(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let (scope, form): (Scope, AddToOrg) = context.call.queried_and_posted(context.settings)?;
    let (actor, Text(org)) = (context.actor(session), form.orgid);
    context.world.require_org_admin(&actor)?;
    if org != actor.org && !scope.is_all(session) {
        return Err(Refusal::invalid("Unauthorized user addition: another Org than the session's needs orgScope=ALL"));
    }
    context.world.require_cluster_admin(&actor).answered(Cause::Forbidden, 400)?;
    let change = OrgChange { users: Some(form.userids.identifiers()), operation: Some(Operation::Add), ..OrgChange::default() };
    context.world.update_org(&Actor { org: PRIMARY, ..actor }, &org.to_string(), change)?;
    Ok(Answer::NoContent)
}
