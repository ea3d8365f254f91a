//! Tags, in v2; putting them on objects is among the calls about content.

use thoughtspot_client::v2::tags::{CreateTag, SearchTags, UpdateTag};

use super::{Table, call};
use crate::new_org;

#[tokio::test]
async fn every_call_about_tags_is_understood() {
    calls().await;
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.client();
    let org = new_org(&far, "acme").await.id;
    let new = CreateTag { name: "gold".to_owned(), color: Some("#FFD700".to_owned()) };
    let made = call!(table, far.tags(org), create(&new));
    call!(table, far.tags(org), update(&made.id, &UpdateTag { name: Some("golden".to_owned()), color: None }));

    let filters = SearchTags {
        tag_identifier: Some(made.id.clone()),
        name_pattern: Some("GOLD%".to_owned()),
        color: Some("#ffd700".to_owned()),
    };
    let found = call!(table, far.tags(org), search(&filters));
    let [row] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((row.name.as_str(), row.color.as_deref()), ("golden", Some("#ffd700")));

    call!(table, far.tags(org), delete(&made.id));
    assert_eq!(far.tags(org).search(&SearchTags::default()).await.unwrap(), []);
    table
}
