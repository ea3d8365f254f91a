//! An object that is new: announced, created once, and known from then on.

use thoughtspot_engine::Fault;
use thoughtspot_engine::controller::Reconciler;
use thoughtspot_engine::next::Next;

use crate::api::{Mishap, What};
use crate::far::{self, Call, unavailable};
use crate::thing::{MARKS, spec};
use crate::world::{World, assert_resync};

#[tokio::test(start_paused = true)]
async fn a_new_object_takes_a_mark_a_create_and_a_status() {
    let world = World::with(&spec("acme", "x"));
    let before = world.a();
    assert_resync(world.pass().await);

    let writes = world.api.writes();
    assert_eq!(writes.iter().map(|w| (w.what, w.code)).collect::<Vec<_>>(), [(What::Mark, 200), (What::Status, 200)]);
    let mark = &writes[0].body["metadata"];
    assert_eq!(mark["uid"].as_str(), before.metadata.uid.as_deref());
    assert_eq!(mark["resourceVersion"].as_str(), before.metadata.resource_version.as_deref());
    assert_eq!(mark["finalizers"][0], MARKS.finalizer);
    assert!(mark["annotations"][MARKS.intent].as_str().is_some_and(|intent| intent.contains("acme")), "{mark}");
    assert_eq!(world.far.writes(), ["create acme"]);
    assert_eq!(world.identity(), Some((1, "Created".to_owned())));
    assert_eq!(world.ready(), "True Ready");
}

#[tokio::test(start_paused = true)]
async fn a_second_pass_writes_nothing_on_either_side() {
    let mut world = World::settled(&spec("acme", "x")).await;
    let (writes, events) = (world.kubernetes_writes(), world.api.events());
    assert_resync(world.pass().await);
    world.restart();
    assert_resync(world.pass().await);
    assert_eq!(world.kubernetes_writes(), writes);
    assert_eq!(world.api.events(), events);
    assert_eq!(world.far.writes(), ["create acme"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_created_on_a_view_that_is_out_of_date() {
    let world = World::with(&spec("acme", "x"));
    let stale = world.live("a").await;
    world.api.annotate("a", MARKS.requested, "somebody was here");
    assert_eq!(world.managed.reconcile(stale, 0).await.next, Next::Backoff);
    assert_eq!(world.ready(), "", "it is no news");
    assert_eq!(world.api.writes().iter().map(|w| w.code).collect::<Vec<_>>(), [409]);
    assert!(world.far.writes().is_empty());

    world.pass().await;
    assert_eq!(world.far.writes(), ["create acme"]);
    assert_eq!(world.ready(), "True Ready");
}

/// Others may edit what is theirs many times a second.
#[tokio::test(start_paused = true)]
async fn an_annotation_of_others_is_no_reason_to_decide_again() {
    let world = World::with(&spec("acme", "x"));
    let before = world.live("a").await;
    world.api.annotate("a", "somebody", "was here");
    assert_resync(world.managed.reconcile(before, 0).await.next);
    assert_eq!(world.api.writes().iter().map(|w| w.code).collect::<Vec<_>>(), [409, 200, 200]);
    assert_eq!(world.far.writes(), ["create acme"]);
    assert_eq!(world.a().metadata.annotations.unwrap_or_default()["somebody"], "was here");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_created_unannounced() {
    for mishap in [Mishap::Refuse(500), Mishap::Hang] {
        let world = World::with(&spec("acme", "x"));
        world.api.mishap(What::Mark, mishap);
        assert_eq!(world.pass().await, Next::Backoff, "{mishap:?}");
        assert!(world.far.writes().is_empty(), "{mishap:?}");
        assert_eq!(world.ready(), "False Unavailable", "{mishap:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_answer_is_lost_happens_once() {
    let world = World::with(&spec("acme", "x"));
    world.far.mishap(Call::Create, far::Mishap::Lose(unavailable()));
    assert_resync(world.pass().await);
    assert_eq!(world.far.writes(), ["create acme"]);
    assert_eq!(world.identity(), Some((1, "Created".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_create_that_no_look_can_confirm_is_recovered_by_the_next_process() {
    let mut world = World::with(&spec("acme", "x"));
    world.far.mishap(Call::Create, far::Mishap::Lose(unavailable()));
    world.far.mishap(Call::Look, far::Mishap::Spare);
    world.far.mishap(Call::Look, far::Mishap::Refuse(unavailable()));
    assert_eq!(world.pass().await, Next::Backoff);
    assert_eq!((world.identity(), world.ready()), (None, "False Unavailable".to_owned()));
    world.restart();
    assert_resync(world.pass().await);
    assert_eq!(world.far.writes(), ["create acme"]);
    assert_eq!(world.identity(), Some((1, "Created".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_status_that_cannot_be_written_after_a_create_loses_no_identity() {
    for (mishap, restarted) in
        [(Mishap::Refuse(500), false), (Mishap::Refuse(500), true), (Mishap::Lose, false), (Mishap::Hang, true)]
    {
        let mut world = World::with(&spec("acme", "x"));
        world.api.mishap(What::Status, mishap);
        assert_eq!(world.pass().await, Next::Backoff, "{mishap:?}");
        if restarted {
            world.restart();
        }
        assert_resync(world.pass().await);
        assert_eq!(world.far.writes(), ["create acme"], "{mishap:?}");
        assert_eq!(world.identity(), Some((1, "Created".to_owned())), "{mishap:?}");
        assert_eq!(world.ready(), "True Ready", "{mishap:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_announced_is_found_although_the_name_was_changed_meanwhile() {
    let mut world = World::with(&spec("acme", "x"));
    world.api.mishap(What::Status, Mishap::Refuse(500));
    world.pass().await;
    world.api.apply("a", &spec("globex", "x"));
    world.restart();
    assert_resync(world.pass().await);
    assert_eq!(world.far.writes(), ["create acme", "update 1"]);
    assert_eq!(world.far.rows(), [(1, "globex".to_owned(), "x".to_owned())]);
    assert_eq!(world.identity(), Some((1, "Created".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_is_shown_an_old_view_goes_on_from_its_own_last_write() {
    let world = World::with(&spec("acme", "x"));
    let old = world.live("a").await;
    world.pass().await;
    let writes = world.kubernetes_writes();
    assert_resync(world.managed.reconcile(old, 0).await.next);
    assert_eq!(world.kubernetes_writes(), writes);
    assert_eq!(world.far.writes(), ["create acme"]);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_is_clearly_refused_is_reported_and_tried_again_later() {
    let world = World::with(&spec("acme", "x"));
    world.far.mishap(Call::Create, far::Mishap::Refuse(Fault::Stalled { reason: "Refused", message: "no".to_owned() }));
    assert_resync(world.pass().await);
    assert_eq!(world.ready(), "False Refused");
    assert!(!world.has_intent());
    assert_eq!(world.identity(), None);
    assert_resync(world.pass().await);
    assert_eq!(world.identity(), Some((1, "Created".to_owned())));
}
