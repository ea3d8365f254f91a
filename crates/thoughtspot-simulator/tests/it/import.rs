//! Many users or groups at once.

use crate::support::{Caller, plain, simulator};
use serde_json::{Value, json};
use thoughtspot_simulator::Simulator;

async fn acme() -> (Simulator, Caller) {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    let tenant = Caller::admin(&simulator, org).await;
    (simulator, tenant)
}

fn names(answer: &Value, key: &str) -> Vec<String> {
    answer[key].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn without_a_no_to_the_dry_run_nothing_happens() {
    let (simulator, tenant) = acme().await;
    tenant.make_user("old").await;
    tenant.make_group("old").await;
    let before = simulator.state();
    let users = json!({"users": [{"user_identifier": "ana", "display_name": "Ana"}], "delete_unspecified_users": true});
    let told = tenant.post("users/import", users).await.ok();
    assert_eq!(
        (&told["users_added"], names(&told, "users_deleted")),
        (&json!([{"id": null, "name": "ana"}]), vec!["old".to_owned()])
    );
    let groups = json!({"groups": [{"group_identifier": "a", "display_name": "A"}], "delete_unspecified_groups": true});
    let told = tenant.post("groups/import", groups).await.ok();
    assert_eq!((names(&told, "groups_added"), names(&told, "groups_deleted")), (vec!["a".to_owned()], vec!["old".to_owned()]));
    assert_eq!(simulator.state(), before);
}

#[tokio::test]
async fn users_are_made_changed_and_deleted() {
    let (simulator, tenant) = acme().await;
    for group in ["a", "b"] {
        tenant.make_group(group).await;
    }
    for user in ["bo", "old"] {
        tenant.make_user(user).await;
    }
    tenant.post("users/bo/update", json!({"group_identifiers": ["a"]})).await.ok();
    let request = json!({"dry_run": false, "delete_unspecified_users": false, "default_password": "first password", "users": [
        {"user_identifier": "ana", "display_name": "Ana", "email": "ana@example.com", "group_identifiers": ["a"], "notify_on_share": false},
        {"user_identifier": "bo", "display_name": "Bo", "group_identifiers": ["b"], "password": "of nobody"},
    ]});
    let done = tenant.post("users/import", request.clone()).await.ok();
    assert_eq!((names(&done, "users_added"), names(&done, "users_updated")), (vec!["ana".to_owned()], vec!["bo".to_owned()]));
    let state = simulator.state();
    let ana = state.user("ana").unwrap();
    assert_eq!(
        (ana.email.as_deref(), ana.groups.as_slice()),
        (Some("ana@example.com"), ["acme/All", "acme/a"].map(str::to_owned).as_slice())
    );
    assert_eq!(
        (state.user("bo").unwrap().groups.clone(), state.user("bo").unwrap().has_password),
        (vec!["acme/All".to_owned(), "acme/b".to_owned()], false)
    );
    assert!(state.user("old").is_some(), "nothing is deleted unless asked");
    let token = json!({"username": "ana", "password": "first password"});
    assert_eq!(Caller::nobody(&simulator).try_token(token).await.status, 200);

    let mut request = request;
    request["delete_unspecified_users"] = json!(true);
    let primary = Caller::admin(&simulator, 0).await;
    assert_eq!(names(&tenant.post("users/import", request).await.ok(), "users_deleted"), ["old"]);
    let everybody = json!({"users": [], "dry_run": false, "delete_unspecified_users": true});
    assert_eq!(names(&primary.post("users/import", everybody).await.ok(), "users_deleted").len(), 2);
    let left: Vec<String> = simulator.state().users.into_iter().map(|user| user.name).collect();
    assert_eq!(left, ["guest", "su", "system", "tsadmin"], "what is built in is spared");
}

#[tokio::test]
async fn groups_are_made_nested_and_deleted() {
    let (simulator, tenant) = acme().await;
    tenant.make_group("old").await;
    tenant.make_user("ana").await;
    let request = json!({"dry_run": false, "delete_unspecified_groups": true, "groups": [
        {"group_identifier": "outer", "display_name": "Outer", "sub_group_identifiers": ["inner"], "privileges": ["DEVELOPER"]},
        {"group_identifier": "inner", "display_name": "Inner", "description": "inside", "user_identifiers": ["ana"]},
    ]});
    let done = tenant.post("groups/import", request).await.ok();
    assert_eq!(
        (names(&done, "groups_added"), names(&done, "groups_deleted")),
        (vec!["outer".to_owned(), "inner".to_owned()], vec!["old".to_owned()])
    );
    let state = simulator.state();
    assert_eq!(state.group("acme", "outer").unwrap().sub_groups, ["inner"]);
    assert_eq!(state.group("acme", "inner").unwrap().users, ["ana"]);
    let here: Vec<&str> = state.groups.iter().filter(|group| group.org == "acme").map(|group| group.name.as_str()).collect();
    assert_eq!(here, ["Administrator", "All", "inner", "outer"], "what is built in is spared");
    assert!(state.group("Primary", "System").is_some(), "other Orgs are not touched");
}

#[tokio::test]
async fn one_bad_row_and_nothing_is_imported() {
    let (simulator, tenant) = acme().await;
    let good = json!({"user_identifier": "ana", "display_name": "Ana"});
    for bad in [
        json!({"user_identifier": "bo", "display_name": "Bo", "group_identifiers": ["none"]}),
        json!({"user_identifier": "bo", "display_name": "Bo", "org_identifiers": ["none"]}),
        json!({"user_identifier": "bo", "display_name": "Bo", "password": "short"}),
        json!({"user_identifier": "bo"}),
    ] {
        let request = json!({"dry_run": false, "users": [good, bad]});
        assert_eq!(tenant.post("users/import", request).await.status, 400, "{bad}");
    }
    assert_eq!(simulator.state().user("ana"), None);
    let groups =
        json!({"dry_run": false, "groups": [{"group_identifier": "a", "display_name": "A", "user_identifiers": ["none"]}]});
    assert_eq!(tenant.post("groups/import", groups).await.refusal(), (400, 13003));
    assert_eq!(simulator.state().group("acme", "a"), None);
}

#[tokio::test]
async fn a_misspelt_key_in_a_row_is_refused_in_strict_mode() {
    let simulator = simulator(|settings| settings.strict = true).await;
    let admin = Caller::admin(&simulator, 0).await;
    let row = json!({"user_identifier": "ana", "display_name": "Ana", "emial": "ana@example.com"});
    let refused = admin.post("users/import", json!({"users": [row]})).await;
    assert!(refused.status == 400 && refused.text.contains("users.0.emial"), "{refused:?}");
}

#[tokio::test]
async fn only_administrators_import() {
    let (simulator, _) = acme().await;
    simulator.edit(|world| world.create_user("ana", "Ana", &["acme"])).unwrap();
    let ana = Caller::nobody(&simulator).signed_in("ana", simulator.state().org("acme").unwrap().id).await;
    for (path, request) in [("users/import", json!({"users": []})), ("groups/import", json!({"groups": []}))] {
        assert_eq!(ana.post(path, request).await.refusal(), (403, 10023), "{path}");
    }
}
