//! Role-based access control, switched off and on.

use crate::support::{Caller, names, plain, simulator};
use serde_json::{Value, json};
use thoughtspot_simulator::Simulator;

async fn with_roles() -> (Simulator, i32, Caller) {
    let simulator = simulator(|settings| settings.rbac = true).await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    let tenant = Caller::admin(&simulator, org).await;
    (simulator, org, tenant)
}

async fn make_role(caller: &Caller, name: &str, privileges: &[&str]) -> Value {
    caller.post("roles/create", json!({"name": name, "privileges": privileges})).await.ok()
}

#[tokio::test]
async fn without_role_based_access_control_there_are_no_roles() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    for status in [403, 500] {
        simulator.set(|settings| settings.feature_off = status);
        for (path, body) in [
            ("roles/search", json!({})),
            ("roles/create", json!({"name": "Reader"})),
            ("roles/x/update", json!({"name": "Reader"})),
            ("roles/x/delete", json!({})),
        ] {
            assert_eq!(admin.post(path, body).await.refusal(), (status, 10023), "{path}");
        }
    }
    admin.make_group("a").await;
    let row = admin.post("groups/search", json!({"group_identifier": "a"})).await.ok();
    assert_eq!(row[0]["roles"], json!(null));
    let named = json!({"role_identifiers": ["Super Admin"]});
    assert_eq!(admin.post("groups/a/update", named).await.refusal(), (400, 13003));
}

#[tokio::test]
async fn a_role_is_made_in_the_org_of_the_token() {
    let (simulator, org, tenant) = with_roles().await;
    let request = json!({"name": "Reader", "description": "reads", "privileges": ["DATADOWNLOADING", "CONTROL_TRUSTED_AUTH"]});
    let role = tenant.post("roles/create", request.clone()).await.ok();
    assert_eq!(role["orgs"], json!([{"id": org.to_string(), "name": "acme"}]), "the id is a text");
    assert_eq!((&role["description"], &role["permission"]), (&json!("reads"), &json!("MODIFY")));
    assert_eq!(role["privileges"], json!(["CONTROL_TRUSTED_AUTH", "DATADOWNLOADING"]));
    assert_eq!((&role["groups"], &role["groups_assigned_count"]), (&json!([]), &json!(0)));
    assert_eq!(tenant.post("roles/create", request.clone()).await.refusal(), (400, 10002), "the name is taken");
    Caller::admin(&simulator, 0).await.post("roles/create", request).await.ok();
    let beta = simulator.edit(|world| world.create_org("beta", None)).unwrap();
    assert_eq!(Caller::admin(&simulator, beta).await.post("roles/search", json!({})).await.names(), Vec::<String>::new());
}

#[tokio::test]
async fn what_a_role_cannot_be() {
    let (_simulator, _, tenant) = with_roles().await;
    make_role(&tenant, "Reader", &[]).await;
    for (path, body) in [
        ("roles/create", json!({"name": ""})),
        ("roles/create", json!({"name": "x".repeat(49)})),
        ("roles/create", json!({"name": "long", "description": "x".repeat(125)})),
        ("roles/none/update", json!({"name": "Reader"})),
    ] {
        assert_eq!(tenant.post(path, body.clone()).await.status, 400, "{path} {body}");
    }
    for (path, privilege) in [
        ("roles/create", "ADMINISTRATION"),
        ("roles/create", "RANALYSIS"),
        ("roles/create", "CAN_MODIDY_FOLDERS"),
        ("roles/Reader/update", "CAN_SETUP_VERSION_CONTROL"),
        ("roles/Reader/update", "ALLOW_NON_EMBED_FULL_APP_ACCESS"),
    ] {
        let refused = tenant.post(path, json!({"name": "Reader", "privileges": [privilege]})).await;
        assert_eq!(refused.status, 400, "{path} {privilege}");
        assert!(refused.json()["error"]["message"].is_string(), "it is the gateway that knows the words: {refused:?}");
    }
    assert_eq!(tenant.post("roles/search", json!({"privileges": ["CAN_MODIFY_FOLDERS"]})).await.status, 400);
    tenant.post("roles/search", json!({"privileges": ["CAN_MODIDY_FOLDERS", "UNKNOWN"]})).await.ok();
}

#[tokio::test]
async fn an_update_needs_the_name_and_answers_the_role() {
    let (_simulator, _, tenant) = with_roles().await;
    let role = make_role(&tenant, "Reader", &["DATADOWNLOADING"]).await;
    let path = format!("roles/{}/update", role["id"].as_str().unwrap());
    assert_eq!(tenant.post(&path, json!({"description": "reads"})).await.status, 400);
    let same = tenant.post(&path, json!({"name": "Reader", "description": "reads"})).await;
    assert_eq!(same.status, 200);
    let row = same.ok();
    assert_eq!(
        (&row["description"], &row["privileges"]),
        (&json!("reads"), &json!(["DATADOWNLOADING"])),
        "left out is left alone"
    );
    let other = tenant.post("roles/Reader/update", json!({"name": "Writer", "privileges": ["DEVELOPER"]})).await.ok();
    assert_eq!((&other["id"], &other["privileges"]), (&role["id"], &json!(["DEVELOPER"])), "the whole list is replaced");
}

