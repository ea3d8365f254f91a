//! Orgs, users and groups as ThoughtSpot means them, free of any dialect's wire format.
//!
//! Facts are in `docs/thoughtspot-api.md`; each type names its section.

mod preferences;
mod privileges;

use std::collections::BTreeSet;
use std::fmt;

use crate::secret::Secret;

pub use preferences::Preferences;
pub use privileges::{UnknownRole, current_names, effective_privileges, same_privileges, spelled_as};

/// The id of an Org: an int32 the server chooses. Primary is `0` (docs/thoughtspot-api.md, "Identifiers").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrgId(pub i64);

impl OrgId {
    /// The Org every instance has. A token for it may read and write across Orgs when its holder administers the cluster.
    pub const PRIMARY: OrgId = OrgId(0);
}

impl fmt::Display for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The GUID of a user or a group.
pub type Guid = String;

/// Milliseconds since 1970 by the server's clock.
pub type Millis = i64;

/// What `GET system` tells: which ThoughtSpot this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// The cluster's own id. Two addresses that show the same id are one ThoughtSpot. `None` where the release shows none.
    pub id: Option<String>,
    /// The release as the server words it, such as `26.8.0.cl`; free text.
    pub release: Option<String>,
    /// Ids of the principals the system cannot do without, as far as it names them: never touched.
    pub protected_users: BTreeSet<Guid>,
    /// As `protected_users`, for the groups of Primary.
    pub protected_groups: BTreeSet<Guid>,
}

/// Who our credentials are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub id: Guid,
    pub name: String,
}

/// An Org (docs/thoughtspot-api.md, "Orgs").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Org {
    pub id: OrgId,
    pub name: String,
    /// An unset description reads as `null` in one dialect and as empty in the other; here it is empty.
    pub description: String,
    pub active: bool,
}

/// An Org to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrg {
    pub name: String,
    pub description: String,
}

/// What to change about an Org; `None` leaves as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrgPatch {
    pub name: Option<String>,
    pub description: Option<String>,
}

/// Who made an object, and when: the proof that a create of ours, whose answer was lost, did happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The id of the user who made it.
    pub author: Option<Guid>,
    /// When, by the server's clock.
    pub created: Option<Millis>,
}

/// A user: cluster-wide, a member of one or more Orgs (docs/thoughtspot-api.md, "Users").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: Guid,
    pub name: String,
    pub display_name: String,
    pub email: String,
    /// `LOCAL_USER`, `SAML_USER` and so on; grows with releases, so it is text.
    pub account_type: String,
    /// `ACTIVE`, `INACTIVE` and so on; grows with releases, so it is text.
    pub account_status: String,
    pub visibility: Visibility,
    pub preferences: Preferences,
    /// The id of who changed the user last; `None` where the server does not tell.
    pub modified_by: Option<Guid>,
    /// The Orgs the user belongs to, as the token that asked may see them. Empty where the Orgs feature is off.
    pub orgs: BTreeSet<OrgId>,
    /// Direct group memberships. Read with an Org's own token, they are that Org's; read from Primary they may mix Orgs.
    pub groups: BTreeSet<Guid>,
    /// The *effective* privileges in the Org of the token that asked, inherited ones included.
    pub privileges: BTreeSet<String>,
    /// `system_user` or `super_user`: never touched.
    pub protected: bool,
    pub provenance: Provenance,
}

impl User {
    /// Whether the user can sign in.
    pub fn access(&self) -> AccountAccess {
        AccountAccess::of_status(&self.account_status)
    }
}

/// A user to be created, in the Org whose token is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    pub name: String,
    pub display_name: String,
    pub email: String,
    /// Unset: the server's default for its sign-in set-up.
    pub account_type: Option<String>,
    pub visibility: Option<Visibility>,
    /// v1 creates nobody with preferences: there they are a change of their own, and not sent here.
    pub preferences: Preferences,
    pub password: Option<Secret>,
    /// Whether a link is mailed with which the user sets a password; not to one who has a password. No call of v1 does.
    pub activation_mail: bool,
    /// Ids of groups of the same Org.
    pub groups: BTreeSet<Guid>,
}

/// What to change about a user; `None` leaves as it is. Lists are separate calls, since one request has one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPatch {
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub email: Option<String>,
    pub visibility: Option<Visibility>,
    pub preferences: Preferences,
    /// Whether the user can sign in.
    pub access: Option<AccountAccess>,
}

/// Whether a user can sign in (docs/thoughtspot-api.md, "Accounts").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountAccess {
    Enabled,
    Disabled,
}

impl AccountAccess {
    /// The account status that makes it so. With some identity management `INACTIVE` reads back `SUSPENDED`.
    pub fn as_status(self) -> &'static str {
        match self {
            AccountAccess::Enabled => "ACTIVE",
            AccountAccess::Disabled => "INACTIVE",
        }
    }

    /// What an account status comes to: `LOCKED` and `PENDING` pass by themselves, and words of later releases are not ours to judge.
    pub fn of_status(status: &str) -> AccountAccess {
        match status {
            "INACTIVE" | "SUSPENDED" | "EXPIRED" => AccountAccess::Disabled,
            _ => AccountAccess::Enabled,
        }
    }
}

