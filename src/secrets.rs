//! The Secrets that resources name: read by name, watched by name, held while in use. Never a list of Secrets.

pub mod ours;

use std::collections::BTreeMap;

use futures::FutureExt;
use k8s_openapi::api::core::v1::Secret as KubeSecret;
use kube::api::{Api, PartialObjectMeta, Patch, PatchParams};
use kube::{Client, ResourceExt};
use serde_json::json;
use thoughtspot_client::secret::Secret;
use thoughtspot_client::settings::{Credentials, Proof};
use thoughtspot_crds::instance::Auth;
use thoughtspot_crds::user::PasswordSet;
use thoughtspot_crds::{Reason, annotations, marks};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::writer::bounded;

use crate::faults::{stalled, waiting};
use crate::named::{self, Watches};
use crate::world::{World, words};

/// How many Secrets of one namespace are watched at most.
const WATCHES_MAX: usize = 100;

/// Reads and holds Secrets, and wakes whoever named one when it changes.
#[derive(Clone)]
pub struct Secrets {
    client: Client,
    world: World,
    watches: Watches<Key>,
}

impl Secrets {
    pub fn new(client: Client, world: World) -> Secrets {
        Secrets { client, world, watches: Watches::default() }
    }

    /// The Secret of this name, now.
    ///
    /// # Errors
    ///
    /// [`Fault::Waiting`] if it does not exist or may not be read: from now on it is watched for, and the watch begins to work with
    /// the right to it.
    pub async fn read(&self, key: &Key) -> Result<KubeSecret, Fault> {
        self.find(key).await?.ok_or_else(|| {
            self.watch(key);
            waiting(format!("Secret {} does not exist in this namespace: correct the name, or create it", key.name))
        })
    }

    /// The Secret of this name, now, if there is one.
    ///
    /// # Errors
    ///
    /// As [`Secrets::read`], if it may not be read.
    pub async fn find(&self, key: &Key) -> Result<Option<KubeSecret>, Fault> {
        let api: Api<KubeSecret> = Api::namespaced(self.client.clone(), &key.namespace);
        let found = async {
            match api.get_opt(&key.name).await {
                Err(kube::Error::Api(status)) if status.is_forbidden() => Ok(None),
                Ok(secret) => Ok(Some(secret)),
                Err(error) => Err(error),
            }
        };
        bounded("reading the Secret", found).await?.ok_or_else(|| {
            self.watch(key);
            waiting(format!("Secret {} may not be read by the operator: whoever installed it grants that", key.name))
        })
    }

    /// Wakes whoever names this Secret when it appears, changes or goes. Each watch is a connection: of more than a hundred in one
    /// namespace the others are looked for whenever their users are.
    pub fn watch(&self, key: &Key) {
        if self.watches.count(|other| other.namespace == key.namespace) < WATCHES_MAX {
            let api = Api::namespaced(self.client.clone(), &key.namespace);
            self.watches.begin(key, || wake_on_change(api, key.clone(), self.world.clone()).boxed());
        }
    }

    /// A user's Secret is as it should be: it is read again when its user is looked at.
    pub fn found(&self, key: &Key) {
        if self.world.instances.keys_under(&words::secret(key)).is_empty() {
            self.watches.end(key);
        }
    }

    /// Stops watching Secrets that nobody names any more.
    pub fn unwatch_unnamed(&self) {
        self.watches.keep(|key| {
            let word = words::secret(key);
            !self.world.instances.keys_under(&word).is_empty() || !self.world.users.keys_under(&word).is_empty()
        });
    }

    /// Takes our finalizer off a Secret, if it is there and we may. What we may not read we do not hold.
    pub async fn let_go(&self, key: &Key) -> Result<(), Fault> {
        let api: Api<KubeSecret> = Api::namespaced(self.client.clone(), &key.namespace);
        let found = async {
            match api.get_opt(&key.name).await {
                Err(kube::Error::Api(status)) if status.is_forbidden() => Ok(None),
                found => found,
            }
        };
        match bounded("reading the Secret", found).await? {
            Some(secret) => self.hold(&secret, false).await.map(drop),
            None => Ok(()),
        }
    }

    /// Puts our finalizer on a Secret in use, or takes it off; whether it is there now. Not being allowed to is no failure: then the last
    /// credential is used from memory when the Secret goes first.
    pub async fn hold(&self, secret: &KubeSecret, hold: bool) -> Result<bool, Fault> {
        let held = secret.finalizers().iter().any(|f| f == marks::SECRET_IN_USE);
        if held == hold || (hold && secret.metadata.deletion_timestamp.is_some()) {
            return Ok(held);
        }
        let mut finalizers: Vec<&str> =
            secret.finalizers().iter().map(String::as_str).filter(|f| *f != marks::SECRET_IN_USE).collect();
        if hold {
            finalizers.push(marks::SECRET_IN_USE);
        }
        let metadata = json!({ "uid": secret.uid(), "resourceVersion": secret.resource_version(), "finalizers": finalizers });
        let api: Api<PartialObjectMeta<KubeSecret>> =
            Api::namespaced(self.client.clone(), &secret.namespace().unwrap_or_default());
        let patch = Patch::Merge(json!({ "metadata": metadata }));
        let patched = async {
            match api.patch(&secret.name_any(), &PatchParams::default(), &patch).await {
                Err(kube::Error::Api(status)) if status.is_forbidden() => {
                    tracing::debug!(secret = %secret.name_any(), "may not patch the Secret: it is not held while in use");
                    Ok(held)
                }
                patched => patched.map(|_| hold),
            }
        };
        bounded("holding the Secret", patched).await
    }
}

