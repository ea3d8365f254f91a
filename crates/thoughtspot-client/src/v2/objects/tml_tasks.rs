//! Imports that go on without us, and how they fare (docs/thoughtspot-api-content.md, "Content as text"). Since 10.4.0.cl.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with_macros::skip_serializing_none;

use super::tml::{ImportTml, Tml};
use crate::decode::{millis, or_default};
use crate::domain::{Guid, Millis};
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::wire::Call;

/// Which tasks. Filters are joined by "and"; an unset one does not filter.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TaskQuery {
    pub task_ids: Option<NonEmpty<String>>,
    pub task_status: Option<NonEmpty<TaskFilter>>,
    /// By GUID or name of who began them.
    pub author_identifier: Option<String>,
    pub record_offset: Option<u32>,
    /// Rows of an answer, at most 50; 5 if unset.
    pub record_size: Option<u32>,
    /// Also what became of each document.
    pub include_import_response: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskFilter {
    InQueue,
    InProgress,
    Completed,
    Failed,
}

/// How far a task is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum TaskState {
    InQueue,
    InProgress,
    /// Done, which does not mean that every document was imported: see [`ImportTask::import_response`].
    Completed,
    /// Also for one too many: the server keeps about 100 in its queue.
    Failed,
    /// A word that this release of ours does not know.
    Other(String),
}

impl From<String> for TaskState {
    fn from(word: String) -> Self {
        match word.as_str() {
            "IN_QUEUE" => TaskState::InQueue,
            "IN_PROGRESS" => TaskState::InProgress,
            "COMPLETED" => TaskState::Completed,
            "FAILED" => TaskState::Failed,
            _ => TaskState::Other(word),
        }
    }
}

/// An import that goes on without us.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ImportTask {
    pub task_id: String,
    #[serde(default)]
    pub task_name: Option<String>,
    pub task_status: TaskState,
    #[serde(default)]
    pub org_id: Option<i64>,
    #[serde(default)]
    pub tenant_id: Option<String>,
    #[serde(default)]
    pub author_id: Option<Guid>,
    #[serde(default)]
    pub author_display_name: Option<String>,
    #[serde(default)]
    pub import_policy: Option<String>,
    #[serde(default, deserialize_with = "millis")]
    pub created_at: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub in_progress_at: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub completed_at: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    pub modified_at: Option<Millis>,
    #[serde(default)]
    pub total_object_count: Option<i64>,
    #[serde(default)]
    pub object_processed_count: Option<i64>,
    /// What became of the documents, if it was asked for and is known; declared as any object.
    #[serde(default)]
    pub import_response: Option<Value>,
}

/// A page of tasks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ImportTasks {
    #[serde(default, deserialize_with = "or_default")]
    pub status_list: Vec<ImportTask>,
    /// Whether there is nothing after this page.
    #[serde(default, deserialize_with = "or_default")]
    pub last_batch: bool,
}

impl Tml<'_> {
    /// Hands documents over for import and comes back at once. Not safe to repeat.
    pub async fn import_async(&self, import: &ImportTml) -> Result<ImportTask> {
        self.0.one(&Call::post("metadata/tml/async/import", import), "an import").await
    }

    /// How tasks fare. The server allows 100 of these calls a minute.
    pub async fn import_tasks(&self, asked: &TaskQuery) -> Result<ImportTasks> {
        self.0.one(&Call::read("metadata/tml/async/status", asked), "a list of imports").await
    }
}
