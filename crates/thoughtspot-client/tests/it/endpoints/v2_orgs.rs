//! Orgs, in v2.

use super::{Table, call};
use thoughtspot_client::domain::{ListChange, Lookup, NewOrg, OrgId, OrgPatch};
use thoughtspot_client::port::ThoughtSpot;

use crate::new_user;

#[tokio::test]
async fn every_call_about_orgs_is_understood() {
    calls().await;
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.client();
    let ana = new_user(&far, OrgId::PRIMARY, "ana").await;
    let new = NewOrg { name: "acme".to_owned(), description: "a tenant".to_owned() };
    let acme = call!(table, &far, create_org(&new)).id;
    assert!(call!(table, &far, orgs()).iter().any(|org| org.id == acme));
    call!(table, &far, update_org(acme, &OrgPatch { name: Some("acme-2".to_owned()), description: None }));
    call!(table, &far, change_org_members(acme, &ana.id, ListChange::Add));
    assert_eq!(far.find_org(Lookup::Id(&acme)).await.unwrap().unwrap().name, "acme-2");
    assert!(far.find_user(acme, Lookup::Id(&ana.id)).await.unwrap().is_some());
    call!(table, &far, delete_org(acme));
    assert_eq!(far.find_org(Lookup::Id(&acme)).await.unwrap(), None);
    table
}
