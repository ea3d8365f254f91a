//! Scopes: whole, certified, shared, kept true by our own writes, and told of when they change.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use thoughtspot_client::Error;
use thoughtspot_client::domain::{Group, ListChange, Lookup, Org, OrgId, UserPatch};
use thoughtspot_client::inventory::{Inventory, InventorySettings, Look, Moved, Scope};
use thoughtspot_client::port::{Page, ThoughtSpot};
use thoughtspot_client::v2::V2;
use thoughtspot_simulator::{Action, Body, Moment, Rule};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{Bench, GROUPS, ORGS, USERS, new_group, new_org, new_user, soon, user};

const DAY: Duration = Duration::from_secs(86_400);

fn inventory_of(far: V2, max_age: Duration) -> Arc<Inventory> {
    Arc::new(Inventory::new(Arc::new(far), InventorySettings { page_size: 10, max_age, max_rows: 1000 }))
}

/// An Org with 25 users, somebody else who works in it, and an inventory with a page of ten.
async fn acme(max_age: Duration) -> (Bench, V2, OrgId, Arc<Inventory>) {
    let bench = Bench::new().await;
    let other = bench.somebody_else();
    let org = new_org(&other, "acme").await.id;
    for n in 0..25 {
        new_user(&other, org, &format!("user-{n:02}")).await;
    }
    let inventory = inventory_of(bench.client(), max_age);
    (bench, other, org, inventory)
}

async fn known(inventory: &Inventory, org: OrgId, name: &str) -> bool {
    inventory.user(org, Lookup::Name(name), Look::Known).await.unwrap().is_some()
}

