//! Tokens: who gets one, for which Org, and how long it is good.

use crate::support::{Caller, PASSWORD, SECRET_KEY, plain, simulator};
use serde_json::json;
use std::time::Duration;
use thoughtspot_simulator::{AccountStatus, Simulator};

async fn with_acme() -> (Simulator, i32) {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    (simulator, org)
}

#[tokio::test]
async fn a_token_is_for_one_user_and_one_org() {
    let (simulator, org) = with_acme().await;
    let nobody = Caller::nobody(&simulator);
    let token = nobody.try_token(json!({"username": "tsadmin", "password": PASSWORD, "org_id": org})).await.ok();
    assert_eq!(token["scope"]["org_id"], org);
    assert_eq!(token["valid_for_username"], "tsadmin");
    let life = token["expiration_time_in_millis"].as_i64().unwrap() - token["creation_time_in_millis"].as_i64().unwrap();
    assert_eq!(life, 300_000);
    let me = nobody.with_token(token["token"].as_str().unwrap()).get("auth/session/user").await.ok();
    assert_eq!(me["current_org"], json!({"id": org, "name": "acme"}));
    assert_eq!(me["privileges"], json!(["ADMINISTRATION"]), "an administrator of the cluster administers every Org");
}

#[tokio::test]
async fn what_a_token_request_gets() {
    let (simulator, org) = with_acme().await;
    simulator.edit(|world| world.create_user("ana", "Ana", &["acme"])).unwrap();
    let cases = [
        (json!({"username": "tsadmin", "password": "wrong"}), 401, 10003),
        (json!({"username": "nobody", "secret_key": SECRET_KEY}), 401, 10003),
        (json!({"username": "tsadmin", "password": PASSWORD, "secret_key": "wrong"}), 401, 10003),
        (json!({"username": "ana", "secret_key": SECRET_KEY, "org_id": 0}), 400, 13090),
        (json!({"username": "ana", "secret_key": SECRET_KEY, "org_id": 4711}), 400, 13151),
        (json!({"username": "ana", "secret_key": SECRET_KEY, "auto_create": true}), 400, 10002),
        (json!({"username": "tsadmin", "password": PASSWORD, "auto_create": true}), 400, 10002),
        (json!({"username": "tsadmin", "password": PASSWORD, "validity_time_in_sec": 0}), 400, 10002),
    ];
    let nobody = Caller::nobody(&simulator);
    for (request, status, code) in cases {
        assert_eq!(nobody.try_token(request.clone()).await.refusal(), (status, code), "{request}");
    }
    for request in [
        json!({"username": "ana", "secret_key": SECRET_KEY, "password": "wrong"}),
        json!({"username": "ANA", "secret_key": SECRET_KEY, "org_id": org.to_string()}),
        json!({"username": "ana", "secret_key": SECRET_KEY, "org_id": null}),
    ] {
        assert_eq!(nobody.try_token(request.clone()).await.ok()["scope"]["org_id"], org, "{request}");
    }
}

#[tokio::test]
async fn an_org_by_name_is_ignored_and_the_last_org_is_taken() {
    let (simulator, org) = with_acme().await;
    let nobody = Caller::nobody(&simulator);
    let by_name = json!({"username": "tsadmin", "password": PASSWORD, "org_identifier": "acme"});
    assert_eq!(nobody.try_token(by_name.clone()).await.ok()["scope"]["org_id"], 0, "never anywhere else");
    nobody.signed_in("tsadmin", org).await;
    assert_eq!(nobody.try_token(by_name).await.ok()["scope"]["org_id"], org, "the Org of the last token");
}

#[tokio::test]
async fn an_administrator_needs_membership_when_the_settings_say_so() {
    let (simulator, org) = with_acme().await;
    simulator.set(|settings| settings.admin_needs_membership = true);
    let nobody = Caller::nobody(&simulator);
    let request = json!({"username": "tsadmin", "password": PASSWORD, "org_id": org});
    let refused = nobody.try_token(request.clone()).await;
    assert_eq!(refused.refusal(), (400, 13090));
    assert!(refused.text.contains(&format!("User tsadmin do not have access to org {org}")), "{refused:?}");
    simulator.set(|settings| settings.no_org_access = 403);
    assert_eq!(nobody.try_token(request.clone()).await.refusal(), (403, 13090));
    simulator.edit(|world| world.add_to_org("tsadmin", "acme")).unwrap();
    nobody.try_token(request).await.ok();
}

