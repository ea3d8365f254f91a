//! Signing in to v1: a session per Org, which is asked in which Org it is and switched if it is in another.
//!
//! A password is shown for Primary only, and its session switched: a sign-in that is refused for another Org would count towards the
//! lock of the account, and not tell whether the password or the Org is refused.

use std::time::Duration;

use async_trait::async_trait;

use super::orgs::search_call;
use super::sessions::{
    Access, EXCHANGED, LOGGED_IN, SessionInfo, TrustedToken, exchange_call, info_call, login_call, opened, org_list, orgs_call,
    switch_call, token_call, token_of,
};
use crate::domain::{Login, OrgId};
use crate::error::{Error, Result};
use crate::pass::Pass;
use crate::secret::Secret;
use crate::session::{Denied, SignIn};
use crate::settings::{Credentials, Proof};
use crate::wire::{Call, Failure, Wire};

/// How long a session is used. The server does not tell how long it lives: until it was idle for a while, which shows as a 401.
const LIFE: Duration = Duration::from_secs(3600);
/// The code of a feature that is switched off.
const FEATURE_OFF: i64 = 10023;

/// Signs in by `session/login`, or by a token of trusted authentication that is exchanged at once.
pub(super) struct Cookies;

#[async_trait]
impl SignIn for Cookies {
    async fn sign_in(&self, wire: &Wire, who: &Credentials, org: OrgId) -> Result<(Pass, Duration), Denied> {
        let pass = match &who.proof {
            Proof::Password(password) => {
                let call = login_call(&who.username, password, OrgId::PRIMARY, false);
                let opened = opened(wire, &call, org, LOGGED_IN).await;
                opened.map_err(|failure| Denied::because(failure, &call, who, OrgId::PRIMARY))?
            }
            Proof::SecretKey(key) => by_key(wire, who, org, key).await?,
        };
        Ok((pass, LIFE))
    }

    fn proof(&self) -> Call<'static> {
        info_call()
    }

    /// A session in another Org is switched, once: one that a password opened, or that a server put where its user was last.
    async fn verify(&self, wire: &Wire, who: &Credentials, org: OrgId, pass: &Pass) -> Result<Login, Denied> {
        let mut current = current(wire, who, org, pass).await?;
        if current != org {
            switch(wire, who, org, pass).await?;
            current = self::current(wire, who, org, pass).await?;
        }
        if current != org {
            return Err(Denied::Other(Error::WrongOrg { wanted: org.0, got: current.0 }));
        }
        let call = info_call();
        let answer = wire.send(&call, org, Some(pass)).await.map_err(|failure| Denied::because(failure, &call, who, org))?;
        let info: SessionInfo =
            serde_json::from_slice(&answer).map_err(|_| Denied::Other(call.unreadable("the answer names no user")))?;
        Ok(Login { id: info.user_id, name: info.user_name })
    }
}

/// A token for the Org becomes a session at once: a new token ends the one before after five minutes, so none is kept.
async fn by_key(wire: &Wire, who: &Credentials, org: OrgId, key: &Secret) -> Result<Pass, Denied> {
    let username = who.username.clone();
    let request = TrustedToken { secret_key: key.clone(), username, access: Access::Full, org, newcomer: None };
    let call = token_call(&request);
    let answer = wire.send(&call, org, None).await.map_err(|failure| Denied::because(failure, &call, who, org))?;
    let token = token_of(&call, &answer).map_err(Denied::Other)?;
    let call = exchange_call(&who.username, &token);
    opened(wire, &call, org, EXCHANGED).await.map_err(|failure| Denied::because(failure, &call, who, org))
}

/// The Org the session is in. Where there are no Orgs, that is Primary.
async fn current(wire: &Wire, who: &Credentials, org: OrgId, pass: &Pass) -> Result<OrgId, Denied> {
    // One Org is enough: the current one is told beside them.
    let call = orgs_call(Some((1, 0)));
    let failure = match wire.send(&call, org, Some(pass)).await {
        Ok(answer) => return org_list(&call, &answer).map(|list| list.current).map_err(Denied::Other),
        Err(failure) => failure,
    };
    if org == OrgId::PRIMARY && is_feature_off(&failure) && has_no_orgs(wire, org, pass).await {
        return Ok(OrgId::PRIMARY);
    }
    Err(Denied::because(failure, &call, who, org))
}

/// Asks for a second word on it: a session that is taken to be in Primary by mistake would write to a tenant.
async fn has_no_orgs(wire: &Wire, org: OrgId, pass: &Pass) -> bool {
    let answer = wire.send(&search_call(None), org, Some(pass)).await;
    answer.is_err_and(|failure| is_feature_off(&failure))
}

fn is_feature_off(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused { code: Some(FEATURE_OFF), .. })
}

async fn switch(wire: &Wire, who: &Credentials, org: OrgId, pass: &Pass) -> Result<(), Denied> {
    let call = switch_call(org);
    match wire.send(&call, org, Some(pass)).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused { status: 403, .. }) => {
            Err(Denied::Other(Error::NoOrgAccess { login: who.username.clone(), org: org.0 }))
        }
        Err(failure) => Err(Denied::because(failure, &call, who, org)),
    }
}
