//! One run of a lifecycle, and all of them.

use std::panic::AssertUnwindSafe;
use std::path::Path;

use futures::{FutureExt, StreamExt, stream};
use serde_json::json;
use thoughtspot_crds::Dialect;
use thoughtspot_testkit::proxy::{Gate, Moment, Passed, Which};
use thoughtspot_testkit::{OperatorProcess, Proxy, eventually};
use tokio::sync::Semaphore;

use super::lifecycles::{DECLARED, Lifecycle};
use super::world::{World, others};
use crate::bench::{Bench, PATIENCE, condition};

/// How many runs of all sweeps go on at once. Each is idle most of the time.
const AT_ONCE: usize = 4;
static LANES: Semaphore = Semaphore::const_new(AT_ONCE);

/// A bench with both sides behind proxies that count as one.
pub(super) struct Stage {
    pub(super) bench: Bench,
    gate: Gate,
    kubernetes: Proxy,
    thoughtspot: Proxy,
    operator: Option<OperatorProcess>,
}

impl Stage {
    async fn new(dialect: Dialect) -> Stage {
        let bench = Bench::idle("sweep", dialect).await;
        let gate = Gate::default();
        let kubernetes = Proxy::of_kubernetes(bench.cluster.config(), gate.clone()).await.unwrap();
        let thoughtspot = Proxy::of_http("ThoughtSpot", bench.thoughtspot.url(), gate.clone()).await.unwrap();
        Stage { bench, gate, kubernetes, thoughtspot, operator: None }
    }

    /// Applies manifests, of which the Instance leads through the proxy.
    pub(super) async fn apply(&self, manifest: &str) {
        let manifest = manifest.replace("$HOST", &self.thoughtspot.host()).replace("$URL", &self.thoughtspot.url());
        self.bench.apply(&manifest).await;
    }

    /// Starts the binary.
    pub(super) fn start(&mut self) {
        let args = ["run", "--allowed-hosts", "http://127.0.0.1:*", "--watch-namespaces", &self.bench.namespace];
        let env = [("KUBECONFIG", self.kubernetes.kubeconfig().to_str().unwrap()), ("RUST_LOG", "info,thoughtspot_engine=debug")];
        let binary = Path::new(env!("CARGO_BIN_EXE_thoughtspot-operator"));
        self.operator = Some(OperatorProcess::spawn(binary, args, env).unwrap());
    }

