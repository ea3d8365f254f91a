//! Content, in v1: listed, shared, tagged, asked for its rows, printed; and the audit log.

use thoughtspot_client::content::tml::Format;
use thoughtspot_client::content::{PermissionType, PrincipalType, ShareMode};
use thoughtspot_client::domain::Guid;
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::v1::Handover;
use thoughtspot_client::v1::objects::data::{LiveboardData, RowFormat, Rows, SearchData};
use thoughtspot_client::v1::objects::headers::{ListAs, ListHeaders};
use thoughtspot_client::v1::objects::pdf::LiveboardPdf;
use thoughtspot_client::v1::objects::sharing::{Grant, Mail, Share, ShareVisualization};
use thoughtspot_client::v1::objects::tagging::{TaggedObject, TaggedObjects, Tags};
use thoughtspot_client::v1::objects::tml::{ExportTml, ImportPolicy, ImportTml};
use thoughtspot_client::v1::objects::{Batch, MetadataType};
use thoughtspot_client::v2::logs::FetchLogs;
use thoughtspot_client::v2::users::SearchUsers;

use super::library::Library;
use super::{Table, call};

#[tokio::test]
async fn every_call_about_content_is_understood() {
    calls().await;
}

fn share(id: &str, principal: &str, mode: ShareMode) -> Share {
    let grants = NonEmpty::one(Grant { principal_id: principal.to_owned(), mode });
    Share { kind: MetadataType::Liveboard, ids: NonEmpty::one(id.to_owned()), grants, mail: Mail::default() }
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let library = Library::of(&table.bench.sim);
    listed_and_tagged(&mut table, &library).await;
    shared(&mut table, &library).await;
    asked_for_rows(&mut table, &library).await;
    as_text(&mut table, &library).await;
    first_page(&mut table, &library).await;
    let far = table.bench.v1();
    let rows = call!(table, far.logs(), security(&FetchLogs::default()));
    assert!(rows.iter().any(|row| row.log.contains("SHARE_OBJECTS")), "{rows:?}");
    table
}

async fn listed_and_tagged(table: &mut Table, library: &Library) {
    let far = table.bench.v1();
    let metadata = far.metadata(library.org);
    let headers = call!(table, metadata, list(&ListHeaders::every(MetadataType::Answer)));
    let header = headers.first().unwrap();
    assert_eq!((header.id.as_str(), header.author_name.as_deref()), (library.answer.as_str(), Some("ana")));
    let parts = call!(table, metadata, visualizations(&library.liveboard));
    assert_eq!(parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["by region"]);
    let tags = call!(table, metadata, tags());
    assert_eq!((tags.headers[0].name.as_str(), tags.is_last_batch), ("gold", Some(true)));

    let objects = NonEmpty::one(TaggedObject { kind: MetadataType::Answer, id: library.answer.clone() });
    let tagged = TaggedObjects { objects, tags: Tags::Names(NonEmpty::one("gold".to_owned())) };
    call!(table, metadata, assign_tag(&tagged));
    let gold = Some(NonEmpty::one("gold".to_owned()));
    let gold = ListHeaders { tag_names: gold, ..ListHeaders::every(MetadataType::Answer) };
    assert_eq!(metadata.list(&gold).await.unwrap().len(), 1);
    call!(
        table,
        metadata,
        unassign_tag(&TaggedObjects { tags: Tags::Ids(NonEmpty::one(tags.headers[0].id.clone())), ..tagged.clone() })
    );
    assert_eq!(metadata.list(&gold).await.unwrap(), []);
}

async fn shared(table: &mut Table, library: &Library) {
    let far = table.bench.v1();
    let (sharing, ids) = (far.sharing(library.org), NonEmpty::one(library.liveboard.clone()));
    call!(table, sharing, share(&share(&library.liveboard, &library.analysts, ShareMode::Modify)));
    let kind = MetadataType::Liveboard;
    let read = call!(table, sharing, permissions(kind, &ids, PermissionType::Defined, false));
    assert_eq!(read[&library.liveboard].permissions[&library.analysts].share_mode, "MODIFY");
    assert_eq!(call!(table, sharing, permissions_of(kind, &library.liveboard, PermissionType::Defined, false)), read);
    sharing.share(&share(&library.liveboard, &library.analysts, ShareMode::NoAccess)).await.unwrap();
    let read = sharing.permissions(kind, &ids, PermissionType::Defined, false).await.unwrap();
    assert!(read[&library.liveboard].permissions.is_empty(), "{read:?}");

    let visualization = far.metadata(library.org).visualizations(&library.liveboard).await.unwrap().remove(0).id;
    let (liveboard_id, principal_ids) = (library.liveboard.clone(), NonEmpty::one(library.bob.clone()));
    let only = ShareVisualization { liveboard_id, visualization_id: visualization, principal_ids, mail: Mail::default() };
    call!(table, sharing, share_visualization(&only));
    let by_type = NonEmpty::one((kind, ids.clone()));
    let read = call!(table, sharing, effective_permissions(&by_type, false));
    assert_eq!(read[kind.as_str()][&library.liveboard].permissions[&library.bob].share_mode, "READ_ONLY");
    assert_eq!(table.bench.sim.counters().mails, 0, "nobody was written to");

    let list = ListAs {
        principal_id: Some(library.bob.clone()),
        principal_type: PrincipalType::User,
        minimum_access: ShareMode::ReadOnly,
        batch: Batch::All,
        pattern: None,
    };
    let seen = call!(table, far.metadata(library.org), list_as(&list));
    assert_eq!(seen.headers.iter().map(|header| header.id.as_str()).collect::<Vec<_>>(), [library.liveboard.as_str()]);
}

