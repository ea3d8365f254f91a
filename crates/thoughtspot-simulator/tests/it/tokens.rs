//! Tokens beyond the plain one: users made on the way, tokens for one object or with attributes, secret keys.

use crate::support::{Caller, PASSWORD, SECRET_KEY, names, plain};
use serde_json::{Value, json};
use thoughtspot_simulator::Simulator;

async fn with_acme() -> (Simulator, i32) {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    (simulator, org)
}

/// A request that makes this user on the way, with these groups.
fn newcomer(name: &str, org: i32, groups: Option<Value>) -> Value {
    let mut request = json!({
        "username": name, "secret_key": SECRET_KEY, "org_id": org, "auto_create": true,
        "email": format!("{name}@example.com"), "display_name": "Made on the way",
    });
    if let Some(groups) = groups {
        request["group_identifiers"] = groups;
    }
    request
}

fn groups_of(simulator: &Simulator, user: &str) -> Vec<String> {
    simulator.state().user(user).unwrap().groups.clone()
}

#[tokio::test]
async fn a_token_request_makes_the_user_and_its_groups() {
    let (simulator, org) = with_acme().await;
    let nobody = Caller::nobody(&simulator);
    let token = nobody.try_token(newcomer("ana", org, Some(json!(["Sales"])))).await.ok();
    assert_eq!((&token["valid_for_username"], &token["scope"]["org_id"]), (&json!("ana"), &json!(org)));
    let state = simulator.state();
    let ana = state.user("ana").unwrap();
    assert_eq!(
        (ana.email.as_deref(), ana.display_name.as_str(), ana.has_password),
        (Some("ana@example.com"), "Made on the way", false)
    );
    assert_eq!(
        (ana.orgs.clone(), ana.groups.clone()),
        (vec!["acme".to_owned()], vec!["acme/All".to_owned(), "acme/Sales".to_owned()])
    );
    let sales = state.group("acme", "Sales").unwrap();
    assert_eq!((sales.display_name.as_str(), sales.privileges.len()), ("Sales", 0));
}

#[tokio::test]
async fn groups_of_a_returning_user_stay_go_or_are_replaced() {
    let (simulator, org) = with_acme().await;
    let nobody = Caller::nobody(&simulator);
    let cases = [
        (Some(json!(["a", "b"])), vec!["acme/All", "acme/a", "acme/b"]),
        (None, vec!["acme/All", "acme/a", "acme/b"]),
        (Some(json!(["c"])), vec!["acme/All", "acme/c"]),
        (Some(json!([])), vec!["acme/All"]),
    ];
    for (groups, expected) in cases {
        nobody.try_token(newcomer("ana", org, groups.clone())).await.ok();
        assert_eq!(groups_of(&simulator, "ana"), expected, "{groups:?}");
    }
}

#[tokio::test]
async fn what_a_request_that_makes_users_needs() {
    let (simulator, org) = with_acme().await;
    let nobody = Caller::nobody(&simulator);
    let without = |key: &str| {
        let mut request = newcomer("ana", org, None);
        request.as_object_mut().unwrap().remove(key);
        request
    };
    let with = |key: &str, value: Value| {
        let mut request = newcomer("ana", org, None);
        request[key] = value;
        request
    };
    for (request, refusal) in [
        (without("email"), (400, 10002)),
        (without("display_name"), (400, 10002)),
        (without("secret_key"), (400, 10002)),
        (with("secret_key", json!("wrong")), (401, 10003)),
        (with("org_id", json!(4711)), (400, 13151)),
        (with("auto_create", json!(false)), (401, 10003)),
    ] {
        assert_eq!(nobody.try_token(request.clone()).await.refusal(), refusal, "{request}");
    }
    assert_eq!(simulator.state().user("ana"), None, "nobody was made");
}

