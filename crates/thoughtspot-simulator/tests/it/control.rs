//! Starting, stopping, watching: the library, the control routes, the program.

use crate::support::{Caller, PASSWORD, SECRET_KEY, plain, simulator};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use thoughtspot_simulator::{Dialect, Kind, Options, RouteInfo, Simulator};

async fn control(caller: &Caller, method: Method, path: &str, body: Option<Value>) -> crate::support::Reply {
    caller.send(method, &format!("/_simulator/{path}"), body.map(|body| body.to_string())).await.unwrap()
}

#[tokio::test]
async fn the_journal_tells_who_asked_what_and_no_secret() {
    let simulator = plain().await;
    let nobody = Caller::nobody(&simulator);
    nobody.try_token(json!({"username": "tsadmin", "password": PASSWORD, "org_id": 0})).await.ok();
    let admin = nobody.signed_in("tsadmin", 0).await;
    let create = json!({"name": "ana", "display_name": "Canary", "email": "ana@x.example", "password": "canary password", "group_identifiers": []});
    admin.post("users/create", create).await.ok();
    admin.post("users/reset-password", json!({"user_identifier": "ana", "new_password": "canary again"})).await.ok();
    admin.post("users/none/update", json!({"operation": "ADD"})).await;
    admin.post("users/search", json!({"record_size": 3})).await.ok();

    let journal = simulator.journal();
    let create = &journal[2];
    assert_eq!((create.seq, create.method.as_str(), create.path.as_str()), (3, "POST", "users/create"));
    assert_eq!((create.kind, create.write, create.committed, create.status), (Kind::Write, true, true, Some(200)));
    assert_eq!((create.org, create.identity.as_deref()), (Some(0), Some("tsadmin")));
    assert_eq!(create.keys, ["display_name", "email", "group_identifiers", "name", "password"]);
    assert_eq!(Value::from(create.identifiers.clone()), json!({"name": "ana", "group_identifiers": []}));
    let failed = &journal[4];
    assert_eq!(
        (failed.route.as_str(), failed.committed, failed.status),
        ("POST users/{user_identifier}/update", false, Some(400))
    );
    let token = &journal[0];
    assert_eq!((token.kind, token.org, token.identity.as_deref()), (Kind::Token, Some(0), Some("tsadmin")));

    let counters = simulator.counters();
    assert_eq!((counters.requests, counters.tokens, counters.writes, counters.committed, counters.reads), (6, 2, 3, 2, 1));
    assert_eq!(counters.routes["POST users/search"], 1);
    let told =
        control(&nobody, Method::GET, "journal", None).await.text + &control(&nobody, Method::GET, "state", None).await.text;
    for secret in [PASSWORD, SECRET_KEY, "canary"] {
        assert!(!told.contains(secret), "{secret}");
    }
    assert_eq!(simulator.counters(), counters, "control is not counted");
}

#[tokio::test]
async fn everything_can_be_controlled_over_http() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    admin.make_user("ana").await;
    assert_eq!(control(&admin, Method::GET, "counters", None).await.ok()["writes"], 1);
    assert_eq!(control(&admin, Method::GET, "journal", None).await.ok()[1]["path"], "users/create");
    let state = control(&admin, Method::GET, "state", None).await.ok();
    assert_eq!(state["users"][0]["name"], "ana");
    assert_eq!(state["users"][0]["groups"], json!(["Primary/All"]));

    let settings = control(&admin, Method::POST, "settings", Some(json!({"duplicate_name": 409}))).await.ok();
    assert_eq!((&settings["duplicate_name"], simulator.settings().duplicate_name), (&json!(409), 409));
    assert_eq!(control(&admin, Method::POST, "settings", Some(json!({"no_such": 1}))).await.status, 400);

    let rule = json!({"route": "GET system", "action": {"do": "refuse", "status": 503}, "times": 1});
    control(&admin, Method::POST, "faults", Some(json!([rule, rule]))).await.ok();
    assert_eq!(control(&admin, Method::GET, "faults", None).await.ok().as_array().unwrap().len(), 2);
    assert_eq!(admin.get("system").await.status, 503);
    control(&admin, Method::DELETE, "faults", None).await.ok();
    assert_eq!(admin.get("system").await.status, 200);
    let stray = json!({"route": "*", "action": {"do": "explode"}});
    assert!(control(&admin, Method::POST, "faults", Some(stray)).await.status >= 400);

    control(&admin, Method::POST, "clock", Some(json!({"advance_seconds": 301}))).await.ok();
    assert_eq!(admin.get("system").await.status, 401);

    control(&admin, Method::POST, "reset", None).await.ok();
    assert_eq!(simulator.state().user("ana"), None);
    assert_eq!((simulator.counters().requests, simulator.settings().duplicate_name), (0, 400));
}

