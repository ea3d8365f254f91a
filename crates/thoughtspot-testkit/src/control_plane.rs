//! A real Kubernetes control plane: etcd, kube-apiserver and kube-controller-manager on free ports of this machine.
//!
//! The binaries are built from source on first use (`tools/control-plane/build.sh`), or taken from `KUBEBUILDER_ASSETS`. The
//! controller manager runs what makes namespaces go away, collects garbage by owner references, gives each namespace its default
//! ServiceAccount, puts ClusterRoles together and checks the types of admission policies.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::sync::OnceCell;

use crate::{Error, Lifeline, Process, build, crds, wait};

/// How long the API server may take until it answers "ready". It takes 3 s on an idle machine.
const READY_WITHIN: Duration = Duration::from_secs(90);

/// How long one answer may take; a watch is silent for longer only if nothing happens, and then is opened again.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What the controller manager runs.
const CONTROLLERS: [&str; 5] = [
    "namespace-controller",
    "garbage-collector-controller",
    "serviceaccount-controller",
    "clusterrole-aggregation-controller",
    "validatingadmissionpolicy-status-controller",
];

/// A running control plane. It ends when this is dropped, and with the process that started it.
#[derive(Debug)]
pub struct ControlPlane {
    assets: PathBuf,
    kubeconfig: PathBuf,
    etcd_url: String,
    config: Config,
    processes: Vec<Process>,
    lifeline: Lifeline,
}

/// The ports of one attempt to start.
#[derive(Clone, Copy)]
struct Ports {
    etcd: u16,
    apiserver: u16,
}

impl ControlPlane {
    /// Builds what is missing, starts everything and waits until the API server is ready.
    ///
    /// # Errors
    /// When something cannot be built or started, or is not ready in time; with the end of the log that says why.
    pub async fn start() -> Result<Self, Error> {
        let assets = build::control_plane().await?;
        match Self::start_once(&assets).await {
            // A port that was free a moment ago may be taken by now.
            Err(Error::Ended { log, .. }) if log.contains("address already in use") => Self::start_once(&assets).await,
            outcome => outcome,
        }
    }

