//! Memberships are owned edge by edge, from both ends.

use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{Action, Dump, Rule};

use thoughtspot_testkit::eventually;

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, LOGIN, ORG, PATIENCE, USER};

fn members(state: &Dump, group: &str) -> Vec<String> {
    let mut users = state.group("acme", group).map(|group| group.users.clone()).unwrap_or_default();
    users.sort();
    users
}

async fn has_members(bench: &Bench, group: &str, expected: &[&str]) {
    bench.thoughtspot_shows(&format!("{group} has {expected:?}"), |state| members(state, group) == expected).await;
}

/// Users of acme whom no resource declares.
fn people(bench: &Bench, names: &[&str]) {
    bench.thoughtspot.edit(|world| {
        names.iter().for_each(|name| drop(world.create_user(name, name, &["acme"]).unwrap()));
    });
}

/// The group with these fields besides.
fn analysts_with(fields: &str) -> String {
    ANALYSTS.replace("displayName: Analysts", &format!("displayName: Analysts, {fields}"))
}

#[rstest]
#[tokio::test]
async fn an_edge_declared_at_both_ends_goes_when_the_last_one_lets_go(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("both-ends", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    let ana = bench.ready(USER, "ana").await["status"]["id"].clone();
    bench.patch(GROUP, "analysts", json!({ "spec": { "members": { "userRefs": [{ "name": "ana" }] } } })).await;
    let group = bench.ready(GROUP, "analysts").await;
    assert_eq!(group["status"]["members"], json!([ana]), "the second to declare inherits the mark");

    bench.patch(USER, "ana", json!({ "spec": { "orgs": [{ "name": "acme" }] } })).await;
    bench.ready(USER, "ana").await;
    assert_eq!(members(&bench.thoughtspot.state(), "analysts"), ["ana"], "the group still declares it");
    bench.patch(GROUP, "analysts", json!({ "spec": { "members": null } })).await;
    has_members(&bench, "analysts", &[]).await;
}

#[rstest]
#[tokio::test]
async fn a_user_whose_resource_goes_keeps_what_a_group_declares(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("group-keeps", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    people(&bench, &["ana"]);
    bench.apply(&ANA.replace("displayName", "adoptionPolicy: Adopt\n  deletionPolicy: Deactivate\n  displayName")).await;
    bench.ready(USER, "ana").await;
    bench.patch(GROUP, "analysts", json!({ "spec": { "members": { "users": ["ana"] } } })).await;
    bench.ready(GROUP, "analysts").await;
    bench.thoughtspot.edit(|world| {
        world.create_org("elsewhere", None).unwrap();
        world.add_to_org("ana", "elsewhere").unwrap();
    });
    let writes = bench.thoughtspot.counters().writes;
    bench.delete(USER, "ana").await;
    bench.gone(USER, "ana").await;
    assert_eq!(members(&bench.thoughtspot.state(), "analysts"), ["ana"]);
    assert_eq!(bench.thoughtspot.counters().writes, writes, "not taken out and put in again");
}

#[rstest]
#[tokio::test]
async fn members_come_and_go_and_whoever_is_missing_holds_up_nobody_else(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("members", dialect).await;
    bench.tenant().await;
    people(&bench, &["bob", "eve", "guest-of-bob"]);
    bench.apply(&analysts_with("members: { users: [Bob, eve, late], userRefs: [{ name: ana }] }")).await;
    has_members(&bench, "analysts", &["bob", "eve"]).await;
    let journal = bench.thoughtspot.journal();
    assert_eq!(journal.iter().filter(|e| e.route == bench.calls().change_members).count(), 1, "one call for all of them");
    let message = bench.says(GROUP, "analysts", "ReferencesResolved", "NotReady").await;
    assert_eq!(message, "spec.members: Org acme has no user named \"late\": correct the name, or add the user to the Org");

    // A user that declares the group in turn: neither waits for the other to be made.
    bench.apply(&ANA.replace("groups: [analysts]", "groupRefs: [{ name: analysts }]")).await;
    people(&bench, &["late"]);
    bench.ready(GROUP, "analysts").await;
    has_members(&bench, "analysts", &["ana", "bob", "eve", "late"]).await;

    bench.thoughtspot.edit(|world| world.add_to_group("acme", "analysts", "guest-of-bob").unwrap());
    bench.patch(GROUP, "analysts", json!({ "spec": { "members": { "users": ["bob", "guest-of-bob"] } } })).await;
    has_members(&bench, "analysts", &["ana", "bob", "guest-of-bob"]).await;
    bench.ready(GROUP, "analysts").await;
    bench.patch(GROUP, "analysts", json!({ "spec": { "members": { "users": [] } } })).await;
    has_members(&bench, "analysts", &["ana", "guest-of-bob"]).await;
}

#[rstest]
#[tokio::test]
async fn exclusive_members_are_those_that_groups_and_users_declare(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("exclusive", dialect).await;
    bench.tenant().await;
    people(&bench, &["bob", "eve", "mallory", "chief"]);
    bench.apply(ANALYSTS).await;
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    bench.thoughtspot.edit(|world| {
        for user in ["bob", "mallory", "chief"] {
            world.add_to_group("acme", "analysts", user).unwrap();
        }
        world.add_to_group("acme", "Administrator", "chief").unwrap();
    });
    bench.apply(&analysts_with("membership: { users: Exclusive }, members: { users: [eve, bob] }")).await;
    let group = bench.ready(GROUP, "analysts").await;
    has_members(&bench, "analysts", &["ana", "bob", "chief", "eve"]).await;
    let chief = bench.thoughtspot.state().user("chief").unwrap().id.clone();
    assert_eq!(group["status"]["leftAlone"], json!([chief]), "whoever has more rights is left alone");

    bench.thoughtspot.edit(|world| world.add_to_group("acme", "analysts", "mallory").unwrap());
    has_members(&bench, "analysts", &["ana", "bob", "chief", "eve"]).await;
    bench.patch(USER, "ana", json!({ "spec": { "orgs": [{ "name": "acme" }] } })).await;
    has_members(&bench, "analysts", &["bob", "chief", "eve"]).await;
}

#[rstest]
#[tokio::test]
async fn an_exclusive_user_leaves_what_nobody_declares_and_this_namespace_may_use(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("alone", dialect).await;
    let other = bench.another_namespace("other").await;
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: All }} }}]\n")).await;
    let namespace = bench.namespace.clone();
    let theirs = |yaml: &str, name: &str| {
        let yaml = yaml.replace("name: acme", &format!("name: {name}, namespace: {other}"));
        yaml.replace("name: ts", &format!("name: ts, namespace: {namespace}"))
    };
    let open = json!([{ "name": "all", "namespaces": { "from": "All" } }]);
    bench.apply(ACME).await;
    bench.patch(ORG, "acme", json!({ "spec": { "grants": open } })).await;
    bench.apply(&ACME.replace("acme", "globex")).await;
    bench.apply(&theirs(ACME, "secret")).await;
    let secret = bench.ready_in(&other, ORG, "secret").await["status"]["id"].clone();
    for org in ["acme", "globex"] {
        bench.ready(ORG, org).await;
    }
    bench.apply(ANALYSTS).await;
    bench.apply(&analysts_with("members: { userRefs: [{ name: ana }] }").replace("name: analysts", "name: declared")).await;
    let foreign = ANALYSTS.replace("name: analysts", &format!("name: foreign, namespace: {other}"));
    bench.apply(&foreign.replace("name: acme", &format!("name: acme, namespace: {namespace}"))).await;
    let foreign = bench.ready_in(&other, GROUP, "foreign").await["status"]["id"].clone();
    bench.apply(ANA).await;
    bench.ready(USER, "ana").await;
    bench.ready(GROUP, "declared").await;
    bench.thoughtspot.edit(|world| {
        for group in ["by-hand", "to-be-adopted"] {
            world.create_group("acme", group, group).unwrap();
            world.add_to_group("acme", group, "ana").unwrap();
        }
        world.add_to_group("acme", "foreign", "ana").unwrap();
        world.add_to_org("ana", "globex").unwrap();
        world.add_to_org("ana", "secret").unwrap();
    });
    let waiting = analysts_with("members: { userRefs: [{ name: ana }] }").replace("name: analysts", "name: to-be-adopted");
    bench.apply(&waiting).await;
    bench.says(GROUP, "to-be-adopted", "Stalled", "AlreadyExists").await;
    bench.patch(USER, "ana", json!({ "spec": { "membership": { "orgs": "Exclusive", "groups": "Exclusive" } } })).await;
    let ana = bench.ready(USER, "ana").await;
    let user = bench.thoughtspot.state().user("ana").unwrap().clone();
    assert_eq!(user.orgs, ["acme", "secret"]);
    let groups: Vec<&String> = user.groups.iter().filter(|group| !group.ends_with("/All")).collect();
    assert_eq!(groups, ["acme/analysts", "acme/declared", "acme/foreign", "acme/to-be-adopted"]);
    assert_eq!(
        ana["status"]["leftAlone"],
        json!({ "orgs": [secret], "groups": [foreign] }),
        "others are reported, never removed"
    );

    bench.thoughtspot.edit(|world| world.add_to_org("ana", "globex").unwrap());
    bench.thoughtspot_shows("it leaves again", |state| state.user("ana").unwrap().orgs == ["acme", "secret"]).await;
}

