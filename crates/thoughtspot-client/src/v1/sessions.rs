//! Sessions and tokens, and what a session tells (docs/thoughtspot-api-v1.md, "Sessions", "Trusted tokens", "The Org of a session", "Session info").
//!
//! What signs our own login in is built here too, so that each call exists once.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use reqwest::Method;
use serde::Deserialize;

use super::fields::Fields;
use crate::api::Api;
use crate::at::At;
use crate::decode::{WireOrgId, if_readable, or_default, segment};
use crate::domain::{Guid, Org, OrgId};
use crate::error::{Error, Result};
use crate::pass::Pass;
use crate::secret::Secret;
use crate::session::Session;
use crate::wire::{Call, Failure, Wire};

/// The statuses of a sign-in that worked.
pub(super) const LOGGED_IN: Range<u16> = 200..300;
/// Those of a token that was exchanged. The redirect that some servers add is not followed; a redirect of a sign-in would be a proxy's.
pub(super) const EXCHANGED: Range<u16> = 200..400;

/// The calls about sessions; those that need one are made in the session of one Org.
#[derive(Clone, Copy)]
pub struct Sessions<'a>(At<'a>);

/// A session of its own, beside those the client keeps. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct OpenSession(Pass);

/// A request for a token of trusted authentication.
#[derive(Clone, Debug)]
pub struct TrustedToken {
    /// It opens any account.
    pub secret_key: Secret,
    /// Whom the token is for.
    pub username: String,
    pub access: Access,
    /// The one Org the token opens.
    pub org: OrgId,
    /// Unset: an unknown user is refused, and nobody is changed.
    pub newcomer: Option<Newcomer>,
}

/// What a token opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    Full,
    /// One Liveboard or visualisation, by GUID.
    Liveboard(Guid),
}

/// **Creates the user on the way**, or adds one who is there to the Org and the groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    pub display_name: String,
    pub email: String,
    /// Names. **Unknown ones are created**; empty leaves groups alone.
    pub groups: BTreeSet<String>,
}

