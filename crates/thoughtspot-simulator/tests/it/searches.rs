//! What searches of users and groups find, and how they page.

use crate::support::{Caller, plain, simulator};
use serde_json::{Value, json};
use thoughtspot_simulator::settings::ListOrder;
use thoughtspot_simulator::{Action, Rule, Simulator};

/// Orgs acme and beta. Users u-00 to u-24 in acme, solo in beta, ana in both. A group Analyst in each, ana in that of acme.
async fn crowd() -> (Simulator, i32) {
    let simulator = plain().await;
    let org = simulator.edit(|world| {
        let org = world.create_org("acme", None).unwrap();
        world.create_org("beta", None).unwrap();
        for number in 0..25 {
            world.create_user(&format!("u-{number:02}"), &format!("User {number}"), &["acme"]).unwrap();
        }
        world.create_user("solo", "Solo", &["beta"]).unwrap();
        world.create_user("ana", "Ana", &["acme", "beta"]).unwrap();
        world.set_user_email("ana", "ana@example.com").unwrap();
        for org in ["acme", "beta"] {
            world.create_group(org, "Analyst", "Analysts").unwrap();
        }
        world.describe_group("acme", "Analyst", "reads").unwrap();
        world.add_to_group("acme", "Analyst", "ana").unwrap();
        world.create_group("acme", "Parent", "Parents").unwrap();
        world.set_sub_groups("acme", "Parent", &["Analyst"]).unwrap();
        world.set_privileges("acme", "Parent", &["DEVELOPER"]).unwrap();
        org
    });
    (simulator, org)
}

fn page(offset: i32, size: i32) -> Value {
    json!({"record_offset": offset, "record_size": size, "sort_options": {"field_name": "NAME", "order": "ASC"}})
}

#[tokio::test]
async fn a_page_has_ten_rows_unless_asked_otherwise() {
    let (simulator, org) = crowd().await;
    let tenant = Caller::admin(&simulator, org).await;
    for (request, expected) in [
        (json!({}), 10),
        (json!({"record_offset": 20}), 6),
        (json!({"record_size": 100}), 26),
        (json!({"record_size": -1}), 26),
        (page(26, 5), 0),
    ] {
        assert_eq!(tenant.post("users/search", request.clone()).await.names().len(), expected, "{request}");
    }
    assert_eq!(simulator.counters().unbounded_searches, 1);
    let mut all = Vec::new();
    for offset in [0, 10, 20] {
        all.extend(tenant.post("users/search", page(offset, 10)).await.names());
    }
    assert_eq!(all.len(), 26);
    assert!(all.is_sorted(), "{all:?}");
    let descending = json!({"sort_options": {"field_name": "NAME", "order": "DESC"}, "record_size": 2});
    assert_eq!(tenant.post("users/search", descending).await.names(), ["u-24", "u-23"]);
    for bad in [0, -2] {
        assert_eq!(tenant.post("users/search", json!({"record_size": bad})).await.refusal(), (400, 10002));
    }
    simulator.set(|settings| settings.record_size_limit = Some(50));
    assert_eq!(tenant.post("groups/search", json!({"record_size": 51})).await.refusal(), (400, 10002));
}

#[tokio::test]
async fn primary_sees_every_org_and_a_tenant_its_own() {
    let (simulator, org) = crowd().await;
    let (primary, tenant) = (Caller::admin(&simulator, 0).await, Caller::admin(&simulator, org).await);
    let everything = json!({"record_size": 100});
    assert_eq!(primary.post("users/search", everything.clone()).await.names().len(), 4 + 25 + 2);
    assert_eq!(tenant.post("users/search", json!({"user_identifier": "solo"})).await.names().len(), 0);
    let analysts = json!({"group_identifier": "Analyst"});
    assert_eq!(primary.post("groups/search", analysts.clone()).await.names(), ["Analyst", "Analyst"]);
    assert_eq!(tenant.post("groups/search", analysts).await.names(), ["Analyst"]);
    simulator.edit(|world| world.create_user("plain", "Plain", &[])).unwrap();
    let plain = primary.signed_in("plain", 0).await;
    assert_eq!(plain.post("users/search", everything).await.names().len(), 5, "those of Primary only");
}

