//! Users over v1.

use super::support::{Body, Fields, V1, refusal};
use crate::support::{Caller, plain};
use reqwest::Method;
use serde_json::{Value, json};
use thoughtspot_simulator::Simulator;

/// An Org with an administrator of its own, who is signed in there.
async fn with_acme() -> (Simulator, i32, V1) {
    let simulator = plain().await;
    let org = simulator.edit(|world| world.create_org("acme", None)).unwrap();
    simulator.edit(|world| world.create_user("boss", "Boss", &["acme"])).unwrap();
    simulator.edit(|world| world.set_password("boss", "Passw0rd-of-boss")).unwrap();
    simulator.edit(|world| world.add_to_group("acme", "Administrator", "boss")).unwrap();
    let boss = V1::nobody(&simulator).login("boss", "Passw0rd-of-boss", org).await;
    (simulator, org, boss)
}

async fn get(who: &V1, name: &str) -> Value {
    who.get(&format!("user/?name={name}")).await.ok()
}

#[tokio::test]
async fn a_user_is_made_in_the_org_of_the_session_and_found_by_both_apis() {
    let (simulator, org, boss) = with_acme().await;
    let group = simulator.edit(|world| world.create_group("acme", "Readers", "Readers")).unwrap();
    let form = [
        ("name", "ana"),
        ("password", "long enough"),
        ("displayname", "Ana Diaz"),
        ("properties", "{\"mail\":\"ana@acme.example\",\"team\":\"blue\"}"),
        ("groups", &format!("[\"{group}\"]")),
        ("usertype", "LOCAL_USER"),
        ("visibility", "NON_SHARABLE"),
        ("triggeredbyadmin", "true"),
    ];
    let reply = boss.post("user", &form).await;
    assert_eq!(reply.status, 200);
    let (row, state) = (reply.json(), simulator.state());
    let (ana, all) = (state.user("ana").unwrap(), &state.group("acme", "All").unwrap().id);
    let boss_id = &state.user("boss").unwrap().id;
    let expected = json!({
        "userContent": {
            "userPreferences": {"notifyOnShare": true, "showWalkMe": true, "analystOnboardingComplete": false},
            "userProperties": {"mail": "ana@acme.example", "displayNameLastUpdatedBy": "ADMIN", "team": "blue"},
            "userActivityProto": {"first_login": -1, "welcome_email_sent": false},
        },
        "state": "ACTIVE", "assignedGroups": [all, group], "inheritedGroups": [all, group], "privileges": ["AUTHORING"],
        "type": "LOCAL_USER", "parenttype": "USER", "visibility": "NON_SHARABLE",
        "tenantId": "982d6da9-9cd1-479e-b9a6-35aa05f9282a", "displayName": "Ana Diaz",
        "header": {
            "id": ana.id, "indexVersion": 0, "generationNum": 0, "name": "ana", "displayName": "Ana Diaz", "author": boss_id,
            "created": row["header"]["created"], "modified": row["header"]["modified"], "modifiedBy": boss_id, "owner": ana.id,
            "isDeleted": false, "isHidden": false, "orgIds": [org], "tags": [], "type": "LOCAL_USER", "isExternal": false,
            "isDeprecated": false,
        },
        "complete": true, "incompleteDetail": [], "isSuperUser": false, "isSystemPrincipal": false,
    });
    assert_eq!(row, expected);
    assert_eq!(get(&boss, "ANA").await, row);
    assert_eq!(boss.get(&format!("user?userid={}&name=ana", ana.id)).await.ok(), row);
    let v2 = Caller::admin(&simulator, org).await.user("ana").await;
    assert_eq!((&v2["email"], &v2["extended_properties"]), (&json!("ana@acme.example"), &json!({"team": "blue"})));
    assert_eq!(v2["visibility"], "NON_SHARABLE");
    boss.login("ana", "long enough", org).await;
}

