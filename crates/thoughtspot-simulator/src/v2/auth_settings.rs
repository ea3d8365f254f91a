//! `auth/search` and `auth/configure`: trusted authentication, switched on and off, and its keys.

use super::post;
use super::wire::Identifier;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::privilege::Privilege;
use crate::state::refusal::Refusal;
use crate::state::trusted::{KeyScope, TrustedAuth, require_org_keys};
use crate::state::{Actor, World};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) static ROUTES: &[Route] =
    &[post("/auth/search", Kind::Read, signed!(find)), post("/auth/configure", Kind::Write, signed!(configure))];

/// The only kind of sign-in that can be configured.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum AuthType {
    TrustedAuth,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Scope {
    Cluster,
    Org,
}

#[derive(Deserialize)]
struct Search {
    auth_type: AuthType,
    scope: Option<Scope>,
}

/// Without a scope, whatever the caller may see is shown.
fn find(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Search = context.call.json(context.settings)?;
    let (actor, world) = (context.actor(session), &*context.world);
    world.require_privilege(&actor, Privilege::CONTROL_TRUSTED_AUTH)?;
    let cluster = match request.scope {
        Some(Scope::Cluster) => world.require_key_access(&actor, KeyScope::Cluster).map(|()| true)?,
        Some(Scope::Org) => false,
        None => world.require_key_access(&actor, KeyScope::Cluster).is_ok(),
    };
    let org = match request.scope {
        Some(Scope::Org) => require_org_keys(context.settings).map(|()| true)?,
        Some(Scope::Cluster) => false,
        None => context.settings.org_secret_keys,
    };
    let mut row = Map::from_iter([("auth_type".to_owned(), json!(request.auth_type))]);
    if cluster {
        row.insert("cluster_preferences".to_owned(), preferences(&world.trusted, KeyScope::Cluster).into());
    }
    if org {
        row.insert("org_preferences".to_owned(), json!([org_preferences(world, &actor)]));
    }
    Ok(Answer::Json(row.into()))
}

/// There is no list of keys when there is no key.
fn preferences(trusted: &TrustedAuth, scope: KeyScope) -> Map<String, Value> {
    let key = trusted.key(scope);
    let status = if key.is_some() { "ENABLED" } else { "DISABLED" };
    let mut row = Map::from_iter([("auth_status".to_owned(), json!(status))]);
    row.extend(key.map(|key| ("access_tokens".to_owned(), json!([{"key": key}]))));
    row
}

fn org_preferences(world: &World, actor: &Actor<'_>) -> Value {
    let name = world.orgs.get(&actor.org).map(|org| org.name.as_str());
    let mut row = preferences(&world.trusted, KeyScope::Org(actor.org));
    row.insert("org".to_owned(), json!({"id": actor.org, "name": name}));
    row.into()
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum AuthStatus {
    Enabled,
    Disabled,
}

#[derive(Deserialize)]
struct Configure {
    #[serde(rename = "auth_type")]
    _auth_type: AuthType,
    cluster_preferences: Option<ClusterPreferences>,
    org_preferences: Option<Vec<OrgPreferences>>,
}

#[derive(Deserialize)]
struct ClusterPreferences {
    auth_status: Option<AuthStatus>,
}

#[derive(Deserialize)]
struct OrgPreferences {
    org_identifier: Identifier,
    auth_status: Option<AuthStatus>,
}

fn configure(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Configure = context.call.json(context.settings)?;
    let actor = context.actor(session);
    context.world.require_privilege(&actor, Privilege::CONTROL_TRUSTED_AUTH)?;
    let mut changes = Vec::new();
    if let Some(cluster) = request.cluster_preferences {
        changes.push((KeyScope::Cluster, cluster.auth_status));
    }
    let orgs = request.org_preferences.unwrap_or_default();
    if !orgs.is_empty() {
        require_org_keys(context.settings)?;
    }
    for OrgPreferences { org_identifier: Identifier(named), auth_status } in orgs {
        let org = context.world.find_org(&named).ok_or_else(|| Refusal::unknown_org(&named))?;
        changes.push((KeyScope::Org(org.id), auth_status));
    }
    for (scope, _) in &changes {
        context.world.require_key_access(&actor, *scope)?;
    }
    for (scope, status) in changes {
        match status {
            Some(AuthStatus::Enabled) => context.world.trusted.enable(scope),
            Some(AuthStatus::Disabled) => context.world.trusted.disable(scope),
            None => {}
        }
    }
    Ok(Answer::NoContent)
}
