//! Tokens, and the settings of trusted authentication (docs/thoughtspot-api.md, "Trusted authentication", "The token decides the Org").
//!
//! The client signs in by itself, one token an Org; these calls are for tokens of other users and for those who need to hand one out.
//! Every token and key in an answer is a [`Secret`]. **Each refused sign-in counts towards the lock of that user's account**
//! ("Locking"), so nothing here tries one twice.

mod answers;
mod bodies;
mod requests;

use reqwest::header::HeaderValue;
use serde::de::DeserializeOwned;

pub use self::answers::{
    AccessKey, AccessToken, ClusterTrust, OrgTrust, SessionToken, Token, TokenScope, TrustedAuth, ValidToken,
};
pub use self::requests::{
    AuthScope, ConfigureTrustedAuth, CustomToken, FilterRule, JustInTime, LogIn, OrgAuth, Persist, Revoke, Scalar, TokenRequest,
    Values,
};
use super::V2;
use super::users::User;
use crate::at::At;
use crate::domain::OrgId;
use crate::error::{Error, Result};
use crate::pass::Pass;
use crate::secret::Secret;
use crate::wire::{Call, Failure};

/// Signing in, with and without the token of one Org.
#[derive(Clone, Copy)]
pub struct Auth<'a>(At<'a>);

/// The cookies of a session. Its `Debug` shows no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSession(Pass);

impl WebSession {
    /// The header `Cookie` of a request that uses the session.
    pub fn cookie(&self) -> Option<HeaderValue> {
        self.0.header()
    }
}

impl V2 {
    /// Tokens and trusted authentication. Calls that need a token are made with that of `org`.
    pub fn auth(&self, org: OrgId) -> Auth<'_> {
        Auth(At { session: &self.session, org })
    }
}

