//! Content over v1: the same objects, in other words.

use super::support::{BASE, V1};
use crate::content::{Acme, acme, of};
use crate::support::{Caller, Reply, simulator};
use reqwest::{Method, header};
use serde_json::{Value, json};
use thoughtspot_simulator::Access;

/// The content of acme, and its administrator with a session there.
async fn signed_in() -> (Acme, V1) {
    let acme = acme().await;
    let admin = V1::admin(&acme.simulator, acme.org).await;
    (acme, admin)
}

fn id_of(acme: &Acme, user: &str) -> String {
    acme.simulator.state().user(user).unwrap().id.clone()
}

fn list(ids: &[&str]) -> String {
    json!(ids).to_string()
}

fn names(headers: &Value) -> Vec<&str> {
    headers.as_array().unwrap().iter().map(|header| header["name"].as_str().unwrap()).collect()
}

/// A token of this user in acme, used over v1.
async fn as_user(acme: &Acme, user: &str) -> V1 {
    let token =
        acme.admin.try_token(json!({"username": user, "secret_key": crate::support::SECRET_KEY, "org_id": acme.org})).await;
    V1::nobody(&acme.simulator).with_token(token.ok()["token"].as_str().unwrap())
}

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn a_home_liveboard_is_set_read_and_taken_away() {
    let (acme, admin) = signed_in().await;
    let (ana, answer) = (id_of(&acme, "ana"), acme.answer.as_str());
    let unset = admin.get("session/homepinboard").await;
    assert_eq!((unset.status, unset.text.as_str()), (200, ""));
    assert_eq!(admin.post("session/homepinboard", &[("id", &acme.liveboard)]).await.status, 204);
    assert_eq!(admin.get("session/homepinboard").await.text, acme.liveboard);
    let json = acme.admin.request(Method::GET, &format!("{BASE}session/homepinboard")).header(header::ACCEPT, "application/json");
    assert_eq!(Reply::read(json).await.unwrap().json(), json!(acme.liveboard), "to whoever takes only JSON");
    assert_eq!(admin.post("session/homepinboard", &[("id", &acme.liveboard), ("userid", &ana)]).await.status, 204);
    assert_eq!(acme.admin.user("ana").await["home_liveboard"]["name"], "Overview", "v2 shows what v1 set");
    for missing in [NOBODY, answer] {
        assert_eq!(admin.post("session/homepinboard", &[("id", missing)]).await.status, 404);
    }
    let bob = as_user(&acme, "bob").await;
    assert_eq!(bob.post("session/homepinboard", &[("id", &acme.liveboard)]).await.status, 403, "not shared with bob");
    let gone = admin.delete("session/homepinboard", &[]).await;
    assert_eq!((gone.status, gone.text.as_str()), (200, ""));
    assert_eq!(admin.get("session/homepinboard").await.text, "");
    assert_eq!(acme.admin.user("ana").await["home_liveboard"]["name"], "Overview", "only the caller's own was taken away");
}

#[tokio::test]
async fn no_home_liveboard_may_be_said_in_three_ways() {
    for status in [200, 204, 404] {
        let acme = of(simulator(|settings| settings.v1_no_home = status).await).await;
        let admin = V1::admin(&acme.simulator, acme.org).await;
        assert_eq!(admin.get("session/homepinboard").await.status, status);
    }
}

