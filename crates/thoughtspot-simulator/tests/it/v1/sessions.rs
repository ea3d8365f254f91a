//! Sessions: signing in and out, the Org of a session, trusted tokens, and how long all of it lives.

use super::support::{Body, Fields, V1, refusal, session_cookie};
use crate::support::{Caller, PASSWORD, SECRET_KEY, plain, simulator};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use thoughtspot_simulator::Simulator;

const MINUTE: Duration = Duration::from_secs(60);

/// Ana, with a password, in acme and Primary.
async fn with_ana() -> (Simulator, i32) {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    simulator.edit(|world| world.create_user("ana", "Ana", &["acme", "Primary"])).unwrap();
    simulator.edit(|world| world.set_password("ana", "Passw0rd-of-ana")).unwrap();
    (simulator, org)
}

#[tokio::test]
async fn a_sign_in_gives_cookies_that_are_enough_for_both_apis() {
    let (simulator, org) = with_ana().await;
    let form = [("username", "ana"), ("password", "Passw0rd-of-ana"), ("rememberme", "false"), ("orgid", &org.to_string())];
    let reply = V1::nobody(&simulator).post("session/login", &form).await;
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    let cookies: Vec<&str> = reply.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    let [session, client] = cookies[..] else { panic!("{cookies:?}") };
    assert!(session.starts_with("JSESSIONID=") && session.ends_with("; Path=/; HttpOnly"), "{session}");
    assert!(client.starts_with("clientId=") && client.ends_with("; Path=/; Secure; HttpOnly"), "{client}");

    let ana = V1::nobody(&simulator).with_session(&reply);
    assert_eq!(ana.current_org().await, i64::from(org));
    let me = ana.get_v2("auth/session/user").await.ok();
    assert_eq!((&me["name"], &me["current_org"]["id"]), (&json!("ana"), &json!(org)));
}

#[tokio::test]
async fn a_token_is_as_good_as_a_session() {
    let (simulator, org) = with_ana().await;
    let token = Caller::nobody(&simulator).try_token(json!({"username": "ana", "secret_key": SECRET_KEY, "org_id": org})).await;
    let ana = V1::nobody(&simulator).with_token(token.ok()["token"].as_str().unwrap());
    assert_eq!(ana.current_org().await, i64::from(org));
    assert_eq!(ana.put("session/orgs", &[("orgid", &org.to_string())]).await.status, 204, "it is there already");
    assert_eq!(refusal(&ana.put("session/orgs", &[("orgid", "0")]).await), (403, 10023), "a token is for one Org");
}

