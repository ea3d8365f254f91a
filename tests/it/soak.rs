//! An hour of nothing and an hour of everything, with two processes of the shipped binary; and a [`crowd`]: `make soak`, and not `make test`.
//!
//! `SOAK_MINUTES` says for how long (60), `SOAK_SEED` repeats what somebody did and what failed, as far as two busy processes can be
//! made to do the same twice, `SOAK_DIALECT` says in which dialect (`V2`), `SOAK_OPERATOR` with which binary (that of this build).

mod check;
mod crowd;
mod declared;
mod measure;
mod people;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;
use futures::FutureExt;
use k8s_openapi::api::events::v1::Event;
use kube::api::{Api, Patch, PatchParams};
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_testkit::{eventually, wait};

use crate::bench::{Bench, CONNECTION, LOGIN, conditions};
use crate::health;
use crate::replicas::{LEASE, Stage};
use declared::{Declared, Size};
use measure::{Figures, Memory};
use trouble::Pair;

/// 500 resources.
const FULL: Size = Size { orgs: 20, users: 400 };
/// What fails often is tried again after five minutes at most, and then needs a moment.
const CONVERGED_WITHIN: Duration = Duration::from_secs(10 * 60);
/// By how much memory may grow over three quarters of the run, in MiB: allocators keep a little more as time passes.
const GROWTH: f64 = 4.0;
/// Into how many parts an hour of nothing is cut, to tell whether they are alike.
const WINDOWS: u32 = 12;
/// Shorter runs say nothing of that.
const LONG_ENOUGH: Duration = Duration::from_secs(30 * 60);