#[tokio::test]
async fn a_token_ends_with_its_time_its_user_and_its_access() {
    let (simulator, org) = with_acme().await;
    let nobody = Caller::nobody(&simulator);
    type End = fn(&Simulator);
    let ends: [(&str, End); 5] = [
        ("expired", |simulator| simulator.advance(Duration::from_secs(301))),
        ("revoked", |simulator| simulator.edit(|world| world.revoke_tokens("ana")).unwrap()),
        ("deactivated", |simulator| simulator.edit(|world| world.set_user_status("ana", AccountStatus::Inactive)).unwrap()),
        ("deleted", |simulator| simulator.edit(|world| world.delete_user("ana")).unwrap()),
        ("out of the Org", |simulator| {
            simulator.edit(|world| world.add_to_org("ana", "Primary")).unwrap();
            simulator.edit(|world| world.remove_from_org("ana", "acme")).unwrap();
        }),
    ];
    for (name, end) in ends {
        let _ = simulator.edit(|world| world.delete_user("ana"));
        simulator.edit(|world| world.create_user("ana", "Ana", &["acme"])).unwrap();
        let ana = nobody.signed_in("ana", org).await;
        ana.get("auth/session/user").await.ok();
        end(&simulator);
        assert_eq!(ana.get("auth/session/user").await.refusal(), (401, 10003), "{name}");
    }
    assert_eq!(nobody.get("auth/session/user").await.status, 401);
}

#[tokio::test]
async fn a_caller_may_end_its_own_token_and_others_live_on() {
    let simulator = plain().await;
    let (one, other) = (Caller::admin(&simulator, 0).await, Caller::admin(&simulator, 0).await);
    assert_eq!(one.post_nothing("auth/token/revoke").await.status, 204);
    assert_eq!(one.get("system").await.status, 401);
    other.get("system").await.ok();
    simulator.revoke_all_tokens();
    assert_eq!(other.get("system").await.status, 401);
}

#[tokio::test]
async fn four_failures_in_a_row_lock_an_account_for_an_hour() {
    let simulator = plain().await;
    let nobody = Caller::nobody(&simulator);
    let right = json!({"username": "tsadmin", "password": PASSWORD});
    let wrong = json!({"username": "tsadmin", "password": "wrong"});
    for _ in 0..3 {
        assert_eq!(nobody.try_token(wrong.clone()).await.status, 401);
    }
    nobody.try_token(right.clone()).await.ok();
    for _ in 0..4 {
        assert_eq!(nobody.try_token(wrong.clone()).await.status, 401);
    }
    assert_eq!(simulator.state().user("tsadmin").unwrap().account_status, AccountStatus::Locked);
    simulator.advance(Duration::from_secs(3590));
    assert_eq!(nobody.try_token(right.clone()).await.status, 401, "still locked");
    simulator.advance(Duration::from_secs(20));
    nobody.try_token(right.clone()).await.ok();
    simulator.set(|settings| settings.lock_after = 0);
    for _ in 0..9 {
        assert_eq!(nobody.try_token(wrong.clone()).await.status, 401);
    }
    nobody.try_token(right).await.ok();
}

#[tokio::test]
async fn a_new_secret_key_ends_the_old_one_and_no_token() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    simulator.edit(|world| world.set_secret_key("another-key"));
    admin.get("system").await.ok();
    assert_eq!(admin.try_token(json!({"username": "tsadmin", "secret_key": SECRET_KEY})).await.status, 401);
    admin.try_token(json!({"username": "tsadmin", "secret_key": "another-key"})).await.ok();
}

#[tokio::test]
async fn with_mfa_only_the_secret_key_opens() {
    let simulator = simulator(|settings| settings.mfa = true).await;
    let nobody = Caller::nobody(&simulator);
    assert_eq!(nobody.try_token(json!({"username": "tsadmin", "password": PASSWORD})).await.status, 401);
    nobody.signed_in("tsadmin", 0).await;
}

#[tokio::test]
async fn a_server_that_ignores_the_org_can_be_had() {
    let (simulator, org) = with_acme().await;
    simulator.set(|settings| settings.token_lands_in_org = Some(0));
    let lost = Caller::nobody(&simulator).signed_in("tsadmin", org).await;
    assert_eq!(lost.get("auth/session/user").await.ok()["current_org"]["id"], 0);
}

#[tokio::test]
async fn only_a_cluster_administrator_reads_the_system() {
    let simulator = simulator(|settings| settings.release_version = None).await;
    let system = Caller::admin(&simulator, 0).await.get("system").await.ok();
    assert_eq!(system["id"], json!(simulator.settings().system_id));
    assert_eq!(system["release_version"], json!(null));
    assert_eq!(system["tsadmin_user_id"], "59481331-ee53-42be-a548-bd87be6ddd4a");
    simulator.edit(|world| world.create_user("ana", "Ana", &[])).unwrap();
    let ana = Caller::nobody(&simulator).signed_in("ana", 0).await;
    assert_eq!(ana.get("system").await.refusal(), (403, 10023));
}
