//! `user/sync`: users and groups made equal to a list.

use super::support::V1;
use crate::support::plain;
use serde_json::{Value, json};
use thoughtspot_simulator::Simulator;

async fn acme() -> (Simulator, V1) {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    let tenant = V1::admin(&simulator, org).await;
    (simulator, tenant)
}

fn user(name: &str, groups: &[&str]) -> Value {
    json!({"name": name, "displayName": name, "mail": format!("{name}@example.com"), "principalTypeEnum": "LOCAL_USER",
           "groupNames": groups, "password": "first password", "created": "", "modified": ""})
}

fn group(name: &str, parents: &[&str]) -> Value {
    json!({"name": name, "displayName": name, "description": "listed", "principalTypeEnum": "LOCAL_GROUP", "groupNames": parents})
}

#[tokio::test]
async fn nothing_is_changed_unless_the_request_says_so() {
    let (simulator, tenant) = acme().await;
    let before = simulator.state();
    let principals = json!([user("ana", &["inner"]), group("outer", &["All"]), group("inner", &["outer"])]).to_string();
    let told = tenant.post_parts("user/sync", &[("principals", &principals)]).await.ok();
    assert_eq!((&told["usersAdded"], &told["groupsAdded"]), (&json!(["ana"]), &json!(["inner", "outer"])));
    assert_eq!(simulator.state(), before);

    let done = tenant.post_parts("user/sync", &[("principals", &principals), ("applyChanges", "true")]).await.ok();
    assert_eq!(done, told);
    let state = simulator.state();
    assert_eq!(state.user("ana").unwrap().groups, ["acme/All", "acme/inner"]);
    assert_eq!(state.group("acme", "outer").unwrap().sub_groups, ["inner"], "a group names the groups it is in");
}

#[tokio::test]
async fn what_is_not_listed_is_deleted_unless_the_right_word_says_no() {
    let (simulator, tenant) = acme().await;
    simulator.edit(|world| world.create_user("elsewhere", "Of another Org", &[])).unwrap();
    let fill = json!([user("ana", &[]), user("bo", &[]), group("a", &[])]).to_string();
    let only_ana = json!([user("ana", &[])]).to_string();
    for (flag, deleted) in [("removeDeleted", json!([])), ("removeDelete", json!(["bo"]))] {
        tenant.post_parts("user/sync", &[("principals", &fill), ("applyChanges", "true")]).await.ok();
        let parts = [("principals", only_ana.as_str()), ("applyChanges", "true"), (flag, "false")];
        let done = tenant.post_parts("user/sync", &parts).await.ok();
        assert_eq!((&done["usersDeleted"], &done["usersUpdated"]), (&deleted, &json!(["ana"])), "{flag}");
    }
    let state = simulator.state();
    assert!(state.user("elsewhere").is_some() && state.user("bo").is_none() && state.group("acme", "a").is_none());
}

#[tokio::test]
async fn a_bad_list_is_refused_as_a_whole() {
    let (simulator, tenant) = acme().await;
    let mut without_password = user("ana", &[]);
    without_password.as_object_mut().unwrap().remove("password");
    let unlisted_parent = json!([group("a", &["none"])]);
    for (principals, status) in [
        ("not JSON".to_owned(), 500),
        (json!([{"name": "ana"}]).to_string(), 500),
        (json!([group("a", &[]), without_password]).to_string(), 500),
        (unlisted_parent.to_string(), 400),
    ] {
        let reply = tenant.post_parts("user/sync", &[("principals", &principals), ("applyChanges", "true")]).await;
        assert_eq!(reply.status, status, "{principals}");
    }
    assert_eq!(simulator.state().group("acme", "a"), None);
    let form = tenant.post("user/sync", &[("principals", "[]")]).await;
    assert_eq!((form.status, form.text.as_str()), (415, ""));
}

#[tokio::test]
async fn a_no_is_read_as_python_writes_it() {
    let (simulator, tenant) = acme().await;
    let everybody = json!([user("ana", &[]), user("bo", &[])]).to_string();
    tenant.post_parts("user/sync", &[("principals", &everybody), ("applyChanges", "True")]).await.ok();
    let only_ana = json!([user("ana", &[])]).to_string();
    let parts = [("principals", only_ana.as_str()), ("applyChanges", "True"), ("removeDeleted", "False")];
    assert_eq!(tenant.post_parts("user/sync", &parts).await.ok()["usersDeleted"], json!([]));
    assert!(simulator.state().user("bo").is_some());
}

#[tokio::test]
async fn the_list_is_taken_only_from_a_part_of_json() {
    let (simulator, tenant) = acme().await;
    let principals = json!([user("ana", &[])]).to_string();
    let parts = [("principals", principals.as_str()), ("applyChanges", "true")];
    let untyped = tenant.post_untyped_parts("user/sync", &parts).await;
    assert_eq!((untyped.status, untyped.text.as_str()), (415, ""));
    assert_eq!(simulator.state().user("ana"), None);
    assert_eq!(tenant.post_parts("user/sync", &parts).await.ok()["usersAdded"], json!(["ana"]));
}
