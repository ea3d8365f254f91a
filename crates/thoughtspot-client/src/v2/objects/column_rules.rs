//! Which groups see which columns of a table (docs/thoughtspot-api-content.md, "Publishing, rights on tables, secured columns"). Since 10.12.0.cl, as beta.

use serde::{Deserialize, Serialize};

use super::Which;
use super::lenient::list;
use super::sharing::Sharing;
use crate::domain::Guid;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::v2::refs::Named;
use crate::wire::Call;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FetchColumnRules {
    pub tables: NonEmpty<Table>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    #[serde(flatten)]
    pub which: Which,
}

/// The rules of one table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TableRules {
    #[serde(default)]
    pub table_guid: Option<Guid>,
    #[serde(default)]
    pub obj_id: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub column_security_rules: Vec<ColumnRule>,
}

/// A column that only some groups see.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ColumnRule {
    pub column: Named,
    /// Who sees it.
    #[serde(default, deserialize_with = "list")]
    pub groups: Vec<Named>,
    /// The table that the rule was made for, if it is another.
    #[serde(default)]
    pub source_table_details: Option<Named>,
}

/// A change of one table's rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UpdateColumnRules {
    #[serde(flatten)]
    pub table: Which,
    #[serde(flatten)]
    pub rules: RuleChange,
}

/// What happens to the rules of a table. An empty list is sent only where all of them go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleChange {
    /// All rules go: everybody who sees the table sees all its columns.
    Clear,
    /// These columns change, others stay as they are.
    Columns(NonEmpty<ColumnChange>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnChange {
    /// A GUID or a name.
    pub column_identifier: String,
    #[serde(flatten)]
    pub access: ColumnAccess,
}

/// Who sees a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnAccess {
    /// Everybody who sees the table.
    Everybody,
    /// Groups, as these changes leave them.
    Groups(NonEmpty<GroupAccess>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupAccess {
    pub operation: GroupOperation,
    /// GUIDs or names.
    pub group_identifiers: NonEmpty<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum GroupOperation {
    Add,
    Remove,
    Replace,
}

impl Serialize for RuleChange {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            clear_csr: bool,
            column_security_rules: &'a [ColumnChange],
        }
        match self {
            RuleChange::Clear => Wire { clear_csr: true, column_security_rules: &[] },
            RuleChange::Columns(columns) => Wire { clear_csr: false, column_security_rules: columns },
        }
        .serialize(to)
    }
}

impl Serialize for ColumnAccess {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            is_unsecured: bool,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            group_access: &'a [GroupAccess],
        }
        match self {
            ColumnAccess::Everybody => Wire { is_unsecured: true, group_access: &[] },
            ColumnAccess::Groups(groups) => Wire { is_unsecured: false, group_access: groups },
        }
        .serialize(to)
    }
}

impl Sharing<'_> {
    /// The rules of tables. A server may refuse with 500 and code 10038 for a table of another Org or one that is published.
    pub async fn column_rules(&self, asked: &FetchColumnRules) -> Result<Vec<TableRules>> {
        self.0.rows(&Call::read("security/column/rules/fetch", asked)).await
    }

    /// Changes the rules of a table. Safe to repeat. Refusals as for [`Sharing::column_rules`].
    pub async fn update_column_rules(&self, update: &UpdateColumnRules) -> Result<()> {
        self.0.done(&Call::post("security/column/rules/update", update)).await
    }
}
