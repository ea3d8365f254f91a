//! The files of `examples/`: what they say about the ThoughtSpot they are for, and where to apply them from.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Outcome;

/// Where the examples' ThoughtSpot is.
pub(crate) const ADDRESS: &str = "127.0.0.1:8180";

/// The type of a Secret that holds the login of an Instance.
const CREDENTIALS: &str = "thoughtspot.dev/credentials";

/// The folder of examples, read.
pub(crate) struct Examples {
    folder: PathBuf,
    /// Name and text of each file.
    files: Vec<(String, String)>,
    /// The login the examples use, so that the simulator knows it.
    pub(crate) credentials: Credentials,
}

/// Who administers the ThoughtSpot.
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) secret_key: String,
}

/// As much of a manifest as we need to find the login.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    kind: Option<String>,
    #[serde(rename = "type")]
    secret_type: Option<String>,
    #[serde(default)]
    string_data: SecretData,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecretData {
    username: Option<String>,
    password: Option<String>,
    secret_key: Option<String>,
}

impl Examples {
    /// Reads every YAML file of `folder`.
    pub(crate) fn read(folder: PathBuf) -> Outcome<Self> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.push((name, fs::read_to_string(&path)?));
            }
        }
        files.sort();
        let credentials = credentials(&files).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self { folder, files, credentials })
    }

    /// A folder to apply, whose manifests name the ThoughtSpot at `address`: the examples themselves, or a copy made in `scratch`
    /// when theirs is another.
    pub(crate) fn folder_for(&self, address: &str, scratch: &Path) -> Outcome<PathBuf> {
        if address == ADDRESS {
            return Ok(self.folder.clone());
        }
        let copy = scratch.join("examples");
        fs::create_dir_all(&copy)?;
        for (name, text) in &self.files {
            fs::write(copy.join(name), text.replace(ADDRESS, address))?;
        }
        Ok(copy)
    }
}

/// The first login that signs in by password. Its secret key may stand in another Secret, or nowhere.
fn credentials(files: &[(String, String)]) -> Outcome<Credentials> {
    let mut secrets = Vec::new();
    for (name, text) in files {
        let manifests: Vec<Manifest> = serde_saphyr::from_multiple(text).map_err(|error| format!("{name}: {error}"))?;
        secrets.extend(manifests.into_iter().filter(is_credentials).map(|manifest| manifest.string_data));
    }
    let secret_key = secrets.iter().find_map(|secret| secret.secret_key.clone()).unwrap_or_else(random_key);
    let login = secrets.into_iter().find_map(|secret| Some((secret.username?, secret.password?)));
    let (username, password) = login.ok_or(format!("no Secret of type {CREDENTIALS} with stringData username and password"))?;
    Ok(Credentials { username, password, secret_key })
}

fn is_credentials(manifest: &Manifest) -> bool {
    manifest.kind.as_deref() == Some("Secret") && manifest.secret_type.as_deref() == Some(CREDENTIALS)
}

fn random_key() -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(36).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: demo}
---
apiVersion: v1
kind: Secret
type: thoughtspot.dev/credentials
metadata: {name: login, namespace: demo}
stringData: {host: '127.0.0.1:8180', username: tsadmin, password: secret}
---
apiVersion: thoughtspot.dev/v1alpha1
kind: ThoughtSpotInstance
metadata: {name: demo}
spec: {url: 'http://127.0.0.1:8180'}
";

    #[test]
    fn the_login_is_read_and_another_address_reaches_every_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("01-all.yaml"), FILES).unwrap();
        fs::write(folder.path().join("README.md"), "no manifest").unwrap();
        let examples = Examples::read(folder.path().to_owned()).unwrap();
        assert_eq!((examples.credentials.username.as_str(), examples.credentials.password.as_str()), ("tsadmin", "secret"));

        assert_eq!(examples.folder_for(ADDRESS, scratch.path()).unwrap(), folder.path());
        let copy = examples.folder_for("127.0.0.1:4711", scratch.path()).unwrap();
        assert_eq!(fs::read_to_string(copy.join("01-all.yaml")).unwrap(), FILES.replace("8180", "4711"));
        assert!(!copy.join("README.md").exists());
    }

    #[test]
    fn examples_without_a_login_are_no_use() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("01.yaml"), "kind: Namespace\n").unwrap();
        let error = Examples::read(folder.path().to_owned()).err().unwrap().to_string();
        assert!(error.contains("no Secret of type thoughtspot.dev/credentials"), "{error}");
    }
}
