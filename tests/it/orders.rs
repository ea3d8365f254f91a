//! Namespaces are deleted with their contents in every order, and with ThoughtSpot there, away and failing: they go, or they say what
//! they wait for and go as soon as it is there or `Retain` is set. What happens to each object beyond its policy is told in `deletion.rs`.

use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::DeleteParams;
use serde_json::json;
use thoughtspot_crds::Dialect::V2;
use thoughtspot_simulator::{Action, Rule};
use thoughtspot_testkit::eventually;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PATIENCE, USER, conditions};

const SECRET: &str = "Secret";

/// Everything of a tenant, by one name: its namespace, its Org and its user.
struct Tenant {
    namespace: String,
    org: String,
    user: String,
    order: Vec<&'static str>,
}

/// All orders of the four kinds of ours, with the Secret in another place each time.
fn orders() -> Vec<Vec<&'static str>> {
    let mut orders = permutations(&[INSTANCE, ORG, GROUP, USER]);
    for (index, order) in orders.iter_mut().enumerate() {
        order.insert(index % (order.len() + 1), SECRET);
    }
    orders
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

/// A bench with a tenant for each of these orders, in a namespace each, and all Ready.
async fn tenants(name: &str, orders: Vec<Vec<&'static str>>, policy: &str) -> (Bench, Vec<Tenant>) {
    let mut bench = Bench::idle(name, V2).await;
    let mut tenants = Vec::new();
    for (index, order) in orders.into_iter().enumerate() {
        let namespace = bench.another_namespace(name).await;
        tenants.push(Tenant { namespace, org: format!("acme-{index}"), user: format!("ana-{index}"), order });
    }
    bench.run();
    for tenant in &tenants {
        declare(&bench, tenant, policy).await;
    }
    for tenant in &tenants {
        for kind in [INSTANCE, ORG, GROUP, USER] {
            bench.ready_in(&tenant.namespace, kind, named(kind)).await;
        }
        let api = bench.api(ORG, &tenant.namespace);
        let id = bench.get_in(&tenant.namespace, ORG, "acme").await["status"]["id"].to_string();
        let allowed = json!({ "metadata": { "annotations": { "thoughtspot.dev/allow-deletion": id } } });
        api.patch("acme", &Default::default(), &kube::api::Patch::Merge(allowed)).await.unwrap();
    }
    (bench, tenants)
}

async fn declare(bench: &Bench, tenant: &Tenant, policy: &str) {
    let policy = format!("deletionPolicy: {policy}");
    let acme = ACME.replace("spec: {", &format!("spec: {{ name: {}, {policy},", tenant.org));
    let analysts = ANALYSTS.replace("spec: {", &format!("spec: {{ {policy},"));
    let ana = ANA.replace("spec:", &format!("spec:\n  name: {}\n  {policy}", tenant.user));
    let connection = CONNECTION.replace("syncInterval: 5s", "syncInterval: 1h");
    for manifest in [LOGIN, &connection, &acme, &analysts, &ana] {
        bench.apply(&manifest.replace("metadata: {", &format!("metadata: {{ namespace: {},", tenant.namespace))).await;
    }
}

/// Everything in its order, and then the namespace.
async fn delete_all(bench: &Bench, tenants: &[Tenant]) {
    let namespaces: Api<Namespace> = Api::all(bench.client.clone());
    for tenant in tenants {
        for kind in &tenant.order {
            // Whoever is let go at once may have taken the next with it.
            let _ = bench.api(kind, &tenant.namespace).delete(named(kind), &DeleteParams::default()).await;
        }
        namespaces.delete(&tenant.namespace, &DeleteParams::default()).await.unwrap();
    }
}

async fn all_gone(bench: &Bench, tenants: &[Tenant]) {
    let namespaces: Api<Namespace> = Api::all(bench.client.clone());
    for tenant in tenants {
        let what = format!("the namespace is gone, after {:?}", tenant.order);
        eventually(&what, PATIENCE, async || {
            if namespaces.get_opt(&tenant.namespace).await.unwrap().is_none() {
                return Ok(());
            }
            let mut left = Vec::new();
            for kind in [INSTANCE, ORG, GROUP, USER] {
                let object = bench.get_in(&tenant.namespace, kind, named(kind)).await;
                if !object.is_null() {
                    left.push(format!("{kind}: {}", conditions(&object)));
                }
            }
            Err(left.join("\n"))
        })
        .await;
    }
}

/// Whether everything of all tenants is there, or nothing of any.
fn in_thoughtspot(bench: &Bench, tenants: &[Tenant], there: bool) {
    let state = bench.thoughtspot.state();
    for tenant in tenants {
        let group = state.group(&tenant.org, "analysts").is_some();
        let seen = (state.org(&tenant.org).is_some(), group, state.user(&tenant.user).is_some());
        assert_eq!(seen, (there, there, there), "Org, group and user of {} after {:?}", tenant.org, tenant.order);
    }
}

#[tokio::test]
async fn a_namespace_goes_in_every_order_without_thoughtspot_when_all_is_retained() {
    let (bench, tenants) = tenants("orders-retain", orders(), "Retain").await;
    bench.thoughtspot.stop().await;
    delete_all(&bench, &tenants).await;
    all_gone(&bench, &tenants).await;
    in_thoughtspot(&bench, &tenants, true);
}

#[tokio::test]
async fn a_namespace_goes_in_every_order_and_takes_with_it_what_is_to_be_deleted() {
    let (bench, tenants) = tenants("orders-delete", orders(), "Delete").await;
    delete_all(&bench, &tenants).await;
    all_gone(&bench, &tenants).await;
    in_thoughtspot(&bench, &tenants, false);
}

/// The credentials are gone by then, or would be, but for our finalizer.
#[tokio::test]
async fn a_namespace_waits_for_thoughtspot_and_goes_when_it_is_back() {
    let some = orders().into_iter().step_by(3).collect();
    let (bench, tenants) = tenants("orders-away", some, "Delete").await;
    bench.thoughtspot.stop().await;
    delete_all(&bench, &tenants).await;
    for tenant in &tenants {
        bench.says_in(&tenant.namespace, USER, "ana", "Ready", "Unavailable").await;
    }
    bench.thoughtspot.restart().await.unwrap();
    all_gone(&bench, &tenants).await;
    in_thoughtspot(&bench, &tenants, false);
}

#[tokio::test]
async fn a_namespace_that_waits_for_a_failing_thoughtspot_goes_when_retain_is_set() {
    let some = orders().into_iter().step_by(3).collect();
    let (bench, tenants) = tenants("orders-failing", some, "Delete").await;
    bench.thoughtspot.fault(Rule::route("*", Action::refuse(500)));
    delete_all(&bench, &tenants).await;
    for tenant in &tenants {
        bench.says_in(&tenant.namespace, USER, "ana", "Ready", "Refused").await;
        for kind in [USER, GROUP, ORG] {
            let retain = kube::api::Patch::Merge(json!({ "spec": { "deletionPolicy": "Retain" } }));
            bench.api(kind, &tenant.namespace).patch(named(kind), &Default::default(), &retain).await.unwrap();
        }
    }
    all_gone(&bench, &tenants).await;
    in_thoughtspot(&bench, &tenants, true);
}
