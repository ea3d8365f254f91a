//! The security audit log: what happened, to whom, by whom. No password, key or token is in it.

use super::refusal::Refusal;
use super::{Actor, World};
use serde_json::{Value, json};
use std::collections::VecDeque;
use uuid::Uuid;

/// Older events are forgotten beyond this many.
const KEPT: usize = 20_000;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    LoginSuccessful,
    LoginFailed,
    AccountLocked,
    TokenCreated,
    TokenRefused,
    UsersCreated,
    UsersModified,
    UsersDeleted,
    UpdatePassword,
    OrgCreated,
    OrgDeleted,
    OrgAccessGranted,
    GroupsCreated,
    GroupsDeleted,
    GroupModified,
    GroupMembersChanged,
    PrivilegesChanged,
    ShareObjects,
}

impl Event {
    /// Its name in the log.
    fn name(self) -> &'static str {
        match self {
            Self::LoginSuccessful => "LOGIN_SUCCESSFUL",
            Self::LoginFailed => "LOGIN_FAILED",
            Self::AccountLocked => "ACCOUNT_LOCKED",
            Self::TokenCreated => "AUTH_TOKEN_CREATED_SUCCESSFULLY",
            Self::TokenRefused => "FAILED_TO_CREATE_AUTH_TOKEN",
            Self::UsersCreated => "USERS_CREATED",
            Self::UsersModified => "USERS_MODIFIED",
            Self::UsersDeleted => "USERS_DELETED",
            Self::UpdatePassword => "UPDATE_PASSWORD",
            Self::OrgCreated => "ORG_CREATION_SUCCESSFUL",
            Self::OrgDeleted => "ORG_DELETION_SUCCESSFUL",
            Self::OrgAccessGranted => "ORG_ACCESS_GRANTED_TO_USER",
            Self::GroupsCreated => "USER_GROUPS_CREATED",
            Self::GroupsDeleted => "USER_GROUPS_DELETED",
            Self::GroupModified => "USER_GROUP_MODIFIED",
            Self::GroupMembersChanged => "PRINCIPALS_IN_GROUP_UPDATE",
            Self::PrivilegesChanged => "PRIVILEGE_CHANGES",
            Self::ShareObjects => "SHARE_OBJECTS",
        }
    }

    /// In words.
    fn description(self) -> &'static str {
        match self {
            Self::LoginSuccessful => "User logged in",
            Self::LoginFailed => "User could not log in",
            Self::AccountLocked => "Account locked after failed logins",
            Self::TokenCreated => "Authentication token created",
            Self::TokenRefused => "Authentication token not created",
            Self::UsersCreated => "User created",
            Self::UsersModified => "User modified",
            Self::UsersDeleted => "User deleted",
            Self::UpdatePassword => "Password updated",
            Self::OrgCreated => "Org created",
            Self::OrgDeleted => "Org deleted",
            Self::OrgAccessGranted => "User given access to an Org",
            Self::GroupsCreated => "User group created",
            Self::GroupsDeleted => "User group deleted",
            Self::GroupModified => "User group modified",
            Self::GroupMembersChanged => "Members of a user group changed",
            Self::PrivilegesChanged => "Privileges of a user group changed",
            Self::ShareObjects => "Objects shared",
        }
    }
}

/// An event that happened.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    id: Uuid,
    /// Milliseconds since 1970.
    at: i64,
    org: i32,
    user: Uuid,
    user_name: String,
    event: Event,
    data: Value,
}

impl Recorded {
    /// The text of the event, as the log shows it.
    fn text(&self) -> String {
        let Self { id, at, org, user, user_name, event, data } = self;
        json!({
            "version": "1.1",
            "id": format!("TS-{id}"),
            "ts": timestamp(*at),
            "orgId": org,
            "userGUID": user.to_string(),
            "userName": user_name,
            "cIP": "127.0.0.1",
            "type": event.name(),
            "desc": event.description(),
            "data": data,
        })
        .to_string()
    }
}

/// As `2026-08-01T10:00:00.000000Z`.
fn timestamp(millis: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    format!("{time:.6}")
}

/// What happened, oldest first.
#[derive(Clone, Default)]
pub(crate) struct AuditLog(VecDeque<Recorded>);

impl World {
    /// Writes down what the actor did.
    pub(crate) fn record(&mut self, actor: &Actor<'_>, event: Event, data: Value) {
        self.record_for(actor.user, actor.org, actor.now, event, data);
    }

    /// The events of a time, oldest first, as both API versions show them: of all Orgs or of Primary only. Without an end the time ends now,
    /// without a start it is a day long, which is the longest it may be. Needs to administer the cluster.
    pub(crate) fn audit_rows(&self, actor: &Actor<'_>, from: Option<i64>, to: Option<i64>, all: bool) -> Result<Value, Refusal> {
        self.require_cluster_admin(actor)?;
        let to = to.unwrap_or(actor.now);
        let from = from.unwrap_or(to - DAY_MILLIS);
        if from > to || to - from > DAY_MILLIS {
            return Err(Refusal::invalid("The time must be at most 24 hours long, and its start before its end"));
        }
        let shown_until = actor.now - i64::from(actor.settings.audit_delay_seconds) * 1000;
        let wanted = |event: &&Recorded| {
            (from..=to).contains(&event.at) && event.at <= shown_until && (all || event.org == super::PRIMARY)
        };
        Ok(self.audit.0.iter().filter(wanted).map(|event| json!({"date": timestamp(event.at), "log": event.text()})).collect())
    }

    /// Writes down what a user did, or what was tried in its name.
    pub(crate) fn record_for(&mut self, user: Uuid, org: i32, at: i64, event: Event, data: Value) {
        let user_name = self.users.get(&user).map(|user| user.name.clone()).unwrap_or_default();
        self.audit.0.push_back(Recorded { id: Uuid::new_v4(), at, org, user, user_name, event, data });
        if self.audit.0.len() > KEPT {
            self.audit.0.pop_front();
        }
    }
}
