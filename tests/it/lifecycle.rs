//! Each kind is created, changed, repaired and deleted, on every sort of ThoughtSpot.

use rstest::rstest;
use serde_json::json;
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::Settings;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, GROUP, ORG, USER};

#[rstest]
#[tokio::test]
async fn a_tenant_on_a_thoughtspot_as_it_comes(#[values(V1, V2)] dialect: Dialect) {
    a_tenant_lives(dialect, "plain", |_| ()).await;
}

#[rstest]
#[tokio::test]
async fn a_tenant_where_the_administrator_must_be_a_member(#[values(V1, V2)] dialect: Dialect) {
    a_tenant_lives(dialect, "membership", |s| s.admin_needs_membership = true).await;
}

#[rstest]
#[tokio::test]
async fn a_tenant_where_duplicates_answer_409_and_unknown_ids_404(#[values(V1, V2)] dialect: Dialect) {
    a_tenant_lives(dialect, "codes-4xx", |s| answers(s, 409, 404)).await;
}

#[rstest]
#[tokio::test]
async fn a_tenant_where_duplicates_and_unknown_ids_answer_500(#[values(V1, V2)] dialect: Dialect) {
    a_tenant_lives(dialect, "codes-500", |s| answers(s, 500, 500)).await;
}

#[rstest]
#[tokio::test]
async fn a_tenant_where_duplicates_and_unknown_ids_answer_400(#[values(V1, V2)] dialect: Dialect) {
    a_tenant_lives(dialect, "codes-400", |s| answers(s, 400, 400)).await;
}

/// What is answered to a name that is taken and to an id that does not exist.
pub(crate) fn answers(settings: &mut Settings, duplicate: u16, unknown: u16) {
    (settings.duplicate_name, settings.unknown_id) = (duplicate, unknown);
    (settings.v1_duplicate_org, settings.v1_duplicate_user, settings.v1_duplicate_group) = (duplicate, duplicate, duplicate);
    settings.v1_unknown_id = unknown;
}

#[rstest]
#[tokio::test]
async fn a_tenant_where_a_search_that_finds_nothing_answers_400_and_the_request_must_be_exact(
    #[values(V1, V2)] dialect: Dialect,
) {
    a_tenant_lives(dialect, "strict", |s| (s.search_miss, s.strict) = (400, true)).await;
}

async fn a_tenant_lives(dialect: Dialect, name: &str, settings: impl FnOnce(&mut Settings)) {
    a_tenant_lives_on(&Bench::with(name, dialect, settings).await).await;
}

/// Created, changed, repaired and deleted by whatever operator watches this namespace.
pub(crate) async fn a_tenant_lives_on(bench: &Bench) {
    bench.connect().await;
    for manifest in [ACME, ANALYSTS, ANA] {
        bench.apply(manifest).await;
    }
    let (org, group, user) =
        (bench.ready(ORG, "acme").await, bench.ready(GROUP, "analysts").await, bench.ready(USER, "ana").await);
    created(bench, &org, &group, &user);
    changed(bench, &org, &group, &user).await;
    repaired(bench).await;
    deleted(bench, &org).await;
}

fn created(bench: &Bench, org: &serde_json::Value, group: &serde_json::Value, user: &serde_json::Value) {
    let state = bench.thoughtspot.state();
    let acme = state.org("acme").unwrap();
    assert_eq!((org["status"]["id"].as_i64(), acme.description.as_deref()), (Some(acme.id.into()), Some("a tenant")));
    let analysts = state.group("acme", "analysts").unwrap();
    assert_eq!(group["status"]["id"], analysts.id.as_str());
    assert_eq!(
        (analysts.display_name.as_str(), analysts.privileges.as_slice()),
        ("Analysts", ["DATADOWNLOADING".to_owned()].as_slice())
    );
    let ana = state.user("ana").unwrap();
    assert_eq!(user["status"]["id"], ana.id.as_str());
    assert_eq!(
        (ana.display_name.as_str(), ana.email.as_deref(), ana.orgs.as_slice()),
        ("Ana Diaz", Some("ana@example.com"), ["acme".to_owned()].as_slice())
    );
    assert!(analysts.users.contains(&"ana".to_owned()), "{analysts:?}");
    for (object, on_delete) in [(org, "Retain"), (group, "Retain"), (user, "Deactivate")] {
        assert_eq!(object["status"]["origin"], "Created");
        assert_eq!(object["status"]["onDelete"], on_delete);
    }
    assert_eq!(bench.thoughtspot.counters().mails, 0, "nobody is sent a mail");
}

