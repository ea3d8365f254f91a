//! Where a v1 call acts: in the Org of its session, or with `orgScope=ALL` on every Org.

use super::wire::OrgScope;
use crate::route::Context;
use crate::sessions::Session;
use crate::state::refusal::Refusal;
use crate::state::{ALL_ORGS, Actor, PRIMARY};
use serde::Deserialize;

/// The query of calls that can be given a scope.
#[derive(Deserialize)]
pub(super) struct Scope {
    #[serde(rename = "orgScope")]
    org_scope: Option<OrgScope>,
}

impl From<Option<OrgScope>> for Scope {
    fn from(org_scope: Option<OrgScope>) -> Self {
        Self { org_scope }
    }
}

impl Scope {
    /// Whether the call, or the session it comes with, is about every Org.
    pub(super) fn is_all(&self, session: Session) -> bool {
        self.org_scope == Some(OrgScope::All) || session.org == ALL_ORGS
    }

    /// The caller as an administrator of the cluster, who acts on every Org from Primary. Others are refused, and so is a call
    /// without the scope.
    pub(super) fn cluster_admin<'a>(&self, context: &Context<'a>, session: Session) -> Result<Actor<'a>, Refusal> {
        let actor = context.actor(session);
        if !self.is_all(session) {
            return Err(Refusal::forbidden("Access denied: this call needs orgScope=ALL"));
        }
        context.world.require_cluster_admin(&actor)?;
        Ok(Actor { org: PRIMARY, ..actor })
    }
}
