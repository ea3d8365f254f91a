//! Users: cluster-wide, with Orgs, groups and passwords.

use crate::support::{Caller, SECRET_KEY, names, plain, simulator};
use serde_json::{Value, json};
use thoughtspot_simulator::Simulator;

/// A simulator with the Org acme, and callers of Primary and acme.
async fn acme() -> (Simulator, Caller, Caller) {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    let (primary, tenant) = (Caller::admin(&simulator, 0).await, Caller::admin(&simulator, org).await);
    (simulator, primary, tenant)
}

#[tokio::test]
async fn a_user_is_made_with_the_documented_defaults() {
    let (simulator, _primary, tenant) = acme().await;
    tenant.make_group("Analyst").await;
    let request = json!({"name": "ana", "display_name": "Ana", "email": "ana@example.com", "password": "long enough",
        "group_identifiers": ["Analyst"], "extended_properties": {"owner": "team"}});
    let row = tenant.post("users/create", request).await.ok();
    let org = simulator.state().org("acme").unwrap().id;
    assert_eq!(row["orgs"], json!([{"id": org, "name": "acme"}]));
    assert_eq!(names(&row["user_groups"]), ["All", "Analyst"]);
    for (field, expected) in [
        ("account_type", json!("LOCAL_USER")),
        ("account_status", json!("ACTIVE")),
        ("visibility", json!("SHARABLE")),
        ("notify_on_share", json!(true)),
        ("show_onboarding_experience", json!(true)),
        ("onboarding_experience_completed", json!(false)),
        ("preferred_locale", json!(null)),
        ("extended_properties", json!({"owner": "team"})),
        ("system_user", json!(false)),
        ("author_id", json!("59481331-ee53-42be-a548-bd87be6ddd4a")),
        ("current_org", json!({})),
    ] {
        assert_eq!(row[field], expected, "{field}");
    }
    let made = row["creation_time_in_millis"].as_i64().unwrap();
    assert!((simulator.now_millis() - made).abs() < 60_000, "{made}");
    assert_eq!(tenant.user("ANA").await, row, "names are looked up whatever their case");
    assert_eq!(simulator.counters().mails, 0, "a user with a password needs no activation");
}

#[tokio::test]
async fn the_language_of_the_browser_takes_the_place_of_a_chosen_one() {
    let (_simulator, _primary, tenant) = acme().await;
    tenant.make_user("ana").await;
    let steps = [
        (json!({"preferred_locale": "de-DE", "notify_on_share": false}), json!(["de-DE", null])),
        (json!({"use_browser_language": true}), json!([null, true])),
        (json!({"preferred_locale": "fr-FR"}), json!([null, true])),
        (json!({"preferred_locale": "fr-FR", "use_browser_language": false}), json!(["fr-FR", false])),
    ];
    for (change, language) in steps {
        tenant.post("users/ana/update", change.clone()).await.ok();
        let row = tenant.user("ana").await;
        assert_eq!(json!([row["preferred_locale"], row["use_browser_language"]]), language, "{change}");
        assert_eq!(row["notify_on_share"], json!(false), "what a request does not name stays");
    }
}

#[tokio::test]
async fn an_activation_mail_is_sent_unless_there_is_a_password_or_a_no() {
    let (simulator, primary, _tenant) = acme().await;
    let cases = [
        (json!({}), 1),
        (json!({"trigger_activation_email": false}), 1),
        (json!({"password": "long enough"}), 1),
        (json!({"password": "long enough", "trigger_welcome_email": true}), 2),
    ];
    for (number, (more, mails)) in cases.into_iter().enumerate() {
        let mut request = json!({"name": format!("user-{number}"), "display_name": "U", "email": "u@x.example"});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        primary.post("users/create", request.clone()).await.ok();
        assert_eq!(simulator.counters().mails, mails, "{request}");
    }
}

#[tokio::test]
async fn lists_are_replaced_unless_said_otherwise() {
    let (simulator, _primary, tenant) = acme().await;
    for name in ["a", "b", "c"] {
        tenant.make_group(name).await;
    }
    tenant.make_user("ana").await;
    let steps = [
        (json!({"group_identifiers": ["a", "b"]}), vec!["acme/All", "acme/a", "acme/b"]),
        (json!({"email": "ana@example.com"}), vec!["acme/All", "acme/a", "acme/b"]),
        (json!({"group_identifiers": ["c"], "operation": "ADD"}), vec!["acme/All", "acme/a", "acme/b", "acme/c"]),
        (json!({"group_identifiers": ["a"], "operation": "REMOVE"}), vec!["acme/All", "acme/b", "acme/c"]),
        (json!({"group_identifiers": ["a"], "operation": "REPLACE"}), vec!["acme/All", "acme/a"]),
        (json!({"group_identifiers": null}), vec!["acme/All", "acme/a"]),
        (json!({"group_identifiers": []}), vec!["acme/All"]),
    ];
    for (change, expected) in steps {
        tenant.post("users/ana/update", change.clone()).await.ok();
        assert_eq!(simulator.state().user("ana").unwrap().groups, expected, "{change}");
    }
}

