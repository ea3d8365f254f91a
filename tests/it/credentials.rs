//! Secrets: wrong and corrected, for another host, rotated, held while in use.

use rstest::rstest;
use serde_json::Value;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::Simulator;
use thoughtspot_testkit::eventually;

use crate::bench::{ACME, Bench, CONNECTION, INSTANCE, LOGIN, ORG, PATIENCE, thoughtspot};

#[rstest]
#[tokio::test]
async fn a_wrong_password_is_tried_once_and_picked_up_when_corrected(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("wrong-password", dialect).await;
    bench.apply(&LOGIN.replace("Passw0rd-of-operator", "not-the-password")).await;
    bench.apply(CONNECTION).await;
    bench.apply(ACME).await;
    bench.says(INSTANCE, "ts", "Authenticated", "BadCredentials").await;
    bench.says(INSTANCE, "ts", "Stalled", "BadCredentials").await;
    bench.says(ORG, "acme", "ReferencesResolved", "NotReady").await;
    bench.request(INSTANCE, "ts", "1").await;
    assert_eq!(bench.thoughtspot.counters().tokens, 1, "the same wrong password is not tried again: that locks accounts");
    bench.apply(LOGIN).await;
    bench.ready(INSTANCE, "ts").await;
    bench.ready(ORG, "acme").await;
}

#[rstest]
#[tokio::test]
async fn a_secret_key_signs_in_too(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("secret-key", dialect).await;
    bench.apply(&LOGIN.replace("password: Passw0rd-of-operator", "secretKey: secret-key-of-simulator")).await;
    bench.apply(&CONNECTION.replace("password:", "trustedAuthentication:")).await;
    bench.apply(ACME).await;
    bench.ready(ORG, "acme").await;
}

#[rstest]
#[tokio::test]
async fn a_secret_is_sent_to_no_host_but_the_one_it_names(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("host", dialect).await;
    let attacker = Simulator::start(thoughtspot()).await.unwrap();
    bench.apply(LOGIN).await;
    bench.apply(&CONNECTION.replace("$URL", &attacker.url())).await;
    let message = bench.says(INSTANCE, "ts", "Stalled", "InvalidSecret").await;
    assert_eq!(message, format!("Secret login is not for {}: its key host must name it", attacker.host()));
    bench.apply(&LOGIN.replace("type: thoughtspot.dev/credentials", "type: Opaque").replace("name: login", "name: opaque")).await;
    bench.apply(&CONNECTION.replace("name: login", "name: opaque")).await;
    let message = bench.says(INSTANCE, "ts", "Stalled", "InvalidSecret").await;
    assert_eq!(
        message,
        "Secret opaque must be of type thoughtspot.dev/credentials: create it anew, since a type cannot be changed"
    );
    assert_eq!((attacker.counters().requests, bench.thoughtspot.counters().requests), (0, 0));
}

#[rstest]
#[tokio::test]
async fn a_host_that_the_installer_does_not_allow_is_not_connected_to(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("not-allowed", dialect).await;
    bench.run_allowing("*.thoughtspot.cloud");
    bench.apply(LOGIN).await;
    bench.apply(CONNECTION).await;
    bench.says(INSTANCE, "ts", "Stalled", "HostNotAllowed").await;
    assert_eq!(bench.thoughtspot.counters().requests, 0);
}

#[rstest]
#[tokio::test]
async fn a_secret_is_rotated_by_delete_and_create(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("rotation", dialect).await;
    bench.tenant().await;
    let held = bench.get("Secret", "login").await;
    assert_eq!(held["metadata"]["finalizers"], serde_json::json!(["thoughtspot.dev/in-use"]));
    bench.delete("Secret", "login").await;
    bench.gone("Secret", "login").await;
    let message = bench.says(INSTANCE, "ts", "Ready", "NotReady").await;
    assert!(message.contains("the last credential is used from memory"), "{message}");
    bench.patch(ORG, "acme", serde_json::json!({ "spec": { "description": "still works" } })).await;
    bench.ready(ORG, "acme").await;
    bench.thoughtspot.edit(|world| world.set_password("svc-operator", "Rotated-passw0rd").unwrap());
    bench.apply(&LOGIN.replace("Passw0rd-of-operator", "Rotated-passw0rd")).await;
    bench.ready(INSTANCE, "ts").await;
    eventually("the new Secret is held", PATIENCE, async || {
        let secret = bench.get("Secret", "login").await;
        if secret["metadata"]["finalizers"] == Value::Null { Err(secret["metadata"].to_string()) } else { Ok(()) }
    })
    .await;
    bench.patch(ORG, "acme", serde_json::json!({ "spec": { "description": "works again" } })).await;
    bench.ready(ORG, "acme").await;
    assert_eq!(bench.thoughtspot.state().org("acme").unwrap().description.as_deref(), Some("works again"));
}

#[rstest]
#[tokio::test]
async fn another_thoughtspot_under_the_same_instance_is_refused(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("different", dialect).await;
    bench.tenant().await;
    let other = Simulator::start(thoughtspot()).await.unwrap();
    other.set(|s| s.system_id = Some("another-system".to_owned()));
    bench.apply(&LOGIN.replace("host: $HOST", &format!("host: \"$HOST\\n{}\"", other.host()))).await;
    bench.apply(&CONNECTION.replace("$URL", &other.url())).await;
    bench.says(INSTANCE, "ts", "Stalled", "DifferentInstance").await;
    assert_eq!(other.counters().writes, 0);
    bench.apply(CONNECTION).await;
    bench.ready(INSTANCE, "ts").await;
    bench.ready(ORG, "acme").await;
}

#[rstest]
#[tokio::test]
async fn a_thoughtspot_that_is_away_comes_back_without_help(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("away", dialect).await;
    bench.tenant().await;
    bench.thoughtspot.stop().await;
    bench.patch(ORG, "acme", serde_json::json!({ "spec": { "description": "meanwhile" } })).await;
    bench.says(ORG, "acme", "Reconciling", "Unavailable").await;
    bench.thoughtspot.restart().await.unwrap();
    bench.ready(ORG, "acme").await;
    assert_eq!(bench.thoughtspot.state().org("acme").unwrap().description.as_deref(), Some("meanwhile"));
}

#[rstest]
#[tokio::test]
async fn a_secret_that_is_no_longer_named_is_let_go(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("renamed", dialect).await;
    bench.tenant().await;
    bench.apply(&LOGIN.replace("name: login", "name: another")).await;
    bench.apply(&CONNECTION.replace("name: login", "name: another")).await;
    eventually("the other Secret is held and the first is not", PATIENCE, async || {
        let (first, other) = (bench.get("Secret", "login").await, bench.get("Secret", "another").await);
        let finalizers = (first["metadata"]["finalizers"].clone(), other["metadata"]["finalizers"].clone());
        if finalizers.0.is_null() && !finalizers.1.is_null() { Ok(()) } else { Err(format!("{finalizers:?}")) }
    })
    .await;
    bench.ready(INSTANCE, "ts").await;
    bench.delete("Secret", "login").await;
    bench.gone("Secret", "login").await;
}
