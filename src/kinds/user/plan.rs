//! What has to change about a user. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use thoughtspot_client::domain::{NewUser, OrgId, User, UserPatch};
use thoughtspot_engine::kind::{Change, Difference};

use super::{Desired, Joined, Observed, exclusive, lockout, preferences};
use crate::kinds;

/// One remote write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserChange {
    /// In the first declared Org; the others and their groups follow.
    Create {
        org: OrgId,
        new: NewUser,
    },
    Update {
        patch: UserPatch,
        from: Box<User>,
    },
    JoinOrg {
        org: OrgId,
        name: String,
    },
    LeaveOrg {
        org: OrgId,
    },
    /// Ids and names.
    JoinGroups {
        org: OrgId,
        groups: BTreeMap<String, String>,
    },
    /// Ids.
    LeaveGroups {
        org: OrgId,
        groups: BTreeSet<String>,
    },
    SetPassword,
    /// Brings the Secret of a generated password up to date, with whom and where it is for.
    DescribeLogin,
    /// After access was ended.
    EndSessions,
}

impl UserChange {
    /// Whether it is about memberships only, and not about the account.
    pub(super) fn is_membership(&self) -> bool {
        match self {
            UserChange::JoinOrg { .. }
            | UserChange::LeaveOrg { .. }
            | UserChange::JoinGroups { .. }
            | UserChange::LeaveGroups { .. } => true,
            UserChange::Create { .. }
            | UserChange::Update { .. }
            | UserChange::SetPassword
            | UserChange::DescribeLogin
            | UserChange::EndSessions => false,
        }
    }

    /// Whether ThoughtSpot gets the password with it.
    pub(super) fn sends_password(&self) -> bool {
        match self {
            UserChange::Create { new, .. } => new.password.is_some(),
            UserChange::SetPassword => true,
            UserChange::Update { .. }
            | UserChange::JoinOrg { .. }
            | UserChange::LeaveOrg { .. }
            | UserChange::JoinGroups { .. }
            | UserChange::LeaveGroups { .. }
            | UserChange::DescribeLogin
            | UserChange::EndSessions => false,
        }
    }
}

impl fmt::Display for UserChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UserChange::Create { org, new } => write!(f, "created user {:?} in Org {org}", new.name),
            UserChange::Update { from, .. } => {
                let fields: Vec<String> = self.differences().into_iter().map(|d| d.field).collect();
                write!(f, "changed {} of user {:?}", fields.join(", "), from.name)
            }
            UserChange::JoinOrg { org, name } => write!(f, "added to Org {name} ({org})"),
            UserChange::LeaveOrg { org } => write!(f, "removed from Org {org}"),
            UserChange::JoinGroups { org, groups } => write!(f, "added to {} in Org {org}", kinds::list(groups.values())),
            UserChange::LeaveGroups { org, groups } => write!(f, "removed from {} groups in Org {org}", groups.len()),
            UserChange::SetPassword => f.write_str("set the password"),
            UserChange::DescribeLogin => f.write_str("brought the Secret of the password up to date"),
            UserChange::EndSessions => f.write_str("ended the sessions"),
        }
    }
}

impl Change for UserChange {
    fn differences(&self) -> Vec<Difference> {
        match self {
            UserChange::Create { new, .. } => vec![kinds::difference("name", &new.name, "")],
            UserChange::Update { patch: UserPatch { name, display_name, email, visibility, preferences, access }, from } => [
                name.as_ref().map(|name| kinds::difference("name", name, &from.name)),
                display_name.as_ref().map(|name| kinds::difference("displayName", name, &from.display_name)),
                email.as_ref().map(|email| kinds::difference("email", email, &from.email)),
                visibility.map(|v| kinds::difference("visibility", format!("{v:?}"), format!("{:?}", from.visibility))),
                access.map(|access| kinds::difference("access", format!("{access:?}"), &from.account_status)),
            ]
            .into_iter()
            .flatten()
            .chain(preferences::differences(preferences, &from.preferences))
            .collect(),
            UserChange::JoinOrg { org, name } => {
                vec![kinds::difference(&format!("orgs[{org}]"), format!("member of {name}"), "not a member")]
            }
            UserChange::LeaveOrg { org } => vec![kinds::difference(&format!("orgs[{org}]"), "not a member", "member")],
            UserChange::JoinGroups { org, groups } => {
                vec![kinds::difference(
                    &format!("orgs[{org}].groups"),
                    format!("in {}", kinds::list(groups.values())),
                    "not in them",
                )]
            }
            UserChange::LeaveGroups { org, groups } => {
                vec![kinds::difference(&format!("orgs[{org}].leftGroups"), format!("not in {}", kinds::list(groups)), "in them")]
            }
            // A password cannot be read, so it never differs: whether it is set again is decided by its Secret alone.
            // Sessions are not seen at all.
            UserChange::SetPassword | UserChange::DescribeLogin | UserChange::EndSessions => Vec::new(),
        }
    }
}

/// Users of these types are named and described by an identity provider at each sign-in: what we would set is overwritten.
const SIGNED_IN_ELSEWHERE: [&str; 4] = ["SAML_USER", "OIDC_USER", "LDAP_USER", "REMOTE_USER"];

