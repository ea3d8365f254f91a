//! What a lost, late, long or odd answer means.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use thoughtspot_client::Error;
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::port::{Handle, Page, ThoughtSpot};
use thoughtspot_client::secret::Secret;
use thoughtspot_client::settings::{Credentials, Proof, Settings};
use thoughtspot_client::v2::V2;
use thoughtspot_simulator::{Action, Body, Moment, Rule};

use crate::{Bench, Dialect, in_both, limits, network, new_user, soon, unshared, user};

const P: OrgId = OrgId::PRIMARY;

in_both!(
    a_write_without_an_answer_is_unclear_and_is_not_repeated,
    a_read_without_an_answer_is_unavailable,
    signing_in_may_be_repeated_after_any_lost_answer,
    a_late_answer_is_not_waited_for,
    asked_to_slow_down_everybody_on_the_host_does,
    a_503_with_retry_after_pauses_too_and_a_write_is_unclear,
    the_servers_clock_is_followed,
    a_write_that_may_not_begin_is_not_sent_while_reads_go_on,
);

async fn signed_in(bench: &Bench, dialect: Dialect) -> Handle {
    let far = bench.far(dialect);
    far.login().await.unwrap();
    far
}

async fn there(bench: &Bench, name: &str) -> bool {
    bench.somebody_else().find_user(P, Lookup::Name(name)).await.unwrap().is_some()
}

async fn a_write_without_an_answer_is_unclear_and_is_not_repeated(dialect: Dialect) {
    for (action, done) in [
        (Action::CommitThenDrop, true),
        (Action::DropBeforeCommit, false),
        (Action::Html, false),
        (Action::MalformedJson, true),
        (Action::Redirect { location: "http://127.0.0.1:1/".to_owned() }, false),
        (Action::Refuse { status: 502, retry_after: None, body: Body::Html, after_commit: true }, true),
        (Action::Refuse { status: 500, retry_after: None, body: Body::Empty, after_commit: false }, false),
        (Action::Refuse { status: 503, retry_after: None, body: Body::Html, after_commit: false }, false),
    ] {
        let bench = Bench::new().await;
        let far = signed_in(&bench, dialect).await;
        let mark = bench.mark();
        bench.sim.fault(Rule::route(dialect.create_user(), action.clone()));
        let outcome = far.create_user(P, &user("ana")).await;
        assert!(matches!(outcome, Err(Error::Unclear { .. })), "{action:?}: {outcome:?}");
        assert_eq!(bench.count(mark, dialect.create_user()), 1, "{action:?}");
        assert_eq!(there(&bench, "ana").await, done, "{action:?}");
    }
}

async fn a_read_without_an_answer_is_unavailable(dialect: Dialect) {
    for action in [
        Action::DropBeforeCommit,
        Action::Html,
        Action::Redirect { location: "http://127.0.0.1:1/".to_owned() },
        Action::Refuse { status: 504, retry_after: None, body: Body::Html, after_commit: false },
    ] {
        let bench = Bench::new().await;
        let far = signed_in(&bench, dialect).await;
        let mark = bench.mark();
        bench.sim.fault(Rule::route(dialect.find_user(), action.clone()));
        let outcome = far.find_user(P, Lookup::Name("ana")).await;
        assert!(matches!(outcome, Err(Error::Unavailable(_))), "{action:?}: {outcome:?}");
        assert_eq!(bench.mark(), mark + 1, "{action:?}");
    }
}

async fn signing_in_may_be_repeated_after_any_lost_answer(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = bench.far(dialect);
    bench.sim.fault(Rule::route(dialect.sign_in(), Action::CommitThenDrop).times(1));
    assert!(matches!(far.login().await, Err(Error::Unavailable(_))));
    far.login().await.unwrap();
}

async fn a_late_answer_is_not_waited_for(dialect: Dialect) {
    let bench = Bench::new().await;
    let mut settings = bench.settings(Proof::Password(Secret::new(crate::PASSWORD)));
    settings.deadline = Some(Duration::from_millis(500));
    let far = bench.far_with(dialect, settings);
    far.login().await.unwrap();
    let hold = bench.sim.hold_at(bench.mark() + 1, Moment::AfterCommit);
    let outcome = soon("the write to be given up", far.create_user(P, &user("ana"))).await;
    assert!(matches!(outcome, Err(Error::Unclear { .. })), "{outcome:?}");
    hold.release();
    let hold = bench.sim.hold_at(bench.mark() + 1, Moment::BeforeServed);
    let outcome = soon("the read to be given up", far.find_user(P, Lookup::Name("x"))).await;
    assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
    hold.release();
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read() {
    let mut limits = limits();
    limits.answer_max = 5_000;
    let bench = Bench::with(limits).await;
    let other = bench.somebody_else();
    for n in 0..10 {
        new_user(&other, P, &format!("user-{n}")).await;
    }
    let far = signed_in(&bench, Dialect::V2).await;
    let outcome = far.users_page(P, Page { offset: 0, size: 100 }).await;
    assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("longer than")), "{outcome:?}");
    assert!(far.find_user(P, Lookup::Name("user-1")).await.unwrap().is_some());
}

