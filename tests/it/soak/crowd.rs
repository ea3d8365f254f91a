//! A crowd: users of the thousands who exist in ThoughtSpot already, declared and taken over, and what they cost.
//!
//! `SOAK_CROWD` says how many resources there are (50,000), `SOAK_DIALECT` and `SOAK_OPERATOR` are as for the other runs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use axum::http::Request;
use futures::{StreamExt, stream};
use kube::Client;
use kube::api::{DynamicObject, PostParams};
use serde_json::{Value, json};
use thoughtspot_simulator::{Counters, Edit, Entry};
use thoughtspot_testkit::{OperatorProcess, eventually};

use super::measure::Needs;
use super::{dialect, say};
use crate::bench::{Bench, CONNECTION, GROUP, LOGIN, ORG, USER};
use crate::health;

const ORGS: usize = 20;
/// Of each Org.
const GROUPS: usize = 4;
/// How long it may take until all are Ready, or all is known again.
const WITHIN: Duration = Duration::from_secs(60 * 60);
/// How often the lists are read.
const INTERVAL: Duration = Duration::from_secs(60);
/// For how many intervals nothing may happen.
const REST: u32 = 3;
/// Rows of a page, as the operator asks for them.
const PAGE: usize = 200;
/// How many are declared at once.
const AT_ONCE: usize = 16;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes up to an hour: make soak"]
async fn a_crowd_is_taken_over_and_costs_its_pages_and_a_bounded_memory() {
    let crowd = Crowd::new().await;
    let mut operator = crowd.operator();
    crowd.watches(&operator).await;
    let empty = Needs::of(operator.pid());
    say(&format!("{} resources, {:?}; nothing declared: {empty}", crowd.size, crowd.bench.dialect));

    let full = crowd.is_taken_over(&operator).await;
    let each = (full.resident - empty.resident) * 1024.0 / crowd.size as f64;
    say(&format!("{each:.2} KiB for each resource"));
    let rested = crowd.is_quiet(&operator).await;
    operator.terminate();
    operator.wait(WITHIN).await;

    let again = crowd.is_known_again().await;
    let (peak, advised) = (rested.peak.max(again.peak), advised(crowd.size));
    assert!(peak < advised, "{peak} MiB at the peak, where docs/install.md advises a limit of {advised}");
}

/// What docs/install.md advises as a limit is at least this, in MiB: about twice of what was measured.
fn advised(resources: usize) -> f64 {
    64.0 + resources as f64 / 1000.0 * 12.0
}

/// Everything that is declared, and where.
struct Crowd {
    bench: Bench,
    size: usize,
}

/// What happened on either side between two moments.
struct Doings {
    far: Counters,
    /// Writes to Kubernetes, by what was written.
    near: BTreeMap<String, u64>,
}

impl Crowd {
    async fn new() -> Crowd {
        let size = std::env::var("SOAK_CROWD").map_or(50_000, |size| size.parse().unwrap());
        let bench = Bench::idle("crowd", dialect()).await;
        let crowd = Crowd { bench, size };
        crowd.bench.thoughtspot.edit(|world| crowd.exists(world));
        crowd
    }

    fn users(&self) -> usize {
        self.size - ORGS * (1 + GROUPS) - 1
    }

    /// A process of the shipped binary, alone.
    fn operator(&self) -> OperatorProcess {
        let own = PathBuf::from(env!("CARGO_BIN_EXE_thoughtspot-operator"));
        let binary = std::env::var_os("SOAK_OPERATOR").map_or(own, PathBuf::from);
        let args = ["run", "--allowed-hosts", "http://127.0.0.1:*", "--watch-namespaces", &self.bench.namespace];
        let memory = format!("--memory-mib={:.0}", advised(self.size));
        let args = args.into_iter().chain(["--requests-per-second", "1000", &memory]).chain(health::LISTEN);
        OperatorProcess::spawn(&binary, args, [("KUBECONFIG", self.bench.kubeconfig())]).unwrap()
    }

