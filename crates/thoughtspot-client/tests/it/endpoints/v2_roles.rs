//! Roles, in v2.

use thoughtspot_client::Error;
use thoughtspot_client::domain::OrgId;
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::v2::change::{Change, Whole};
use thoughtspot_client::v2::groups::{GroupList, UpdateGroup};
use thoughtspot_client::v2::roles::{CreateRole, SearchRoles, UpdateRole};
use thoughtspot_client::v2::words::RolePermission;

use super::{Table, call};
use crate::{Bench, new_group, new_org};

#[tokio::test]
async fn every_call_about_roles_is_understood() {
    calls().await;
}

fn lookers() -> CreateRole {
    CreateRole {
        name: "lookers".to_owned(),
        description: Some("who look".to_owned()),
        privileges: ["DATADOWNLOADING".to_owned()].into(),
        read_only: false,
    }
}

/// Every filter that finds it.
fn lookers_and_nothing_else(org: OrgId) -> SearchRoles {
    let one = |text: &str| Some(NonEmpty::one(text.to_owned()));
    SearchRoles {
        role_identifiers: one("lookers"),
        org_identifiers: Some(NonEmpty::one(org)),
        group_identifiers: one("analysts"),
        privileges: one("DATADOWNLOADING"),
        permissions: Some(NonEmpty::one(RolePermission::Modify)),
        ..SearchRoles::default()
    }
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    table.bench.sim.set(|settings| settings.rbac = true);
    let far = table.bench.client();
    let org = new_org(&far, "acme").await.id;
    let analysts = new_group(&far, org, "analysts").await;
    let made = call!(table, far.roles(org), create(&lookers()));
    let list = Some(GroupList::Roles(Change::Add(NonEmpty::one(made.id.clone()))));
    far.groups(org).update(&analysts.id, &UpdateGroup { list, ..UpdateGroup::default() }).await.unwrap();

    let found = call!(table, far.roles(org), search(&lookers_and_nothing_else(org)));
    let [row] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((&row.id, row.groups[0].id.as_ref()), (&made.id, Some(&analysts.id)));
    assert_eq!(row.orgs.as_ref().unwrap()[0].id, Some(org));

    let privileges = Some(Whole::of(["DEVELOPER".to_owned()]));
    let change = UpdateRole { name: "builders".to_owned(), description: None, privileges };
    let now = call!(table, far.roles(org), update(&made.id, &change));
    assert_eq!((now.name.as_str(), now.description.as_str()), ("builders", "who look"));
    assert_eq!(now.privileges, ["DEVELOPER".to_owned()].into());

    call!(table, far.roles(org), delete(&made.id));
    let left = far.roles(org).search(&SearchRoles::default()).await.unwrap();
    assert!(left.iter().all(|role| role.id != made.id), "{left:?}");
    table
}

#[tokio::test]
async fn a_role_is_read_only_for_good_only_if_that_was_asked() {
    let bench = Bench::new().await;
    bench.sim.set(|settings| settings.rbac = true);
    let far = bench.client();
    let roles = far.roles(OrgId::PRIMARY);
    let open = roles.create(&lookers()).await.unwrap();
    assert_eq!(open.permission, Some(RolePermission::Modify));
    let shut = roles.create(&CreateRole { name: "shut".to_owned(), read_only: true, ..lookers() }).await.unwrap();
    assert_eq!(shut.permission, Some(RolePermission::ReadOnly));
    assert!(roles.delete(&shut.id).await.is_err());
    roles.delete(&open.id).await.unwrap();
}

#[tokio::test]
async fn where_roles_are_off_a_search_says_so() {
    let bench = Bench::new().await;
    let outcome = bench.client().roles(OrgId::PRIMARY).search(&SearchRoles::default()).await;
    assert!(matches!(outcome, Err(Error::Forbidden { .. })), "{outcome:?}");
}
