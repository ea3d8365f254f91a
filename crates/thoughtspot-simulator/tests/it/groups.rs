//! Groups: in the Org of the token, with members, sub-groups and privileges.

use crate::support::{Caller, names, plain};
use serde_json::{Value, json};
use thoughtspot_simulator::Simulator;

/// A simulator with the Org acme, its administrator's caller, and users ana and bob in it.
async fn acme() -> (Simulator, Caller) {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    let tenant = Caller::admin(&simulator, org).await;
    for user in ["ana", "bob"] {
        tenant.make_user(user).await;
    }
    (simulator, tenant)
}

async fn group(caller: &Caller, name: &str) -> Value {
    caller.post("groups/search", json!({"group_identifier": name})).await.ok()[0].clone()
}

#[tokio::test]
async fn a_group_is_made_in_the_org_of_the_token() {
    let (simulator, tenant) = acme().await;
    let request = json!({"name": "Analyst", "display_name": "Analysts", "privileges": ["DATADOWNLOADING", "AUTHORING"],
        "user_identifiers": ["ana"], "visibility": "NON_SHARABLE"});
    let row = tenant.post("groups/create", request).await.ok();
    let org = simulator.state().org("acme").unwrap().id;
    assert_eq!(row["orgs"], json!([{"id": org.to_string(), "name": "acme"}]));
    assert_eq!(row["privileges"], json!(["DATADOWNLOADING"]), "AUTHORING has no effect");
    assert_eq!((&row["description"], &row["roles"], &row["visibility"]), (&json!(null), &json!(null), &json!("NON_SHARABLE")));
    assert_eq!(row["author_id"], "59481331-ee53-42be-a548-bd87be6ddd4a");
    assert_eq!(names(&row["users"]), ["ana"]);
    assert_eq!(group(&tenant, "Analyst").await, row);
    Caller::admin(&simulator, 0).await.make_group("Analyst").await;
}

#[tokio::test]
async fn an_operation_is_for_every_list_of_the_request() {
    let (_simulator, tenant) = acme().await;
    tenant.make_group("child").await;
    tenant.make_group("Analyst").await;
    let steps = [
        (json!({"user_identifiers": ["ana"], "privileges": ["DEVELOPER"], "sub_group_identifiers": ["child"]}), (1, 1, 1)),
        (json!({"display_name": "no list, no change"}), (1, 1, 1)),
        (json!({"user_identifiers": ["bob"], "privileges": ["DATAMANAGEMENT"], "operation": "ADD"}), (2, 2, 1)),
        (json!({"user_identifiers": ["ana"], "sub_group_identifiers": ["child"], "operation": "REMOVE"}), (1, 2, 0)),
        (json!({"user_identifiers": ["ana"], "operation": "REMOVE"}), (1, 2, 0)),
        (json!({"privileges": ["BYPASSRLS"], "operation": "REPLACE"}), (1, 1, 0)),
        (json!({"user_identifiers": [], "privileges": []}), (0, 0, 0)),
    ];
    for (change, expected) in steps {
        tenant.post("groups/Analyst/update", change.clone()).await.ok();
        let row = group(&tenant, "Analyst").await;
        let count = |list: &str| row[list].as_array().unwrap().len();
        assert_eq!((count("users"), count("privileges"), count("sub_groups")), expected, "{change}");
    }
}

#[tokio::test]
async fn members_of_a_child_have_the_privileges_of_the_parent() {
    let (simulator, tenant) = acme().await;
    simulator
        .edit(|world| {
            world.create_group("acme", "parent", "p")?;
            world.create_group("acme", "child", "c")?;
            world.set_privileges("acme", "parent", &["DEVELOPER"])?;
            world.set_sub_groups("acme", "parent", &["child"])?;
            world.add_to_group("acme", "child", "ana")
        })
        .unwrap();
    let ana = tenant.user("ana").await;
    assert_eq!(ana["privileges"], json!(["AUTHORING", "DEVELOPER"]));
    assert_eq!(names(&ana["user_groups"]), ["All", "child"]);
    assert_eq!(names(&ana["user_inherited_groups"]), ["parent"]);
    assert_eq!(tenant.post("users/search", json!({"privileges": ["DEVELOPER"]})).await.names(), ["ana"]);
    simulator.edit(|world| world.set_privileges("acme", "parent", &["ADMINISTRATION"])).unwrap();
    let ana = tenant.signed_in("ana", simulator.state().org("acme").unwrap().id).await;
    ana.make_group("made-by-ana").await;
    assert_eq!(ana.get("system").await.status, 403, "administrator of the Org only");
}

