//! The operator as a process of its own, for what cannot be shown inside a test: being killed and started again.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use crate::{Error, Lifeline, Process, wait};

/// A running binary with its output kept. It ends when this is dropped, and with the process that started it.
#[derive(Debug)]
pub struct OperatorProcess(Process);

impl OperatorProcess {
    /// Starts `binary` with `args`, and `env` on top of our own environment.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn<A, E, K, V>(binary: &Path, args: A, env: E) -> Result<Self, Error>
    where
        A: IntoIterator<Item: AsRef<OsStr>>,
        E: IntoIterator<Item = (K, V)>,
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let mut command = Command::new(binary);
        command.args(args).envs(env);
        Ok(Self(Lifeline::new("operator")?.spawn("operator", command)?))
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// Ends it at once (SIGKILL), as a lost node would, and waits until it is gone.
    ///
    /// # Panics
    /// When the operating system refuses.
    pub fn kill(&mut self) {
        if let Err(error) = self.0.kill() {
            panic!("the operator could not be killed: {error}");
        }
    }

    /// Asks it to end (SIGTERM), as a rollout does, and returns at once.
    ///
    /// # Panics
    /// When it has ended already.
    pub fn terminate(&mut self) {
        if let Err(error) = self.0.terminate() {
            panic!("the operator could not be asked to end: {error}");
        }
    }

    /// Stops it where it is (SIGSTOP), as a machine that hangs would.
    ///
    /// # Panics
    /// When it has ended already.
    pub fn freeze(&mut self) {
        if let Err(error) = self.0.signal("STOP") {
            panic!("the operator could not be stopped: {error}");
        }
    }

    /// Lets it go on from there (SIGCONT), as if no time had passed.
    ///
    /// # Panics
    /// When it has ended already.
    pub fn thaw(&mut self) {
        if let Err(error) = self.0.signal("CONT") {
            panic!("the operator could not be let go on: {error}");
        }
    }

    /// How it ended, once it has ended.
    ///
    /// # Panics
    /// When it still runs after `within`.
    pub async fn wait(&mut self, within: Duration) -> ExitStatus {
        wait::eventually("the end of the operator", within, async || match self.0.ended() {
            Ok(Some(status)) => Ok(status),
            Ok(None) => Err(format!("it runs; the end of its log:\n{}", self.0.log_tail(20))),
            Err(error) => Err(error.to_string()),
        })
        .await
    }

    /// Whether it runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.0.ended(), Ok(None))
    }

    /// Everything it has printed so far.
    pub fn log(&self) -> String {
        self.0.log()
    }
}
