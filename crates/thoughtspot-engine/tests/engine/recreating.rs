//! What had an id and is gone.

use thoughtspot_engine::Look;
use thoughtspot_engine::next::Next;

use crate::api::{Mishap, What};
use crate::thing::{ThingSpec, spec};
use crate::world::{World, assert_resync};

fn again() -> ThingSpec {
    ThingSpec { recreate: true, ..spec("acme", "x") }
}

#[tokio::test(start_paused = true)]
async fn what_only_the_inventory_misses_is_not_created_again() {
    let world = World::settled(&again()).await;
    world.far.forget_in_inventory(1);
    let looks = world.far.looks().len();
    assert_resync(world.pass().await);
    assert_eq!(world.far.looks()[looks..], [Look::Known, Look::Fresh]);
    assert!(world.knobs.recreations.lock().unwrap().is_empty());
    assert_eq!(world.far.writes(), ["create acme"]);
    assert_eq!(world.identity(), Some((1, "Created".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_is_not_created_again_unasked() {
    let world = World::settled(&spec("acme", "x")).await;
    world.far.lose(1);
    assert_resync(world.pass().await);
    assert_eq!(world.ready(), "False DeletedExternally");
    assert_eq!(world.far.writes(), ["create acme"]);
    assert_eq!(world.identity(), Some((1, "Created".to_owned())), "of what was lost is not forgotten what it was");
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_is_created_again_once_that_is_allowed() {
    let world = World::settled(&again()).await;
    world.far.lose(1);
    assert_resync(world.pass().await);
    assert_resync(world.pass().await);
    assert_eq!(*world.knobs.recreations.lock().unwrap(), ["a"]);
    assert_eq!(world.far.writes(), ["create acme", "create acme"]);
    assert_eq!(world.identity(), Some((2, "Created".to_owned())));
    assert_eq!(world.ready(), "True Ready");
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_a_second_create_leaves_one() {
    for mishap in [Mishap::Refuse(500), Mishap::Hang] {
        let mut world = World::settled(&again()).await;
        world.far.lose(1);
        world.api.mishap(What::Status, mishap);
        assert_eq!(world.pass().await, Next::Backoff);
        world.restart();
        assert_resync(world.pass().await);
        assert_eq!(world.far.writes(), ["create acme", "create acme"]);
        assert_eq!(world.far.rows(), [(2, "acme".to_owned(), "x".to_owned())]);
        assert_eq!(world.identity(), Some((2, "Created".to_owned())));
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_put_in_its_place_is_not_seized() {
    let world = World::settled(&again()).await;
    world.far.lose(1);
    world.far.foreign("acme", "theirs");
    assert_resync(world.pass().await);
    assert_eq!(world.ready(), "False AlreadyExists");
    assert_eq!(world.far.rows(), [(2, "acme".to_owned(), "theirs".to_owned())]);
}

/// An announcement is of one create. Once that one is in status, it proves nothing about what is made later by the same login.
#[tokio::test(start_paused = true)]
async fn what_a_fulfilled_announcement_did_not_announce_is_not_seized() {
    let world = World::settled(&again()).await;
    world.far.lose(1);
    world.far.made_by_our_login("acme", "for somebody else");
    assert_resync(world.pass().await);
    assert_eq!(world.ready(), "False AlreadyExists");
    assert_eq!(world.far.rows(), [(2, "acme".to_owned(), "for somebody else".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn what_a_fulfilled_announcement_of_a_second_create_did_not_announce_is_not_seized() {
    let world = World::settled(&again()).await;
    world.far.lose(1);
    assert_resync(world.pass().await);
    assert_eq!(world.identity(), Some((2, "Created".to_owned())));
    world.far.lose(2);
    world.far.made_by_our_login("acme", "for somebody else");
    assert_resync(world.pass().await);
    assert_eq!(world.ready(), "False AlreadyExists");
    assert_eq!(world.far.rows(), [(3, "acme".to_owned(), "for somebody else".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_the_inventory_does_not_know_of_ends_in_the_same_answer() {
    let world = World::settled(&spec("acme", "x")).await;
    world.far.edit(1, "by hand"); // so that it looks closer
    world.far.freeze_inventory();
    world.far.lose(1);
    assert_resync(world.pass().await);
    assert_eq!(world.ready(), "False DeletedExternally");
}
