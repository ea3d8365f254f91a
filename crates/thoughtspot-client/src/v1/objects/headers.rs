//! Lists of objects (docs/thoughtspot-api-content.md, "Listing over v1").

use reqwest::Method;
use serde::Deserialize;

use super::{Batch, MetadataType};
use crate::api::Api;
use crate::at::At;
use crate::content::header::Header;
use crate::content::{PrincipalType, ShareMode, TableSubtype};
use crate::domain::Guid;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::v1::fields::Fields;
use crate::wire::Call;

/// Objects of one Org. From [`crate::v1::V1::metadata`].
#[derive(Clone, Copy)]
pub struct Metadata<'a>(pub(super) At<'a>);

/// Which objects. An unset filter does not filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListHeaders {
    pub kind: MetadataType,
    /// For logical tables.
    pub subtypes: Option<NonEmpty<TableSubtype>>,
    pub category: Category,
    pub sort: Sort,
    pub ascending: Option<bool>,
    pub batch: Batch,
    /// With any of these tags.
    pub tag_names: Option<NonEmpty<String>>,
    /// A name without regard to case; `%` stands for anything.
    pub pattern: Option<String>,
    /// Without these.
    pub skip_ids: Option<NonEmpty<Guid>>,
    /// Only these.
    pub fetch_ids: Option<NonEmpty<Guid>>,
    /// Only objects that the server made by itself, or only others.
    pub auto_created: Option<bool>,
}

impl ListHeaders {
    /// Every object of a type.
    pub fn every(kind: MetadataType) -> Self {
        ListHeaders {
            kind,
            subtypes: None,
            category: Category::All,
            sort: Sort::Default,
            ascending: None,
            batch: Batch::All,
            tag_names: None,
            pattern: None,
            skip_ids: None,
            fetch_ids: None,
            auto_created: None,
        }
    }

    fn fields(&self) -> Fields {
        let ListHeaders { kind, subtypes, category, sort, ascending, batch, .. } = self;
        let ListHeaders { tag_names, pattern, skip_ids, fetch_ids, auto_created, .. } = self;
        let fields = Fields::new().text("type", kind.as_str()).maybe_json("subtypes", subtypes.as_ref());
        let fields = fields.text("category", category.as_str()).text("sort", sort.as_str()).maybe("sortascending", *ascending);
        let fields = batch.fields(fields).maybe_json("tagname", tag_names.as_ref()).maybe("pattern", pattern.as_deref());
        let fields = fields.maybe_json("skipids", skip_ids.as_ref()).maybe_json("fetchids", fetch_ids.as_ref());
        fields.maybe("auto_created", *auto_created)
    }
}

/// Whose objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    All,
    /// The caller's.
    My,
    /// The caller's favourites.
    Favorite,
    /// What the caller asked for access to.
    Requested,
}

impl Category {
    fn as_str(self) -> &'static str {
        match self {
            Category::All => "ALL",
            Category::My => "MY",
            Category::Favorite => "FAVORITE",
            Category::Requested => "REQUESTED",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    /// As the server likes.
    Default,
    Name,
    DisplayName,
    Author,
    Created,
    Modified,
}

impl Sort {
    fn as_str(self) -> &'static str {
        match self {
            Sort::Default => "DEFAULT",
            Sort::Name => "NAME",
            Sort::DisplayName => "DISPLAY_NAME",
            Sort::Author => "AUTHOR",
            Sort::Created => "CREATED",
            Sort::Modified => "MODIFIED",
        }
    }
}

/// What a user or a group can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListAs {
    /// The caller if unset, or every group.
    pub principal_id: Option<Guid>,
    pub principal_type: PrincipalType,
    /// Objects with at least this access.
    pub minimum_access: ShareMode,
    pub batch: Batch,
    /// A name without regard to case; `%` stands for anything.
    pub pattern: Option<String>,
}

/// A list that says whether it is all.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeaderBatch {
    pub headers: Vec<Header>,
    /// Whether nothing follows. `None` where the server does not say.
    #[serde(default)]
    pub is_last_batch: Option<bool>,
}

impl Metadata<'_> {
    /// Headers of objects.
    pub async fn list(&self, list: &ListHeaders) -> Result<Vec<Header>> {
        let path = "metadata/listobjectheaders";
        let call = Call::new(Api::V1, path, Method::GET, path.to_owned()).query(&list.fields());
        self.0.rows(&call).await
    }

    /// Headers of the visualisations of one Liveboard or Answer. Fails with [`crate::Error::Refused`] (400) if it is not known.
    pub async fn visualizations(&self, id: &str) -> Result<Vec<Header>> {
        let path = "metadata/listvizheaders";
        let call = Call::new(Api::V1, path, Method::GET, path.to_owned()).query(&Fields::new().text("id", id));
        self.0.rows(&call).await
    }

    /// Headers of what a user or a group can see. Fails with [`crate::Error::Refused`] (404) if the principal is not known.
    pub async fn list_as(&self, list: &ListAs) -> Result<HeaderBatch> {
        let ListAs { principal_id, principal_type, minimum_access, batch, pattern } = list;
        let fields = Fields::new().maybe("principalid", principal_id.as_deref()).text("type", principal_type.as_str());
        let fields = batch.fields(fields.text("minimumaccesslevel", minimum_access.as_str()));
        let path = "metadata/listas";
        let call = Call::new(Api::V1, path, Method::GET, path.to_owned());
        self.0.one(&call.query(&fields.maybe("pattern", pattern.as_deref())), "a batch of headers").await
    }

    /// Headers of all tags.
    pub async fn tags(&self) -> Result<HeaderBatch> {
        let path = "metadata/list";
        let fields = Batch::All.fields(Fields::new().text("type", MetadataType::Tag.as_str()));
        let call = Call::new(Api::V1, path, Method::GET, path.to_owned()).query(&fields);
        self.0.one(&call, "a batch of headers").await
    }
}
