//! What the charts render, judged without a cluster.

use clap::{CommandFactory, Parser};
use serde_json::{Value, json};
use thoughtspot_crds::grant::DEFAULT_PRIVILEGES;

use super::{arguments, crds, everything, named, of_kind, operator, render, try_render};

const NAME: &str = "ts-thoughtspot-operator";

fn yaml(path: std::path::PathBuf) -> Value {
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_charts_are_of_the_version_of_the_operator() {
    for chart in [operator(), crds()] {
        let about = yaml(chart.join("Chart.yaml"));
        assert_eq!([&about["version"], &about["appVersion"]], [env!("CARGO_PKG_VERSION"); 2]);
    }
}

#[tokio::test]
async fn the_kinds_are_those_of_the_types_and_are_kept() {
    let generated = thoughtspot_operator::cli::crd::yaml().unwrap();
    let copy = std::fs::read_to_string(crds().join("files/thoughtspot.dev.yaml")).unwrap();
    assert!(copy == generated, "run `make crds` and commit what it writes");

    let mut rendered = try_render(&crds(), &json!({})).await.unwrap();
    for definition in &mut rendered {
        assert_eq!(definition["metadata"]["annotations"], json!({ "helm.sh/resource-policy": "keep" }));
        let metadata = definition["metadata"].as_object_mut().unwrap();
        metadata.retain(|key, _| key == "name");
    }
    let expected: Vec<Value> =
        thoughtspot_crds::definitions().iter().map(|definition| whole(serde_json::to_value(definition).unwrap())).collect();
    assert!(rendered == expected, "the chart renders other kinds than those of the types");
}

/// Whole numbers without a fraction, as helm writes the bounds of a schema.
fn whole(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64().filter(|number| number.fract() == 0.0) {
            Some(whole) => json!(whole as i64),
            None => Value::Number(number),
        },
        Value::Array(list) => list.into_iter().map(whole).collect(),
        Value::Object(map) => Value::Object(map.into_iter().map(|(key, value)| (key, whole(value))).collect()),
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

#[tokio::test]
async fn the_values_of_the_kinds_do_what_they_say() {
    let values = json!({ "keep": false, "labels": { "team": "analytics" }, "annotations": { "a": "b" } });
    for definition in try_render(&crds(), &values).await.unwrap() {
        assert_eq!(definition["metadata"]["annotations"], json!({ "a": "b" }));
        assert_eq!(definition["metadata"]["labels"]["team"], "analytics");
    }
}

#[test]
fn the_ordinary_privileges_are_those_that_every_grant_holds() {
    let values = yaml(operator().join("values.yaml"));
    assert_eq!(values["admissionPolicy"]["ordinaryPrivileges"], json!(DEFAULT_PRIVILEGES));
}

#[tokio::test]
async fn every_flag_of_the_operator_is_set_by_a_value() {
    let mut values = everything();
    values["rbac"]["secrets"]["hold"] = json!(false);
    values["watchNamespaces"] = json!(["team-a", "thoughtspot-system"]);
    let objects = render(values).await;
    let mut arguments = arguments(&objects, NAME);
    let container = &named(&objects, "Deployment", NAME)["spec"]["template"]["spec"]["containers"][0];
    let variables: Vec<&str> = container["env"].as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap()).collect();
    let cli = thoughtspot_operator::cli::Cli::command();
    let run = cli.find_subcommand("run").unwrap();
    for argument in run.get_arguments().filter(|argument| argument.get_id() != "help") {
        let (flag, variable) = (argument.get_long().unwrap(), argument.get_env().unwrap().to_str().unwrap());
        let given = arguments.iter().any(|argument| argument.starts_with(&format!("--{flag}=")));
        assert!(given || variables.contains(&variable), "--{flag}: {arguments:?} {variables:?}");
    }
    arguments.insert(0, "thoughtspot-operator".to_owned());
    thoughtspot_operator::cli::Cli::try_parse_from(arguments).unwrap();
}

#[tokio::test]
async fn as_it_comes_every_flag_is_as_the_operator_has_it() {
    let cli = thoughtspot_operator::cli::Cli::command();
    let run = cli.find_subcommand("run").unwrap();
    let defaults = run.get_arguments().filter(|argument| !argument.get_default_values().is_empty()).map(|argument| {
        let values: Vec<_> = argument.get_default_values().iter().map(|value| value.to_str().unwrap()).collect();
        format!("--{}={}", argument.get_long().unwrap(), values.join(","))
    });
    let expected: Vec<String> = ["run".to_owned()].into_iter().chain(defaults).collect();
    let objects = render(json!({})).await;
    let container = &named(&objects, "Deployment", NAME)["spec"]["template"]["spec"]["containers"][0];
    let mut given = arguments(&objects, NAME);
    // How much memory it may take is what Kubernetes lets it.
    let limit = container["resources"]["limits"]["memory"].as_str().unwrap().strip_suffix("Mi").unwrap();
    let variable = json!({
        "name": "MEMORY_MIB", "valueFrom": { "resourceFieldRef": { "resource": "limits.memory", "divisor": "1Mi" } },
    });
    assert!(container["env"].as_array().unwrap().contains(&variable), "{container}");
    given.insert(expected.iter().position(|flag| flag.starts_with("--memory-mib")).unwrap(), format!("--memory-mib={limit}"));
    // What has no default: a name that is another in each release, and where to listen.
    let own = [format!("--lease=thoughtspot-system/{NAME}"), "--health-listen=[::]:8081".to_owned()];
    given.retain(|argument| !own.contains(argument));
    assert_eq!(given, expected);
}

#[tokio::test]
async fn the_simulator_is_started_as_it_wants_to_be_and_the_operator_may_reach_it() {
    let mut values = everything();
    values["simulator"]["settings"] = json!({ "duplicate_name": 409 });
    let objects = render(values).await;
    let mut given = arguments(&objects, &format!("{NAME}-simulator"));
    given.insert(0, "thoughtspot-simulator".to_owned());
    given.extend(["--admin-password=p".to_owned(), "--secret-key=k".to_owned()]);
    thoughtspot_simulator::cli::Cli::try_parse_from(&given).unwrap();

    let secret = named(&objects, "Secret", &format!("{NAME}-simulator"));
    let container = &named(&objects, "Deployment", &format!("{NAME}-simulator"))["spec"]["template"]["spec"]["containers"][0];
    let command = thoughtspot_simulator::cli::Cli::command();
    let known: Vec<&str> = command.get_arguments().filter_map(|a| a.get_env()?.to_str()).collect();
    for variable in container["env"].as_array().unwrap() {
        assert!(known.contains(&variable["name"].as_str().unwrap()), "{variable}");
        let key = variable["valueFrom"]["secretKeyRef"]["key"].as_str().unwrap();
        assert!(secret["stringData"][key].is_string(), "{variable}");
    }
    assert_eq!(container["env"].as_array().unwrap().len(), 3);
    let host = secret["stringData"]["host"].as_str().unwrap();
    assert_eq!(host, format!("{NAME}-simulator.thoughtspot-system.svc:8180"));
    let arguments = arguments(&objects, NAME);
    let argument = |flag: &str| arguments.iter().find(|argument| argument.starts_with(flag)).unwrap().to_owned();
    let allowed = argument("--allowed-hosts=");
    assert!(allowed.ends_with(&format!(",http://{host}")), "{allowed}");
    assert_eq!(argument("--private-hosts="), format!("--private-hosts={}", host.trim_end_matches(":8180")));
}

fn modes() -> [Value; 5] {
    let namespaces = json!([{ "name": "team-a" }, { "name": "team-b", "credentials": ["login"] }]);
    [
        json!({}),
        everything(),
        json!({ "watchNamespaces": ["team-a"] }),
        json!({ "rbac": { "secrets": { "clusterWide": true, "hold": true } } }),
        json!({ "rbac": { "secrets": { "namespaces": namespaces } } }),
    ]
}

#[tokio::test]
async fn no_role_has_a_wildcard_and_none_may_create_or_delete_but_events_and_a_lease() {
    for values in modes() {
        let objects = render(values.clone()).await;
        let ours = [of_kind(&objects, "Role"), of_kind(&objects, "ClusterRole")].concat();
        for role in &ours {
            assert!(!role["rules"].to_string().contains('*'), "{values}: {role}");
        }
        let for_people = ["-view", "-edit", "-admin", "-grant-privilege", "-grant-role"];
        let name = |role: &Value| role["metadata"]["name"].as_str().unwrap().to_owned();
        for role in ours.iter().filter(|role| !for_people.iter().any(|suffix| name(role).ends_with(suffix))) {
            for rule in role["rules"].as_array().unwrap() {
                let allowed = match rule["resources"][0].as_str().unwrap() {
                    "events" => vec!["create"],
                    "leases" if rule["resourceNames"] == json!([NAME]) => vec!["get", "update"],
                    "leases" => vec!["create"],
                    _ => vec!["get", "list", "watch", "patch"],
                };
                let verbs = rule["verbs"].as_array().unwrap();
                assert!(verbs.iter().all(|verb| allowed.contains(&verb.as_str().unwrap())), "{values}: {rule}");
            }
        }
    }
}

/// The rules about Secrets, by namespace; `""` for the cluster.
fn secret_rules(objects: &[Value]) -> Vec<(String, Value, Value)> {
    let roles = [of_kind(objects, "ClusterRole"), of_kind(objects, "Role")].concat();
    let rules = roles.iter().flat_map(|role| {
        let namespace = role["metadata"]["namespace"].as_str().unwrap_or_default();
        role["rules"].as_array().unwrap().iter().map(move |rule| (namespace.to_owned(), rule))
    });
    let secrets = rules.filter(|(_, rule)| rule["resources"] == json!(["secrets"]));
    secrets.map(|(namespace, rule)| (namespace, rule["resourceNames"].clone(), rule["verbs"].clone())).collect()
}

#[tokio::test]
async fn secrets_are_read_where_and_by_the_names_that_values_say() {
    let read = json!(["get", "list", "watch"]);
    let hold = json!(["get", "patch"]);
    let (create, patch) = (json!(["create"]), json!(["patch"]));
    let all = Value::Null;
    let here = |namespace: &str, names: &Value, verbs: &Value| (namespace.to_owned(), names.clone(), verbs.clone());
    let entries = json!([{ "name": "team-a", "credentials": ["login"], "passwords": ["ana"] }, { "name": "team-b" },
        { "name": "team-c", "credentials": [], "passwords": [] }]);
    let listed = vec![here("team-a", &json!(["login", "ana"]), &read), here("team-b", &all, &read)];
    let cases = [
        (json!({}), vec![]),
        (json!({ "watchNamespaces": ["team-b"] }), vec![here("team-b", &all, &read)]),
        (
            json!({ "watchNamespaces": ["team-a", "team-b", "team-c"], "rbac": { "secrets": { "namespaces": entries } } }),
            listed.clone(),
        ),
        (json!({ "rbac": { "secrets": { "namespaces": entries } } }), listed),
        (
            json!({ "rbac": { "secrets": { "hold": true, "namespaces": [entries[0]] } } }),
            vec![here("", &json!(["login"]), &hold), here("team-a", &json!(["login", "ana"]), &read)],
        ),
        (json!({ "rbac": { "secrets": { "clusterWide": true } } }), vec![here("", &all, &read)]),
        (
            json!({ "rbac": { "secrets": { "clusterWide": true, "hold": true, "namespaces": [{ "name": "team-b" }] } } }),
            vec![here("", &all, &read), here("", &all, &hold)],
        ),
        (
            json!({ "rbac": { "secrets": { "hold": true, "namespaces": [entries[0], { "name": "team-d", "passwords": ["ana"] }] } } }),
            vec![
                here("", &json!(["login"]), &hold),
                here("team-a", &json!(["login", "ana"]), &read),
                here("team-d", &json!(["ana"]), &read),
            ],
        ),
        (
            json!({ "rbac": { "secrets": { "generate": true, "clusterWide": true } } }),
            vec![here("", &all, &read), here("", &all, &create), here("", &all, &patch)],
        ),
        (
            json!({ "watchNamespaces": ["team-b"], "rbac": { "secrets": { "generate": true } } }),
            vec![here("team-b", &all, &read), here("team-b", &all, &create), here("team-b", &all, &patch)],
        ),
        (
            json!({ "rbac": { "secrets": { "generate": true, "namespaces": [entries[0], { "name": "team-d", "credentials": ["login"] }] } } }),
            vec![
                here("team-a", &json!(["login", "ana"]), &read),
                here("team-a", &all, &create),
                here("team-a", &json!(["ana"]), &patch),
                here("team-d", &json!(["login"]), &read),
            ],
        ),
        (
            json!({ "simulator": { "enabled": true } }),
            vec![here("thoughtspot-system", &json!([format!("{NAME}-simulator")]), &read)],
        ),
    ];
    for (values, expected) in cases {
        assert_eq!(secret_rules(&render(values.clone()).await), expected, "{values}");
    }
}

#[tokio::test]
async fn with_watched_namespaces_the_operator_needs_nothing_of_the_cluster() {
    let is_ours = |object: &&Value| object["kind"].as_str().unwrap().starts_with("ClusterRoleBinding");
    let objects = render(json!({ "watchNamespaces": ["team-a", "team-b"] })).await;
    let role = named(&objects, "ClusterRole", NAME);
    let by_name = json!([{ "apiGroups": [""], "resources": ["namespaces"], "resourceNames": ["team-a", "team-b"], "verbs": ["list", "watch"] }]);
    assert_eq!(role["rules"], by_name);
    assert_eq!(objects.iter().filter(is_ours).count(), 1);

    let values = json!({
        "watchNamespaces": ["team-a"], "rbac": { "namespaces": false, "aggregate": false }, "admissionPolicy": { "enabled": false },
    });
    for object in render(values).await {
        assert!(object["metadata"]["namespace"].is_string(), "made for the whole cluster: {object}");
    }
}

#[tokio::test]
async fn no_object_of_the_operator_is_made_without_a_name_of_its_own() {
    let objects = render(everything()).await;
    let mut seen = std::collections::BTreeSet::new();
    for object in &objects {
        let metadata = &object["metadata"];
        assert!(seen.insert(format!("{} {} {}", object["kind"], metadata["namespace"], metadata["name"])), "{object}");
        assert_eq!(metadata["labels"]["app.kubernetes.io/instance"], "ts", "{object}");
    }
    let long = render(json!({ "fullnameOverride": "x".repeat(63), "simulator": { "enabled": true } })).await;
    for object in &long {
        assert!(object["metadata"]["name"].as_str().unwrap().len() <= 63, "{object}");
    }
}

#[tokio::test]
async fn what_runs_is_given_up_before_the_pod_is_killed() {
    for (seconds, grace) in [(30, 25), (75, 70), (3, 0)] {
        let objects = render(json!({ "terminationGracePeriodSeconds": seconds })).await;
        assert!(arguments(&objects, NAME).contains(&format!("--grace-period={grace}")), "{seconds}");
    }
}

#[tokio::test]
async fn the_collector_of_traces_is_what_the_pod_is_told_and_where_the_network_lets_it_go() {
    for (endpoint, port) in [
        ("http://collector.observability:4318", 4318),
        ("http://collector", 80),
        ("https://[::1]/otlp", 443),
        ("https://[::1]:55/", 55),
    ] {
        let mut values = everything();
        values["tracing"] = json!({ "otlp": { "endpoint": endpoint, "headersSecret": { "name": "collector", "key": "token" } } });
        let objects = render(values).await;
        let opened = json!({ "ports": [{ "protocol": "TCP", "port": port }] });
        let egress = &named(&objects, "NetworkPolicy", NAME)["spec"]["egress"];
        assert!(egress.as_array().unwrap().contains(&opened), "{endpoint}: {egress}");
        let variables = &named(&objects, "Deployment", NAME)["spec"]["template"]["spec"]["containers"][0]["env"];
        let expected = [
            json!({ "name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": endpoint }),
            json!({ "name": "OTEL_EXPORTER_OTLP_HEADERS", "valueFrom": { "secretKeyRef": { "name": "collector", "key": "token" } } }),
        ];
        assert!(expected.iter().all(|variable| variables.as_array().unwrap().contains(variable)), "{variables}");
    }
}

#[tokio::test]
async fn a_spread_without_a_selector_and_a_disruption_budget_are_about_the_pods_of_the_operator() {
    let mut values = everything();
    let theirs = json!({ "matchLabels": { "app": "mine" } });
    values["topologySpreadConstraints"] = json!([{ "topologyKey": "node", "labelSelector": theirs }, { "topologyKey": "zone" }]);
    let objects = render(values).await;
    let pod = &named(&objects, "Deployment", NAME)["spec"];
    let own = &pod["selector"];
    assert_eq!(own["matchLabels"]["app.kubernetes.io/component"], "operator");
    let spread = &pod["template"]["spec"]["topologySpreadConstraints"];
    assert_eq!([&spread[0]["labelSelector"], &spread[1]["labelSelector"]], [&theirs, own]);
    assert_eq!(named(&objects, "PodDisruptionBudget", NAME)["spec"]["selector"], *own);
}