async fn changed(bench: &Bench, org: &serde_json::Value, group: &serde_json::Value, user: &serde_json::Value) {
    bench.patch(ORG, "acme", json!({ "spec": { "name": "acme-two", "description": "renamed" } })).await;
    bench.patch(GROUP, "analysts", json!({ "spec": { "name": "explorers", "privileges": ["SHAREWITHALL"] } })).await;
    let orgs = json!([{ "name": "acme", "groupRefs": [{ "name": "analysts" }] }]);
    bench
        .patch(USER, "ana", json!({ "spec": { "displayName": "Ana Maria Diaz", "email": "am@example.com", "orgs": orgs } }))
        .await;
    for (kind, name, before) in [(ORG, "acme", org), (GROUP, "analysts", group), (USER, "ana", user)] {
        assert_eq!(bench.ready(kind, name).await["status"]["id"], before["status"]["id"], "a rename follows the id");
    }
    let state = bench.thoughtspot.state();
    assert_eq!(state.org("acme-two").unwrap().description.as_deref(), Some("renamed"));
    assert!(state.org("acme").is_none());
    assert_eq!(state.group("acme-two", "explorers").unwrap().privileges, ["SHAREWITHALL"]);
    let ana = state.user("ana").unwrap();
    assert_eq!((ana.display_name.as_str(), ana.email.as_deref()), ("Ana Maria Diaz", Some("am@example.com")));
}

async fn repaired(bench: &Bench) {
    bench.thoughtspot.edit(|world| {
        world.describe_org("acme-two", "by hand").unwrap();
        world.set_privileges("acme-two", "explorers", &["DATADOWNLOADING"]).unwrap();
        world.set_user_display_name("ana", "by hand").unwrap();
        world.remove_from_group("acme-two", "explorers", "ana").unwrap();
    });
    bench
        .thoughtspot_shows("what was changed by hand is repaired", |state| {
            let (org, group) = (state.org("acme-two").unwrap(), state.group("acme-two", "explorers").unwrap());
            org.description.as_deref() == Some("renamed")
                && group.privileges == ["SHAREWITHALL"]
                && group.users.contains(&"ana".to_owned())
                && state.user("ana").unwrap().display_name == "Ana Maria Diaz"
        })
        .await;
}

async fn deleted(bench: &Bench, org: &serde_json::Value) {
    for (kind, name) in [(USER, "ana"), (GROUP, "analysts"), (ORG, "acme")] {
        bench.patch(kind, name, json!({ "spec": { "deletionPolicy": "Delete" } })).await;
        assert_eq!(bench.ready(kind, name).await["status"]["onDelete"], "Delete");
    }
    bench.delete(USER, "ana").await;
    bench.gone(USER, "ana").await;
    assert!(bench.thoughtspot.state().user("ana").is_none());
    bench.delete(GROUP, "analysts").await;
    bench.gone(GROUP, "analysts").await;
    assert!(bench.thoughtspot.state().group("acme-two", "explorers").is_none());

    bench.delete(ORG, "acme").await;
    let message = bench.says(ORG, "acme", "Stalled", "DeletionBlocked").await;
    assert!(message.contains("thoughtspot.dev/allow-deletion"), "{message}");
    assert!(bench.thoughtspot.state().org("acme-two").is_some(), "an Org goes only when that is said twice");
    let id = org["status"]["id"].to_string();
    bench.annotate(ORG, "acme", "thoughtspot.dev/allow-deletion", &id).await;
    bench.gone(ORG, "acme").await;
    assert!(bench.thoughtspot.state().org("acme-two").is_none());
}

