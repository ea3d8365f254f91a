//! The first tenants, by a release that may read the Secrets of one namespace and no others.

use rstest::rstest;
use thoughtspot_crds::Dialect::{self, V1, V2};

use super::release::{Release, alone, cluster};
use crate::bench::Bench;
use crate::documents::root;
use crate::pages::Page;

/// The namespaces of the page, which are others in each run.
const NAMESPACES: [&str; 4] = ["platform", "team-acme", "team-globex", "thoughtspot-system"];

#[rstest]
#[tokio::test]
async fn the_first_tenants_are_onboarded_as_the_page_says(#[values(V1, V2)] dialect: Dialect) {
    let _alone = alone().await;
    let bench = Bench::idle_on(cluster().await, "onboarding", dialect).await;
    let name = |theirs: &str| format!("{theirs}-{}", dialect.to_string().to_lowercase());
    let mut page = Page::open(&bench, "docs/first-tenant.md").with("- acme.thoughtspot.cloud", "- http://127.0.0.1:*");
    for theirs in NAMESPACES {
        for (before, after) in [(" ", "\n"), (" ", " "), (" ", "/"), ("\"", "\"")] {
            page = page.with(format!("{before}{theirs}{after}"), format!("{before}{}{after}", name(theirs)));
        }
    }
    std::os::unix::fs::symlink(root().join("charts"), page.folder.path().join("charts")).unwrap();
    let mut page = page.with("--install thoughtspot-operator ", format!("--install {} --create-namespace ", name("tenants")));
    page.follow("Before").await;
    let release = Release::found(&name("tenants"), name("thoughtspot-system")).await;
    let _operator = release.start().await;
    page.follow("The connection").await;
    page.follow("The tenant").await;
    let ana = bench.thoughtspot.state().user("ana").cloned().unwrap();
    assert_eq!((ana.display_name.as_str(), ana.groups.len()), ("Ana Diaz", 2), "All and analysts");

    page.follow("Another tenant, not granted yet").await;
    page.follow("Two tenants with a user of the same name").await;
    let state = bench.thoughtspot.state();
    assert_eq!(state.user("ana").cloned().unwrap(), ana, "the first is as she was");
    assert_eq!(state.user("ana@globex.example").unwrap().orgs, ["globex"]);

    page.follow("One person, two tenants").await;
    assert_eq!(bench.thoughtspot.state().user("ana").unwrap().orgs, ["acme", "globex"]);
    page.end();
    release.uninstall().await;
}
