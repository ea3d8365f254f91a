//! `playground dev`: the environment with the lines to copy, until interrupted.

use std::fmt::Write as _;
use std::io::Write as _;

use tokio::signal::unix::{SignalKind, signal};

use crate::environment::{Environment, quote};
use crate::{Outcome, report, say};

/// Starts the environment, prints the lines to copy, the last one `ready`, and stays. The operator may be killed meanwhile.
pub(crate) async fn run() -> Outcome<()> {
    // Registered before anything starts, or the end of an operator that dies early would go unnoticed.
    let mut child_ended = signal(SignalKind::child())?;
    let mut environment = Environment::start().await?;
    report::print(&environment).await?;
    say("copy these lines into a shell; Ctrl-C here stops everything");
    let mut stdout = std::io::stdout();
    stdout.write_all(lines(&environment).as_bytes())?;
    stdout.flush()?;

    let mut ended = false;
    loop {
        // Asking takes the process off the list of the dead: a shell that looks for it should not find it any more.
        if let (Some(status), false) = (environment.operator.ended()?, ended) {
            ended = true;
            say(&format!("the operator ended ({status}); start it again with: bash -c \"$OPERATOR_CMD\""));
        }
        child_ended.recv().await;
    }
}

fn lines(environment: &Environment) -> String {
    let credentials = &environment.examples.credentials;
    let exports = [
        ("KUBECONFIG", environment.control_plane.kubeconfig().display().to_string()),
        ("THOUGHTSPOT_URL", environment.simulator.url()),
        ("THOUGHTSPOT_USERNAME", credentials.username.clone()),
        ("THOUGHTSPOT_PASSWORD", credentials.password.clone()),
        ("THOUGHTSPOT_SECRET_KEY", credentials.secret_key.clone()),
        ("OPERATOR_PID", environment.operator.pid().to_string()),
        ("OPERATOR_CMD", environment.operator_again()),
        ("OPERATOR_LOG", environment.operator.log_path().display().to_string()),
    ];
    let mut text = String::new();
    for (name, value) in exports {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "export {name}={}", quote(&value));
    }
    text + "ready\n"
}
