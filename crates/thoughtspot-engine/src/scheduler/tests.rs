//! Passes that do nothing but take their time, over ConfigMaps.

use std::sync::Mutex;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::core::error_boundary::InvalidObject;
use kube::runtime::reflector::store;
use kube::runtime::reflector::store::Writer;
use kube::runtime::watcher::Event;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::*;
use crate::fair::IN_LANE;
use crate::outcome::Outcome;
use crate::wake::Waker;

/// How long a pass takes.
const PASS: Duration = Duration::from_millis(100);

/// What the passes do, and which there were.
struct Passes {
    /// In the order of their begin.
    begun: Mutex<Vec<Key>>,
    next: fn(u32) -> Next,
}

impl Passes {
    fn begun(&self) -> Vec<Key> {
        self.begun.lock().unwrap().clone()
    }

    fn count(&self, name: &str) -> usize {
        self.begun().iter().filter(|key| key.name == name).count()
    }
}

impl Reconciler for Passes {
    type Object = ConfigMap;

    fn span(&self, object: &ConfigMap) -> tracing::Span {
        span::bare::<ConfigMap>(&Key::of(object))
    }

    fn lane(&self, object: &Live<ConfigMap>) -> String {
        object.data.as_ref().and_then(|data| data.get("lane").cloned()).unwrap_or_default()
    }

    async fn reconcile(&self, object: Live<ConfigMap>, failures: u32) -> Passed {
        let key = Key::of(&*object);
        self.begun.lock().unwrap().push(key.clone());
        if key.name == "panics" {
            panic!("as it is to");
        }
        if key.name.starts_with("hangs") {
            std::future::pending::<()>().await;
        }
        sleep(PASS).await;
        Passed { next: (self.next)(failures), outcome: Outcome::DONE }
    }

    async fn unreadable(&self, _: &InvalidObject) -> Passed {
        Passed { next: Next::OnWake, outcome: Outcome::DONE }
    }
}

struct World {
    passes: Arc<Passes>,
    objects: Writer<DeserializeGuard<ConfigMap>>,
    waker: Waker<ConfigMap>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

fn object(key: &Key, lane: &str) -> DeserializeGuard<ConfigMap> {
    let mut object = ConfigMap { data: Some([("lane".to_owned(), lane.to_owned())].into()), ..ConfigMap::default() };
    object.metadata.namespace = Some(key.namespace.clone());
    object.metadata.name = Some(key.name.clone());
    DeserializeGuard(Ok(object))
}

impl World {
    fn start(next: fn(u32) -> Next) -> World {
        let passes = Arc::new(Passes { begun: Mutex::default(), next });
        let (store, mut objects) = store();
        objects.apply_watcher_event(&Event::Init);
        objects.apply_watcher_event(&Event::InitDone);
        let (waker, wakes) = Waker::new();
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(run(passes.clone(), store, wakes, Running::default(), stopped));
        World { passes, objects, waker, stop, task }
    }

    /// Objects of these names, woken at once.
    fn add(&mut self, lane: &str, namespace: &str, names: impl IntoIterator<Item = String>) {
        for name in names {
            let key = Key::new(namespace, name);
            self.objects.apply_watcher_event(&Event::Apply(object(&key, lane)));
            self.waker.wake(&key);
        }
    }

    fn wake(&self, name: &str) {
        self.waker.wake(&Key::new("ns", name));
    }

    async fn end(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap();
    }
}

fn crowd(size: usize) -> impl Iterator<Item = String> {
    (0..size).map(|n| n.to_string())
}

#[tokio::test(start_paused = true)]
async fn a_namespace_with_fifty_thousand_that_wait_keeps_another_waiting_for_a_pass_or_two() {
    let mut world = World::start(|_| Next::OnWake);
    world.add("instance", "many", crowd(50_000));
    sleep(PASS * 10).await;
    let before = world.passes.begun().len();
    world.add("instance", "few", ["one".to_owned()]);
    sleep(PASS * 2).await;
    let begun = world.passes.begun();
    let place = begun.iter().position(|key| key.namespace == "few").expect("it had its turn");
    assert!(place <= before + 2, "{} passes of the other namespace began before it", place - before);
    world.end().await;
}

#[tokio::test(start_paused = true)]
async fn passes_that_hang_hold_up_nobody_who_goes_another_way() {
    let mut world = World::start(|_| Next::OnWake);
    world.add("down", "ns", (0..1_000).map(|n| format!("hangs-{n}")));
    sleep(PASS).await;
    assert_eq!(world.passes.begun().len(), IN_LANE, "of those who hang");
    world.add("up", "ns", crowd(1_000));
    sleep(PASS * 100).await;
    assert_eq!(world.passes.begun().len(), IN_LANE + 1_000);
    world.task.abort();
}

#[tokio::test(start_paused = true)]
async fn one_pass_at_a_time_per_object_and_one_more_for_all_wakes_meanwhile() {
    let mut world = World::start(|_| Next::OnWake);
    world.add("", "ns", ["a".to_owned()]);
    sleep(PASS / 2).await;
    (0..100).for_each(|_| world.wake("a"));
    sleep(PASS / 4).await;
    assert_eq!(world.passes.count("a"), 1);
    sleep(PASS * 10).await;
    assert_eq!(world.passes.count("a"), 2);
    world.wake("never there");
    sleep(PASS).await;
    assert_eq!(world.passes.begun().len(), 2);
    world.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_pass_is_due_after_as_long_as_it_said_or_when_woken_before() {
    let mut world = World::start(|_| Next::After(Duration::from_secs(600)));
    world.add("", "ns", ["a".to_owned()]);
    sleep(Duration::from_secs(599)).await;
    assert_eq!(world.passes.count("a"), 1);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(world.passes.count("a"), 2);
    world.wake("a");
    sleep(Duration::from_secs(590)).await;
    assert_eq!(world.passes.count("a"), 3, "its timer began anew");
    sleep(Duration::from_secs(20)).await;
    assert_eq!(world.passes.count("a"), 4);
    world.objects.apply_watcher_event(&Event::Delete(object(&Key::new("ns", "a"), "")));
    sleep(Duration::from_secs(6_000)).await;
    assert_eq!(world.passes.count("a"), 4, "it is gone");
    world.end().await;
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_are_tried_ever_more_seldom_and_a_panic_is_one() {
    let mut world = World::start(|failures| if failures < 3 { Next::Backoff } else { Next::OnWake });
    let began = Instant::now();
    world.add("", "ns", ["a".to_owned(), "panics".to_owned()]);
    sleep(Duration::from_secs(3_600)).await;
    assert!(began.elapsed() > Duration::from_secs(7));
    assert_eq!(world.passes.count("a"), 4);
    let panics = world.passes.count("panics");
    assert!((12..=32).contains(&panics), "{panics} in an hour, at most five minutes apart");
    world.end().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_stop_finishes_what_runs_and_begins_nothing() {
    let mut world = World::start(|_| Next::After(Duration::ZERO));
    world.add("", "ns", crowd(1_000));
    sleep(PASS / 2).await;
    let passes = world.passes.clone();
    world.end().await;
    assert_eq!(passes.begun().len(), IN_LANE);
}

#[test]
fn the_back_off_grows_and_ends() {
    let longest = Duration::from_secs(300);
    for failures in 0..40 {
        let delay = backoff(failures, longest);
        assert!(delay >= Duration::from_millis(500) && delay <= longest, "{failures}: {delay:?}");
    }
    assert!(backoff(20, longest) >= longest / 2);
    assert!(backoff(20, Duration::from_secs(30)) <= Duration::from_secs(30));
}