    async fn watches(&self, operator: &OperatorProcess) {
        eventually("it watches", WITHIN, async || match health::asked(operator, "readyz").await {
            (200, _) => Ok(()),
            (_, why) => Err(why),
        })
        .await;
    }

    /// What there is in ThoughtSpot before, just as it will be declared.
    fn exists(&self, world: &mut Edit<'_>) {
        for number in 0..ORGS {
            world.create_org(&org(number), Some("a tenant")).unwrap();
            for slot in 0..GROUPS {
                let name = group(number, slot);
                world.create_group(&org(number), &name, "Analysts").unwrap();
                world.describe_group(&org(number), &name, "who ask").unwrap();
                world.set_privileges(&org(number), &name, &["DATADOWNLOADING"]).unwrap();
            }
        }
        for number in 0..self.users() {
            let homes: Vec<String> = homes(number).map(org).collect();
            let homes: Vec<&str> = homes.iter().map(String::as_str).collect();
            let id = world.create_user(&user(number), "One of many", &homes).unwrap();
            world.set_user_email(&id, &address(number)).unwrap();
            for home in self::homes(number) {
                world.add_to_group(&org(home), &group(home, slot(number)), &id).unwrap();
            }
        }
    }

    fn resources(&self) -> impl Iterator<Item = Value> {
        let orgs = (0..ORGS)
            .map(|number| resource(ORG, &org(number), json!({ "instanceRef": { "name": "ts" }, "description": "a tenant" })));
        let groups = (0..ORGS * GROUPS).map(|number| (number / GROUPS, number % GROUPS)).map(|(home, slot)| {
            let spec = json!({
                "orgRef": { "name": org(home) }, "displayName": "Analysts", "description": "who ask", "privileges": ["DATADOWNLOADING"],
            });
            resource(GROUP, &group(home, slot), spec)
        });
        let users = (0..self.users()).map(|number| {
            let orgs: Vec<Value> = homes(number).map(|home| place(home, number)).collect();
            let spec =
                json!({ "instanceRef": { "name": "ts" }, "displayName": "One of many", "email": address(number), "orgs": orgs });
            resource(USER, &user(number), spec)
        });
        orgs.chain(groups).chain(users)
    }

    /// Declares everything, and waits until all is Ready. What the operator needs then.
    async fn is_taken_over(&self, operator: &OperatorProcess) -> Needs {
        let (before, began) = (self.doings().await, Instant::now());
        self.bench.apply(LOGIN).await;
        let interval = format!("syncInterval: {}s", INTERVAL.as_secs());
        self.bench.apply(&CONNECTION.replace("syncInterval: 5s", &interval)).await;
        stream::iter(self.resources()).for_each_concurrent(AT_ONCE, |resource| self.declare(resource)).await;
        say(&format!("all declared after {:.0?}", began.elapsed()));
        self.are_ready(operator).await;
        say(&format!("all Ready after {:.0?}", began.elapsed()));
        let did = self.doings().await.since(&before);
        say(&format!("taken over with {did}"));
        assert_eq!(did.far.writes, 0, "what is as declared is not written");
        let needs = Needs::of(operator.pid());
        say(&format!("with everything taken over: {needs}"));
        needs
    }

    async fn declare(&self, resource: Value) {
        let object: DynamicObject = serde_json::from_value(resource).unwrap();
        let kind = object.types.as_ref().unwrap().kind.clone();
        self.bench.api(&kind, &self.bench.namespace).create(&PostParams::default(), &object).await.unwrap();
    }

    async fn are_ready(&self, operator: &OperatorProcess) {
        eventually("all are Ready", WITHIN, async || {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let (_, metrics) = health::asked(operator, "metrics").await;
            let ready = sum(&metrics, "thoughtspot_operator_conditions", &["type=\"Ready\"", "status=\"True\""]);
            if ready == self.size as u64 { Ok(()) } else { Err(format!("{ready} of {}", self.size)) }
        })
        .await;
    }

