//! What somebody keeps changing back.

use crate::thing::{MARKS, spec};
use crate::toy::INTERVAL;
use crate::world::{World, assert_resync, condition};

/// Somebody changes the text by hand, and the operator looks at its interval; so many times.
async fn rounds(world: &World, times: usize) {
    for round in 0..times {
        tokio::time::advance(INTERVAL).await;
        world.far.edit(1, &format!("by hand, {round}"));
        assert_resync(world.pass().await);
    }
}

fn text(world: &World) -> String {
    world.far.rows()[0].2.clone()
}

fn drifted(world: &World) -> String {
    condition(&world.a(), "Drifted")
}

fn told(world: &World) -> usize {
    world.api.events().iter().filter(|(reason, _, _)| reason == "Fought").count()
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_back_three_times_is_a_fight_and_repaired_more_slowly() {
    let world = World::settled(&spec("acme", "x")).await;
    let (_, writes) = world.kubernetes_writes();
    rounds(&world, 2).await;
    assert_eq!(
        (drifted(&world), world.kubernetes_writes().1),
        (String::new(), writes),
        "two repairs are none, and write nothing"
    );
    rounds(&world, 1).await;
    assert_eq!((text(&world), world.ready(), drifted(&world)), ("x".into(), "True Ready".into(), "True Fought".into()));
    assert_eq!((world.status().differences, told(&world)), (vec!["text".to_owned()], 1));

    rounds(&world, 1).await;
    assert_eq!(
        (text(&world), world.ready(), drifted(&world)),
        ("by hand, 0".into(), "False Fought".into(), "True Fought".into())
    );
    let (looks, writes) = (world.far.looks().len(), world.kubernetes_writes());
    assert_resync(world.pass().await);
    assert_eq!((world.far.looks().len(), world.kubernetes_writes()), (looks + 1, writes), "leaving it costs nothing");

    tokio::time::advance(INTERVAL).await;
    assert_resync(world.pass().await);
    assert_eq!((text(&world), world.ready(), drifted(&world)), ("x".into(), "True Ready".into(), "True Fought".into()));
    rounds(&world, 3).await;
    assert_eq!(text(&world), "by hand, 2", "each pause is longer than the one before");
    assert_eq!(told(&world), 1, "it is told of once");
}

#[tokio::test(start_paused = true)]
async fn a_fight_that_nobody_goes_on_with_is_over() {
    let world = World::settled(&spec("acme", "x")).await;
    rounds(&world, 3).await;
    tokio::time::advance(3 * INTERVAL).await;
    assert_resync(world.pass().await);
    assert_eq!((drifted(&world), world.status().differences), (String::new(), Vec::new()));
    rounds(&world, 1).await;
    assert_eq!((text(&world), world.ready()), ("x".into(), "True Ready".into()));
}

#[tokio::test(start_paused = true)]
async fn a_person_who_declares_it_anew_or_asks_is_heard_at_once() {
    let world = World::settled(&spec("acme", "x")).await;
    rounds(&world, 4).await;
    world.api.annotate("a", MARKS.requested, "now");
    assert_resync(world.pass().await);
    assert_eq!((text(&world), drifted(&world)), ("x".into(), "True Fought".into()));
    rounds(&world, 1).await;
    assert_eq!(world.ready(), "False Fought");
    world.api.apply("a", &spec("acme", "y"));
    assert_resync(world.pass().await);
    assert_eq!((text(&world), world.ready(), drifted(&world)), ("y".into(), "True Ready".into(), String::new()));
}

#[tokio::test(start_paused = true)]
async fn a_restart_does_not_start_the_fight_anew() {
    let mut world = World::settled(&spec("acme", "x")).await;
    rounds(&world, 4).await;
    world.restart();
    assert_resync(world.pass().await);
    assert_eq!(
        (text(&world), world.ready(), drifted(&world)),
        ("by hand, 3".into(), "False Fought".into(), "True Fought".into())
    );
    tokio::time::advance(2 * INTERVAL).await;
    assert_resync(world.pass().await);
    assert_eq!((text(&world), world.ready(), told(&world)), ("x".into(), "True Ready".into(), 1));
}

#[tokio::test(start_paused = true)]
async fn what_is_deleted_again_and_again_is_created_more_slowly() {
    let recreated = crate::thing::ThingSpec { recreate: true, ..spec("acme", "x") };
    let world = World::settled(&recreated).await;
    for id in 1..=4 {
        tokio::time::advance(INTERVAL).await;
        world.far.lose(id);
        assert_resync(world.pass().await);
    }
    assert_eq!((world.far.rows(), world.ready(), told(&world)), (Vec::new(), "False Fought".into(), 1));
    tokio::time::advance(3 * INTERVAL).await;
    assert_resync(world.pass().await);
    assert_eq!((world.far.rows().len(), world.ready()), (1, "True Ready".into()));
}

/// A lasting failure to repair is no fight: that is what the back-off is for.
#[tokio::test(start_paused = true)]
async fn only_what_was_seen_to_be_repaired_counts() {
    let world = World::settled(&spec("acme", "x")).await;
    for _ in 0..3 {
        world.far.mishap(crate::far::Call::Update, crate::far::Mishap::Refuse(crate::far::unavailable()));
        world.far.edit(1, "by hand");
        world.pass().await;
    }
    assert_eq!(drifted(&world), "");
    assert_resync(world.pass().await);
    assert_eq!((text(&world), drifted(&world)), ("x".into(), String::new()));
}
