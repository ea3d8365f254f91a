//! ThoughtSpot Modeling Language: content as text, YAML or JSON. Reading it.

use super::super::privilege::Privilege;
use super::super::{Actor, World};
use super::access::Access;
use super::make::NewColumn;
use super::{Body, Connection, Content, ContentKind, Projection, Table, TableKind, Visualization};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A table, connection or column that is referred to does not exist.
const NO_REFERENCE: u32 = 14502;
/// The text is no TML, or not one that can be imported.
const NO_TML: u32 = 14501;
/// Another object of the request failed.
const NOT_ALONE: u32 = 14516;
/// The actor may not do it.
const NOT_ALLOWED: u32 = 10023;

/// What happens when some objects of a request fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Policy {
    /// The others are imported.
    #[default]
    Partial,
    /// Nothing is imported.
    AllOrNone,
    /// Nothing is imported in any case.
    ValidateOnly,
    /// The others are imported, and of those that failed, the parts that did not.
    PartialObject,
}

impl Policy {
    /// Its name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Partial => "PARTIAL",
            Self::AllOrNone => "ALL_OR_NONE",
            Self::ValidateOnly => "VALIDATE_ONLY",
            Self::PartialObject => "PARTIAL_OBJECT",
        }
    }
}

/// What became of one document.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Imported(Imported),
    Failed { code: u32, text: String },
}

/// An object that was imported, perhaps not all of it.
#[derive(Clone, Debug)]
pub(crate) struct Imported {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) kind: ContentKind,
    pub(crate) table_kind: Option<TableKind>,
    pub(crate) warning: Option<String>,
}

impl Outcome {
    fn failed(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }
}

/// Why a document fails.
struct Failure(u32, String);

/// A document, read.
struct Document {
    guid: Option<Uuid>,
    kind: DocumentKind,
    name: String,
    body: Map<String, Value>,
}

/// The word below which the object stands, in the order in which objects are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum DocumentKind {
    Connection,
    Table,
    SqlView,
    View,
    Model,
    Answer,
    Liveboard,
}

const WORDS: [(&str, DocumentKind); 7] = [
    ("connection", DocumentKind::Connection),
    ("table", DocumentKind::Table),
    ("sql_view", DocumentKind::SqlView),
    ("view", DocumentKind::View),
    ("model", DocumentKind::Model),
    ("answer", DocumentKind::Answer),
    ("liveboard", DocumentKind::Liveboard),
];

impl DocumentKind {
    fn content(self) -> ContentKind {
        match self {
            Self::Connection => ContentKind::Connection,
            Self::Table | Self::SqlView | Self::View | Self::Model => ContentKind::LogicalTable,
            Self::Answer => ContentKind::Answer,
            Self::Liveboard => ContentKind::Liveboard,
        }
    }
}

impl World {
    /// Imports documents. The outcomes are in the order of the documents.
    pub(crate) fn import_tml(&mut self, actor: &Actor<'_>, texts: &[String], policy: Policy, create_new: bool) -> Vec<Outcome> {
        let before = self.library.clone();
        let mut documents: Vec<(usize, Result<Document, Failure>)> = texts.iter().map(|text| read(text)).enumerate().collect();
        // What others refer to comes first.
        documents.sort_by_key(|(_, document)| document.as_ref().ok().map(|document| document.kind));
        let mut outcomes: Vec<(usize, Outcome)> = Vec::new();
        for (place, document) in documents {
            let imported = document.and_then(|document| self.import_document(actor, document, policy, create_new));
            let outcome = imported.map_or_else(|Failure(code, text)| Outcome::Failed { code, text }, Outcome::Imported);
            outcomes.push((place, outcome));
        }
        outcomes.sort_by_key(|(place, _)| *place);
        let mut outcomes: Vec<Outcome> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
        let none = policy == Policy::AllOrNone && outcomes.iter().any(Outcome::failed);
        if none {
            let text = "Not imported, since another object of the request failed".to_owned();
            for outcome in outcomes.iter_mut().filter(|outcome| !outcome.failed()) {
                *outcome = Outcome::Failed { code: NOT_ALONE, text: text.clone() };
            }
        }
        if none || policy == Policy::ValidateOnly {
            self.library = before;
        }
        outcomes
    }

