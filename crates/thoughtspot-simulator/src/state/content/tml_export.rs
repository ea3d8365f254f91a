//! ThoughtSpot Modeling Language: content as text, YAML or JSON. Writing it.

use super::super::{Actor, World};
use super::access::Access;
use super::{Body, Content, ContentKind, Projection, TableKind, Visualization};
use crate::state::refusal::{Cause, Refusal};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Format {
    Json,
    Yaml,
}

impl Format {
    /// A document in this form.
    pub(crate) fn write(self, document: &Value) -> Result<String, Refusal> {
        let written = match self {
            Self::Json => serde_json::to_string_pretty(document).map_err(|error| error.to_string()),
            Self::Yaml => serde_saphyr::to_string(document).map_err(|error| error.to_string()),
        };
        written.map_err(|error| Refusal::new(Cause::Internal, error))
    }
}

/// What goes into the texts, and which objects come along.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) format: Format,
    /// What the objects are made of.
    pub(crate) associated: bool,
    /// Connections too.
    pub(crate) connections: bool,
    /// What is made of the objects.
    pub(crate) dependents: bool,
    /// GUIDs of what is referred to.
    pub(crate) fqn: bool,
    /// The object's own GUID.
    pub(crate) guid: bool,
    /// The object's id that users chose.
    pub(crate) object_id: bool,
}

/// An object as text, or why there is none.
pub(crate) struct Exported {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) word: &'static str,
    pub(crate) text: Option<String>,
}

impl World {
    /// Writes objects as texts: those named, in their order, then those that come along. One that does not exist refuses all.
    pub(crate) fn export_tml(&self, actor: &Actor<'_>, ids: &[Uuid], wanted: Wanted) -> Result<Vec<Exported>, Refusal> {
        let mut order: Vec<Uuid> = Vec::new();
        let mut seen: BTreeSet<Uuid> = BTreeSet::new();
        let mut waiting: std::collections::VecDeque<Uuid> = ids.iter().copied().collect();
        while let Some(id) = waiting.pop_front() {
            if seen.insert(id) {
                order.push(id);
                waiting.extend(self.companions(id, wanted));
            }
        }
        let exported =
            order.iter().filter_map(|id| self.library.objects.get(id)).map(|object| self.export(actor, object, wanted));
        exported.collect()
    }

    fn companions(&self, id: Uuid, wanted: Wanted) -> Vec<Uuid> {
        let sources = self.library.objects.get(&id).filter(|_| wanted.associated).map(Content::sources).unwrap_or_default();
        let exportable = |id: &Uuid| {
            let kind = self.library.objects.get(id).map(Content::kind);
            kind.is_some_and(|kind| kind != ContentKind::Connection || wanted.connections)
        };
        let dependents = self.dependents(id).filter(|_| wanted.dependents).map(|object| object.id);
        sources.into_iter().filter(exportable).chain(dependents).collect()
    }

    fn export(&self, actor: &Actor<'_>, object: &Content, wanted: Wanted) -> Result<Exported, Refusal> {
        let allowed = self.access(actor.user, actor.org, object) == Some(Access::Modify);
        let text = allowed.then(|| wanted.format.write(&self.document(object, wanted))).transpose()?;
        Ok(Exported { id: object.id, name: object.name.clone(), word: word(object), text })
    }

    /// What was imported, with what is so now in its place.
    fn document(&self, object: &Content, wanted: Wanted) -> Value {
        let mut body = object.document.clone();
        body.insert("name".to_owned(), object.name.clone().into());
        if let Some(description) = &object.description {
            body.insert("description".to_owned(), description.clone().into());
        }
        body.extend(self.parts(object, wanted));
        let mut document = Map::new();
        if wanted.guid {
            document.insert("guid".to_owned(), object.id.to_string().into());
        }
        if let Some(chosen) = self.library.object_ids.get(&object.id).filter(|_| wanted.object_id) {
            document.insert("obj_id".to_owned(), chosen.clone().into());
        }
        document.insert(word(object).to_owned(), body.into());
        document.into()
    }

    fn parts(&self, object: &Content, wanted: Wanted) -> Vec<(String, Value)> {
        let part = |key: &str, value: Value| (key.to_owned(), value);
        match &object.body {
            Body::Liveboard(parts) => {
                let parts = parts.iter().enumerate().map(|(place, part)| self.visualization(place, part, wanted));
                vec![part("visualizations", parts.collect())]
            }
            Body::Answer(shows) => self.projected(shows, wanted),
            Body::Table(table) => {
                let (tables, columns) = table_words(table.kind);
                let names = self.columns_of(object.id).filter_map(|column| {
                    let data_type = &column.column()?.data_type;
                    Some(json!({"name": column.name, "db_column_properties": {"data_type": data_type}}))
                });
                let mut parts = vec![part(columns, names.collect())];
                parts.extend(table.connection.map(|id| part("connection", self.named(id, wanted))));
                if !table.sources.is_empty() {
                    parts.push(part(tables, table.sources.iter().map(|id| self.named(*id, wanted)).collect()));
                }
                parts
            }
            Body::Column(_) => Vec::new(),
            Body::Connection(connection) => vec![part("type", format!("RDBMS_{}", connection.warehouse).into())],
        }
    }

    fn visualization(&self, place: usize, part: &Visualization, wanted: Wanted) -> Value {
        let mut answer: Map<String, Value> = self.projected(&part.shows, wanted).into_iter().collect();
        answer.insert("name".to_owned(), part.name.clone().into());
        json!({"id": format!("Viz_{}", place + 1), "viz_guid": part.id.to_string(), "answer": answer})
    }

    fn projected(&self, shows: &Projection, wanted: Wanted) -> Vec<(String, Value)> {
        let columns = shows.columns.iter().map(|name| json!({"name": name}));
        let tables = shows.table.map(|id| self.named(id, wanted));
        vec![("tables".to_owned(), tables.into_iter().collect()), ("answer_columns".to_owned(), columns.collect())]
    }

    /// A reference: the name, and the GUID when it is asked for.
    fn named(&self, id: Uuid, wanted: Wanted) -> Value {
        let name = self.library.objects.get(&id).map(|object| object.name.as_str()).unwrap_or_default();
        if wanted.fqn { json!({"name": name, "fqn": id.to_string()}) } else { json!({"name": name}) }
    }
}

/// Under which words the tables and the columns of a table stand.
fn table_words(kind: TableKind) -> (&'static str, &'static str) {
    match kind {
        TableKind::Worksheet | TableKind::PrivateWorksheet => ("model_tables", "columns"),
        TableKind::AggrWorksheet => ("tables", "view_columns"),
        TableKind::SqlView => ("tables", "sql_view_columns"),
        TableKind::OneToOneLogical | TableKind::UserDefined => ("tables", "columns"),
    }
}

/// The word below which an object stands. A column has no text of its own and is named by its table's.
fn word(object: &Content) -> &'static str {
    match (&object.body, object.table_kind()) {
        (Body::Liveboard(_), _) => "liveboard",
        (Body::Answer(_), _) => "answer",
        (Body::Connection(_), _) => "connection",
        (_, Some(TableKind::Worksheet | TableKind::PrivateWorksheet)) => "model",
        (_, Some(TableKind::AggrWorksheet)) => "view",
        (_, Some(TableKind::SqlView)) => "sql_view",
        (_, Some(TableKind::OneToOneLogical | TableKind::UserDefined) | None) => "table",
    }
}
