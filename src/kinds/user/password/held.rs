//! What a Secret of ours holds, what is due about it, and how it is written. Pure.
//!
//! A new password is in the Secret before ThoughtSpot gets it, under [`NEXT`]: until ThoughtSpot has taken it, `password` is the one
//! that works. Whenever the process dies, one of the two does.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret as KubeSecret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt;
use serde_json::{Value, json};
use thoughtspot_client::secret::Secret;
use thoughtspot_crds::user::{Generate, PasswordSet};
use thoughtspot_crds::{Reason, annotations, marks};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use crate::faults::stalled;
use crate::secrets::text;

const USERNAME: &str = "username";
const PASSWORD: &str = "password";
const URL: &str = "url";
/// The password that is about to be set.
const NEXT: &str = "nextPassword";

const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "thoughtspot-operator");

/// A Secret of ours, as read.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) version: PasswordSet,
    username: Option<String>,
    url: Option<String>,
    labelled: bool,
    password: Option<Secret>,
    next: Option<Secret>,
    /// When the password was made.
    made: Option<Timestamp>,
}

/// What is to be done about the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing, but that this one is to be set where ThoughtSpot may have another.
    Nothing(Secret),
    /// The one that waits is to be set.
    Waiting(Secret),
    /// A new one is to be made.
    New,
}

impl Held {
    /// The Secret, if it was made for the resource of this uid.
    ///
    /// # Errors
    ///
    /// [`Reason::InvalidSecret`] if it was not.
    pub(super) fn read(secret: &KubeSecret, owner: &str) -> Result<Held, Fault> {
        if !is_for(secret, owner) {
            return Err(stalled(
                Reason::InvalidSecret,
                format!(
                    "spec.password.generate: Secret {} exists and was not made for this user: choose another secretName, or delete the Secret, or \
                     name it in secretKeyRef instead",
                    secret.name_any()
                ),
            ));
        }
        let password = |key: &str| text(secret, key).filter(|text| !text.is_empty()).map(Secret::new);
        let made = secret.annotations().get(marks::GENERATED_AT).and_then(|text| text.parse().ok());
        Ok(Held {
            version: version(&secret.metadata),
            username: text(secret, USERNAME),
            url: text(secret, URL),
            labelled: secret.labels().get(annotations::PASSWORD_LABEL).is_some_and(|value| value == "true"),
            password: password(PASSWORD),
            next: password(NEXT),
            made: made.or_else(|| secret.creation_timestamp().map(|time| time.0)),
        })
    }

    /// Whether it says for whom and where, and may be used as a password.
    pub(super) fn describes(&self, username: &str, url: &str) -> bool {
        self.labelled && self.username.as_deref() == Some(username) && self.url.as_deref() == Some(url)
    }
}

/// Whether a Secret was made for the resource of this uid.
pub(super) fn is_for(secret: &KubeSecret, owner: &str) -> bool {
    secret.annotations().get(marks::GENERATED_FOR).is_some_and(|uid| uid == owner)
}

/// What is due.
pub(super) fn due(held: Option<&Held>, generate: &Generate, now: Timestamp) -> Due {
    let Some(held) = held else { return Due::New };
    // One of another length is one that was not taken, and whose length was changed for it.
    let next = held.next.as_ref().filter(|next| i32::try_from(next.expose().len()) == Ok(generate.length));
    match (next, &held.password) {
        (Some(next), _) => Due::Waiting(next.clone()),
        (None, None) => Due::New,
        (None, Some(_)) if held.next.is_some() || is_old(held, generate, now) => Due::New,
        (None, Some(password)) => Due::Nothing(password.clone()),
    }
}

fn is_old(held: &Held, generate: &Generate, now: Timestamp) -> bool {
    let limit = generate.rotate_after.as_deref().and_then(duration);
    limit.zip(held.made).is_some_and(|(limit, made)| now.duration_since(made).unsigned_abs() >= limit && now > made)
}

/// A number of days or hours, such as `90d`.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let hours = match unit {
        "d" => 24,
        "h" => 1,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(hours * 3600).map(Duration::from_secs)
}

/// Which Secret this is, and which version of it.
pub(super) fn version(metadata: &ObjectMeta) -> PasswordSet {
    PasswordSet {
        secret_uid: metadata.uid.clone().unwrap_or_default(),
        secret_resource_version: metadata.resource_version.clone().unwrap_or_default(),
    }
}

/// A new Secret, in which this password waits.
pub(super) fn new(key: &Key, owner: &str, username: &str, url: &str, next: &Secret) -> KubeSecret {
    let data = [(USERNAME, username), (URL, url), (NEXT, next.expose())];
    let labels = [(annotations::PASSWORD_LABEL, "true"), MANAGED_BY];
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    KubeSecret {
        metadata: ObjectMeta {
            namespace: Some(key.namespace.clone()),
            name: Some(key.name.clone()),
            labels: Some(labels.into_iter().map(own).collect()),
            annotations: Some(BTreeMap::from([own((marks::GENERATED_FOR, owner))])),
            ..ObjectMeta::default()
        },
        type_: Some("Opaque".to_owned()),
        data: Some(data.into_iter().map(|(name, value)| (name.to_owned(), bytes(value))).collect()),
        ..KubeSecret::default()
    }
}

