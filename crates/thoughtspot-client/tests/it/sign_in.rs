//! What a refused or odd sign-in means: for the Org, for the credentials, and for the account that refusals lock.

use thoughtspot_client::Error;
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::settings::Proof;
use thoughtspot_simulator::{Action, Rule};

use crate::{Bench, Dialect, SECRET_KEY, in_both, new_org, new_user};

in_both!(
    a_new_pass_that_is_refused_at_once_is_not_asked_for_again,
    one_org_that_refuses_good_credentials_does_not_cost_the_others,
    credentials_that_turn_bad_are_not_tried_org_by_org,
);

async fn a_new_pass_that_is_refused_at_once_is_not_asked_for_again(dialect: Dialect) {
    let bench = Bench::new().await;
    bench.sim.fault(Rule::route(dialect.verify(), Action::refuse(401)));
    let far = bench.far(dialect);
    let mark = bench.mark();
    for _ in 0..10 {
        let outcome = far.find_user(OrgId::PRIMARY, Lookup::Name("ana")).await;
        assert!(matches!(outcome, Err(Error::BadCredentials { .. })), "{outcome:?}");
    }
    assert_eq!(bench.count(mark, dialect.sign_in()), 1);
}

async fn one_org_that_refuses_good_credentials_does_not_cost_the_others(dialect: Dialect) {
    let bench = Bench::new().await;
    let other = bench.somebody_else();
    let (acme, globex) = (new_org(&other, "acme").await.id, new_org(&other, "globex").await.id);
    let far = bench.far(dialect);
    far.login().await.unwrap();
    let only_in_an_org = match dialect {
        Dialect::V1 => "PUT v1/session/orgs",
        Dialect::V2 => dialect.sign_in(),
    };
    bench.sim.fault(Rule::route(only_in_an_org, Action::refuse(401)).times(1));
    let outcome = far.enter(acme).await;
    assert!(matches!(outcome, Err(Error::NoOrgAccess { org, .. }) if org == acme.0), "{outcome:?}");
    far.enter(globex).await.unwrap();
    bench.far(dialect).login().await.unwrap();
}

async fn credentials_that_turn_bad_are_not_tried_org_by_org(dialect: Dialect) {
    let bench = Bench::new().await;
    let other = bench.somebody_else();
    let mut orgs = Vec::new();
    for name in ["acme", "globex", "initech", "hooli", "umbrella"] {
        orgs.push(new_org(&other, name).await.id);
    }
    let far = bench.far(dialect);
    far.login().await.unwrap();
    bench.sim.fault(Rule::route(dialect.sign_in(), Action::refuse(401)));
    let mark = bench.mark();
    let outcomes = futures::future::join_all(orgs.into_iter().map(|org| far.enter(org))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(Error::BadCredentials { .. }))), "{outcomes:?}");
    let tried = bench.count(mark, dialect.sign_in());
    assert!(tried < 4, "{tried} refused sign-ins lock the account");
}

#[tokio::test]
async fn a_key_that_one_org_refuses_still_opens_the_others() {
    let bench = Bench::new().await;
    let acme = new_org(&bench.somebody_else(), "acme").await.id;
    let far = bench.far_with(Dialect::V1, bench.settings(Proof::SecretKey(Secret::new(SECRET_KEY))));
    far.login().await.unwrap();
    bench.sim.fault(Rule::route("POST v1/session/auth/token", Action::refuse(401)).times(1));
    let outcome = far.enter(acme).await;
    assert!(matches!(outcome, Err(Error::NoOrgAccess { .. })), "{outcome:?}");
    bench.far_with(Dialect::V1, bench.settings(Proof::SecretKey(Secret::new(SECRET_KEY)))).enter(acme).await.unwrap();
}

#[tokio::test]
async fn a_session_that_does_not_tell_its_org_is_not_taken_for_one_in_primary() {
    for status in [400, 403, 404, 500] {
        let bench = Bench::new().await;
        let other = bench.somebody_else();
        let acme = new_org(&other, "acme").await.id;
        bench.sim.set(|s| s.token_lands_in_org = i32::try_from(acme.0).ok());
        bench.sim.fault(Rule::route("GET v1/session/orgs", Action::refuse(status)));
        let far = bench.v1();
        let mark = bench.mark();
        assert!(far.create_user(OrgId::PRIMARY, &crate::user("ana")).await.is_err(), "{status}");
        assert_eq!(bench.count(mark, "POST v1/user/"), 0, "{status}");
    }
}

#[tokio::test]
async fn without_the_orgs_feature_a_session_is_in_primary() {
    for status in [403, 500] {
        let bench = Bench::new().await;
        bench.sim.set(|s| (s.orgs, s.feature_off) = (false, status));
        let far = bench.v1();
        new_user(&far, OrgId::PRIMARY, "ana").await;
        assert!(far.enter(OrgId(7)).await.is_err(), "{status}");
    }
}

#[tokio::test]
async fn where_orgs_are_found_a_session_that_says_there_are_none_is_not_used() {
    let bench = Bench::new().await;
    bench.sim.set(|s| s.orgs = false);
    // Everything about Orgs is off but their list, which is answered as if they were on.
    bench.sim.fault(Rule::route("POST v1/org/search", Action::refuse(403)));
    let far = bench.v1();
    let outcome = far.find_user(OrgId::PRIMARY, Lookup::Name("ana")).await;
    assert!(matches!(outcome, Err(Error::Forbidden { .. })), "{outcome:?}");
}

#[tokio::test]
async fn who_may_not_create_groups_keeps_the_session_and_its_org() {
    let bench = Bench::new().await;
    let acme = new_org(&bench.somebody_else(), "acme").await.id;
    let far = bench.v1();
    far.enter(acme).await.unwrap();
    bench.sim.fault(Rule::route("POST v1/group/", Action::refuse(401)));
    let mark = bench.mark();
    let outcome = far.create_group(acme, &crate::group("finance")).await;
    assert!(matches!(outcome, Err(Error::Forbidden { .. })), "{outcome:?}");
    assert_eq!(far.find_user(acme, Lookup::Name("nobody")).await.unwrap(), None);
    assert_eq!((bench.count(mark, "POST v1/group/"), bench.count(mark, Dialect::V1.sign_in())), (1, 0));
}

#[tokio::test]
async fn a_redirect_does_not_sign_in() {
    use axum::http::{StatusCode, header};
    let redirect =
        || async { (StatusCode::FOUND, [(header::SET_COOKIE, "JSESSIONID=of-a-proxy"), (header::LOCATION, "/login")]) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut bench = Bench::new().await;
    bench.url = format!("http://{}", listener.local_addr().unwrap());
    let _proxy = tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(redirect)).await });
    let outcome = bench.v1().login().await;
    assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
}
