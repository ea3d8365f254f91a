//! Calls about content: one handle a resource, each of one Org, since the token decides the Org.
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`lenient`] | helpers to read what is declared as something else than it is |
//! | [`metadata`] | search, delete, copy, author |
//! | [`object_ids`] | ids of one's own choosing |
//! | [`sharing`] | share, and what is shared |
//! | [`permissions`] | who may do what |
//! | [`publishing`] | to other Orgs |
//! | [`object_privileges`] | who may coach |
//! | [`column_rules`] | who sees which column |
//! | [`tagging`] | tags put on objects |
//! | [`tml`], [`tml_tasks`] | import and export of TML, and imports that go on without us |
//! | [`connections`] | connections to data warehouses |

pub mod column_rules;
pub mod connections;
mod lenient;
pub mod metadata;
pub mod object_ids;
pub mod object_privileges;
pub mod permissions;
pub mod publishing;
pub mod sharing;
pub mod tagging;
pub mod tml;
pub mod tml_tasks;

use serde::Serialize;

use self::connections::Connections;
use self::metadata::Metadata;
use self::sharing::Sharing;
use self::tml::Tml;
use super::V2;
use crate::at::At;
use crate::content::PrincipalType;
use crate::domain::{ContentKind, OrgId};

impl V2 {
    /// Search, delete, copy, and who is the author of what, in one Org.
    pub fn metadata(&self, org: OrgId) -> Metadata<'_> {
        Metadata(self.at(org))
    }

    /// Who may see and change what, in one Org.
    pub fn sharing(&self, org: OrgId) -> Sharing<'_> {
        Sharing(self.at(org))
    }

    /// Import and export of TML in one Org.
    pub fn tml(&self, org: OrgId) -> Tml<'_> {
        Tml(self.at(org))
    }

    /// Connections to data warehouses of one Org.
    pub fn connections(&self, org: OrgId) -> Connections<'_> {
        Connections(self.at(org))
    }

    fn at(&self, org: OrgId) -> At<'_> {
        At { session: &self.session, org }
    }
}

/// What kind of thing an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MetadataType {
    Liveboard,
    Answer,
    LogicalTable,
    LogicalColumn,
    Connection,
    Tag,
    User,
    UserGroup,
    LogicalRelationship,
    InsightSpec,
    Collection,
}

impl From<ContentKind> for MetadataType {
    fn from(kind: ContentKind) -> MetadataType {
        match kind {
            ContentKind::Liveboard => MetadataType::Liveboard,
            ContentKind::Answer => MetadataType::Answer,
            ContentKind::Table => MetadataType::LogicalTable,
            ContentKind::Connection => MetadataType::Connection,
        }
    }
}

/// An object, by GUID or by name. The type is always sent: without it a name is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Object<K = MetadataType> {
    /// Of the types that the call takes.
    #[serde(rename = "type")]
    pub kind: K,
    /// A GUID or a name; names are compared with regard to case.
    pub identifier: String,
}

impl<K> Object<K> {
    pub fn new(kind: K, identifier: impl Into<String>) -> Self {
        Object { kind, identifier: identifier.into() }
    }
}

/// A user or a group, by GUID or by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Principal {
    /// A GUID or a name.
    pub identifier: String,
    /// Always sent: a user and a group may have the same name.
    #[serde(rename = "type")]
    pub kind: PrincipalType,
}

impl Principal {
    pub fn user(identifier: impl Into<String>) -> Self {
        Principal { identifier: identifier.into(), kind: PrincipalType::User }
    }

    pub fn group(identifier: impl Into<String>) -> Self {
        Principal { identifier: identifier.into(), kind: PrincipalType::UserGroup }
    }
}