/// An object that has an author (docs/thoughtspot-api-content.md, "Authors").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentItem {
    pub id: Guid,
    pub kind: ContentKind,
}

/// What people make in an Org and would miss (docs/thoughtspot-api-content.md, "Objects"). Models, worksheets and views are tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContentKind {
    Liveboard,
    Answer,
    Table,
    Connection,
}

impl ContentKind {
    pub const ALL: [ContentKind; 4] = [ContentKind::Liveboard, ContentKind::Answer, ContentKind::Table, ContentKind::Connection];
}

impl fmt::Display for ContentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ContentKind::Liveboard => "Liveboard",
            ContentKind::Answer => "Answer",
            ContentKind::Table => "table",
            ContentKind::Connection => "connection",
        })
    }
}

/// A group: lives in exactly one Org (docs/thoughtspot-api.md, "Groups").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: Guid,
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub visibility: Visibility,
    pub privileges: BTreeSet<String>,
    /// Ids of the groups nested in this one. A member of a nested group has this group's privileges too.
    pub sub_groups: BTreeSet<Guid>,
    /// Ids of its roles, from which its members' privileges come. `None` where the server tells none, as without role-based access control.
    pub roles: Option<BTreeSet<Guid>>,
    /// Ids of the Liveboards that its members see first.
    pub default_liveboards: BTreeSet<Guid>,
    /// `system_group`: never touched.
    pub protected: bool,
    pub provenance: Provenance,
}

/// A group to be created, in the Org whose token is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewGroup {
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub visibility: Option<Visibility>,
    /// `LOCAL_GROUP`, `TEAM_GROUP` and so on. Unset: the server's default.
    pub kind: Option<String>,
    pub privileges: BTreeSet<String>,
    /// Ids of roles of the same Org.
    pub roles: BTreeSet<Guid>,
}

/// What to change about a group; `None` leaves as it is. Each list is the whole set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupPatch {
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub visibility: Option<Visibility>,
    pub privileges: Option<BTreeSet<String>>,
    /// Ids of roles of the same Org.
    pub roles: Option<BTreeSet<Guid>>,
    /// Ids of groups of the same Org.
    pub sub_groups: Option<BTreeSet<Guid>>,
    /// Ids of Liveboards. No call of v1 sets them.
    pub default_liveboards: Option<BTreeSet<Guid>>,
}

/// A role of an Org: privileges that groups are given together (docs/thoughtspot-api.md, "Roles").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub id: Guid,
    pub name: String,
    pub privileges: BTreeSet<String>,
}

/// Whether others find the user or group when they share something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visibility {
    Sharable,
    NonSharable,
}

/// How one object is looked up.
#[derive(Debug, PartialEq, Eq)]
pub enum Lookup<'a, I: ?Sized> {
    Id(&'a I),
    /// Exactly this name; user names without regard to case.
    Name(&'a str),
}

// Derived, these would ask for `I: Clone`, which `str` is not.
impl<I: ?Sized> Clone for Lookup<'_, I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I: ?Sized> Copy for Lookup<'_, I> {}

/// Add to or remove from a list. Replacing is not offered: it would take what others assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListChange {
    Add,
    Remove,
}

/// User names are cluster-wide and compared without regard to case; this is the form to compare and to index by.
pub fn fold_user_name(name: &str) -> String {
    name.to_lowercase()
}

/// The names of the principals that every ThoughtSpot has (docs/thoughtspot-api.md, "Protected objects").
pub const SYSTEM_USER_NAMES: [&str; 4] = ["tsadmin", "system", "su", "guest"];
/// The ids of `tsadmin`, `system` and `su`, the same on every ThoughtSpot.
pub const SYSTEM_USER_IDS: [&str; 3] =
    ["59481331-ee53-42be-a548-bd87be6ddd4a", "67e15c06-d153-4924-a4cd-ff615393b60f", "0f0dd0f7-7411-4195-a4aa-0dc6b58413c9"];
/// The ids of `All`, `Administrator` and `System` of Primary, the same on every ThoughtSpot.
pub const PRIMARY_GROUP_IDS: [&str; 3] =
    ["b25ee394-9d13-49e3-9385-cd97f5b253b4", "d0326b56-ef23-4c8a-8327-a30e99bcc72b", "179d8867-cf36-4a8d-a019-63a226fd3196"];
/// As [`SYSTEM_USER_NAMES`], for groups of every Org.
pub const BUILT_IN_GROUP_NAMES: [&str; 3] = ["All", "Administrator", "System"];
/// Every member of an Org is in this group, and cannot leave it.
pub const ALL_GROUP_NAME: &str = "All";
