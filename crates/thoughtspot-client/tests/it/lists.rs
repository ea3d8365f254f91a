//! Lists without pages, as v1 has them: one request, read as it arrives, believed whole or not at all. And what lists of either dialect may
//! take of memory.

use std::sync::Arc;
use std::time::Duration;

use thoughtspot_client::Error;
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::inventory::{Inventory, InventorySettings, Look};
use thoughtspot_client::port::{Handle, Page, Sent};
use thoughtspot_client::transport::Limits;
use thoughtspot_simulator::settings::ErrorShape;
use thoughtspot_simulator::{Action, Rule};

use crate::{Bench, Dialect, limits, new_org, new_user};

const LIST: &str = "GET v1/user/";
const PAGE: Page = Page { offset: 0, size: 10 };

/// An Org with 25 users.
async fn acme(limits: Limits) -> (Bench, Handle, OrgId) {
    let bench = Bench::with(limits).await;
    let far = bench.far(Dialect::V1);
    let org = new_org(&*far, "acme").await.id;
    for n in 0..25 {
        new_user(&*far, org, &format!("user-{n:02}")).await;
    }
    (bench, far, org)
}

#[tokio::test]
async fn a_scope_is_read_in_one_request_whatever_the_page_asked_for() {
    let (bench, far, org) = acme(limits()).await;
    let page = far.users_page(org, PAGE).await.unwrap();
    assert_eq!((page.rows.len(), page.sent), (25, Sent::Everything));
    let settings = InventorySettings { page_size: 10, max_age: Duration::from_secs(86_400), max_rows: 1000 };
    let inventory = Inventory::new(Arc::clone(&far), settings);
    let mark = bench.mark();
    for n in 0..25 {
        assert!(inventory.user(org, Lookup::Name(&format!("USER-{n:02}")), Look::Known).await.unwrap().is_some());
    }
    assert!(inventory.user(org, Lookup::Name("user-25"), Look::Known).await.unwrap().is_none());
    assert_eq!(bench.count(mark, LIST), 1);
    assert_eq!(inventory.uncertified(), Vec::<String>::new());
}

#[tokio::test]
async fn a_list_has_a_cap_of_its_own() {
    for (list_max, read) in [(1 << 20, true), (8 << 10, false)] {
        let (_bench, far, org) = acme(Limits { answer_max: 16 << 10, list_max, ..limits() }).await;
        let outcome = far.users_page(org, PAGE).await;
        match read {
            true => assert_eq!(outcome.unwrap().rows.len(), 25),
            false => assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}"),
        }
    }
}

/// There is room for some thirty users; `tests/memory.rs` has what that comes to.
#[tokio::test]
async fn lists_that_find_no_room_are_read_object_by_object_and_nothing_is_missed() {
    for dialect in [Dialect::V1, Dialect::V2] {
        let bench = Bench::with(Limits { lists_max: 64 << 10, ..limits() }).await;
        let far = bench.far(dialect);
        let (acme, globex) = (new_org(&*far, "acme").await.id, new_org(&*far, "globex").await.id);
        for n in 0..20 {
            new_user(&*far, acme, &format!("ana-{n}")).await;
            new_user(&*far, globex, &format!("bea-{n}")).await;
        }
        let inventory = Inventory::new(Arc::clone(&far), InventorySettings::new(Duration::from_secs(86_400)));
        let known = async |org, name: String| inventory.user(org, Lookup::Name(&name), Look::Known).await.unwrap().is_some();
        assert!(known(acme, "ana-7".to_owned()).await && !known(acme, "bea-7".to_owned()).await);
        assert!(known(globex, "bea-7".to_owned()).await && !known(globex, "ana-7".to_owned()).await);
        assert_eq!(inventory.uncertified(), [format!("users of Org {globex}")], "{dialect:?}");
        let refused = inventory.users(globex).await.unwrap_err();
        let expected =
            format!("the list of users of Org {globex} cannot be read whole: all lists of this ThoughtSpot would take");
        assert!(refused.to_string().starts_with(&expected), "{refused}");

        // What we write ourselves is known, or nothing is.
        for n in 20..40 {
            inventory.put_user(acme, new_user(&*far, acme, &format!("ana-{n}")).await);
        }
        assert_eq!(inventory.uncertified().len(), 2, "{dialect:?}");
        for n in 0..40 {
            assert!(known(acme, format!("ana-{n}")).await, "{dialect:?} {n}");
        }
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_is_not_believed() {
    let (bench, far, org) = acme(limits()).await;
    bench.sim.fault(Rule::route(LIST, Action::MalformedJson).times(1));
    let outcome = far.users_page(org, PAGE).await;
    assert!(matches!(outcome, Err(Error::Uncertified { .. })), "{outcome:?}");
    assert_eq!(far.users_page(org, PAGE).await.unwrap().rows.len(), 25);
}

#[tokio::test]
async fn a_refusal_without_a_word_does_not_prove_that_something_is_gone() {
    let (bench, far, org) = acme(limits()).await;
    let there = far.find_user(org, Lookup::Name("user-07")).await.unwrap().unwrap().id;
    for status in [400, 500] {
        bench.sim.set(|s| (s.error_shape, s.v1_unknown_id) = (ErrorShape::Empty, status));
        let unknown = "00000000-0000-4000-8000-000000000000";
        let mark = bench.mark();
        assert_eq!(far.find_user(org, Lookup::Id(unknown)).await.unwrap(), None);
        assert_eq!(bench.count(mark, LIST), 2, "it was looked for");
        assert_eq!(far.find_group(org, Lookup::Id(unknown)).await.unwrap(), None);
        bench.sim.fault(Rule::route(LIST, Action::refuse(status)).times(1));
        assert!(far.find_user(org, Lookup::Id(&there)).await.unwrap().is_some(), "refused once, and found in the list");
    }
}