    /// What the operator said last.
    fn log_tail(&self) -> String {
        let log = self.operator.as_ref().map(OperatorProcess::log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Ends it without a word, and starts it again.
    fn crash(&mut self) {
        if let Some(mut operator) = self.operator.take() {
            operator.kill();
        }
        self.start();
    }

    /// Waits until all that is declared is Ready.
    pub(super) async fn ready(&self) {
        for (kind, name) in DECLARED {
            self.bench.ready(kind, name).await;
        }
    }

    /// Everything is looked at once more, and nothing comes of it.
    async fn quiet(&self) {
        let writes = self.bench.thoughtspot.counters().writes;
        self.gate.reset();
        let request = json!({ "metadata": { "annotations": { "thoughtspot.dev/reconcile-requested-at": "once more" } } });
        for (kind, name) in DECLARED {
            self.bench.patch(kind, name, request.clone()).await;
        }
        for (kind, name) in DECLARED {
            eventually(&format!("{kind} {name} answers"), PATIENCE, async || {
                let object = self.bench.get(kind, name).await;
                let answered = object["status"]["lastHandledReconcileAt"] == "once more";
                if answered && condition(&object, "Ready")["status"] == "True" {
                    Ok(())
                } else {
                    Err(object["status"].to_string())
                }
            })
            .await;
        }
        assert_eq!(self.bench.thoughtspot.counters().writes, writes, "the next pass still writes: {:?}", self.gate.passed());
        let mut written: Vec<String> = self.gate.passed().into_iter().map(|passed| passed.which.label).collect();
        written.retain(|label| label.starts_with("Kubernetes") && !reads(label));
        assert_eq!(written.len(), DECLARED.len(), "an answer each, and nothing else: {written:#?}");
    }
}

/// A request, and when it is killed.
type Point = (Which, Moment);

/// What a run came to.
struct Outcome {
    passed: Vec<Passed>,
    world: World,
    killed: bool,
}

/// One run, killed where it says; what was wrong with it, and what the operator said of that.
async fn run(lifecycle: Lifecycle, dialect: Dialect, kill: Option<Point>) -> Result<Outcome, String> {
    let _lane = LANES.acquire().await.unwrap();
    let mut stage = Stage::new(dialect).await;
    let outcome = AssertUnwindSafe(live(&mut stage, lifecycle, kill)).catch_unwind().await;
    outcome.map_err(|panic| {
        let panic = panic.downcast_ref::<String>().map_or("a panic", String::as_str);
        format!("{panic}\n{}", stage.log_tail())
    })
}

async fn live(stage: &mut Stage, lifecycle: Lifecycle, kill: Option<Point>) -> Outcome {
    lifecycle.prepare(stage).await;
    let before = others(stage);
    stage.gate.reset();
    let catch = kill.map(|(which, moment)| stage.gate.catch(which, moment));
    lifecycle.act(stage).await;
    let mut killed = false;
    if let Some(mut catch) = catch {
        tokio::select! {
            () = catch.caught() => killed = true,
            () = lifecycle.settled(stage) => {}
        }
    }
    if killed {
        stage.crash();
    }
    lifecycle.settled(stage).await;
    let passed = stage.gate.passed();
    if lifecycle != Lifecycle::End {
        stage.quiet().await;
    }
    assert_eq!(others(stage), before, "what nobody declared has changed");
    Outcome { passed, world: World::of(stage).await, killed }
}

/// Every request of the lifecycle, each killed at each moment. `SWEEP_ONLY` chooses among them, by a part of what a failure calls one.
pub(super) async fn sweep(lifecycle: Lifecycle, dialect: Dialect) {
    let clean = run(lifecycle, dialect, None).await.unwrap_or_else(|wrong| panic!("without a crash: {wrong}"));
    let only = std::env::var("SWEEP_ONLY").unwrap_or_default();
    let mut points = points(&clean.passed, dialect);
    points.retain(|point| called(point).contains(&only));
    let runs = points.iter().map(|point| async move { (point, run(lifecycle, dialect, Some(point.clone())).await) });
    let outcomes: Vec<_> = stream::iter(runs).buffer_unordered(AT_ONCE).collect().await;
    let (mut wrong, mut missed) = (Vec::new(), Vec::new());
    for (point, outcome) in outcomes {
        match outcome {
            Err(panic) => wrong.push(format!("{}: {panic}", called(point))),
            Ok(outcome) => {
                let differences = clean.world.differences(&outcome.world);
                wrong.extend(differences.into_iter().map(|difference| format!("{}: {difference}", called(point))));
                if !outcome.killed {
                    missed.push(called(point));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "of {} crashes some leave another world:\n{}", points.len(), wrong.join("\n"));
    // What is asked depends a little on what came first; more than this would be a sweep that sweeps nothing.
    assert!(missed.len() * 5 <= points.len(), "of {} requests these never came again: {missed:#?}", points.len());
}

fn called((which, moment): &Point) -> String {
    format!("{moment:?} {which}")
}

/// Where to kill. A read changes neither side, so the world is the same at each moment of it: one is enough. What goes to Kubernetes
/// is the same in both dialects: once is enough, and so it is for the reads between.
fn points(passed: &[Passed], dialect: Dialect) -> Vec<Point> {
    let chosen = |which: &&Which| dialect == Dialect::V2 || which.label.starts_with("ThoughtSpot") && !reads(&which.label);
    let moments = |which: &Which| if reads(&which.label) { &Moment::ALL[1..2] } else { &Moment::ALL[..] };
    let chosen = passed.iter().map(|passed| &passed.which).filter(chosen);
    chosen.flat_map(|which| moments(which).iter().map(|moment| (which.clone(), *moment))).collect()
}

fn reads(label: &str) -> bool {
    label.contains(" GET ") || label.ends_with("/search")
}
