//! Connections to data warehouses (docs/thoughtspot-api-content.md, "Connections").

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with_macros::skip_serializing_none;

use crate::at::At;
use crate::decode::segment;
use crate::domain::Guid;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::wire::Call;

/// Connections of one Org. From [`crate::v2::V2::connections`].
#[derive(Clone, Copy)]
pub struct Connections<'a>(pub(super) At<'a>);

/// Which connections. Their configuration is never asked for: it says how to sign in to the warehouse.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SearchConnections {
    /// Connections that match any of these; all if unset.
    pub connections: Option<NonEmpty<ConnectionMatch>>,
    /// By GUID or name of the tag.
    pub tag_identifiers: Option<NonEmpty<String>>,
    pub record_offset: Option<u32>,
    /// Rows of an answer; 10 if unset. There is no total: a shorter answer is the last.
    pub record_size: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionMatch {
    /// A GUID or a name.
    Identifier(String),
    /// `%` stands for anything.
    NamePattern(String),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Connection {
    pub id: Guid,
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    /// Such as `SNOWFLAKE`; grows with releases, so it is text.
    #[serde(default)]
    pub data_warehouse_type: Option<String>,
    /// Databases, schemas and tables, if the server tells them.
    #[serde(default)]
    pub data_warehouse_objects: Option<Value>,
}

impl Connections<'_> {
    /// Finds connections.
    pub async fn search(&self, search: &SearchConnections) -> Result<Vec<Connection>> {
        self.0.rows(&Call::read("connection/search", search)).await
    }

    /// Deletes a connection, by GUID or name. Fails with [`crate::Error::Refused`] (400) while tables depend on it.
    pub async fn delete(&self, identifier: &str) -> Result<()> {
        const DELETE: &str = "connections/delete";
        let path = format!("connections/{}/delete", segment(DELETE, identifier)?);
        self.0.done(&Call::bare_write(DELETE, path)).await
    }
}
