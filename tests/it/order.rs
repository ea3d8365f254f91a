//! Manifests come in any order, and nobody restarts anything.

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PASSWORD, USER};
use rstest::rstest;
use thoughtspot_crds::Dialect::{self, V1, V2};

#[rstest]
#[tokio::test]
async fn the_last_first(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("order", dialect).await;
    let refs = ANA.replace("groups: [analysts]", "groupRefs: [{ name: analysts }]");
    let with_password = format!("{refs}  password: {{ secretKeyRef: {{ name: pw, key: password }} }}\n");
    bench.apply(&with_password).await;
    bench.says(USER, "ana", "ReferencesResolved", "NotReady").await;
    bench.apply(ANALYSTS).await;
    bench.says(GROUP, "analysts", "ReferencesResolved", "NotReady").await;
    bench.apply(ACME).await;
    bench.says(ORG, "acme", "ReferencesResolved", "NotReady").await;
    bench.says_in_with(&bench.namespace, GROUP, "analysts", "ReferencesResolved", "ThoughtSpotOrg acme is not ready").await;
    bench.apply(CONNECTION).await;
    let message = bench.says(INSTANCE, "ts", "ReferencesResolved", "NotReady").await;
    assert_eq!(message, "Secret login does not exist in this namespace: correct the name, or create it");
    bench.apply(LOGIN).await;
    bench.ready(INSTANCE, "ts").await;
    bench.ready(ORG, "acme").await;
    bench.ready(GROUP, "analysts").await;
    let namespace = &bench.namespace;
    bench.says_in_with(namespace, USER, "ana", "ReferencesResolved", "Secret pw does not exist in this namespace").await;
    bench.apply(PASSWORD).await;
    bench.ready(USER, "ana").await;
    assert!(bench.thoughtspot.state().user("ana").unwrap().has_password);
}

#[rstest]
#[tokio::test]
async fn a_group_that_somebody_makes_by_hand_is_noticed_by_who_waits_for_it(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("waits", dialect).await;
    bench.tenant().await;
    bench.apply(ANA).await;
    let message = bench.says(USER, "ana", "ReferencesResolved", "NotReady").await;
    assert_eq!(message, "spec.orgs: Org acme has no group named \"analysts\": correct the name, or create it");
    bench.thoughtspot.edit(|world| world.create_group("acme", "analysts", "Analysts").map(drop).unwrap());
    // Somebody else's sweep of the same list finds it.
    bench.apply(&ANALYSTS.replace("analysts", "others")).await;
    bench.ready(USER, "ana").await;
}

#[rstest]
#[tokio::test]
async fn a_password_is_set_again_when_its_secret_changes(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("password", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(PASSWORD).await;
    bench.apply(&format!("{ANA}  password: {{ secretKeyRef: {{ name: pw, key: password }} }}\n")).await;
    bench.ready(USER, "ana").await;
    let set = bench.calls().set_password;
    let resets = |bench: &Bench| bench.thoughtspot.journal().iter().filter(|e| e.route == set).count();
    assert_eq!(resets(&bench), 0, "the create sent it");
    bench.apply(&PASSWORD.replace("a-long-enough-one", "another-long-one")).await;
    bench.request(USER, "ana", "1").await;
    bench.ready(USER, "ana").await;
    assert_eq!(resets(&bench), 1);
    bench.annotate("Secret", "pw", "synced-by", "somebody").await;
    let ana = bench.request(USER, "ana", "2").await;
    assert_eq!(resets(&bench), 1, "the password did not change again");
    let secret = bench.get("Secret", "pw").await;
    assert_eq!(ana["status"]["password"]["secretResourceVersion"], secret["metadata"]["resourceVersion"]);
}
