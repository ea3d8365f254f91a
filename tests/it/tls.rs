//! Certificates: whose are believed, and what is said of one that is not.

use std::path::Path;

use rstest::rstest;
use serde_json::json;
use thoughtspot_client::host::HostPolicy;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_testkit::OperatorProcess;
use thoughtspot_testkit::tls::{Authority, Identity, TlsFront, VALID, Years};

use crate::bench::{ACME, Bench, CONNECTION, INSTANCE, LOGIN, ORG};
use crate::rights::Rights;

/// A ThoughtSpot that answers over TLS with this certificate, and an operator that may read the ConfigMap `ca`.
async fn bench(name: &str, dialect: Dialect, identity: Identity) -> (Bench, TlsFront) {
    let bench = Bench::idle_with(Rights::Watched, name, dialect).await;
    let config = bench.config();
    behind_tls(bench, config, identity).await
}

async fn behind_tls(mut bench: Bench, config: kube::Config, identity: Identity) -> (Bench, TlsFront) {
    let front = TlsFront::start(&bench.thoughtspot.host(), identity).await.unwrap();
    bench.run_reaching(config, HostPolicy::parse(["https://127.0.0.1:*"]).unwrap());
    bench.apply(&LOGIN.replace("$HOST", &front.host())).await;
    (bench, front)
}

/// An Instance behind TLS, with what it says of that.
pub(crate) fn instance(front: &TlsFront, tls: &str) -> String {
    format!("{}  {tls}\n", CONNECTION.replace("$URL", &front.url()))
}

pub(crate) fn config_map(name: &str, pem: &str) -> String {
    let data = json!({ "ca.crt": pem });
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name }, "data": data }).to_string()
}

pub(crate) const BY_CONFIG_MAP: &str = "tls: { ca: { configMapRef: { name: ca } } }";

#[rstest]
#[tokio::test]
async fn a_ca_of_ones_own_is_waited_for_believed_and_followed_when_it_changes(#[values(V1, V2)] dialect: Dialect) {
    let (ours, next) = (Authority::new("ours"), Authority::new("next"));
    let (bench, front) = bench("own-ca", dialect, ours.certify("127.0.0.1", VALID)).await;
    bench.apply(&instance(&front, BY_CONFIG_MAP)).await;
    bench.apply(ACME).await;
    let message = bench.says(INSTANCE, "ts", "Ready", "NotReady").await;
    assert_eq!(message, "spec.tls.ca: ConfigMap ca does not exist in this namespace: correct the name, or create it");
    bench.apply(&config_map("ca", "not a certificate")).await;
    let message = bench.says(INSTANCE, "ts", "Stalled", "Invalid").await;
    let expected = "spec.tls.ca: key ca.crt of ConfigMap ca holds no CA: there is no certificate in PEM form in it; correct it";
    assert_eq!(message, expected);
    assert_eq!(bench.thoughtspot.counters().requests, 0);
    bench.apply(&config_map("ca", ours.pem())).await;
    bench.ready(INSTANCE, "ts").await;
    bench.ready(ORG, "acme").await;

    // Renewed by another authority: both are in the bundle for a while.
    bench.apply(&config_map("ca", &format!("{}{}", ours.pem(), next.pem()))).await;
    front.present(next.certify("127.0.0.1", VALID)).await;
    bench.patch(ORG, "acme", json!({ "spec": { "description": "by the next" } })).await;
    bench.ready(ORG, "acme").await;
    bench.apply(&config_map("ca", ours.pem())).await;
    let message = bench.says(INSTANCE, "ts", "Stalled", "Untrusted").await;
    let said = "its certificate is signed by no authority that is believed here: correct what spec.tls.ca names";
    assert_eq!(message, format!("the connection to 127.0.0.1 is not trusted: {said}"));
    bench.patch(ORG, "acme", json!({ "spec": { "description": "not written" } })).await;
    bench.says(ORG, "acme", "ReferencesResolved", "NotReady").await;
    assert_eq!(bench.thoughtspot.state().org("acme").unwrap().description.as_deref(), Some("by the next"));
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "bundle" }, "stringData": { "tls-ca.pem": next.pem() },
    });
    bench.apply(&secret.to_string()).await;
    bench.apply(&instance(&front, "tls: { ca: { secretRef: { name: bundle, key: tls-ca.pem } } }")).await;
    bench.ready(ORG, "acme").await;
}

/// The certificates of a namespace that is deleted go before the resources that need them.
#[rstest]
#[tokio::test]
async fn without_its_ca_a_connection_that_stands_is_used_on(#[values(V1, V2)] dialect: Dialect) {
    let ours = Authority::new("ours");
    // A Role of the namespace would go first.
    let bench = Bench::idle("ca-gone", dialect).await;
    let config = bench.cluster.config();
    let (bench, front) = behind_tls(bench, config, ours.certify("127.0.0.1", VALID)).await;
    bench.apply(&config_map("ca", ours.pem())).await;
    bench.apply(&instance(&front, BY_CONFIG_MAP)).await;
    bench.apply(&ACME.replace("spec: {", "spec: { deletionPolicy: Delete,")).await;
    let id = bench.ready(ORG, "acme").await["status"]["id"].to_string();
    bench.annotate(ORG, "acme", "thoughtspot.dev/allow-deletion", &id).await;
    bench.delete_namespace().await;
    bench.namespace_gone().await;
    assert!(bench.thoughtspot.state().org("acme").is_none());
}

