//! Namespaces are deleted with their contents in every order, and with ThoughtSpot there, away and failing: they go, or they say what
//! they wait for and go as soon as it is there or `Retain` is set. What happens to each object beyond its policy is told in `deletion.rs`.

use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::{DeleteParams, Patch};
use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{AccountStatus, Action, Rule};
use thoughtspot_testkit::eventually;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PATIENCE, USER, conditions};
use crate::rights::Rights;

const SECRET: &str = "Secret";
/// How many tenants are seen to at once.
const AT_ONCE: usize = 6;

/// Everything of a tenant, by one name: its namespace, its Org and its user.
struct Tenant {
    namespace: String,
    org: String,
    user: String,
    order: Vec<&'static str>,
    policy: Policy,
}

/// What the resources of a tenant say in `deletionPolicy`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Policy {
    /// Nothing: the user's access ends, everything stays.
    Unset,
    Retain,
    Delete,
}

/// All orders of the four kinds of ours, with the Secret in another place each time, and for each dialect.
fn orders(dialect: Dialect) -> Vec<Vec<&'static str>> {
    let mut orders = permutations(&[INSTANCE, ORG, GROUP, USER]);
    let offset = if dialect == V1 { 2 } else { 0 };
    for (index, order) in orders.iter_mut().enumerate() {
        order.insert((index + offset) % (order.len() + 1), SECRET);
    }
    orders
}

/// Every third of them.
fn some_orders(dialect: Dialect) -> Vec<Vec<&'static str>> {
    orders(dialect).into_iter().step_by(3).collect()
}

