//! Where a call is made: with the token of one Org. Every handle holds one of these.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::decode;
use super::session::Session;
use super::wire::Call;
use crate::domain::OrgId;
use crate::error::{Error, Result};

/// One login at work in one Org.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) session: &'a Arc<Session>,
    pub(super) org: OrgId,
}

impl At<'_> {
    /// A call whose answer says nothing but yes.
    pub(super) async fn done(&self, call: &Call<'_>) -> Result<()> {
        self.session.ask(self.org, call).await.map(drop)
    }

    /// A call that answers one thing. `kind`, such as `a role`, says what that should have been; the answer itself is never
    /// quoted, since it may hold secrets.
    pub(super) async fn one<R: DeserializeOwned>(&self, call: &Call<'_>, kind: &str) -> Result<R> {
        let body = self.session.ask(self.org, call).await?;
        serde_json::from_slice(&body).map_err(|_| call.unreadable(&format!("the answer is not {kind}")))
    }

    /// A search: every row of the answer, or [`Error::Uncertified`] if one of them cannot be read.
    pub(super) async fn rows<R: for<'de> Deserialize<'de>>(&self, call: &Call<'_>) -> Result<Vec<R>> {
        let body = self.session.ask(self.org, call).await?;
        decode::rows(&body).map_err(|why| {
            let why = self.session.wire.said(&why, &call.secrets);
            Error::Uncertified { scope: format!("{} in Org {}", call.what, self.org), why }
        })
    }
}
