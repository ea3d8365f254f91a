//! Content as plain data: one form to look at it and to seed it.

use super::super::World;
use super::super::tag::Tag;
use super::access::Access;
use super::find::PrincipalKind;
use super::{Body, Content, Projection, TableKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagDump {
    /// Its GUID.
    #[serde(default)]
    pub id: String,
    /// Name of its Org.
    pub org: String,
    /// Its name.
    pub name: String,
    /// As `#ffd700`, if it has one.
    #[serde(default)]
    pub color: Option<String>,
}

/// An object of an Org.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContentDump {
    /// Its GUID.
    pub id: String,
    /// Name of its Org.
    pub org: String,
    /// Its name.
    pub name: String,
    /// Its description, if it has one.
    #[serde(default)]
    pub description: Option<String>,
    /// Name of its author; the GUID of one who is gone.
    pub author: String,
    /// When it was made, in milliseconds since 1970.
    #[serde(default)]
    pub created: i64,
    /// When it was changed last, in milliseconds since 1970.
    #[serde(default)]
    pub modified: i64,
    /// The id that users chose, if they did.
    #[serde(default)]
    pub object_id: Option<String>,
    /// Names of its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// With whom it is shared.
    #[serde(default)]
    pub shares: Vec<ShareDump>,
    /// Names of the Orgs it is published to.
    #[serde(default)]
    pub published_to: Vec<String>,
    /// Names of the users whose favourite it is.
    #[serde(default)]
    pub favorite_of: Vec<String>,
    /// Names of the users who see it first; only for Liveboards.
    #[serde(default)]
    pub home_of: Vec<String>,
    /// Names of the groups of its Org whose members see it first; only for Liveboards.
    #[serde(default)]
    pub default_of: Vec<String>,
    /// Names of the users and groups who may coach Spotter on it; only for tables.
    #[serde(default)]
    pub coaches: Vec<PrincipalDump>,
    /// What was imported, below the word for its kind.
    #[serde(default)]
    pub document: Map<String, Value>,
    /// What only its kind has.
    #[serde(flatten)]
    pub body: BodyDump,
}

/// A user or group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrincipalDump {
    /// Which of the two.
    #[serde(rename = "type")]
    pub kind: PrincipalKind,
    /// Its name.
    pub name: String,
}

/// A user or group that something is shared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareDump {
    /// Who.
    #[serde(flatten)]
    pub principal: PrincipalDump,
    /// What it may do.
    pub access: Access,
}

/// What only one kind of object has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BodyDump {
    /// A Liveboard.
    Liveboard {
        /// Its parts, in order.
        #[serde(default)]
        visualizations: Vec<VisualizationDump>,
    },
    /// An Answer.
    Answer {
        /// What it shows.
        #[serde(default)]
        shows: ProjectionDump,
    },
    /// A table, model or view.
    LogicalTable {
        /// Which of them.
        #[serde(default)]
        table_kind: TableKind,
        /// GUID of its connection, if it has one.
        #[serde(default)]
        connection: Option<String>,
        /// GUIDs of the tables it is made of.
        #[serde(default)]
        sources: Vec<String>,
        /// GUIDs of its columns, in order: objects of their own.
        #[serde(default)]
        columns: Vec<String>,
        /// A value for each column.
        #[serde(default)]
        rows: Vec<Vec<Value>>,
    },
    /// A column.
    LogicalColumn {
        /// GUID of its table.
        table: String,
        /// As `VARCHAR`.
        data_type: String,
        /// Names of the groups that see it, when not everybody does.
        #[serde(default)]
        secured_for: Option<Vec<String>>,
    },
    /// A connection.
    Connection {
        /// As `SNOWFLAKE`.
        warehouse: String,
    },
}

/// A part of a Liveboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisualizationDump {
    /// Its GUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it shows.
    #[serde(default)]
    pub shows: ProjectionDump,
}

/// Some columns of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProjectionDump {
    /// GUID of the table.
    #[serde(default)]
    pub table: Option<String>,
    /// Names of the columns; none means all.
    #[serde(default)]
    pub columns: Vec<String>,
}