impl Auth<'_> {
    /// A token for a user and one Org.
    ///
    /// # Errors
    ///
    /// [`Error::BadCredentials`] names the user whose password or the key was refused. [`Error::WrongOrg`]: the token that came is for
    /// another Org, and is thrown away. Code 13090 in [`Error::Refused`]: the user has no access to the Org.
    pub async fn full_token(&self, request: &TokenRequest) -> Result<Token> {
        self.token(&full_token_call(request), request).await
    }

    /// A token that opens one Liveboard or visualisation (its GUID) and nothing else. Errors as for [`Auth::full_token`].
    pub async fn object_token(&self, object_id: &str, request: &TokenRequest) -> Result<Token> {
        self.token(&token_call("auth/token/object", Some(object_id), request), request).await
    }

    async fn token(&self, call: &Call<'_>, request: &TokenRequest) -> Result<Token> {
        let token: Token = self.open(call, &request.username).await?;
        check_org(request.org, token.scope.org_id)?;
        Ok(token)
    }

    /// A token with values of variables and parameters, which restrict what it sees. Errors as for [`Auth::full_token`].
    pub async fn custom_token(&self, request: &CustomToken) -> Result<AccessToken> {
        // A write: it may keep the variables with the user.
        let call = Call::post("auth/token/custom", &bodies::custom(request)).hiding([request.proof.secret()]);
        let token: AccessToken = self.open(&call, &request.username).await?;
        check_org(request.org, token.org.id)?;
        Ok(token)
    }

    /// Ends tokens before their time. See [`Revoke`] for whose.
    pub async fn revoke(&self, which: &Revoke) -> Result<()> {
        self.0.done(&Call::post("auth/token/revoke", &bodies::revoke(which)).hiding(which.token())).await
    }

    /// Opens a session of cookies, as a browser has one, in the Org that is named. The client itself works with tokens; this is for
    /// those who hand a session on.
    ///
    /// # Errors
    ///
    /// [`Error::BadCredentials`] names the user. Some releases ignore the Org: ask the session who it is before writing with it.
    pub async fn login(&self, request: &LogIn) -> Result<WebSession> {
        let call = Call::post("auth/session/login", &bodies::login(request)).hiding([&request.password]);
        let sent = self.0.session.wire.answer(&call, request.org, None).await;
        let reply = sent.map_err(|failure| failure.into_error(call.what, &request.username))?;
        let pass = Pass::of_session(reply.cookies).ok_or_else(|| call.unreadable("the answer opens no session"))?;
        Ok(WebSession(pass))
    }

    /// Ends a session of cookies.
    pub async fn logout(&self, session: &WebSession) -> Result<()> {
        let WebSession(pass) = session;
        let what = "auth/session/logout";
        let call = Call::bare_write(what, what.to_owned());
        let sent = self.0.session.wire.send(&call, self.0.org, Some(pass)).await;
        sent.map(drop).map_err(|failure| failure.into_error(what, "the session"))
    }

    /// What a token is good for; `None` if it is good for nothing.
    pub async fn validate(&self, token: &Secret) -> Result<Option<ValidToken>> {
        let body = bodies::Validate { token: token.expose() };
        let call = Call::read("auth/token/validate", &body).hiding([token]);
        match self.0.about_another(&call).await {
            Ok(body) => serde_json::from_slice(&body).map(Some).map_err(|_| call.unreadable("the answer is not about a token")),
            Err(Failure::Unauthorized { .. } | Failure::Refused { status: 400, .. }) => Ok(None),
            Err(failure) => Err(self.0.session.error(&call, failure)),
        }
    }

    /// Who we are, and in `current_org` which Org our token is for.
    pub async fn session_user(&self) -> Result<User> {
        self.0.one(&session_user_call(), "a user").await
    }

    /// A new token for ourselves and the same Org, for 24 hours. The answer does not name the Org.
    pub async fn session_token(&self) -> Result<SessionToken> {
        self.0.one(&Call::get("auth/session/token"), "a token").await
    }

    /// Whether trusted authentication is on, and its **secret keys**, each of which opens every account of its scope. Needs
    /// `ADMINISTRATION` or `CONTROL_TRUSTED_AUTH`; the cluster's are shown in Primary only.
    ///
    /// `None` asks for all that we may see.
    pub async fn trusted_auth(&self, scope: Option<AuthScope>) -> Result<TrustedAuth> {
        self.0.one(&Call::read("auth/search", &bodies::search(scope)), "about trusted authentication").await
    }

    /// Switches trusted authentication on or off. On keeps the key there is or makes one; **off takes it away at once**.
    pub async fn configure_trusted_auth(&self, settings: &ConfigureTrustedAuth) -> Result<()> {
        self.0.done(&Call::post("auth/configure", &bodies::configure(settings))).await
    }

    /// Sends a call that carries its own proof instead of a token.
    async fn open<R: DeserializeOwned>(&self, call: &Call<'_>, username: &str) -> Result<R> {
        let sent = self.0.session.wire.send(call, self.0.org, None).await;
        let body = sent.map_err(|failure| failure.into_error(call.what, username))?;
        serde_json::from_slice(&body).map_err(|_| call.unreadable("the answer holds no token"))
    }
}

/// The call for a token, which carries its proof. One that may make or change a user is a write.
fn token_call<'a>(what: &'static str, object_id: Option<&str>, request: &'a TokenRequest) -> Call<'a> {
    let body = bodies::token(request, object_id);
    let call = Call::post(what, &body);
    let call = if request.create.is_some() { call } else { call.signing_in() };
    call.hiding([request.proof.secret()])
}

/// The call for a full token, to sign ourselves in.
pub(super) fn full_token_call(request: &TokenRequest) -> Call<'_> {
    token_call("auth/token/full", None, request)
}

/// Who a pass is for, and in which Org.
pub(super) fn session_user_call() -> Call<'static> {
    Call::get("auth/session/user")
}

/// A token for another Org than the one asked for would read and write there.
fn check_org(wanted: OrgId, got: Option<OrgId>) -> Result<()> {
    match got.filter(|got| *got != wanted) {
        Some(got) => Err(Error::WrongOrg { wanted: wanted.0, got: got.0 }),
        None => Ok(()),
    }
}
