//! Two processes of the shipped binary take turns. What each wrote is told apart by its `User-Agent`, which names it as the Lease does.

mod clocks;
mod counts;
mod deleted;
mod turns;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Api, PostParams, WatchEvent, WatchParams};
use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_engine::Fault;
use thoughtspot_engine::election::{Election, Turn};
use thoughtspot_engine::fence::Fence;
use thoughtspot_engine::lease::Timing;
use thoughtspot_simulator::{Action, Rule};
use thoughtspot_testkit::proxy::Gate;
use thoughtspot_testkit::{OperatorProcess, Proxy, eventually};

use turns::who;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PATIENCE, USER};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_thoughtspot-operator");
/// So that a crowd takes a while.
const SLOWLY: [&str; 2] = ["--requests-per-second", "8"];
/// Seconds. A write may take half of it: enough on two busy cores.
pub(crate) const LEASE: u16 = 6;
/// How many users are created while something happens to who creates them.
const CROWD: usize = 16;

/// A bench, its Lease, and what that said from the beginning.
pub(crate) struct Stage {
    pub(crate) bench: Bench,
    leases: Api<Lease>,
    history: Arc<Mutex<Vec<LeaseSpec>>>,
}

/// A process, and its own way to Kubernetes.
pub(crate) struct Replica {
    pub(crate) process: OperatorProcess,
    pub(crate) kubernetes: Proxy,
    /// What came through there.
    gate: Gate,
    name: &'static str,
}

impl Stage {
    pub(crate) async fn new(dialect: Dialect) -> Stage {
        Stage::on(Bench::idle("replicas", dialect).await).await
    }

    /// On a bench that stands, with a Lease that somebody released.
    pub(crate) async fn on(bench: Bench) -> Stage {
        let stage = Stage::without_lease(bench);
        create(&stage.leases, "operator", LeaseSpec::default()).await;
        stage
    }

    /// As for the first operator of all: the first to start waits for a lease.
    pub(crate) fn without_lease(bench: Bench) -> Stage {
        let leases: Api<Lease> = Api::namespaced(bench.client.clone(), &bench.namespace);
        let history = Arc::new(Mutex::new(Vec::new()));
        let (watched, log) = (leases.clone(), history.clone());
        tokio::spawn(async move {
            let params = WatchParams::default().fields("metadata.name=operator").timeout(290);
            let mut from = "0".to_owned();
            // Each watch ends after a while; the next one goes on from there.
            while let Ok(events) = watched.watch(&params, &from).await {
                let mut events = events.boxed();
                while let Some(Ok(event)) = events.next().await {
                    if let WatchEvent::Added(lease) | WatchEvent::Modified(lease) = event {
                        from = lease.metadata.resource_version.unwrap();
                        log.lock().unwrap().push(lease.spec.unwrap());
                    }
                }
            }
        });
        Stage { bench, leases, history }
    }

    pub(crate) async fn start(&self, name: &'static str, more: &[&str]) -> Replica {
        self.start_binary(Path::new(BINARY), name, LEASE, &[&SLOWLY, more].concat()).await
    }

    /// As [`Stage::start`], of this binary and with a lease of so many seconds.
    pub(crate) async fn start_binary(&self, binary: &Path, name: &'static str, lease: u16, more: &[&str]) -> Replica {
        self.spawn(binary, name, lease, more, &[]).await
    }

    async fn spawn(&self, binary: &Path, name: &'static str, lease: u16, more: &[&str], env: &[(&str, &str)]) -> Replica {
        // Not by the rights of the chart, which are for the one Lease of a release: here each story has its own (`tests/it/chart` has that).
        let gate = Gate::default();
        let kubernetes = Proxy::of_kubernetes(self.bench.cluster.config(), gate.clone()).await.unwrap();
        let (lease, seconds) = (format!("{}/operator", self.bench.namespace), lease.to_string());
        let mut args = vec!["run", "--allowed-hosts", "http://127.0.0.1:*", "--watch-namespaces", &self.bench.namespace];
        args.extend(["--lease", &lease, "--lease-duration", &seconds, "--pod-name", name]);
        args.extend(more);
        let env = [&[("KUBECONFIG", kubernetes.kubeconfig().to_str().unwrap())], env].concat();
        Replica { process: OperatorProcess::spawn(binary, args, env).unwrap(), kubernetes, gate, name }
    }

