//! What has to change about a group. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use thoughtspot_client::domain::{Group, GroupPatch, Guid, NewGroup, Role, same_privileges, spelled_as};
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
    /// At creation only.
    pub(super) kind: Option<String>,
    pub(super) privileges: Option<BTreeSet<String>>,
    pub(super) roles: Option<Roles>,
    pub(super) sub_groups: Option<SubGroups>,
    pub(super) default_liveboards: Option<BTreeSet<Guid>>,
}

/// The declared roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Roles {
    pub(super) declared: BTreeSet<Guid>,
    /// All roles of the Org.
    pub(super) known: Arc<[Role]>,
}

/// The declared groups to be nested in this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SubGroups {
    /// Ids and names.
    pub(super) declared: BTreeMap<Guid, String>,
    /// The protected groups of the Org: one that is nested stays so, whoever did it.
    pub(super) kept: BTreeSet<Guid>,
    /// The names of other groups, as far as they are known.
    pub(super) names: BTreeMap<Guid, String>,
}

impl Roles {
    fn name<'a>(&'a self, id: &'a Guid) -> &'a String {
        self.known.iter().find(|role| role.id == *id).map_or(id, |role| &role.name)
    }
}

impl SubGroups {
    /// What is to be nested where `now` is.
    pub(super) fn wanted(&self, now: &BTreeSet<Guid>) -> BTreeSet<Guid> {
        self.declared.keys().cloned().chain(now.intersection(&self.kept).cloned()).collect()
    }

    fn name<'a>(&'a self, id: &'a Guid) -> &'a String {
        self.declared.get(id).or_else(|| self.names.get(id)).unwrap_or(id)
    }
}

