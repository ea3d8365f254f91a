//! Roles, where role-based access control is on (docs/thoughtspot-api.md, "Roles").

use std::collections::BTreeSet;
use std::sync::Arc;

use reqwest::Method;
use serde::Deserialize;

use super::fields::Fields;
use crate::api::Api;
use crate::at::At;
use crate::decode::{or_default, segment};
use crate::domain::{Guid, OrgId};
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::session::Session;
use crate::wire::Call;

/// The calls about roles, made in the session of one Org. Where role-based access control is off, all of them fail.
#[derive(Clone, Copy)]
pub struct Roles<'a>(At<'a>);

/// A role to be created, or as it is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleBody {
    /// At most 48 characters.
    pub name: String,
    /// At most 124 characters.
    pub description: Option<String>,
    /// `None` leaves them out of the request.
    pub privileges: Option<BTreeSet<String>>,
}

/// Which roles to find; without any filter, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleFilter {
    /// Ids or names.
    pub roles: Option<NonEmpty<String>>,
    pub orgs: Option<NonEmpty<OrgId>>,
    /// Roles that one of these groups has; ids or names.
    pub groups: Option<NonEmpty<String>>,
    pub privileges: Option<NonEmpty<String>>,
}

/// A role as v1 shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RoleRecord {
    pub id: Guid,
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    #[serde(default, deserialize_with = "or_default")]
    pub privileges: BTreeSet<String>,
    /// `READ_ONLY` for one that cannot be changed.
    #[serde(default)]
    pub permission: Option<String>,
}

/// What answers about roles are wrapped in.
#[derive(Deserialize)]
pub(super) struct Wrapped<T> {
    data: T,
}

impl<'a> Roles<'a> {
    pub(super) fn new(session: &'a Arc<Session>, org: OrgId) -> Self {
        Roles(At { session, org })
    }

    /// Creates a role in the Org.
    pub async fn create(&self, role: &RoleBody) -> Result<RoleRecord> {
        let call = call("role/create", Method::POST, "role".to_owned()).form(&fields(role));
        self.one(&call).await
    }

    /// Makes a role like this; its privileges are given whole.
    pub async fn update(&self, id: &str, role: &RoleBody) -> Result<RoleRecord> {
        const UPDATE: &str = "role/update";
        let call = call(UPDATE, Method::PUT, format!("role/{}", segment(UPDATE, id)?)).form(&fields(role));
        self.one(&call).await
    }

    /// The roles that match. There is no paging.
    pub async fn search(&self, filter: &RoleFilter) -> Result<Vec<RoleRecord>> {
        let RoleFilter { roles, orgs, groups, privileges } = filter;
        let orgs = orgs.as_ref().map(|orgs| orgs.iter().map(OrgId::to_string).collect::<Vec<_>>());
        let fields = Fields::new()
            .maybe_json("role_identifiers", roles.as_ref())
            .maybe_json("org_identifiers", orgs.as_ref())
            .maybe_json("group_identifiers", groups.as_ref())
            .maybe_json("privileges", privileges.as_ref());
        let call = call("role/search", Method::POST, "role/search".to_owned()).form(&fields).reading();
        self.0.one::<Wrapped<Vec<RoleRecord>>>(&call, "a list of roles").await.map(|wrapped| wrapped.data)
    }

    /// Deletes a role. Groups that have it lose it.
    pub async fn delete(&self, id: &str) -> Result<()> {
        const DELETE: &str = "role/delete";
        self.0.done(&call(DELETE, Method::DELETE, format!("role/{}", segment(DELETE, id)?))).await
    }

    async fn one(&self, call: &Call<'_>) -> Result<RoleRecord> {
        self.0.one::<Wrapped<RoleRecord>>(call, "a role").await.map(|wrapped| wrapped.data)
    }
}

fn call(what: &'static str, method: Method, path: String) -> Call<'static> {
    Call::new(Api::V1, what, method, path)
}

fn fields(role: &RoleBody) -> Fields {
    let RoleBody { name, description, privileges } = role;
    Fields::new().text("name", name).maybe("description", description.as_ref()).maybe_json("privileges", privileges.as_ref())
}
