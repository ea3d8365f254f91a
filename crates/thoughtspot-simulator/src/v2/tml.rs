//! `metadata/tml/*`: content as text.

use super::content::{self, MetadataRef};
use super::post;
use super::search::Window;
use super::wire::Identifier;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::jobs::{Job, JobFilter, JobStatus};
use crate::state::content::tml::Policy;
use crate::state::content::tml_export::{Format, Wanted};
use crate::state::refusal::{Cause, Refusal};
use crate::state::{Actor, World};
use crate::tml_wire;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) static ROUTES: &[Route] = &[
    post("/metadata/tml/import", Kind::Write, signed!(import)),
    post("/metadata/tml/async/import", Kind::Write, signed!(import_later)),
    post("/metadata/tml/async/status", Kind::Read, signed!(status)),
    post("/metadata/tml/export", Kind::Read, signed!(export)),
];

const DEFAULT_STATUS_SIZE: i64 = 5;
const LARGEST_STATUS_SIZE: i64 = 50;

#[derive(Deserialize)]
struct Import {
    metadata_tmls: Vec<String>,
    import_policy: Option<Policy>,
    #[serde(default)]
    create_new: bool,
    /// Checks that this simulator always or never makes.
    #[serde(rename = "all_orgs_override")]
    _all_orgs_override: Option<bool>,
    #[serde(rename = "skip_diff_check")]
    _skip_diff_check: Option<bool>,
    #[serde(rename = "enable_large_metadata_validation")]
    _enable_large_metadata_validation: Option<bool>,
    #[serde(rename = "enable_personalized_view_upsert")]
    _enable_personalized_view_upsert: Option<bool>,
}

/// 200 even when every object failed.
fn import(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Import = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let policy = request.import_policy.unwrap_or_default();
    let outcomes = context.world.import_tml(&actor, &request.metadata_tmls, policy, request.create_new);
    Ok(Answer::Json(tml_wire::imported(&outcomes, context.settings).into()))
}

fn import_later(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Import = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let policy = request.import_policy.unwrap_or(Policy::PartialObject);
    let job = context.world.start_import(&actor, &request.metadata_tmls, policy, request.create_new);
    Ok(Answer::Json(row(context.world, &actor, &job, false)))
}

#[derive(Deserialize)]
struct Status {
    task_ids: Option<Vec<Uuid>>,
    task_status: Option<Vec<JobStatus>>,
    author_identifier: Option<Identifier>,
    #[serde(default)]
    record_offset: i64,
    record_size: Option<i64>,
    #[serde(default)]
    include_import_response: bool,
}

fn status(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Status = context.call.json(context.settings)?;
    let actor = context.actor(session);
    if request.record_size.is_some_and(|size| size > LARGEST_STATUS_SIZE) {
        return Err(Refusal::invalid(format!("record_size must not be above {LARGEST_STATUS_SIZE}")));
    }
    let author = |Identifier(name): &Identifier| {
        context.world.find_user(&actor, name).map(|user| user.id).ok_or_else(|| Refusal::unknown_reference(name))
    };
    let author = request.author_identifier.as_ref().map(author).transpose()?;
    let filter = JobFilter { ids: request.task_ids, statuses: request.task_status, author };
    let jobs = context.world.jobs(&actor, &filter);
    let (all, offset) = (jobs.len(), request.record_offset);
    let window = Window { offset, size: request.record_size, default_size: DEFAULT_STATUS_SIZE };
    let page = window.of(jobs, context.settings, context.page_shift)?;
    let last = usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(page.len()) >= all;
    let rows = page.into_iter().map(|job| row(context.world, &actor, job, request.include_import_response));
    Ok(Answer::Json(json!({"status_list": rows.collect::<Vec<Value>>(), "last_batch": last})))
}

fn row(world: &World, actor: &Actor<'_>, job: &Job, with_response: bool) -> Value {
    let status = job.status(actor.now);
    let done = status == JobStatus::Completed;
    let outcomes = job.outcomes.as_ref().filter(|_| done && with_response);
    json!({
        "tenant_id": null,
        "org_id": job.org,
        "task_id": job.id.to_string(),
        "task_name": format!("tml-import-{}", job.id),
        "task_status": status,
        "import_policy": job.policy.name(),
        "author_id": job.author.to_string(),
        "author_display_name": world.users.get(&job.author).map(|user| user.display_name.as_str()),
        "created_at": job.created,
        "in_progress_at": job.created,
        "completed_at": done.then_some(job.completes),
        "modified_at": if done { job.completes } else { job.created },
        "total_object_count": job.total,
        "object_processed_count": if done { job.total } else { 0 },
        "import_response": outcomes.map(|outcomes| json!({"object": tml_wire::imported(outcomes, actor.settings)})),
    })
}

#[derive(Deserialize)]
struct Export {
    metadata: Vec<MetadataRef>,
    #[serde(default)]
    export_associated: bool,
    #[serde(default)]
    export_fqn: bool,
    edoc_format: Option<Format>,
    #[serde(default)]
    export_dependent: bool,
    #[serde(default)]
    export_connection_as_dependent: bool,
    export_options: Option<Options>,
    /// The texts are the same in every version, and of one Org.
    #[serde(rename = "export_schema_version")]
    _export_schema_version: Option<String>,
    #[serde(rename = "all_orgs_override")]
    _all_orgs_override: Option<bool>,
}

#[derive(Deserialize)]
struct Options {
    include_guid: Option<bool>,
    #[serde(default)]
    include_obj_id: bool,
    /// What these would add does not exist here.
    #[serde(rename = "include_obj_id_ref")]
    _include_obj_id_ref: Option<bool>,
    #[serde(rename = "export_with_associated_feedbacks")]
    _export_with_associated_feedbacks: Option<bool>,
    #[serde(rename = "export_column_security_rules")]
    _export_column_security_rules: Option<bool>,
    #[serde(rename = "export_with_column_aliases")]
    _export_with_column_aliases: Option<bool>,
}

fn export(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Export = context.call.json(context.settings)?;
    let actor = context.actor(session);
    let options = request.export_options.as_ref();
    let wanted = Wanted {
        format: request.edoc_format.unwrap_or(Format::Json),
        associated: request.export_associated,
        connections: request.export_connection_as_dependent,
        dependents: request.export_dependent,
        fqn: request.export_fqn,
        guid: options.and_then(|options| options.include_guid).unwrap_or(true),
        object_id: options.is_some_and(|options| options.include_obj_id),
    };
    let named = content::named(&request.metadata)?;
    let ids: Result<Vec<Uuid>, Refusal> =
        named.iter().map(|named| context.world.find_content(&actor, named).map(|object| object.id)).collect();
    let ids = ids.map_err(|refusal| missing(refusal, context.settings.tml_export_miss))?;
    Ok(Answer::Json(tml_wire::exported(&context.world.export_tml(&actor, &ids, wanted)?).into()))
}

/// One object that does not exist fails the whole request, on some releases without a word why.
fn missing(refusal: Refusal, status: u16) -> Refusal {
    if refusal.cause == Cause::UnknownReference && status == 500 {
        return Refusal::new(Cause::Internal, "No value present");
    }
    refusal
}
