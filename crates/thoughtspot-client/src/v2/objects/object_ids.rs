//! Ids of one's own choosing on objects, which stay the same from one ThoughtSpot to another
//! (docs/thoughtspot-api-content.md, "Object ids"). As beta.

use serde::{Serialize, Serializer};
use serde_with_macros::skip_serializing_none;

use super::metadata::Metadata;
use super::{MetadataType, Which};
use crate::domain::OrgId;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::wire::Call;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UpdateObjectIds {
    pub metadata: NonEmpty<ObjectIdChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectIdChange {
    #[serde(flatten)]
    pub object: Identified,
    pub new_obj_id: String,
}

/// The object whose id changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Identified {
    ByIdentifier {
        /// A GUID or a name.
        metadata_identifier: String,
        #[serde(rename = "type")]
        kind: MetadataType,
    },
    ByObjectId {
        current_obj_id: String,
    },
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UpdateHeaders {
    pub headers_update: NonEmpty<HeaderUpdate>,
    /// Where the objects are; the Org of the token if unset.
    pub org_identifier: Option<HeaderOrg>,
}

/// The Org of the objects whose headers change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderOrg {
    One(OrgId),
    All,
}

impl Serialize for HeaderOrg {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            HeaderOrg::One(org) => to.collect_str(org),
            HeaderOrg::All => to.serialize_str("-1"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeaderUpdate {
    #[serde(flatten)]
    pub object: Which,
    #[serde(rename = "type")]
    pub kind: HeaderType,
    pub attributes: NonEmpty<HeaderAttribute>,
}

/// What has a header that can be changed. Connections have their older name here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HeaderType {
    Liveboard,
    Answer,
    LogicalTable,
    LogicalColumn,
    DataSource,
    User,
    UserGroup,
    Collection,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeaderAttribute {
    pub name: HeaderAttributeName,
    pub value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderAttributeName {
    ObjId,
}

impl Metadata<'_> {
    /// Gives objects ids of one's own choosing. Safe to repeat. Since 10.8.0.cl.
    ///
    /// All or nothing: if one id is taken, it fails with [`crate::Error::Refused`] (500, code 14009) and nothing changes.
    pub async fn update_object_ids(&self, update: &UpdateObjectIds) -> Result<()> {
        self.0.done(&Call::post("metadata/update-obj-id", update)).await
    }

    /// Changes attributes in the headers of objects. Safe to repeat. Since 10.6.0.cl.
    pub async fn update_headers(&self, update: &UpdateHeaders) -> Result<()> {
        self.0.done(&Call::post("metadata/headers/update", update)).await
    }
}
