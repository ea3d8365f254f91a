//! TML: objects as documents (docs/thoughtspot-api-content.md, "Content as text").

use reqwest::Method;
use serde::Deserialize;

use crate::api::Api;
use crate::at::At;
use crate::content::tml::{ExportedTml, Format, ImportOutcome};
use crate::domain::Guid;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::v1::fields::Fields;
use crate::wire::Call;

/// TML of one Org. From [`crate::v1::V1::tml`].
#[derive(Clone, Copy)]
pub struct Tml<'a>(pub(super) At<'a>);

/// Which documents of an import are kept when others fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImportPolicy {
    /// Those that are good.
    Partial,
    /// None.
    AllOrNone,
    /// None, ever: a dry run.
    ValidateOnly,
}

impl ImportPolicy {
    fn as_str(self) -> &'static str {
        match self {
            ImportPolicy::Partial => "PARTIAL",
            ImportPolicy::AllOrNone => "ALL_OR_NONE",
            ImportPolicy::ValidateOnly => "VALIDATE_ONLY",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportTml {
    /// Documents, in YAML or JSON.
    pub documents: NonEmpty<String>,
    pub policy: ImportPolicy,
    /// Makes new objects even if a document names one that exists.
    pub force_create: bool,
    /// Also changes objects of other Orgs.
    pub all_orgs_override: bool,
    /// Imports a document even if nothing in it changed.
    pub skip_diff_check: Option<bool>,
    /// Does not ask the data warehouse whether the tables are there.
    pub skip_cdw_validation_for_tables: Option<bool>,
}

impl ImportTml {
    /// An import that changes what the documents name and makes what is not there.
    pub fn of(documents: NonEmpty<String>, policy: ImportPolicy) -> Self {
        ImportTml {
            documents,
            policy,
            force_create: false,
            all_orgs_override: false,
            skip_diff_check: None,
            skip_cdw_validation_for_tables: None,
        }
    }

    fn fields(&self) -> Fields {
        let fields = Fields::new().json("import_objects", &self.documents).text("import_policy", self.policy.as_str());
        let fields = fields.text("force_create", self.force_create).text("all_orgs_override", self.all_orgs_override);
        let fields = fields.maybe("skip_diff_check", self.skip_diff_check);
        fields.maybe("skip_cdw_validation_for_tables", self.skip_cdw_validation_for_tables)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportTml {
    pub ids: NonEmpty<Guid>,
    /// Always sent: the default of v1 differs from that of v2.
    pub format: Format,
    /// Also the objects that these are made of.
    pub associated: bool,
    /// Writes the GUID of each object that a document refers to.
    pub fqn: bool,
    /// Also the objects that depend on these.
    pub dependent: Option<bool>,
    pub connection_as_dependent: Option<bool>,
    /// Also finds objects of other Orgs.
    pub all_orgs_override: Option<bool>,
    /// Such as `v1`, which is the server's choice if unset.
    pub schema_version: Option<String>,
}

impl ExportTml {
    /// Just these objects.
    pub fn of(ids: NonEmpty<Guid>, format: Format) -> Self {
        ExportTml {
            ids,
            format,
            associated: false,
            fqn: false,
            dependent: None,
            connection_as_dependent: None,
            all_orgs_override: None,
            schema_version: None,
        }
    }

    fn fields(&self) -> Fields {
        let fields = Fields::new().json("export_ids", &self.ids).text("formattype", self.format.as_str());
        let fields = fields.text("export_associated", self.associated).text("export_fqn", self.fqn);
        let fields = fields.maybe("export_dependent", self.dependent);
        let fields = fields.maybe("export_connection_as_dependent", self.connection_as_dependent);
        let fields = fields.maybe("all_orgs_override", self.all_orgs_override);
        fields.maybe("export_schema_version", self.schema_version.as_deref())
    }
}

#[derive(Deserialize)]
pub(in crate::v1) struct Wrapped<T> {
    object: Vec<T>,
}

impl Tml<'_> {
    /// Imports documents; what became of each, in the order of the request.
    ///
    /// A yes does not mean that any of them was imported: see [`ImportOutcome::status`]. Not safe to repeat: with `force_create` each
    /// call makes new objects.
    pub async fn import(&self, import: &ImportTml) -> Result<Vec<ImportOutcome>> {
        let call = Call::new(Api::V1, "metadata/tml/import", Method::POST, "metadata/tml/import".to_owned());
        let answer: Wrapped<ImportOutcome> =
            self.0.one(&call.form(&import.fields()).for_text(), "what an import answers").await?;
        Ok(answer.object)
    }

    /// Objects as documents, in the order of the request. One that may not be exported comes without document.
    pub async fn export(&self, export: &ExportTml) -> Result<Vec<ExportedTml>> {
        let call = Call::new(Api::V1, "metadata/tml/export", Method::POST, "metadata/tml/export".to_owned()).reading();
        let answer: Wrapped<ExportedTml> = self.0.one(&call.form(&export.fields()).for_text(), "what an export answers").await?;
        Ok(answer.object)
    }
}
