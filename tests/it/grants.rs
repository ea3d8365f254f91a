//! Use is granted by the owner.

use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, LOGIN, ORG, USER};

#[rstest]
#[tokio::test]
async fn another_namespace_needs_a_grant_and_learns_nothing_without(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("owner", dialect).await;
    let tenant = bench.another_namespace("tenant").await;
    bench.run();
    bench.connect().await;
    let namespace = bench.namespace.clone();
    let theirs = |instance: &str| {
        ACME.replace("name: acme", &format!("name: acme, namespace: {tenant}"))
            .replace("name: ts", &format!("name: {instance}, namespace: {namespace}"))
    };
    bench.apply(&theirs("ts")).await;
    let existing = bench.says_in(&tenant, ORG, "acme", "ReferencesResolved", "NotGranted").await;
    let absent = ACME
        .replace("name: acme", &format!("name: other, namespace: {tenant}"))
        .replace("name: ts", &format!("name: nowhere, namespace: {namespace}"));
    bench.apply(&absent).await;
    let missing = bench.says_in(&tenant, ORG, "other", "ReferencesResolved", "NotGranted").await;
    assert_eq!(existing.replace("/ts", "/nowhere"), missing, "the same answer whether it exists or not");

    bench.apply(&format!("{CONNECTION}  grants: [{{ name: t, namespaces: {{ from: Names, names: [{tenant}] }} }}]\n")).await;
    bench.ready_in(&tenant, ORG, "acme").await;
}

#[rstest]
#[tokio::test]
async fn a_grant_by_label_follows_the_labels(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("labels", dialect).await;
    let tenant = bench.another_namespace("labelled").await;
    bench.run();
    let namespace = bench.namespace.clone();
    bench.apply(LOGIN).await;
    let grants = "  grants: [{ name: t, namespaces: { from: Selector, selector: { matchLabels: { tier: gold } } } }]\n";
    bench.apply(&format!("{CONNECTION}{grants}")).await;
    bench.ready("ThoughtSpotInstance", "ts").await;
    let theirs = ACME
        .replace("name: acme", &format!("name: acme, namespace: {tenant}"))
        .replace("name: ts", &format!("name: ts, namespace: {namespace}"));
    bench.apply(&theirs).await;
    bench.says_in(&tenant, ORG, "acme", "Stalled", "NotGranted").await;
    let namespaces: kube::Api<k8s_openapi::api::core::v1::Namespace> = kube::Api::all(bench.client.clone());
    let labels = kube::api::Patch::Merge(json!({ "metadata": { "labels": { "tier": "gold" } } }));
    namespaces.patch(&tenant, &Default::default(), &labels).await.unwrap();
    bench.ready_in(&tenant, ORG, "acme").await;
}

#[rstest]
#[tokio::test]
async fn privileges_beyond_the_grant_are_refused_and_named(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("privileges", dialect).await;
    bench.tenant().await;
    bench.apply(&ANALYSTS.replace("[DATADOWNLOADING]", "[ADMINISTRATION, DATADOWNLOADING]")).await;
    let message = bench.says(GROUP, "analysts", "Stalled", "NotGranted").await;
    assert!(message.contains("ADMINISTRATION") && message.contains("spec.grants"), "{message}");
    assert!(bench.thoughtspot.state().group("acme", "analysts").is_none());
    let grants = "  grants: [{ name: own, namespaces: { from: Same }, privileges: [ADMINISTRATION, DATADOWNLOADING] }]\n";
    bench.apply(&format!("{CONNECTION}{grants}")).await;
    bench.ready(GROUP, "analysts").await;
}

/// A group by name is a privilege too.
#[rstest]
#[tokio::test]
async fn nobody_joins_a_group_whose_members_get_more_than_the_grant(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("joining", dialect).await;
    bench.tenant().await;
    bench.thoughtspot.edit(|world| {
        world.create_group("acme", "innocent", "Innocent").unwrap();
        world.create_group("acme", "powerful", "Powerful").unwrap();
        world.set_privileges("acme", "powerful", &["BYPASSRLS"]).unwrap();
        world.set_sub_groups("acme", "powerful", &["innocent"]).unwrap();
    });
    for (name, group, privilege) in [("eve", "Administrator", "ADMINISTRATION"), ("mallory", "innocent", "BYPASSRLS")] {
        bench.apply(&ANA.replace("name: ana", &format!("name: {name}")).replace("analysts", group)).await;
        let message = bench.says(USER, name, "Stalled", "NotGranted").await;
        assert!(message.contains(privilege), "{message}");
        assert!(bench.thoughtspot.state().user(name).is_none());
    }
}

