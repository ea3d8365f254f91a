//! What exists already: left alone, or taken over when asked.

use std::sync::atomic::Ordering;

use crate::api::{Mishap, What};
use crate::thing::{BORN_MS, MARKS, ThingSpec, spec};
use crate::world::{World, assert_resync, condition};

#[tokio::test(start_paused = true)]
async fn what_exists_is_not_seized() {
    let world = World::with(&spec("acme", "x"));
    world.far.foreign("acme", "theirs");
    assert_resync(world.pass().await);
    assert_eq!(world.ready(), "False AlreadyExists");
    assert_eq!(condition(&world.a(), "Stalled"), "True AlreadyExists");
    assert!(world.far.writes().is_empty());
    assert_eq!(world.identity(), None);
    assert!(!world.has_finalizer());
}

#[tokio::test(start_paused = true)]
async fn what_exists_is_not_seized_although_the_inventory_did_not_know_it() {
    let world = World::with(&spec("acme", "x"));
    world.far.freeze_inventory();
    world.far.foreign("acme", "theirs");
    assert_resync(world.pass().await);
    assert_eq!(world.ready(), "False AlreadyExists");
    assert!(!world.has_intent(), "what was announced was refused");
    assert_eq!(world.far.writes(), ["create acme"]);
    assert_eq!(world.far.rows(), [(1, "acme".to_owned(), "theirs".to_owned())]);
    assert_eq!(world.identity(), None);
}

/// The announcement of a create that was refused must not outlive the refusal: it would prove a claim that does not exist.
#[tokio::test(start_paused = true)]
async fn a_refused_announcement_is_withdrawn_although_the_object_changed_meanwhile() {
    let world = World::with(&spec("acme", "x"));
    world.far.freeze_inventory();
    world.far.foreign("acme", "theirs");
    // The mark goes through, the withdrawal meets a conflict.
    world.api.mishap(What::Mark, Mishap::Spare);
    world.api.mishap(What::Mark, Mishap::Refuse(409));
    world.pass().await;
    for _ in 0..3 {
        world.pass().await;
    }
    assert_eq!(world.ready(), "False AlreadyExists");
    assert!(!world.has_intent(), "what was announced was refused");
}