#[tokio::test]
async fn a_certificate_that_is_not_good_is_refused_and_what_is_wrong_is_said() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let wrong = [
        (
            ours.certify("acme.thoughtspot.cloud", VALID),
            "its certificate is for another host: correct spec.url, or have it issued for this host",
        ),
        (ours.certify("127.0.0.1", Years(2019, 2020)), "its certificate has expired: have it renewed"),
        (
            ours.certify("127.0.0.1", Years(2098, 2099)),
            "its certificate is not valid yet: have it replaced, or see to the clocks",
        ),
        (
            others.certify("127.0.0.1", VALID),
            "its certificate is signed by no authority that is believed here: correct what spec.tls.ca names",
        ),
        (
            Identity::self_signed("127.0.0.1"),
            "its certificate is signed by no authority that is believed here: correct what spec.tls.ca names",
        ),
    ];
    let (bench, front) = bench("bad-certificates", V2, ours.certify("127.0.0.1", VALID)).await;
    bench.apply(&config_map("ca", ours.pem())).await;
    for (identity, expected) in wrong {
        front.present(identity).await;
        bench.apply(&instance(&front, BY_CONFIG_MAP)).await;
        let message = bench.says(INSTANCE, "ts", "Stalled", "Untrusted").await;
        assert_eq!(message, format!("the connection to 127.0.0.1 is not trusted: {expected}"));
        bench.delete(INSTANCE, "ts").await;
        bench.gone(INSTANCE, "ts").await;
    }
    front.present(ours.certify("127.0.0.1", VALID)).await;
    bench.apply(&instance(&front, "suspend: false")).await;
    let message = bench.says(INSTANCE, "ts", "Stalled", "Untrusted").await;
    let said = "its certificate is signed by no authority that is believed here: name its CA in spec.tls.ca";
    assert_eq!(message, format!("the connection to 127.0.0.1 is not trusted: {said}"));
    assert_eq!(bench.thoughtspot.counters().requests, 0, "no credential left");
}

/// CVE-2026-42875 of a comparable operator: a CA that another namespace keeps was read by naming it.
#[tokio::test]
async fn the_ca_of_another_namespace_is_out_of_reach() {
    let ours = Authority::new("ours");
    let (bench, front) = bench("ca-neighbour", V2, ours.certify("127.0.0.1", VALID)).await;
    let neighbour = bench.cluster.namespace("ca-owner").await;
    let theirs = config_map("ca", ours.pem()).replace(r#""name":"ca""#, &format!(r#""name":"ca","namespace":"{neighbour}""#));
    bench.apply(&theirs).await;
    let refusal = bench.try_apply(&instance(&front, "tls: { ca: { configMapRef: { name: ca, namespace: somewhere } } }")).await;
    let refusal = refusal.unwrap_err();
    assert!(refusal.contains("namespace"), "{refusal}");
    bench.apply(&instance(&front, BY_CONFIG_MAP)).await;
    let message = bench.says(INSTANCE, "ts", "Ready", "NotReady").await;
    assert_eq!(message, "spec.tls.ca: ConfigMap ca does not exist in this namespace: correct the name, or create it");
    assert_eq!(bench.thoughtspot.counters().requests, 0);
}

/// As in an image that was built without them: what needs none works, and the rest says who has to see to it.
#[tokio::test]
async fn without_any_authority_on_its_system_it_says_so_and_believes_those_that_are_named() {
    let bench = Bench::idle_with(Rights::Watched, "no-roots", V2).await;
    let ours = Authority::new("ours");
    let front = TlsFront::start(&bench.thoughtspot.host(), ours.certify("127.0.0.1", VALID)).await.unwrap();
    let args = ["run", "--allowed-hosts", "https://127.0.0.1:*,http://127.0.0.1:*", "--watch-namespaces", &bench.namespace];
    let nothing = [("SSL_CERT_FILE", Path::new("/dev/null")), ("SSL_CERT_DIR", Path::new("/dev/null"))];
    let env = nothing.into_iter().chain([("KUBECONFIG", bench.kubeconfig())]);
    let _operator = OperatorProcess::spawn(Path::new(env!("CARGO_BIN_EXE_thoughtspot-operator")), args, env).unwrap();
    bench.connect().await;
    bench.apply(&LOGIN.replace("$HOST", &front.host())).await;
    bench.apply(&instance(&front, "suspend: false")).await;
    let message = bench.says(INSTANCE, "ts", "Stalled", "Untrusted").await;
    let said = "there are no certificate authorities where the operator runs: whoever installed it mends that (SSL_CERT_FILE), \
                or name the CA of this host in spec.tls.ca";
    assert_eq!(message, format!("the connection to 127.0.0.1 is not trusted: {said}"));
    bench.apply(&config_map("ca", ours.pem())).await;
    bench.apply(&instance(&front, BY_CONFIG_MAP)).await;
    bench.ready(INSTANCE, "ts").await;
}