    /// Nothing is written while nothing changes, and what is asked are the pages of each list, once an interval.
    async fn is_quiet(&self, operator: &OperatorProcess) -> Needs {
        self.lists_are_read(2).await;
        let (before, needed, from) = (self.doings().await, Needs::of(operator.pid()), self.bench.thoughtspot.next_request());
        let began = Instant::now();
        tokio::time::sleep(REST * INTERVAL).await;
        let did = self.doings().await.since(&before);
        let (needs, intervals) = (Needs::of(operator.pid()), began.elapsed().as_secs_f64() / INTERVAL.as_secs_f64());
        say(&format!("in {intervals:.1} intervals in which nothing happened: {did}; {needs}"));
        say(&format!("{:.2} s of processor time in each interval", (needs.processor - needed.processor) / intervals));
        assert_eq!((did.far.writes, &did.near), (0, &BTreeMap::new()), "nothing is written");
        let entries = self.bench.thoughtspot.journal().into_iter().filter(|entry| entry.seq >= from).collect();
        let (_, metrics) = health::asked(operator, "metrics").await;
        let pages = sum(&metrics, "thoughtspot_operator_inventory_pages", &[]);
        assert_eq!(pages, self.pages(), "an interval costs its pages");
        let rounds = rounds(self.bench.calls().each_interval(), entries);
        say(&format!("{pages} pages; in this time there were asked {rounds:?}"));
        needs
    }

    /// Waits until the list of Orgs was read so many times more.
    async fn lists_are_read(&self, times: u64) {
        let read = || self.bench.thoughtspot.counters().routes.get(self.bench.calls().list_orgs).copied().unwrap_or_default();
        let before = read();
        eventually("the lists are read", WITHIN, async || {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if read() >= before + times { Ok(()) } else { Err(format!("{} times", read() - before)) }
        })
        .await;
    }

    /// How many pages there are: the Orgs, and in each Org the users and the groups.
    fn pages(&self) -> u64 {
        let state = self.bench.thoughtspot.state();
        let pages = |rows: usize| (rows / PAGE + 1) as u64;
        let of_org = |number: usize| {
            let name = org(number);
            let users = state.users.iter().filter(|user| user.orgs.contains(&name)).count();
            let groups = state.groups.iter().filter(|group| group.org == name).count();
            pages(users) + pages(groups)
        };
        1 + (0..ORGS).map(of_org).sum::<u64>()
    }

    /// A new process reads everything, and writes nothing.
    async fn is_known_again(&self) -> Needs {
        let (before, began) = (self.doings().await, Instant::now());
        let operator = self.operator();
        self.watches(&operator).await;
        say(&format!("started anew: watches after {:.1?}: {}", began.elapsed(), Needs::of(operator.pid())));
        eventually("everything was looked at", WITHIN, async || {
            let (_, metrics) = health::asked(&operator, "metrics").await;
            let passes = sum(&metrics, "thoughtspot_operator_passes_total", &["outcome=\"done\""]);
            if passes >= self.size as u64 { Ok(()) } else { Err(format!("{passes} of {}:\n{metrics}", self.size)) }
        })
        .await;
        let (did, needs) = (self.doings().await.since(&before), Needs::of(operator.pid()));
        say(&format!("all known again after {:.1?}: {did}; {needs}", began.elapsed()));
        assert_eq!((did.far.writes, &did.near), (0, &BTreeMap::new()), "a new process writes nothing");
        needs
    }

    async fn doings(&self) -> Doings {
        Doings { far: self.bench.thoughtspot.counters(), near: written(&self.bench.client).await }
    }
}

impl Doings {
    fn since(mut self, before: &Doings) -> Doings {
        for (what, count) in &before.near {
            self.near.entry(what.clone()).and_modify(|now| *now -= count);
        }
        self.near.retain(|_, count| *count > 0);
        for (route, count) in &before.far.routes {
            self.far.routes.entry(route.clone()).and_modify(|now| *now -= count);
        }
        self.far.routes.retain(|_, count| *count > 0);
        self.far.requests -= before.far.requests;
        self.far.writes -= before.far.writes;
        self
    }
}

