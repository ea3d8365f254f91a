//! What a person in the browser does with content.

use crate::edit::{Done, Edit, owned};
use crate::state::content::access::{Access, ShareMode};
use crate::state::content::find::Named;
use crate::state::content::make::NewColumn;
use crate::state::content::{Body, Connection, ContentKind, Projection, Table, TableKind, Visualization};
use crate::state::group::GroupChange;
use crate::state::links::Operation;
use crate::state::refusal::Refusal;
use crate::state::user::UserChange;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Objects are named by GUID. Whoever is named as author has to be a user; tsadmin can be named in every Org.
impl Edit<'_> {
    /// Makes a connection and returns its GUID.
    pub fn create_connection(&mut self, org: &str, author: &str, name: &str) -> Done<String> {
        let body = Body::Connection(Connection { warehouse: "SNOWFLAKE".to_owned() });
        self.create(org, author, name, body)
    }

    /// Makes a table with these columns, of a connection or of none, and returns its GUID. It has no rows yet.
    pub fn create_table(
        &mut self,
        org: &str,
        author: &str,
        name: &str,
        columns: &[&str],
        connection: Option<&str>,
    ) -> Done<String> {
        let connection = connection.map(|id| self.object(org, id)).transpose()?;
        self.create_columns(org, author, name, columns, Table { connection, ..Table::default() })
    }

    /// Makes a model with these columns on top of tables, and returns its GUID.
    pub fn create_model(&mut self, org: &str, author: &str, name: &str, columns: &[&str], tables: &[&str]) -> Done<String> {
        let sources: BTreeSet<Uuid> = tables.iter().map(|id| self.object(org, id)).collect::<Done<_>>()?;
        let table = Table { kind: TableKind::Worksheet, sources, ..Table::default() };
        self.create_columns(org, author, name, columns, table)
    }

    fn create_columns(&mut self, org: &str, author: &str, name: &str, columns: &[&str], table: Table) -> Done<String> {
        let id = self.create(org, author, name, Body::Table(table))?;
        let columns: Vec<NewColumn> =
            columns.iter().map(|name| NewColumn { name: (*name).to_owned(), data_type: "VARCHAR".to_owned() }).collect();
        let table = self.object(org, &id)?;
        let actor = self.actor(org)?;
        self.world.set_columns(&actor, table, &columns);
        Ok(id)
    }

    /// Fills a table: a value for each column of each row.
    pub fn set_rows(&mut self, org: &str, table: &str, rows: Vec<Vec<Value>>) -> Done {
        let table = self.object(org, table)?;
        self.world.set_rows(table, rows)
    }

    /// Makes an Answer that shows a table, or nothing, and returns its GUID.
    pub fn create_answer(&mut self, org: &str, author: &str, name: &str, table: Option<&str>) -> Done<String> {
        let table = table.map(|id| self.object(org, id)).transpose()?;
        self.create(org, author, name, Body::Answer(Projection { table, columns: Vec::new() }))
    }

    /// Makes a Liveboard and returns its GUID. Each of its visualisations has a name and shows some columns of a table; without columns it
    /// shows all of them.
    pub fn create_liveboard(&mut self, org: &str, author: &str, name: &str, shows: &[(&str, &str, &[&str])]) -> Done<String> {
        let mut parts = Vec::new();
        for (name, table, columns) in shows {
            let shows = Projection { table: Some(self.object(org, table)?), columns: owned(columns) };
            parts.push(Visualization { id: Uuid::new_v4(), name: (*name).to_owned(), shows });
        }
        self.create(org, author, name, Body::Liveboard(parts))
    }

    fn create(&mut self, org: &str, author: &str, name: &str, body: Body) -> Done<String> {
        let mut actor = self.actor(org)?;
        actor.user = self.world.find_user(&actor, author).ok_or_else(|| Refusal::unknown_principal(author))?.id;
        self.world.add_content(&actor, Uuid::new_v4(), name, body).map(|id| id.to_string())
    }

    fn object(&self, org: &str, id: &str) -> Done<Uuid> {
        let named = Named { kind: None, identifier: id.to_owned() };
        self.world.find_content(&self.actor(org)?, &named).map(|object| object.id)
    }

    /// Shares an object with a user or group; `None` takes the access away.
    pub fn share(&mut self, org: &str, object: &str, principal: &str, access: Option<Access>) -> Done {
        let actor = self.actor(org)?;
        let principal = self.world.find_principal(&actor, None, principal)?;
        let mode = match access {
            Some(Access::ReadOnly) => ShareMode::ReadOnly,
            Some(Access::Modify) => ShareMode::Modify,
            None => ShareMode::NoAccess,
        };
        let objects = BTreeSet::from([self.object(org, object)?]);
        self.world.share(&actor, &objects, &BTreeMap::from([(principal.id, mode)]))
    }

    /// Deletes an object.
    pub fn delete_content(&mut self, org: &str, object: &str) -> Done {
        let actor = self.actor(org)?;
        let objects = BTreeSet::from([self.object(org, object)?]);
        self.world.delete_content(&actor, &objects)
    }

    /// Makes a tag and returns its GUID.
    pub fn create_tag(&mut self, org: &str, name: &str) -> Done<String> {
        self.world.create_tag(&self.actor(org)?, name, None).map(|id| id.to_string())
    }

    /// Puts a tag on an object.
    pub fn tag(&mut self, org: &str, object: &str, tag: &str) -> Done {
        let actor = self.actor(org)?;
        let tags = self.world.resolve_tags(actor.org, &owned(&[tag]))?;
        let objects = BTreeSet::from([self.object(org, object)?]);
        self.world.tag_content(&actor, &objects, &tags, Operation::Add)
    }

    /// Makes a Liveboard the first that a user sees; an empty one takes it away.
    pub fn set_home_liveboard(&mut self, org: &str, user: &str, liveboard: &str) -> Done {
        let change = UserChange { home_liveboard: Some(liveboard.to_owned()), ..UserChange::default() };
        self.world.update_user(&self.actor(org)?, user, change)
    }

    /// Makes a Liveboard a favourite of a user.
    pub fn add_favorite(&mut self, org: &str, user: &str, liveboard: &str) -> Done {
        let favorites = vec![Named { kind: Some(ContentKind::Liveboard), identifier: liveboard.to_owned() }];
        let change = UserChange { favorites: Some(favorites), operation: Some(Operation::Add), ..UserChange::default() };
        self.world.update_user(&self.actor(org)?, user, change)
    }

    /// Makes these the Liveboards that members of a group see first.
    pub fn set_default_liveboards(&mut self, org: &str, group: &str, liveboards: &[&str]) -> Done {
        let change = GroupChange { default_liveboards: Some(owned(liveboards)), ..GroupChange::default() };
        self.world.update_group(&self.actor(org)?, group, change)
    }
}