    fn import_document(
        &mut self,
        actor: &Actor<'_>,
        document: Document,
        policy: Policy,
        create_new: bool,
    ) -> Result<Imported, Failure> {
        self.check_may_import(actor, document.kind)?;
        let id = self.id_for(actor, &document, create_new)?;
        let (body, warning) = self.body_of(actor, &document, id, policy)?;
        let old = self.library.objects.remove(&id);
        let mut object = old.unwrap_or_else(|| Content::new(actor, id, &document.name, body.clone()));
        object.name.clone_from(&document.name);
        object.description = text(&document.body, "description").or(object.description);
        object.body = body;
        object.document = document.body.clone();
        object.touch(actor);
        let (kind, table_kind) = (object.kind(), object.table_kind());
        self.library.objects.insert(id, object);
        if kind == ContentKind::LogicalTable {
            self.set_columns(actor, id, &columns(&document.body));
        }
        Ok(Imported { id, name: document.name, kind, table_kind, warning })
    }

    fn check_may_import(&self, actor: &Actor<'_>, kind: DocumentKind) -> Result<(), Failure> {
        let managed = matches!(kind.content(), ContentKind::LogicalTable | ContentKind::Connection);
        let privileges = self.effective_privileges(actor.user, actor.org);
        let may = |name: &str| Privilege::named(name).is_some_and(|privilege| privileges.contains(&privilege));
        if managed && !may("ADMINISTRATION") && !may("DATAMANAGEMENT") {
            return Err(Failure(NOT_ALLOWED, "Access denied: this needs the DATAMANAGEMENT privilege".to_owned()));
        }
        Ok(())
    }

    /// The object that the document changes, or a GUID for a new one.
    fn id_for(&self, actor: &Actor<'_>, document: &Document, create_new: bool) -> Result<Uuid, Failure> {
        let Some(id) = document.guid.filter(|_| !create_new) else { return Ok(Uuid::new_v4()) };
        let Some(object) = self.library.objects.get(&id) else { return Ok(id) };
        if object.org != actor.org || object.kind() != document.kind.content() {
            return Ok(Uuid::new_v4());
        }
        if self.access(actor.user, actor.org, object) != Some(Access::Modify) {
            return Err(Failure(NOT_ALLOWED, format!("Access denied: {} may not be changed", object.name)));
        }
        Ok(id)
    }

    fn body_of(
        &self,
        actor: &Actor<'_>,
        document: &Document,
        id: Uuid,
        policy: Policy,
    ) -> Result<(Body, Option<String>), Failure> {
        let body = &document.body;
        let table = |kind| self.table_of(actor, body, id, kind).map(|table| (Body::Table(table), None));
        match document.kind {
            DocumentKind::Connection => {
                let warehouse = text(body, "type").unwrap_or_else(|| "SNOWFLAKE".to_owned());
                let warehouse = warehouse.strip_prefix("RDBMS_").unwrap_or(&warehouse).to_owned();
                Ok((Body::Connection(Connection { warehouse }), None))
            }
            DocumentKind::Table => table(TableKind::OneToOneLogical),
            DocumentKind::SqlView => table(TableKind::SqlView),
            DocumentKind::View => table(TableKind::AggrWorksheet),
            DocumentKind::Model => table(TableKind::Worksheet),
            DocumentKind::Answer => Ok((Body::Answer(self.projection(actor, body)?), None)),
            DocumentKind::Liveboard => self.liveboard(actor, body, id, policy),
        }
    }

    fn table_of(&self, actor: &Actor<'_>, body: &Map<String, Value>, id: Uuid, kind: TableKind) -> Result<Table, Failure> {
        let connection = body.get("connection").and_then(Value::as_object);
        let connection = connection.map(|connection| self.reference(actor, ContentKind::Connection, connection)).transpose()?;
        let sources = ["model_tables", "tables"].into_iter().flat_map(|key| objects(body, key));
        let sources = sources.map(|source| self.reference(actor, ContentKind::LogicalTable, source));
        let sources: BTreeSet<Uuid> = sources.collect::<Result<_, _>>()?;
        let old = self.library.objects.get(&id).and_then(Content::table).cloned().unwrap_or_default();
        Ok(Table { kind, connection, sources, ..old })
    }

