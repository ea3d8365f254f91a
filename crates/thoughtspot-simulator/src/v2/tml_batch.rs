//! `metadata/tml/export/batch`: users, groups and roles as text, in pages.

use super::post;
use super::search::Window;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::tml_export::Format;
use crate::state::principal_tml::PrincipalType;
use crate::state::refusal::Refusal;
use crate::state::{Actor, PRIMARY};
use crate::tml_wire;
use serde::Deserialize;
use serde_json::json;

pub(crate) static ROUTES: &[Route] = &[post("/metadata/tml/export/batch", Kind::Read, signed!(export))];

const DEFAULT_SIZE: i64 = 20;
const LARGEST_SIZE: i64 = 200;

#[derive(Deserialize)]
struct Export {
    metadata_type: PrincipalType,
    #[serde(default)]
    batch_offset: i32,
    batch_size: Option<i32>,
    edoc_format: Option<Format>,
    #[serde(default)]
    all_orgs_override: bool,
    /// Nothing is made of a principal.
    #[serde(rename = "export_dependent")]
    _export_dependent: Option<bool>,
}

/// The page that was asked for; one that is not full is the last.
fn export(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Export = context.call.json(context.settings)?;
    let (offset, size) = (i64::from(request.batch_offset), request.batch_size.map_or(DEFAULT_SIZE, i64::from));
    if offset < 0 || !(1..=LARGEST_SIZE).contains(&size) {
        return Err(Refusal::invalid(format!("batch_offset must not be negative, batch_size from 1 to {LARGEST_SIZE}")));
    }
    let mut actor = context.actor(session);
    if request.all_orgs_override {
        context.world.require_cluster_admin(&actor)?;
        actor = Actor { org: PRIMARY, ..actor };
    }
    let format = request.edoc_format.unwrap_or(Format::Json);
    let all = context.world.export_principals(&actor, request.metadata_type, format)?;
    let window = Window { offset, size: Some(size), default_size: DEFAULT_SIZE };
    let page = window.of(all, context.settings, context.page_shift)?;
    Ok(Answer::Json(json!({"object": tml_wire::exported(&page)})))
}