#[rstest]
#[tokio::test]
async fn a_group_that_another_namespace_manages_is_joined_by_its_grants_only(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::idle("open", dialect).await;
    let tenant = bench.another_namespace("joining").await;
    bench.run();
    bench.apply(LOGIN).await;
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: all, namespaces: {{ from: All }} }}]\n")).await;
    bench.apply(ACME).await;
    let open = json!([{ "name": "all", "namespaces": { "from": "Names", "names": [&tenant, &bench.namespace] } }]);
    bench.patch(ORG, "acme", json!({ "spec": { "grants": open } })).await;
    bench.ready(ORG, "acme").await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    let namespace = bench.namespace.clone();
    let ana = ANA.replace("metadata: { name: ana }", &format!("metadata: {{ name: ana, namespace: {tenant} }}"));
    let ana = ana.replace("name: ts", &format!("name: ts, namespace: {namespace}"));
    let by_name = ana.replace("name: acme", &format!("name: acme, namespace: {namespace}"));
    // To observe a group is not to be let into it.
    let observing =
        ANALYSTS.replace("metadata: { name: analysts }", &format!("metadata: {{ name: shown, namespace: {tenant} }}"));
    let observing = observing.replace("name: acme", &format!("name: acme, namespace: {namespace}"));
    bench.apply(&observing.replace("spec: {", "spec: { name: analysts, managementPolicy: Observe,")).await;
    bench.ready_in(&tenant, GROUP, "shown").await;
    let by_reference = by_name.replace("groups: [analysts]", "groupRefs: [{ name: shown }]");
    for manifest in [by_name, by_reference] {
        bench.apply(&manifest).await;
        let message = bench.says_in(&tenant, USER, "ana", "ReferencesResolved", "NotGranted").await;
        assert!(message.contains("spec.grants of its ThoughtSpotGroup") && !message.contains(&namespace), "{message}");
        assert!(bench.thoughtspot.state().user("ana").is_none());
    }

    let grants = json!([{ "name": "t", "namespaces": { "from": "Names", "names": [tenant] } }]);
    bench.patch(GROUP, "analysts", json!({ "spec": { "grants": grants, "membership": { "users": "Exclusive" } } })).await;
    bench.ready_in(&tenant, USER, "ana").await;
    has_members(&bench, "analysts", &["ana"]).await;
    let writes = bench.thoughtspot.counters().writes;
    bench.request(GROUP, "analysts", "1").await;
    assert_eq!(bench.thoughtspot.counters().writes, writes, "it is declared, if by another resource of the same group");
}