/// Who a session is, as far as it is of use. The rest of the answer differs from release to release and holds secrets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "InfoRow")]
pub struct SessionInfo {
    pub user_id: Guid,
    pub user_name: String,
    pub user_display_name: String,
    pub user_email: String,
    pub privileges: BTreeSet<String>,
    pub is_system_user: bool,
    /// With an underscore, such as `en_GB`.
    pub locale: Option<String>,
    pub timezone: Option<String>,
    /// The cluster's own id, where the release shows it.
    pub cluster_id: Option<String>,
    /// Such as `26.8.0.cl`, where the release shows it.
    pub release: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InfoRow {
    #[serde(rename = "userGUID")]
    user_id: Guid,
    user_name: String,
    #[serde(default, deserialize_with = "or_default")]
    user_display_name: String,
    #[serde(default, deserialize_with = "or_default")]
    user_email: String,
    #[serde(default, deserialize_with = "or_default")]
    privileges: BTreeSet<String>,
    #[serde(default, deserialize_with = "or_default")]
    is_system_user: bool,
    #[serde(default, deserialize_with = "if_readable")]
    locale: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    timezone: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    release_version: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    config_info: ConfigInfo,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigInfo {
    #[serde(default, deserialize_with = "if_readable")]
    self_cluster_id: Option<String>,
}

impl From<InfoRow> for SessionInfo {
    fn from(row: InfoRow) -> SessionInfo {
        SessionInfo {
            user_id: row.user_id,
            user_name: row.user_name,
            user_display_name: row.user_display_name,
            user_email: row.user_email,
            privileges: row.privileges,
            is_system_user: row.is_system_user,
            locale: row.locale,
            timezone: row.timezone,
            cluster_id: row.config_info.self_cluster_id,
            release: row.release_version,
        }
    }
}

/// Orgs, and the one a session is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgList {
    /// Active ones only.
    pub orgs: Vec<SessionOrg>,
    /// Whether cluster administration is theirs. Of another user's Orgs it is not said whose this is.
    pub administers_all: bool,
    pub current: OrgId,
}

/// An Org of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionOrg {
    pub org: Org,
    /// The group that every member is in; not told of another user's Orgs.
    pub all_group: Option<Guid>,
    /// The group of the Org's administrators; not told of another user's Orgs.
    pub administrators: Option<Guid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrgListRow {
    #[serde(default, deserialize_with = "or_default")]
    orgs: Vec<SessionOrgRow>,
    #[serde(default, deserialize_with = "or_default")]
    can_administer_all_orgs: bool,
    current_org_id: WireOrgId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionOrgRow {
    org_id: WireOrgId,
    #[serde(default, deserialize_with = "or_default")]
    org_name: String,
    #[serde(default, deserialize_with = "or_default")]
    description: String,
    #[serde(default)]
    is_active: Option<bool>,
    #[serde(default)]
    all_user_group_id: Option<Guid>,
    #[serde(default)]
    default_admin_user_group_id: Option<Guid>,
}

impl From<OrgListRow> for OrgList {
    fn from(OrgListRow { orgs, can_administer_all_orgs, current_org_id }: OrgListRow) -> OrgList {
        let orgs = orgs.into_iter().map(|row| SessionOrg {
            org: Org {
                id: row.org_id.0,
                name: row.org_name,
                description: row.description,
                active: row.is_active.unwrap_or(true),
            },
            all_group: row.all_user_group_id,
            administrators: row.default_admin_user_group_id,
        });
        OrgList { orgs: orgs.collect(), administers_all: can_administer_all_orgs, current: current_org_id.0 }
    }
}

impl<'a> Sessions<'a> {
    pub(super) fn new(session: &'a Arc<Session>, org: OrgId) -> Self {
        Sessions(At { session, org })
    }

    /// Opens a session by a password. A refused one counts towards the lock of the account, and is not remembered here.
    pub async fn log_in(&self, username: &str, password: &Secret, remember: bool) -> Result<OpenSession> {
        self.open(&login_call(username, password, self.0.org, remember), LOGGED_IN).await
    }

    /// A token for any user, by the secret key. A new one ends the one before after five minutes.
    pub async fn token(&self, request: &TrustedToken) -> Result<Secret> {
        let call = token_call(request);
        let answer = self.0.session.wire.send(&call, request.org, None).await;
        token_of(&call, &answer.map_err(|failure| self.0.session.error(&call, failure))?)
    }

    /// Opens a session by a token, in the token's Org.
    pub async fn log_in_by_token(&self, username: &str, token: &Secret) -> Result<OpenSession> {
        self.open(&exchange_call(username, token), EXCHANGED).await
    }

    /// As [`Sessions::log_in_by_token`], by the call that the vendor advises against: the token is in its query.
    pub async fn log_in_by_token_in_query(&self, username: &str, token: &Secret) -> Result<OpenSession> {
        let call = session_call("session/login/token", Method::GET).query(&exchange(username, token)).for_text().signing_in();
        self.open(&call.hiding([token]), EXCHANGED).await
    }

    /// Ends a session.
    pub async fn log_out(&self, session: OpenSession) -> Result<()> {
        self.with(&session, &session_call("session/logout", Method::POST)).await.map(drop)
    }

    /// Switches a session to another Org. Those that the client keeps are never switched.
    pub async fn switch(&self, session: &OpenSession, org: OrgId) -> Result<()> {
        self.with(session, &switch_call(org)).await.map(drop)
    }

    /// In which Org a session is, and which Orgs its user has.
    pub async fn orgs_of_session(&self, session: &OpenSession) -> Result<OrgList> {
        let call = orgs_call(None);
        org_list(&call, &self.with(session, &call).await?)
    }

    /// Who we are.
    pub async fn info(&self) -> Result<SessionInfo> {
        self.0.one(&info_call(), "about a session").await
    }

    /// Our Orgs: every one for an administrator of the cluster.
    pub async fn orgs(&self) -> Result<OrgList> {
        self.0.one::<OrgListRow>(&orgs_call(None), "a list of Orgs").await.map(OrgList::from)
    }

    /// The Orgs of a user, by GUID.
    pub async fn orgs_of_user(&self, id: &str) -> Result<OrgList> {
        const WHAT: &str = "session/orgs/users";
        let path = format!("{WHAT}/{}", segment(WHAT, id)?);
        let call = Call::new(Api::V1, WHAT, Method::GET, path).query(&Fields::new().all_orgs());
        self.0.one::<OrgListRow>(&call, "a list of Orgs").await.map(OrgList::from)
    }

    /// Our own home Liveboard.
    pub async fn home_liveboard(&self) -> Result<Option<Guid>> {
        let call = session_call("session/homepinboard", Method::GET).for_text();
        match self.0.text(&call).await {
            Ok(id) => Ok(Some(id).filter(|id| !id.is_empty())),
            // Some releases say so when there is none.
            Err(Error::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sets a home Liveboard: a user's, by GUID, or our own.
    pub async fn set_home_liveboard(&self, liveboard: &str, user: Option<&str>) -> Result<()> {
        let fields = Fields::new().text("id", liveboard).maybe("userid", user);
        self.0.done(&session_call("session/homepinboard", Method::POST).form(&fields)).await
    }

    /// Takes our own home Liveboard away; another user's needs a session of that user.
    pub async fn clear_home_liveboard(&self) -> Result<()> {
        self.0.done(&session_call("session/homepinboard", Method::DELETE)).await
    }

    async fn open(&self, call: &Call<'_>, good: Range<u16>) -> Result<OpenSession> {
        let session = self.0.session;
        let opened = opened(&session.wire, call, self.0.org, good).await;
        opened.map(OpenSession).map_err(|failure| session.error(call, failure))
    }

    async fn with(&self, open: &OpenSession, call: &Call<'_>) -> Result<bytes::Bytes> {
        let session = self.0.session;
        session.wire.send(call, self.0.org, Some(&open.0)).await.map_err(|failure| session.error(call, failure))
    }
}

fn session_call(what: &'static str, method: Method) -> Call<'static> {
    Call::new(Api::V1, what, method, what.to_owned())
}

pub(super) fn login_call<'a>(username: &str, password: &'a Secret, org: OrgId, remember: bool) -> Call<'a> {
    let fields = Fields::new().text("username", username).secret("password", password).text("rememberme", remember);
    // Without the Org, the session would be in the one its user saw last.
    session_call("session/login", Method::POST).form(&fields.org("orgid", org)).signing_in().hiding([password])
}

pub(super) fn token_call(request: &TrustedToken) -> Call<'_> {
    let TrustedToken { secret_key, username, access, org, newcomer } = request;
    let fields = Fields::new().secret("secret_key", secret_key).text("username", username);
    let fields = match access {
        Access::Full => fields.text("access_level", "FULL"),
        Access::Liveboard(id) => fields.text("access_level", "REPORT_BOOK_VIEW").text("id", id),
    };
    let fields = fields.org("orgid", *org).text("autocreate", newcomer.is_some());
    let call = session_call("session/auth/token", Method::POST).for_text();
    match newcomer {
        None => call.form(&fields).signing_in(),
        Some(Newcomer { display_name, email, groups }) => {
            let groups = Some(groups).filter(|groups| !groups.is_empty());
            let fields = fields.text("display_name", display_name).text("email", email);
            call.form(&fields.maybe_json("groups", groups))
        }
    }
    .hiding([secret_key])
}

pub(super) fn exchange_call<'a>(username: &str, token: &'a Secret) -> Call<'a> {
    let fields = exchange(username, token);
    session_call("session/login/token", Method::POST).form(&fields).for_text().signing_in().hiding([token])
}

fn exchange(username: &str, token: &Secret) -> Fields {
    Fields::new().text("username", username).secret("auth_token", token).text("no_url_redirection", true)
}

/// `batch`: how many Orgs, and how many to leave out before them.
pub(super) fn orgs_call(batch: Option<(u32, u32)>) -> Call<'static> {
    let call = session_call("session/orgs", Method::GET);
    match batch {
        Some((size, offset)) => call.query(&Fields::new().text("batchsize", size).text("offset", offset)),
        None => call,
    }
}

