//! Orgs over v1.

use super::support::{Fields, V1, refusal};
use crate::support::{Caller, plain};
use serde_json::json;

const ALL: &str = "?orgScope=ALL";

#[tokio::test]
async fn an_org_is_made_found_changed_and_deleted() {
    let simulator = plain().await;
    let admin = V1::admin(&simulator, 0).await;
    let row = admin.post(&format!("org/{ALL}"), &[("name", "acme"), ("description", "tenant acme")]).await;
    assert_eq!(row.status, 200);
    let row = row.json();
    let id = row["orgId"].to_string();
    let state = simulator.state();
    let expected = json!({
        "orgId": state.org("acme").unwrap().id, "orgName": "acme", "description": "tenant acme",
        "allGroupUserId": state.group("acme", "All").unwrap().id,
        "defaultAdminUserGroupId": state.group("acme", "Administrator").unwrap().id,
        "active": true, "author": state.user("tsadmin").unwrap().id, "deleted": false,
        "created": row["created"], "modified": row["modified"],
    });
    assert_eq!(row, expected);
    assert!(row["created"].is_i64());
    assert_eq!(admin.get(&format!("org/?id={id}&orgScope=ALL")).await.ok(), row);
    assert_eq!(admin.get("org?name=acme&orgScope=ALL").await.ok(), row);

    let changed = admin.put(&format!("org{ALL}"), &[("id", &id), ("name", "acme-2"), ("description", "")]).await;
    assert_eq!(changed.status, 200);
    assert_eq!((&changed.json()["orgName"], &changed.json()["description"]), (&json!("acme-2"), &json!("")));
    admin.put(&format!("org/{ALL}"), &[("name", "acme-2"), ("description", "by name")]).await.ok();
    assert_eq!(simulator.state().org("acme-2").unwrap().description.as_deref(), Some("by name"));

    let found = admin.post(&format!("org/search{ALL}"), &[]).await.ok();
    let names: Vec<&str> = found.as_array().unwrap().iter().map(|row| row["orgName"].as_str().unwrap()).collect();
    assert_eq!(names, ["Primary", "acme-2"]);
    let found = admin.post(&format!("org/search{ALL}"), &[("name", "acme-2"), ("showinactive", "true")]).await.ok();
    assert_eq!(found.as_array().unwrap().len(), 1);
    let seen = Caller::admin(&simulator, 0).await.post("orgs/search", json!({"org_identifier": id})).await.ok();
    assert_eq!(seen[0]["name"], "acme-2", "v2 finds what v1 made");

    assert_eq!(admin.delete(&format!("org/{ALL}"), &[("id", &id)]).await.status, 204);
    assert_eq!(simulator.state().org("acme-2"), None);
    assert_eq!(admin.delete(&format!("org/{ALL}"), &[("id", &id)]).await.status, 400);
}

#[tokio::test]
async fn what_is_refused() {
    let simulator = plain().await;
    simulator.edit(|world| world.create_org("acme", None)).unwrap();
    simulator.edit(|world| world.create_org("other", None)).unwrap();
    let admin = V1::admin(&simulator, 0).await;
    let (long, longer) = ("x".repeat(49), "x".repeat(125));
    let posts: [(&str, Fields<'_>); 7] = [
        ("org/", &[("name", "acme")]),
        ("org/", &[("name", "with blank")]),
        ("org/", &[("name", &long)]),
        ("org/", &[("name", "fine"), ("description", &longer)]),
        ("org/", &[("description", "no name")]),
        ("org/search", &[("name", "none")]),
        ("org/search", &[("id", "4711")]),
    ];
    for (path, form) in posts {
        assert_eq!(refusal(&admin.post(&format!("{path}{ALL}"), form).await), (400, 10002), "{path} {form:?}");
    }
    let puts: [Fields<'_>; 4] = [
        &[("name", "none"), ("description", "x")],
        &[("description", "x")],
        &[("id", "4711")],
        &[("name", "other"), ("id", "x")],
    ];
    for form in puts {
        assert_eq!(admin.put(&format!("org/{ALL}"), form).await.status, 400, "{form:?}");
    }
    let deletes: [Fields<'_>; 4] = [&[], &[("name", "none")], &[("id", "0")], &[("name", "acme"), ("id", "0")]];
    for form in deletes {
        assert_eq!(admin.delete(&format!("org/{ALL}"), form).await.status, 400, "{form:?}");
    }
    for query in ["org/?orgScope=ALL", "org/?id=4711&orgScope=ALL", "org/?id=0&name=acme&orgScope=ALL", "org/?id=0&orgScope=some"]
    {
        assert_eq!(admin.get(query).await.status, 400, "{query}");
    }
    let other = simulator.state().org("other").unwrap().id.to_string();
    for status in [400, 409, 500] {
        simulator.set(|settings| settings.v1_duplicate_org = status);
        assert_eq!(refusal(&admin.post(&format!("org/{ALL}"), &[("name", "acme")]).await), (status, 10002));
        assert_eq!(admin.put(&format!("org/{ALL}"), &[("id", &other), ("name", "acme")]).await.status, status);
    }
}

#[tokio::test]
async fn groups_of_an_org_are_named_by_their_ids() {
    let simulator = plain().await;
    simulator.edit(|world| world.create_org("acme", None)).unwrap();
    let own = simulator.edit(|world| world.create_group("acme", "Readers", "Readers")).unwrap();
    let foreign = simulator.edit(|world| world.create_group("Primary", "Readers", "Readers")).unwrap();
    let admin = V1::admin(&simulator, 0).await;
    for (groups, status) in [(format!("[\"{own}\"]"), 200), (format!("[\"{foreign}\"]"), 400), ("[\"Readers\"]".to_owned(), 400)]
    {
        let reply = admin.put(&format!("org/{ALL}"), &[("name", "acme"), ("groupids", &groups)]).await;
        assert_eq!(reply.status, status, "{groups}");
    }
}

#[tokio::test]
async fn only_the_cluster_administrator_may_and_only_with_the_scope() {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    simulator.edit(|world| world.create_user("ana", "Ana", &["acme", "Primary"])).unwrap();
    simulator.edit(|world| world.set_password("ana", "Passw0rd-of-ana")).unwrap();
    simulator.edit(|world| world.add_to_group("acme", "Administrator", "ana")).unwrap();
    let ana = V1::nobody(&simulator).login("ana", "Passw0rd-of-ana", org).await;
    let admin = V1::admin(&simulator, 0).await;
    for (who, scope) in [(&ana, ALL), (&admin, "")] {
        assert_eq!(who.post(&format!("org/{scope}"), &[("name", "new")]).await.status, 403);
        assert_eq!(who.put(&format!("org/{scope}"), &[("name", "acme"), ("description", "x")]).await.status, 403);
        assert_eq!(who.post(&format!("org/search{scope}"), &[]).await.status, 403);
        assert_eq!(who.delete(&format!("org/{scope}"), &[("name", "acme")]).await.status, 403);
    }
    assert_eq!(V1::nobody(&simulator).post(&format!("org/{ALL}"), &[("name", "new")]).await.status, 401);
    admin.put("session/orgs", &[("orgid", &org.to_string())]).await.ok();
    assert_eq!(admin.post(&format!("org/{ALL}"), &[("name", "new")]).await.status, 200, "from whichever Org");
}