/// As from the user's side: a member gets what the group has, and whoever has more rights is not touched.
#[rstest]
#[tokio::test]
async fn nobody_is_put_into_a_group_beyond_the_grants_from_the_groups_side_either(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("put-in", dialect).await;
    bench.tenant().await;
    people(&bench, &["bob", "chief", "eve"]);
    bench.thoughtspot.edit(|world| {
        world.create_group("acme", "powerful", "Powerful").unwrap();
        world.set_privileges("acme", "powerful", &["BYPASSRLS"]).unwrap();
        world.add_to_group("acme", "Administrator", "chief").unwrap();
    });
    bench.apply(&analysts_with("members: { users: [eve] }")).await;
    bench.ready(GROUP, "analysts").await;
    // Whoever is refused holds up neither those who may come nor those who are to leave.
    bench.apply(&analysts_with("members: { users: [bob, chief] }")).await;
    has_members(&bench, "analysts", &["bob"]).await;
    let message = bench.says(GROUP, "analysts", "Stalled", "Protected").await;
    assert!(message.contains("\"chief\" has privileges that this namespace may not hand out"), "{message}");

    bench.patch(GROUP, "analysts", json!({ "spec": { "members": { "users": [] } } })).await;
    bench.ready(GROUP, "analysts").await;
    bench.thoughtspot.edit(|world| world.set_sub_groups("acme", "powerful", &["analysts"]).unwrap());
    let lists = || bench.thoughtspot.journal().iter().filter(|e| e.route == bench.calls().each_interval()[1]).count();
    let before = lists();
    let swept = async || if lists() >= before + 2 { Ok(()) } else { Err(format!("{} lists", lists())) };
    eventually("the groups are listed again", PATIENCE, swept).await;
    bench.patch(GROUP, "analysts", json!({ "spec": { "members": { "users": ["bob"] } } })).await;
    let message = bench.says(GROUP, "analysts", "Stalled", "NotGranted").await;
    assert!(message.contains("BYPASSRLS") && message.contains("spec.members"), "{message}");
    assert_eq!(members(&bench.thoughtspot.state(), "analysts"), Vec::<String>::new());
}

