//! What the values take the programs take, and as it was meant: nobody finds out from a pod that starts over and over.

use clap::Parser;
use serde_json::{Value, json};
use thoughtspot_client::host::HostPolicy;
use tracing_subscriber::EnvFilter;

use super::{arguments, operator, render, try_render};

const NAME: &str = "ts-thoughtspot-operator";

/// Reads the text of these flags as the operator does when it starts.
fn read(flag: &str, text: &str) -> Result<(), String> {
    let said = |error: &dyn std::fmt::Display| format!("--{flag}={text}: {error}");
    match flag {
        "allowed-hosts" => HostPolicy::parse(text.split(',')).map(drop).map_err(|error| said(&error)),
        "private-hosts" => HostPolicy::default().with_private(text.split(',')).map(drop).map_err(|error| said(&error)),
        "log" => EnvFilter::try_new(text).map(drop).map_err(|error| said(&error)),
        _ => Ok(()),
    }
}

/// Reads everything that the Deployments of these values start the programs with.
async fn read_all(values: Value) {
    let objects = render(values).await;
    let started = arguments(&objects, NAME);
    let line = ["thoughtspot-operator".to_owned()].into_iter().chain(started.clone());
    thoughtspot_operator::cli::Cli::try_parse_from(line).unwrap();
    for (flag, text) in started.iter().filter_map(|argument| argument.strip_prefix("--")?.split_once('=')) {
        read(flag, text).unwrap();
    }
    let started = arguments(&objects, &format!("{NAME}-simulator"));
    let settings = started.iter().filter_map(|argument| argument.strip_prefix("--set="));
    settings.fold(thoughtspot_simulator::Settings::default(), |all, one| all.with_assignment(one).unwrap());
}

#[tokio::test]
async fn what_the_values_take_the_programs_take() {
    let hosts = ["localhost:80", "http://127.0.0.1:*", "https://[::1]:8443", "10.0.0.5", "*.corp.example.", "ts_1.corp.example"];
    let filters = ["off", "info,kube_runtime=warn", "thoughtspot_operator::cli=trace,[pass{name=\"a\"}]=debug"];
    let settings = json!({ "session_remember_seconds": 2_592_000, "session_idle_seconds": 1_000_000, "duplicate_name": 409 });
    for filter in filters {
        read_all(json!({
            "allowedHosts": hosts, "privateHosts": ["ts.corp.example", "*.corp.example"], "log": { "filter": filter },
            "terminationGracePeriodSeconds": 65535, "requestsPerSecond": 1000, "leaseDurationSeconds": 300, "healthPort": 65535,
            "simulator": { "enabled": true, "settings": settings },
        }))
        .await;
    }
}

#[tokio::test]
async fn what_the_operator_would_not_start_with_is_no_value() {
    let hosts = ["*.10.0.0.5", "acme:x", "a..b", "*", "ftp://acme", "127.1", "::1", "acme/path"];
    let private = ["10.0.0.5", "*.10.0.0.5", "127.1", "[::1]", "acme:443", "https://acme", "*", "a..b", ""];
    let filters = ["info,kube=loud", "[", "a=b=c"];
    let one = |flag: &'static str, text: &str| (flag, text.to_owned());
    let cases = hosts.iter().map(|text| one("allowed-hosts", text));
    let cases = cases.chain(private.iter().map(|text| one("private-hosts", text)));
    for (flag, text) in cases.chain(filters.iter().map(|text| one("log", text))) {
        read(flag, &text).expect_err(&format!("--{flag}={text}"));
        let (name, values) = match flag {
            "allowed-hosts" => ("allowedHosts", json!({ "allowedHosts": [text] })),
            "private-hosts" => ("privateHosts", json!({ "privateHosts": [text] })),
            _ => ("filter", json!({ "log": { "filter": text } })),
        };
        let refusal = try_render(&operator(), &values).await.expect_err(&values.to_string());
        assert!(refusal.contains(name), "{values}: {refusal}");
    }
    let refusal = try_render(&operator(), &json!({ "privateHosts": ["10.0.0.5"] })).await.unwrap_err();
    assert!(refusal.contains("10.0.0.5 is no name: take it out"), "it says what to do: {refusal}");
}

#[tokio::test]
async fn whole_numbers_are_written_out() {
    let objects = render(json!({ "replicas": 1_000_000, "revisionHistoryLimit": 1_000_000 })).await;
    let deployment = &super::named(&objects, "Deployment", NAME)["spec"];
    assert_eq!([&deployment["replicas"], &deployment["revisionHistoryLimit"]], [&json!(1_000_000), &json!(1_000_000)]);
    let objects =
        render(json!({ "simulator": { "enabled": true, "settings": { "session_remember_seconds": 2_592_000 } } })).await;
    let started = arguments(&objects, &format!("{NAME}-simulator"));
    assert!(started.contains(&"--set=session_remember_seconds=2592000".to_owned()), "{started:?}");
}
