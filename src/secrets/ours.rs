//! Secrets that the operator makes itself. What Kubernetes refuses here, a person can see to.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret as KubeSecret;
use kube::ResourceExt;
use kube::api::{Api, PartialObjectMeta, Patch, PatchParams, PostParams};
use kube::core::Status;
use serde_json::{Value, json};
use thoughtspot_client::scrub::scrubbed;
use thoughtspot_client::secret::Secret;
use thoughtspot_crds::Reason;
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::writer::bounded;

use super::Secrets;
use crate::faults::{not_granted, stalled, waiting};

/// What Kubernetes names as the cause when something is made in a namespace that is being deleted.
const TERMINATING: &str = "NamespaceTerminating";
/// What is no secret in a Secret of ours.
const OPEN: [&str; 2] = ["username", "url"];

impl Secrets {
    /// Whether a Secret like this could be created now; creates nothing.
    ///
    /// # Errors
    ///
    /// As [`Secrets::create`].
    pub async fn may_create(&self, secret: &KubeSecret) -> Result<(), Fault> {
        self.post(secret, true).await.map(drop)
    }

    /// Creates a Secret and returns it as it is now.
    ///
    /// # Errors
    ///
    /// [`Fault::NotGranted`] without the right to it, [`Reason::InvalidSecret`] if Kubernetes refuses it for another reason,
    /// [`Fault::Waiting`] in a namespace that is being deleted, [`Fault::Outdated`] if there is one of this name by now.
    pub async fn create(&self, secret: &KubeSecret) -> Result<KubeSecret, Fault> {
        self.post(secret, false).await
    }

    async fn post(&self, secret: &KubeSecret, dry_run: bool) -> Result<KubeSecret, Fault> {
        let api: Api<KubeSecret> = Api::namespaced(self.client.clone(), &secret.namespace().unwrap_or_default());
        let params = PostParams { dry_run, ..PostParams::default() };
        let sent = values(&json!(secret.data));
        let call = api.create(&params, secret);
        bounded("creating the Secret", async { judged(call.await, &sent) })
            .await?
            .map_err(|status| refused(&secret.name_any(), "created", &status))
    }

    /// Changes a Secret by a merge patch that holds the version it was decided on; its metadata as it is now.
    ///
    /// # Errors
    ///
    /// As [`Secrets::create`]; [`Fault::Outdated`] if it changed meanwhile or is gone.
    pub async fn change(&self, key: &Key, patch: &Value) -> Result<PartialObjectMeta<KubeSecret>, Fault> {
        let api: Api<PartialObjectMeta<KubeSecret>> = Api::namespaced(self.client.clone(), &key.namespace);
        let sent = values(&patch["data"]);
        let (params, patch) = (PatchParams::default(), Patch::Merge(patch));
        let call = api.patch(&key.name, &params, &patch);
        bounded("changing the Secret", async { judged(call.await, &sent) })
            .await?
            .map_err(|status| refused(&key.name, "changed", &status))
    }
}

/// What is secret of the data of a Secret, be it a patch.
fn values(data: &Value) -> Vec<Secret> {
    let data: BTreeMap<String, Option<ByteString>> = serde_json::from_value(data.clone()).unwrap_or_default();
    let secret = data.into_iter().filter(|(key, _)| !OPEN.contains(&key.as_str())).filter_map(|(_, value)| value);
    secret.filter_map(|value| String::from_utf8(value.0).ok()).map(Secret::new).collect()
}

/// Tells what Kubernetes refuses from what may pass. Either may quote what was `sent`: an admission webhook words its refusals as it likes.
fn judged<T>(result: Result<T, kube::Error>, sent: &[Secret]) -> Result<Result<T, Box<Status>>, kube::Error> {
    match result {
        Err(kube::Error::Api(mut status)) => {
            status.message = scrubbed(&status.message, sent);
            if is_refusal(&status) { Ok(Err(status)) } else { Err(kube::Error::Api(status)) }
        }
        Err(error) => Err(error),
        Ok(value) => Ok(Ok(value)),
    }
}

