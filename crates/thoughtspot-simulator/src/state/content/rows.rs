//! What a table, an Answer or a visualisation answers.

use super::super::World;
use crate::state::refusal::Refusal;
use serde_json::Value;
use uuid::Uuid;

impl World {
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
