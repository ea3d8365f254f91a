//! The operator's binary: parse, run.

use std::process::ExitCode;

use clap::Parser;
use thoughtspot_operator::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    // Before anything speaks TLS: kube and reqwest share this one provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Cli::parse().run().await
}
