//! What a group has besides its name: groups nested in it, roles, default Liveboards.

use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::GroupType;

use crate::bench::{ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, USER};

/// A group of `acme` with this much more in its spec.
fn group(name: &str, spec: Value) -> String {
    let mut object = json!({ "apiVersion": "thoughtspot.dev/v1alpha1", "kind": GROUP, "metadata": { "name": name }, "spec": { "orgRef": { "name": "acme" } } });
    object["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    object.to_string()
}

fn sub_groups(bench: &Bench, name: &str) -> Vec<String> {
    let mut names = bench.thoughtspot.state().group("acme", name).unwrap().sub_groups.clone();
    names.sort();
    names
}

#[rstest]
#[tokio::test]
async fn sub_groups_by_name_and_by_reference_are_the_set(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("nesting", dialect).await;
    bench.tenant().await;
    bench.apply(&group("managers", json!({ "subGroups": ["By hand"], "subGroupRefs": [{ "name": "analysts" }] }))).await;
    let message = bench.says(GROUP, "managers", "Reconciling", "NotReady").await;
    assert_eq!(message, "spec.subGroups: Org acme has no group named \"By hand\": correct the name, or create it");
    bench.apply(&group("by-hand", json!({ "name": "By hand" }))).await;
    let waits = "ThoughtSpotGroup analysts does not exist in this namespace";
    bench.says_in_with(&bench.namespace, GROUP, "managers", "ReferencesResolved", waits).await;
    bench.apply(ANALYSTS).await;
    bench.ready(GROUP, "managers").await;
    assert_eq!(sub_groups(&bench, "managers"), ["By hand", "analysts"]);

    // Somebody takes one out and puts another one in; what is built in stays, whoever nested it.
    bench.thoughtspot.edit(|world| {
        world.create_group("acme", "stray", "Stray").unwrap();
        world.set_sub_groups("acme", "managers", &["stray", "analysts", "Administrator"]).unwrap();
    });
    let whole = ["Administrator", "By hand", "analysts"];
    bench.thoughtspot_shows("the declared set is back", |_| sub_groups(&bench, "managers") == whole).await;

    bench.patch(GROUP, "managers", json!({ "spec": { "subGroups": null, "subGroupRefs": [] } })).await;
    bench.ready(GROUP, "managers").await;
    assert_eq!(sub_groups(&bench, "managers"), ["Administrator"]);
    bench.patch(GROUP, "managers", json!({ "spec": { "subGroupRefs": null } })).await;
    bench.thoughtspot.edit(|world| world.set_sub_groups("acme", "managers", &["stray"])).unwrap();
    bench.request(GROUP, "managers", "1").await;
    bench.ready(GROUP, "managers").await;
    assert_eq!(sub_groups(&bench, "managers"), ["stray"], "unset is not managed");
}

/// What the outer one takes out is due to end, so it settles for a moment; in that the inner one still is where it was.
#[rstest]
#[tokio::test]
async fn two_groups_change_places_and_the_one_that_was_refused_is_woken(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("places", dialect).await;
    bench.tenant().await;
    // So long that nobody comes by but who is woken.
    bench.patch(INSTANCE, "ts", json!({ "spec": { "syncInterval": "1h" } })).await;
    bench.ready(INSTANCE, "ts").await;
    bench.apply(&group("inner", json!({}))).await;
    bench.apply(&group("outer", json!({ "subGroupRefs": [{ "name": "inner" }] }))).await;
    bench.ready(GROUP, "outer").await;

    bench.patch(GROUP, "inner", json!({ "spec": { "subGroupRefs": [{ "name": "outer" }] } })).await;
    bench.says(GROUP, "inner", "Stalled", "Invalid").await;
    bench.patch(GROUP, "outer", json!({ "spec": { "subGroupRefs": [] } })).await;
    bench.ready(GROUP, "inner").await;
    assert_eq!((sub_groups(&bench, "inner"), sub_groups(&bench, "outer")), (vec!["outer".to_owned()], vec![]));
}

#[rstest]
#[tokio::test]
async fn groups_inside_one_another_are_refused_before_any_call(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("circles", dialect).await;
    bench.tenant().await;
    bench.thoughtspot.set(|s| s.allow_sub_group_cycles = true);
    bench.thoughtspot.edit(|world| {
        world.create_group("acme", "staff", "Staff").unwrap();
        world.create_group("acme", "everyone", "Everyone").unwrap();
    });
    bench.apply(&group("managers", json!({}))).await;
    bench.ready(GROUP, "managers").await;
    bench.thoughtspot.edit(|world| {
        world.set_sub_groups("acme", "everyone", &["staff"]).unwrap();
        world.set_sub_groups("acme", "staff", &["managers"]).unwrap();
    });
    let writes = bench.thoughtspot.counters().writes;
    bench.patch(GROUP, "managers", json!({ "spec": { "subGroups": ["everyone"] } })).await;
    let message = bench.says(GROUP, "managers", "Stalled", "Invalid").await;
    let circle = "spec.subGroups: a group cannot be inside itself (managers → everyone → staff → managers): take one of them out";
    assert_eq!(message, circle);
    assert_eq!(bench.thoughtspot.counters().writes, writes, "nothing was asked for");

    // Two that wait for each other would wait for ever.
    bench.apply(&group("hen", json!({ "subGroupRefs": [{ "name": "egg" }] }))).await;
    bench.apply(&group("egg", json!({ "subGroups": ["hen"] }))).await;
    for (name, way) in [("hen", "(hen → egg → hen)"), ("egg", "(egg → hen → egg)")] {
        bench.says_in_with(&bench.namespace, GROUP, name, "Stalled", way).await;
        assert!(bench.thoughtspot.state().group("acme", name).is_none());
    }
    bench.patch(GROUP, "egg", json!({ "spec": { "subGroups": null } })).await;
    bench.ready(GROUP, "egg").await;
    bench.ready(GROUP, "hen").await;
    // Of two that exist, the one that is inside stays so, and the other one is refused.
    bench.patch(GROUP, "egg", json!({ "spec": { "subGroups": ["hen"] } })).await;
    bench.says_in_with(&bench.namespace, GROUP, "egg", "Stalled", "(egg → hen → egg)").await;
    bench.request(GROUP, "hen", "1").await;
    bench.ready(GROUP, "hen").await;
    assert_eq!((sub_groups(&bench, "hen"), sub_groups(&bench, "egg")), (vec!["egg".to_owned()], vec![]));
}

/// A sub-group is a privilege, too: its members get what the groups around it give.
#[rstest]
#[tokio::test]
async fn nesting_gives_nobody_more_than_the_grant(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("nested", dialect).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    bench.apply(&group("interns", json!({}))).await;
    bench.ready(GROUP, "analysts").await;
    bench.ready(GROUP, "interns").await;
    // Unknown to the operator, which has just read the list of groups.
    bench.thoughtspot.edit(|world| {
        for (outer, inner) in [("middle", "analysts"), ("powerful", "middle")] {
            world.create_group("acme", outer, outer).unwrap();
            world.set_sub_groups("acme", outer, &[inner]).unwrap();
        }
        world.set_privileges("acme", "powerful", &["BYPASSRLS"]).unwrap();
    });
    bench.patch(GROUP, "analysts", json!({ "spec": { "subGroupRefs": [{ "name": "interns" }] } })).await;
    let message = bench.says(GROUP, "analysts", "Stalled", "NotGranted").await;
    let expected =
        "spec.subGroups: members of groups nested in \"analysts\" get BYPASSRLS, which this namespace may not hand out: a grant";
    assert!(message.starts_with(expected), "{message}");
    assert!(sub_groups(&bench, "analysts").is_empty());
    let privileges = "privileges: [BYPASSRLS, DATADOWNLOADING]";
    bench.apply(&format!("{CONNECTION}  grants: [{{ name: own, namespaces: {{ from: Same }}, {privileges} }}]\n")).await;
    bench.ready(GROUP, "analysts").await;
    assert_eq!(sub_groups(&bench, "analysts"), ["interns"]);
}

#[rstest]
#[tokio::test]
async fn groups_have_roles_where_roles_are_and_the_wrong_one_is_refused(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::with("roles", dialect, |s| s.rbac = true).await;
    bench.tenant().await;
    bench.apply(ANALYSTS).await;
    let message = bench.says(GROUP, "analysts", "Stalled", "Invalid").await;
    let with =
        "spec.privileges: this ThoughtSpot has role-based access control, where groups have roles: write spec.roles instead";
    assert_eq!(message, with);

    bench.patch(GROUP, "analysts", json!({ "spec": { "privileges": null, "roles": ["Loader"] } })).await;
    let message = bench.says(GROUP, "analysts", "Reconciling", "NotReady").await;
    assert_eq!(message, "spec.roles: Org acme has no role named \"Loader\": correct the name, or create it");
    bench.thoughtspot.edit(|world| {
        world.create_role("acme", "Loader", &["DATAMANAGEMENT"]).unwrap();
        world.create_role("acme", "Boss", &["USER_ADMINISTRATION"]).unwrap();
    });
    bench.request(GROUP, "analysts", "1").await;
    bench.ready(GROUP, "analysts").await;
    let roles = || bench.thoughtspot.state().group("acme", "analysts").unwrap().roles.clone();
    assert_eq!(roles(), ["Loader"]);

    bench.patch(GROUP, "analysts", json!({ "spec": { "roles": ["Boss", "Loader"] } })).await;
    let message = bench.says(GROUP, "analysts", "Stalled", "NotGranted").await;
    assert!(
        message.starts_with("spec.roles: role \"Boss\" of Org acme gives USER_ADMINISTRATION, which this namespace may not"),
        "{message}"
    );
    bench.patch(GROUP, "analysts", json!({ "spec": { "roles": ["Loader"] } })).await;
    bench.ready(GROUP, "analysts").await;
    bench.thoughtspot.edit(|world| world.set_roles("acme", "analysts", &[])).unwrap();
    bench.thoughtspot_shows("the role is back", |_| roles() == ["Loader"]).await;

    // What a role gives counts for whoever joins a group that has it.
    bench.thoughtspot.edit(|world| {
        world.create_group("acme", "bosses", "Bosses").unwrap();
        world.set_roles("acme", "bosses", &["Boss"]).unwrap();
    });
    bench.apply(&ANA.replace("analysts", "bosses")).await;
    let message = bench.says(USER, "ana", "Stalled", "NotGranted").await;
    assert!(message.contains("USER_ADMINISTRATION"), "{message}");
}

#[rstest]
#[tokio::test]
async fn roles_are_refused_where_there_are_none(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("no-roles", dialect).await;
    bench.tenant().await;
    let asked = || {
        let routes = bench.thoughtspot.counters().routes;
        ["POST roles/search", "POST v1/role/search"].iter().filter_map(|route| routes.get(*route)).sum::<u64>()
    };
    bench.apply(&group("analysts", json!({ "privileges": ["SHAREWITHALL"] }))).await;
    bench.ready(GROUP, "analysts").await;
    assert_eq!(asked(), 0, "who has privileges costs no question about roles");
    bench.apply(&group("analysts", json!({ "roles": ["Loader"] }))).await;
    let message = bench.says(GROUP, "analysts", "Stalled", "Invalid").await;
    let without = "spec.roles: this ThoughtSpot has no role-based access control, without which groups have no roles: write spec.privileges \
                   instead";
    assert_eq!(message, without);
    assert!(asked() > 0);
    assert_eq!(bench.thoughtspot.state().group("acme", "analysts").unwrap().privileges, ["SHAREWITHALL"]);
}

#[rstest]
#[tokio::test]
async fn default_liveboards_are_set_where_the_dialect_can(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("liveboards", dialect).await;
    bench.tenant().await;
    let liveboard = bench.thoughtspot.edit(|world| {
        world.create_user("ana", "Ana", &["acme"]).unwrap();
        world.create_liveboard("acme", "ana", "Sales", &[]).unwrap()
    });
    bench.apply(&group("analysts", json!({ "defaultLiveboards": [{ "id": liveboard }] }))).await;
    if dialect == V1 {
        let message = bench.says(GROUP, "analysts", "Stalled", "Invalid").await;
        assert!(message.starts_with("spec.defaultLiveboards: they cannot be set with dialect V1: leave them out"), "{message}");
        assert!(bench.thoughtspot.state().group("acme", "analysts").is_none());
        bench.thoughtspot.edit(|world| world.create_group("acme", "by-hand", "By hand").unwrap());
        bench.thoughtspot.edit(|world| world.set_default_liveboards("acme", "by-hand", &[&liveboard])).unwrap();
        let adopted = json!({ "defaultLiveboards": [{ "id": liveboard }], "adoptionPolicy": "Adopt" });
        bench.apply(&group("by-hand", adopted)).await;
        bench.ready(GROUP, "by-hand").await;
        return;
    }
    bench.ready(GROUP, "analysts").await;
    let shown = || bench.thoughtspot.state().content.iter().flat_map(|object| object.default_of.clone()).collect::<Vec<_>>();
    assert_eq!(shown(), ["analysts"]);
    bench.patch(GROUP, "analysts", json!({ "spec": { "defaultLiveboards": [] } })).await;
    bench.ready(GROUP, "analysts").await;
    assert!(shown().is_empty());
}

#[rstest]
#[tokio::test]
async fn an_upgrade_that_renames_privileges_is_no_drift(#[values(V1, V2)] dialect: Dialect) {
    let bench = Bench::start("renamed", dialect).await;
    bench.tenant().await;
    let spec = json!({ "type": "TEAM_GROUP", "privileges": ["DATADOWNLOADING", "PREVIEW_THOUGHTSPOT_SAGE"] });
    bench.apply(&group("analysts", spec)).await;
    bench.ready(GROUP, "analysts").await;
    assert_eq!(bench.thoughtspot.state().group("acme", "analysts").unwrap().kind, GroupType::TeamGroup);
    let now = ["CAN_DOWNLOAD_DETAILED_DATA", "CAN_DOWNLOAD_VISUALS", "CAN_USE_SPOTTER"];
    bench.thoughtspot.edit(|world| world.set_privileges("acme", "analysts", &now)).unwrap();
    let writes = bench.thoughtspot.counters().writes;
    bench.request(GROUP, "analysts", "1").await;
    bench.ready(GROUP, "analysts").await;
    assert_eq!(bench.thoughtspot.counters().writes, writes);
    // What is added then is added to what the server calls them now.
    let more = json!(["DATADOWNLOADING", "PREVIEW_THOUGHTSPOT_SAGE", "SHAREWITHALL"]);
    bench.patch(GROUP, "analysts", json!({ "spec": { "privileges": more } })).await;
    bench.ready(GROUP, "analysts").await;
    let mut held = bench.thoughtspot.state().group("acme", "analysts").unwrap().privileges.clone();
    held.sort();
    assert_eq!(held, [now.as_slice(), &["SHAREWITHALL"]].concat());
}
