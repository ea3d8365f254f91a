//! The audit log (docs/thoughtspot-api-content.md, "Audit log").

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with_macros::skip_serializing_none;

use super::V2;
use super::refs::org_id;
use crate::at::At;
use crate::decode::{if_readable, or_default};
use crate::domain::{Guid, Millis, OrgId};
use crate::error::Result;
use crate::wire::Call;

/// The audit log, read from Primary. Needs `ADMINISTRATION`.
#[derive(Clone, Copy)]
pub struct Logs<'a>(At<'a>);

/// Which part of the log. Times are the server's.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FetchLogs {
    /// `None`: the last 24 hours.
    pub start_epoch_time_in_millis: Option<Millis>,
    /// At most 24 hours after the start.
    pub end_epoch_time_in_millis: Option<Millis>,
    /// Of every Org, or of Primary only.
    pub get_all_logs: bool,
}

/// Everything of the last 24 hours.
impl Default for FetchLogs {
    fn default() -> Self {
        FetchLogs { start_epoch_time_in_millis: None, end_epoch_time_in_millis: None, get_all_logs: true }
    }
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LogEntry {
    /// Such as `2026-08-01T10:00:00.000000Z`.
    pub date: String,
    /// The event, as JSON in a text: see [`LogEntry::event`].
    pub log: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LogEvent {
    /// Such as `USERS_CREATED`; grows with releases.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    #[serde(default, deserialize_with = "if_readable")]
    pub id: Option<String>,
    /// When, as the release words it.
    #[serde(default)]
    pub ts: Value,
    /// In which Org; `-1` for all of them.
    #[serde(rename = "orgId", default, deserialize_with = "org_id")]
    pub org: Option<OrgId>,
    #[serde(rename = "userGUID", default, deserialize_with = "if_readable")]
    pub user_id: Option<Guid>,
    #[serde(rename = "userName", default, deserialize_with = "if_readable")]
    pub user_name: Option<String>,
    /// From which address.
    #[serde(rename = "cIP", default, deserialize_with = "if_readable")]
    pub client_ip: Option<String>,
    #[serde(rename = "desc", default, deserialize_with = "if_readable")]
    pub description: Option<String>,
    /// Any JSON, as the kind of event has it.
    #[serde(default)]
    pub data: Value,
}

impl LogEntry {
    /// The event of this line.
    ///
    /// # Errors
    ///
    /// The text is not what this code knows as an event; [`LogEntry::log`] has it as it came.
    pub fn event(&self) -> Result<LogEvent, serde_json::Error> {
        serde_json::from_str(&self.log)
    }
}

#[derive(Serialize)]
struct FetchBody<'a> {
    log_type: &'static str,
    #[serde(flatten)]
    request: &'a FetchLogs,
}

impl V2 {
    /// The audit log.
    pub fn logs(&self) -> Logs<'_> {
        Logs(At { session: &self.session, org: OrgId::PRIMARY })
    }
}

impl Logs<'_> {
    /// The security events of a time of at most 24 hours. They can be up to 30 minutes late.
    pub async fn fetch(&self, request: &FetchLogs) -> Result<Vec<LogEntry>> {
        let body = FetchBody { log_type: "SECURITY_AUDIT", request };
        self.0.rows(&Call::read("logs/fetch", &body)).await
    }
}
