//! Content: Liveboards, Answers, tables with their columns, connections. Each object lives in one Org.
//!
//! | module | what lives there |
//! | --- | --- |
//! | `access` | who may see and change what; sharing |
//! | `dump` | content as plain data |
//! | `find` | objects and principals by identifier |
//! | `govern` | publishing, rights on tables, secured columns |
//! | `jobs` | imports in the background |
//! | `library` | where all content is kept, and what points at it |
//! | `load` | content from plain data |
//! | `make` | new objects, copies |
//! | `own` | authors, tags, object ids |
//! | `remove` | deletion, and what stands against it |
//! | `rows` | what a table or a visualisation answers |
//! | `tml`, `tml_export` | objects from text and to text |

pub(crate) mod access;
pub(crate) mod dump;
pub(crate) mod find;
pub(crate) mod govern;
pub(crate) mod jobs;
pub(crate) mod library;
mod load;
pub(crate) mod make;
pub(crate) mod own;
pub(crate) mod remove;
pub(crate) mod rows;
pub(crate) mod tml;
pub(crate) mod tml_export;

use super::Actor;
use access::Access;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What kind of object it is. The names are those of REST API v2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContentKind {
    /// A page of visualisations.
    Liveboard,
    /// One saved question.
    Answer,
    /// A table, model or view.
    LogicalTable,
    /// A column of one of those.
    LogicalColumn,
    /// Where tables come from.
    Connection,
}

impl ContentKind {
    /// Its name in REST API v2.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Liveboard => "LIVEBOARD",
            Self::Answer => "ANSWER",
            Self::LogicalTable => "LOGICAL_TABLE",
            Self::LogicalColumn => "LOGICAL_COLUMN",
            Self::Connection => "CONNECTION",
        }
    }

    /// Its name in REST API v1.
    pub(crate) fn v1_name(self) -> &'static str {
        match self {
            Self::Liveboard => "PINBOARD_ANSWER_BOOK",
            Self::Answer => "QUESTION_ANSWER_BOOK",
            Self::LogicalTable => "LOGICAL_TABLE",
            Self::LogicalColumn => "LOGICAL_COLUMN",
            Self::Connection => "DATA_SOURCE",
        }
    }
}

/// What kind of table it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TableKind {
    /// A table of a connection.
    #[default]
    OneToOneLogical,
    /// A worksheet or model.
    Worksheet,
    /// A model that only its author uses.
    PrivateWorksheet,
    /// Uploaded by a user.
    UserDefined,
    /// A view.
    AggrWorksheet,
    /// A view in SQL.
    SqlView,
}

impl TableKind {
    /// Its name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OneToOneLogical => "ONE_TO_ONE_LOGICAL",
            Self::Worksheet => "WORKSHEET",
            Self::PrivateWorksheet => "PRIVATE_WORKSHEET",
            Self::UserDefined => "USER_DEFINED",
            Self::AggrWorksheet => "AGGR_WORKSHEET",
            Self::SqlView => "SQL_VIEW",
        }
    }
}

/// An object of an Org.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) id: Uuid,
    pub(crate) org: i32,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// Who owns it. The user may be gone.
    pub(crate) author: Uuid,
    pub(crate) modifier: Uuid,
    pub(crate) created: i64,
    pub(crate) modified: i64,
    pub(crate) tags: BTreeSet<Uuid>,
    /// By user or group.
    pub(crate) shares: BTreeMap<Uuid, Access>,
    /// What was imported, below the word for its kind: what the simulator does not model comes back from there.
    pub(crate) document: Map<String, Value>,
    pub(crate) body: Body,
}

/// What only one kind of object has.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Liveboard(Vec<Visualization>),
    Answer(Projection),
    Table(Table),
    Column(Column),
    Connection(Connection),
}

/// A part of a Liveboard.
#[derive(Clone, Debug)]
pub(crate) struct Visualization {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) shows: Projection,
}

/// Some columns of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Projection {
    pub(crate) table: Option<Uuid>,
    /// Their names; none means all of them.
    pub(crate) columns: Vec<String>,
}

/// A table, model or view.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) kind: TableKind,
    pub(crate) connection: Option<Uuid>,
    /// The tables a model or view is made of.
    pub(crate) sources: BTreeSet<Uuid>,
    /// In order.
    pub(crate) columns: Vec<Uuid>,
    /// A value for each column.
    pub(crate) rows: Vec<Vec<Value>>,
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) table: Uuid,
    /// As `VARCHAR` or `INT64`.
    pub(crate) data_type: String,
    /// The groups that see it, when not everybody who sees the table does.
    pub(crate) secured_for: Option<BTreeSet<Uuid>>,
}

/// Where tables come from.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// As `SNOWFLAKE`.
    pub(crate) warehouse: String,
}

impl Content {
    /// An object in the actor's Org, made by the actor now.
    pub(crate) fn new(actor: &Actor<'_>, id: Uuid, name: &str, body: Body) -> Self {
        Self {
            id,
            org: actor.org,
            name: name.to_owned(),
            description: None,
            author: actor.user,
            modifier: actor.user,
            created: actor.now,
            modified: actor.now,
            tags: BTreeSet::new(),
            shares: BTreeMap::new(),
            document: Map::new(),
            body,
        }
    }

    pub(crate) fn kind(&self) -> ContentKind {
        match self.body {
            Body::Liveboard(_) => ContentKind::Liveboard,
            Body::Answer(_) => ContentKind::Answer,
            Body::Table(_) => ContentKind::LogicalTable,
            Body::Column(_) => ContentKind::LogicalColumn,
            Body::Connection(_) => ContentKind::Connection,
        }
    }

    /// What kind of table it is, if it is one.
    pub(crate) fn table_kind(&self) -> Option<TableKind> {
        self.table().map(|table| table.kind)
    }

    pub(crate) fn table(&self) -> Option<&Table> {
        match &self.body {
            Body::Table(table) => Some(table),
            Body::Liveboard(_) | Body::Answer(_) | Body::Column(_) | Body::Connection(_) => None,
        }
    }

    pub(crate) fn column(&self) -> Option<&Column> {
        match &self.body {
            Body::Column(column) => Some(column),
            Body::Liveboard(_) | Body::Answer(_) | Body::Table(_) | Body::Connection(_) => None,
        }
    }

    /// The parts of a Liveboard; other objects have none.
    pub(crate) fn visualizations(&self) -> &[Visualization] {
        match &self.body {
            Body::Liveboard(visualizations) => visualizations,
            Body::Answer(_) | Body::Table(_) | Body::Column(_) | Body::Connection(_) => &[],
        }
    }

    /// The objects this one is made of.
    pub(crate) fn sources(&self) -> BTreeSet<Uuid> {
        match &self.body {
            Body::Liveboard(visualizations) => visualizations.iter().filter_map(|part| part.shows.table).collect(),
            Body::Answer(shows) => shows.table.into_iter().collect(),
            Body::Table(table) => table.sources.iter().copied().chain(table.connection).collect(),
            Body::Column(column) => BTreeSet::from([column.table]),
            Body::Connection(_) => BTreeSet::new(),
        }
    }

    /// The object changed just now.
    pub(crate) fn touch(&mut self, actor: &Actor<'_>) {
        self.modifier = actor.user;
        self.modified = actor.now;
    }
}
