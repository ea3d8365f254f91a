//! What is not as declared any more.

use thoughtspot_engine::Look;
use thoughtspot_engine::next::Next;

use crate::far::{Call, Mishap, unavailable};
use crate::thing::{ThingSpec, spec};
use crate::world::{World, assert_resync};

#[tokio::test(start_paused = true)]
async fn drift_is_repaired_once() {
    let world = World::settled(&spec("acme", "x")).await;
    world.far.edit(1, "by hand");
    assert_resync(world.pass().await);
    assert_resync(world.pass().await);
    assert_eq!(world.far.writes(), ["create acme", "update 1"]);
    assert_eq!(world.far.rows(), [(1, "acme".to_owned(), "x".to_owned())]);
    assert_eq!(world.ready(), "True Ready");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_changed_on_a_view_that_is_not_fresh() {
    let world = World::settled(&spec("acme", "x")).await;
    world.far.edit(1, "by hand");
    world.far.freeze_inventory();
    world.far.edit(1, "x");
    let looks = world.far.looks().len();
    assert_resync(world.pass().await);
    assert_eq!(world.far.looks()[looks..], [Look::Known, Look::Fresh]);
    assert_eq!(world.far.writes(), ["create acme"]);
}

#[tokio::test(start_paused = true)]
async fn a_changed_declaration_is_made_true_and_its_generation_reported() {
    let world = World::settled(&spec("acme", "x")).await;
    world.api.apply("a", &spec("globex", "y"));
    assert_resync(world.pass().await);
    assert_eq!(world.far.rows(), [(1, "globex".to_owned(), "y".to_owned())]);
    assert_eq!(world.status().observed_generation, 2);
    assert_eq!(world.a().metadata.generation, Some(2));
}

#[tokio::test(start_paused = true)]
async fn what_the_far_side_did_not_take_is_not_called_ready() {
    let world = World::settled(&spec("acme", "x")).await;
    world.api.apply("a", &spec("acme", "y"));
    world.far.mishap(Call::Update, Mishap::Ignore);
    assert_eq!(world.pass().await, Next::Backoff);
    assert_eq!(world.ready(), "False Progressing");
}

#[tokio::test(start_paused = true)]
async fn an_update_whose_answer_is_lost_is_not_repeated() {
    let world = World::settled(&spec("acme", "x")).await;
    world.far.edit(1, "by hand");
    world.far.mishap(Call::Update, Mishap::Lose(unavailable()));
    assert_eq!(world.pass().await, Next::Backoff);
    assert_resync(world.pass_after(1).await);
    assert_eq!(world.far.writes(), ["create acme", "update 1"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_looked_at_while_suspended() {
    let world = World::settled(&spec("acme", "x")).await;
    world.far.edit(1, "by hand");
    let looks = world.far.looks().len();
    world.api.apply("a", &ThingSpec { suspend: true, ..spec("acme", "x") });
    assert_eq!(world.pass().await, Next::OnWake);
    assert_eq!(world.ready(), "Unknown Suspended");
    assert_eq!(world.far.looks().len(), looks);
    world.api.apply("a", &spec("acme", "x"));
    assert_resync(world.pass().await);
    assert_eq!(world.far.writes(), ["create acme", "update 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_finalizer_that_was_taken_off_by_hand_is_put_back() {
    let world = World::settled(&spec("acme", "x")).await;
    world.api.set_finalizers("a", &[]);
    assert_resync(world.pass().await);
    assert!(world.has_finalizer());
    assert_eq!(world.far.writes(), ["create acme"]);
}
