//! What the requests of either dialect are called.

use thoughtspot_crds::Dialect;

/// What the journal calls the requests that tests count or spoil, in one dialect.
pub(crate) struct Calls {
    pub(crate) sign_in: &'static str,
    pub(crate) create_org: &'static str,
    pub(crate) create_group: &'static str,
    pub(crate) create_user: &'static str,
    pub(crate) set_password: &'static str,
    pub(crate) change_members: &'static str,
    pub(crate) end_sessions: &'static str,
    pub(crate) transfer: &'static str,
    pub(crate) delete_user: &'static str,
    pub(crate) list_orgs: &'static str,
    pub(crate) list_groups: &'static str,
    pub(crate) list_users: &'static str,
    identify: &'static str,
}

impl Calls {
    pub(super) fn of(dialect: Dialect) -> &'static Calls {
        match dialect {
            Dialect::V1 => &V1,
            Dialect::V2 => &V2,
        }
    }

    pub(crate) fn creates(&self) -> [&'static str; 3] {
        [self.create_org, self.create_group, self.create_user]
    }

    pub(crate) fn lists(&self) -> [&'static str; 3] {
        [self.list_orgs, self.list_groups, self.list_users]
    }

    /// What an idle operator asks, once in each interval for each Instance and Org.
    pub(crate) fn each_interval(&self) -> [&'static str; 4] {
        [self.list_orgs, self.list_groups, self.list_users, self.identify]
    }
}

const V1: Calls = Calls {
    sign_in: "POST v1/session/login",
    create_org: "POST v1/org/",
    create_group: "POST v1/group/",
    create_user: "POST v1/user/",
    set_password: "PUT v1/user/{userid}",
    change_members: "POST v1/group/addmemberships",
    end_sessions: "POST v1/user/session/invalidate",
    transfer: "POST v1/user/transfer/ownership",
    delete_user: "DELETE v1/user/{userid}",
    list_orgs: "POST v1/org/search",
    list_groups: "GET v1/group/",
    list_users: "GET v1/user/",
    identify: "GET v1/session/info",
};

const V2: Calls = Calls {
    sign_in: "POST auth/token/full",
    create_org: "POST orgs/create",
    create_group: "POST groups/create",
    create_user: "POST users/create",
    set_password: "POST users/reset-password",
    change_members: "POST groups/{group_identifier}/update",
    end_sessions: "POST users/force-logout",
    transfer: "POST security/metadata/assign",
    delete_user: "POST users/{user_identifier}/delete",
    list_orgs: "POST orgs/search",
    list_groups: "POST groups/search",
    list_users: "POST users/search",
    identify: "GET system",
};
