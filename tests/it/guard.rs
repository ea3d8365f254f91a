//! Nobody is locked out, nothing is wiped.

use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};

use crate::bench::{ANA, ANALYSTS, Bench, CONNECTION, GROUP, USER};

/// Neither by adopting, changing, joining nor deleting; and it is let go of where it is listed.
#[rstest]
#[tokio::test]
async fn whom_the_instance_protects_nobody_touches(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("protected", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(&ANA.replace("spec:", "spec:\n  deletionPolicy: Delete")).await;
    bench.ready(USER, "ana").await;
    bench.thoughtspot.edit(|world| {
        world.create_user("keeper", "Keeper", &["acme"]).unwrap();
        world.create_group("acme", "Keepers", "Keepers").unwrap();
    });
    let protection = "  protection: { users: [Keeper, ANA], groups: [Keepers] }\n";
    bench.apply(&format!("{CONNECTION}{protection}")).await;
    bench.request("ThoughtSpotInstance", "ts", "1").await;
    let writes = bench.thoughtspot.counters().writes;

    let adopting = |manifest: &str| manifest.replace("spec:", "spec:\n  adoptionPolicy: Adopt");
    bench.apply(&adopting(ANA).replace("name: ana", "name: keeper")).await;
    bench
        .apply(
            &ANALYSTS
                .replace("name: analysts", "name: keepers")
                .replace("spec: {", "spec: { name: Keepers, adoptionPolicy: Adopt,"),
        )
        .await;
    bench.apply(&ANA.replace("name: ana", "name: joiner").replace("[analysts]", "[Keepers]")).await;
    bench.patch(USER, "ana", json!({ "spec": { "displayName": "Renamed" } })).await;
    for (kind, name, list) in
        [(USER, "keeper", "users"), (GROUP, "keepers", "groups"), (USER, "joiner", "groups"), (USER, "ana", "users")]
    {
        let message = bench.says(kind, name, "Stalled", "Protected").await;
        assert!(message.contains(&format!("spec.protection.{list} of ThoughtSpotInstance ts")), "{message}");
    }
    bench.delete(USER, "ana").await;
    bench.says(USER, "ana", "Stalled", "Protected").await;
    assert_eq!(bench.thoughtspot.counters().writes, writes, "{:?}", bench.thoughtspot.journal().last());

    bench.apply(CONNECTION).await;
    bench.gone(USER, "ana").await;
    assert!(bench.thoughtspot.state().user("ana").is_none());
    bench.ready(USER, "joiner").await;
}
