//! Reading a scope whole, and when to believe it.
//!
//! Pages are offsets into a list that others change meanwhile, without a snapshot: a row can be skipped or come twice. So a list in
//! which an id came twice is read again, and a row that is missing for the first time is looked for by itself.

use std::sync::Arc;

use super::InventorySettings;
use super::rows::{ById, Row, Rows};
use crate::domain::{Lookup, OrgId};
use crate::error::{Error, Result};
use crate::port::{Page, PageOf, Sent, ThoughtSpot};

/// Above this many rows gone at once, the list is read again instead of looking for each.
const LOOK_FOR_AT_MOST: usize = 20;

/// A list as it was read.
pub(super) enum Read<R> {
    Certified(Rows<R>),
    /// Not to be trusted, and why.
    Torn(String),
}

/// A list that is being read.
struct Reading<'a> {
    far: &'a dyn ThoughtSpot,
    org: OrgId,
    settings: InventorySettings,
    /// How many were asked for so far.
    pages: usize,
}

/// Reads the scope until it can be believed or has failed to twice running, and says in how many pages. `before` is what the last list
/// had.
pub(super) async fn sweep<R: Row>(
    far: &dyn ThoughtSpot,
    org: OrgId,
    settings: InventorySettings,
    before: &ById<R>,
) -> Result<(Read<R>, usize)> {
    let mut reading = Reading { far, org, settings, pages: 0 };
    let read = reading.believed(before).await?;
    Ok((read, reading.pages))
}

/// What either of two lists has; where both have a row, the later one's. Only what both miss is gone.
fn either<R: Row>(mut first: Rows<R>, second: Rows<R>) -> Rows<R> {
    for id in second.ids() {
        if let Some(row) = second.find(&Lookup::Id(id)) {
            first.put(Arc::clone(row));
        }
    }
    first
}

impl Reading<'_> {
    async fn believed<R: Row>(&mut self, before: &ById<R>) -> Result<Read<R>> {
        let mut rows = match self.twice(before).await? {
            Read::Certified(rows) => rows,
            Read::Torn(why) => return Ok(Read::Torn(why)),
        };
        let missing: Vec<&String> = before.keys().filter(|id| !rows.has(id)).collect();
        if missing.len() > LOOK_FOR_AT_MOST {
            return match self.twice(before).await? {
                Read::Certified(again) => Ok(Read::Certified(either(rows, again))),
                Read::Torn(why) => Ok(Read::Torn(why)),
            };
        }
        for id in missing {
            let found = R::find(self.far, self.org, &Lookup::Id(id)).await?;
            if let Some(row) = found.filter(|row| row.is_in(self.org)) {
                rows.put(Arc::new(row));
            }
        }
        Ok(Read::Certified(rows))
    }

    async fn twice<R: Row>(&mut self, before: &ById<R>) -> Result<Read<R>> {
        match self.once(before).await? {
            Read::Certified(rows) => Ok(Read::Certified(rows)),
            Read::Torn(why) => {
                tracing::info!(scope = %R::scope(self.org), why, "list cannot be trusted, reading it again");
                self.once(before).await
            }
        }
    }

    async fn once<R: Row>(&mut self, before: &ById<R>) -> Result<Read<R>> {
        let (size, max_rows) = (self.settings.page_size.max(1), self.settings.max_rows);
        let mut rows = Rows::<R>::new(self.far.room());
        let mut offset = 0;
        loop {
            self.pages += 1;
            let page = match R::page(self.far, self.org, Page { offset, size }).await {
                Ok(page) => page,
                Err(error) => return torn(error),
            };
            let PageOf { rows: page, sent, mut taken } = page;
            for row in page {
                // From the page to the list.
                taken.give_back(row.weight());
                if rows.put_read(row, before).is_some() {
                    return Ok(Read::Torn("a row came twice".to_owned()));
                }
            }
            if self.far.room().is_full() {
                return Ok(Read::Torn(self.far.room().full().to_string()));
            }
            if rows.len() > max_rows {
                return Ok(Read::Torn(format!("there are more than {max_rows} rows")));
            }
            let sent = match sent {
                Sent::Everything => return Ok(Read::Certified(rows)),
                Sent::Page(sent) => sent,
            };
            if sent < size {
                return Ok(Read::Certified(rows));
            }
            if sent > size || offset > max_rows.saturating_mul(2) {
                return Ok(Read::Torn("the server does not keep to the pages asked for".to_owned()));
            }
            offset += size;
        }
    }
}

/// A page the server refuses to give makes the list unfit; anything else is the sweep's failure.
fn torn<R>(error: Error) -> Result<Read<R>> {
    match error {
        Error::Uncertified { why, .. } => Ok(Read::Torn(why)),
        Error::Refused { said, .. } => Ok(Read::Torn(format!("a page is refused: {said}"))),
        Error::HostNotAllowed { .. }
        | Error::Untrusted { .. }
        | Error::BadCredentials { .. }
        | Error::NoOrgAccess { .. }
        | Error::WrongOrg { .. }
        | Error::Forbidden { .. }
        | Error::Throttled { .. }
        | Error::Unavailable(_)
        | Error::Away { .. }
        | Error::Unclear { .. }
        | Error::NotLeading => Err(error),
    }
}