/// One run.
struct Soak {
    stage: Stage,
    pair: Pair,
    declared: Declared,
    rng: Rng,
    done: BTreeMap<&'static str, u64>,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes an hour: make soak"]
async fn an_hour_of_nothing_writes_nothing_and_needs_no_more_memory() {
    let soak = Soak::start(FULL, dialect(), "1m", 30, 0).await;
    soak.quiet_from_here_on().await;
    let bench = &soak.stage.bench;
    let (stored, events) = (versions(bench).await, events(bench).await);
    let (written, before) = (soak.writes_to_kubernetes(), bench.thoughtspot.counters());
    let (mut memories, length) = (soak.memories(), length());
    let mut windows = Vec::new();
    for _ in 0..WINDOWS {
        let asked = bench.thoughtspot.counters().requests;
        tokio::time::sleep(length / WINDOWS).await;
        windows.push(bench.thoughtspot.counters().requests - asked);
    }
    let after = bench.thoughtspot.counters();
    let [first, second] = [memories.remove(0).figures(), memories.remove(0).figures()];

    assert_eq!(*written.lock().unwrap(), Vec::<String>::new(), "written to Kubernetes");
    assert_eq!(versions(bench).await, stored);
    // Kubernetes forgets each after an hour.
    assert!(self::events(bench).await.is_subset(&events), "an Event was told");
    assert_eq!(after.writes, before.writes, "written to ThoughtSpot");
    let asked = |route: &str| after.routes.get(route).unwrap_or(&0) - before.routes.get(route).unwrap_or(&0);
    let [orgs, groups, users, system] = bench.calls().each_interval().map(asked);
    say(&format!("nothing, {:?}, {} resources, {length:?}", bench.dialect, FULL.resources()));
    say(&format!(
        "calls: {orgs} lists of Orgs, {groups} of groups, {users} of users, {system} of the system, {} for tokens, {} in all",
        after.tokens - before.tokens,
        after.requests - before.requests
    ));
    say(&format!("the first replica: {first}; {} passes", soak.passes().await));
    say(&format!("the second: {second}"));
    say(&format!("calls in each {:?}: {windows:?}", length / WINDOWS));
    // Each list once in each interval of a minute, which is 54 to 63 seconds; and nothing else.
    let intervals = length.as_secs_f64() / 60.0;
    let steady = |count: u64, lists: usize| {
        let each = count as f64 / lists as f64;
        (intervals / 1.05 - 1.0..=intervals / 0.9 + 1.0).contains(&each)
    };
    assert!(steady(orgs, 1) && steady(system, 1) && steady(groups, FULL.orgs) && steady(users, FULL.orgs), "{after:?}");
    // Each new token, which there is for every Org once in a while, is asked once whom it is for.
    let sign_ins = 2 * (after.tokens - before.tokens);
    assert_eq!(after.requests - before.requests, orgs + groups + users + system + sign_ins, "{after:?}");
    let round = 2 + 2 * FULL.orgs as u64;
    assert!(windows.iter().max() <= windows.iter().min().map(|least| least + round + sign_ins).as_ref(), "{windows:?}");
    is_flat(&first);
    is_flat(&second);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes an hour: make soak"]
async fn an_hour_of_faults_ends_as_declared_and_needs_no_more_memory() {
    let seed = std::env::var("SOAK_SEED").map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap());
    let mut soak = Soak::start(FULL, dialect(), "20s", LEASE, seed).await;
    let memory = soak.memories().remove(0);
    let outcome = AssertUnwindSafe(soak.storm_and_calm(length())).catch_unwind().await;
    if let Err(panic) = outcome {
        say(&format!("SOAK_SEED={seed} failed after {:?}\n{}", soak.done, soak.pair.log_tails()));
        std::panic::resume_unwind(panic);
    }
    let figures = memory.figures();
    say(&format!("the process that lived through all of it: {figures}; {} passes", soak.passes().await));
    is_flat(&figures);
    soak.pair.stop().await;
}

impl Soak {
    /// Both replicas, and everything Ready. What is not ours is there before.
    async fn start(size: Size, dialect: Dialect, interval: &str, lease: u16, seed: u64) -> Soak {
        say(&format!("SOAK_SEED={seed}, {} resources", size.resources()));
        let stage = Stage::on(Bench::idle("soak", dialect).await).await;
        let declared = Declared::new(size);
        let (guest, visitor) = (check::GUEST, people::VISITOR);
        let orgs: Vec<String> = (0..size.orgs).map(declared::org).collect();
        stage.bench.thoughtspot.edit(|world| {
            world.create_org(check::FOREIGN, Some("not ours")).unwrap();
            world.create_group(check::FOREIGN, "group", "Them").unwrap();
            for name in ["fritz", guest, visitor] {
                world.create_user(name, name, &[check::FOREIGN]).unwrap();
                world.add_to_group(check::FOREIGN, "group", name).unwrap();
            }
        });
        let pair = Pair::start(&stage, lease).await;
        stage.bench.apply(LOGIN).await;
        let connection = CONNECTION.replace("syncInterval: 5s", &format!("syncInterval: {interval}"));
        stage.bench.apply(&format!("{connection}  protection: {{ maxDeletions: 10000 }}\n")).await;
        for resource in &declared.resources {
            stage.bench.apply(&declared.manifest(resource)).await;
        }
        let soak = Soak { stage, pair, declared, rng: Rng::with_seed(seed), done: BTreeMap::new() };
        soak.converges("everything is Ready").await;
        soak.stage.bench.thoughtspot.edit(|world| {
            for (number, org) in orgs.iter().enumerate() {
                for name in [guest, visitor] {
                    world.add_to_org(name, org).unwrap();
                }
                world.add_to_group(org, &declared::group(number, 0), guest).unwrap();
            }
        });
        soak
    }

    /// The memory of both replicas, from now on.
    fn memories(&self) -> Vec<Memory> {
        let every = (length() / 360).max(Duration::from_millis(500));
        let second = self.pair.second.as_ref();
        [Some(&self.pair.first), second].into_iter().flatten().map(|replica| Memory::of(replica.process.pid(), every)).collect()
    }

    async fn passes(&self) -> u64 {
        let (_, metrics) = health::asked(&self.pair.first.process, "metrics").await;
        let passes = metrics.lines().filter(|line| line.starts_with("thoughtspot_operator_passes_total{"));
        passes.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum()
    }

