//! Deletion, and what stands against it.

use super::super::{Actor, World};
use super::{Content, ContentKind};
use crate::state::refusal::{Cause, Refusal};
use std::collections::BTreeSet;
use uuid::Uuid;

impl World {
    /// Deletes objects: all of them or none. A table goes with its columns, and not while others are made of it.
    pub(crate) fn delete_content(&mut self, actor: &Actor<'_>, objects: &BTreeSet<Uuid>) -> Result<(), Refusal> {
        self.require_modify(actor, objects)?;
        for id in objects {
            self.refuse_dependents(*id, objects)?;
        }
        for id in objects {
            self.erase_with_parts(*id);
        }
        Ok(())
    }

    /// The objects that are made of this one; a table's own columns are part of it.
    pub(crate) fn dependents(&self, id: Uuid) -> impl Iterator<Item = &Content> {
        let others = self.library.objects.values().filter(move |object| object.sources().contains(&id));
        others.filter(|object| object.kind() != ContentKind::LogicalColumn)
    }

    fn refuse_dependents(&self, id: Uuid, leaving: &BTreeSet<Uuid>) -> Result<(), Refusal> {
        let staying: Vec<&str> =
            self.dependents(id).filter(|object| !leaving.contains(&object.id)).map(|object| object.name.as_str()).collect();
        if staying.is_empty() {
            return Ok(());
        }
        Err(Refusal::new(Cause::Dependents, format!("Cannot delete: other objects depend on it: {}", staying.join(", "))))
    }

    fn erase_with_parts(&mut self, id: Uuid) {
        let parts = |object: &Content| match object.column() {
            Some(column) => column.table == id,
            None => false,
        };
        let columns: Vec<Uuid> = self.library.objects.values().filter(|object| parts(object)).map(|object| object.id).collect();
        let table = self.library.objects.get(&id).and_then(Content::column).map(|column| column.table);
        if let Some(super::Body::Table(table)) =
            table.and_then(|table| self.library.objects.get_mut(&table)).map(|object| &mut object.body)
        {
            table.drop_column(id);
        }
        for id in columns {
            self.library.erase(id);
        }
        self.library.erase(id);
    }
}

impl super::Table {
    /// Takes a column away, and its value in every row.
    fn drop_column(&mut self, column: Uuid) {
        let Some(place) = self.columns.iter().position(|id| *id == column) else { return };
        self.columns.remove(place);
        for row in &mut self.rows {
            if place < row.len() {
                row.remove(place);
            }
        }
    }
}
