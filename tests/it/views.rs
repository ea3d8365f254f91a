//! What Kubernetes shows of the world is late, partial or old: the operator believes the newest it knows of, and looks again before it
//! ends anything.

use kube::api::{Api, DynamicObject, ListParams};
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::V2;
use thoughtspot_testkit::Proxy;
use thoughtspot_testkit::eventually;
use thoughtspot_testkit::proxy::{Gate, Passed};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, GROUP, INSTANCE, LOGIN, ORG, PATIENCE, USER, resource};

/// A bench whose operator sees Kubernetes through a proxy.
pub(crate) struct Behind {
    pub(crate) bench: Bench,
    pub(crate) proxy: Proxy,
    pub(crate) gate: Gate,
}

impl Behind {
    pub(crate) async fn start(name: &str) -> Behind {
        let bench = Bench::idle(name, V2).await;
        let gate = Gate::default();
        let proxy = Proxy::of_kubernetes(bench.config(), gate.clone()).await.unwrap();
        let mut behind = Behind { bench, proxy, gate };
        behind.run();
        behind
    }

    fn run(&mut self) {
        let config = kube::Config::new(self.proxy.url().parse().unwrap());
        self.bench.run_on(config, "http://127.0.0.1:*");
    }

    /// Has the proxy remember what the lists show now.
    async fn list(&self) {
        let client = kube::Client::try_from(kube::Config::new(self.proxy.url().parse().unwrap())).unwrap();
        for kind in [INSTANCE, ORG, GROUP, USER] {
            let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), &self.bench.namespace, &resource(kind));
            api.list(&ListParams::default().limit(500)).await.unwrap();
        }
    }

    /// An Org, a group and a user, all Ready.
    async fn full(&self) {
        self.bench.tenant().await;
        self.bench.apply(ANALYSTS).await;
        self.bench.apply(ANA).await;
        self.bench.ready(USER, "ana").await;
        self.bench.ready(GROUP, "analysts").await;
        self.bench.counts(json!({ "users": 0, "groups": 0 })).await;
    }

    /// What the operator wrote to Kubernetes since the gate was reset.
    fn written(&self) -> Vec<Passed> {
        self.gate.passed().into_iter().filter(|passed| !passed.which.label.contains(" GET ")).collect()
    }

    pub(crate) fn asked(&self, route: &str) -> usize {
        self.bench.thoughtspot.journal().iter().filter(|entry| entry.route == route).count()
    }

    /// Waits until the operator has listed the Orgs of ThoughtSpot twice more.
    async fn two_intervals(&self) {
        let route = self.bench.calls().list_orgs;
        let before = self.asked(route);
        eventually("two intervals pass", PATIENCE, async || match self.asked(route) - before {
            0 | 1 => Err(format!("{} lists", self.asked(route))),
            _ => Ok(()),
        })
        .await;
    }
}

/// R13.
#[tokio::test]
async fn its_own_status_that_the_watch_does_not_show_yet_is_remembered() {
    let behind = Behind::start("own-status").await;
    let bench = &behind.bench;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    behind.proxy.views().hold(|event| event["object"]["status"]["id"].is_string() && named(event, "ana"));
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    behind.two_intervals().await;
    // Somebody's change wakes a pass, on what the operator wrote and the watch never showed.
    bench.thoughtspot.edit(|world| world.set_user_display_name("ana", "Somebody else").unwrap());
    let back = |state: &thoughtspot_simulator::Dump| state.user("ana").is_some_and(|ana| ana.display_name == "Ana Diaz");
    bench.thoughtspot_shows("the name is put back", back).await;
    assert_eq!(behind.asked(bench.calls().create_user), 1);
    behind.proxy.views().release();
    bench.request(USER, "ana", "1").await;
    assert_eq!(behind.asked(bench.calls().create_user), 1);
}

fn named(event: &Value, name: &str) -> bool {
    event["object"]["metadata"]["name"] == name
}

/// R14.
#[tokio::test]
async fn of_edits_that_are_shown_late_or_never_the_last_one_stays() {
    let behind = Behind::start("late-edits").await;
    let bench = &behind.bench;
    bench.tenant().await;
    let describe = async |text: &str| bench.patch(ORG, "acme", json!({ "spec": { "description": text } })).await;
    let described = |text: &str| {
        let text = text.to_owned();
        move |state: &thoughtspot_simulator::Dump| state.org("acme").and_then(|org| org.description.clone()) == Some(text.clone())
    };
    behind.proxy.views().lose(|event| event["object"]["spec"]["description"] == "B");
    behind.proxy.views().hold(|event| event["object"]["spec"]["description"] == "C");
    describe("A").await;
    bench.thoughtspot_shows("A", described("A")).await;
    // The answer to its own write would show it the next edit.
    bench.ready(ORG, "acme").await;
    describe("B").await;
    describe("C").await;
    behind.two_intervals().await;
    bench.thoughtspot_shows("still A", described("A")).await;
    let updates = behind.asked("POST orgs/{org_identifier}/update");
    behind.proxy.views().release();
    bench.thoughtspot_shows("C", described("C")).await;
    bench.ready(ORG, "acme").await;
    assert_eq!(behind.asked("POST orgs/{org_identifier}/update"), updates + 1, "B never was");
}

