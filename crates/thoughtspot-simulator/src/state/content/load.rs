//! Content given as plain data: the counterpart of `dump`.

use super::super::load::{BadSeed, Done, id_or_new, unknown};
use super::super::tag::Tag;
use super::super::{Actor, World};
use super::dump::{BodyDump, ContentDump, PrincipalDump, ProjectionDump, TagDump, VisualizationDump};
use super::find::PrincipalKind;
use super::{Body, Column, Connection, Content, Projection, Table, Visualization};
use std::collections::BTreeSet;
use uuid::Uuid;

impl World {
    pub(in super::super) fn load_tag(&mut self, actor: &Actor<'_>, listed: &TagDump) -> Done {
        let id = id_or_new(&listed.id)?;
        let tag = Tag {
            id,
            org: self.org_of(&listed.org)?,
            name: listed.name.clone(),
            color: listed.color.clone(),
            author: actor.user,
            modifier: actor.user,
            created: actor.now,
            modified: actor.now,
        };
        self.tags.insert(id, tag);
        Ok(())
    }

    /// An object, and whatever points at it.
    pub(in super::super) fn load_object(&mut self, listed: &ContentDump) -> Done {
        let (id, org) = (id_or_new(&listed.id)?, self.org_of(&listed.org)?);
        // The author of a dump can be gone; then it is a GUID.
        let author = self.user_of(&listed.author).or_else(|error| listed.author.parse().map_err(|_| error))?;
        let tag = |name: &String| self.find_tag(org, name).map(|tag| tag.id).ok_or_else(|| unknown("tag", name));
        let share = |share: &super::dump::ShareDump| Ok((self.principal_of(&listed.org, &share.principal)?, share.access));
        let object = Content {
            id,
            org,
            name: listed.name.clone(),
            description: listed.description.clone(),
            author,
            modifier: author,
            created: listed.created,
            modified: listed.modified,
            tags: listed.tags.iter().map(tag).collect::<Done<_>>()?,
            shares: listed.shares.iter().map(share).collect::<Done<_>>()?,
            document: listed.document.clone(),
            body: self.loaded_body(&listed.org, &listed.body)?,
        };
        if self.library.objects.insert(id, object).is_some() {
            return Err(BadSeed::new(format!("two objects have the id {id}")));
        }
        self.load_pointers(id, listed)
    }

    fn load_pointers(&mut self, id: Uuid, listed: &ContentDump) -> Done {
        if let Some(object_id) = &listed.object_id {
            self.library.object_ids.insert(id, object_id.clone());
        }
        for org in &listed.published_to {
            self.library.published.join(id, self.org_of(org)?);
        }
        for user in &listed.favorite_of {
            self.library.favorites.join(id, self.user_of(user)?);
        }
        for user in &listed.home_of {
            self.library.homes.insert(self.user_of(user)?, id);
        }
        for group in &listed.default_of {
            self.library.defaults.join(id, self.group_of(&listed.org, group)?);
        }
        for coach in &listed.coaches {
            self.library.coaches.join(self.principal_of(&listed.org, coach)?, id);
        }
        Ok(())
    }

    fn principal_of(&self, org: &str, principal: &PrincipalDump) -> Done<Uuid> {
        match principal.kind {
            PrincipalKind::User => self.user_of(&principal.name),
            PrincipalKind::UserGroup => self.group_of(org, &principal.name),
        }
    }

    fn loaded_body(&self, org: &str, body: &BodyDump) -> Done<Body> {
        Ok(match body {
            BodyDump::Liveboard { visualizations } => {
                Body::Liveboard(visualizations.iter().map(visualization).collect::<Done<_>>()?)
            }
            BodyDump::Answer { shows } => Body::Answer(projection(shows)?),
            BodyDump::LogicalTable { table_kind, connection, sources, columns, rows } => Body::Table(Table {
                kind: *table_kind,
                connection: connection.as_deref().map(guid).transpose()?,
                sources: sources.iter().map(|id| guid(id)).collect::<Done<_>>()?,
                columns: columns.iter().map(|id| guid(id)).collect::<Done<_>>()?,
                rows: rows.clone(),
            }),
            BodyDump::LogicalColumn { table, data_type, secured_for } => {
                let groups =
                    |names: &Vec<String>| names.iter().map(|name| self.group_of(org, name)).collect::<Done<BTreeSet<_>>>();
                let secured_for = secured_for.as_ref().map(groups).transpose()?;
                Body::Column(Column { table: guid(table)?, data_type: data_type.clone(), secured_for })
            }
            BodyDump::Connection { warehouse } => Body::Connection(Connection { warehouse: warehouse.clone() }),
        })
    }
}

fn visualization(listed: &VisualizationDump) -> Done<Visualization> {
    Ok(Visualization { id: id_or_new(&listed.id)?, name: listed.name.clone(), shows: projection(&listed.shows)? })
}

fn projection(listed: &ProjectionDump) -> Done<Projection> {
    Ok(Projection { table: listed.table.as_deref().map(guid).transpose()?, columns: listed.columns.clone() })
}

fn guid(text: &str) -> Done<Uuid> {
    text.parse().map_err(|_| unknown("GUID", text))
}