#[tokio::test]
async fn control_can_have_an_address_of_its_own() {
    let options = Options { control_listen: Some(([127, 0, 0, 1], 0).into()), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let nobody = Caller::nobody(&simulator);
    assert_eq!(control(&nobody, Method::GET, "counters", None).await.status, 404);
    let url = format!("{}/counters", simulator.control_url());
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(10)).build().unwrap();
    assert_eq!(client.get(url).send().await.unwrap().status(), 200);
}

#[test]
fn every_endpoint_is_listed_once_with_the_function_that_answers() {
    let routes = Simulator::routes();
    let listed = |dialect, method: &str, path: &str| {
        let same = |route: &&RouteInfo| {
            (route.dialect, route.method.as_str(), route.path.trim_end_matches('/')) == (dialect, method, path)
        };
        routes.iter().filter(same).map(|route| route.handler).collect::<Vec<_>>()
    };
    assert_eq!(listed(Dialect::V2, "POST", "users/{user_identifier}/update"), ["v2::users::update"]);
    assert_eq!(listed(Dialect::V1, "GET", "org").len(), 1, "with and without a slash it is one endpoint");
    for route in &routes {
        let path = route.path.trim_end_matches('/');
        assert_eq!(listed(route.dialect, &route.method, path), [route.handler], "{route:?}");
    }
}

#[tokio::test]
async fn stopped_and_started_again_it_is_the_same() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    admin.make_user("ana").await;
    let host = simulator.host();
    simulator.stop().await;
    let refused = admin.afresh(&simulator).attempt("users/search", json!({})).await.unwrap_err();
    assert!(refused.is_connect(), "{refused:?}");
    simulator.restart().await.unwrap();
    assert_eq!(simulator.host(), host);
    assert_eq!(admin.afresh(&simulator).user("ana").await["name"], "ana", "tokens live on as well");
    simulator.restart().await.unwrap();
    admin.afresh(&simulator).get("system").await.ok();
}

#[tokio::test]
async fn a_named_administrator_is_one_more_user() {
    let mut options = Options::default();
    options.credentials.admin_username = "operator".to_owned();
    let simulator = Simulator::start(options).await.unwrap();
    let token = json!({"username": "operator", "password": PASSWORD});
    let token = Caller::nobody(&simulator).try_token(token).await.ok();
    let operator = Caller::nobody(&simulator).with_token(token["token"].as_str().unwrap());
    operator.get("system").await.ok();
    let state = simulator.state();
    assert!(state.user("operator").unwrap().has_password && !state.user("tsadmin").unwrap().has_password);
}

#[tokio::test]
async fn a_panic_in_the_middle_of_a_change_takes_nothing_with_it() {
    let simulator = plain().await;
    let admin = Caller::admin(&simulator, 0).await;
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| simulator.edit(|_| panic!("in the middle"))));
    assert!(broken.is_err());
    admin.get("system").await.ok();
}

#[tokio::test]
async fn many_can_run_at_once() {
    let mut all = Vec::new();
    for _ in 0..50 {
        all.push(simulator(|settings| settings.strict = true).await);
    }
    for simulator in &all {
        Caller::admin(simulator, 0).await.make_org("acme").await;
    }
}

/// The program, ended with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_thoughtspot-simulator"));
    command.args(arguments).env("THOUGHTSPOT_ADMIN_PASSWORD", "from the env").env("THOUGHTSPOT_SECRET_KEY", "key");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn the_program_says_where_it_listens_and_ends_when_told() {
    for signal in ["-TERM", "-INT"] {
        let child = program(&["--listen", "127.0.0.1:0", "--set", "duplicate_name=409"]).spawn().unwrap();
        let mut program = Program(child);
        let mut lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let url = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}"));
        let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(10)).build().unwrap();
        let token = json!({"username": "tsadmin", "password": "from the env"}).to_string();
        let request = client.post(format!("{url}/api/rest/2.0/auth/token/full")).header("Content-Type", "application/json");
        assert_eq!(request.body(token).send().await.unwrap().status(), 200);
        let settings = client.get(format!("{url}/_simulator/settings")).send().await.unwrap().text().await.unwrap();
        assert!(settings.contains("\"duplicate_name\":409"), "{settings}");
        assert!(Command::new("kill").args([signal, &program.0.id().to_string()]).status().unwrap().success());
        assert!(program.0.wait().unwrap().success(), "{signal}");
        assert_eq!(lines.next().map(Result::unwrap), None, "one line and no more");
    }
}

#[test]
fn the_program_refuses_a_setting_that_does_not_exist() {
    let output = program(&["--listen", "127.0.0.1:0", "--set", "no_such=1"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no_such"), "{output:?}");
}
