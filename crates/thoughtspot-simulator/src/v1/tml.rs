//! `metadata/tml/*`: content as text (docs/thoughtspot-api-content.md, "Content as text").

use super::content::{self, not_found};
use super::route;
use super::wire::{Json, LooseJson, Text};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::tml::Policy;
use crate::state::content::tml_export::{Format, Wanted};
use crate::state::refusal::Refusal;
use crate::tml_wire;
use axum::http::Method;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::POST, "/metadata/tml/import", Kind::Write, signed!(import)),
    route(Method::POST, "/metadata/tml/export", Kind::Read, signed!(export)),
];

#[derive(Deserialize)]
struct Import {
    import_objects: LooseJson<Vec<String>>,
    import_policy: Option<Policy>,
    force_create: Option<Text<bool>>,
    /// Checks that this simulator always or never makes.
    #[serde(rename = "all_orgs_override")]
    _all_orgs_override: Option<Text<bool>>,
    #[serde(rename = "skip_diff_check")]
    _skip_diff_check: Option<Text<bool>>,
    #[serde(rename = "skip_cdw_validation_for_tables")]
    _skip_cdw_validation_for_tables: Option<Text<bool>>,
}

/// 200 even when every object failed.
fn import(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Import = context.call.posted(context.settings)?;
    let actor = context.actor(session);
    let policy = request.import_policy.unwrap_or_default();
    let outcomes = context.world.import_tml(&actor, &request.import_objects.0, policy, on(request.force_create));
    Ok(Answer::Json(json!({"object": tml_wire::imported(&outcomes, context.settings)})))
}

#[derive(Deserialize)]
struct Export {
    export_ids: Json<Vec<Uuid>>,
    formattype: Option<Format>,
    export_associated: Option<Text<bool>>,
    export_fqn: Option<Text<bool>>,
    export_dependent: Option<Text<bool>>,
    export_connection_as_dependent: Option<Text<bool>>,
    /// The texts are the same in every version, and of one Org.
    #[serde(rename = "all_orgs_override")]
    _all_orgs_override: Option<Text<bool>>,
    #[serde(rename = "export_schema_version")]
    _export_schema_version: Option<String>,
}

fn export(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Export = context.call.posted(context.settings)?;
    let actor = context.actor(session);
    let wanted = Wanted {
        format: request.formattype.unwrap_or(Format::Yaml),
        associated: on(request.export_associated),
        connections: on(request.export_connection_as_dependent),
        dependents: on(request.export_dependent),
        fqn: on(request.export_fqn),
        guid: true,
        object_id: false,
    };
    let ids: Vec<Uuid> = request.export_ids.0;
    for id in &ids {
        content::find(context.world, &actor, None, *id).map_err(not_found)?;
    }
    Ok(Answer::Json(json!({"object": tml_wire::exported(&context.world.export_tml(&actor, &ids, wanted)?)})))
}

fn on(flag: Option<Text<bool>>) -> bool {
    flag.is_some_and(|Text(on)| on)
}
