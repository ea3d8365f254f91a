//! Roles, and which groups have them.

use super::support::{V1, refusal};
use crate::support::{plain, simulator};
use serde_json::json;

#[tokio::test]
async fn without_role_based_access_control_there_are_no_roles() {
    let simulator = plain().await;
    let admin = V1::admin(&simulator, 0).await;
    assert_eq!(refusal(&admin.post("role", &[("name", "Reader")]).await), (403, 10023));
    assert_eq!(refusal(&admin.post("role/search", &[]).await), (403, 10023));
}

#[tokio::test]
async fn a_role_is_made_found_given_taken_and_deleted() {
    let simulator = simulator(|settings| settings.rbac = true).await;
    let admin = V1::admin(&simulator, 0).await;
    admin.make_group("a").await;
    let form = [("name", "Reader"), ("description", "reads"), ("privileges", "[\"DATADOWNLOADING\"]")];
    let role = admin.post("role", &form).await.ok()["data"].clone();
    let id = role["id"].as_str().unwrap().to_owned();
    assert_eq!((&role["name"], &role["privileges"]), (&json!("Reader"), &json!(["DATADOWNLOADING"])));
    let changed = admin.put(&format!("role/{id}"), &[("name", "Writer"), ("privileges", "[\"DEVELOPER\"]")]).await.ok();
    assert_eq!((&changed["data"]["name"], &changed["data"]["description"]), (&json!("Writer"), &json!("reads")));

    let parts = [("roleID", id.as_str()), ("groupNames", "[\"a\"]")];
    assert_eq!(admin.post_parts("group/addrole", &parts).await.status, 204);
    assert_eq!(simulator.state().group("Primary", "a").unwrap().roles, ["Writer"]);
    let found = admin.post("role/search", &[("group_identifiers", "[\"a\"]")]).await.ok();
    assert_eq!((found["data"].as_array().unwrap().len(), &found["data"][0]["id"]), (1, &json!(id)));
    assert_eq!(admin.post_parts("group/removerole", &parts).await.status, 204);
    assert_eq!(simulator.state().group("Primary", "a").unwrap().roles, Vec::<String>::new());
    assert_eq!(admin.post("group/addrole", &parts).await.status, 415);
    let none = [("roleID", id.as_str()), ("groupNames", "[\"none\"]")];
    assert_eq!(admin.post_parts("group/addrole", &none).await.status, 400);

    assert_eq!(admin.delete(&format!("role/{id}"), &[]).await.status, 204);
    assert_eq!(admin.delete(&format!("role/{id}"), &[]).await.status, 500);
}
