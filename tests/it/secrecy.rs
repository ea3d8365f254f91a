//! No secret in any log, event, status or error: canaries are planted and every sink is searched.

use rstest::rstest;
use std::path::Path;
use thoughtspot_crds::Dialect::{self, V1, V2};

use k8s_openapi::api::events::v1::Event;
use kube::api::Api;
use serde_json::json;
use thoughtspot_simulator::{Action, Rule};
use thoughtspot_testkit::{OperatorProcess, eventually, leaks};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PATIENCE, USER};
use crate::health::{LISTEN, asked};
use crate::traces::Collector;

const PASSWORD: &str = "canary-P4ss/w0rd+of=admin";
const WRONG: &str = "canary-wr0ng&password";
const OF_ANA: &str = "canary-of-ana%41";
const OF_COLLECTOR: &str = "canary-of-the-collector";

#[rstest]
#[tokio::test]
async fn canaries_are_found_nowhere(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::idle("canary", dialect).await;
    bench.thoughtspot.edit(|world| world.set_password("svc-operator", PASSWORD).unwrap());
    let args = ["run", "--allowed-hosts", "http://127.0.0.1:*", "--watch-namespaces", &bench.namespace, "--log", "trace"];
    let collector = Collector::start().await;
    let kubeconfig = bench.kubeconfig().to_str().unwrap();
    let headers = format!("authorization={OF_COLLECTOR}");
    let env = [
        ("KUBECONFIG", kubeconfig),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()),
        ("OTEL_EXPORTER_OTLP_HEADERS", &headers),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ];
    // What goes wrong with it is told, too.
    collector.answer(401);
    let binary = Path::new(env!("CARGO_BIN_EXE_thoughtspot-operator"));
    let mut operator = OperatorProcess::spawn(binary, args.into_iter().chain(LISTEN), env).unwrap();

    // The server echoes what it was sent in its errors, as a broken or hostile one might.
    bench.thoughtspot.fault(Rule::route(bench.calls().sign_in, Action::Echo).times(1));
    bench.apply(&LOGIN.replace("Passw0rd-of-operator", &format!("'{WRONG}'"))).await;
    bench.apply(CONNECTION).await;
    bench.says(INSTANCE, "ts", "Authenticated", "BadCredentials").await;
    bench.apply(&LOGIN.replace("Passw0rd-of-operator", &format!("'{PASSWORD}'"))).await;
    bench.apply(ACME).await;
    bench.apply(ANALYSTS).await;
    bench.ready(ORG, "acme").await;
    bench.ready(GROUP, "analysts").await;
    let troubled =
        async || if operator.log().contains("traces cannot be exported") { Ok(()) } else { Err("no word of it".to_owned()) };
    eventually("it is told that the collector refuses", PATIENCE, troubled).await;
    collector.answer(200);

    bench.thoughtspot.fault(Rule::route(bench.calls().create_user, Action::Echo).times(1));
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "pw", "labels": { "thoughtspot.dev/password": "true" } },
        "stringData": { "password": OF_ANA },
    });
    bench.apply(&secret.to_string()).await;
    bench.apply(&format!("{ANA}  password: {{ secretKeyRef: {{ name: pw, key: password }} }}\n")).await;
    bench.ready(USER, "ana").await;

    bench.thoughtspot.fault(Rule::route(bench.calls().create_user, Action::Echo).times(1));
    let bob = ANA.replace("ana", "bob").replace("boblysts", "analysts");
    bench.apply(&format!("{bob}  password: {{ generate: {{ secretName: bob-login }} }}\n")).await;
    bench.ready(USER, "bob").await;
    let of_bob = bench.secret("bob-login").await["password"].clone();
    let passes = bench.thoughtspot.secrets();
    assert!(passes.len() >= 2, "one for Primary, one for the tenant: {}", passes.len());

    let metrics = asked(&operator, "metrics").await.1;
    operator.terminate();
    operator.wait(PATIENCE).await;
    let mut sinks = vec![operator.log(), metrics];
    let traces = collector.posts().iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect::<String>();
    assert!(traces.contains("analysts"), "passes were traced");
    sinks.push(traces);
    let events: Api<Event> = Api::namespaced(bench.client.clone(), &bench.namespace);
    sinks.push(serde_json::to_string(&events.list(&Default::default()).await.unwrap().items).unwrap());
    for kind in [INSTANCE, ORG, GROUP, USER] {
        let list = bench.api(kind, &bench.namespace).list(&Default::default()).await.unwrap();
        sinks.push(serde_json::to_string(&list.items).unwrap());
    }
    sinks.push(serde_json::to_string(&bench.thoughtspot.journal()).unwrap());
    let scrubbed = sinks[0].matches("***").count() + sinks[0].matches("(withheld").count();
    assert!(scrubbed >= 2, "the echoes arrived, scrubbed");
    let planted = [PASSWORD, WRONG, OF_ANA, OF_COLLECTOR, &of_bob];
    let secrets: Vec<&str> = planted.into_iter().chain(passes.iter().map(String::as_str)).collect();
    for sink in &sinks {
        assert_eq!(leaks(sink, &secrets), Vec::<String>::new());
        let tokens: Vec<&str> = sink.lines().filter(|line| line.replace("Bearer ***", "").contains("Bearer ")).collect();
        assert!(tokens.is_empty(), "a token shows: {tokens:#?}");
    }
}
