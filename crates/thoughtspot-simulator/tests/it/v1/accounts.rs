//! Accounts over v1: passwords, switching off and on, preferences, ending sessions.

use super::support::V1;
use crate::support::{PASSWORD, plain};
use serde_json::json;
use thoughtspot_simulator::{AccountStatus, Simulator};

const ANA: &str = "Passw0rd-of-ana";

async fn with_ana() -> (Simulator, V1, V1, String) {
    let simulator = plain().await;
    let admin = V1::admin(&simulator, 0).await;
    let id = admin.make_user("ana").await;
    simulator.edit(|world| world.set_password("ana", ANA)).unwrap();
    let ana = admin.login("ana", ANA, 0).await;
    (simulator, admin, ana, id)
}

async fn login(who: &V1, password: &str) -> u16 {
    who.post("session/login", &[("username", "ana"), ("password", password)]).await.status
}

#[tokio::test]
async fn a_password_is_changed_with_the_old_one_or_by_an_administrator_with_the_own() {
    let (simulator, admin, ana, _) = with_ana().await;
    let change = async |who: &V1, current: &str, field: &str, new: &str| {
        who.post("user/updatepassword", &[("name", "ana"), ("currentpassword", current), (field, new)]).await.status
    };
    assert_eq!(change(&ana, "wrong", "password", "a second one").await, 400);
    assert_eq!(change(&ana, ANA, "password", "short").await, 500);
    assert_eq!(change(&ana, ANA, "newpassword", "a second one").await, 400, "what a published client sends");
    assert_eq!(login(&ana, ANA).await, 204, "nothing changed");
    assert_eq!(change(&ana, ANA, "password", "a second one").await, 204);
    assert_eq!(change(&admin, "a second one", "password", "a third one").await, 204);
    assert_eq!(change(&admin, PASSWORD, "password", "a fourth one").await, 204);
    assert_eq!(login(&ana, "a fourth one").await, 204);
    simulator.edit(|world| world.create_user("bob", "Bob", &[])).unwrap();
    simulator.edit(|world| world.set_password("bob", "Passw0rd-of-bob")).unwrap();
    let form = [("name", "bob"), ("currentpassword", "a fourth one"), ("password", "taken over")];
    assert_eq!(ana.post("user/updatepassword", &form).await.status, 403, "an ordinary user has only the own password");
}

/// The token of an activation link.
fn token(link: &str, id: &str) -> String {
    let rest = link.strip_prefix(&format!("https://acme.example/#/activate?id={id}&token="));
    rest.unwrap_or_else(|| panic!("{link}")).to_owned()
}