    /// The one control plane of this process, started by whoever asks first. It serves tests on any number of runtimes.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();
        match SHARED.get_or_try_init(Self::start).await {
            Ok(control_plane) => control_plane,
            Err(error) => panic!("{error}"),
        }
    }

    async fn start_once(assets: &Path) -> Result<Self, Error> {
        // The default provider of kube and reqwest, whoever comes first; already there is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let lifeline = Lifeline::new("control-plane")?;
        let ports = free_ports().map_err(Error::io("looking for free ports"))?;
        let token = random_name(32);
        write(&lifeline.dir().join("tokens.csv"), &format!("{token},admin,admin,system:masters\n"))?;
        let etcd_url = format!("http://127.0.0.1:{}", ports.etcd);
        let etcd = lifeline.spawn("etcd", etcd(assets, lifeline.dir(), &etcd_url))?;
        let apiserver = lifeline.spawn("kube-apiserver", apiserver(assets, lifeline.dir(), &etcd_url, ports.apiserver))?;
        let mut processes = vec![etcd, apiserver];

        await_certificate(lifeline.dir(), &mut processes).await?;
        let kubeconfig = lifeline.dir().join("kubeconfig");
        write(&kubeconfig, &kubeconfig_text(lifeline.dir(), ports.apiserver, &token))?;
        let config = Config::from_custom_kubeconfig(Kubeconfig::read_from(&kubeconfig)?, &KubeConfigOptions::default()).await?;
        await_ready(&config, &mut processes).await?;

        processes.push(lifeline.spawn("kube-controller-manager", controller_manager(assets, &kubeconfig))?);
        Ok(Self { assets: assets.to_owned(), kubeconfig, etcd_url, config, processes, lifeline })
    }

    /// A kubeconfig file with every right.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The same as a configuration of `kube`, with its default timeouts.
    pub fn config(&self) -> Config {
        self.config.clone()
    }

    /// A client with every right and bounded waits. It belongs to the runtime it is made on.
    ///
    /// # Panics
    /// When our own configuration is unusable.
    pub fn client(&self) -> Client {
        match Client::try_from(bounded(self.config())) {
            Ok(client) => client,
            Err(error) => panic!("the kubeconfig we wrote is unusable: {error}"),
        }
    }

    /// Where etcd listens, for tests that look at or break what is stored.
    pub fn etcd_url(&self) -> &str {
        &self.etcd_url
    }

    /// The folder with the control plane's binaries.
    pub fn assets(&self) -> &Path {
        &self.assets
    }

    /// A folder that lives as long as the control plane; its logs are in it.
    pub fn dir(&self) -> &Path {
        self.lifeline.dir()
    }

    /// The ids of its processes.
    pub fn pids(&self) -> Vec<u32> {
        self.processes.iter().map(Process::pid).collect()
    }

    /// `kubectl` with every right on this control plane, ours where we built one, else that on the `PATH`.
    pub fn kubectl(&self) -> tokio::process::Command {
        let ours = self.assets.join("kubectl");
        let mut command = tokio::process::Command::new(if ours.exists() { ours.as_path() } else { Path::new("kubectl") });
        // Ports are used again, so what kubectl remembers of an address must not outlive us.
        command.env("KUBECONFIG", &self.kubeconfig).env("KUBECACHEDIR", self.dir().join("kubectl-cache")).kill_on_drop(true);
        command
    }

    /// `helm` with every right on this control plane, and with settings of its own.
    ///
    /// # Errors
    /// When it is missing and cannot be built.
    pub async fn helm(&self) -> Result<tokio::process::Command, Error> {
        let mut command = tokio::process::Command::new(build::helm().await?);
        command.env("KUBECONFIG", &self.kubeconfig).env("HOME", self.dir()).kill_on_drop(true);
        for (variable, folder) in [("CACHE", "cache"), ("CONFIG", "config"), ("DATA", "data")] {
            command.env(format!("HELM_{variable}_HOME"), self.dir().join("helm").join(folder));
        }
        Ok(command)
    }

    /// Applies the CRDs of `yaml` (one or more documents) and waits until each is served.
    ///
    /// # Errors
    /// When the text is no CRD, the API server refuses one, or does not serve it in time.
    pub async fn install_crds(&self, yaml: &str) -> Result<(), Error> {
        crds::install(&self.client(), yaml).await
    }

    /// Makes a namespace of its own for a test: `prefix` and something random.
    ///
    /// # Panics
    /// When the API server refuses.
    pub async fn namespace(&self, prefix: &str) -> String {
        let name = format!("{prefix}-{}", random_name(6));
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(name.clone());
        match Api::all(self.client()).create(&PostParams::default(), &namespace).await {
            Ok(_) => name,
            Err(error) => panic!("the namespace {name} could not be made: {error}"),
        }
    }
}

fn etcd(assets: &Path, dir: &Path, url: &str) -> Command {
    let mut command = Command::new(assets.join("etcd"));
    command
        .arg("--data-dir")
        .arg(dir.join("etcd"))
        .args(["--listen-client-urls", url, "--advertise-client-urls", url, "--listen-peer-urls", "http://127.0.0.1:0"])
        // The data is worth nothing after the run.
        .args(["--unsafe-no-fsync", "--log-level", "warn"]);
    command
}

