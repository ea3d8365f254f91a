//! TML: objects as documents (docs/thoughtspot-api-content.md, "Content as text").

use serde::Serialize;
use serde_json::Value;
use serde_with_macros::skip_serializing_none;

use super::Object;
use crate::at::At;
use crate::content::tml::{ExportedTml, Format, ImportOutcome};
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::wire::Call;

/// TML of one Org. From [`crate::v2::V2::tml`].
#[derive(Clone, Copy)]
pub struct Tml<'a>(pub(super) At<'a>);

/// Which documents of an import are kept when others fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportPolicy {
    /// Those that are good.
    Partial,
    /// None. For about 50 objects at most.
    AllOrNone,
    /// None, ever: a dry run.
    ValidateOnly,
    /// Those that are good, and of a document whatever of it is good.
    PartialObject,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportTml {
    /// Documents, in YAML or JSON. At most 500 MB together.
    pub metadata_tmls: NonEmpty<String>,
    /// Always sent: the default of an import differs from that of one that goes on without us.
    pub import_policy: ImportPolicy,
    /// Makes new objects even if a document names one that exists.
    pub create_new: bool,
    /// Also changes objects of other Orgs.
    pub all_orgs_override: bool,
    /// Imports a document even if nothing in it changed. Since 10.6.0.cl.
    pub skip_diff_check: Option<bool>,
    /// Validates objects that are too large for the usual way. Since 10.5.0.cl.
    pub enable_large_metadata_validation: Option<bool>,
    /// Also imports people's own views of a Liveboard.
    pub enable_personalized_view_upsert: Option<bool>,
}

impl ImportTml {
    /// An import that changes what the documents name and makes what is not there.
    pub fn of(metadata_tmls: NonEmpty<String>, import_policy: ImportPolicy) -> Self {
        ImportTml {
            metadata_tmls,
            import_policy,
            create_new: false,
            all_orgs_override: false,
            skip_diff_check: None,
            enable_large_metadata_validation: None,
            enable_personalized_view_upsert: None,
        }
    }
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportTml {
    pub metadata: NonEmpty<Object>,
    /// Also the objects that these are made of.
    pub export_associated: bool,
    /// Writes the GUID of each object that a document refers to.
    pub export_fqn: bool,
    /// Always sent: the default of v2 differs from that of v1.
    pub edoc_format: Format,
    pub export_schema_version: Option<SchemaVersion>,
    /// Also the objects that depend on these.
    pub export_dependent: Option<bool>,
    pub export_connection_as_dependent: Option<bool>,
    /// Also finds objects of other Orgs.
    pub all_orgs_override: Option<bool>,
    pub export_options: Option<ExportOptions>,
}

impl ExportTml {
    /// Just these objects.
    pub fn of(metadata: NonEmpty<Object>, edoc_format: Format) -> Self {
        ExportTml {
            metadata,
            export_associated: false,
            export_fqn: false,
            edoc_format,
            export_schema_version: None,
            export_dependent: None,
            export_connection_as_dependent: None,
            all_orgs_override: None,
            export_options: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SchemaVersion {
    Default,
    V1,
    /// Models instead of worksheets.
    V2,
}

/// What is written into documents.
#[skip_serializing_none]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExportOptions {
    /// Written if unset.
    pub include_guid: Option<bool>,
    pub include_obj_id: Option<bool>,
    pub include_obj_id_ref: Option<bool>,
    pub export_with_associated_feedbacks: Option<bool>,
    pub export_column_security_rules: Option<bool>,
    pub export_with_column_aliases: Option<bool>,
}

/// A page of the principals of one kind, as TML.
#[skip_serializing_none]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExportBatch {
    pub metadata_type: BatchType,
    pub batch_offset: u32,
    /// At most 200.
    pub batch_size: u32,
    pub edoc_format: Format,
    pub export_dependent: Option<bool>,
    /// Also principals of other Orgs.
    pub all_orgs_override: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BatchType {
    User,
    UserGroup,
    Role,
}

impl Tml<'_> {
    /// Imports documents; what became of each, in the order of the request.
    ///
    /// A yes does not mean that any of them was imported: see [`ImportOutcome::status`]. Not safe to repeat: with `create_new` each
    /// call makes new objects. A new model is not usable at once.
    pub async fn import(&self, import: &ImportTml) -> Result<Vec<ImportOutcome>> {
        self.0.one(&Call::post("metadata/tml/import", import), "what became of the documents").await
    }

    /// Objects as documents.
    ///
    /// One that is not known fails the whole request, with [`crate::Error::Refused`] (400 or 500); one that may not be exported comes
    /// without document.
    pub async fn export(&self, export: &ExportTml) -> Result<Vec<ExportedTml>> {
        self.0.rows(&Call::read("metadata/tml/export", export)).await
    }

    /// A page of users, groups or roles as documents, in the form the server chooses: the published description leaves it open.
    /// Since 10.1.0.cl; needs `DATAMANAGEMENT` and `USERMANAGEMENT`.
    pub async fn export_batch(&self, export: &ExportBatch) -> Result<Value> {
        self.0.one(&Call::read("metadata/tml/export/batch", export), "JSON").await
    }
}
