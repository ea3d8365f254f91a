//! Signing in to v1: a session per Org, which is asked in which Org it is and switched if it is in another.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;

use super::fields::Fields;
use crate::decode::WireOrgId;
use crate::domain::{Guid, Login, OrgId};
use crate::error::{Error, Result};
use crate::pass::Pass;
use crate::secret::Secret;
use crate::session::{Denied, SignIn};
use crate::settings::{Credentials, Proof};
use crate::wire::{Api, Call, Failure, Wire};

/// How long a session is used. The server does not tell how long it lives: until it was idle for a while, which shows as a 401.
const LIFE: Duration = Duration::from_secs(3600);
/// The code of a feature that is switched off.
const FEATURE_OFF: i64 = 10023;

/// Signs in by `session/login`, or by a token of trusted authentication that is exchanged at once.
pub(super) struct Cookies;

/// What `session/orgs` tells of the session.
#[derive(Deserialize)]
struct CurrentRow {
    #[serde(rename = "currentOrgId")]
    current: WireOrgId,
}

#[derive(Deserialize)]
struct InfoRow {
    #[serde(rename = "userGUID")]
    id: Guid,
    #[serde(rename = "userName")]
    name: String,
}

#[async_trait]
impl SignIn for Cookies {
    async fn sign_in(&self, wire: &Wire, who: &Credentials, org: OrgId) -> Result<(Pass, Duration), Denied> {
        let pass = match &who.proof {
            Proof::Password(password) => by_password(wire, who, org, password).await?,
            Proof::SecretKey(key) => {
                let token = token(wire, who, org, key).await?;
                by_token(wire, who, org, &token).await?
            }
        };
        Ok((pass, LIFE))
    }

    /// A session is in the Org its user saw last where the server does not know `orgid`: then it is switched, once.
    async fn verify(&self, wire: &Wire, who: &Credentials, org: OrgId, pass: &Pass) -> Result<Login> {
        let mut current = current(wire, who, org, pass).await?;
        if current != org {
            switch(wire, who, org, pass).await?;
            current = self::current(wire, who, org, pass).await?;
        }
        if current != org {
            return Err(Error::WrongOrg { wanted: org.0, got: current.0 });
        }
        let call = Call::new(Api::V1, "session/info", Method::GET, "session/info".to_owned());
        let answer = wire.send(&call, org, Some(pass)).await.map_err(|failure| failure.into_error(call.what, &who.username))?;
        let InfoRow { id, name } = serde_json::from_slice(&answer).map_err(|_| call.unreadable("the answer names no user"))?;
        Ok(Login { id, name })
    }
}

fn post(what: &'static str, fields: &Fields) -> Call<'static> {
    Call::new(Api::V1, what, Method::POST, what.to_owned()).form(fields).reading()
}

async fn by_password(wire: &Wire, who: &Credentials, org: OrgId, password: &Secret) -> Result<Pass, Denied> {
    let fields = Fields::new().text("username", &who.username).secret("password", password).text("rememberme", false);
    let call = post("session/login", &fields.org("orgid", org));
    let reply = wire.answer(&call, org, None).await.map_err(|failure| Denied::because(failure, &call, who, org))?;
    Pass::of_session(reply.cookies).ok_or_else(|| no_session(&call))
}

/// A token for the Org. A new one ends the one before after five minutes, so it is not kept.
async fn token(wire: &Wire, who: &Credentials, org: OrgId, key: &Secret) -> Result<Secret, Denied> {
    let fields = Fields::new().secret("secret_key", key).text("username", &who.username).text("access_level", "FULL");
    let call = post("session/auth/token", &fields.org("orgid", org)).for_text();
    let answer = wire.send(&call, org, None).await.map_err(|failure| Denied::because(failure, &call, who, org))?;
    match std::str::from_utf8(&answer).map(str::trim) {
        Ok(token) if !token.is_empty() => Ok(Secret::new(token)),
        Ok(_) | Err(_) => Err(Denied::Other(call.unreadable("the answer holds no token"))),
    }
}

async fn by_token(wire: &Wire, who: &Credentials, org: OrgId, token: &Secret) -> Result<Pass, Denied> {
    let fields = Fields::new().text("username", &who.username).secret("auth_token", token).text("no_url_redirection", true);
    let call = post("session/login/token", &fields).for_text().hiding([token]);
    let reply = wire.exchange(&call, org, None).await.map_err(Denied::Other)?;
    // A redirect that brings a session is a yes, too; it is not followed.
    if (200..400).contains(&reply.status)
        && let Some(pass) = Pass::of_session(reply.cookies.clone())
    {
        return Ok(pass);
    }
    wire.judge(&call, reply).map_err(|failure| Denied::because(failure, &call, who, org))?;
    Err(no_session(&call))
}

fn no_session(call: &Call<'_>) -> Denied {
    Denied::Other(call.unreadable("the answer opens no session"))
}

/// The Org the session is in. Where there are no Orgs, that is Primary.
async fn current(wire: &Wire, who: &Credentials, org: OrgId, pass: &Pass) -> Result<OrgId> {
    let query = Fields::new().text("batchsize", 1).text("offset", 0);
    let call = Call::new(Api::V1, "session/orgs", Method::GET, "session/orgs".to_owned()).query(&query);
    match wire.send(&call, org, Some(pass)).await {
        Ok(answer) => {
            let row = serde_json::from_slice::<CurrentRow>(&answer);
            row.map(|row| row.current.0).map_err(|_| call.unreadable("the answer does not say in which Org the session is"))
        }
        Err(Failure::Refused { status: 400 | 403 | 404, .. } | Failure::Refused { code: Some(FEATURE_OFF), .. })
            if org == OrgId::PRIMARY =>
        {
            Ok(OrgId::PRIMARY)
        }
        Err(failure) => Err(failure.into_error(call.what, &who.username)),
    }
}

async fn switch(wire: &Wire, who: &Credentials, org: OrgId, pass: &Pass) -> Result<()> {
    let fields = Fields::new().org("orgid", org);
    let call = Call::new(Api::V1, "session/orgs", Method::PUT, "session/orgs".to_owned()).form(&fields);
    match wire.send(&call, org, Some(pass)).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused { status: 403, .. }) => Err(Error::NoOrgAccess { login: who.username.clone(), org: org.0 }),
        Err(failure) => Err(failure.into_error(call.what, &who.username)),
    }
}
