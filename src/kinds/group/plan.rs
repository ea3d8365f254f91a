//! What has to change about a group. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use thoughtspot_client::domain::{Group, GroupPatch, NewGroup};
use thoughtspot_crds::Visibility;
use thoughtspot_engine::kind::{Change, Difference};

use crate::kinds;

/// The declared fields; an unset one is not managed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) name: String,
    pub(super) rename: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) visibility: Option<Visibility>,
    pub(super) privileges: Option<BTreeSet<String>>,
}

/// One remote write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupChange {
    Create(NewGroup),
    Update {
        patch: GroupPatch,
        from: Group,
    },
    /// Ids and names.
    AddMembers(BTreeMap<String, String>),
    /// Ids and names.
    RemoveMembers(BTreeMap<String, String>),
}

impl fmt::Display for GroupChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GroupChange::Create(new) => write!(f, "created group {:?}", new.name),
            GroupChange::Update { from, .. } => {
                let fields: Vec<String> = self.differences().into_iter().map(|d| d.field).collect();
                write!(f, "changed {} of group {:?}", fields.join(", "), from.name)
            }
            GroupChange::AddMembers(users) => write!(f, "added {}", some(users)),
            GroupChange::RemoveMembers(users) => write!(f, "removed {}", some(users)),
        }
    }
}

impl Change for GroupChange {
    fn differences(&self) -> Vec<Difference> {
        match self {
            GroupChange::Create(new) => vec![kinds::difference("name", &new.name, "")],
            GroupChange::Update { patch: GroupPatch { name, display_name, description, visibility, privileges }, from } => [
                name.as_ref().map(|name| kinds::difference("name", name, &from.name)),
                display_name.as_ref().map(|name| kinds::difference("displayName", name, &from.display_name)),
                description.as_ref().map(|text| kinds::difference("description", text, &from.description)),
                visibility.map(|v| kinds::difference("visibility", format!("{v:?}"), format!("{:?}", from.visibility))),
                privileges.as_ref().map(|p| kinds::difference("privileges", kinds::list(p), kinds::list(&from.privileges))),
            ]
            .into_iter()
            .flatten()
            .collect(),
            GroupChange::AddMembers(users) => {
                vec![kinds::difference("members", format!("{} in it", some(users)), "not in it")]
            }
            GroupChange::RemoveMembers(users) => {
                vec![kinds::difference("members.left", format!("{} not in it", some(users)), "in it")]
            }
        }
    }
}

/// Some names, and how many more there are.
fn some(users: &BTreeMap<String, String>) -> String {
    const NAMED: usize = 3;
    let named = kinds::list(users.values().take(NAMED));
    match users.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// What has to change. Pure.
pub(super) fn plan(wish: &Wish, have: Option<&Group>) -> Vec<GroupChange> {
    let visibility = wish.visibility.map(kinds::to_client);
    let Some(have) = have else {
        return vec![GroupChange::Create(NewGroup {
            name: wish.name.clone(),
            display_name: wish.display_name.clone().unwrap_or_else(|| wish.name.clone()),
            description: wish.description.clone().unwrap_or_default(),
            visibility,
            privileges: wish.privileges.clone().unwrap_or_default(),
        })];
    };
    let patch = GroupPatch {
        name: kinds::differs(wish.rename.as_ref(), &have.name).cloned(),
        display_name: kinds::differs(wish.display_name.as_ref(), &have.display_name).cloned(),
        description: kinds::differs(wish.description.as_ref(), &have.description).cloned(),
        visibility: kinds::differs(visibility.as_ref(), &have.visibility).copied(),
        privileges: kinds::differs(wish.privileges.as_ref(), &have.privileges).cloned(),
    };
    if patch == GroupPatch::default() { Vec::new() } else { vec![GroupChange::Update { patch, from: have.clone() }] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use thoughtspot_client::domain::{Provenance, Visibility as Seen};

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    fn group() -> Group {
        Group {
            id: "g".into(),
            name: "analysts".into(),
            display_name: "Analysts".into(),
            description: "who analyse".into(),
            visibility: Seen::Sharable,
            privileges: set(&["DATADOWNLOADING"]),
            sub_groups: BTreeSet::new(),
            protected: false,
            provenance: Provenance { author: None, created: None },
        }
    }

    fn fields(wish: Wish) -> Vec<String> {
        plan(&wish, Some(&group())).iter().flat_map(|c| c.differences()).map(|d| d.field).collect()
    }

    #[test]
    fn an_undeclared_field_is_never_touched_and_an_empty_one_is_emptied() {
        let name = || "analysts".to_owned();
        assert_eq!(fields(Wish { name: name(), ..Wish::default() }), Vec::<String>::new());
        let emptied = Wish { name: name(), description: Some(String::new()), privileges: Some(set(&[])), ..Wish::default() };
        assert_eq!(fields(emptied), ["description", "privileges"]);
        let same = Wish {
            name: name(),
            privileges: Some(set(&["DATADOWNLOADING"])),
            visibility: Some(Visibility::Sharable),
            ..Wish::default()
        };
        assert_eq!(fields(same), Vec::<String>::new());
        let changed =
            Wish { name: name(), rename: Some("explorers".into()), visibility: Some(Visibility::NonSharable), ..Wish::default() };
        assert_eq!(fields(changed), ["name", "visibility"]);
    }
}