#[tokio::test]
async fn orgs_are_changed_from_primary_only() {
    let (simulator, primary, tenant) = acme().await;
    tenant.make_user("ana").await;
    tenant.make_group("Analyst").await;
    tenant.post("users/ana/update", json!({"group_identifiers": ["Analyst"]})).await.ok();
    let add = json!({"org_identifiers": ["Primary"], "operation": "ADD"});
    assert_eq!(tenant.post("users/ana/update", add.clone()).await.refusal(), (403, 10023));
    assert_eq!(
        tenant
            .post("users/create", json!({"name": "x", "display_name": "X", "email": "x@x.example", "org_identifiers": ["0"]}))
            .await
            .status,
        403
    );
    tenant.post("users/ana/update", json!({"org_identifiers": ["acme"], "operation": "ADD"})).await.ok();
    primary.post("users/ana/update", add).await.ok();
    assert_eq!(simulator.state().user("ana").unwrap().orgs, ["Primary", "acme"]);
    primary.post("users/ana/update", json!({"org_identifiers": ["acme"], "operation": "REMOVE"})).await.ok();
    let ana = simulator.state().user("ana").unwrap().clone();
    assert_eq!((ana.orgs, ana.groups), (vec!["Primary".to_owned()], vec!["Primary/All".to_owned()]));
    for last in [json!({"org_identifiers": ["0"], "operation": "REMOVE"}), json!({"org_identifiers": []})] {
        assert_eq!(primary.post("users/ana/update", last.clone()).await.refusal(), (400, 10002), "{last}");
    }
    assert_eq!(primary.post("users/ana/update", json!({"org_identifiers": ["none"]})).await.refusal(), (400, 13151));
}

#[tokio::test]
async fn the_last_org_may_take_the_user_with_it() {
    let simulator = simulator(|settings| settings.last_org = thoughtspot_simulator::settings::LastOrg::DeleteUser).await;
    let primary = Caller::admin(&simulator, 0).await;
    primary.make_user("ana").await;
    primary.post("users/ana/update", json!({"org_identifiers": ["0"], "operation": "REMOVE"})).await.ok();
    assert_eq!(simulator.state().user("ana"), None);
}

#[tokio::test]
async fn groups_are_those_of_the_tokens_org() {
    let (simulator, primary, tenant) = acme().await;
    tenant.make_group("tenant-group").await;
    primary.make_group("primary-group").await;
    simulator.edit(|world| world.create_user("ana", "Ana", &["Primary", "acme"])).unwrap();
    for (caller, group) in [(&primary, "tenant-group"), (&tenant, "primary-group")] {
        let refused = caller.post("users/ana/update", json!({"group_identifiers": [group]})).await;
        assert_eq!(refused.refusal(), (400, 13003));
        assert!(refused.text.contains(&format!("Invalid group identifiers: {group}")), "{refused:?}");
    }
    tenant.post("users/ana/update", json!({"group_identifiers": ["tenant-group"]})).await.ok();
    primary.post("users/ana/update", json!({"group_identifiers": ["primary-group"]})).await.ok();
    assert_eq!(names(&primary.user("ana").await["user_groups"]), ["All", "All", "primary-group", "tenant-group"]);
    let row = tenant.user("ana").await;
    assert_eq!((names(&row["user_groups"]), names(&row["orgs"])), (vec!["All", "tenant-group"], vec!["acme"]));
}

#[tokio::test]
async fn a_password_set_is_a_password_that_opens() {
    let (_simulator, primary, tenant) = acme().await;
    tenant.make_user("ana").await;
    let try_with = async |password: &str| tenant.try_token(json!({"username": "ana", "password": password})).await.status;
    assert_eq!(try_with("").await, 401, "no password, no way in");
    for (password, status, code) in [("short", 400, 10002), ("ANA", 400, 10002)] {
        let request = json!({"user_identifier": "ana", "new_password": password});
        assert_eq!(tenant.post("users/reset-password", request).await.refusal(), (status, code));
    }
    let request = json!({"user_identifier": "ana", "new_password": "long enough"});
    assert_eq!(primary.post("users/reset-password", request).await.status, 204);
    assert_eq!(try_with("long enough").await, 200);
    let ignored = json!({"password": "another password"});
    tenant.post("users/ana/update", ignored).await.ok();
    assert_eq!(try_with("long enough").await, 200, "an update has no password");
    let unknown = json!({"user_identifier": "none", "new_password": "long enough"});
    assert_eq!(tenant.post("users/reset-password", unknown).await.refusal(), (400, 13003));
}