/// R15.
#[tokio::test]
async fn what_is_made_again_under_the_name_of_something_whose_end_was_not_shown_inherits_nothing() {
    let behind = Behind::start("made-again").await;
    let bench = &behind.bench;
    bench.tenant().await;
    let old = bench.get(ORG, "acme").await["metadata"]["uid"].clone();
    behind.proxy.views().lose(move |event| event["object"]["metadata"]["uid"] == old);
    bench.patch(ORG, "acme", json!({ "metadata": { "finalizers": null } })).await;
    bench.delete(ORG, "acme").await;
    bench.gone(ORG, "acme").await;
    bench.apply(&ACME.replace("a tenant", "another")).await;
    bench.says(ORG, "acme", "Stalled", "AlreadyExists").await;
    assert_eq!(bench.get(ORG, "acme").await["status"]["id"], Value::Null);
    assert_eq!(bench.thoughtspot.state().org("acme").unwrap().description.as_deref(), Some("a tenant"));
}

/// R16.
#[tokio::test]
async fn a_watch_that_has_to_start_over_writes_nothing_and_loses_nothing() {
    let behind = Behind::start("start-over").await;
    let bench = &behind.bench;
    behind.full().await;
    let writes = bench.thoughtspot.counters().writes;
    behind.gate.reset();
    // Deleted between the two lists, and in neither: retained, so nothing is asked of ThoughtSpot.
    behind.proxy.views().lose(|event| named(event, "analysts"));
    bench.patch(GROUP, "analysts", json!({ "metadata": { "finalizers": null } })).await;
    bench.delete(GROUP, "analysts").await;
    bench.gone(GROUP, "analysts").await;
    behind.proxy.views().expire();
    let lists = ["thoughtspotinstances", "thoughtspotorgs", "thoughtspotgroups", "thoughtspotusers", "namespaces"];
    eventually("everything is listed again", PATIENCE, async || {
        let labels: Vec<String> = behind.gate.passed().into_iter().map(|passed| passed.which.label).collect();
        let all = lists.iter().all(|list| labels.contains(&format!("Kubernetes GET {list}")));
        if all { Ok(()) } else { Err(format!("{labels:?}")) }
    })
    .await;
    // What is let go so is one more group that nobody declares.
    bench.counts(json!({ "users": 0, "groups": 1 })).await;
    behind.two_intervals().await;
    let written: Vec<String> = behind.written().into_iter().map(|passed| passed.which.label).collect();
    assert_eq!(written, ["Kubernetes PATCH thoughtspotorgs/acme/status"]);
    assert_eq!(bench.thoughtspot.counters().writes, writes);
    behind.proxy.views().release();
    bench.patch(USER, "ana", json!({ "spec": { "displayName": "Ana after" } })).await;
    bench.ready(USER, "ana").await;
    assert_eq!(bench.thoughtspot.state().user("ana").unwrap().display_name, "Ana after");
}

/// R17. A watch asks to be ended after 60 s, and takes what is silent for 5 s longer for dead.
#[tokio::test]
async fn a_connection_that_died_without_a_word_is_noticed() {
    let behind = Behind::start("half-open").await;
    let bench = &behind.bench;
    bench.tenant().await;
    behind.proxy.views().freeze();
    bench.patch(ORG, "acme", json!({ "spec": { "description": "unheard" } })).await;
    let heard = |state: &thoughtspot_simulator::Dump| {
        state.org("acme").and_then(|org| org.description.clone()).as_deref() == Some("unheard")
    };
    eventually("the edit is heard of", PATIENCE * 2, async || {
        let state = bench.thoughtspot.state();
        if heard(&state) { Ok(()) } else { Err(format!("{:?}", state.org("acme"))) }
    })
    .await;
}

/// R18.
#[tokio::test]
async fn what_was_edited_while_nobody_watched_takes_effect_once() {
    let mut behind = Behind::start("away-edits").await;
    behind.bench.tenant().await;
    let names = ["one", "two", "three"];
    for name in names {
        let group =
            ANALYSTS.replace("name: analysts", &format!("name: {name}")).replace("spec: {", "spec: { deletionPolicy: Delete,");
        behind.bench.apply(&group).await;
    }
    for name in names {
        behind.bench.ready(GROUP, name).await;
    }
    behind.bench.end().await;
    let writes = behind.bench.thoughtspot.counters().committed;
    for edit in 0..10 {
        for name in ["one", "two"] {
            let patch = json!({ "spec": { "description": format!("edit {edit}") } });
            behind.bench.patch(GROUP, name, patch).await;
        }
    }
    behind.bench.delete(GROUP, "two").await;
    behind.bench.delete(GROUP, "three").await;
    behind.run();
    let bench = &behind.bench;
    bench.gone(GROUP, "two").await;
    bench.gone(GROUP, "three").await;
    bench.ready(GROUP, "one").await;
    let state = bench.thoughtspot.state();
    assert_eq!(state.group("acme", "one").unwrap().description.as_deref(), Some("edit 9"));
    assert!(state.group("acme", "two").is_none() && state.group("acme", "three").is_none(), "{state:?}");
    assert_eq!(bench.thoughtspot.counters().committed - writes, 3, "one update, two deletes");
}

