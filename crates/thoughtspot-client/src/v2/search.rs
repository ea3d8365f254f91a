//! Searches that can be trusted.
//!
//! What a search returns is checked row by row, because filters are ignored when misspelt, an identifier matches an id or a
//! name, and from Primary rows of every Org arrive (docs/thoughtspot-api.md, "Org context rules", "Input handling").

use std::collections::BTreeSet;

use crate::budget::Lane;
use crate::domain::OrgId;
use crate::error::{Error, Result};
use crate::port::{Page, PageOf, Sent};
use crate::refusal::NOT_FOUND;
use crate::room::Weigh;
use crate::rows::Kept;

/// The page of a single lookup, which has one row, or a few where an id of one thing is the name of another.
pub(super) const LOOKUP_PAGE: Page = Page { offset: 0, size: 100 };

/// A row, and the Orgs it says it belongs to: `None` where it does not say.
pub(super) struct Row<T> {
    pub(super) value: T,
    pub(super) orgs: Option<BTreeSet<OrgId>>,
}

impl<T: Weigh> Weigh for Row<T> {
    fn weight(&self) -> usize {
        self.value.weight()
    }
}

impl<T> Row<T> {
    fn is_in(&self, org: OrgId) -> bool {
        self.orgs.as_ref().is_none_or(|orgs| orgs.contains(&org))
    }
}

/// One page of a search, to be asked for with and without the Org as a filter.
pub(super) trait Source: Sync {
    type Item: Send + Weigh;

    fn rows(&self, only: Option<OrgId>, lane: Lane) -> impl Future<Output = Result<Kept<Row<Self::Item>>>> + Send;
}

/// A search of which more is known than the server is told.
pub(super) struct Search<S> {
    pub(super) source: S,
    /// In words for errors, such as `users of Org 7`.
    pub(super) scope: String,
    /// Which Org the rows must be of; `None` takes them all.
    pub(super) only: Option<OrgId>,
    /// How many rows the page has at most.
    pub(super) size: usize,
}

impl<S: Source> Search<S> {
    /// One page of a list.
    pub(super) async fn page(&self, lane: Lane) -> Result<PageOf<S::Item>> {
        let Kept { rows, mut taken } = self.ask(lane).await?;
        let sent = Sent::Page(rows.len());
        let rows = self.ours(rows);
        taken.shrink_to(rows.iter().map(Weigh::weight).sum());
        Ok(PageOf { rows, sent, taken })
    }

    /// The one row that `matches`. `None` only if the server searched and found nothing.
    pub(super) async fn one(&self, matches: impl Fn(&S::Item) -> bool) -> Result<Option<S::Item>> {
        let rows = match self.ask(Lane::Urgent).await {
            Err(Error::Refused { status: 400, code: Some(NOT_FOUND), .. }) => return Ok(None),
            outcome => outcome?.rows,
        };
        let full = rows.len() >= self.size;
        let mut found = self.ours(rows);
        found.retain(matches);
        match (found.len(), full) {
            (1, _) => Ok(found.pop()),
            (0, false) => Ok(None),
            // A full page of other things: the server did not search for what we asked.
            (0, true) => Err(self.uncertified("a search for one returned a full page of others".to_owned())),
            (_, _) => Err(self.uncertified("a search for one returned several".to_owned())),
        }
    }

    /// Asks with the Org as a filter. One row whose membership cannot be resolved makes the server answer 404 for its whole page;
    /// then once more without the filter, and only the rows' own word counts.
    async fn ask(&self, lane: Lane) -> Result<Kept<Row<S::Item>>> {
        match (self.source.rows(self.only, lane).await, self.only) {
            (Err(Error::Refused { status: 404, .. }), Some(_)) => {}
            (Err(Error::Refused { status: 404, said, .. }), None) => return Err(self.uncertified(said)),
            (outcome, _) => return outcome.map_err(|error| self.named(error)),
        }
        self.source.rows(None, lane).await.map_err(|error| {
            if let Error::Refused { said, .. } | Error::Forbidden { said, .. } = error {
                self.uncertified(said)
            } else {
                self.named(error)
            }
        })
    }

    fn ours(&self, rows: Vec<Row<S::Item>>) -> Vec<S::Item> {
        rows.into_iter().filter(|row| self.only.is_none_or(|org| row.is_in(org))).map(|row| row.value).collect()
    }

    /// Says what was searched for instead of which call it was.
    fn named(&self, error: Error) -> Error {
        if let Error::Uncertified { why, .. } = error { self.uncertified(why) } else { error }
    }

    fn uncertified(&self, why: String) -> Error {
        Error::Uncertified { scope: self.scope.clone(), why }
    }
}