/// Lets a password wait.
pub(super) fn waiting(version: &PasswordSet, next: &Secret) -> Value {
    patch(version, json!({}), json!({ NEXT: bytes(next.expose()) }))
}

/// Makes a password the one that works; `made` if it is a new one.
pub(super) fn published(version: &PasswordSet, password: &Secret, username: &str, url: &str, made: Option<Timestamp>) -> Value {
    let labels = json!({ annotations::PASSWORD_LABEL: "true", MANAGED_BY.0: MANAGED_BY.1 });
    let mut metadata = json!({ "labels": labels });
    if let Some(made) = made {
        // Whole seconds, as Kubernetes has them.
        let made = Timestamp::from_second(made.as_second()).unwrap_or(made);
        metadata["annotations"] = json!({ marks::GENERATED_AT: made.to_string() });
    }
    let data = json!({ USERNAME: bytes(username), URL: bytes(url), PASSWORD: bytes(password.expose()), NEXT: null });
    patch(version, metadata, data)
}

/// Leaves the Secret to the garbage collector, which takes it once its owner is gone.
pub(super) fn owned(secret: &KubeSecret, owner: Value) -> Value {
    let mut owners: Vec<Value> = secret.owner_references().iter().map(|owner| json!(owner)).collect();
    owners.push(owner);
    patch(&version(&secret.metadata), json!({ "ownerReferences": owners }), json!({}))
}

fn patch(version: &PasswordSet, mut metadata: Value, data: Value) -> Value {
    metadata["uid"] = json!(version.secret_uid);
    metadata["resourceVersion"] = json!(version.secret_resource_version);
    json!({ "metadata": metadata, "data": data })
}

fn bytes(text: &str) -> ByteString {
    ByteString(text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-22T12:00:00Z";

    fn generate(length: i32, rotate_after: Option<&str>) -> Generate {
        Generate { secret_name: "pw".into(), length, rotate_after: rotate_after.map(str::to_owned) }
    }

    fn secret(entries: &[(&str, &str)], made: &str) -> KubeSecret {
        let mut secret = new(&Key::new("a", "pw"), "owner", "ana", "https://acme.example", &Secret::new("unused"));
        secret.data = Some(entries.iter().map(|(key, value)| ((*key).to_owned(), bytes(value))).collect());
        secret.metadata.uid = Some("s".into());
        secret.metadata.resource_version = Some("7".into());
        secret.annotations_mut().insert(marks::GENERATED_AT.into(), made.into());
        secret
    }

    #[test]
    fn what_is_due_is_told_by_the_secret() {
        let now: Timestamp = NOW.parse().unwrap();
        let (password, next) = (("password", "0123456789abcdef"), ("nextPassword", "fedcba9876543210"));
        let check = |entries: &[(&str, &str)], made: &str, generate: Generate, expected: Due| {
            let held = Held::read(&secret(entries, made), "owner").unwrap();
            assert_eq!(due(Some(&held), &generate, now), expected, "{made} {generate:?}");
        };
        let (yesterday, never) = ("2026-11-21T12:00:00Z", generate(16, None));
        let nothing = Due::Nothing(Secret::new(password.1));
        check(&[password], yesterday, never.clone(), nothing.clone());
        check(&[password], yesterday, generate(32, None), nothing.clone());
        check(&[password], yesterday, generate(16, Some("2d")), nothing.clone());
        check(&[password], "2026-12-24T12:00:00Z", generate(16, Some("2d")), nothing);
        check(&[password], yesterday, generate(16, Some("24h")), Due::New);
        check(&[password], yesterday, generate(16, Some("1d")), Due::New);
        check(&[password, next], yesterday, never.clone(), Due::Waiting(Secret::new(next.1)));
        check(&[password, next], yesterday, generate(16, Some("1h")), Due::Waiting(Secret::new(next.1)));
        check(&[password, next], yesterday, generate(20, None), Due::New);
        check(&[next], yesterday, never.clone(), Due::Waiting(Secret::new(next.1)));
        check(&[("password", "")], yesterday, never.clone(), Due::New);
        assert_eq!(due(None, &never, now), Due::New);
    }

    #[test]
    fn a_secret_is_ours_only_by_the_uid_it_was_made_for() {
        let made = secret(&[], NOW);
        assert!(Held::read(&made, "owner").is_ok());
        assert!(Held::read(&made, "another").is_err_and(|fault| fault.message().contains("was not made for this user")));
        assert!(Held::read(&KubeSecret::default(), "").is_err());
    }

    #[test]
    fn without_a_time_of_its_own_a_password_is_as_old_as_its_secret() {
        let mut secret = secret(&[("password", "p")], "of old");
        secret.metadata.creation_timestamp =
            Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time("2026-11-01T00:00:00Z".parse().unwrap()));
        let held = Held::read(&secret, "owner").unwrap();
        assert_eq!(due(Some(&held), &generate(16, Some("20d")), NOW.parse().unwrap()), Due::New);
    }

    #[test]
    fn what_describes_the_login_is_compared() {
        let described = |entries: &[(&str, &str)]| {
            Held::read(&secret(entries, NOW), "owner").unwrap().describes("ana", "https://acme.example")
        };
        assert!(described(&[("username", "ana"), ("url", "https://acme.example")]));
        assert!(!described(&[("username", "bob"), ("url", "https://acme.example")]));
        assert!(!described(&[("username", "ana")]));
    }
}
