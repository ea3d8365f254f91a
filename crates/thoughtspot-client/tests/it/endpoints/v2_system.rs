//! The system, in v2.

use super::{Table, call};

#[tokio::test]
async fn every_call_about_the_system_is_understood() {
    calls().await;
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.client();
    let info = call!(table, far.system(), info());
    assert!(info.id.is_some() && info.release_version.is_some(), "{info:?}");
    table
}
