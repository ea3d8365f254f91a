//! Trusted authentication: the secret keys that let their holder be any user.
//!
//! What is known of it is in docs/thoughtspot-api.md, "Trusted authentication".

use super::privilege::Privilege;
use super::refusal::{Cause, Refusal};
use super::{Actor, PRIMARY, World};
use crate::settings::Settings;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Where a secret key opens accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyScope {
    /// Everywhere.
    Cluster,
    /// In this Org.
    Org(i32),
}

impl KeyScope {
    /// The Org a token lands in that was asked for with such a key and without an Org.
    pub(crate) fn home(self) -> i32 {
        match self {
            Self::Cluster => PRIMARY,
            Self::Org(org) => org,
        }
    }
}

/// A secret key. It is shown to administrators only.
#[derive(Clone)]
struct SecretKey {
    text: String,
    serial: u32,
}

/// The secret keys at work.
#[derive(Clone, Default)]
pub(crate) struct TrustedAuth {
    keys: BTreeMap<KeyScope, SecretKey>,
    /// How many keys there ever were.
    made: u32,
}

impl TrustedAuth {
    /// Makes this the key of the scope; the one before opens nothing any more. An empty text switches the scope off.
    pub(crate) fn set(&mut self, scope: KeyScope, text: &str) {
        if text.is_empty() {
            return self.disable(scope);
        }
        self.made += 1;
        self.keys.insert(scope, SecretKey { text: text.to_owned(), serial: self.made });
    }

    /// Makes a key for the scope unless it has one.
    pub(crate) fn enable(&mut self, scope: KeyScope) {
        if !self.keys.contains_key(&scope) {
            self.set(scope, &format!("simulated-secret-key-{}", Uuid::new_v4()));
        }
    }

    /// Takes the key of the scope away.
    pub(crate) fn disable(&mut self, scope: KeyScope) {
        self.keys.remove(&scope);
    }

    /// Whether there is any key at all.
    pub(crate) fn is_on(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The key of the scope, in clear text.
    pub(crate) fn key(&self, scope: KeyScope) -> Option<&str> {
        self.keys.get(&scope).map(|key| key.text.as_str())
    }

    /// Where this key opens accounts, and its serial number.
    pub(crate) fn opened_by(&self, text: &str) -> Option<(KeyScope, u32)> {
        self.keys.iter().find(|(_, key)| key.text == text).map(|(scope, key)| (*scope, key.serial))
    }

    /// Whether the key with this serial number is still in use.
    pub(crate) fn is_in_use(&self, serial: u32) -> bool {
        self.keys.values().any(|key| key.serial == serial)
    }
}

impl World {
    /// Refuses when a key of this scope opens nothing in this Org.
    pub(crate) fn check_key_opens(&self, scope: KeyScope, org: i32) -> Result<(), Refusal> {
        if !self.orgs.contains_key(&org) {
            return Err(Refusal::unknown_org(&org.to_string()));
        }
        match scope {
            KeyScope::Org(home) if home != org => {
                Err(Refusal::new(Cause::NoOrgAccess, format!("The secret key does not open org {org}")))
            }
            KeyScope::Cluster | KeyScope::Org(_) => Ok(()),
        }
    }

    /// Refuses unless the actor may see and change the secret key of this scope.
    pub(crate) fn require_key_access(&self, actor: &Actor<'_>, scope: KeyScope) -> Result<(), Refusal> {
        match scope {
            KeyScope::Cluster => self.require_primary_admin(actor),
            KeyScope::Org(org) if org == actor.org => self.require_privilege(actor, Privilege::CONTROL_TRUSTED_AUTH),
            KeyScope::Org(_) => self.require_primary_admin(actor),
        }
    }
}

/// Refuses when Orgs have no secret keys of their own.
pub(crate) fn require_org_keys(settings: &Settings) -> Result<(), Refusal> {
    if settings.org_secret_keys { Ok(()) } else { Err(Refusal::feature_off("Secret keys of Orgs")) }
}
