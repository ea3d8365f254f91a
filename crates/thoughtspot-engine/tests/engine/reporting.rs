//! What is said of a pass, and when the object is looked at next.

use std::time::Duration;

use thoughtspot_engine::controller::Reconciler;
use thoughtspot_engine::next::Next;
use thoughtspot_engine::{Fault, Look};

use crate::api::{self, What};
use crate::far::{Call, Mishap, unavailable};
use crate::thing::{MARKS, ThingSpec, spec};
use crate::world::{World, assert_resync, condition};

fn fails_with(world: &World, fault: Fault) {
    world.knobs.faults.lock().unwrap().insert("a".to_owned(), fault);
}

fn recovers(world: &World) {
    world.knobs.faults.lock().unwrap().clear();
}

fn stalled(message: &str) -> Fault {
    Fault::Stalled { reason: "Invalid", message: message.to_owned() }
}

#[tokio::test(start_paused = true)]
async fn each_fault_is_said_its_way() {
    let text = || "m".to_owned();
    let cases = [
        (stalled("m"), ["False Invalid", "", "True Invalid", ""]),
        (
            Fault::NotGranted { reason: "NotGranted", message: text() },
            ["False NotGranted", "False NotGranted", "True NotGranted", ""],
        ),
        (Fault::Waiting { reason: "NotReady", message: text() }, ["False NotReady", "False NotReady", "", "True NotReady"]),
        (unavailable(), ["False Unavailable", "", "", "True Unavailable"]),
        (
            Fault::Later { reason: "NameHeld", message: text(), after: Duration::from_secs(3600) },
            ["False NameHeld", "", "", "True NameHeld"],
        ),
        (Fault::Suspended { reason: "Suspended", message: text() }, ["Unknown Suspended", "", "", ""]),
    ];
    for (fault, expected) in cases {
        let world = World::with(&spec("acme", "x"));
        fails_with(&world, fault.clone());
        world.pass().await;
        let said = ["Ready", "ReferencesResolved", "Stalled", "Reconciling"].map(|type_| condition(&world.a(), type_));
        assert_eq!(said, expected, "{fault:?}");
        recovers(&world);
        world.pass().await;
        let said = ["Ready", "ReferencesResolved", "Stalled", "Reconciling"].map(|type_| condition(&world.a(), type_));
        assert_eq!(said, ["True Ready", "True Resolved", "", ""], "after {fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_fault_is_looked_at_again_in_its_time() {
    let throttled = |after| Fault::Throttled { reason: "Throttled", message: String::new(), after };
    let world = World::with(&spec("acme", "x"));
    let next = async |fault| {
        fails_with(&world, fault);
        world.pass().await
    };
    assert_resync(next(stalled("m")).await);
    assert_eq!(next(unavailable()).await, Next::Backoff);
    assert_eq!(next(throttled(None)).await, Next::Backoff);
    assert_eq!(next(Fault::NotYet).await, Next::OnWake);
    let told = next(throttled(Some(Duration::from_secs(30)))).await;
    assert!(matches!(told, Next::After(delay) if (30..=33).contains(&delay.as_secs())), "{told:?}");
    let later = Fault::Later { reason: "NameHeld", message: String::new(), after: Duration::from_secs(3600) };
    let told = next(later).await;
    assert!(matches!(told, Next::After(delay) if (3600..=3780).contains(&delay.as_secs())), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_yet_is_not_spoken_of() {
    let world = World::with(&spec("acme", "x"));
    fails_with(&world, Fault::NotYet);
    assert_eq!(world.pass().await, Next::OnWake);
    assert_eq!(world.kubernetes_writes(), (0, 0));
    assert!(world.api.events().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_blip_of_a_ready_object_is_no_news() {
    let world = World::settled(&spec("acme", "x")).await;
    let writes = world.kubernetes_writes();
    fails_with(&world, unavailable());
    for failures in 0..2 {
        assert_eq!(world.pass_after(failures).await, Next::Backoff);
        assert_eq!(world.ready(), "True Ready", "after {failures} failures");
    }
    assert_eq!(world.kubernetes_writes(), writes);
    assert_eq!(world.pass_after(2).await, Next::Backoff);
    assert_eq!(world.ready(), "False Unavailable");
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_what_was_just_changed_is_news_at_once() {
    let world = World::settled(&spec("acme", "x")).await;
    world.api.apply("a", &spec("acme", "y"));
    fails_with(&world, unavailable());
    assert_eq!(world.pass().await, Next::Backoff);
    assert_eq!(world.ready(), "False Unavailable");
}

#[tokio::test(start_paused = true)]
async fn a_lasting_fault_is_written_once_and_told_once() {
    let mut world = World::with(&spec("acme", "x"));
    fails_with(&world, stalled("correct spec.text"));
    for _ in 0..3 {
        assert_resync(world.pass().await);
    }
    world.restart();
    assert_resync(world.pass().await);
    assert_eq!(world.kubernetes_writes(), (0, 1));
    assert_eq!(world.api.events(), [("Invalid".to_owned(), "correct spec.text".to_owned(), 1)]);
}

/// In an outage one call fails like this and the next like that.
#[tokio::test(start_paused = true)]
async fn what_does_not_answer_is_said_once_whatever_the_words() {
    let fault = |message: &str| Fault::Transient { reason: "Unavailable", message: message.to_owned() };
    let world = World::with(&spec("acme", "x"));
    fails_with(&world, fault("status 502"));
    world.pass().await;
    for next in [fault("status 503"), Fault::Waiting { reason: "Unavailable", message: "no answer".to_owned() }] {
        fails_with(&world, next);
        world.pass_after(1).await;
    }
    assert_eq!(world.kubernetes_writes(), (0, 1));
    fails_with(&world, Fault::Waiting { reason: "NotReady", message: "b does not exist".to_owned() });
    world.pass().await;
    assert_eq!(world.ready(), "False NotReady");
}

/// Whoever reads the events reads what is the matter now, and each change that was made.
#[tokio::test(start_paused = true)]
async fn an_event_says_what_happened_this_time() {
    let world = World::with(&spec("acme", "x"));
    for message in ["correct spec.text", "correct spec.name"] {
        fails_with(&world, stalled(message));
        world.pass().await;
    }
    let notes: Vec<String> = world.api.events().into_iter().map(|(_, note, _)| note).collect();
    assert!(notes.iter().any(|note| note == "correct spec.name"), "{notes:?}");

    recovers(&world);
    world.pass().await;
    for text in ["one", "two"] {
        world.far.edit(1, text);
        world.pass().await;
    }
    let notes: Vec<String> = world.api.events().into_iter().map(|(_, note, _)| note).collect();
    assert!(notes.iter().any(|note| note.contains("acme: two")), "{notes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stalled_object_whose_status_cannot_be_written_is_told_of_once_it_is() {
    let world = World::with(&spec("acme", "x"));
    fails_with(&world, stalled("m"));
    world.api.mishap(What::Status, api::Mishap::Refuse(500));
    assert_eq!(world.pass().await, Next::Backoff);
    assert!(world.api.events().is_empty());
    assert_resync(world.pass_after(1).await);
    assert_eq!(world.api.events().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_answered_once_by_looking_afresh() {
    let world = World::settled(&spec("acme", "x")).await;
    world.far.freeze_inventory();
    world.far.edit(1, "by hand"); // which the inventory does not know
    assert_resync(world.pass().await);
    assert_eq!(world.far.writes(), ["create acme"]);

    world.api.annotate("a", MARKS.requested, "now");
    assert_resync(world.pass().await);
    assert_eq!(world.far.writes(), ["create acme", "update 1"]);
    assert_eq!(world.status().handled.as_deref(), Some("now"));

    let (looks, writes) = (world.far.looks().len(), world.kubernetes_writes());
    world.far.freeze_inventory();
    assert_resync(world.pass().await);
    assert_eq!(world.far.looks()[looks..], [Look::Known]);
    assert_eq!(world.kubernetes_writes(), writes);
}

/// Whoever asked waits for the answer to be about what is true now.
#[tokio::test(start_paused = true)]
async fn a_request_is_not_answered_before_it_was_looked() {
    let world = World::with(&spec("acme", "x"));
    world.far.mishap(Call::Create, Mishap::Refuse(unavailable())); // so that it is not Ready, and no blip
    world.pass().await;
    world.pass().await;
    world.api.apply("a", &ThingSpec { observe: true, ..spec("acme", "x") });
    world.api.annotate("a", MARKS.requested, "now");
    fails_with(&world, unavailable());
    world.pass().await;
    assert_eq!(world.ready(), "False Unavailable");
    recovers(&world);
    let looks = world.far.looks().len();
    world.pass().await;
    assert!(world.far.looks()[looks..].contains(&Look::Fresh), "{:?}", &world.far.looks()[looks..]);
    assert_eq!(world.status().handled.as_deref(), Some("now"));
}

/// The watch lags behind a restart: it shows the object as it was before it had an id.
#[tokio::test(start_paused = true)]
async fn a_status_made_from_an_old_view_takes_no_identity_away() {
    let mut world = World::with(&spec("acme", "x"));
    let old = world.live("a").await;
    world.pass().await;
    let identity = world.identity();
    assert!(identity.is_some());
    world.restart();
    assert_eq!(world.managed.reconcile(old, 0).await.next, Next::Backoff);
    assert_eq!((world.identity(), world.ready()), (identity, "True Ready".to_owned()));
}

/// The answer to its own write shows a pass an edit that it has not made true.
#[tokio::test(start_paused = true)]
async fn an_edit_in_the_middle_of_a_pass_is_not_said_to_be_made_true() {
    let world = World::with(&ThingSpec { adopt: true, ..spec("acme", "x") });
    world.far.foreign("acme", "theirs");
    world.api.apply_before(What::Status, "a", &ThingSpec { adopt: true, ..spec("acme", "y") });
    assert_resync(world.pass().await);
    assert_eq!(world.far.rows(), [(1, "acme".to_owned(), "x".to_owned())]);
    assert_eq!((world.a().metadata.generation, world.status().observed_generation), (Some(2), 1));
    assert_resync(world.pass().await);
    assert_eq!(world.status().observed_generation, 2);
    assert_eq!(world.far.rows(), [(1, "acme".to_owned(), "y".to_owned())]);
}
