//! What an Instance says of where its CA is. Pure.

use std::fmt;

use kube::ResourceExt;
use thoughtspot_crds::ThoughtSpotInstance;
use thoughtspot_crds::link::CaReference;
use thoughtspot_engine::cache::Key;

/// An object that holds a CA. There is no namespace in what an Instance says of it: it is the Instance's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    pub(super) kind: Kind,
    pub(super) key: Key,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    ConfigMap,
    Secret,
}

impl Source {
    /// What this Instance names, and the key in it.
    pub fn of(instance: &ThoughtSpotInstance) -> Option<(Source, &str)> {
        let ca = &instance.spec.tls.as_ref()?.ca;
        let namespace = instance.namespace().unwrap_or_default();
        let of = |kind: Kind, reference: &'_ CaReference| Source { kind, key: Key::new(&namespace, &reference.name) };
        match (&ca.config_map_ref, &ca.secret_ref) {
            (Some(config_map), _) => Some((of(Kind::ConfigMap, config_map), &config_map.key)),
            (None, Some(secret)) => Some((of(Kind::Secret, secret), &secret.key)),
            (None, None) => None,
        }
    }

    /// Kind, namespace and name.
    pub fn path(&self) -> String {
        format!("{:?}:{}", self.kind, self.key)
    }
}

/// As messages name it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.kind, self.key.name)
    }
}
