//! One life of a tenant, step by step, and all of them.

use std::panic::AssertUnwindSafe;

use futures::{FutureExt, StreamExt, stream};
use thoughtspot_crds::Dialect;
use thoughtspot_testkit::proxy::{Moment, Passed, Which};
use tokio::sync::Semaphore;

use super::lifecycles::Lifecycle;
use super::stage::{Stage, reads};
use super::world::{World, others};

/// How many runs of all sweeps go on at once. Each is idle some of the time.
const AT_ONCE: usize = 4;
static LANES: Semaphore = Semaphore::const_new(AT_ONCE);

/// A request, and when it is killed.
type Point = (Which, Moment);

/// Where each step of a run is killed, if anywhere.
type Kills = Vec<Option<Point>>;

/// What a step came to.
struct Outcome {
    passed: Vec<Passed>,
    world: World,
    killed: bool,
}

/// The steps in order, each killed where it says; what was wrong with it, and what the operator said of that.
async fn run(steps: &[Lifecycle], dialect: Dialect, kills: &[Option<Point>]) -> Result<Vec<Outcome>, String> {
    let _lane = LANES.acquire().await.unwrap();
    let mut stage = Stage::new(dialect).await;
    let mut outcomes = Vec::new();
    for (step, kill) in steps.iter().zip(kills) {
        let outcome = AssertUnwindSafe(live(&mut stage, *step, kill.clone())).catch_unwind().await;
        let outcome = outcome.map_err(|panic| {
            let panic = panic.downcast_ref::<String>().map_or("a panic", String::as_str);
            format!("{step:?}: {panic}\n{}", stage.log_tail())
        });
        outcomes.push(outcome?);
    }
    Ok(outcomes)
}

async fn live(stage: &mut Stage, step: Lifecycle, kill: Option<Point>) -> Outcome {
    step.prepare(stage);
    let before = others(stage);
    let untouched = |stage: &Stage| assert_eq!(others(stage), before, "what nobody declared has changed");
    stage.gate.reset();
    let catch = kill.map(|(which, moment)| stage.gate.catch(which, moment));
    step.act(stage).await;
    let mut killed = false;
    if let Some(mut catch) = catch {
        tokio::select! {
            () = catch.caught() => killed = true,
            () = step.settled(stage) => {}
        }
    }
    if killed {
        stage.crash();
        untouched(stage);
        step.holds(stage);
        stage.start();
    }
    step.settled(stage).await;
    let passed = stage.gate.passed();
    if !step.after().is_empty() {
        stage.quiet(step.after()).await;
    }
    untouched(stage);
    step.holds(stage);
    Outcome { passed, world: World::of(stage, step.all()).await, killed }
}

/// Every request of the steps, each killed at each moment; one of each step in one run, so that a tenant need not be made for each.
/// `SWEEP_ONLY` chooses among them, by parts of what a failure calls them, separated by ` + `.
pub(super) async fn sweep(steps: &[Lifecycle], dialect: Dialect) {
    let unkilled = vec![None; steps.len()];
    let clean = run(steps, dialect, &unkilled).await.unwrap_or_else(|wrong| panic!("without a crash: {wrong}"));
    let only = std::env::var("SWEEP_ONLY").unwrap_or_default();
    let chosen = |point: &Point| only.split(" + ").any(|part| called(point).contains(part));
    let points = clean.iter().map(|outcome| points(&outcome.passed, dialect).into_iter().filter(chosen).collect());
    let points: Vec<Vec<Point>> = points.collect();
    let most = points.iter().map(Vec::len).max().unwrap_or_default();
    let kills: Vec<Kills> = (0..most).map(|n| points.iter().map(|points| points.get(n).cloned()).collect()).collect();
    let runs = kills.iter().map(|kills| async move { (kills, run(upto(steps, kills), dialect, kills).await) });
    let outcomes: Vec<_> = stream::iter(runs).buffer_unordered(AT_ONCE).collect().await;

    let wrong: Vec<String> = outcomes
        .iter()
        .filter_map(|(kills, outcome)| Some(format!("{}\n{}", all(kills), wrong(steps, &clean, outcome)?)))
        .collect();
    let missed: Vec<String> = outcomes.iter().flat_map(|(kills, outcome)| missed(kills, outcome)).collect();
    let killed: Vec<String> = steps.iter().zip(&points).map(|(step, points)| format!("{step:?} {}", points.len())).collect();
    assert!(wrong.is_empty(), "some crashes ({}) leave another world:\n\n{}", killed.join(", "), wrong.join("\n\n"));
    // What is asked depends a little on what came first; more than this would be a sweep that sweeps nothing.
    let all: usize = points.iter().map(Vec::len).sum();
    assert!(missed.len() * 5 <= all, "of {all} requests these never came again: {missed:#?}");
}

/// What is wrong with a run, at its first step that differs: what follows would only repeat it.
fn wrong(steps: &[Lifecycle], clean: &[Outcome], outcome: &Result<Vec<Outcome>, String>) -> Option<String> {
    let outcomes = match outcome {
        Ok(outcomes) => outcomes,
        Err(panic) => return Some(panic.clone()),
    };
    let differs = outcomes.iter().zip(clean).map(|(outcome, clean)| clean.world.differences(&outcome.world));
    let (step, differences) = steps.iter().zip(differs).find(|(_, differences)| !differences.is_empty())?;
    Some(format!("{step:?}: {}", differences.join("\n")))
}

/// The requests of a run that did not come.
fn missed(kills: &Kills, outcome: &Result<Vec<Outcome>, String>) -> Vec<String> {
    let outcomes = outcome.iter().flatten().zip(kills).filter(|(outcome, _)| !outcome.killed);
    outcomes.filter_map(|(_, kill)| kill.as_ref().map(called)).collect()
}

/// The steps up to the last that is killed.
fn upto<'a>(steps: &'a [Lifecycle], kills: &[Option<Point>]) -> &'a [Lifecycle] {
    let last = kills.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    &steps[..last]
}

fn all(kills: &Kills) -> String {
    kills.iter().flatten().map(called).collect::<Vec<_>>().join(" + ")
}

fn called((which, moment): &Point) -> String {
    format!("{moment:?} {which}")
}

/// Where to kill.
fn points(passed: &[Passed], dialect: Dialect) -> Vec<Point> {
    let all = passed.iter().map(|passed| &passed.which);
    all.flat_map(|which| moments(&which.label, dialect).iter().map(|moment| (which.clone(), *moment))).collect()
}

/// The module says why not all.
fn moments(label: &str, dialect: Dialect) -> &'static [Moment] {
    const ONE: &[Moment] = &[Moment::Unanswered];
    let (idle, far) = (reads(label) || label.ends_with(" POST events"), label.starts_with("ThoughtSpot"));
    match dialect {
        Dialect::V2 if idle => ONE,
        Dialect::V1 if idle => &[],
        Dialect::V1 if !far => ONE,
        Dialect::V1 | Dialect::V2 => &Moment::ALL,
    }
}