pub(super) fn switch_call(org: OrgId) -> Call<'static> {
    session_call("session/orgs", Method::PUT).form(&Fields::new().org("orgid", org))
}

pub(super) fn info_call() -> Call<'static> {
    session_call("session/info", Method::GET)
}

/// The token an answer holds.
pub(super) fn token_of(call: &Call<'_>, answer: &[u8]) -> Result<Secret> {
    match std::str::from_utf8(answer).map(str::trim) {
        Ok(token) if !token.is_empty() => Ok(Secret::new(token)),
        Ok(_) | Err(_) => Err(call.unreadable("the answer holds no token")),
    }
}

pub(super) fn org_list(call: &Call<'_>, answer: &[u8]) -> Result<OrgList> {
    let row: Result<OrgListRow, _> = serde_json::from_slice(answer);
    row.map(OrgList::from).map_err(|_| call.unreadable("the answer does not say in which Org the session is"))
}

/// The session an answer with a good status opens.
pub(super) async fn opened(wire: &Wire, call: &Call<'_>, org: OrgId, good: Range<u16>) -> Result<Pass, Failure> {
    let reply = wire.exchange(call, org, None).await.map_err(Failure::Other)?;
    if good.contains(&reply.status)
        && let Some(pass) = Pass::of_session(reply.cookies.clone())
    {
        return Ok(pass);
    }
    wire.judge(call, reply)?;
    Err(Failure::Other(call.unreadable("the answer opens no session")))
}
