//! An object that is being deleted.

use std::sync::atomic::Ordering;

use thoughtspot_engine::controller::Reconciler;
use thoughtspot_engine::next::Next;
use thoughtspot_engine::{Fault, Look};

use crate::api::{self, What};
use crate::far::{Call, Mishap, unavailable};
use crate::thing::{MARKS, ThingSpec, spec};
use crate::world::{World, condition};

fn deleting() -> ThingSpec {
    ThingSpec { delete: true, ..spec("acme", "x") }
}

#[tokio::test(start_paused = true)]
async fn what_is_retained_needs_no_far_side() {
    let world = World::settled(&spec("acme", "x")).await;
    world.api.delete("a");
    world.knobs.sealed.store(true, Ordering::SeqCst);
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.api.get("a").is_none());
    assert_eq!(world.far.rows().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_deleted_is_deleted_once_and_let_go() {
    let world = World::settled(&deleting()).await;
    world.api.delete("a");
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.api.get("a").is_none());
    assert_eq!(world.far.writes(), ["create acme", "remove 1"]);
}

/// The watch still shows the old policy.
#[tokio::test(start_paused = true)]
async fn what_is_to_stay_since_a_moment_ago_is_not_deleted() {
    let world = World::settled(&deleting()).await;
    world.api.delete("a");
    let old = world.live("a").await;
    world.api.apply("a", &spec("acme", "x"));
    assert_eq!(world.managed.reconcile(old, 0).await.next, Next::Backoff);
    assert_eq!(world.far.writes(), ["create acme"]);
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.api.get("a").is_none());
    assert_eq!(world.far.writes(), ["create acme"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_already_is_let_go() {
    let world = World::settled(&deleting()).await;
    world.far.lose(1);
    world.api.delete("a");
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.api.get("a").is_none());
    assert_eq!(world.far.writes(), ["create acme"]);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_answer_is_lost_is_seen_to_have_happened() {
    let world = World::settled(&deleting()).await;
    world.api.delete("a");
    world.far.mishap(Call::Remove, Mishap::Lose(unavailable()));
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.api.get("a").is_none());
    assert_eq!(world.far.writes(), ["create acme", "remove 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_fails_holds_the_object_and_says_why() {
    let world = World::settled(&deleting()).await;
    world.api.delete("a");
    world.far.mishap(Call::Remove, Mishap::Refuse(Fault::Stalled { reason: "Forbidden", message: "no".to_owned() }));
    assert!(matches!(world.pass().await, Next::After(_)));
    assert!(world.has_finalizer());
    assert_eq!(world.ready(), "False Forbidden");
    assert_eq!(condition(&world.a(), "Stalled"), "True Forbidden");
    assert_eq!(world.far.rows().len(), 1);
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.far.rows().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_failing_deletion_is_no_blip() {
    let world = World::settled(&deleting()).await;
    world.api.delete("a");
    world.far.mishap(Call::Remove, Mishap::Refuse(unavailable()));
    assert_eq!(world.pass().await, Next::Backoff);
    assert_eq!(world.ready(), "False Unavailable");
    assert!(world.has_finalizer());
}

#[tokio::test(start_paused = true)]
async fn a_far_side_that_cannot_be_looked_at_holds_the_object() {
    let world = World::settled(&deleting()).await;
    world.api.delete("a");
    world.far.mishap(Call::Look, Mishap::Refuse(unavailable()));
    assert_eq!(world.pass().await, Next::Backoff);
    assert!(world.has_finalizer());
    assert_eq!(world.far.writes(), ["create acme"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_never_announced_needs_no_far_side() {
    let world = World::with(&deleting());
    world.api.set_finalizers("a", &[MARKS.finalizer]);
    world.far.foreign("acme", "theirs");
    world.api.delete("a");
    world.knobs.sealed.store(true, Ordering::SeqCst);
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.api.get("a").is_none());
    assert_eq!(world.far.rows().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_carries_another_finalizer_only_is_left_to_its_owner() {
    let world = World::settled(&deleting()).await;
    world.api.set_finalizers("a", &[MARKS.finalizer, "somebody.else/finalizer"]);
    world.api.delete("a");
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(!world.has_finalizer());
    world.knobs.sealed.store(true, Ordering::SeqCst);
    let writes = world.kubernetes_writes();
    assert_eq!(world.pass().await, Next::OnWake);
    assert_eq!(world.kubernetes_writes(), writes);
}

#[tokio::test(start_paused = true)]
async fn what_was_created_without_an_answer_is_deleted_with_its_object() {
    let mut world = World::with(&deleting());
    world.api.mishap(What::Status, api::Mishap::Refuse(500));
    world.pass().await;
    assert_eq!(world.identity(), None);
    world.api.delete("a");
    world.restart();
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.far.rows().is_empty(), "no orphan");
    assert!(world.api.get("a").is_none());
}

#[tokio::test(start_paused = true)]
async fn what_was_created_again_without_an_answer_is_deleted_with_its_object() {
    let mut world = World::settled(&ThingSpec { recreate: true, ..deleting() }).await;
    world.far.lose(1);
    world.api.mishap(What::Status, api::Mishap::Refuse(500));
    world.pass().await;
    assert_eq!(world.far.rows().len(), 1);
    world.api.delete("a");
    world.restart();
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.far.rows().is_empty(), "no orphan");
    assert!(world.api.get("a").is_none());
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_thing_of_the_announced_name_is_left_alone() {
    let world = World::with(&deleting());
    world.far.mishap(Call::Create, Mishap::Refuse(unavailable()));
    world.pass().await;
    assert!(world.has_intent());
    world.far.foreign("acme", "theirs");
    world.api.delete("a");
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.api.get("a").is_none());
    assert_eq!(world.far.rows().len(), 1);
}

/// `a` created "acme", became "globex", and its thing was deleted by hand. "acme" is another object's now, made by the same login.
#[tokio::test(start_paused = true)]
async fn another_objects_thing_of_a_name_once_announced_is_left_alone() {
    let world = World::settled(&deleting()).await;
    world.api.apply("a", &ThingSpec { delete: true, ..spec("globex", "x") });
    world.pass().await;
    world.far.made_by_our_login("acme", "another object's");
    world.far.lose(1);
    world.api.delete("a");
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.api.get("a").is_none());
    assert_eq!(world.far.rows(), [(2, "acme".to_owned(), "another object's".to_owned())]);
}

/// The same after `a` was created a second time.
#[tokio::test(start_paused = true)]
async fn another_objects_thing_of_a_name_announced_a_second_time_is_left_alone() {
    let world = World::settled(&ThingSpec { recreate: true, ..deleting() }).await;
    world.far.lose(1);
    world.pass().await;
    world.api.apply("a", &ThingSpec { delete: true, ..spec("globex", "x") });
    world.pass().await;
    assert_eq!(world.far.rows(), [(2, "globex".to_owned(), "x".to_owned())]);
    world.far.made_by_our_login("acme", "another object's");
    world.far.lose(2);
    world.api.delete("a");
    assert_eq!(world.pass().await, Next::OnWake);
    assert_eq!(world.far.rows(), [(3, "acme".to_owned(), "another object's".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn deleting_looks_afresh() {
    let world = World::settled(&deleting()).await;
    let looks = world.far.looks().len();
    world.api.delete("a");
    world.pass().await;
    assert!(world.far.looks()[looks..].iter().all(|look| *look == Look::Fresh), "{:?}", world.far.looks());
}

#[tokio::test(start_paused = true)]
async fn a_release_that_conflicts_is_made_again() {
    let world = World::settled(&deleting()).await;
    world.api.delete("a");
    world.api.mishap(What::Mark, api::Mishap::Refuse(409));
    assert_eq!(world.pass().await, Next::Backoff);
    assert!(world.has_finalizer());
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.api.get("a").is_none());
    assert_eq!(world.far.writes(), ["create acme", "remove 1"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_let_go_is_not_let_go_again_by_a_view_that_lags_behind() {
    for others in [&[][..], &["another.dev/finalizer"]] {
        let world = World::settled(&deleting()).await;
        world.api.set_finalizers("a", &[&[MARKS.finalizer], others].concat());
        world.api.delete("a");
        let (before, again) = (world.live("a").await, world.live("a").await);
        assert_eq!(world.managed.reconcile(before, 0).await.next, Next::OnWake);
        let done = (world.far.looks().len(), world.kubernetes_writes());
        assert_eq!(world.managed.reconcile(again, 0).await.next, Next::OnWake);
        assert_eq!((world.far.looks().len(), world.kubernetes_writes()), done, "{others:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_suspended_object_is_not_deleted_on_the_far_side() {
    let world = World::settled(&ThingSpec { suspend: false, ..deleting() }).await;
    world.api.apply("a", &ThingSpec { suspend: true, ..deleting() });
    world.api.delete("a");
    assert_eq!(world.pass().await, Next::OnWake);
    assert_eq!(world.ready(), "Unknown Suspended");
    assert!(world.has_finalizer());
    assert_eq!(world.far.rows().len(), 1);
}