    /// What either replica writes to Kubernetes from now on, but the Lease.
    fn writes_to_kubernetes(&self) -> Arc<Mutex<Vec<String>>> {
        let written = Arc::new(Mutex::new(Vec::new()));
        for replica in [Some(&self.pair.first), self.pair.second.as_ref()].into_iter().flatten() {
            let log = written.clone();
            replica.kubernetes.troubles().befall(move |label| {
                if !label.contains(" GET ") && !label.contains("/leases/") && !label.contains(" leases/") {
                    log.lock().unwrap().push(label.to_owned());
                }
                None
            });
        }
        written
    }

    async fn storm_and_calm(&mut self, length: Duration) {
        let (began, bench) = (Instant::now(), &self.stage.bench);
        let (others, guests) =
            (check::others(&bench.thoughtspot.state()), check::guests(&self.declared, &bench.thoughtspot.state()));
        let before = bench.thoughtspot.counters();
        while began.elapsed() < length {
            self.step().await;
            tokio::time::sleep(Duration::from_millis(self.rng.u64(50..1450))).await;
        }
        let calm = Instant::now();
        self.calm().await;
        self.converges("everything is as declared").await;
        let (bench, converged) = (&self.stage.bench, calm.elapsed());
        let after = bench.thoughtspot.counters();
        say(&format!("faults, {:?}, {} resources, {length:?}: {:#?}", bench.dialect, self.declared.size.resources(), self.done));
        say(&format!(
            "{} requests to ThoughtSpot, of which {} changed something",
            after.requests - before.requests,
            after.committed - before.committed
        ));
        say(&format!("as declared {converged:.0?} after the last fault"));
        let state = bench.thoughtspot.state();
        assert_eq!(check::others(&state), others, "what is not ours");
        for (group, was_there) in check::guests(&self.declared, &state) {
            assert!(guests.get(&group).is_none_or(|before| *before == was_there), "the guest of {group}");
        }
        self.a_second_look().await;
        self.quiet_from_here_on().await;
        self.stage.each_wrote_in_its_turn();
    }

    /// Something happens.
    async fn step(&mut self) {
        self.pair.end_what_is_due(&self.stage, false).await;
        let bench = &self.stage.bench;
        let done = match self.rng.u8(..100) {
            0..50 => people::act(bench, &mut self.declared, &mut self.rng).await,
            50..65 => people::by_hand(bench, &mut self.declared, &mut self.rng),
            65..85 => self.pair.far(bench, &mut self.rng).await,
            85..94 => self.pair.near(&mut self.rng),
            _ => self.pair.process(&mut self.rng),
        };
        if done != "nothing" {
            *self.done.entry(done).or_default() += 1;
        }
    }

    /// Nothing fails any more, and what has to be there is declared again.
    async fn calm(&mut self) {
        self.pair.end_what_is_due(&self.stage, true).await;
        let bench = &self.stage.bench;
        bench.thoughtspot.clear_faults();
        bench.thoughtspot.set(|settings| settings.search_delay_millis = 0);
        let lacking = |resource: &declared::Resource| !resource.declared && !resource.may_end;
        let began = Instant::now();
        while let Some(which) = self.declared.resources.iter().position(lacking) {
            let there = people::declare_again(bench, &mut self.declared, which).await;
            let left = &self.declared.resources[which];
            if !there && began.elapsed() > CONVERGED_WITHIN {
                panic!("{} is not gone: {}", left.name, conditions(&bench.get(left.kind, &left.name).await));
            }
            // What waits for something else that is to come back must not hold that up.
            self.declared.resources.rotate_left(1);
            tokio::time::sleep(Duration::from_millis(if there { 0 } else { 100 })).await;
        }
    }