    /// One that leads, with an Org that is Ready, and one that waits and has not said a word to ThoughtSpot.
    async fn two(&self) -> (Replica, Replica) {
        self.two_reading_every("5s").await
    }

    async fn two_reading_every(&self, interval: &str) -> (Replica, Replica) {
        let leader = self.start("first", &[]).await;
        self.tenant(interval).await;
        let other = self.start("second", &[]).await;
        other.says("watching; waiting for its turn").await;
        (leader, other)
    }

    /// One that leads, with an Org that is Ready.
    async fn leader(&self) -> Replica {
        let leader = self.start("first", &[]).await;
        self.tenant("5s").await;
        leader
    }

    /// An Org that is Ready, in a ThoughtSpot that is read so often.
    async fn tenant(&self, interval: &str) {
        let connection = CONNECTION.replace("syncInterval: 5s", &format!("syncInterval: {interval}"));
        for manifest in [LOGIN, &connection, ACME] {
            self.bench.apply(manifest).await;
        }
        self.bench.ready(ORG, "acme").await;
    }

    async fn holder(&self) -> String {
        let spec = self.leases.get("operator").await.unwrap().spec.unwrap();
        spec.holder_identity.unwrap_or_default()
    }

    /// Declares a crowd and waits until the first few of it exist.
    async fn crowd_comes(&self) {
        for i in 0..CROWD {
            self.bench.apply(&member(&format!("u{i}"))).await;
        }
        self.bench.thoughtspot_shows("a part of the crowd", |state| state.users.len() >= 4).await;
    }

    async fn crowd_is_ready(&self) {
        for i in 0..CROWD {
            self.bench.ready(USER, &format!("u{i}")).await;
        }
        let created = self.entries().into_iter().filter(|e| e.route == self.bench.calls().create_user && e.committed).count();
        assert_eq!(created, CROWD, "each is created once");
    }

    /// Whoever has lost its turn waits like anybody else, writes no more than it `wrote`, and leads again when it is its turn.
    async fn waits_and_leads_again(&self, loser: &Replica, other: &mut Replica, wrote: usize) {
        self.somebody_works("late").await;
        assert_eq!(self.wrote(loser), wrote, "{}", loser.process.log());
        other.process.kill();
        self.somebody_works("later").await;
        assert!(self.wrote(loser) > wrote);
        self.never_two_wrote();
    }

    /// Waits for a new user to be Ready: somebody leads.
    async fn somebody_works(&self, name: &str) {
        self.bench.apply(&member(name)).await;
        self.bench.ready(USER, name).await;
    }
}

/// Creates a Lease: by default one of nobody, as if somebody had released it.
pub(crate) async fn create(leases: &Api<Lease>, name: &str, spec: LeaseSpec) {
    let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
    leases.create(&PostParams::default(), &Lease { metadata, spec: Some(spec) }).await.unwrap();
}

fn member(name: &str) -> String {
    ANA.replace("name: ana", &format!("name: {name}")).replace(", groups: [analysts]", "")
}

impl Replica {
    pub(crate) async fn says(&self, text: &str) {
        eventually(&format!("{} says {text:?}", self.name), PATIENCE, async || {
            let log = self.process.log();
            if log.contains(text) { Ok(()) } else { Err(log) }
        })
        .await;
    }
}

