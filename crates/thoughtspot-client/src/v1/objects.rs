//! Calls about content: one handle a resource, each of one Org, since the session decides the Org.
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`sharing`] | share, and what is shared |
//! | [`headers`] | lists of objects |
//! | [`tagging`] | tags, and what they are put on |
//! | [`tml`] | import and export of TML |
//! | [`data`] | rows of tables and visualisations |
//! | [`pdf`] | Liveboards on paper |

pub mod data;
pub mod headers;
pub mod pdf;
pub mod sharing;
pub mod tagging;
pub mod tml;

use serde::{Serialize, Serializer};

use self::data::Data;
use self::headers::Metadata;
use self::sharing::Sharing;
use self::tml::Tml;
use super::V1;
use super::fields::Fields;
use crate::at::At;
use crate::domain::{ContentKind, OrgId};

impl V1 {
    /// Lists of objects, and their tags, in one Org.
    pub fn metadata(&self, org: OrgId) -> Metadata<'_> {
        Metadata(self.at(org))
    }

    /// Who may see and change what, in one Org.
    pub fn sharing(&self, org: OrgId) -> Sharing<'_> {
        Sharing(self.at(org))
    }

    /// Import and export of TML in one Org.
    pub fn tml(&self, org: OrgId) -> Tml<'_> {
        Tml(self.at(org))
    }

    /// Rows of tables and visualisations, and Liveboards on paper, in one Org.
    pub fn data(&self, org: OrgId) -> Data<'_> {
        Data(self.at(org))
    }

    fn at(&self, org: OrgId) -> At<'_> {
        At { session: &self.session, org }
    }
}

/// What kind of thing an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetadataType {
    Liveboard,
    Answer,
    LogicalTable,
    LogicalColumn,
    Connection,
    Tag,
    User,
    UserGroup,
}

impl From<ContentKind> for MetadataType {
    fn from(kind: ContentKind) -> MetadataType {
        match kind {
            ContentKind::Liveboard => MetadataType::Liveboard,
            ContentKind::Answer => MetadataType::Answer,
            ContentKind::Table => MetadataType::LogicalTable,
            ContentKind::Connection => MetadataType::Connection,
        }
    }
}

impl MetadataType {
    /// The word as it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            MetadataType::Liveboard => "PINBOARD_ANSWER_BOOK",
            MetadataType::Answer => "QUESTION_ANSWER_BOOK",
            MetadataType::LogicalTable => "LOGICAL_TABLE",
            MetadataType::LogicalColumn => "LOGICAL_COLUMN",
            MetadataType::Connection => "DATA_SOURCE",
            MetadataType::Tag => "TAG",
            MetadataType::User => "USER",
            MetadataType::UserGroup => "USER_GROUP",
        }
    }
}

impl Serialize for MetadataType {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// How much of a list is asked for. Always sent: what an unset one means differs from call to call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Batch {
    /// All of it, in one answer, which must not be longer than the client takes.
    #[default]
    All,
    /// So many rows, after so many others. A shorter answer is the last.
    Some { offset: u32, size: u32 },
}

impl Batch {
    fn fields(self, fields: Fields) -> Fields {
        match self {
            Batch::All => fields.text("offset", -1).text("batchsize", -1),
            Batch::Some { offset, size } => fields.text("offset", offset).text("batchsize", size),
        }
    }
}
