//! Content: objects, who made them, who sees them, how they are tagged and deleted.

use crate::support::{Caller, plain, simulator};
use serde_json::{Value, json};
use thoughtspot_simulator::{Access, Simulator};

/// A simulator with the Org acme, the users ana and bob, the group Analyst with bob in it, and ana's content.
pub(crate) struct Acme {
    pub(crate) simulator: Simulator,
    pub(crate) org: i32,
    pub(crate) admin: Caller,
    pub(crate) connection: String,
    pub(crate) table: String,
    pub(crate) liveboard: String,
    pub(crate) answer: String,
}

pub(crate) async fn acme() -> Acme {
    of(plain().await).await
}

pub(crate) async fn of(simulator: Simulator) -> Acme {
    let (org, [connection, table, liveboard, answer]) = simulator
        .edit(|world| {
            let org = world.create_org("acme", None)?;
            for user in ["ana", "bob"] {
                world.create_user(user, user, &["acme"])?;
            }
            world.create_group("acme", "Analyst", "Analysts")?;
            world.add_to_group("acme", "Analyst", "bob")?;
            let connection = world.create_connection("acme", "ana", "warehouse")?;
            let table = world.create_table("acme", "ana", "sales", &["region", "amount"], Some(&connection))?;
            let rows = vec![vec![json!("north"), json!(3)], vec![json!("south"), json!(4)]];
            world.set_rows("acme", &table, rows)?;
            let shows: [(&str, &str, &[&str]); 2] =
                [("by region", &table, &["region", "amount"]), ("amounts", &table, &["amount"])];
            let liveboard = world.create_liveboard("acme", "ana", "Overview", &shows)?;
            let answer = world.create_answer("acme", "ana", "Question", Some(&table))?;
            Ok::<_, thoughtspot_simulator::Refusal>((org, [connection, table, liveboard, answer]))
        })
        .unwrap();
    let admin = Caller::admin(&simulator, org).await;
    Acme { simulator, org, admin, connection, table, liveboard, answer }
}

impl Acme {
    pub(crate) async fn user(&self, name: &str) -> Caller {
        self.admin.signed_in(name, self.org).await
    }

