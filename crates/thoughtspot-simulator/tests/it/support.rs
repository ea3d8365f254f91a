//! A simulator and people who call it over HTTP.

use reqwest::{Client, Method, RequestBuilder, header};
use serde_json::{Value, json};
use std::sync::Once;
use std::time::Duration;
use thoughtspot_simulator::{Options, Settings, Simulator};

pub(crate) const PASSWORD: &str = "Passw0rd-of-tsadmin";
pub(crate) const SECRET_KEY: &str = "secret-key-of-simulator";

/// A simulator with these settings changed.
pub(crate) async fn simulator(change: impl FnOnce(&mut Settings)) -> Simulator {
    let mut options = Options::default();
    change(&mut options.settings);
    Simulator::start(options).await.unwrap()
}

/// A simulator as it is by default.
pub(crate) async fn plain() -> Simulator {
    simulator(|_| {}).await
}

/// Somebody with or without a token.
#[derive(Clone)]
pub(crate) struct Caller {
    http: Client,
    url: String,
    token: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: header::HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    /// Sends the request and reads the whole answer.
    pub(crate) async fn read(request: RequestBuilder) -> reqwest::Result<Self> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { status, headers, text: response.text().await? })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body, after checking the status.
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Status and error code of a refusal of shape A.
    pub(crate) fn refusal(&self) -> (u16, i64) {
        (self.status, self.json()["error"]["message"]["debug"]["code"].as_i64().unwrap_or_else(|| panic!("{self:?}")))
    }

    /// Names of the rows of a search.
    pub(crate) fn names(&self) -> Vec<String> {
        let rows = self.ok();
        rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    }
}

impl Caller {
    /// Somebody without a token.
    pub(crate) fn nobody(simulator: &Simulator) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let http =
            Client::builder().timeout(Duration::from_secs(10)).redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, url: simulator.url(), token: None }
    }

    /// The cluster administrator, in this Org.
    pub(crate) async fn admin(simulator: &Simulator, org: i32) -> Self {
        Self::nobody(simulator).signed_in("tsadmin", org).await
    }

    /// This user in this Org, by the secret key.
    pub(crate) async fn signed_in(&self, user: &str, org: i32) -> Self {
        let reply = self.try_token(json!({"username": user, "secret_key": SECRET_KEY, "org_id": org})).await;
        self.with_token(reply.ok()["token"].as_str().unwrap())
    }

    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same, by a connection of its own: a pooled one may have been closed by the server a moment ago.
    pub(crate) fn afresh(&self, simulator: &Simulator) -> Self {
        Self { http: Self::nobody(simulator).http, ..self.clone() }
    }

    pub(crate) async fn try_token(&self, request: Value) -> Reply {
        self.post("auth/token/full", request).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.attempt(path, body).await.unwrap()
    }

    /// A call that may get no answer.
    pub(crate) async fn attempt(&self, path: &str, body: Value) -> reqwest::Result<Reply> {
        self.send(Method::POST, &format!("/api/rest/2.0/{path}"), Some(body.to_string())).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, &format!("/api/rest/2.0/{path}"), None).await.unwrap()
    }

    pub(crate) async fn get_v1(&self, path: &str) -> Reply {
        self.send(Method::GET, &format!("/callosum/v1/tspublic/v1/{path}"), None).await.unwrap()
    }

    /// A call with no body and no content type.
    pub(crate) async fn post_nothing(&self, path: &str) -> Reply {
        self.send(Method::POST, &format!("/api/rest/2.0/{path}"), None).await.unwrap()
    }

    /// A call of any path of the host.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<String>) -> reqwest::Result<Reply> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body);
        }
        Reply::read(request).await
    }

    /// A request of this caller that is not sent yet.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Makes an Org and returns its id.
    pub(crate) async fn make_org(&self, name: &str) -> i32 {
        self.post("orgs/create", json!({"name": name})).await.ok()["id"].as_i64().unwrap().try_into().unwrap()
    }

    /// Makes a group in this caller's Org and returns its id.
    pub(crate) async fn make_group(&self, name: &str) -> String {
        self.post("groups/create", json!({"name": name, "display_name": name})).await.ok()["id"].as_str().unwrap().to_owned()
    }

    /// Makes a user in this caller's Org and returns its id.
    pub(crate) async fn make_user(&self, name: &str) -> String {
        let email = format!("{name}@thoughtspot.example");
        let request = json!({"name": name, "display_name": name, "email": email, "trigger_activation_email": false});
        self.post("users/create", request).await.ok()["id"].as_str().unwrap().to_owned()
    }

    /// The row of this user.
    pub(crate) async fn user(&self, name: &str) -> Value {
        self.post("users/search", json!({"user_identifier": name})).await.ok()[0].clone()
    }
}

/// The names in a list of `{id, name}`.
pub(crate) fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|element| element["name"].as_str().unwrap()).collect()
}
