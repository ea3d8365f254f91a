//! What the tables add up to: docs/endpoints.md, and whether anything is missing there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use expect_test::expect_file;
use thoughtspot_simulator::{Dialect, Simulator};

use super::{
    Row, Table, v1_groups, v1_objects, v1_orgs, v1_roles, v1_sessions, v1_sync, v1_users, v2_auth, v2_governing, v2_groups,
    v2_import, v2_logs, v2_metadata, v2_orgs, v2_roles, v2_sharing, v2_system, v2_tags, v2_tml, v2_users,
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

/// The calls of ThoughtSpot's own guides to sessions, Orgs and users: none of them may be missing.
const GUIDED: [&str; 51] = [
    "POST v1/session/login",
    "POST v1/session/auth/token",
    "GET v1/session/login/token",
    "POST v1/session/login/token",
    "POST v1/session/logout",
    "GET v1/session/info",
    "PUT v1/session/orgs",
    "GET v1/session/orgs",
    "GET v1/session/orgs/users/{userid}",
    "POST v1/session/homepinboard",
    "GET v1/session/homepinboard",
    "DELETE v1/session/homepinboard",
    "POST v1/org/",
    "GET v1/org/",
    "PUT v1/org/",
    "POST v1/org/search",
    "DELETE v1/org/",
    "POST v1/user/transfer/ownership",
    "POST v1/user/sync",
    "POST v1/user/updatepassword",
    "GET v1/user/list",
    "POST v1/user/updatepreference",
    "POST v1/user/",
    "POST v1/user/addtoorg",
    "DELETE v1/user/{userid}",
    "POST v1/group/addprivilege",
    "POST v1/group/removeprivilege",
    "POST v1/group/",
    "POST v1/pinboarddata",
    "POST v1/export/pinboard/pdf",
    "GET v1/metadata/listobjectheaders",
    "GET v1/metadata/listvizheaders",
    "GET v1/metadata/listas",
    "POST v1/metadata/assigntag",
    "POST v1/searchdata",
    "POST v1/metadata/tml/import",
    "POST v1/metadata/tml/export",
    "POST v1/security/share",
    "POST v1/security/shareviz",
    "POST auth/session/login",
    "POST users/create",
    "POST users/{user_identifier}/update",
    "POST groups/create",
    "POST auth/token/full",
    "POST auth/token/object",
    "POST orgs/create",
    "POST orgs/search",
    "POST orgs/{org_identifier}/update",
    "POST orgs/{org_identifier}/delete",
    "POST users/search",
    "POST groups/search",
];

const HEAD: &str = "# Every endpoint

What the client (`crates/thoughtspot-client`) can call and the simulator (`crates/thoughtspot-simulator`) serves. A row is here because a test made the call, in strict
mode, and saw where it arrived; the same test answers it with damaged answers. Written by that test: `UPDATE_EXPECT=1 cargo test -p thoughtspot-client --test it list`.

| dialect | call | client | simulator | test |
| --- | --- | --- | --- | --- |
";

#[tokio::test]
async fn the_list_of_endpoints_is_whole_and_as_documented() {
    let rows: Vec<Row> = tables().await.into_iter().flat_map(|table| table.rows).collect();
    let distinct: BTreeSet<&Row> = rows.iter().collect();
    assert_eq!(distinct.len(), rows.len(), "a method is in the tables twice: {rows:#?}");

    let mut by_route: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        // v1 takes every path with and without a slash at its end.
        by_route.entry(row.route.trim_end_matches('/')).or_default().push(row);
    }
    let mut page = HEAD.to_owned();
    let mut missing = Vec::new();
    for route in Simulator::routes() {
        let (dialect, prefix) = match route.dialect {
            Dialect::V1 => ("v1", "v1/"),
            Dialect::V2 => ("v2", ""),
        };
        let name = format!("{} {prefix}{}", route.method, route.path.trim_end_matches('/'));
        let Some(rows) = by_route.remove(name.as_str()) else {
            missing.push(name);
            continue;
        };
        let each = |of: fn(&Row) -> &str| rows.iter().map(|row| format!("`{}`", of(row))).collect::<BTreeSet<_>>();
        let cell = |texts: BTreeSet<String>| texts.into_iter().collect::<Vec<_>>().join(", ");
        let (methods, tests) = (cell(each(|row| &row.method)), cell(each(|row| row.test)));
        writeln!(page, "| {dialect} | `{} {}` | {methods} | `{}` | {tests} |", route.method, route.path, route.handler).unwrap();
    }
    assert!(missing.is_empty(), "no table makes these calls: {missing:#?}");
    let forgotten: Vec<&&str> = GUIDED
        .iter()
        .filter(|call| !rows.iter().any(|row| row.route.trim_end_matches('/') == call.trim_end_matches('/')))
        .collect();
    assert!(forgotten.is_empty(), "{forgotten:#?}");
    expect_file!["../../../../../docs/endpoints.md"].assert_eq(&page);
}