#[rstest]
#[tokio::test]
async fn a_member_added_by_a_call_whose_answer_was_lost_is_ours_to_remove(#[values(V1, V2)] dialect: Dialect) {
    let mut bench = Bench::start("lost-member", dialect).await;
    bench.tenant().await;
    people(&bench, &["bob"]);
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "analysts").await;
    bench.thoughtspot.fault(Rule::route(bench.calls().change_members, Action::CommitThenDrop).times(1));
    bench.patch(GROUP, "analysts", json!({ "spec": { "members": { "users": ["bob"] } } })).await;
    has_members(&bench, "analysts", &["bob"]).await;
    bench.end().await;
    bench.patch(GROUP, "analysts", json!({ "spec": { "members": Value::Null } })).await;
    bench.run();
    has_members(&bench, "analysts", &[]).await;
}

/// Those who are in it stay, though the group cannot tell yet, or any more, that they are those it declares.
#[rstest]
#[tokio::test]
async fn nobody_leaves_because_a_declaration_could_not_be_resolved(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("unresolved", dialect).await;
    bench.tenant().await;
    people(&bench, &["ana", "bob", "eve"]);
    bench.thoughtspot.edit(|world| {
        world.create_group("acme", "analysts", "Analysts").unwrap();
        ["ana", "eve"].iter().for_each(|user| world.add_to_group("acme", "analysts", user).unwrap());
    });
    let ana = ANA.replace("groups: [analysts]", "groups: []").replace("displayName", "suspend: true\n  displayName");
    bench.apply(&ana.replace("name: ana ", "name: the-lady ").replace("instanceRef", "name: ana\n  instanceRef")).await;
    let fields =
        "adoptionPolicy: Adopt, membership: { users: Exclusive }, members: { users: [bob], userRefs: [{ name: the-lady }] }";
    bench.apply(&analysts_with(fields)).await;
    has_members(&bench, "analysts", &["ana", "bob"]).await;

    // Adopted and let go again, as one does to split a resource: while nobody stands for ana, nobody knows whom the group means.
    bench
        .patch(USER, "the-lady", json!({ "spec": { "suspend": false, "adoptionPolicy": "Adopt", "deletionPolicy": "Retain" } }))
        .await;
    bench.ready(USER, "the-lady").await;
    bench.patch(GROUP, "analysts", json!({ "spec": { "membership": null } })).await;
    bench.ready(GROUP, "analysts").await;
    bench.thoughtspot.edit(|world| world.remove_from_group("acme", "analysts", "ana").unwrap());
    has_members(&bench, "analysts", &["ana", "bob"]).await; // added by us now
    bench.delete(USER, "the-lady").await;
    bench.gone(USER, "the-lady").await;
    bench.says(GROUP, "analysts", "ReferencesResolved", "NotReady").await;
    bench.request(GROUP, "analysts", "1").await;
    assert_eq!(members(&bench.thoughtspot.state(), "analysts"), ["ana", "bob"]);
    bench.patch(GROUP, "analysts", json!({ "spec": { "members": { "users": ["bob"], "userRefs": null } } })).await;
    has_members(&bench, "analysts", &["bob"]).await;
}

#[tokio::test]
async fn a_group_lists_at_most_a_thousand_members() {
    let bench = Bench::idle("thousand", V2).await;
    let users: Vec<String> = (0..990).map(|n| format!("u{n}")).collect();
    let refs = |many: usize| (0..many).map(|n| format!("{{ name: r{n} }}")).collect::<Vec<_>>().join(", ");
    let group = |many| analysts_with(&format!("members: {{ users: [{}], userRefs: [{}] }}", users.join(", "), refs(many)));
    bench.apply(&group(10)).await;
    let refusal = bench.try_apply(&group(11)).await.unwrap_err();
    assert!(refusal.contains("list at most 1000 members"), "{refusal}");
}
