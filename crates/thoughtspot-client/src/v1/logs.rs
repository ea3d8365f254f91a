//! The audit log (docs/thoughtspot-api-content.md, "Audit log").

use reqwest::Method;

use super::V1;
use super::fields::Fields;
use crate::api::Api;
use crate::at::At;
use crate::domain::OrgId;
use crate::error::Result;
use crate::v2::logs::{FetchLogs, LogEntry};
use crate::wire::Call;

/// The audit log, read from Primary. Needs `ADMINISTRATION`.
#[derive(Clone, Copy)]
pub struct Logs<'a>(At<'a>);

impl V1 {
    /// The audit log, in the same form as v2 has it.
    pub fn logs(&self) -> Logs<'_> {
        Logs(At { session: &self.session, org: OrgId::PRIMARY })
    }
}

impl Logs<'_> {
    /// The security events of a time of at most 24 hours. They can be up to 30 minutes late.
    pub async fn security(&self, asked: &FetchLogs) -> Result<Vec<LogEntry>> {
        let FetchLogs { start_epoch_time_in_millis, end_epoch_time_in_millis, get_all_logs } = asked;
        let fields = Fields::new().maybe("fromEpoch", *start_epoch_time_in_millis).maybe("toEpoch", *end_epoch_time_in_millis);
        let path = "logs/topics/security_logs";
        let call = Call::new(Api::V1, path, Method::GET, path.to_owned());
        self.0.rows(&call.query(&fields.text("get_all_logs", get_all_logs))).await
    }
}
