//! What rows of users and groups have in common.

use crate::settings::Settings;
use crate::state::World;
use crate::state::kinds::Visibility;
use crate::v2::search;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The same on every cluster seen.
pub(super) const TENANT_ID: &str = "982d6da9-9cd1-479e-b9a6-35aa05f9282a";

/// Whether others are offered a user or group, in the words of v1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Shown {
    /// Sharable.
    Default,
    NonSharable,
}

impl From<Shown> for Visibility {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::Default => Self::Sharable,
            Shown::NonSharable => Self::NonSharable,
        }
    }
}

impl From<Visibility> for Shown {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Sharable => Self::Default,
            Visibility::NonSharable => Self::NonSharable,
        }
    }
}

/// The GUIDs of these groups, in the order that lists have.
pub(super) fn group_ids(world: &World, settings: &Settings, groups: &BTreeSet<Uuid>) -> Value {
    let groups = groups.iter().filter_map(|id| world.groups.get(id));
    let listed = groups.map(|group| (group.name.clone(), group.id.to_string().into()));
    search::list(settings, listed.collect())
}

/// The names of these privileges, in the order that lists have.
pub(super) fn names<'a>(settings: &Settings, names: impl Iterator<Item = &'a str>) -> Value {
    search::list(settings, names.map(|name| (name.to_owned(), name.into())).collect())
}