/// R19, about what may be created.
#[tokio::test]
async fn a_server_that_lags_behind_makes_nothing_be_created_or_forgotten() {
    let mut behind = Behind::start("lags-create").await;
    behind.bench.tenant().await;
    // So that the old view has the Org's count, which is the same later.
    behind.bench.apply(&ANALYSTS.replace("name: analysts", "name: first")).await;
    behind.bench.counts(json!({ "groups": 0 })).await;
    behind.bench.end().await;
    // The old view: declared, and never looked at.
    behind.bench.apply(ANALYSTS).await;
    behind.bench.apply(&ANALYSTS.replace("name: analysts", "name: retired")).await;
    behind.list().await;
    behind.run();
    let ready = behind.bench.ready(GROUP, "analysts").await;
    behind.bench.ready(GROUP, "retired").await;
    behind.bench.counts(json!({ "groups": 0 })).await;
    behind.bench.end().await;
    // Since then: made, and one of them deleted again, everywhere.
    behind.bench.patch(GROUP, "retired", json!({ "metadata": { "finalizers": null } })).await;
    behind.bench.delete(GROUP, "retired").await;
    behind.bench.gone(GROUP, "retired").await;
    behind.bench.thoughtspot.edit(|world| world.delete_group("acme", "retired").unwrap());
    let created = behind.asked(behind.bench.calls().create_group);
    behind.proxy.views().lag();
    behind.gate.reset();
    behind.run();
    behind.two_intervals().await;
    let bench = &behind.bench;
    let taken: Vec<_> = behind.written().into_iter().filter(|passed| passed.status == Some(200)).collect();
    assert_eq!(taken, [], "nothing was written that the old view had led to");
    let same = |now: Value| (now["status"]["id"] == ready["status"]["id"]).then_some(()).ok_or(now["status"].to_string());
    same(bench.get(GROUP, "analysts").await).unwrap();
    behind.proxy.views().release();
    bench.ready(GROUP, "analysts").await;
    same(bench.get(GROUP, "analysts").await).unwrap();
    assert_eq!(behind.asked(bench.calls().create_group), created);
    assert!(bench.thoughtspot.state().group("acme", "retired").is_none());
}

/// R19, about what may be ended.
#[tokio::test]
async fn a_server_that_lags_behind_makes_nothing_be_deleted_that_is_to_stay() {
    let mut behind = Behind::start("lags-delete").await;
    behind.full().await;
    behind.bench.patch(GROUP, "analysts", json!({ "spec": { "deletionPolicy": "Delete" } })).await;
    behind.bench.ready(GROUP, "analysts").await;
    behind.bench.end().await;
    // The old view: to be deleted.
    behind.bench.delete(GROUP, "analysts").await;
    behind.list().await;
    // Since then somebody thought better of it.
    behind.bench.patch(GROUP, "analysts", json!({ "spec": { "deletionPolicy": "Retain" } })).await;
    behind.proxy.views().lag();
    behind.run();
    behind.two_intervals().await;
    let bench = &behind.bench;
    assert!(bench.thoughtspot.state().group("acme", "analysts").is_some(), "retained");
    behind.proxy.views().release();
    bench.gone(GROUP, "analysts").await;
    assert!(bench.thoughtspot.state().group("acme", "analysts").is_some(), "retained");
}

/// R20.
#[tokio::test]
async fn credentials_whose_change_was_not_shown_are_read_at_the_next_sign_in() {
    let behind = Behind::start("unseen-secret").await;
    let bench = &behind.bench;
    bench.tenant().await;
    behind.proxy.views().lose(|event| named(event, "login"));
    bench.thoughtspot.edit(|world| world.set_password("svc-operator", "Rotated-passw0rd").unwrap());
    bench.apply(&LOGIN.replace("Passw0rd-of-operator", "Rotated-passw0rd")).await;
    bench.thoughtspot.revoke_all_tokens();
    bench.patch(ORG, "acme", json!({ "spec": { "description": "after" } })).await;
    bench.ready(ORG, "acme").await;
    bench.ready(INSTANCE, "ts").await;
    assert_eq!(bench.thoughtspot.state().org("acme").unwrap().description.as_deref(), Some("after"));
}