#[tokio::test]
async fn a_transfer_without_its_list_moves_everything() {
    let (acme, admin) = signed_in().await;
    let by = async |user: &str| acme.found(&acme.admin, json!({"created_by_user_identifiers": [user]})).await;
    let only = list(&[&acme.answer]);
    let only = url(&only);
    let reply = admin.post(&format!("user/transfer/ownership?fromUserName=ana&toUserName=bob&objectsID={only}"), &[]).await;
    assert_eq!(reply.status, 204, "{reply:?}");
    assert_eq!(by("bob").await, ["Question"]);
    let misspelt = format!("user/transfer/ownership?fromUserName=ana&toUserName=bob&objectid={}", url(&list(&[&acme.table])));
    assert_eq!(admin.post(&misspelt, &[]).await.status, 204);
    assert_eq!(by("bob").await, ["Overview", "Question", "sales", "warehouse"], "objectid is no parameter: everything moved");
    acme.simulator.set(|settings| settings.strict = true);
    assert_eq!(admin.post(&misspelt, &[]).await.status, 400);
    for (from, to) in [("nobody", "ana"), ("bob", "nobody"), ("system", "ana"), ("bob", "su")] {
        let path = format!("user/transfer/ownership?fromUserName={from}&toUserName={to}");
        assert_eq!(admin.post(&path, &[]).await.status, 400, "{from} to {to}");
    }
    assert_eq!(
        as_user(&acme, "bob").await.post("user/transfer/ownership?fromUserName=bob&toUserName=ana", &[]).await.status,
        403
    );
}

#[tokio::test]
async fn who_has_left_the_org_gives_what_they_made_there_unless_they_are_unknown_there() {
    for gives in [true, false] {
        let acme = of(simulator(|settings| settings.former_members_give = gives).await).await;
        let admin = V1::admin(&acme.simulator, acme.org).await;
        let left = |world: &mut thoughtspot_simulator::Edit<'_>| {
            world.add_to_org("ana", "Primary")?;
            world.remove_from_org("ana", "acme")
        };
        acme.simulator.edit(left).unwrap();
        let only = url(&list(&[&acme.answer]));
        let path = format!("user/transfer/ownership?fromUserName=ana&toUserName=bob&objectsID={only}");
        assert_eq!(admin.post(&path, &[]).await.status, if gives { 204 } else { 400 });
        let body = |from: Option<&str>| {
            let objects = json!([{ "type": "LIVEBOARD", "identifier": acme.liveboard }]);
            json!({ "metadata": objects, "user_identifier": "bob", "current_owner_identifier": from })
        };
        let named = acme.admin.post("security/metadata/assign", body(Some("ana"))).await;
        assert_eq!(named.status, if gives { 204 } else { 400 });
        assert_eq!(acme.admin.post("security/metadata/assign", body(None)).await.status, 204);
    }
}

fn url(text: &str) -> String {
    text.replace('[', "%5B").replace(']', "%5D").replace('"', "%22").replace(' ', "%20").replace('{', "%7B").replace('}', "%7D")
}

#[tokio::test]
async fn tags_are_assigned_by_id_or_name() {
    let (acme, admin) = signed_in().await;
    let tag = acme.simulator.edit(|world| world.create_tag("acme", "gold")).unwrap();
    let (id, kind) = (list(&[&acme.answer]), "[\"QUESTION_ANSWER_BOOK\"]");
    let tagged = async || acme.found(&acme.admin, json!({"tag_identifiers": ["gold"]})).await;
    assert_eq!(admin.post("metadata/assigntag", &[("id", &id), ("type", kind), ("tagname", "[\"gold\"]")]).await.status, 204);
    assert_eq!(tagged().await, ["Question"]);
    assert_eq!(admin.post("metadata/unassigntag", &[("id", &id), ("type", kind), ("tagid", &list(&[&tag]))]).await.status, 204);
    assert_eq!(tagged().await, [""; 0]);
    let cases = [
        (list(&[NOBODY]), kind, "[\"gold\"]", 500),
        (id.clone(), kind, "[\"none\"]", 400),
        (id.clone(), kind, "[gold]", 400),
        (id.clone(), "[]", "[\"gold\"]", 400),
    ];
    for (id, kind, tag, status) in cases {
        assert_eq!(
            admin.post("metadata/assigntag", &[("id", &id), ("type", kind), ("tagname", tag)]).await.status,
            status,
            "{tag}"
        );
    }
    let tags = admin.get("metadata/list?type=TAG").await.ok();
    assert_eq!(names(&tags["headers"]), ["gold"]);
}

