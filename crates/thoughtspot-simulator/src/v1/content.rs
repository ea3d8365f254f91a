//! How v1 names content: by GUID and by a type of its own words.

use crate::state::Actor;
use crate::state::World;
use crate::state::content::find::Named;
use crate::state::content::{Content, ContentKind};
use crate::state::refusal::{Cause, Refusal};
use serde::Deserialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The kinds of objects, in the words of v1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum MetadataType {
    PinboardAnswerBook,
    QuestionAnswerBook,
    LogicalTable,
    LogicalColumn,
    DataSource,
    Tag,
    User,
    UserGroup,
}

impl MetadataType {
    /// Its name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PinboardAnswerBook => "PINBOARD_ANSWER_BOOK",
            Self::QuestionAnswerBook => "QUESTION_ANSWER_BOOK",
            Self::LogicalTable => "LOGICAL_TABLE",
            Self::LogicalColumn => "LOGICAL_COLUMN",
            Self::DataSource => "DATA_SOURCE",
            Self::Tag => "TAG",
            Self::User => "USER",
            Self::UserGroup => "USER_GROUP",
        }
    }

    /// The kind of content, if it is content.
    pub(super) fn content(self) -> Option<ContentKind> {
        match self {
            Self::PinboardAnswerBook => Some(ContentKind::Liveboard),
            Self::QuestionAnswerBook => Some(ContentKind::Answer),
            Self::LogicalTable => Some(ContentKind::LogicalTable),
            Self::LogicalColumn => Some(ContentKind::LogicalColumn),
            Self::DataSource => Some(ContentKind::Connection),
            Self::Tag | Self::User | Self::UserGroup => None,
        }
    }
}

/// The object of this GUID, among those the actor sees; with a type it has to be of that.
pub(super) fn find<'a>(
    world: &'a World,
    actor: &Actor<'_>,
    kind: Option<MetadataType>,
    id: Uuid,
) -> Result<&'a Content, Refusal> {
    let unknown = || Refusal::unknown_object(&id.to_string());
    let kind = kind.map(|kind| kind.content().ok_or_else(unknown)).transpose()?;
    world.find_content(actor, &Named { kind, identifier: id.to_string() })
}

/// The objects of these GUIDs. One that is not there refuses all.
pub(super) fn resolve(
    world: &World,
    actor: &Actor<'_>,
    kind: Option<MetadataType>,
    ids: &BTreeSet<Uuid>,
) -> Result<BTreeSet<Uuid>, Refusal> {
    ids.iter().map(|id| find(world, actor, kind, *id).map(|object| object.id)).collect()
}

/// As a refusal of a call that says 404 of objects that are not there.
pub(super) fn not_found(refusal: Refusal) -> Refusal {
    let cause = if refusal.cause == Cause::UnknownReference { Cause::NotFound } else { refusal.cause };
    Refusal { cause, ..refusal }
}
