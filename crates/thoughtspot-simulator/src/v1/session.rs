//! `session/*`: signing in and out, trusted tokens, who one is (docs/thoughtspot-api-v1.md, "Sessions").

use super::route;
use super::wire::{Json, Nothing, Text};
use crate::cookies;
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, open, signed};
use crate::sessions::Session;
use crate::state::jit::{Newcomer, Returning};
use crate::state::refusal::Refusal;
use crate::state::sign_in::{Proof, SignedIn};
use axum::http::Method;
use serde::Deserialize;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::POST, "/session/login", Kind::Token, open!(login)),
    route(Method::POST, "/session/auth/token", Kind::Token, open!(trusted_token)),
    route(Method::POST, "/session/login/token", Kind::Token, open!(login_with_token)),
    route(Method::GET, "/session/login/token", Kind::Token, open!(login_with_token_in_query)),
    route(Method::POST, "/session/logout", Kind::Token, signed!(logout)),
];

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
    rememberme: Option<Text<bool>>,
    orgid: Option<Text<i32>>,
}

fn login(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let form: Login = context.call.posted(context.settings)?;
    let asked = form.orgid.map(|Text(org)| org);
    context.asked_by = Some((form.username.clone(), asked));
    let proof = Proof::Password(form.password);
    let SignedIn { user, org, key } = context.world.enter(context.settings, context.now, &form.username, &proof, asked)?;
    context.asked_by = Some((form.username, Some(org)));
    let remember = form.rememberme.is_some_and(|Text(remember)| remember);
    let session = Session { user, org, created: context.now, expires: context.now, object: None, key };
    Ok(open(context, session, remember, Answer::NoContent))
}

/// A new session like this one, and the answer with its cookies.
fn open(context: &mut Context<'_>, session: Session, remember: bool, answer: Answer) -> Answer {
    let key = context.sessions.open(session, remember, context.settings);
    answer.with_cookies(cookies::given(&key, remember.then_some(context.settings.session_remember_seconds)))
}

/// What a token is good for.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum AccessLevel {
    Full,
    ReportBookView,
}

#[derive(Deserialize)]
struct TrustedToken {
    secret_key: String,
    username: String,
    access_level: AccessLevel,
    id: Option<Text<Uuid>>,
    orgid: Option<Text<i32>>,
    autocreate: Option<Text<bool>>,
    groups: Option<Json<Vec<String>>>,
    email: Option<String>,
    display_name: Option<String>,
}

impl TrustedToken {
    /// The one object the token shows.
    fn object(&self) -> Result<Option<Uuid>, Refusal> {
        match (self.access_level, self.id) {
            (AccessLevel::Full, _) => Ok(None),
            (AccessLevel::ReportBookView, Some(Text(id))) => Ok(Some(id)),
            (AccessLevel::ReportBookView, None) => Err(Refusal::invalid("Invalid parameter values: id is needed")),
        }
    }
}

/// A token by the secret key: the newest one of its user lives on, older ones end.
fn trusted_token(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let form: TrustedToken = context.call.posted(context.settings)?;
    let asked = form.orgid.map(|Text(org)| org);
    context.asked_by = Some((form.username.clone(), asked));
    let object = form.object()?;
    check_trust(context, &form)?;
    let proof = Proof::SecretKey(form.secret_key);
    let SignedIn { user, org, key } = context.world.enter(context.settings, context.now, &form.username, &proof, asked)?;
    context.asked_by = Some((form.username, Some(org)));
    let session = Session { user, org, created: context.now, expires: i64::MAX, object, key };
    Ok(Answer::Text(context.sessions.issue_trusted(session, context.world)))
}

/// Makes or changes the user on the way, if the request wants that; otherwise the user has to be there. A bad key gets no further
/// than the sign-in, which counts it.
fn check_trust(context: &mut Context<'_>, form: &TrustedToken) -> Result<(), Refusal> {
    if !context.world.trusted.is_on() {
        return Err(Refusal::feature_off("Trusted authentication").with_status(500));
    }
    let Some((scope, _)) = context.world.trusted.opened_by(&form.secret_key) else { return Ok(()) };
    if form.autocreate.is_some_and(|Text(create)| create) {
        let org = form.orgid.map_or(scope.home(), |Text(org)| org);
        context.world.check_key_opens(scope, org)?;
        let newcomer = Newcomer {
            name: form.username.clone(),
            email: form.email.clone(),
            display_name: form.display_name.clone(),
            groups: form.groups.clone().map(|Json(names)| names),
        };
        return context.world.welcome(context.settings, context.now, org, &newcomer, Returning::Joining);
    }
    if context.world.user_named(context.settings, &form.username).is_none() {
        return Err(Refusal::unknown_principal(&form.username).with_status(context.settings.v1_token_unknown_user));
    }
    Ok(())
}

#[derive(Deserialize)]
struct LoginWithToken {
    username: String,
    auth_token: String,
    redirect_url: Option<String>,
    no_url_redirection: Option<Text<bool>>,
}

fn login_with_token(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let request = context.call.posted(context.settings)?;
    exchange_token(context, request)
}

fn login_with_token_in_query(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let request = context.call.queried(context.settings)?;
    exchange_token(context, request)
}

/// The token becomes a session in the token's Org.
fn exchange_token(context: &mut Context<'_>, request: LoginWithToken) -> Result<Answer, Refusal> {
    context.asked_by = Some((request.username.clone(), None));
    let session = context.sessions.token(&request.auth_token, context.world, context.settings, context.now);
    let owner = context.world.user_named(context.settings, &request.username).map(|user| user.id);
    let session = session.filter(|session| owner == Some(session.user)).ok_or_else(Refusal::unauthenticated)?;
    context.asked_by = Some((request.username, Some(session.org)));
    let stay = request.no_url_redirection.is_some_and(|Text(stay)| stay);
    let answer = if stay { Answer::NoContent } else { Answer::Redirect(request.redirect_url.unwrap_or_else(|| "/".to_owned())) };
    Ok(open(context, Session { created: context.now, ..session }, false, answer))
}

fn logout(context: &mut Context<'_>, _session: Session) -> Result<Answer, Refusal> {
    let Nothing {} = context.call.queried(context.settings)?;
    match (&context.call.bearer, &context.call.session_key) {
        (Some(token), _) => context.sessions.revoke(token),
        (None, Some(key)) => context.sessions.close(key),
        (None, None) => {}
    }
    Ok(Answer::NoContent.with_cookies(cookies::taken()))
}
