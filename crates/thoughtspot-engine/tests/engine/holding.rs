//! What may not end yet.

use std::time::Duration;

use thoughtspot_engine::next::Next;
use thoughtspot_engine::{Fault, Look};

use crate::thing::{ThingSpec, spec};
use crate::world::{World, assert_resync, condition};

fn deleting() -> ThingSpec {
    ThingSpec { delete: true, ..spec("acme", "x") }
}

fn held() -> Option<Fault> {
    Some(Fault::Stalled { reason: "DeletionsHeld", message: "with others".to_owned() })
}

const MOMENT: Duration = Duration::from_millis(500);

#[tokio::test(start_paused = true)]
async fn what_settles_says_nothing_and_is_not_looked_at() {
    let world = World::settled(&deleting()).await;
    world.api.delete("a");
    *world.knobs.brake.lock().unwrap() = Some(Fault::Settling { after: MOMENT });
    let (writes, looks) = (world.kubernetes_writes(), world.far.looks().len());
    assert_eq!(world.pass().await, Next::After(MOMENT));
    assert_eq!((world.kubernetes_writes(), world.far.looks().len()), (writes, looks));
    *world.knobs.brake.lock().unwrap() = None;
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.far.rows().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_held_stays_and_says_so_and_costs_no_closer_look() {
    let world = World::settled(&deleting()).await;
    world.api.delete("a");
    *world.knobs.brake.lock().unwrap() = held();
    let looks = world.far.looks().len();
    assert_resync(world.pass().await);
    assert_eq!(condition(&world.a(), "Stalled"), "True DeletionsHeld");
    assert_eq!(world.far.rows().len(), 1);
    assert!(world.far.looks()[looks..].iter().all(|look| *look == Look::Known), "{:?}", world.far.looks());
}

#[tokio::test(start_paused = true)]
async fn what_is_held_and_gone_already_is_let_go() {
    let world = World::settled(&deleting()).await;
    world.far.lose(1);
    world.api.delete("a");
    *world.knobs.brake.lock().unwrap() = held();
    assert_eq!(world.pass().await, Next::OnWake);
    assert!(world.api.get("a").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_held_is_not_made() {
    let world = World::settled(&spec("acme", "x")).await;
    world.api.apply("a", &spec("acme", "y"));
    *world.knobs.brake.lock().unwrap() = held();
    let looks = world.far.looks().len();
    assert_resync(world.pass().await);
    assert_eq!(condition(&world.a(), "Stalled"), "True DeletionsHeld");
    assert!(world.far.looks()[looks..].iter().all(|look| *look == Look::Known), "{:?}", world.far.looks());
    *world.knobs.brake.lock().unwrap() = None;
    assert_resync(world.pass().await);
    assert_eq!(world.far.rows(), [(1, "acme".to_owned(), "y".to_owned())]);
}
