//! Settings of the cluster and of Orgs: what is written is read back.

use crate::support::{Caller, plain};
use serde_json::json;

#[tokio::test]
async fn configuration_is_read_back_by_the_cluster_administrator() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    assert_eq!(admin.get("system/config").await.ok()["saml_enabled"], false);
    admin.post("system/config-update", json!({"configuration": {"a.b": 1}})).await.ok();
    assert_eq!(admin.get("system/config-overrides").await.ok(), json!({"config_override_info": {"a.b": 1}}));
    admin.make_user("ana").await;
    let ana = admin.signed_in("ana", 0).await;
    assert_eq!(ana.get("system/config").await.refusal(), (403, 10023));
    assert_eq!(ana.post("system/config-update", json!({"configuration": {}})).await.refusal(), (403, 10023));
}

#[tokio::test]
async fn security_settings_are_those_of_the_cluster_and_of_each_org() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    let org = admin.make_org("acme").await;
    let tenant = Caller::admin(&simulator, org).await;
    tenant.make_group("Analyst").await;
    let request = json!({"cluster_preferences": {"saml_redirect_urls": ["a"]}, "org_preferences": [{"org_identifier": "acme",
        "cors_whitelisted_urls": ["b"], "non_embed_access": {"block_full_app_access": true, "groups_identifiers_with_access": ["Analyst"]}}]});
    admin.post("system/security-settings/configure", request.clone()).await.ok();
    let cluster = admin.post("system/security-settings/search", json!({"scope": "CLUSTER"})).await.ok();
    assert_eq!(cluster, json!({"cluster_preferences": {"saml_redirect_urls": ["a"]}}));
    let own = tenant.post("system/security-settings/search", json!({"scope": "ORG"})).await.ok()["org_preferences"][0].clone();
    assert_eq!((&own["org"]["name"], &own["cors_whitelisted_urls"]), (&json!("acme"), &json!(["b"])));
    assert_eq!(own["non_embed_access"]["groups_with_access"][0]["name"], "Analyst");
    assert_eq!(tenant.post("system/security-settings/search", json!({"scope": "CLUSTER"})).await.refusal(), (403, 10023));
    assert_eq!(tenant.post("system/security-settings/configure", request).await.refusal(), (403, 10023));
}