/// An object by the id that the server gave it, or by the one that people gave it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// A GUID or a name.
    Identifier(String),
    /// An object id of one's own choosing.
    ObjIdentifier(String),
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::column_rules::{ColumnAccess, ColumnChange, GroupAccess, GroupOperation, RuleChange, UpdateColumnRules};
    use super::metadata::{MetadataFilter, SearchMetadata};
    use super::object_ids::{HeaderOrg, Identified, ObjectIdChange};
    use super::permissions::DefaultMetadataType;
    use super::sharing::{Grant, Share, Shareable, SharedObjects};
    use super::*;
    use crate::content::ShareMode;
    use crate::nonempty::NonEmpty;

    fn check(body: impl Serialize, expected: Value) {
        assert_eq!(serde_json::to_value(body).unwrap(), expected);
    }

    #[test]
    fn a_share_writes_to_nobody_unless_it_says_so() {
        let grant = || NonEmpty::one(Grant::new(Principal::group("Analysts"), ShareMode::ReadOnly));
        let permissions = json!([{"principal": {"identifier": "Analysts", "type": "USER_GROUP"}, "share_mode": "READ_ONLY"}]);
        let metadata_identifiers = NonEmpty::one("a62a".to_owned());
        let of_one_type = SharedObjects::OfOneType { metadata_type: Shareable::Liveboard, metadata_identifiers };
        check(
            Share::silently(of_one_type, grant()),
            json!({"metadata_type": "LIVEBOARD", "metadata_identifiers": ["a62a"], "permissions": permissions,
                   "message": "", "notify_on_share": false}),
        );
        let each = SharedObjects::Each { metadata: NonEmpty::one(Object::new(Shareable::LogicalTable, "Sales")) };
        check(
            Share::silently(each, grant()),
            json!({"metadata": [{"type": "LOGICAL_TABLE", "identifier": "Sales"}], "permissions": permissions,
                   "message": "", "notify_on_share": false}),
        );
    }

    #[test]
    fn an_unset_filter_is_left_out() {
        check(SearchMetadata::default(), json!({}));
        let metadata =
            NonEmpty::new(MetadataFilter::every(MetadataType::Liveboard), [MetadataFilter::one(MetadataType::Tag, "x")]);
        check(
            SearchMetadata { metadata: Some(metadata), ..SearchMetadata::default() },
            json!({"metadata": [{"type": "LIVEBOARD"}, {"type": "TAG", "identifier": "x"}]}),
        );
    }

    #[test]
    fn rules_are_cleared_only_where_that_is_said() {
        let table = || Which::Identifier("Sales".to_owned());
        check(
            UpdateColumnRules { table: table(), rules: RuleChange::Clear },
            json!({"identifier": "Sales", "clear_csr": true, "column_security_rules": []}),
        );
        let group_identifiers = NonEmpty::one("HR".to_owned());
        let access = ColumnAccess::Groups(NonEmpty::one(GroupAccess { operation: GroupOperation::Add, group_identifiers }));
        let columns = NonEmpty::new(
            ColumnChange { column_identifier: "pay".to_owned(), access },
            [ColumnChange { column_identifier: "name".to_owned(), access: ColumnAccess::Everybody }],
        );
        check(
            UpdateColumnRules { table: table(), rules: RuleChange::Columns(columns) },
            json!({"identifier": "Sales", "clear_csr": false, "column_security_rules": [
                {"column_identifier": "pay", "is_unsecured": false,
                 "group_access": [{"operation": "ADD", "group_identifiers": ["HR"]}]},
                {"column_identifier": "name", "is_unsecured": true},
            ]}),
        );
    }

    #[test]
    fn words_go_over_the_wire_as_the_server_knows_them() {
        check([DefaultMetadataType::All, DefaultMetadataType::Only(MetadataType::LogicalTable)], json!(["ALL", "LOGICAL_TABLE"]));
        check([HeaderOrg::All, HeaderOrg::One(OrgId(7))], json!(["-1", "7"]));
        let object = Identified::ByIdentifier { metadata_identifier: "Sales".to_owned(), kind: MetadataType::Answer };
        check(
            ObjectIdChange { object, new_obj_id: "sales".to_owned() },
            json!({"metadata_identifier": "Sales", "type": "ANSWER", "new_obj_id": "sales"}),
        );
    }
}