#[tokio::test]
async fn a_user_of_other_orgs_is_taken_in_or_refused() {
    let (simulator, org) = with_acme().await;
    let nobody = Caller::nobody(&simulator);
    simulator.edit(|world| world.create_user("bo", "Bo", &[])).unwrap();
    simulator.set(|settings| settings.auto_create_joins_org = false);
    assert_eq!(nobody.try_token(newcomer("bo", org, None)).await.refusal(), (400, 13090));
    simulator.set(|settings| settings.auto_create_joins_org = true);
    nobody.try_token(newcomer("bo", org, None)).await.ok();
    assert_eq!(simulator.state().user("bo").unwrap().orgs, ["Primary", "acme"]);
}

#[tokio::test]
async fn a_token_of_one_object_says_so_and_changes_nothing() {
    let (simulator, org) = with_acme().await;
    let nobody = Caller::nobody(&simulator);
    let object = "0fb54198-868d-45de-8929-139b0089e964";
    let request = |object: &str| json!({"username": "tsadmin", "password": PASSWORD, "org_id": org, "object_id": object});
    for bad in [request("Sales"), json!({"username": "tsadmin", "password": PASSWORD, "org_id": org})] {
        assert_eq!(nobody.post("auth/token/object", bad).await.refusal(), (400, 10002));
    }
    let token = nobody.post("auth/token/object", request(object)).await.ok();
    assert_eq!(token["scope"], json!({"access_type": "REPORT_BOOK_VIEW", "org_id": org, "metadata_id": object}));
    let reader = nobody.with_token(token["token"].as_str().unwrap());
    reader.post("groups/search", json!({})).await.ok();
    let refused = reader.post("groups/create", json!({"name": "a", "display_name": "a"})).await;
    assert_eq!(refused.refusal(), (403, 10023));
}

#[tokio::test]
async fn a_custom_token_makes_users_unless_told_not_to() {
    let (simulator, org) = with_acme().await;
    let nobody = Caller::nobody(&simulator);
    let request = |name: &str| {
        json!({
            "username": name, "secret_key": SECRET_KEY, "org_identifier": "acme", "persist_option": "NONE",
            "email": "ana@example.com", "display_name": "Ana", "groups": [{"identifier": "Sales"}],
        })
    };
    let mut unwanted = request("ana");
    unwanted["auto_create"] = json!(false);
    assert_eq!(nobody.post("auth/token/custom", unwanted).await.refusal(), (401, 10003));
    let token = nobody.post("auth/token/custom", request("ana")).await.ok();
    assert_eq!((&token["org"], &token["user"]["name"]), (&json!({"id": org, "name": "acme"}), &json!("ana")));
    nobody.with_token(token["token"].as_str().unwrap()).get("auth/session/user").await.ok();
    assert_eq!(groups_of(&simulator, "ana"), ["acme/All", "acme/Sales"]);

    let mut again = request("ana");
    again["display_name"] = json!("Another");
    again["groups"] = json!([{"identifier": "Finance"}]);
    nobody.post("auth/token/custom", again).await.ok();
    assert_eq!(groups_of(&simulator, "ana"), ["acme/All", "acme/Sales"], "a user who exists is not touched");
    assert_eq!(simulator.state().user("ana").unwrap().display_name, "Ana");
}

