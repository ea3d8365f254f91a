//! What a takeover costs, and an API server that was away: in exact counts, as they come through the proxy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use futures::{StreamExt, stream};
use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_testkit::eventually;

use super::{BINARY, LEASE, Replica, Stage, member, turns::who};
use crate::bench::{GROUP, INSTANCE, ORG, PATIENCE, USER, condition};

/// How many users stand when Kubernetes goes away.
const MANY: usize = 150;
/// How many of them come in one answer.
const PAGE: usize = 50;
/// Longer than the lease, so that whoever led has to start over.
const OUTAGE: Duration = Duration::from_secs(LEASE as u64 + 2);

/// With one process alone whoever leads afterwards starts over, with two it may be the one that waited: that one need not even list.
#[rstest]
#[case(V2, &["first", "second"])]
#[case(V1, &["only"])]
#[tokio::test]
async fn kubernetes_away_for_longer_than_the_lease_costs_a_list_of_each_kind_at_most_and_no_write(
    #[case] dialect: Dialect,
    #[case] names: &'static [&'static str],
) {
    let stage = Stage::new(dialect).await;
    let replicas = stage.crew(names).await;
    stage.many_are_ready().await;
    stage.bench.counts(json!({ "users": 0 })).await;
    stage.reads_all_again(1).await;
    let (stored, written) = (stage.versions().await, stage.bench.thoughtspot.counters().writes);
    for replica in &replicas {
        replica.gate.reset();
        replica.kubernetes.cut();
    }
    // This is the fault itself, and nothing is waited for.
    tokio::time::sleep(OUTAGE).await;
    replicas.iter().for_each(|replica| replica.kubernetes.mend());
    stage.reads_all_again(2).await;
    assert_eq!(stage.bench.thoughtspot.counters().writes, written, "written to ThoughtSpot");
    assert_eq!(stage.versions().await, stored);
    for replica in &replicas {
        assert_eq!(replica.written(), Vec::<String>::new(), "written to Kubernetes by {}", replica.name);
        let pages = replica.lists();
        let most = |kind: &str| if kind == "thoughtspotusers" { MANY.div_ceil(PAGE) } else { 1 };
        assert!(pages.iter().all(|(kind, count)| *count <= most(kind)), "{}: {pages:?}", replica.name);
    }
    stage.somebody_works("late").await;
    stage.never_two_wrote();
}

impl Replica {
    /// How many pages it was given of the list of each kind that it watches; not those that it waited for in vain.
    pub(super) fn lists(&self) -> BTreeMap<String, usize> {
        let mut lists = BTreeMap::new();
        for passed in self.gate.passed().into_iter().filter(|passed| passed.status == Some(200)) {
            let what = passed.which.label.trim_start_matches("Kubernetes GET ");
            if what == "namespaces" || (what.starts_with("thoughtspot") && !what.contains('/')) {
                *lists.entry(what.to_owned()).or_default() += 1;
            }
        }
        lists
    }

    /// What it wrote but the Lease.
    fn written(&self) -> Vec<String> {
        let passed = self.gate.passed().into_iter().map(|passed| passed.which.label);
        passed.filter(|label| !label.contains(" GET ") && !label.contains("/leases")).collect()
    }
}

impl Stage {
    /// Replicas that are not held back, and the first leads.
    async fn crew(&self, names: &[&'static str]) -> Vec<Replica> {
        let mut replicas = Vec::new();
        for name in names {
            let replica = self.start_binary(Path::new(BINARY), name, LEASE, &["--requests-per-second", "1000"]).await;
            replica.says("watching; waiting for its turn").await;
            replicas.push(replica);
        }
        self.tenant("5s").await;
        replicas
    }

    async fn many_are_ready(&self) {
        let users = stream::iter(0..MANY).map(|i| async move { self.bench.apply(&member(&format!("u{i}"))).await });
        users.buffer_unordered(8).collect::<Vec<()>>().await;
        eventually("all of them are Ready", 2 * PATIENCE, async || {
            let users = self.stored(USER).await;
            let ready = users.iter().filter(|user| condition(user, "Ready")["status"] == "True").count();
            tokio::time::sleep(Duration::from_millis(500)).await;
            if ready == MANY { Ok(()) } else { Err(format!("{ready} of {}", users.len())) }
        })
        .await;
    }

    /// Waits until whoever leads has read the lists of ThoughtSpot so many times more.
    async fn reads_all_again(&self, times: u64) {
        let calls = self.bench.calls();
        let read =
            || [calls.list_orgs, calls.list_users].map(|route| self.bench.thoughtspot.counters().routes.get(route).copied());
        let before = read();
        eventually("the lists are read again", PATIENCE, async || {
            let now = read();
            let done = now.iter().zip(before).all(|(now, before)| now.unwrap_or_default() >= before.unwrap_or_default() + times);
            if done { Ok(()) } else { Err(format!("{before:?} {now:?}")) }
        })
        .await;
    }

    /// The versions of all there is, which change with each write.
    async fn versions(&self) -> BTreeSet<String> {
        let mut versions = BTreeSet::new();
        for kind in [INSTANCE, ORG, GROUP, USER] {
            let stored = self.stored(kind).await;
            versions.extend(
                stored.iter().map(|object| format!("{} {}", object["metadata"]["name"], object["metadata"]["resourceVersion"])),
            );
        }
        versions
    }

    async fn stored(&self, kind: &str) -> Vec<Value> {
        let list = self.bench.api(kind, &self.bench.namespace).list(&Default::default()).await.unwrap();
        list.into_iter().map(|object| serde_json::to_value(object).unwrap()).collect()
    }

    /// How often this one read each list of ThoughtSpot.
    pub(super) fn lists_read(&self, replica: &Replica) -> BTreeMap<String, usize> {
        let mut lists = BTreeMap::new();
        for entry in self.bench.thoughtspot.journal() {
            let names_one = ["user_identifier", "group_identifier", "name", "userid", "groupid"];
            let is_list = self.bench.calls().lists().contains(&entry.route.as_str());
            if is_list
                && who(&entry).starts_with(replica.name)
                && !names_one.iter().any(|key| entry.identifiers.contains_key(*key))
            {
                *lists.entry(entry.route).or_default() += 1;
            }
        }
        lists
    }
}