#[tokio::test]
async fn a_delete_leaves_nothing() {
    let (simulator, primary, tenant) = acme().await;
    let id = tenant.make_user("ana").await;
    tenant.make_group("Analyst").await;
    tenant.post("users/ana/update", json!({"group_identifiers": ["Analyst"]})).await.ok();
    assert_eq!(tenant.post_nothing(&format!("users/{id}/delete")).await.status, 204);
    assert_eq!(simulator.state().user("ana"), None);
    assert_eq!(simulator.state().group("acme", "Analyst").unwrap().users, Vec::<String>::new());
    assert_eq!(primary.user("ana").await, Value::Null);
    for (setting, status) in [(400, 400), (404, 404), (500, 500)] {
        simulator.set(|settings| settings.unknown_id = setting);
        assert_eq!(tenant.post_nothing(&format!("users/{id}/delete")).await.refusal(), (status, 13003));
        assert_eq!(tenant.post(&format!("users/{id}/update"), json!({})).await.refusal(), (status, 13003));
    }
    assert_ne!(tenant.make_user("ana").await, id);
}

#[tokio::test]
async fn names_are_taken_whatever_their_case() {
    let (simulator, primary, tenant) = acme().await;
    tenant.make_user("ana").await;
    primary.make_user("bob").await;
    let again = json!({"name": "ANA", "display_name": "Ana", "email": "ana@x.example"});
    for status in [400, 409, 500] {
        simulator.set(|settings| settings.duplicate_name = status);
        let refused = primary.post("users/create", again.clone()).await;
        assert_eq!(refused.refusal(), (status, 10002));
        assert!(refused.text.contains("already exists"), "{refused:?}");
        assert_eq!(primary.post("users/bob/update", json!({"name": "Ana"})).await.refusal(), (status, 10002));
    }
    primary.post("users/bob/update", json!({"name": "Bob"})).await.ok();
    simulator.set(|settings| settings.user_names_by_case = true);
    primary.post("users/create", again).await.ok();
}

#[tokio::test]
async fn what_is_built_in_stays() {
    let (simulator, primary, _tenant) = acme().await;
    let ids =
        ["59481331-ee53-42be-a548-bd87be6ddd4a", "67e15c06-d153-4924-a4cd-ff615393b60f", "0f0dd0f7-7411-4195-a4aa-0dc6b58413c9"];
    for identifier in ids.into_iter().chain(["tsadmin", "system", "su", "guest"]) {
        assert_eq!(primary.post_nothing(&format!("users/{identifier}/delete")).await.refusal(), (403, 10023), "{identifier}");
    }
    assert_eq!(simulator.state().users.len(), 4);
    let su = primary.user("su").await;
    assert_eq!((&su["system_user"], &su["super_user"]), (&json!(true), &json!(true)));
    simulator.set(|settings| settings.protected_delete = 400);
    assert_eq!(primary.post_nothing("users/su/delete").await.refusal(), (400, 10023));
}

#[tokio::test]
async fn only_administrators_write() {
    let (simulator, _primary, tenant) = acme().await;
    tenant.make_user("ana").await;
    let ana = tenant.signed_in("ana", simulator.state().org("acme").unwrap().id).await;
    for (path, body) in [
        ("users/create", json!({"name": "x", "display_name": "X", "email": "x@x.example"})),
        ("users/ana/update", json!({"display_name": "me"})),
        ("users/ana/delete", json!({})),
        ("users/reset-password", json!({"user_identifier": "ana", "new_password": "long enough"})),
        ("groups/create", json!({"name": "x", "display_name": "X"})),
        ("groups/All/update", json!({})),
        ("groups/All/delete", json!({})),
    ] {
        assert_eq!(ana.post(path, body).await.refusal(), (403, 10023), "{path}");
    }
    assert_eq!(ana.post("users/search", json!({})).await.names(), ["ana"], "everybody may search");
    let other = json!({"username": "other", "secret_key": SECRET_KEY});
    assert_eq!(ana.try_token(other).await.status, 401);
}
