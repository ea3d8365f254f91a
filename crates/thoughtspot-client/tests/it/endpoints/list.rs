//! What the tables add up to.

use std::collections::BTreeSet;

use thoughtspot_simulator::{Dialect, RouteInfo, Simulator};

use super::{
    Table, v1_groups, v1_objects, v1_orgs, v1_roles, v1_sessions, v1_sync, v1_users, v2_auth, v2_governing, v2_groups, v2_import,
    v2_logs, v2_metadata, v2_orgs, v2_roles, v2_sharing, v2_system, v2_tags, v2_tml, v2_users,
};

/// Every table, one line a file.
async fn tables() -> Vec<Table> {
    vec![
        v1_groups::calls().await,
        v1_objects::calls().await,
        v1_orgs::calls().await,
        v1_roles::calls().await,
        v1_sessions::calls().await,
        v1_sync::calls().await,
        v1_users::calls().await,
        v2_auth::calls().await,
        v2_governing::calls().await,
        v2_groups::calls().await,
        v2_import::calls().await,
        v2_logs::calls().await,
        v2_metadata::calls().await,
        v2_orgs::calls().await,
        v2_roles::calls().await,
        v2_sharing::calls().await,
        v2_system::calls().await,
        v2_tags::calls().await,
        v2_tml::calls().await,
        v2_users::calls().await,
    ]
}

#[tokio::test]
async fn no_method_is_in_the_tables_twice() {
    let rows: Vec<_> = tables().await.into_iter().flat_map(|table| table.rows).collect();
    let distinct: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(distinct.len(), rows.len(), "{rows:#?}");
}

/// How a route of the simulator is called in rows; v1 takes every path with and without a slash at its end.
fn served() -> BTreeSet<String> {
    let name = |route: RouteInfo| {
        let prefix = match route.dialect {
            Dialect::V1 => "v1/",
            Dialect::V2 => "",
        };
        format!("{} {prefix}{}", route.method, route.path.trim_end_matches('/'))
    };
    Simulator::routes().into_iter().map(name).collect()
}

#[tokio::test]
async fn every_endpoint_that_the_simulator_serves_is_called() {
    let rows: Vec<_> = tables().await.into_iter().flat_map(|table| table.rows).collect();
    let called: BTreeSet<_> = rows.iter().map(|row| row.route.trim_end_matches('/').to_owned()).collect();
    let never: Vec<_> = served().difference(&called).cloned().collect();
    assert_eq!(never, Vec::<String>::new());
}
