//! No secret in any log, event, status or error: canaries are planted and every sink is searched.

use rstest::rstest;
use std::path::Path;
use thoughtspot_crds::Dialect::{self, V1, V2};

use k8s_openapi::api::events::v1::Event;
use kube::api::Api;
use serde_json::json;
use thoughtspot_simulator::{Action, Rule};
use thoughtspot_testkit::{OperatorProcess, leaks};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, USER};
use crate::health::{LISTEN, asked};

const PASSWORD: &str = "canary-P4ss/w0rd+of=admin";
const WRONG: &str = "canary-wr0ng&password";
const OF_ANA: &str = "canary-of-ana%41";

#[rstest]
#[tokio::test]
async fn canaries_are_found_nowhere(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::idle("canary", dialect).await;
    bench.thoughtspot.edit(|world| world.set_password("svc-operator", PASSWORD).unwrap());
    let args = ["run", "--allowed-hosts", "http://127.0.0.1:*", "--watch-namespaces", &bench.namespace, "--log", "trace"];
    let env = [("KUBECONFIG", bench.kubeconfig())];
    let binary = Path::new(env!("CARGO_BIN_EXE_thoughtspot-operator"));
    let operator = OperatorProcess::spawn(binary, args.into_iter().chain(LISTEN), env).unwrap();

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
    let tokens = bench.thoughtspot.counters().tokens;
    assert!(tokens > 2, "tokens were taken: {tokens}");

    let mut sinks = vec![operator.log()];
    let events: Api<Event> = Api::namespaced(bench.client.clone(), &bench.namespace);
    sinks.push(serde_json::to_string(&events.list(&Default::default()).await.unwrap().items).unwrap());
    for kind in [INSTANCE, ORG, GROUP, USER] {
        let list = bench.api(kind, &bench.namespace).list(&Default::default()).await.unwrap();
        sinks.push(serde_json::to_string(&list.items).unwrap());
    }
    sinks.push(serde_json::to_string(&bench.thoughtspot.journal()).unwrap());
    sinks.push(asked(&operator, "metrics").await.1);
    let scrubbed = sinks[0].matches("***").count() + sinks[0].matches("(withheld").count();
    assert!(scrubbed >= 2, "the echoes arrived, scrubbed");
    for sink in &sinks {
        assert_eq!(leaks(sink, &[PASSWORD, WRONG, OF_ANA, &of_bob]), Vec::<String>::new());
        let tokens: Vec<&str> = sink.lines().filter(|line| line.replace("Bearer ***", "").contains("Bearer ")).collect();
        assert!(tokens.is_empty(), "a token shows: {tokens:#?}");
    }
}