#[tokio::test]
async fn nobody_there_means_certainly_not_done() {
    let bench = Bench::new().await;
    let url = {
        // A port that was free a moment ago.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap()).parse().unwrap()
    };
    let credentials = Credentials { username: "x".to_owned(), proof: Proof::Password(Secret::new("CANARY")) };
    let far = V2::new(bench.network.clone(), Settings::new(url, credentials)).unwrap();
    let outcome = far.create_user(P, &user("ana")).await;
    assert!(matches!(&outcome, Err(Error::Unavailable(why)) if why.contains("connect")), "{outcome:?}");
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_not_even_set_up() {
    let network = network(limits());
    for url in ["https://127.0.0.1:1", "http://localhost:1", "http://u:CANARY@127.0.0.1:1", "http://127.0.0.1:1/x"] {
        let credentials = Credentials { username: "x".to_owned(), proof: Proof::Password(Secret::new("CANARY")) };
        let outcome = V2::new(network.clone(), Settings::new(url.parse().unwrap(), credentials));
        assert!(matches!(outcome.as_ref().err(), Some(Error::HostNotAllowed { .. })), "{url}");
    }
}

async fn asked_to_slow_down_everybody_on_the_host_does(dialect: Dialect) {
    let bench = Bench::new().await;
    let (far, other) = (signed_in(&bench, dialect).await, signed_in(&bench, dialect).await);
    let refuse = |status, after| Action::Refuse { status, retry_after: after, body: Body::Empty, after_commit: false };
    bench.sim.fault(Rule::route(dialect.create_user(), refuse(429, Some(120))).times(1));
    let outcome = far.create_user(P, &user("ana")).await;
    assert!(matches!(outcome, Err(Error::Throttled { after: Some(after) }) if after == Duration::from_secs(120)), "{outcome:?}");
    let mark = bench.mark();
    let outcome = other.find_user(P, Lookup::Name("ana")).await;
    assert!(matches!(outcome, Err(Error::Throttled { after: Some(_) })), "{outcome:?}");
    assert_eq!(bench.mark(), mark, "nothing was sent");
    let url = bench.sim.url().parse().unwrap();
    assert!(bench.network.paused(&url).is_some_and(|left| left > Duration::from_secs(100)));
}

async fn a_503_with_retry_after_pauses_too_and_a_write_is_unclear(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = signed_in(&bench, dialect).await;
    let action = Action::Refuse { status: 503, retry_after: Some(3_000_000), body: Body::Html, after_commit: false };
    bench.sim.fault(Rule::route(dialect.create_user(), action).times(1));
    assert!(matches!(far.create_user(P, &user("ana")).await, Err(Error::Unclear { .. })));
    let left = bench.network.paused(&bench.sim.url().parse().unwrap()).unwrap();
    assert!(left <= Duration::from_secs(300) && left > Duration::from_secs(200), "{left:?}");
}

async fn the_servers_clock_is_followed(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = signed_in(&bench, dialect).await;
    bench.sim.advance(Duration::from_secs(50 * 86_400));
    let made = new_user(&*far, P, "ana").await;
    let (created, now) = (made.provenance.created.unwrap(), far.server_now());
    // `Date` is cut to seconds.
    assert!(now >= created - 1000, "created {created}, now {now}");
    assert!(now < created + 60_000, "created {created}, now {now}");
}

async fn a_write_that_may_not_begin_is_not_sent_while_reads_go_on(dialect: Dialect) {
    let (leads, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(Vec::new())));
    let (answer, log) = (leads.clone(), asked.clone());
    let mut bench = Bench::new().await;
    bench.network = Arc::new(unshared(limits()).of_replica(
        "pod-1",
        Box::new(move |within| {
            log.lock().unwrap().push(within);
            answer.load(Ordering::SeqCst)
        }),
    ));
    let far = signed_in(&bench, dialect).await;
    far.create_user(P, &user("ana")).await.unwrap();
    leads.store(false, Ordering::SeqCst);
    let mark = bench.mark();
    let outcome = far.create_user(P, &user("bob")).await;
    assert!(matches!(outcome, Err(Error::NotLeading)), "{outcome:?}");
    // A few that fail lock an account.
    let signing_in = bench.far_with(dialect, bench.settings(Proof::Password(Secret::new(crate::PASSWORD)))).login().await;
    assert!(matches!(signing_in, Err(Error::NotLeading)), "{signing_in:?}");
    assert_eq!(bench.mark(), mark, "nothing was sent");
    assert!(far.find_user(P, Lookup::Name("ana")).await.unwrap().is_some());
    let own = bench.sim.journal().into_iter().filter(|entry| entry.write).map(|entry| entry.agent.unwrap_or_default());
    assert!(own.clone().all(|agent| agent.ends_with(" (pod-1)")), "{:?}", own.collect::<Vec<_>>());
    assert!(asked.lock().unwrap().iter().all(|within| *within == limits().write_deadline));
}

#[tokio::test]
async fn a_pace_of_its_own_holds_up_one_instance_and_no_other_on_the_host() {
    let bench = Bench::new().await;
    let mut slow = bench.settings(Proof::Password(Secret::new(crate::PASSWORD)));
    (slow.requests_per_second, slow.deadline) = (Some(1), Some(Duration::from_millis(500)));
    // Signing in takes more than one request.
    let outcome = bench.far_with(Dialect::V2, slow).login().await;
    assert!(matches!(outcome, Err(Error::Throttled { .. })), "{outcome:?}");
    assert_eq!(bench.mark(), 1, "the second waits for its time");
    let mut fast = bench.settings(Proof::Password(Secret::new(crate::PASSWORD)));
    fast.deadline = Some(Duration::from_secs(20));
    bench.far_with(Dialect::V2, fast).login().await.unwrap();
}
