//! Sharing, permissions, authors and tags on content, in v2.

use thoughtspot_client::content::{PermissionType, ShareMode};
use thoughtspot_client::domain::OrgId;
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::v2::objects::metadata::{AssignAuthor, Authored, MetadataFilter, MetadataRow, SearchMetadata};
use thoughtspot_client::v2::objects::permissions::{DefaultMetadataType, OfMetadata, OfPrincipals};
use thoughtspot_client::v2::objects::sharing::{Grant, Share, Shareable, SharedObjects};
use thoughtspot_client::v2::objects::tagging::{Taggable, TaggedObjects};
use thoughtspot_client::v2::objects::{MetadataType, Object, Principal};

use super::library::Library;
use super::{Table, call};

#[tokio::test]
async fn every_call_about_sharing_is_understood() {
    calls().await;
}

/// A share of the Liveboard with the analysts.
fn share(library: &Library, mode: ShareMode) -> Share {
    let metadata_identifiers = NonEmpty::one(library.liveboard.clone());
    let objects = SharedObjects::OfOneType { metadata_type: Shareable::Liveboard, metadata_identifiers };
    Share::silently(objects, NonEmpty::one(Grant::new(Principal::group("Analyst"), mode)))
}

/// Who was given what of the Liveboard.
fn given(library: &Library) -> OfMetadata {
    OfMetadata::of(NonEmpty::one(Object::new(MetadataType::Liveboard, &library.liveboard)), PermissionType::Defined)
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let library = Library::of(&table.bench.sim);
    let far = table.bench.client();
    let org = library.org;

    call!(table, far.sharing(org), share(&share(&library, ShareMode::ReadOnly)));
    let read = call!(table, far.sharing(org), of_metadata(&given(&library)));
    assert_eq!(read[0].of(&library.analysts), Some("READ_ONLY"), "{read:?}");
    assert_eq!(table.bench.sim.counters().mails, 0, "nobody was written to");

    let only = Some(DefaultMetadataType::Only(MetadataType::Liveboard));
    let analysts = NonEmpty::one(Principal::group(&library.analysts));
    let asked = OfPrincipals { default_metadata_type: only, ..OfPrincipals::of(analysts) };
    let read = call!(table, far.sharing(org), of_principals(&asked));
    let seen = &read[0].metadata_permission_info[0].metadata_permissions;
    assert_eq!(seen.iter().map(|row| row.metadata_id.as_str()).collect::<Vec<_>>(), [library.liveboard.as_str()]);

    let metadata = NonEmpty::one(Object::new(Authored::Liveboard, &library.liveboard));
    let assign = AssignAuthor { metadata, user_identifier: "bob".to_owned(), current_owner_identifier: Some("ana".to_owned()) };
    call!(table, far.metadata(org), assign_author(&assign));

    let metadata = NonEmpty::one(Object::new(Taggable::Answer, &library.answer));
    let tagged = TaggedObjects { metadata, tag_identifiers: NonEmpty::one("gold".to_owned()) };
    call!(table, far.tags(org), assign(&tagged));
    let gold = SearchMetadata { tag_identifiers: Some(NonEmpty::one("gold".to_owned())), ..SearchMetadata::default() };
    assert_eq!(ids(&far.metadata(org).search(&gold).await.unwrap()), [library.answer.as_str()]);
    call!(table, far.tags(org), unassign(&tagged));
    assert_eq!(far.metadata(org).search(&gold).await.unwrap(), []);

    let bobs = Some(NonEmpty::one("bob".to_owned()));
    let bobs = SearchMetadata { created_by_user_identifiers: bobs, ..SearchMetadata::default() };
    assert_eq!(ids(&far.metadata(org).search(&bobs).await.unwrap()), [library.liveboard.as_str()]);
    table
}

fn ids(rows: &[MetadataRow]) -> Vec<&str> {
    rows.iter().filter_map(|row| row.metadata_id.as_deref()).collect()
}

#[tokio::test]
async fn what_was_shared_is_taken_back_and_nobody_else_loses_anything() {
    let table = Table::new(module_path!()).await;
    let library = Library::of(&table.bench.sim);
    let sharing = table.bench.client();
    let sharing = sharing.sharing(library.org);
    let bob = NonEmpty::one(Grant::new(Principal::user("bob"), ShareMode::Modify));
    let metadata = NonEmpty::one(Object::new(Shareable::Liveboard, "Overview"));
    sharing.share(&Share::silently(SharedObjects::Each { metadata }, bob)).await.unwrap();
    sharing.share(&share(&library, ShareMode::ReadOnly)).await.unwrap();
    sharing.share(&share(&library, ShareMode::NoAccess)).await.unwrap();
    let read = sharing.of_metadata(&given(&library)).await.unwrap();
    assert_eq!((read[0].of(&library.analysts), read[0].of(&library.bob)), (None, Some("MODIFY")), "{read:?}");
}

#[tokio::test]
async fn a_share_with_somebody_unknown_is_refused_and_shares_nothing() {
    let table = Table::new(module_path!()).await;
    let library = Library::of(&table.bench.sim);
    let far = table.bench.client();
    let grants = NonEmpty::new(
        Grant::new(Principal::group("Analyst"), ShareMode::ReadOnly),
        [Grant::new(Principal::user("nobody"), ShareMode::ReadOnly)],
    );
    let unknown = Share { permissions: grants, ..share(&library, ShareMode::ReadOnly) };
    let outcome = far.sharing(library.org).share(&unknown).await;
    assert!(matches!(outcome, Err(thoughtspot_client::Error::Refused { code: Some(13003), .. })), "{outcome:?}");
    let read = far.sharing(library.org).of_metadata(&given(&library)).await.unwrap();
    assert_eq!(read[0].of(&library.analysts), None, "{read:?}");
}

#[tokio::test]
async fn content_of_another_org_is_not_found() {
    let table = Table::new(module_path!()).await;
    let library = Library::of(&table.bench.sim);
    let one = NonEmpty::one(MetadataFilter::one(MetadataType::Liveboard, &library.liveboard));
    let search = SearchMetadata { metadata: Some(one), ..SearchMetadata::default() };
    let far = table.bench.client();
    assert_eq!(far.metadata(OrgId::PRIMARY).search(&search).await.unwrap(), []);
    assert_eq!(far.metadata(library.org).search(&search).await.unwrap().len(), 1);
}
