//! Where an Instance may lead: at which addresses its host may be.

use std::path::Path;

use rstest::rstest;
use serde_json::json;
use thoughtspot_client::host::HostPolicy;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_testkit::OperatorProcess;

use crate::bench::{Bench, CONNECTION, INSTANCE, LOGIN};

/// `localhost` stands for a name that its owner lets lead into the cluster.
#[rstest]
#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused_until_the_installer_allows_it(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("inward", dialect).await;
    let policy = || HostPolicy::parse(["http://localhost:*"]).unwrap();
    bench.run_reaching(bench.config(), policy());
    let by_name = |text: &str| text.replace("127.0.0.1", "localhost");
    bench.apply(&by_name(&bench.fill(LOGIN))).await;
    bench.apply(&by_name(&bench.fill(CONNECTION))).await;
    let message = bench.says(INSTANCE, "ts", "Stalled", "HostNotAllowed").await;
    let expected = "host localhost is not allowed: its name leads to a private address, which has to be allowed for this host (--private-hosts)";
    assert_eq!(message, expected);
    assert_eq!(bench.thoughtspot.counters().requests, 0);
    bench.end().await;
    bench.run_reaching(bench.config(), policy().with_private(["localhost"]).unwrap());
    bench.ready(INSTANCE, "ts").await;
}

/// An environment variable of the pod is no way to have every credential pass through somewhere.
#[tokio::test]
async fn a_proxy_of_the_environment_is_used_for_nothing() {
    let bench = Bench::idle("proxied", V2).await;
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let there = format!("http://{}", proxy.local_addr().unwrap());
    let args = ["run", "--allowed-hosts", "http://127.0.0.1:*", "--watch-namespaces", &bench.namespace];
    let variables = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let env = variables.map(|variable| (variable, there.clone().into()));
    let env = env.into_iter().chain([("KUBECONFIG", bench.kubeconfig().as_os_str().to_owned())]);
    let _operator = OperatorProcess::spawn(Path::new(env!("CARGO_BIN_EXE_thoughtspot-operator")), args, env).unwrap();
    bench.connect().await;
    assert_eq!(proxy.accept().expect_err("the proxy was used").kind(), std::io::ErrorKind::WouldBlock);
}

/// What the API server refuses before the operator sees it.
#[tokio::test]
async fn a_url_that_is_more_than_scheme_host_and_port_is_refused_by_the_api_server() {
    let bench = Bench::idle("urls", V2).await;
    for url in [
        "https://user@acme.thoughtspot.cloud",
        "https://acme.thoughtspot.cloud/",
        "https://acme.thoughtspot.cloud.",
        "https://acme.thoughtspot.cloud?x",
        "https://acme.thoughtspot.cloud#x",
        "https://[::1]",
        "https://１２７.０.０.１",
        "https://127%2e1",
        "https://acme.thoughtspot.cloud:443443",
        "ftp://acme.thoughtspot.cloud",
        "https://acme thoughtspot.cloud",
    ] {
        let refusal = bench.try_apply(&CONNECTION.replace("$URL", &json!(url).to_string())).await.unwrap_err();
        assert!(refusal.contains("write scheme, host and port only"), "{url}: {refusal}");
    }
}
