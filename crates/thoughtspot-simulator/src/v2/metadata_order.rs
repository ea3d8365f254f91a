//! In which order a search for content answers.

use super::search;
use crate::state::World;
use crate::state::content::Content;
use serde::Deserialize;
use std::cmp::Ordering;

/// By what, and which way round.
#[derive(Deserialize)]
pub(crate) struct SortOptions {
    field_name: Option<Field>,
    order: Option<search::Order>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Field {
    Name,
    DisplayName,
    Author,
    Created,
    Modified,
    Views,
    Favorites,
    LastAccessed,
}

/// The order of an answer.
pub(crate) struct Order {
    field: Option<Field>,
    descending: bool,
}

impl Order {
    /// Without options the order is that of the ids: any order will do for a client that asked for none.
    pub(crate) fn of(options: Option<&SortOptions>) -> Self {
        let Some(options) = options else { return Self { field: None, descending: false } };
        let field = options.field_name.unwrap_or(Field::Name);
        Self { field: Some(field), descending: options.order == Some(search::Order::Desc) }
    }

    /// Puts objects into this order.
    pub(crate) fn sort(&self, world: &World, objects: &mut [&Content]) {
        let order = |one: &&Content, other: &&Content| self.compare(world, one, other).then(one.id.cmp(&other.id));
        objects.sort_by(|one, other| if self.descending { order(other, one) } else { order(one, other) });
    }

    fn compare(&self, world: &World, one: &Content, other: &Content) -> Ordering {
        let favorites = |object: &Content| world.library.favorites.wholes_of(object.id).len();
        match self.field {
            // Nobody counts views.
            None | Some(Field::Views) => Ordering::Equal,
            Some(Field::Name | Field::DisplayName) => one.name.to_lowercase().cmp(&other.name.to_lowercase()),
            Some(Field::Author) => one.author.cmp(&other.author),
            Some(Field::Created) => one.created.cmp(&other.created),
            Some(Field::Modified | Field::LastAccessed) => one.modified.cmp(&other.modified),
            Some(Field::Favorites) => favorites(one).cmp(&favorites(other)),
        }
    }
}