async fn asked_for_rows(table: &mut Table, library: &Library) {
    let far = table.bench.v1();
    let data = far.data(library.org);
    let rows = Rows { batch: Batch::Some { offset: 1, size: 5 }, format: RowFormat::Full };
    let question = SearchData { query: "[region] [amount]".to_owned(), data_source_id: library.sales.clone(), rows };
    let south = call!(table, data, search(&question));
    assert_eq!((south.data, south.total_row_count), (vec![serde_json::json!({"region": "south", "amount": 4})], Some(2)));
    let liveboard = LiveboardData { liveboard_id: library.liveboard.clone(), visualization_ids: None, rows: Rows::default() };
    let shown = call!(table, data, of_liveboard(&liveboard));
    let part = shown.values().next().unwrap();
    assert_eq!((part.name.as_deref(), part.table.data.len()), (Some("by region"), 2));
    let paper = call!(table, data, liveboard_pdf(&LiveboardPdf::of(library.liveboard.clone())));
    assert!(paper.starts_with(b"%PDF-"));
}

async fn as_text(table: &mut Table, library: &Library) {
    let far = table.bench.v1();
    let tml = far.tml(library.org);
    let exported = call!(table, tml, export(&ExportTml::of(NonEmpty::one(library.answer.clone()), Format::Json))).remove(0);
    let document = exported.edoc.unwrap().replace("Question", "Riddle");
    let import = ImportTml::of(NonEmpty::new(document, ["{".to_owned()]), ImportPolicy::Partial);
    let outcomes = call!(table, tml, import(&import));
    assert_eq!(outcomes.iter().map(|outcome| outcome.status.failed()).collect::<Vec<_>>(), [false, true], "{outcomes:?}");
    let answers = far.metadata(library.org).list(&ListHeaders::every(MetadataType::Answer)).await.unwrap();
    assert_eq!(answers.iter().map(|header| header.name.as_str()).collect::<Vec<_>>(), ["Riddle"], "changed, not made");
}

#[tokio::test]
async fn many_objects_are_asked_for_in_several_requests() {
    let table = Table::new(module_path!()).await;
    let library = Library::of(&table.bench.sim);
    let answers =
        table.bench.sim.edit(|world| (0..60).map(|n| world.create_answer("acme", "ana", &format!("a{n}"), None)).collect());
    let answers: Result<Vec<Guid>, thoughtspot_simulator::Refusal> = answers;
    let ids = NonEmpty::collect(answers.unwrap()).unwrap();
    let far = table.bench.v1();
    let mark = table.bench.mark();
    let sharing = far.sharing(library.org);
    let read = sharing.permissions(MetadataType::Answer, &ids, PermissionType::Effective, false).await.unwrap();
    assert_eq!((read.len(), table.bench.count(mark, "GET v1/security/metadata/permissions")), (60, 3));
}

/// The Liveboard that somebody sees first, which is our own or another's.
async fn first_page(table: &mut Table, library: &Library) {
    let far = table.bench.v1();
    let sessions = far.sessions(library.org);
    assert_eq!(sessions.home_liveboard().await.unwrap(), None);
    call!(table, sessions, set_home_liveboard(&library.liveboard, None));
    assert_eq!(call!(table, sessions, home_liveboard()), Some(library.liveboard.clone()));
    call!(table, sessions, clear_home_liveboard());
    assert_eq!(sessions.home_liveboard().await.unwrap(), None);
    sessions.set_home_liveboard(&library.liveboard, Some(&library.bob)).await.unwrap();
    assert_eq!(sessions.home_liveboard().await.unwrap(), None, "it is bob's, not ours");
    let bob = table.bench.client().users(library.org).search(&named("bob")).await.unwrap().remove(0);
    assert_eq!(bob.home_liveboard.unwrap().id, Some(library.liveboard.clone()));
}

fn named(name: &str) -> SearchUsers {
    SearchUsers { user_identifier: Some(name.to_owned()), ..SearchUsers::default() }
}

#[tokio::test]
async fn only_what_is_listed_changes_hands() {
    let table = Table::new(module_path!()).await;
    let library = Library::of(&table.bench.sim);
    let far = table.bench.v1();
    let what = Handover::Objects(NonEmpty::one(library.liveboard.clone()));
    far.users(library.org).transfer_ownership("ana", "bob", &what).await.unwrap();
    for (kind, owner) in [(MetadataType::Liveboard, "bob"), (MetadataType::Answer, "ana")] {
        let headers = far.metadata(library.org).list(&ListHeaders::every(kind)).await.unwrap();
        assert_eq!(headers.iter().map(|header| header.author_name.as_deref()).collect::<Vec<_>>(), [Some(owner)]);
    }
}
