//! Users, groups and roles as text.

use crate::support::{Caller, simulator};
use serde_json::{Value, json};
use thoughtspot_simulator::Simulator;

/// With roles: the Org acme, the users ana and bo there, and the group analysts with ana in it, which has a role.
async fn acme() -> (Simulator, Caller, i32) {
    let simulator = simulator(|settings| settings.rbac = true).await;
    let org = Caller::admin(&simulator, 0).await.make_org("acme").await;
    let tenant = Caller::admin(&simulator, org).await;
    for user in ["bo", "ana"] {
        tenant.make_user(user).await;
    }
    let role = json!({"name": "lookers", "privileges": ["DATADOWNLOADING"]});
    tenant.post("roles/create", role).await.ok();
    tenant.make_group("analysts").await;
    let change = json!({"role_identifiers": ["lookers"], "operation": "REPLACE"});
    tenant.post("groups/analysts/update", change).await.ok();
    tenant.post("users/ana/update", json!({"group_identifiers": ["analysts"], "operation": "ADD"})).await.ok();
    (simulator, tenant, org)
}

async fn exported(caller: &Caller, request: Value) -> Vec<Value> {
    caller.post("metadata/tml/export/batch", request).await.ok()["object"].as_array().unwrap().clone()
}

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["info"]["name"].as_str().unwrap()).collect()
}

fn text(row: &Value) -> Value {
    serde_json::from_str(row["edoc"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn users_groups_and_roles_are_written_with_what_belongs_to_them() {
    let (_simulator, tenant, _) = acme().await;
    let users = exported(&tenant, json!({"metadata_type": "USER"})).await;
    assert_eq!(names(&users), ["ana", "bo"]);
    assert_eq!(
        (&users[0]["info"]["filename"], &users[0]["info"]["status"]["status_code"]),
        (&json!("ana.user.tml"), &json!("OK"))
    );
    let ana = text(&users[0]);
    assert_eq!((&ana["guid"], &ana["user"]["name"]), (&users[0]["info"]["id"], &json!("ana")));
    assert_eq!((&ana["user"]["orgs"], &ana["user"]["groups"]), (&json!(["acme"]), &json!(["All", "analysts"])));

    let groups = exported(&tenant, json!({"metadata_type": "USER_GROUP"})).await;
    let analysts = groups.iter().find(|row| row["info"]["name"] == "analysts").unwrap();
    assert_eq!(text(analysts)["user_group"]["roles"], json!(["lookers"]));
    let roles = exported(&tenant, json!({"metadata_type": "ROLE", "edoc_format": "YAML"})).await;
    let lookers = roles.iter().find(|row| row["info"]["name"] == "lookers").unwrap();
    let yaml = lookers["edoc"].as_str().unwrap();
    assert!(yaml.contains("name: lookers") && yaml.contains("- DATADOWNLOADING"), "{yaml}");
}

#[tokio::test]
async fn principals_come_in_pages() {
    let (_simulator, tenant, _) = acme().await;
    let page = |offset: i32, size: i32| json!({"metadata_type": "USER", "batch_offset": offset, "batch_size": size});
    assert_eq!(names(&exported(&tenant, page(0, 1)).await), ["ana"]);
    assert_eq!(names(&exported(&tenant, page(1, 200)).await), ["bo"]);
    assert_eq!(names(&exported(&tenant, page(2, 1)).await), Vec::<&str>::new());
    for (offset, size) in [(-1, 1), (0, 0), (0, -1), (0, 201)] {
        assert_eq!(tenant.post("metadata/tml/export/batch", page(offset, size)).await.refusal(), (400, 10002), "{offset} {size}");
    }
    let other = json!({"metadata_type": "LIVEBOARD"});
    assert_eq!(tenant.post("metadata/tml/export/batch", other).await.status, 400);
}

#[tokio::test]
async fn principals_of_other_orgs_are_written_for_the_cluster_administrator_who_asks_for_them() {
    let (simulator, tenant, org) = acme().await;
    Caller::admin(&simulator, 0).await.make_user("elsewhere").await;
    let mut request = json!({"metadata_type": "USER"});
    assert!(!names(&exported(&tenant, request.clone()).await).contains(&"elsewhere"));
    request["all_orgs_override"] = json!(true);
    assert!(names(&exported(&tenant, request.clone()).await).contains(&"elsewhere"));
    tenant.post("users/ana/update", json!({"group_identifiers": ["Administrator"], "operation": "ADD"})).await.ok();
    let ana = tenant.signed_in("ana", org).await;
    assert_eq!(ana.post("metadata/tml/export/batch", request).await.refusal(), (403, 10023));
    assert_eq!(names(&exported(&ana, json!({"metadata_type": "USER"})).await), ["ana", "bo"]);
}

#[tokio::test]
async fn an_export_of_principals_needs_both_privileges() {
    let simulator = simulator(|_| {}).await;
    let admin = Caller::admin(&simulator, 0).await;
    admin.make_user("ana").await;
    admin.make_group("managers").await;
    admin.post("users/ana/update", json!({"group_identifiers": ["managers"], "operation": "ADD"})).await.ok();
    let ana = admin.signed_in("ana", 0).await;
    let request = json!({"metadata_type": "USER"});
    for (privileges, status) in
        [(json!(["DATAMANAGEMENT"]), 403), (json!(["USERMANAGEMENT"]), 403), (json!(["DATAMANAGEMENT", "USERMANAGEMENT"]), 200)]
    {
        let change = json!({"privileges": privileges, "operation": "REPLACE"});
        admin.post("groups/managers/update", change).await.ok();
        assert_eq!(ana.post("metadata/tml/export/batch", request.clone()).await.status, status, "{privileges}");
    }
    let roles = json!({"metadata_type": "ROLE"});
    assert_eq!(admin.post("metadata/tml/export/batch", roles).await.status, 403, "there are no roles");
}