#[rstest]
#[tokio::test]
async fn a_leader_that_is_killed_is_succeeded_and_nothing_is_made_twice(#[values(V1, V2)] dialect: Dialect) {
    let stage = Stage::new(dialect).await;
    let (mut leader, other) = stage.two_reading_every("1h").await;
    stage.bench.apply(ANALYSTS).await;
    stage.bench.ready(GROUP, "analysts").await;
    stage.crowd_comes().await;
    assert_eq!(stage.wrote(&other), 0);
    leader.process.kill();
    stage.crowd_is_ready().await;
    assert!(stage.holder().await.starts_with("second_"));
    stage.never_two_wrote();
    // What it needs of Kubernetes it has had since it began to wait.
    let kinds = ["namespaces", "thoughtspotgroups", "thoughtspotinstances", "thoughtspotorgs", "thoughtspotusers"];
    assert_eq!(other.lists(), kinds.map(|kind| (kind.to_owned(), 1)).into());
    let lists = stage.bench.calls().lists();
    assert_eq!(stage.lists_read(&other), lists.map(|route| (route.to_owned(), 1)).into());
}

#[rstest]
#[tokio::test]
async fn a_leader_that_stood_still_writes_nothing_once_it_goes_on(#[values(V1, V2)] dialect: Dialect) {
    let stage = Stage::new(dialect).await;
    let (mut leader, mut other) = stage.two().await;
    stage.crowd_comes().await;
    leader.process.freeze();
    stage.crowd_is_ready().await;
    let wrote = stage.wrote(&leader);
    leader.process.thaw();
    leader.says("starting over").await;
    stage.waits_and_leads_again(&leader, &mut other, wrote).await;
}

#[rstest]
#[tokio::test]
async fn a_leader_without_kubernetes_stops_writing_and_comes_back_by_itself(#[values(V1, V2)] dialect: Dialect) {
    let stage = Stage::new(dialect).await;
    let (leader, mut other) = stage.two().await;
    stage.crowd_comes().await;
    leader.kubernetes.cut();
    leader.says("starting over").await;
    stage.crowd_is_ready().await;
    let wrote = stage.wrote(&leader);
    leader.kubernetes.mend();
    stage.waits_and_leads_again(&leader, &mut other, wrote).await;
}

/// As when the API server is away for longer than the lease, and there is only one.
#[tokio::test]
async fn alone_without_kubernetes_it_stops_writing_and_comes_back_by_itself() {
    let stage = Stage::new(V2).await;
    let mut leader = stage.start("first", &[]).await;
    for manifest in [LOGIN, CONNECTION, ACME] {
        stage.bench.apply(manifest).await;
    }
    stage.somebody_works("ana").await;
    leader.kubernetes.cut();
    leader.says("starting over").await;
    let wrote = stage.wrote(&leader);
    stage.bench.thoughtspot.edit(|world| world.set_user_display_name("ana", "Somebody else").unwrap());
    leader.kubernetes.mend();
    stage.somebody_works("late").await;
    stage.bench.thoughtspot_shows("ana as declared", |state| state.user("ana").unwrap().display_name == "Ana Diaz").await;
    assert!(stage.wrote(&leader) > wrote && leader.process.is_running());
    stage.never_two_wrote();
}

#[tokio::test]
async fn of_two_that_meet_a_lease_that_runs_out_one_leads() {
    let stage = Stage::without_lease(Bench::idle("replicas", V2).await);
    let spec = json!({ "holderIdentity": "gone", "leaseDurationSeconds": 3, "renewTime": "2000-01-01T00:00:00.000000Z" });
    create(&stage.leases, "operator", serde_json::from_value(spec).unwrap()).await;
    let (first, second) = tokio::join!(stage.start("first", &[]), stage.start("second", &[]));
    for manifest in [LOGIN, CONNECTION, ACME] {
        stage.bench.apply(manifest).await;
    }
    stage.bench.ready(ORG, "acme").await;
    let mut wrote = [stage.wrote(&first), stage.wrote(&second)];
    wrote.sort_unstable();
    assert_eq!(wrote[0], 0, "{wrote:?}");
    stage.never_two_wrote();
}