#[tokio::test]
async fn filters_of_users() {
    let (simulator, org) = crowd().await;
    let id = simulator.state().user("ana").unwrap().id.clone();
    let group = simulator.state().group("acme", "Analyst").unwrap().id.clone();
    let cases = [
        (json!({"user_identifier": "ana"}), 1),
        (json!({"user_identifier": id}), 1),
        (json!({"user_identifier": "Ana"}), 1),
        (json!({"user_identifier": "an"}), 0),
        (json!({"display_name": "User 3"}), 1),
        (json!({"name_pattern": "U-1%"}), 10),
        (json!({"email": "ana@example.com"}), 1),
        (json!({"visibility": "NON_SHARABLE"}), 0),
        (json!({"account_type": "SAML_USER"}), 0),
        (json!({"account_status": "ACTIVE"}), 31),
        (json!({"notify_on_share": false}), 0),
        (json!({"show_onboarding_experience": true}), 31),
        (json!({"onboarding_experience_completed": true}), 0),
        (json!({"org_identifiers": [org.to_string()]}), 26),
        (json!({"org_identifiers": [org]}), 26),
        (json!({"org_identifiers": ["acme", "beta"]}), 27),
        (json!({"org_identifiers": ["acme"], "name_pattern": "%a%"}), 1),
        (json!({"group_identifiers": ["Analyst"]}), 1),
        (json!({"group_identifiers": [group, "System"]}), 2),
        (json!({"privileges": ["ADMINISTRATION"]}), 2),
        (json!({"home_liveboard_identifier": "x"}), 0),
        (json!({"role_identifiers": ["x"]}), 0),
    ];
    let primary = Caller::admin(&simulator, 0).await;
    for (mut filter, expected) in cases {
        filter["record_size"] = json!(100);
        assert_eq!(primary.post("users/search", filter.clone()).await.names().len(), expected, "{filter}");
    }
}

#[tokio::test]
async fn filters_of_groups() {
    let (simulator, org) = crowd().await;
    let id = simulator.state().group("acme", "Analyst").unwrap().id.clone();
    let cases = [
        (json!({}), vec!["Administrator", "All", "Analyst", "Parent"]),
        (json!({"group_identifier": id}), vec!["Analyst"]),
        (json!({"group_identifier": "analyst"}), vec![]),
        (json!({"name_pattern": "a%"}), vec!["Administrator", "All", "Analyst"]),
        (json!({"display_name": "Parents"}), vec!["Parent"]),
        (json!({"description": "reads"}), vec!["Analyst"]),
        (json!({"org_identifiers": [org.to_string()]}), vec!["Administrator", "All", "Analyst", "Parent"]),
        (json!({"org_identifiers": ["0"]}), vec![]),
        (json!({"privileges": ["DEVELOPER", "BYPASSRLS"]}), vec!["Parent"]),
        (json!({"user_identifiers": ["ana"]}), vec!["All", "Analyst"]),
        (json!({"sub_group_identifiers": ["Analyst"]}), vec!["Parent"]),
        (json!({"type": "LDAP_GROUP"}), vec![]),
        (json!({"visibility": "SHARABLE", "name_pattern": "p%"}), vec!["Parent"]),
        (json!({"default_liveboard_identifiers": ["x"]}), vec![]),
    ];
    let tenant = Caller::admin(&simulator, org).await;
    for (mut filter, expected) in cases {
        filter["sort_options"] = json!({"field_name": "NAME"});
        assert_eq!(tenant.post("groups/search", filter.clone()).await.names(), expected, "{filter}");
    }
}

