//! Whatever leaves the operator, as text.

use kube::api::{Api, DynamicObject};
use kube::discovery::{Discovery, Scope, verbs};
use thoughtspot_testkit::{OperatorProcess, eventually};

use crate::bench::{Bench, PATIENCE};
use crate::traces::Collector;

/// What each is, and all it holds.
pub(super) type Sink = (String, String);

/// Everything in the namespace of the story, with `managedFields`; of Secrets and ConfigMaps all but what they are there to hold.
pub(super) async fn of_cluster(bench: &Bench) -> Vec<Sink> {
    let discovery = Discovery::new(bench.client.clone()).run_aggregated().await.unwrap();
    let resources = discovery.groups().flat_map(|group| group.recommended_resources());
    let mut sinks = Vec::new();
    for (resource, _) in resources.filter(|(_, can)| can.scope == Scope::Namespaced && can.supports_operation(verbs::LIST)) {
        let api: Api<DynamicObject> = Api::namespaced_with(bench.client.clone(), &bench.namespace, &resource);
        let mut objects = api.list(&Default::default()).await.unwrap().items;
        for object in &mut objects {
            if ["Secret", "ConfigMap"].contains(&resource.kind.as_str()) {
                object.data = serde_json::json!({});
            }
        }
        sinks.push((resource.kind.clone(), serde_json::to_string(&objects).unwrap()));
    }
    for kind in ["Event", "Lease", "Secret", "ThoughtSpotUser", "ThoughtSpotInstance"] {
        assert!(sinks.iter().any(|(of, text)| of == kind && text.contains("managedFields")), "{kind} is searched");
    }
    sinks
}

/// What a process that listens tells Prometheus, in whichever form it logs.
pub(super) async fn metrics(process: &OperatorProcess) -> Sink {
    let address = eventually("it listens", PATIENCE, async || {
        let log = process.log();
        let line = log.lines().find(|line| line.contains("thoughtspot_operator::serve")).ok_or("no line of it")?;
        let (_, rest) = line.split_once("127.0.0.1:").ok_or("no address in it")?;
        Ok::<_, String>(rest.chars().take_while(char::is_ascii_digit).collect::<String>())
    })
    .await;
    let client = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
    let answer = client.get(format!("http://127.0.0.1:{address}/metrics")).send().await.unwrap();
    ("metrics".to_owned(), answer.text().await.unwrap())
}

/// What a collector was sent.
pub(super) fn traces(collector: &Collector) -> String {
    let traces = collector.posts().iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect::<String>();
    assert!(traces.contains("analysts"), "passes were traced");
    traces
}