    async fn converges(&self, what: &str) {
        let (began, mut told) = (Instant::now(), 0);
        let found = wait::reached(what, CONVERGED_WITHIN, async || {
            let problems = check::problems(&self.stage.bench, &self.declared).await;
            if problems.is_empty() {
                return Ok(());
            }
            let minutes = began.elapsed().as_secs() / 60;
            if minutes > told {
                told = minutes;
                say(&format!("{what}: not after {minutes} min; {} problems, for one {}", problems.len(), problems[0]));
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            Err(format!("{} problems:\n{}", problems.len(), problems.join("\n")))
        });
        if let Err(error) = found.await {
            panic!("{error}");
        }
    }

    /// Everything is asked for afresh, and nothing comes of it in ThoughtSpot.
    async fn a_second_look(&self) {
        let bench = &self.stage.bench;
        let writes = bench.thoughtspot.counters().writes;
        let request =
            Patch::Merge(json!({ "metadata": { "annotations": { "thoughtspot.dev/reconcile-requested-at": "once more" } } }));
        let asked: Vec<&declared::Resource> = self.declared.resources.iter().filter(|resource| resource.declared).collect();
        for resource in &asked {
            let api = bench.api(resource.kind, &bench.namespace);
            api.patch(&resource.name, &PatchParams::default(), &request).await.unwrap();
        }
        eventually("everything has been looked at once more", CONVERGED_WITHIN, async || {
            let stored = check::stored(bench).await;
            let answered = asked.iter().filter(|resource| {
                stored[&(resource.kind, resource.name.clone())]["status"]["lastHandledReconcileAt"] == "once more"
            });
            let answered = answered.count();
            if answered == asked.len() { Ok(()) } else { Err(format!("{answered} of {}", asked.len())) }
        })
        .await;
        assert_eq!(bench.thoughtspot.counters().writes, writes, "a second look writes");
        assert_eq!(check::problems(bench, &self.declared).await, Vec::<String>::new());
    }

    /// Two intervals pass in which nothing is written on either side.
    async fn quiet_from_here_on(&self) {
        let bench = &self.stage.bench;
        let passed = || bench.thoughtspot.counters().routes.get(bench.calls().list_orgs).copied().unwrap_or_default();
        let (mut since, mut before) = (passed(), (versions(bench).await, bench.thoughtspot.counters().writes));
        let mut first = true;
        eventually("nothing is written for two intervals", CONVERGED_WITHIN, async || {
            if passed() < since + 2 {
                return Err(format!("{} intervals", passed() - since));
            }
            let now = (versions(bench).await, bench.thoughtspot.counters().writes);
            let (quiet, differ) = (now == before, format!("{before:?}\n{now:?}"));
            // What nobody declares is counted once the lists were read.
            assert!(quiet || std::mem::take(&mut first), "{differ}");
            (since, before) = (passed(), now);
            if quiet { Ok(()) } else { Err(differ) }
        })
        .await;
    }
}

/// Changes with every write, whoever makes it.
async fn versions(bench: &Bench) -> BTreeMap<String, Value> {
    let stored = check::stored(bench).await.into_iter();
    stored.map(|((kind, name), object)| (format!("{kind} {name}"), object["metadata"]["resourceVersion"].clone())).collect()
}

async fn events(bench: &Bench) -> BTreeSet<Option<String>> {
    let events: Api<Event> = Api::namespaced(bench.client.clone(), &bench.namespace);
    let stored = events.list(&Default::default()).await.unwrap().items.into_iter();
    stored.map(|event| event.metadata.resource_version).collect()
}

/// In the first minutes memory grows to what is needed at the busiest.
fn is_flat(figures: &Figures) {
    assert!(figures.growth < GROWTH || length() < LONG_ENOUGH, "memory grows: {figures}");
}

fn length() -> Duration {
    let minutes = std::env::var("SOAK_MINUTES").map_or(60.0, |minutes| minutes.parse().unwrap());
    Duration::from_secs_f64(minutes * 60.0)
}

fn dialect() -> Dialect {
    if std::env::var("SOAK_DIALECT").is_ok_and(|dialect| dialect == "V1") { V1 } else { V2 }
}

#[expect(clippy::print_stderr, reason = "a run of an hour tells how it goes, and its figures in the end")]
fn say(text: &str) {
    eprintln!("{text}");
}
