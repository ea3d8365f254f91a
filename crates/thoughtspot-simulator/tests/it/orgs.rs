//! Orgs: who may manage them, what comes and goes with them.

use crate::support::{Caller, names, plain};
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn an_org_comes_with_its_groups_and_goes_with_its_users() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    let row = primary.post("orgs/create", json!({"name": "acme", "description": "tenant"})).await.ok();
    let org = i32::try_from(row["id"].as_i64().unwrap()).unwrap();
    assert_eq!(row, json!({"id": org, "name": "acme", "status": "ACTIVE", "description": "tenant", "visibility": "SHOW"}));
    assert_eq!(simulator.state().group("acme", "Administrator").unwrap().privileges, ["ADMINISTRATION"]);
    assert!(simulator.state().org("acme").unwrap().users.is_empty(), "its maker is no member");

    let tenant = Caller::admin(&simulator, org).await;
    tenant.make_user("ana").await;
    tenant.make_user("bob").await;
    primary.post("users/bob/update", json!({"org_identifiers": ["0"], "operation": "ADD"})).await.ok();
    assert_eq!(primary.post_nothing("orgs/acme/delete").await.status, 204);
    let state = simulator.state();
    assert_eq!(state.org("acme"), None);
    assert_eq!(state.group("acme", "All"), None);
    assert_eq!(state.user("ana"), None, "had no other Org");
    assert_eq!(state.user("bob").unwrap().orgs, ["Primary"]);
    assert_eq!(tenant.get("auth/session/user").await.status, 401);
    let held = primary.post("orgs/create", json!({"name": "acme"})).await;
    assert_eq!(held.refusal(), (400, 10002));
    assert!(held.text.contains("already exists"), "{held:?}");
    simulator.advance(7 * DAY);
    let primary = Caller::admin(&simulator, 0).await;
    assert_ne!(primary.make_org("acme").await, org);
}

#[tokio::test]
async fn orgs_are_found_all_at_once() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    for number in 0..12 {
        primary.make_org(&format!("org-{number}")).await;
    }
    simulator.edit(|world| world.describe_org("org-3", "third")).unwrap();
    simulator.edit(|world| world.create_user("ana", "Ana", &["org-3", "org-4"])).unwrap();
    let id = simulator.state().org("org-3").unwrap().id.to_string();
    let cases = [
        (json!({}), 13),
        (json!({"record_size": 2, "record_offset": 5, "name_pattern": "org-3"}), 13),
        (json!({"org_identifier": "org-3"}), 1),
        (json!({"org_identifier": id}), 1),
        (json!({"org_identifier": "ORG-3"}), 0),
        (json!({"description": "third"}), 1),
        (json!({"user_identifiers": ["ana"]}), 2),
        (json!({"user_identifiers": ["ana"], "description": "third"}), 1),
        (json!({"status": "IN_ACTIVE"}), 0),
        (json!({"visibility": "SHOW", "status": "ACTIVE"}), 13),
    ];
    for (filter, expected) in cases {
        assert_eq!(primary.post("orgs/search", filter.clone()).await.names().len(), expected, "{filter}");
    }
    simulator.set(|settings| settings.search_miss = 400);
    assert_eq!(primary.post("orgs/search", json!({"org_identifier": "no"})).await.refusal(), (400, 13151));
}

#[tokio::test]
async fn what_is_refused() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    primary.make_org("acme").await;
    primary.make_org("other").await;
    let long = "x".repeat(125);
    let cases = [
        ("orgs/create", json!({"name": "acme"}), 400, 10002),
        ("orgs/create", json!({"name": "with blank"}), 400, 10002),
        ("orgs/create", json!({"name": "x".repeat(49)}), 400, 10002),
        ("orgs/create", json!({"name": "fine", "description": long}), 400, 10002),
        ("orgs/other/update", json!({"name": "acme"}), 400, 10002),
        ("orgs/none/update", json!({}), 400, 13003),
        ("orgs/none/delete", json!({}), 400, 13003),
        ("orgs/acme/update", json!({"user_identifiers": ["nobody"]}), 400, 13003),
        ("orgs/0/delete", json!({}), 403, 10023),
    ];
    for (path, body, status, code) in cases {
        assert_eq!(primary.post(path, body.clone()).await.refusal(), (status, code), "{path} {body}");
    }
    for status in [409, 500] {
        simulator.set(|settings| settings.duplicate_name = status);
        assert_eq!(primary.post("orgs/create", json!({"name": "acme"})).await.refusal(), (status, 10002));
    }
}