fn told(moved: &mut UnboundedReceiver<Moved>) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    while let Ok(Moved { scope, name, .. }) = moved.try_recv() {
        all.insert((scope.to_string(), name));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_costs_the_pages_of_the_scope_once() {
    let (bench, _, org, inventory) = acme(DAY).await;
    let mark = bench.mark();
    let asks = (0..25).map(|n| {
        let inventory = Arc::clone(&inventory);
        async move { known(&inventory, org, &format!("USER-{n:02}")).await }
    });
    assert!(join_all(asks).await.into_iter().all(|found| found));
    assert!(!known(&inventory, org, "user-25").await);
    assert_eq!(bench.count(mark, USERS), 3, "25 users by pages of ten");
    let [_, users, _] = inventory.figures();
    assert_eq!((users.scope, users.lists, users.pages), ("users", 1, 3));
    let offsets: Vec<_> = bench
        .sim
        .journal()
        .iter()
        .filter(|e| e.seq > mark && e.route == USERS)
        .map(|e| e.identifiers["record_offset"].clone())
        .collect();
    assert_eq!(offsets, [0, 10, 20]);
}

#[tokio::test]
async fn a_list_that_has_to_be_fresh_shows_what_was_changed_a_moment_ago() {
    let (bench, other, org, inventory) = acme(DAY).await;
    let has = |groups: &[Arc<Group>], name: &str| groups.iter().any(|group| group.name == name);
    inventory.groups(org, Look::Known).await.unwrap();
    new_group(&other, org, "analysts").await;
    assert!(!has(&inventory.groups(org, Look::Known).await.unwrap(), "analysts"));
    let mark = bench.mark();
    assert!(has(&inventory.groups(org, Look::Fresh).await.unwrap(), "analysts"));
    assert!(has(&inventory.groups(org, Look::Known).await.unwrap(), "analysts"));
    assert_eq!(bench.count(mark, GROUPS), 1);
}

#[tokio::test]
async fn roles_cost_one_call_and_so_does_their_absence() {
    const ROLES: &str = "POST roles/search";
    let (bench, _, org, inventory) = acme(DAY).await;
    for _ in 0..3 {
        let outcome = inventory.roles(org, Look::Known).await;
        assert!(matches!(outcome, Err(Error::Forbidden { .. })), "{outcome:?}");
    }
    assert_eq!(bench.count(0, ROLES), 1);
    bench.sim.set(|s| s.rbac = true);
    assert!(inventory.roles(org, Look::Fresh).await.is_ok());
    assert!(inventory.roles(org, Look::Known).await.is_ok());
    assert_eq!(bench.count(0, ROLES), 2);
}

#[tokio::test]
async fn every_scope_is_its_own() {
    let (bench, other, org, inventory) = acme(DAY).await;
    new_group(&other, org, "analysts").await;
    let mark = bench.mark();
    assert_eq!(inventory.org(Lookup::Name("acme"), Look::Known).await.unwrap().map(|o| o.id), Some(org));
    assert_eq!(inventory.org(Lookup::Id(&org), Look::Known).await.unwrap().map(|o| o.name), Some("acme".to_owned()));
    assert!(inventory.group(org, Lookup::Name("analysts"), Look::Known).await.unwrap().is_some());
    assert!(inventory.group(OrgId::PRIMARY, Lookup::Name("analysts"), Look::Known).await.unwrap().is_none());
    let groups = inventory.groups(org, Look::Known).await.unwrap();
    assert!(groups.iter().any(|g| g.name == "analysts"), "{groups:?}");
    assert!(!known(&inventory, OrgId::PRIMARY, "user-01").await);
    assert_eq!((bench.count(mark, ORGS), bench.count(mark, GROUPS), bench.count(mark, USERS)), (1, 2, 1));
    assert_eq!(inventory.uncertified(), Vec::<String>::new());
}

#[tokio::test]
async fn a_scope_is_read_again_when_it_is_too_old() {
    let (bench, other, org, inventory) = acme(Duration::ZERO).await;
    assert!(!known(&inventory, org, "new").await);
    new_user(&other, org, "new").await;
    let mark = bench.mark();
    assert!(known(&inventory, org, "new").await);
    assert_eq!(bench.count(mark, USERS), 3);
}

#[tokio::test]
async fn a_fresh_look_is_one_read_and_the_scope_learns() {
    let (bench, other, org, inventory) = acme(DAY).await;
    assert!(!known(&inventory, org, "new").await);
    let made = new_user(&other, org, "new").await;
    let mark = bench.mark();
    assert!(!known(&inventory, org, "new").await, "the scope is still good");
    assert!(inventory.user(org, Lookup::Name("new"), Look::Fresh).await.unwrap().is_some());
    assert!(known(&inventory, org, "new").await);
    other.delete_user(&made.id).await.unwrap();
    assert!(inventory.user(org, Lookup::Id(&made.id), Look::Fresh).await.unwrap().is_none());
    assert!(!known(&inventory, org, "new").await);
    assert_eq!(bench.count(mark, USERS), 2);
}

#[tokio::test]
async fn a_fresh_look_from_primary_sees_the_cluster_and_keeps_the_scope_apart() {
    let (_bench, _, _, inventory) = acme(DAY).await;
    let p = OrgId::PRIMARY;
    assert!(inventory.user(p, Lookup::Name("user-01"), Look::Fresh).await.unwrap().is_some());
    assert!(!known(&inventory, p, "user-01").await);
}

#[tokio::test]
async fn our_own_writes_are_known_at_once() {
    let (bench, _, org, inventory) = acme(DAY).await;
    let far = bench.client();
    assert!(!known(&inventory, org, "new").await);
    let mut made = far.create_user(org, &user("new")).await.unwrap();
    inventory.put_user(org, made.clone());
    let mark = bench.mark();
    assert!(known(&inventory, org, "NEW").await);
    made.name = "newer".to_owned();
    inventory.put_user(org, made.clone());
    assert!(known(&inventory, org, "newer").await && !known(&inventory, org, "new").await);
    inventory.forget_user(org, &made.id);
    assert!(!known(&inventory, org, "newer").await);
    assert_eq!(bench.mark(), mark, "without a read");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_writes_win_over_a_sweep_that_began_before_them() {
    let (bench, other, org, inventory) = acme(DAY).await;
    let gone = other.find_user(org, Lookup::Name("user-00")).await.unwrap().unwrap();
    // Two requests for the token, then three pages: the last is held after the others were read.
    let hold = bench.sim.hold_at(bench.mark() + 5, Moment::AfterCommit);
    let asking = tokio::spawn({
        let inventory = Arc::clone(&inventory);
        async move { known(&inventory, org, "user-01").await }
    });
    soon("the last page", hold.held()).await;
    other.delete_user(&gone.id).await.unwrap();
    inventory.forget_user(org, &gone.id);
    inventory.put_user(org, new_user(&other, org, "aaa").await);
    hold.release();
    assert!(soon("the sweep", asking).await.unwrap());
    let mark = bench.mark();
    assert!(known(&inventory, org, "aaa").await, "its page was read before it was made");
    assert!(!known(&inventory, org, "user-00").await, "its page was read before it was deleted");
    assert_eq!(bench.mark(), mark);
}

#[tokio::test]
async fn what_moves_between_two_sweeps_is_told() {
    let (_bench, other, org, inventory) = acme(Duration::ZERO).await;
    let mut moved = inventory.subscribe();
    assert!(known(&inventory, org, "user-00").await);
    assert_eq!(told(&mut moved), BTreeSet::new(), "the first sweep tells nothing");

    let find = async |name| other.find_user(org, Lookup::Name(name)).await.unwrap().unwrap().id;
    let patch = UserPatch { email: Some("x@example.com".to_owned()), ..UserPatch::default() };
    other.update_user(org, &find("user-03").await, &patch).await.unwrap();
    let rename = UserPatch { name: Some("renamed".to_owned()), ..UserPatch::default() };
    other.update_user(org, &find("user-04").await, &rename).await.unwrap();
    other.delete_user(&find("user-05").await).await.unwrap();
    new_user(&other, org, "new").await;
    assert!(known(&inventory, org, "user-00").await);
    let scope = Scope::Users(org).to_string();
    let expected = ["user-03", "user-04", "renamed", "user-05", "new"].map(|name| (scope.clone(), name.to_owned()));
    assert_eq!(told(&mut moved), expected.into());

    assert!(known(&inventory, org, "user-00").await);
    assert_eq!(told(&mut moved), BTreeSet::new(), "nothing moved");
}

#[tokio::test]
async fn our_own_writes_are_not_told_but_for_new_names_others_wait_for() {
    let (bench, _, org, inventory) = acme(DAY).await;
    let far = bench.client();
    inventory.groups(org, Look::Known).await.unwrap();
    inventory.org(Lookup::Id(&org), Look::Known).await.unwrap();
    assert!(known(&inventory, org, "user-00").await);
    let mut moved = inventory.subscribe();
    let made = new_group(&far, org, "analysts").await;
    inventory.put_group(org, made.clone());
    inventory.put_group(org, made.clone());
    inventory.forget_group(org, &made.id);
    inventory.put_user(org, new_user(&far, org, "new").await);
    inventory.put_org(Org { id: OrgId(7), name: "globex".to_owned(), description: String::new(), active: true });
    inventory.forget_org(OrgId(7));
    let expected = [(format!("groups of Org {org}"), "analysts".to_owned()), ("Orgs".to_owned(), "globex".to_owned())];
    assert_eq!(told(&mut moved), expected.into());
}

#[tokio::test]
async fn a_page_that_repeats_rows_is_read_again_and_then_not_believed() {
    let (bench, _, org, inventory) = acme(DAY).await;
    // Three pages a sweep, of which the first is as it should be.
    bench.sim.fault(Rule::route(USERS, Action::PageShift { rows: -1 }).times(2));
    let mark = bench.mark();
    assert!(known(&inventory, org, "user-24").await);
    assert!(bench.count(mark, USERS) > 3, "once again");
    assert_eq!(inventory.uncertified(), Vec::<String>::new());

    let (bench, _, org, inventory) = acme(DAY).await;
    bench.sim.fault(Rule::route(USERS, Action::PageShift { rows: -1 }));
    assert!(known(&inventory, org, "user-24").await);
    assert_eq!(inventory.uncertified(), [format!("users of Org {org}")]);
    let mark = bench.mark();
    assert!(known(&inventory, org, "user-07").await && !known(&inventory, org, "nobody").await);
    assert_eq!(bench.count(mark, USERS), 2, "one read each");
}

#[tokio::test]
async fn a_row_that_a_sweep_skips_is_looked_for_before_it_is_gone() {
    let (bench, _, org, inventory) = acme(Duration::ZERO).await;
    assert!(known(&inventory, org, "user-10").await);
    let mut moved = inventory.subscribe();
    bench.sim.fault(Rule::route(USERS, Action::PageShift { rows: 2 }));
    let mark = bench.mark();
    assert!(known(&inventory, org, "user-10").await && known(&inventory, org, "user-11").await);
    assert_eq!(told(&mut moved), BTreeSet::new());
    assert!(bench.count(mark, USERS) > 6, "two sweeps and the single reads");
}

#[tokio::test]
async fn many_gone_at_once_are_believed_when_two_sweeps_agree() {
    let (bench, other, org, inventory) = acme(Duration::ZERO).await;
    assert!(known(&inventory, org, "user-00").await);
    let all = [0, 10, 20].map(|offset| other.users_page(org, Page { offset, size: 10 }));
    let ids: Vec<String> = join_all(all).await.into_iter().flat_map(|page| page.unwrap().rows).map(|u| u.id).collect();
    for id in &ids[..24] {
        other.delete_user(id).await.unwrap();
    }
    let mut moved = inventory.subscribe();
    let mark = bench.mark();
    assert!(known(&inventory, org, "user-24").await);
    assert_eq!(bench.count(mark, USERS), 2, "the one page that is left, twice, and no single reads");
    assert_eq!(told(&mut moved).len(), 24);
}

#[tokio::test]
async fn a_row_that_poisons_its_page_costs_the_filter_and_else_the_scope() {
    for (unfiltered_too, pages, uncertified) in [(false, 4, 0), (true, 0, 1)] {
        let (bench, other, org, inventory) = acme(DAY).await;
        let poison = other.find_user(org, Lookup::Name("user-12")).await.unwrap().unwrap().id;
        bench.sim.set(|s| (s.poison, s.poison_unfiltered) = (vec![poison], unfiltered_too));
        let mark = bench.mark();
        assert!(known(&inventory, org, "user-01").await);
        assert_eq!(inventory.uncertified().len(), uncertified, "{:?}", inventory.uncertified());
        if !unfiltered_too {
            assert_eq!(bench.count(mark, USERS), pages);
            continue;
        }
        let outcome = inventory.user(org, Lookup::Name("user-12"), Look::Known).await;
        assert!(matches!(outcome, Err(Error::Uncertified { .. })), "nothing is concluded: {outcome:?}");
    }
}

#[tokio::test]
async fn a_sweep_that_fails_fails_for_all_who_wait_and_is_not_repeated_at_once() {
    let (bench, _, org, inventory) = acme(DAY).await;
    let down = Action::Refuse { status: 502, retry_after: None, body: Body::Html, after_commit: false };
    bench.sim.fault(Rule::route(USERS, down));
    let mark = bench.mark();
    let asks = (0..20).map(|_| inventory.user(org, Lookup::Name("user-01"), Look::Known));
    for outcome in join_all(asks).await {
        assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
    }
    assert_eq!(bench.count(mark, USERS), 1);
    bench.sim.clear_faults();
    let again = async {
        while inventory.user(org, Lookup::Name("user-01"), Look::Known).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    soon("the next sweep", again).await;
}

#[tokio::test]
async fn stale_answers_of_the_past_do_not_outlive_the_next_sweep() {
    let (bench, other, org, inventory) = acme(Duration::ZERO).await;
    assert!(known(&inventory, org, "user-00").await);
    bench.sim.fault(Rule::route(USERS, Action::StaleRead).times(3));
    new_user(&other, org, "new").await;
    assert!(!known(&inventory, org, "new").await, "the server says so");
    assert!(known(&inventory, org, "new").await);
}

#[tokio::test]
async fn a_member_who_leaves_is_gone_from_that_org_only() {
    let (_bench, other, org, inventory) = acme(Duration::ZERO).await;
    let two = new_user(&other, OrgId::PRIMARY, "two").await;
    other.change_org_members(org, &two.id, ListChange::Add).await.unwrap();
    assert!(known(&inventory, org, "two").await && known(&inventory, OrgId::PRIMARY, "two").await);
    other.change_org_members(org, &two.id, ListChange::Remove).await.unwrap();
    assert!(!known(&inventory, org, "two").await);
    assert!(known(&inventory, OrgId::PRIMARY, "two").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_goes_on_when_its_caller_gives_up() {
    let (bench, _, org, inventory) = acme(DAY).await;
    assert!(bench.client().login().await.is_ok());
    let mark = bench.mark();
    // Two requests for the token, then the first page.
    let hold = bench.sim.hold_at(mark + 3, Moment::BeforeServed);
    let asking = tokio::spawn({
        let inventory = Arc::clone(&inventory);
        async move { inventory.user(org, Lookup::Name("user-01"), Look::Known).await }
    });
    soon("the first page", hold.held()).await;
    asking.abort();
    hold.release();
    assert!(known(&inventory, org, "user-01").await);
    assert_eq!(bench.count(mark, USERS), 3, "its pages were not read twice");
}