/// One remote write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupChange {
    Create(NewGroup),
    Update {
        patch: GroupPatch,
        from: Box<Group>,
        differences: Vec<Difference>,
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
            GroupChange::Update { from, differences, .. } => {
                let fields: Vec<&str> = differences.iter().map(|d| d.field.as_str()).collect();
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
            GroupChange::Update { differences, .. } => differences.clone(),
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

/// What has to change. What nests other groups comes after the create.
pub(super) fn plan(wish: &Wish, have: Option<&Group>) -> Vec<GroupChange> {
    let Some(have) = have else { return vec![GroupChange::Create(create(wish))] };
    let patch = patch(wish, have);
    if patch == GroupPatch::default() {
        return Vec::new();
    }
    vec![GroupChange::Update { differences: differences(wish, &patch, have), patch, from: Box::new(have.clone()) }]
}

fn create(wish: &Wish) -> NewGroup {
    NewGroup {
        name: wish.name.clone(),
        display_name: wish.display_name.clone().unwrap_or_else(|| wish.name.clone()),
        description: wish.description.clone().unwrap_or_default(),
        visibility: wish.visibility.map(kinds::to_client),
        kind: wish.kind.clone(),
        privileges: wish.privileges.clone().unwrap_or_default(),
        roles: wish.roles.as_ref().map(|roles| roles.declared.clone()).unwrap_or_default(),
    }
}

fn patch(wish: &Wish, have: &Group) -> GroupPatch {
    let visibility = wish.visibility.map(kinds::to_client);
    let roles_now = have.roles.clone().unwrap_or_default();
    let privileges = wish.privileges.as_ref().filter(|wanted| !same_privileges(wanted, &have.privileges));
    let sub_groups = wish.sub_groups.as_ref().map(|nested| nested.wanted(&have.sub_groups));
    GroupPatch {
        name: kinds::differs(wish.rename.as_ref(), &have.name).cloned(),
        display_name: kinds::differs(wish.display_name.as_ref(), &have.display_name).cloned(),
        description: kinds::differs(wish.description.as_ref(), &have.description).cloned(),
        visibility: kinds::differs(visibility.as_ref(), &have.visibility).copied(),
        privileges: privileges.map(|wanted| spelled_as(wanted, &have.privileges)),
        roles: kinds::differs(wish.roles.as_ref().map(|roles| &roles.declared), &roles_now).cloned(),
        sub_groups: sub_groups.filter(|wanted| *wanted != have.sub_groups),
        default_liveboards: kinds::differs(wish.default_liveboards.as_ref(), &have.default_liveboards).cloned(),
    }
}

fn differences(wish: &Wish, patch: &GroupPatch, have: &Group) -> Vec<Difference> {
    let GroupPatch { name, display_name, description, visibility, privileges, .. } = patch;
    let plain = [
        name.as_ref().map(|name| kinds::difference("name", name, &have.name)),
        display_name.as_ref().map(|name| kinds::difference("displayName", name, &have.display_name)),
        description.as_ref().map(|text| kinds::difference("description", text, &have.description)),
        visibility.map(|v| kinds::difference("visibility", format!("{v:?}"), format!("{:?}", have.visibility))),
        privileges.as_ref().map(|p| kinds::difference("privileges", kinds::list(p), kinds::list(&have.privileges))),
    ];
    plain.into_iter().chain(lists(wish, patch, have)).flatten().collect()
}

/// Lists of ids, by names where there are any.
fn lists(wish: &Wish, patch: &GroupPatch, have: &Group) -> [Option<Difference>; 3] {
    let roles = wish.roles.as_ref().zip(patch.roles.as_ref()).map(|(known, wanted)| {
        let named = |ids: &BTreeSet<Guid>| kinds::list(ids.iter().map(|id| known.name(id)));
        kinds::difference("roles", named(wanted), have.roles.as_ref().map(named).unwrap_or_default())
    });
    let sub_groups = wish.sub_groups.as_ref().zip(patch.sub_groups.as_ref()).map(|(known, wanted)| {
        let named = |ids: &BTreeSet<Guid>| kinds::list(ids.iter().map(|id| known.name(id)));
        kinds::difference("subGroups", named(wanted), named(&have.sub_groups))
    });
    let liveboards = patch.default_liveboards.as_ref();
    let liveboards =
        liveboards.map(|ids| kinds::difference("defaultLiveboards", kinds::list(ids), kinds::list(&have.default_liveboards)));
    [roles, sub_groups, liveboards]
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
            sub_groups: set(&["all", "interns"]),
            roles: Some(set(&["r1"])),
            default_liveboards: set(&["liveboard"]),
            protected: false,
            provenance: Provenance { author: None, created: None },
        }
    }

    fn wish() -> Wish {
        Wish { name: "analysts".to_owned(), ..Wish::default() }
    }

    fn fields(wish: Wish) -> Vec<String> {
        plan(&wish, Some(&group())).iter().flat_map(|c| c.differences()).map(|d| d.field).collect()
    }

    #[test]
    fn an_undeclared_field_is_never_touched_and_an_empty_one_is_emptied() {
        assert_eq!(fields(wish()), Vec::<String>::new());
        let emptied = Wish {
            description: Some(String::new()),
            privileges: Some(set(&[])),
            roles: Some(Roles { declared: set(&[]), known: Arc::default() }),
            sub_groups: Some(SubGroups::default()),
            default_liveboards: Some(set(&[])),
            ..wish()
        };
        assert_eq!(fields(emptied), ["description", "privileges", "roles", "subGroups", "defaultLiveboards"]);
        let same = Wish { privileges: Some(set(&["DATADOWNLOADING"])), visibility: Some(Visibility::Sharable), ..wish() };
        assert_eq!(fields(same), Vec::<String>::new());
        let changed = Wish { rename: Some("explorers".into()), visibility: Some(Visibility::NonSharable), ..wish() };
        assert_eq!(fields(changed), ["name", "visibility"]);
    }

    #[test]
    fn the_declared_sub_groups_are_the_set_and_protected_ones_stay() {
        let declared = BTreeMap::from([("seniors".to_owned(), "Seniors".to_owned())]);
        let names = BTreeMap::from([("interns".to_owned(), "Interns".to_owned()), ("all".to_owned(), "All".to_owned())]);
        let sub_groups = SubGroups { declared, kept: set(&["all", "administrator"]), names };
        let plan = plan(&Wish { sub_groups: Some(sub_groups), ..wish() }, Some(&group()));
        let [GroupChange::Update { patch, differences, .. }] = &plan[..] else { panic!("{plan:?}") };
        assert_eq!(patch.sub_groups, Some(set(&["all", "seniors"])));
        let shown = kinds::difference("subGroups", "All, Seniors", "All, Interns");
        assert_eq!(*differences, [shown]);
    }

    #[test]
    fn a_privilege_that_an_upgrade_renamed_is_no_difference() {
        let renamed = set(&["CAN_DOWNLOAD_DETAILED_DATA", "CAN_DOWNLOAD_VISUALS"]);
        assert_eq!(fields(Wish { privileges: Some(renamed), ..wish() }), Vec::<String>::new());
        let more = set(&["CAN_DOWNLOAD_DETAILED_DATA", "CAN_DOWNLOAD_VISUALS", "SHAREWITHALL"]);
        let plan = plan(&Wish { privileges: Some(more), ..wish() }, Some(&group()));
        let [GroupChange::Update { patch, .. }] = &plan[..] else { panic!("{plan:?}") };
        assert_eq!(patch.privileges, Some(set(&["DATADOWNLOADING", "SHAREWITHALL"])), "as the server spells it");
    }
}
