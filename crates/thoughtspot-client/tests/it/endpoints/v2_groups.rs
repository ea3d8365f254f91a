//! Groups, in v2.

use thoughtspot_client::domain::{Lookup, OrgId};
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::v2::change::Change;
use thoughtspot_client::v2::groups::{CreateGroup, GroupList, SearchGroups, UpdateGroup};
use thoughtspot_client::v2::words::{GroupType, Visibility};

use super::{Table, call};
use crate::{new_group, new_org, new_user};

#[tokio::test]
async fn every_call_about_groups_is_understood() {
    calls().await;
}

fn one(text: &str) -> Option<NonEmpty<String>> {
    Some(NonEmpty::one(text.to_owned()))
}

/// With every field that may be there where roles are off.
fn analysts() -> CreateGroup {
    CreateGroup {
        name: "analysts".to_owned(),
        display_name: "Analysts".to_owned(),
        description: Some("who look".to_owned()),
        privileges: ["DATADOWNLOADING".to_owned()].into(),
        sub_group_identifiers: vec!["interns".to_owned()],
        user_identifiers: vec!["ana".to_owned()],
        kind: Some(GroupType::LocalGroup),
        visibility: Some(Visibility::NonSharable),
        ..CreateGroup::default()
    }
}

/// Every filter that finds it.
fn analysts_and_nothing_else(org: OrgId) -> SearchGroups {
    SearchGroups {
        group_identifier: Some("analysts".to_owned()),
        name_pattern: Some("ANA%".to_owned()),
        display_name: Some("Analysts".to_owned()),
        description: Some("who look".to_owned()),
        org_identifiers: Some(NonEmpty::one(org)),
        privileges: one("DATADOWNLOADING"),
        sub_group_identifiers: one("interns"),
        user_identifiers: one("ana"),
        kind: Some(GroupType::LocalGroup),
        visibility: Some(Visibility::NonSharable),
        include_users: Some(true),
        include_sub_groups: Some(true),
        ..SearchGroups::default()
    }
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.client();
    let org = new_org(&far, "acme").await.id;
    let interns = new_group(&far, org, "interns").await;
    let ana = new_user(&far, org, "ana").await;
    let made = call!(table, far.groups(org), create(&analysts()));

    let found = call!(table, far.groups(org), search(&analysts_and_nothing_else(org)));
    let [row] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(row.id, made.id);
    assert_eq!(row.users.iter().map(|user| user.id.as_deref()).collect::<Vec<_>>(), [Some(ana.id.as_str())]);
    assert_eq!(row.orgs.as_ref().unwrap()[0].id, Some(org));

    for list in [
        GroupList::Privileges(Change::exactly(["DEVELOPER".to_owned()])),
        GroupList::SubGroups(Change::Remove(NonEmpty::one(interns.id.clone()))),
        GroupList::Users(Change::Clear),
    ] {
        let patch = UpdateGroup { list: Some(list), ..UpdateGroup::default() };
        far.groups(org).update(&made.id, &patch).await.unwrap();
    }
    call!(table, far.groups(org), update(&made.id, &UpdateGroup { name: Some("lookers".to_owned()), ..UpdateGroup::default() }));
    let lookers = SearchGroups { name_pattern: Some("look%".to_owned()), ..SearchGroups::default() };
    let now = far.groups(org).search(&lookers).await.unwrap().remove(0);
    assert_eq!((now.users.len(), now.sub_groups.len(), now.privileges), (0, 0, ["DEVELOPER".to_owned()].into()));

    call!(table, far.groups(org), delete(&made.id));
    assert_eq!(far.find_group(org, Lookup::Id(&made.id)).await.unwrap(), None);
    table
}
