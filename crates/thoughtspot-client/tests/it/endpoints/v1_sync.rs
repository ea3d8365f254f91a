//! The users and groups of an Org made equal to a list, in v1.

use thoughtspot_client::domain::Lookup;
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::v1::{Principal, Sync, Unlisted};

use super::{Table, call};
use crate::{new_org, new_user};

#[tokio::test]
async fn every_call_about_synchronisation_is_understood() {
    calls().await;
}

/// A group, and a user in it, with every field that may be there.
fn principals() -> Vec<Principal> {
    let analysts = Principal {
        name: "analysts".to_owned(),
        display_name: "Analysts".to_owned(),
        description: Some("who look".to_owned()),
        kind: "LOCAL_GROUP".to_owned(),
        visibility: Some("DEFAULT".to_owned()),
        ..Principal::default()
    };
    let ana = Principal {
        name: "ana".to_owned(),
        display_name: "Ana Diaz".to_owned(),
        mail: Some("ana@example.com".to_owned()),
        kind: "LOCAL_USER".to_owned(),
        group_names: ["analysts".to_owned()].into(),
        visibility: Some("NON_SHARABLE".to_owned()),
        password: Some(Secret::new("CANARY-first-password")),
        ..Principal::default()
    };
    vec![analysts, ana]
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.v1();
    let org = new_org(&far, "acme").await.id;
    new_user(&far, org, "bo").await;
    let (users, password) = (far.users(org), Secret::new("CANARY-default-password"));

    let planned = users.synchronise(&principals(), Sync::DryRun, Unlisted::Delete, Some(&password)).await.unwrap();
    assert_eq!((planned.users_added, planned.users_deleted), (vec!["ana".to_owned()], vec!["bo".to_owned()]));
    assert_eq!(far.find_user(org, Lookup::Name("ana")).await.unwrap(), None, "nothing is done");

    let done = call!(table, users, synchronise(&principals(), Sync::Apply, Unlisted::Keep, Some(&password)));
    assert_eq!((done.users_added, done.groups_added), (vec!["ana".to_owned()], vec!["analysts".to_owned()]));
    let analysts = far.find_group(org, Lookup::Name("analysts")).await.unwrap().unwrap();
    let ana = far.find_user(org, Lookup::Name("ana")).await.unwrap().unwrap();
    assert!(ana.groups.contains(&analysts.id), "{ana:?}");
    assert!(far.find_user(org, Lookup::Name("bo")).await.unwrap().is_some(), "who is not listed stays");

    let done = users.synchronise(&principals(), Sync::Apply, Unlisted::Delete, None).await.unwrap();
    assert_eq!(done.users_deleted, ["bo"]);
    assert_eq!(far.find_user(org, Lookup::Name("bo")).await.unwrap(), None);
    table
}
