//! The audit log, in v2.

use thoughtspot_client::domain::OrgId;
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::v2::logs::FetchLogs;

use super::{Table, call};
use crate::{ADMIN, new_user};

#[tokio::test]
async fn every_call_about_the_audit_log_is_understood() {
    calls().await;
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    table.bench.sim.set(|settings| settings.audit_delay_seconds = 0);
    let far = table.bench.client();
    let began = far.server_now();
    new_user(&far, OrgId::PRIMARY, "ana").await;
    let hour = 60 * 60 * 1000;
    let request = FetchLogs {
        start_epoch_time_in_millis: Some(began - hour),
        end_epoch_time_in_millis: Some(began + hour),
        get_all_logs: true,
    };
    let lines = call!(table, far.logs(), fetch(&request));
    let events: Vec<_> = lines.iter().map(|line| line.event().unwrap()).collect();
    let made = events.iter().find(|event| event.kind == "USERS_CREATED").unwrap();
    assert_eq!((made.user_name.as_deref(), made.org), (Some(ADMIN), Some(OrgId::PRIMARY)));
    table
}
