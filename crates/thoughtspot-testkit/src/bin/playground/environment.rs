//! Everything the demo and the development environment consist of, started in order.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use thoughtspot_testkit::{ControlPlane, Lifeline, Process};

use crate::examples::Examples;
use crate::simulator::Simulator;
use crate::{Outcome, say};

/// How long one `kubectl` may take, waiting included.
const KUBECTL_WITHIN: Duration = Duration::from_secs(300);

const KINDS: &str = "thoughtspotinstances,thoughtspotorgs,thoughtspotgroups,thoughtspotusers";

/// Plain http on this machine at any port, and nothing else.
const OPERATOR_ARGUMENTS: [&str; 3] = ["run", "--allowed-hosts", "http://127.0.0.1:*"];

/// A control plane, a simulator and an operator, with the examples applied and Ready. All of it ends when this is dropped; the
/// operator first, so that it does not complain about the others.
pub(crate) struct Environment {
    pub(crate) operator: Process,
    operator_binary: PathBuf,
    pub(crate) simulator: Simulator,
    pub(crate) examples: Examples,
    pub(crate) control_plane: ControlPlane,
    lifeline: Lifeline,
}

impl Environment {
    /// Starts everything, applies the examples and waits until they are Ready.
    pub(crate) async fn start() -> Outcome<Self> {
        let began = Instant::now();
        let (operator_binary, simulator_binary) = (beside_us("thoughtspot-operator")?, beside_us("thoughtspot-simulator")?);
        let examples = Examples::read(repository().join("examples"))?;
        let lifeline = Lifeline::new("playground")?;

        say("starting Kubernetes: etcd, kube-apiserver, kube-controller-manager");
        let control_plane = ControlPlane::start().await?;
        for crds in crd_files()? {
            control_plane.install_crds(&crds).await?;
        }
        say("starting a simulated ThoughtSpot");
        let simulator = Simulator::start(&simulator_binary, &lifeline, &examples.credentials).await?;
        say(&format!("it listens on {}; starting the operator", simulator.url()));
        let mut command = Command::new(&operator_binary);
        command.args(OPERATOR_ARGUMENTS).env("KUBECONFIG", control_plane.kubeconfig());
        let operator = lifeline.spawn("operator", command)?;

        let mut environment = Self { operator, operator_binary, simulator, examples, control_plane, lifeline };
        environment.apply_examples().await?;
        say(&format!("everything is Ready, {} s after the start", began.elapsed().as_secs()));
        Ok(environment)
    }

    /// Applies the examples as a user would, and waits.
    async fn apply_examples(&mut self) -> Outcome<()> {
        let folder = self.examples.folder_for(&self.simulator.address, self.lifeline.dir())?;
        say(&format!("kubectl apply -f {}", folder.display()));
        self.kubectl(&["apply", "-f", &folder.to_string_lossy()]).await?;
        say("kubectl wait --for=condition=Ready");
        let ready = self.kubectl(&["wait", "--for=condition=Ready", "--timeout=60s", KINDS, "--all", "-A"]).await;
        if let Err(error) = ready {
            let seen = self.kubectl(&["get", KINDS, "-A", "-o", "wide"]).await.unwrap_or_else(|error| error.to_string());
            return Err(format!("{error}\n{seen}\nThe end of the operator's log:\n{}", self.operator.log_tail(40)).into());
        }
        self.operator.check_running()?;
        Ok(())
    }

    /// What `kubectl` prints. An error with its own words when it fails.
    pub(crate) async fn kubectl(&self, arguments: &[&str]) -> Outcome<String> {
        let output = tokio::time::timeout(KUBECTL_WITHIN, self.control_plane.kubectl().args(arguments).output());
        let output = output.await.map_err(|_| format!("kubectl {} took too long", arguments.join(" ")))??;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(format!("kubectl {} failed:\n{}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim_end()).into())
    }

    /// One line for `bash -c` that becomes the operator again, as it was started here.
    pub(crate) fn operator_again(&self) -> String {
        let kubeconfig = escape(&self.control_plane.kubeconfig().to_string_lossy());
        let binary = escape(&self.operator_binary.to_string_lossy());
        let arguments = OPERATOR_ARGUMENTS.map(escape).join(" ");
        let log = escape(&self.operator.log_path().to_string_lossy());
        format!("exec env KUBECONFIG={kubeconfig} {binary} {arguments} >>{log} 2>&1 </dev/null")
    }
}

/// `text` as one word of a POSIX shell, in quotes where it needs them.
pub(crate) fn quote(text: &str) -> String {
    if !text.is_empty() && text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// `text`, not empty and of one line, as one word without any quotes, so that it can be quoted again and still be read.
fn escape(text: &str) -> String {
    text.chars().flat_map(|letter| (!is_plain(letter)).then_some('\\').into_iter().chain([letter])).collect()
}

/// Whether a shell takes the letter as it is.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-_./:@%+,".contains(letter)
}

/// The repository this was built from.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap_or_else(|_| PathBuf::from("."))
}

/// A binary of ours, built in the same go.
fn beside_us(name: &str) -> Outcome<PathBuf> {
    let path = env::current_exe()?.with_file_name(name);
    if path.is_file() { Ok(path) } else { Err(format!("{} is missing; `make demo` builds it", path.display()).into()) }
}

/// The texts of `crds/`.
fn crd_files() -> Outcome<Vec<String>> {
    let folder = repository().join("crds");
    let mut texts = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}; `make crds` writes it", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            texts.push(fs::read_to_string(path)?);
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(word: &str) -> String {
        let output =
            Command::new("sh").args(["-c", &format!("printf %s {word}")]).output().unwrap_or_else(|error| panic!("{error}"));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    #[test]
    fn a_word_survives_a_shell() {
        for word in ["plain/path-1.log", "it's", "http://127.0.0.1:*", "a b $HOME \"c\" \\"] {
            assert_eq!([printed(&quote(word)), printed(&escape(word))], [word, word]);
        }
        assert_eq!(printed(&quote("")), "");
    }
}
