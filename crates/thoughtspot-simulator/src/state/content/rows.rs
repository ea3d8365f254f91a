//! What a table, an Answer or a visualisation answers.

use super::super::{Actor, World};
use super::{Content, Projection};
use crate::state::refusal::Refusal;
use serde_json::Value;
use uuid::Uuid;

/// Columns and rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Data {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

impl World {
    /// The rows of these columns of a table, as the actor may see them. Secured columns are left out for those they are kept from.
    pub(crate) fn data(&self, actor: &Actor<'_>, shows: &Projection) -> Data {
        let Some(table) = shows.table.and_then(|id| self.library.objects.get(&id)) else {
            return Data::default();
        };
        let wanted = |column: &&Content| shows.columns.is_empty() || shows.columns.contains(&column.name);
        let columns = self.columns_of(table.id).enumerate();
        let mut shown: Vec<(usize, &Content)> =
            columns.filter(|(_, column)| wanted(column) && self.sees_column(actor, column)).collect();
        // In the order in which they were asked for.
        shown.sort_by_key(|(place, column)| shows.columns.iter().position(|name| *name == column.name).unwrap_or(*place));
        let rows = table.table().map(|table| table.rows.as_slice()).unwrap_or_default();
        let cell = |row: &[Value], place: usize| row.get(place).cloned().unwrap_or_default();
        Data {
            columns: shown.iter().map(|(_, column)| column.name.clone()).collect(),
            rows: rows.iter().map(|row| shown.iter().map(|(place, _)| cell(row, *place)).collect()).collect(),
        }
    }

    fn sees_column(&self, actor: &Actor<'_>, column: &Content) -> bool {
        let Some(groups) = column.column().and_then(|column| column.secured_for.as_ref()) else {
            return true;
        };
        let own = self.groups_with_ancestors(actor.user, column.org);
        self.administers(actor.user, column.org) || !own.is_disjoint(groups)
    }

    /// Fills a table: a value for each column of each row.
    pub(crate) fn set_rows(&mut self, table: Uuid, rows: Vec<Vec<Value>>) -> Result<(), Refusal> {
        let wide = self.columns_of(table).count();
        if rows.iter().any(|row| row.len() != wide) {
            return Err(Refusal::invalid(format!("each row needs {wide} values, one for each column")));
        }
        match self.library.objects.get_mut(&table).map(|object| &mut object.body) {
            Some(super::Body::Table(table)) => table.rows = rows,
            Some(super::Body::Liveboard(_) | super::Body::Answer(_) | super::Body::Column(_) | super::Body::Connection(_))
            | None => return Err(Refusal::unknown_object(&table.to_string())),
        }
        Ok(())
    }
}
