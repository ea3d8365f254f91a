//! Orgs, in v2.

use super::{Table, call};
use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::v2::change::Change;
use thoughtspot_client::v2::orgs::{CreateOrg, OrgList, SearchOrgs, UpdateOrg};
use thoughtspot_client::v2::words::OrgStatus;

use crate::new_user;

#[tokio::test]
async fn every_call_about_orgs_is_understood() {
    calls().await;
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.client();
    let ana = new_user(&far, OrgId::PRIMARY, "ana").await;
    let new = CreateOrg { name: "acme".to_owned(), description: Some("a tenant".to_owned()) };
    let acme = call!(table, far.orgs(), create(&new)).id;
    let members = Change::Add(NonEmpty::one(ana.id.clone()));
    let patch = UpdateOrg { name: Some("acme-2".to_owned()), list: Some(OrgList::Users(members)), ..UpdateOrg::default() };
    call!(table, far.orgs(), update(acme, &patch));
    let of_ana = SearchOrgs {
        org_identifier: Some("acme-2".to_owned()),
        status: Some(OrgStatus::Active),
        user_identifiers: Some(NonEmpty::one(ana.id.clone())),
        ..SearchOrgs::default()
    };
    let found = call!(table, far.orgs(), search(&of_ana));
    assert_eq!(
        found.iter().map(|org| (org.id, org.name.as_str(), org.description.as_str())).collect::<Vec<_>>(),
        [(acme, "acme-2", "a tenant")]
    );
    assert!(far.find_user(acme, Lookup::Id(&ana.id)).await.unwrap().is_some());
    call!(table, far.orgs(), delete(acme));
    assert_eq!(far.find_org(Lookup::Id(&acme)).await.unwrap(), None);
    table
}