#[tokio::test]
async fn only_a_cluster_administrator_in_primary_manages_orgs() {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    simulator.edit(|world| world.create_user("ana", "Ana", &["acme", "Primary"])).unwrap();
    simulator.edit(|world| world.add_to_group("acme", "Administrator", "ana")).unwrap();
    let nobody = Caller::nobody(&simulator);
    for (user, org) in [("tsadmin", org), ("ana", org), ("ana", 0)] {
        let caller = nobody.signed_in(user, org).await;
        for (path, body) in [("orgs/search", json!({})), ("orgs/create", json!({"name": "new"})), ("orgs/acme/delete", json!({}))]
        {
            assert_eq!(caller.post(path, body).await.refusal(), (403, 10023), "{user} in {org}: {path}");
        }
    }
}

#[tokio::test]
async fn members_are_added_unless_said_otherwise() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    primary.make_org("acme").await;
    for user in ["ana", "bob", "eve"] {
        primary.make_user(user).await;
    }
    let members = || simulator.state().org("acme").unwrap().users.clone();
    primary.post("orgs/acme/update", json!({"user_identifiers": ["ana", "bob"]})).await.ok();
    assert_eq!(members(), ["ana", "bob"]);
    primary.post("orgs/acme/update", json!({"user_identifiers": ["eve"]})).await.ok();
    assert_eq!(members(), ["ana", "bob", "eve"]);
    primary.post("orgs/acme/update", json!({"user_identifiers": ["ana"], "operation": "REMOVE"})).await.ok();
    assert_eq!(members(), ["bob", "eve"]);
    primary.post("orgs/acme/update", json!({"user_identifiers": ["ana"], "operation": "REPLACE"})).await.ok();
    assert_eq!(members(), ["ana"]);
    assert_eq!(simulator.state().user("ana").unwrap().groups, ["Primary/All", "acme/All"]);
    assert_eq!(simulator.state().user("bob").unwrap().groups, ["Primary/All"]);
    assert_eq!(names(&primary.user("ana").await["orgs"]), ["Primary", "acme"]);
}

#[tokio::test]
async fn a_rename_keeps_the_id_and_an_empty_description_is_none() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    let org = primary.make_org("acme").await;
    let path = format!("orgs/{org}/update");
    primary.post(&path, json!({"name": "acme-2", "description": "new"})).await.ok();
    assert_eq!(simulator.state().org("acme-2").unwrap().description.as_deref(), Some("new"));
    primary.post(&path, json!({"description": ""})).await.ok();
    let row = primary.post("orgs/search", json!({"org_identifier": "acme-2"})).await.ok();
    assert_eq!((row[0]["id"].as_i64(), &row[0]["description"]), (Some(org.into()), &json!(null)));
    primary.make_org("acme").await;
}

#[tokio::test]
async fn v1_names_the_built_in_groups_of_an_org() {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    let primary = Caller::admin(&simulator, 0).await;
    let state = simulator.state();
    for query in [format!("org/?id={org}&orgScope=ALL"), "org?name=acme&orgScope=ALL".to_owned()] {
        let row = primary.get_v1(&query).await.ok();
        assert_eq!((row["orgId"].as_i64(), &row["orgName"]), (Some(org.into()), &json!("acme")), "{query}");
        assert_eq!(row["allGroupUserId"], state.group("acme", "All").unwrap().id);
        assert_eq!(row["defaultAdminUserGroupId"], state.group("acme", "Administrator").unwrap().id);
        assert_eq!((&row["description"], &row["deleted"], &row["active"]), (&json!(""), &json!(false), &json!(true)));
    }
    for (query, status) in [("org/?id=4711&orgScope=ALL", 400), ("org/?orgScope=ALL", 400), ("org/?id=0", 403)] {
        let reply = primary.get_v1(query).await;
        assert_eq!(reply.status, status, "{query}");
        assert!(reply.json()["code"].is_i64(), "{reply:?}");
    }
    assert_eq!(Caller::nobody(&simulator).get_v1("org/?id=0&orgScope=ALL").await.status, 401);
    simulator.set(|settings| settings.v1_org_route = false);
    assert_eq!(primary.get_v1("org/?id=0&orgScope=ALL").await.status, 404);
}
