//! What somebody tries who may create any of the four kinds in a namespace of theirs, and nothing else.

use k8s_openapi::api::core::v1::{ResourceQuota, ResourceQuotaStatus};
use kube::api::{Api, PostParams};
use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::Simulator;
use thoughtspot_testkit::eventually;

use crate::bench::{
    ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PASSWORD, PATIENCE, USER, conditions, thoughtspot,
};
use crate::documents::read;

/// A namespace that may use the Instance of the story and take nothing over, and the Instance's own, with its Org `acme`.
async fn tenant(name: &str, dialect: Dialect) -> (Bench, String) {
    let mut bench = Bench::idle(name, dialect).await;
    let tenant = bench.another_namespace("eve").await;
    // Without it the server does not tell who made an Org, and when.
    bench.thoughtspot.set(|s| s.v1_org_route = dialect == V1);
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: All }} }}]\n")).await;
    bench.apply(ACME).await;
    bench.ready(ORG, "acme").await;
    (bench, tenant)
}

/// The same manifest in the namespace of the tenant, using what is in the Instance's.
fn theirs(bench: &Bench, tenant: &str, manifest: &str) -> String {
    let owner = &bench.namespace;
    manifest
        .replacen("metadata: { name: ", &format!("metadata: {{ namespace: {tenant}, name: "), 1)
        .replace("instanceRef: { name: ts }", &format!("instanceRef: {{ name: ts, namespace: {owner} }}"))
        .replace("orgRef: { name: acme }", &format!("orgRef: {{ name: acme, namespace: {owner} }}"))
        .replace("orgs: [{ name: acme,", &format!("orgs: [{{ name: acme, namespace: {owner},"))
}

/// The announcement of a create, as the operator would write it, but for what only the operator can.
async fn forge(bench: &Bench, namespace: &str, kind: &str, name: &str, of: &str) {
    let uid = bench.get_in(namespace, kind, name).await["metadata"]["uid"].clone();
    let at = jiff::Timestamp::now().as_millisecond() - 5 * 60 * 1000;
    let intent = json!({ "uid": uid, "name": of, "at": at, "seal": "" }).to_string();
    let metadata = json!({ "finalizers": ["thoughtspot.dev/finalizer"], "annotations": { "thoughtspot.dev/intent": intent } });
    let patch = kube::api::Patch::Merge(json!({ "metadata": metadata }));
    bench.api(kind, namespace).patch(name, &Default::default(), &patch).await.unwrap();
}

/// An announcement is an annotation, and that is for whoever may edit the resource to write: it must prove nothing that way.
#[rstest]
#[tokio::test]
async fn an_announcement_written_by_hand_neither_seizes_nor_deletes(#[values(V1, V2)] dialect: Dialect) {
    let (bench, eve) = tenant("by-hand", dialect).await;
    let id = bench.get(ORG, "acme").await["status"]["id"].to_string();
    bench.delete(ORG, "acme").await;
    bench.gone(ORG, "acme").await; // retained: made by our login, and nobody's now
    bench.apply(&theirs(&bench, &eve, ACME).replace("spec: {", "spec: { suspend: true, deletionPolicy: Delete,")).await;
    bench.says_in(&eve, ORG, "acme", "Ready", "Suspended").await;
    forge(&bench, &eve, ORG, "acme", "acme").await;
    let writes = bench.thoughtspot.counters().writes;
    let patch = |patch: Value| kube::api::Patch::Merge(patch);
    let orgs = bench.api(ORG, &eve);
    orgs.patch("acme", &Default::default(), &patch(json!({ "spec": { "suspend": false, "description": "Eve's" } })))
        .await
        .unwrap();
    bench.says_in(&eve, ORG, "acme", "Stalled", "AlreadyExists").await;
    forge(&bench, &eve, ORG, "acme", "acme").await;
    let allowed = json!({ "metadata": { "annotations": { "thoughtspot.dev/allow-deletion": id } } });
    orgs.patch("acme", &Default::default(), &patch(allowed)).await.unwrap();
    orgs.delete("acme", &Default::default()).await.unwrap();
    bench.gone_in(&eve, ORG, "acme").await;
    assert_eq!(bench.thoughtspot.state().org("acme").unwrap().description.as_deref(), Some("a tenant"));
    assert_eq!(bench.thoughtspot.counters().writes, writes);
}

