//! Publishing to other Orgs, rights on tables, secured columns.

use super::super::links::Operation;
use super::super::{Actor, World};
use super::{Body, Content};
use crate::state::refusal::{Cause, Refusal};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What happens to one column of a table.
pub(crate) struct ColumnRule {
    pub(crate) column: String,
    /// Everybody who sees the table sees it.
    pub(crate) unsecured: bool,
    /// What is done with the groups that see it.
    pub(crate) groups: Vec<(Operation, Vec<String>)>,
}

impl World {
    /// Publishes objects, and what they are made of, to the administrators of other Orgs.
    pub(crate) fn publish(&mut self, actor: &Actor<'_>, objects: &BTreeSet<Uuid>, orgs: &BTreeSet<i32>) -> Result<(), Refusal> {
        self.require_primary_admin(actor)?;
        for object in self.with_sources(objects) {
            for org in orgs {
                self.library.published.join(object, *org);
            }
        }
        Ok(())
    }

    /// Takes objects back from other Orgs. What others that are still published there are made of stays, unless it is forced.
    pub(crate) fn unpublish(
        &mut self,
        actor: &Actor<'_>,
        objects: &BTreeSet<Uuid>,
        orgs: &BTreeSet<i32>,
        with_sources: bool,
        force: bool,
    ) -> Result<(), Refusal> {
        self.require_primary_admin(actor)?;
        let leaving = if with_sources { self.with_sources(objects) } else { objects.clone() };
        for (object, org) in leaving.iter().flat_map(|object| orgs.iter().map(move |org| (*object, *org))) {
            let mut others = self.dependents(object).filter(|other| !leaving.contains(&other.id));
            if !force && others.any(|other| self.library.published.holds(other.id, org)) {
                return Err(Refusal::new(Cause::Dependents, "Published objects still depend on it"));
            }
        }
        for object in leaving {
            for org in orgs {
                self.library.published.leave(object, *org);
            }
        }
        Ok(())
    }

    /// The objects and everything they are made of.
    fn with_sources(&self, objects: &BTreeSet<Uuid>) -> BTreeSet<Uuid> {
        let mut waiting: Vec<Uuid> = objects.iter().copied().collect();
        let mut found = BTreeSet::new();
        while let Some(object) = waiting.pop() {
            if found.insert(object) {
                waiting.extend(self.library.objects.get(&object).map(Content::sources).unwrap_or_default());
            }
        }
        found
    }

    /// Lets principals coach Spotter on tables, or no longer.
    pub(crate) fn set_coaches(
        &mut self,
        actor: &Actor<'_>,
        tables: &BTreeSet<Uuid>,
        principals: &BTreeSet<Uuid>,
        add: bool,
    ) -> Result<(), Refusal> {
        self.require_modify(actor, tables)?;
        for table in tables {
            for principal in principals {
                if add {
                    self.library.coaches.join(*principal, *table);
                } else {
                    self.library.coaches.leave(*principal, *table);
                }
            }
        }
        Ok(())
    }

    /// Changes who sees the columns of a table. Either all of it happens or nothing.
    pub(crate) fn set_column_rules(
        &mut self,
        actor: &Actor<'_>,
        table: Uuid,
        clear: bool,
        rules: &[ColumnRule],
    ) -> Result<(), Refusal> {
        let object = self.library.objects.get(&table).ok_or_else(|| Refusal::unknown_object(&table.to_string()))?;
        if !self.administers(actor.user, actor.org) {
            return Err(Refusal::new(Cause::ForbiddenOperation, format!("Forbidden operation on {}", object.name)));
        }
        let mut planned: Vec<(Uuid, Option<BTreeSet<Uuid>>)> = Vec::new();
        if clear {
            planned.extend(self.columns_of(table).map(|column| (column.id, None)));
        }
        for rule in rules {
            planned.push(self.planned_rule(actor, table, clear, rule)?);
        }
        for (column, groups) in planned {
            if let Some(Body::Column(column)) = self.library.objects.get_mut(&column).map(|object| &mut object.body) {
                column.secured_for = groups;
            }
        }
        Ok(())
    }

    fn planned_rule(
        &self,
        actor: &Actor<'_>,
        table: Uuid,
        clear: bool,
        rule: &ColumnRule,
    ) -> Result<(Uuid, Option<BTreeSet<Uuid>>), Refusal> {
        let is_it = |column: &&Content| column.name == rule.column || column.id.to_string() == rule.column;
        let column = self.columns_of(table).find(is_it).ok_or_else(|| Refusal::unknown_object(&rule.column))?;
        if rule.unsecured {
            return Ok((column.id, None));
        }
        let current = column.column().filter(|_| !clear).and_then(|column| column.secured_for.clone());
        let mut groups = current.unwrap_or_default();
        for (operation, named) in &rule.groups {
            groups = operation.apply(&groups, &self.resolve_groups(actor.org, named)?);
        }
        Ok((column.id, Some(groups)))
    }
}
