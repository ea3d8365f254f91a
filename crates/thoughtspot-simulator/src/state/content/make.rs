//! New objects and copies.

use super::super::{Actor, World};
use super::{Body, Column, Content, Visualization};
use crate::state::refusal::Refusal;
use uuid::Uuid;

/// A column that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewColumn {
    pub(crate) name: String,
    pub(crate) data_type: String,
}

impl World {
    /// Puts an object into the actor's Org and returns its id.
    pub(crate) fn add_content(&mut self, actor: &Actor<'_>, id: Uuid, name: &str, body: Body) -> Result<Uuid, Refusal> {
        if name.trim().is_empty() {
            return Err(Refusal::invalid("A name is needed"));
        }
        self.library.objects.insert(id, Content::new(actor, id, name, body));
        Ok(id)
    }

    /// Makes these the columns of a table. One that keeps its name keeps its id and its values; new ones have none.
    pub(crate) fn set_columns(&mut self, actor: &Actor<'_>, table: Uuid, columns: &[NewColumn]) {
        let old: Vec<(Uuid, String)> = self.columns_of(table).map(|column| (column.id, column.name.clone())).collect();
        let place = |name: &str| old.iter().position(|(_, own)| own == name);
        let places: Vec<Option<usize>> = columns.iter().map(|column| place(&column.name)).collect();
        let mut ids = Vec::new();
        for (column, place) in columns.iter().zip(&places) {
            let kept = place.and_then(|place| old.get(place)).map(|(id, _)| *id);
            ids.push(self.put_column(actor, table, kept, column));
        }
        for (id, _) in old.iter().filter(|(id, _)| !ids.contains(id)) {
            self.library.erase(*id);
        }
        if let Some(Body::Table(table)) = self.library.objects.get_mut(&table).map(|object| &mut object.body) {
            table.columns = ids;
            let moved = |row: &Vec<_>| {
                places.iter().map(|place| place.and_then(|place| row.get(place)).cloned().unwrap_or_default()).collect()
            };
            table.rows = table.rows.iter().map(moved).collect();
        }
    }

    fn put_column(&mut self, actor: &Actor<'_>, table: Uuid, kept: Option<Uuid>, column: &NewColumn) -> Uuid {
        if let Some(id) = kept {
            if let Some(Body::Column(own)) = self.library.objects.get_mut(&id).map(|object| &mut object.body) {
                own.data_type.clone_from(&column.data_type);
            }
            return id;
        }
        let id = Uuid::new_v4();
        let body = Body::Column(Column { table, data_type: column.data_type.clone(), secured_for: None });
        let author = self.library.objects.get(&table).map_or(actor.user, |table| table.author);
        let object = Content { author, ..Content::new(actor, id, &column.name, body) };
        self.library.objects.insert(id, object);
        id
    }

    /// The columns of a table, in order.
    pub(crate) fn columns_of(&self, table: Uuid) -> impl Iterator<Item = &Content> {
        let columns = self.library.objects.get(&table).and_then(Content::table).map(|table| table.columns.as_slice());
        columns.unwrap_or_default().iter().filter_map(|id| self.library.objects.get(id))
    }

    /// Copies a Liveboard or Answer; the copy is the actor's and shared with nobody.
    pub(crate) fn copy_content(
        &mut self,
        actor: &Actor<'_>,
        original: Uuid,
        title: Option<String>,
        description: Option<String>,
    ) -> Result<Uuid, Refusal> {
        let object = self.library.objects.get(&original).ok_or_else(|| Refusal::unknown_object(&original.to_string()))?;
        let body = match &object.body {
            Body::Liveboard(parts) => Body::Liveboard(parts.iter().map(copied).collect()),
            Body::Answer(shows) => Body::Answer(shows.clone()),
            Body::Table(_) | Body::Column(_) | Body::Connection(_) => {
                return Err(Refusal::invalid(format!("A {} cannot be copied", object.kind().name())));
            }
        };
        let name = title.unwrap_or_else(|| format!("Copy of {}", object.name));
        let description = description.or_else(|| object.description.clone());
        let document = object.document.clone();
        let id = self.add_content(actor, Uuid::new_v4(), &name, body)?;
        if let Some(copy) = self.library.objects.get_mut(&id) {
            copy.description = description;
            copy.document = document;
        }
        Ok(id)
    }
}

/// The same part of another Liveboard.
fn copied(part: &Visualization) -> Visualization {
    Visualization { id: Uuid::new_v4(), ..part.clone() }
}
