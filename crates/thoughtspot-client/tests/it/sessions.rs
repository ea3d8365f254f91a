//! Tokens: one per Org, verified, replaced, and never at the price of a locked account.

use std::sync::Arc;

use futures::future::join_all;
use thoughtspot_client::Error;
use thoughtspot_client::domain::{ListChange, Lookup, OrgId};
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::settings::Proof;
use thoughtspot_simulator::{Action, Rule};

use crate::{ADMIN, Bench, Dialect, MINT, PASSWORD, SECRET_KEY, in_both, new_org, new_user};

in_both!(
    a_crowd_shares_one_verified_token_per_org,
    a_wrong_password_is_tried_once_whoever_asks,
    a_refused_token_is_replaced_once,
    when_all_tokens_end_a_crowd_gets_one_new_one,
    a_write_refused_for_its_token_is_done_once_with_a_fresh_one,
    no_access_to_an_org_is_its_own_error_until_somebody_lets_us_in,
    a_sign_in_goes_on_when_its_caller_gives_up,
);

const SWITCH: &str = "PUT v1/session/orgs";

/// A JSON number, or the text of one, as forms have.
fn number(value: &serde_json::Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

async fn a_crowd_shares_one_verified_token_per_org(dialect: Dialect) {
    let bench = Bench::new().await;
    let other = bench.somebody_else();
    let mut orgs = vec![OrgId::PRIMARY];
    for name in ["acme", "globex"] {
        orgs.push(new_org(&other, name).await.id);
    }
    let far = bench.far(dialect);
    let mark = bench.mark();
    let asked = orgs.iter().flat_map(|org| (0..20).map(|_| *org));
    let calls = asked.map(|org| {
        let far = Arc::clone(&far);
        async move { far.find_user(org, Lookup::Name("nobody")).await.unwrap() }
    });
    join_all(calls).await;
    assert_eq!(bench.count(mark, dialect.sign_in()), 3);
    // A session of v1 is opened in Primary: the two for other Orgs are asked, switched, and asked again.
    let (verified, switched) = match dialect {
        Dialect::V1 => (5, 2),
        Dialect::V2 => (3, 0),
    };
    assert_eq!((bench.count(mark, dialect.verify()), bench.count(mark, SWITCH)), (verified, switched));
    assert_eq!(bench.count(mark, dialect.find_user()), 60);
    let mut minted: Vec<i64> = bench
        .sim
        .journal()
        .iter()
        .filter(|e| e.seq > mark && e.route == dialect.sign_in())
        .filter_map(|e| number(&e.identifiers[dialect.org_key()]))
        .collect();
    minted.sort_unstable();
    let mut expected: Vec<i64> = match dialect {
        Dialect::V1 => vec![OrgId::PRIMARY.0; 3],
        Dialect::V2 => orgs.iter().map(|o| o.0).collect(),
    };
    expected.sort_unstable();
    assert_eq!(minted, expected, "also for Primary");
}

#[tokio::test]
async fn exactly_one_proof_is_sent() {
    let bench = Bench::new().await;
    for (proof, key, not) in [
        (Proof::Password(Secret::new(PASSWORD)), "password", "secret_key"),
        (Proof::SecretKey(Secret::new(SECRET_KEY)), "secret_key", "password"),
    ] {
        let mark = bench.mark();
        let login = bench.client_with(proof).login().await.unwrap();
        assert_eq!(login.name, ADMIN);
        let journal = bench.sim.journal();
        let mint = journal.iter().find(|e| e.seq > mark && e.route == MINT).unwrap();
        assert!(mint.keys.iter().any(|k| k == key) && !mint.keys.iter().any(|k| k == not), "{:?}", mint.keys);
    }
}

async fn a_wrong_password_is_tried_once_whoever_asks(dialect: Dialect) {
    let bench = Bench::new().await;
    let wrong = || bench.far_with(dialect, bench.settings(Proof::Password(Secret::new("CANARY-wrong"))));
    let (one, two) = (wrong(), wrong());
    let mark = bench.mark();
    let calls = (0..10).flat_map(|org| [(Arc::clone(&one), org), (Arc::clone(&two), org)]);
    let outcomes = join_all(calls.map(|(far, org)| async move { far.find_user(OrgId(org), Lookup::Name("x")).await })).await;
    for outcome in outcomes {
        assert!(matches!(outcome, Err(Error::BadCredentials { .. })), "{outcome:?}");
    }
    assert!(matches!(wrong().login().await, Err(Error::BadCredentials { .. })), "set up again with the same");
    assert_eq!(bench.count(mark, dialect.sign_in()), 1);
    // Corrected, it works at once: the account was not locked.
    bench.far(dialect).login().await.unwrap();
}

async fn a_refused_token_is_replaced_once(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = bench.far(dialect);
    far.login().await.unwrap();
    let mark = bench.mark();
    bench.sim.fault(Rule::route(dialect.find_user(), Action::refuse(401)).times(1));
    far.find_user(OrgId::PRIMARY, Lookup::Name("nobody")).await.unwrap();
    assert_eq!((bench.count(mark, dialect.sign_in()), bench.count(mark, dialect.find_user())), (1, 2));

    let mark = bench.mark();
    bench.sim.fault(Rule::route(dialect.find_user(), Action::refuse(401)).times(2));
    let outcome = far.find_user(OrgId::PRIMARY, Lookup::Name("nobody")).await;
    assert!(matches!(outcome, Err(Error::BadCredentials { .. })), "{outcome:?}");
    assert_eq!((bench.count(mark, dialect.sign_in()), bench.count(mark, dialect.find_user())), (1, 2));

    let mark = bench.mark();
    assert!(far.find_user(OrgId::PRIMARY, Lookup::Name("nobody")).await.is_err());
    assert_eq!(bench.mark(), mark, "it is left alone for a while");
}

async fn when_all_tokens_end_a_crowd_gets_one_new_one(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = bench.far(dialect);
    far.login().await.unwrap();
    let mark = bench.mark();
    bench.sim.advance(std::time::Duration::from_secs(100_000));
    let calls = (0..10).map(|_| {
        let far = Arc::clone(&far);
        async move { far.find_user(OrgId::PRIMARY, Lookup::Name("nobody")).await.unwrap() }
    });
    join_all(calls).await;
    assert_eq!(bench.count(mark, dialect.sign_in()), 1);
}

async fn a_write_refused_for_its_token_is_done_once_with_a_fresh_one(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    far.login().await.unwrap();
    bench.sim.advance(std::time::Duration::from_secs(100_000));
    let mark = bench.mark();
    new_user(far, OrgId::PRIMARY, "ana").await;
    assert_eq!((bench.count(mark, dialect.sign_in()), bench.count(mark, dialect.create_user())), (1, 2));
    assert_eq!(bench.sim.journal().iter().filter(|e| e.seq > mark && e.committed).count(), 1);
}

async fn no_access_to_an_org_is_its_own_error_until_somebody_lets_us_in(dialect: Dialect) {
    for status in [400, 403] {
        let bench = Bench::new().await;
        bench.sim.set(|s| (s.admin_needs_membership, s.no_org_access) = (true, status));
        let far = &*bench.far(dialect);
        let org = new_org(far, "acme").await.id;
        let mark = bench.mark();
        for _ in 0..3 {
            let outcome = far.find_user(org, Lookup::Name("x")).await;
            assert!(
                matches!(&outcome, Err(Error::NoOrgAccess { login, org: o }) if login == ADMIN && *o == org.0),
                "{outcome:?}"
            );
        }
        assert_eq!(bench.count(mark, dialect.sign_in()), 1, "remembered for a moment");
        let me = far.login().await.unwrap();
        far.change_org_members(org, &me.id, ListChange::Add).await.unwrap();
        assert_eq!(far.find_user(org, Lookup::Name("nobody")).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_token_for_another_org_is_never_used() {
    let bench = Bench::new().await;
    let org = new_org(&bench.somebody_else(), "acme").await.id;
    bench.sim.set(|s| s.token_lands_in_org = Some(0));
    let far = bench.client();
    let mark = bench.mark();
    let outcome = far.create_user(org, &crate::user("ana")).await;
    assert!(matches!(outcome, Err(Error::WrongOrg { wanted, got: 0 }) if wanted == org.0), "{outcome:?}");
    assert_eq!(bench.count(mark, "POST users/create"), 0);
}

#[tokio::test]
async fn a_session_in_another_org_is_switched_before_it_is_used() {
    let bench = Bench::new().await;
    let org = new_org(&bench.somebody_else(), "acme").await.id;
    bench.sim.set(|s| s.token_lands_in_org = Some(0));
    let far = bench.v1();
    let mark = bench.mark();
    new_user(&far, org, "ana").await;
    new_user(&far, OrgId::PRIMARY, "bo").await;
    assert_eq!(bench.count(mark, SWITCH), 1, "each Org has a session of its own");
    for (org, name) in [(org, "ana"), (OrgId::PRIMARY, "bo")] {
        assert_eq!(far.find_user(org, Lookup::Name(name)).await.unwrap().unwrap().orgs, [org].into());
    }
}

#[tokio::test]
async fn a_session_that_stays_in_another_org_is_never_used() {
    let bench = Bench::new().await;
    let org = new_org(&bench.somebody_else(), "acme").await.id;
    bench.sim.set(|s| s.token_lands_in_org = Some(0));
    bench.sim.fault(Rule::route(SWITCH, Action::refuse(403)));
    let far = bench.v1();
    let mark = bench.mark();
    let outcome = far.create_user(org, &crate::user("ana")).await;
    assert!(matches!(outcome, Err(Error::NoOrgAccess { org: o, .. }) if o == org.0), "{outcome:?}");
    assert_eq!(bench.count(mark, "POST v1/user/"), 0);
}

#[tokio::test]
async fn a_trusted_token_becomes_a_session_at_once() {
    let bench = Bench::new().await;
    let far = bench.far_with(Dialect::V1, bench.settings(Proof::SecretKey(Secret::new(SECRET_KEY))));
    let mark = bench.mark();
    assert_eq!(far.login().await.unwrap().name, ADMIN);
    new_user(&*far, OrgId::PRIMARY, "ana").await;
    let journal = bench.sim.journal();
    let routes: Vec<&str> = journal.iter().filter(|e| e.seq > mark).map(|e| e.route.as_str()).collect();
    let signed_in = ["POST v1/session/auth/token", "POST v1/session/login/token", "GET v1/session/orgs", "GET v1/session/info"];
    assert_eq!(routes, [signed_in.as_slice(), &["POST v1/user/"]].concat());
    // A newer token of the same user ends the older one, not the session.
    let other = bench.far_with(Dialect::V1, bench.settings(Proof::SecretKey(Secret::new(SECRET_KEY))));
    other.login().await.unwrap();
    bench.sim.advance(std::time::Duration::from_secs(600));
    let mark = bench.mark();
    far.find_user(OrgId::PRIMARY, Lookup::Name("ana")).await.unwrap().unwrap();
    assert_eq!(bench.mark(), mark + 1, "no new sign-in");
}

async fn a_sign_in_goes_on_when_its_caller_gives_up(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = bench.far_with(dialect, bench.settings(Proof::Password(Secret::new("CANARY-wrong"))));
    let mark = bench.mark();
    let hold = bench.sim.hold_at(mark + 1, thoughtspot_simulator::Moment::BeforeServed);
    let caller = tokio::spawn({
        let far = Arc::clone(&far);
        async move { far.login().await }
    });
    crate::soon("the sign-in", hold.held()).await;
    caller.abort();
    let second = tokio::spawn(async move { far.login().await });
    hold.release();
    let outcome = crate::soon("the second caller", second).await.unwrap();
    assert!(matches!(outcome, Err(Error::BadCredentials { .. })), "{outcome:?}");
    assert_eq!(bench.count(mark, dialect.sign_in()), 1, "the refusal was not lost with the first caller");
}
