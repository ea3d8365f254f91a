//! Who is taken out of an Org by an edit may leave something behind there: it is found when the account ends.

use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{Action, Rule};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, GROUP, ORG, PATIENCE, USER};
use thoughtspot_testkit::eventually;

const BO: &str = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotUser
metadata: { name: bo }
spec: { instanceRef: { name: ts }, displayName: Bo, email: bo@example.com, orgs: [{ name: acme }, { name: globex }] }
";

/// Ana, who made something in the second of these Orgs, where Bo is, too.
async fn ana_in(bench: &Bench, orgs: &[&str]) {
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    for org in &orgs[1..] {
        bench.apply(&ACME.replace("acme", org)).await;
        bench.ready(ORG, org).await;
    }
    bench.apply(ANA).await;
    belongs_to(bench, orgs).await;
    bench.apply(BO).await;
    bench.ready(USER, "bo").await;
    bench.thoughtspot.edit(|world| world.create_answer(orgs[1], "ana", "hers", None)).unwrap();
}

/// Ana once she is declared in these Orgs and no other.
async fn belongs_to(bench: &Bench, orgs: &[&str]) -> Value {
    let orgs: Vec<Value> = orgs.iter().map(|org| json!({ "name": org })).collect();
    bench.patch(USER, "ana", json!({ "spec": { "orgs": orgs } })).await;
    bench.ready(USER, "ana").await
}

async fn ids(bench: &Bench, orgs: &[&str]) -> Value {
    let mut ids = Vec::new();
    for org in orgs {
        ids.push(bench.get(ORG, org).await["status"]["id"].as_i64().unwrap());
    }
    ids.sort_unstable();
    json!(ids)
}

fn authors(bench: &Bench, org: &str) -> Vec<String> {
    bench.thoughtspot.state().content.into_iter().filter(|object| object.org == org).map(|object| object.author).collect()
}

fn orgs_of_ana(bench: &Bench) -> usize {
    bench.thoughtspot.state().user("ana").unwrap().orgs.len()
}

#[rstest]
#[tokio::test]
async fn what_somebody_left_in_an_org_is_found_when_her_account_ends(
    #[values(V1, V2)] dialect: Dialect,
    #[values("Deactivate", "Delete")] policy: &str,
) {
    let bench = Bench::start("left-orgs", dialect).await;
    // To v2 it does not matter whether somebody who left is still known in the Org.
    bench.thoughtspot.set(|settings| settings.former_members_give = dialect == V1);
    ana_in(&bench, &["acme", "globex", "closed"]).await;
    let left = ids(&bench, &["globex", "closed"]).await;
    let leaving: &[&str] = if dialect == V1 { &["DELETE v1/user/*"] } else { &["POST users/*/update", "POST orgs/*/update"] };
    for route in leaving {
        bench.thoughtspot.fault(Rule::route(*route, Action::refuse(503)));
    }
    bench.patch(USER, "ana", json!({ "spec": { "orgs": [{ "name": "acme" }], "deletionPolicy": policy } })).await;
    eventually("what is about to be left is known", PATIENCE, async || {
        let known = bench.get(USER, "ana").await["status"]["leftOrgs"].clone();
        if known == left { Ok(()) } else { Err(known.to_string()) }
    })
    .await;
    assert_eq!(orgs_of_ana(&bench), 3, "before she leaves");
    bench.thoughtspot.clear_faults();
    bench.ready(USER, "ana").await;
    assert_eq!((orgs_of_ana(&bench), &bench.get(USER, "ana").await["status"]["leftOrgs"]), (1, &left));

    // An Org that is gone has taken with it what was in it.
    bench.thoughtspot.edit(|world| world.delete_org("closed").unwrap());
    if policy == "Delete" {
        bench.delete(USER, "ana").await;
        let message = bench.says(USER, "ana", "Stalled", "OwnsContent").await;
        assert!(
            message.starts_with("user \"ana\" owns content in Org globex, which would be left without an owner"),
            "{message}"
        );
        assert_eq!(authors(&bench, "globex"), ["ana"]);
        bench.patch(USER, "ana", json!({ "spec": { "transferContentTo": { "ref": { "name": "bo" } } } })).await;
    } else {
        bench.patch(USER, "ana", json!({ "spec": { "transferContentTo": { "ref": { "name": "bo" } } } })).await;
        bench.ready(USER, "ana").await;
        bench.delete(USER, "ana").await;
    }
    bench.gone(USER, "ana").await;
    assert_eq!(authors(&bench, "globex"), ["bo"]);
    assert_eq!(bench.thoughtspot.state().user("ana").is_none(), policy == "Delete");
}

#[rstest]
#[tokio::test]
async fn an_org_is_remembered_until_she_is_back_or_has_handed_over_or_it_is_gone(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("back-again", dialect).await;
    ana_in(&bench, &["acme", "globex", "closed"]).await;
    assert_eq!(belongs_to(&bench, &["acme", "closed"]).await["status"]["leftOrgs"], ids(&bench, &["globex"]).await);
    assert_eq!(belongs_to(&bench, &["acme", "globex", "closed"]).await["status"]["leftOrgs"], Value::Null, "she is back");

    assert_eq!(belongs_to(&bench, &["acme", "globex"]).await["status"]["leftOrgs"], ids(&bench, &["closed"]).await);
    bench.thoughtspot.edit(|world| world.delete_org("closed").unwrap());
    bench.patch(USER, "ana", json!({ "spec": { "transferContentTo": { "ref": { "name": "bo" } } } })).await;
    bench.ready(USER, "ana").await;
    let user = belongs_to(&bench, &["acme"]).await;
    assert_eq!((authors(&bench, "globex"), &user["status"]["leftOrgs"]), (vec!["bo".to_owned()], &Value::Null));
}

/// Nobody is deleted from under what another team's Org holds, and nothing of it is touched.
#[rstest]
#[tokio::test]
async fn what_is_in_an_org_that_was_closed_to_the_namespace_stays_and_so_does_its_author(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("closed-to-us", dialect).await;
    ana_in(&bench, &["acme", "globex"]).await;
    belongs_to(&bench, &["acme"]).await;
    bench.delete(USER, "bo").await;
    bench.gone(USER, "bo").await;
    bench.patch(ORG, "globex", json!({ "spec": { "grants": [] } })).await;
    bench.ready(ORG, "globex").await;
    let spec = json!({ "deletionPolicy": "Delete", "transferContentTo": { "name": "bo" } });
    bench.patch(USER, "ana", json!({ "spec": spec })).await;
    bench.ready(USER, "ana").await;
    bench.delete(USER, "ana").await;
    let message = bench.says(USER, "ana", "Stalled", "OwnsContent").await;
    let org = &ids(&bench, &["globex"]).await[0];
    assert_eq!(
        message,
        format!(
            "user \"ana\" owns content in Org {org}, which this namespace may not use any more: have it given to somebody there, or set \
             deletionPolicy: Deactivate or Retain"
        )
    );
    assert_eq!((authors(&bench, "globex"), orgs_of_ana(&bench)), (vec!["ana".to_owned()], 1));
    bench.patch(USER, "ana", json!({ "spec": { "deletionPolicy": "Deactivate" } })).await;
    bench.gone(USER, "ana").await;
    assert_eq!(authors(&bench, "globex"), ["ana"]);
}