#[tokio::test]
async fn a_published_client_sends_an_address_of_null() {
    let (simulator, _, boss) = with_acme().await;
    let form = [("name", "ana"), ("password", "long enough"), ("displayname", "Ana"), ("properties", "{\"mail\": null}")];
    assert_eq!(boss.post("user", &form).await.status, 200);
    assert_eq!(simulator.state().user("ana").unwrap().email, None);
}

#[tokio::test]
async fn what_a_create_is_refused_for() {
    let (simulator, _, boss) = with_acme().await;
    boss.make_user("bob").await;
    let foreign = simulator.edit(|world| world.create_group("Primary", "Readers", "Readers")).unwrap();
    let good = [("name", "ana"), ("password", "long enough"), ("displayname", "Ana")];
    let foreign = format!("[\"{foreign}\"]");
    let cases: [(&[(&str, &str)], u16); 12] = [
        (&[("name", "bob")], 409),
        (&[("name", "")], 400),
        (&[("password", "short")], 500),
        (&[("groups", foreign.as_str())], 400),
        (&[("groups", "[\"Readers\"]")], 400),
        (&[("groups", "[All]")], 400),
        (&[("orgids", "[0]")], 400),
        (&[("orgids", "[4711]")], 400),
        (&[("usertype", "SOME_USER")], 400),
        (&[("visibility", "SHARABLE")], 400),
        (&[("properties", "{\"mail\":\"nonsense\"}")], 400),
        (&[("properties", "{\"mail\":1}")], 400),
    ];
    for (more, status) in cases {
        let form: Vec<(&str, &str)> = good.iter().filter(|(name, _)| *name != more[0].0).chain(more).copied().collect();
        assert_eq!(boss.post("user/", &form).await.status, status, "{more:?}");
        assert!(simulator.state().user("ana").is_none(), "{more:?}");
    }
    for missing in 0..3 {
        let form: Vec<(&str, &str)> = good.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, field)| *field).collect();
        assert_eq!(boss.post("user/", &form).await.status, 400, "{form:?}");
    }
    let taken = [("name", "bob"), ("password", "long enough"), ("displayname", "Bob")];
    for status in [400, 500] {
        simulator.set(|settings| settings.v1_duplicate_user = status);
        assert_eq!(refusal(&boss.post("user/", &taken).await), (status, 10002));
    }
    let ana = boss.post("user/", &good).await;
    assert_eq!(ana.status, 200);
    let ana = boss.login("ana", "long enough", boss.current_org().await.try_into().unwrap()).await;
    assert_eq!(ana.post("user/", &[("name", "eve"), ("password", "long enough"), ("displayname", "Eve")]).await.status, 403);
}

#[tokio::test]
async fn only_the_cluster_administrator_puts_a_new_user_into_several_orgs() {
    let (simulator, org, boss) = with_acme().await;
    let orgs = format!("[0, {org}]");
    let form = [("name", "ana"), ("password", "long enough"), ("displayname", "Ana"), ("orgids", &orgs)];
    assert_eq!(boss.post("user/?orgScope=ALL", &form).await.status, 400);
    let admin = V1::admin(&simulator, org).await;
    assert_eq!(admin.post("user/", &form).await.status, 400, "without the scope");
    assert_eq!(admin.post("user/?orgScope=ALL&sendEmail=true", &form).await.status, 200);
    assert_eq!(simulator.state().user("ana").unwrap().orgs, ["Primary", "acme"]);
    assert_eq!(simulator.counters().mails, 1);
}