#[tokio::test(start_paused = true)]
async fn an_announcement_that_is_not_of_this_object_or_not_by_the_operator_proves_nothing() {
    let forged = |uid: &str, at: i64| format!(r#"{{"uid":"{uid}","name":"acme","at":{at}}}"#);
    for (uid, at) in [("another", BORN_MS), ("uid-1", BORN_MS - 3_600_000), ("uid-1", BORN_MS)] {
        let world = World::with(&spec("acme", "x"));
        world.far.made_by_our_login("acme", "for somebody else");
        assert_eq!(world.a().metadata.uid.as_deref(), Some("uid-1"));
        world.api.annotate("a", MARKS.intent, &forged(uid, at));
        assert_resync(world.pass().await);
        assert_eq!((world.identity(), world.ready()), (None, "False AlreadyExists".to_owned()), "{uid} {at}");
        assert!(world.far.writes().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn what_exists_is_taken_over_when_asked_and_changed_once() {
    let world = World::with(&ThingSpec { adopt: true, ..spec("acme", "x") });
    world.far.foreign("acme", "theirs");
    assert_resync(world.pass().await);
    assert_resync(world.pass().await);
    assert_eq!(world.far.writes(), ["update 1"]);
    assert_eq!(world.far.rows(), [(1, "acme".to_owned(), "x".to_owned())]);
    assert_eq!(world.identity(), Some((1, "Adopted".to_owned())));
    assert_eq!(world.ready(), "True Ready");
    assert!(world.has_finalizer());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_changed_before_the_identity_is_in_status() {
    let world = World::with(&ThingSpec { adopt: true, ..spec("acme", "x") });
    world.far.foreign("acme", "theirs");
    world.api.mishap(What::Status, Mishap::Refuse(500));
    world.pass().await;
    assert!(world.far.writes().is_empty());
    assert_resync(world.pass().await);
    assert_eq!(world.far.writes(), ["update 1"]);
    assert_eq!(world.identity(), Some((1, "Adopted".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn what_was_not_seized_is_taken_over_once_asked() {
    let world = World::with(&spec("acme", "x"));
    world.far.foreign("acme", "x");
    world.pass().await;
    world.api.apply("a", &ThingSpec { adopt: true, ..spec("acme", "x") });
    assert_resync(world.pass().await);
    assert!(world.far.writes().is_empty(), "it is as declared");
    assert_eq!(world.identity(), Some((1, "Adopted".to_owned())));
    assert_eq!(condition(&world.a(), "Stalled"), "");
}

#[tokio::test(start_paused = true)]
async fn what_is_created_only_is_made_as_declared_once_and_then_left_alone() {
    let world = World::with(&ThingSpec { once: true, ..spec("acme", "x") });
    assert_resync(world.pass().await);
    assert_eq!((world.ready(), world.status().initialized), ("True Ready".to_owned(), true));
    let (id, writes) = (world.identity().unwrap().0, world.far.writes());
    world.far.edit(id, "changed by hand");
    assert_resync(world.pass().await);
    assert_eq!((world.ready(), world.status().differences), ("True Drifted".to_owned(), vec!["text".to_owned()]));
    assert_eq!(world.far.writes(), writes);
    world.api.apply("a", &spec("acme", "x"));
    assert_resync(world.pass().await);
    assert_eq!(world.far.rows(), [(id, "acme".to_owned(), "x".to_owned())], "managed, it is repaired");
}

#[tokio::test(start_paused = true)]
async fn what_is_created_only_is_not_created_again() {
    let world = World::with(&ThingSpec { once: true, recreate: true, ..spec("acme", "x") });
    assert_resync(world.pass().await);
    let (id, writes) = (world.identity().unwrap().0, world.far.writes());
    world.far.lose(id);
    assert_resync(world.pass().await);
    assert_eq!((world.ready(), world.far.writes()), ("False DeletedExternally".to_owned(), writes));
}

#[tokio::test(start_paused = true)]
async fn what_is_created_only_is_finished_though_its_first_pass_was_not() {
    let world = World::with(&ThingSpec { once: true, adopt: true, ..spec("acme", "x") });
    world.far.foreign("acme", "theirs");
    world.api.mishap(What::Status, Mishap::Refuse(500));
    world.pass().await;
    assert!(world.far.writes().is_empty());
    assert_resync(world.pass().await);
    assert_eq!(world.far.writes(), ["update 1"]);
    assert_eq!(world.ready(), "True Ready");
}

#[tokio::test(start_paused = true)]
async fn observing_says_what_differs_and_touches_nothing() {
    let world = World::with(&ThingSpec { observe: true, adopt: true, delete: true, ..spec("acme", "x") });
    assert_resync(world.pass().await);
    assert_eq!(world.ready(), "False NotFound");
    let id = world.far.foreign("acme", "theirs");
    assert_resync(world.pass().await);
    assert_eq!(world.ready(), "True Drifted");
    assert_eq!(world.status().differences, ["text"]);
    world.far.edit(id, "x");
    assert_resync(world.pass().await);
    assert_eq!(world.ready(), "True Observed");
    assert!(world.status().differences.is_empty());
    assert!(world.far.writes().is_empty());
    assert_eq!(world.kubernetes_writes().0, 0, "not even a finalizer");
}

#[tokio::test(start_paused = true)]
async fn what_was_managed_before_the_status_was_lost_is_taken_back_while_that_is_allowed() {
    let world = World::with(&spec("acme", "x"));
    world.far.made_by_our_login("acme", "x");
    assert_resync(world.pass().await);
    assert_eq!((world.identity(), world.ready()), (None, "False AlreadyExists".to_owned()));
    world.knobs.takes_back.store(true, Ordering::SeqCst);
    assert_resync(world.pass().await);
    assert_eq!((world.identity(), world.ready()), (Some((1, "Created".to_owned())), "True Ready".to_owned()));
    assert!(world.far.writes().is_empty());
    assert!(world.has_finalizer());
}

/// It was as declared once, before the status was lost: whatever differs now did so then.
#[tokio::test(start_paused = true)]
async fn what_is_made_only_once_is_taken_back_as_it_is() {
    let world = World::with(&ThingSpec { once: true, ..spec("acme", "x") });
    world.far.made_by_our_login("acme", "changed since");
    world.knobs.takes_back.store(true, Ordering::SeqCst);
    assert_resync(world.pass().await);
    assert_resync(world.pass().await);
    assert!(world.far.writes().is_empty());
    assert_eq!((world.identity(), world.ready()), (Some((1, "Created".to_owned())), "True Drifted".to_owned()));
}