#[tokio::test]
async fn variables_of_a_custom_token_stay_with_the_user_as_asked() {
    let simulator = plain().await;
    let nobody = Caller::nobody(&simulator);
    let admin = Caller::admin(&simulator, 0).await;
    let ask = |persist: &str, variables: Option<Value>| {
        let mut request = json!({"username": "tsadmin", "password": PASSWORD, "persist_option": persist});
        if let Some(variables) = variables {
            request["variable_values"] = variables;
        }
        nobody.post("auth/token/custom", request)
    };
    let country = Some(json!([{"name": "country", "values": ["DE", 4, true]}]));
    for persist in ["NONE", "RESET"] {
        assert_eq!(ask(persist, country.clone()).await.refusal(), (400, 10002));
    }
    assert_eq!(ask("SOMETIMES", None).await.status, 400);
    let year = Some(json!([{"name": "year", "values": [2026]}]));
    for (persist, variables, expected) in [
        ("REPLACE", country, json!({"country": ["DE", 4, true]})),
        ("APPEND", year.clone(), json!({"country": ["DE", 4, true], "year": [2026]})),
        ("NONE", None, json!({"country": ["DE", 4, true], "year": [2026]})),
        ("REPLACE", year, json!({"year": [2026]})),
        ("RESET", None, json!({})),
    ] {
        ask(persist, variables).await.ok();
        let search = json!({"user_identifier": "tsadmin", "include_variable_values": true});
        assert_eq!(admin.post("users/search", search).await.ok()[0]["variable_values"], expected, "{persist}");
    }
    assert_eq!(admin.user("tsadmin").await["variable_values"], json!(null), "only for those who ask");
}

#[tokio::test]
async fn a_token_can_be_checked_and_renewed() {
    let (simulator, org) = with_acme().await;
    let admin = Caller::admin(&simulator, org).await;
    let new = admin.get("auth/session/token").await.ok();
    let life = new["expiration_time_in_millis"].as_i64().unwrap() - new["creation_time_in_millis"].as_i64().unwrap();
    assert_eq!((life, &new["valid_for_username"], &new["scope"]), (24 * 3_600_000, &json!("tsadmin"), &json!(null)));
    let token = new["token"].as_str().unwrap();
    let me = admin.with_token(token).get("auth/session/user").await.ok();
    assert_eq!(me["current_org"]["id"], org, "the Org of the session, though the answer does not say so");
    let checked = admin.post("auth/token/validate", json!({"token": token})).await.ok();
    assert_eq!((&checked["token_type"], &checked["scope"]["org_id"]), (&json!("BEARER"), &json!(org)));
    assert_eq!(admin.post("auth/token/validate", json!({"token": "none"})).await.refusal(), (401, 10003));
    assert_eq!(admin.post("auth/token/validate", json!({})).await.status, 400);
    assert_eq!(Caller::nobody(&simulator).post("auth/token/validate", json!({"token": token})).await.status, 401);
}

#[tokio::test]
async fn the_secret_key_is_shown_and_changed_by_administrators_only() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    simulator.edit(|world| world.create_user("ana", "Ana", &[])).unwrap();
    let ana = Caller::nobody(&simulator).signed_in("ana", 0).await;
    let search = json!({"auth_type": "TRUSTED_AUTH"});
    assert_eq!(ana.post("auth/search", search.clone()).await.refusal(), (403, 10023));
    let shown = admin.post("auth/search", search.clone()).await.ok();
    let expected = json!({"auth_status": "ENABLED", "access_tokens": [{"key": SECRET_KEY}]});
    assert_eq!((&shown["cluster_preferences"], shown.get("org_preferences")), (&expected, None));

    let configure = |status: &str| json!({"auth_type": "TRUSTED_AUTH", "cluster_preferences": {"auth_status": status}});
    assert_eq!(ana.post("auth/configure", configure("DISABLED")).await.refusal(), (403, 10023));
    assert_eq!(admin.post("auth/configure", json!({"auth_type": "TRUSTED_AUTH"})).await.status, 204, "and nothing changes");
    assert_eq!(admin.post("auth/configure", configure("ENABLED")).await.status, 204);
    assert_eq!(admin.post("auth/search", search.clone()).await.ok(), shown, "the key that is there stays");

    assert_eq!(admin.post("auth/configure", configure("DISABLED")).await.status, 204);
    let off = admin.post("auth/search", search.clone()).await.ok();
    assert_eq!(off["cluster_preferences"], json!({"auth_status": "DISABLED"}));
    let request = |key: &str| json!({"username": "ana", "secret_key": key});
    assert_eq!(ana.try_token(request(SECRET_KEY)).await.status, 401);
    admin.post("auth/configure", configure("ENABLED")).await.ok();
    let shown = admin.post("auth/search", search).await.ok();
    let key = shown["cluster_preferences"]["access_tokens"][0]["key"].as_str().unwrap();
    assert_ne!(key, SECRET_KEY);
    ana.try_token(request(key)).await.ok();
}

