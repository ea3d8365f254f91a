//! Content as text, in v2.

use thoughtspot_client::content::tml::Format;
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::v2::objects::metadata::{MetadataFilter, SearchMetadata};
use thoughtspot_client::v2::objects::tml::{
    BatchType, ExportBatch, ExportOptions, ExportTml, ImportPolicy, ImportTml, SchemaVersion,
};
use thoughtspot_client::v2::objects::tml_tasks::{TaskFilter, TaskQuery, TaskState};
use thoughtspot_client::v2::objects::{MetadataType, Object};

use super::library::Library;
use super::{Table, call};

#[tokio::test]
async fn every_call_about_tml_is_understood() {
    calls().await;
}

/// The answer, with all that can be said about how.
fn export(library: &Library) -> ExportTml {
    let options = ExportOptions { include_guid: Some(true), include_obj_id: Some(true), ..ExportOptions::default() };
    ExportTml {
        export_schema_version: Some(SchemaVersion::Default),
        export_dependent: Some(false),
        export_connection_as_dependent: Some(false),
        all_orgs_override: Some(false),
        export_options: Some(options),
        ..ExportTml::of(NonEmpty::one(Object::new(MetadataType::Answer, &library.answer)), Format::Yaml)
    }
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    table.bench.sim.set(|settings| settings.tml_sparse_indexes = true);
    let library = Library::of(&table.bench.sim);
    let far = table.bench.client();
    let tml = far.tml(library.org);

    let exported = call!(table, tml, export(&export(&library))).remove(0);
    assert_eq!((exported.info.id.as_deref(), exported.info.status.failed()), (Some(library.answer.as_str()), false));
    let document = exported.edoc.unwrap().replace("Question", "Riddle");

    let documents = NonEmpty::new("{".to_owned(), [document.clone()]);
    let import = ImportTml { skip_diff_check: Some(true), ..ImportTml::of(documents, ImportPolicy::Partial) };
    let outcomes = call!(table, tml, import(&import));
    let failed: Vec<bool> = outcomes.iter().map(|outcome| outcome.status.failed()).collect();
    assert_eq!(failed, [true, false], "paired by position: {outcomes:?}");
    assert_eq!(outcomes[1].object.id.as_deref(), Some(library.answer.as_str()));
    let every = SearchMetadata {
        metadata: Some(NonEmpty::one(MetadataFilter::every(MetadataType::Answer))),
        ..SearchMetadata::default()
    };
    let found = far.metadata(library.org).search(&every).await.unwrap();
    assert_eq!(found.iter().map(|row| row.metadata_name.as_deref()).collect::<Vec<_>>(), [Some("Riddle")], "changed, not made");

    let import = ImportTml::of(NonEmpty::one(document), ImportPolicy::PartialObject);
    let task = call!(table, tml, import_async(&import));
    let asked = TaskQuery {
        task_ids: Some(NonEmpty::one(task.task_id.clone())),
        task_status: Some(NonEmpty::new(TaskFilter::Completed, [TaskFilter::InQueue, TaskFilter::InProgress])),
        record_size: Some(50),
        include_import_response: Some(true),
        ..TaskQuery::default()
    };
    let tasks = call!(table, tml, import_tasks(&asked));
    assert_eq!((tasks.status_list.len(), tasks.last_batch), (1, true));
    assert_eq!((&tasks.status_list[0].task_id, &tasks.status_list[0].task_status), (&task.task_id, &TaskState::Completed));
    principals(&mut table, &library).await;
    table
}

async fn principals(table: &mut Table, library: &Library) {
    let far = table.bench.client();
    let users = ExportBatch {
        metadata_type: BatchType::User,
        batch_offset: 0,
        batch_size: 200,
        edoc_format: Format::Yaml,
        export_dependent: Some(false),
        all_orgs_override: Some(false),
    };
    let users = call!(table, far.tml(library.org), export_batch(&users)).to_string();
    assert!(users.contains("name: bob") && !users.contains("name: tsadmin"), "{users}");
}
