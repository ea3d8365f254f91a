//! Switches that no other story flips: each changes the one thing it is for.

use crate::support::{Caller, PASSWORD, names, plain, simulator};
use serde_json::json;
use thoughtspot_simulator::settings::{OrgIds, OrgNameRule};

#[tokio::test]
async fn v2_can_be_missing_as_on_an_old_release() {
    let simulator = simulator(|s| s.serves_v2 = false).await;
    let reply = Caller::nobody(&simulator).try_token(json!({"username": "tsadmin", "password": PASSWORD})).await;
    assert_eq!(reply.status, 404, "{reply:?}");
}

#[tokio::test]
async fn rules_of_names_passwords_and_descriptions_can_be_off() {
    let simulator = simulator(|settings| {
        settings.org_name_rule = OrgNameRule::Any;
        settings.org_description_limit = None;
        settings.org_name_held_days = 0;
        settings.org_ids = OrgIds::Sequential;
        settings.password_rule = false;
    })
    .await;
    let primary = Caller::admin(&simulator, 0).await;
    let request = json!({"name": "Org A, with blanks", "description": "x".repeat(500)});
    assert_eq!(primary.post("orgs/create", request.clone()).await.ok()["id"], 1);
    primary.post_nothing("orgs/1/delete").await.ok();
    assert_eq!(primary.post("orgs/create", request).await.ok()["id"], 2, "the name is free, the id is not");
    primary
        .post("users/create", json!({"name": "ana", "display_name": "Ana", "email": "ana@x.example", "password": "ana"}))
        .await
        .ok();
}

#[tokio::test]
async fn removing_what_is_absent_can_be_refused() {
    let simulator = plain().await;
    let primary = Caller::admin(&simulator, 0).await;
    for name in ["a", "b"] {
        primary.make_group(name).await;
    }
    primary.make_user("ana").await;
    let org = primary.make_org("acme").await;
    let cases = [
        ("groups/a/update".to_owned(), json!({"user_identifiers": ["ana"], "operation": "REMOVE"})),
        ("groups/a/update".to_owned(), json!({"sub_group_identifiers": ["b"], "operation": "REMOVE"})),
        ("users/ana/update".to_owned(), json!({"group_identifiers": ["a"], "operation": "REMOVE"})),
        ("users/ana/update".to_owned(), json!({"org_identifiers": ["acme"], "operation": "REMOVE"})),
        (format!("orgs/{org}/update"), json!({"user_identifiers": ["ana"], "operation": "REMOVE"})),
    ];
    for (path, body) in &cases {
        assert_eq!(primary.post(path, body.clone()).await.status, 204, "{path} {body}");
    }
    simulator.set(|settings| settings.refuse_removing_absent = true);
    for (path, body) in &cases {
        assert_eq!(primary.post(path, body.clone()).await.refusal(), (400, 10002), "{path} {body}");
    }
}

#[tokio::test]
async fn cycles_of_sub_groups_can_be_let_in() {
    let simulator = simulator(|settings| settings.allow_sub_group_cycles = true).await;
    let primary = Caller::admin(&simulator, 0).await;
    for name in ["a", "b"] {
        primary.make_group(name).await;
    }
    primary.post("groups/b/update", json!({"sub_group_identifiers": ["a"]})).await.ok();
    primary.post("groups/a/update", json!({"sub_group_identifiers": ["b"], "privileges": ["DEVELOPER"]})).await.ok();
    primary.make_user("ana").await;
    primary.post("users/ana/update", json!({"group_identifiers": ["b"]})).await.ok();
    assert_eq!(primary.user("ana").await["privileges"], json!(["AUTHORING", "DEVELOPER"]));
}

#[tokio::test]
async fn rows_can_show_more_or_less() {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    simulator.edit(|world| world.create_user("ana", "Ana", &["acme", "Primary"])).unwrap();
    let tenant = Caller::admin(&simulator, org).await;
    let row = tenant.user("ana").await;
    assert_eq!((names(&row["orgs"]), names(&row["user_groups"]), &row["current_org"]), (vec!["acme"], vec!["All"], &json!({})));
    simulator.set(|settings| {
        settings.rows_list_all_orgs = true;
        settings.rows_list_all_group = false;
        settings.rows_have_current_org = true;
    });
    let row = tenant.user("ana").await;
    assert_eq!((names(&row["orgs"]), names(&row["user_groups"])), (vec!["Primary", "acme"], vec![]));
    assert_eq!(row["current_org"], json!({"id": org, "name": "acme"}));
}

#[tokio::test]
async fn a_token_can_outlive_membership_and_a_401_have_another_code() {
    let simulator = simulator(|settings| settings.unauthenticated_code = 10097).await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    simulator.edit(|world| world.create_user("ana", "Ana", &["acme", "Primary"])).unwrap();
    let ana = Caller::nobody(&simulator).signed_in("ana", org).await;
    simulator.edit(|world| world.remove_from_org("ana", "acme")).unwrap();
    assert_eq!(ana.get("auth/session/user").await.refusal(), (401, 10097));
    simulator.set(|settings| settings.tokens_outlive_membership = true);
    ana.get("auth/session/user").await.ok();
    simulator.edit(|world| world.delete_org("acme")).unwrap();
    assert_eq!(ana.get("auth/session/user").await.status, 401, "the Org itself is gone");
}

#[tokio::test]
async fn a_bad_record_size_can_mean_the_default() {
    let simulator = simulator(|settings| settings.refuse_bad_record_size = false).await;
    let primary = Caller::admin(&simulator, 0).await;
    for number in 0..12 {
        primary.make_group(&format!("g-{number}")).await;
    }
    assert_eq!(primary.post("groups/search", json!({"record_size": 0})).await.names().len(), 10);
}
