//! Signing in to v2: a token per Org, whose Org the server confirms.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;

use super::auth::{Token, TokenRequest, full_token_call, session_user_call};
use crate::decode::OrgRef;
use crate::domain::{Guid, Login, Millis, OrgId};
use crate::error::Error;
use crate::pass::Pass;
use crate::session::{Denied, SignIn};
use crate::settings::Credentials;
use crate::wire::{Call, Wire};

/// In seconds.
const VALIDITY: NonZeroU32 = NonZeroU32::new(3600).expect("it is not zero");
/// The server's default, for an answer whose times make no sense.
const VALIDITY_DEFAULT: Duration = Duration::from_secs(300);

/// Signs in by `auth/token/full`.
pub(super) struct Tokens;

#[derive(Deserialize)]
pub(super) struct HolderRow {
    id: Guid,
    name: String,
    #[serde(default)]
    current_org: Option<OrgRef>,
}

#[async_trait]
impl SignIn for Tokens {
    async fn sign_in(&self, wire: &Wire, who: &Credentials, org: OrgId) -> Result<(Pass, Duration), Denied> {
        let Credentials { username, proof } = who.clone();
        let request = TokenRequest { username, proof, org, validity_time_in_sec: Some(VALIDITY), create: None };
        let call = full_token_call(&request);
        let answer = wire.send(&call, org, None).await.map_err(|failure| Denied::because(failure, &call, who, org))?;
        let token: Token =
            serde_json::from_slice(&answer).map_err(|_| Denied::Other(call.unreadable("the answer holds no token")))?;
        let life = life_of(&token);
        Ok((Pass::Bearer(token.token), life))
    }

    fn proof(&self) -> Call<'static> {
        session_user_call()
    }

    /// Nothing but this answer shows which Org a token is for.
    async fn verify(&self, wire: &Wire, who: &Credentials, org: OrgId, pass: &Pass) -> Result<Login, Denied> {
        let call = session_user_call();
        let answer = wire.send(&call, org, Some(pass)).await.map_err(|failure| Denied::because(failure, &call, who, org))?;
        let unreadable = |why| Denied::Other(call.unreadable(why));
        let row: HolderRow = serde_json::from_slice(&answer).map_err(|_| unreadable("the answer names no user"))?;
        match row.current_org.and_then(|o| o.id) {
            Some(got) if got.0 != org => Err(Denied::Other(Error::WrongOrg { wanted: org.0, got: got.0.0 })),
            // Without the Orgs feature there is Primary only, and no Org is named.
            None if org != OrgId::PRIMARY => Err(unreadable("the answer does not say which Org the token is for")),
            Some(_) | None => Ok(Login { id: row.id, name: row.name }),
        }
    }
}

pub(super) fn life_of(token: &Token) -> Duration {
    lifetime(token.creation_time_in_millis, token.expiration_time_in_millis)
}

/// A token's life by the difference of the server's two times, since our clock may differ from the server's.
fn lifetime(created: Option<Millis>, expires: Option<Millis>) -> Duration {
    let millis = created.zip(expires).and_then(|(created, expires)| u64::try_from(expires - created).ok());
    millis.filter(|m| *m > 0).map_or(VALIDITY_DEFAULT, Duration::from_millis).min(Duration::from_secs(VALIDITY.get().into()))
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
