//! A state as plain data: shown, given, and the same again.

use crate::support::{Caller, plain};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use thoughtspot_simulator::{Dump, PreferencesDump, Simulator};

/// A ThoughtSpot where people worked for a while.
async fn lived_in() -> Simulator {
    let simulator = plain().await;
    simulator.set(|settings| settings.rbac = true);
    let org = simulator.edit(|world| world.create_org("acme", Some("a tenant"))).unwrap();
    let tenant = Caller::admin(&simulator, org).await;
    tenant.post("roles/create", json!({"name": "Reader", "privileges": ["TAGMANAGEMENT"], "read_only": true})).await.ok();
    for group in ["inner", "outer"] {
        tenant.make_group(group).await;
    }
    for user in ["ana", "bo"] {
        tenant.make_user(user).await;
    }
    let group = json!({"sub_group_identifiers": ["inner"], "role_identifiers": ["Reader"], "description": "outside"});
    tenant.post("groups/outer/update", group).await.ok();
    tenant.post("groups/inner/update", json!({"user_identifiers": ["ana"], "visibility": "NON_SHARABLE"})).await.ok();
    tenant.post("users/bo/update", json!({"account_type": "SAML_USER", "account_status": "SUSPENDED"})).await.ok();
    tenant.post("users/ana/update", json!({"extended_properties": {"team": "sales"}})).await.ok();
    tenant.post("users/reset-password", json!({"user_identifier": "ana", "new_password": "canary password"})).await.ok();
    simulator.edit(|world| world.add_to_org("ana", "Primary")).unwrap();
    let quiet = PreferencesDump { notify_on_share: false, preferred_locale: Some("fr-FR".to_owned()), ..Default::default() };
    simulator.edit(|world| world.set_preferences("ana", &quiet)).unwrap();
    let table = simulator.edit(|world| world.create_table("acme", "ana", "Sales", &["region", "amount"], None)).unwrap();
    simulator.edit(|world| world.set_rows("acme", &table, vec![vec![json!("EU"), json!(4)]])).unwrap();
    tenant.post("tags/create", json!({"name": "gold", "color": "#FFD700"})).await.ok();
    let tagged = json!({"metadata": [{"type": "LOGICAL_TABLE", "identifier": table}], "tag_identifiers": ["gold"]});
    tenant.post("tags/assign", tagged).await.ok();
    simulator.edit(|world| world.set_privileges("Primary", "All", &["DATADOWNLOADING"])).unwrap_or_default();
    simulator
}

fn seed(value: Value) -> Dump {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn what_is_shown_can_be_given_and_is_shown_again() {
    let first = lived_in().await;
    let text = serde_json::to_string(&first.state()).unwrap();
    assert!(!text.contains("canary"), "no password is shown");
    let second = plain().await;
    second.seed(serde_json::from_str(&text).unwrap()).unwrap();
    assert_eq!(second.state(), first.state());
    second.edit(|world| world.delete_org("acme")).unwrap();
    second.reset();
    assert_eq!(second.state(), first.state(), "a reset comes back to it");
}

#[tokio::test]
async fn a_seed_written_by_hand_says_only_what_matters() {
    let simulator = plain().await;
    let ana = json!({"name": "ana", "orgs": ["acme"], "groups": ["acme/Sales"], "password": "first password"});
    let state = json!({
        "orgs": [{"id": 7, "name": "acme"}],
        "groups": [{"org": "acme", "name": "Sales", "privileges": ["DEVELOPER"]}],
        "users": [ana],
    });
    simulator.seed(seed(state)).unwrap();
    let nobody = Caller::nobody(&simulator);
    let token = nobody.try_token(json!({"username": "ana", "password": "first password"})).await.ok();
    let me = nobody.with_token(token["token"].as_str().unwrap()).get("auth/session/user").await.ok();
    assert_eq!((&me["current_org"]["id"], &me["display_name"]), (&json!(7), &json!("ana")));
    assert_eq!(me["privileges"], json!(["AUTHORING", "DEVELOPER"]));
    let admin = Caller::admin(&simulator, 0).await;
    assert_eq!(admin.post("users/search", json!({"record_size": 50})).await.names().len(), 5, "what is built in is there too");
}

#[tokio::test]
async fn a_seed_that_cannot_be_changes_nothing() {
    let simulator = plain().await;
    simulator.edit(|world| world.create_org("acme", None)).unwrap();
    let before = simulator.state();
    for bad in [
        json!({"users": [{"name": "ana", "orgs": ["none"]}]}),
        json!({"users": [{"name": "ana", "groups": ["Primary/none"]}]}),
        json!({"users": [{"name": "ana", "id": "not a GUID"}]}),
        json!({"users": [{"name": "ana", "preferences": {"preferred_locale": "xx"}}]}),
        json!({"orgs": [{"id": 7, "name": "a"}, {"id": 7, "name": "b"}]}),
        json!({"orgs": [{"id": 7, "name": "a"}], "users": [{"name": "ana", "groups": ["a/All"]}]}),
        json!({"groups": [{"org": "Primary", "name": "a", "privileges": ["NONE"]}]}),
        json!({"groups": [{"org": "Primary", "name": "a", "users": ["none"]}]}),
        json!({"groups": [{"org": "Primary", "name": "a", "roles": ["none"]}]}),
    ] {
        assert!(simulator.seed(seed(bad.clone())).is_err(), "{bad}");
        assert_eq!(simulator.state(), before, "{bad}");
    }
    assert!(serde_json::from_value::<Dump>(json!({"user": []})).is_err(), "a misspelt key is an error");
}

#[tokio::test]
async fn a_state_can_be_given_over_http() {
    let (first, second) = (lived_in().await, plain().await);
    let (from, to) = (Caller::nobody(&first), Caller::nobody(&second));
    let state = from.send(Method::GET, "/_simulator/state", None).await.unwrap().text;
    let bad =
        to.send(Method::POST, "/_simulator/state", Some(json!({"users": [{"name": "a", "orgs": ["x"]}]}).to_string())).await;
    assert_eq!(bad.unwrap().status, 400);
    assert_eq!(to.send(Method::POST, "/_simulator/state", Some(state.clone())).await.unwrap().status, 204);
    assert_eq!(to.send(Method::GET, "/_simulator/state", None).await.unwrap().text, state);
}

fn program(seed: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_thoughtspot-simulator"));
    command.args(["--listen", "127.0.0.1:0", "--seed"]).arg(seed);
    command.env("THOUGHTSPOT_ADMIN_PASSWORD", "from the env").env("THOUGHTSPOT_SECRET_KEY", "key");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn the_program_starts_with_the_state_of_a_file() {
    let first = lived_in().await;
    let directory = std::env::temp_dir().join(format!("thoughtspot-simulator-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join("seed.json");
    std::fs::write(&file, serde_json::to_vec(&first.state()).unwrap()).unwrap();
    let mut child = program(&file).spawn().unwrap();
    let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let url = format!("{}/_simulator/state", line.strip_prefix("listening on ").unwrap());
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(10)).build().unwrap();
    let shown = client.get(url).send().await.unwrap().text().await.unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(serde_json::from_str::<Dump>(&shown).unwrap(), first.state());

    std::fs::write(&file, "{\"users\": [{\"name\": 1}]}").unwrap();
    let output = program(&file).output().unwrap();
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("seed.json"), "{output:?}");
    std::fs::remove_dir_all(&directory).unwrap();
}
