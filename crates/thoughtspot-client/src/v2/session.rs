//! Signing in to v2: a token per Org, whose Org the server confirms.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::decode::{OrgRef, millis};
use crate::budget::Lane;
use crate::domain::{Guid, Login, Millis, OrgId};
use crate::error::{Error, Result};
use crate::pass::Pass;
use crate::secret::Secret;
use crate::session::{Denied, SignIn};
use crate::settings::{Credentials, Proof};
use crate::wire::{Call, Wire};

pub(super) use crate::session::Session;

const VALIDITY: Duration = Duration::from_secs(3600);
/// The server's default, for an answer whose times make no sense.
const VALIDITY_DEFAULT: Duration = Duration::from_secs(300);

/// Signs in by `auth/token/full`.
pub(super) struct Tokens;

#[derive(Serialize)]
struct TokenBody<'a> {
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_key: Option<&'a str>,
    /// An integer, and always sent: without it the token is for whatever Org the user saw last.
    org_id: i64,
    validity_time_in_sec: u64,
}

#[derive(Deserialize)]
struct TokenRow {
    token: String,
    #[serde(default, deserialize_with = "millis")]
    creation_time_in_millis: Option<Millis>,
    #[serde(default, deserialize_with = "millis")]
    expiration_time_in_millis: Option<Millis>,
}

#[derive(Deserialize)]
struct HolderRow {
    id: Guid,
    name: String,
    #[serde(default)]
    current_org: Option<OrgRef>,
}

#[async_trait]
impl SignIn for Tokens {
    async fn sign_in(&self, wire: &Wire, who: &Credentials, org: OrgId) -> Result<(Pass, Duration), Denied> {
        let Credentials { username, proof } = who;
        let (password, secret_key) = match proof {
            Proof::Password(password) => (Some(password.expose()), None),
            Proof::SecretKey(key) => (None, Some(key.expose())),
        };
        let body = TokenBody { username, password, secret_key, org_id: org.0, validity_time_in_sec: VALIDITY.as_secs() };
        let call = Call::search("auth/token/full", &body, Lane::Urgent).hiding([proof.secret()]);
        let answer = wire.send(&call, org, None).await.map_err(|failure| Denied::because(failure, &call, who, org))?;
        let row: TokenRow =
            serde_json::from_slice(&answer).map_err(|_| Denied::Other(call.unreadable("the answer holds no token")))?;
        let lifetime = lifetime(row.creation_time_in_millis, row.expiration_time_in_millis);
        Ok((Pass::Bearer(Secret::new(row.token)), lifetime))
    }

    /// Nothing but this answer shows which Org a token is for.
    async fn verify(&self, wire: &Wire, who: &Credentials, org: OrgId, pass: &Pass) -> Result<Login> {
        let call = Call::get("auth/session/user");
        let answer = wire.send(&call, org, Some(pass)).await.map_err(|failure| failure.into_error(call.what, &who.username))?;
        let row: HolderRow = serde_json::from_slice(&answer).map_err(|_| call.unreadable("the answer names no user"))?;
        match row.current_org.and_then(|o| o.id) {
            Some(got) if got.0 != org => Err(Error::WrongOrg { wanted: org.0, got: got.0.0 }),
            // Without the Orgs feature there is Primary only, and no Org is named.
            None if org != OrgId::PRIMARY => Err(call.unreadable("the answer does not say which Org the token is for")),
            Some(_) | None => Ok(Login { id: row.id, name: row.name }),
        }
    }
}

/// A token's life by the difference of the server's two times, since our clock may differ from the server's.
fn lifetime(created: Option<Millis>, expires: Option<Millis>) -> Duration {
    let millis = created.zip(expires).and_then(|(created, expires)| u64::try_from(expires - created).ok());
    millis.filter(|m| *m > 0).map_or(VALIDITY_DEFAULT, Duration::from_millis).min(VALIDITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_the_difference_of_the_servers_times() {
        for (created, expires, seconds) in [
            (Some(5_000_000), Some(5_300_000), 300),
            (Some(0), Some(86_400_000), 3600),
            (Some(5_300_000), Some(5_000_000), 300),
            (None, Some(5_000_000), 300),
            (Some(1), None, 300),
        ] {
            assert_eq!(lifetime(created, expires), Duration::from_secs(seconds), "{created:?} {expires:?}");
        }
    }
}
