//! Hanging, panicking, failing: the pass ends, says so, and holds up nobody.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kube::Api;
use kube::core::DeserializeGuard;
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::{Cache, Key};
use thoughtspot_engine::controller::Reconciler;
use thoughtspot_engine::next::Next;
use thoughtspot_engine::running::Running;
use thoughtspot_engine::scheduler;
use thoughtspot_engine::wake::Waker;
use tokio::time::Instant;

use crate::api::{self, What};
use crate::far::{Call, Mishap};
use crate::thing::{NAMESPACE, Thing, spec};
use crate::world::{World, assert_resync, condition};

/// The pass has 60 s, its report 20 s for the status and 20 s for an event.
const AT_MOST: Duration = Duration::from_secs(101);

#[tokio::test(start_paused = true)]
async fn a_hanging_far_side_ends_the_pass_in_time() {
    for call in [Call::Look, Call::Create] {
        let world = World::with(&spec("acme", "x"));
        world.far.mishap(call, Mishap::Hang);
        let start = Instant::now();
        assert_eq!(world.pass().await, Next::Backoff, "{call:?}");
        assert!(start.elapsed() <= AT_MOST, "{call:?}: {:?}", start.elapsed());
        assert_eq!(world.ready(), "False Unavailable", "{call:?}");
        assert_eq!(condition(&world.a(), "Reconciling"), "True Unavailable", "{call:?}");
        assert_resync(world.pass().await);
        assert_eq!(world.far.rows().len(), 1, "{call:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_api_server_ends_the_pass_in_time() {
    let world = World::with(&spec("acme", "x"));
    for what in [What::Mark, What::Status, What::Status] {
        world.api.mishap(what, api::Mishap::Hang);
    }
    for _ in 0..2 {
        let start = Instant::now();
        assert_eq!(world.pass().await, Next::Backoff);
        assert!(start.elapsed() <= AT_MOST, "{:?}", start.elapsed());
    }
    assert_resync(world.pass().await);
    assert_eq!(world.far.writes(), ["create acme"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_cannot_be_written_hides_nothing() {
    for mishap in [api::Mishap::Refuse(500), api::Mishap::Hang] {
        let world = World::with(&spec("acme", "x"));
        world.api.mishap(What::Event, mishap);
        assert_resync(world.pass().await);
        assert_eq!(world.ready(), "True Ready", "{mishap:?}");
    }
}

/// The controller runs the whole: one object whose far side hangs, one whose plan is fine, one at a time per object.
#[tokio::test(start_paused = true)]
async fn one_hanging_object_holds_up_no_other() {
    let world = World::new();
    world.api.apply("a", &spec("hangs", "x"));
    world.api.apply("b", &spec("acme", "x"));
    world.far.hang_for("hangs");
    let (cache, filler) = Cache::<Thing>::new(|_| Vec::new());
    let things: Api<DeserializeGuard<Thing>> = Api::namespaced(world.api.client(), NAMESPACE);
    let filling = tokio::spawn(filler.run(vec![things], |_| {}));
    cache.filled().await;

    let (waker, wakes) = Waker::new();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(scheduler::run(Arc::new(world.managed), cache.store(), wakes, Running::default(), stopped));
    for name in ["a", "b"] {
        waker.wake(&Key::new(NAMESPACE, name));
    }
    let start = Instant::now();
    let b = || condition(&world.api.get("b").unwrap(), "Ready");
    while b() != "True Ready" {
        assert!(start.elapsed() < Duration::from_secs(30), "b is {:?}", b());
        tokio::time::sleep(Duration::from_millis(100)).await; // of paused time: until something else is due
    }
    assert_eq!(condition(&world.api.get("a").unwrap(), "Ready"), "", "its pass is still waiting");

    stop.send(true).unwrap();
    tokio::time::timeout(AT_MOST, running).await.expect("the running pass ends by its deadline").unwrap();
    assert_eq!(condition(&world.api.get("a").unwrap(), "Ready"), "False Unavailable");
    filling.abort();
}

#[tokio::test(start_paused = true)]
async fn a_panicking_plan_is_reported_and_survived() {
    let world = World::with(&spec("acme", "x"));
    world.knobs.panics.store(true, Ordering::SeqCst);
    assert_eq!(world.pass().await, Next::Backoff);
    assert_eq!(world.ready(), "False InternalError");
    assert!(world.far.writes().is_empty());
    world.knobs.panics.store(false, Ordering::SeqCst);
    assert_resync(world.pass_after(1).await);
    assert_eq!(world.ready(), "True Ready");
}

#[tokio::test(start_paused = true)]
async fn a_status_is_not_written_to_another_object_of_the_same_name() {
    let world = World::with(&spec("acme", "x"));
    let old = world.live("a").await;
    world.api.delete("a"); // no finalizer holds it yet
    world.api.apply("a", &spec("acme", "x"));
    let fault = Fault::Stalled { reason: "Invalid", message: "for the old one".to_owned() };
    world.knobs.faults.lock().unwrap().insert("a".to_owned(), fault);
    world.managed.reconcile(old, 0).await;
    assert_eq!(world.ready(), "");
}
