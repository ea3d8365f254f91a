//! Nothing is seized: what exists is taken over only if asked for, and if a grant lets it.

use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PASSWORD, USER};
use crate::lifecycle;

fn existing(bench: &Bench) {
    bench.thoughtspot.edit(|world| {
        world.create_org("acme", Some("by hand")).unwrap();
        world.create_group("acme", "analysts", "By hand").unwrap();
        world.create_user("ana", "By hand", &["acme"]).unwrap();
    });
}

#[rstest]
#[tokio::test]
async fn what_exists_is_left_alone_until_the_resource_asks_for_it(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::idle("adopt", dialect).await;
    existing(&bench);
    let mut bench = bench;
    bench.run();
    bench.connect().await;
    bench.apply(ACME).await;
    let message = bench.says(ORG, "acme", "Stalled", "AlreadyExists").await;
    assert_eq!(
        message,
        "an Org named \"acme\" exists already: set spec.adoptionPolicy: Adopt to take it over, or choose another spec.name; if this \
         resource managed it before its status was lost, see thoughtspot.dev/readopt-until"
    );
    assert_eq!(bench.thoughtspot.counters().writes, 0);
    bench.patch(ORG, "acme", json!({ "spec": { "adoptionPolicy": "Adopt" } })).await;
    assert_eq!(bench.ready(ORG, "acme").await["status"]["origin"], "Adopted");
    for (kind, name, manifest) in [(GROUP, "analysts", ANALYSTS), (USER, "ana", ANA)] {
        bench.apply(manifest).await;
        bench.says(kind, name, "Stalled", "AlreadyExists").await;
        bench.patch(kind, name, json!({ "spec": { "adoptionPolicy": "Adopt" } })).await;
        assert_eq!(bench.ready(kind, name).await["status"]["origin"], "Adopted");
    }
    let state = bench.thoughtspot.state();
    assert_eq!(state.org("acme").unwrap().description.as_deref(), Some("a tenant"));
    assert_eq!(state.group("acme", "analysts").unwrap().display_name, "Analysts");
    assert_eq!(state.user("ana").unwrap().display_name, "Ana Diaz");
}

#[rstest]
#[tokio::test]
async fn what_is_as_declared_is_taken_over_and_what_is_not_is_left_alone(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("matching", dialect).await;
    existing(&bench);
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: own, namespaces: {{ from: Same }}, adopt: Matching }}]\n")).await;
    let acme = bench.thoughtspot.state().org("acme").unwrap().id;
    for (manifest, kind, name, differs) in [
        (ACME, ORG, "acme", "description".to_owned()),
        (ANALYSTS, GROUP, "analysts", "displayName, description, privileges".to_owned()),
        (ANA, USER, "ana", format!("displayName, email, orgs[{acme}].groups")),
    ] {
        bench.apply(manifest).await;
        bench.patch(kind, name, json!({ "spec": { "adoptionPolicy": "AdoptIfMatching" } })).await;
        let differs = format!("exists already and is not as declared ({differs})");
        bench.says_in_with(&bench.namespace, kind, name, "Stalled", &differs).await;
        bench.patch(kind, name, json!({ "spec": { "adoptionPolicy": "Adopt" } })).await;
        let message = bench.says(kind, name, "ReferencesResolved", "NotGranted").await;
        assert!(message.contains("lets this namespace take over only what is as declared"), "{message}");
        bench.thoughtspot.edit(|world| as_declared(world, kind));
        bench.patch(kind, name, json!({ "spec": { "adoptionPolicy": "AdoptIfMatching" } })).await;
        assert_eq!(bench.ready(kind, name).await["status"]["origin"], "Adopted");
    }
    assert_eq!(bench.thoughtspot.counters().writes, 0);

    // Nor is it deleted; and when a grant is taken away, that gives nothing.
    bench.annotate(ORG, "acme", "thoughtspot.dev/allow-deletion", &acme.to_string()).await;
    let adopting = json!({ "name": "own", "namespaces": { "from": "Same" }, "adopt": "Matching" });
    let using = json!({ "name": "own", "namespaces": { "from": "Same" } });
    let others = json!({ "name": "others", "namespaces": { "from": "Names", "names": ["nobody"] } });
    for (kind, name, grant) in [(GROUP, "analysts", adopting), (USER, "ana", using), (ORG, "acme", others)] {
        bench.patch(INSTANCE, "ts", json!({ "spec": { "grants": [grant] } })).await;
        bench.patch(kind, name, json!({ "spec": { "deletionPolicy": "Delete" } })).await;
        bench.delete(kind, name).await;
        bench.says_in_with(&bench.namespace, kind, name, "Ready", "set deletionPolicy: Retain to let it go; a grant").await;
    }
    for (kind, name) in [(GROUP, "analysts"), (USER, "ana"), (ORG, "acme")] {
        bench.patch(kind, name, json!({ "spec": { "deletionPolicy": "Retain" } })).await;
        bench.gone(kind, name).await;
    }
    assert_eq!(bench.thoughtspot.counters().writes, 0);
}

