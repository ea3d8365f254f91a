//! What can go wrong while an environment is set up. Every text is meant for the person at the terminal.

use std::time::Duration;

/// Why an environment could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused something.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done, such as "starting etcd".
        doing: String,
        /// The refusal.
        #[source]
        source: std::io::Error,
    },
    /// The binaries of the control plane could not be built.
    #[error("the control plane's binaries could not be built: {0}")]
    Build(String),
    /// A process ended that should run.
    #[error("{name} ended by itself ({status}); the end of its log:\n{log}")]
    Ended {
        /// Which process.
        name: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// The last lines it wrote.
        log: String,
    },
    /// Something did not come about in time.
    #[error("{what} did not come about within {within:?}; last seen: {last}")]
    Late {
        /// What was awaited.
        what: String,
        /// How long was waited.
        within: Duration,
        /// What the last look showed.
        last: String,
    },
    /// A manifest could not be read.
    #[error("unreadable YAML: {0}")]
    Yaml(String),
    /// The Kubernetes API server said no.
    #[error(transparent)]
    Kube(Box<kube::Error>),
    /// The kubeconfig we wrote was not understood.
    #[error(transparent)]
    Kubeconfig(#[from] kube::config::KubeconfigError),
}

impl Error {
    /// For `map_err`: an I/O error together with what was being done.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let doing = doing.into();
        |source| Self::Io { doing, source }
    }
}

impl From<kube::Error> for Error {
    fn from(error: kube::Error) -> Self {
        Self::Kube(Box::new(error))
    }
}
