//! Groups and who is in them, in v1.

use std::collections::BTreeSet;

use thoughtspot_client::domain::{ListChange, Lookup, OrgId, Visibility};
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::port::ThoughtSpot;
use thoughtspot_client::v1::{UserRecord, Whole};

use super::{Table, call};
use crate::{group, new_group, new_org, new_user};

#[tokio::test]
async fn every_call_about_groups_is_understood() {
    calls().await;
}

fn names(records: Vec<UserRecord>) -> BTreeSet<String> {
    records.into_iter().map(|record| record.user.name).collect()
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.v1();
    let acme: OrgId = new_org(&far, "acme").await.id;
    let [ana, bo] = [new_user(&far, acme, "ana").await.id, new_user(&far, acme, "bo").await.id];
    let child = new_group(&far, acme, "child").await.id;
    let groups = far.groups(acme);
    let mut new = group("analysts");
    (new.visibility, new.description) = (Some(Visibility::NonSharable), "who look".to_owned());
    let made = call!(table, groups, create(&new));
    let id = made.id.clone();
    assert_eq!(call!(table, groups, get(&Lookup::Id(&id))), made);
    assert!(call!(table, groups, list()).contains(&made));
    let analysts = NonEmpty::one("analysts".to_owned());
    call!(table, groups, add_privilege("DATADOWNLOADING", &analysts));
    groups.add_privilege("DATAMANAGEMENT", &analysts).await.unwrap();
    call!(table, groups, remove_privilege("DATAMANAGEMENT", &analysts));
    let mut content = call!(table, groups, content(&id));
    content.set_description("who look closely");
    call!(table, groups, update(&id, &content, None));
    let now = groups.get(&Lookup::Id(&id)).await.unwrap();
    assert_eq!((now.description.as_str(), now.privileges), ("who look closely", ["DATADOWNLOADING".to_owned()].into()));

    call!(table, groups, change_member(&id, &ana, ListChange::Add));
    call!(table, groups, change_members(&id, &NonEmpty::one(bo.clone()), ListChange::Add));
    assert_eq!(names(call!(table, groups, members(&id))), ["ana".to_owned(), "bo".to_owned()].into());
    call!(table, groups, change_member(&id, &ana, ListChange::Remove));
    call!(table, groups, change_members(&id, &NonEmpty::one(bo.clone()), ListChange::Remove));
    assert_eq!(names(call!(table, groups, list_members(&id))), BTreeSet::new());
    call!(table, groups, replace_members(&id, &Whole::Exactly(NonEmpty::one(ana.clone()))));
    assert_eq!(names(groups.members(&id).await.unwrap()), ["ana".to_owned()].into());
    groups.replace_members(&id, &Whole::Nothing).await.unwrap();
    let (both, in_both) = (NonEmpty::new(ana, [bo]), NonEmpty::new(id.clone(), [child.clone()]));
    call!(table, groups, change_memberships(&both, &in_both, ListChange::Add));
    assert_eq!(groups.members(&child).await.unwrap().len(), 2);
    call!(table, groups, change_memberships(&both, &in_both, ListChange::Remove));
    assert_eq!(groups.members(&id).await.unwrap().len(), 0);

    call!(table, groups, change_sub_groups(&id, &NonEmpty::one(child.clone()), ListChange::Add));
    assert_eq!(call!(table, groups, sub_groups(&id))[0].parents, [id.clone()].into());
    assert_eq!(far.find_group(acme, Lookup::Id(&id)).await.unwrap().unwrap().sub_groups, [child.clone()].into());
    call!(table, groups, change_sub_groups(&id, &NonEmpty::one(child.clone()), ListChange::Remove));
    call!(table, groups, replace_sub_groups(&id, &Whole::Exactly(NonEmpty::one(child.clone()))));
    groups.replace_sub_groups(&id, &Whole::Nothing).await.unwrap();
    assert_eq!(groups.sub_groups(&id).await.unwrap(), []);
    call!(table, groups, delete(&id));
    assert_eq!(far.find_group(acme, Lookup::Id(&id)).await.unwrap(), None);
    table
}
