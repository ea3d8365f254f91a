//! What an account goes through: passwords, being switched off and on again, ended sessions.

use crate::support::{Caller, PASSWORD, plain, simulator};
use serde_json::{Value, json};
use std::time::Duration;
use thoughtspot_simulator::{AccountStatus, Simulator};

async fn with_ana() -> (Simulator, Caller) {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    let ana = json!({"name": "ana", "display_name": "Ana", "email": "ana@example.com", "password": "first password"});
    admin.post("users/create", ana).await.ok();
    (simulator, admin)
}

async fn opens(caller: &Caller, password: &str) -> bool {
    caller.try_token(json!({"username": "ana", "password": password})).await.status == 200
}

#[tokio::test]
async fn a_password_is_changed_for_the_old_one() {
    let (simulator, admin) = with_ana().await;
    simulator.edit(|world| world.create_user("bo", "Bo", &[])).unwrap();
    let nobody = Caller::nobody(&simulator);
    let (ana, bo) = (nobody.signed_in("ana", 0).await, nobody.signed_in("bo", 0).await);
    let change = |current: &str, new: &str| json!({"user_identifier": "ana", "current_password": current, "new_password": new});
    for (caller, request, refusal) in [
        (&ana, change("wrong", "second password"), (400, 10002)),
        (&ana, change("first password", "short"), (400, 10002)),
        (&bo, change("first password", "second password"), (403, 10023)),
        (&admin, json!({"user_identifier": "none", "current_password": "x", "new_password": "y"}), (400, 13003)),
    ] {
        assert_eq!(caller.post("users/change-password", request.clone()).await.refusal(), refusal, "{request}");
    }
    assert!(opens(&nobody, "first password").await);
    assert_eq!(ana.post("users/change-password", change("first password", "second password")).await.status, 204);
    assert_eq!((opens(&nobody, "first password").await, opens(&nobody, "second password").await), (false, true));
    assert_eq!(admin.post("users/change-password", change("second password", "third password")).await.status, 204);
}

#[tokio::test]
async fn users_of_an_identity_provider_have_no_password_to_change() {
    let (simulator, admin) = with_ana().await;
    admin.post("users/ana/update", json!({"account_type": "SAML_USER"})).await.ok();
    let reset = json!({"user_identifier": "ana", "new_password": "second password"});
    assert_eq!(admin.post("users/reset-password", reset).await.refusal(), (400, 10002));
    assert!(opens(&Caller::nobody(&simulator), "first password").await);
}

/// The `token` of an activation link.
fn token_of(link: &Value) -> String {
    link["activation_link"].as_str().unwrap().split_once("&token=").unwrap().1.to_owned()
}

#[tokio::test]
async fn a_user_who_was_switched_off_comes_back_with_the_link() {
    let (simulator, admin) = with_ana().await;
    let nobody = Caller::nobody(&simulator);
    let ana = nobody.signed_in("ana", 0).await;
    let link = admin.post("users/deactivate", json!({"user_identifier": "ana", "base_url": "https://ts.example/"})).await.ok();
    let id = simulator.state().user("ana").unwrap().id.clone();
    let start = format!("https://ts.example/#/activate?id={id}&token=");
    assert!(link["activation_link"].as_str().unwrap().starts_with(&start), "{link}");
    assert_eq!(simulator.state().user("ana").unwrap().account_status, AccountStatus::Inactive);
    assert_eq!(ana.get("auth/session/user").await.status, 401);
    assert!(!opens(&nobody, "first password").await);

    let activate = |token: &str, password: &str| json!({"user_identifier": "ana", "auth_token": token, "password": password});
    let token = token_of(&link);
    for (token, password) in [("wrong", "second password"), (token.as_str(), "short")] {
        assert_eq!(admin.post("users/activate", activate(token, password)).await.refusal(), (400, 10002));
    }
    let row = admin.post("users/activate", activate(&token, "second password")).await.ok();
    assert_eq!((&row["name"], &row["account_status"]), (&json!("ana"), &json!("ACTIVE")));
    assert!(opens(&nobody, "second password").await);
    let again = admin.post("users/activate", activate(&token, "third password")).await;
    assert_eq!(again.refusal(), (400, 10002), "a link works once");
}

#[tokio::test]
async fn an_activation_link_is_good_for_fourteen_days() {
    for (days, status) in [(13, 200), (14, 400)] {
        let (simulator, admin) = with_ana().await;
        let link = admin.post("users/deactivate", json!({"user_identifier": "ana", "base_url": "https://ts.example"})).await.ok();
        simulator.advance(Duration::from_secs(days * 86_400));
        let request = json!({"user_identifier": "ana", "auth_token": token_of(&link), "password": "second password"});
        let admin = Caller::admin(&simulator, 0).await;
        assert_eq!(admin.post("users/activate", request).await.status, status, "after {days} days");
    }
}

#[tokio::test]
async fn inactive_reads_back_suspended_with_the_newer_identity_management() {
    let simulator = simulator(|settings| settings.inactive_becomes_suspended = true).await;
    let admin = Caller::admin(&simulator, 0).await;
    for (asked, read) in [("INACTIVE", "SUSPENDED"), ("EXPIRED", "SUSPENDED"), ("ACTIVE", "ACTIVE"), ("PENDING", "PENDING")] {
        let name = asked.to_lowercase();
        admin.make_user(&name).await;
        admin.post(&format!("users/{name}/update"), json!({"account_status": asked})).await.ok();
        assert_eq!(admin.user(&name).await["account_status"], read);
    }
    simulator.set(|settings| settings.inactive_becomes_suspended = false);
    admin.post("users/active/update", json!({"account_status": "INACTIVE"})).await.ok();
    assert_eq!(admin.user("active").await["account_status"], "INACTIVE");
}

#[tokio::test]
async fn sessions_end_of_those_named_or_of_everybody() {
    let (simulator, admin) = with_ana().await;
    let nobody = Caller::nobody(&simulator);
    let ana = nobody.signed_in("ana", 0).await;
    assert_eq!(ana.post("users/force-logout", json!({"user_identifiers": ["ana"]})).await.status, 403);
    assert_eq!(admin.post("users/force-logout", json!({"user_identifiers": ["none"]})).await.refusal(), (400, 13003));
    assert_eq!(admin.post("users/force-logout", json!({"user_identifiers": ["ana"]})).await.status, 204);
    assert_eq!(ana.get("auth/session/user").await.status, 401);
    admin.get("system").await.ok();
    assert_eq!(simulator.counters().everybody_logged_out, 0);

    for (nobody_named, times) in [(json!({}), 1), (json!({"user_identifiers": null}), 2), (json!({"user_identifiers": []}), 3)] {
        let admin = Caller::admin(&simulator, 0).await;
        assert_eq!(admin.post("users/force-logout", nobody_named).await.status, 204);
        assert_eq!(admin.get("system").await.status, 401, "the caller too");
        assert_eq!(simulator.counters().everybody_logged_out, times);
    }
    let token = nobody.try_token(json!({"username": "tsadmin", "password": PASSWORD})).await;
    assert_eq!(token.status, 200, "anybody can come back");
}