#[rstest]
#[tokio::test]
async fn a_leader_that_is_asked_to_stop_finishes_what_runs_and_hands_over_at_once(#[values(V1, V2)] dialect: Dialect) {
    let stage = Stage::new(dialect).await;
    let (mut leader, other) = stage.two().await;
    stage.bench.apply(&member("ana")).await;
    stage.bench.ready(USER, "ana").await;
    let rule = Rule::route(stage.bench.calls().create_user, Action::Delay { millis: 1_000 });
    stage.bench.thoughtspot.fault(rule.times(1));
    stage.bench.apply(&member("bob")).await;
    eventually("bob is being created", PATIENCE, async || {
        let asked = stage.entries().iter().filter(|e| e.route == stage.bench.calls().create_user).count();
        if asked == 2 { Ok(()) } else { Err(asked.to_string()) }
    })
    .await;
    leader.process.terminate();
    assert!(leader.process.wait(PATIENCE).await.success());
    assert!(stage.bench.thoughtspot.state().user("bob").is_some());
    let released = stage.history.lock().unwrap().iter().any(|spec| spec.holder_identity.is_none());
    assert!(released, "{}", leader.process.log());
    stage.somebody_works("carl").await;
    assert!(stage.wrote(&other) > 0);
    let created: Vec<String> =
        stage.entries().into_iter().filter(|e| e.route == stage.bench.calls().create_user).map(|e| who(&e)).collect();
    assert_eq!(created.len(), 3, "bob is created once: {created:?}");
    stage.never_two_wrote();
}

#[tokio::test]
async fn what_does_not_end_in_time_is_given_up_and_the_next_sees_to_it() {
    let stage = Stage::new(V2).await;
    let mut leader = stage.start("first", &["--grace-period", "1"]).await;
    stage.bench.apply(LOGIN).await;
    stage.bench.apply(CONNECTION).await;
    stage.bench.ready(INSTANCE, "ts").await;
    let rule = Rule::route(stage.bench.calls().create_org, Action::Delay { millis: 600_000 });
    stage.bench.thoughtspot.fault(rule.times(1));
    stage.bench.apply(ACME).await;
    eventually("the Org is being created", PATIENCE, async || {
        let asked = stage.entries().iter().any(|e| e.route == stage.bench.calls().create_org);
        if asked { Ok(()) } else { Err(String::new()) }
    })
    .await;
    leader.process.terminate();
    assert!(leader.process.wait(Duration::from_secs(10)).await.success());
    assert!(leader.process.log().contains("giving up what still runs"), "{}", leader.process.log());
    // Its request may still arrive, so its lease has to run out.
    assert!(stage.holder().await.starts_with("first_"));
    let _next = stage.start("second", &[]).await;
    stage.bench.ready(ORG, "acme").await;
    stage.never_two_wrote();
}

#[tokio::test]
async fn kubernetes_is_read_but_not_written_to_by_who_does_not_lead() {
    let bench = Bench::idle("fenced", V2).await;
    let client = thoughtspot_engine::client::bounded(bench.cluster.config(), Fence::closed(), None).unwrap();
    let maps: Api<ConfigMap> = Api::namespaced(client, &bench.namespace);
    let map: ConfigMap = serde_json::from_value(json!({ "metadata": { "name": "a" } })).unwrap();
    let refused = maps.create(&PostParams::default(), &map).await.unwrap_err();
    assert_eq!(Fault::kubernetes("writing", refused), Fault::NotLeading);
    assert!(maps.get_opt("a").await.unwrap().is_none());
}

/// Fifty times eight.
#[tokio::test]
async fn of_many_that_try_at_once_one_wins() {
    let bench = Bench::idle("race", V2).await;
    let leases: Api<Lease> = Api::namespaced(bench.client.clone(), &bench.namespace);
    let round = async |round: usize| {
        create(&leases, &format!("race-{round}"), LeaseSpec::default()).await;
        let candidate = async |i: usize| {
            let turn = Turn {
                namespace: bench.namespace.clone(),
                name: format!("race-{round}"),
                identity: format!("candidate-{i}"),
                timing: Timing::of_lease(300),
            };
            let mut election = Election::new(bench.cluster.config(), turn, Fence::closed()).unwrap();
            tokio::time::timeout(Duration::from_secs(8), election.won()).await.is_ok()
        };
        let won = futures::future::join_all((0..8).map(candidate)).await;
        won.into_iter().filter(|won| *won).count()
    };
    let winners = futures::future::join_all((0..50).map(round)).await;
    assert_eq!(winners, [1; 50]);
}