impl World {
    /// Every tag, by Org and name.
    pub(crate) fn dump_tags(&self) -> Vec<TagDump> {
        let org = |tag: &Tag| self.orgs.get(&tag.org).map(|org| org.name.clone());
        let dump = |tag: &Tag| {
            Some(TagDump { id: tag.id.to_string(), org: org(tag)?, name: tag.name.clone(), color: tag.color.clone() })
        };
        let mut tags: Vec<TagDump> = self.tags.values().filter_map(dump).collect();
        tags.sort_by(|one, other| (&one.org, &one.name).cmp(&(&other.org, &other.name)));
        tags
    }

    /// Every object, by Org, kind and name.
    pub(crate) fn dump_content(&self) -> Vec<ContentDump> {
        let mut objects: Vec<&Content> = self.library.objects.values().collect();
        objects.sort_by(|one, other| {
            (one.org, one.kind(), &one.name, one.id).cmp(&(other.org, other.kind(), &other.name, other.id))
        });
        objects.into_iter().filter_map(|object| self.dump_object(object)).collect()
    }

    fn dump_object(&self, object: &Content) -> Option<ContentDump> {
        let library = &self.library;
        let user = |id: &Uuid| self.users.get(id).map(|user| user.name.clone());
        let group = |id: &Uuid| self.groups.get(id).map(|group| group.name.clone());
        let share = |(id, access): (&Uuid, &Access)| Some(ShareDump { principal: self.dump_principal(*id)?, access: *access });
        let homes = library.homes.iter().filter(|(_, home)| **home == object.id);
        let published = library.published.wholes_of(object.id);
        Some(ContentDump {
            id: object.id.to_string(),
            org: self.orgs.get(&object.org)?.name.clone(),
            name: object.name.clone(),
            description: object.description.clone(),
            author: user(&object.author).unwrap_or_else(|| object.author.to_string()),
            created: object.created,
            modified: object.modified,
            object_id: library.object_ids.get(&object.id).cloned(),
            tags: sorted(object.tags.iter().filter_map(|id| self.tags.get(id)).map(|tag| tag.name.clone())),
            shares: object.shares.iter().filter_map(share).collect(),
            published_to: published.iter().filter_map(|org| self.orgs.get(org)).map(|org| org.name.clone()).collect(),
            favorite_of: sorted(library.favorites.wholes_of(object.id).iter().filter_map(user)),
            home_of: sorted(homes.filter_map(|(id, _)| user(id))),
            default_of: sorted(library.defaults.wholes_of(object.id).iter().filter_map(group)),
            coaches: library.coaches.members_of(object.id).iter().filter_map(|id| self.dump_principal(*id)).collect(),
            document: object.document.clone(),
            body: self.dump_body(&object.body),
        })
    }

    fn dump_principal(&self, id: Uuid) -> Option<PrincipalDump> {
        let user = self.users.get(&id).map(|user| (PrincipalKind::User, &user.name));
        let (kind, name) = user.or_else(|| self.groups.get(&id).map(|group| (PrincipalKind::UserGroup, &group.name)))?;
        Some(PrincipalDump { kind, name: name.clone() })
    }

    fn dump_body(&self, body: &Body) -> BodyDump {
        match body {
            Body::Liveboard(parts) => {
                let part = |part: &super::Visualization| VisualizationDump {
                    id: part.id.to_string(),
                    name: part.name.clone(),
                    shows: dump_projection(&part.shows),
                };
                BodyDump::Liveboard { visualizations: parts.iter().map(part).collect() }
            }
            Body::Answer(shows) => BodyDump::Answer { shows: dump_projection(shows) },
            Body::Table(table) => BodyDump::LogicalTable {
                table_kind: table.kind,
                connection: table.connection.map(|id| id.to_string()),
                sources: table.sources.iter().map(Uuid::to_string).collect(),
                columns: table.columns.iter().map(Uuid::to_string).collect(),
                rows: table.rows.clone(),
            },
            Body::Column(column) => BodyDump::LogicalColumn {
                table: column.table.to_string(),
                data_type: column.data_type.clone(),
                secured_for: column
                    .secured_for
                    .as_ref()
                    .map(|groups| sorted(groups.iter().filter_map(|id| self.groups.get(id)).map(|group| group.name.clone()))),
            },
            Body::Connection(connection) => BodyDump::Connection { warehouse: connection.warehouse.clone() },
        }
    }
}

fn dump_projection(shows: &Projection) -> ProjectionDump {
    ProjectionDump { table: shows.table.map(|id| id.to_string()), columns: shows.columns.clone() }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}
