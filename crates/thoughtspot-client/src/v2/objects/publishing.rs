//! Objects published from Primary to other Orgs (docs/thoughtspot-api-content.md, "Publishing, rights on tables, secured columns").

use serde::Serialize;

use super::Object;
use super::sharing::Sharing;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::wire::Call;

/// What can be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Publishable {
    Liveboard,
    Answer,
    LogicalTable,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Publish {
    pub metadata: NonEmpty<Object<Publishable>>,
    /// Ids, as text, or names.
    pub org_identifiers: NonEmpty<String>,
    /// Publish even if the objects do not work in those Orgs as they are.
    pub skip_validation: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unpublish {
    pub metadata: NonEmpty<Object<Publishable>>,
    /// Ids, as text, or names.
    pub org_identifiers: NonEmpty<String>,
    /// Also what the objects depend on, unless something else published needs it.
    pub include_dependencies: bool,
    /// Even if objects of those Orgs depend on these, which then break.
    pub force: bool,
}

impl Sharing<'_> {
    /// Publishes objects and what they depend on to Orgs, whose administrators get them shared. Safe to repeat. Since 26.5.0.cl; for
    /// administrators of the cluster, in Primary.
    ///
    /// Fails with [`crate::Error::Refused`] (400, code 13151) if an Org is not known.
    pub async fn publish(&self, publish: &Publish) -> Result<()> {
        self.0.done(&Call::post("security/metadata/publish", publish)).await
    }

    /// Takes published objects back from Orgs. Safe to repeat. Since 26.5.0.cl.
    ///
    /// Fails with [`crate::Error::Refused`] (400, code 13152) if something there depends on them and `force` is not set.
    pub async fn unpublish(&self, unpublish: &Unpublish) -> Result<()> {
        self.0.done(&Call::post("security/metadata/unpublish", unpublish)).await
    }
}