#[tokio::test]
async fn what_a_sign_in_is_refused_for() {
    let (simulator, _) = with_ana().await;
    simulator.edit(|world| world.create_org("other", None)).unwrap();
    let other = simulator.state().org("other").unwrap().id.to_string();
    let cases: [(Fields<'_>, u16, i64); 6] = [
        (&[("username", "ana"), ("password", "wrong")], 401, 10003),
        (&[("username", "nobody"), ("password", "wrong")], 401, 10003),
        (&[("username", "ana")], 400, 10002),
        (&[("username", "ana"), ("password", "Passw0rd-of-ana"), ("orgid", "x")], 400, 10002),
        (&[("username", "ana"), ("password", "Passw0rd-of-ana"), ("orgid", "4711")], 400, 13151),
        (&[("username", "ana"), ("password", "Passw0rd-of-ana"), ("orgid", &other)], 400, 13090),
    ];
    let nobody = V1::nobody(&simulator);
    for (form, status, code) in cases {
        let reply = nobody.post("session/login", form).await;
        assert_eq!(refusal(&reply), (status, code), "{form:?}");
        assert_eq!(session_cookie(&reply), None);
    }
}

#[tokio::test]
async fn without_an_org_one_lands_where_one_was_last() {
    let (simulator, org) = with_ana().await;
    let nobody = V1::nobody(&simulator);
    nobody.login("ana", "Passw0rd-of-ana", org).await;
    let reply = nobody.post("session/login", &[("username", "ana"), ("password", "Passw0rd-of-ana")]).await;
    assert_eq!(nobody.with_session(&reply).current_org().await, i64::from(org));
}

#[tokio::test]
async fn a_session_is_switched_to_another_org() {
    let (simulator, org) = with_ana().await;
    simulator.edit(|world| world.create_org("other", None)).unwrap();
    let other = simulator.state().org("other").unwrap().id;
    let ana = V1::nobody(&simulator).login("ana", "Passw0rd-of-ana", 0).await;
    for (wanted, status, current) in [(org, 204, org), (4711, 400, org), (other, 403, org), (-1, 403, org), (0, 204, 0)] {
        assert_eq!(ana.put("session/orgs", &[("orgid", &wanted.to_string())]).await.status, status, "{wanted}");
        assert_eq!(ana.current_org().await, i64::from(current), "{wanted}");
    }
    let admin = V1::admin(&simulator, 0).await;
    for wanted in [other, -1, 0] {
        assert_eq!(admin.put("session/orgs/", &[("orgid", &wanted.to_string())]).await.status, 204, "{wanted}");
        assert_eq!(admin.current_org().await, i64::from(wanted));
    }
}

#[tokio::test]
async fn everybody_sees_ones_own_orgs_and_the_cluster_administrator_all() {
    let (simulator, org) = with_ana().await;
    simulator.edit(|world| world.create_org("other", None)).unwrap();
    let names = |reply: serde_json::Value| -> Vec<String> {
        let mut names: Vec<String> =
            reply["orgs"].as_array().unwrap().iter().map(|row| row["orgName"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let (admin, ana) = (V1::admin(&simulator, 0).await, V1::nobody(&simulator).login("ana", "Passw0rd-of-ana", org).await);
    let all = admin.get("session/orgs").await.ok();
    assert_eq!(all["canAdministerAllOrgs"], true);
    assert_eq!(names(all.clone()), ["Primary", "acme", "other"]);
    let state = simulator.state();
    let acme = all["orgs"].as_array().unwrap().iter().find(|row| row["orgName"] == "acme").unwrap();
    let expected = json!({
        "orgId": org, "orgName": "acme", "description": "", "isActive": true,
        "allUserGroupId": state.group("acme", "All").unwrap().id,
        "defaultAdminUserGroupId": state.group("acme", "Administrator").unwrap().id,
    });
    assert_eq!(acme, &expected);
    assert_eq!(names(admin.get("session/orgs?batchsize=2&offset=1").await.ok()).len(), 2);
    let own = ana.get("session/orgs?batchsize=-1&offset=-1").await.ok();
    assert_eq!(
        (names(own.clone()), &own["canAdministerAllOrgs"]),
        (vec!["Primary".to_owned(), "acme".to_owned()], &json!(false))
    );

    let id = state.user("ana").unwrap().id.clone();
    assert_eq!(names(admin.get(&format!("session/orgs/users/{id}?orgScope=ALL")).await.ok()), ["Primary", "acme"]);
    assert_eq!(names(admin.get(&format!("session/orgs/users/{id}")).await.ok()), ["Primary"]);
    assert_eq!(admin.get("session/orgs/users/nobody?orgScope=ALL").await.status, 400);
    let tsadmin = state.user("tsadmin").unwrap().id.clone();
    assert_eq!(ana.get(&format!("session/orgs/users/{tsadmin}?orgScope=ALL")).await.status, 403);
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_a_remembered_one_after_its_time() {
    let simulator = plain().await;
    let nobody = V1::nobody(&simulator);
    let idle = V1::admin(&simulator, 0).await;
    let form = [("username", "tsadmin"), ("password", PASSWORD), ("rememberme", "true")];
    let reply = nobody.post("session/login", &form).await;
    assert!(reply.headers["set-cookie"].to_str().unwrap().contains("Max-Age=604800"), "{reply:?}");
    let remembered = nobody.with_session(&reply);
    for _ in 0..3 {
        simulator.advance(2 * 60 * MINUTE);
        idle.get("session/orgs").await.ok();
    }
    simulator.advance(3 * 60 * MINUTE);
    assert_eq!(refusal(&idle.get("session/orgs").await), (401, 10003));
    remembered.get("session/orgs").await.ok();
    simulator.advance(7 * 24 * 60 * MINUTE);
    assert_eq!(remembered.get("session/orgs").await.status, 401);
}

#[tokio::test]
async fn a_sign_out_ends_one_session_and_takes_its_cookies() {
    let simulator = plain().await;
    let (one, other) = (V1::admin(&simulator, 0).await, V1::admin(&simulator, 0).await);
    let reply = one.call(Method::POST, "session/logout", Body::Nothing).await;
    assert_eq!(reply.status, 204);
    assert!(reply.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(one.get("session/orgs").await.status, 401);
    assert_eq!(one.call(Method::POST, "session/logout", Body::Nothing).await.status, 401);
    other.get("session/orgs").await.ok();
}

async fn token(nobody: &V1, user: &str, org: i32) -> String {
    let org = org.to_string();
    let form = [("secret_key", SECRET_KEY), ("username", user), ("access_level", "FULL"), ("orgid", &org)];
    let reply = nobody.post("session/auth/token", &form).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.headers["content-type"].to_str().unwrap().starts_with("text/plain"), "{reply:?}");
    reply.text
}

#[tokio::test]
async fn a_trusted_token_becomes_a_session_in_its_org() {
    let (simulator, org) = with_ana().await;
    let nobody = V1::nobody(&simulator);
    let token = token(&nobody, "ana", org).await;
    let stay = [("username", "ana"), ("auth_token", &token), ("no_url_redirection", "true")];
    let reply = nobody.post("session/login/token", &stay).await;
    assert_eq!(reply.status, 204);
    assert_eq!(nobody.with_session(&reply).current_org().await, i64::from(org));

    let go = [("username", "ana"), ("auth_token", token.as_str()), ("redirect_url", "https://acme.example/%23/home")];
    let reply = nobody.post("session/login/token", &go).await;
    assert_eq!((reply.status, reply.headers["location"].to_str().unwrap()), (302, "https://acme.example/%23/home"));
    nobody.with_session(&reply).get("session/orgs").await.ok();
    let reply = nobody.get(&format!("session/login/token?username=ana&auth_token={token}&redirect_url=%2Fhome")).await;
    assert_eq!((reply.status, reply.headers["location"].to_str().unwrap()), (302, "/home"));
    nobody.with_session(&reply).get("session/orgs").await.ok();

    let reply = nobody.post("session/login/token", &[("username", "ana"), ("auth_token", &token)]).await;
    assert_eq!((reply.status, reply.headers["location"].to_str().unwrap()), (302, "/"));
    assert_eq!(Caller::nobody(&simulator).send(Method::GET, "/", None).await.unwrap().status, 200, "the application");

    for bad in [[("username", "tsadmin"), ("auth_token", token.as_str())], [("username", "ana"), ("auth_token", "wrong")]] {
        assert_eq!(refusal(&nobody.post("session/login/token", &bad).await), (401, 10003), "{bad:?}");
    }
}

#[tokio::test]
async fn a_new_trusted_token_ends_the_older_one_five_minutes_later() {
    let (simulator, org) = with_ana().await;
    let nobody = V1::nobody(&simulator);
    let first = token(&nobody, "ana", org).await;
    simulator.advance(30 * 24 * 60 * MINUTE);
    nobody.with_token(&first).get("session/orgs").await.ok();
    let second = token(&nobody, "ana", 0).await;
    let foreign = token(&nobody, "tsadmin", 0).await;
    simulator.advance(4 * MINUTE);
    nobody.with_token(&first).get("session/orgs").await.ok();
    simulator.advance(MINUTE);
    assert_eq!(nobody.with_token(&first).get("session/orgs").await.status, 401);
    nobody.with_token(&second).get("session/orgs").await.ok();

    simulator.edit(|world| world.set_secret_key("another secret key"));
    nobody.with_token(&second).get("session/orgs").await.ok();
    let form = [("secret_key", "another secret key"), ("username", "ana"), ("access_level", "FULL")];
    let third = nobody.post("session/auth/token", &form).await.text;
    nobody.with_token(&third).get("session/orgs").await.ok();
    for old in [second, foreign] {
        assert_eq!(nobody.with_token(&old).get("session/orgs").await.status, 401, "made with another key");
    }
}

#[tokio::test]
async fn what_a_trusted_token_is_refused_for() {
    let (simulator, org) = with_ana().await;
    simulator.edit(|world| world.create_user("bob", "Bob", &["acme"])).unwrap();
    let nobody = V1::nobody(&simulator);
    let good = [("secret_key", SECRET_KEY), ("username", "bob"), ("access_level", "FULL"), ("orgid", &org.to_string())];
    assert_eq!(nobody.post("session/auth/token", &good).await.status, 200);
    let cases: [(usize, (&str, &str), u16); 7] = [
        (0, ("secret_key", "wrong"), 401),
        (0, ("misspelt", SECRET_KEY), 400),
        (1, ("username", "nobody"), 400),
        (2, ("access_level", "SOME"), 400),
        (2, ("access_level", "REPORT_BOOK_VIEW"), 400),
        (3, ("orgid", "0"), 400),
        (3, ("orgid", "4711"), 400),
    ];
    for (place, field, status) in cases {
        let mut form = good;
        form[place] = field;
        assert_eq!(nobody.post("session/auth/token", &form).await.status, status, "{field:?}");
    }
    simulator.set(|settings| settings.v1_token_unknown_user = 500);
    let unknown = [("secret_key", SECRET_KEY), ("username", "nobody"), ("access_level", "FULL")];
    assert_eq!(refusal(&nobody.post("session/auth/token", &unknown).await), (500, 13003));
    simulator.edit(|world| world.set_secret_key(""));
    assert_eq!(refusal(&nobody.post("session/auth/token", &good).await), (500, 10023), "trusted authentication is off");
}

#[tokio::test]
async fn a_trusted_token_can_make_its_user() {
    let (simulator, org) = with_ana().await;
    let nobody = V1::nobody(&simulator);
    let org = org.to_string();
    let ask = async |user: &str, org: &str, more: &[(&str, &str)]| {
        let form =
            [("secret_key", SECRET_KEY), ("username", user), ("access_level", "FULL"), ("orgid", org), ("autocreate", "true")];
        nobody.post("session/auth/token", &[&form, more].concat()).await.status
    };
    assert_eq!(
        ask("eve", &org, &[("groups", "[\"Readers\"]"), ("email", "eve@acme.example"), ("display_name", "Eve")]).await,
        200
    );
    let eve = simulator.state().user("eve").unwrap().clone();
    assert_eq!((eve.display_name.as_str(), eve.email.as_deref(), eve.has_password), ("Eve", Some("eve@acme.example"), false));
    assert_eq!(eve.groups, ["acme/All", "acme/Readers"]);
    assert_eq!(simulator.state().group("acme", "Readers").unwrap().privileges, Vec::<String>::new());

    assert_eq!(ask("eve", &org, &[("groups", "[\"Writers\"]")]).await, 200);
    assert_eq!(
        simulator.state().user("eve").unwrap().groups,
        ["acme/All", "acme/Readers", "acme/Writers"],
        "added, not replaced"
    );
    assert_eq!(ask("eve", &org, &[("email", "other@acme.example")]).await, 200);
    assert_eq!(simulator.state().user("eve").unwrap().email, eve.email, "without groups the user is left alone");
    assert_eq!(ask("eve", "0", &[]).await, 200);
    assert_eq!(simulator.state().user("eve").unwrap().orgs, ["Primary", "acme"]);
}

#[tokio::test]
async fn a_user_of_other_orgs_can_be_refused_a_trusted_token() {
    let simulator = simulator(|settings| settings.auto_create_joins_org = false).await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap().to_string();
    simulator.edit(|world| world.create_user("bob", "Bob", &["Primary"])).unwrap();
    let form =
        [("secret_key", SECRET_KEY), ("username", "bob"), ("access_level", "FULL"), ("orgid", &org), ("autocreate", "true")];
    assert_eq!(refusal(&V1::nobody(&simulator).post("session/auth/token", &form).await), (400, 13090));
    assert_eq!(simulator.state().user("bob").unwrap().orgs, ["Primary"]);
}

#[tokio::test]
async fn every_answer_has_the_headers_of_the_server() {
    let simulator = plain().await;
    let replies = [V1::nobody(&simulator).get("session/orgs").await, V1::admin(&simulator, 0).await.get("session/orgs").await];
    for reply in replies {
        for name in ["x-callosum-trace-id", "x-callosum-incident-id", "x-callosum-request-time-us", "x-callosum-ip"] {
            assert!(!reply.headers[name].is_empty(), "{name}: {reply:?}");
        }
        if reply.status == 401 {
            assert_eq!(reply.json()["incident_id_guid"], reply.headers["x-callosum-incident-id"].to_str().unwrap());
            assert_eq!(reply.json()["trace_id_guid"], reply.headers["x-callosum-trace-id"].to_str().unwrap());
        }
    }
    let nowhere = V1::nobody(&simulator).get("session/nowhere").await;
    assert_eq!((nowhere.status, nowhere.json()["code"].is_i64()), (404, true), "{nowhere:?}");
}

#[tokio::test]
async fn no_secret_of_a_form_is_in_the_journal() {
    let (simulator, org) = with_ana().await;
    let nobody = V1::nobody(&simulator);
    let token = token(&nobody, "ana", org).await;
    let url = format!("https://acme.example/?token={token}");
    nobody.post("session/login/token", &[("username", "ana"), ("auth_token", &token), ("redirect_url", &url)]).await;
    V1::admin(&simulator, 0).await;
    let journal = serde_json::to_string(&simulator.journal()).unwrap();
    for secret in [SECRET_KEY, PASSWORD, token.as_str()] {
        assert!(!journal.contains(secret));
    }
    let entry = &simulator.journal()[0];
    assert_eq!((entry.route.as_str(), &entry.identifiers["username"]), ("POST v1/session/auth/token", &json!("ana")));
    assert_eq!(entry.identifiers["orgid"], json!(org.to_string()));
    assert!(entry.keys.contains(&"secret_key".to_owned()));
}

#[tokio::test]
async fn a_misspelt_parameter_is_refused_in_strict_mode_only() {
    let simulator = plain().await;
    let admin = V1::admin(&simulator, 0).await;
    let put = [("orgid", "0"), ("orgId", "1")];
    assert_eq!(admin.put("session/orgs", &put).await.status, 204);
    simulator.set(|settings| settings.strict = true);
    let refused = admin.put("session/orgs", &put).await;
    assert_eq!(refusal(&refused), (400, 10002));
    assert!(refused.text.contains("Unknown parameters: orgId"), "{refused:?}");
    assert_eq!(admin.put("session/orgs?orgScope=ALL", &[("orgid", "0")]).await.status, 400);
    assert_eq!(admin.put("session/orgs", &[("orgid", "0")]).await.status, 204);
}