#[tokio::test]
async fn an_org_can_have_a_secret_key_of_its_own() {
    let (simulator, org) = with_acme().await;
    let (primary, tenant) = (Caller::admin(&simulator, 0).await, Caller::admin(&simulator, org).await);
    let search = json!({"auth_type": "TRUSTED_AUTH", "scope": "ORG"});
    let enable = json!({"auth_type": "TRUSTED_AUTH", "org_preferences": [{"org_identifier": "acme", "auth_status": "ENABLED"}]});
    for path in ["auth/search", "auth/configure"] {
        let request = if path == "auth/search" { &search } else { &enable };
        assert_eq!(tenant.post(path, request.clone()).await.refusal(), (403, 10023), "the feature is off");
    }
    simulator.set(|settings| settings.org_secret_keys = true);
    primary.post("auth/configure", enable).await.ok();
    let shown = tenant.post("auth/search", search).await.ok();
    assert_eq!(shown["org_preferences"][0]["org"], json!({"id": org, "name": "acme"}));
    let cluster = json!({"auth_type": "TRUSTED_AUTH", "scope": "CLUSTER"});
    assert_eq!(tenant.post("auth/search", cluster).await.refusal(), (403, 10023), "only from Primary");

    let key = shown["org_preferences"][0]["access_tokens"][0]["key"].as_str().unwrap();
    let nobody = Caller::nobody(&simulator);
    let token = nobody.try_token(json!({"username": "tsadmin", "secret_key": key})).await.ok();
    assert_eq!(token["scope"]["org_id"], org, "its own Org, when none is asked for");
    let elsewhere = nobody.try_token(json!({"username": "tsadmin", "secret_key": key, "org_id": 0})).await;
    assert_eq!(elsewhere.refusal(), (400, 13090));
    let stranger =
        json!({"username": "ana", "secret_key": key, "org_id": 0, "auto_create": true, "email": "a@b.c", "display_name": "A"});
    assert_eq!(nobody.try_token(stranger).await.refusal(), (400, 13090), "nor is anybody made elsewhere");
    simulator.edit(|world| world.delete_org("acme")).unwrap();
    assert_eq!(nobody.try_token(json!({"username": "tsadmin", "secret_key": key})).await.status, 401);
}

#[tokio::test]
async fn tokens_of_a_key_that_was_changed_live_on_or_end() {
    let simulator = plain().await;
    let by_key = Caller::admin(&simulator, 0).await;
    let nobody = Caller::nobody(&simulator);
    let token = nobody.try_token(json!({"username": "tsadmin", "password": PASSWORD})).await.ok();
    let by_password = nobody.with_token(token["token"].as_str().unwrap());
    simulator.edit(|world| world.set_secret_key("another-key"));
    by_key.get("system").await.ok();
    simulator.set(|settings| settings.tokens_outlive_key = false);
    assert_eq!(by_key.get("system").await.status, 401);
    by_password.get("system").await.ok();
}

#[tokio::test]
async fn with_a_secret_key_and_no_org_one_lands_in_primary() {
    let (simulator, org) = with_acme().await;
    let nobody = Caller::nobody(&simulator);
    nobody.signed_in("tsadmin", org).await;
    let token = nobody.try_token(json!({"username": "tsadmin", "secret_key": SECRET_KEY})).await.ok();
    assert_eq!(token["scope"]["org_id"], 0, "the Org of the key, not that of the last token");
    let me = nobody.with_token(token["token"].as_str().unwrap()).user("tsadmin").await;
    assert_eq!(names(&me["orgs"]), ["Primary"]);
}
