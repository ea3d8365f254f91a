//! v1 wants whole objects back: what our changes of users and groups leave alone.

use std::collections::BTreeSet;

use thoughtspot_client::Error;
use thoughtspot_client::domain::{ListChange, Lookup, OrgId, UserPatch};
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::secret::Secret;
use thoughtspot_simulator::settings::ErrorShape;
use thoughtspot_simulator::{Action, Rule};

use crate::{Bench, new_group, new_user};

const P: OrgId = OrgId::PRIMARY;
const READ: &str = "GET v1/user/";
const WRITE: &str = "PUT v1/user/{userid}";

#[tokio::test]
async fn a_group_that_was_taken_from_a_user_does_not_come_back_with_what_was_read_before() {
    let bench = Bench::new().await;
    let (far, other) = (bench.v1(), bench.somebody_else());
    let ana = new_user(&other, P, "ana").await.id;
    let groups = BTreeSet::from([new_group(&other, P, "analysts").await.id]);
    other.change_user_groups(P, &ana, &groups, ListChange::Add).await.unwrap();
    let content = far.users(P).content(&ana).await.unwrap();
    other.change_user_groups(P, &ana, &groups, ListChange::Remove).await.unwrap();
    far.users(P).update(&ana, &content, Some(&Secret::new("CANARY-long-enough"))).await.unwrap();
    let now = other.find_user(P, Lookup::Id(&ana)).await.unwrap().unwrap();
    assert_eq!(now.groups.intersection(&groups).count(), 0);
}

#[tokio::test]
async fn a_password_that_is_refused_without_a_word_is_known_to_be_refused() {
    let bench = Bench::new().await;
    let far = bench.v1();
    let ana = new_user(&far, P, "ana").await.id;
    bench.sim.set(|settings| settings.error_shape = ErrorShape::Empty);
    let outcome = far.set_password(&ana, &Secret::new("short")).await;
    assert!(matches!(outcome, Err(Error::Refused { status: 500, .. })), "{outcome:?}");
}

#[tokio::test]
async fn an_address_is_changed_without_sending_the_rest_of_the_user() {
    let bench = Bench::new().await;
    let far = bench.v1();
    let ana = new_user(&far, P, "ana").await.id;
    let mark = bench.mark();
    let patch = UserPatch { email: Some("new@example.com".to_owned()), ..UserPatch::default() };
    far.update_user(P, &ana, &patch).await.unwrap();
    assert_eq!(far.find_user(P, Lookup::Id(&ana)).await.unwrap().unwrap().email, "new@example.com");
    assert_eq!((bench.count(mark, "PUT v1/user/email"), bench.count(mark, WRITE)), (1, 0));
}

#[tokio::test]
async fn what_was_read_in_a_session_that_ended_is_read_again_before_it_is_sent() {
    let bench = Bench::new().await;
    let far = bench.v1();
    let ana = new_user(&far, P, "ana").await.id;
    let patch = UserPatch { display_name: Some("Ana D.".to_owned()), ..UserPatch::default() };
    bench.sim.fault(Rule::route("PUT v1/user/*", Action::refuse(401)).times(1));
    bench.sim.fault(Rule::route("GET v1/session/info", Action::refuse(401)).times(1));
    let mark = bench.mark();
    far.update_user(P, &ana, &patch).await.unwrap();
    assert_eq!((bench.count(mark, READ), bench.count(mark, WRITE)), (2, 2));
    assert_eq!(far.find_user(P, Lookup::Id(&ana)).await.unwrap().unwrap().display_name, "Ana D.");

    bench.sim.fault(Rule::route("PUT v1/user/*", Action::refuse(401)).times(1));
    let mark = bench.mark();
    let outcome = far.update_user(P, &ana, &patch).await;
    assert!(matches!(outcome, Err(Error::Forbidden { .. })), "the session was good: {outcome:?}");
    assert_eq!(bench.count(mark, WRITE), 1, "and nothing is sent twice");
}
