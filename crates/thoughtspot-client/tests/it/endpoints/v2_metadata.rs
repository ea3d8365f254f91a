//! Content found, copied, named and deleted, and connections, in v2.

use thoughtspot_client::Error;
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::v2::objects::connections::{ConnectionMatch, SearchConnections};
use thoughtspot_client::v2::objects::metadata::{
    CopyMetadata, Copyable, Deletable, DeleteMetadata, Match, MetadataFilter, MetadataSort, MetadataSortField, SearchMetadata,
};
use thoughtspot_client::v2::objects::object_ids::{
    HeaderAttribute, HeaderAttributeName, HeaderType, HeaderUpdate, Identified, ObjectIdChange, UpdateHeaders, UpdateObjectIds,
};
use thoughtspot_client::v2::objects::{MetadataType, Object, Which};
use thoughtspot_client::v2::paging::SortOrder;

use super::library::Library;
use super::{Table, call};

#[tokio::test]
async fn every_call_about_content_is_understood() {
    calls().await;
}

/// Every Liveboard whose name has "view" in it, with all there is to know.
fn views() -> SearchMetadata {
    let which = Some(Match::NamePattern("%VIEW%".to_owned()));
    let filter = MetadataFilter { which, ..MetadataFilter::every(MetadataType::Liveboard) };
    SearchMetadata {
        metadata: Some(NonEmpty::one(filter)),
        include_details: Some(true),
        include_visualization_headers: Some(true),
        include_stats: Some(true),
        record_size: Some(50),
        sort_options: Some(MetadataSort { field_name: MetadataSortField::Name, order: SortOrder::Asc }),
        ..SearchMetadata::default()
    }
}

fn deletion(kind: Deletable, ids: &[&str]) -> DeleteMetadata {
    let metadata = NonEmpty::collect(ids.iter().map(|id| Object::new(kind, *id))).unwrap();
    DeleteMetadata { metadata, delete_disabled_objects: false }
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let library = Library::of(&table.bench.sim);
    let far = table.bench.client();
    let org = library.org;

    let rows = call!(table, far.metadata(org), search(&views()));
    let header = rows[0].metadata_header.as_ref().unwrap();
    assert_eq!((rows.len(), header.name.as_str(), header.author_name.as_deref()), (1, "Overview", Some("ana")));
    assert_eq!((header.org_ids.as_slice(), rows[0].visualization_headers.len()), ([org.0].as_slice(), 1));

    let object = Object::new(Copyable::Liveboard, &library.liveboard);
    let copy = CopyMetadata { object, title: Some("Review".to_owned()), description: None };
    let copied = call!(table, far.metadata(org), copy(&copy));
    assert_eq!(far.metadata(org).search(&views()).await.unwrap().len(), 2);

    let object = Identified::ByIdentifier { metadata_identifier: copied.clone(), kind: MetadataType::Liveboard };
    let change = ObjectIdChange { object, new_obj_id: "review-1".to_owned() };
    let update = UpdateObjectIds { metadata: NonEmpty::one(change) };
    call!(table, far.metadata(org), update_object_ids(&update));
    let attribute = HeaderAttribute { name: HeaderAttributeName::ObjId, value: "review-2".to_owned() };
    let object = Which::ObjIdentifier("review-1".to_owned());
    let update = HeaderUpdate { object, kind: HeaderType::Liveboard, attributes: NonEmpty::one(attribute) };
    let update = UpdateHeaders { headers_update: NonEmpty::one(update), org_identifier: None };
    call!(table, far.metadata(org), update_headers(&update));
    let which = Some(Match::ObjIdentifier("review-2".to_owned()));
    let one = MetadataFilter { which, ..MetadataFilter::every(MetadataType::Liveboard) };
    let search = SearchMetadata { metadata: Some(NonEmpty::one(one)), ..SearchMetadata::default() };
    assert_eq!(far.metadata(org).search(&search).await.unwrap()[0].metadata_id.as_deref(), Some(copied.as_str()));

    call!(table, far.metadata(org), delete(&deletion(Deletable::Liveboard, &[&library.liveboard, &copied])));
    assert_eq!(far.metadata(org).search(&views()).await.unwrap(), []);

    let warehouse = ConnectionMatch::Identifier("warehouse".to_owned());
    let search = SearchConnections { connections: Some(NonEmpty::one(warehouse)), ..SearchConnections::default() };
    let found = call!(table, far.connections(org), search(&search));
    assert_eq!(found.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), [library.connection.as_str()]);
    let outcome = far.connections(org).delete(&library.connection).await;
    assert!(matches!(outcome, Err(Error::Refused { status: 400, .. })), "tables come from it: {outcome:?}");
    far.metadata(org).delete(&deletion(Deletable::Answer, &[&library.answer])).await.unwrap();
    far.metadata(org).delete(&deletion(Deletable::LogicalTable, &[&library.sales])).await.unwrap();
    call!(table, far.connections(org), delete(&library.connection));
    assert_eq!(far.connections(org).search(&search).await.unwrap(), []);
    table
}

#[tokio::test]
async fn a_deletion_is_all_or_nothing() {
    let table = Table::new(module_path!()).await;
    let library = Library::of(&table.bench.sim);
    let far = table.bench.client();
    let nobodys = "00000000-0000-4000-8000-000000000000";
    let outcome = far.metadata(library.org).delete(&deletion(Deletable::Liveboard, &[&library.liveboard, nobodys])).await;
    assert!(matches!(outcome, Err(Error::Refused { code: Some(13003), .. })), "{outcome:?}");
    assert_eq!(far.metadata(library.org).search(&views()).await.unwrap().len(), 1);
}