impl std::fmt::Display for Doings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} calls to ThoughtSpot {:?}, writes to Kubernetes {:?}", self.far.requests, self.far.routes, self.near)
    }
}

/// How often each route was asked, if each list was read page by page, and none of them twice.
fn rounds(routes: [&str; 4], entries: Vec<Entry>) -> BTreeMap<String, usize> {
    let mut next: BTreeMap<(String, Option<i32>), u64> = BTreeMap::new();
    let mut count = BTreeMap::new();
    for entry in entries {
        assert!(routes.contains(&entry.route.as_str()), "nothing else is asked: {entry:?}");
        *count.entry(entry.route.clone()).or_default() += 1;
        let number = |key: &str| {
            entry.identifiers.get(key).and_then(|value| value.as_str().map_or(value.as_u64(), |text| text.parse().ok()))
        };
        let Some(offset) = number("record_offset").or_else(|| number("offset")) else { continue };
        let expected = next.insert((entry.route.clone(), entry.org), offset + PAGE as u64);
        assert!(offset == 0 || expected.is_none_or(|expected| expected == offset), "a page out of order: {entry:?}");
    }
    count
}

/// The sum of those lines of a metric that have these labels.
fn sum(metrics: &str, name: &str, labels: &[&str]) -> u64 {
    let lines = metrics.lines().filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])));
    let lines = lines.filter(|line| labels.iter().all(|label| line.contains(label)));
    lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum::<f64>() as u64
}

/// What was written to resources of ours and to Events, as the API server counts it, but for what was declared.
async fn written(client: &Client) -> BTreeMap<String, u64> {
    let metrics = client.request_text(Request::get("/metrics").body(Vec::new()).unwrap()).await.unwrap();
    let mut written = BTreeMap::new();
    for line in metrics.lines().filter(|line| line.starts_with("apiserver_request_total{")) {
        let label =
            |name: &str| line.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default();
        let (resource, verb) = (label("resource"), label("verb"));
        let ours = resource.starts_with("thoughtspot") && !["GET", "LIST", "WATCH", "POST", "APPLY"].contains(&verb);
        if ours || (resource == "events" && verb == "POST") {
            let what = format!("{verb} {resource}/{} {}", label("subresource"), label("code"));
            let count = line.rsplit_once(' ').and_then(|(_, count)| count.parse::<u64>().ok()).unwrap_or_default();
            *written.entry(what).or_default() += count;
        }
    }
    written
}

fn org(number: usize) -> String {
    format!("org-{number:02}")
}

fn group(org: usize, slot: usize) -> String {
    format!("group-{org:02}-{slot}")
}

fn user(number: usize) -> String {
    format!("user-{number:05}")
}

fn address(number: usize) -> String {
    format!("{}@example.com", user(number))
}

/// The Orgs of a user: a fifth has two.
fn homes(number: usize) -> impl Iterator<Item = usize> {
    let second = (number.is_multiple_of(5)).then_some((number + 1) % ORGS);
    [number % ORGS].into_iter().chain(second)
}

/// Which group of each of its Orgs a user is in.
fn slot(number: usize) -> usize {
    number / ORGS % GROUPS
}

/// One Org of a user. Every other user names its group, the others refer to it.
fn place(home: usize, number: usize) -> Value {
    let group = group(home, slot(number));
    if number.is_multiple_of(2) {
        json!({ "name": org(home), "groups": [group] })
    } else {
        json!({ "name": org(home), "groupRefs": [{ "name": group }] })
    }
}

fn resource(kind: &str, name: &str, mut spec: Value) -> Value {
    spec["adoptionPolicy"] = json!("Adopt");
    json!({ "apiVersion": "thoughtspot.dev/v1alpha1", "kind": kind, "metadata": { "name": name }, "spec": spec })
}