#[tokio::test]
async fn a_share_over_v1_is_seen_over_v2() {
    let (acme, admin) = signed_in().await;
    let bob = acme.user("bob").await;
    let share = async |mode: &str, principal: &str| -> Reply {
        let permission = json!({"permissions": {principal: {"shareMode": mode}}}).to_string();
        let id = list(&[&acme.answer]);
        let form =
            [("type", "QUESTION_ANSWER_BOOK"), ("id", id.as_str()), ("permission", permission.as_str()), ("notify", "false")];
        admin.post("security/share", &form).await
    };
    let analyst = acme.simulator.state().group("acme", "Analyst").unwrap().id.clone();
    assert_eq!(share("READ_ONLY", &analyst).await.status, 204);
    assert_eq!(acme.found(&bob, json!({})).await, ["Question"]);
    let id = url(&list(&[&acme.answer]));
    let path = format!("security/metadata/permissions?type=QUESTION_ANSWER_BOOK&id={id}&permissiontype=DEFINED");
    assert_eq!(admin.get(&path).await.ok()[&acme.answer]["permissions"], json!({&analyst: {"shareMode": "READ_ONLY"}}));
    let path = |id: &str| format!("security/metadata/{id}/permissions?type=QUESTION_ANSWER_BOOK");
    assert_eq!(
        admin.get(&path(&acme.answer)).await.ok()[&acme.answer]["permissions"][id_of(&acme, "bob")]["shareMode"],
        "READ_ONLY"
    );
    for missing in [NOBODY, "Question"] {
        assert_eq!(admin.get(&path(missing)).await.status, 400, "{missing}");
    }
    assert_eq!(admin.get("security/metadata/permissions?type=QUESTION_ANSWER_BOOK").await.status, 400, "the list is needed");
    let ids = json!({"QUESTION_ANSWER_BOOK": [acme.answer]}).to_string();
    let effective = admin.post("security/effectivepermissionbulk", &[("idsbytype", &ids)]).await.ok();
    assert_eq!(effective["QUESTION_ANSWER_BOOK"][&acme.answer]["permissions"][id_of(&acme, "bob")]["shareMode"], "READ_ONLY");
    assert_eq!(share("NO_ACCESS", &analyst).await.status, 204);
    assert_eq!(acme.found(&bob, json!({})).await, [""; 0]);
    for (mode, principal) in [("READ_ONLY", NOBODY), ("OWNER", &analyst), ("READ_ONLY", "Analyst")] {
        assert_eq!(share(mode, principal).await.status, 400, "{mode} {principal}");
    }
}

#[tokio::test]
async fn sharing_a_visualisation_shares_its_liveboard() {
    let (acme, admin) = signed_in().await;
    let vizzes = admin.get(&format!("metadata/listvizheaders?id={}", acme.liveboard)).await.ok();
    assert_eq!(names(&vizzes), ["by region", "amounts"]);
    let (viz, bob) = (vizzes[0]["id"].as_str().unwrap(), list(&[&id_of(&acme, "bob")]));
    let form = |viz| {
        [
            ("type", "PINBOARD_ANSWER_BOOK"),
            ("pinboardId", acme.liveboard.as_str()),
            ("vizid", viz),
            ("principalids", bob.as_str()),
        ]
    };
    assert_eq!(admin.post("security/shareviz", &form(NOBODY)).await.status, 400);
    assert_eq!(admin.post("security/shareviz", &form(viz)).await.status, 204);
    assert_eq!(acme.found(&acme.user("bob").await, json!({})).await, ["Overview"]);
}

#[tokio::test]
async fn a_very_long_question_is_too_long() {
    let (_acme, admin) = signed_in().await;
    let ids: Vec<&str> = vec![NOBODY; 300];
    let path = format!("security/metadata/permissions?type=LOGICAL_TABLE&id={}", url(&list(&ids)));
    assert_eq!(admin.get(&path).await.status, 414);
}

