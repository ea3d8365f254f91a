//! The page on taking the operator away, with more resources than the brake lets end at once.

use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};

use super::Page;
use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, USER};

/// More than may end at once.
const MANY: usize = 12;

/// An Instance, an Org, a group in it and its users.
async fn declare(bench: &Bench, org: &str) -> Vec<String> {
    let apply = async |manifest: &str| bench.apply(&manifest.replace("acme", org)).await;
    for manifest in [LOGIN, CONNECTION, ACME, ANALYSTS] {
        apply(manifest).await;
    }
    let users: Vec<String> = (0..MANY).map(|n| format!("{org}-{n}")).collect();
    for user in &users {
        apply(&ANA.replace("name: ana", &format!("name: {user}"))).await;
    }
    for user in &users {
        bench.ready(USER, user).await;
    }
    users
}

async fn nothing_is_declared(bench: &Bench) {
    for kind in [INSTANCE, ORG, GROUP, USER] {
        let left = bench.api(kind, &bench.namespace).list(&Default::default()).await.unwrap();
        assert!(left.items.is_empty(), "{left:?}");
    }
}

#[rstest]
#[tokio::test]
async fn many_resources_are_taken_away_as_the_page_on_uninstalling_says(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("uninstall", dialect).await;
    let ours = format!("--namespace {}", bench.namespace);
    let page = Page::open(&bench, "docs/uninstall.md").with("--all-namespaces", &ours); // others have resources here, too
    let mut page = page.with("thoughtspotorg acme --namespace team-acme", format!("thoughtspotorg globex {ours}"));
    declare(&bench, "acme").await;
    let before = bench.thoughtspot.state();
    page.follow("Look first").await;
    page.follow("Keep everything").await;
    nothing_is_declared(&bench).await;
    assert_eq!(bench.thoughtspot.state(), before);

    let users = declare(&bench, "globex").await;
    for (kind, name) in users.iter().map(|name| (USER, name.as_str())).chain([(ORG, "globex")]) {
        bench.patch(kind, name, json!({ "spec": { "deletionPolicy": "Delete" } })).await;
    }
    page.follow("End what is managed").await;
    nothing_is_declared(&bench).await;
    let after = bench.thoughtspot.state();
    assert!(after.org("globex").is_none() && users.iter().all(|name| after.user(name).is_none()), "{after:?}");
    assert_eq!((after.org("acme"), after.user("acme-0")), (before.org("acme"), before.user("acme-0")));
    page.pass_over("The operator and its kinds");
    page.end();
}
