//! Content as text: import and export of TML, over both versions.

use crate::content::{Acme, acme, of};
use crate::support::simulator;
use serde_json::{Value, json};
use std::time::Duration;

const MODEL: &str = "model:\n  name: margins\n  model_tables:\n  - name: sales\n  columns:\n  - name: region\n";
const LOST: &str = "answer:\n  name: lost\n  tables:\n  - name: nowhere\n";
const PAGE: &str = r#"{"liveboard": {"name": "page", "description": "d", "visualizations": [
    {"id": "Viz_1", "answer": {"name": "good", "tables": [{"name": "margins"}], "answer_columns": [{"name": "region"}]}},
    {"id": "Viz_2", "answer": {"name": "bad", "tables": [{"name": "nowhere"}]}}], "layout": {"tabs": []}}}"#;

async fn import(acme: &Acme, request: Value) -> Vec<Value> {
    acme.admin.post("metadata/tml/import", request).await.ok().as_array().unwrap().clone()
}

fn statuses(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["response"]["status"]["status_code"].as_str().unwrap()).collect()
}

async fn all(acme: &Acme) -> Vec<String> {
    acme.found(&acme.admin, json!({})).await
}

const BEFORE: [&str; 4] = ["Overview", "Question", "sales", "warehouse"];

#[tokio::test]
async fn an_import_answers_200_and_says_of_each_document_what_became_of_it() {
    let acme = acme().await;
    let rows = import(&acme, json!({"metadata_tmls": [PAGE, LOST, MODEL, "worksheet:\n  name: old", "{", "x: 1"]})).await;
    assert_eq!(statuses(&rows), ["ERROR", "ERROR", "OK", "ERROR", "ERROR", "ERROR"]);
    assert_eq!(rows[1]["response"]["status"]["error_code"], 14502);
    let header = &rows[2]["response"]["header"];
    assert_eq!(
        (&header["name"], &header["metadata_type"], &header["type"]),
        (&json!("margins"), &json!("LOGICAL_TABLE"), &json!("WORKSHEET"))
    );
    assert_eq!(all(&acme).await, ["margins", "Overview", "Question", "sales", "warehouse"]);
    let rows = import(&acme, json!({"metadata_tmls": [PAGE], "import_policy": "PARTIAL_OBJECT"})).await;
    assert_eq!(statuses(&rows), ["WARNING"]);
    let page = acme
        .admin
        .post(
            "metadata/search",
            json!({"metadata": [{"identifier": "page", "type": "LIVEBOARD"}], "include_visualization_headers": true}),
        )
        .await
        .ok();
    assert_eq!(page[0]["visualization_headers"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_policy_can_be_all_or_nothing_or_just_a_try() {
    let acme = acme().await;
    let rows = import(&acme, json!({"metadata_tmls": [MODEL, LOST], "import_policy": "ALL_OR_NONE"})).await;
    assert_eq!(statuses(&rows), ["ERROR", "ERROR"]);
    assert_eq!(all(&acme).await, BEFORE);
    let rows = import(&acme, json!({"metadata_tmls": [MODEL], "import_policy": "VALIDATE_ONLY"})).await;
    assert_eq!(statuses(&rows), ["OK"]);
    assert_eq!(all(&acme).await, BEFORE);
}

#[tokio::test]
async fn what_was_exported_can_be_imported_again() {
    let acme = acme().await;
    for format in ["YAML", "JSON"] {
        let request = json!({"metadata": [{"identifier": "Overview", "type": "LIVEBOARD"}], "export_associated": true, "export_fqn": true, "edoc_format": format});
        let rows = acme.admin.post("metadata/tml/export", request).await.ok();
        let types: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["info"]["type"].as_str().unwrap()).collect();
        assert_eq!(types, ["liveboard", "table"]);
        assert_eq!(rows[0]["info"]["filename"], "Overview.liveboard.tml");
        let text = rows[0]["edoc"].as_str().unwrap().replace("Overview", "Renamed");
        let (old, new) = (acme.liveboard.clone(), json!({"metadata_tmls": [text]}));
        assert_eq!(
            import(&acme, new.clone()).await[0]["response"]["header"]["id_guid"],
            json!(old),
            "the same object, in {format}"
        );
        let mut copy = new;
        copy["create_new"] = json!(true);
        assert_ne!(import(&acme, copy).await[0]["response"]["header"]["id_guid"], json!(old));
        assert_eq!(all(&acme).await.iter().filter(|name| *name == "Renamed").count(), 2);
        let ids =
            acme.admin.post("metadata/search", json!({"metadata": [{"identifier": "Renamed", "type": "LIVEBOARD"}]})).await.ok();
        let copied = ids.as_array().unwrap().iter().find(|row| row["metadata_id"] != json!(old)).unwrap()["metadata_id"].clone();
        let back = rows[0]["edoc"].as_str().unwrap();
        import(&acme, json!({"metadata_tmls": [back]})).await;
        acme.admin.post("metadata/delete", json!({"metadata": [{"identifier": copied}]})).await.ok();
    }
    assert_eq!(all(&acme).await, BEFORE);
}

#[tokio::test]
async fn one_unknown_object_fails_a_whole_export() {
    for (status, expected) in [(400, (400, 13003)), (500, (500, 10000))] {
        let acme = of(simulator(|settings| settings.tml_export_miss = status).await).await;
        let request = json!({"metadata": [{"identifier": acme.answer}, {"identifier": "00000000-0000-4000-8000-000000000000"}]});
        assert_eq!(acme.admin.post("metadata/tml/export", request).await.refusal(), expected);
    }
}

#[tokio::test]
async fn what_may_not_be_exported_has_a_status_and_no_text() {
    let acme = acme().await;
    acme.simulator.edit(|world| world.share("acme", &acme.answer, "bob", Some(thoughtspot_simulator::Access::ReadOnly))).unwrap();
    let bob = acme.user("bob").await;
    let rows = bob.post("metadata/tml/export", json!({"metadata": [{"identifier": acme.answer}]})).await.ok();
    assert_eq!((&rows[0]["info"]["status"]["status_code"], &rows[0]["edoc"]), (&json!("ERROR"), &Value::Null));
    let rows = bob.post("metadata/tml/import", json!({"metadata_tmls": [MODEL]})).await.ok();
    assert_eq!(rows[0]["response"]["status"]["error_code"], 10023, "bob may not manage data");
}

#[tokio::test]
async fn the_index_of_a_row_is_not_always_that_of_its_document() {
    let acme = of(simulator(|settings| settings.tml_sparse_indexes = true).await).await;
    let rows = import(&acme, json!({"metadata_tmls": [MODEL, LOST]})).await;
    assert_eq!((&rows[0]["request_index"], &rows[1]["request_index"]), (&json!(0), &json!(16)));
}

#[tokio::test]
async fn an_import_in_the_background_completes_by_the_clock() {
    let acme = of(simulator(|settings| settings.async_import_seconds = 60).await).await;
    let task = acme.admin.post("metadata/tml/async/import", json!({"metadata_tmls": [MODEL, LOST]})).await.ok();
    assert_eq!((&task["import_policy"], &task["total_object_count"]), (&json!("PARTIAL_OBJECT"), &json!(2)));
    assert!(task["task_status"] != "COMPLETED");
    acme.simulator.advance(Duration::from_secs(61));
    let request = json!({"task_ids": [task["task_id"]], "include_import_response": true});
    let status = acme.admin.post("metadata/tml/async/status", request).await.ok();
    let job = &status["status_list"][0];
    assert_eq!((&job["task_status"], &status["last_batch"]), (&json!("COMPLETED"), &json!(true)));
    let rows = job["import_response"]["object"].as_array().unwrap().clone();
    assert_eq!(statuses(&rows), ["OK", "ERROR"], "completed does not mean that all is well");
    assert_eq!(acme.admin.post("metadata/tml/async/status", json!({"record_size": 51})).await.refusal(), (400, 10002));
}
