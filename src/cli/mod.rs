//! The command line: a file a command.

pub mod crd;
mod log;
mod panics;
mod proxies;
mod run;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Orgs, groups and users of ThoughtSpot as Kubernetes resources.
#[derive(Debug, Parser)]
#[command(name = "thoughtspot-operator", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Reconcile until told to stop.
    Run(Box<run::Run>),
    /// Print the custom resource definitions as YAML.
    Crd,
}

impl Cli {
    pub async fn run(self) -> ExitCode {
        let result = match self.command {
            Command::Run(run) => run.run().await,
            Command::Crd => crd::print(),
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!("{error}");
                ExitCode::FAILURE
            }
        }
    }
}