async fn wake_on_change(api: Api<PartialObjectMeta<KubeSecret>>, key: Key, world: World) {
    let word = words::secret(&key);
    let wake = || {
        world.wake_under(&world.instances, &world.wakers.instances, &word);
        world.wake_under(&world.users, &world.wakers.users, &word);
    };
    named::on_change(api, &key.name, wake).await;
}

/// The credentials that a Secret holds for this host.
///
/// # Errors
///
/// [`Reason::InvalidSecret`] if it is of another type, lacks a key, or does not name the host.
pub fn credentials(secret: &KubeSecret, auth: &Auth, host: &str) -> Result<Credentials, Fault> {
    let name = secret.name_any();
    if secret.type_.as_deref() != Some(annotations::CREDENTIALS_TYPE) {
        return Err(invalid(format!(
            "Secret {name} must be of type {}: create it anew, since a type cannot be changed",
            annotations::CREDENTIALS_TYPE
        )));
    }
    let hosts = text(secret, "host").ok_or_else(|| invalid(format!("Secret {name} lacks the key host: the host it is for")))?;
    if !hosts.lines().any(|line| line.trim().eq_ignore_ascii_case(host)) {
        return Err(invalid(format!("Secret {name} is not for {host}: its key host must name it")));
    }
    let key = if auth.password.is_some() { "password" } else { "secretKey" };
    let field = |key: &str| {
        let value = text(secret, key).filter(|value| !value.is_empty());
        value.ok_or_else(|| invalid(format!("Secret {name} lacks the key {key}")))
    };
    let username = field("username")?;
    let proof = Secret::new(field(key)?);
    let proof = if auth.password.is_some() { Proof::Password(proof) } else { Proof::SecretKey(proof) };
    Ok(Credentials { username, proof })
}

/// A user's password, and which Secret it came from.
pub fn password(secret: &KubeSecret, key: &str) -> Result<(Secret, PasswordSet), Fault> {
    let name = secret.name_any();
    if secret.labels().get(annotations::PASSWORD_LABEL).map(String::as_str) != Some("true") {
        return Err(invalid(format!("Secret {name} lacks the label {}: \"true\"", annotations::PASSWORD_LABEL)));
    }
    let password = text(secret, key).filter(|value| !value.is_empty());
    let password = password.ok_or_else(|| invalid(format!("Secret {name} lacks the key {key}")))?;
    let secret_uid = secret.uid().unwrap_or_default();
    let secret_resource_version = secret.resource_version().unwrap_or_default();
    Ok((Secret::new(password), PasswordSet { secret_uid, secret_resource_version }))
}

fn invalid(message: String) -> Fault {
    stalled(Reason::InvalidSecret, message)
}

/// A key as text, without the line break that editors leave at its end.
pub(crate) fn text(secret: &KubeSecret, key: &str) -> Option<String> {
    let data: &BTreeMap<_, _> = secret.data.as_ref()?;
    let text = std::str::from_utf8(&data.get(key)?.0).ok()?;
    Some(text.trim_end_matches(['\n', '\r']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::ByteString;
    use thoughtspot_crds::LocalReference;
    use thoughtspot_crds::instance::SecretSource;

    fn secret(type_: &str, entries: &[(&str, &str)]) -> KubeSecret {
        let data = entries.iter().map(|(k, v)| ((*k).to_owned(), ByteString(v.as_bytes().to_vec()))).collect();
        let mut secret = KubeSecret { type_: Some(type_.to_owned()), data: Some(data), ..KubeSecret::default() };
        secret.metadata.name = Some("login".to_owned());
        secret
    }

    fn by_password() -> Auth {
        Auth {
            password: Some(SecretSource { secret_ref: LocalReference { name: "login".into() } }),
            trusted_authentication: None,
        }
    }

    #[test]
    fn a_secret_is_used_only_for_the_host_it_names() {
        let check = |type_: &str, entries: &[(&str, &str)], host: &str, expected: Option<&str>| {
            let result = credentials(&secret(type_, entries), &by_password(), host);
            match expected {
                None => assert!(result.is_ok(), "{result:?}"),
                Some(part) => assert!(result.as_ref().is_err_and(|f| f.message().contains(part)), "{part}: {result:?}"),
            }
        };
        let good = [("host", "a.example\nb.example:8443"), ("username", "u"), ("password", "p\n")];
        check("thoughtspot.dev/credentials", &good, "a.example", None);
        check("thoughtspot.dev/credentials", &good, "b.example:8443", None);
        check("thoughtspot.dev/credentials", &good, "b.example", Some("is not for b.example"));
        check("Opaque", &good, "a.example", Some("type"));
        check("thoughtspot.dev/credentials", &good[1..], "a.example", Some("lacks the key host"));
        check("thoughtspot.dev/credentials", &good[..2], "a.example", Some("lacks the key password"));
    }

    #[test]
    fn the_line_break_of_an_editor_is_not_part_of_a_password() {
        let secret = secret("thoughtspot.dev/credentials", &[("host", "h"), ("username", "u"), ("password", "p\n")]);
        let credentials = credentials(&secret, &by_password(), "h").unwrap();
        assert!(matches!(credentials.proof, Proof::Password(p) if p.expose() == "p"));
    }

    #[test]
    fn a_password_needs_the_label() {
        let mut labelled = secret("Opaque", &[("password", "p")]);
        assert!(password(&labelled, "password").is_err_and(|f| f.message().contains("label")));
        labelled.metadata.labels = Some(BTreeMap::from([(annotations::PASSWORD_LABEL.to_owned(), "true".to_owned())]));
        assert!(password(&labelled, "password").is_ok());
        assert!(password(&labelled, "other").is_err());
    }
}