    /// Names of what a search finds, in order.
    pub(crate) async fn found(&self, caller: &Caller, filter: Value) -> Vec<String> {
        let mut filter = filter;
        filter["sort_options"] = json!({"field_name": "NAME"});
        let rows = caller.post("metadata/search", filter).await.ok();
        rows.as_array().unwrap().iter().map(|row| row["metadata_name"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_search_finds_what_its_filters_say() {
    let acme = acme().await;
    acme.simulator
        .edit(|world| {
            world.create_tag("acme", "gold")?;
            world.tag("acme", &acme.liveboard, "gold")?;
            world.add_favorite("acme", "bob", &acme.liveboard)?;
            world.share("acme", &acme.answer, "Analyst", Some(Access::ReadOnly))
        })
        .unwrap();
    let bob = json!({"principal": {"identifier": "bob", "type": "USER"}, "share_mode": "READ_ONLY"});
    let cases = [
        (json!({}), vec!["Overview", "Question", "sales", "warehouse"]),
        (json!({"metadata": [{"type": "LIVEBOARD"}]}), vec!["Overview"]),
        (json!({"metadata": [{"type": "LIVEBOARD"}, {"type": "ANSWER"}]}), vec!["Overview", "Question"]),
        (json!({"metadata": [{"type": "LOGICAL_COLUMN"}]}), vec!["amount", "region"]),
        (json!({"metadata": [{"type": "LOGICAL_TABLE", "subtypes": ["WORKSHEET"]}]}), vec![]),
        (json!({"metadata": [{"identifier": acme.answer}]}), vec!["Question"]),
        (json!({"metadata": [{"identifier": "Question", "type": "ANSWER"}]}), vec!["Question"]),
        (json!({"metadata": [{"identifier": "question", "type": "ANSWER"}]}), vec![]),
        (json!({"metadata": [{"identifier": "Question", "type": "LIVEBOARD"}]}), vec![]),
        (json!({"metadata": [{"name_pattern": "%E%"}]}), vec!["Overview", "Question", "sales", "warehouse"]),
        (json!({"metadata": [{"name_pattern": "over%"}]}), vec!["Overview"]),
        (json!({"tag_identifiers": ["gold"]}), vec!["Overview"]),
        (json!({"created_by_user_identifiers": ["bob"]}), vec![]),
        (json!({"created_by_user_identifiers": ["ana"], "metadata": [{"type": "ANSWER"}]}), vec!["Question"]),
        (
            json!({"exclude_objects": [{"identifier": "sales", "type": "LOGICAL_TABLE"}]}),
            vec!["Overview", "Question", "warehouse"],
        ),
        (json!({"favorite_object_options": {"include": true, "user_identifiers": ["bob"]}}), vec!["Overview"]),
        (json!({"permissions": [bob]}), vec!["Question"]),
        (json!({"include_only_published_objects": true}), vec![]),
        (json!({"metadata": [{"identifier": "Analyst", "type": "USER_GROUP"}]}), vec!["Analyst"]),
        (json!({"metadata": [{"type": "TAG"}]}), vec!["gold"]),
        (json!({"record_size": 2, "record_offset": 1}), vec!["Question", "sales"]),
    ];
    for (filter, expected) in cases {
        assert_eq!(acme.found(&acme.admin, filter.clone()).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn a_name_needs_its_type() {
    let acme = acme().await;
    let reply = acme.admin.post("metadata/search", json!({"metadata": [{"identifier": "Overview"}]})).await;
    assert_eq!(reply.refusal(), (400, 10002));
    assert!(reply.text.contains("Specify the metadata_type for identifier Overview"), "{reply:?}");
}

#[tokio::test]
async fn a_row_shows_what_was_asked_for() {
    let acme = acme().await;
    let filter = json!({"metadata": [{"identifier": acme.table}], "include_dependent_objects": true, "include_details": true,
        "include_stats": true});
    let row = acme.admin.post("metadata/search", filter).await.ok()[0].clone();
    assert_eq!(row["metadata_header"]["authorName"], "ana");
    assert_eq!(row["metadata_header"]["type"], "ONE_TO_ONE_LOGICAL");
    assert_eq!(row["metadata_header"]["orgIds"], json!([acme.org]));
    assert_eq!(row["dependent_objects"][&acme.table]["PINBOARD_ANSWER_BOOK"][0]["name"], "Overview");
    assert_eq!(row["metadata_detail"]["columns"].as_array().unwrap().len(), 2);
    assert_eq!(row["stats"]["favorites"], 0);
    let filter =
        json!({"metadata": [{"identifier": acme.liveboard}], "include_headers": false, "include_visualization_headers": true});
    let row = acme.admin.post("metadata/search", filter).await.ok()[0].clone();
    assert_eq!(row["metadata_header"], Value::Null);
    assert_eq!(row["visualization_headers"][0]["name"], "by region");
}

#[tokio::test]
async fn what_is_shared_is_seen_and_what_is_not_is_absent() {
    let acme = acme().await;
    let bob = acme.user("bob").await;
    assert_eq!(acme.found(&bob, json!({})).await, [""; 0]);
    let share = |mode: &str| {
        json!({"metadata": [{"type": "LIVEBOARD", "identifier": "Overview"}], "message": "", "notify_on_share": false,
            "permissions": [{"principal": {"identifier": "Analyst", "type": "USER_GROUP"}, "share_mode": mode}]})
    };
    acme.admin.post("security/metadata/share", share("READ_ONLY")).await.ok();
    assert_eq!(acme.found(&bob, json!({})).await, ["Overview"]);
    assert_eq!(bob.post("security/metadata/share", share("MODIFY")).await.refusal(), (403, 10023));
    acme.admin.post("security/metadata/share", share("MODIFY")).await.ok();
    bob.post("security/metadata/share", share("NO_ACCESS")).await.ok();
    assert_eq!(acme.found(&bob, json!({})).await, [""; 0]);
    let elsewhere = Caller::admin(&acme.simulator, 0).await;
    assert_eq!(acme.found(&elsewhere, json!({})).await, [""; 0], "content is seen from its own Org only");
}

#[tokio::test]
async fn a_share_that_is_refused_changes_nothing() {
    let acme = acme().await;
    let bob = json!({"principal": {"identifier": "bob"}, "share_mode": "READ_ONLY"});
    let nobody = json!({"principal": {"identifier": "nobody"}, "share_mode": "READ_ONLY"});
    let reply =
        acme.admin.post("security/metadata/share", json!({"metadata_identifiers": [acme.answer], "permissions": [bob]})).await;
    assert_eq!(
        (reply.status, reply.json()["error"]["message"].clone()),
        (400, json!("Variable \"$message\" of required type \"String!\" was not provided."))
    );
    let cases = [
        (json!({"metadata_identifiers": [acme.answer], "permissions": [bob, nobody], "message": ""}), (400, 13003)),
        (
            json!({"metadata_identifiers": [acme.answer, "00000000-0000-4000-8000-000000000000"], "permissions": [bob], "message": ""}),
            (400, 13003),
        ),
        (json!({"metadata_identifiers": ["Question"], "permissions": [bob], "message": ""}), (400, 10002)),
        (json!({"permissions": [bob], "message": ""}), (400, 10002)),
        (
            json!({"metadata_identifiers": [acme.liveboard], "visualization_identifiers": ["none"], "permissions": [bob], "message": ""}),
            (400, 13003),
        ),
    ];
    for (request, expected) in cases {
        assert_eq!(acme.admin.post("security/metadata/share", request.clone()).await.refusal(), expected, "{request}");
    }
    let seen = acme.user("bob").await;
    assert_eq!(acme.found(&seen, json!({})).await, [""; 0]);
    assert_eq!(acme.simulator.counters().mails, 0);
}

#[tokio::test]
async fn sharing_mails_people_unless_it_is_told_not_to() {
    let acme = acme().await;
    let mut request = json!({"metadata_identifiers": [acme.answer], "message": "look", "emails": ["x@example.com"],
        "permissions": [{"principal": {"identifier": "Analyst", "type": "USER_GROUP"}, "share_mode": "READ_ONLY"}]});
    acme.admin.post("security/metadata/share", request.clone()).await.ok();
    assert_eq!(acme.simulator.counters().mails, 2, "bob, and the address");
    request["notify_on_share"] = json!(false);
    acme.admin.post("security/metadata/share", request).await.ok();
    assert_eq!(acme.simulator.counters().mails, 2);
}

#[tokio::test]
async fn strict_object_security_drops_a_share_without_a_word() {
    let acme = of(simulator(|settings| settings.strict_object_security = true).await).await;
    let share = |object: &str| json!({"metadata_identifiers": [object], "message": "", "permissions": [{"principal": {"identifier": "bob"}, "share_mode": "READ_ONLY"}]});
    let bob = acme.user("bob").await;
    acme.admin.post("security/metadata/share", share(&acme.answer)).await.ok();
    assert_eq!(acme.found(&bob, json!({})).await, [""; 0]);
    for object in [&acme.table, &acme.answer] {
        acme.admin.post("security/metadata/share", share(object)).await.ok();
    }
    assert_eq!(acme.found(&bob, json!({})).await, ["Question", "sales"]);
}

#[tokio::test]
async fn permissions_are_read_as_they_were_given_or_as_they_work() {
    let acme = acme().await;
    acme.simulator.edit(|world| world.share("acme", &acme.answer, "Analyst", Some(Access::ReadOnly))).unwrap();
    let read = async |kind: &str| {
        let request = json!({"metadata": [{"identifier": acme.answer}], "permission_type": kind});
        let detail =
            acme.admin.post("security/metadata/fetch-permissions", request).await.ok()["metadata_permission_details"][0].clone();
        assert_eq!(detail["metadata_author"]["name"], "ana");
        let infos = detail["principal_permission_info"].as_array().unwrap().clone();
        let rows = infos.iter().flat_map(|info| info["principal_permissions"].as_array().unwrap());
        rows.map(|row| format!("{} {}", row["principal_name"], row["permission"]).replace('"', "")).collect::<Vec<_>>()
    };
    assert_eq!(read("DEFINED").await, ["Analyst READ_ONLY"]);
    let mut effective = read("EFFECTIVE").await;
    effective.sort();
    assert_eq!(effective, ["Analyst READ_ONLY", "ana MODIFY", "bob READ_ONLY"]);
    let request = json!({"principals": [{"identifier": "bob"}], "default_metadata_type": "ALL"});
    let detail =
        acme.admin.post("security/principals/fetch-permissions", request).await.ok()["principal_permission_details"][0].clone();
    let metadata = &detail["metadata_permission_info"][0];
    assert_eq!(
        (&metadata["metadata_type"], &metadata["metadata_permissions"][0]["metadata_name"]),
        (&json!("ANSWER"), &json!("Question"))
    );
    let unknown = json!({"metadata": [{"identifier": "00000000-0000-4000-8000-000000000000"}]});
    assert_eq!(acme.admin.post("security/metadata/fetch-permissions", unknown).await.refusal(), (400, 13003));
}

#[tokio::test]
async fn whoever_sees_a_table_sees_its_columns() {
    let acme = acme().await;
    let bob = acme.user("bob").await;
    let column =
        acme.admin.post("metadata/search", json!({"metadata": [{"identifier": "region", "type": "LOGICAL_COLUMN"}]})).await.ok();
    let column = column[0]["metadata_id"].as_str().unwrap().to_owned();
    acme.simulator.edit(|world| world.share("acme", &column, "bob", Some(Access::ReadOnly))).unwrap();
    assert_eq!(acme.found(&bob, json!({"metadata": [{"type": "LOGICAL_COLUMN"}]})).await, ["region"]);
    acme.simulator.edit(|world| world.share("acme", &acme.table, "bob", Some(Access::ReadOnly))).unwrap();
    assert_eq!(acme.found(&bob, json!({"metadata": [{"type": "LOGICAL_COLUMN"}]})).await, ["amount", "region"]);
}

#[tokio::test]
async fn a_delete_is_all_or_nothing() {
    let acme = acme().await;
    let gone = "00000000-0000-4000-8000-000000000000";
    let delete = |ids: &[&str]| json!({"metadata": ids.iter().map(|id| json!({"identifier": id})).collect::<Vec<_>>()});
    let reply = acme.admin.post("metadata/delete", delete(&[&acme.answer, gone])).await;
    assert_eq!(reply.refusal(), (400, 13003));
    assert_eq!(acme.admin.post("metadata/delete", delete(&[&acme.table])).await.refusal(), (400, 13152), "others are made of it");
    assert_eq!(acme.found(&acme.admin, json!({})).await.len(), 4);
    assert_eq!(
        acme.user("bob").await.post("metadata/delete", delete(&[&acme.answer])).await.refusal(),
        (400, 13003),
        "bob does not see it"
    );
    acme.admin.post("metadata/delete", delete(&[&acme.answer, &acme.liveboard, &acme.table])).await.ok();
    assert_eq!(acme.found(&acme.admin, json!({})).await, ["warehouse"]);
    assert_eq!(acme.found(&acme.admin, json!({"metadata": [{"type": "LOGICAL_COLUMN"}]})).await, [""; 0]);
}

#[tokio::test]
async fn a_copy_belongs_to_who_made_it() {
    let acme = acme().await;
    acme.simulator.edit(|world| world.share("acme", &acme.liveboard, "bob", Some(Access::ReadOnly))).unwrap();
    let bob = acme.user("bob").await;
    let copy =
        bob.post("metadata/copyobject", json!({"identifier": acme.liveboard, "type": "LIVEBOARD", "title": "Mine"})).await.ok();
    let row = bob.post("metadata/search", json!({"metadata": [{"identifier": copy["metadata_id"]}]})).await.ok()[0].clone();
    assert_eq!((&row["metadata_name"], &row["metadata_header"]["authorName"]), (&json!("Mine"), &json!("bob")));
    let unknown = json!({"identifier": "00000000-0000-4000-8000-000000000000"});
    assert_eq!(bob.post("metadata/copyobject", unknown).await.refusal(), (404, 13003));
}

#[tokio::test]
async fn an_object_id_is_used_once() {
    let acme = acme().await;
    let first = json!({"metadata": [{"metadata_identifier": acme.answer, "new_obj_id": "chosen"}]});
    acme.admin.post("metadata/update-obj-id", first).await.ok();
    assert_eq!(acme.found(&acme.admin, json!({"metadata": [{"obj_identifier": "chosen"}]})).await, ["Question"]);
    let taken = json!({"metadata": [{"metadata_identifier": acme.table, "new_obj_id": "other"}, {"metadata_identifier": acme.liveboard, "new_obj_id": "chosen"}]});
    assert_eq!(acme.admin.post("metadata/update-obj-id", taken).await.refusal(), (500, 14009));
    assert_eq!(
        acme.found(&acme.admin, json!({"metadata": [{"obj_identifier": "other"}]})).await,
        [""; 0],
        "nothing of the batch"
    );
    let headers = json!({"org_identifier": "-1", "headers_update": [{"identifier": "Overview", "type": "LIVEBOARD", "attributes": [{"name": "obj_id", "value": "page"}]}]});
    acme.admin.post("metadata/headers/update", headers).await.ok();
    assert_eq!(acme.found(&acme.admin, json!({"metadata": [{"obj_identifier": "page"}]})).await, ["Overview"]);
    let other = json!({"headers_update": [{"identifier": acme.answer, "attributes": [{"name": "name", "value": "x"}]}]});
    assert_eq!(acme.admin.post("metadata/headers/update", other).await.refusal(), (400, 10002));
}

#[tokio::test]
async fn a_new_author_gets_only_what_is_listed() {
    let acme = acme().await;
    let assign = |user: &str, from: &str| {
        json!({"metadata": [{"type": "LIVEBOARD", "identifier": "Overview"}, {"type": "ANSWER", "identifier": "Question"}],
            "user_identifier": user, "current_owner_identifier": from})
    };
    acme.admin.post("security/metadata/assign", assign("bob", "bob")).await.ok();
    assert_eq!(acme.found(&acme.admin, json!({"created_by_user_identifiers": ["bob"]})).await, [""; 0], "not ana's");
    acme.admin.post("security/metadata/assign", assign("bob", "ana")).await.ok();
    assert_eq!(acme.found(&acme.admin, json!({"created_by_user_identifiers": ["bob"]})).await, ["Overview", "Question"]);
    assert_eq!(acme.admin.post("security/metadata/assign", assign("nobody", "bob")).await.refusal(), (400, 13003));
    assert_eq!(acme.user("bob").await.post("security/metadata/assign", assign("ana", "bob")).await.refusal(), (403, 10023));
}

#[tokio::test]
async fn tags_are_put_on_and_taken_off_any_number_of_times() {
    let acme = acme().await;
    acme.simulator.edit(|world| world.create_tag("acme", "gold")).unwrap();
    let request = json!({"metadata": [{"identifier": acme.table}], "tag_identifiers": ["gold"]});
    let tagged = json!({"tag_identifiers": ["gold"]});
    for _ in 0..2 {
        acme.admin.post("tags/assign", request.clone()).await.ok();
    }
    assert_eq!(acme.found(&acme.admin, tagged.clone()).await, ["sales"]);
    for _ in 0..2 {
        acme.admin.post("tags/unassign", request.clone()).await.ok();
    }
    assert_eq!(acme.found(&acme.admin, tagged).await, [""; 0]);
    let unknown = json!({"metadata": [{"identifier": acme.table}], "tag_identifiers": ["none"]});
    assert_eq!(acme.admin.post("tags/assign", unknown).await.refusal(), (400, 13003));
}

#[tokio::test]
async fn home_favourites_and_defaults_are_real() {
    let acme = acme().await;
    let update =
        json!({"home_liveboard_identifier": acme.liveboard, "favorite_metadata": [{"identifier": "Question", "type": "ANSWER"}]});
    acme.admin.post("users/ana/update", update).await.ok();
    let ana = acme.admin.user("ana").await;
    assert_eq!(ana["home_liveboard"], json!({"id": acme.liveboard, "name": "Overview"}));
    assert_eq!(ana["favorite_metadata"], json!([]), "only when asked for");
    let filter = json!({"home_liveboard_identifier": "Overview", "include_favorite_metadata": true});
    let found = acme.admin.post("users/search", filter).await.ok();
    assert_eq!(found[0]["favorite_metadata"][0]["name"], "Question");
    acme.admin.post("groups/Analyst/update", json!({"default_liveboard_identifiers": [acme.liveboard]})).await.ok();
    let groups = acme.admin.post("groups/search", json!({"default_liveboard_identifiers": [acme.liveboard]})).await.ok();
    assert_eq!(groups[0]["default_liveboards"], json!([{"id": acme.liveboard, "name": "Overview"}]));
    assert_eq!(acme.admin.post("users/ana/update", json!({"home_liveboard_identifier": "none"})).await.refusal(), (400, 13003));
    acme.admin.post("users/ana/update", json!({"home_liveboard_identifier": ""})).await.ok();
    assert_eq!(acme.admin.user("ana").await["home_liveboard"], Value::Null);
    acme.admin.post("metadata/delete", json!({"metadata": [{"identifier": acme.liveboard}]})).await.ok();
    let groups = acme.admin.post("groups/search", json!({"group_identifier": "Analyst"})).await.ok();
    assert_eq!(groups[0]["default_liveboards"], json!([]));
}

#[tokio::test]
async fn an_empty_home_may_mean_nothing() {
    let acme = of(simulator(|settings| settings.empty_home_clears = false).await).await;
    acme.simulator.edit(|world| world.set_home_liveboard("acme", "ana", &acme.liveboard)).unwrap();
    acme.admin.post("users/ana/update", json!({"home_liveboard_identifier": ""})).await.ok();
    assert_eq!(acme.admin.user("ana").await["home_liveboard"]["name"], "Overview");
}

#[tokio::test]
async fn content_outlives_its_author_and_not_its_org() {
    for (moves, author) in [(false, Value::Null), (true, json!("tsadmin"))] {
        let acme = of(simulator(|settings| {
            if moves {
                settings.content_of_deleted_user = thoughtspot_simulator::settings::ContentOfDeletedUser::MovesToTsadmin;
            }
        })
        .await)
        .await;
        let id = acme.simulator.state().user("ana").unwrap().id.clone();
        acme.admin.post_nothing("users/ana/delete").await.ok();
        let row = acme.admin.post("metadata/search", json!({"metadata": [{"identifier": acme.answer}]})).await.ok()[0].clone();
        assert_eq!(row["metadata_header"]["authorName"], author);
        let dangling = acme.found(&acme.admin, json!({"created_by_user_identifiers": [id]})).await;
        assert_eq!(dangling.len(), if moves { 0 } else { 4 });
        acme.simulator.edit(|world| world.delete_org("acme")).unwrap();
        assert_eq!(acme.simulator.state().content, []);
    }
}

#[tokio::test]
async fn a_deleted_group_has_no_shares() {
    let acme = acme().await;
    acme.simulator.edit(|world| world.share("acme", &acme.answer, "Analyst", Some(Access::Modify))).unwrap();
    acme.admin.post_nothing("groups/Analyst/delete").await.ok();
    let request = json!({"metadata": [{"identifier": acme.answer}], "permission_type": "DEFINED"});
    let detail = acme.admin.post("security/metadata/fetch-permissions", request).await.ok();
    assert_eq!(detail["metadata_permission_details"][0]["principal_permission_info"], json!([]));
}

#[tokio::test]
async fn a_connection_stays_while_tables_come_from_it() {
    let acme = acme().await;
    let request = json!({"connections": [{"name_pattern": "ware%"}], "data_warehouse_object_type": "COLUMN"});
    let found = acme.admin.post("connection/search", request).await.ok();
    assert_eq!((&found[0]["id"], &found[0]["data_warehouse_type"]), (&json!(acme.connection), &json!("SNOWFLAKE")));
    let table = &found[0]["data_warehouse_objects"]["databases"][0]["schemas"][0]["tables"][0];
    assert_eq!((&table["name"], &table["columns"][1]["name"]), (&json!("sales"), &json!("amount")));
    assert_eq!(acme.admin.post_nothing("connections/warehouse/delete").await.refusal(), (400, 13152));
    acme.simulator
        .edit(|world| {
            world.delete_content("acme", &acme.liveboard)?;
            world.delete_content("acme", &acme.answer)?;
            world.delete_content("acme", &acme.table)
        })
        .unwrap();
    acme.admin.post_nothing("connections/warehouse/delete").await.ok();
    assert_eq!(acme.admin.post("connection/search", json!({})).await.ok(), json!([]));
}

#[tokio::test]
async fn a_tag_is_made_renamed_and_deleted_from_every_object() {
    let acme = acme().await;
    let tag = acme.admin.post("tags/create", json!({"name": "gold", "color": "#FFD700"})).await.ok();
    assert_eq!(tag["color"], "#ffd700");
    assert_eq!(acme.admin.post("tags/create", json!({"name": "gold"})).await.refusal(), (400, 10002));
    assert_eq!(acme.admin.post("tags/create", json!({"name": "x", "color": "gold"})).await.refusal(), (400, 10002));
    acme.simulator.edit(|world| world.tag("acme", &acme.answer, "gold")).unwrap();
    acme.admin.post("tags/gold/update", json!({"name": "silver"})).await.ok();
    assert_eq!(acme.admin.post("tags/search", json!({"color": "#FFD700"})).await.names(), ["silver"]);
    assert_eq!(acme.found(&acme.admin, json!({"tag_identifiers": ["silver"]})).await, ["Question"]);
    acme.admin.post_nothing("tags/silver/delete").await.ok();
    let row = acme.admin.post("metadata/search", json!({"metadata": [{"identifier": acme.answer}]})).await.ok();
    assert_eq!(row[0]["metadata_header"]["tags"], json!([]));
    assert_eq!(acme.admin.post_nothing("tags/silver/delete").await.refusal(), (400, 13003));
    assert_eq!(acme.user("bob").await.post("tags/create", json!({"name": "x"})).await.refusal(), (403, 10023));
}