#[tokio::test]
async fn a_user_is_switched_off_and_comes_back_by_the_link() {
    let (simulator, admin, ana, id) = with_ana().await;
    let off = [("username", "ana"), ("url", "https://acme.example/")];
    let reply = admin.post("user/inactivate", &off).await;
    assert_eq!(reply.status, 200);
    assert!(reply.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert_ne!(simulator.state().user("ana").unwrap().account_status, AccountStatus::Active);
    assert_eq!(ana.get("session/orgs").await.status, 401, "its sessions ended");
    let token = token(&reply.text, &id);
    let on = async |user: &str, token: &str, password: &str| {
        // The address, in base64.
        let form = [("userid", user), ("auth_token", token), ("password", password), ("properties", "YW5hQGFjbWUuZXhhbXBsZQ==")];
        admin.post("user/activate", &form).await.status
    };
    assert_eq!(on(&id, "wrong", "a second one").await, 400);
    assert_eq!(on(&id, &token, "short").await, 500);
    assert_eq!(on("59481331-0000-42be-a548-bd87be6ddd4a", &token, "a second one").await, 500);
    assert_eq!(on(&id, &token, "a second one").await, 204);
    assert_eq!(login(&admin, "a second one").await, 204);
    assert_eq!(simulator.state().user("ana").unwrap().email.as_deref(), Some("ana@acme.example"));
    assert_eq!(on(&id, &token, "a third one").await, 400, "used up");
    assert_eq!(admin.post("user/inactivate", &[("username", "nobody"), ("url", "https://acme.example")]).await.status, 500);
}

#[tokio::test]
async fn a_token_of_a_link_also_sets_a_password_once() {
    let (_simulator, admin, _, id) = with_ana().await;
    let link = admin.post("user/inactivate", &[("username", "ana"), ("url", "https://acme.example")]).await.text;
    let token = token(&link, &id);
    let reset = async |token: &str, password: &str| {
        admin.post("user/resetpassword", &[("userid", &id), ("auth_token", token), ("password", password)]).await.status
    };
    assert_eq!(reset("wrong", "a second one").await, 400);
    assert_eq!(reset(&token, "short").await, 500);
    assert_eq!(reset(&token, "a second one").await, 204);
    assert_eq!(reset(&token, "a third one").await, 400);
}

#[tokio::test]
async fn preferences_are_changed_one_by_one() {
    let (simulator, admin, ana, id) = with_ana().await;
    let set = async |who: &V1, form: &[(&str, &str)]| who.post("user/updatepreference", form).await.status;
    assert_eq!(set(&ana, &[("userid", &id), ("preferences", "{\"notifyOnShare\":false,\"theme\":\"dark\"}")]).await, 204);
    let both =
        [("userid", id.as_str()), ("username", "ana"), ("preferences", "{\"showWalkMe\":false,\"preferredLocale\":\"fr-FR\"}")];
    assert_eq!(set(&admin, &both).await, 204);
    let row = admin.get("user/?name=ana").await.ok();
    let expected = json!({
        "notifyOnShare": false, "showWalkMe": false, "analystOnboardingComplete": false, "preferredLocale": "fr-FR", "theme": "dark",
    });
    assert_eq!(row["userContent"]["userPreferences"], expected);
    let tsadmin = simulator.state().user("tsadmin").unwrap().id.clone();
    for form in [
        vec![("preferences", "{}")],
        vec![("username", "nobody"), ("preferences", "{}")],
        vec![("username", "ana"), ("userid", &tsadmin), ("preferences", "{}")],
        vec![("username", "ana"), ("preferences", "{\"preferredLocale\":\"xx-XX\"}")],
        vec![("username", "ana"), ("preferences", "{\"notifyOnShare\":\"no\"}")],
    ] {
        assert_eq!(set(&admin, &form).await, 400, "{form:?}");
    }
    assert_eq!(set(&ana, &[("userid", &tsadmin), ("preferences", "{\"showWalkMe\":false}")]).await, 403);
}

#[tokio::test]
async fn sessions_end_for_those_who_are_named_and_for_everybody_if_nobody_is() {
    let (simulator, admin, ana, id) = with_ana().await;
    assert_eq!(ana.post("user/session/invalidate", &[("username", "[\"tsadmin\"]")]).await.status, 403);
    assert_eq!(admin.post("user/session/invalidate", &[("username", "[\"nobody\"]")]).await.status, 500);
    assert_eq!(admin.post("user/session/invalidate", &[("username", "ana")]).await.status, 400, "not a list");
    ana.get("session/info").await.ok();
    for form in [[("username", "[\"ana\"]".to_owned())], [("userid", format!("[\"{id}\"]"))]] {
        let ana = admin.login("ana", ANA, 0).await;
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(admin.post("user/session/invalidate", &form).await.status, 204);
        assert_eq!(ana.get("session/info").await.status, 401);
    }
    admin.get("session/info").await.ok();
    assert_eq!(simulator.counters().everybody_logged_out, 0);
    assert_eq!(admin.post("user/session/invalidate", &[("username", "[]")]).await.status, 204);
    assert_eq!(admin.get("session/info").await.status, 401);
    assert_eq!(simulator.counters().everybody_logged_out, 1);
}

#[tokio::test]
async fn the_session_says_who_one_is() {
    let (simulator, admin, ana, id) = with_ana().await;
    let info = ana.get("session/info").await.ok();
    assert_eq!((&info["userGUID"], &info["userName"], &info["apiVersion"]), (&json!(id), &json!("ana"), &json!("v1")));
    assert_eq!((&info["privileges"], &info["locale"]), (&json!(["AUTHORING"]), &json!("en_GB")));
    assert!(info["expirationTime"].as_i64().unwrap() * 1000 > simulator.now_millis(), "in seconds");
    assert_eq!(info["configInfo"]["selfClusterId"], json!(simulator.settings().cluster_id));
    assert!(admin.get("session/info").await.ok()["privileges"].as_array().unwrap().contains(&json!("ADMINISTRATION")));
    assert_eq!(V1::nobody(&simulator).get("session/info").await.status, 401);
}