/// What has to change, additions first: nobody is without an Org on the way.
pub(super) fn plan(want: &Desired, have: Option<&Observed>) -> Vec<UserChange> {
    let Some(have) = have else {
        return want.places.first().map(|first| create(want, first)).into_iter().collect();
    };
    if want.unresolved.is_some() {
        return lockout::plan(want, have);
    }
    let mut plan: Vec<UserChange> = update(want, &have.user).into_iter().collect();
    plan.extend(want.sessions_to_end(&have.user).then_some(UserChange::EndSessions));
    plan.extend(want.places.iter().flat_map(|joined| join(joined, have)));
    plan.extend(leave_groups(want, have));
    plan.extend(leave_orgs(want, have));
    let besides = exclusive::leave_orgs(want, have);
    plan.extend(besides.into_iter().filter(|change| !plan.contains(change)).collect::<Vec<_>>());
    if let Some(password) = &want.password {
        plan.extend(password.is_due().then_some(UserChange::SetPassword));
        plan.extend(password.is_misdescribed(want, have).then_some(UserChange::DescribeLogin));
    }
    plan
}

fn create(want: &Desired, first: &Joined) -> UserChange {
    let spec = &want.spec;
    let new = NewUser {
        name: want.name.clone(),
        display_name: spec.display_name.clone().unwrap_or_else(|| want.name.clone()),
        email: spec.email.clone().unwrap_or_default(),
        account_type: spec.account_type.clone(),
        visibility: spec.visibility.map(kinds::to_client),
        preferences: preferences::declared(spec),
        password: want.password.as_ref().map(|password| password.secret().clone()),
        activation_mail: spec.send_activation_email,
        groups: first.groups.keys().cloned().collect(),
    };
    UserChange::Create { org: first.place.id, new }
}

fn update(want: &Desired, have: &User) -> Option<UserChange> {
    let spec = &want.spec;
    let ours = !SIGNED_IN_ELSEWHERE.contains(&have.account_type.as_str());
    let visibility = spec.visibility.map(kinds::to_client);
    let patch = UserPatch {
        name: kinds::differs(spec.name.as_ref().filter(|_| ours), &have.name).cloned(),
        display_name: kinds::differs(spec.display_name.as_ref().filter(|_| ours), &have.display_name).cloned(),
        email: kinds::differs(spec.email.as_ref().filter(|_| ours), &have.email).cloned(),
        visibility: kinds::differs(visibility.as_ref(), &have.visibility).copied(),
        preferences: want.preferences_change(have),
        access: want.access_change(have),
    };
    (patch != UserPatch::default()).then(|| UserChange::Update { patch, from: Box::new(have.clone()) })
}

fn join(joined: &Joined, have: &Observed) -> Vec<UserChange> {
    let org = joined.place.id;
    let groups_now = have.member_of.get(&org);
    let missing = |id: &String| groups_now.is_none_or(|groups| !groups.contains(id));
    let groups: BTreeMap<String, String> =
        joined.groups.iter().filter(|(id, _)| missing(id)).map(|(id, name)| (id.clone(), name.clone())).collect();
    let join_org = groups_now.is_none().then(|| UserChange::JoinOrg { org, name: joined.place.key.name.clone() });
    let join_groups = (!groups.is_empty()).then_some(UserChange::JoinGroups { org, groups });
    join_org.into_iter().chain(join_groups).collect()
}

/// Groups that we added and that nobody declares any more, in Orgs that still are declared; with `Exclusive`, those that others added, too.
fn leave_groups(want: &Desired, have: &Observed) -> Vec<UserChange> {
    let in_declared = want.places.iter().filter_map(|joined| {
        let org = joined.place.id;
        let now = have.member_of.get(&org)?;
        let mut groups = want.edges_in(org, now, |edges| edges.to_leave(false));
        if want.exclusive_groups() {
            let besides = want.edges_in(org, now, |edges| edges.to_leave(true));
            groups.extend(besides.into_iter().filter(|id| !have.besides.keeps(id)));
        }
        (!groups.is_empty()).then_some(UserChange::LeaveGroups { org, groups })
    });
    in_declared.collect()
}

/// Orgs that we added and that are no longer declared. Where only groups were ours, only those go.
fn leave_orgs(want: &Desired, have: &Observed) -> Vec<UserChange> {
    let declared: BTreeSet<OrgId> = want.places.iter().map(|joined| joined.place.id).collect();
    let undeclared = want.owned.iter().filter(|(org, _)| !declared.contains(org));
    let changes = undeclared.filter_map(|(org, owned)| {
        let now = have.member_of.get(org)?;
        // Without a declared Org this would be the user's last: that is never taken.
        if owned.added && !declared.is_empty() {
            return Some(UserChange::LeaveOrg { org: *org });
        }
        let groups = want.edges_in(*org, now, |edges| edges.to_leave(false));
        (!groups.is_empty()).then_some(UserChange::LeaveGroups { org: *org, groups })
    });
    changes.collect()
}
