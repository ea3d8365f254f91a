//! A call with the token of one Org.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::budget::Lane;
use crate::domain::OrgId;
use crate::error::Result;
use crate::v2::session::Session;
use crate::v2::wire::Call;

#[derive(Clone, Copy)]
pub(super) struct InOrg<'a> {
    pub(super) session: &'a Arc<Session>,
    pub(super) org: OrgId,
}

impl InOrg<'_> {
    /// A search, whose address is its name.
    pub(super) async fn read<T: DeserializeOwned>(&self, what: &'static str, body: &impl Serialize) -> Result<T> {
        self.answer(&Call::search(what, body, Lane::Urgent)).await
    }

    /// A write whose answer tells what it did. Never sent twice.
    pub(super) async fn write_and_read<T: DeserializeOwned>(&self, what: &'static str, body: &impl Serialize) -> Result<T> {
        self.answer(&Call::write(what, what.to_owned(), body)).await
    }

    /// A write that answers with nothing but a yes. Never sent twice.
    pub(super) async fn write(&self, what: &'static str, body: &impl Serialize) -> Result<()> {
        self.session.ask(self.org, &Call::write(what, what.to_owned(), body)).await.map(drop)
    }

    /// A write without a body.
    pub(super) async fn bare_write(&self, what: &'static str, path: String) -> Result<()> {
        self.session.ask(self.org, &Call::bare_write(what, path)).await.map(drop)
    }

    async fn answer<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T> {
        let answer = self.session.ask(self.org, call).await?;
        serde_json::from_slice(&answer).map_err(|_| call.unreadable("the answer is not what this call answers"))
    }
}