#[rstest]
#[tokio::test]
async fn what_is_deleted_with_retain_stays(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("retain", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    bench.ready(GROUP, "analysts").await;
    bench.patch(USER, "ana", json!({ "spec": { "deletionPolicy": "Retain" } })).await;
    let before = bench.thoughtspot.counters().writes;
    for (kind, name) in [(USER, "ana"), (GROUP, "analysts"), (ORG, "acme")] {
        bench.delete(kind, name).await;
        bench.gone(kind, name).await;
    }
    let state = bench.thoughtspot.state();
    assert!(state.user("ana").is_some() && state.group("acme", "analysts").is_some() && state.org("acme").is_some());
    assert_eq!(bench.thoughtspot.counters().writes, before);
}

#[rstest]
#[tokio::test]
async fn a_user_and_a_group_deleted_by_hand_are_created_again_and_an_org_is_not(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("by-hand", dialect).await;
    let org = bench.tenant().await;
    bench.apply(ANALYSTS).await;
    let group = bench.ready(GROUP, "analysts").await;
    bench.thoughtspot.edit(|world| world.delete_group("acme", "analysts").unwrap());
    bench.thoughtspot_shows("the group is there again", |state| state.group("acme", "analysts").is_some()).await;
    let again = bench.request(GROUP, "analysts", "1").await;
    assert_ne!(again["status"]["id"], group["status"]["id"]);

    bench.thoughtspot.edit(|world| world.delete_org("acme").unwrap());
    let message = bench.says(ORG, "acme", "Stalled", "DeletedExternally").await;
    assert!(message.contains("thoughtspot.dev/recreate"), "{message}");
    assert!(bench.thoughtspot.state().org("acme").is_none());

    // Its name is held for seven days, unless the simulator's clock moves.
    bench.thoughtspot.advance(std::time::Duration::from_secs(8 * 24 * 3600));
    bench.annotate(ORG, "acme", "thoughtspot.dev/recreate", &org["status"]["id"].to_string()).await;
    bench.thoughtspot_shows("the Org is there again", |state| state.org("acme").is_some()).await;
    bench.ready(ORG, "acme").await;
}

#[rstest]
#[tokio::test]
async fn memberships_are_owned_edge_by_edge(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("edges", dialect).await;
    bench.tenant().await;
    bench.apply(&ACME.replace("acme", "globex")).await;
    bench.ready(ORG, "globex").await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    bench.thoughtspot.edit(|world| {
        world.create_group("acme", "by-hand", "By hand").unwrap();
        world.create_group("globex", "sales", "Sales").unwrap();
        world.add_to_group("acme", "by-hand", "ana").unwrap();
    });
    let both = json!([{ "name": "acme" }, { "name": "globex", "groups": ["sales"] }]);
    bench.patch(USER, "ana", json!({ "spec": { "orgs": both } })).await;
    bench.ready(USER, "ana").await;
    let state = bench.thoughtspot.state();
    let members = |org: &str, group: &str| state.group(org, group).unwrap().users.contains(&"ana".to_owned());
    assert_eq!(state.user("ana").unwrap().orgs, ["acme", "globex"]);
    assert!(members("globex", "sales"), "what is declared is added");
    assert!(!members("acme", "analysts"), "what we added leaves with the declaration");
    assert!(members("acme", "by-hand"), "what others assigned stays");

    bench.patch(USER, "ana", json!({ "spec": { "orgs": [{ "name": "acme" }] } })).await;
    bench.ready(USER, "ana").await;
    assert_eq!(bench.thoughtspot.state().user("ana").unwrap().orgs, ["acme"]);
}

/// The list key is name and namespace, so one Org can be listed twice: what both declare is declared.
#[rstest]
#[tokio::test]
async fn an_org_that_is_listed_twice_is_one_org(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("twice", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(&ANALYSTS.replace("analysts", "others")).await;
    let namespace = &bench.namespace;
    let twice = format!("[{{ name: acme, groups: [analysts] }}, {{ name: acme, namespace: {namespace}, groups: [others] }}]");
    bench.apply(&ANA.replace("[{ name: acme, groups: [analysts] }]", &twice)).await;
    bench.ready(USER, "ana").await;
    bench.request(USER, "ana", "1").await;
    let state = bench.thoughtspot.state();
    for group in ["analysts", "others"] {
        assert!(state.group("acme", group).unwrap().users.contains(&"ana".to_owned()), "{group}");
    }
}

/// One row makes its page a 404: no list of the users of this Org can be trusted, and no other Org is held up.
/// In v2 only: a list of v1 comes whole or not at all.
#[tokio::test]
async fn a_list_that_cannot_be_read_whole_is_read_object_by_object() {
    let bench = Bench::idle("poisoned", V2).await;
    let rotten = bench.thoughtspot.edit(|world| {
        world.create_org("acme", Some("a tenant")).unwrap();
        world.create_user("rotten", "Rotten", &["acme"]).unwrap()
    });
    bench.thoughtspot.set(|s| s.poison = vec![rotten]);
    let mut bench = bench;
    bench.run();
    bench.connect().await;
    bench.apply(&ACME.replace("spec: {", "spec: { adoptionPolicy: Adopt,")).await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    bench.ready(GROUP, "analysts").await;
    let message = bench.says("ThoughtSpotInstance", "ts", "Ready", "ReadOneByOne").await;
    assert!(message.contains("users of Org"), "{message}");
    bench.thoughtspot.edit(|world| world.set_user_display_name("ana", "by hand").unwrap());
    bench
        .thoughtspot_shows("drift is repaired all the same", |state| state.user("ana").unwrap().display_name == "Ana Diaz")
        .await;
    bench.thoughtspot.set(|s| s.poison.clear());
    bench.says("ThoughtSpotInstance", "ts", "Ready", "Ready").await;
}