#[tokio::test]
async fn members_are_left_out_on_request() {
    let (simulator, org) = crowd().await;
    let tenant = Caller::admin(&simulator, org).await;
    let request = json!({"group_identifier": "Parent"});
    assert_eq!(tenant.post("groups/search", request).await.ok()[0]["sub_groups"][0]["name"], "Analyst");
    let request = json!({"group_identifier": "Analyst"});
    assert_eq!(tenant.post("groups/search", request).await.ok()[0]["users"][0]["name"], "ana");
    for name in ["Parent", "Analyst"] {
        let request = json!({"group_identifier": name, "include_users": false, "include_sub_groups": false});
        let row = tenant.post("groups/search", request).await.ok();
        assert_eq!((&row[0]["users"], &row[0]["sub_groups"]), (&json!([]), &json!([])));
    }
}

#[tokio::test]
async fn a_miss_is_empty_or_an_error() {
    let (simulator, _org) = crowd().await;
    let primary = Caller::admin(&simulator, 0).await;
    for (path, filter) in [("users/search", "user_identifier"), ("groups/search", "group_identifier")] {
        simulator.set(|settings| settings.search_miss = 200);
        assert_eq!(primary.post(path, json!({ filter: "none" })).await.ok(), json!([]));
        simulator.set(|settings| settings.search_miss = 400);
        assert_eq!(primary.post(path, json!({ filter: "none" })).await.refusal(), (400, 13003));
        assert_eq!(primary.post(path, json!({"name_pattern": "none"})).await.ok(), json!([]));
    }
}

#[tokio::test]
async fn one_bad_row_takes_its_page_with_it() {
    let (simulator, org) = crowd().await;
    let tenant = Caller::admin(&simulator, org).await;
    let state = simulator.state();
    let (user, group) = (state.user("u-12").unwrap().id.clone(), state.group("acme", "Parent").unwrap().id.clone());
    simulator.set(|settings| settings.poison = vec![user.clone(), group]);
    tenant.post("users/search", page(0, 10)).await.ok();
    let refused = tenant.post("users/search", page(10, 10)).await;
    assert_eq!(refused.refusal(), (404, 13003));
    assert!(refused.text.contains(&user), "{refused:?}");
    tenant.post("users/search", page(20, 10)).await.ok();
    tenant.post("users/search", json!({"user_identifier": "u-13"})).await.ok();
    assert_eq!(tenant.post("users/search", json!({"user_identifier": user})).await.refusal(), (404, 13003));
    assert_eq!(tenant.post("groups/search", json!({})).await.refusal(), (404, 13003));
    simulator.set(|settings| settings.poison_unfiltered = false);
    tenant.post("users/search", page(10, 10)).await.ok();
    let filtered = json!({"org_identifiers": [org.to_string()], "record_size": 100});
    assert_eq!(tenant.post("users/search", filtered).await.refusal(), (404, 13003));
}

#[tokio::test]
async fn pages_can_be_shifted_at_their_boundary() {
    let (simulator, org) = crowd().await;
    let tenant = Caller::admin(&simulator, org).await;
    for (rows, second) in [(-1, "u-08"), (1, "u-10"), (0, "u-09")] {
        simulator.clear_faults();
        simulator.fault(Rule::route("POST users/search", Action::PageShift { rows }));
        assert_eq!(tenant.post("users/search", page(0, 10)).await.names()[9], "u-08");
        assert_eq!(tenant.post("users/search", page(10, 10)).await.names()[0], second, "{rows}");
    }
}

#[tokio::test]
async fn a_read_can_be_stale() {
    let (simulator, org) = crowd().await;
    let tenant = Caller::admin(&simulator, org).await;
    simulator.fault(Rule::route("*/search", Action::StaleRead).times(1));
    tenant.make_user("new").await;
    let request = json!({"user_identifier": "new"});
    assert_eq!(tenant.post("users/search", request.clone()).await.names().len(), 0);
    assert_eq!(tenant.post("users/search", request).await.names(), ["new"]);
}

#[tokio::test]
async fn lists_come_in_any_order_when_shuffled() {
    let simulator = simulator(|settings| settings.list_order = ListOrder::Shuffled).await;
    let primary = Caller::admin(&simulator, 0).await;
    let mut orders = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let row = primary.post("groups/search", json!({"group_identifier": "All"})).await.ok();
        orders.insert(row[0]["users"].to_string());
    }
    assert!(orders.len() > 1, "{orders:?}");
}