#[tokio::test]
async fn primary_sees_everybody_and_an_org_its_own() {
    let (simulator, org, boss) = with_acme().await;
    boss.make_user("ana").await;
    let primary = V1::admin(&simulator, 0).await;
    let names = |rows: Value| -> Vec<String> {
        let mut names: Vec<String> =
            rows.as_array().unwrap().iter().map(|row| row["header"]["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names(boss.get("user/").await.ok()), ["ana", "boss"]);
    assert_eq!(names(primary.get("user").await.ok()), ["ana", "boss", "guest", "su", "system", "tsadmin"]);
    assert_eq!(get(&primary, "ana").await["header"]["orgIds"], json!([org]));
    let tsadmin = simulator.state().user("tsadmin").unwrap().id.clone();
    let cases = [
        ("user/?name=nobody".to_owned(), 400),
        ("user/?name=tsadmin".to_owned(), 400),
        (format!("user/?userid={tsadmin}"), 500),
        ("user/?userid=ana".to_owned(), 500),
        (format!("user/?userid={}&name=boss", simulator.state().user("ana").unwrap().id), 400),
    ];
    for (path, status) in cases {
        assert_eq!(refusal(&boss.get(&path).await), (status, 13003), "{path}");
    }
}

#[tokio::test]
async fn a_user_is_read_changed_and_written_back() {
    let (simulator, org, boss) = with_acme().await;
    let id = boss.make_user("ana").await;
    let group = simulator.edit(|world| world.create_group("acme", "Readers", "Readers")).unwrap();
    let mut content = get(&boss, "ana").await;
    content["header"]["name"] = "ana2".into();
    content["displayName"] = "Ana the second".into();
    content["visibility"] = "NON_SHARABLE".into();
    content["assignedGroups"] = json!([group]);
    content["userContent"]["userProperties"]["mail"] = "ana2@acme.example".into();
    content["userContent"]["userPreferences"] = json!({"notifyOnShare": false, "preferredLocale": "de-DE", "theme": "dark"});
    let form = [("userid", id.as_str()), ("content", &content.to_string()), ("triggeredbyadmin", "true")];
    assert_eq!(boss.put(&format!("user/{id}"), &form).await.status, 204);
    let row = get(&boss, "ana2").await;
    assert_eq!((&row["header"]["id"], &row["displayName"]), (&json!(id), &json!("Ana the second")));
    let preferences = &row["userContent"]["userPreferences"];
    assert_eq!((&preferences["notifyOnShare"], &preferences["theme"]), (&json!(false), &json!("dark")));
    assert_eq!(row["userContent"]["userProperties"]["displayNameLastUpdatedBy"], "ADMIN");
    assert_eq!(simulator.state().user("ana2").unwrap().groups, ["acme/All", "acme/Readers"], "All stays");
    let v2 = Caller::admin(&simulator, org).await.user("ana2").await;
    assert_eq!((&v2["preferred_locale"], &v2["extended_preferences"]), (&json!("de-DE"), &json!({"theme": "dark"})));

    assert_eq!(boss.put(&format!("user/{id}"), &[("userid", &id), ("password", "another one")]).await.status, 204);
    boss.login("ana2", "another one", org).await;
}

#[tokio::test]
async fn written_from_primary_a_user_keeps_the_groups_of_other_orgs() {
    let (simulator, _, _) = with_acme().await;
    simulator.edit(|world| world.create_user("ana", "Ana", &["acme", "Primary"])).unwrap();
    for org in ["acme", "Primary"] {
        simulator.edit(|world| world.create_group(org, "Readers", "Readers")).unwrap();
        simulator.edit(|world| world.add_to_group(org, "Readers", "ana")).unwrap();
    }
    let primary = V1::admin(&simulator, 0).await;
    let mut content = get(&primary, "ana").await;
    let path = format!("user/{}", content["header"]["id"].as_str().unwrap());
    primary.put(&path, &[("content", &content.to_string())]).await.ok();
    let groups = || simulator.state().user("ana").unwrap().groups.clone();
    assert_eq!(groups(), ["Primary/All", "Primary/Readers", "acme/All", "acme/Readers"]);
    content["assignedGroups"] = json!([]);
    primary.put(&format!("{path}?orgScope=ALL"), &[("content", &content.to_string())]).await.ok();
    assert_eq!(groups(), ["Primary/All", "Primary/Readers", "acme/All", "acme/Readers"], "no group is looked at");
    primary.put(&path, &[("content", &content.to_string())]).await.ok();
    assert_eq!(groups(), ["Primary/All", "acme/All", "acme/Readers"]);
}

#[tokio::test]
async fn what_a_change_is_refused_for() {
    let (simulator, _, boss) = with_acme().await;
    let id = boss.make_user("ana").await;
    let bob = boss.make_user("bob").await;
    let content = get(&boss, "ana").await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut content = content.clone();
        change(&mut content);
        content.to_string()
    };
    let path = format!("user/{id}");
    let cases = [
        ("not JSON".to_owned(), 500),
        ("[]".to_owned(), 500),
        ("{}".to_owned(), 500),
        (with(&|content| content["header"]["id"] = bob.clone().into()), 500),
        (with(&|content| content["state"] = "ASLEEP".into()), 500),
        (with(&|content| content["displayName"] = 7.into()), 500),
        (with(&|content| content["userContent"]["userProperties"]["mail"] = "nonsense".into()), 500),
        (with(&|content| content["assignedGroups"] = json!([bob])), 400),
        (with(&|content| content["header"]["name"] = "bob".into()), 409),
    ];
    for (content, status) in cases {
        let form = [("content", content.as_str()), ("password", "another one")];
        assert_eq!(boss.put(&path, &form).await.status, status, "{content}");
    }
    let renamed = with(&|content| content["displayName"] = "Changed".into());
    assert_eq!(boss.put(&path, &[("content", &renamed), ("password", "short")]).await.status, 500, "a bad password");
    assert_eq!(get(&boss, "ana").await, content, "none of it changed anything");
    assert_eq!(boss.put(&path, &[("userid", &id)]).await.status, 400);
    assert_eq!(boss.put(&path, &[("userid", &bob), ("password", "another one")]).await.status, 400);
    let nobody = format!("user/{}", simulator.state().group("acme", "All").unwrap().id);
    for status in [500, 400, 404] {
        simulator.set(|settings| settings.v1_unknown_id = status);
        assert_eq!(refusal(&boss.put(&nobody, &[("content", &content.to_string())]).await), (status, 13003));
        assert_eq!(refusal(&boss.put("user/ana", &[("password", "another one")]).await), (status, 13003));
        assert_eq!(refusal(&boss.delete(&nobody, &[]).await), (status, 13003));
    }
}

#[tokio::test]
async fn a_user_leaves_one_org_or_all_and_is_gone_with_the_last() {
    let (simulator, org, boss) = with_acme().await;
    let primary = V1::admin(&simulator, 0).await;
    let make =
        |name: &'static str, orgs: &'static [&'static str]| simulator.edit(|world| world.create_user(name, name, orgs)).unwrap();
    let orgs = |name: &str| simulator.state().user(name).map(|user| user.orgs.clone()).unwrap_or_default();
    let both: &[&str] = &["acme", "Primary"];

    let ana = make("ana", both);
    assert_eq!(primary.delete(&format!("user/{ana}?orgid={org}"), &[]).await.status, 204);
    assert_eq!(orgs("ana"), ["Primary"]);
    assert_eq!(primary.delete(&format!("user/{ana}?orgid=0"), &[]).await.status, 204);
    assert_eq!(orgs("ana"), [""; 0], "it was the last");

    let bob = make("bob", both);
    assert_eq!(boss.delete(&format!("user/{bob}"), &[]).await.status, 204);
    assert_eq!(orgs("bob"), ["Primary"], "the session's Org");
    assert_eq!(boss.delete(&format!("user/{bob}"), &[]).await.status, 500, "not here any more");

    for everywhere in ["orgScope=ALL", "orgid=-1"] {
        let eve = make("eve", both);
        assert_eq!(boss.delete(&format!("user/{eve}?{everywhere}"), &[]).await.status, 403);
        assert_eq!(primary.delete(&format!("user/{eve}?{everywhere}"), &[]).await.status, 204);
        assert_eq!(orgs("eve"), [""; 0]);
    }
    let eve = make("eve", both);
    assert_eq!(boss.delete(&format!("user/{eve}?orgid=0"), &[]).await.status, 403);
    assert_eq!(primary.delete(&format!("user/{eve}?orgid=4711"), &[]).await.status, 400);
    simulator.set(|settings| settings.strict = true);
    assert_eq!(primary.delete(&format!("user/{eve}?orgid=0&orgScope=ALL"), &[]).await.status, 400);
    assert_eq!(orgs("eve"), ["Primary", "acme"]);
    let system = simulator.state().user("system").unwrap().id.clone();
    for query in ["", "?orgid=0", "?orgScope=ALL"] {
        assert_eq!(refusal(&primary.delete(&format!("user/{system}{query}"), &[]).await), (403, 10023), "{query}");
    }
}

#[tokio::test]
async fn users_are_added_to_another_org_in_bulk() {
    let (simulator, org, boss) = with_acme().await;
    let primary = V1::admin(&simulator, 0).await;
    let (ana, bob) = (primary.make_user("ana").await, primary.make_user("bob").await);
    let (users, org) = (format!("[\"{ana}\",\"{bob}\"]"), org.to_string());
    let form = [("userids", users.as_str()), ("orgid", org.as_str())];
    assert_eq!(primary.post("user/addtoorg", &form).await.status, 400, "without the scope");
    assert_eq!(boss.post("user/addtoorg", &form).await.status, 400, "by the administrator of the Org");
    let cases: [Fields<'_>; 3] =
        [&[("userids", &users), ("orgid", "4711")], &[("userids", "[\"ana\"]"), ("orgid", &org)], &[("orgid", &org)]];
    for bad in cases {
        assert_eq!(primary.post("user/addtoorg?orgScope=ALL", bad).await.status, 400, "{bad:?}");
    }
    let unknown = format!("[\"{ana}\",\"{}\"]", simulator.state().group("acme", "All").unwrap().id);
    let refused = primary.post("user/addtoorg?orgScope=ALL", &[("userids", &unknown), ("orgid", &org)]).await;
    assert_eq!(refusal(&refused), (400, 13003));
    assert_eq!(simulator.state().user("ana").unwrap().orgs, ["Primary"], "all or nobody");
    assert_eq!(primary.post("user/addtoorg?orgScope=ALL", &form).await.status, 204);
    for user in ["ana", "bob"] {
        assert_eq!(simulator.state().user(user).unwrap().groups, ["Primary/All", "acme/All"]);
    }
}

#[tokio::test]
async fn the_address_has_a_call_of_its_own() {
    let (simulator, _, boss) = with_acme().await;
    let id = boss.make_user("ana").await;
    let tsadmin = simulator.state().user("tsadmin").unwrap().id.clone();
    let set = async |user: &str, email: &str| boss.put("user/email", &[("userid", user), ("emailid", email)]).await.status;
    assert_eq!(set(&id, "ana@acme.example").await, 204);
    assert_eq!(simulator.state().user("ana").unwrap().email.as_deref(), Some("ana@acme.example"));
    for (user, email, status) in
        [(id.as_str(), "nonsense", 500), (&id, "", 500), (&tsadmin, "a@b.example", 400), ("ana", "a@b.example", 400)]
    {
        assert_eq!(set(user, email).await, status, "{user} {email}");
    }
}

#[tokio::test]
async fn users_and_groups_are_listed_together() {
    let (simulator, _, boss) = with_acme().await;
    simulator.edit(|world| world.create_group("acme", "Inner", "Inner")).unwrap();
    simulator.edit(|world| world.set_sub_groups("acme", "Administrator", &["Inner"])).unwrap();
    let rows = boss.call(Method::GET, "user/list", Body::Nothing).await.ok();
    let find = |name: &str| rows.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap().clone();
    let mut names: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Administrator", "All", "Inner", "boss"]);
    let boss = find("boss");
    let expected = json!({
        "name": "boss", "displayName": "Boss", "description": "", "created": boss["created"], "modified": boss["modified"],
        "mail": "", "principalTypeEnum": "LOCAL_USER", "groupNames": ["Administrator", "All"], "visibility": "DEFAULT",
    });
    assert_eq!(boss, expected);
    assert_eq!(find("Inner")["groupNames"], json!(["Administrator"]), "of a group, its parents");
}
