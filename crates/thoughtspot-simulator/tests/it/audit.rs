//! The security audit log, filled by what really happens.

use crate::support::{Caller, SECRET_KEY, plain, simulator};
use serde_json::{Value, json};
use std::time::Duration;

/// The events of the log, decoded.
async fn events(admin: &Caller, request: Value) -> Vec<Value> {
    let rows = admin.post("logs/fetch", request).await.ok();
    rows.as_array().unwrap().iter().map(|row| serde_json::from_str(row["log"].as_str().unwrap()).unwrap()).collect()
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

fn everything() -> Value {
    json!({"log_type": "SECURITY_AUDIT"})
}

#[tokio::test]
async fn what_happens_is_in_the_log() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    let org = admin.make_org("acme").await;
    let tenant = Caller::admin(&simulator, org).await;
    tenant.make_user("ana").await;
    tenant.make_group("Analyst").await;
    tenant.post("groups/Analyst/update", json!({"user_identifiers": ["ana"], "privileges": ["DEVELOPER"]})).await.ok();
    tenant.post("users/ana/update", json!({"display_name": "Ana"})).await.ok();
    tenant.post("users/reset-password", json!({"user_identifier": "ana", "new_password": "Passw0rd-of-ana"})).await.ok();
    Caller::nobody(&simulator).try_token(json!({"username": "ana", "password": "wrong"})).await;
    Caller::nobody(&simulator).try_token(json!({"username": "ana", "secret_key": "wrong"})).await;
    tenant.post_nothing("groups/Analyst/delete").await.ok();
    tenant.post_nothing("users/ana/delete").await.ok();
    admin.post_nothing("orgs/acme/delete").await.ok();
    let events = events(&admin, everything()).await;
    assert_eq!(
        types(&events),
        [
            "AUTH_TOKEN_CREATED_SUCCESSFULLY",
            "ORG_CREATION_SUCCESSFUL",
            "AUTH_TOKEN_CREATED_SUCCESSFULLY",
            "USERS_CREATED",
            "USER_GROUPS_CREATED",
            "USER_GROUP_MODIFIED",
            "PRIVILEGE_CHANGES",
            "PRINCIPALS_IN_GROUP_UPDATE",
            "USERS_MODIFIED",
            "UPDATE_PASSWORD",
            "LOGIN_FAILED",
            "FAILED_TO_CREATE_AUTH_TOKEN",
            "USER_GROUPS_DELETED",
            "USERS_DELETED",
            "ORG_DELETION_SUCCESSFUL",
        ]
    );
    let made = &events[3];
    assert_eq!(
        (&made["orgId"], &made["userName"], &made["data"]["users"][0]["name"]),
        (&json!(org), &json!("tsadmin"), &json!("ana"))
    );
    assert!(made["id"].as_str().unwrap().starts_with("TS-"));
    let text = json!(events).to_string();
    assert!(!text.contains(SECRET_KEY) && !text.contains("Passw0rd"), "no secret is in the log");
}

#[tokio::test]
async fn a_log_is_read_a_day_at_a_time_by_the_cluster_administrator() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    let org = admin.make_org("acme").await;
    let tenant = Caller::admin(&simulator, org).await;
    tenant.make_user("ana").await;
    let now = simulator.now_millis();
    let day = 24 * 60 * 60 * 1000;
    let primary = events(&admin, json!({"log_type": "SECURITY_AUDIT", "get_all_logs": false})).await;
    assert!(!types(&primary).contains(&"USERS_CREATED"), "that was in acme");
    let past =
        json!({"log_type": "SECURITY_AUDIT", "start_epoch_time_in_millis": now - day, "end_epoch_time_in_millis": now - day / 2});
    assert_eq!(events(&admin, past).await, [""; 0]);
    let long = json!({"log_type": "SECURITY_AUDIT", "start_epoch_time_in_millis": now - 2 * day});
    assert_eq!(admin.post("logs/fetch", long).await.refusal(), (400, 10002));
    assert_eq!(admin.post("logs/fetch", json!({"log_type": "OTHER"})).await.status, 400);
    let ana = admin.signed_in("ana", org).await;
    assert_eq!(ana.post("logs/fetch", everything()).await.refusal(), (403, 10023));
}

#[tokio::test]
async fn events_may_come_late() {
    let simulator = simulator(|settings| settings.audit_delay_seconds = 60).await;
    let admin = Caller::nobody(&simulator)
        .try_token(json!({"username": "tsadmin", "secret_key": SECRET_KEY, "org_id": 0, "validity_time_in_sec": 3600}))
        .await;
    let admin = Caller::nobody(&simulator).with_token(admin.ok()["token"].as_str().unwrap());
    assert_eq!(events(&admin, everything()).await, [""; 0]);
    simulator.advance(Duration::from_secs(61));
    assert_eq!(types(&events(&admin, everything()).await), ["AUTH_TOKEN_CREATED_SUCCESSFULLY"]);
}