#[rstest]
#[tokio::test]
async fn an_org_narrows_what_its_instance_grants(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("narrow", dialect).await;
    let tenant = bench.another_namespace("narrowed").await;
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: All }} }}]\n")).await;
    bench.apply(ACME).await;
    bench.ready(ORG, "acme").await;
    let namespace = bench.namespace.clone();
    let theirs = ANALYSTS
        .replace("name: analysts", &format!("name: analysts, namespace: {tenant}"))
        .replace("name: acme", &format!("name: acme, namespace: {namespace}"));
    bench.apply(&theirs).await;
    bench.says_in(&tenant, GROUP, "analysts", "Stalled", "NotGranted").await;
    let grants = json!([{ "name": "t", "namespaces": { "from": "Names", "names": [tenant] }, "privileges": ["SHAREWITHALL"] }]);
    bench.patch(ORG, "acme", json!({ "spec": { "grants": grants } })).await;
    bench.says_in_with(&tenant, GROUP, "analysts", "ReferencesResolved", "DATADOWNLOADING").await;
    bench.apply(&theirs.replace("DATADOWNLOADING", "SHAREWITHALL")).await;
    bench.ready_in(&tenant, GROUP, "analysts").await;
}

/// To observe an Org is not to be let into it.
#[rstest]
#[tokio::test]
async fn whoever_observes_anothers_org_is_not_let_in_by_that(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("mine", dialect).await;
    let tenant = bench.another_namespace("intruder").await;
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: All }}, adopt: Any }}]\n")).await;
    bench.apply(ACME).await;
    bench.ready(ORG, "acme").await;
    let namespace = bench.namespace.clone();
    let observing = ACME
        .replace("name: acme", &format!("name: acme, namespace: {tenant}"))
        .replace("name: ts", &format!("name: ts, namespace: {namespace}"))
        .replace("spec: {", "spec: { managementPolicy: Observe,");
    bench.apply(&observing).await;
    bench.ready_in(&tenant, ORG, "acme").await;
    bench.apply(&ANALYSTS.replace("name: analysts", &format!("name: analysts, namespace: {tenant}"))).await;
    bench.says_in(&tenant, GROUP, "analysts", "Stalled", "NotGranted").await;
    assert!(bench.thoughtspot.state().group("acme", "analysts").is_none());
    let grants = json!([{ "name": "t", "namespaces": { "from": "Names", "names": [tenant] } }]);
    bench.patch(ORG, "acme", json!({ "spec": { "grants": grants } })).await;
    bench.ready_in(&tenant, GROUP, "analysts").await;
}

#[rstest]
#[tokio::test]
async fn whoever_may_not_adopt_observes_nobody_outside_its_orgs(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("people", dialect).await;
    let tenant = bench.another_namespace("curious").await;
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: All }} }}]\n")).await;
    bench.thoughtspot.edit(|world| {
        world.create_org("elsewhere", None).unwrap();
        world.create_user("vip", "A name that is nobody's business", &["elsewhere"]).unwrap();
    });
    let namespace = &bench.namespace;
    let spec = format!("instanceRef: {{ name: ts, namespace: {namespace} }}, managementPolicy: Observe, displayName: x");
    bench.apply(&format!("apiVersion: thoughtspot.dev/v1alpha1\nkind: {USER}\nmetadata: {{ name: vip, namespace: {tenant} }}\nspec: {{ {spec} }}")).await;
    bench.says_in(&tenant, USER, "vip", "Stalled", "NotFound").await;
    let object = bench.get_in(&tenant, USER, "vip").await;
    assert!(!object.to_string().contains("business"), "{object}");
}

/// Every user has AUTHORING: a list of privileges without it must not make everybody privileged.
#[rstest]
#[tokio::test]
async fn a_grant_with_a_list_of_its_own_lets_users_be_changed(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("listed", dialect).await;
    bench.apply(LOGIN).await;
    bench
        .apply(&format!("{CONNECTION}  grants: [{{ name: own, namespaces: {{ from: Same }}, privileges: [DATADOWNLOADING] }}]\n"))
        .await;
    for manifest in [ACME, ANALYSTS, ANA] {
        bench.apply(manifest).await;
    }
    bench.ready(USER, "ana").await;
    bench.patch(USER, "ana", json!({ "spec": { "displayName": "Ana Maria" } })).await;
    bench.ready(USER, "ana").await;
    assert_eq!(bench.thoughtspot.state().user("ana").unwrap().display_name, "Ana Maria");
}
