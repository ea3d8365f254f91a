//! `system/config*` and `system/security-settings/*`: settings of the cluster and of Orgs. They are kept, and change nothing else here.

use super::wire::Identifier;
use super::{post, route};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::refusal::Refusal;
use crate::state::{PRIMARY, World};
use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) static ROUTES: &[Route] = &[
    route(Method::GET, "/system/config", Kind::Read, signed!(config)),
    route(Method::GET, "/system/config-overrides", Kind::Read, signed!(overrides)),
    post("/system/config-update", Kind::Write, signed!(update_config)),
    post("/system/security-settings/search", Kind::Read, signed!(security_settings)),
    post("/system/security-settings/configure", Kind::Write, signed!(configure_security)),
];

fn config(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    context.world.require_cluster_admin(&context.actor(session))?;
    Ok(Answer::Json(json!({"onboarding_content_url": null, "saml_enabled": false, "okta_enabled": false})))
}

fn overrides(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    context.world.require_cluster_admin(&context.actor(session))?;
    Ok(Answer::Json(json!({"config_override_info": context.world.configuration})))
}

#[derive(Deserialize)]
struct UpdateConfig {
    configuration: Map<String, Value>,
}

fn update_config(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: UpdateConfig = context.call.json(context.settings)?;
    context.world.require_cluster_admin(&context.actor(session))?;
    context.world.configuration.extend(request.configuration);
    Ok(Answer::NoContent)
}

#[derive(Deserialize)]
struct Search {
    scope: Option<Scope>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Scope {
    Cluster,
    Org,
}

/// The cluster's from Primary only; otherwise those of the token's Org.
fn security_settings(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Search = context.call.json(context.settings)?;
    let actor = context.actor(session);
    context.world.require_org_admin(&actor)?;
    if request.scope == Some(Scope::Cluster) {
        context.world.require_primary_admin(&actor)?;
    }
    let world = &*context.world;
    let cluster = request.scope != Some(Scope::Org) && world.sees_all_orgs(&actor);
    let org = request.scope != Some(Scope::Cluster);
    let name = world.orgs.get(&actor.org).map(|org| org.name.as_str());
    let mut of_org = of(world, Some(actor.org));
    of_org.insert("org".to_owned(), json!({"id": actor.org, "name": name}));
    let mut answer = Map::new();
    if cluster {
        answer.insert("cluster_preferences".to_owned(), of(world, None).into());
    }
    if org {
        answer.insert("org_preferences".to_owned(), json!([of_org]));
    }
    Ok(Answer::Json(answer.into()))
}

fn of(world: &World, org: Option<i32>) -> Map<String, Value> {
    world.security_settings.get(&org).cloned().unwrap_or_default()
}

#[derive(Deserialize)]
struct Configure {
    cluster_preferences: Option<Cluster>,
    org_preferences: Option<Vec<OfOrg>>,
}

/// What is left out stays.
#[derive(Deserialize, Serialize)]
struct Cluster {
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_partitioned_cookies: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cors_whitelisted_urls: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    csp_settings: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saml_redirect_urls: Option<Vec<String>>,
    #[serde(skip_serializing)]
    non_embed_access: Option<NonEmbedAccess>,
}

#[derive(Deserialize, Serialize)]
struct OfOrg {
    #[serde(skip_serializing)]
    org_identifier: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    cors_whitelisted_urls: Option<Vec<String>>,
    #[serde(skip_serializing)]
    non_embed_access: Option<NonEmbedAccess>,
}

#[derive(Deserialize)]
struct NonEmbedAccess {
    block_full_app_access: Option<bool>,
    groups_identifiers_with_access: Option<Vec<Identifier>>,
}

fn configure_security(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Configure = context.call.json(context.settings)?;
    let actor = context.actor(session);
    context.world.require_org_admin(&actor)?;
    let mut changes: Vec<(Option<i32>, Map<String, Value>)> = Vec::new();
    if let Some(cluster) = request.cluster_preferences {
        context.world.require_primary_admin(&actor)?;
        changes.push((None, change(context.world, PRIMARY, &cluster, cluster.non_embed_access.as_ref())?));
    }
    for preferences in request.org_preferences.into_iter().flatten() {
        let named = &preferences.org_identifier.0;
        let org = context.world.find_org(named).ok_or_else(|| Refusal::unknown_org(named))?.id;
        if org != actor.org {
            context.world.require_primary_admin(&actor)?;
        }
        changes.push((Some(org), change(context.world, org, &preferences, preferences.non_embed_access.as_ref())?));
    }
    for (scope, change) in changes {
        context.world.security_settings.entry(scope).or_default().extend(change);
    }
    Ok(Answer::NoContent)
}

/// The keys that change, as they are read back.
fn change(
    world: &World,
    org: i32,
    preferences: &impl Serialize,
    access: Option<&NonEmbedAccess>,
) -> Result<Map<String, Value>, Refusal> {
    let mut change = match serde_json::to_value(preferences) {
        Ok(Value::Object(change)) => change,
        Ok(_) | Err(_) => Map::new(),
    };
    if let Some(access) = access {
        let named: Vec<String> = access.groups_identifiers_with_access.iter().flatten().map(|group| group.0.clone()).collect();
        let groups = world.resolve_groups(org, &named)?;
        let groups = groups.iter().filter_map(|id| world.groups.get(id));
        let groups: Vec<Value> = groups.map(|group| json!({"id": group.id.to_string(), "name": group.name})).collect();
        let blocked = access.block_full_app_access.unwrap_or(false);
        change.insert("non_embed_access".to_owned(), json!({"block_full_app_access": blocked, "groups_with_access": groups}));
    }
    Ok(change)
}