fn permutations(kinds: &[&'static str]) -> Vec<Vec<&'static str>> {
    let Some((first, rest)) = kinds.split_first() else { return vec![Vec::new()] };
    let places = permutations(rest).into_iter().flat_map(|rest| {
        (0..=rest.len()).map(move |place| {
            let mut order = rest.clone();
            order.insert(place, *first);
            order
        })
    });
    places.collect()
}

fn named(kind: &str) -> &'static str {
    match kind {
        INSTANCE => "ts",
        ORG => "acme",
        GROUP => "analysts",
        USER => "ana",
        _ => "login",
    }
}

/// A bench with a tenant for each of these orders, in a namespace each, and all Ready; these policies in turn.
async fn tenants(name: &str, dialect: Dialect, orders: Vec<Vec<&'static str>>, policies: &[Policy]) -> (Bench, Vec<Tenant>) {
    let mut bench = Bench::idle_with(Rights::Cluster, name, dialect).await;
    let mut tenants = Vec::new();
    for ((index, order), policy) in orders.into_iter().enumerate().zip(policies.iter().cycle()) {
        let namespace = bench.another_namespace(name).await;
        let (org, user) = (format!("acme-{index}"), format!("ana-{index}"));
        tenants.push(Tenant { namespace, org, user, order, policy: *policy });
    }
    bench.run();
    stream::iter(&tenants).for_each_concurrent(AT_ONCE, async |tenant| tenant.set_up(&bench).await).await;
    (bench, tenants)
}

impl Tenant {
    async fn set_up(&self, bench: &Bench) {
        self.declare(bench).await;
        for kind in [INSTANCE, ORG, GROUP, USER] {
            bench.ready_in(&self.namespace, kind, named(kind)).await;
        }
        let id = bench.get_in(&self.namespace, ORG, "acme").await["status"]["id"].to_string();
        self.patch(bench, ORG, json!({ "metadata": { "annotations": { "thoughtspot.dev/allow-deletion": id } } })).await;
    }

    async fn declare(&self, bench: &Bench) {
        let policy = match self.policy {
            Policy::Unset => String::new(),
            Policy::Retain | Policy::Delete => format!("deletionPolicy: {:?}", self.policy),
        };
        let acme = ACME.replace("spec: {", &format!("spec: {{ name: {}, {policy},", self.org).replace(", ,", ","));
        let analysts = ANALYSTS.replace("spec: {", &format!("spec: {{ {policy},").replace("{ ,", "{"));
        let ana = ANA.replace("spec:", &format!("spec:\n  name: {}\n  {policy}", self.user));
        let connection = CONNECTION.replace("syncInterval: 5s", "syncInterval: 1h");
        for manifest in [LOGIN, &connection, &acme, &analysts, &ana] {
            bench.apply(&manifest.replace("metadata: {", &format!("metadata: {{ namespace: {},", self.namespace))).await;
        }
    }

    async fn patch(&self, bench: &Bench, kind: &str, patch: Value) {
        bench.api(kind, &self.namespace).patch(named(kind), &Default::default(), &Patch::Merge(patch)).await.unwrap();
    }

    /// By now it may be minutes until the next try, or it may be over.
    async fn look_again(&self, bench: &Bench, kind: &str) {
        let request = json!({ "metadata": { "annotations": { "thoughtspot.dev/reconcile-requested-at": "now" } } });
        let _ = bench.api(kind, &self.namespace).patch(named(kind), &Default::default(), &Patch::Merge(request)).await;
    }

    /// Everything in its order, and then the namespace.
    async fn delete(&self, bench: &Bench) {
        for kind in &self.order {
            // Whoever is let go at once may have taken the next with it.
            let _ = bench.api(kind, &self.namespace).delete(named(kind), &DeleteParams::default()).await;
        }
        let namespaces: Api<Namespace> = Api::all(bench.client.clone());
        namespaces.delete(&self.namespace, &DeleteParams::default()).await.unwrap();
    }

    async fn gone(&self, bench: &Bench) {
        let namespaces: Api<Namespace> = Api::all(bench.client.clone());
        eventually(&format!("the namespace is gone, after {:?}", self.order), PATIENCE, async || {
            if namespaces.get_opt(&self.namespace).await.unwrap().is_none() {
                return Ok(());
            }
            let mut left = Vec::new();
            for kind in [INSTANCE, ORG, GROUP, USER] {
                let object = bench.get_in(&self.namespace, kind, named(kind)).await;
                if !object.is_null() {
                    left.push(format!("{kind}: {}", conditions(&object)));
                }
            }
            Err(left.join("\n"))
        })
        .await;
    }

    /// Whether ThoughtSpot holds what this policy leaves.
    fn left(&self, bench: &Bench, policy: Policy) {
        let state = bench.thoughtspot.state();
        let user = state.user(&self.user).map(|user| user.account_status);
        let seen = (state.org(&self.org).is_some(), state.group(&self.org, "analysts").is_some(), user);
        let expected = match policy {
            Policy::Unset => (true, true, Some(AccountStatus::Inactive)),
            Policy::Retain => (true, true, Some(AccountStatus::Active)),
            Policy::Delete => (false, false, None),
        };
        assert_eq!(seen, expected, "Org, group and user of {} ({policy:?}) after {:?}", self.org, self.order);
    }
}

async fn delete_all(bench: &Bench, tenants: &[Tenant]) {
    stream::iter(tenants).for_each_concurrent(AT_ONCE, async |tenant| tenant.delete(bench).await).await;
}

/// Waits until each namespace is gone, and looks what is left in ThoughtSpot.
async fn all_gone(bench: &Bench, tenants: &[Tenant]) {
    for tenant in tenants {
        tenant.gone(bench).await;
        tenant.left(bench, tenant.policy);
    }
}

#[rstest]
#[tokio::test]
async fn a_namespace_goes_in_every_order_without_thoughtspot_when_all_is_retained(#[values(V1, V2)] dialect: Dialect) {
    let (bench, tenants) = tenants("orders-retain", dialect, orders(dialect), &[Policy::Retain]).await;
    bench.thoughtspot.stop().await;
    delete_all(&bench, &tenants).await;
    all_gone(&bench, &tenants).await;
}

#[rstest]
#[tokio::test]
async fn a_namespace_goes_in_every_order_and_takes_with_it_what_is_to_go(#[values(V1, V2)] dialect: Dialect) {
    let policies = [Policy::Delete, Policy::Delete, Policy::Unset, Policy::Delete, Policy::Delete];
    let (bench, tenants) = tenants("orders-delete", dialect, orders(dialect), &policies).await;
    delete_all(&bench, &tenants).await;
    all_gone(&bench, &tenants).await;
}

/// Nothing is known from memory by then: the credentials would be gone, but for our finalizer.
#[rstest]
#[tokio::test]
async fn a_namespace_waits_for_thoughtspot_and_goes_when_it_is_back(#[values(V1, V2)] dialect: Dialect) {
    let policies = [Policy::Delete, Policy::Unset];
    let (mut bench, tenants) = tenants("orders-away", dialect, some_orders(dialect), &policies).await;
    bench.thoughtspot.stop().await;
    delete_all(&bench, &tenants).await;
    for tenant in &tenants {
        bench.says_in(&tenant.namespace, USER, "ana", "Ready", "Unavailable").await;
        let secret = bench.get_in(&tenant.namespace, SECRET, "login").await;
        assert!(
            secret["metadata"]["deletionTimestamp"].is_string() && secret["data"]["password"].is_string(),
            "{:?}",
            tenant.order
        );
    }
    bench.end().await;
    bench.run();
    bench.thoughtspot.restart().await.unwrap();
    all_gone(&bench, &tenants).await;
}

/// Its status never came to say through which Instance, and into which Org, and its ThoughtSpotOrg is gone before it.
#[rstest]
#[tokio::test]
async fn a_namespace_goes_with_a_group_that_was_never_made(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start_with(Rights::Cluster, "orders-announced", dialect).await;
    bench.tenant().await;
    bench.thoughtspot.fault(Rule::route(bench.calls().create_group, Action::refuse(500)));
    bench.apply(&ANALYSTS.replace("spec: {", "spec: { deletionPolicy: Delete,")).await;
    bench.says(GROUP, "analysts", "Ready", "Refused").await;
    bench.delete(ORG, "acme").await;
    bench.gone(ORG, "acme").await;
    bench.delete_namespace().await;
    bench.namespace_gone().await;
    assert!(bench.thoughtspot.state().group("acme", "analysts").is_none());
}

/// Whoever does not wait until it works again sets `Retain`.
#[rstest]
#[tokio::test]
async fn a_namespace_that_waits_for_a_failing_thoughtspot_goes_when_that_works_or_retain_is_set(
    #[values(V1, V2)] dialect: Dialect,
) {
    let (bench, tenants) = tenants("orders-failing", dialect, some_orders(dialect), &[Policy::Delete]).await;
    bench.thoughtspot.fault(Rule::route("*", Action::refuse(500)));
    delete_all(&bench, &tenants).await;
    let (impatient, patient) = tenants.split_at(tenants.len() / 2);
    for tenant in &tenants {
        bench.says_in(&tenant.namespace, USER, "ana", "Ready", "Refused").await;
    }
    for tenant in impatient {
        for kind in [USER, GROUP, ORG] {
            tenant.patch(&bench, kind, json!({ "spec": { "deletionPolicy": "Retain" } })).await;
        }
    }
    for tenant in impatient {
        tenant.gone(&bench).await;
        tenant.left(&bench, Policy::Retain);
    }
    bench.thoughtspot.clear_faults();
    for tenant in patient {
        for kind in [INSTANCE, USER, GROUP] {
            tenant.look_again(&bench, kind).await;
        }
    }
    all_gone(&bench, patient).await;
}
