//! Searches that can be trusted.
//!
//! What a search returns is checked row by row, because filters are ignored when misspelt, an identifier matches an id or a
//! name, and from Primary rows of every Org arrive (docs/thoughtspot-api.md, "Org context rules", "Input handling").

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::decode;
use super::errors::NOT_FOUND;
use super::session::Session;
use super::wire::{Call, Failure};
use crate::budget::Lane;
use crate::domain::OrgId;
use crate::error::{Error, Result};
use crate::port::{Page, PageOf};

/// The page of a single lookup, which has one row, or a few where an id of one thing is the name of another.
pub(super) const LOOKUP_PAGE: Page = Page { offset: 0, size: 100 };

/// A row, and the Orgs it says it belongs to: `None` where it does not say.
pub(super) struct Row<T> {
    pub(super) value: T,
    pub(super) orgs: Option<BTreeSet<OrgId>>,
}

impl<T> Row<T> {
    fn is_in(&self, org: OrgId) -> bool {
        self.orgs.as_ref().is_none_or(|orgs| orgs.contains(&org))
    }
}

/// What is searched for, in words for errors.
pub(super) struct Search<'a> {
    /// The call, such as `users/search`.
    pub(super) what: &'static str,
    /// Such as `users of Org 7`.
    pub(super) scope: String,
    /// Whose token asks.
    pub(super) org: OrgId,
    /// Which Org the rows must be of; `None` takes them all.
    pub(super) only: Option<OrgId>,
    pub(super) page: Page,
    pub(super) session: &'a Arc<Session>,
}

impl Search<'_> {
    /// One page of a list.
    pub(super) async fn page<W, T, B>(&self, body: impl Fn(Option<String>) -> B) -> Result<PageOf<T>>
    where
        W: for<'de> Deserialize<'de> + Into<Row<T>>,
        B: Serialize,
    {
        let answer = self.ask(Lane::Background, &body).await.map_err(|(call, failure)| self.session.error(&call, failure))?;
        let rows = decode::rows::<W>(&answer).map_err(|why| self.uncertified(&why))?;
        let sent = rows.len();
        Ok(PageOf { rows: self.ours(rows), sent })
    }

    /// The one row that `matches`. `None` only if the server searched and found nothing.
    pub(super) async fn one<W, T, B>(&self, matches: impl Fn(&T) -> bool, body: impl Fn(Option<String>) -> B) -> Result<Option<T>>
    where
        W: for<'de> Deserialize<'de> + Into<Row<T>>,
        B: Serialize,
    {
        let answer = match self.ask(Lane::Urgent, &body).await {
            Ok(answer) => answer,
            Err((_, Failure::Refused { status: 400, code: Some(NOT_FOUND), .. })) => return Ok(None),
            Err((call, failure)) => return Err(self.session.error(&call, failure)),
        };
        let rows = decode::rows::<W>(&answer).map_err(|why| self.uncertified(&why))?;
        let full = rows.len() >= self.page.size;
        let mut found: Vec<T> = self.ours(rows);
        found.retain(matches);
        match (found.len(), full) {
            (1, _) => Ok(found.pop()),
            (0, false) => Ok(None),
            // A full page of other things: the server did not search for what we asked.
            (0, true) => Err(self.uncertified("a search for one returned a full page of others")),
            (_, _) => Err(self.uncertified("a search for one returned several")),
        }
    }

    /// Asks with the Org as a filter. One row whose membership cannot be resolved makes the server answer 404 for its whole page;
    /// then once more without the filter, and only the rows' own word counts.
    async fn ask<'b, B: Serialize>(&self, lane: Lane, body: &impl Fn(Option<String>) -> B) -> Result<Bytes, (Call<'b>, Failure)> {
        let filtered = Call::search(self.what, &body(self.only.map(|org| org.to_string())), lane);
        match (self.session.call(self.org, &filtered).await, self.only) {
            (Ok(answer), _) => return Ok(answer),
            (Err(Failure::Refused { status: 404, .. }), Some(_)) => {}
            (Err(Failure::Refused { status: 404, said, .. }), None) => {
                return Err((filtered, Failure::Other(self.uncertified(&said))));
            }
            (Err(failure), _) => return Err((filtered, failure)),
        }
        let unfiltered = Call::search(self.what, &body(None), lane);
        match self.session.call(self.org, &unfiltered).await {
            Ok(answer) => Ok(answer),
            Err(Failure::Refused { said, .. }) => Err((unfiltered, Failure::Other(self.uncertified(&said)))),
            Err(failure) => Err((unfiltered, failure)),
        }
    }

    fn ours<W: Into<Row<T>>, T>(&self, rows: Vec<W>) -> Vec<T> {
        let rows = rows.into_iter().map(W::into);
        rows.filter(|row| self.only.is_none_or(|org| row.is_in(org))).map(|row| row.value).collect()
    }

    fn uncertified(&self, why: &str) -> Error {
        Error::Uncertified { scope: self.scope.clone(), why: self.session.wire.said(why, &[]) }
    }
}
