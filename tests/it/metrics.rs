//! What the operator tells Prometheus is what docs/operations.md, the alerts and the dashboard say it tells.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use rstest::rstest;
use serde_json::Value;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_operator::metrics::{ALL, Metric, Type};

use crate::bench::{ACME, ANA, ANALYSTS, CONNECTION, LOGIN, USER};
use crate::documents::root;
use crate::health::{LISTEN, answers};
use crate::replicas::Stage;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn table() -> String {
    let mut table = String::from("| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n");
    for Metric { name, type_, labels, help } in ALL {
        let type_ = match type_ {
            Type::Counter => "counter",
            Type::Gauge => "gauge",
            Type::Histogram => "histogram",
        };
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        writeln!(table, "| `{name}` | {type_} | {} | {help} |", labels.join(", ")).unwrap();
    }
    table
}

#[test]
fn the_page_has_every_metric() {
    let page = read("docs/operations.md");
    let (before, rest) = page.split_once("writes it anew -->\n").expect("the mark of the table");
    let (_, after) = rest.split_once("\n## Alerts").expect("the section after the table");
    let expected = format!("{before}writes it anew -->\n\n{}\n## Alerts{after}", table());
    expect_test::expect_file!["../../docs/operations.md"].assert_eq(&expected);
}

/// The metrics that a query names.
fn named(query: &str) -> BTreeSet<String> {
    let words = query.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("thoughtspot_operator_")).map(str::to_owned).collect()
}

fn are_told(what: &str, query: &str) {
    let named = named(query);
    assert!(!named.is_empty(), "{what} asks for nothing of ours: {query}");
    let unknown: Vec<&String> = named.iter().filter(|name| metric_of(name).is_none()).collect();
    assert!(unknown.is_empty(), "{what} asks for {unknown:?}, which nobody tells");
}

#[test]
fn every_alert_asks_for_what_is_told_and_has_its_place_in_the_page() {
    let rules: Value = serde_saphyr::from_str(&read("charts/thoughtspot-operator/files/rules.yaml")).unwrap();
    let (page, tests) = (read("docs/operations.md"), read("tests/prometheus/rules.test.yaml"));
    let rules = rules["groups"].as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap());
    for rule in rules {
        let name = rule["alert"].as_str().unwrap();
        are_told(name, rule["expr"].as_str().unwrap());
        assert!(page.contains(&format!("- `{name}`: ")), "docs/operations.md does not say what to do about {name}");
        assert!(tests.contains(&format!("alertname: {name}\n")), "no test of {name} in tests/prometheus");
    }
}

#[test]
fn every_panel_asks_for_what_is_told() {
    let dashboard: Value = serde_json::from_str(&read("charts/thoughtspot-operator/files/dashboard.json")).unwrap();
    let mut asked = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let query = target["expr"].as_str().unwrap();
            are_told(panel["title"].as_str().unwrap(), query);
            asked.append(&mut named(query));
        }
    }
    assert!(asked.len() > 10, "{asked:?}");
}

/// One sample: name, labels, value.
fn samples(text: &str) -> Vec<(String, BTreeMap<String, String>, f64)> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let sample = |line: &str| {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let labels = labels.trim_end_matches('}').split("\",").filter(|label| !label.is_empty());
        let labels =
            labels.map(|label| label.split_once("=\"").unwrap()).map(|(k, v)| (k.to_owned(), v.trim_end_matches('"').to_owned()));
        (name.to_owned(), labels.collect(), value.parse().unwrap())
    };
    lines.map(sample).collect()
}

fn metric(sample: &str) -> &'static Metric {
    metric_of(sample).unwrap_or_else(|| panic!("{sample} is not in the table"))
}

/// The metric that a sample belongs to: a histogram has several.
fn metric_of(sample: &str) -> Option<&'static Metric> {
    let of = |metric: &&Metric| match metric.type_ {
        Type::Counter | Type::Gauge => metric.name == sample,
        Type::Histogram => ["_bucket", "_sum", "_count"].iter().any(|part| sample.strip_suffix(part) == Some(metric.name)),
    };
    ALL.iter().find(of)
}

#[rstest]
#[tokio::test]
async fn what_is_told_is_what_the_table_says_and_names_nobody(#[values(V1, V2)] dialect: Dialect) {
    let stage = Stage::new(dialect).await;
    let leader = stage.start("first", &LISTEN).await;
    for manifest in [LOGIN, CONNECTION, ACME, ANALYSTS, ANA] {
        stage.bench.apply(manifest).await;
    }
    stage.bench.ready(USER, "ana").await;
    let ready = "thoughtspot_operator_conditions{kind=\"ThoughtSpotUser\",type=\"Ready\",status=\"True\"} 1\n";
    let text = answers(&leader.process, "metrics", 200, ready).await;
    let told = samples(&text);
    for (name, labels, _) in &told {
        let labels: BTreeSet<&str> = labels.keys().map(String::as_str).filter(|label| *label != "le").collect();
        assert_eq!(labels, metric(name).labels.iter().copied().collect(), "{name}");
    }
    let names: BTreeSet<&str> = told.iter().map(|(name, _, _)| metric(name).name).collect();
    assert_eq!(names, ALL.iter().map(|metric| metric.name).collect(), "{text}");
    let instance = format!("{}/ts", stage.bench.namespace);
    for (name, labels, _) in &told {
        assert!(labels.get("thoughtspotinstance").is_none_or(|label| *label == instance), "{name} {labels:?}");
        let others = labels.iter().filter(|(label, _)| *label != "thoughtspotinstance");
        let telling: Vec<_> = others.filter(|(_, v)| ["ana", "acme", "127.0.0.1"].iter().any(|word| v.contains(word))).collect();
        assert!(telling.is_empty(), "{name} {telling:?}");
    }
    let value = |name: &str| told.iter().filter(|(n, _, _)| n == name).map(|(_, _, value)| value).sum::<f64>();
    assert_eq!((value("thoughtspot_operator_leader"), value("thoughtspot_operator_objects")), (1.0, 4.0));
    assert_eq!(
        value("thoughtspot_operator_calls_total"),
        value("thoughtspot_operator_call_seconds_count"),
        "each call that was sent"
    );
    assert_eq!(
        value("thoughtspot_operator_calls_total"),
        stage.bench.thoughtspot.journal().len() as f64,
        "each call is counted once"
    );

    let other = stage.start("second", &LISTEN).await;
    let waiting = samples(&answers(&other.process, "metrics", 200, "thoughtspot_operator_leader 0\n").await);
    let told: BTreeSet<&str> = waiting.iter().map(|(name, _, _)| metric(name).name).collect();
    assert_eq!(
        told,
        BTreeSet::from(["thoughtspot_operator_build_info", "thoughtspot_operator_leader"]),
        "sums would be twice as many"
    );
}
