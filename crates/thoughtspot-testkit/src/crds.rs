//! Custom resource definitions: applied, and waited for until the API server really serves them.

use std::time::Duration;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, Patch, PatchParams};
use kube::{Client, ResourceExt};

use crate::{Error, wait};

/// How long the API server may take to serve a new kind.
const SERVED_WITHIN: Duration = Duration::from_secs(30);

/// Applies every CRD of `yaml` (one or more documents) and waits until each is served. May be repeated.
///
/// # Errors
/// When the text is no CRD, the API server refuses one, or does not serve it in time.
pub async fn install(client: &Client, yaml: &str) -> Result<(), Error> {
    let crds: Vec<CustomResourceDefinition> =
        serde_saphyr::from_multiple(yaml).map_err(|error| Error::Yaml(error.to_string()))?;
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    for crd in &crds {
        api.patch(&crd.name_any(), &PatchParams::apply("thoughtspot-testkit").force(), &Patch::Apply(crd)).await?;
    }
    for crd in &crds {
        wait::reached(&format!("the kind {}", crd.spec.names.kind), SERVED_WITHIN, async || served(client, &api, crd).await)
            .await?;
    }
    Ok(())
}

/// Established by the CRD's own word, and listed by discovery: a request right after the first alone may still be a 404.
async fn served(client: &Client, api: &Api<CustomResourceDefinition>, crd: &CustomResourceDefinition) -> Result<(), String> {
    let current = api.get(&crd.name_any()).await.map_err(|error| error.to_string())?;
    let conditions = current.status.and_then(|status| status.conditions).unwrap_or_default();
    if !conditions.iter().any(|condition| condition.type_ == "Established" && condition.status == "True") {
        return Err(format!("not established: {conditions:?}"));
    }
    for version in crd.spec.versions.iter().filter(|version| version.served) {
        let group_version = format!("{}/{}", crd.spec.group, version.name);
        let listed = client.list_api_group_resources(&group_version).await.map_err(|error| error.to_string())?;
        if !listed.resources.iter().any(|resource| resource.name == crd.spec.names.plural) {
            return Err(format!("{} is not among the resources of {group_version}", crd.spec.names.plural));
        }
    }
    Ok(())
}
