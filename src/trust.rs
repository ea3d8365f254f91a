//! The CAs that Instances name: read by name, watched by name, in the Instance's own namespace only.

pub mod source;

use std::collections::BTreeMap;
use std::fmt::Debug;

use futures::FutureExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::Api;
use kube::{Client, Resource};
use serde::de::DeserializeOwned;
use thoughtspot_client::tls::Authorities;
use thoughtspot_crds::{Reason, ThoughtSpotInstance};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::writer::bounded;

use crate::faults::{stalled, waiting};
use crate::named::{self, Watches};
use crate::world::{World, words};
use source::{Kind, Source};

/// Reads CAs, and wakes the Instances that name one when it changes.
#[derive(Clone)]
pub struct Trust {
    client: Client,
    world: World,
    watches: Watches<Source>,
}

impl Trust {
    pub fn new(client: Client, world: World) -> Trust {
        Trust { client, world, watches: Watches::default() }
    }

    /// The CA that an Instance names, now; `None` if it names none.
    ///
    /// # Errors
    ///
    /// [`Fault::Waiting`] if the object does not exist or may not be read: it is watched for. [`Reason::Invalid`] if there is no CA in it.
    pub async fn authorities(&self, instance: &ThoughtSpotInstance) -> Result<Option<Authorities>, Fault> {
        let named = Source::of(instance);
        if let Some((source, _)) = &named {
            self.watch(source);
        }
        self.unwatch_unnamed();
        let Some((source, key)) = named else { return Ok(None) };
        let text = self.read(&source).await?.remove(key);
        let invalid = |what: String| stalled(Reason::Invalid, format!("spec.tls.ca: {what}"));
        let text = text.ok_or_else(|| invalid(format!("{source} has no key {key}: correct the key, or add it")))?;
        let authorities = Authorities::parse(&text);
        authorities.map(Some).map_err(|why| invalid(format!("key {key} of {source} holds no CA: {why}; correct it")))
    }

    async fn read(&self, source: &Source) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
        match source.kind {
            Kind::ConfigMap => {
                let found: ConfigMap = self.get(source).await?;
                let binary = found.binary_data.unwrap_or_default().into_iter().map(|(key, bytes)| (key, bytes.0));
                Ok(found.data.unwrap_or_default().into_iter().map(|(key, text)| (key, text.into_bytes())).chain(binary).collect())
            }
            Kind::Secret => {
                let found: Secret = self.get(source).await?;
                Ok(found.data.unwrap_or_default().into_iter().map(|(key, bytes)| (key, bytes.0)).collect())
            }
        }
    }

    async fn get<K>(&self, source: &Source) -> Result<K, Fault>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
    {
        let api: Api<K> = Api::namespaced(self.client.clone(), &source.key.namespace);
        let found = async {
            match api.get_opt(&source.key.name).await {
                Err(kube::Error::Api(status)) if status.is_forbidden() => {
                    Ok(Err("may not be read by the operator: whoever installed it grants that"))
                }
                Ok(found) => Ok(found.ok_or("does not exist in this namespace: correct the name, or create it")),
                Err(error) => Err(error),
            }
        };
        bounded("reading the CA", found).await?.map_err(|why| waiting(format!("spec.tls.ca: {source} {why}")))
    }

    /// Wakes the Instances that name this when it appears, changes or goes.
    fn watch(&self, source: &Source) {
        self.watches.begin(source, || {
            let (world, source, client) = (self.world.clone(), source.clone(), self.client.clone());
            let watching = async move {
                let wake = || world.wake_under(&world.instances, &world.wakers.instances, &words::ca(&source));
                let Key { namespace, name } = &source.key;
                match source.kind {
                    Kind::ConfigMap => named::on_change::<ConfigMap>(Api::namespaced(client, namespace), name, wake).await,
                    Kind::Secret => named::on_change::<Secret>(Api::namespaced(client, namespace), name, wake).await,
                }
            };
            watching.boxed()
        });
    }

    /// Stops watching what no Instance names any more.
    fn unwatch_unnamed(&self) {
        self.watches.keep(|source| !self.world.instances.keys_under(&words::ca(source)).is_empty());
    }
}
