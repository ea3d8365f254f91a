//! Tags put on objects and taken off (docs/thoughtspot-api-content.md, "Tags on content").

use reqwest::Method;

use super::MetadataType;
use super::headers::Metadata;
use crate::api::Api;
use crate::domain::Guid;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::v1::fields::Fields;
use crate::wire::Call;

/// Every tag of the list, on every object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaggedObjects {
    pub objects: NonEmpty<TaggedObject>,
    pub tags: Tags,
}

/// A Liveboard, an Answer or a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaggedObject {
    pub kind: MetadataType,
    pub id: Guid,
}

/// Tags, by one or the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    Ids(NonEmpty<Guid>),
    Names(NonEmpty<String>),
}

impl TaggedObjects {
    /// Objects are two lists that go side by side.
    fn fields(&self) -> Fields {
        let ids: Vec<&str> = self.objects.iter().map(|object| object.id.as_str()).collect();
        let types: Vec<MetadataType> = self.objects.iter().map(|object| object.kind).collect();
        let fields = Fields::new().json("id", &ids).json("type", &types);
        match &self.tags {
            Tags::Ids(ids) => fields.json("tagid", ids),
            Tags::Names(names) => fields.json("tagname", names),
        }
    }
}

impl Metadata<'_> {
    /// Puts tags on objects. Safe to repeat. An object that is not known is refused with 500.
    pub async fn assign_tag(&self, tagged: &TaggedObjects) -> Result<()> {
        let call = Call::new(Api::V1, "metadata/assigntag", Method::POST, "metadata/assigntag".to_owned());
        self.0.done(&call.form(&tagged.fields())).await
    }

    /// Takes tags off objects. Safe to repeat. An object that is not known is refused with 500.
    pub async fn unassign_tag(&self, tagged: &TaggedObjects) -> Result<()> {
        let call = Call::new(Api::V1, "metadata/unassigntag", Method::POST, "metadata/unassigntag".to_owned());
        self.0.done(&call.form(&tagged.fields())).await
    }
}
