//! Who is in which group over v1, from every end.

use super::support::{V1, refusal};
use crate::support::plain;
use serde_json::Value;
use thoughtspot_simulator::Simulator;

/// Acme with ana, bob, and the groups Readers and Writers: their ids in this order.
async fn in_acme() -> (Simulator, V1, [String; 4]) {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    let admin = V1::admin(&simulator, org).await;
    let (ana, bob) = (admin.make_user("ana").await, admin.make_user("bob").await);
    let (readers, writers) = (admin.make_group("Readers").await, admin.make_group("Writers").await);
    (simulator, admin, [ana, bob, readers, writers])
}

fn list(ids: &[&String]) -> String {
    serde_json::to_string(ids).unwrap()
}

/// The list in a query.
fn query(name: &str, ids: &[&String]) -> String {
    format!("?{name}={}", list(ids).replace('"', "%22"))
}

fn names(rows: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["header"]["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn the_groups_of_a_user() {
    let (simulator, admin, [ana, _, readers, writers]) = in_acme().await;
    let groups = || simulator.state().user("ana").unwrap().groups.clone();
    let path = format!("user/{ana}/groups");
    let add = admin.post(&format!("{path}{}", query("groupids", &[&readers])), &[]).await;
    assert_eq!((add.status, groups()), (204, vec!["acme/All".to_owned(), "acme/Readers".to_owned()]));
    let replace = admin.put(&format!("{path}{}", query("groupids", &[&writers])), &[]).await;
    assert_eq!((replace.status, groups()), (204, vec!["acme/All".to_owned(), "acme/Writers".to_owned()]));
    assert_eq!(names(&admin.get(&path).await.ok()), ["All", "Writers"]);
    let remove = admin.delete(&format!("{path}{}", query("groupids", &[&writers])), &[]).await;
    assert_eq!((remove.status, groups()), (204, vec!["acme/All".to_owned()]));

    let form = [("groupids", list(&[&readers]))];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(admin.post(&path, &form).await.status, 400, "the list belongs in the query");
    let unknown = query("groupids", &[&ana]);
    assert_eq!(admin.post(&format!("{path}{unknown}"), &[]).await.status, 400);
    assert_eq!(admin.post(&format!("{path}?groupids=[%22Readers%22]"), &[]).await.status, 400, "names are no ids");
    let nobody = format!("user/{readers}/groups");
    assert_eq!(refusal(&admin.post(&format!("{nobody}{}", query("groupids", &[&readers])), &[]).await), (500, 13003));
    assert_eq!(refusal(&admin.get(&nobody).await), (500, 13003));
    assert_eq!(groups(), ["acme/All"]);
}

#[tokio::test]
async fn the_members_of_a_group() {
    let (simulator, admin, [ana, bob, readers, _]) = in_acme().await;
    let members = || simulator.state().group("acme", "Readers").unwrap().users.clone();
    let one = format!("group/{readers}/user/{ana}");
    assert_eq!((admin.post(&one, &[]).await.status, members()), (204, vec!["ana".to_owned()]));
    assert_eq!((admin.delete(&one, &[]).await.status, members()), (204, vec![]));
    let path = format!("group/{readers}/users");
    let both = query("userids", &[&ana, &bob]);
    assert_eq!(admin.post(&format!("{path}{both}"), &[]).await.status, 204);
    assert_eq!(members(), ["ana", "bob"]);
    for path in [path.clone(), format!("group/listuser/{readers}")] {
        assert_eq!(names(&admin.get(&path).await.ok()), ["ana", "bob"], "{path}");
    }
    assert_eq!(admin.put(&path, &[("userids", &list(&[&bob]))]).await.status, 204);
    assert_eq!(members(), ["bob"]);
    assert_eq!(admin.delete(&format!("{path}{}", query("userids", &[&bob])), &[]).await.status, 204);
    assert_eq!(members(), Vec::<String>::new());
}

#[tokio::test]
async fn what_members_are_refused_for() {
    let (simulator, admin, [ana, _, readers, _]) = in_acme().await;
    let tsadmin = simulator.state().user("tsadmin").unwrap().id.clone();
    let path = format!("group/{readers}");
    assert_eq!(admin.post(&format!("{path}/user/{tsadmin}"), &[]).await.status, 400, "not a member of the Org");
    assert_eq!(admin.post(&format!("{path}/user/{readers}"), &[]).await.status, 500, "nobody");
    assert_eq!(admin.post(&format!("group/{ana}/user/{ana}"), &[]).await.status, 500, "no group");
    assert_eq!(admin.get(&format!("group/{ana}/users")).await.status, 500);
    assert_eq!(admin.post(&format!("{path}/users{}", query("userids", &[&ana, &tsadmin])), &[]).await.status, 400);
    assert_eq!(admin.put(&format!("{path}/users"), &[]).await.status, 400);
    assert!(simulator.state().group("acme", "Readers").unwrap().users.is_empty(), "all or nobody");
    let all = simulator.state().group("acme", "All").unwrap().id.clone();
    assert_eq!(admin.put(&format!("group/{all}/users"), &[("userids", "[]")]).await.status, 204);
    assert_eq!(simulator.state().group("acme", "All").unwrap().users, ["ana", "bob"], "All holds everybody");
}

#[tokio::test]
async fn many_users_and_many_groups_at_once() {
    let (simulator, admin, [ana, bob, readers, writers]) = in_acme().await;
    let (users, groups) = (list(&[&ana, &bob]), list(&[&readers, &writers]));
    let parts = [("userids", users.as_str()), ("groupids", groups.as_str())];
    let members = |name: &str| simulator.state().group("acme", name).unwrap().users.clone();
    assert_eq!(admin.post("group/addmemberships", &parts).await.status, 415);
    assert_eq!(admin.post_parts("group/addmemberships", &parts).await.status, 204);
    assert_eq!((members("Readers"), members("Writers").len()), (vec!["ana".to_owned(), "bob".to_owned()], 2));
    let one = list(&[&ana]);
    assert_eq!(admin.post_parts("group/removememberships", &[("userids", &one), ("groupids", &groups)]).await.status, 204);
    assert_eq!((members("Readers"), members("Writers")), (vec!["bob".to_owned()], vec!["bob".to_owned()]));
    let unknown = list(&[&readers, &ana]);
    assert_eq!(admin.post_parts("group/addmemberships", &[("userids", &one), ("groupids", &unknown)]).await.status, 400);
    assert_eq!(members("Readers"), ["bob"], "all or none");
}

#[tokio::test]
async fn groups_inside_groups() {
    let (simulator, admin, [_, _, readers, writers]) = in_acme().await;
    let other = admin.make_group("Other").await;
    let inside = || simulator.state().group("acme", "Readers").unwrap().sub_groups.clone();
    let path = format!("group/{readers}/groups");
    let ids = list(&[&writers]);
    assert_eq!(admin.post(&path, &[("principalids", &ids)]).await.status, 415, "adding is multipart");
    assert_eq!(admin.post_parts(&path, &[("principalids", &ids)]).await.status, 204);
    assert_eq!(inside(), ["Writers"]);
    let row = admin.get("group/?name=Writers").await.ok();
    assert_eq!(row["assignedGroups"], serde_json::json!([readers]), "a row names its parents");
    assert_eq!(names(&admin.get(&path).await.ok()), ["Writers"]);
    assert_eq!(admin.put(&path, &[("principalids", &list(&[&other]))]).await.status, 204);
    assert_eq!(inside(), ["Other"]);
    assert_eq!(admin.delete(&path, &[("principalids", &list(&[&other]))]).await.status, 204);
    assert_eq!(inside(), Vec::<String>::new());
    assert_eq!(admin.post_parts(&path, &[("principalids", &list(&[&readers]))]).await.status, 400, "a cycle");
}

#[tokio::test]
async fn a_write_can_answer_json_where_it_is_documented_to_answer_nothing() {
    let (simulator, admin, [ana, _, readers, _]) = in_acme().await;
    let path = format!("group/{readers}/user/{ana}");
    assert_eq!((admin.post(&path, &[]).await.status, admin.delete(&path, &[]).await.text.as_str()), (204, ""));
    simulator.set(|settings| settings.v1_writes_answer_json = true);
    let reply = admin.post(&path, &[]).await;
    assert_eq!((reply.status, reply.json()), (200, serde_json::json!({})));
    assert_eq!(simulator.state().group("acme", "Readers").unwrap().users, ["ana"]);
}

#[tokio::test]
async fn a_lenient_server_takes_a_list_that_is_no_json() {
    let (simulator, admin, [ana, _, readers, _]) = in_acme().await;
    let path = format!("group/{readers}/users?userids=[{ana}]");
    assert_eq!(admin.post(&path, &[]).await.status, 400);
    simulator.set(|settings| settings.v1_lenient_lists = true);
    assert_eq!(admin.post(&path, &[]).await.status, 204);
    assert_eq!(simulator.state().group("acme", "Readers").unwrap().users, ["ana"]);
}