#[rstest]
#[tokio::test]
async fn what_is_hardly_declared_is_not_as_declared(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("undeclared", dialect).await;
    existing(&bench);
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: own, namespaces: {{ from: Same }}, adopt: Matching }}]\n")).await;
    bench.apply(&ACME.replace(", description: a tenant", ", adoptionPolicy: AdoptIfMatching")).await;
    let message = bench.says(ORG, "acme", "ReferencesResolved", "NotGranted").await;
    assert!(message.ends_with("declare description of an Org named \"acme\""), "{message}");
}

fn as_declared(world: &mut thoughtspot_simulator::Edit<'_>, kind: &str) {
    match kind {
        ORG => world.describe_org("acme", "a tenant").unwrap(),
        GROUP => {
            world.set_group_display_name("acme", "analysts", "Analysts").unwrap();
            world.describe_group("acme", "analysts", "who ask").unwrap();
            world.set_privileges("acme", "analysts", &["DATADOWNLOADING"]).unwrap();
        }
        _ => {
            world.set_user_display_name("ana", "Ana Diaz").unwrap();
            world.set_user_email("ana", "ana@example.com").unwrap();
            world.add_to_group("acme", "analysts", "ana").unwrap();
        }
    }
}

/// The name is taken in another Org, which no list of this Org shows: only the server's refusal tells.
#[rstest]
#[tokio::test]
async fn a_user_who_exists_in_another_org_is_not_seized(#[values(V1, V2)] dialect: Dialect) {
    for status in [400, 409, 500] {
        let bench = Bench::with("elsewhere", dialect, |s| lifecycle::answers(s, status, 400)).await;
        bench.tenant().await;
        bench.apply(ANALYSTS).await;
        bench.ready(GROUP, "analysts").await;
        bench.thoughtspot.edit(|world| {
            world.create_org("elsewhere", None).unwrap();
            world.create_user("ANA", "Somebody else", &["elsewhere"]).unwrap();
        });
        bench.apply(ANA).await;
        bench.says(USER, "ana", "Stalled", "AlreadyExists").await;
        bench.patch(USER, "ana", json!({ "spec": { "adoptionPolicy": "Adopt" } })).await;
        let message = bench.says(USER, "ana", "Stalled", "Protected").await;
        assert!(message.contains("also belongs to an Org that does not let this namespace use it"), "{message}");
        let ana = bench.thoughtspot.state().user("ANA").cloned().unwrap();
        assert_eq!((ana.display_name.as_str(), ana.orgs.as_slice()), ("Somebody else", ["elsewhere".to_owned()].as_slice()));
    }
}