fn apiserver(assets: &Path, dir: &Path, etcd_url: &str, port: u16) -> Command {
    let certificates = dir.join("certificates");
    // The server makes its own certificate before it reads the keys that sign ServiceAccount tokens: one key is enough.
    let key = certificates.join("apiserver.key");
    let mut command = Command::new(assets.join("kube-apiserver"));
    command
        .arg(format!("--etcd-servers={etcd_url}"))
        .arg(format!("--secure-port={port}"))
        .arg(format!("--cert-dir={}", certificates.display()))
        .arg(format!("--service-account-key-file={}", key.display()))
        .arg(format!("--service-account-signing-key-file={}", key.display()))
        .arg(format!("--token-auth-file={}", dir.join("tokens.csv").display()))
        .args(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none"])
        .args(["--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.0.0.0/24"])
        .args(["--authorization-mode=RBAC", "--disable-admission-plugins=ServiceAccount"])
        // Many tests at once are no reason to be told to wait.
        .arg("--enable-priority-and-fairness=false");
    command
}

fn controller_manager(assets: &Path, kubeconfig: &Path) -> Command {
    let mut command = Command::new(assets.join("kube-controller-manager"));
    command
        .arg(format!("--kubeconfig={}", kubeconfig.display()))
        .arg(format!("--controllers={}", CONTROLLERS.join(",")))
        .args(["--leader-elect=false", "--secure-port=0"]);
    command
}

/// Two ports nobody uses now.
fn free_ports() -> std::io::Result<Ports> {
    // Both are held before either is let go, so they differ.
    let (first, second) = (TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?, TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
    Ok(Ports { etcd: first.local_addr()?.port(), apiserver: second.local_addr()?.port() })
}

fn kubeconfig_text(dir: &Path, port: u16, token: &str) -> String {
    let authority = dir.join("certificates/apiserver.crt");
    format!(
        "apiVersion: v1
kind: Config
current-context: local
contexts: [{{name: local, context: {{cluster: local, user: admin}}}}]
clusters: [{{name: local, cluster: {{server: 'https://127.0.0.1:{port}', certificate-authority: '{}'}}}}]
users: [{{name: admin, user: {{token: {token}}}}}]
",
        authority.display()
    )
}

/// The API server writes its certificate first thing; nothing can be asked of it before.
async fn await_certificate(dir: &Path, processes: &mut [Process]) -> Result<(), Error> {
    let certificate = dir.join("certificates/apiserver.crt");
    await_running("the API server's certificate", processes, async || match fs::read_to_string(&certificate) {
        Ok(text) if text.contains("END CERTIFICATE") => Ok(()),
        Ok(_) => Err("half a certificate".to_owned()),
        Err(error) => Err(error.to_string()),
    })
    .await
}

async fn await_ready(config: &Config, processes: &mut [Process]) -> Result<(), Error> {
    let mut config = bounded(config.clone());
    config.default_retry = false;
    let client = Client::try_from(config)?;
    await_running("a ready API server", processes, async || {
        let request = http::Request::get("/readyz").body(Vec::new()).map_err(|error| error.to_string())?;
        client.request_text(request).await.map(drop).map_err(|error| error.to_string())
    })
    .await
}

/// Waits like [`wait::reached`], and fails early when a process has ended; either way with the ends of the logs.
async fn await_running(
    what: &str,
    processes: &mut [Process],
    mut probe: impl AsyncFnMut() -> Result<(), String>,
) -> Result<(), Error> {
    let outcome = wait::reached(what, READY_WITHIN, async || {
        let ended: Result<(), Error> = processes.iter_mut().try_for_each(Process::check_running);
        match ended {
            Err(error) => Ok(Err(error)),
            Ok(()) => probe().await.map(Ok),
        }
    });
    match outcome.await {
        Ok(outcome) => outcome,
        Err(Error::Late { what, within, last }) => {
            let logs: Vec<String> = processes.iter().map(|process| process.log_tail(20)).collect();
            Err(Error::Late { what, within, last: format!("{last}\nThe ends of the logs:\n{}", logs.join("\n")) })
        }
        Err(error) => Err(error),
    }
}

fn bounded(mut config: Config) -> Config {
    config.connect_timeout = Some(Duration::from_secs(5));
    config.read_timeout = Some(ANSWER_WITHIN);
    // Or the time a connection was idle would count.
    config.reset_reader_on_write = true;
    config
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(Error::io(format!("writing {}", path.display())))
}

/// Small letters and digits, as Kubernetes names may have.
fn random_name(length: usize) -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(length).map(|letter| letter.to_ascii_lowercase()).collect()
}
