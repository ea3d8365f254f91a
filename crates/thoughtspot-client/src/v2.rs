//! The port over REST API 2.0.
//!
//! | module | what lives there |
//! | --- | --- |
//! | `session` | a token per Org, and when to ask for one |
//! | `wire` | one call over the wire, and what its refusal means |
//! | `errors` | the shapes a refusal may have |
//! | `decode` | helpers to read what is `null`, a string or a float today |
//! | `search` | the rules for searches that can be trusted |
//! | `orgs`, `users`, `groups` | the calls |
//! | [`content`] | the calls about content |
//!
//! Invariants: request bodies are closed types, since the server ignores what it does not know; unset fields are left out, never
//! `null`; `operation` is always sent, and one list per request.

pub mod content;
pub(crate) mod decode;
mod errors;
mod groups;
mod orgs;
mod search;
mod session;
mod users;
mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use crate::domain::{
    Group, GroupPatch, Guid, ListChange, Login, Lookup, Millis, NewGroup, NewOrg, NewUser, Org, OrgId, OrgPatch, Provenance,
    System, User, UserPatch,
};
use crate::error::Result;
use crate::port::{Page, PageOf, ThoughtSpot};
use crate::secret::Secret;
use crate::transport::Network;
use session::Session;
use wire::Wire;

/// How to reach one ThoughtSpot, and as whom.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Scheme, host and port.
    pub url: Url,
    pub credentials: Credentials,
    /// Shortens the deadline of each call; it does not lengthen it.
    pub deadline: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub username: String,
    pub proof: Proof,
}

/// What shows that we are who we say. Exactly one is ever sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    Password(Secret),
    /// The key of trusted authentication: it opens any account, and works where a password does not (MFA, SSO).
    SecretKey(Secret),
}

impl Proof {
    fn secret(&self) -> &Secret {
        match self {
            Proof::Password(secret) | Proof::SecretKey(secret) => secret,
        }
    }
}

/// One ThoughtSpot spoken to in v2.
pub struct V2 {
    session: Arc<Session>,
}

impl V2 {
    /// Sets up the session; no connection is opened. Fails with [`crate::Error::HostNotAllowed`] if the host may not be reached.
    pub fn new(network: Arc<Network>, settings: Settings) -> Result<V2> {
        let Settings { url, credentials, deadline } = settings;
        let wire = Wire::new(network, &url, credentials.proof.secret().clone(), deadline)?;
        let host = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        Ok(V2 { session: Session::new(wire, &host, credentials) })
    }
}

#[async_trait]
impl ThoughtSpot for V2 {
    async fn system(&self) -> Result<System> {
        orgs::system(&self.session).await
    }

    async fn login(&self) -> Result<Login> {
        Ok(self.session.token(OrgId::PRIMARY).await?.holder.clone())
    }

    async fn enter(&self, org: OrgId) -> Result<()> {
        self.session.token(org).await.map(drop)
    }

    fn server_now(&self) -> Millis {
        self.session.wire.target.clock.now()
    }

    async fn orgs(&self) -> Result<Vec<Org>> {
        orgs::list(&self.session).await
    }

    async fn find_org(&self, which: Lookup<'_, OrgId>) -> Result<Option<Org>> {
        orgs::find(&self.session, &which).await
    }

    async fn create_org(&self, new: &NewOrg) -> Result<Org> {
        orgs::create(&self.session, new).await
    }

    async fn update_org(&self, id: OrgId, patch: &OrgPatch) -> Result<()> {
        orgs::update(&self.session, id, patch).await
    }

    async fn delete_org(&self, id: OrgId) -> Result<()> {
        orgs::delete(&self.session, id).await
    }

    async fn org_provenance(&self, id: OrgId) -> Result<Option<Provenance>> {
        orgs::provenance(&self.session, id).await
    }

    async fn change_org_members(&self, org: OrgId, user: &str, change: ListChange) -> Result<()> {
        orgs::change_members(&self.session, org, user, change).await
    }

    async fn users_page(&self, in_org: OrgId, page: Page) -> Result<PageOf<User>> {
        users::page(&self.session, in_org, page).await
    }

    async fn find_user(&self, in_org: OrgId, which: Lookup<'_, str>) -> Result<Option<User>> {
        users::find(&self.session, in_org, &which).await
    }

    async fn create_user(&self, in_org: OrgId, new: &NewUser) -> Result<User> {
        users::create(&self.session, in_org, new).await
    }

    async fn update_user(&self, in_org: OrgId, id: &str, patch: &UserPatch) -> Result<()> {
        users::update(&self.session, in_org, id, patch).await
    }

    async fn change_user_groups(&self, in_org: OrgId, id: &str, groups: &BTreeSet<Guid>, change: ListChange) -> Result<()> {
        users::change_groups(&self.session, in_org, id, groups, change).await
    }

    async fn set_password(&self, id: &str, password: &Secret) -> Result<()> {
        users::set_password(&self.session, id, password).await
    }

    async fn delete_user(&self, id: &str) -> Result<()> {
        users::delete(&self.session, id).await
    }

    async fn groups_page(&self, in_org: OrgId, page: Page) -> Result<PageOf<Group>> {
        groups::page(&self.session, in_org, page).await
    }

    async fn find_group(&self, in_org: OrgId, which: Lookup<'_, str>) -> Result<Option<Group>> {
        groups::find(&self.session, in_org, &which).await
    }

    async fn create_group(&self, in_org: OrgId, new: &NewGroup) -> Result<Group> {
        groups::create(&self.session, in_org, new).await
    }

    async fn update_group(&self, in_org: OrgId, id: &str, patch: &GroupPatch) -> Result<()> {
        groups::update(&self.session, in_org, id, patch).await
    }

    async fn delete_group(&self, in_org: OrgId, id: &str) -> Result<()> {
        groups::delete(&self.session, in_org, id).await
    }
}