    fn liveboard(
        &self,
        actor: &Actor<'_>,
        body: &Map<String, Value>,
        id: Uuid,
        policy: Policy,
    ) -> Result<(Body, Option<String>), Failure> {
        let old = self.library.objects.get(&id).map(Content::visualizations).unwrap_or_default();
        let (mut parts, mut lost) = (Vec::new(), Vec::new());
        for part in objects(body, "visualizations") {
            let Some(answer) = part.get("answer").and_then(Value::as_object) else { continue };
            let name = text(answer, "name").or_else(|| text(part, "id")).unwrap_or_default();
            match self.projection(actor, answer) {
                Ok(shows) => {
                    let known = old.iter().find(|part| part.name == name).map(|part| part.id);
                    let id = known.or_else(|| guid(part, "viz_guid")).unwrap_or_else(Uuid::new_v4);
                    parts.push(Visualization { id, name, shows });
                }
                Err(Failure(_, text)) if policy == Policy::PartialObject => lost.push(format!("{name}: {text}")),
                Err(failure) => return Err(failure),
            }
        }
        let warning = (!lost.is_empty()).then(|| lost.join("; "));
        Ok((Body::Liveboard(parts), warning))
    }

    /// The columns of the first table that an Answer names.
    fn projection(&self, actor: &Actor<'_>, answer: &Map<String, Value>) -> Result<Projection, Failure> {
        let table = objects(answer, "tables").next();
        let table = table.map(|table| self.reference(actor, ContentKind::LogicalTable, table)).transpose()?;
        let own: BTreeSet<&str> =
            table.into_iter().flat_map(|table| self.columns_of(table)).map(|column| column.name.as_str()).collect();
        let columns = objects(answer, "answer_columns").filter_map(|column| text(column, "name"));
        Ok(Projection { table, columns: columns.filter(|name| own.contains(name.as_str())).collect() })
    }

    /// The object that is referred to: by `fqn`, which is a GUID, or else by name.
    fn reference(&self, actor: &Actor<'_>, kind: ContentKind, reference: &Map<String, Value>) -> Result<Uuid, Failure> {
        let (fqn, name) = (guid(reference, "fqn"), text(reference, "name").or_else(|| text(reference, "id")));
        let here = |object: &&Content| object.org == actor.org && object.kind() == kind;
        let by_id = fqn.and_then(|id| self.library.objects.get(&id)).filter(here);
        let by_name = || self.library.objects.values().find(|object| here(object) && Some(&object.name) == name.as_ref());
        by_id
            .or_else(by_name)
            .map(|object| object.id)
            .ok_or_else(|| Failure(NO_REFERENCE, format!("{} not found: {}", kind.name(), name.unwrap_or_default())))
    }
}

/// Reads a text as YAML, of which JSON is a part.
fn read(source: &str) -> Result<Document, Failure> {
    let document: Map<String, Value> =
        serde_saphyr::from_str(source).map_err(|error| Failure(NO_TML, format!("Invalid TML: {error}")))?;
    if document.contains_key("worksheet") {
        return Err(Failure(NO_TML, "Worksheets cannot be imported any more: use a model".to_owned()));
    }
    let found = WORDS.iter().find_map(|(word, kind)| Some((*kind, document.get(*word)?.as_object()?.clone())));
    let (kind, body) = found.ok_or_else(|| Failure(NO_TML, "Invalid TML: it is of no known kind".to_owned()))?;
    let name = text(&body, "name").ok_or_else(|| Failure(NO_TML, "Invalid TML: a name is needed".to_owned()))?;
    Ok(Document { guid: guid(&document, "guid"), kind, name, body })
}

/// The columns of a table, model or view, under whichever word they stand.
fn columns(body: &Map<String, Value>) -> Vec<NewColumn> {
    let words = ["columns", "view_columns", "sql_view_columns"];
    let all = words.into_iter().flat_map(|word| objects(body, word));
    let column = |column: &Map<String, Value>| {
        let properties = column.get("db_column_properties").and_then(Value::as_object);
        let data_type = properties.and_then(|properties| text(properties, "data_type"));
        Some(NewColumn { name: text(column, "name")?, data_type: data_type.unwrap_or_else(|| "VARCHAR".to_owned()) })
    };
    all.filter_map(column).collect()
}

fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    object.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn guid(object: &Map<String, Value>, key: &str) -> Option<Uuid> {
    text(object, key).and_then(|text| Uuid::parse_str(&text).ok())
}

/// The maps in a list.
fn objects<'a>(object: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
    object.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}
