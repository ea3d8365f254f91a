//! Roles, in v1.

use thoughtspot_client::Error;
use thoughtspot_client::domain::{ListChange, OrgId};
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::v1::{RoleBody, RoleFilter};

use super::{Table, call};
use crate::{new_group, new_org};

#[tokio::test]
async fn every_call_about_roles_is_understood() {
    calls().await;
}

fn body(name: &str, privilege: &str) -> RoleBody {
    RoleBody { name: name.to_owned(), description: Some("who look".to_owned()), privileges: Some([privilege.to_owned()].into()) }
}

fn one(text: &str) -> Option<NonEmpty<String>> {
    Some(NonEmpty::one(text.to_owned()))
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    table.bench.sim.set(|settings| settings.rbac = true);
    let far = table.bench.v1();
    let org = new_org(&far, "acme").await.id;
    new_group(&far, org, "analysts").await;
    let (roles, groups) = (far.roles(org), far.groups(org));
    let made = call!(table, roles, create(&body("lookers", "DATADOWNLOADING")));
    assert_eq!((made.name.as_str(), &made.privileges), ("lookers", &["DATADOWNLOADING".to_owned()].into()));

    let analysts = NonEmpty::one("analysts".to_owned());
    call!(table, groups, change_role(&made.id, &analysts, ListChange::Add));
    let filter = RoleFilter {
        roles: one("lookers"),
        orgs: Some(NonEmpty::one(org)),
        groups: one("analysts"),
        privileges: one("DATADOWNLOADING"),
    };
    let found = call!(table, roles, search(&filter));
    assert_eq!(found.iter().map(|role| role.id.as_str()).collect::<Vec<_>>(), [made.id.as_str()]);
    call!(table, groups, change_role(&made.id, &analysts, ListChange::Remove));
    assert_eq!(roles.search(&filter).await.unwrap(), []);

    let now = call!(table, roles, update(&made.id, &body("builders", "DEVELOPER")));
    assert_eq!((&now.id, now.name.as_str(), now.privileges), (&made.id, "builders", ["DEVELOPER".to_owned()].into()));
    call!(table, roles, delete(&made.id));
    let left = roles.search(&RoleFilter::default()).await.unwrap();
    assert!(left.iter().all(|role| role.id != made.id), "{left:?}");
    table
}

#[tokio::test]
async fn where_roles_are_off_nobody_is_given_one() {
    let table = Table::new(module_path!()).await;
    let far = table.bench.v1();
    let outcome = far.roles(OrgId::PRIMARY).create(&body("lookers", "DEVELOPER")).await;
    assert!(matches!(outcome, Err(Error::Forbidden { .. } | Error::Refused { .. })), "{outcome:?}");
}