#[tokio::test]
async fn a_read_only_role_stays_as_it_is() {
    let (simulator, _, tenant) = with_roles().await;
    let role = tenant.post("roles/create", json!({"name": "Fixed", "read_only": true})).await.ok();
    assert_eq!(role["permission"], "READ_ONLY");
    assert_eq!(tenant.post("roles/Fixed/update", json!({"name": "Fixed"})).await.refusal(), (403, 10023));
    assert_eq!(tenant.post_nothing("roles/Fixed/delete").await.refusal(), (403, 10023));
    let built_in =
        Caller::admin(&simulator, 0).await.post("roles/search", json!({"role_identifiers": ["Super Admin"]})).await.ok();
    assert_eq!((&built_in[0]["permission"], &built_in[0]["privileges"]), (&json!("READ_ONLY"), &json!(["ADMINISTRATION"])));
}

#[tokio::test]
async fn groups_have_roles_and_their_members_what_is_in_them() {
    let (simulator, _, tenant) = with_roles().await;
    for (role, privilege) in [("Reader", "DATADOWNLOADING"), ("Manager", "USER_ADMINISTRATION")] {
        make_role(&tenant, role, &[privilege]).await;
    }
    tenant.make_user("ana").await;
    let group = json!({"name": "a", "display_name": "A", "role_identifiers": ["Reader"], "user_identifiers": ["ana"]});
    let row = tenant.post("groups/create", group).await.ok();
    assert_eq!((names(&row["roles"]), &row["privileges"]), (vec!["Reader"], &json!([])));
    assert_eq!(tenant.user("ana").await["privileges"], json!(["AUTHORING", "DATADOWNLOADING"]));

    let ana = Caller::nobody(&simulator).signed_in("ana", simulator.state().org("acme").unwrap().id).await;
    let bo = json!({"name": "bo", "display_name": "Bo", "email": "bo@example.com"});
    assert_eq!(ana.post("users/create", bo.clone()).await.status, 403);
    tenant.post("groups/a/update", json!({"role_identifiers": ["Manager"], "operation": "ADD"})).await.ok();
    assert_eq!(ana.post("users/create", bo).await.status, 200, "roles administer without ADMINISTRATION");
    assert_eq!(ana.post("groups/create", json!({"name": "b", "display_name": "B"})).await.status, 403);

    for (path, filter, found) in [
        ("groups/search", json!({"role_identifiers": ["Manager"]}), vec!["a"]),
        ("users/search", json!({"role_identifiers": ["Reader"]}), vec!["ana"]),
        ("roles/search", json!({"group_identifiers": ["a"], "privileges": ["DATADOWNLOADING"]}), vec!["Reader"]),
        ("roles/search", json!({"permissions": ["READ_ONLY"]}), vec![]),
    ] {
        assert_eq!(tenant.post(path, filter.clone()).await.names(), found, "{path} {filter}");
    }
    let roles = tenant.post("roles/search", json!({"role_identifiers": ["Reader"]})).await.ok();
    assert_eq!((&roles[0]["groups_assigned_count"], names(&roles[0]["groups"])), (&json!(1), vec!["a"]));
}

#[tokio::test]
async fn privileges_sent_for_a_group_are_ignored_or_refused() {
    let (simulator, _, tenant) = with_roles().await;
    let group = json!({"name": "a", "display_name": "A", "privileges": ["DEVELOPER"]});
    assert_eq!(tenant.post("groups/create", group.clone()).await.ok()["privileges"], json!([]));
    simulator.set(|settings| settings.refuse_privileges_with_rbac = true);
    let update = json!({"privileges": ["DEVELOPER"]});
    assert_eq!(tenant.post("groups/a/update", update).await.refusal(), (400, 10002));
}

#[tokio::test]
async fn a_role_in_use_is_taken_from_its_groups_or_kept() {
    let (simulator, _, tenant) = with_roles().await;
    make_role(&tenant, "Reader", &[]).await;
    tenant.post("groups/create", json!({"name": "a", "display_name": "A", "role_identifiers": ["Reader"]})).await.ok();
    simulator.set(|settings| settings.refuse_deleting_used_role = true);
    assert_eq!(tenant.post_nothing("roles/Reader/delete").await.refusal(), (400, 10002));
    simulator.set(|settings| settings.refuse_deleting_used_role = false);
    assert_eq!(tenant.post_nothing("roles/Reader/delete").await.status, 204);
    let row = tenant.post("groups/search", json!({"group_identifier": "a"})).await.ok();
    assert_eq!(row[0]["roles"], json!([]));
    assert_eq!(tenant.post_nothing("roles/Reader/delete").await.refusal(), (400, 13003));
}

#[tokio::test]
async fn a_role_can_let_somebody_manage_orgs() {
    let (simulator, _, _) = with_roles().await;
    let admin = Caller::admin(&simulator, 0).await;
    make_role(&admin, "Landlord", &["ORG_ADMINISTRATION"]).await;
    admin.make_user("ana").await;
    let group = json!({"name": "a", "display_name": "A", "role_identifiers": ["Landlord"], "user_identifiers": ["ana"]});
    let ana = Caller::nobody(&simulator).signed_in("ana", 0).await;
    assert_eq!(ana.post("orgs/create", json!({"name": "beta"})).await.status, 403);
    admin.post("groups/create", group).await.ok();
    ana.post("orgs/create", json!({"name": "beta"})).await.ok();
}
