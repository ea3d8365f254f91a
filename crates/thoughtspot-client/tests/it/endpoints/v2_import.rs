//! Users and groups made what a list says, in v2.

use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::v2::change::Whole;
use thoughtspot_client::v2::groups::{ImportGroup, ImportGroups};
use thoughtspot_client::v2::import::{Import, Imported, Unlisted};
use thoughtspot_client::v2::users::{ImportUser, ImportUsers};
use thoughtspot_client::v2::words::{AccountStatus, AccountType, GroupType, Visibility};

use super::{Table, call};
use crate::{new_group, new_org, new_user};

#[tokio::test]
async fn every_call_about_imports_is_understood() {
    calls().await;
}

fn names(rows: &[Imported]) -> Vec<&str> {
    rows.iter().map(|row| row.name.as_str()).collect()
}

/// One group, with every field that may be there.
fn analysts(mode: Import) -> ImportGroups {
    let group = ImportGroup {
        group_identifier: "analysts".to_owned(),
        display_name: "Analysts".to_owned(),
        description: Some("who look".to_owned()),
        privileges: Some(Whole::of(["DATADOWNLOADING".to_owned()])),
        sub_group_identifiers: Some(Whole::of(["interns".to_owned()])),
        user_identifiers: Some(Whole::of(["bo".to_owned()])),
        default_liveboard_identifiers: Some(Whole::Nothing),
        kind: Some(GroupType::LocalGroup),
        visibility: Some(Visibility::NonSharable),
    };
    ImportGroups { groups: NonEmpty::one(group), mode, unlisted: Unlisted::Keep }
}

/// One user, with every field that may be there but a home Liveboard.
fn ana(org: OrgId, mode: Import) -> ImportUsers {
    let user = ImportUser {
        user_identifier: "ana".to_owned(),
        display_name: "Ana Diaz".to_owned(),
        password: Some(Secret::new("CANARY-first-password")),
        account_type: Some(AccountType::LocalUser),
        account_status: Some(AccountStatus::Active),
        email: Some("ana@example.com".to_owned()),
        org_identifiers: Some(NonEmpty::one(org)),
        group_identifiers: Some(Whole::of(["analysts".to_owned()])),
        visibility: Some(Visibility::NonSharable),
        notify_on_share: Some(false),
        show_onboarding_experience: Some(false),
        onboarding_experience_completed: Some(true),
        home_liveboard_identifier: None,
        favorite_metadata: Some(Whole::Nothing),
        preferred_locale: Some("en-GB".to_owned()),
        use_browser_language: Some(false),
    };
    let default_password = Some(Secret::new("CANARY-default-password"));
    ImportUsers { users: NonEmpty::one(user), default_password, mode, unlisted: Unlisted::Keep }
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.client();
    let org = new_org(&far, "acme").await.id;
    let interns = new_group(&far, org, "interns").await;
    let bo = new_user(&far, org, "bo").await;

    let planned = far.groups(org).import(&analysts(Import::DryRun)).await.unwrap();
    assert_eq!((names(&planned.groups_added), planned.groups_added[0].id.as_ref()), (vec!["analysts"], None));
    assert_eq!(far.find_group(org, Lookup::Name("analysts")).await.unwrap(), None);
    let done = call!(table, far.groups(org), import(&analysts(Import::Apply)));
    assert_eq!((names(&done.groups_added), names(&done.groups_deleted)), (vec!["analysts"], vec![]));
    let made = far.find_group(org, Lookup::Name("analysts")).await.unwrap().unwrap();
    assert_eq!(done.groups_added[0].id.as_ref(), Some(&made.id));
    assert_eq!((made.description.as_str(), &made.sub_groups), ("who look", &[interns.id].into()));
    let bo = far.find_user(org, Lookup::Id(&bo.id)).await.unwrap().unwrap();
    assert!(bo.groups.contains(&made.id), "{bo:?}");

    let planned = far.users(org).import(&ana(org, Import::DryRun)).await.unwrap();
    assert_eq!((names(&planned.users_added), names(&planned.users_deleted)), (vec!["ana"], vec![]));
    assert_eq!(far.find_user(org, Lookup::Name("ana")).await.unwrap(), None);
    let done = call!(table, far.users(org), import(&ana(org, Import::Apply)));
    assert_eq!((names(&done.users_added), names(&done.users_deleted)), (vec!["ana"], vec![]));
    let now = far.find_user(org, Lookup::Name("ana")).await.unwrap().unwrap();
    assert_eq!((now.display_name.as_str(), &now.orgs), ("Ana Diaz", &[org].into()));
    assert!(now.groups.contains(&made.id), "{now:?}");
    table
}

#[tokio::test]
async fn who_is_not_listed_goes_only_if_that_is_said() {
    let table = Table::new(module_path!()).await;
    let far = table.bench.client();
    let org = new_org(&far, "acme").await.id;
    for name in ["interns", "temps"] {
        new_group(&far, org, name).await;
    }
    let group =
        ImportGroup { group_identifier: "interns".to_owned(), display_name: "Interns".to_owned(), ..ImportGroup::default() };
    let keep = ImportGroups { groups: NonEmpty::one(group), mode: Import::Apply, unlisted: Unlisted::Keep };
    let done = far.groups(org).import(&keep).await.unwrap();
    assert_eq!((names(&done.groups_updated), names(&done.groups_deleted)), (vec!["interns"], vec![]));
    let done = far.groups(org).import(&ImportGroups { unlisted: Unlisted::Delete, ..keep }).await.unwrap();
    assert_eq!(names(&done.groups_deleted), ["temps"]);
    assert_eq!(far.find_group(org, Lookup::Name("temps")).await.unwrap(), None);
}