#[tokio::test]
async fn headers_are_listed_filtered_and_in_pages() {
    let (acme, admin) = signed_in().await;
    acme.simulator.edit(|world| world.create_model("acme", "bob", "model", &["region"], &[&acme.table])).unwrap();
    let skip = url(&list(&[&acme.table]));
    let cases = [
        ("type=LOGICAL_TABLE".to_owned(), vec!["model", "sales"]),
        ("type=LOGICAL_TABLE&sort=NAME&sortascending=false".to_owned(), vec!["sales", "model"]),
        ("type=LOGICAL_TABLE&subtypes=%5B%22WORKSHEET%22%5D".to_owned(), vec!["model"]),
        ("type=LOGICAL_TABLE&batchsize=1&offset=1".to_owned(), vec!["sales"]),
        ("type=LOGICAL_TABLE&pattern=S%25".to_owned(), vec!["sales"]),
        (format!("type=LOGICAL_TABLE&skipids={skip}"), vec!["model"]),
        (format!("type=LOGICAL_TABLE&fetchids={skip}"), vec!["sales"]),
        ("type=PINBOARD_ANSWER_BOOK&category=MY".to_owned(), vec![]),
        ("type=DATA_SOURCE".to_owned(), vec!["warehouse"]),
        ("type=USER_GROUP&pattern=Analyst".to_owned(), vec!["Analyst"]),
    ];
    for (query, expected) in cases {
        assert_eq!(names(&admin.get(&format!("metadata/listobjectheaders?{query}")).await.ok()), expected, "{query}");
    }
    assert_eq!(admin.get("metadata/listobjectheaders?type=NONE").await.status, 400);
    assert_eq!(admin.get(&format!("metadata/listvizheaders?id={NOBODY}")).await.status, 400);
}

#[tokio::test]
async fn what_somebody_sees_can_be_listed() {
    let (acme, admin) = signed_in().await;
    acme.simulator.edit(|world| world.share("acme", &acme.answer, "Analyst", Some(Access::ReadOnly))).unwrap();
    let bob = id_of(&acme, "bob");
    let seen = admin.get(&format!("metadata/listas?type=USER&principalid={bob}")).await.ok();
    assert_eq!((names(&seen["headers"]), &seen["isLastBatch"]), (vec!["Question"], &json!(true)));
    let more = admin.get(&format!("metadata/listas?type=USER&principalid={bob}&minimumaccesslevel=MODIFY")).await.ok();
    assert_eq!(more["headers"], json!([]));
    let groups = admin.get("metadata/listas?type=USER_GROUP").await.ok();
    assert_eq!(names(&groups["headers"]), ["Question"]);
    assert_eq!(admin.get(&format!("metadata/listas?type=USER&principalid={NOBODY}")).await.status, 404);
}

#[tokio::test]
async fn rows_come_from_the_table_in_the_order_asked_for() {
    let (acme, admin) = signed_in().await;
    let search =
        |query: &str, rest: &str| format!("searchdata?query_string={}&data_source_guid={}{rest}", url(query), acme.table);
    let all = admin.post(&search("[amount] [region]", ""), &[]).await.ok();
    assert_eq!((&all["columnNames"], &all["data"]), (&json!(["amount", "region"]), &json!([[3, "north"], [4, "south"]])));
    assert_eq!((&all["rowCount"], &all["totalRowCount"], &all["samplingRatio"]), (&json!(2), &json!(2), &json!(1.0)));
    let page = admin.post(&search("[region]", "&batchsize=1&pagenumber=2&formattype=FULL"), &[]).await.ok();
    assert_eq!((&page["data"], &page["offset"], &page["totalRowCount"]), (&json!([{"region": "south"}]), &json!(1), &json!(2)));
    for bad in ["[none]", "amount", "[amount"] {
        assert_eq!(admin.post(&search(bad, ""), &[]).await.status, 400, "{bad}");
    }
    let liveboard = admin.post(&format!("pinboarddata?id={}", acme.liveboard), &[]).await.ok();
    let amounts = liveboard.as_object().unwrap().values().find(|part| part["name"] == "amounts").unwrap();
    assert_eq!((&amounts["columnNames"], &amounts["data"]), (&json!(["amount"]), &json!([[3], [4]])));
    assert_eq!(admin.post(&format!("pinboarddata?id={NOBODY}"), &[]).await.status, 400);
    let bob = as_user(&acme, "bob").await;
    assert_eq!(bob.post(&search("[region]", ""), &[]).await.status, 400, "bob does not see the table");
}

