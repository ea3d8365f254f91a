//! Orgs, in v1.

use thoughtspot_client::domain::{Lookup, NewOrg, OrgId, OrgPatch};
use thoughtspot_client::port::ThoughtSpot;

use super::{Table, call};

#[tokio::test]
async fn every_call_about_orgs_is_understood() {
    calls().await;
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.v1();
    let new = NewOrg { name: "acme".to_owned(), description: "a tenant".to_owned() };
    let made = call!(table, far.orgs(), create(&new));
    assert!(made.all_group.is_some() && made.administrators.is_some() && made.provenance.author.is_some(), "{made:?}");
    let acme = made.org.id;
    assert_eq!(call!(table, far.orgs(), get(&Lookup::Id(&acme))), made);
    assert!(call!(table, far.orgs(), search(None)).iter().any(|record| record.org.id == OrgId::PRIMARY));
    assert_eq!(far.orgs().search(Some(&Lookup::Name("acme"))).await.unwrap(), [made]);
    let patch = OrgPatch { name: Some("acme-2".to_owned()), description: Some(String::new()) };
    let now = call!(table, far.orgs(), update(acme, &patch)).org;
    assert_eq!((now.name.as_str(), now.description.as_str()), ("acme-2", ""));
    call!(table, far.orgs(), delete(acme));
    assert_eq!(far.find_org(Lookup::Id(&acme)).await.unwrap(), None);
    table
}
