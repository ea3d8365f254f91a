//! Pages of a search (docs/thoughtspot-api.md, "Paging").

use std::num::NonZeroUsize;

use serde::Serialize;

use crate::port::Page;

/// Which page of a search. Always sent whole: the server's own default is ten rows in no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Paging {
    /// How many rows come before the page.
    pub record_offset: usize,
    /// How many rows it has at most. A page that is shorter is the last; there is no total.
    pub record_size: NonZeroUsize,
    pub sort_options: Sort,
}

/// The order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sort {
    /// By what. Of these only names are unique, so by anything else pages may overlap.
    pub field_name: SortField,
    pub order: SortOrder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SortField {
    Name,
    DisplayName,
    Author,
    Created,
    Modified,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SortOrder {
    Asc,
    Desc,
}

impl Sort {
    /// The order in which pages do not overlap.
    pub const BY_NAME: Sort = Sort { field_name: SortField::Name, order: SortOrder::Asc };
}

/// The first 200 by name.
impl Default for Paging {
    fn default() -> Self {
        Page { offset: 0, size: 200 }.into()
    }
}

/// By name, and at least one row: other sizes mean something else.
impl From<Page> for Paging {
    fn from(page: Page) -> Self {
        let record_size = NonZeroUsize::new(page.size).unwrap_or(NonZeroUsize::MIN);
        Paging { record_offset: page.offset, record_size, sort_options: Sort::BY_NAME }
    }
}
