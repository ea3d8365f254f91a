//! Somebody who speaks v1: forms, and the cookie of a session.

use crate::support::{Caller, PASSWORD, Reply};
use reqwest::{Method, header};
use thoughtspot_simulator::Simulator;

pub(super) const BASE: &str = "/callosum/v1/tspublic/v1/";
const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of a form.
pub(super) type Fields<'a> = &'a [(&'a str, &'a str)];

/// What a request carries beside its path.
#[derive(Clone, Copy)]
pub(super) enum Body<'a> {
    Nothing,
    Form(Fields<'a>),
    /// Each part with a file name, as published clients send it, and with JSON as the content type of those that are named so.
    Parts(Fields<'a>, &'a [&'a str]),
}

/// Somebody with or without a session.
#[derive(Clone)]
pub(super) struct V1 {
    caller: Caller,
    cookie: Option<String>,
}

impl V1 {
    /// Somebody who is not signed in.
    pub(super) fn nobody(simulator: &Simulator) -> Self {
        Self { caller: Caller::nobody(simulator), cookie: None }
    }

    /// The cluster administrator, signed in by password to this Org.
    pub(super) async fn admin(simulator: &Simulator, org: i32) -> Self {
        Self::nobody(simulator).login("tsadmin", PASSWORD, org).await
    }

    /// This user, signed in by password to this Org.
    pub(super) async fn login(&self, user: &str, password: &str, org: i32) -> Self {
        let org = org.to_string();
        let reply = self.post("session/login", &[("username", user), ("password", password), ("orgid", &org)]).await;
        assert_eq!(reply.status, 204, "{reply:?}");
        self.with_session(&reply)
    }

    /// With the session that an answer opened.
    pub(super) fn with_session(&self, reply: &Reply) -> Self {
        Self { caller: self.caller.clone(), cookie: Some(session_cookie(reply).unwrap_or_else(|| panic!("{reply:?}"))) }
    }

    /// With a token instead of a session.
    pub(super) fn with_token(&self, token: &str) -> Self {
        Self { caller: self.caller.with_token(token), cookie: None }
    }

    /// Signed in to v2 by the same cookie.
    pub(super) async fn get_v2(&self, path: &str) -> Reply {
        self.send(Method::GET, &format!("/api/rest/2.0/{path}"), Body::Nothing).await
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, Body::Nothing).await
    }

    pub(super) async fn post(&self, path: &str, form: Fields<'_>) -> Reply {
        self.call(Method::POST, path, Body::Form(form)).await
    }

    pub(super) async fn put(&self, path: &str, form: Fields<'_>) -> Reply {
        self.call(Method::PUT, path, Body::Form(form)).await
    }

    pub(super) async fn delete(&self, path: &str, form: Fields<'_>) -> Reply {
        self.call(Method::DELETE, path, Body::Form(form)).await
    }

    pub(super) async fn post_parts(&self, path: &str, parts: Fields<'_>) -> Reply {
        self.call(Method::POST, path, Body::Parts(parts, &["principals"])).await
    }

    /// With no content type in any part.
    pub(super) async fn post_untyped_parts(&self, path: &str, parts: Fields<'_>) -> Reply {
        self.call(Method::POST, path, Body::Parts(parts, &[])).await
    }

    /// Makes a user in this session's Org and returns its id.
    pub(super) async fn make_user(&self, name: &str) -> String {
        let form = [("name", name), ("password", "long enough"), ("displayname", name)];
        self.post("user/", &form).await.ok()["header"]["id"].as_str().unwrap().to_owned()
    }

    /// Makes a group in this session's Org and returns its id.
    pub(super) async fn make_group(&self, name: &str) -> String {
        self.post("group/", &[("name", name), ("display_name", name)]).await.ok()["header"]["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn call(&self, method: Method, path: &str, body: Body<'_>) -> Reply {
        self.send(method, &format!("{BASE}{path}"), body).await
    }

    async fn send(&self, method: Method, path: &str, body: Body<'_>) -> Reply {
        let mut request = self.caller.request(method, path).header("X-Requested-By", "ThoughtSpot");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        request = match body {
            Body::Nothing | Body::Form([]) => request,
            Body::Form(fields) => request.header(header::CONTENT_TYPE, FORM).form(fields),
            Body::Parts(fields, json) => {
                request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=parts").body(multipart(fields, json))
            }
        };
        Reply::read(request).await.unwrap()
    }

    /// The Org the session is in.
    pub(super) async fn current_org(&self) -> i64 {
        self.get("session/orgs").await.ok()["currentOrgId"].as_i64().unwrap()
    }
}

fn multipart(fields: Fields<'_>, json: &[&str]) -> String {
    let part = |(name, value): &(&str, &str)| {
        let kind = if json.contains(name) { "Content-Type: application/json\r\n" } else { "" };
        format!("--parts\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n{kind}\r\n{value}\r\n")
    };
    format!("{}--parts--\r\n", fields.iter().map(part).collect::<String>())
}

/// `JSESSIONID=…` of an answer.
pub(super) fn session_cookie(reply: &Reply) -> Option<String> {
    let cookies = reply.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    let mut cookies =
        cookies.filter(|line| line.starts_with("JSESSIONID=")).map(|line| line.split(';').next().unwrap().to_owned());
    cookies.next()
}

/// Status and error code of a flat refusal.
pub(super) fn refusal(reply: &Reply) -> (u16, i64) {
    (reply.status, reply.json()["code"].as_i64().unwrap_or_else(|| panic!("{reply:?}")))
}
