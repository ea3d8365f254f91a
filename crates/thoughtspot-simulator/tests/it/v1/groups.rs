//! Groups over v1.

use super::support::{Body, Fields, V1, refusal};
use crate::support::{Caller, plain};
use reqwest::Method;
use serde_json::{Value, json};
use thoughtspot_simulator::Simulator;

async fn in_acme() -> (Simulator, i32, V1) {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    let admin = V1::admin(&simulator, org).await;
    (simulator, org, admin)
}

async fn get(who: &V1, name: &str) -> Value {
    who.get(&format!("group/?name={name}")).await.ok()
}

#[tokio::test]
async fn a_group_is_made_in_the_org_of_the_session_and_found_by_both_apis() {
    let (simulator, org, admin) = in_acme().await;
    let form = [
        ("name", "Readers"),
        ("display_name", "All readers"),
        ("description", "who read"),
        ("privileges", "[\"DATADOWNLOADING\"]"),
        ("grouptype", "LOCAL_GROUP"),
        ("visibility", "DEFAULT"),
    ];
    let reply = admin.post("group", &form).await;
    assert_eq!(reply.status, 200);
    let (row, state) = (reply.json(), simulator.state());
    let (group, tsadmin) = (state.group("acme", "Readers").unwrap(), &state.user("tsadmin").unwrap().id);
    let expected = json!({
        "userGroupContent": {}, "groupIdx": 0, "metadataVersion": -1, "assignedPinboards": [], "assignedGroups": [],
        "inheritedGroups": [], "privileges": ["DATADOWNLOADING"], "type": "LOCAL_GROUP", "parenttype": "GROUP",
        "visibility": "DEFAULT", "tenantId": "982d6da9-9cd1-479e-b9a6-35aa05f9282a", "displayName": "All readers",
        "header": {
            "id": group.id, "name": "Readers", "displayName": "All readers", "description": "who read", "author": tsadmin,
            "created": row["header"]["created"], "modified": row["header"]["modified"], "modifiedBy": tsadmin,
            "owner": group.id, "isDeleted": false, "isHidden": false, "tags": [], "type": "LOCAL_GROUP", "isExternal": false,
            "isDeprecated": false,
        },
        "complete": true, "incompleteDetail": [], "isSystemPrincipal": false,
    });
    assert_eq!(row, expected);
    assert_eq!(get(&admin, "Readers").await, row);
    assert_eq!(admin.get(&format!("group?groupid={}", group.id)).await.ok(), row);
    let v2 = Caller::admin(&simulator, org).await.post("groups/search", json!({"group_identifier": "Readers"})).await.ok();
    assert_eq!((&v2[0]["id"], &v2[0]["description"]), (&json!(group.id), &json!("who read")));
    let other = admin.post("group/", &[("name", "Writers"), ("displayname", "All writers")]).await.ok();
    assert_eq!(other["displayName"], "All writers", "spelt the other way");
    assert_eq!(other["header"]["description"], "");
}

