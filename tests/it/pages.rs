//! The pages of docs/ are followed to the letter, as a new user would.

mod operating;
mod page;
mod uninstalling;

use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::AccountStatus;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, INSTANCE, LOGIN, USER};
pub(crate) use page::Page;

#[rstest]
#[tokio::test]
async fn what_exists_is_taken_over_as_the_page_says(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("taking-over", dialect).await;
    bench.thoughtspot.edit(|world| {
        world.create_org("globex", Some("Globex Inc.")).unwrap();
        world.create_group("globex", "editors", "Editors").unwrap();
        world.set_privileges("globex", "editors", &["USERDATAUPLOADING"]).unwrap();
        world.create_group("globex", "others", "Others").unwrap();
        for (name, shown) in [("bob", "Bob Marsh"), ("carol", "Carol"), ("dave", "Dave")] {
            world.create_user(name, shown, &["globex"]).unwrap();
        }
        world.set_user_email("bob", "bob@old.example").unwrap();
        world.add_to_group("globex", "editors", "bob").unwrap();
    });
    let before = bench.thoughtspot.state();
    bench.connect().await;
    let mut page = Page::open(&bench, "docs/taking-over.md").with("name: analytics\n", "name: ts\n");
    for heading in ["Look", "What differs", "What is not declared yet", "Take over what is as declared"] {
        page.follow(heading).await;
    }
    assert_eq!(bench.thoughtspot.state(), before, "nothing was written");
    page.follow("Take over and change").await;
    let bob = bench.thoughtspot.state().user("bob").cloned().unwrap();
    assert_eq!(bob.email.as_deref(), Some("bob@globex.example"));

    bench.patch(USER, "bob", json!({ "spec": { "managementPolicy": "Observe" } })).await;
    bench.says(USER, "bob", "Ready", "Observed").await;
    bench.patch(USER, "bob", json!({ "spec": { "managementPolicy": "Manage" } })).await;
    bench.ready(USER, "bob").await;
    let kept = bench.thoughtspot.state();
    page.follow("Let go again").await;
    assert_eq!(bench.thoughtspot.state(), kept);
    page.end();
}

#[rstest]
#[tokio::test]
async fn somebody_leaves_as_the_page_says(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("offboarding", dialect).await;
    bench.tenant().await;
    for manifest in [ANALYSTS, ANA, &ANA.replace("name: ana", "name: bo")] {
        bench.apply(manifest).await;
    }
    bench.ready(USER, "ana").await;
    bench.ready(USER, "bo").await;
    let author = |name: &str| bench.thoughtspot.state().content.into_iter().find(|object| object.name == name).unwrap().author;
    bench.thoughtspot.edit(|world| world.create_answer("acme", "ana", "Sales", None).unwrap());
    let mut hints = Page::open(&bench, "docs/troubleshooting.md");
    hints.follow("").await;
    hints.end();

    let mut page = Page::open(&bench, "docs/offboarding.md").with("-n acme", format!("-n {}", bench.namespace));
    page.follow("Only locked out").await;
    let status = || bench.thoughtspot.state().user("ana").unwrap().account_status;
    assert_eq!(status(), AccountStatus::Inactive);
    page.follow("Gone, with what they made kept").await;
    assert_eq!((author("Sales").as_str(), status()), ("bo", AccountStatus::Inactive));

    bench.apply(&ANA.replace("email:", "deletionPolicy: Delete\n  email:")).await;
    bench.ready(USER, "ana").await;
    assert_eq!(status(), AccountStatus::Active, "back again");
    bench.thoughtspot.edit(|world| world.create_answer("acme", "ana", "Costs", None).unwrap());
    bench.delete(USER, "ana").await;
    page.follow("When it does not go on").await;
    assert_eq!((author("Costs").as_str(), status()), ("ana", AccountStatus::Active));
    page.pass_over("A whole tenant");
    page.end();
}

#[rstest]
#[tokio::test]
async fn a_whole_tenant_leaves_as_the_page_says(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("platform", dialect).await;
    let acme = bench.another_namespace("acme").await;
    bench.run();
    let ours = format!("{{ name: analytics, namespace: {} }}", bench.namespace);
    let there = |manifest: &str| {
        manifest.replace("metadata: {", &format!("metadata: {{ namespace: {acme},")).replace("{ name: ts }", &ours)
    };
    let grants = format!("  grants: [{{ name: tenants, namespaces: {{ from: Names, names: [{acme}] }} }}]\n");
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}{grants}").replace("name: ts", "name: analytics")).await;
    bench.apply(&[there(ACME), there(ANALYSTS)].join("---")).await;
    let users: Vec<String> = (0..12).map(|n| format!("user-{n}")).collect();
    for name in &users {
        bench.apply(&there(&ANA.replace("name: ana", &format!("name: {name}")))).await;
    }
    for name in &users {
        bench.ready_in(&acme, USER, name).await;
    }
    let page = Page::open(&bench, "docs/offboarding.md").with("-n acme", format!("-n {acme}"));
    let page = page.with("-n platform", format!("-n {}", bench.namespace));
    let mut page = page.with("delete namespace acme", format!("delete namespace {acme}"));
    for others in ["Only locked out", "Gone, with what they made kept", "When it does not go on"] {
        page.pass_over(others);
    }
    page.follow("A whole tenant").await;
    page.end();
    let state = bench.thoughtspot.state();
    assert!(state.org("acme").is_none() && users.iter().all(|name| state.user(name).is_none()), "{state:?}");
    bench.ready(INSTANCE, "analytics").await;
}

#[rstest]
#[tokio::test]
async fn passwords_are_set_and_made_up_as_the_page_says(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("page-passwords", dialect).await;
    bench.tenant().await;
    let mut page = Page::open(&bench, "docs/passwords.md").with("name: analytics\n", "name: ts\n");
    page.follow("From a Secret of yours").await;
    assert!(bench.signs_in("ana", "correct-horse-battery-staple").await);
    page.follow("Made up by the operator").await;
    let password = std::fs::read_to_string(page.folder.path().join("loader.password")).unwrap();
    assert!(password.len() == 40 && bench.signs_in("loader", &password).await);
    page.end();
}
