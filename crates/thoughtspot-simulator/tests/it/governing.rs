//! Publishing to other Orgs, rights on tables, secured columns.

use crate::content::acme;
use crate::support::{Caller, plain};
use serde_json::{Value, json};
use thoughtspot_simulator::Access;

#[tokio::test]
async fn what_is_published_is_seen_by_the_administrators_of_the_other_org() {
    let simulator = plain().await;
    let (org, answer) = simulator
        .edit(|world| {
            let org = world.create_org("acme", None)?;
            let table = world.create_table("0", "tsadmin", "sales", &["region"], None)?;
            let answer = world.create_answer("0", "tsadmin", "Question", Some(&table))?;
            Ok::<_, thoughtspot_simulator::Refusal>((org, answer))
        })
        .unwrap();
    let (primary, tenant) = (Caller::admin(&simulator, 0).await, Caller::admin(&simulator, org).await);
    let seen = async || tenant.post("metadata/search", json!({})).await.ok().as_array().unwrap().len();
    let publish = json!({"metadata": [{"identifier": answer, "type": "ANSWER"}], "org_identifiers": ["acme"]});
    assert_eq!(tenant.post("security/metadata/publish", publish.clone()).await.refusal(), (400, 13003), "it is not acme's");
    primary.post("security/metadata/publish", publish.clone()).await.ok();
    assert_eq!(seen().await, 2, "with the table behind it");
    let mut nowhere = publish.clone();
    nowhere["org_identifiers"] = json!(["nowhere"]);
    assert_eq!(primary.post("security/metadata/publish", nowhere).await.refusal(), (400, 13151));
    assert_eq!(tenant.post("metadata/delete", json!({"metadata": [{"identifier": answer}]})).await.refusal(), (500, 10038));
    let table = json!({"metadata": [{"identifier": "sales", "type": "LOGICAL_TABLE"}], "org_identifiers": ["acme"], "include_dependencies": false});
    assert_eq!(
        primary.post("security/metadata/unpublish", table).await.refusal(),
        (400, 13152),
        "the Answer still depends on it"
    );
    let mut unpublish = publish;
    unpublish["include_dependencies"] = json!(true);
    primary.post("security/metadata/unpublish", unpublish).await.ok();
    assert_eq!(seen().await, 0);
}

#[tokio::test]
async fn coaches_of_a_table_are_added_and_removed() {
    let acme = acme().await;
    let change = |operation: &str| {
        json!({"operation": operation, "metadata_type": "LOGICAL_TABLE", "object_privilege_types": ["SPOTTER_COACHING_PRIVILEGE"],
            "metadata_identifiers": ["sales"], "principals": [{"identifier": "Analyst", "type": "USER_GROUP"}]})
    };
    let read = async || {
        let request = json!({"metadata": [{"identifier": "sales", "type": "LOGICAL_TABLE"}]});
        acme.admin.post("security/metadata/fetch-object-privileges", request).await.ok()["metadata_object_privileges"][0].clone()
    };
    acme.admin.post("security/metadata/manage-object-privilege", change("ADD")).await.ok();
    let info = read().await["principal_object_privilege_info"][0].clone();
    assert_eq!(
        (&info["principal_type"], &info["principal_object_privileges"][0]["principal_name"]),
        (&json!("USER_GROUP"), &json!("Analyst"))
    );
    acme.admin.post("security/metadata/manage-object-privilege", change("REMOVE")).await.ok();
    assert_eq!(read().await["principal_object_privilege_info"], json!([]));
    assert_eq!(acme.admin.post("security/metadata/manage-object-privilege", change("REPLACE")).await.status, 400);
}

#[tokio::test]
async fn a_secured_column_is_kept_from_those_without_its_group() {
    let acme = acme().await;
    acme.simulator
        .edit(|world| {
            world.create_user("eve", "Eve", &["acme"])?;
            world.share("acme", &acme.table, "bob", Some(Access::ReadOnly))?;
            world.share("acme", &acme.table, "eve", Some(Access::ReadOnly))
        })
        .unwrap();
    let rule = json!({"identifier": "sales", "column_security_rules": [{"column_identifier": "amount",
        "group_access": [{"operation": "ADD", "group_identifiers": ["Analyst"]}]}]});
    acme.admin.post("security/column/rules/update", rule.clone()).await.ok();
    let fetched = acme.admin.post("security/column/rules/fetch", json!({"tables": [{"identifier": "sales"}]})).await.ok();
    let rules = &fetched[0]["column_security_rules"];
    assert_eq!((&rules[0]["column"]["name"], &rules[0]["groups"][0]["name"]), (&json!("amount"), &json!("Analyst")));
    let columns = async |user: &str| -> Value {
        let path =
            format!("/callosum/v1/tspublic/v1/searchdata?query_string=%5Bregion%5D%5Bamount%5D&data_source_guid={}", acme.table);
        acme.user(user).await.send(reqwest::Method::POST, &path, None).await.unwrap().ok()["columnNames"].clone()
    };
    assert_eq!(columns("bob").await, json!(["region", "amount"]), "bob is an Analyst");
    assert_eq!(columns("eve").await, json!(["region"]));
    let bob = acme.user("bob").await;
    assert_eq!(bob.post("security/column/rules/update", rule).await.refusal(), (500, 10038));
    let clear = json!({"identifier": "sales", "clear_csr": true, "column_security_rules": []});
    acme.admin.post("security/column/rules/update", clear).await.ok();
    assert_eq!(columns("eve").await, json!(["region", "amount"]));
}