#[tokio::test]
async fn a_liveboard_is_put_on_paper() {
    let (acme, admin) = signed_in().await;
    let parts = [
        ("id", acme.liveboard.as_str()),
        ("layout_type", "VISUALIZATION"),
        ("orientation", "PORTRAIT"),
        ("footer_text", "the end"),
    ];
    let reply = admin.post_parts("export/pinboard/pdf", &parts).await;
    assert_eq!((reply.status, reply.headers["content-type"].to_str().unwrap()), (200, "application/octet-stream"));
    assert!(reply.text.starts_with("%PDF-"), "{reply:?}");
    for line in ["Overview", "by region", "north   3", "the end", "/Count 2"] {
        assert!(reply.text.contains(line), "{line} in {reply:?}");
    }
    let in_query = admin.post(&format!("export/pinboard/pdf?id={}&layout_type=VISUALIZATION", acme.liveboard), &[]).await;
    assert!(in_query.text.starts_with("%PDF-") && in_query.text.contains("/Count 2"), "{in_query:?}");
    assert_eq!(admin.post_parts("export/pinboard/pdf", &[("id", NOBODY)]).await.status, 404);
    let form = admin.post("export/pinboard/pdf", &[("id", &acme.liveboard)]).await;
    assert_eq!((form.status, form.text.as_str()), (415, ""), "it has to be multipart");
}

#[tokio::test]
async fn the_audit_log_is_the_same_over_v1() {
    let (acme, _) = signed_in().await;
    let primary = V1::admin(&acme.simulator, 0).await;
    let now = acme.simulator.now_millis();
    let rows =
        primary.get(&format!("logs/topics/security_logs?fromEpoch={}&toEpoch={now}&get_all_logs=true", now - 60_000)).await.ok();
    let last: Value = serde_json::from_str(rows.as_array().unwrap().last().unwrap()["log"].as_str().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["userName"]), (&json!("LOGIN_SUCCESSFUL"), &json!("tsadmin")));
    assert_eq!(as_user(&acme, "bob").await.get("logs/topics/security_logs").await.status, 403);
    assert_eq!(Caller::nobody(&acme.simulator).get_v1("logs/topics/security_logs").await.status, 401);
}

#[tokio::test]
async fn text_is_imported_and_exported_in_an_envelope() {
    let (acme, admin) = signed_in().await;
    let texts = json!(["answer:\n  name: new\n  tables:\n  - name: sales\n", "answer: {}"]).to_string();
    let rows = admin.post("metadata/tml/import", &[("import_objects", &texts)]).await.ok();
    assert_eq!(rows["object"][0]["response"]["status"]["status_code"], "OK");
    assert_eq!(rows["object"][1]["response"]["status"]["status_code"], "ERROR");
    assert_eq!(acme.found(&acme.admin, json!({"metadata": [{"type": "ANSWER"}]})).await, ["new", "Question"]);
    let ids = list(&[&acme.table]);
    let rows = admin.post("metadata/tml/export", &[("export_ids", &ids)]).await.ok();
    let text = rows["object"][0]["edoc"].as_str().unwrap();
    assert!(text.contains("table:") && text.contains("name: sales"), "YAML unless asked otherwise: {text}");
    assert_eq!(admin.post("metadata/tml/export", &[("export_ids", &list(&[NOBODY]))]).await.status, 404);
    assert_eq!(admin.post("metadata/tml/import", &[("import_objects", "text")]).await.status, 400);
    for lenient in [false, true] {
        acme.simulator.set(|settings| settings.v1_lenient_lists = lenient);
        let quoted = r#"['{"answer": {"name": "it\'s, quoted", "tables": [{"name": "sales"}]}}', 'answer:\n  name: two lines']"#;
        let rows = admin.post("metadata/tml/import", &[("import_objects", quoted), ("force_create", "true")]).await.ok();
        let names = [0, 1].map(|row| rows["object"][row]["response"]["header"]["name"].clone());
        assert_eq!(names, ["it's, quoted", "two lines"], "{rows}");
    }
}
