//! A ThoughtSpot, a Kubernetes and the operator on this machine: `playground demo` shows them once, `playground dev` stays.
//!
//! Progress goes to stderr, results to stdout. Everything started here ends with this process, however that ends.

mod dev;
mod environment;
mod examples;
mod report;
mod simulator;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use environment::Environment;

/// A real Kubernetes API server, a simulated ThoughtSpot and the operator, with the examples applied.
#[derive(Parser)]
#[command(name = "playground")]
struct Arguments {
    #[command(subcommand)]
    command: Commands,
}

#[derive(Subcommand)]
enum Commands {
    /// Show it once: apply the examples, wait until they are Ready, print what there is, stop everything.
    Demo,
    /// The same, but stay until interrupted, with the lines to copy into a shell.
    Dev,
}

/// An error with words for the person at the terminal.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    // reqwest takes the provider of the process; already there is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let outcome = match Arguments::parse().command {
        Commands::Demo => until_interrupted(demo()).await,
        Commands::Dev => until_interrupted(dev::run()).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn demo() -> Outcome<()> {
    let environment = Environment::start().await?;
    report::print(&environment).await?;
    say("stopping everything");
    drop(environment);
    Ok(())
}

/// Runs `work` and drops it, and with it everything it started, when somebody asks us to stop.
async fn until_interrupted(work: impl Future<Output = Outcome<()>>) -> Outcome<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate, mut hangup) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    tokio::select! {
        outcome = work => return outcome,
        _ = interrupt.recv() => (),
        _ = terminate.recv() => (),
        _ = hangup.recv() => (),
    }
    say("interrupted; everything is stopped");
    Ok(())
}

/// Tells the person at the terminal what is going on. A closed terminal is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "==> {text}");
}
