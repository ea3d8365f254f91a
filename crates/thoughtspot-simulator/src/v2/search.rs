//! What searches of users and groups have in common: pages, order, patterns, lists in rows.

use super::wire::Identifier;
use crate::settings::{ListOrder, Settings};
use crate::state::refusal::{Cause, Refusal};
use crate::state::{Actor, World};
use serde::Deserialize;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use uuid::Uuid;
use wildmatch::WildMatchPattern;

pub(crate) const DEFAULT_RECORD_SIZE: i64 = 10;

/// Which rows of the result are wanted, and in which order.
#[derive(Deserialize)]
pub(crate) struct Page {
    #[serde(default)]
    record_offset: i32,
    record_size: Option<i32>,
    sort_options: Option<SortOptions>,
}

#[derive(Deserialize)]
struct SortOptions {
    field_name: Option<SortField>,
    order: Option<Order>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum SortField {
    Name,
    DisplayName,
    Author,
    Created,
    Modified,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Order {
    Asc,
    Desc,
}

/// A part of a list that is in order.
pub(crate) struct Window {
    pub(crate) offset: i64,
    /// As it was sent, if it was.
    pub(crate) size: Option<i64>,
    /// What it is otherwise; -1 is all.
    pub(crate) default_size: i64,
}

impl Window {
    /// The elements that it shows. `shift` moves every window but the first.
    pub(crate) fn of<T>(&self, list: Vec<T>, settings: &Settings, shift: i64) -> Result<Vec<T>, Refusal> {
        let size = self.size(settings)?;
        if self.offset < 0 {
            return Err(Refusal::invalid("record_offset must not be negative"));
        }
        let skipped = if self.offset > 0 { (self.offset + shift).max(0) } else { 0 };
        Ok(list.into_iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX)).take(size).collect())
    }

    fn size(&self, settings: &Settings) -> Result<usize, Refusal> {
        let size = match self.size.unwrap_or(self.default_size) {
            -1 => return Ok(usize::MAX),
            bad if bad < 1 && settings.refuse_bad_record_size => {
                return Err(Refusal::invalid("record_size must be -1 or at least 1"));
            }
            bad if bad < 1 => DEFAULT_RECORD_SIZE,
            good => good,
        };
        match settings.record_size_limit {
            Some(limit) if size > limit => Err(Refusal::invalid(format!("record_size must not be above {limit}"))),
            Some(_) | None => Ok(usize::try_from(size).unwrap_or(usize::MAX)),
        }
    }
}

/// What rows can be sorted by.
pub(crate) struct SortKeys<'a> {
    pub(crate) id: Uuid,
    pub(crate) name: &'a str,
    pub(crate) display_name: &'a str,
    pub(crate) author: Uuid,
    pub(crate) created: i64,
    pub(crate) modified: i64,
}

impl Page {
    /// The ids of the rows on this page, of all that were found. `shift` moves every page but the first.
    pub(crate) fn of(&self, mut found: Vec<SortKeys<'_>>, settings: &Settings, shift: i64) -> Result<Vec<Uuid>, Refusal> {
        if settings.unstable_order {
            fastrand::shuffle(&mut found);
        }
        found.sort_by(|one, other| self.compare(one, other, settings));
        let window = Window {
            offset: self.record_offset.into(),
            size: self.record_size.map(i64::from),
            default_size: DEFAULT_RECORD_SIZE,
        };
        window.of(found.into_iter().map(|keys| keys.id).collect(), settings, shift)
    }

    /// Without a sort the order is that of the ids: any order will do for a client that asked for none.
    fn compare(&self, one: &SortKeys<'_>, other: &SortKeys<'_>, settings: &Settings) -> Ordering {
        let Some(options) = &self.sort_options else {
            return one.id.cmp(&other.id);
        };
        let order = match options.field_name.unwrap_or(SortField::Name) {
            SortField::Name => fold(one.name).cmp(&fold(other.name)),
            SortField::DisplayName => fold(one.display_name).cmp(&fold(other.display_name)),
            SortField::Author => one.author.cmp(&other.author),
            SortField::Created => one.created.cmp(&other.created),
            SortField::Modified => one.modified.cmp(&other.modified),
        };
        let order = if settings.unstable_order { order } else { order.then(one.id.cmp(&other.id)) };
        if options.order == Some(Order::Desc) { order.reverse() } else { order }
    }
}

fn fold(name: &str) -> String {
    name.to_lowercase()
}

/// The Orgs of a filter; those that do not exist are left out.
pub(crate) fn orgs(world: &World, wanted: &[Identifier]) -> BTreeSet<i32> {
    wanted.iter().filter_map(|Identifier(identifier)| world.find_org(identifier)).map(|org| org.id).collect()
}

/// The users of a filter, among those the actor sees; those that do not exist are left out.
pub(crate) fn users(world: &World, actor: &Actor<'_>, wanted: &[Identifier]) -> BTreeSet<Uuid> {
    wanted.iter().filter_map(|Identifier(identifier)| world.find_user(actor, identifier)).map(|user| user.id).collect()
}

/// The roles of a filter, among those the actor sees; those that do not exist are left out.
pub(crate) fn roles(world: &World, actor: &Actor<'_>, wanted: &[Identifier]) -> BTreeSet<Uuid> {
    let visible = world.visible_roles(actor).filter(|_| actor.settings.rbac);
    visible.filter(|role| wanted.iter().any(|wanted| wanted.names(role.id, &role.name))).map(|role| role.id).collect()
}

/// A name pattern: `%` stands for any text, case does not matter.
pub(crate) fn like(pattern: &str, name: &str) -> bool {
    // No pattern holds a NUL, so there is no wildcard for a single character.
    WildMatchPattern::<'%', '\0'>::new_case_insensitive(pattern).matches(name)
}

/// Refuses a page with a row that cannot be resolved: the whole of it.
pub(crate) fn check_poison(settings: &Settings, page: &[Uuid], org_filter: Option<&Vec<Identifier>>) -> Result<(), Refusal> {
    if org_filter.is_none() && !settings.poison_unfiltered {
        return Ok(());
    }
    let poison: Vec<String> = page.iter().map(Uuid::to_string).filter(|id| settings.poison.contains(id)).collect();
    if poison.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(Cause::Unresolvable, format!("Principal object does not exist corresponding to {}", poison.join(", "))))
}

/// A list inside a row, its elements with what they are ordered by.
pub(crate) fn list(settings: &Settings, mut elements: Vec<(String, Value)>) -> Value {
    match settings.list_order {
        ListOrder::Name => elements.sort_by(|one, other| one.0.cmp(&other.0)),
        ListOrder::Shuffled => fastrand::shuffle(&mut elements),
    }
    elements.into_iter().map(|(_, element)| element).collect()
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn only_the_percent_sign_is_a_wildcard() {
        for (pattern, name, expected) in [
            ("an%", "Ana", true),
            ("%a", "ana", true),
            ("a_a", "ana", false),
            ("a?a", "ana", false),
            ("a*", "ana", false),
            ("ana", "anas", false),
        ] {
            assert_eq!(like(pattern, name), expected, "{pattern} on {name}");
        }
    }
}