#[tokio::test]
async fn what_is_refused() {
    let (simulator, tenant) = acme().await;
    simulator.edit(|world| world.create_user("primary-only", "P", &[])).unwrap();
    for name in ["a", "b", "c"] {
        tenant.make_group(name).await;
    }
    tenant.post("groups/a/update", json!({"sub_group_identifiers": ["b"]})).await.ok();
    tenant.post("groups/b/update", json!({"sub_group_identifiers": ["c"]})).await.ok();
    let cases = [
        ("groups/create", json!({"name": "a", "display_name": "A"}), 400, 10002),
        ("groups/create", json!({"name": " a", "display_name": "A"}), 400, 10002),
        ("groups/create", json!({"name": "x", "display_name": "X", "user_identifiers": ["primary-only"]}), 400, 13003),
        ("groups/create", json!({"name": "x", "display_name": "X", "role_identifiers": ["r"]}), 400, 13003),
        ("groups/b/update", json!({"name": "a"}), 400, 10002),
        ("groups/c/update", json!({"sub_group_identifiers": ["a"]}), 400, 10002),
        ("groups/c/update", json!({"sub_group_identifiers": ["c"]}), 400, 10002),
        ("groups/a/update", json!({"sub_group_identifiers": ["none"]}), 400, 13003),
        ("groups/none/update", json!({}), 400, 13003),
        ("groups/none/delete", json!({}), 400, 13003),
        ("groups/All/delete", json!({}), 403, 10023),
        ("groups/Administrator/delete", json!({}), 403, 10023),
    ];
    for (path, body, status, code) in cases {
        assert_eq!(tenant.post(path, body.clone()).await.refusal(), (status, code), "{path} {body}");
    }
    let names = |simulator: &Simulator| simulator.state().groups.iter().filter(|group| group.org == "acme").count();
    assert_eq!(names(&simulator), 5, "nothing was half done");
    let primary = Caller::admin(&simulator, 0).await;
    assert_eq!(primary.post_nothing("groups/System/delete").await.refusal(), (403, 10023));
    let elsewhere = simulator.state().group("acme", "a").unwrap().id.clone();
    let path = format!("groups/{elsewhere}/delete");
    assert_eq!(primary.post_nothing(&path).await.refusal(), (400, 13003), "a group is written with a token of its Org");
}

#[tokio::test]
async fn a_wrong_privilege_is_refused_by_the_gateway() {
    let (_simulator, tenant) = acme().await;
    for privilege in ["NO_SUCH", "ORG_ADMINISTRATION"] {
        let reply = tenant.post("groups/create", json!({"name": "x", "display_name": "X", "privileges": [privilege]})).await;
        assert_eq!(reply.status, 400);
        assert!(reply.json()["error"]["message"].as_str().unwrap().contains(privilege), "{reply:?}");
    }
}

#[tokio::test]
async fn a_rename_keeps_the_id_and_names_are_told_apart_by_case() {
    let (simulator, tenant) = acme().await;
    let id = tenant.make_group("Analyst").await;
    tenant.make_group("analyst").await;
    tenant.post(&format!("groups/{id}/update"), json!({"name": "Reader", "description": "r"})).await.ok();
    let state = simulator.state();
    assert_eq!(state.group("acme", "Reader").unwrap().id, id);
    tenant.post("groups/Reader/update", json!({"description": ""})).await.ok();
    assert_eq!(group(&tenant, "Reader").await["description"], json!(null));
    tenant.post_nothing("groups/Reader/delete").await.ok();
    assert_eq!(group(&tenant, "Reader").await, Value::Null);
    assert!(simulator.state().user("ana").is_some());
}

#[tokio::test]
async fn nobody_leaves_all_and_it_can_have_privileges() {
    let (simulator, tenant) = acme().await;
    tenant.post("groups/All/update", json!({"user_identifiers": [], "privileges": ["DEVELOPER"]})).await.ok();
    tenant.post("users/ana/update", json!({"group_identifiers": []})).await.ok();
    tenant.post("users/ana/update", json!({"group_identifiers": ["All"], "operation": "REMOVE"})).await.ok();
    let all = simulator.state().group("acme", "All").unwrap().clone();
    assert_eq!((all.users, all.privileges), (vec!["ana".to_owned(), "bob".to_owned()], vec!["DEVELOPER".to_owned()]));
}