/// Neither a conflict nor a missing object, which are looked at again, nor what the server blames on itself or on haste.
fn is_refusal(status: &Status) -> bool {
    let passes = status.is_conflict() || status.is_not_found() || matches!(status.code, 401 | 408 | 429);
    (400..500).contains(&status.code) && !passes
}

fn refused(name: &str, verb: &str, status: &Status) -> Fault {
    if status.is_already_exists() {
        return Fault::Outdated;
    }
    if status.details.iter().flat_map(|details| &details.causes).any(|cause| cause.reason == TERMINATING) {
        return terminating();
    }
    // Quotas and webhooks forbid, too; only the authorizer words it like this.
    if status.is_forbidden() && status.message.contains("cannot ") && status.message.contains(" resource \"secrets\"") {
        return not_granted(format!(
            "spec.password.generate: Secret {name} may not be {verb} by the operator: whoever installed it grants that (rbac.secrets.generate); \
             or use secretKeyRef"
        ));
    }
    let said = &status.message;
    stalled(Reason::InvalidSecret, format!("spec.password.generate: Kubernetes does not let Secret {name} be {verb}: {said}"))
}

/// Nothing can be made in a namespace that is being deleted.
pub fn terminating() -> Fault {
    waiting("spec.password.generate: the namespace is being deleted, no Secret can be made in it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::response::StatusDetails;

    #[test]
    fn a_refusal_says_who_can_help() {
        let check = |(code, reason, message, cause): (u16, &str, &str, &str), expected: &str| {
            let cause = json!({ "reason": cause });
            let details: StatusDetails = serde_json::from_value(json!({ "causes": [cause] })).unwrap();
            let status = Status {
                code,
                reason: reason.to_owned(),
                message: message.to_owned(),
                details: Some(details),
                ..Status::default()
            };
            let judged = judged::<()>(Err(kube::Error::Api(Box::new(status))), &[]);
            let fault = judged.map_or_else(|_| Fault::Outdated, |refusal| refused("pw", "created", &refusal.unwrap_err()));
            assert!(format!("{fault:?}").starts_with(expected), "{message}: {fault:?}");
        };
        let rights =
            "secrets is forbidden: User \"operator\" cannot create resource \"secrets\" in API group \"\" in the namespace \"a\"";
        check((403, "Forbidden", rights, ""), "NotGranted");
        check((403, "Forbidden", "secrets \"pw\" is forbidden: exceeded quota: few", ""), "Stalled");
        check((403, "Forbidden", "secrets \"pw\" is forbidden: unable to create", "NamespaceTerminating"), "Waiting");
        check((422, "Invalid", "Secret \"pw\" is invalid", ""), "Stalled");
        check((409, "AlreadyExists", "secrets \"pw\" already exists", ""), "Outdated");
        check((409, "Conflict", "the object has been modified", ""), "Outdated");
        check((404, "NotFound", "not found", ""), "Outdated");
    }

    #[test]
    fn a_refusal_that_quotes_the_secret_is_told_without() {
        let bytes = |text: &str| json!(ByteString(text.as_bytes().to_vec()));
        let data = json!({ "username": bytes("ana"), "url": bytes("http://a"), "password": bytes("canary-42"), "next": null });
        for code in [422, 500] {
            let message = format!("Secret \"ana\" is invalid: canary-42 is too weak, given {}", data["password"]);
            let status = Status { code, message, ..Status::default() };
            let judged = judged::<()>(Err(kube::Error::Api(Box::new(status))), &values(&data));
            let said =
                judged.map_or_else(|error| thoughtspot_engine::shown::shown(&error), |refusal| refusal.unwrap_err().message);
            assert!(said.ends_with("Secret \"ana\" is invalid: *** is too weak, given \"***\""), "{said}");
        }
    }
}
