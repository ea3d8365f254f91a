//! Where a call is made: with the pass of one Org. Every handle holds one of these.

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::decode;
use crate::domain::OrgId;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::wire::{Call, Failure};

/// One login at work in one Org.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) session: &'a Arc<Session>,
    pub(crate) org: OrgId,
}

impl At<'_> {
    /// A call whose answer says nothing but yes.
    pub(crate) async fn done(&self, call: &Call<'_>) -> Result<()> {
        self.session.ask(self.org, call).await.map(drop)
    }

    /// A call that answers one thing. `kind`, such as `a role`, says what that should have been; the answer itself is never
    /// quoted, since it may hold secrets.
    pub(crate) async fn one<R: DeserializeOwned>(&self, call: &Call<'_>, kind: &str) -> Result<R> {
        let body = self.session.ask(self.org, call).await?;
        serde_json::from_slice(&body).map_err(|_| call.unreadable(&format!("the answer is not {kind}")))
    }

    /// A call that answers text; empty where there is none.
    pub(crate) async fn text(&self, call: &Call<'_>) -> Result<String> {
        let body = self.session.ask(self.org, call).await?;
        let text = std::str::from_utf8(&body).map_err(|_| call.unreadable("the answer is not text"))?;
        Ok(text.trim().to_owned())
    }

    /// A search: every row of the answer, or [`Error::Uncertified`] if one of them cannot be read.
    pub(crate) async fn rows<R: for<'de> Deserialize<'de>>(&self, call: &Call<'_>) -> Result<Vec<R>> {
        let body = self.session.ask(self.org, call).await?;
        decode::rows(&body).map_err(|why| {
            let why = self.session.wire.said(&why, &call.secrets);
            Error::Uncertified { scope: format!("{} in Org {}", call.what, self.org), why }
        })
    }

    /// A write of what was just read. It is not sent again after a 401, since others may have written meanwhile: `false` says that
    /// our pass had ended, and that it is to be read again.
    pub(crate) async fn done_unless_stale(&self, call: &Call<'_>) -> Result<bool> {
        let entry = self.session.enter(self.org).await?;
        match self.session.wire.send(call, self.org, Some(&entry.pass)).await {
            Ok(_) => Ok(true),
            Err(Failure::Unauthorized { said }) => {
                self.session.prove(self.org).await?;
                let ours_ended = self.session.enter(self.org).await?.pass != entry.pass;
                if ours_ended { Ok(false) } else { Err(Error::Forbidden { what: call.what.to_owned(), said }) }
            }
            Err(failure) => Err(self.session.error(call, failure)),
        }
    }

    /// A call about another token or password than our own, in which a 401 may mean that other one. It is sent again only if our own
    /// token turns out to be the bad one: what it is about must not be tried twice, nor cost us ours.
    pub(crate) async fn about_another(&self, call: &Call<'_>) -> Result<Bytes, Failure> {
        let entry = self.session.enter(self.org).await.map_err(Failure::Other)?;
        let outcome = self.session.wire.send(call, self.org, Some(&entry.pass)).await;
        if !matches!(outcome, Err(Failure::Unauthorized { .. })) {
            return outcome;
        }
        self.session.prove(self.org).await.map_err(Failure::Other)?;
        let now = self.session.enter(self.org).await.map_err(Failure::Other)?;
        if now.pass == entry.pass { outcome } else { self.session.wire.send(call, self.org, Some(&now.pass)).await }
    }
}
