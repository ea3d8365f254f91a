//! Publishing, rights on tables and secured columns, in v2.

use thoughtspot_client::domain::OrgId;
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::v2::objects::column_rules::{
    self, ColumnAccess, ColumnChange, FetchColumnRules, GroupAccess, GroupOperation, RuleChange, UpdateColumnRules,
};
use thoughtspot_client::v2::objects::metadata::{MetadataFilter, SearchMetadata};
use thoughtspot_client::v2::objects::object_privileges::{
    FetchObjectPrivileges, GrantOrRevoke, ManageObjectPrivileges, ObjectPrivilege, PrivilegedType,
};
use thoughtspot_client::v2::objects::publishing::{Publish, Publishable, Unpublish};
use thoughtspot_client::v2::objects::{MetadataType, Object, Principal, Which};

use super::library::Library;
use super::{Table, call};
use crate::ADMIN;

#[tokio::test]
async fn every_call_about_what_is_governed_is_understood() {
    calls().await;
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let library = Library::of(&table.bench.sim);
    published(&mut table, &library).await;
    coached(&mut table, &library).await;
    secured(&mut table, &library).await;
    table
}

async fn published(table: &mut Table, library: &Library) {
    let far = table.bench.client();
    let answer = table.bench.sim.edit(|world| world.create_answer("Primary", ADMIN, "Everywhere", None)).unwrap();
    let metadata = NonEmpty::one(Object::new(Publishable::Answer, &answer));
    let org_identifiers = NonEmpty::one(library.org.to_string());
    let one = NonEmpty::one(MetadataFilter::one(MetadataType::Answer, &answer));
    let search = SearchMetadata { metadata: Some(one), ..SearchMetadata::default() };

    let publish = Publish { metadata: metadata.clone(), org_identifiers: org_identifiers.clone(), skip_validation: false };
    call!(table, far.sharing(OrgId::PRIMARY), publish(&publish));
    assert_eq!(far.metadata(library.org).search(&search).await.unwrap().len(), 1);
    let unpublish = Unpublish { metadata, org_identifiers, include_dependencies: false, force: false };
    call!(table, far.sharing(OrgId::PRIMARY), unpublish(&unpublish));
    assert_eq!(far.metadata(library.org).search(&search).await.unwrap(), []);
}

async fn coached(table: &mut Table, library: &Library) {
    let far = table.bench.client();
    let sharing = far.sharing(library.org);
    let manage = ManageObjectPrivileges {
        operation: GrantOrRevoke::Grant,
        metadata_type: PrivilegedType::LogicalTable,
        object_privilege_types: NonEmpty::one(ObjectPrivilege::SpotterCoachingPrivilege),
        metadata_identifiers: NonEmpty::one("sales".to_owned()),
        principals: NonEmpty::one(Principal::group("Analyst")),
    };
    call!(table, sharing, manage_object_privileges(&manage));
    let asked = FetchObjectPrivileges {
        metadata: NonEmpty::one(Object::new(PrivilegedType::LogicalTable, &library.sales)),
        principals: None,
        record_offset: None,
        record_size: None,
    };
    let read = call!(table, sharing, object_privileges(&asked)).remove(0);
    let holder = &read.principal_object_privilege_info[0].principal_object_privileges[0];
    assert_eq!(
        (holder.principal_id.as_str(), &*holder.object_privileges),
        (&*library.analysts, &["SPOTTER_COACHING_PRIVILEGE".to_owned()][..])
    );
    sharing.manage_object_privileges(&ManageObjectPrivileges { operation: GrantOrRevoke::Revoke, ..manage }).await.unwrap();
    let read = sharing.object_privileges(&asked).await.unwrap().remove(0);
    assert!(read.principal_object_privilege_info.is_empty(), "{read:?}");
}

async fn secured(table: &mut Table, library: &Library) {
    let far = table.bench.client();
    let sharing = far.sharing(library.org);
    let which = || Which::Identifier(library.sales.clone());
    let group_identifiers = NonEmpty::one("Analyst".to_owned());
    let access = ColumnAccess::Groups(NonEmpty::one(GroupAccess { operation: GroupOperation::Add, group_identifiers }));
    let columns = NonEmpty::one(ColumnChange { column_identifier: "amount".to_owned(), access });
    let update = UpdateColumnRules { table: which(), rules: RuleChange::Columns(columns) };
    call!(table, sharing, update_column_rules(&update));
    let asked = FetchColumnRules { tables: NonEmpty::one(column_rules::Table { which: which() }) };
    let rules = call!(table, sharing, column_rules(&asked)).remove(0).column_security_rules;
    assert_eq!((rules.len(), rules[0].column.name.as_deref()), (1, Some("amount")));
    assert_eq!(rules[0].groups[0].id.as_deref(), Some(library.analysts.as_str()));
    sharing.update_column_rules(&UpdateColumnRules { table: which(), rules: RuleChange::Clear }).await.unwrap();
    assert_eq!(sharing.column_rules(&asked).await.unwrap()[0].column_security_rules, []);
}