#[tokio::test]
async fn an_org_shows_its_own_groups_only_and_the_view_of_all_orgs_every_one() {
    let (_simulator, _, admin) = in_acme().await;
    let names = |rows: Value| -> Vec<String> {
        let mut names: Vec<String> =
            rows.as_array().unwrap().iter().map(|row| row["header"]["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    admin.make_group("Readers").await;
    assert_eq!(names(admin.get("group/").await.ok()), ["Administrator", "All", "Readers"]);
    admin.put("session/orgs", &[("orgid", "0")]).await.ok();
    assert_eq!(names(admin.get("group").await.ok()), ["Administrator", "All", "System"]);
    assert_eq!(refusal(&admin.get("group/?name=Readers").await), (400, 13003));
    assert_eq!(admin.get("group/?groupid=Readers").await.status, 400);
    admin.put("session/orgs", &[("orgid", "-1")]).await.ok();
    assert_eq!(names(admin.get("group/").await.ok()).len(), 6);
}

#[tokio::test]
async fn what_a_create_is_refused_for() {
    let (simulator, org, admin) = in_acme().await;
    admin.make_group("Readers").await;
    let cases: [(Fields<'_>, u16); 5] = [
        (&[("name", "Readers"), ("display_name", "x")], 409),
        (&[("display_name", "x")], 400),
        (&[("name", "New"), ("privileges", "[\"NO_SUCH\"]")], 400),
        (&[("name", "New"), ("privileges", "DATADOWNLOADING")], 400),
        (&[("name", "New"), ("grouptype", "SOME")], 400),
    ];
    for (form, status) in cases {
        assert_eq!(admin.post("group/", form).await.status, status, "{form:?}");
    }
    for status in [400, 500] {
        simulator.set(|settings| settings.v1_duplicate_group = status);
        assert_eq!(refusal(&admin.post("group/", &[("name", "Readers")]).await), (status, 10002));
    }
    admin.make_user("ana").await;
    let ana = admin.login("ana", "long enough", org).await;
    assert_eq!(ana.post("group/", &[("name", "New")]).await.status, 401, "and not 403, here only");
    let id = simulator.state().group("acme", "Readers").unwrap().id.clone();
    assert_eq!(ana.delete(&format!("group/{id}"), &[]).await.status, 403);
    assert!(simulator.state().group("acme", "New").is_none());
}

#[tokio::test]
async fn a_group_is_read_changed_and_written_back() {
    let (simulator, _, admin) = in_acme().await;
    let id = admin.make_group("Readers").await;
    let (outer, other) = (admin.make_group("Outer").await, admin.make_group("Other").await);
    let mut content = get(&admin, "Readers").await;
    content["header"]["name"] = "Writers".into();
    content["header"]["description"] = "who write".into();
    content["displayName"] = "All writers".into();
    content["privileges"] = json!(["DATADOWNLOADING", "JOBSCHEDULING"]);
    content["visibility"] = "NON_SHARABLE".into();
    content["assignedGroups"] = json!([outer]);
    let path = format!("group/{id}");
    assert_eq!(admin.put(&path, &[("groupid", &id), ("content", &content.to_string())]).await.status, 204);
    let state = simulator.state();
    let group = state.group("acme", "Writers").unwrap();
    assert_eq!((group.display_name.as_str(), group.description.as_deref()), ("All writers", Some("who write")));
    assert_eq!(group.privileges, ["DATADOWNLOADING", "JOBSCHEDULING"]);
    assert_eq!(state.group("acme", "Outer").unwrap().sub_groups, ["Writers"]);
    content["assignedGroups"] = json!([other]);
    content["privileges"] = json!([]);
    admin.put(&path, &[("content", &content.to_string())]).await.ok();
    let state = simulator.state();
    assert_eq!(state.group("acme", "Outer").unwrap().sub_groups, Vec::<String>::new());
    assert_eq!(state.group("acme", "Other").unwrap().sub_groups, ["Writers"]);
    assert_eq!(state.group("acme", "Writers").unwrap().privileges, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_change_is_refused_for() {
    let (simulator, _, admin) = in_acme().await;
    let id = admin.make_group("Readers").await;
    let other = admin.make_group("Other").await;
    let content = get(&admin, "Readers").await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut content = content.clone();
        change(&mut content);
        content.to_string()
    };
    let cases = [
        ("not JSON".to_owned(), 500),
        ("{}".to_owned(), 500),
        (with(&|content| content["header"]["id"] = other.clone().into()), 500),
        (with(&|content| content["privileges"] = json!(["NO_SUCH"])), 500),
        (with(&|content| content["assignedGroups"] = json!([id])), 500),
        (with(&|content| content["assignedGroups"] = json!(["nowhere"])), 400),
        (with(&|content| content["header"]["name"] = "Other".into()), 409),
    ];
    for (content, status) in cases {
        assert_eq!(admin.put(&format!("group/{id}"), &[("content", &content)]).await.status, status, "{content}");
    }
    assert_eq!(get(&admin, "Readers").await, content, "none of it changed anything");
    assert_eq!(admin.put(&format!("group/{id}"), &[]).await.status, 400);
    let state = simulator.state();
    let unknown = format!("group/{}", state.user("tsadmin").unwrap().id);
    for status in [500, 400, 404] {
        simulator.set(|settings| settings.v1_unknown_id = status);
        assert_eq!(refusal(&admin.put(&unknown, &[("content", &content.to_string())]).await), (status, 13003));
        assert_eq!(refusal(&admin.delete(&unknown, &[]).await), (status, 13003));
        assert_eq!(refusal(&admin.delete("group/Readers", &[]).await), (status, 13003), "a name is no id");
    }
    for name in ["All", "Administrator"] {
        let id = &state.group("acme", name).unwrap().id;
        assert_eq!(refusal(&admin.delete(&format!("group/{id}"), &[]).await), (403, 10023));
    }
    assert_eq!(admin.delete(&format!("group/{id}"), &[]).await.status, 204);
    assert!(simulator.state().group("acme", "Readers").is_none());
}

#[tokio::test]
async fn privileges_are_given_and_taken_in_parts() {
    let (simulator, _, admin) = in_acme().await;
    admin.make_group("Readers").await;
    admin.make_group("Writers").await;
    let privileges = |name: &str| simulator.state().group("acme", name).unwrap().privileges.clone();
    let one = [("privilege", "DATADOWNLOADING"), ("groupNames", "[\"Readers\"]")];
    let reply = admin.post_parts("group/addprivilege", &one).await;
    assert_eq!((reply.status, &reply.json()["privileges"]), (200, &json!(["DATADOWNLOADING"])));
    let both = [("privilege", "JOBSCHEDULING"), ("groupNames", "[\"Readers\",\"Writers\"]")];
    assert_eq!(admin.post_parts("group/addprivilege", &both).await.status, 200);
    assert_eq!(privileges("Readers"), ["DATADOWNLOADING", "JOBSCHEDULING"]);
    assert_eq!(privileges("Writers"), ["JOBSCHEDULING"]);
    let reply = admin.post_parts("group/removeprivilege", &both).await;
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    assert_eq!(privileges("Readers"), ["DATADOWNLOADING"]);

    let as_form = admin.post("group/addprivilege", &one).await;
    assert_eq!((as_form.status, as_form.text.as_str()), (415, ""), "multipart is needed");
    assert_eq!(admin.call(Method::POST, "group/addprivilege", Body::Nothing).await.status, 415);
    let cases: [Fields<'_>; 4] = [
        &[("privilege", "NO_SUCH"), ("groupNames", "[\"Readers\"]")],
        &[("privilege", "JOBSCHEDULING"), ("groupNames", "[\"Readers\",\"Nobody\"]")],
        &[("privilege", "JOBSCHEDULING"), ("groupNames", "Readers")],
        &[("privilege", "JOBSCHEDULING"), ("groupNames", "[]")],
    ];
    for parts in cases {
        assert_eq!(admin.post_parts("group/addprivilege", parts).await.status, 400, "{parts:?}");
    }
    assert_eq!(privileges("Readers"), ["DATADOWNLOADING"], "all or none");
    let entry = simulator.journal().into_iter().find(|entry| entry.route == "POST v1/group/addprivilege").unwrap();
    assert_eq!(entry.identifiers["groupNames"], json!("[\"Readers\"]"), "parts are written down, too");
}

#[tokio::test]
async fn a_role_is_given_with_the_group_and_shown_where_there_are_roles() {
    let (simulator, org, admin) = in_acme().await;
    simulator.set(|settings| (settings.rbac, settings.refuse_privileges_with_rbac) = (true, true));
    let v2 = Caller::admin(&simulator, org).await;
    let role = v2.post("roles/create", json!({"name": "Downloader", "privileges": ["DATADOWNLOADING"]})).await.ok();
    let ids = json!([role["id"]]).to_string();
    let row = admin.post("group/", &[("name", "Readers"), ("roleIds", &ids)]).await.ok();
    assert_eq!(row["assignedRoles"], json!([role["id"]]));
    assert_eq!(admin.post("group/", &[("name", "Writers"), ("roleIds", "[\"Downloader\"]")]).await.status, 400);
    let path = format!("group/{}", row["header"]["id"].as_str().unwrap());
    let content = get(&admin, "Readers").await.to_string();
    assert_eq!(admin.put(&path, &[("content", &content), ("roleIds", "[]")]).await.status, 204, "no privilege is granted");
    assert_eq!(get(&admin, "Readers").await["assignedRoles"], json!([]));
    simulator.set(|settings| settings.rbac = false);
    assert_eq!(get(&admin, "Readers").await.get("assignedRoles"), None);
}