/// Whoever is promoted in the browser, or shared with another tenant, is out of the hands of whoever created the account.
#[rstest]
#[tokio::test]
async fn an_account_that_came_to_more_rights_is_not_taken_by_password_or_email(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("promoted", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    bench.apply(PASSWORD).await;
    bench.thoughtspot.edit(|world| {
        world.create_org("sacred-plan", None).unwrap();
        world.add_to_group("acme", "Administrator", "ana").unwrap();
    });
    let writes = bench.thoughtspot.counters().writes;
    let password = json!({ "secretKeyRef": { "name": "pw", "key": "password" } });
    let takeovers = [json!({ "email": "eve@example.com" }), json!({ "password": password }), json!({ "name": "eve" })];
    for takeover in &takeovers {
        bench.patch(USER, "ana", json!({ "spec": takeover })).await;
        let message = bench.says(USER, "ana", "Stalled", "Protected").await;
        assert_eq!(
            message,
            "user \"ana\" has privileges that this namespace may not hand out: nothing about it is changed from here"
        );
        bench.patch(USER, "ana", json!({ "spec": { "email": "ana@example.com", "password": null, "name": null } })).await;
    }
    bench.thoughtspot.edit(|world| {
        world.remove_from_group("acme", "Administrator", "ana").unwrap();
        world.add_to_org("ana", "sacred-plan").unwrap();
    });
    for takeover in &takeovers {
        bench.patch(USER, "ana", json!({ "spec": takeover })).await;
        let message = bench.says(USER, "ana", "Stalled", "Protected").await;
        assert!(message.contains("also belongs to an Org that does not let this namespace use it"), "{message}");
        let object = bench.get(USER, "ana").await;
        assert!(!object["status"].to_string().contains("sacred"), "{object}");
        bench.patch(USER, "ana", json!({ "spec": { "email": "ana@example.com", "password": null, "name": null } })).await;
    }
    assert_eq!(bench.thoughtspot.counters().writes, writes, "nothing was written");
}

/// A group that is only observed can be referred to like any other.
#[rstest]
#[tokio::test]
async fn nobody_joins_administrators_by_name_or_by_reference_at_creation_or_later(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("administrators", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    let admins = "
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotGroup
metadata: { name: admins }
spec: { orgRef: { name: acme }, name: Administrator, managementPolicy: Observe }
";
    bench.apply(admins).await;
    bench.ready(GROUP, "admins").await;
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    let joining = [json!({ "groups": ["Administrator"] }), json!({ "groupRefs": [{ "name": "admins" }] })];
    for (name, joining) in ["by-name", "by-ref"].into_iter().zip(joining) {
        let mut orgs = json!([{ "name": "acme" }]);
        orgs[0].as_object_mut().unwrap().extend(joining.as_object().unwrap().clone());
        bench
            .apply(
                &ANA.replace("name: ana", &format!("name: {name}"))
                    .replace("[{ name: acme, groups: [analysts] }]", &orgs.to_string()),
            )
            .await;
        bench.patch(USER, "ana", json!({ "spec": { "orgs": orgs } })).await;
        for user in [name, "ana"] {
            let message = bench.says(USER, user, "ReferencesResolved", "NotGranted").await;
            assert!(
                message.contains("ADMINISTRATION") && message.contains("spec.grants of the ThoughtSpotInstance"),
                "{message}"
            );
        }
        assert!(bench.thoughtspot.state().user(name).is_none());
        assert_eq!(bench.thoughtspot.state().group("acme", "Administrator").unwrap().users, Vec::<String>::new());
    }
}

/// What an object is cannot be changed under a grant that was judged before.
#[rstest]
#[tokio::test]
async fn what_was_granted_for_one_object_does_not_move_to_another(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("moved", dialect).await;
    bench.tenant().await;
    bench.apply(&ACME.replace("acme", "globex")).await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    bench.ready(ORG, "globex").await;
    bench.ready(USER, "ana").await;
    let writes = bench.thoughtspot.counters().writes;
    for (manifest, message) in [
        (ANALYSTS.replace("name: acme", "name: globex"), "orgRef is fixed once"),
        (ACME.replace("name: ts", "name: another"), "instanceRef is fixed once"),
        (ANA.replace("name: ts", "name: another"), "instanceRef is fixed once"),
    ] {
        let refusal = bench.try_apply(&manifest).await.unwrap_err();
        assert!(refusal.contains(message), "{refusal}");
    }
    for (kind, name, renamed) in [(GROUP, "analysts", "Administrator"), (USER, "ana", "SU"), (USER, "ana", "Svc-Operator")] {
        bench.patch(kind, name, json!({ "spec": { "name": renamed } })).await;
        bench.says(kind, name, "Stalled", "Protected").await;
        bench.patch(kind, name, json!({ "spec": { "name": null } })).await;
        bench.ready(kind, name).await;
    }
    assert_eq!(bench.thoughtspot.counters().writes, writes, "nothing was written");
}

/// Not even whoever may point an Instance elsewhere gets to see what its Secret holds.
#[rstest]
#[tokio::test]
async fn an_instance_that_is_pointed_elsewhere_takes_no_secret_there(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("elsewhere", dialect).await;
    let attacker = Simulator::start(thoughtspot()).await.unwrap();
    bench.apply(PASSWORD).await;
    bench
        .apply(
            &LOGIN
                .replace("name: login", "name: by-key")
                .replace("password: Passw0rd-of-operator", "secretKey: secret-key-of-simulator"),
        )
        .await;
    bench.tenant().await;
    let url = attacker.url();
    bench.annotate(INSTANCE, "ts", "thoughtspot.dev/accept-url", &url).await;
    let host = attacker.host();
    let (password, key) = (
        json!({ "password": { "secretRef": { "name": "login" } } }),
        |name: &str| json!({ "password": null, "trustedAuthentication": { "secretRef": { "name": name } } }),
    );
    for (auth, message) in [
        (password, format!("Secret login is not for {host}: its key host must name it")),
        (key("by-key"), format!("Secret by-key is not for {host}: its key host must name it")),
        (
            key("pw"),
            "Secret pw must be of type thoughtspot.dev/credentials: create it anew, since a type cannot be changed".to_owned(),
        ),
    ] {
        bench.patch(INSTANCE, "ts", json!({ "spec": { "url": url, "auth": auth } })).await;
        assert_eq!(bench.says(INSTANCE, "ts", "Stalled", "InvalidSecret").await, message);
    }
    for dialect in [V1, V2] {
        bench.patch(INSTANCE, "ts", json!({ "spec": { "dialect": dialect } })).await;
        bench.says(INSTANCE, "ts", "Stalled", "InvalidSecret").await;
    }
    assert_eq!(attacker.counters().requests, 0);
}

/// A password Secret is for passwords, and a Secret of another purpose is not set as one.
#[rstest]
#[tokio::test]
async fn a_secret_that_is_for_something_else_is_no_password(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("unlabelled", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    bench.apply(&format!("{ANA}  password: {{ secretKeyRef: {{ name: login, key: password }} }}\n")).await;
    let message = bench.says(USER, "ana", "Stalled", "InvalidSecret").await;
    assert_eq!(message, "Secret login lacks the label thoughtspot.dev/password: \"true\"");
    assert!(bench.thoughtspot.state().user("ana").is_none());
}

/// An Instance of their own with the same address is no claim to what is there.
#[rstest]
#[tokio::test]
async fn who_cannot_sign_in_claims_nothing(#[values(V1, V2)] dialect: Dialect) {
    let (bench, eve) = tenant("squatting", dialect).await;
    let mine = |manifest: &str| manifest.replacen("metadata: { name: ", &format!("metadata: {{ namespace: {eve}, name: "), 1);
    bench.apply(&mine(CONNECTION)).await;
    bench.says_in(&eve, INSTANCE, "ts", "Ready", "NotReady").await;
    for manifest in [ACME.replace("acme", "globex"), ANA.to_owned()] {
        bench.apply(&mine(&manifest)).await;
    }
    bench.says_in(&eve, ORG, "globex", "Ready", "NotReady").await;
    // In the Instance of the story, but in no Org that lets them in.
    bench.apply(&theirs(&bench, &eve, &ANA.replace("name: ana", "name: bob"))).await;
    bench.says_in(&eve, USER, "bob", "ReferencesResolved", "NotGranted").await;

    bench.apply(&ACME.replace("acme", "globex")).await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    bench.apply(&ANA.replace("name: ana", "name: bob")).await;
    bench.ready(ORG, "globex").await;
    bench.ready(USER, "ana").await;
    bench.ready(USER, "bob").await;
}

/// Orgs are tenants: whoever is not let in learns nothing of them by observing.
#[rstest]
#[tokio::test]
async fn whoever_is_not_let_in_observes_no_org(#[values(V1, V2)] dialect: Dialect) {
    let (bench, eve) = tenant("looking", dialect).await;
    bench.thoughtspot.edit(|world| world.create_org("by-hand", Some("nobody's business")).map(drop).unwrap());
    for (name, org) in [("acme", "acme"), ("by-hand", "by-hand"), ("nowhere", "nowhere"), ("primary", "Primary")] {
        let looking = format!("spec: {{ name: {org}, managementPolicy: Observe,");
        let manifest = ACME.replace("name: acme", &format!("name: {name}")).replace("spec: {", &looking);
        bench.apply(&theirs(&bench, &eve, &manifest)).await;
        let message = bench.says_in(&eve, ORG, name, "Stalled", "NotFound").await;
        assert!(message.starts_with(&format!("nothing named {org:?} exists")), "{message}");
        let object = bench.get_in(&eve, ORG, name).await;
        assert_eq!(
            (&object["status"]["id"], &object["status"]["differences"]),
            (&Value::Null, &Value::Null),
            "{}",
            conditions(&object)
        );
    }
    let grants = json!([{ "name": "eve", "namespaces": { "from": "Names", "names": [eve] } }]);
    bench.patch(ORG, "acme", json!({ "spec": { "grants": grants } })).await;
    bench.ready_in(&eve, ORG, "acme").await;
}

/// What Kubernetes does with it. The controller that counts what is there does not run here: the test says that all is used up.
#[tokio::test]
async fn a_quota_as_on_the_page_bounds_every_kind() {
    let bench = Bench::idle("quota", V2).await;
    let page = read("docs/security.md");
    let (_, yaml) = page.split_once("# quota.yaml\n").unwrap();
    let mut quota: ResourceQuota = serde_saphyr::from_str(yaml.split_once("```").unwrap().0).unwrap();
    quota.metadata.namespace = Some(bench.namespace.clone());
    let hard = quota.spec.as_ref().and_then(|spec| spec.hard.clone());
    let api: Api<ResourceQuota> = Api::namespaced(bench.client.clone(), &bench.namespace);
    let mut stored = api.create(&PostParams::default(), &quota).await.unwrap();
    stored.status = Some(ResourceQuotaStatus { used: hard.clone(), hard });
    api.replace_status("thoughtspot", &PostParams::default(), &stored).await.unwrap();
    for (kind, name, manifest) in
        [(INSTANCE, "ts", CONNECTION), (ORG, "acme", ACME), (GROUP, "analysts", ANALYSTS), (USER, "ana", ANA)]
    {
        // The API server hears of a quota a moment later.
        let refused = eventually("one too many is refused", PATIENCE, async || match bench.try_apply(manifest).await {
            Err(refused) => Ok(refused),
            Ok(()) => {
                bench.delete(kind, name).await;
                Err(format!("{name} was created"))
            }
        })
        .await;
        assert!(refused.contains("exceeded quota: thoughtspot"), "{refused}");
    }
}