/// Adopt and a password would make a tenant administrator of the platform.
#[rstest]
#[tokio::test]
async fn an_administrators_account_is_not_taken_by_adopt_and_a_password(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("takeover", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    bench.thoughtspot.edit(|world| {
        world.create_user("boss", "The boss", &["acme"]).unwrap();
        world.create_group("acme", "inner", "Inner").unwrap();
        world.create_group("acme", "outer", "Outer").unwrap();
        world.set_privileges("acme", "outer", &["ADMINISTRATION"]).unwrap();
        world.set_sub_groups("acme", "outer", &["inner"]).unwrap();
        world.add_to_group("acme", "inner", "boss").unwrap();
    });
    bench.apply(PASSWORD).await;
    let boss = ANA.replace("name: ana", "name: boss").replace("spec:", "spec:\n  adoptionPolicy: Adopt");
    bench.apply(&format!("{boss}  password: {{ secretKeyRef: {{ name: pw, key: password }} }}\n")).await;
    let message = bench.says(USER, "boss", "Stalled", "Protected").await;
    assert!(message.contains("has privileges that this namespace may not hand out"), "{message}");
    for protected in ["tsadmin", "SU", "guest"] {
        let name = protected.to_lowercase();
        let manifest = ANA
            .replace("name: ana", &format!("name: {name}"))
            .replace("spec:", &format!("spec:\n  name: {protected}\n  adoptionPolicy: Adopt"));
        bench.apply(&manifest).await;
        bench.says(USER, &name, "Stalled", "Protected").await;
    }
    let writes: Vec<_> = bench.thoughtspot.journal().into_iter().filter(|e| e.write && e.route.contains("users")).collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[rstest]
#[tokio::test]
async fn built_in_groups_and_primary_are_left_alone(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("built-in", dialect).await;
    bench.tenant().await;
    for name in ["All", "Administrator"] {
        let resource = name.to_lowercase();
        let manifest = ANALYSTS
            .replace("name: analysts", &format!("name: {resource}"))
            .replace("spec: {", &format!("spec: {{ name: {name}, adoptionPolicy: Adopt,"));
        bench.apply(&manifest).await;
        bench.says(GROUP, &resource, "Stalled", "Protected").await;
    }
    bench
        .apply(&ACME.replace("name: acme", "name: primary").replace("spec: {", "spec: { name: Primary, adoptionPolicy: Adopt,"))
        .await;
    bench.says(ORG, "primary", "Stalled", "Protected").await;
    bench.patch(ORG, "primary", json!({ "spec": { "managementPolicy": "Observe", "description": null } })).await;
    assert_eq!(bench.ready(ORG, "primary").await["status"]["id"], 0);
}

#[rstest]
#[tokio::test]
async fn a_namespace_adopts_only_if_a_grant_lets_it(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::idle("may-adopt", dialect).await;
    existing(&bench);
    let mut bench = bench;
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: Same }} }}]\n")).await;
    bench.apply(&ACME.replace("spec: {", "spec: { adoptionPolicy: Adopt,")).await;
    let message = bench.says(ORG, "acme", "Stalled", "NotGranted").await;
    assert!(message.contains("a grant in its spec.grants with adopt: Any would"), "{message}");
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: Same }}, adopt: Any }}]\n")).await;
    bench.ready(ORG, "acme").await;
}

/// The announcement of a create is an annotation, which whoever may edit the resource can write.
#[rstest]
#[tokio::test]
async fn a_forged_announcement_seizes_nothing(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("forged", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    let group = bench.ready(GROUP, "analysts").await;
    bench.delete(GROUP, "analysts").await;
    bench.gone(GROUP, "analysts").await; // retained: made by our login, and nobody's now
    bench.apply(&ANALYSTS.replace("spec: {", "spec: { suspend: true,")).await;
    bench.says(GROUP, "analysts", "Ready", "Suspended").await;
    let uid = bench.get(GROUP, "analysts").await["metadata"]["uid"].clone();
    let forged = json!({ "uid": uid, "name": "analysts", "at": 0 }).to_string();
    bench.annotate(GROUP, "analysts", "thoughtspot.dev/intent", &forged).await;
    bench.patch(GROUP, "analysts", json!({ "spec": { "suspend": false } })).await;
    bench.says(GROUP, "analysts", "Stalled", "AlreadyExists").await;
    assert_eq!(bench.get(GROUP, "analysts").await["status"]["id"], serde_json::Value::Null, "{group}");
}
