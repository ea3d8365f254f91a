//! The binaries that are built on first use, by `tools/control-plane/build.sh`, whose progress goes to our own stderr.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::sync::OnceCell;

use crate::Error;

/// The folder with the binaries of the control plane.
pub(crate) async fn control_plane() -> Result<PathBuf, Error> {
    run(&[]).await
}

/// `helm`: what `HELM` names, else ours.
///
/// # Errors
/// When it cannot be run or built.
pub async fn helm() -> Result<&'static Path, Error> {
    static HELM: OnceCell<PathBuf> = OnceCell::const_new();
    HELM.get_or_try_init(async || run(&["helm"]).await).await.map(PathBuf::as_path)
}

/// `kubeconform`, which compares manifests with schemas.
///
/// # Errors
/// When it cannot be built.
pub async fn kubeconform() -> Result<&'static Path, Error> {
    static KUBECONFORM: OnceCell<PathBuf> = OnceCell::const_new();
    KUBECONFORM.get_or_try_init(async || run(&["kubeconform"]).await).await.map(PathBuf::as_path)
}

/// `kstatus`, which says what Flux and others make of an object (`tools/kstatus`).
///
/// # Errors
/// When it cannot be built.
pub async fn kstatus() -> Result<&'static Path, Error> {
    static KSTATUS: OnceCell<PathBuf> = OnceCell::const_new();
    KSTATUS.get_or_try_init(async || run(&["kstatus"]).await).await.map(PathBuf::as_path)
}

/// The path that the script names at its end.
async fn run(arguments: &[&str]) -> Result<PathBuf, Error> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/control-plane/build.sh");
    let output = tokio::process::Command::new(&script)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(Error::io(format!("running {}", script.display())))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    match stdout.lines().last() {
        Some(path) if output.status.success() => Ok(PathBuf::from(path)),
        Some(_) | None => Err(Error::Build(format!("{} ended with {}", script.display(), output.status))),
    }
}
