//! The audit log (docs/thoughtspot-api-content.md, "Audit log").

use serde::{Deserialize, Serialize};
use serde_with_macros::skip_serializing_none;

use super::V2;
use super::at::At;
use super::wire::Call;
use crate::domain::{Millis, OrgId};
use crate::error::Result;

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
    /// JSON in a text: `type`, `desc`, `ts`, `orgId` (-1 for all), `userGUID`, `userName`, `cIP` and `data`, as the release has it.
    pub log: String,
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
